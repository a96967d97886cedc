"""What we are measured against: the same rows without a journal, and SQLite's session extension."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app import clock, folders
from app.cli.benching.figures import timed
from app.errors import EnvironmentTrouble
from app.models import copying
from app.models.base import RecordId, table_of
from app.models.database import Database
from app.models.sealing import NodeKeys

SCRIPTS: Final = "bench"
_PRAGMAS: Final = ("foreign_keys", "journal_mode", "synchronous", "busy_timeout", "temp_store", "cache_size")
_STOPPED: Final = "对照测量没有做成: {0}。请核对 RONGGUI_BENCH_PYTHON 指的环境(make bench 会建好它)。"


@dataclass(frozen=True)
class Rows:
    """Rows of one table as plain values: ids and references as bytes, one list per row."""

    table: str
    schema: tuple[str, ...]
    """The statements that made our own table and its indexes."""
    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]

    @property
    def insert(self) -> str:
        """The statement all rows go in by."""
        marks = ",".join("?" * len(self.columns))
        return f'INSERT INTO "{self.table}" ({",".join(self.columns)}) VALUES ({marks})'


def rows_of(database: Database, kind: str, given: list[dict[str, Any]]) -> Rows:
    """The rows as a bare table of the same shape takes them."""
    names = sorted({name for row in given for name in row})
    references = {name for name in names if isinstance(table_of(kind).c[name].type, RecordId)}
    with database.read() as session:
        found = session.connection().exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC", (kind,)
        )
        schema = tuple(row[0] for row in found)
    values = [
        (
            bytes.fromhex(clock.new_id()),
            *(bytes.fromhex(row[n]) if n in references and isinstance(row.get(n), str) else row.get(n) for n in names),
        )
        for row in given
    ]
    return Rows(kind, schema, ("id", *names), values)


def bare_insert(path: Path, rows: Rows) -> float:
    """Seconds for the rows in one transaction into an encrypted table like ours, commit included."""
    with copying.bare(path, clock.random_bytes(32)) as connection:
        for statement in rows.schema:
            connection.exec_driver_sql(statement)
        with timed() as watch:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql(rows.insert, rows.values)
            connection.exec_driver_sql("COMMIT")
    return watch.seconds


def session_extension(python: Path, folder: Path, rows: Rows, database: Database) -> dict[str, float]:
    """SQLite's own way of the same exchange: seconds of taking and applying a changeset, bytes of the sealed file.

    `python` is an interpreter with apsw-sqlite3mc, pyrage and zstandard; its SQLite must never meet SQLCipher's.
    """
    with database.read() as session:
        connection = session.connection()
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _PRAGMAS}
    task = {
        "folder": str(folder),
        "schema": rows.schema,
        "insert": rows.insert,
        "recipient": NodeKeys.generate().public.recipient,
        "pragmas": pragmas,
        "rows": [[{"hex": v.hex()} if isinstance(v, bytes) else v for v in row] for row in rows.values],
    }
    found: dict[str, float] = json.loads(run_script(python, "session_extension.py", task))
    return found


def run_script(python: Path, name: str, task: object) -> str:
    """What a script of resources/bench prints, told its task on stdin."""
    try:
        done = subprocess.run(  # noqa: S603 (the interpreter the person named, our own script)
            [python, folders.resource(f"{SCRIPTS}/{name}")],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            check=True,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise EnvironmentTrouble(_STOPPED.format(said.strip().splitlines()[-1] if said.strip() else name)) from error
    return done.stdout
