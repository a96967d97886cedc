"""Taking groups of other nodes: known, early, forked, refused or live; then the rows follow the fold."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from app import progress
from app.errors import Refused
from app.models import bulk, moving, owning, recording, standing
from app.models.base import kinds
from app.models.causality import Dot, covers
from app.models.database import Database, Work, inserted
from app.models.journal import Group, Part, Standing
from app.models.recording import GroupHeader, PartBody
from app.sync import judging
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE, FLOW_WORD, Counts, Incoming
from app.sync.known import Known, Stored
from app.sync.taken_rows import Rows

_TRACE = "记录有被改动的痕迹({0}的第 {1} 条)。没有改动任何数据。请打电话给对方核对。"


_STRIDE = 200


class Merge:
    """One package being taken, inside one unit of work."""

    def __init__(self, work: Work, judge: judging.Judge, package: str | None = None) -> None:
        self.work = work
        self.package = package
        self.database: Database = work.database
        self.connection: Connection = work.connection
        self.judge = judge
        self.counts = Counts()
        self.known = Known(work.database, work.connection)
        self.known.flush = self._flush_parts
        self.rows = Rows(self.known)
        self._new, self._slow = self.rows.new, self.rows.slow
        self._waiting: list[tuple[Incoming, int]] = []
        self._part_rows: list[tuple[Any, ...]] = []
        self._stub_rows: list[tuple[Any, ...]] = []
        self._void_kinds_touched = False
        self._ceased: set[bytes] = set()
        """Records on which a fork has taken away what counted."""
        self._standings_changed = False

    def take(self, groups: Sequence[Incoming]) -> Counts:
        """Take groups in the order given; raises before anything is saved when one is forged."""
        before = self.rows.clashes_of(self.known.prefetch(groups))
        for number, group in enumerate(groups):
            if not number % _STRIDE:
                progress.step("核对和收入事项", number, len(groups))  # a stop undoes the whole package
            self._take_one(group)
        self._retry()
        self._write(before)
        if self._standings_changed:
            # What was void or forked a moment ago may have held up others: once more, for those that wait.
            Merge(self.work, self.judge, self.package).take(())
        return self.counts

    # -- one group -----------------------------------------------------------------------------------------------

    def _take_one(self, group: Incoming) -> None:
        origin = self.known.origin(group.header)
        position = group.header.position
        stored = self.known.stored[origin, position]
        same = next((s for s in stored if s.hash == group.hash), None)
        group.incomplete = group.flow == FLOW_WHOLE and not self._complete(group, same)
        if same is not None:
            if group.voucher is not None or group.signature is not None:
                self._vouch(group, same)
            self._reflow(group, same)
            self._extend(group, same, origin)
            return
        self.judge.demand_vouched(group, rival=bool(stored))
        if group.whole and not self._chained(group, origin, stored):
            self._keep(group, Standing.EARLY)
            self.counts.held += 1
            self._miss(group.header, self.known.reach(origin)[0])
            return
        void = standing.Void(*group.dot, group.hash)
        if void in self.known.voids:
            self._keep(group, Standing.VOID)
            self.counts.refused += 1
            return
        if any(s.standing != Standing.VOID for s in stored):
            self._fork(group, origin, stored)
            return
        if group.flow == FLOW_WORD:
            self._keep(group, Standing.HELD)
            self.counts.held += 1
            return
        waits = self._blocked(group)
        if waits is not None:
            self._waiting.append((group, self._keep(group, waits)))
            return
        # Only now: what it builds on is here, so its author can be judged by what the author knew.
        if (reason := self.judge.violation(group, self.known)) is not None:
            if not self.judge.may_refuse(group):
                self._waiting.append((group, self._keep(group, Standing.EARLY)))
                return
            self._keep(group, Standing.VOID)
            self._refuse(group, reason)
            return
        self._apply(group, self._keep(group, Standing.LIVE))
        self.counts.accepted += 1

    def _complete(self, group: Incoming, same: Stored | None) -> bool:
        """Whether every part is here, or something that stands for it: withheld on the way up, or blanked by law.

        What is withheld here without need is asked for by itself (app.sync.holes); the chain is whole all the same.
        """
        here = {*group.parts, *group.stubs}
        if same is not None:
            here |= same.numbers | same.stubs.keys()
        return len(here) == group.header.parts

    def _chained(self, group: Incoming, origin: int, stored: list[Stored]) -> bool:
        """Whether a group of a whole journal stands where it must; False when one before it is missing."""
        reach, digest = self.known.reach(origin)
        header = group.header
        if header.position <= reach:
            if not stored:
                raise Refused(_TRACE.format(header.name, header.position))
            return True
        if header.position > reach + 1:
            return False
        if header.prev != digest and header.prev not in self.known.branches(origin, reach):
            raise Refused(_TRACE.format(header.name, header.position))
        return True

    def _vouch(self, group: Incoming, same: Stored) -> None:
        """A group that was here before: keep the parent's mark, or the author's word, that it brings now."""
        with self.database.door(self.connection):
            if self.judge.from_above and group.voucher is not None:
                self.connection.execute(update(Group).where(Group.id == same.id).values(voucher=group.voucher))
            if group.signature is not None and not same.signed and self.judge.demand_signed(group):
                values = {"signature": group.signature} | ({"hashes": group.hashes} if group.hashes else {})
                self.connection.execute(update(Group).where(Group.id == same.id).values(**values))
                same.signed = True

    def _reflow(self, group: Incoming, same: Stored) -> None:
        """A group we know comes another way: whole at last, or with the sender's word that it does not count, or does."""
        if same.flow in (group.flow, FLOW_WHOLE) or group.incomplete:
            return
        with self.database.door(self.connection):
            self.connection.execute(update(Group).where(Group.id == same.id).values(flow=group.flow))
        same.flow = group.flow
        if group.flow == FLOW_WORD and same.standing == Standing.LIVE:
            same.standing = Standing.HELD.value
            standing.set_standing(self.database, self.connection, [same.id], Standing.HELD)
            self._rearrive(same.id)
            self._flush_parts()
            self.known.dead.add(Dot(self.known.origin(group.header), group.header.position))
            self._ceased |= standing.records_of(self.connection, [same.id])
            self._slow |= self._ceased

    def _extend(self, group: Incoming, same: Stored, origin: int) -> None:
        """A group we know: new only where it brings parts that were not in our scope, or fills a gap."""
        fresh = {n: item for n, item in group.parts.items() if n not in same.numbers}
        if fresh and same.standing == Standing.LIVE:
            late = Incoming(
                group.header,
                group.header_bytes,
                group.hash,
                group.mac,
                group.signature,
                group.hashes,
                fresh,
                group.flow,
                incomplete=group.incomplete,
            )
            blocked = self._blocked(late)
            reason = self.judge.violation(late, self.known) if blocked is None else None
            if reason is not None and not self.judge.may_refuse(group):
                self.counts.known += 1  # what it brings more is left aside
                return
            self._fill(late, same)
            self._rearrive(same.id)
            if reason is not None:
                # What was kept back at first is judged like the rest: the group goes as a whole.
                self._refuse(group, reason)
                return
            if blocked is None:
                self._apply(late, same.id)
            else:
                self._slow.update(part.record for _, _, part in fresh.values())
            self.counts.accepted += 1
        else:
            if fresh:
                self._fill(group, same, only=set(fresh))
            self.counts.known += 1
        if group.whole:
            self._advance(origin, group.header.position, group.header.prev, group.hash)

    def _fill(self, group: Incoming, same: Stored, only: set[int] | None = None) -> None:
        """Put parts that come now into a group that is here, in the place of what stood for them."""
        numbers = set(group.parts) if only is None else only
        for number in numbers & same.stubs.keys():
            del same.stubs[number]
            with self.database.door(self.connection):
                self.connection.execute(delete(Part).where(Part.group_id == same.id, Part.number == number))
        self._store_parts(group, same.id, only=numbers)
        same.numbers |= numbers

    def _blocked(self, group: Incoming) -> Standing | None:
        """EARLY when something the author had seen is not here, HELD when it does not count here."""
        answer: Standing | None = None
        if not self.judge.knows(group):
            return Standing.EARLY
        together = {part.record for _, _, part in group.parts.values()}
        for _, _, part in group.parts.values():
            state = self.known.states.get(part.record)
            if part.context:
                vector = self.database.vector_of(self.connection, part.context)
                if any(self.known.is_dead(Dot(o, p), part.record) for o, p in vector.items()):
                    return Standing.HELD
                if state is None or not self.known.has_seen(part.record, vector):
                    answer = Standing.EARLY
            elif (
                (parent := self._parent(part)) is not None and parent not in together and not self.known.exists(parent)
            ):
                answer = Standing.HELD
        return answer

    def _parent(self, part: PartBody) -> bytes | None:
        cls = kinds().get(part.kind)
        if cls is None or not cls.part_of:
            return None
        value = part.fields.get(cls.part_of)
        return value if isinstance(value, bytes) and len(value) == recording.SALT else None

    def _fork(self, group: Incoming, origin: int, stored: list[Stored]) -> None:
        """Two different groups under one dot: both kept, neither counts until the common parent has decided."""
        self._rearrive(self._keep(group, Standing.FORKED))
        self.counts.held += 1
        rivals = [s for s in stored if s.standing != Standing.VOID]
        for rival in rivals:
            if rival.standing != Standing.FORKED:
                rival.standing = Standing.FORKED.value
                self._rearrive(rival.id)
        ids = [s.id for s in rivals]
        standing.set_standing(self.database, self.connection, ids, Standing.FORKED)
        waited = [other for other, group_id in self._waiting if group_id in ids]
        self.counts.held += len(waited)
        self._waiting = [pair for pair in self._waiting if pair[1] not in ids]
        self.known.dead.add(Dot(origin, group.header.position))
        self._flush_parts()
        self._ceased |= standing.records_of(self.connection, ids)
        self._slow |= self._ceased

    def _keep(self, group: Incoming, how: Standing) -> int:
        header = group.header
        origin = self.known.origin(header)
        missing = len(group.parts) < header.parts
        signature = group.signature
        if signature is None and not group.whole and self.judge.is_own(header.node):
            # Ours, come back in pieces (its mark has been checked): no seal can reach it any more, so our word must.
            signature = self.database.sign(group.hash)
        row = insert(Group).values(
            origin=origin,
            position=header.position,
            stamp=header.stamp,
            name=header.name,
            header=group.header_bytes,
            hash=group.hash,
            mac=group.mac,
            signature=signature,
            parts=header.parts,
            hashes=group.hashes if missing or signature else None,
            standing=how.value,
            flow=FLOW_PARTIAL if group.incomplete else group.flow,
            voucher=group.voucher if self.judge.from_above else None,
            package=self.package,
            arrived=self.database.arrive(self.work) if how is Standing.LIVE else 0,
        )
        with self.database.door(self.connection):
            group_id = inserted(self.connection.execute(row))
        flow = FLOW_PARTIAL if group.incomplete else group.flow
        kept = Stored(group_id, group.hash, how.value, set(group.parts), header.parts, flow, signature is not None)
        kept.stubs.update(group.stubs)
        self.known.stored[origin, header.position].append(kept)
        self._store_parts(group, group_id)
        if how is not Standing.LIVE:
            self.known.dead.add(Dot(origin, header.position))
        if group.whole:
            self._advance(origin, header.position, header.prev, group.hash)
        return group_id

    def _store_parts(self, group: Incoming, group_id: int, only: set[int] | None = None) -> None:
        self._part_rows += [
            (group_id, number, part.record, salt, body)
            for number, (salt, body, part) in group.parts.items()
            if only is None or number in only
        ]
        if only is None:
            self._stub_rows += [
                (group_id, number, record, group.hash_of(number), stop)
                for number, (record, stop) in group.stubs.items()
            ]

    def _advance(self, origin: int, position: int, prev: bytes, digest: bytes) -> None:
        """Move the unbroken reach of an origin over this group and whatever already waits behind it."""
        reach, held = self.known.reach(origin)
        if position != reach + 1 or (reach and prev != held and prev not in self.known.branches(origin, reach)):
            return
        self.known.reaches[origin] = (position, digest)

    def _miss(self, header: GroupHeader, reach: int) -> None:
        name = f"{reach + 1}-{header.position - 1}" if header.position - 1 > reach + 1 else f"{header.position - 1}"
        if name not in self.counts.missing:
            self.counts.missing.append(name)

    # -- effects -------------------------------------------------------------------------------------------------

    def _apply(self, group: Incoming, group_id: int) -> None:
        header = group.header
        dot = Dot(self.known.origin(header), header.position)
        self.judge.heard(group)
        for _, _, part in group.parts.values():
            state = self.known.state(part.record)
            context = self.database.vector_of(self.connection, part.context)
            self.known.kind[part.record] = part.kind
            if part.kind in ("refusal", "replacement") or "last_position" in part.fields:
                self._void_kinds_touched = True
            self._remember_home(part)
            if part.context and not part.fields.keys().isdisjoint(moving.places_in(part.kind)):
                self._flush_parts()
                moving.note(self.database, self.connection, group_id, [part])
            if state.vector == context or (state.base == dot and state.vector == {dot.origin: dot.position}):
                if not state.vector:
                    self._new.add(part.record)
                state.write_here(dot, part.fields)
                self.rows.follow(part)
            else:
                self._slow.add(part.record)
                state.vector[dot.origin] = max(state.vector.get(dot.origin, 0), dot.position)

        for record, _ in group.stubs.values():
            known = self.known.states.get(record)
            if known is None or not covers(known.vector, dot):
                self._slow.add(record)
                if known is not None:
                    known.vector[dot.origin] = max(known.vector.get(dot.origin, 0), dot.position)

    def _remember_home(self, part: PartBody) -> None:
        home = part.fields.get("home")
        if isinstance(home, str):
            self.known.homes[part.record] = home

    def _retry(self) -> None:
        """Let in what waited, in this package or from earlier ones, until nothing more can."""
        self._flush_parts()
        mine = {group_id for _, group_id in self._waiting}
        waiting = [*self.known.waiting(mine), *self._waiting]
        fresh = {id(group) for group, _ in self._waiting}
        progress = True
        while progress and waiting:
            progress = False
            still = []
            for group, group_id in waiting:
                origin = self.known.origin(group.header)
                gap = group.whole and group.header.position > self.known.reach(origin)[0] + 1
                if not gap and group.whole:
                    self._advance(origin, group.header.position, group.header.prev, group.hash)
                dot = Dot(origin, group.header.position)
                self.known.dead.discard(dot)
                blocked = Standing.EARLY if gap else self._blocked(group)
                reason, forged = None, False
                if blocked is None:
                    reason, forged = self._judged_late(group, fresh=id(group) in fresh)
                if forged or (reason is not None and not self.judge.may_refuse(group)):
                    blocked, reason = Standing.EARLY, None
                if reason is not None:
                    self._refuse_late(group, group_id, reason, fresh=id(group) in fresh)
                    self.known.dead.add(dot)
                    progress = True
                    continue
                if blocked is not None:
                    self.known.dead.add(dot)
                    still.append((group, group_id))
                    continue
                progress = True
                standing.set_standing(self.database, self.connection, [group_id], Standing.LIVE)
                self._rearrive(group_id)
                self._restand(origin, group, Standing.LIVE)
                self._apply(group, group_id)
                if id(group) in fresh:
                    self.counts.accepted += 1
            waiting = still
        for group, group_id in waiting:
            how = self._blocked(group) or Standing.EARLY
            standing.set_standing(self.database, self.connection, [group_id], how)
            if id(group) in fresh:
                self.counts.held += 1

    def _judged_late(self, group: Incoming, *, fresh: bool) -> tuple[str | None, bool]:
        """(reason to refuse, whether it is forged): a forgery that has waited here must not stop a later package."""
        try:
            return self.judge.violation(group, self.known), False
        except Refused:
            if fresh:
                raise
            return None, True

    def _refuse_late(self, group: Incoming, group_id: int, reason: str, *, fresh: bool) -> None:
        standing.set_standing(self.database, self.connection, [group_id], Standing.VOID)
        self._refuse(group, reason, counted=fresh)

    def _refuse(self, group: Incoming, reason: str, *, counted: bool = True) -> None:
        self.judge.refuse(self.work, group, reason)
        self.known.voids.add(standing.Void(*group.dot, group.hash))
        self._void_kinds_touched = True
        if counted:
            self.counts.refused += 1
            self.counts.refusals.append(reason)

    def _rearrive(self, group_id: int) -> None:
        """What counts only now, or is more than before, goes down the links once more."""
        arrived = self.database.arrive(self.work)
        with self.database.door(self.connection):
            self.connection.execute(update(Group).where(Group.id == group_id).values(arrived=arrived))

    def _restand(self, origin: int, group: Incoming, how: Standing) -> None:
        for stored in self.known.stored[origin, group.header.position]:
            if stored.hash == group.hash:
                stored.standing = how.value

    # -- saving --------------------------------------------------------------------------------------------------

    def _flush_parts(self) -> None:
        with self.database.door(self.connection):
            for some in bulk.chunks(self._part_rows):
                bulk.insert_many(
                    self.connection, "journal_part", ("group_id", "number", "record", "salt", "body"), some
                )
            for some in bulk.chunks(self._stub_rows):
                bulk.insert_many(
                    self.connection, "journal_part", ("group_id", "number", "record", "hash", "stop"), some
                )
        self._part_rows, self._stub_rows = [], []

    def _write(self, clashes_before: int) -> None:
        self._flush_parts()
        with self.database.door(self.connection):
            mark = "?" if self.connection.dialect.name == "sqlite" else "%s"
            self.connection.exec_driver_sql(
                f"UPDATE origin SET held_to = {mark}, held_hash = {mark} WHERE id = {mark}",
                [(position, digest, origin) for origin, (position, digest) in self.known.reaches.items()],
            ) if self.known.reaches else None
        touched: dict[str, list[str]] = defaultdict(list)
        self.rows.write(touched)
        by_rows = {kind: {bytes.fromhex(i) for i in ids} for kind, ids in touched.items()}
        # A new part brings a deleted record back, also where the part itself came the quick way.
        slow = self._slow | owning.unsettled(self.connection, owning.owners_of(self.connection, by_rows))
        if slow:
            _join(touched, standing.refold(self.database, self.connection, slow))
        if self._void_kinds_touched or self.counts.refused or self._ceased:
            self.work.session.flush()  # refusals made here must be seen by the query for voids
            again = standing.apply_voids(self.database, self.connection, self._ceased)
            self._standings_changed = bool(again)
            if again:
                _join(touched, standing.refold(self.database, self.connection, again))
        records = {bytes.fromhex(i) for ids in touched.values() for i in ids}
        self.counts.conflicts = max(0, self.rows.clashes_of(records | set(self.known.states)) - clashes_before)
        self.counts.new = len(self._new)
        self.counts.changed = len(records - self._new)
        self.work.merged.update((kind, i) for kind, ids in touched.items() for i in ids)


def _join(into: dict[str, list[str]], more: dict[str, list[str]]) -> None:
    for kind, ids in more.items():
        into[kind] = [*into.get(kind, []), *ids]
