"""The tables of the first version."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# One line for each table: column, type (a question mark: may be empty), then `key`, `index`, `0` for the server's
# default, `>table` for a deferred foreign key to its id.
SYNCED = {
    "attachment": (
        "subject_kind text?, subject bytes? index, name text?, media_type text?, size bigint?, sha256 bytes?, "
        "note text?"
    ),
    "campaign": (
        "name text?, year bigint?, festival text?, source text?, standard bigint?, standards text?, way text?, "
        "basis text?, starts sorted?, ends sorted?, status text?, node bytes?"
    ),
    "case_step": (
        "case bytes? index, step text?, result text?, opinion text?, amount bigint?, day sorted?, "
        "by_node bytes?, by_name text?, follows bytes?, reverses bytes?"
    ),
    "code_list": "list text?, code text?, label text?, starts sorted?, ends sorted?",
    "division": ("code sorted? index, name text?, kind text?, starts sorted?, ends sorted?, alias_of sorted?"),
    "hardship_case": (
        "person bytes? index, number text?, kind text?, reason text?, amount bigint?, opened sorted?, "
        "family_income bigint?, family_size bigint?, policy bytes?, decision_number text?"
    ),
    "household": "number text?, head bytes?, division sorted?, address text?",
    "issued_document": (
        "form text?, number text?, serial bigint?, year bigint?, person bytes? index, subject text?, "
        "purpose text?, issued sorted?, copies bigint?, status text?, sha256 text?, incarnation bigint?, "
        "node bytes?"
    ),
    "node": (
        "name text?, level text?, parent bytes?, scopes text?, sign_key bytes?, seal_key text?, status text?, "
        "former text?, last_position text?"
    ),
    "payment": (
        "line bytes? index, person bytes? index, campaign bytes?, result text?, amount bigint?, day sorted?, "
        "reason text?, witness text?, follows bytes?, reverses bytes?"
    ),
    "pending_row": (
        "file text?, sheet text?, row bigint?, headings text?, cells text?, problem text?, fate text?, person bytes?"
    ),
    "person": (
        "name text?, id_number text? index, no_id_reason text?, former_name text?, sex text?, "
        "birth_date sorted?, ethnicity text?, division sorted?, village_group text?, address text?, "
        "residence_division sorted?, residence_address text?, phone text?, phone2 text?, political text?, "
        "education text?, marital text?, health text?, household bytes?, head_relation text?, "
        "household_number text?, head_name text?, work_place text?, income bigint?, key_contact flag?, "
        "plaque text?, status text?, death_date sorted?, death_cause text?, merged_into bytes?, note text?"
    ),
    "policy": "name text?, starts sorted?, value text?, basis text?",
    "refusal": ("node bytes?, incarnation bigint?, position bigint?, group_hash bytes?, act text?, reason text?"),
    "replacement": ("node bytes?, incarnation bigint?, position bigint?, group_hash bytes?, dropped flag?"),
    "roster": ("campaign bytes?, number text?, serial bigint?, printed sorted?, hash text?, status text?"),
    "roster_line": (
        "campaign bytes? index, roster bytes? index, number bigint?, person bytes? index, amount bigint?, "
        "why text?, printed_name text?, printed_id text?, printed_class text?, printed_place text?"
    ),
    "staff": "name text?, roles text?, node bytes?, phone text?, status text?",
    "visit": (
        "person bytes? index, date sorted?, place text?, companions text?, level text?, trigger text?, "
        "campaign bytes?, condition text?, wishes text?, answer text?, note text?"
    ),
    "family_member": (
        "person bytes? index >person, name text?, relation text?, id_number text?, birth_date sorted?, "
        "phone text?, work_place text?"
    ),
    "person_account": ("person bytes? index >person, bank text?, account_holder text?, account_number text?"),
    "person_identity": (
        "person bytes? index >person, class12 text?, benefit_code text?, disability_level text?, "
        "disability_nature text?, benefit_state text?, certificate text?, starts sorted?, ends sorted?, "
        "main flag?"
    ),
    "person_service": (
        "person bytes? index >person, enlisted sorted?, discharged sorted?, branch text?, rank text?, "
        "unit_number text?, unit_code text?, discharge_cert text?, merits text?"
    ),
}
COMMON = "id bytes key, home sorted? index, deleted flag no, state bytes empty, version bigint 0"
"""What every synced table has besides its own columns."""

LOCAL = {
    "baseline": "record bytes key, body bytes, package bytes",
    "blob": "sha256 bytes key, size bigint, name text?, key bytes?",
    "contest": "record bytes key, kind text",
    "foreign_record": "record bytes key, kind text, home text?, state bytes",
    "invitation": "node bytes key, secret bytes, made bigint, used flag",
    "journal_group": (
        "id integer key, origin integer, position bigint, stamp bigint, name text, header bytes, hash bytes, "
        "mac bytes?, signature bytes?, parts integer, hashes bytes?, standing small, arrived bigint 0 index, "
        "package bytes?, flow small 0"
    ),
    "journal_part": (
        "id integer key, group_id integer index, number integer, record bytes index, salt bytes?, body bytes?, "
        "hash bytes?"
    ),
    "local": (
        "id integer key, store bytes, node bytes, incarnation bigint, origin integer, position bigint, "
        "stamp bigint, arrivals bigint, chain bytes, keys bytes, practice flag, place text, parent bytes?"
    ),
    "origin": "id integer key, node bytes, incarnation bigint, held_to bigint, held_hash bytes?",
    "package_seen": (
        "package bytes key, digest bytes, outward flag, peer bytes, number integer, name text, moment bigint, "
        "counts bytes"
    ),
    "peer": (
        "node bytes key, holds bytes, sent bytes, package_number integer, seen bytes, scanned bigint, "
        "link bigint, link_sent integer, link_receipted integer, snapshots bytes, loaded bigint, links bytes, "
        "wants bytes, introduced flag, last_seen bigint, health bytes"
    ),
    "person_key": "key sorted key, person bytes key index",
    "receipt": "node bytes key, origin integer key, position bigint, moment bigint, signature bytes",
    "seal": "origin integer key, position bigint key, hash bytes, signature bytes",
}

TYPES: dict[str, Any] = {
    "bytes": sa.LargeBinary(),
    "text": sa.Text(),
    "sorted": sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    "integer": sa.Integer(),
    "small": sa.SmallInteger(),
    "bigint": sa.BigInteger(),
    "flag": sa.Boolean(),
}
DEFAULTS: dict[str, Any] = {"0": "0", "no": sa.false(), "empty": ""}


def upgrade() -> None:
    """Make every table of the first version in an empty database."""
    for name, described in SYNCED.items():
        _table(name, f"{described}, {COMMON}")
    for name, described in LOCAL.items():
        _table(name, described)
    op.create_table(
        "link",
        sa.Column("child", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["journal_group.id"], name="fk_link_group_id_journal_group"),
        sa.PrimaryKeyConstraint("child", "number", name="pk_link"),
    )
    op.create_index("ix_journal_group_dot", "journal_group", ["origin", "position"])


def _table(name: str, described: str) -> None:
    columns: list[sa.schema.SchemaItem] = []
    keys, indexed = [], []
    for one in described.split(", "):
        column, kind, *more = one.split()
        default = next((DEFAULTS[word] for word in more if word in DEFAULTS), None)
        columns.append(sa.Column(column, TYPES[kind.rstrip("?")], nullable=kind.endswith("?"), server_default=default))
        keys += [column] if "key" in more else []
        indexed += [column] if "index" in more else []
        columns += [
            sa.ForeignKeyConstraint(
                [column], [f"{word[1:]}.id"], name=f"fk_{name}_{column}_{word[1:]}", deferrable=True,
                initially="DEFERRED",
            )
            for word in more
            if word.startswith(">")
        ]  # fmt: skip
    columns.append(sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"))
    if name == "origin":
        columns.append(sa.UniqueConstraint("node", "incarnation", name="uq_origin_node"))
    # The search keys are found by their text only: without a rowid the table is its own index.
    without_rowid = {"sqlite_with_rowid": False} if name == "person_key" else {}
    op.create_table(name, *columns, **without_rowid)
    for column in indexed:
        op.create_index(f"ix_{name}_{column}", name, [column])
