"""A field is declared once: what everybody needs to know of a column stands in its `info`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, LargeBinary, Text, TypeDecorator
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

Editor = Literal[
    "text",
    "long",
    "name",
    "id_number",
    "partial_date",
    "day",
    "money",
    "integer",
    "flag",
    "code",
    "division",
    "phone",
    "account",
    "record",
    "stamp",
    "bytes",
]
Merge = Literal["latest", "ask", "append", "township", "county", "city"]

LEVEL_MERGES: Final = ("township", "county", "city")


class RecordId(TypeDecorator[str]):
    """A UUIDv7: 32 hexadecimal digits in Python, 16 bytes in the store and in the journal."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Digits to bytes."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Bytes to digits."""
        return None if value is None else bytes(value).hex()


class SortedText(TypeDecorator[str]):
    """Text compared byte by byte on both stores, so that partial dates and codes sort alike."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL would otherwise sort by the language of the server."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())


_TYPES: Final[Mapping[str, TypeEngine[Any] | type[TypeEngine[Any]]]] = {
    "money": BigInteger,
    "integer": BigInteger,
    "stamp": BigInteger,
    "flag": Boolean,
    "record": RecordId,
    "bytes": LargeBinary,
    "partial_date": SortedText,
    "day": SortedText,
    "division": SortedText,
}


@dataclass(frozen=True)
class Field:
    """What forms, lists, Excel, the conflict window, the journal view and the data dictionary read."""

    label: str
    """As on the paper form (Chinese)."""
    editor: Editor = "text"
    help: str = ""
    required: bool = False
    sensitive: bool = False
    """Masked by default, and showing it is logged."""
    withheld: bool = False
    """Left out on paper and in every list that leaves, full ones too, unless it is asked for by itself."""
    merge: Merge = "latest"
    """latest | ask (nothing is paid or printed while it has two values) | append | the level that may write it."""
    codes: str = ""
    """Name of the code list its values come from."""
    target: str = ""
    """Kind of the record a reference points to."""
    stop: str = ""
    """The highest level this field rises to by default; empty: it rises to the top."""
    internal: bool = False
    """Kept by the programme, never typed."""
    signed: bool = False
    """An act that writes it is signed by its unit, as is any that changes a home."""
    stays: bool = False
    """The record does not follow the one it names when that one moves (关系转接)."""
    answered: bool = False
    """Written by the unit the record is addressed to, wherever the record lives."""


def column(label: str, editor: Editor = "text", *, index: bool = False, **facts: Any) -> MappedColumn[Any]:
    """A column of a synced record with its field metadata; nullable always (sync.md: no NOT NULL)."""
    return mapped_column(
        _TYPES.get(editor, Text), nullable=True, index=index, info={"field": Field(label, editor, **facts)}
    )


def field_of(source: ColumnElement[Any]) -> Field | None:
    """The metadata of a column, or None for columns that do not travel."""
    found = source.info.get("field")
    return found if isinstance(found, Field) else None
