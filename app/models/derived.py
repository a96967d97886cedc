"""Columns and tables computed from records: local, never journalled, rebuilt at will."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

Refresh = Callable[[Connection, Sequence[str]], None]
Make = Callable[[Connection, Sequence[str], Sequence[Sequence[Any]]], None]

_RULES: Final[dict[str, list[tuple[Refresh, Make]]]] = {}


def derives(kind: str, made: Make) -> Callable[[Refresh], Refresh]:
    """Register a function that refreshes what is derived from records of a kind, given their ids.

    `made` does the same for records just inserted, given the columns and rows of the insert: driver values, `id` first.
    """

    def register(rule: Refresh) -> Refresh:
        _RULES.setdefault(kind, []).append((rule, made))
        return rule

    return register


def refresh(connection: Connection, kind: str, ids: Sequence[str]) -> None:
    """Recompute what hangs on these records; called by the unit of work and by the merging of packages."""
    for rule, _ in _RULES.get(kind, ()):
        rule(connection, ids)


def make(connection: Connection, kind: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """The same for new records, from what was just inserted."""
    for _, rule in _RULES.get(kind, ()):
        rule(connection, columns, rows)
