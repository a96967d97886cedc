"""Search keys made anew: each person gets one more, which holds the order of names."""

import sqlalchemy as sa
from alembic import op

from app.models import person_keys

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_AT_ONCE = 1000


def upgrade() -> None:
    """Derived rows only: what people have entered is not touched.

    The statements name what a store of 0001 has, not what the programme's newest version derives keys from.
    """
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM person_key"))
    persons = connection.execute(
        sa.text(
            "SELECT id, name, former_name, id_number, phone, phone2 FROM person"
            " WHERE deleted = false AND merged_into IS NULL"
        )
    ).all()
    keys = [
        {"key": key, "person": bytes(record)}
        for record, name, former, number, *phones in persons
        for key in sorted(person_keys.keys_of(name, former, number, *phones))
    ]
    for start in range(0, len(keys), _AT_ONCE):
        connection.execute(
            sa.text("INSERT INTO person_key (key, person) VALUES (:key, :person)"), keys[start : start + _AT_ONCE]
        )
