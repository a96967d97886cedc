"""F07 from a case: applicant, household and opinions as they stand in the register and in the steps."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents import case_form as sheets
from app.documents.paper import Document
from app.models import (
    CaseStep,
    FamilyMember,
    HardshipCase,
    Person,
    PersonAccount,
    PersonIdentity,
    PersonService,
    receipts,
)
from app.rules import benefits, hardship
from app.rules.partial_date import PartialDate, age_on
from app.services import case_steps, divisions
from app.services.roster_sheets import desk_phone
from app.services.station import Station

P = TypeVar("P", FamilyMember, PersonService, PersonAccount, PersonIdentity)

_RULE_STEPS: Final = ("first_review", "township_review", "county_decision")


def draw(
    session: Session,
    station: Station,
    case: HardshipCase,
    person: Person,
    number: str,
    *,
    reprint: int,
    sample: bool = False,
) -> Document:
    """The PDF of a case's form; opinions not given yet are left to be written by hand."""
    chain = case_steps.of_case(session, case.id)
    policy = case_steps.policy_of(session, case.policy)
    written = case_steps.as_rules(session, chain.steps)
    opinions = {step: _opinion(session, chain.steps, step) for step in _RULE_STEPS}
    paid = _last(chain.steps, "pay")
    earlier = _earlier_help(session, case)
    return sheets.case_form(
        sheets.CaseForm(
            station=station.place.name,
            phone=desk_phone(session, station),
            number=number,
            version=1,
            printed_at=clock.now(),
            printed_by=station.actor.name,
            applicant=applicant(session, person),
            need=sheets.Need(
                kind=hardship.KINDS.get(case.kind or "", case.kind or ""),
                cause=case.reason,
                asked=case.amount or 0,
                household_size=case.family_size or 1,
                income=case.family_income,
                year_count=len(earlier),
                year_amount=sum(earlier),
            ),
            members=tuple(_member(row) for row in _parts(session, FamilyMember, person)),
            applied_on=dt.date.fromisoformat(case.opened) if case.opened else None,
            village=opinions["first_review"],
            township=opinions["township_review"],
            county_head=opinions["county_decision"],
            approved=hardship.approved_amount(written, policy),
            approval_number=case.decision_number or "",
            paid_on=dt.date.fromisoformat(paid.day) if paid is not None and paid.day else None,
            reprint=reprint,
            sample=sample,
        )
    )


def _last(steps: Sequence[CaseStep], step: str) -> CaseStep | None:
    return next((row for row in reversed(steps) if row.step == step), None)


def _opinion(session: Session, steps: Sequence[CaseStep], step: str) -> sheets.Opinion:
    row = _last(steps, step)
    if row is None:
        return sheets.Opinion()
    # The signature is written by hand: whoever typed the opinion is not the one who answers for it.
    words = row.opinion or hardship.RESULTS.get(row.result, row.result)
    day = dt.date.fromisoformat(row.day) if row.day else None
    brought = receipts.brought_by(session, row.id)
    package = sheets.Package(*brought) if brought is not None else None
    return sheets.Opinion(text=words, day=day, amount=row.amount, package=package)


def applicant(session: Session, person: Person) -> sheets.Applicant:
    services = _parts(session, PersonService, person)
    accounts = _parts(session, PersonAccount, person)
    identities = _parts(session, PersonIdentity, person)
    service = services[0] if services else PersonService()
    account = accounts[0] if accounts else PersonAccount()
    return sheets.Applicant(
        name=person.name,
        sex=benefits.label("sex", person.sex),
        birth=person.birth_date or "",
        ethnic=benefits.label("ethnicity", person.ethnicity),
        id_number=person.id_number or "",
        phone=person.phone or "",
        registered_address=person.address or _place(session, person),
        home_address=person.residence_address or "",
        category=category(identities),
        enlisted=service.enlisted or "",
        discharged=service.discharged or "",
        certificate=service.discharge_cert or "",
        bank=account.bank or "",
        account_name=account.account_holder or "",
        account=account.account_number or "",
    )


def _place(session: Session, person: Person) -> str:
    """Rosters seldom have an address: the names of the place, and the group, then stand for it."""
    return divisions.full_name(session, person.division) + (person.village_group or "") if person.division else ""


def category(identities: Sequence[PersonIdentity]) -> str:
    """All identities in words, the collection class before the benefit."""
    words = []
    for row in identities:
        words += [benefits.label("collection_class", row.class12), benefits.label("benefit", row.benefit_code)]
    return "、".join(dict.fromkeys(word for word in words if word))


def _parts(session: Session, model: type[P], person: Person) -> list[P]:
    query = select(model).where(model.person == person.id, ~model.deleted).order_by(model.id)
    return list(session.scalars(query))


def _member(row: FamilyMember) -> sheets.Member:
    age = ""
    if row.birth_date:
        age = str(age_on(PartialDate.parse(row.birth_date), clock.today())[0])
    relation = benefits.label("relation", row.relation)
    return sheets.Member(row.name or "", relation, age, row.id_number or "", row.work_place or "", "", None)


def _earlier_help(session: Session, case: HardshipCase) -> list[int]:
    """What was paid on other cases of this person in the same year, in fen."""
    year = (case.opened or "")[:4]
    query = select(HardshipCase.id).where(
        HardshipCase.person == case.person,
        HardshipCase.id != case.id,
        ~HardshipCase.deleted,
        HardshipCase.opened.startswith(year),
    )
    found = []
    for other in session.scalars(query):
        paid = [
            row.amount or 0
            for row in case_steps.of_case(session, other).steps
            if row.step == "pay" and row.result == "pass"
        ]
        if paid:
            found.append(sum(paid))
    return found
