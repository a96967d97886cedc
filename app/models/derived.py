"""Columns and tables computed from records: local, never journalled, rebuilt at will."""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

_RULES: Final[dict[str, list[Callable[[Connection, Sequence[str]], None]]]] = {}


def derives(
    kind: str,
) -> Callable[[Callable[[Connection, Sequence[str]], None]], Callable[[Connection, Sequence[str]], None]]:
    """Register a function that refreshes what is derived from records of a kind, given their ids."""

    def register(rule: Callable[[Connection, Sequence[str]], None]) -> Callable[[Connection, Sequence[str]], None]:
        _RULES.setdefault(kind, []).append(rule)
        return rule

    return register


def refresh(connection: Connection, kind: str, ids: Sequence[str]) -> None:
    """Recompute what hangs on these records; called by the unit of work and by the merging of packages."""
    for rule in _RULES.get(kind, ()):
        rule(connection, ids)
