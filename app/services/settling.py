"""Who may settle what two sides answered differently: by field, as a policy says."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from app import clock
from app.errors import BadInput, Refused
from app.models.base import fields_of, kinds
from app.models.fields import LEVEL_MERGES
from app.models.stops import in_force_policy
from app.rules import levels
from app.services.station import Station

POLICY: Final = "exchange.settle"
_COUNTY_EDITORS: Final = frozenset({"money", "account"})
_COUNTY_KINDS: Final = frozenset({"person_account", "payment", "roster_line", "campaign"})


def default_level(kind: str, name: str) -> str:
    """Village: what is asked of nobody; township: name and number; county: money and accounts; else who may write it."""
    facts = fields_of(kind).get(name) if kind in kinds() else None
    if facts is None:
        return "county"
    if facts.merge in LEVEL_MERGES:
        return facts.merge
    if facts.editor in _COUNTY_EDITORS or kind in _COUNTY_KINDS:
        return "county"
    return "township" if facts.merge == "ask" else "village"


def level_for(connection: Connection, scopes: tuple[str, ...], kind: str, name: str) -> str:
    """The lowest level that may settle a field."""
    said = in_force_policy(connection, POLICY, clock.today().isoformat(), scopes)
    return said.get(f"{kind}.{name}") or default_level(kind, name)


def demand(station: Station, kind: str, name: str) -> None:
    """Refuse in words whoever stands below the level that settles this field; a unit without a superior may always."""
    place = station.place
    with station.db.read() as session:
        level = level_for(session.connection(), place.scopes, kind, name)
    if place.parent is not None and levels.above(level, place.level):
        known = fields_of(kind).get(name) if kind in kinds() else None
        label = known.label if known is not None else name
        raise Refused(
            f"“{label}”两边填的不一样, 要由{levels.NAMES[level]}核对。没有改动任何数据。已上报的, 上级看得到。"
        )


def read(data: Mapping[str, Any]) -> None:
    """Raise BadInput unless the value of the policy names fields there are and levels there are."""
    for place, level in data.items():
        kind, _, name = place.partition(".")
        if kind not in kinds() or name not in fields_of(kind):
            raise BadInput(f"没有这个字段: {place}")
        if not isinstance(level, str) or not levels.is_level(level):
            raise BadInput(f"{place}: 级别只能是 {', '.join(levels.NAMES)}")


def defaults() -> dict[str, str]:
    """What holds while no policy says otherwise, for the fields that are asked."""
    out = {}
    for kind in sorted(kinds()):
        for name, facts in fields_of(kind).items():
            if facts.merge == "ask" or facts.merge in LEVEL_MERGES:
                out[f"{kind}.{name}"] = default_level(kind, name)
    return out
