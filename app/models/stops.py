"""How far up fields rise: as their columns declare it, unless a policy says otherwise."""

import functools
import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from app.errors import BadInput
from app.models.base import fields_of, kinds, table_of
from app.rules import levels

POLICY: Final = "exchange.stops"
"""Name of the policy: {"kind.field": level, or an empty text for a field that rises to the top}."""
CONTENT: Final = "attachment.content"
"""In the policy: the contents of attachments (their records rise)."""
CONTENT_STOP: Final = "county"
"""Pictures taken at people's homes stop at the county."""

Stops = Mapping[str, Mapping[str, str]]
"""{kind: {field: the highest level it rises to}}."""


@functools.cache
def declared() -> Stops:
    """What the columns say."""
    found = {kind: {name: facts.stop for name, facts in fields_of(kind).items() if facts.stop} for kind in kinds()}
    return {kind: some for kind, some in found.items() if some}


def in_force(connection: Connection, day: str, scopes: tuple[str, ...]) -> Stops:
    """What holds on a day for a unit with these scopes."""
    said = in_force_policy(connection, POLICY, day, scopes)
    if not said:
        return declared()
    out = {kind: dict(some) for kind, some in declared().items()}
    for place, level in said.items():
        kind, _, name = place.partition(".")
        if kind in kinds() and name in fields_of(kind):
            out.setdefault(kind, {})[name] = level
    return {kind: {name: level for name, level in some.items() if level} for kind, some in out.items()}


def content_stop(connection: Connection, day: str, scopes: tuple[str, ...]) -> str:
    """The highest level that contents of attachments rise to; empty: the top."""
    return in_force_policy(connection, POLICY, day, scopes).get(CONTENT, CONTENT_STOP)


def stopped(stop: str, level: str) -> bool:
    """Whether what stops at one level does not reach another; a level nobody knows lets nothing pass."""
    if not stop or not level:
        return False
    return not levels.is_level(stop) or levels.above(level, stop)


def in_force_policy(connection: Connection, name: str, day: str, scopes: tuple[str, ...]) -> dict[str, str]:
    """A policy of levels by field: its newest record by somebody above (or of) the unit that has taken effect."""
    table = table_of("policy")
    query = select(table.c.value, table.c.home).where(table.c.name == name, table.c.starts <= day, ~table.c.deleted)
    for value, home in connection.execute(query.order_by(table.c.starts.desc(), table.c.id.desc())):
        if home is not None and levels.covers_above(scopes, home):
            return _read(value)
    return {}


def check(data: Mapping[str, Any]) -> None:
    """Raise BadInput unless the value of the policy names fields there are and levels there are."""
    for place, level in data.items():
        kind, _, name = place.partition(".")
        if place != CONTENT and (kind not in kinds() or name not in fields_of(kind)):
            raise BadInput(f"没有这个字段: {place}")
        if level != "" and not (isinstance(level, str) and levels.is_level(level)):
            raise BadInput(f"{place}: 要写级别({', '.join(levels.NAMES)}), 或空文字(一直报到最上级)")


def defaults() -> dict[str, str]:
    """What holds while no policy says otherwise, as the policy writes it."""
    out = {f"{kind}.{name}": level for kind, some in sorted(declared().items()) for name, level in some.items()}
    return out | {CONTENT: CONTENT_STOP}


def _read(value: str | None) -> dict[str, str]:
    """The levels a policy names; what makes no sense (another programme's) says nothing."""
    try:
        found: Any = json.loads(value or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(place): level for place, level in found.items() if isinstance(level, str)}
