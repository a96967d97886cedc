"""Where records live, live besides, whom they are addressed to: what decides who gets them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.models import bulk, owning
from app.models.base import kinds


class Places(NamedTuple):
    """Where a record lives, has a second home, whom it is addressed to, and where what it is about lives or has lived."""

    home: str | None = None
    second: str | None = None
    addressed: str | None = None
    also: tuple[str, ...] = ()


NOWHERE = Places()


def places_of(connection: Connection, by_kind: Mapping[str, Iterable[bytes]]) -> dict[bytes, Places]:
    """Where records are to go; those without a row are left out."""
    out: dict[bytes, Places] = {}
    known = kinds()
    for kind, records in by_kind.items():
        ids = list(records)
        if kind not in known:
            sql = "SELECT record, home FROM foreign_record WHERE record IN ({})"
            out.update((bytes(record), Places(home)) for record, home in bulk.select_in(connection, sql, ids))
            continue
        rows = bulk.select_in(connection, query(kind) + " WHERE t.id IN ({})", ids)
        out.update(read(connection, kind, rows))
    return out


def query(kind: str) -> str:
    """(id, home, second home, addressee, what it is about) of rows of a kind; parts live besides where their owner does."""
    cls = kinds()[kind]
    second, join = f't."{cls.second}"' if cls.second else "NULL", ""
    if cls.part_of and (owner := owning.owner_of(kind)) and kinds()[owner].second:
        second = f'o."{kinds()[owner].second}"'
        join = f' LEFT JOIN "{owner}" o ON o.id = t."{cls.part_of}"'
    addressed = f't."{cls.addressed}"' if cls.addressed else "NULL"
    about = f't."{cls.about}"' if cls.about else "NULL"
    return f'SELECT t.id, t.home, {second}, {addressed}, {about} FROM "{kind}" t{join}'


def read(connection: Connection, kind: str, rows: Iterable[Sequence[Any]]) -> dict[bytes, Places]:
    """Rows of `query` as places."""
    found = list(rows)
    lived: dict[bytes, set[str]] = {}
    if kinds()[kind].about:
        subjects = [bytes(row[4]) for row in found if row[4] is not None]
        sql = "SELECT record, home FROM former_home WHERE record IN ({})"
        for record, home in bulk.select_in(connection, sql, subjects):
            lived.setdefault(bytes(record), set()).add(home)
    return {
        bytes(record): Places(
            home,
            second,
            bytes(to).hex() if to is not None else None,
            tuple(sorted(lived.get(bytes(about), ()))) if about is not None else (),
        )
        for record, home, second, to, about in found
    }
