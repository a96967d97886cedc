"""Taking back an act by a new act that travels: former values, deletions, reversing rows; never what left the desk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import Refused
from app.models import bulk, causality, fields_of, kinds, receipts, recording, table_of
from app.models.base import Synced
from app.models.causality import Dot, Vector
from app.models.database import Work
from app.models.fold import Folded, Order, Write, fitting, load
from app.models.hardship import Attachment, IssuedDocument
from app.models.journal import Group, Origin, Receipt, Standing
from app.models.recording import GroupHeader
from app.models.visit import RosterLine
from app.services import lookup, rights
from app.services.history import UNDO, Act, Source, act_id, moment, source_of, undoing_acts, undone_acts
from app.services.station import Station

_NEVER: Final = frozenset({"node", "staff", "refusal", "replacement", "handover", "share", "erasure"})
_RIGHTS: Final = {"division": "division", "policy": "policy", "code_list": "policy"}
"""Undoing takes the right that doing took; for kinds not named here it is `write`."""
_PAPERS: Final = frozenset({"roster", "issued_document"})
_PRINTED: Final = frozenset({"name", "id_number", "division"})
"""Fields of a person that stand on rosters and certificates."""
_INSTEAD: Final = "请改用 更正, 划销 或 作废。没有改动任何数据。"
_EDITED: Final = "后来改过"
_STILL_USED: Final = "还有别的记录在用"
_LEFT: Final = "已在打印定稿的表或出具的文书上"
_NO_WAY_BACK: Final = "冲销不能再撤销, 请重新登记"
_CHUNK: Final = 500


@dataclass(frozen=True)
class Kept:
    """What an undo left as it is, and why; `field` is empty for a whole record."""

    kind: str
    record: str
    field: str
    name: str
    reason: str


@dataclass(frozen=True)
class Undone:
    """The new act, what it took back, and what it had to leave."""

    id: str
    act: str
    name: str
    kept: tuple[Kept, ...]


@dataclass
class _Touched:
    """One record of the act: what it knew before and what it wrote."""

    kind: str
    context: Vector
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def created(self) -> bool:
        return not self.context


class Undo:
    """What a person at the desk can take back: own acts of this unit that have not left it."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def undo(self, act: str = "") -> Undone:
        """Take an act back, by default one's own newest. What was edited since stays and is listed.

        Raises Refused for acts of others, acts already undone, and what has left the desk.
        """
        with self.station.db.read() as session:
            wanted = act or self._newest(session)
            _, source = source_of(session, wanted)
        with self.station.db.work(UNDO + source.header.name) as work:
            plan = _Plan(self.station, work, wanted)
            plan.check()
            plan.decide()
            plan.apply()
            work.meta["undo"] = wanted
            work.session.flush()
            kept = tuple(plan.kept_named())
        return Undone(work.act, wanted, source.header.name, kept)

    def newest(self) -> Act | None:
        """One's own newest act that is not taken back yet: what `undo()` would try; None if there is none."""
        with self.station.db.read() as session:
            header = self._own_newest(session)
        if header is None:
            return None
        return Act(act_id(header), header.name, header.staff_name, moment(header.stamp), header.node, undone=False)

    def _newest(self, session: Session) -> str:
        if (header := self._own_newest(session)) is None:
            raise Refused("没有可以撤销的事项。")
        return act_id(header)

    def _own_newest(self, session: Session) -> GroupHeader | None:
        gone = undone_acts(session)
        query = (
            select(Group.header)
            .join(Origin, Origin.id == Group.origin)
            .where(Origin.node == self.station.place.node, Group.standing == Standing.LIVE)
            .order_by(Group.stamp.desc())
        )
        for raw in session.scalars(query):
            header = GroupHeader.decoded(bytes(raw))
            if header.staff == self.station.actor.staff and "undo" not in header.meta and act_id(header) not in gone:
                return header
        return None


def undo(station: Station, act: str) -> Undone:
    """`Undo.undo` as a job for the worker process: taking an import back takes a while."""
    return Undo(station).undo(act)


def take_back(station: Station, work: Work, act: str) -> tuple[Kept, ...]:
    """Take an act back inside another one, whoever did it and wherever it has gone; what was edited since stays.

    For acts that have a correction of their own (误报去世). Raises Refused if nothing is left to take back.
    """
    plan = _Plan(station, work, act)
    plan.decide()
    plan.apply()
    work.session.flush()
    return tuple(plan.kept_named())


class _Plan:
    """Works out and writes one undo inside its unit of work."""

    def __init__(self, station: Station, work: Work, act: str) -> None:
        self.station = station
        self.work = work
        self.session = work.session
        self.group, self.source = source_of(work.session, act)
        self.touched = self._read()
        self.idle: frozenset[str] = frozenset()
        self.kept: dict[tuple[str, str], str] = {}
        """(record, field or empty) -> reason."""
        self.doomed: list[str] = []
        self.reversed: list[str] = []
        self.former: dict[str, dict[str, Any]] = {}

    def _read(self) -> dict[str, _Touched]:
        out: dict[str, _Touched] = {}
        sql = "SELECT record, body FROM journal_part WHERE group_id IN ({}) ORDER BY number"
        for record, body in bulk.select_in(self.work.connection, sql, [self.group]):
            if body is None:
                raise Refused("这一步里有依法清除的内容, 不能撤销。没有改动任何数据。")
            part = recording.decode_part(bytes(body))
            context = self.station.db.vector_of(self.work.connection, part.context)
            out.setdefault(bytes(record).hex(), _Touched(part.kind, context)).fields.update(part.fields)
        return out

    def check(self) -> None:
        """Refuse whole acts that may not be taken back at all."""
        header, act = self.source.header, self.source.act
        if header.node != self.station.place.node or header.staff != self.station.actor.staff:
            raise Refused(
                f"“{header.name}”是 {header.staff_name or '其他单位'} 做的, 只能撤销自己做的事项。没有改动任何数据。"
            )
        if act in undone_acts(self.session):
            raise Refused(f"“{header.name}”已经撤销过。没有改动任何数据。")
        touched_kinds = {one.kind for one in self.touched.values()}
        moved = any("home" in one.fields and not one.created for one in self.touched.values())
        if moved or touched_kinds & _NEVER or not touched_kinds <= kinds().keys():
            raise Refused(f"“{header.name}”不能撤销。没有改动任何数据。")
        for right in sorted({_RIGHTS.get(kind, "write") for kind in touched_kinds}):
            rights.demand(self.station, right)
        if self._receipted(self.source):
            raise Refused(f"“{header.name}”上级已收, 不能撤销。{_INSTEAD}")
        if touched_kinds & _PAPERS or self._frozen_lines():
            raise Refused(f"“{header.name}”已经打印定稿, 不能撤销。{_INSTEAD}")

    def _receipted(self, source: Source) -> bool:
        above = [node for node, _ in receipts.ancestors(self.work.connection, self.station.place.parent)]
        query = select(Receipt.node).where(
            Receipt.origin == source.dot.origin, Receipt.position >= source.dot.position, Receipt.node.in_(above)
        )
        return self.session.execute(query).first() is not None

    def _frozen_lines(self) -> bool:
        lines = [record for record, one in self.touched.items() if one.kind == "roster_line"]
        return bool(set(self._referring(RosterLine.id, lines, RosterLine.roster.is_not(None))))

    def decide(self) -> None:
        """Sort every record of the act: delete, reverse, write back, or keep."""
        order = Order(self.station.db, self.work.connection)
        _, self.idle = undoing_acts(self.session)
        for key, folded in load(self.station.db, self.work.connection, [bytes.fromhex(r) for r in self.touched]):
            record, one = key.hex(), self.touched[key.hex()]
            if not one.created:
                self._decide_fields(record, one, folded, order)
            elif kinds()[one.kind].appended:
                self.reversed.append(record)
            elif self._edited(one, folded):
                self.kept[record, ""] = _EDITED
            else:
                self.doomed.append(record)
        self._keep_used()
        self._keep_printed()
        self._keep_followed()

    def _edited(self, one: _Touched, folded: Folded, name: str = "") -> bool:
        """Whether anybody wrote the record (or one field) without or after the act, but for acts that were undone."""
        own = self.source.dot
        later = (w for w in folded.writes.values() if w.dot != own and not causality.covers(one.context, w.dot))
        return any(self._name(w.dot) not in self.idle for w in later if not name or name in w.fields)

    def _name(self, dot: Dot) -> str:
        node, incarnation = self.station.db.origin_key(self.work.connection, dot.origin)
        return f"{node}-{incarnation}-{dot.position}"

    def _decide_fields(self, record: str, one: _Touched, folded: Folded, order: Order) -> None:
        for name in one.fields:
            if self._edited(one, folded, name):
                self.kept[record, name] = _EDITED
                continue
            if name not in fields_of(one.kind):
                continue  # 上级新增项目: this version has no column for it
            before = [w for w in folded.writes.values() if name in w.fields and causality.covers(one.context, w.dot)]
            self.former.setdefault(record, {})[name] = _shown(one.kind, before, name, order)

    def _keep_used(self) -> None:
        """Created records that others hang on stay; with a kept record, its parts and whatever it refers to."""
        for record, reason in self._used(self.doomed):
            self.kept.setdefault((record, ""), reason)
        doomed = set(self.doomed)
        parts: dict[str, list[str]] = {}
        for record in self.doomed:
            if owner := self._referred(record, kinds()[self.touched[record].kind].part_of):
                parts.setdefault(owner, []).append(record)
        waiting = [record for record, name in self.kept if not name]
        doomed.difference_update(waiting)
        while waiting:
            record = waiting.pop()
            for part in parts.get(record, ()):
                if part in doomed:  # goes without saying: it is not listed
                    doomed.remove(part)
                    waiting.append(part)
            for name in self.touched[record].fields:
                if (other := self._referred(record, name)) in doomed:
                    doomed.remove(other)
                    self.kept[other, ""] = _STILL_USED
                    waiting.append(other)
        self.doomed = [record for record in self.doomed if record in doomed]

    def _referred(self, record: str, name: str) -> str:
        """The record of the act that a field of another one names, or an empty text."""
        one = self.touched[record]
        known = fields_of(one.kind).get(name)
        value = one.fields.get(name) if known is not None and known.editor == "record" else None
        other = value.hex() if isinstance(value, bytes) else ""
        return other if other in self.touched else ""

    def _used(self, records: Sequence[str]) -> Iterator[tuple[str, str]]:
        """(record, reason) for those that records outside the act refer to."""
        of_kind: dict[str, list[str]] = {}
        for record in records:
            of_kind.setdefault(self.touched[record].kind, []).append(record)
        for kind, model in kinds().items():
            table = table_of(kind)
            for name, known in fields_of(kind).items():
                if known.target in of_kind:
                    reason = _LEFT if model is IssuedDocument else f"已有{model.noun}"
                    mine = table.c.id, table.c.deleted.is_(False)
                    for target in self._referring(table.c[name], of_kind[known.target], mine[1], but=mine[0]):
                        yield target, reason
        for target in self._referring(Attachment.subject, records, Attachment.deleted.is_(False), but=Attachment.id):
            yield target, "已有附件"
        nouns = {model.__tablename__: noun for noun, model in lookup.NOUNS.items()}  # type: ignore[attr-defined]  # every synced class maps a table
        subjects = {f"{nouns.get(self.touched[r].kind, self.touched[r].kind)}:{r}": r for r in records}
        for target in self._referring(IssuedDocument.subject, list(subjects), IssuedDocument.status != "void"):
            yield subjects[target], _LEFT

    def _referring(self, column: Any, targets: Sequence[str], *conditions: Any, but: Any = None) -> Iterator[str]:
        """Values of a column that name one of the targets, in rows the act did not make."""
        for some in bulk.chunks(list(targets), _CHUNK):
            columns = [column] if but is None else [column, but]
            for row in self.session.execute(select(*columns).where(column.in_(some), *conditions)):
                if but is None or row[1] not in self.touched:
                    yield row[0]

    def _keep_printed(self) -> None:
        """Names, numbers and places that stand on a frozen roster or an issued paper are corrected, not undone."""
        persons = [r for r, some in self.former.items() if self.touched[r].kind == "person" and some.keys() & _PRINTED]
        printed = {
            *self._referring(RosterLine.person, persons, RosterLine.roster.is_not(None), RosterLine.deleted.is_(False)),
            *self._referring(IssuedDocument.person, persons, IssuedDocument.status != "void"),
        }
        for record in printed:
            for name in self.former[record].keys() & _PRINTED:
                del self.former[record][name]
                self.kept[record, name] = _LEFT

    def _keep_followed(self) -> None:
        """An appended row is reversed while no row that counts follows it; a reversal itself has no way back."""
        kept: dict[str, str] = {}
        for record in self.reversed:
            one = self.touched[record]
            table = table_of(one.kind)
            following = table.c.follows if "follows" in table.c else None
            if "reverses" not in table.c or following is None or one.fields.get("reverses") is not None:
                kept[record] = _NO_WAY_BACK
                continue
            query = select(table.c.id).where((following == record) | (table.c.reverses == record))
            if self.session.execute(query).first() is not None:
                kept[record] = _EDITED
        self.kept.update({(record, ""): reason for record, reason in kept.items()})
        self.reversed = [record for record in self.reversed if record not in kept]

    def apply(self) -> None:
        """Write it. Refused if nothing is left to write."""
        changes = sum(map(len, self.former.values()))
        if not (self.doomed or self.reversed or changes):
            reasons = "、".join(sorted(set(self.kept.values()))) or "没有内容"
            raise Refused(f"“{self.source.header.name}”不能撤销: {reasons}。{_INSTEAD}")
        for record in self._rows(self.doomed):
            self.work.delete(record)
        for record in self._rows([r for r, some in self.former.items() if some]):
            for name, value in self.former[record.id].items():
                if getattr(record, name) != value:
                    setattr(record, name, value)
        for record in self._rows(self.reversed):
            self.session.add(self._reversal(record))

    def _rows(self, ids: Iterable[str]) -> Iterator[Synced]:
        of_kind: dict[str, list[str]] = {}
        for record in ids:
            of_kind.setdefault(self.touched[record].kind, []).append(record)
        for kind, some in of_kind.items():
            model = kinds()[kind]
            for part in bulk.chunks(some, _CHUNK):
                yield from list(self.session.scalars(select(model).where(model.id.in_(part))))

    def _reversal(self, record: Any) -> Synced:
        """冲销: the same row once more, naming the one it takes back, money with a minus, by whoever is here today."""
        model = type(record)
        known = fields_of(model.__tablename__)
        copy = {name: getattr(record, name) for name in known if name not in ("deleted", "reverses", "follows")}
        copy |= {"id": clock.new_id(), "reverses": record.id, "follows": record.id}
        copy |= {n: -copy[n] for n, f in known.items() if f.editor == "money" and copy.get(n) is not None}
        own = {"day": clock.today().isoformat(), "by_node": self.station.place.node, "by_name": self.station.actor.name}
        copy |= {name: value for name, value in own.items() if name in known}
        reversal: Synced = model(**copy)
        return reversal

    def kept_named(self) -> Iterator[Kept]:
        """What stays, each with a name a person knows it by."""
        records = list(dict.fromkeys(record for record, _ in self.kept))
        shown = {record.id: str(getattr(record, "name", None) or "") for record in self._rows(records)}
        for (record, name), reason in self.kept.items():
            kind = self.touched[record].kind
            yield Kept(kind, record, name, shown.get(record) or kinds()[kind].noun, reason)


def _shown(kind: str, writes: Sequence[Write], name: str, order: Order) -> Any:
    """The value a field showed when only these writes were known, as the row has it."""
    heads = [w for w in writes if not any(o is not w and causality.covers(o.context, w.dot) for o in writes)]
    if not heads:
        return False if name == "deleted" else None
    value = max(heads, key=lambda write: (write.stamp, order.key(write.dot))).fields[name]
    fitted = fitting(value, fields_of(kind)[name].editor)
    return fitted.hex() if isinstance(fitted, bytes) and fields_of(kind)[name].editor == "record" else fitted


def as_json(done: Undone) -> Mapping[str, Any]:
    """What the terminal prints."""
    kept = [
        {"kind": k.kind, "record": k.record, "field": k.field, "name": k.name, "reason": k.reason} for k in done.kept
    ]
    return {"id": done.id, "act": done.act, "name": done.name, "kept": kept}
