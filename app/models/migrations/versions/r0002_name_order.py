"""Search keys made anew: each person gets one more, which holds the order of names."""

from alembic import op

from app.models import person_keys

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Derived rows only: what people have entered is not touched."""
    person_keys.rebuild(op.get_bind())
