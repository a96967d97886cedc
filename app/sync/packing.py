"""What goes into a package, frame by frame, and which parts of a group a unit below is given."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from app.models import Group, Part, bulk, recording, snapshots
from app.models.journal import Peer
from app.sync import content
from app.sync.content import Hello, Reach, SealFrame
from app.sync.exchange import Exchange, goes_to, homes_of
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE


@dataclass
class Plan:
    """All a package will hold, settled before the first byte is written."""

    number: int
    peer: Peer
    hello: Hello
    groups: list[tuple[int, int, int]]
    """(local group id, flow, link number)."""
    bases: list[bytes]
    seals: list[SealFrame]
    receipts: list[content.ReceiptFrame]
    scopes: tuple[str, ...]
    down: bool
    sent: Reach


def groups_in_scope(connection: Connection, groups: Sequence[int], scopes: tuple[str, ...]) -> Iterator[int]:
    for some in bulk.chunks(list(groups), 2_000):
        parts = _parts_of(connection, some)
        homes = _homes(connection, parts)
        for group, items in parts.items():
            if any(goes_to(part.kind, homes.get(part.record), scopes) for _, _, _, part in items):
                yield group


def _parts_of(
    connection: Connection, groups: Sequence[int]
) -> dict[int, list[tuple[int, bytes, bytes, recording.PartBody]]]:
    out: dict[int, list[tuple[int, bytes, bytes, recording.PartBody]]] = defaultdict(list)
    sql = (
        "SELECT group_id, number, salt, body FROM journal_part WHERE body IS NOT NULL AND group_id IN ({}) "
        "ORDER BY group_id, number"
    )
    for group, number, salt, body in bulk.select_in(connection, sql, list(groups)):
        out[group].append((number, bytes(salt), bytes(body), recording.decode_part(bytes(body))))
    return out


def _homes(
    connection: Connection, parts: dict[int, list[tuple[int, bytes, bytes, recording.PartBody]]]
) -> dict[bytes, str | None]:
    by_kind: dict[str, set[bytes]] = defaultdict(set)
    for items in parts.values():
        for _, _, _, part in items:
            by_kind[part.kind].add(part.record)
    homes = homes_of(connection, by_kind)
    if gone := [record for ids in by_kind.values() for record in ids if homes.get(record) is None]:
        homes |= _former_homes(connection, gone)
    return homes


def _former_homes(connection: Connection, records: Sequence[bytes]) -> dict[bytes, str | None]:
    """Where records lived that have no row, because nothing that made them counts any more."""
    out: dict[bytes, str | None] = {}
    sql = "SELECT record, body FROM journal_part WHERE body IS NOT NULL AND record IN ({}) ORDER BY id"
    for record, body in bulk.select_in(connection, sql, records):
        home = recording.decode_part(bytes(body)).fields.get("home")
        if isinstance(home, str):
            out.setdefault(bytes(record), home)
    return out


class Frames:
    """The frames of a package, made as they are written; counts what went in."""

    def __init__(self, exchange: Exchange, connection: Connection, plan: Plan) -> None:
        self.exchange = exchange
        self.connection = connection
        self.plan = plan
        self.groups = 0
        self.parts = 0

    def __iter__(self) -> Iterator[bytes]:
        plan = self.plan
        yield plan.hello.frame()
        for receipt in plan.receipts:
            yield content.receipt_frame(receipt)
        for seal in plan.seals:
            yield content.seal_frame(seal)
        for record, body in snapshots.bodies(self.exchange.database, self.connection, plan.bases):
            yield content.base_frame(record, body)
            self.parts += 1
        yield from self._groups()

    def _groups(self) -> Iterator[bytes]:
        for some in bulk.chunks(self.plan.groups, 500):
            ids = [group for group, _, _ in some]
            columns = (Group.id, Group.header, Group.hash, Group.mac, Group.signature, Group.hashes, Group.parts)
            query = select(*columns, Group.voucher).where(Group.id.in_(ids))
            rows = {row.id: row for row in self.connection.execute(query)}
            if self.plan.down:
                yield from self._in_scope(some, rows)
                continue
            for group, flow, link in some:
                yield from self._one(rows[group], flow, link, self._raw_parts(group))

    def _raw_parts(self, group: int) -> list[tuple[int, bytes, bytes]]:
        query = select(Part.number, Part.salt, Part.body).where(Part.group_id == group, Part.body.is_not(None))
        found = [(n, bytes(s or b""), bytes(b or b"")) for n, s, b in self.connection.execute(query)]
        found.sort(key=itemgetter(0))  # nearly always in order: the store would carry every body to another place
        return found

    def _in_scope(self, some: Sequence[tuple[int, int, int]], rows: dict[int, Any]) -> Iterator[bytes]:
        parts = _parts_of(self.connection, [group for group, flow, _ in some if flow != FLOW_WHOLE])
        homes = _homes(self.connection, parts)
        for group, flow, link in some:
            if flow == FLOW_WHOLE:
                yield from self._one(rows[group], flow, link, self._raw_parts(group))
                continue
            chosen = [
                (n, salt, body)
                for n, salt, body, part in parts.get(group, [])
                if goes_to(part.kind, homes.get(part.record), self.plan.scopes)
            ]
            yield from self._one(rows[group], flow, link, chosen)

    def _one(self, row: Any, flow: int, link: int, parts: list[tuple[int, bytes, bytes]]) -> Iterator[bytes]:
        self.groups += 1
        self.parts += len(parts)
        hashes = b""
        if len(parts) < row.parts:
            hashes = bytes(row.hashes) if row.hashes else self._hashes(row.id)
        mac, signature = row.mac and bytes(row.mac), row.signature and bytes(row.signature)
        voucher = self._voucher(row, flow)
        yield from content.group_frames(bytes(row.header), mac, signature, hashes, flow, link, parts, voucher)

    def _voucher(self, row: Any, flow: int) -> bytes | None:
        """Down: our mark on what goes in pieces. Up: the addressee's own, by which it takes back what it has lost."""
        if flow != FLOW_PARTIAL:
            return None
        if self.plan.down:
            return recording.voucher(self.exchange.database.own_secret, bytes(row.hash))
        return row.voucher and bytes(row.voucher)

    def _hashes(self, group: int) -> bytes:
        query = select(Part.number, Part.salt, Part.body, Part.hash).where(Part.group_id == group).order_by(Part.number)
        return b"".join(
            bytes(kept or b"") if body is None else recording.part_hash(bytes(salt or b""), bytes(body))
            for _, salt, body, kept in self.connection.execute(query)
        )
