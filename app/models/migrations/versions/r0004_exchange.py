"""What the exchange remembers besides: marks on what was sent down, snapshots on links, moves, seals of every branch."""

import sqlalchemy as sa
from alembic import op

from app.models import recording

revision = "0004"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the new version keeps."""
    with op.batch_alter_table("journal_group") as table:
        table.add_column(sa.Column("voucher", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("baseline") as table:
        table.add_column(sa.Column("voucher", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("without", sa.LargeBinary(), server_default="", nullable=False))
        table.add_column(sa.Column("arrived", sa.BigInteger(), server_default="0", nullable=False))
    with op.batch_alter_table("peer") as table:
        table.add_column(sa.Column("given", sa.LargeBinary(), server_default="", nullable=False))
    with op.batch_alter_table("link") as table:
        table.alter_column("group_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("record", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("seal") as table:
        table.drop_constraint("pk_seal", type_="primary")
        table.create_primary_key("pk_seal", ["origin", "position", "hash"])
    op.create_table(
        "former_home",
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", "group_id", "home", name="pk_former_home"),
    )
    _reach_of_snapshots()


def _reach_of_snapshots() -> None:
    """How far the snapshots taken from the parent reach; from now on it is kept as they come."""
    connection = op.get_bind()
    reach: dict[tuple[bytes, int], int] = {}
    for (body,) in connection.exec_driver_sql("SELECT body FROM baseline"):
        for node, incarnation, position in recording.decode_plain(bytes(body))[1]:
            reach[node, incarnation] = max(position, reach.get((node, incarnation), 0))
    given = recording.encode_plain(sorted([*key, position] for key, position in reach.items()))
    peer = sa.table("peer", sa.column("node"), sa.column("given"))
    parent = sa.select(sa.column("parent")).select_from(sa.table("local")).scalar_subquery()
    connection.execute(sa.update(peer).where(peer.c.node == parent).values(given=given))
