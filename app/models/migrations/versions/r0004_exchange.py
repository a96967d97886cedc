"""What the exchange remembers besides: marks on what was sent down, one seal for each branch of a fork."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the new version keeps."""
    with op.batch_alter_table("journal_group") as table:
        table.add_column(sa.Column("voucher", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("seal") as table:
        table.drop_constraint("pk_seal", type_="primary")
        table.create_primary_key("pk_seal", ["origin", "position", "hash"])
