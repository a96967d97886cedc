"""Rules as data (政策参数): records with a day of effect that a county or city sets and all below follow."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from app import clock
from app.errors import BadInput, Refused
from app.models import Policy, stops
from app.rules import eligibility_rules, hardship
from app.services import case_steps, field_values, lookup, rights, settling
from app.services.station import Station

SETTING_LEVELS: Final = ("county", "city")

CHECKS: Final[dict[str, Callable[[Any], object]]] = {
    case_steps.POLICY: hardship.policy_from,
    eligibility_rules.POLICY: eligibility_rules.rules_from,
    stops.POLICY: stops.check,
    settling.POLICY: settling.read,
}
"""What reads the value of a policy this version knows; it raises BadInput for a value that makes no sense."""
DEFAULTS: Final[dict[str, Callable[[], Any]]] = {
    case_steps.POLICY: hardship.DEFAULT.to_data,
    eligibility_rules.POLICY: eligibility_rules.DEFAULT.to_data,
    stops.POLICY: stops.defaults,
    settling.POLICY: settling.defaults,
}
"""What holds while no record says otherwise."""


@dataclass(frozen=True)
class PolicyRow:
    """One line of the list; `in_force` today. `id` is empty for a built-in default."""

    id: str
    name: str
    starts: str
    basis: str | None
    in_force: bool


class Policies:
    """What can be done with policies."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def overview(self) -> list[PolicyRow]:
        """All records by name and day, and the defaults no record replaces today."""
        rights.demand(self._station, "read")
        today = clock.today()
        with self._station.db.read() as session:
            query = select(Policy).where(~Policy.deleted).order_by(Policy.name, Policy.starts, Policy.id)
            records = list(session.scalars(query))
            names = {*(record.name for record in records), *DEFAULTS}
            current = {name: case_steps.policy_in_force(session, today, name) for name in names}
        rows = [PolicyRow("", name, "", None, in_force=True) for name in sorted(DEFAULTS) if current[name] is None]
        return rows + [
            PolicyRow(record.id, record.name, record.starts, record.basis, in_force=record is current[record.name])
            for record in records
        ]

    def show(self, name: str, day: dt.date | None = None) -> dict[str, Any]:
        """`{id, name, starts, basis, value}` in force on a day (today by default), or by a record's id."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            record = case_steps.policy_in_force(session, day or clock.today(), name)
            if record is None and _is_id(name):
                record = lookup.fetch(session, Policy, name)
        if record is None:
            if name not in DEFAULTS:
                raise Refused(f"没有“{name[:40]}”这项政策参数。可用 policy list 查看。")
            return {"id": "", "name": name, "starts": "", "basis": None, "value": DEFAULTS[name]()}
        value = json.loads(record.value)
        return {"id": record.id, "name": record.name, "starts": record.starts, "basis": record.basis, "value": value}

    def set(self, values: Mapping[str, Any]) -> str:
        """A new version from `name`, `starts`, `value` (JSON) and `basis`; only a county or city may. Gives its id."""
        station = self._station
        rights.demand(station, "policy")
        if station.place.level not in SETTING_LEVELS:
            raise Refused("政策参数只能由县局或市局修改。没有改动任何数据。")
        given = dict(values)
        value = given.pop("value", None)
        problems: dict[str, str] = {}
        fields = lookup.read_into(problems, "policy", given)
        if not fields.get("name"):
            problems.setdefault("name", "没有填名称")
        try:
            data = json.loads(value) if isinstance(value, str) else value
            _demand_whole(data)
            if (check := CHECKS.get(fields.get("name") or "")) is not None:
                if not isinstance(data, Mapping):
                    raise BadInput("内容要写成 JSON 对象")
                check(data)
        except BadInput as error:
            problems["value"] = str(error)
        except ValueError:
            problems["value"] = "内容不是 JSON"
        field_values.refuse(problems)
        fields["starts"] = fields.get("starts") or clock.today().isoformat()
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        with station.db.work("设置政策参数") as work:
            record = Policy(**fields, value=text, home=station.place.home)
            work.session.add(record)
            work.session.flush()
            return record.id


def _is_id(text: str) -> bool:
    return len(text) == 32 and not set(text.lower()) - set("0123456789abcdef")


def _demand_whole(data: Any) -> None:
    """Floats cannot hold money and differ between machines."""
    if data is None:
        raise BadInput("没有填内容")
    if isinstance(data, float):
        raise BadInput("数字不能带小数, 金额要写成文字")
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        if part is not None:
            _demand_whole(part)
