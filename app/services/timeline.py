"""Everything ever done with a person, newest first in plain sentences; and field by field what was changed by whom."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import (
    Attachment,
    Campaign,
    CaseStep,
    HardshipCase,
    IssuedDocument,
    Node,
    Payment,
    Roster,
    RosterLine,
    Visit,
    fields_of,
    kinds,
)
from app.models.journal import Group, Part, Standing
from app.models.recording import GroupHeader
from app.rules import codes, hardship
from app.rules.money import format_grouped
from app.services import divisions, field_values, history, lookup, rights
from app.services.history import Change, History
from app.services.people import person_of
from app.services.station import Station

_LONGEST: Final = 60


@dataclass(frozen=True)
class Event:
    """One line: when (a day, or day and minute), what was done in a sentence, by whom, and where more of it is."""

    when: str
    text: str
    who: str = ""
    page: str = ""
    """Where it is shown; empty where the line says all."""
    about: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangeLine:
    """One field of one act in words, what is sensitive masked unless asked for in full."""

    when: dt.datetime
    who: str
    item: str
    old: str
    new: str
    act: str


class Timeline:
    """Reading what was done with a person; it never writes."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def of(self, person: str) -> list[Event]:
        """The events of a person and of those merged into him, newest first. Refused when there is no such person."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            person_of(session, person)
            ids = sorted(lookup.merged(session, person))
            units = _Units(session, self.station)
            found = [
                *_visits(session, ids), *_money(session, ids), *_cases(session, ids, units), *_papers(session, ids),
                *_files(session, ids), *self._acts(session, ids, units),
            ]  # fmt: skip
        return sorted(found, key=lambda event: event.when, reverse=True)

    def changes(self, person: str, *, full: bool = False) -> list[ChangeLine]:
        """变更记录: every change of the person's fields and of the parts, newest first."""
        found = History(self.station).of("person", person)
        with self.station.db.read() as session:
            units = _Units(session, self.station)
            names = divisions.names_inside(session, self.station.place)
        return [_line(one, units, names, full=full) for one in reversed(found) if not _internal(one.field)]

    def _acts(self, session: Session, ids: Sequence[str], units: "_Units") -> Iterator[Event]:
        """Acts that wrote the person or a part of him, one line each with the fields."""
        gone = history.undone_acts(session)
        acts: dict[str, list[Change]] = {}
        for record in ids:
            for change in History(self.station).of("person", record):
                acts.setdefault(change.act, []).append(change)
        names = dict(_names_of(session, acts))
        for act, changes in acts.items():
            first = changes[0]
            name = names.get(act) or "上级资料中带来"
            said = f"{name}{_fields(changes)}" + ("(已撤销)" if act in gone else "")
            yield Event(f"{first.when:%Y-%m-%d %H:%M}", said, units.signed(first.who, first.node))


class _Units:
    """What units are called; our own goes without saying."""

    def __init__(self, session: Session, station: Station) -> None:
        self._own = station.place.node
        self._names = {node.id: node.name for node in session.scalars(select(Node))}

    def signed(self, who: str, node: str) -> str:
        unit = "" if node == self._own else self._names.get(node) or "其他单位"
        return f"{who}({unit})" if who and unit else who or unit


def _names_of(session: Session, acts: Iterable[str]) -> Iterator[tuple[str, str]]:
    wanted = set(acts)
    stamps = {act: history.read_act(act) for act in wanted}
    positions = {position for _, _, position in stamps.values()}
    query = select(Group.header).where(Group.position.in_(sorted(positions)), Group.standing == Standing.LIVE)
    for raw in session.scalars(query):
        header = GroupHeader.decoded(bytes(raw))
        if (act := history.act_id(header)) in wanted:
            yield act, header.name


def _fields(changes: Sequence[Change]) -> str:
    """Which fields an act changed, for acts that changed some of a record that was there."""
    if any(change.field == "name" and change.old is None for change in changes):
        return ""  # the person was made by this act: everything is new
    if all("." in change.field and change.old is None for change in changes):
        return ""  # a part was made, and the act says which
    items = list(dict.fromkeys(_item(change.field) for change in changes if not change.field.endswith("deleted")))
    more = f"等 {len(items)} 项" if len(items) > 6 else ""
    return f": {'、'.join(items[:6])}{more}" if items else ""


def _internal(name: str) -> bool:
    """Whether a field only ties records together."""
    kind, _, column = name.rpartition(".")
    known = fields_of(kind or "person").get(column) if (kind or "person") in kinds() else None
    return known is not None and known.internal and column != "deleted"


def _item(name: str) -> str:
    kind, dot, column = name.rpartition(".")
    known = fields_of(kind or "person").get(column) if (kind or "person") in kinds() else None
    label = known.label if known is not None else column
    return f"{kinds()[kind].noun}·{label}" if dot and kind in kinds() else label


def _line(change: Change, units: _Units, places: Mapping[str, str], *, full: bool) -> ChangeLine:
    kind, _, column = change.field.rpartition(".")
    known = fields_of(kind or "person").get(column) if (kind or "person") in kinds() else None

    def word(value: Any) -> str:
        if known is None:
            return "" if value is None else str(value)
        if column == "deleted":
            return "" if value is None else "已删去" if value else "在用"
        if known.editor == "division" and value:
            return places.get(value) or divisions.national().get(value, value)
        if known.editor == "record":
            return "" if value is None else "(另一条记录)"
        if known.editor == "money" and isinstance(value, str):
            return field_values.HIDDEN if known.sensitive and not full else value
        return field_values.shown(known, value, full=full)

    who = units.signed(change.who, change.node)
    item = "移入回收站" if column == "deleted" and not kind else _item(change.field)
    return ChangeLine(change.when, who, item, word(change.old), word(change.new), change.act)


def _short(text: str | None) -> str:
    plain = " ".join((text or "").split())
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"


def _joined(*pieces: str) -> str:
    return ", ".join(piece for piece in pieces if piece)


def _visits(session: Session, ids: Sequence[str]) -> Iterator[Event]:
    for visit in session.scalars(select(Visit).where(Visit.person.in_(ids), ~Visit.deleted)):
        why = codes.label("visit_trigger", visit.trigger)
        said = _joined(_short(visit.place), _short(visit.note), f"诉求: {_short(visit.wishes)}" if visit.wishes else "")
        text = f"走访{f'({why})' if why else ''}{f': {said}' if said else ''}"
        yield Event(visit.date, text, _short(visit.companions), "visit_form", visit.person, {"visit": visit.id})


def _money(session: Session, ids: Sequence[str]) -> Iterator[Event]:
    query = (
        select(Payment, Campaign.name)
        .outerjoin(Campaign, Campaign.id == Payment.campaign)
        .where(Payment.person.in_(ids), ~Payment.deleted)
    )
    for paid, name in session.execute(query):
        state = codes.label("payment_result", paid.result)
        state = f"冲销 {state}" if paid.reverses else state
        text = f"{state} {format_grouped(paid.amount)} 元({name or '慰问'})"
        reason = f": {_short(paid.reason)}" if paid.reason else ""
        yield Event(paid.day, text + reason, page="round" if name else "", about=paid.campaign)
    lines = (
        select(RosterLine.amount, Roster.number, Roster.printed, Campaign.name, Campaign.id)
        .join(Roster, Roster.id == RosterLine.roster)
        .join(Campaign, Campaign.id == RosterLine.campaign)
        .where(RosterLine.person.in_(ids), ~RosterLine.deleted, ~Roster.deleted, Roster.status != "void")
    )
    for amount, number, day, name, round_id in session.execute(lines):
        yield Event(day, f"列入签领表 {number}({name}), 应发 {format_grouped(amount)} 元", page="round", about=round_id)


def _cases(session: Session, ids: Sequence[str], units: _Units) -> Iterator[Event]:
    cases = list(session.scalars(select(HardshipCase).where(HardshipCase.person.in_(ids), ~HardshipCase.deleted)))
    for case in cases:
        kind = codes.label("hardship_kind", case.kind)
        asked = f"申请 {format_grouped(case.amount)} 元" if case.amount is not None else ""
        said = _joined(kind, asked)
        yield Event(case.opened, f"受理帮扶事项{f': {said}' if said else ''}", page="case", about=case.id)
    query = select(CaseStep).where(CaseStep.case.in_([case.id for case in cases]), ~CaseStep.deleted)
    for step in session.scalars(query):
        name = codes.label("case_step", step.step)
        result = hardship.RESULTS.get(step.result, step.result)
        amount = f"{format_grouped(step.amount)} 元" if step.amount is not None else ""
        text = f"帮扶事项{name}: {_joined(result, amount, _short(step.opinion))}"
        text = f"冲销 {text}" if step.reverses else text
        yield Event(step.day, text, units.signed(step.by_name or "", step.by_node), "case", step.case)


def _papers(session: Session, ids: Sequence[str]) -> Iterator[Event]:
    query = select(IssuedDocument).where(IssuedDocument.person.in_(ids), ~IssuedDocument.deleted)
    if not (issued := list(session.scalars(query))):
        return
    from app.services.papers import FORMS  # with it come the fonts and the library of papers

    called = {form.form: form.name for form in FORMS}
    for paper in issued:
        name = called.get(paper.form, paper.form)
        state = "作废" if paper.status == "void" else "开出"
        purpose = f", 用途: {_short(paper.purpose)}" if paper.purpose else ""
        yield Event(
            paper.issued,
            f"{state}{name} {paper.number or ''}{purpose}".strip(),
            page="papers",
            about=paper.person or "",
        )


def _files(session: Session, ids: Sequence[str]) -> Iterator[Event]:
    """Attachments of the person and of the visits and cases: the day is that of the act, they have none themselves."""
    owners = [*ids]
    for model in (Visit, HardshipCase):
        owners += session.scalars(select(model.id).where(model.person.in_(ids), ~model.deleted))
    query = (
        select(Attachment.id, Attachment.name, func.min(Group.stamp))
        .join(Part, Part.record == Attachment.id)
        .join(Group, Group.id == Part.group_id)
        .where(Attachment.subject.in_(owners), ~Attachment.deleted)
        .group_by(Attachment.id, Attachment.name)
    )
    for _, name, stamp in session.execute(query):
        yield Event(f"{history.moment(stamp):%Y-%m-%d %H:%M}", f"添加附件“{name}”")
