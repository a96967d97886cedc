"""疑似同一人: two records of one person are found, looked at, told apart, or brought together by a redirect."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Person, PersonPair
from app.rules import id_number, levels, text
from app.services import lookup, redirects, rights
from app.services.station import Station

DISTINCT: Final = "distinct"
RESIDENCE: Final = "residence"
SAME_NUMBER: Final = "身份证号相同"
IN_A_CIRCLE: Final = "几份资料互相并入, 成了一圈, 最早的那一次没有算"


@dataclass(frozen=True)
class Pair:
    """Records that may be one person; `offers` says what to try, the likeliest first: residence, handover, merge."""

    persons: tuple[str, ...]
    names: tuple[str, ...]
    homes: tuple[str, ...]
    why: str
    offers: tuple[str, ...]


class SamePersons:
    """What can be done with records that may be one person."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def pairs(self) -> list[Pair]:
        """Every open question: equal ID numbers nobody has looked at, redirects that run in a circle."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            looked_at = _looked_at(session)
            found = [pair for pair in _same_numbers(session) if frozenset(pair.persons) not in looked_at]
            return [*found, *_circles(session)]

    def merge(self, keep: str, lose: str) -> None:
        """Let one record stand for both: what hangs on the other one keeps its id and is found under this one.

        Refused unless both live in this unit's scope, and where the redirect would come back to itself.
        """
        with self._station.db.work("合并人员") as work:
            kept, lost = self._both(work.session, keep, lose)
            if redirects.end_of(work.session, kept.id) == lost.id:
                raise Refused(f"{kept.name} 这份资料已经并入另一份, 不能再反过来并。没有改动任何数据。可以先取消合并。")
            lost.merged_into = kept.id

    def unmerge(self, lose: str) -> None:
        """取消合并: both records stand for themselves again."""
        rights.demand(self._station, "write")
        with self._station.db.work("取消合并人员") as work:
            lost = lookup.fetch(work.session, Person, lose)
            lookup.demand_scope(self._station.place, lost)
            if lost.merged_into is None:
                raise Refused(f"{lost.name} 没有并入别的资料。没有改动任何数据。")
            lost.merged_into = None

    def tell_apart(self, one: str, other: str, note: str = "") -> str:
        """不是同一人: remembered here and above, so that the pair is not asked again."""
        with self._station.db.work("核对不是同一人") as work:
            first, second = self._both(work.session, one, other)
            return _pair(work.session, first, second, DISTINCT, note)

    def live_apart(self, registered: str, residing: str) -> str:
        """人户分离: the first record is the person's; the second one's station is that of the residence and sees the card.

        What hangs on the second record is found under the first one.
        """
        with self._station.db.work("核对人户分离") as work:
            first, second = self._both(work.session, registered, residing)
            if first.home == second.home:
                raise Refused("两份资料在同一个地方, 不是人户分离。没有改动任何数据。")
            first.residence_division = second.home
            second.merged_into = first.id
            return _pair(work.session, first, second, RESIDENCE, "")

    def _both(self, session: Session, one: str, other: str) -> tuple[Person, Person]:
        rights.demand(self._station, "write")
        first, second = lookup.fetch(session, Person, one), lookup.fetch(session, Person, other)
        if first.id == second.id:
            raise Refused("这是同一份资料。没有改动任何数据。")
        for person in (first, second):
            if not levels.covers(self._station.place.scopes, person.home or ""):
                raise Refused(f"{person.name} 不在本单位管辖范围内, 要由两边共同的上级核对。没有改动任何数据。")
        if second.merged_into is not None:
            raise Refused(f"{second.name} 已经并入另一份资料。没有改动任何数据。可以先取消合并。")
        return first, second


def _pair(session: Session, first: Person, second: Person, verdict: str, note: str) -> str:
    pair = PersonPair(
        home=first.home, first=first.id, other=second.id, verdict=verdict, note=text.clean(note) or None
    )  # fmt: skip
    session.add(pair)
    session.flush()
    return pair.id


def _looked_at(session: Session) -> set[frozenset[str]]:
    query = select(PersonPair.first, PersonPair.other).where(~PersonPair.deleted)
    return {frozenset(row) for row in session.execute(query)}


def _same_numbers(session: Session) -> Iterator[Pair]:
    """Persons with one ID number; one of fifteen digits is the same as the one it became."""
    query = select(Person.id, Person.name, Person.home, Person.id_number).where(
        ~Person.deleted, Person.merged_into.is_(None), Person.id_number.is_not(None)
    )
    by_number: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for person, name, home, number in session.execute(query.order_by(Person.id)):
        checked = id_number.check(number or "")
        key = checked.text if isinstance(checked, id_number.IdNumber) else number or ""
        by_number[key].append((person, name or "", home or ""))
    for _, some in sorted(by_number.items()):
        for place, first in enumerate(some):
            for second in some[place + 1 :]:
                apart = first[2] != second[2]
                offers = ("residence", "handover", "merge") if apart else ("merge",)
                persons, names, homes = zip(first, second, strict=True)
                yield Pair(persons, names, homes, SAME_NUMBER, offers)


def _circles(session: Session) -> Iterator[Pair]:
    for circle in redirects.circles(session):
        rows = [session.get_one(Person, person) for person in circle]
        names, homes = tuple(row.name or "" for row in rows), tuple(row.home or "" for row in rows)
        yield Pair(circle, names, homes, IN_A_CIRCLE, ())
