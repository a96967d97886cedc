"""Every kind of record keeps the rules of sync.md, and travels from one store to another as it is."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint, select

from app import clock
from app.models.base import LOCAL_COLUMNS, Base, fields_of, kinds, table_of
from app.models.database import Database
from app.models.fields import field_of
from tests.sync import moving

SAMPLES: dict[str, Callable[[], Any]] = {
    "money": lambda: -123_456, "integer": lambda: 1 << 40, "stamp": lambda: 1_800_000_000_000, "flag": lambda: True,
    "record": clock.new_id, "bytes": lambda: b"\0\xff", "partial_date": lambda: "1979-12", "day": lambda: "2026-11-23",
    "division": lambda: "361002100201",
}  # fmt: skip


def sample(editor: str) -> Any:
    return SAMPLES.get(editor, lambda: "䶮 𠮷 \"'%s")()


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_synced_table_constrains_nothing_but_its_key(kind: str) -> None:
    """A constraint would make a truthful change from elsewhere impossible to take (sync.md)."""
    table = table_of(kind)
    assert [column.name for column in table.primary_key] == ["id"]
    assert not [c for c in table.constraints if isinstance(c, UniqueConstraint | CheckConstraint)]
    assert not [index.name for index in table.indexes if index.unique]
    required = {column.name for column in table.columns if not column.nullable}
    assert required == {"id", "deleted", "state", "version"}
    assert all(table.c[name].server_default is not None for name in ("deleted", "state", "version"))
    for key in table.foreign_keys:
        assert (key.deferrable, key.initially) == (True, "DEFERRED")
        assert key.parent.name == kinds()[kind].part_of
        assert key.column.table.name in kinds()


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_field_says_what_others_need_of_it(kind: str) -> None:
    cls = kinds()[kind]
    table = table_of(kind)
    assert cls.noun
    assert cls.scope in ("home", "downward")
    assert {c.name for c in table.columns} - set(fields_of(kind)) == set(LOCAL_COLUMNS)
    for name, facts in fields_of(kind).items():
        assert facts.label, name
        assert field_of(table.c[name]) is facts
        assert not facts.target or facts.target in kinds()
        assert (facts.editor == "record") == (table.c[name].type.__class__.__name__ == "RecordId")
        assert facts.stop in ("", "township", "county", "city")
        if facts.editor == "code":
            assert facts.codes, name
    if cls.part_of:
        assert fields_of(kind)[cls.part_of].editor == "record"
    if cls.appended:
        own = {n: f for n, f in fields_of(kind).items() if n not in ("home", "deleted")}
        assert {f.merge for f in own.values()} == {"append"}


def test_the_names_of_kinds_are_told_apart() -> None:
    nouns = [cls.noun for cls in kinds().values()]
    assert sorted(nouns) == sorted(set(nouns))
    assert len(kinds()) >= 20
    assert set(kinds()) <= set(Base.metadata.tables)


@pytest.mark.parametrize("way", ["orm", "bulk"])
def test_every_kind_travels_whole(database: Database, another: Callable[..., Database], way: str) -> None:
    """Each field of each kind with a value: written, moved to another store, read there as it was."""
    made: dict[str, dict[str, Any]] = {}
    with database.work("全部") as work:
        # The owner before its parts: their foreign key is looked at in the end, but the bulk door may be alone.
        for kind in sorted(kinds(), key=lambda kind: (bool(kinds()[kind].part_of), kind)):
            values = {name: sample(facts.editor) for name, facts in fields_of(kind).items()}
            values |= {"id": clock.new_id(), "home": moving.HOME, "deleted": False}
            if owner := kinds()[kind].part_of:
                values[owner] = made[fields_of(kind)[owner].target or "person"]["id"]
            if "merged_into" in values:
                values["merged_into"] = None
            made[kind] = values
            if way == "orm":
                work.session.add(kinds()[kind](**values))
            else:
                work.add_many(kind, [values])
    target = another()
    moving.move(database, target)
    for db in (database, target):
        with db.read() as session:
            for kind, values in made.items():
                row = session.scalars(select(kinds()[kind])).one()
                assert {name: getattr(row, name) for name in values} == values, kind
