"""Many rows at once, past the ORM: the same statements on SQLite and PostgreSQL."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")

_BATCH = 5_000
_TOGETHER = 50
"""Rows in one statement; with the widest table still far below SQLite's 32,766 values."""


@contextmanager
def unhindered() -> Iterator[None]:
    """No search for cycles while a great many small objects without any are made: a quarter of the time of an import."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def chunks(items: Sequence[T], size: int = _BATCH) -> Iterator[Sequence[T]]:
    """Slices of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def insert_many(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert tuples of driver values (ids as bytes), several by one statement: a tenth quicker than one by one."""
    if not rows:
        return
    marks = ",".join([_mark(connection)] * len(columns))
    names = ",".join(f'"{name}"' for name in columns)
    whole = len(rows) // _TOGETHER * _TOGETHER
    for some, count in ((rows[:whole], _TOGETHER), (rows[whole:], 1)):
        if some:
            sql = f'INSERT INTO "{table}" ({names}) VALUES {",".join([f"({marks})"] * count)}'
            flat = [tuple(chain.from_iterable(few)) for few in chunks(some, count)] if count > 1 else list(some)
            connection.exec_driver_sql(sql, flat)


def upsert_many(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], key: Sequence[str]
) -> None:
    """Insert, or overwrite the named columns of the row with the same key; `version` counts up where there is one."""
    if not rows:
        return
    marks = ",".join([_mark(connection)] * len(columns))
    names = ",".join(f'"{name}"' for name in columns)
    sets = ",".join(f'"{name}"=excluded."{name}"' for name in columns if name not in key and name != "version")
    if "version" in columns:
        sets += f',"version"="{table}"."version"+1'
    keys = ",".join(f'"{name}"' for name in key)
    change = f"UPDATE SET {sets}" if sets else "NOTHING"
    sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks}) ON CONFLICT ({keys}) DO {change}'
    connection.exec_driver_sql(sql, list(rows))


def select_in(connection: Connection, sql: str, values: Sequence[Any], *, size: int = 500) -> Iterator[tuple[Any, ...]]:
    """Rows of `sql`, whose `{}` takes the place marks of an IN list, for any number of driver values."""
    mark = _mark(connection)
    for some in chunks(values, size):
        for row in connection.exec_driver_sql(sql.format(",".join([mark] * len(some))), tuple(some)):
            yield tuple(row)


def update_many(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Set columns of existing rows; each tuple is (id, values in the order of `columns`…); `version` counts up."""
    if not rows:
        return
    mark = _mark(connection)
    sets = ",".join(f'"{name}"={mark}' for name in columns)
    sql = f'UPDATE "{table}" SET {sets},"version"="version"+1 WHERE "id"={mark}'
    connection.exec_driver_sql(sql, [(*row[1:], row[0]) for row in rows])
