"""Households: adding one by hand, listing them with their members."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import clock
from app.errors import BadInput
from app.models import Household, Person
from app.services import field_values, rights
from app.services.people import person_of, refuse_outside
from app.services.station import Station


@dataclass(frozen=True)
class HouseholdRow:
    """One household of the list."""

    id: str
    number: str | None
    head: str | None
    division: str
    address: str | None
    members: int


class Households:
    """What a person at the desk can do with households."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def add(self, values: Mapping[str, Any]) -> str:
        """A new household (`head` a person's id, `division`, `address`, `number`); its head becomes a member.

        The division is the head's where it is not given. Raises BadInput naming every bad field, Refused outside the
        station's area and for an unknown head.
        """
        rights.demand(self.station, "write")
        given = field_values.read("household", values, clock.today())
        with self.station.db.work("登记户") as work:
            head = person_of(work.session, given["head"]) if given.get("head") else None
            division = given.get("division") or (head.home if head is not None else None)
            if division is None:
                raise BadInput("division: 必须填写。没有改动任何数据。", {"division": "必须填写"})
            refuse_outside(self.station, division)
            household = Household(id=clock.new_id(), home=division, **(given | {"division": division}))
            work.session.add(household)
            if head is not None:
                head.household = household.id
        return household.id

    def rows(self) -> list[HouseholdRow]:
        """All households with the number of their members."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            members: dict[str, int] = {}
            query = select(Person.household).where(Person.household.is_not(None), Person.deleted.is_(False))
            for household in session.scalars(query):
                members[str(household)] = members.get(str(household), 0) + 1
            households = session.scalars(select(Household).where(Household.deleted.is_(False)).order_by(Household.id))
            return [
                HouseholdRow(h.id, h.number, h.head, h.division, h.address, members.get(h.id, 0)) for h in households
            ]
