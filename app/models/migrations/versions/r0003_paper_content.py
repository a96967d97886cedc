"""What a certificate said, kept with its number: a reprint shows the same words whatever the register says by then."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the kind and the frozen words of issued papers."""
    op.add_column("issued_document", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("issued_document", sa.Column("content", sa.Text(), nullable=True))
