"""What the desk itself remembers: half-typed forms and how windows were left, encrypted like the store beside it.

A file of its own, so that a form can be kept while the store is busy taking a package, and none of it in the journal.
"""

import contextlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlcipher3 import dbapi2 as sqlcipher

from app import clock
from app.errors import EnvironmentTrouble
from app.models import recording

NAME: Final = "desk.db"

UNKEPT: Final = "没填完的内容现在记不下来({0})。请尽快点“保存”, 已经保存的都在。"
_BROKEN: Final = frozenset({11, 26})
"""What SQLite answers for a file that is damaged, or is none of its own (or under another key)."""
_FULL: Final = 13

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS draft (place TEXT PRIMARY KEY, staff TEXT, title TEXT, moment INTEGER, content BLOB)",
    "CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value BLOB)",
)


@dataclass(frozen=True)
class Draft:
    """A form nobody has saved yet: where it belongs, what people call it, when it was last touched."""

    place: str
    staff: str
    title: str
    moment: int
    """Milliseconds UTC."""
    content: dict[str, Any]


class DeskFile:
    """The file, open. Any thread may call; each call is saved whole when it returns, and survives a power cut."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """A damaged file, or one under another key, is set aside: what it held is no reason not to open the store.

        One that cannot be reached just now (locked, the disk full) stays where it is; until the end of the programme
        the desk then remembers in memory only.
        """
        self._lock = threading.Lock()
        self.set_aside: Path | None = None
        self.unreachable = False
        path = folder / NAME
        try:
            self._connection = _opened(path, key)
        except sqlcipher.DatabaseError as error:
            if _code(error) not in _BROKEN:
                self.unreachable = True
                self._connection = _opened(":memory:", key)
                return
            self.set_aside = path.with_name(f"{NAME}.{clock.now_ms()}.old")
            path.replace(self.set_aside)
            for ending in ("-wal", "-shm"):
                path.with_name(NAME + ending).unlink(missing_ok=True)
            self._connection = _opened(path, key)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    # -- drafts ----------------------------------------------------------------------------------------------------

    def keep(self, draft: Draft) -> None:
        """Write a draft in the place of the one before."""
        row = (draft.place, draft.staff, draft.title, draft.moment, recording.encode_plain(draft.content))
        self._run("INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?, ?)", row)

    def draft(self, place: str) -> Draft | None:
        """The draft of a form, if there is one."""
        rows = self._rows("SELECT * FROM draft WHERE place = ?", (place,))
        return _draft(rows[0]) if rows else None

    def drafts(self) -> list[Draft]:
        """All drafts, the newest first."""
        return [_draft(row) for row in self._rows("SELECT * FROM draft ORDER BY moment DESC, place")]

    def drop(self, place: str, content: dict[str, Any] | None = None) -> None:
        """Forget a draft, because its form was saved or nobody wants it; with its content, only while it still is that."""
        if content is None:
            self._run("DELETE FROM draft WHERE place = ?", (place,))
        else:
            self._run("DELETE FROM draft WHERE place = ? AND content = ?", (place, recording.encode_plain(content)))

    # -- notes -----------------------------------------------------------------------------------------------------

    def note(self, name: str, default: Any = None) -> Any:
        """Something remembered under a name: columns of a list, a mapping of headings."""
        rows = self._rows("SELECT value FROM note WHERE name = ?", (name,))
        return recording.decode_plain(bytes(rows[0][0])) if rows else default

    def notes(self, prefix: str) -> list[tuple[str, Any]]:
        """What is remembered under names that begin so, in the order of the names."""
        sql = "SELECT name, value FROM note WHERE substr(name, 1, ?) = ? ORDER BY name"
        return [(name, recording.decode_plain(bytes(value))) for name, value in self._rows(sql, (len(prefix), prefix))]

    def put(self, name: str, value: Any) -> None:
        """Remember it: text, numbers, lists and objects of them."""
        self._run("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, recording.encode_plain(value)))

    def _run(self, sql: str, values: tuple[Any, ...]) -> None:
        self._rows(sql, values)

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Raises EnvironmentTrouble when the file does not take it or give it."""
        try:
            with self._lock:
                return list(self._connection.execute(sql, values).fetchall())
        except sqlcipher.DatabaseError as error:
            why = "磁盘满了" if _code(error) == _FULL or "full" in str(error) else "记录文件读写不了"
            raise EnvironmentTrouble(UNKEPT.format(why)) from error


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _opened(path: Path | str, key: bytes) -> Any:
    connection = sqlcipher.connect(str(path), check_same_thread=False, isolation_level=None)
    try:
        connection.execute("pragma cipher_log_level=NONE")
        connection.execute(f"pragma key=\"x'{key.hex()}'\"")
        for pragma in ("journal_mode=wal", "synchronous=full", "busy_timeout=2000", "cache_size=-256"):
            connection.execute(f"pragma {pragma}")
        for table in _TABLES:
            connection.execute(table)
    except sqlcipher.DatabaseError:
        with contextlib.suppress(sqlcipher.Error):
            connection.close()
        raise
    return connection


def _draft(row: tuple[Any, ...]) -> Draft:
    place, staff, title, moment, content = row
    return Draft(place, staff, title, moment, recording.decode_plain(bytes(content)))
