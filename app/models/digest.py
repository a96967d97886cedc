"""The digest of a scope: one hash over the shared state, the same on every node that holds the same."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from app.models import bulk, fold, recording
from app.models.base import kinds
from app.models.database import Database
from app.rules import levels


def digest(database: Database, connection: Connection, scopes: Sequence[str], level: str = "") -> str:
    """Hash over (kind, record, field, head dots, value hash) of all records with a home in the scope, in order.

    `level`: as that level sees them, without what stops below it. Only homes inside the scope count, so that a parent
    and its child compare the same records.
    """
    out = hashlib.sha256()
    order = fold.Order(database, connection)
    for kind, records in _records(connection, scopes):
        for some in bulk.chunks(records, 2_000):
            for record, one in fold.load(database, connection, some, level=level):
                if one.state.vector and one.kind:
                    out.update(_lines(kind, record, one, order))
    return out.hexdigest()


def _records(connection: Connection, scopes: Sequence[str]) -> Iterator[tuple[str, list[bytes]]]:
    found: dict[str, list[bytes]] = {}
    for kind in kinds():
        for record, home in connection.exec_driver_sql(f'SELECT id, home FROM "{kind}"'):
            if home is not None and levels.covers(scopes, home):
                found.setdefault(kind, []).append(bytes(record))
    for record, kind, home in connection.exec_driver_sql("SELECT record, kind, home FROM foreign_record"):
        if home is not None and levels.covers(scopes, home):
            found.setdefault(kind, []).append(bytes(record))
    for kind in sorted(found):
        yield kind, sorted(found[kind])


def _lines(kind: str, record: bytes, one: fold.Folded, order: fold.Order) -> bytes:
    parts = []
    for name in sorted(one.names()):
        heads = sorted((order.key(write.dot), _value(write.fields[name])) for write in one.heads(name, order))
        dots = [[bytes.fromhex(node), inc, position, value] for (node, inc, position), value in heads]
        parts.append(recording.encode_plain([kind, record, name, dots]))
    return b"".join(parts)


def _value(value: recording.Value) -> bytes:
    return hashlib.sha256(recording.encode_plain(value)).digest()
