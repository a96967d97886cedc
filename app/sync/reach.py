"""Who is given which record: by its home, a second home, being addressed, or because it lived there when it was written."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.models import bulk, owning, places, recording
from app.models.base import kinds
from app.models.causality import Dot, Vector, covers, joined
from app.models.database import Database
from app.models.journal import Standing
from app.models.places import NOWHERE, Places, places_of
from app.models.recording import PartBody
from app.rules import levels


@dataclass(frozen=True)
class Audience:
    """A unit below: its scope, and itself with everything below it."""

    scopes: tuple[str, ...]
    nodes: frozenset[str]

    def gets(self, kind: str, where: Places) -> bool:
        """Whether a record of a kind goes down to it."""
        if where.home is not None:
            if levels.covers(self.scopes, where.home):
                return True
            cls = kinds().get(kind)
            downward = cls is not None and cls.scope == "downward"
            if downward and any(levels.covers_above((code,), where.home) for code in self.scopes):
                return True
        besides = (*where.also, *((where.second,) if where.second is not None else ()))
        return any(levels.covers(self.scopes, place) for place in besides) or where.addressed in self.nodes

    def covers(self, place: str) -> bool:
        """Whether a home, or a unit's id, is its own."""
        return place in self.nodes or levels.covers(self.scopes, place)


def records_for(connection: Connection, audience: Audience) -> list[bytes]:
    """Every record the unit gets, kind by kind."""
    out = []
    for kind in sorted(kinds()):
        rows = connection.exec_driver_sql(places.query(kind) + " ORDER BY t.id").all()
        found = places.read(connection, kind, rows)
        out += [record for record, where in found.items() if audience.gets(kind, where)]
    sql = "SELECT record, kind, home FROM foreign_record ORDER BY record"
    out += [bytes(r) for r, kind, home in connection.exec_driver_sql(sql) if audience.gets(kind, Places(home))]
    return out


def in_reach(connection: Connection, audience: Audience, records: Sequence[bytes]) -> list[bytes]:
    """Those of the records, of whatever kinds, that the unit gets."""
    out: list[bytes] = []
    for kind in (*sorted(kinds()), None):
        if kind is None:
            sql = "SELECT record, kind, home FROM foreign_record WHERE record IN ({})"
            for record, foreign, home in bulk.select_in(connection, sql, records):
                out += [bytes(record)] if audience.gets(foreign, Places(home)) else []
            continue
        for record, where in places_of(connection, {kind: records}).items():
            out += [record] if audience.gets(kind, where) else []
    return out


Parts = Sequence[tuple[int, bytes, bytes, PartBody]]
"""(number, salt, body, decoded body) of the parts of a group."""


class Chooser:
    """Which parts of some groups a unit below is given."""

    def __init__(
        self, database: Database, connection: Connection, audience: Audience, groups: Mapping[int, Parts]
    ) -> None:
        self._connection = connection
        self._audience = audience
        self._groups = groups
        by_kind: dict[str, set[bytes]] = defaultdict(set)
        for parts in groups.values():
            for _, _, _, part in parts:
                by_kind[part.kind].add(part.record)
        self.places = places_of(connection, by_kind)
        records = [record for ids in by_kind.values() for record in ids]
        self._complete(connection, records)
        self._moves = _moves(database, connection, records)
        self._dots = _dots(connection, list(groups)) if self._moves else {}

    def _complete(self, connection: Connection, records: Sequence[bytes]) -> None:
        """Where records lived that have no row, because nothing that made them counts any more."""
        gone = [record for record in records if self.places.get(record, NOWHERE).home is None]
        sql = "SELECT record, body FROM journal_part WHERE body IS NOT NULL AND record IN ({}) ORDER BY id"
        found: dict[bytes, Places] = {}
        for record, body in bulk.select_in(connection, sql, gone):
            home = recording.decode_part(bytes(body)).fields.get("home")
            if isinstance(home, str):
                found.setdefault(bytes(record), Places(home))
        self.places |= found

    def chosen(self, group: int) -> list[tuple[int, bytes, bytes]]:
        """The parts of a group that go down: of records in its reach now, or then."""
        return [
            (number, salt, body)
            for number, salt, body, part in self._groups.get(group, ())
            if self._audience.gets(part.kind, self.places.get(part.record, NOWHERE)) or self._then(group, part.record)
        ]

    def _then(self, group: int, record: bytes) -> bool:
        """Whether the record was the unit's when this was written: up to the group that moved it away, that one too."""
        dot = self._dots.get(group)
        return any(
            move == group or (dot is not None and covers(context, dot))
            for move, place, context in self._moves.get(record, ())
            if self._audience.covers(place)
        )

    def reached(self, group: int) -> list[bytes]:
        """Records of the group that are in the unit's reach."""
        return [
            part.record
            for _, _, _, part in self._groups.get(group, ())
            if self._audience.gets(part.kind, self.places.get(part.record, NOWHERE))
        ]

    def crossing(self, group: int) -> list[bytes]:
        """Records this group brought into the unit's reach, with what hangs on their second home, or took out of it.

        They are given as snapshots: whether the unit has had what went before cannot be known here.
        """
        out = []
        for _, _, _, part in self._groups.get(group, ()):
            moves = self._moves.get(part.record, ())
            if not self._audience.gets(part.kind, self.places.get(part.record, NOWHERE)):
                if any(move == group and self._audience.covers(old) for move, old, _ in moves):
                    out.append(part.record)
                continue
            moved = any(move == group and not self._audience.covers(old) for move, old, _ in moves)
            cls = kinds().get(part.kind)
            # The first second home was never somewhere else before.
            guest = cls is not None and cls.second in part.fields and bool(part.context)
            if moved or guest:
                out.append(part.record)
            if guest:
                out += self._parts_of(part)
        return out

    def _parts_of(self, owner: PartBody) -> list[bytes]:
        out: list[bytes] = []
        for kind, field in owning.parts_of(owner.kind):
            sql = f'SELECT id FROM "{kind}" WHERE "{field}" IN ({{}})'
            out += [bytes(record) for (record,) in bulk.select_in(self._connection, sql, [owner.record])]
        return out


def last_departures(connection: Connection, audience: Audience, records: Sequence[bytes]) -> dict[bytes, int]:
    """Of records that have left a unit's reach, the group that took them out of it last."""
    sql = (
        "SELECT f.record, f.home, f.group_id FROM former_home f JOIN journal_group g ON g.id = f.group_id "
        f"WHERE g.standing = {Standing.LIVE.value} AND f.record IN ({{}}) ORDER BY g.arrived"
    )
    rows = bulk.select_in(connection, sql, records)
    return {bytes(record): group for record, home, group in rows if audience.covers(home)}


def departures(database: Database, connection: Connection, moves: Sequence[tuple[bytes, int]]) -> dict[bytes, Vector]:
    """What whoever moved each record had seen of it, and the move itself."""
    out: dict[bytes, Vector] = {}
    for record, group in moves:
        rows = _moves(database, connection, [record]).get(record, ())
        for move, _, context in rows:
            if move == group:
                dot = _dots(connection, [group])[group]
                out[record] = joined(context, {dot.origin: dot.position})
    return out


def _moves(
    database: Database, connection: Connection, records: Sequence[bytes]
) -> dict[bytes, list[tuple[int, str, Vector]]]:
    """(group that moved it, place it had before, what its author had seen) of records that have ever moved."""
    sql = (
        "SELECT f.record, f.group_id, f.home, p.body FROM former_home f "
        "JOIN journal_part p ON p.group_id = f.group_id AND p.record = f.record "
        "WHERE p.body IS NOT NULL AND f.record IN ({})"
    )
    out: dict[bytes, list[tuple[int, str, Vector]]] = defaultdict(list)
    for record, group, home, body in bulk.select_in(connection, sql, records):
        context = database.vector_of(connection, recording.decode_part(bytes(body)).context)
        out[bytes(record)].append((group, home, context))
    return out


def _dots(connection: Connection, groups: Sequence[int]) -> dict[int, Dot]:
    sql = "SELECT id, origin, position FROM journal_group WHERE id IN ({})"
    return {group: Dot(origin, position) for group, origin, position in bulk.select_in(connection, sql, groups)}
