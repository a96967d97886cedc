"""Values made ready for table and journal: looked through, split by stop, encoded; many new records column by column."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import Any, Final

import msgspec

from app import clock
from app.errors import BadInput
from app.models import recording
from app.models.base import fields_of, table_of
from app.models.fields import RecordId
from app.models.recording import Context, Value

UNKEEPABLE: Final = "文字里有无法保存的字符(空字符或只有半个编码的字), 或数字太大, 请重新填写。没有改动任何数据。"
_TRAVELS: Final = frozenset({type(None), bool, int, str, bytes})
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True)
class Made:
    """What goes into the table and into the journal."""

    ids: list[str]
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    """Driver values in the order of `columns`."""
    parts: list[tuple[str, bytes, bytes, str]]
    """(kind, record, body, stop)."""


def make(kind: str, rows: Sequence[Mapping[str, Any]], state: bytes, stops: Mapping[str, str]) -> Made:
    """Rows name their fields; `id` may be given. KeyError for an unknown field, BadInput for what cannot be kept.

    A part is built per record and stop (`stops` by field); `state` is the causal state all these records begin with.
    """
    known = fields_of(kind)
    names = sorted(set().union(*rows) - {"id"})
    if unknown := [name for name in names if name not in known]:
        raise KeyError(f"{kind}: unknown fields {unknown}")
    fresh = iter(clock.new_ids(sum("id" not in row for row in rows)))
    ids: list[str] = [row.get("id") or next(fresh) for row in rows]
    keys = [bytes.fromhex(record) for record in ids]
    columns = {name: _driver(kind, name, column) for name, column in zip(names, _columns(names, rows), strict=True)}
    tuples = list(zip(keys, *columns.values(), repeat(state), repeat(1)))
    parts: list[tuple[str, bytes, bytes, str]] = []
    try:
        for stop in sorted({"", *(stops.get(name, "") for name in names)}):
            chosen = {name: column for name, column in columns.items() if stops.get(name, "") == stop}
            parts += _parts(kind, stop, keys, chosen)
    except (UnicodeEncodeError, OverflowError, TypeError) as error:
        raise BadInput(UNKEEPABLE) from error
    return Made(ids, ("id", *names, "state", "version"), tuples, parts)


def _columns(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Sequence[Sequence[Any]]:
    """The rows turned over; None where a row does not name a field."""
    if len(names) > 1:
        with contextlib.suppress(KeyError):
            return list(zip(*map(itemgetter(*names), rows), strict=True))
    return [[row.get(name) for row in rows] for name in names]


def _driver(kind: str, name: str, column: Sequence[Any]) -> Sequence[Value]:
    """One field of all rows as the driver takes it; looked through here once, not value by value."""
    if isinstance(table_of(kind).c[name].type, RecordId):
        return [None if value is None else bytes.fromhex(value) for value in column]
    with contextlib.suppress(TypeError):  # raised where not all are texts
        if "\0" in "".join(column):
            raise BadInput(UNKEEPABLE)
        return column
    types = set(map(type, column))
    if not types <= _TRAVELS:
        raise BadInput(UNKEEPABLE)
    if str in types and "\0" in "".join(value for value in column if type(value) is str):
        raise BadInput(UNKEEPABLE)
    if int in types and not all(_LEAST <= value <= _MOST for value in column if type(value) is int):
        raise BadInput(UNKEEPABLE)
    return column


@functools.lru_cache(maxsize=64)
def _shape(names: tuple[str, ...]) -> Callable[..., object]:
    """A struct with these fields: made and encoded many times quicker than a dict; what is None is left out."""
    return msgspec.defstruct("Fields", [(name, Any, None) for name in names], omit_defaults=True, gc=False)


def _parts(
    kind: str, stop: str, keys: Sequence[bytes], columns: Mapping[str, Sequence[Value]]
) -> Iterator[tuple[str, bytes, bytes, str]]:
    """One part per record: fields with a stop stand in one of their own, so that a level can be given the rest."""
    encode = recording.encode_made_part
    given = map(_any_given, zip(*columns.values(), strict=True)) if stop else repeat(True)
    for key, fields, some in zip(keys, map(_shape(tuple(columns)), *columns.values()), given, strict=False):
        if some:
            yield kind, key, encode((kind, key, (), fields, stop)), stop


def _any_given(values: Sequence[Value]) -> bool:
    return any(value is not None for value in values)


def split(values: dict[str, Value], stops: Mapping[str, str]) -> list[tuple[str, dict[str, Value]]]:
    """Fields with a stop stand in a part of their own, so that a level can be given the rest."""
    if not stops or not (present := sorted({stops[name] for name in values if name in stops})):
        return [("", values)]
    out = [("", {name: value for name, value in values.items() if name not in stops})]
    out += [(stop, {n: v for n, v in values.items() if stops.get(n) == stop}) for stop in present]
    return [(stop, some) for stop, some in out if some]


def encoded(kind: str, key: bytes, context: Context, fields: Mapping[str, Value], stop: str) -> bytes:
    """The canonical bytes of a part; BadInput in words for what cannot be kept."""
    if not all(map(recording.may_travel, fields.values())):
        raise BadInput(UNKEEPABLE)
    try:
        return recording.encode_part(kind, key, context, fields, stop)
    except (UnicodeEncodeError, OverflowError, TypeError) as error:
        raise BadInput(UNKEEPABLE) from error


def demand_keepable(value: object) -> None:
    """Before the driver sees it: its own words for half a character or too large a number are not for people."""
    if not recording.may_travel(value):
        raise BadInput(UNKEEPABLE)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise BadInput(UNKEEPABLE) from error
