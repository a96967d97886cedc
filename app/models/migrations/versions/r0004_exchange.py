"""What the exchange remembers besides: marks on what was sent down, snapshots on links, moves, seals of every branch."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.models import recording

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TEXT, BYTES, BIG = sa.Text(), sa.LargeBinary(), sa.BigInteger()
NODE: dict[str, Any] = {
    "former_keys": BYTES, "credential": BYTES, "recovery": TEXT, "escrow": BYTES, "custodians": TEXT,
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "handover": {
        "person": BYTES, "name": TEXT, "id_number": TEXT, "to_division": SORTED, "to_node": BYTES, "reason": TEXT,
        "offered": SORTED, "offered_by": TEXT, "withdrawn": sa.Boolean(), "answer": TEXT, "answered": SORTED,
        "answered_by": TEXT, "answer_reason": TEXT, "place": SORTED, "moved": SORTED,
    },
    "person_pair": {"first": BYTES, "other": BYTES, "verdict": TEXT, "note": TEXT},
    "share": {"subject": TEXT, "node": BYTES, "first": BIG, "last": BIG, "note": TEXT},
    "erasure": {"subject_kind": TEXT, "subject": BYTES, "basis": TEXT, "reason": TEXT},
}  # fmt: skip
INDEXED = {"handover": ("person",), "person_pair": ("first",), "erasure": ("subject",)}


def upgrade() -> None:
    """Add what the new version keeps."""
    with op.batch_alter_table("journal_group") as table:
        table.add_column(sa.Column("voucher", sa.LargeBinary(), nullable=True))
    op.add_column("journal_part", sa.Column("stop", sa.Text(), nullable=True))
    _only_where("ix_journal_part_stop", "journal_part", "stop", "stop IS NOT NULL")
    _only_where("ix_journal_group_pieces", "journal_group", "origin", "flow = 1")
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
    for name, type_ in NODE.items():
        op.add_column("node", sa.Column(name, type_, nullable=True))
    for name, columns in KINDS.items():
        _kind(name, columns)
    _reach_of_snapshots()


def _only_where(name: str, table: str, column: str, condition: str) -> None:
    """An index of few rows."""
    op.create_index(name, table, [column], sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _kind(name: str, columns: dict[str, Any]) -> None:
    """A synced table."""
    op.create_table(
        name,
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("home", SORTED, nullable=True),
        sa.Column("deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.LargeBinary(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        *(sa.Column(column, type_, nullable=True) for column, type_ in columns.items()),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for column in ("home", *INDEXED.get(name, ())):
        op.create_index(f"ix_{name}_{column}", name, [column])


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
