"""The whole 信息采集表: further fields of persons, identities, services, relatives and households, ten kinds of part, lists that left."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.models import person_keys

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AT_ONCE = 1000

# A line for each table: column and type, all of which may be empty.
COLUMNS = {
    "family_member": "sex text, ethnicity text",
    "household": (
        "plaque_applied sorted, plaque_hung sorted, plaque_address text, plaque_replaced sorted, plaque_ended sorted"
    ),
    "person": (
        "id_issuer text, id_starts sorted, id_ends text, household_kind text, household_type text, photo bytes, "
        "native_place text, height bigint, family_address text, home_phone text, office_phone text, "
        "emergency_name text, emergency_phone text, wechat text, qq text, email text, postcode text, work_since "
        "sorted, occupation text, joined_party sorted, party_branch text, party_dues flag, party_active flag, "
        "delegate text, delegate_since sorted, illness text, health_more text, aids text, disabled_card text, "
        "disabled_card_ends sorted, disabled_allowances flag, nursed flag, work_ability text, self_care text, "
        "support text, housing text, family_income bigint, family_size bigint, relief text, case_help text, "
        "lone_elder flag, orphan flag, hardship text, demand text, demand_text text, collected_by text, "
        "collected_phone text, collected_unit text, collected_on sorted, checked_by text, checked_phone text, "
        "checked_unit text, checked_on sorted, signature bytes, national_state text, national_number text, "
        "national_day sorted, national_by text"
    ),
    "person_identity": (
        "subclass text, other_holder text, entitled_state text, approved sorted, approved_by text, "
        "certificate_ends sorted, relation text, holder flag, graded sorted, disability_kind text, period text, "
        "wounded sorted, wounded_place text, wounded_unit text, wounded_cause text, wounded_part text, "
        "occupational flag, mental flag"
    ),
    "person_service": (
        "enlisted_place text, household_before text, conscript_starts sorted, conscript_ends sorted, "
        "conscript_years bigint, former_unit text, arm text, position text, rank_since sorted, discharge_paper "
        "text, skill text, talent text, hard_region flag, overseas flag, major_task text, special_post text, "
        "national_state text, national_day sorted, national_by text"
    ),
}
PARTS = {
    "person_action": (
        "war_service text, nuclear_service text, starts sorted, ends sorted, unit text, war_benefit text, proof "
        "text, approved sorted, approved_by text, note text"
    ),
    "person_award": "honour text, punishment text, awarded sorted, awarded_by text, certificate text, deeds text",
    "person_change": (
        "change text, day sorted, died sorted, struck sorted, source text, told_by text, proof text, reason text"
    ),
    "person_education": (
        "starts sorted, ends sorted, school text, subject text, education text, degree text, way text, certificate text"
    ),
    "person_insurance": (
        "pension text, medical text, other text, number text, place text, starts sorted, months bigint, "
        "interrupted flag, gap text"
    ),
    "person_job": (
        "job_state text, unit text, position text, industry text, starts sorted, ends sorted, address text, wage "
        "bigint, insured flag, content text, again flag, wished_city text, wished_industry text, wished_wage "
        "bigint, strength text"
    ),
    "person_settlement": (
        "way text, ground text, place text, elsewhere flag, elsewhere_reason text, approved sorted, reported "
        "sorted, letter sorted, unit text, unit_kind text, on_post flag, waiting_months bigint, waiting_pay "
        "bigint, archive_keeper text, archive_false flag, lump_sum bigint, lump_sum_paid flag, wounded_class "
        "text, accepted flag, agreement flag, house text, pay_starts sorted, pay bigint, pay_changed sorted, "
        "pay_reason text, family_moved text"
    ),
    "person_soldier": (
        "soldier_state text, relation text, name text, sex text, ethnicity text, birth_date sorted, native_place "
        "text, enlisted sorted, unit text, position text, died sorted, died_place text, died_cause text, approved "
        "sorted, approved_by text, certificate text, buried text, deeds text, kin bigint, with_forces flag, "
        "pay_kind text, pay bigint"
    ),
    "person_training": (
        "wanted text, kind text, course text, starts sorted, ends sorted, hours bigint, way text, school text, "
        "certificate text"
    ),
    "person_venture": (
        "project text, company text, legal_person text, industry text, kind text, starts sorted, size text, phone "
        "text, address text, jobs bigint, veterans bigint, profit bigint, tax bigint, favours text"
    ),
}
"""New kinds, each a part of a person."""

TYPES: dict[str, Any] = {
    "bytes": sa.LargeBinary(),
    "text": sa.Text(),
    "sorted": sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    "bigint": sa.BigInteger(),
    "flag": sa.Boolean(),
}


def upgrade() -> None:
    """Add what the form has beyond the first version; nothing that is there changes."""
    for table, described in COLUMNS.items():
        for column in _columns(described):
            op.add_column(table, column)
    op.create_index("ix_person_account_account_number", "person_account", ["account_number"])
    op.create_table(
        "export_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        sa.Column("staff", sa.LargeBinary(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_export_record"),
    )
    for table, described in PARTS.items():
        op.create_table(
            table,
            sa.Column("id", sa.LargeBinary(), nullable=False),
            sa.Column("person", sa.LargeBinary(), nullable=True),
            *_columns(described),
            sa.Column("home", TYPES["sorted"], nullable=True),
            sa.Column("deleted", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("state", sa.LargeBinary(), nullable=False, server_default=""),
            sa.Column("version", sa.BigInteger(), nullable=False, server_default="0"),
            sa.ForeignKeyConstraint(
                ["person"], ["person.id"], name=f"fk_{table}_person_person", deferrable=True, initially="DEFERRED"
            ),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        )
        for name in ("home", "person"):
            op.create_index(f"ix_{table}_{name}", table, [name])
    _keys()


def _keys() -> None:
    """People are found by more than before: digits inside numbers, pieces of addresses."""
    connection = op.get_bind()
    connection.execute(sa.text("DELETE FROM person_key"))
    persons = connection.execute(
        sa.text(
            "SELECT id, name, former_name, id_number, phone, phone2, village_group, address, residence_address"
            " FROM person WHERE deleted = false AND merged_into IS NULL"
        )
    ).all()
    keys = [
        {"key": key, "person": bytes(record)}
        for record, *values in persons
        for key in sorted(person_keys.keys_of(*values))
    ]
    for start in range(0, len(keys), _AT_ONCE):
        connection.execute(
            sa.text("INSERT INTO person_key (key, person) VALUES (:key, :person)"), keys[start : start + _AT_ONCE]
        )


def _columns(described: str) -> list[sa.Column[Any]]:
    return [
        sa.Column(name, TYPES[kind], nullable=True) for name, kind in (one.split() for one in described.split(", "))
    ]
