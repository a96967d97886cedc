"""The search keys of persons and their place in the order of names: derived from their rows, local, made in bulk."""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection

from app.models import bulk
from app.models.derived import derives
from app.rules import names

SOURCES = (
    "name", "former_name", "id_number", "phone", "phone2", "village_group", "address", "residence_address",
)  # fmt: skip
"""Fields keys are made of, in the order `keys_of` takes them."""
_FROM, _LEAST = 6, 4
"""A number is found from each of its digits on, those of the county left out, which all neighbours share."""
_COUNTY = re.compile(r"^.*(?:[省市县镇乡]|(?<!小)(?<!社)区|街道)")
_PIECES = re.compile(r"[^村组号路街弄栋幢室]*(?:社区|小区|[村组号路街弄栋幢室])|[^村组号路街弄栋幢室]+$")
_MOST_PIECES = 5
ORDER: Final = "\x01"
"""Begins the one key of every person that no search finds: 拼音 of the name and the name. A list in the order of names
is read off these keys, without sorting."""
ORDER_END: Final = "\x02"


def make(connection: Connection, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Keys of persons just inserted: nothing to take away and nothing to read again."""
    places = [columns.index(name) if name in columns else None for name in SOURCES]
    gone = [columns.index(name) for name in ("deleted", "merged_into") if name in columns]
    found = [
        (row[0], *(None if place is None else row[place] for place in places))
        for row in rows
        if not any(row[place] for place in gone)
    ]
    _insert(connection, _pairs(found))


@derives("person", make)
def refresh(connection: Connection, ids: Sequence[str]) -> None:
    """Bring the keys of these persons to what their rows say; deleted and merged persons have none."""
    persons = [bytes.fromhex(record) for record in ids]
    sql = "SELECT key, person FROM person_key WHERE person IN ({})"
    known = {(key, bytes(person)) for key, person in bulk.select_in(connection, sql, persons)}
    fields = ", ".join(SOURCES)
    sql = f"SELECT id, {fields} FROM person WHERE deleted = false AND merged_into IS NULL AND id IN ({{}})"
    wanted = set(_pairs(bulk.select_in(connection, sql, persons)))
    # Most changes leave the keys as they are, and in a large store each one touched is a page read and written.
    if gone := sorted(known - wanted):
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        connection.exec_driver_sql(f"DELETE FROM person_key WHERE key = {mark} AND person = {mark}", gone)
    _insert(connection, wanted - known)


def _pairs(persons: Iterable[Sequence[Any]]) -> Iterator[tuple[str, bytes]]:
    for record, name, former, number, *phones in persons:
        for key in keys_of(name, former, number, *phones):
            yield key, bytes(record)


def _insert(connection: Connection, pairs: Iterable[tuple[str, bytes]]) -> None:
    rows = sorted(pairs, key=itemgetter(0))  # in the order of the index: half the time of a random order
    for some in bulk.chunks(rows):
        bulk.insert_many(connection, "person_key", ("key", "person"), some)


def keys_of(
    name: str | None,
    former: str | None,
    number: str | None,
    phone: str | None = None,
    phone2: str | None = None,
    *places: str | None,
) -> set[str]:
    """Every key a person is found under, each also by its beginning; and the key of the order of names."""
    out = {order_key(name)}
    for each in (name, former):
        if each:
            out.update(_name_keys(each))
    if number:
        out.add(number.casefold())
        out.update(number[start:].casefold() for start in range(_FROM, len(number) - _LEAST + 1))
    for each in (phone, phone2):
        if each:
            digits = "".join(filter(str.isdigit, each))
            out.update({digits, digits[-4:]} - {""})
    for each in places:
        if each:
            out.update(_pieces(each))
    return out


@functools.lru_cache(maxsize=65_536)
def _pieces(address: str) -> frozenset[str]:
    """What of an address neighbours do not share: the hamlet, the group, the number."""
    found = _PIECES.findall(_COUNTY.sub("", names.folded(address)))
    return frozenset(piece for piece in found[:_MOST_PIECES] if len(piece) > 1)


def order_key(name: str | None) -> str:
    """Where a person stands in the order of names: by 拼音 syllable after syllable, then by the characters."""
    return f"{ORDER}{_sounds(name).sort}{ORDER}{names.folded(name)}" if name else ORDER


@functools.lru_cache(maxsize=65_536)
def _sounds(name: str) -> names.PinyinKeys:
    return names.pinyin(name)


@functools.lru_cache(maxsize=65_536)
def _name_keys(name: str) -> tuple[str, ...]:
    """The name from each of its characters on, its 拼音 and initials in all readings, as typed and as compared."""
    return tuple(dict.fromkeys(_walk(name)))


def _walk(name: str) -> Iterator[str]:
    folded = names.folded(name)
    for start in range(len(folded)):
        yield folded[start:]
    sounds = _sounds(name)
    yield from sounds.full
    yield from sounds.initials
