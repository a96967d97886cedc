"""Visits and contacts (走访, F03): recorded by the station of the household or of the residence."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import clock
from app.errors import BadInput
from app.models import Campaign, Person, Visit
from app.rules.chinese_date import month_and_day
from app.services import field_values, lookup, rights
from app.services.station import Station

FIRST_DAY = dt.date(1949, 10, 1)


@dataclass(frozen=True)
class Recorded:
    """A new visit; `warnings` are remarks in Chinese that stop nothing."""

    id: str
    warnings: tuple[str, ...] = ()


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
        today = clock.today()
        problems: dict[str, str] = {}
        fields = lookup.read_into(problems, "visit", values)
        fields["date"] = fields.get("date") or today.isoformat()
        if not fields.get("person"):
            problems.setdefault("person", "没有填走访对象")
        if why := day_problem(fields["date"], today):
            problems["date"] = why
        field_values.refuse(problems)
        with self._station.db.work("登记走访") as work:
            person = lookup.person(work.session, fields["person"])
            lookup.demand_scope(self._station.place, person, second_home=True)
            if fields.get("campaign"):
                lookup.fetch(work.session, Campaign, fields["campaign"])
            visit = Visit(**{**fields, "person": person.id, "home": person.home})
            work.session.add(visit)
            work.session.flush()
            return Recorded(visit.id, _warnings(person, dt.date.fromisoformat(visit.date)))

    def recorded(self, person: str | None = None) -> list[VisitRow]:
        """Visits, the newest first; of one person if named."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            columns = [getattr(Visit, name) for name in VisitRow.__dataclass_fields__ if name != "name"]
            query = (
                select(*columns, Person.name)
                .outerjoin(Person, Person.id == Visit.person)
                .where(~Visit.deleted)
                .order_by(Visit.date.desc(), Visit.id.desc())
            )
            if person is not None:
                query = query.where(Visit.person.in_(lookup.merged(session, person)))
            return [VisitRow(**{**row, "name": row["name"] or "他站人员"}) for row in session.execute(query).mappings()]


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
