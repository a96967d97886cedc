"""What became of the lines of a round: handed out, given back, not found; appended, corrected only by 冲销."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import Campaign, Payment, Person, Roster, RosterLine, Staff
from app.rules import campaign as rules
from app.rules import names
from app.rules.money import format_grouped
from app.services import campaigns, lookup, paying, rights
from app.services.paying import Entry
from app.services.roster_sheets import source_label
from app.services.station import Station
from app.services.visits import day_problem

RESULTS: Final = {"paid": "已领", "returned": "缴回", "missing": "未领"}


@dataclass(frozen=True)
class Paid:
    """A payment row that was added; `reversed` is the row it took back (冲销), None if there was none."""

    id: str
    line: str
    state: str
    reversed: str | None = None


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
        if result not in RESULTS:
            raise BadInput(f"结果只能是 {', '.join(RESULTS)}。", {"result": "不对"})
        on = day or clock.today()
        if why := day_problem(on.isoformat(), clock.today()):
            raise BadInput(f"{why}。没有改动任何数据。", {"date": why})
        with self._station.db.work("登记发放结果") as work:
            session = work.session
            found = lookup.fetch(session, RosterLine, line)
            campaign = campaigns.own(session, self._station.place, found.campaign)
            person = lookup.person(session, found.person)
            entries = paying.live_entries(session, line=line).get(line, [])
            campaigns.demand_undisputed(session, found, person)
            before = _before(entries, result)
            if result == "paid":
                self._demand_payable(session, campaign, person, on, witness)
            taken_back = None
            follows = before.id if before is not None else None
            if before is not None and before.result != "missing":
                taken_back = self._reverse(session, found, person, before, on, reason)
                follows = before.follows
            row = None
            if not _recovers_double(entries, result):
                row = Payment(
                    id=clock.new_id(), line=line, person=person.id, campaign=campaign.id, result=result,
                    amount=found.amount, day=on.isoformat(), reason=reason.strip() or None, follows=follows,
                    witness=names.clean(witness) or None, home=found.home,
                )  # fmt: skip
                session.add(row)
            if campaign.status in ("draft", "approved"):
                campaign.status = "paying"
            session.flush()
            state = paying.standing(paying.live_entries(session, line=line).get(line, []))[0]
            return Paid(row.id if row is not None else str(taken_back), line, state, taken_back)

    def _demand_payable(self, session: Session, campaign: Campaign, person: Person, on: dt.date, witness: str) -> None:
        if lookup.is_dead(person):
            end = lookup.died(person)
            why = rules.dead_payee_problem(person.name, end, on) if end is not None else campaigns.dead_problem(person)
            if why:
                raise Refused(why)
        if why := _paid_already(session, campaign, person):
            raise Refused(why)
        if self._works_here(session, person) and (
            why := rules.staff_payee_problem(person.name, same_person=False, witness=names.clean(witness))
        ):
            raise Refused(why)

    def _works_here(self, session: Session, person: Person) -> bool:
        """By name; a telephone number that differs on both tells two people of one name apart."""
        query = select(Staff.name, Staff.phone).where(
            Staff.node == self._station.place.node, ~Staff.deleted, Staff.status.is_distinct_from("left")
        )
        wanted = names.folded(person.name)
        return any(
            names.folded(row.name or "") == wanted and not (row.phone and person.phone and row.phone != person.phone)
            for row in session.execute(query)
        )

    def _reverse(
        self, session: Session, line: RosterLine, person: Person, before: Entry, on: dt.date, reason: str
    ) -> str:
        if not reason.strip():
            said = f"{person.name} 这一行已记“{RESULTS.get(before.result, before.result)}”, 更正(冲销)要写明原因。"
            raise BadInput(f"{said}没有改动任何数据。", {"reason": "没有填原因"})
        row = Payment(
            id=clock.new_id(), line=line.id, person=person.id, campaign=line.campaign, result=before.result,
            amount=-before.amount, day=on.isoformat(), reason=reason.strip(), reverses=before.id, home=line.home,
        )  # fmt: skip
        session.add(row)
        return row.id


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


def _paid_already(session: Session, campaign: Campaign, person: Person) -> str:
    """The sentence for a second payment to one person in one round; empty if there was none."""
    people = lookup.merged(session, person.id)
    if person.id_number:
        people |= set(session.scalars(select(Person.id).where(Person.id_number == person.id_number, ~Person.deleted)))
    live = paying.live_entries(session, campaign=campaign.id)
    query = select(RosterLine).where(
        RosterLine.campaign == campaign.id, RosterLine.person.in_(people), ~RosterLine.deleted
    )
    for other in session.scalars(query):
        paid = [entry for entry in paying.heads(live.get(other.id, [])) if entry.result == "paid"]
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


__all__ = ["RESULTS", "Paid", "Payments"]
