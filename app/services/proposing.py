"""Whom the standards of a round fit: the living people of the unit's area, the highest standard once, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import Campaign, CaseStep, HardshipCase, Payment, Person, PersonIdentity, RosterLine
from app.rules import campaign as rules
from app.rules import levels
from app.rules.money import format_grouped
from app.rules.partial_date import PartialDate
from app.services import lookup
from app.services.station import Place


@dataclass(frozen=True)
class Candidate:
    """Somebody the standards of a round fit; amount in fen, why in Chinese, `last` what was handed out last time."""

    person: str
    name: str
    amount: int
    why: str
    place: str = ""
    last: str = ""


def candidates(session: Session, place: Place, campaign: str, standards: Sequence[rules.Standard]) -> list[Candidate]:
    """Those who are not on the list yet, in the order of the way from door to door."""
    listed = set(session.scalars(select(RosterLine.person).where(RosterLine.campaign == campaign, ~RosterLine.deleted)))
    last = _last_time(session, campaign)
    found = []
    for row, facts in _register(session, place):
        proposal = None if row.id in listed else rules.propose(facts, standards, clock.today())
        if proposal is not None:
            where = row.village_group or row.address or ""
            found.append(Candidate(row.id, row.name, proposal.amount, proposal.why, where, last.get(row.id, "")))
    return found


def amount_for(session: Session, person: str, standards: Sequence[rules.Standard]) -> int | None:
    """What the standards give to one person, in fen; None where none fits, or the person is dead."""
    for _, facts in _facts(session, person):
        proposal = rules.propose(facts, standards, clock.today())
        return proposal.amount if proposal is not None else None
    return None


def _register(session: Session, place: Place) -> list[tuple[Any, rules.Facts]]:
    """Living people of this unit's area with what the standards ask of them."""
    return [(row, facts) for row, facts in _facts(session) if levels.covers(place.scopes, row.home or "")]


def _facts(session: Session, person: str | None = None) -> list[tuple[Any, rules.Facts]]:
    """The living, or one of them, with what standards ask: classes, need, birth."""
    codes: dict[str, set[str]] = {}
    classes: dict[str, set[str]] = {}
    query = select(PersonIdentity.person, PersonIdentity.benefit_code, PersonIdentity.class12).where(
        ~PersonIdentity.deleted, PersonIdentity.ends.is_(None), PersonIdentity.benefit_state.is_distinct_from("stopped")
    )
    decided = select(CaseStep.case).where(CaseStep.step == "archive", ~CaseStep.deleted)
    cases = select(HardshipCase.person).where(~HardshipCase.deleted, HardshipCase.id.not_in(decided))
    people = (
        select(
            Person.id, Person.name, Person.home, Person.birth_date, Person.status, Person.death_date,
            Person.village_group, Person.address,
        )
        .where(~Person.deleted, Person.merged_into.is_(None), Person.death_date.is_(None))
        .order_by(Person.home, Person.village_group, Person.id)
    )  # fmt: skip
    if person is not None:
        query = query.where(PersonIdentity.person == person)
        cases, people = cases.where(HardshipCase.person == person), people.where(Person.id == person)
    for owner, benefit, class12 in session.execute(query):
        if benefit:
            codes.setdefault(owner, set()).add(benefit)
        if class12:
            classes.setdefault(owner, set()).add(class12)
    needy = set(session.scalars(cases))
    out = []
    for row in session.execute(people).all():
        if row.status in lookup.DEAD | lookup.LEFT:
            continue
        birth = PartialDate.parse(row.birth_date) if row.birth_date else None
        facts = rules.Facts(
            frozenset(codes.get(row.id, ())), frozenset(classes.get(row.id, ())), row.id in needy, birth, dead=False
        )
        out.append((row, facts))
    return out


def _last_time(session: Session, but: str) -> dict[str, str]:
    """What each person was handed out last, in words: `2026年两节慰问 500.00 元`."""
    taken_back = select(Payment.reverses).where(Payment.reverses.is_not(None), ~Payment.deleted)
    query = (
        select(Payment.person, Payment.amount, Campaign.name)
        .join(Campaign, Campaign.id == Payment.campaign)
        .where(
            Payment.result == "paid", Payment.reverses.is_(None), Payment.id.not_in(taken_back), ~Payment.deleted,
            Payment.campaign != but,
        )
        .order_by(Payment.day, Payment.id)
    )  # fmt: skip
    return {row.person: f"{row.name} {format_grouped(row.amount or 0)} 元" for row in session.execute(query)}
