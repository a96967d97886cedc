"""疑似同一人: pairs of the register that may be one person, and whom half-filled values may mean; it never writes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Person, PersonKey, bulk, table_of
from app.rules import duplicates, likeness
from app.rules.duplicates import Traces, Verdict
from app.services import rights
from app.services.station import Station

_FIELDS: Final = (
    "name", "former_name", "id_number", "birth_date", "sex", "division", "phone", "phone2", "household_number",
)  # fmt: skip
_PARTS: Final = {"person_account": "account_number", "person_service": "enlisted"}
_LAST: Final = "\U0010ffff"
_CHUNK: Final = 500
_MOST_CANDIDATES: Final = 2_000
_WHOLE: Final = 17
"""From so many digits on a number is taken for a whole one, perhaps with one left out."""
_BEGINNING: Final = 12
_SHORTEST_NAME: Final = 2
_WORTH_READING: Final = duplicates.LIKELY - 20
"""Points below which the parts of a person cannot make him likely any more."""


@dataclass(frozen=True)
class Candidate:
    """One of the persons, as far as they are told apart side by side."""

    id: str
    name: str
    id_number: str | None
    birth_date: str | None
    division: str
    phone: str | None


@dataclass(frozen=True)
class DuplicatePair:
    """Two persons who may be one; the earlier record first. `points` from 60 to 100, which is the same number."""

    persons: tuple[Candidate, Candidate]
    points: int
    why: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True)
class DuplicateSearch:
    """The surest pairs first. `crowded` are persons who share everything told with too many others to be compared."""

    pairs: tuple[DuplicatePair, ...]
    persons: int
    compared: int
    crowded: tuple[str, ...]


@dataclass(frozen=True)
class LikelyPerson:
    """Somebody on the register whom typed values may mean."""

    person: Candidate
    points: int
    why: tuple[str, ...]
    against: tuple[str, ...]


class Duplicates:
    """Finding persons who are registered twice."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def search(self, settled: Collection[frozenset[str]] = ()) -> DuplicateSearch:
        """Every pair of the register that may be one person, but those `settled` as two (ids of both)."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session, bulk.unhindered():
            ids: list[str] = []
            traces: list[Traces] = []
            for record, one in _all_traces(session):
                ids.append(record)
                traces.append(one)
            place_of = {record: place for place, record in enumerate(ids)}
            known = {frozenset(place_of[one] for one in pair if one in place_of) for pair in settled}
            found = duplicates.search(traces, known)
            persons = _candidates(session, {ids[at] for pair in found.pairs for at in (pair.first, pair.second)})
        pairs = tuple(
            DuplicatePair(
                (persons[ids[pair.first]], persons[ids[pair.second]]),
                pair.verdict.points, pair.verdict.why, pair.verdict.against,
            )
            for pair in found.pairs
        )  # fmt: skip
        return DuplicateSearch(pairs, len(ids), found.compared, tuple(ids[at] for at in sorted(found.crowded)))

    def near(
        self, values: Mapping[str, Any], *, but: str = "", settled: Collection[frozenset[str]] = (), limit: int = 5
    ) -> list[LikelyPerson]:
        """Whom values as they stand in a form may mean, the likeliest first; unfinished ones are taken as they are.

        `but` is the person whose own form it is; persons settled with him as another are left out.
        """
        rights.demand(self.station, "read")
        typed = duplicates.traces(values)
        with self.station.db.read() as session:
            ids = [one for one in _candidate_ids(session, typed) if one != but]
            if but:
                ids = [one for one in ids if frozenset((one, but)) not in settled]
            # Most who share a name are soon told apart; only of the others accounts and service are read as well.
            first = [record for record, one in _traces_of(session, ids) if _judge(typed, one).points >= _WORTH_READING]
            parts = {kind: _first_parts(session, kind, first) for kind in _PARTS}
            judged = [(_judge(typed, one), record) for record, one in _traces_of(session, first, parts)]
            best = sorted((-verdict.points, record, verdict) for verdict, record in judged if verdict.likely)[:limit]
            persons = _candidates(session, {record for _, record, _ in best})
        return [LikelyPerson(persons[record], v.points, v.why, v.against) for _, record, v in best]


def _judge(typed: Traces, known: Traces) -> Verdict:
    """A number that is still being typed speaks against nobody."""
    verdict = duplicates.compare(typed, known)
    if 0 < len(typed.number) < _WHOLE or (typed.number and not typed.valid):
        silent = duplicates.compare(replace(typed, number="", valid=False), known)
        return max(verdict, silent, key=lambda one: one.points)
    return verdict


# -- reading --------------------------------------------------------------------------------------------------------


def _all_traces(session: Session) -> Iterator[tuple[str, Traces]]:
    parts = {kind: _first_parts(session, kind, None) for kind in _PARTS}
    yield from _read(session, parts, None)


def _traces_of(
    session: Session, ids: Sequence[str], parts: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> Iterator[tuple[str, Traces]]:
    for some in bulk.chunks(ids, _CHUNK):
        yield from _read(session, parts, some)


def _read(
    session: Session, parts: Mapping[str, Mapping[str, str]], ids: Sequence[str] | None
) -> Iterator[tuple[str, Traces]]:
    person = table_of("person")
    query = select(person.c.id, *(person.c[name] for name in _FIELDS)).order_by(person.c.id)
    query = query.where(person.c.deleted.is_(False), person.c.merged_into.is_(None))
    if ids is not None:
        query = query.where(person.c.id.in_(ids))
    for record, *values in session.execute(query):
        fields: dict[str, Any] = dict(zip(_FIELDS, values, strict=True))
        for kind, name in _PARTS.items():
            fields[name] = parts.get(kind, {}).get(record)
        yield record, duplicates.traces(fields)


def _first_parts(session: Session, kind: str, ids: Sequence[str] | None) -> dict[str, str]:
    """The one telling field of each person's oldest part of a kind."""
    part = table_of(kind)
    value = part.c[_PARTS[kind]]
    query = select(part.c.person, value).where(part.c.deleted.is_(False), value.is_not(None))
    if ids is not None:
        query = query.where(part.c.person.in_(ids))
    return {row[0]: row[1] for row in session.execute(query.order_by(part.c.id.desc()))}


def _candidates(session: Session, ids: Iterable[str]) -> dict[str, Candidate]:
    columns = (Person.id, Person.name, Person.id_number, Person.birth_date, Person.division, Person.phone)
    out: dict[str, Candidate] = {}
    for some in bulk.chunks(sorted(ids), _CHUNK):
        out |= {row[0]: Candidate(*row) for row in session.execute(select(*columns).where(Person.id.in_(some)))}
    return out


def _candidate_ids(session: Session, typed: Traces) -> list[str]:
    """Persons who share something with what is typed, read off indexes; those of like numbers first."""
    found = dict.fromkeys(_numbered(session, typed))
    for keys in _keys(typed):
        query = select(PersonKey.person).where(PersonKey.key.in_(keys)).limit(_MOST_CANDIDATES)
        found.update(dict.fromkeys(session.scalars(query)))
    return list(found)


def _numbered(session: Session, typed: Traces) -> Iterator[str]:
    """Persons whose number is the typed one or one slip away: the beginning or the end of it is as it should be."""
    number = typed.number
    queries = []
    if len(number) >= _BEGINNING:
        beginning = number[:_BEGINNING]
        queries.append(
            select(Person.id, Person.id_number).where(
                Person.id_number >= beginning, Person.id_number < beginning + _LAST
            )
        )
    if len(number) >= _WHOLE:
        ending = select(PersonKey.person).where(PersonKey.key == number[-4:].casefold())
        queries.append(select(Person.id, Person.id_number).where(Person.id.in_(ending)))
    for query in queries:
        for record, known in session.execute(query.limit(_MOST_CANDIDATES)):
            kind, _ = likeness.of_numbers(number, known or "", both_valid=typed.valid)
            if kind in ("same", "slip", "fitting_slip"):
                yield record


def _keys(typed: Traces) -> Iterator[list[str]]:
    if typed.phones:
        yield sorted(typed.phones)
    if len(typed.name) >= _SHORTEST_NAME:
        yield sorted({typed.name, *likeness.sounds(typed.name)})
        if len(typed.name) == 3:
            yield [typed.name[0] + typed.name[2] + typed.name[1]]
    if typed.former:
        yield [typed.former]
