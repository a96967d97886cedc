"""What every printed page says about itself: the foot line, the fingerprint of its rows, the small square code."""

import datetime as dt
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# First word of the machine line. A new layout of that line gets a new word; old papers stay readable for ever.
_WORD = "RG1"
_MACHINE = re.compile(r"RG1\|(F\d{2})\|(\d+)/(\d+)\|(\d+)")


@dataclass(frozen=True)
class Foot:
    """What the foot of each page says.

    `form` is the number of the form (F04), `station` and `phone` go readable into the code, `fingerprint` is the
    SHA-256 (64 hex digits) of the frozen rows, empty where nothing is frozen.
    """

    form: str
    station: str
    phone: str
    number: str
    version: int
    printed_at: dt.datetime
    printed_by: str
    fingerprint: str = ""

    def left(self) -> str:
        """The foot line without the page."""
        parts = [
            f"单号 {self.number or '（未编号）'}",
            f"第{self.version}版",
            f"打印时间 {self.printed_at:%Y-%m-%d %H:%M}",
            f"打印人 {self.printed_by}",
        ]
        if self.fingerprint:
            parts.append(f"校验码 {self.fingerprint[:12]}")
        return "  ".join(parts)


@dataclass(frozen=True)
class PageMark:
    """What the square code on a page says; no personal data."""

    station: str
    phone: str
    number: str
    form: str
    page: int
    pages: int
    version: int

    def text(self) -> str:
        """The text in the code: a line any telephone shows readably, then one for the program."""
        return (
            f"{self.station} {self.number} 核验电话{self.phone}\n"
            f"{_WORD}|{self.form}|{self.page}/{self.pages}|{self.version}"
        )


def mark_of(foot: Foot, page: int, pages: int) -> PageMark:
    """The mark of one page of a paper."""
    number = foot.number or "未编号"
    return PageMark(_plain(foot.station), _plain(foot.phone), _plain(number), foot.form, page, pages, foot.version)


def read_mark(text: str) -> PageMark | None:
    """Read back the text of a square code; None when it is not one of ours."""
    lines = text.split("\n")
    if len(lines) != 2:
        return None
    machine = _MACHINE.fullmatch(lines[1].strip())
    readable = re.fullmatch(r"(\S+) (\S+) 核验电话(\S*)", lines[0])
    if machine is None or readable is None:
        return None
    form, page, pages, version = machine.groups()
    station, number, phone = readable.groups()
    return PageMark(station, phone, number, form, int(page), int(pages), int(version))


def _plain(text: str) -> str:
    """Without blanks, which part the readable line."""
    return re.sub(r"\s+", "", text)


@functools.lru_cache(maxsize=64)
def squares(text: str) -> tuple[tuple[int, ...], ...]:
    """The modules of the code as rows of 0 and 1, with error correction M and no quiet zone."""
    import segno

    # The mask is fixed: trying all eight, as the standard advises, takes 15 ms a page and gains nothing at this size.
    code = segno.make_qr(text, error="m", mode="byte", mask=3, encoding="utf-8", boost_error=False)
    return tuple(tuple(int(m) for m in row) for row in code.matrix)


def fingerprint(rows: Iterable[Sequence[str]]) -> str:
    """SHA-256, 64 hexadecimal digits, of frozen rows given as text: one compact JSON array per line, UTF-8."""
    digest = hashlib.sha256()
    for row in rows:
        line = json.dumps(list(row), ensure_ascii=False, separators=(",", ":"))
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
