"""The digest of a scope: one hash over the shared state, the same on every node that holds the same."""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from app.models import bulk, fold, recording
from app.models.base import fields_of, kinds
from app.models.database import Database
from app.rules import levels


def digest(database: Database, connection: Connection, scopes: Sequence[str], level: str = "") -> str:
    """Hash over (kind, record, field, head dots, value hash) of all records with a home in the scope, in order.

    `level`: leave out the fields whose stop lies below that level. Only homes inside the scope count, so that a
    parent and its child compare the same records.
    """
    out = hashlib.sha256()
    order = fold.Order(database, connection)
    for kind, records in _records(connection, scopes):
        hidden = _hidden(kind, level)
        for some in bulk.chunks(records, 2_000):
            for record, one in fold.load(database, connection, some):
                if one.state.vector:
                    out.update(_lines(kind, record, one, order, hidden))
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


def _hidden(kind: str, level: str) -> frozenset[str]:
    if not level or kind not in kinds():
        return frozenset()
    return frozenset(n for n, f in fields_of(kind).items() if f.stop and levels.above(level, f.stop))


def _lines(kind: str, record: bytes, one: fold.Folded, order: fold.Order, hidden: frozenset[str]) -> bytes:
    parts = []
    for name in sorted(one.names() - hidden):
        heads = sorted((order.key(write.dot), _value(write.fields[name])) for write in one.heads(name, order))
        dots = [[bytes.fromhex(node), inc, position, value] for (node, inc, position), value in heads]
        parts.append(recording.encode_plain([kind, record, name, dots]))
    return b"".join(parts)


def _value(value: recording.Value) -> bytes:
    return hashlib.sha256(recording.encode_plain(value)).digest()
