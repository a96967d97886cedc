"""Engines of a store: encrypted SQLite with its pragmas, and the guard at the cursor."""

import functools
import re
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as sqlcipher

from app.models.base import kinds

_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_WRITE = re.compile(
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|MERGE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM"
    r"|TRUNCATE(?:\s+TABLE)?|DROP\s+TABLE(?:\s+IF\s+EXISTS)?|ALTER\s+TABLE)\s+(?:ONLY\s+)?"
    r"(?:[\"`\[]?\w+[\"`\]]?\s*\.\s*)?[\"`\[]?(\w+)",
    re.IGNORECASE,
)
_GUARDED_LOCAL = ("journal_group", "journal_part", "baseline", "foreign_record", "origin", "local")

_WRITER_KIB = 32_768
READERS = 12
"""Connections for reading, opened when they are first needed: one for each thread of a window with some to spare, so
that none waits until another has read to its end."""
_WRITERS = 2


def sqlite_engine(path: Path, key: bytes, *, read_only: bool) -> Engine:
    """Connections to an encrypted file, without the guard and the transactions of a `Database`."""

    def connect() -> Any:
        connection = sqlcipher.connect(str(path), check_same_thread=False)
        connection.execute("pragma cipher_log_level=NONE")  # before the key: a wrong one must not write to stderr
        return connection

    # SQLAlchemy's pysqlcipher dialect gives the key; as a raw key (x'…') it costs no key stretching at each connect.
    url = URL.create("sqlite+pysqlcipher", password=f"x'{key.hex()}'", database=str(path))
    engine = create_engine(
        url, creator=connect, poolclass=QueuePool, pool_size=READERS if read_only else _WRITERS,
        max_overflow=0, pool_use_lifo=True,
    )  # fmt: skip

    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        pragmas = ["foreign_keys=on", "journal_mode=wal", "synchronous=full", "busy_timeout=5000", "temp_store=memory"]
        # The writer keeps more pages: a roster's search keys fall on all pages of their index, again and again.
        pragmas.append("query_only=on" if read_only else f"cache_size=-{_WRITER_KIB}")
        for pragma in pragmas:
            connection.execute(f"pragma {pragma}")

    event.listen(engine, "connect", configure)
    return engine


def begin(connection: Connection) -> None:
    """A unit of work takes the write lock at once, so that it never fails half way for want of it."""
    if connection.dialect.name == "sqlite":
        write = connection.get_execution_options().get("ronggui_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def guard(
    connection: Connection, _cursor: object, statement: str, _parameters: object, _context: object, _many: object
) -> None:
    """Refuse writes to synced tables and to the journal that would leave no trace, Core and plain SQL included."""
    if connection.info.get("ronggui_door"):
        return
    for table in sorted(_written(statement)):
        if table in kinds() or table in _GUARDED_LOCAL:
            raise RuntimeError(f"{table} is written only inside Database.work(): this would bypass the journal")


@functools.lru_cache(maxsize=512)
def _written(statement: str) -> frozenset[str]:
    """Tables a statement names after a verb that writes, wherever it stands: behind WITH, a comment, a semicolon.

    Looked for with the comments and without: what looks like a comment may stand inside a text.
    """
    return frozenset(
        found[1].lower() for text in (statement, _COMMENT.sub(" ", statement)) for found in _WRITE.finditer(text)
    )
