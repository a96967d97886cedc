"""The register as a list: the ids of those wanted, in the order wanted, and what stands in a line of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from app import clock
from app.models import Person, PersonIdentity, PersonKey, PersonService, Visit, receipts, table_of
from app.models.person_keys import ORDER, ORDER_END
from app.rules import benefits
from app.rules import divisions as division_rules
from app.rules.eligibility import later
from app.rules.partial_date import PartialDate
from app.services import divisions, lookup, rights, searching
from app.services.ids import Ids
from app.services.station import Station

HERE: Final = "here"
DEAD: Final = "dead"
LEFT: Final = "left"
ABSENT: Final = "absent"
NO_CLASS: Final = "none"
ANY_BENEFIT: Final = "benefit"
SORTS: Final = frozenset({"name", "sex", "birth_date", "id_number", "classes", "village", "phone", "visited", "status"})
_TOGETHER: Final = 5_000


@dataclass(frozen=True)
class Wanted:
    """Who stands in the list, and in which order; what is left empty leaves nobody out."""

    text: str = ""
    """As in the search box."""
    village: str = ""
    """A division of twelve digits."""
    kind: str = ""
    """A class of the twelve (02), a benefit (benefit:81), ANY_BENEFIT, or NO_CLASS."""
    status: str = ""
    """HERE | DEAD | LEFT."""
    key_contact: bool = False
    unvisited_since: str = ""
    """A day: those without a visit on it or later."""
    age_from: int = 0
    """Completed years; of whom only the year is known counts who may be as old. 0: no bound."""
    age_to: int = 0
    lone_elder: bool = False
    national_state: str = ""
    """A code of 国网状态; `absent` are those nobody has said anything of, too."""
    sort: str = "name"
    """One of SORTS; `name` is the order of 拼音."""
    downwards: bool = False


@dataclass(frozen=True)
class PersonLine:
    """One line. Values as they are stored; `place` and `kinds` in words."""

    id: str
    name: str
    sex: str | None
    birth_date: str | None
    id_number: str | None
    no_id_reason: str | None
    division: str | None
    village_group: str | None
    address: str | None
    residence_address: str | None
    phone: str | None
    phone2: str | None
    political: str | None
    household_number: str | None
    head_name: str | None
    work_place: str | None
    key_contact: bool | None
    plaque: str | None
    status: str | None
    death_date: str | None
    note: str | None
    place: str = ""
    kinds: str = ""
    enlisted: str | None = None
    discharged: str | None = None
    visited: str | None = None
    """The day of the last visit."""
    sync: str = ""
    """A key of receipts.STATUSES."""

    @property
    def dead(self) -> bool:
        """Whether the register has the person as dead."""
        return bool(self.death_date) or self.status in lookup.DEAD


class PeopleList:
    """Reading the register in lists; it never writes."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self._places: dict[str, str] = {}

    def ids(self, wanted: Wanted) -> Ids:
        """Everybody wanted, in order. Raises BadInput for a text no name can hold."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            self._places = {}
            words = searching.words_of(self.station, session, wanted.text)
            fitting = [*([searching.condition(words)] if words else []), *_conditions(wanted)]
            return Ids(_gathered(session, _query(wanted, fitting)))

    def lines(self, ids: Sequence[str]) -> dict[str, PersonLine]:
        """Lines by id, by primary key: for what is in view. Persons gone meanwhile are left out."""
        rights.demand(self.station, "read")
        if not ids:
            return {}
        person = table_of("person")
        columns = [person.c[name] for name in _COLUMNS]
        with self.station.db.read() as session:
            found = [PersonLine(*row) for row in session.execute(select(*columns).where(person.c.id.in_(ids)))]
            kinds, service = kinds_of(session, ids), _services(session, ids)
            visited, sync = _visited(session, ids), receipts.statuses(session, "person", ids)
            self._name_places(session, {line.division or "" for line in found})
        out = {}
        for line in found:
            enlisted, discharged = service.get(line.id, (None, None))
            out[line.id] = replace(
                line, place=self._places.get(line.division or "", ""), kinds=kinds.get(line.id, ""), enlisted=enlisted,
                discharged=discharged, visited=visited.get(line.id), sync=sync[line.id],
            )  # fmt: skip
        return out

    def _name_places(self, session: Session, codes: set[str]) -> None:
        if codes - self._places.keys() - {""}:
            names = divisions.names_inside(session, self.station.place)
            for code in codes - self._places.keys():
                self._places[code] = names.get(code) or divisions.national().get(code, code)


def _gathered(session: Session, query: Select[Any]) -> bytes:
    """The ids of a query, one after the other.

    SQLite puts them together itself: a hundred thousand rows fetched one by one would keep the interpreter busy, and
    with it the window. (It keeps the order of a subquery for group_concat.)
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        inner = query.subquery()
        digits = connection.execute(select(func.group_concat(func.hex(inner.c[0]), ""))).scalar()
        return bytes.fromhex(digits or "")
    data = bytearray()
    for some in connection.execute(query).partitions(_TOGETHER):
        data += b"".join(bytes(row[0]) for row in some)
    return bytes(data)


_COLUMNS: Final = (
    "id", "name", "sex", "birth_date", "id_number", "no_id_reason", "division", "village_group", "address",
    "residence_address", "phone", "phone2", "political", "household_number", "head_name", "work_place", "key_contact",
    "plaque", "status", "death_date", "note",
)  # fmt: skip


def _query(wanted: Wanted, fitting: Sequence[ColumnElement[bool]]) -> Select[Any]:
    down = wanted.downwards
    in_order = and_(PersonKey.key >= ORDER, PersonKey.key < ORDER_END)
    by_name = PersonKey.key.desc() if down else PersonKey.key
    here = Person.deleted.is_(False), Person.merged_into.is_(None)
    if wanted.sort == "name":
        # Only those who are here have such a key, so the list is read off the index. Whoever is wanted is gathered
        # beside it first: looking each person up on the way would take ten times as long.
        query = select(type_coerce(PersonKey.person, LargeBinary)).where(in_order).order_by(by_name, PersonKey.person)
        return query.where(PersonKey.person.in_(select(Person.id).where(*here, *fitting))) if fitting else query
    query = select(type_coerce(Person.id, LargeBinary)).where(*here, *fitting)
    keys: list[ColumnElement[Any]] = []
    for key in _sort_keys(wanted.sort):
        # What is not known stands at the end, whichever way the list runs.
        keys += [key.is_(None), key.desc() if down else key]
    return query.order_by(*keys, Person.id)


def _sort_keys(sort: str) -> list[ColumnElement[Any]]:
    match sort:
        case "village":
            # 10组 after 2组: shorter texts first.
            return [Person.division.expression, func.length(Person.village_group), Person.village_group.expression]
        case "visited":
            last = select(func.max(Visit.date)).where(Visit.person == Person.id, Visit.deleted.is_(False))
            return [last.scalar_subquery()]
        case "classes":
            first = select(func.min(PersonIdentity.class12)).where(*_of_person(PersonIdentity))
            code = select(func.min(PersonIdentity.benefit_code)).where(*_of_person(PersonIdentity))
            return [first.scalar_subquery(), code.scalar_subquery()]
        case "sex" | "birth_date" | "id_number" | "phone" | "status":
            return [getattr(Person, sort).expression]
        case _:
            raise ValueError(f"no list is sorted by {sort!r}")


def _of_person(part: type[PersonIdentity]) -> tuple[ColumnElement[bool], ...]:
    return part.person == Person.id, part.deleted.is_(False)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    out: list[ColumnElement[bool]] = []
    if wanted.village:
        scope = division_rules.scope(wanted.village)
        out.append(Person.division.startswith(scope, autoescape=True))
    if wanted.kind:
        out.append(_of_kind(wanted.kind))
    if wanted.status:
        dead = or_(Person.death_date.is_not(None), func.coalesce(Person.status, "").in_(sorted(lookup.DEAD)))
        left = func.coalesce(Person.status, "").in_(sorted(lookup.LEFT))
        out.append({DEAD: dead, LEFT: and_(left, ~dead), HERE: and_(~dead, ~left)}[wanted.status])
    if wanted.key_contact:
        out.append(Person.key_contact.is_(True))
    if wanted.unvisited_since:
        since = Visit.person.is_not(None), Visit.deleted.is_(False), Visit.date >= wanted.unvisited_since
        out.append(Person.id.not_in(select(Visit.person).where(*since)))
    out += _of_age(wanted)
    if wanted.lone_elder:
        out.append(Person.lone_elder.is_(True))
    if wanted.national_state:
        said = Person.national_state == wanted.national_state
        out.append(or_(said, Person.national_state.is_(None)) if wanted.national_state == ABSENT else said)
    return out


def _of_age(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Partial dates are compared as texts: 1956 stands before 1956-03-12, so a year alone may be old enough."""
    today = clock.today()
    out: list[ColumnElement[bool]] = []
    if wanted.age_from:
        out.append(Person.birth_date <= later(PartialDate.of(today), -wanted.age_from).latest().isoformat())
    if wanted.age_to:
        first = later(PartialDate.of(today), -wanted.age_to - 1)
        # Whoever is known by the year or month only, and may have been born after that day.
        out.append(or_(
            Person.birth_date > first.latest().isoformat(),
            Person.birth_date.in_((f"{first.year}", f"{first.year}-{first.month:02d}")),
        ))  # fmt: skip
    return out


def _of_kind(kind: str) -> ColumnElement[bool]:
    having = select(PersonIdentity.person).where(PersonIdentity.person.is_not(None), PersonIdentity.deleted.is_(False))
    if kind == NO_CLASS:
        return Person.id.not_in(having)
    if kind == ANY_BENEFIT:
        return Person.id.in_(having.where(PersonIdentity.benefit_code.is_not(None)))
    if kind.startswith(f"{ANY_BENEFIT}:"):
        return Person.id.in_(having.where(PersonIdentity.benefit_code == kind.partition(":")[2]))
    return Person.id.in_(having.where(PersonIdentity.class12 == kind))


def kinds_of(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """What people are, in short words, by id: 残疾军人(因战七级)、参战."""
    query = select(
        PersonIdentity.person, PersonIdentity.class12, PersonIdentity.benefit_code, PersonIdentity.disability_level,
        PersonIdentity.disability_nature,
    )  # fmt: skip
    query = query.where(PersonIdentity.person.in_(ids), PersonIdentity.deleted.is_(False)).order_by(PersonIdentity.id)
    words: dict[str, dict[str, None]] = {}
    for person, *identity in session.execute(query):
        if word := benefits.short_identity(*identity):
            words.setdefault(person, {})[word] = None
    return {person: "、".join(some) for person, some in words.items()}


def _services(session: Session, ids: Sequence[str]) -> Mapping[str, tuple[str | None, str | None]]:
    query = select(PersonService.person, PersonService.enlisted, PersonService.discharged)
    query = query.where(PersonService.person.in_(ids), PersonService.deleted.is_(False)).order_by(PersonService.id)
    out: dict[str, tuple[str | None, str | None]] = {}
    for person, enlisted, discharged in session.execute(query):
        out.setdefault(person, (enlisted, discharged))
    return out


def _visited(session: Session, ids: Sequence[str]) -> dict[str, str]:
    query = select(Visit.person, func.max(Visit.date)).where(Visit.person.in_(ids), Visit.deleted.is_(False))
    return {person: day for person, day in session.execute(query.group_by(Visit.person)) if day}
