"""国网状态: what of the register stands in the national systems, marked for many people at once, with the day and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput
from app.models import Person, PersonService
from app.rules import register_codes
from app.services import lookup, rights
from app.services.people import person_of
from app.services.station import Station

ENTERED: Final = "entered"
DIFFERING: Final = "differing"
ABSENT: Final = "absent"


@dataclass(frozen=True)
class Standing:
    """How many people of the station are in which state; whoever nobody has said anything of counts as absent."""

    absent: int
    entered: int
    differing: int


class NationalRecords:
    """Saying what the national systems have."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def mark(self, persons: Sequence[str], state: str, *, number: str = "", services: bool = False) -> int:
        """Give people a state (a code or word of 国网状态) from today on; with `services` their periods of service too.

        `number` is the national system's own, for one person. One act; gives how many persons changed. Raises BadInput
        for a state there is not, a number for several, nobody; Refused for whoever is not of this station.
        """
        rights.demand(self.station, "write")
        code = register_codes.NATIONAL_STATES.code_of(state)
        wanted = list(dict.fromkeys(persons))
        if code is None:
            words = "、".join(dated.words for dated in register_codes.NATIONAL_STATES.codes.values())
            raise BadInput(f"“{state[:20]}”不对, 只能是 {words}。没有改动任何数据。", {"state": "不在选项里"})
        if not wanted or (number and len(wanted) > 1):
            raise BadInput("国网编号一次只能写给一个人, 也要先选人。没有改动任何数据。", {"persons": "请先选人"})
        changed = 0
        with self.station.db.work("标记国网状态") as work:
            for one in wanted:
                person = person_of(work.session, one)
                lookup.demand_scope(self.station.place, person)
                changed += self._say(person, code)
                if number:
                    person.national_number = number
                for service in _services(work.session, one) if services else ():
                    self._say(service, code)
        return changed

    def standing(self) -> Standing:
        """The counts of those who live."""
        rights.demand(self.station, "read")
        query = select(Person.national_state).where(
            ~Person.deleted, Person.merged_into.is_(None), Person.death_date.is_(None)
        )
        with self.station.db.read() as session:
            found = [state or ABSENT for state in session.scalars(query)]
        return Standing(found.count(ABSENT), found.count(ENTERED), found.count(DIFFERING))

    def _say(self, record: Person | PersonService, code: str) -> bool:
        """Day and name are those of the last look; whoever looks again and finds the same says so too."""
        day, who = clock.today().isoformat(), self.station.actor.name
        same = record.national_state == code
        if not same or record.national_day != day:
            record.national_state, record.national_day, record.national_by = code, day, who
        return not same


def _services(session: Session, person: str) -> list[PersonService]:
    return list(
        session.scalars(select(PersonService).where(PersonService.person == person, PersonService.deleted.is_(False)))
    )
