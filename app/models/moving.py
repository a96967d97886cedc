"""Records that change their home, or their second one: where they lived before, as the author of the move knew it."""

import functools
from collections.abc import Iterable

from sqlalchemy import Connection

from app.models import bulk, fold
from app.models.base import kinds
from app.models.database import Database
from app.models.recording import PartBody

HOME = "home"


@functools.cache
def places_in(kind: str) -> tuple[str, ...]:
    """The fields of a kind that say who gets a record."""
    cls = kinds().get(kind)
    return tuple(name for name in (HOME, *((cls.second, cls.addressed) if cls is not None else ())) if name)


def note(database: Database, connection: Connection, group: int, parts: Iterable[PartBody]) -> None:
    """Keep in the index where the records lived that these parts of a counting group move."""
    rows = []
    for part in parts:
        for name in places_in(part.kind) if part.context else ():
            if name not in part.fields:
                continue
            old = fold.before(database, connection, part, name)
            text = old.hex() if isinstance(old, bytes) else old
            if isinstance(text, str) and old != part.fields[name]:
                rows.append((part.record, group, text))
    if rows:
        keys = ("record", "group_id", "home")
        with database.door(connection):
            bulk.upsert_many(connection, "former_home", keys, rows, keys)
