"""Hardship cases (困难帮扶): opened at the desk, carried on step by step by the level whose turn it is."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import CaseStep, HardshipCase, Person
from app.models.receipts import contested
from app.rules import hardship, levels, text
from app.rules.hardship import NextStep
from app.services import case_steps, field_values, lookup, rights
from app.services.campaigns import read_amount
from app.services.station import Station
from app.services.visits import day_problem

_STEP_ACTS: Final = {"township_review": "review", "county_decision": "decide"}
_STEP_FIELDS: Final = ("result", "opinion", "amount", "day")
_DECIDES: Final = "county"
NUMBERED: Final = ("county_decision",)
"""Steps that may bring the number of the decision (批复文号) with them."""
_YEAR: Final = dt.timedelta(days=365)


@dataclass(frozen=True)
class Opened:
    """A new case; `warnings` are remarks in Chinese that stop nothing."""

    id: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseShown:
    """A case as it stands. `forked`: steps were written apart after the same one and wait to be settled."""

    id: str
    fields: dict[str, Any]
    steps: tuple[dict[str, Any], ...]
    next: tuple[NextStep, ...]
    state: hardship.CaseState
    forked: bool
    approved: int | None
    due: dt.date | None


@dataclass(frozen=True)
class CaseRow:
    """One line of the list; `due` is the last day of the step that is waited for, `mine` whether it is ours to do."""

    id: str
    person: str
    name: str
    kind: str | None
    opened: str
    code: str
    state: str
    step: str | None
    level: str | None
    due: dt.date | None
    overdue: bool
    mine: bool
    forked: bool


class HardshipCases:
    """What can be done with hardship cases."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def open(self, values: Mapping[str, Any], *, accepted: str = "") -> Opened:
        """受理帮扶事项; the procedure in force today stays the case's own, whatever is decided later.

        With `accepted`, the opinion of whoever took the papers in, its first step is written in the same act.
        """
        rights.demand(self._station, "write")
        today = clock.today()
        problems: dict[str, str] = {}
        fields = lookup.read_into(problems, "hardship_case", values)
        fields["opened"] = fields.get("opened") or today.isoformat()
        if not fields.get("person"):
            problems.setdefault("person", "没有填申请人")
        problems = {**_case_problems(fields, today), **problems}
        for name in ("number", "decision_number"):
            if name in fields:
                problems[name] = "由程序或审批单位填写"
        field_values.refuse(problems)
        if fields.get("kind"):
            fields["kind"] = {label: code for code, label in hardship.KINDS.items()}.get(fields["kind"], fields["kind"])
        with self._station.db.work("受理帮扶事项") as work:
            person = lookup.person(work.session, fields["person"])
            lookup.demand_scope(self._station.place, person)
            if lookup.is_dead(person) and fields.get("kind") != "funeral":
                raise Refused(f"{person.name} 已去世, 不能作为申请人。可由家属提出“丧葬抚慰”(funeral)。")
            policy = case_steps.policy_in_force(work.session, dt.date.fromisoformat(fields["opened"]))
            fields |= {"person": person.id, "home": person.home, "policy": policy.id if policy is not None else None}
            warnings = _repeated(work.session, person, fields)
            case = HardshipCase(**fields)
            work.session.add(case)
            work.session.flush()
            if accepted.strip():
                first = case_steps.policy_of(work.session, case.policy).steps[0].code
                self._write(work.session, case, first, {**_read_step({"opinion": accepted}), "day": today})
            return Opened(case.id, warnings)

    def change(self, id: str, values: Mapping[str, Any]) -> None:
        """修改帮扶事项: what the applicant says, as long as nothing is approved; who applies stays."""
        rights.demand(self._station, "write")
        problems: dict[str, str] = {}
        given = {name: value for name, value in values.items() if name != "person"}
        fields = lookup.read_into(problems, "hardship_case", given)
        with self._station.db.work("修改帮扶事项") as work:
            case = lookup.fetch(work.session, HardshipCase, id)
            self._demand_scope(case)
            chain, policy = case_steps.of_case(work.session, id), case_steps.policy_of(work.session, case.policy)
            if hardship.approved_amount(case_steps.as_rules(work.session, chain.steps), policy) is not None:
                raise Refused("这件帮扶事项已经批准, 申请内容不能再改。没有改动任何数据。")
            whole = {name: getattr(case, name) for name in ("reason", "amount", "opened", "family_size")} | fields
            problems = {**_case_problems(whole, clock.today()), **problems}
            problems |= {name: "由程序或审批单位填写" for name in ("number", "decision_number") if name in fields}
            field_values.refuse(problems)
            for name, value in fields.items():
                if getattr(case, name) != value:
                    setattr(case, name, value)

    def number_decision(self, id: str, number: str) -> None:
        """填写批复文号: only by the county, and only of what is approved."""
        rights.demand(self._station, "decide")
        if not number.strip():
            raise BadInput("没有填批复文号。没有改动任何数据。", {"decision_number": "没有填批复文号"})
        with self._station.db.work("填写批复文号") as work:
            case = lookup.fetch(work.session, HardshipCase, id)
            self._demand_scope(case)
            chain, policy = case_steps.of_case(work.session, id), case_steps.policy_of(work.session, case.policy)
            if hardship.approved_amount(case_steps.as_rules(work.session, chain.steps), policy) is None:
                raise Refused("这件帮扶事项还没有批准, 不能填批复文号。没有改动任何数据。")
            self._number(case, number)

    def write_step(self, id: str, step: str, values: Mapping[str, Any]) -> str:
        """写一步意见: `result` pass | return | reject, `opinion`, `amount` in yuan, `day` (today by default). Gives its id.

        `county_decision` also takes `decision_number`. Refused when it is another step's or another level's turn, when
        the limit of the decision is passed, or while two steps written apart wait to be settled.
        """
        given = _read_step({name: v for name, v in values.items() if name != "decision_number" or step not in NUMBERED})
        number = str(values.get("decision_number") or "") if step in NUMBERED else ""
        rights.demand(self._station, right_for(step))
        with self._station.db.work(f"帮扶事项: {_label(step)}") as work:
            case = lookup.fetch(work.session, HardshipCase, id)
            if number.strip() and given["result"] == hardship.PASS:
                self._number(case, number)
            return self._write(work.session, case, step, given)

    def _write(self, session: Session, case: HardshipCase, step: str, given: Mapping[str, Any]) -> str:
        place, today = self._station.place, clock.today()
        person = session.get(Person, case.person)
        policy = case_steps.policy_of(session, case.policy)
        if policy.rule(step) is None:
            known = ", ".join(rule.code for rule in policy.steps)
            raise BadInput(f"没有“{step[:40]}”这一步, 只有 {known}。没有改动任何数据。", {"step": "没有这一步"})
        self._demand_scope(case)
        chain = case_steps.of_case(session, case.id)
        if chain.forked:
            raise Refused("这件帮扶事项有两份分头填写的意见, 请先核对以哪份为准, 再往下办。")
        written = case_steps.as_rules(session, chain.steps)
        day = given["day"] or today
        new = hardship.Step(step, place.level, given["result"], given["amount"], day, given["opinion"])
        if why := hardship.problem_with(new, written, policy):
            raise Refused(why)
        if step in ("county_decision", "pay"):
            self._demand_undisputed(session, case, person)
        record = CaseStep(
            id=clock.new_id(), case=case.id, step=step, result=new.result, opinion=new.opinion or None,
            amount=new.amount, day=day.isoformat(), by_node=place.node, by_name=self._station.actor.name,
            follows=chain.steps[-1].id if chain.steps else None, home=case.home,
        )  # fmt: skip
        session.add(record)
        return record.id

    def show(self, id: str) -> CaseShown:
        """A case with its steps and what comes next."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            case = lookup.fetch(session, HardshipCase, id)
            policy = case_steps.policy_of(session, case.policy)
            chain = case_steps.of_case(session, id)
            written = case_steps.as_rules(session, chain.steps)
            state = hardship.state(written, policy)
            following = () if chain.forked else hardship.next_steps(written, policy)
            return CaseShown(
                id, lookup.outward(case), tuple(case_steps.step_fields(row) for row in (*chain.steps, *chain.rivals)),
                following, state, chain.forked, hardship.approved_amount(written, policy), limit(case.opened, written, policy),
            )  # fmt: skip

    def overview(self, *, due: bool = False) -> list[CaseRow]:
        """Cases, the newest first; with `due` those whose limit has passed, the longest overdue first."""
        rights.demand(self._station, "read")
        place, today = self._station.place, clock.today()
        with self._station.db.read() as session:
            query = select(HardshipCase, Person.name).outerjoin(Person, Person.id == HardshipCase.person)
            query = query.where(~HardshipCase.deleted).order_by(HardshipCase.id.desc())
            by_case: dict[str, list[CaseStep]] = {}
            for row in session.scalars(select(CaseStep).where(~CaseStep.deleted)):
                by_case.setdefault(row.case, []).append(row)
            rows = []
            for case, name in session.execute(query):
                chain = case_steps.chain(by_case.get(case.id, ()))
                policy = case_steps.policy_of(session, case.policy)
                written = case_steps.as_rules(session, chain.steps)
                state = hardship.state(written, policy)
                last = limit(case.opened, written, policy)
                waiting = state.waiting
                rows.append(
                    CaseRow(
                        case.id, case.person, name or "他站人员", case.kind, case.opened, state.code, state.text,
                        waiting.step if waiting else None, waiting.level if waiting else None, last,
                        overdue=last is not None and last < today,
                        mine=waiting is not None and hardship.may_write(waiting.step, place.level, None, policy),
                        forked=chain.forked,
                    )
                )  # fmt: skip
        late = [row for row in rows if row.overdue]
        return sorted(late, key=lambda row: (row.due or today, row.id)) if due else rows

    def _demand_scope(self, case: HardshipCase) -> None:
        if not levels.covers(self._station.place.scopes, case.home or ""):
            raise Refused("这件帮扶事项不在本单位管辖范围内, 不能填写意见。没有改动任何数据。")

    def _number(self, case: HardshipCase, number: str) -> None:
        """批复文号 travels under the county's signature: another level's word on it would not count."""
        if self._station.place.level != _DECIDES:
            raise Refused("批复文号只能由县局填写。没有改动任何数据。")
        if wrong := text.problems(number.strip(), lines=False):
            raise BadInput("".join(wrong), {"decision_number": "".join(wrong)})
        case.decision_number = number.strip()

    def _demand_undisputed(self, session: Session, case: HardshipCase, person: Person | None) -> None:
        """Nothing is decided or paid on an amount, name or number with two values (sync.md)."""
        disputed = set(contested(session, "hardship_case", case.id)) & {"amount"}
        if person is not None:
            disputed |= set(contested(session, "person", person.id)) & {"name", "id_number"}
        if disputed:
            name = person.name if person is not None else "这件帮扶事项"
            raise Refused(f"{name} 的姓名、身份证号或金额两边填的不一样, 核对以后才能审批或发放。")


def _case_problems(fields: Mapping[str, Any], today: dt.date) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not fields.get("reason"):
        problems["reason"] = "没有填致困原因"
    if fields.get("opened") and (why := day_problem(fields["opened"], today)):
        problems["opened"] = why
    if fields.get("amount") == 0:
        problems["amount"] = "金额要大于 0"
    if (size := fields.get("family_size")) is not None and not 1 <= size <= 50:
        problems["family_size"] = "家庭人口不对"
    return problems


def _read_step(values: Mapping[str, Any]) -> dict[str, Any]:
    """The content of a step; every problem is named at once."""
    problems = {name: "没有这个字段" for name in values if name not in _STEP_FIELDS}
    known = {name: value for name, value in values.items() if name in _STEP_FIELDS}
    amount = None
    if known.get("amount") not in (None, ""):
        try:
            amount = read_amount(known["amount"])
        except BadInput as error:
            problems |= error.problems
    known.pop("amount", None)
    fields = lookup.read_into(problems, "case_step", known)
    result = fields.get("result") or hardship.PASS
    if result not in hardship.RESULTS:
        problems["result"] = f"结果只能是 {', '.join(hardship.RESULTS)}"
    if fields.get("day") and (why := day_problem(fields["day"], clock.today())):
        problems["day"] = why
    field_values.refuse(problems)
    day = dt.date.fromisoformat(fields["day"]) if fields.get("day") else None
    return {"result": result, "opinion": fields.get("opinion") or "", "amount": amount, "day": day}


def _label(step: str) -> str:
    rule = hardship.DEFAULT.rule(step)
    return rule.label if rule is not None else step[:40]


def right_for(step: str) -> str:
    """The right that writing a step takes."""
    return _STEP_ACTS.get(step, "write")


def limit(opened: str | None, written: Sequence[hardship.Step], policy: hardship.Policy) -> dt.date | None:
    """The last day of the step that is waited for, counted from the step before it or from the opening."""
    following = hardship.next_steps(written, policy)
    if not following or not opened:
        return None
    start = written[-1].day if written and written[-1].day else dt.date.fromisoformat(opened)
    # Weekdays only: the yearly 调休 list is data that a bureau sends; until then a holiday costs a station a day.
    return hardship.due_day(start, following[0].step, lambda day: day.weekday() < 5, policy)


def _repeated(session: Session, person: Person, fields: Mapping[str, Any]) -> tuple[str, ...]:
    """A second case for the same reason within a year is taken, but said (domain §3.4)."""
    since = (dt.date.fromisoformat(fields["opened"]) - _YEAR).isoformat()
    query = select(HardshipCase.opened, HardshipCase.kind).where(
        HardshipCase.person.in_(lookup.merged(session, person.id)), HardshipCase.opened > since, ~HardshipCase.deleted
    )
    rows = [row for row in session.execute(query) if row.kind == fields.get("kind")]
    if not rows:
        return ()
    word = hardship.KINDS.get(fields.get("kind") or "", fields.get("kind") or "同类")
    return (f"{person.name} 一年内已经申请过“{word}”帮扶({max(row.opened for row in rows)}), 请写明再次申请的理由。",)
