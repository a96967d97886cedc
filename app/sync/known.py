"""What a merge needs to know of the store: states, homes, groups already here, what waits."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from app.models import bulk, fold, recording, standing
from app.models.base import kinds, table_of
from app.models.causality import Dot, State, Vector, covers, includes
from app.models.database import Database
from app.models.journal import Group, Origin, Standing
from app.models.recording import GroupHeader, PartBody
from app.sync.groups import FLOW_WORD, Incoming


@dataclass
class Stored:
    """A group already here."""

    id: int
    hash: bytes
    standing: int
    numbers: set[int]
    parts: int
    flow: int
    signed: bool
    stubs: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    """Parts that have not come: (record, where they stop)."""


class Known:
    """The store as one merge sees it, brought forward in memory as groups are taken."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.database = database
        self.connection = connection
        self.states: dict[bytes, State] = {}
        self.kind: dict[bytes, str] = {}
        self.homes: dict[bytes, str | None] = {}
        self.deleted: set[bytes] = set()
        self.stored: dict[tuple[int, int], list[Stored]] = defaultdict(list)
        self.dead: set[Dot] = set()
        self.halves: dict[Dot, set[bytes]] = {}
        self.voids: set[standing.Void] = set()
        self.flush: Callable[[], None] = lambda: None
        """Writes the parts taken so far, for whoever must read them in the journal."""
        self.reaches: dict[int, tuple[int, bytes]] = {}
        self._bases: dict[bytes, Vector] = {}
        """Of records that were asked about: what their snapshot stands for."""
        self._present: dict[bytes, bool] = {}

    def prefetch(self, groups: Sequence[Incoming]) -> set[bytes]:
        """Read what these groups touch; gives their records."""
        self.voids = standing.voids(self.connection)
        self.dead, self.halves = standing.dead_dots(self.connection)
        records: dict[str, set[bytes]] = defaultdict(set)
        wanted: dict[int, list[int]] = defaultdict(list)
        for group in groups:
            wanted[self.origin(group.header)].append(group.header.position)
            for _, _, part in group.parts.values():
                records[part.kind].add(part.record)
        for origin, positions in wanted.items():
            sql = (
                "SELECT id, position, hash, standing, parts, flow, signature IS NOT NULL FROM journal_group "
                f"WHERE origin = {origin} AND position IN ({{}})"
            )
            found = {
                row[0]: (row[1], Stored(row[0], bytes(row[2]), row[3], set(), row[4], row[5], bool(row[6])))
                for row in bulk.select_in(self.connection, sql, positions)
            }
            for group_id, (position, stored) in found.items():
                self.stored[origin, position].append(stored)
                del group_id
            sql = "SELECT group_id, number, record, stop FROM journal_part WHERE group_id IN ({})"
            for group_id, number, record, stop in bulk.select_in(self.connection, sql, list(found)):
                if stop is None:
                    found[group_id][1].numbers.add(number)
                else:
                    found[group_id][1].stubs[number] = (bytes(record), stop)
        for kind, ids in records.items():
            self.load(kind, list(ids))
        self._load_kinds([record for ids in records.values() for record in ids if record not in self.kind])
        return {record for ids in records.values() for record in ids}

    def _load_kinds(self, records: Sequence[bytes]) -> None:
        """Kinds of records known here under another kind than they now come as."""
        sql = (
            "SELECT p.record, p.body FROM journal_part p JOIN journal_group g ON g.id = p.group_id "
            f"WHERE p.body IS NOT NULL AND g.standing <> {Standing.VOID.value} AND p.record IN ({{}})"
        )
        for record, body in bulk.select_in(self.connection, sql, records):
            self.kind[bytes(record)] = recording.decode_part(bytes(body)).kind
        for record, body in bulk.select_in(
            self.connection, "SELECT record, body FROM baseline WHERE record IN ({})", records
        ):
            self.kind[bytes(record)] = recording.decode_plain(bytes(body))[0]

    def load(self, kind: str, ids: Sequence[bytes]) -> None:
        """States, homes and deletions of records of a kind."""
        cls = kinds().get(kind)
        table, key, extra = (kind, "id", "home") if cls is not None else ("foreign_record", "record", "home")
        gone = "deleted" if cls is not None else "home"
        sql = f'SELECT "{key}", state, "{extra}", "{gone}" FROM "{table}" WHERE "{key}" IN ({{}})'
        for record, state, home, deleted in bulk.select_in(self.connection, sql, ids):
            name = bytes(record)
            if deleted is True or deleted == 1:
                self.deleted.add(name)
            self.states[name] = State.decoded(bytes(state))
            self.kind[name] = kind
            self.homes[name] = home

    def is_dead(self, dot: Dot, record: bytes) -> bool:
        """Whether what an author had seen of a record under this dot does not count here."""
        if dot not in self.dead and record not in self.halves.get(dot, ()):
            return False
        return not covers(self._base(record), dot)

    def has_seen(self, record: bytes, vector: Vector) -> bool:
        """Whether all that an author had seen of a record counts here.

        Where more of an origin is here than the author had, the very act may still be another one, or none: the origin
        has forked, and nobody here knows yet.
        """
        mine = self.state(record).vector
        if not includes(mine, vector):
            return False
        older = [dot for dot in (Dot(o, p) for o, p in vector.items()) if mine[dot.origin] > dot.position]
        if not older:
            return True
        self.flush()
        sql = (
            "SELECT g.origin, g.position FROM journal_part p JOIN journal_group g ON g.id = p.group_id "
            f"WHERE g.standing = {Standing.LIVE.value} AND p.record IN ({{}})"
        )
        here = {Dot(origin, position) for origin, position in bulk.select_in(self.connection, sql, [record])}
        base = self._base(record)
        return all(dot in here or covers(base, dot) for dot in older)

    def _base(self, record: bytes) -> Vector:
        """What a record's snapshot stands for."""
        if record not in self._bases:
            sql = "SELECT body FROM baseline WHERE record IN ({})"
            found = [
                fold.decode_base(self.database, self.connection, bytes(body)).vector
                for (body,) in bulk.select_in(self.connection, sql, [record])
            ]
            self._bases[record] = found[0] if found else {}
        return self._bases[record]

    def state(self, record: bytes) -> State:
        """A record's state as the merge has it so far."""
        return self.states.setdefault(record, State())

    def is_given(self, part: PartBody, header: GroupHeader) -> bool:
        """Whether a snapshot already stands for this part: the parent has judged it, and the fold leaves it out here."""
        return not part.stop and covers(self._base(part.record), Dot(self.origin(header), header.position))

    def made_by(self, record: bytes, header: GroupHeader) -> bool:
        """Whether a group that claims to make a record does: nobody else has, or a snapshot stands for this very act."""
        vector = self.state(record).vector
        return not vector or covers(vector, Dot(self.origin(header), header.position))

    def origin(self, header: GroupHeader) -> int:
        """The local number of a group's origin."""
        return self.database.origin_id(self.connection, header.node, header.incarnation)

    def reach(self, origin: int) -> tuple[int, bytes]:
        """Up to where we hold an origin's whole journal, and the hash there."""
        if origin not in self.reaches:
            row = self.connection.execute(select(Origin.held_to, Origin.held_hash).where(Origin.id == origin)).one()
            self.reaches[origin] = (row.held_to, bytes(row.held_hash or b""))
        return self.reaches[origin]

    def branches(self, origin: int, position: int) -> set[bytes]:
        """Hashes of all groups here under one dot."""
        rows = self.connection.execute(select(Group.hash).where(Group.origin == origin, Group.position == position))
        return {bytes(row.hash) for row in rows}

    def exists(self, record: bytes) -> bool:
        """Whether anybody has written the record, as far as is known here."""
        if record in self.states:
            return bool(self.states[record].vector)
        if record not in self._present:
            parents = {cls.part_of for cls in kinds().values() if cls.part_of}
            self._present[record] = any(
                self.connection.execute(select(table_of(kind).c.id).where(table_of(kind).c.id == record.hex())).first()
                for kind in parents
            )
        return self._present[record]

    def waiting(self, mine: set[int]) -> list[tuple[Incoming, int]]:
        """Groups of earlier packages that wait; forks count when all but one of their twins are void."""
        query = (
            select(
                Group.id,
                Group.header,
                Group.hash,
                Group.mac,
                Group.signature,
                Group.hashes,
                Group.standing,
                Group.parts,
                Group.origin,
                Group.position,
                Group.flow,
            )
            .where(Group.standing.in_([Standing.EARLY, Standing.HELD, Standing.FORKED]), Group.flow != FLOW_WORD)
            .order_by(Group.id)
        )
        rows = [row for row in self.connection.execute(query) if row.id not in mine]
        if not rows:
            return []
        parts: dict[int, dict[int, tuple[bytes, bytes, PartBody]]] = defaultdict(dict)
        sql = "SELECT group_id, number, salt, body FROM journal_part WHERE body IS NOT NULL AND group_id IN ({})"
        for group_id, number, salt, body in bulk.select_in(self.connection, sql, [row.id for row in rows]):
            parts[group_id][number] = (bytes(salt), bytes(body), recording.decode_part(bytes(body)))
        stubs: dict[int, dict[int, tuple[bytes, str]]] = defaultdict(dict)
        sql = "SELECT group_id, number, record, stop FROM journal_part WHERE body IS NULL AND group_id IN ({})"
        for group_id, number, record, stop in bulk.select_in(self.connection, sql, [row.id for row in rows]):
            stubs[group_id][number] = (bytes(record), stop or "")
        for kind, ids in _by_kind(parts).items():
            self.load(kind, [r for r in ids if r not in self.states])
        rivals: dict[tuple[int, int], int] = defaultdict(int)
        for row in rows:
            rivals[row.origin, row.position] += row.standing == Standing.FORKED
        out = []
        for row in rows:
            if row.standing == Standing.FORKED and rivals[row.origin, row.position] > 1:
                continue
            header = GroupHeader.decoded(bytes(row.header))
            out.append(
                (
                    Incoming(
                        header,
                        bytes(row.header),
                        bytes(row.hash),
                        row.mac and bytes(row.mac),
                        row.signature and bytes(row.signature),
                        bytes(row.hashes or b""),
                        parts[row.id],
                        row.flow,
                        stubs[row.id],
                    ),
                    row.id,
                )
            )
        return out


def _by_kind(parts: dict[int, dict[int, tuple[bytes, bytes, PartBody]]]) -> dict[str, set[bytes]]:
    out: dict[str, set[bytes]] = defaultdict(set)
    for group in parts.values():
        for _, _, part in group.values():
            out[part.kind].add(part.record)
    return out
