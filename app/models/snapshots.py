"""Snapshots of records: heads, vector and history lines that stand for every group behind them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.models import bulk, fold, recording
from app.models.causality import Dot, Vector, covers
from app.models.database import Database
from app.models.journal import Standing


def bodies(
    database: Database,
    connection: Connection,
    records: Sequence[bytes],
    known: Mapping[bytes, Vector] | None = None,
) -> Iterator[tuple[bytes, bytes]]:
    """The snapshot of each record that has any live write, as it travels and as `baseline` keeps it.

    `known`: of these records only what the vectors cover (as of a move that took them out of somebody's reach).
    """
    for some in bulk.chunks(list(records), 1_000):
        chosen = {record: known[record] for record in some if known and record in known}
        found = fold.load(database, connection, some, chosen)
        folded = {record: one for record, one in found if one.state.vector}
        lines = _lines(database, connection, folded)
        for record, one in folded.items():
            yield record, fold.encode_base(database, connection, one, lines[record])


def _lines(
    database: Database, connection: Connection, folded: Mapping[bytes, fold.Folded]
) -> dict[bytes, list[list[Any]]]:
    """History of each record as people read it: [stamp, node, incarnation, position, who, {field: value}], oldest first.

    A record that came here by a snapshot itself passes on the lines that came with it.
    """
    earlier = {}
    sql = "SELECT record, body FROM baseline WHERE record IN ({})"
    for record, body in bulk.select_in(connection, sql, list(folded)):
        _kind, vector, _heads, lines = recording.decode_plain(bytes(body))
        earlier[bytes(record)] = (database.vector_of(connection, vector), lines)
    names = _authors(connection, {dot for one in folded.values() for dot in one.writes})
    out: dict[bytes, list[list[Any]]] = {}
    for record, one in folded.items():
        vector, lines = earlier.get(record, ({}, []))
        fresh = []
        for dot, write in one.writes.items():
            if covers(vector, dot):
                continue
            node, incarnation = database.origin_key(connection, dot.origin)
            fresh.append(
                [write.stamp, bytes.fromhex(node), incarnation, dot.position, names.get(dot, ""), write.fields]
            )
        out[record] = [*lines, *sorted(fresh, key=lambda line: line[:4])]
    return out


def _authors(connection: Connection, dots: set[Dot]) -> dict[Dot, str]:
    """Who did each act."""
    positions: dict[int, list[int]] = defaultdict(list)
    for dot in dots:
        positions[dot.origin].append(dot.position)
    out = {}
    for origin, some in positions.items():
        sql = f"SELECT position, header FROM journal_group WHERE standing = {Standing.LIVE.value} AND origin = {origin} AND position IN ({{}})"
        for position, header in bulk.select_in(connection, sql, some):
            out[Dot(origin, position)] = recording.GroupHeader.decoded(bytes(header)).staff_name
    return out
