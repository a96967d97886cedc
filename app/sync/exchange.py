"""What both directions of the exchange share: this unit's keys, its neighbours, receipts and reach."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, insert, select, update

from app import clock
from app.errors import Refused
from app.models import Group, Local, Node, Origin, fold, receipts, recording
from app.models.database import Database
from app.models.journal import Peer, Receipt
from app.models.sealing import NodeKeys, sign
from app.sync.content import Reach, ReceiptFrame, Twins
from app.sync.groups import FLOW_PARTIAL

RECEIPT_PURPOSE: Final = "receipt"


@dataclass(frozen=True)
class Unit:
    """A node record, as the exchange needs it."""

    id: str
    name: str
    level: str
    parent: str | None
    scopes: tuple[str, ...]
    sign_key: bytes | None
    seal_key: str | None
    status: str
    former: tuple[str, ...]


class Exchange:
    """An open store, as seen from the exchange."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        with database.read() as session:
            self.local = session.scalars(select(Local)).one()
            session.expunge(self.local)
            self.units = units(session.connection())
        self.keys = NodeKeys.from_bytes(self.local.keys)

    @property
    def own(self) -> Unit:
        """The unit at whose desk we sit."""
        return self.units[self.local.node]

    def neighbour(self, name: str) -> Unit:
        """A neighbour by id, by the word `parent`, or by its name."""
        if name == "parent":
            if self.local.parent is None or self.local.parent not in self.units:
                raise Refused("本单位还没有上级。请先用上级给的开通文件加入。")
            return self.units[self.local.parent]
        found = [u for u in self.units.values() if name in (u.id, u.name)]
        near = [u for u in found if u.id == self.local.parent or u.parent == self.local.node]
        if not near:
            raise Refused(f"没有这个上级或下级单位: {name}。请核对单位编号。")
        return near[0]

    def was_own(self, node: str) -> bool:
        """Whether a unit whose whole journal is here is this one, under the id it had before it joined its parent.

        Until the parent has signed that, its old record tells: it has no parent, as otherwise only the top has none.
        """
        if node in self.above() or node == self.local.node:
            return False
        if any(node in unit.former for unit in self.units.values()):
            return node in self.own.former
        unit = self.units.get(node)
        return unit is None or unit.parent is None

    def above(self) -> set[str]:
        """The parent and all units above it."""
        out: set[str] = set()
        one = self.local.parent
        while one is not None and one not in out:
            out.add(one)
            one = self.units[one].parent if one in self.units else None
        return out

    def subtree(self, node: str) -> set[str]:
        """A unit and everything below it, by every id they have had."""
        children: dict[str, list[str]] = defaultdict(list)
        for unit in self.units.values():
            if unit.parent is not None:
                children[unit.parent].append(unit.id)
        out: set[str] = set()
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one in out:
                continue
            out.add(one)
            waiting += children[one]
            if one in self.units:
                waiting += self.units[one].former
        return out


def units(connection: Connection) -> dict[str, Unit]:
    """Every unit known here."""
    table = Node.__table__
    out = {}
    for row in connection.execute(select(table)).mappings():
        out[row["id"]] = Unit(
            row["id"],
            row["name"] or "",
            row["level"] or "village",
            row["parent"],
            tuple(c for c in (row["scopes"] or "").split(",") if c),
            bytes(row["sign_key"]) if row["sign_key"] else None,
            row["seal_key"],
            row["status"] or "",
            tuple(c for c in (row["former"] or "").split(",") if c),
        )
    return out


def peer_of(connection: Connection, database: Database, node: str) -> Peer:
    """What is known of the exchange with a neighbour; begun when new."""
    del database
    found = connection.execute(select(Peer.__table__).where(Peer.node == node)).mappings().one_or_none()
    if found is None:
        connection.execute(
            insert(Peer).values(
                node=node,
                holds=b"",
                seen=b"",
                sent=b"",
                wants=b"",
                health=b"",
                package_number=0,
                scanned=0,
                link=0,
                link_sent=0,
                link_receipted=0,
                snapshots=b"",
                loaded=0,
                links=b"",
                given=b"",
                introduced=False,
                last_seen=0,
            )
        )
        found = connection.execute(select(Peer.__table__).where(Peer.node == node)).mappings().one()
    return Peer(**found)


def save_peer(connection: Connection, peer: Peer, **values: object) -> None:
    """Remember something of a neighbour."""
    connection.execute(update(Peer).where(Peer.node == peer.node).values(**values))
    for name, value in values.items():
        setattr(peer, name, value)


def reach_of(connection: Connection) -> tuple[Reach, Reach]:
    """(held whole, seen at all) for every origin."""
    holds: Reach = {}
    seen: Reach = {}
    highest = {
        row[0]: row[1]
        for row in connection.execute(select(Group.origin, func.max(Group.position)).group_by(Group.origin))
    }
    for row in connection.execute(select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to)):
        key = (row.node, row.incarnation)
        if row.held_to:
            holds[key] = row.held_to
        if row.id in highest:
            seen[key] = highest[row.id]
    for (given,) in connection.execute(select(Peer.given)):
        for key, position in unpack(given or b"").items():
            seen[key] = max(seen.get(key, 0), position)
    return holds, seen


def heads_of(connection: Connection) -> Twins:
    """The highest group of every origin, and the last one of its unbroken journal, by their hashes."""
    highest = select(Group.origin, func.max(Group.position).label("position")).group_by(Group.origin).subquery()
    query = (
        select(Origin.node, Origin.incarnation, Group.position, Group.hash)
        .join(Origin, Origin.id == Group.origin)
        .join(highest, highest.c.origin == Group.origin)
        .where((Group.position == highest.c.position) | (Group.position == Origin.held_to))
    )
    return {(node, inc, position, bytes(digest)) for node, inc, position, digest in connection.execute(query)}


def loose_of(connection: Connection, nodes: set[str]) -> Twins:
    """Groups of these units that lie here beyond the unbroken reach of their journals."""
    query = (
        select(Origin.node, Origin.incarnation, Group.position, Group.hash)
        .join(Origin, Origin.id == Group.origin)
        .where(Group.position > Origin.held_to)
    )
    found = connection.execute(query)
    return {(node, inc, position, bytes(digest)) for node, inc, position, digest in found if node in nodes}


def unsigned_of(connection: Connection, nodes: set[str]) -> Twins:
    """Groups of these units that came back in pieces, so that no seal reaches them, and bear no signature yet."""
    query = select(Origin.node, Origin.incarnation, Group.position, Group.hash).join(Origin, Origin.id == Group.origin)
    found = connection.execute(query.where(Group.flow == FLOW_PARTIAL, Group.signature.is_(None)))
    return {(node, inc, position, bytes(digest)) for node, inc, position, digest in found if node in nodes}


def twins_of(connection: Connection) -> Twins:
    """All groups that share their dot with another one (a fork), whether or not one of them is void by now."""
    shared = (
        select(Group.origin, Group.position).group_by(Group.origin, Group.position).having(func.count() > 1).subquery()
    )
    query = (
        select(Origin.node, Origin.incarnation, Group.position, Group.hash)
        .join(Origin, Origin.id == Group.origin)
        .join(shared, (shared.c.origin == Group.origin) & (shared.c.position == Group.position))
    )
    return {(node, inc, position, bytes(digest)) for node, inc, position, digest in connection.execute(query)}


def pack(reach: Reach) -> bytes:
    """A reach as a note in the store."""
    return recording.encode_plain(sorted([bytes.fromhex(n), i, p] for (n, i), p in reach.items()))


def unpack(data: bytes) -> Reach:
    """The inverse of `pack`."""
    return {(n.hex(), i): p for n, i, p in recording.decode_plain(data)} if data else {}


def mark_of(connection: Connection, forks: Twins, node: str, incarnation: int, position: int) -> bytes:
    """One hash over what stands at a position of an origin and under every forked dot before it."""
    twins = {t for t in forks if t[:2] == (node, incarnation) and t[2] <= position}
    query = select(Group.hash).join(Origin, Origin.id == Group.origin)
    here = connection.execute(
        query.where(Origin.node == node, Origin.incarnation == incarnation, Group.position == position)
    )
    return hashlib.sha256(b"".join(sorted({t[3] for t in twins} | {bytes(row.hash) for row in here}))).digest()


def own_receipts(exchange: Exchange, connection: Connection, holds: Reach, wanted: set[str]) -> list[ReceiptFrame]:
    """Signed words of this unit for origins of the wanted nodes."""
    moment = clock.now_ms()
    forks = twins_of(connection)
    out = []
    for (node, inc), position in sorted(holds.items()):
        if node not in wanted or node == exchange.local.node:
            continue
        mark = mark_of(connection, forks, node, inc, position)
        blank = ReceiptFrame(exchange.local.node, node, inc, position, moment, mark, b"")
        signature = sign(exchange.keys.sign, RECEIPT_PURPOSE, blank.signed_bytes())
        out.append(replace(blank, signature=signature))
    return out


def relayed_receipts(connection: Connection, wanted: set[str]) -> list[ReceiptFrame]:
    """Words of higher units, passed on as they came."""
    query = select(
        Receipt.node, Origin.node, Origin.incarnation, Receipt.position, Receipt.moment, Receipt.signature
    ).join(Origin, Origin.id == Receipt.origin)
    return [
        ReceiptFrame(
            node, onode, inc, position, moment, bytes(signed)[: recording.HASH], bytes(signed)[recording.HASH :]
        )
        for node, onode, inc, position, moment, signed in connection.execute(query)
        if onode in wanted
    ]


__all__ = ["Exchange", "Unit", "fold", "receipts"]
