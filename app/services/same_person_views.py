"""What was found about records that may be one person, as windows show it: pairs told apart, records merged."""

from dataclasses import dataclass

from sqlalchemy import select

from app.models import Person, PersonPair, bulk
from app.services import rights
from app.services.duplicates import Candidate
from app.services.history import History
from app.services.same_persons import DISTINCT
from app.services.station import Station

_CHUNK = 500


@dataclass(frozen=True)
class Told:
    """Who told a pair apart, on which day, and the act that may be taken back."""

    who: str
    day: str
    act: str


@dataclass(frozen=True)
class Merged:
    """Two records of one person: the first stands for both."""

    kept: Candidate
    lost: Candidate


class SamePersonViews:
    """Reading what was decided; it never writes."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def told_apart(self) -> dict[frozenset[str], str]:
        """Pairs that are two persons (不是同一人), by their ids; gives the record that says so."""
        rights.demand(self._station, "read")
        query = select(PersonPair.first, PersonPair.other, PersonPair.id).where(
            ~PersonPair.deleted, PersonPair.verdict == DISTINCT
        )
        with self._station.db.read() as session:
            return {frozenset((first, other)): record for first, other, record in session.execute(query)}

    def told_by(self, record: str) -> Told | None:
        """Who said so; None where the journal does not reach back so far."""
        changes = History(self._station).of("person_pair", record)
        if not changes:
            return None
        first = min(changes, key=lambda change: change.when)
        return Told(first.who, first.when.date().isoformat(), first.act)

    def merged(self) -> list[Merged]:
        """Every record another one stands for, the newest first."""
        rights.demand(self._station, "read")
        columns = (Person.id, Person.name, Person.id_number, Person.birth_date, Person.division, Person.phone)
        query = select(Person.merged_into, *columns).where(~Person.deleted, Person.merged_into.is_not(None))
        with self._station.db.read() as session:
            lost = [(row[0], Candidate(*row[1:])) for row in session.execute(query.order_by(Person.id.desc()))]
            kept: dict[str, Candidate] = {}
            for some in bulk.chunks(sorted({one for one, _ in lost if one}), _CHUNK):
                kept |= {
                    row[0]: Candidate(*row) for row in session.execute(select(*columns).where(Person.id.in_(some)))
                }
        return [Merged(kept[one], other) for one, other in lost if one and one in kept]
