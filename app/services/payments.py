"""What became of the lines of a round: handed out, given back, not found; appended, corrected only by 冲销."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, progress
from app.errors import BadInput, Refused, UserError
from app.models import Payment, Person, Roster, RosterLine, Staff, bulk
from app.rules import campaign as rules
from app.rules import names
from app.rules.money import format_grouped
from app.services import campaigns, lookup, payable, paying, rights
from app.services.paying import Entry
from app.services.roster_sheets import source_label
from app.services.station import Place, Station
from app.services.visits import day_problem

RESULTS: Final = {"paid": "已领", "returned": "缴回", "missing": "未领"}
_CHUNK: Final = 500
_NAMED: Final = 5
"""Sentences of a refused page that are said whole; the others are counted."""


@dataclass(frozen=True)
class Paid:
    """A payment row that was added; `reversed` is the row it took back (冲销), None if there was none."""

    id: str
    line: str
    state: str
    reversed: str | None = None


@dataclass(frozen=True)
class Result:
    """What became of one line: paid | returned | missing, with a reason where it is not paid or where it is put right."""

    line: str
    result: str
    reason: str = ""


class Payments:
    """What can be recorded of a line."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def record(
        self, line: str, result: str, *, day: dt.date | None = None, reason: str = "", witness: str = ""
    ) -> Paid:
        """登记发放结果: paid | returned | missing on a day (today by default).

        A line that was handed out already is put right by a reversing row with a reason. Refused: a second payment in
        the same round, a dead payee, a payee who works here without a witness (回避), disputed amounts or names.
        """
        rights.demand(self._station, "write")
        on = _checked(result, day)
        with self._station.db.work("登记发放结果") as work:
            found = lookup.fetch(work.session, RosterLine, line)
            book = _Book(work.session, self._station.place, found.campaign)
            return book.enter(found, Result(line, result, reason), on, witness)

    def record_many(
        self, results: Sequence[Result], *, day: dt.date | None = None, witness: str = ""
    ) -> tuple[Paid, ...]:
        """A page of results of one round in one act, under the rules of `record`.

        Refused as a whole if one line cannot be entered: BadInput whose problems are keyed by the lines' ids.
        """
        rights.demand(self._station, "write")
        on = day or clock.today()
        for one in results:
            on = _checked(one.result, day)
        if not results:
            return ()
        problems: dict[str, str] = {}
        made = []
        with self._station.db.work("登记发放结果") as work:
            first = lookup.fetch(work.session, RosterLine, results[0].line)
            book = _Book(work.session, self._station.place, first.campaign)
            known = book.load([one.line for one in results])
            for number, one in enumerate(results):
                progress.step("登记发放结果", number, len(results))
                try:
                    found = known.get(one.line) or lookup.fetch(work.session, RosterLine, one.line)
                    made.append(book.enter(found, one, on, witness))
                except UserError as error:
                    problems[one.line] = str(error)
            if problems:
                raise BadInput(_together(list(problems.values())), problems)
        return tuple(made)

    def staff_names(self) -> frozenset[str]:
        """Folded names of those who work here: payees of these names need a witness."""
        with self._station.db.read() as session:
            return frozenset(names.folded(row.name or "") for row in _staff(session, self._station.place))


def record_many(station: Station, results: Sequence[Result], day: dt.date | None, witness: str) -> tuple[Paid, ...]:
    """`Payments.record_many`, for the worker process."""
    return Payments(station).record_many(results, day=day, witness=witness)


def _checked(result: str, day: dt.date | None) -> dt.date:
    if result not in RESULTS:
        raise BadInput(f"结果只能是 {', '.join(RESULTS)}。", {"result": "不对"})
    on = day or clock.today()
    if why := day_problem(on.isoformat(), clock.today()):
        raise BadInput(f"{why}。没有改动任何数据。", {"date": why})
    return on


def _together(sentences: Sequence[str]) -> str:
    plain = [one.replace("没有改动任何数据。", "") for one in sentences[:_NAMED]]
    more = f"还有 {len(sentences) - _NAMED} 行也不能登记。" if len(sentences) > _NAMED else ""
    return f"{''.join(plain)}{more}这一页还没有登记, 没有改动任何数据。"


@dataclass(frozen=True)
class _Listed:
    """What is known of a line when one asks whether somebody has been paid already."""

    line: str
    roster: str | None
    number: int


class _Book:
    """The lines and payments of one round while results are entered in one act; what all have in common is read once."""

    def __init__(self, session: Session, place: Place, campaign: str) -> None:
        self._session = session
        self._campaign = campaigns.own(session, place, campaign)
        self._live = paying.live_entries(session, campaign=campaign)
        self._disputes = payable.Disputes(session)
        self._staff = [(names.folded(row.name or ""), row.phone) for row in _staff(session, place)]
        self._roots = _roots(session)
        self._by_person: dict[str, list[_Listed]] = {}
        self._by_number: dict[str, list[_Listed]] = {}
        query = (
            select(RosterLine.id, RosterLine.person, RosterLine.roster, RosterLine.number, Person.id_number)
            .outerjoin(Person, Person.id == RosterLine.person)
            .where(RosterLine.campaign == campaign, ~RosterLine.deleted)
            .order_by(RosterLine.id)
        )
        for row in session.execute(query):
            listed = _Listed(row.id, row.roster, row.number or 0)
            self._by_person.setdefault(self._root(row.person), []).append(listed)
            if row.id_number:
                self._by_number.setdefault(row.id_number, []).append(listed)

    def load(self, lines: Sequence[str]) -> dict[str, RosterLine]:
        """The lines that are to be entered, with their persons in the session."""
        out: dict[str, RosterLine] = {}
        for some in bulk.chunks(list(lines), _CHUNK):
            query = select(RosterLine, Person).outerjoin(Person, Person.id == RosterLine.person)
            for line, _ in self._session.execute(query.where(RosterLine.id.in_(some), ~RosterLine.deleted)):
                out[line.id] = line
        return out

    def _root(self, person: str) -> str:
        seen = {person}
        while (kept := self._roots.get(person)) is not None and kept not in seen:
            seen.add(kept)
            person = kept
        return person

    def enter(self, line: RosterLine, given: Result, on: dt.date, witness: str) -> Paid:
        """Add what became of a line."""
        session, campaign = self._session, self._campaign
        if line.campaign != campaign.id:
            raise BadInput("一次只能登记同一个批次的发放结果。没有改动任何数据。", {"line": "不是同一批次"})
        person = lookup.person(session, line.person)
        entries = self._live.setdefault(line.id, [])
        if why := self._disputes.problem(line, person):
            raise Refused(why)
        before = _before(entries, given.result)
        if given.result == "paid":
            self._demand_payable(person, on, witness)
        taken_back = None
        follows = before.id if before is not None else None
        if before is not None and before.result != "missing":
            taken_back = self._reverse(line, person, before, on, given.reason)
            follows = before.follows
        row = None
        if not _recovers_double(entries, given.result):
            row = Payment(
                id=clock.new_id(), line=line.id, person=person.id, campaign=campaign.id, result=given.result,
                amount=line.amount, day=on.isoformat(), reason=given.reason.strip() or None, follows=follows,
                witness=names.clean(witness) or None, home=line.home,
            )  # fmt: skip
            session.add(row)
        if campaign.status in ("draft", "approved"):
            campaign.status = "paying"
        if taken_back is not None and before is not None:
            entries.remove(before)
        if row is not None:
            entries.append(Entry(row.id, line.id, row.result, row.amount or 0, row.day, row.follows))
        state = paying.standing(entries)[0]
        return Paid(row.id if row is not None else str(taken_back), line.id, state, taken_back)

    def _demand_payable(self, person: Person, on: dt.date, witness: str) -> None:
        if lookup.is_dead(person):
            end = lookup.died(person)
            why = rules.dead_payee_problem(person.name, end, on) if end is not None else payable.dead_problem(person)
            if why:
                raise Refused(why)
        if why := self._paid_already(person):
            raise Refused(why)
        if self._works_here(person) and (
            why := rules.staff_payee_problem(person.name, same_person=False, witness=names.clean(witness))
        ):
            raise Refused(why)

    def _works_here(self, person: Person) -> bool:
        """By name; a telephone number that differs on both tells two people of one name apart."""
        wanted = names.folded(person.name)
        return any(
            name == wanted and not (phone and person.phone and phone != person.phone) for name, phone in self._staff
        )

    def _reverse(self, line: RosterLine, person: Person, before: Entry, on: dt.date, reason: str) -> str:
        if not reason.strip():
            said = f"{person.name} 这一行已记“{RESULTS.get(before.result, before.result)}”, 更正(冲销)要写明原因。"
            raise BadInput(f"{said}没有改动任何数据。", {"reason": "没有填原因"})
        row = Payment(
            id=clock.new_id(), line=line.id, person=person.id, campaign=line.campaign, result=before.result,
            amount=-before.amount, day=on.isoformat(), reason=reason.strip(), reverses=before.id, home=line.home,
        )  # fmt: skip
        self._session.add(row)
        return row.id

    def _paid_already(self, person: Person) -> str:
        """The sentence for a second payment to one person in one round; empty if there was none."""
        session, campaign = self._session, self._campaign
        others = [*self._by_person.get(person.id, ()), *self._by_number.get(person.id_number or "", ())]
        for other in others:
            paid = [entry for entry in paying.heads(self._live.get(other.line, [])) if entry.result == "paid"]
            if not paid:
                continue
            day, source = dt.date.fromisoformat(paid[0].day), source_label(campaign.source)
            roster = session.get(Roster, other.roster) if other.roster is not None else None
            if roster is not None:
                sheet = f"第 {roster.serial} 号表"
                return rules.second_payment_problem(person.name, day, source, paid[0].amount, sheet, other.number or 0)
            when = f"{day.month} 月 {day.day} 日"
            return f'{person.name} 已在 {when}本批次"{source}"领过 {format_grouped(paid[0].amount)} 元, 不能再领。'
        return ""


def _roots(session: Session) -> dict[str, str]:
    """Which record a merged one now stands for."""
    query = select(Person.id, Person.merged_into).where(Person.merged_into.is_not(None))
    return {row.id: row.merged_into for row in session.execute(query) if row.merged_into}


def _staff(session: Session, place: Place) -> list[Staff]:
    query = select(Staff).where(Staff.node == place.node, ~Staff.deleted, Staff.status.is_distinct_from("left"))
    return list(session.scalars(query))


def _before(entries: list[Entry], result: str) -> Entry | None:
    """The entry the new one follows or takes back; Refused when there is nothing to change."""
    last = paying.heads(entries)
    state = paying.standing(entries)[0]
    if state == result and result != "paid":
        raise Refused(f"这一行已经是“{RESULTS[result]}”, 不用再记。没有改动任何数据。")
    if _recovers_double(entries, result):
        return [entry for entry in last if entry.result == "paid"][-1]
    if not last:
        return None
    paid = [entry for entry in last if entry.result == "paid"]
    return (paid or last)[-1]


def _recovers_double(entries: list[Entry], result: str) -> bool:
    """Money paid twice by two people apart: what comes back takes one of the payments away, the other stands."""
    return result == "returned" and paying.standing(entries)[2] > 0


__all__ = ["RESULTS", "Paid", "Payments", "Result", "record_many"]
