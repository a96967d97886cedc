"""What the window shows of hardship cases: the list by whose turn it is, and one file with all its steps."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import Attachment, CaseStep, HardshipCase, IssuedDocument, Node, Person, receipts
from app.models.receipts import STATUSES, Reporting
from app.rules import account, codes, hardship, id_number, levels, phone
from app.rules.partial_date import PartialDate, age_on
from app.services import case_sheets, case_steps, cases, lookup, rights
from app.services.station import Station
from app.services.visits import STRANGER

SOON: Final = 3
"""Days left from which a step is shown as pressing."""
STAMPED: Final = "盖章的审批表"
"""Note of an attachment that lets money be paid before the number of the decision is known (users.md P11)."""
_FIRST, _LAST = dt.date.min, dt.date.max


@dataclass(frozen=True)
class CaseLine:
    """One line of the list. `left` counts the days to the limit of our own step; `note` says what is waited for.

    `tone` is that of the note: good, warn, bad, or none where nobody here can do anything (grey, not red).
    """

    id: str
    person: str
    name: str
    place: str
    kind: str
    amount: int | None
    opened: str
    state: str
    step: str
    who: str
    mine: bool
    open: bool
    above: bool
    forked: bool
    """Two opinions were written apart and wait to be settled."""
    due: str
    left: int | None
    note: str
    tone: str


@dataclass(frozen=True)
class Fact:
    """Something known of the applicant: as it is shown at first, and whole."""

    label: str
    shown: str
    whole: str


@dataclass(frozen=True)
class StepShown:
    """A step as it was written; `unit` wrote it, `package` says with which parcel it came."""

    id: str
    label: str
    result: str
    result_label: str
    opinion: str
    amount: int | None
    day: str
    by: str
    unit: str
    package: str


@dataclass(frozen=True)
class Turn:
    """The step that is waited for. `mine`: this desk writes it; `hold`: why it cannot be written yet."""

    step: str
    label: str
    who: str
    mine: bool
    results: tuple[tuple[str, str], ...]
    needs_amount: bool
    numbered: bool
    amount: int | None
    """Proposed: what the form begins with."""
    right: str
    due: str
    left: int | None
    hold: str = ""


@dataclass(frozen=True)
class CaseFile:
    """One case whole."""

    id: str
    person: str
    name: str
    fields: dict[str, Any]
    applicant: tuple[Fact, ...]
    steps: tuple[StepShown, ...]
    rivals: tuple[StepShown, ...]
    ahead: tuple[tuple[str, str], ...]
    """(label, who) of the steps after the one that is waited for."""
    turn: Turn | None
    code: str
    state: str
    asked: int | None
    approved: int | None
    note: str
    tone: str
    editable: bool
    paper: str
    """Id of the printed form, if there is one."""
    stamped: bool


class CaseViews:
    """Looking at cases; it never writes."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def board(self) -> list[CaseLine]:
        """All cases: ours to do first, the most pressing on top; then what waits for others; closed ones last."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            case = HardshipCase
            columns = (case.id, case.person, case.kind, case.amount, case.opened, case.home, case.policy)
            query = (
                select(*columns, Person.name, Person.village_group, Person.address)
                .outerjoin(Person, Person.id == case.person)
                .where(~case.deleted)
                .order_by(case.id.desc())
            )
            chains = _chains(session)
            eyes = _Eyes(session, self._station)
            found = [self._line(row, chains.get(row.id, case_steps.Chain(())), eyes) for row in session.execute(query)]
        return sorted(found, key=_urgency)

    def file(self, id: str) -> CaseFile:
        """One case."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            case = lookup.fetch(session, HardshipCase, id)
            person = session.get(Person, case.person)
            eyes = _Eyes(session, self._station)
            policy, chain = eyes.policy(case.policy), case_steps.of_case(session, id)
            written = eyes.written(chain.steps)
            state = hardship.state(written, policy)
            approved = hardship.approved_amount(written, policy)
            stamped = _stamped(session, id)
            turn = None
            if not chain.forked and state.waiting is not None:
                turn = eyes.turn(case, written, policy)
                if turn.mine and turn.step == "pay":
                    turn = _held(turn, case, written, stamped=stamped)
            note, tone = eyes.note(case.id, case.home or "", state, turn, chain)
            paper = select(IssuedDocument.id).where(
                IssuedDocument.subject == f"case:{id}", ~IssuedDocument.deleted, IssuedDocument.status != "void"
            )
            following = hardship.ahead(written, policy)[1:] if not chain.forked else ()
            return CaseFile(
                id=id, person=case.person, name=person.name if person is not None else STRANGER,
                fields=lookup.outward(case), applicant=_facts(session, person) if person is not None else (),
                steps=tuple(eyes.shown(row) for row in chain.steps), rivals=tuple(eyes.shown(row) for row in chain.rivals),
                ahead=tuple((one.label, eyes.unit(one.level, case.home or "")) for one in following), turn=turn,
                code=state.code, state=state.text, asked=case.amount, approved=approved, note=note, tone=tone,
                editable=approved is None and state.waiting is not None and levels.covers(eyes.scopes, case.home or ""),
                paper=session.scalar(paper.limit(1)) or "", stamped=stamped,
            )  # fmt: skip

    def open_of(self, person: str) -> list[tuple[str, str]]:
        """(id, words) of a person's cases, the newest first: to choose which form is to be printed."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            query = select(HardshipCase).where(
                HardshipCase.person.in_(lookup.merged(session, person)), ~HardshipCase.deleted
            )
            rows = session.scalars(query.order_by(HardshipCase.id.desc()))
            return [(row.id, f"{row.opened or ''} {codes.label('hardship_kind', row.kind)}".strip()) for row in rows]

    @staticmethod
    def _line(row: Any, chain: case_steps.Chain, eyes: "_Eyes") -> CaseLine:
        policy = eyes.policy(row.policy)
        written = eyes.written(chain.steps)
        state = hardship.state(written, policy)
        turn = eyes.turn(row, written, policy) if state.waiting is not None and not chain.forked else None
        note, tone = eyes.note(row.id, row.home or "", state, turn, chain)
        above = turn is not None and not turn.mine and levels.above(state.waiting.level, eyes.level)  # type: ignore[union-attr]  # a turn waits
        return CaseLine(
            id=row.id, person=row.person, name=row.name or STRANGER, place=row.village_group or row.address or "",
            kind=codes.label("hardship_kind", row.kind), amount=row.amount, opened=row.opened or "", state=state.text,
            step=turn.label if turn is not None else "", who=turn.who if turn is not None else "",
            mine=turn is not None and turn.mine, open=state.waiting is not None, above=above,
            forked=chain.forked,
            due=turn.due if turn is not None else "", left=turn.left if turn is not None else None, note=note, tone=tone,
        )  # fmt: skip


class _Eyes:
    """What all cases of one look have in common: units, procedures, what has gone up and what came back when."""

    def __init__(self, session: Session, station: Station) -> None:
        self._session, self._station = session, station
        place = station.place
        self.level, self.scopes = place.level, place.scopes
        self.today = clock.today()
        query = select(Node.id, Node.name, Node.level, Node.scopes, Node.status).where(~Node.deleted)
        self._nodes = {row.id: row for row in session.execute(query)}
        self._policies: dict[str | None, hardship.Policy] = {}
        self._reporting = Reporting(session)
        self._units: dict[tuple[str, str], str] = {}
        self._exchanged: dict[str | None, str] = {}

    def policy(self, record: str | None) -> hardship.Policy:
        """The procedure of a case."""
        if record not in self._policies:
            self._policies[record] = case_steps.policy_of(self._session, record)
        return self._policies[record]

    def written(self, steps: Sequence[CaseStep]) -> list[hardship.Step]:
        """Steps as the rules take them."""
        return case_steps.with_levels(steps, {node: row.level for node, row in self._nodes.items()})

    def unit(self, level: str, home: str) -> str:
        """The name of the unit of a level that answers for a place; the level's own word where it is not known here."""
        key = (level, home)
        if key not in self._units:
            node = self._node_at(level, home)
            self._units[key] = node.name if node is not None else levels.NAMES[level]
        return self._units[key]

    def _node_at(self, level: str, home: str) -> Any:
        for row in self._nodes.values():
            scopes = tuple(code for code in (row.scopes or "").split(",") if code)
            if row.level == level and row.status != "revoked" and levels.covers(scopes, home):
                return row
        return None

    def turn(self, case: Any, written: Sequence[hardship.Step], policy: hardship.Policy) -> Turn:
        """The step that is waited for, and whether it is for this desk."""
        waiting = hardship.next_steps(written, policy)[0]
        rule = policy.rule(waiting.step)
        if rule is None:
            raise KeyError(waiting.step)
        home = case.home or ""
        proposed = hardship.proposed_amount(written, policy)
        amount = case.amount if proposed is None else proposed
        if waiting.step == "pay":
            amount = hardship.unpaid_amount(written, policy)
        inside = levels.covers(self.scopes, home)
        # A township keeps the books of villages without a desk of their own; where there is one, it is theirs to do.
        instead = self.level in rule.also and self._node_at(waiting.level, home) is None
        mine = inside and (self.level == waiting.level or instead)
        last = cases.limit(case.opened, written, policy)
        left = (last - self.today).days if last is not None else None
        return Turn(
            step=waiting.step, label=waiting.label, who=self.unit(waiting.level, home), mine=mine,
            results=tuple((code, hardship.RESULTS[code]) for code in hardship.RESULTS if code in rule.follows),
            needs_amount=rule.needs_amount, numbered=waiting.step in cases.NUMBERED and self.level == "county",
            amount=amount, right=cases.right_for(waiting.step), due=last.isoformat() if last is not None else "",
            left=left,
        )  # fmt: skip

    def note(
        self, case: str, home: str, state: hardship.CaseState, turn: Turn | None, chain: case_steps.Chain
    ) -> tuple[str, str]:
        """(words, tone): how long there is, or for whom one waits since when."""
        if chain.forked:
            return "有两份分头填写的意见, 请核对以哪份为准", "warn"
        if turn is None or state.waiting is None:
            return state.text, "good" if state.code == "done" else ""
        if turn.mine:
            return _deadline(turn.left)
        if levels.above(state.waiting.level, self.level):
            last = chain.steps[-1].id if chain.steps else ""
            kind, record = ("case_step", last) if last else ("hardship_case", case)
            reached = self._reporting.reached(kind, record)
            if reached == "unsent":
                return f"等{turn.who}{state.waiting.label}, 还没有上报", "warn"
            return f"{STATUSES.get(reached, reached)}, {self._since(self._station.place.parent)}, 未见回复", ""
        return f"等{turn.who}办理, {self._since(self._child(state.waiting.level, home))}", ""

    def _child(self, level: str, home: str) -> str | None:
        """The neighbour below whose packages bring what a unit further down writes."""
        below = [self._node_at(one, home) for one in levels.LEVELS if not levels.above(level, one)]
        near = [row for row in below if row is not None and levels.above(self.level, row.level)]
        return near[-1].id if near else None

    def _since(self, peer: str | None) -> str:
        if peer not in self._exchanged:
            moment = receipts.last_exchange(self._session, peer) if peer is not None else None
            day = clock.day_of(moment) if moment else None
            self._exchanged[peer] = f"截至 {day.month}月{day.day}日交换" if day is not None else "还没有收到过对方的包"
        return self._exchanged[peer]

    def shown(self, row: CaseStep) -> StepShown:
        """A step in words."""
        brought = receipts.brought_by(self._session, row.id)
        node = self._nodes.get(row.by_node)
        label = codes.label("case_step", row.step)
        return StepShown(
            row.id, label, row.result or "", hardship.RESULTS.get(row.result or "", row.result or ""), row.opinion or "",
            row.amount, row.day or "", row.by_name or "", node.name if node is not None else "",
            f"据{brought[0]}第{brought[1]}号数据包" if brought is not None else "",
        )  # fmt: skip


def _held(turn: Turn, case: HardshipCase, written: Sequence[hardship.Step], *, stamped: bool) -> Turn:
    """Money waits for the decision on paper: its number, or the stamped form (users.md P11). A delegated one needs none."""
    decided = next((step for step in reversed(written) if step.step == hardship.DECISION), None)
    if case.decision_number or stamped or (decided is not None and decided.level != "county"):
        return turn
    why = f"还没有批复文号, 也没有附“{STAMPED}”, 还不能发放。请先填批复文号, 或附上盖章的审批表。"
    return Turn(**{**turn.__dict__, "hold": why})


def _deadline(left: int | None) -> tuple[str, str]:
    if left is None:
        return "", ""
    if left < 0:
        return f"超期 {-left} 天", "bad"
    if left == 0:
        return "今天到期", "warn"
    return f"还剩 {left} 天", "warn" if left <= SOON else "good"


def _urgency(line: CaseLine) -> tuple[int, str]:
    """Ours by their limits, then what nobody has sent or settled, then what waits for others; closed ones as they were."""
    if line.mine:
        return 0, line.due or "9"
    if not line.open:
        return 3, ""
    return (1 if line.tone == "warn" else 2), ""


def _chains(session: Session) -> dict[str, case_steps.Chain]:
    by_case: dict[str, list[CaseStep]] = {}
    for row in session.scalars(select(CaseStep).where(~CaseStep.deleted)):
        by_case.setdefault(row.case, []).append(row)
    return {case: case_steps.chain(rows) for case, rows in by_case.items()}


def _stamped(session: Session, case: str) -> bool:
    query = select(Attachment.id).where(
        Attachment.subject == case, ~Attachment.deleted, Attachment.note.contains(STAMPED)
    )
    return session.execute(query.limit(1)).first() is not None


def _facts(session: Session, person: Person) -> tuple[Fact, ...]:
    """What the form says of the applicant, without anybody typing it."""
    found = case_sheets.applicant(session, person)
    age = f"{age_on(PartialDate.parse(found.birth), clock.today())[0]} 岁" if found.birth else ""
    masks: Mapping[str, Callable[[str], str]] = {
        "身份证号": id_number.mask, "电话": phone.mask, "银行账号": account.mask,
    }  # fmt: skip
    pairs = (
        ("性别、年龄", " ".join(part for part in (found.sex, age) if part)), ("身份证号", found.id_number),
        ("人员类别", found.category), ("电话", found.phone), ("户籍地址", found.registered_address),
        ("现居住地址", found.home_address), ("入伍、退役", "—".join(part for part in (found.enlisted, found.discharged) if part)),
        ("开户银行", found.bank), ("银行账号", found.account),
    )  # fmt: skip
    return tuple(
        Fact(label, masks[label](value) if label in masks else value, value) for label, value in pairs if value
    )
