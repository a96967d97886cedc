"""What goes into a package, frame by frame, and which parts of a group a unit below is given."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from app import progress
from app.models import Group, Part, bulk, recording, snapshots, stops
from app.models.journal import Peer
from app.sync import content
from app.sync.content import BaseFrame, Hello, Reach, SealFrame
from app.sync.exchange import Exchange
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE
from app.sync.reach import Audience, Chooser, Parts, departures


class BaseItem(NamedTuple):
    """A record to be given as a snapshot: its numbers on the link, and what no longer counts of it."""

    record: bytes
    numbers: tuple[int, ...] = ()
    as_of: int = 0
    """The group that took the record out of the unit's reach: it is given as it was then. 0: as it is."""
    without: frozenset[tuple[str, int, int, bytes]] = frozenset()


NO_STOP: Final = b"\xa0"
"""The last byte of a part that rises to the top: an empty text."""


@dataclass
class Plan:
    """All a package will hold, settled before the first byte is written."""

    number: int
    peer: Peer
    hello: Hello
    groups: list[tuple[int, int, int]]
    """(local group id, flow, link number)."""
    bases: list[BaseItem]
    seals: list[SealFrame]
    receipts: list[content.ReceiptFrame]
    audience: Audience | None
    """The unit below; None on the way up, where journals go whole, but for what stops below the parent's level."""
    level: str
    """The addressee's."""
    sent: Reach


def parts_of(connection: Connection, groups: Sequence[int]) -> dict[int, Parts]:
    """The parts of groups, decoded; those that were blanked are left out."""
    out: dict[int, list[tuple[int, bytes, bytes, recording.PartBody]]] = defaultdict(list)
    sql = (
        "SELECT group_id, number, salt, body FROM journal_part WHERE body IS NOT NULL AND group_id IN ({}) "
        "ORDER BY group_id, number"
    )
    for group, number, salt, body in bulk.select_in(connection, sql, list(groups)):
        out[group].append((number, bytes(salt), bytes(body), recording.decode_part(bytes(body))))
    return dict(out)


class Frames:
    """The frames of a package, made as they are written; counts what went in."""

    def __init__(self, exchange: Exchange, connection: Connection, plan: Plan) -> None:
        self.exchange = exchange
        self.connection = connection
        self.plan = plan
        self.groups = 0
        self.parts = 0
        self._above = plan.level if plan.audience is None else ""
        """On the way up, the level that decides what is withheld; what goes down was never above it."""

    def __iter__(self) -> Iterator[bytes]:
        plan = self.plan
        yield plan.hello.frame()
        for receipt in plan.receipts:
            yield content.receipt_frame(receipt)
        for seal in plan.seals:
            yield content.seal_frame(seal)
        yield from self._bases()
        yield from self._groups()

    def _bases(self) -> Iterator[bytes]:
        """Down: as they are now, with our mark. Up: as the addressee gave them, with its own."""
        items = {item.record: item for item in self.plan.bases}
        if self.plan.audience is None:
            sql = "SELECT record, body, voucher FROM baseline WHERE record IN ({})"
            for record, body, voucher in bulk.select_in(self.connection, sql, list(items)):
                yield from content.base_frames(BaseFrame(bytes(record), bytes(body), bytes(voucher)))
                self.parts += 1
            return
        database = self.exchange.database
        known = departures(database, self.connection, [(i.record, i.as_of) for i in items.values() if i.as_of])
        known |= {i.record: {} for i in items.values() if i.as_of and i.record not in known}
        for record, body in snapshots.bodies(database, self.connection, list(items), known):
            item = items.pop(record)
            mark = recording.base_voucher(database.own_secret, record, body)
            yield from content.base_frames(BaseFrame(record, body, mark, item.numbers, set(item.without)))
            self.parts += 1
        for item in items.values():
            if item.numbers:  # nothing that made it counts any more; the number must not be a hole
                yield from content.base_frames(BaseFrame(item.record, b"", None, item.numbers, set(item.without)))

    def _groups(self) -> Iterator[bytes]:
        for some in bulk.chunks(self.plan.groups, 500):
            progress.step("写上报包", self.groups, len(self.plan.groups))
            ids = [group for group, _, _ in some]
            columns = (Group.id, Group.header, Group.hash, Group.mac, Group.signature, Group.hashes, Group.parts)
            query = select(*columns, Group.voucher).where(Group.id.in_(ids))
            rows = {row.id: row for row in self.connection.execute(query)}
            if self.plan.audience is not None:
                yield from self._in_scope(some, rows, self.plan.audience)
                continue
            for group, flow, link in some:
                yield from self._one(rows[group], flow, link, *self._raw_parts(group))

    def _raw_parts(self, group: int) -> tuple[list[tuple[int, bytes, bytes]], list[tuple[int, bytes, str]]]:
        """(parts, stubs of those that stop below the addressee's level or were blanked)."""
        query = select(Part.number, Part.salt, Part.body, Part.record, Part.stop).where(Part.group_id == group)
        found = []
        stubs: list[tuple[int, bytes, str]] = []
        for number, salt, body, record, withheld in self.connection.execute(query):
            if body is None:
                stubs.append((number, bytes.fromhex(record), withheld or ""))
            elif body[-1:] != NO_STOP and stops.stopped(stop := recording.decode_part(bytes(body)).stop, self._above):
                stubs.append((number, bytes.fromhex(record), stop))
            else:
                found.append((number, bytes(salt or b""), bytes(body)))
        found.sort(key=itemgetter(0))  # nearly always in order: the store would carry every body to another place
        return found, sorted(stubs)

    def _in_scope(
        self, some: Sequence[tuple[int, int, int]], rows: dict[int, Any], audience: Audience
    ) -> Iterator[bytes]:
        parts = parts_of(self.connection, [group for group, flow, _ in some if flow != FLOW_WHOLE])
        chooser = Chooser(self.exchange.database, self.connection, audience, parts)
        for group, flow, link in some:
            if flow == FLOW_WHOLE:
                yield from self._one(rows[group], flow, link, *self._raw_parts(group))
            else:
                yield from self._one(rows[group], flow, link, chooser.chosen(group))

    def _one(
        self,
        row: Any,
        flow: int,
        link: int,
        parts: list[tuple[int, bytes, bytes]],
        stubs: Sequence[tuple[int, bytes, str]] = (),
    ) -> Iterator[bytes]:
        self.groups += 1
        self.parts += len(parts)
        hashes = b""
        if len(parts) < row.parts:
            hashes = bytes(row.hashes) if row.hashes else self._hashes(row.id)
        mac, signature = row.mac and bytes(row.mac), row.signature and bytes(row.signature)
        marks = content.Marks(mac, signature, self._voucher(row, flow))
        yield from content.group_frames(bytes(row.header), marks, hashes, flow, link, parts, stubs)

    def _voucher(self, row: Any, flow: int) -> bytes | None:
        """Down: our mark on what goes in pieces. Up: the addressee's own, by which it takes back what it has lost."""
        if flow != FLOW_PARTIAL:
            return None
        if self.plan.audience is not None:
            return recording.voucher(self.exchange.database.own_secret, bytes(row.hash))
        return row.voucher and bytes(row.voucher)

    def _hashes(self, group: int) -> bytes:
        query = select(Part.number, Part.salt, Part.body, Part.hash).where(Part.group_id == group).order_by(Part.number)
        return b"".join(
            bytes(kept or b"") if body is None else recording.part_hash(bytes(salt or b""), bytes(body))
            for _, salt, body, kept in self.connection.execute(query)
        )
