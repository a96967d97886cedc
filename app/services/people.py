"""The register: adding, changing and showing persons with their identities, service, family and accounts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import (
    FamilyMember,
    Person,
    PersonAccount,
    PersonAction,
    PersonAward,
    PersonChange,
    PersonEducation,
    PersonIdentity,
    PersonInsurance,
    PersonJob,
    PersonService,
    PersonSettlement,
    PersonSoldier,
    PersonTraining,
    PersonVenture,
    fields_of,
    receipts,
)
from app.models.base import Synced
from app.models.database import Work
from app.rules import divisions, id_number, levels
from app.rules.partial_date import PartialDate
from app.services import deaths, field_values, person_checks, rights
from app.services.person_checks import FileOf
from app.services.station import Station

Part = (
    PersonIdentity | PersonService | PersonAccount | FamilyMember | PersonAction | PersonAward | PersonSettlement
    | PersonEducation | PersonTraining | PersonJob | PersonVenture | PersonInsurance | PersonSoldier | PersonChange
)  # fmt: skip

FLAT: Final[Mapping[str, tuple[str, ...]]] = {
    "person_identity": ("class12", "benefit_code", "disability_level", "disability_nature", "benefit_state"),
    "person_service": (
        "enlisted", "discharged", "branch", "rank", "unit_number", "unit_code", "discharge_cert", "merits",
    ),
    "person_account": ("bank", "account_holder", "account_number"),
}  # fmt: skip
"""Fields of parts that stand beside the person's own, as rosters have them: one identity, one service, one account."""

LISTS: Final[Mapping[str, type[Part]]] = {
    "identities": PersonIdentity,
    "services": PersonService,
    "accounts": PersonAccount,
    "family": FamilyMember,
    "actions": PersonAction,
    "awards": PersonAward,
    "settlements": PersonSettlement,
    "educations": PersonEducation,
    "trainings": PersonTraining,
    "jobs": PersonJob,
    "ventures": PersonVenture,
    "insurances": PersonInsurance,
    "soldiers": PersonSoldier,
    "changes": PersonChange,
}
"""Parts given as lists of objects."""

_CLASSES: Final[Mapping[str, type[Part]]] = {c.__tablename__: c for c in LISTS.values()}
_KIND_OF: Final = {name: kind for kind, names in FLAT.items() for name in names}
_NOT_BY_HAND: Final = frozenset({"household"})
_DEAD: Final = "dead"


@dataclass(frozen=True)
class Saved:
    """What an act on a person did; `warnings` are sentences for the clerk, none of them blocks."""

    id: str
    warnings: tuple[str, ...] = ()
    act: str = ""


@dataclass(frozen=True)
class Died(Saved):
    """What 登记去世 did."""

    brought: deaths.Brought = field(default_factory=deaths.Brought)


@dataclass(frozen=True)
class PersonCard:
    """A person as shown: stored values by field, parts as lists of the same, the status of reporting."""

    id: str
    fields: dict[str, Any]
    sync: str
    """unsent|sent|township|county|city|conflict|refused; the station's own level while it has no parent."""


@dataclass
class _Sorted:
    """Given values by the record they belong to."""

    person: dict[str, Any] = field(default_factory=dict)
    parts: list[tuple[type[Part], dict[str, Any]]] = field(default_factory=list)
    flat: dict[str, dict[str, Any]] = field(default_factory=dict)


class People:
    """What a person at the desk can do with the register."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def add(self, values: Mapping[str, Any]) -> Saved:
        """A new person with parts. `values`: fields of Person, those of FLAT, and the lists of LISTS.

        Raises BadInput naming every bad field; Refused outside the station's area, for a number already here and for
        what the rules of benefits do not allow.
        """
        rights.demand(self.station, "write")
        today = clock.today()
        given = _sorted(values, today)
        problems = {name: "必须填写" for name in ("name", "division") if given.person.get(name) is None}
        if not given.person.get("id_number") and not given.person.get("no_id_reason"):
            problems["id_number"] = "要填身份证号, 或写明无号原因 no_id_reason(uncollected, pending, serving)"
        field_values.refuse(problems)
        person = complete(given.person)
        refuse_outside(self.station, person["division"])
        person_id = clock.new_id()
        home = person["division"]
        parts = [*given.parts, *((_CLASSES[kind], flat) for kind, flat in given.flat.items() if any(flat.values()))]
        with self.station.db.work("登记人员") as work:
            refuse_known_number(work.session, person.get("id_number"), "")
            work.session.add(Person(id=person_id, home=home, **person))
            work.session.flush()
            work.session.add_all([kind(id=clock.new_id(), home=home, person=person_id, **some) for kind, some in parts])
            by_kind: dict[str, list[dict[str, Any]]] = {}
            for part, some in parts:
                by_kind.setdefault(part.__tablename__, []).append(some)
            warnings = person_checks.look(work.session, None, FileOf(person_id, person, by_kind), today)
        return Saved(person_id, warnings, work.act)

    def change(self, person_id: str, values: Mapping[str, Any], *, name: str = "修改人员") -> Saved:
        """Change fields of a person, and of the one identity, service or account there is; null clears a field.

        What is unchanged is not written. Raises BadInput, Refused as `add` does, and Refused for a move to another
        village, which is a handover. What the rules refuse and stood there before is only warned of.
        """
        rights.demand(self.station, "write")
        today = clock.today()
        given = _sorted(values, today)
        if given.parts:
            raise BadInput("修改时请逐项写字段, 不能整列替换。没有改动任何数据。")
        with self.station.db.work(name) as work:
            person = person_of(work.session, person_id)
            rights.demand(self.station, "write", person)
            before = file_of(work.session, person)
            own = dict(given.person)
            if own.get("id_number") and "no_id_reason" not in own:
                own["no_id_reason"] = None
            _refuse_move(person, own.get("division"))
            after = {n: getattr(person, n) for n in field_values.columns_of("person")} | own
            if own.keys() & {"id_number", "no_id_reason"} and not after["id_number"] and not after["no_id_reason"]:
                raise BadInput("要填身份证号, 或写明无号原因。没有改动任何数据。", {"id_number": "必须填写"})
            if own.get("id_number"):
                refuse_known_number(work.session, own["id_number"], person_id)
                own |= {n: v for n, v in complete(after).items() if after.get(n) is None and v is not None}
            write(person, own)
            for kind, flat in given.flat.items():
                self._change_part(work, person, kind, flat)
            work.session.flush()
            warnings = person_checks.look(work.session, before, file_of(work.session, person), today)
        return Saved(person_id, warnings, work.act)

    def remove(self, person_id: str) -> None:
        """移入回收站(误录): the person and the parts are marked deleted in one act."""
        rights.demand(self.station, "write")
        with self.station.db.work("移入回收站(误录)") as work:
            person = person_of(work.session, person_id)
            rights.demand(self.station, "write", person)
            work.delete(person)
            for _, part in parts_of(work.session, person_id):
                work.delete(part)

    def record_death(self, person_id: str, values: Mapping[str, Any]) -> Died:
        """登记去世: `death_date` (a day, a month or a year), `death_cause`, and what deaths.TOLD names; all in one act.

        The status follows, lists not printed yet lose the person, printed sheets and what is due are said. `paid_until`
        is the last month paid, as somebody says it. Raises BadInput without a date, Refused for somebody who is
        registered as dead already.
        """
        rights.demand(self.station, "write")
        today = clock.today()
        given, told = _told_of_death(values, today)
        with self.station.db.work(deaths.ACT) as work:
            person = person_of(work.session, person_id)
            rights.demand(self.station, "write", person)
            if person.death_date:
                raise Refused(
                    f"{person.name} 已登记去世({person.death_date})。没有改动任何数据。日期不对请用“修改”更正。"
                )
            before = file_of(work.session, person)
            write(person, given | {"status": _DEAD})
            brought = deaths.bring(work, self.station, person, told)
            work.session.flush()
            warnings = person_checks.look(work.session, before, file_of(work.session, person), today)
        return Died(person_id, warnings, work.act, brought)

    def withdraw_death(self, person_id: str) -> Saved:
        """误报: everything 登记去世 brought is taken back in one act, also when it has gone up already.

        Raises Refused for somebody who is not registered as dead.
        """
        rights.demand(self.station, "write")
        with self.station.db.read() as session:
            person = person_of(session, person_id)
            if not person.death_date and person.status != _DEAD:
                raise Refused(f"{person.name} 没有登记去世。没有改动任何数据。")
        act = deaths.act_of(self.station, person_id)
        with self.station.db.work(deaths.MISTAKEN) as work:
            person = person_of(work.session, person_id)
            rights.demand(self.station, "write", person)
            before = file_of(work.session, person)
            kept = deaths.take_back(work, self.station, person, act)
            work.session.flush()
            warnings = person_checks.look(work.session, before, file_of(work.session, person), clock.today())
        return Saved(person_id, (*kept, *warnings), work.act)

    def add_part(self, person_id: str, part: str, values: Mapping[str, Any]) -> Saved:
        """One identity, service, account or relative more (`part` is a name of LISTS). Gives the part's id.

        Raises BadInput naming every bad field, also when nothing is filled in.
        """
        rights.demand(self.station, "write")
        kind = LISTS[part]
        given = _filled(kind, field_values.read(kind.__tablename__, values, clock.today()))
        with self.station.db.work(f"添加{kind.noun}") as work:
            person = person_of(work.session, person_id)
            rights.demand(self.station, "write", person)
            before = file_of(work.session, person)
            record = kind(id=clock.new_id(), home=person.home, person=person.id, **given)
            work.session.add(record)
            work.session.flush()
            warnings = person_checks.look(work.session, before, file_of(work.session, person), clock.today())
        return Saved(record.id, warnings, work.act)

    def change_part(self, part: str, part_id: str, values: Mapping[str, Any]) -> Saved:
        """Change fields of a part; null clears one, what is unchanged is not written."""
        rights.demand(self.station, "write")
        kind = LISTS[part]
        given = field_values.read(kind.__tablename__, values, clock.today())
        with self.station.db.work(f"修改{kind.noun}") as work:
            record, person = _part_of(work.session, kind, part_id)
            rights.demand(self.station, "write", record)
            before = file_of(work.session, person)
            _filled(kind, {n: getattr(record, n) for n in field_values.columns_of(kind.__tablename__)} | given)
            write(record, given)
            work.session.flush()
            warnings = person_checks.look(work.session, before, file_of(work.session, person), clock.today())
        return Saved(part_id, warnings, work.act)

    def remove_part(self, part: str, part_id: str) -> None:
        """Take a part away; it stays in the history and can be brought back by undoing."""
        rights.demand(self.station, "write")
        kind = LISTS[part]
        with self.station.db.work(f"删去{kind.noun}") as work:
            record, _ = _part_of(work.session, kind, part_id)
            rights.demand(self.station, "write", record)
            work.delete(record)

    def show(self, person_id: str) -> PersonCard:
        """Everything of a person."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            person = person_of(session, person_id)
            shown = _row(person)
            shown |= {name: [] for name in LISTS}
            for name, part in parts_of(session, person_id):
                shown[name].append({"id": part.id} | _row(part))
            return PersonCard(person_id, shown, receipts.status(session, "person", person_id))

    def _change_part(self, work: Work, person: Person, kind: str, flat: Mapping[str, Any]) -> None:
        present = [part for _, part in parts_of(work.session, person.id) if part.__tablename__ == kind]
        if len(present) > 1:
            raise BadInput(
                f"{person.name} 有 {len(present)} 条{_CLASSES[kind].noun}, 请在人员页上逐条修改。没有改动任何数据。"
            )
        if present:
            write(present[0], flat)
        elif any(value is not None for value in flat.values()):
            work.session.add(_CLASSES[kind](id=clock.new_id(), home=person.home, person=person.id, **flat))


def _told_of_death(values: Mapping[str, Any], today: dt.date) -> tuple[dict[str, Any], dict[str, Any]]:
    """Day and cause, and what goes with them; BadInput names everything that is wrong."""
    given = field_values.read("person", {n: values.get(n) for n in ("death_date", "death_cause")}, today)
    told: dict[str, Any] = {}
    problems: dict[str, str] = {}
    wanted = {name: (name, values[name]) for name in deaths.TOLD if name in values}
    wanted["paid_until"] = ("day", values.get("paid_until"))
    for name, (column, value) in wanted.items():
        try:
            told[name] = field_values.read("person_change", {column: value}, today)[column]
        except BadInput as error:
            problems[name] = error.problems[column]
    if not given["death_date"]:
        problems["death_date"] = "必须填写, 不清楚哪一天可以只写年月"
    elif PartialDate.parse(given["death_date"]).earliest() > today:
        problems["death_date"] = f"日期 {given['death_date']} 还没有到"
    field_values.refuse(problems)
    return given, told


def _part_of(session: Session, kind: type[Part], part_id: str) -> tuple[Part, Person]:
    record: Any = session.get(kind, field_values.record_id(part_id))
    if record is None or record.deleted:
        raise Refused(f"这条{kind.noun}已经不在了, 可能刚被删去。没有改动任何数据。")
    return record, person_of(session, record.person)


def _filled(kind: type[Part], values: dict[str, Any]) -> dict[str, Any]:
    """The values of a part; BadInput if there are none at all."""
    if all(value is None for value in values.values()):
        first = next(iter(field_values.columns_of(kind.__tablename__)))
        raise BadInput("至少要填一项。没有改动任何数据。", {first: "至少要填一项"})
    return values


def write(record: Synced, values: Mapping[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    differing = {name: value for name, value in values.items() if getattr(record, name) != value}
    for name, value in differing.items():
        setattr(record, name, value)
    return bool(differing)


def person_of(session: Session, person_id: str) -> Person:
    """A person who is here and not deleted; Refused in words otherwise."""
    person = session.get(Person, field_values.record_id(person_id))
    if person is None:
        raise Refused(f"没有这个人员: {person_id}。请用 person find 查编号。")
    if person.deleted:
        raise Refused(f"{person.name} 已移入回收站, 不能再查看或修改。可以先撤销那一步。")
    return person


def parts_of(session: Session, person_id: str) -> list[tuple[str, Part]]:
    """(name of the list, part) of everything that hangs on a person, in the order of entry."""
    out: list[tuple[str, Any]] = []
    for name, kind in LISTS.items():
        query = select(kind).where(kind.person == person_id, kind.deleted.is_(False)).order_by(kind.id)
        out += [(name, part) for part in session.scalars(query)]
    return out


def complete(person: Mapping[str, Any]) -> dict[str, Any]:
    """A person's values with birth date and sex taken from the ID number where they are missing."""
    out = dict(person)
    if number := out.get("id_number"):
        out["no_id_reason"] = None
        checked = id_number.check(number)
        if isinstance(checked, id_number.IdNumber):
            out["birth_date"] = out.get("birth_date") or checked.birth.isoformat()
            out["sex"] = out.get("sex") or checked.sex
    return out


def refuse_outside(station: Station, division: str) -> None:
    """Refused in words unless a 12-digit division lies in the station's area."""
    if not levels.covers(station.place.scopes, division):
        raise Refused(f"区划 {division} 不在本站管辖范围({', '.join(station.place.scopes)})内。没有改动任何数据。")


def refuse_known_number(session: Session, number: str | None, but: str) -> None:
    """Refused, with the person's name and id, when another person here has this ID number."""
    if not number:
        return
    query = select(Person.id, Person.name).where(
        Person.id_number == number, Person.deleted.is_(False), Person.id != but
    )
    if (row := session.execute(query).first()) is not None:
        raise Refused(f"这个身份证号已经登记在 {row.name} 名下(编号 {row.id})。没有改动任何数据。请在原有人员上修改。")


def file_of(session: Session, person: Person) -> FileOf:
    """A person with all parts as they stand now, for the rules."""
    own = {n: getattr(person, n) for n in field_values.columns_of("person")}
    parts: dict[str, list[dict[str, Any]]] = {}
    for _, part in parts_of(session, person.id):
        names = field_values.columns_of(part.__tablename__)
        parts.setdefault(part.__tablename__, []).append({n: getattr(part, n) for n in names})
    return FileOf(person.id, own, parts)


def _row(record: Synced) -> dict[str, Any]:
    kind = str(record.__tablename__)  # type: ignore[attr-defined]  # every synced class maps a table
    known = fields_of(kind)
    return {name: field_values.outward(known[name], getattr(record, name)) for name in field_values.columns_of(kind)}


def _sorted(values: Mapping[str, Any], today: dt.date) -> _Sorted:
    """Take the given values apart by record; every problem of all of them is named at once."""
    out = _Sorted()
    problems: dict[str, str] = {}

    def read(kind: str, some: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
        try:
            return field_values.read(kind, some, today)
        except BadInput as error:
            problems.update({prefix + name: why for name, why in error.problems.items()})
            return {}

    own = {n: v for n, v in values.items() if n not in _KIND_OF and n not in LISTS}
    problems.update({name: "由户的登记带出, 不在这里填" for name in own if name in _NOT_BY_HAND})
    out.person = read("person", {n: v for n, v in own.items() if n not in _NOT_BY_HAND})
    for kind, names in FLAT.items():
        if some := {n: values[n] for n in names if n in values}:
            out.flat[kind] = read(kind, some)
    for name, part in LISTS.items():
        items = values.get(name) or []
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            problems[name] = "要写成对象的列表"
            continue
        for place, item in enumerate(items):
            out.parts.append((part, read(part.__tablename__, item, f"{name}[{place}].")))
    field_values.refuse(problems)
    return out


def _refuse_move(person: Person, division: str | None) -> None:
    if division is None or division == person.division or divisions.within(division, person.home):
        return
    raise Refused("户籍地变动要办关系转出/转入, 不能直接改。没有改动任何数据。")
