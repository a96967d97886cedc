"""Households: adding and changing one, who belongs to it, listing them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import Household, Person
from app.rules import codes
from app.services import divisions, field_values, lookup, rights, searching
from app.services.ids import Ids
from app.services.people import person_of, refuse_outside, write
from app.services.station import Place, Station

HEAD: Final = "02"
"""The head's relation to himself (GB/T 4761)."""
HUNG: Final = "已悬挂"
_MOVED: Final = ("address", "village_group")
PLAQUE: Final = "plaque"
"""Given beside a household's fields: the 光荣牌, which stands with the head (one for each household)."""


@dataclass(frozen=True)
class HouseholdRow:
    """One household of the list."""

    id: str
    number: str | None
    head: str | None
    division: str
    address: str | None
    members: int


@dataclass(frozen=True)
class HouseholdLine:
    """One line of the list in words."""

    id: str
    number: str
    head: str
    place: str
    address: str
    members: int
    names: str
    """Of the members, the head first."""


@dataclass(frozen=True)
class MemberLine:
    """One member; `relation` is the code of the relation to the head."""

    id: str
    name: str
    sex: str | None
    birth_date: str | None
    relation: str | None
    plaque: str | None
    head: bool
    dead: bool

    @property
    def relation_word(self) -> str:
        """The relation as the form has it."""
        return "户主" if self.head else codes.label("relation", self.relation)


@dataclass(frozen=True)
class HouseholdCard:
    """A household with everybody in it."""

    id: str
    fields: Mapping[str, Any]
    place: str
    members: tuple[MemberLine, ...]
    head: MemberLine | None
    plaque: str
    warnings: tuple[str, ...]


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
        own, plaque = _taken_apart(values)
        given = field_values.read("household", own, clock.today())
        with self.station.db.work("登记户") as work:
            head = person_of(work.session, given["head"]) if given.get("head") else None
            division = given.get("division") or (head.home if head is not None else None)
            if division is None:
                raise BadInput("division: 必须填写。没有改动任何数据。", {"division": "必须填写"})
            refuse_outside(self.station, division)
            household = Household(id=clock.new_id(), home=division, **(given | {"division": division}))
            work.session.add(household)
            if head is not None:
                _leave(work.session, head)
                write(head, {"household": household.id, "head_relation": head.head_relation or HEAD, **plaque})
        return household.id

    def change(self, id: str, values: Mapping[str, Any]) -> None:
        """Change fields, another head among them (who becomes a member); `plaque` is written to the head."""
        rights.demand(self.station, "write")
        own, plaque = _taken_apart(values)
        given = field_values.read("household", own, clock.today())
        with self.station.db.work("修改户") as work:
            household = lookup.fetch(work.session, Household, id)
            rights.demand(self.station, "write", household)
            if given.get("division"):
                refuse_outside(self.station, given["division"])
            if given.get("head"):
                head = _own(self.station.place, person_of(work.session, given["head"]))
                if head.household != household.id:
                    _leave(work.session, head)
                write(head, {"household": household.id, "head_relation": HEAD})
            write(household, given)
            if plaque:
                if not household.head:
                    raise BadInput("先选户主, 光荣牌记在户主名下。没有改动任何数据。", {PLAQUE: "先选户主"})
                _demand_one_plaque(work.session, household, plaque[PLAQUE])
                write(person_of(work.session, household.head), plaque)

    def remove(self, id: str) -> None:
        """Dissolve a household: its members stay on the register without one."""
        rights.demand(self.station, "write")
        with self.station.db.work("撤户") as work:
            household = lookup.fetch(work.session, Household, id)
            rights.demand(self.station, "write", household)
            for member in work.session.scalars(_living_in(household.id)):
                write(member, {"household": None})
            work.delete(household)

    def move(self, id: str, values: Mapping[str, Any]) -> int:
        """迁户 inside the village: the new `address` (and `village_group`) of a household and of everybody in it.

        Whoever lives elsewhere (another address than the household's) keeps it. Gives how many persons moved along.
        Raises BadInput for anything else given and without an address; a move to another village is a handover.
        """
        rights.demand(self.station, "write")
        own = {name: values.get(name) for name in values if name in _MOVED}
        problems = {name: "迁户只改地址和村民组" for name in values if name not in _MOVED}
        given = field_values.read("person", own, clock.today())
        if not given.get("address"):
            problems["address"] = "必须填写"
        field_values.refuse(problems)
        moved = 0
        with self.station.db.work("迁户") as work:
            household = lookup.fetch(work.session, Household, id)
            rights.demand(self.station, "write", household)
            before = household.address
            for member in work.session.scalars(_living_in(household.id)):
                if not lookup.is_dead(member) and member.address in (None, before):
                    moved += write(_own(self.station.place, member), given)
            write(household, {"address": given["address"]})
        return moved

    def split(self, id: str, persons: Sequence[str], head: str, values: Mapping[str, Any] | None = None) -> str:
        """分户: some members become a household of their own under a head among them; gives its id.

        What the new one has otherwise (`number`, `address`) is in `values`; the 光荣牌 stays with the old one. Raises
        BadInput without members, for a head who is not among them and for who is no member; Refused if nobody remains.
        """
        rights.demand(self.station, "write")
        given = field_values.read("household", dict(values or {}), clock.today())
        wanted = list(dict.fromkeys(persons))
        if head not in wanted:
            raise BadInput("新户的户主要在分出去的人里。没有改动任何数据。", {"head": "不在分出去的人里"})
        with self.station.db.work("分户") as work:
            old = lookup.fetch(work.session, Household, id)
            rights.demand(self.station, "write", old)
            members = {one.id: one for one in work.session.scalars(_living_in(old.id))}
            if strangers := [one for one in wanted if one not in members]:
                raise BadInput(f"有 {len(strangers)} 人不在这一户里。没有改动任何数据。", {"persons": "不在这一户里"})
            if len(wanted) == len(members):
                raise Refused("这一户的人都分出去了。全户搬迁请用“迁户”。没有改动任何数据。")
            home = old.home
            fields = {"division": old.division, "address": old.address} | given | {"head": head}
            household = Household(id=clock.new_id(), home=home, **fields)
            work.session.add(household)
            for one in wanted:
                member = _own(self.station.place, members[one])
                _leave(work.session, member)
                relation = HEAD if one == head else None
                changes = {"household": household.id, "head_relation": relation, "household_number": household.number}
                if household.address != old.address:
                    changes["address"] = household.address
                write(member, changes)
        return household.id

    def unite(self, id: str, other: str) -> tuple[str, ...]:
        """并户: everybody of another household joins this one, which stays; the other one is dissolved.

        Relations to the former head are cleared. Gives what should be looked at: two 光荣牌, for one.
        """
        rights.demand(self.station, "write")
        if id == other:
            raise BadInput("要选另外一户。没有改动任何数据。")
        with self.station.db.work("并户") as work:
            stays, goes = (lookup.fetch(work.session, Household, one) for one in (id, other))
            for household in (stays, goes):
                rights.demand(self.station, "write", household)
            for member in work.session.scalars(_living_in(goes.id)):
                changes = {"household": stays.id, "head_relation": None, "household_number": stays.number}
                write(_own(self.station.place, member), changes)
            work.delete(goes)
            work.session.flush()
            return tuple(_doubts(_members(work.session, stays)))

    def join(self, id: str, person: str, relation: str | None = None) -> tuple[str, ...]:
        """Take a person into a household; whoever belonged to another leaves that one. Gives what should be looked at."""
        rights.demand(self.station, "write")
        given = field_values.read("person", {"head_relation": relation}, clock.today())
        with self.station.db.work("加入户") as work:
            household = lookup.fetch(work.session, Household, id)
            member = _own(self.station.place, person_of(work.session, person))
            _leave(work.session, member)
            write(member, {"household": household.id, **given})
            work.session.flush()
            return tuple(_doubts(_members(work.session, household)))

    def leave(self, person: str) -> None:
        """Take a person out of the household; a head who leaves leaves it without one."""
        rights.demand(self.station, "write")
        with self.station.db.work("移出户") as work:
            member = _own(self.station.place, person_of(work.session, person))
            _leave(work.session, member)
            write(member, {"household": None, "head_relation": None})

    def show(self, id: str) -> HouseholdCard:
        """A household with its members, the head first."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            household = lookup.fetch(session, Household, id)
            fields = lookup.outward(household)
            members = sorted(_members(session, household), key=lambda one: (not one.head, one.id))
            place = divisions.spoken(session, self.station.place, household.division) if household.division else ""
        head = next((one for one in members if one.head), None)
        plaque = (head.plaque if head is not None else None) or ""
        return HouseholdCard(id, fields, place, tuple(members), head, plaque, tuple(_doubts(members)))

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

    def ids(self, text: str = "", sort: str = "number", *, downwards: bool = False) -> Ids:
        """Households in order; with a text those with a member it finds, or with this number or address."""
        rights.demand(self.station, "read")
        here = Household.deleted.is_(False)
        with self.station.db.read() as session:
            query = select(Household.id).where(here)
            if words := searching.words_of(self.station, session, text):
                member = select(Person.household).where(Person.household.is_not(None), searching.condition(words))
                plain = text.strip()
                query = query.where(
                    Household.id.in_(member)
                    | Household.number.contains(plain, autoescape=True)
                    | Household.address.contains(plain, autoescape=True)
                )
            keys = {
                "number": (func.length(Household.number), Household.number.expression),
                "place": (Household.division.expression, func.length(Household.number), Household.number.expression),
                "address": (Household.address.expression,),
            }[sort]
            for key in keys:
                query = query.order_by(key.is_(None), key.desc() if downwards else key)
            return Ids.of(session.scalars(query.order_by(Household.id)))

    def lines(self, ids: Sequence[str]) -> dict[str, HouseholdLine]:
        """Lines by id, by primary key: for what is in view."""
        rights.demand(self.station, "read")
        if not ids:
            return {}
        with self.station.db.read() as session:
            households = list(session.scalars(select(Household).where(Household.id.in_(ids))))
            names: dict[str, list[tuple[bool, str]]] = {}
            heads = {household.head for household in households}
            query = select(Person.household, Person.id, Person.name).where(
                Person.household.in_(ids), Person.deleted.is_(False), Person.merged_into.is_(None)
            )
            for household, person, name in session.execute(query.order_by(Person.id)):
                names.setdefault(str(household), []).append((person not in heads, name or ""))
            places = divisions.names_inside(session, self.station.place)
            others = [household.head for household in households if household.head]
            found = session.execute(select(Person.id, Person.name).where(Person.id.in_(others)))
            called = {row.id: row.name or "" for row in found}
        return {
            h.id: HouseholdLine(
                h.id, h.number or "", called.get(h.head or "", ""), places.get(h.division or "", h.division or ""),
                h.address or "", len(names.get(h.id, ())), "、".join(n for _, n in sorted(names.get(h.id, ()), key=_first)),
            )
            for h in households
        }  # fmt: skip


def _first(item: tuple[bool, str]) -> bool:
    return item[0]


def _taken_apart(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The household's own fields and the plaque."""
    own = {name: value for name, value in values.items() if name != PLAQUE}
    plaque = {PLAQUE: values[PLAQUE]} if PLAQUE in values else {}
    return own, field_values.read("person", plaque, clock.today())


def _living_in(household: str) -> Select[Person]:
    return select(Person).where(Person.household == household, Person.deleted.is_(False))


def _own(place: Place, person: Person) -> Person:
    lookup.demand_scope(place, person)
    return person


def _leave(session: Session, person: Person) -> None:
    """Whoever goes cannot stay the head of those who remain."""
    former = session.get(Household, person.household) if person.household else None
    if former is not None and former.head == person.id:
        former.head = None


def _demand_one_plaque(session: Session, household: Household, state: str | None) -> None:
    """One household, one 光荣牌: a second one is not hung by whoever registers it."""
    others = [one for one in _members(session, household) if one.plaque == HUNG and not one.head]
    if state == HUNG and others:
        names = "、".join(one.name for one in others)
        raise Refused(f"本户已登记 {names} 名下的光荣牌, 一户只挂一块。请先更正那一块。没有改动任何数据。")


def _members(session: Session, household: Household) -> list[MemberLine]:
    found = session.scalars(_living_in(household.id).where(Person.merged_into.is_(None)))
    return [
        MemberLine(
            one.id, one.name or "", one.sex, one.birth_date, one.head_relation, one.plaque, one.id == household.head,
            lookup.is_dead(one),
        )
        for one in found
    ]  # fmt: skip


def _doubts(members: Sequence[MemberLine]) -> list[str]:
    out = []
    hanging = [one.name for one in members if one.plaque == HUNG]
    if len(hanging) > 1:
        out.append(f"本户登记了 {len(hanging)} 块光荣牌({'、'.join(hanging)}), 一户一块, 请核对。")
    if members and not any(one.head for one in members):
        out.append("还没有选户主。")
    if any(one.head and one.dead for one in members):
        out.append("户主已去世, 请另选户主。")
    return out
