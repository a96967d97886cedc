"""Finds records by their ids and says in words what is not here or not ours."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import (
    Attachment,
    Campaign,
    CaseStep,
    Handover,
    HardshipCase,
    Household,
    IssuedDocument,
    Payment,
    Person,
    Policy,
    Roster,
    RosterLine,
    Staff,
    Synced,
    Visit,
    fields_of,
)  # fmt: skip
from app.rules import levels
from app.rules.partial_date import PartialDate
from app.services import field_values, redirects
from app.services.station import Place

S = TypeVar("S", bound=Synced)

NOUNS: Final[dict[str, type[Synced]]] = {
    "person": Person, "household": Household, "visit": Visit, "campaign": Campaign, "roster": Roster,
    "line": RosterLine, "payment": Payment, "case": HardshipCase, "step": CaseStep, "paper": IssuedDocument,
    "attachment": Attachment, "staff": Staff, "policy": Policy, "handover": Handover,
}  # fmt: skip
"""Nouns of the terminal, as they stand before an id (`person:ID`)."""

DEAD: Final = frozenset({"dead", "deceased", "去世", "死亡", "牺牲"})
LEFT: Final = frozenset({"moved", "cancelled", "迁出", "取消", "注销"})
"""Words of 人员状态 for those who moved away or lost the entitlement (减员)."""


def fetch(session: Session, model: type[S], id: str) -> S:
    """A record that is here and not deleted. Raises BadInput for a malformed id, Refused if there is none."""
    record = session.get(model, field_values.record_id(id))
    if record is None or record.deleted:
        raise Refused(f"没有这个{model.noun} {id}。请核对编号。")
    return record


def person(session: Session, id: str) -> Person:
    """A person; of merged records the one that is kept, found by following the redirects to their end."""
    found = fetch(session, Person, id)
    return session.get_one(Person, redirects.end_of(session, found.id))


def merged(session: Session, id: str) -> set[str]:
    """All ids records of this person may bear: the kept one and those merged into it."""
    found = {person(session, id).id}
    while more := set(session.scalars(select(Person.id).where(Person.merged_into.in_(found)))) - found:
        found |= more
    return found


def subject(text: str) -> tuple[str, type[Synced], str]:
    """(noun, class, id) of `KIND:ID`. Raises BadInput."""
    noun, colon, record = text.partition(":")
    model = NOUNS.get(noun.strip())
    if not colon or model is None:
        raise BadInput(f"“{text[:60]}”要写成 类型:编号, 类型可以是 {', '.join(NOUNS)}。")
    return noun.strip(), model, field_values.record_id(record)


def read_into(problems: dict[str, str], kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """`field_values.read`, whose problems join those a service finds itself, so that all are named at once."""
    good = dict(values)
    try:
        return field_values.read(kind, good, clock.today())
    except BadInput as error:
        problems.update(error.problems)
    # The values that can be read are still looked at by the service's own rules.
    good = {name: value for name, value in good.items() if name not in problems}
    return field_values.read(kind, good, clock.today())


def demand_scope(place: Place, person: Person, *, second_home: bool = False) -> None:
    """Refuse to write for people of other stations; `second_home` also lets the 常住地站 write (users.md P12)."""
    homes = [person.home or person.division or ""]
    if second_home and person.residence_division:
        homes.append(person.residence_division)
    if not any(levels.covers(place.scopes, home) for home in homes):
        raise Refused(f"{person.name} 不在本站管辖范围内, 不能登记。没有改动任何数据。请由户籍地的服务站办理。")


def died(person: Person) -> PartialDate | None:
    """The day of death as far as it is known."""
    return PartialDate.parse(person.death_date) if person.death_date else None


def is_dead(person: Person) -> bool:
    """Whether the register has the person as dead, with or without the day."""
    return bool(person.death_date) or person.status in DEAD


def outward(record: Synced, *, internal: bool = False) -> dict[str, Any]:
    """The fields of a record as JSON has them; those kept by the programme only if `internal`."""
    known = fields_of(type(record).__tablename__)  # type: ignore[attr-defined]  # every kind names its table
    names = [name for name, field in known.items() if internal or not field.internal]
    return {name: field_values.outward(known[name], getattr(record, name)) for name in names}
