"""Visits and contacts (走访, F03): recorded by the station of the household or of the residence."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, RowMapping, Select, select, type_coerce
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput
from app.models import Campaign, Person, Visit
from app.rules.chinese_date import month_and_day
from app.services import field_values, lookup, rights
from app.services.ids import Ids
from app.services.station import Station

FIRST_DAY = dt.date(1949, 10, 1)
STRANGER = "他站人员"
"""Stands for somebody whose record is not here."""


@dataclass(frozen=True)
class Recorded:
    """A new visit; `warnings` are remarks in Chinese that stop nothing."""

    id: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class VisitShown:
    """One visit: whom it was paid to, and its fields."""

    id: str
    person: str
    name: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which visits a list shows, and in which order; empty means all. Days as text."""

    person: str = ""
    since: str = ""
    until: str = ""
    trigger: str = ""
    by: str = "date"
    """date | name | trigger | level"""
    downwards: bool = True


@dataclass(frozen=True)
class VisitRow:
    """One line of the list; days as text."""

    id: str
    person: str
    name: str
    date: str
    place: str | None
    companions: str | None
    trigger: str | None
    level: str | None
    campaign: str | None
    note: str | None
    condition: str | None
    wishes: str | None
    answer: str | None


class Visits:
    """What can be done with visits."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def record(self, values: Mapping[str, Any]) -> Recorded:
        """登记走访; the day defaults to today and lies between 1949 and today."""
        rights.demand(self._station, "write")
        fields = _read(values)
        with self._station.db.work("登记走访") as work:
            return self._add(work.session, fields["person"], fields)

    def record_many(self, persons: Sequence[str], values: Mapping[str, Any]) -> tuple[Recorded, ...]:
        """One entry for several people who were visited together: a visit each, one act. Refused as a whole."""
        rights.demand(self._station, "write")
        wanted = tuple(dict.fromkeys(persons))
        fields = _read({**values, "person": wanted[0] if wanted else None})
        with self._station.db.work("登记走访") as work:
            return tuple(self._add(work.session, person, fields) for person in wanted)

    def change(self, id: str, values: Mapping[str, Any]) -> Recorded:
        """修改走访: everything but whom it was paid to."""
        rights.demand(self._station, "write")
        with self._station.db.work("修改走访") as work:
            session = work.session
            visit = lookup.fetch(session, Visit, id)
            person = lookup.person(session, visit.person)
            lookup.demand_scope(self._station.place, person, second_home=True)
            known = {name: getattr(visit, name) for name in ("person", "date")}
            fields = _read({**known, **values, "person": visit.person})
            for name, value in fields.items():
                if getattr(visit, name) != value:
                    setattr(visit, name, value)
            return Recorded(id, _warnings(person, dt.date.fromisoformat(visit.date)))

    def remove(self, id: str) -> None:
        """移入回收站(误录): the visit was never paid."""
        rights.demand(self._station, "write")
        with self._station.db.work("移入回收站(误录)") as work:
            visit = lookup.fetch(work.session, Visit, id)
            lookup.demand_scope(self._station.place, lookup.person(work.session, visit.person), second_home=True)
            work.delete(visit)

    def show(self, id: str) -> VisitShown:
        """One visit with its fields as JSON has them."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            visit = lookup.fetch(session, Visit, id)
            person = session.get(Person, visit.person)
            return VisitShown(id, visit.person, person.name if person is not None else STRANGER, lookup.outward(visit))

    def usual(self) -> dict[str, str]:
        """What stood in the newest visit of this unit and mostly stands again: who went, where, why, on whose behalf."""
        rights.demand(self._station, "read")
        place = self._station.place
        with self._station.db.read() as session:
            names = ("companions", "place", "trigger", "level")
            query = select(*(getattr(Visit, name) for name in names)).where(~Visit.deleted)
            row = session.execute(query.order_by(Visit.id.desc()).limit(1)).first()
        found = {name: value for name, value in zip(names, row or (None,) * len(names), strict=True) if value}
        found.setdefault("level", place.level)
        return found

    def recorded(self, person: str | None = None) -> list[VisitRow]:
        """Visits, the newest first; of one person if named."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            query = _rows().order_by(Visit.date.desc(), Visit.id.desc())
            if person is not None:
                query = query.where(Visit.person.in_(lookup.merged(session, person)))
            return [_row(row) for row in session.execute(query).mappings()]

    def ids(self, wanted: Wanted) -> Ids:
        """The visits of a list, in its order; only their ids, so that a hundred thousand are quick."""
        rights.demand(self._station, "read")
        column = {"name": Person.name, "trigger": Visit.trigger, "level": Visit.level}.get(wanted.by, Visit.date)
        order = column.desc().nulls_last() if wanted.downwards else column.nulls_first()
        query = select(type_coerce(Visit.id, LargeBinary)).where(~Visit.deleted).order_by(order, Visit.id.desc())
        with self._station.db.read() as session:
            if wanted.by == "name":
                query = query.outerjoin(Person, Person.id == Visit.person)
            if wanted.person:
                query = query.where(Visit.person.in_(lookup.merged(session, wanted.person)))
            for value, condition in (
                (wanted.since, Visit.date >= wanted.since), (wanted.until, Visit.date <= wanted.until),
                (wanted.trigger, Visit.trigger == wanted.trigger),
            ):  # fmt: skip
                if value:
                    query = query.where(condition)
            return Ids.of(session.scalars(query))

    def rows(self, ids: Sequence[str]) -> dict[str, VisitRow]:
        """Lines of the list by their ids."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            rows = session.execute(_rows().where(Visit.id.in_(ids))).mappings()
            return {row["id"]: _row(row) for row in rows}

    def _add(self, session: Session, given: str, fields: Mapping[str, Any]) -> Recorded:
        person = lookup.person(session, given)
        lookup.demand_scope(self._station.place, person, second_home=True)
        if fields.get("campaign"):
            lookup.fetch(session, Campaign, fields["campaign"])
        visit = Visit(**{**fields, "person": person.id, "home": person.home})
        session.add(visit)
        session.flush()
        return Recorded(visit.id, _warnings(person, dt.date.fromisoformat(visit.date)))


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    today = clock.today()
    problems: dict[str, str] = {}
    fields = lookup.read_into(problems, "visit", values)
    fields["date"] = fields.get("date") or today.isoformat()
    if not fields.get("person"):
        problems.setdefault("person", "没有填走访对象")
    if why := day_problem(fields["date"], today):
        problems["date"] = why
    field_values.refuse(problems)
    return fields


def _rows() -> Select[Any]:
    columns = [getattr(Visit, name) for name in VisitRow.__dataclass_fields__ if name != "name"]
    return select(*columns, Person.name).outerjoin(Person, Person.id == Visit.person).where(~Visit.deleted)


def _row(found: RowMapping) -> VisitRow:
    return VisitRow(**{**found, "name": found["name"] or STRANGER})


def day_problem(day: str, today: dt.date) -> str:
    """Why something cannot have happened on a day, in Chinese; empty if it can."""
    if dt.date.fromisoformat(day) > today:
        return f"日期 {day} 还没有到"
    if dt.date.fromisoformat(day) < FIRST_DAY:
        return f"日期 {day} 太早, 请核对年份"
    return ""


def read_day(text: str | None, today: dt.date, name: str = "date") -> dt.date:
    """A day that has come, today by default. Raises BadInput keyed by `name`."""
    if text is None:
        return today
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"日期“{text[:20]}”不对。请写成 2026-09-28。", {name: "日期不对"}) from error
    if why := day_problem(day.isoformat(), today):
        raise BadInput(f"{why}。没有改动任何数据。", {name: why})
    return day


def _warnings(person: Person, day: dt.date) -> tuple[str, ...]:
    """A visit after somebody's death is to the family; it is kept, but said."""
    end = lookup.died(person)
    if end is None or end.latest() >= day:
        return ()
    return (f"{person.name} 已于 {month_and_day(end.earliest()) if end.is_day() else end} 去世, 已按慰问家属登记。",)
