"""Base classes of all tables, and what makes a record travel."""

import functools
from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, Boolean, LargeBinary, MetaData, Table, false
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app import clock
from app.models.fields import Field, RecordId, SortedText, column, field_of

SCHEMA: Final = 5
"""Number of the newest migration; travels in packages as `schema`."""


class Base(DeclarativeBase):
    """Root of all tables, local and synced."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Synced:
    """A record that travels. Its table name is its kind in the journal and in packages.

    `state` and `version` are local: the compact causal state (app.models.causality) and the number of local
    writes, which lets a second window notice that it edits an old copy. `deleted` and `home` are journalled.
    """

    noun: ClassVar[str] = ""
    """Chinese name of the kind."""
    scope: ClassVar[str] = "home"
    """home: goes where its home lies; downward: also to everybody below its home."""
    second: ClassVar[str] = ""
    """Name of the field with a second home (常住地): its station gets the record and its parts too."""
    addressed: ClassVar[str] = ""
    """Name of the field that names a unit which gets the record wherever it lives."""
    about: ClassVar[str] = ""
    """Name of the field that names a record: wherever that one has ever lived, this goes too."""
    guest: ClassVar[str] = ""
    """Name of the field that names the record whose second home may write rows of this kind as well."""
    part_of: ClassVar[str] = ""
    """Name of the field that names the record this one is a part of."""
    appended: ClassVar[bool] = False
    """Rows are only added, never changed; undo adds a reversing row."""
    authority: ClassVar[bool] = False
    """Each group that holds such a record is signed by its author's node."""
    vouched: ClassVar[bool] = False
    """Where that node is not known, the word of one's own parent is enough."""

    id: Mapped[str] = mapped_column(RecordId, primary_key=True, default=clock.new_id)
    home: Mapped[str] = column("所属区划", "division", index=True, internal=True)
    deleted: Mapped[bool] = mapped_column(
        Boolean, default=False, server_default=false(), info={"field": Field("已删除", "flag", internal=True)}
    )
    state: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default="")
    version: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 (SQLAlchemy calls it with the class)
        """Optimistic locking on every synced record."""
        table = cls.__dict__.get("__table__")
        return {"version_id_col": cls.version if table is None else table.c.version}


LOCAL_COLUMNS: Final = ("id", "state", "version")


@functools.cache
def kinds() -> dict[str, type[Synced]]:
    """Every kind of record that travels, by its name."""
    return {
        str(mapper.local_table.name): mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Synced) and isinstance(mapper.local_table, Table)
    }


def table_of(kind: str) -> Table:
    """The table of a kind; KeyError for a kind this version does not know."""
    if kind not in kinds():
        raise KeyError(kind)
    return Base.metadata.tables[kind]


@functools.cache
def fields_of(kind: str) -> dict[str, Field]:
    """The fields of a kind that travel, in the order of declaration; `home` and `deleted` among them."""
    return {c.name: f for c in table_of(kind).columns if (f := field_of(c)) is not None}


__all__ = ["LOCAL_COLUMNS", "SCHEMA", "Base", "RecordId", "SortedText", "Synced", "fields_of", "kinds", "table_of"]
