"""What goes down: numbered items in scope, snapshots of what is new there, and what a restored child has lost."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, select

from app import clock
from app.models import Group, Origin, bulk, recording
from app.models.database import Work
from app.models.journal import Baseline, Link, Peer, Standing
from app.sync import content, differing, holes
from app.sync.differing import Item
from app.sync.exchange import Exchange, Unit, save_peer, unpack
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE, FLOW_WORD
from app.sync.packing import BaseItem, parts_of
from app.sync.reach import Audience, Chooser, in_reach, last_departures, records_for

_SNAPSHOTS: Final = 16
_MANY: Final = 2_000
NEVER_HERE: Final = -1
"""No group took it away: nothing of it is given."""


@dataclass
class Going:
    """What a package down holds."""

    groups: list[Item]
    bases: list[BaseItem]
    first_load: bool


class Downward:
    """One child, as what goes down to it is settled."""

    def __init__(self, exchange: Exchange, unit: Unit, peer: Peer, work: Work, audience: Audience) -> None:
        self._database = exchange.database
        self._unit = unit
        self._peer = peer
        self._work = work
        self._connection: Connection = work.connection
        self._audience = audience
        self._below: Collection[str] = audience.nodes

    def going(self) -> Going:
        """Numbered items in scope, give-back of its own journals, and the first load while it has not been taken."""
        peer, work = self._peer, self._work
        bases: list[BaseItem] = []
        first_load = not peer.loaded
        if first_load:
            bases = [BaseItem(record) for record in records_for(self._connection, self._audience)]
            self._begin_link(work.local.arrivals)
            made = [*(recording.decode_plain(bytes(peer.snapshots)) or []), [peer.link, work.local.arrivals]]
            save_peer(self._connection, peer, snapshots=recording.encode_plain(made[-_SNAPSHOTS:]))
        else:
            if not peer.link:
                # A new incarnation: what went down since the backup is not known here, so everything since the child's
                # snapshot is numbered anew; the child takes what it has for known.
                starts = dict(recording.decode_plain(bytes(peer.snapshots)) or [])
                self._begin_link(starts.get(peer.loaded, 0))
            self._number_new()
        groups, more = self._unreceipted()
        whole = [*self._give_back(), *differing.forked(peer, self._connection, self._may_go), *self._filling()]
        return Going([*sorted(dict.fromkeys(whole)), *groups], [*bases, *more], first_load)

    def _begin_link(self, scanned: int) -> None:
        """Number anew what goes down to the child, from a given arrival on."""
        self._connection.execute(delete(Link).where(Link.child == self._peer.node))
        link = clock.new_number()
        save_peer(self._connection, self._peer, link=link, link_sent=0, link_receipted=0, scanned=scanned)

    def _unreceipted(self) -> tuple[list[Item], list[BaseItem]]:
        rows = self._connection.execute(
            select(Link.number, Link.record, Link.group_id, Group.standing, Group.position, Group.hash)
            .add_columns(Origin.node, Origin.incarnation, Baseline.without)
            .outerjoin(Group, Group.id == Link.group_id)
            .outerjoin(Origin, Origin.id == Group.origin)
            .outerjoin(Baseline, Baseline.record == Link.record)
            .where(Link.child == self._unit.id, Link.number > self._peer.link_receipted)
            .order_by(Link.number)
        )
        flows = {Standing.HELD: FLOW_WORD, Standing.VOID: FLOW_WORD}
        groups: list[Item] = []
        bases: dict[bytes, BaseItem] = {}
        for row in rows:
            if row.record is None:
                groups.append((row.group_id, flows.get(row.standing, FLOW_PARTIAL), row.number))
                continue
            record = bytes.fromhex(row.record)
            without = content.read_twins(recording.decode_plain(bytes(row.without)) if row.without else [])
            if row.group_id is not None and row.standing != Standing.LIVE:
                without.add((row.node, row.incarnation, row.position, bytes(row.hash)))
            before = bases.get(record, BaseItem(record))
            bases[record] = BaseItem(record, (*before.numbers, row.number), without=before.without | without)
        return groups, self._as_they_left(bases)

    def _as_they_left(self, bases: dict[bytes, BaseItem]) -> list[BaseItem]:
        """What is out of reach by now goes as it was when it left, or not at all."""
        inside = set(in_reach(self._connection, self._audience, list(bases)))
        left = last_departures(self._connection, self._audience, [record for record in bases if record not in inside])
        return [
            item if record in inside else item._replace(as_of=left.get(record, NEVER_HERE))
            for record, item in bases.items()
        ]

    def _number_new(self) -> None:
        """Give the next numbers to what has arrived here since the last package."""
        peer, connection = self._peer, self._connection
        own = {row.id for row in connection.execute(select(Origin.id, Origin.node)) if row.node in self._below}
        query = select(Group.id, Group.origin, Group.arrived, Group.position, Group.standing)
        query = query.where(Group.arrived > peer.scanned, Group.standing != Standing.EARLY).order_by(Group.arrived)
        fresh = connection.execute(query).all()
        theirs = [row for row in fresh if row.origin not in own]
        sent = {row.group_id for row in connection.execute(select(Link.group_id).where(Link.child == self._unit.id))}
        # What an earlier snapshot may have stood for and does not count any more: its records are given anew.
        ceased = {row.id for row in theirs if row.standing != Standing.LIVE and row.id not in sent}
        going, given = self._in_reach([row.id for row in theirs], ceased)
        # What went down once and does not count any more goes again, as a word that says so.
        going |= sent & {row.id for row in theirs}
        # Of a fork both or neither: who had one twin must learn that there is another, were it only by its header.
        dots = {(row.origin, row.position) for row in fresh if row.id in going}
        going |= {row.id for row in fresh if (row.origin, row.position) in dots}
        items: list[tuple[int, int | None, bytes | None]] = [
            (arrived, None, record) for arrived, record in self._given_to_us()
        ]
        for row in fresh:
            items += [(row.arrived, row.id, record) for record in given.get(row.id, ())]
            items += [(row.arrived, row.id, None)] if row.id in going else []
        items.sort(key=lambda item: item[0])
        child, first = bytes.fromhex(self._unit.id), peer.link_sent + 1
        rows = [(child, number, group, record) for number, (_, group, record) in enumerate(items, first)]
        bulk.insert_many(connection, "link", ("child", "number", "group_id", "record"), rows)
        save_peer(connection, peer, link_sent=peer.link_sent + len(rows), scanned=self._work.local.arrivals)

    def _given_to_us(self) -> list[tuple[int, bytes]]:
        """Snapshots that came down to us since, of records in the child's reach: (arrival, record)."""
        query = select(Baseline.record, Baseline.arrived).where(Baseline.arrived > self._peer.scanned)
        found = {bytes.fromhex(row.record): row.arrived for row in self._connection.execute(query)}
        return [(found[record], record) for record in in_reach(self._connection, self._audience, list(found))]

    def _in_reach(self, groups: list[int], ceased: set[int]) -> tuple[set[int], dict[int, list[bytes]]]:
        """Groups of which some part goes down, and the records to be given as snapshots because of each."""
        going: set[int] = set()
        given: dict[int, list[bytes]] = {}
        for some in bulk.chunks(groups, _MANY):
            parts = parts_of(self._connection, some)
            chooser = Chooser(self._database, self._connection, self._audience, parts)
            for group in parts:
                if chooser.chosen(group):
                    going.add(group)
                if new := chooser.reached(group) if group in ceased else chooser.crossing(group):
                    given[group] = new
        return going, given

    def _give_back(self) -> list[Item]:
        """What a restored child has lost of its own and its children's journals; what is here in pieces goes in pieces."""
        holds, loose = unpack(bytes(self._peer.holds)), differing.loose(self._peer)
        out: list[Item] = []
        for row in self._connection.execute(select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to)):
            if row.node not in self._below:
                continue
            key = (row.node, row.incarnation)
            beyond = select(Group.id, Group.position).where(Group.origin == row.id, Group.position > holds.get(key, 0))
            whole = beyond.where(Group.position <= row.held_to, Group.flow == FLOW_WHOLE)
            out += [(r.id, FLOW_WHOLE, 0) for r in self._connection.execute(whole.order_by(Group.position))]
            pieces = beyond.where(Group.flow == FLOW_PARTIAL)
            if not self._is_author(row.node):
                pieces = pieces.where(Group.signature.is_not(None))
            rest = self._connection.execute(pieces)
            out += [(r.id, FLOW_PARTIAL, 0) for r in rest if r.position not in loose[key]]
        return out

    def _filling(self) -> list[Item]:
        """What the child's journals lack and is here."""
        found = holes.fillers(self._connection, holes.said(self._peer), "", self._may_fill)
        flows = bulk.select_in(self._connection, "SELECT id, flow FROM journal_group WHERE id IN ({})", found)
        return [(group, flow, 0) for group, flow in flows]

    def _may_fill(self, group: int, numbers: Iterable[int]) -> bool:
        columns = select(Group.flow, Group.signature, Origin.node).join(Origin, Origin.id == Group.origin)
        row = self._connection.execute(columns.where(Group.id == group)).one()
        if not self._may_go(row.node, row.flow, row.signature is not None):
            return False
        if row.flow == FLOW_WHOLE:
            return True
        chooser = Chooser(self._database, self._connection, self._audience, parts_of(self._connection, [group]))
        return any(number in numbers for number, _, _ in chooser.chosen(group))

    def _is_author(self, node: str) -> bool:
        """The child knows groups of its own by its mark on them; others' it can believe by their signature only."""
        return node in (self._unit.id, *self._unit.former)

    def _may_go(self, node: str, flow: int, signed: bool) -> bool:  # noqa: FBT001 (differing.MayGo)
        if node not in self._below:
            return False
        return flow == FLOW_WHOLE or (flow == FLOW_PARTIAL and (signed or self._is_author(node)))
