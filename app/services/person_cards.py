"""What the card of a person shows at a glance: the stored facts, what he gets and lacks, the household, the way up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.models import Attachment, Household, Payment, Person, Visit, fields_of, receipts
from app.rules import codes, entitled
from app.rules.partial_date import PartialDate, age_on
from app.services import divisions, eligibility, lookup, rights
from app.services.people import LISTS, People, PersonCard, parts_of, person_of
from app.services.people_list import kinds_of
from app.services.station import Place, Station

_URGENT: Final = ("refused", "conflict", "unsent", "sent", "township", "county", "city")
"""Statuses, the one to be shown first where a person and the parts differ."""


@dataclass(frozen=True)
class Member:
    """Somebody of the same household."""

    id: str
    name: str
    relation: str
    """To the head, in words."""
    head: bool


@dataclass(frozen=True)
class Card:
    """Everything the card shows but what takes longer (timeline, changes, attachments)."""

    id: str
    fields: Mapping[str, Any]
    """As People.show gives them."""
    places: Mapping[str, str]
    """Full names of the divisions among the fields."""
    kinds: str
    age: str
    """截至 today; empty where the birth is not known."""
    gets: tuple[str, ...]
    missing: tuple[str, ...]
    sync: str
    """A key of receipts.STATUSES: of the person and the parts the one that must be looked at first."""
    contested: tuple[str, ...]
    """Labels of the fields two sides filled in differently."""
    visited: str
    household: str
    members: tuple[Member, ...]
    attachments: int
    photo: str = ""
    """Id of the attachment that is the photo; `Attachments.photo` has the picture."""

    @property
    def name(self) -> str:
        """Of the person."""
        return str(self.fields["name"] or "")

    @property
    def dead(self) -> bool:
        """Whether the register has the person as dead."""
        return bool(self.fields["death_date"]) or self.fields["status"] in lookup.DEAD


class PersonCards:
    """Reading cards; it never writes."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def of(self, person: str) -> Card:
        """The card of a person. Refused when he is not here or in the bin."""
        rights.demand(self.station, "read")
        shown = People(self.station).show(person)
        today = clock.today()
        with self.station.db.read() as session:
            record = person_of(session, person)
            visited = session.scalar(select(func.max(Visit.date)).where(Visit.person == person, ~Visit.deleted)) or ""
            due = entitled.due_words(eligibility.due_to(session, person, today))
            facts = _facts(shown, visited, _paid(session, person, today.year), due)
            places = _places(session, self.station.place, (record.division, record.residence_division))
            return Card(
                person, shown.fields, places, kinds_of(session, [person]).get(person, ""), _age(shown),
                entitled.gets(facts), entitled.missing(facts, today), *_way(session, person), visited,
                record.household or "", tuple(_members(session, record)), _count_files(session, person),
                record.photo or "",
            )  # fmt: skip


def _age(shown: PersonCard) -> str:
    birth = shown.fields["birth_date"]
    if not birth or shown.fields["death_date"] or shown.fields["status"] in lookup.DEAD:
        return ""
    today = clock.today()
    least, most = age_on(PartialDate.parse(birth), today)
    if most < 0:
        return ""
    years = f"{most}" if least == most else f"{max(least, 0)}–{most}"
    return f"{years} 岁(截至 {today.isoformat()})"


def _facts(shown: PersonCard, visited: str, paid: tuple[int, ...], due: tuple[str, ...]) -> entitled.Facts:
    fields = shown.fields
    services = fields["services"]

    def day(name: str) -> PartialDate | None:
        found = next((service[name] for service in services if service[name]), None)
        return PartialDate.parse(found) if found else None

    gone = bool(fields["death_date"]) or fields["status"] in lookup.DEAD | lookup.LEFT
    return entitled.Facts(
        gone=gone,
        identities=tuple(
            entitled.Identity(
                one["class12"] or "", one["benefit_code"] or "", one["disability_level"] or "",
                one["disability_nature"] or "", one["benefit_state"] or "",
            )
            for one in fields["identities"]
        ),
        discharged=day("discharged"),
        has_number=bool(fields["id_number"]),
        has_phone=bool(fields["phone"] or fields["phone2"]),
        has_account=any(one["account_number"] for one in fields["accounts"]),
        has_certificate=any(one["discharge_cert"] for one in services),
        plaque=fields["plaque"] or "",
        visited=visited,
        paid=paid,
        due=due,
    )  # fmt: skip


def _paid(session: Session, person: str, year: int) -> tuple[int, ...]:
    """Consolation money of a year that was handed out and not taken back."""
    query = select(Payment.id, Payment.amount, Payment.follows, Payment.result, Payment.day)
    rows = session.execute(query.where(Payment.person == person, ~Payment.deleted)).all()
    followed = {row.follows for row in rows}
    last = [row for row in rows if row.id not in followed]
    return tuple(row.amount for row in last if row.result == "paid" and row.amount > 0 and row.day[:4] == f"{year}")


def _way(session: Session, person: str) -> tuple[str, tuple[str, ...]]:
    """How far the person and the parts are reported, and which fields two sides filled in differently."""
    by_kind: dict[str, list[str]] = {"person": [person]}
    for name, part in parts_of(session, person):
        by_kind.setdefault(LISTS[name].__tablename__, []).append(part.id)
    found: list[str] = []
    labels: dict[str, None] = {}
    for kind, ids in by_kind.items():
        statuses = receipts.statuses(session, kind, ids)
        found += statuses.values()
        for record, status in statuses.items():
            if status == "conflict":
                known = fields_of(kind)
                labels.update({known[n].label: None for n in receipts.contested(session, kind, record) if n in known})
    return min(found, key=_URGENT.index), tuple(labels)


def _places(session: Session, place: Place, codes_: Iterable[str | None]) -> dict[str, str]:
    return {code: divisions.spoken(session, place, code) for code in codes_ if code}


def _members(session: Session, person: Person) -> Iterable[Member]:
    if person.household is None:
        return
    head = session.scalar(select(Household.head).where(Household.id == person.household))
    query = select(Person.id, Person.name, Person.head_relation).where(
        Person.household == person.household, Person.deleted.is_(False), Person.merged_into.is_(None)
    )
    for row in session.execute(query.order_by(Person.id)):
        relation = "户主" if row.id == head else codes.label("relation", row.head_relation)
        yield Member(row.id, row.name, relation, row.id == head)


def _count_files(session: Session, person: str) -> int:
    query = select(func.count()).select_from(Attachment).where(Attachment.subject == person, ~Attachment.deleted)
    return session.scalar(query) or 0
