"""The programme's own notes of what went wrong: who reads them learns nothing of anybody's data."""

import contextlib
import faulthandler
import logging
import re
import zlib
from pathlib import Path
from typing import IO, Final

from app import folders

_BYTES: Final = 512_000
_TAIL: Final = 200
_QUOTED: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”|‘[^’\n]*’")
_HAN: Final = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+(?:·[\u3400-\u9fff]+)*")
_DIGITS: Final = re.compile(r"\d(?:[ \-]?[\dXx]){4,}")
_FRAME: Final = re.compile(r'^(\s*)File "(.*)", (line \d+, in .*)$')
_MARKS: Final = re.compile(r"^\s*[\^~]+\s*$")
_TOLD: Final = re.compile(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")
_OWN: Final = ("/app/", "/site-packages/", "/lib/")


def folder() -> Path:
    """Where the notes lie: beside the settings of this machine, never among the data."""
    return folders.settings_folder() / "logs"


def masked(text: str) -> str:
    """A text without what could be somebody's: quoted words, Chinese characters and long numbers are counted only."""
    plain = _QUOTED.sub(lambda found: f"{found[0][0]}…{found[0][-1]}", text)
    plain = _HAN.sub(lambda found: f"〔{len(found[0])}字〕", plain)
    return _DIGITS.sub(lambda found: f"〔{len(found[0])}位〕", plain)


def masked_traceback(text: str) -> str:
    """A traceback with its places and lines of code, its messages masked, and no folder of this machine in it."""
    out = []
    code = False
    for line in text.splitlines():
        if frame := _FRAME.match(line):
            out.append(f'{frame[1]}File "{_short(frame[2])}", {frame[3]}')
            code = True
        elif code and line.startswith("    "):
            out.append(line)
            code = False
        elif _MARKS.match(line):
            out.append(line)
        elif told := _TOLD.match(line):
            out.append(f"{told[1]}: {masked(told[2])}" if told[2] else told[1])
        else:
            out.append(masked(line))
    return "\n".join(out)


def _short(path: str) -> str:
    plain = path.replace("\\", "/")
    for mark in _OWN:
        if mark in plain:
            return plain[plain.rindex(mark) + 1 :]
    return plain.rpartition("/")[2]


class _Masking(logging.Formatter):
    """Time in UTC, level, place, the masked message; a traceback masked as well."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry; another handler's own text of the traceback is set aside for a moment."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's own name)
        """Only the message itself can hold what a person typed."""
        record.message = masked(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 (as above)
        """The traceback, its messages masked."""
        import traceback  # when there is one: the first window waits for nothing it can do without

        return masked_traceback("".join(traceback.format_exception(*ei)))  # type: ignore[misc]  # what logging hands over


def begin(name: str = "ronggui") -> logging.Handler | None:
    """Write warnings and worse into a file of the settings folder; None where it cannot be written.

    A log that has grown large is set aside at the start, so that there are two files at most. `name` tells processes of
    the programme apart.
    """
    path = folder() / f"{name}.log"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _BYTES:
            path.replace(path.with_suffix(".old.log"))
        handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    except OSError:
        return None
    handler.setFormatter(_Masking("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    return handler


def end(handler: logging.Handler | None) -> None:
    """Let go of the file."""
    if handler is not None:
        logging.getLogger().removeHandler(handler)
        handler.close()


def tail() -> str:
    """The newest lines, already masked."""
    try:
        lines = (folder() / "ronggui.log").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-_TAIL:])


class Faults:
    """What Python writes when the process itself breaks (a segmentation fault), for the next start to find.

    One file for each data folder: whoever holds it is the only window there.
    """

    def __init__(self, data: Path) -> None:
        key = f"{zlib.crc32(str(data.absolute()).encode()):08x}"
        self.path = folder() / f"fault-{key}.txt"
        self.last = self._found()
        """What the last run left; empty after a quiet end."""
        self._stream: IO[str] | None = None

    def _found(self) -> str:
        with contextlib.suppress(OSError):
            return masked_traceback(self.path.read_text("utf-8", errors="replace"))
        return ""

    def watch(self) -> None:
        """From now on a broken process leaves a note."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = self.path.open("w", encoding="utf-8")
            faulthandler.enable(self._stream)

    def close(self) -> None:
        """The run has ended well."""
        if self._stream is None:
            return
        faulthandler.disable()
        self._stream.close()
        self._stream = None
        with contextlib.suppress(OSError):
            self.path.unlink()
