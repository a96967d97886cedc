"""A plain list on A4: title, what it was filtered by, columns; the foot says who printed it, when and what for."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app import progress
from app.documents.lettering import LEADING, MM, Fit, width, wrap
from app.documents.mark import Foot
from app.documents.paper import LANDSCAPE, PORTRAIT, Align, Document, Writer

FORM: Final = "名单"
MARGIN: Final = 12.0
NARROW: Final = 48
"""Characters that fit across an upright sheet; wider lists lie."""
_TOP, _HEAD, _BOTTOM = 26.0, 8.0, 14.0
_PAD = 0.8
_LARGEST, _SMALLEST = 10.0, 7.0
_CUT: Final = "…(余下见卡片)"


@dataclass(frozen=True)
class Column:
    """`wide` in Chinese characters; the columns share the sheet in proportion."""

    title: str
    wide: int
    align: Align = "left"


@dataclass(frozen=True)
class ListSheet:
    """`words`: what the list was filtered and sorted by; `purpose`: what it was printed for."""

    station: str
    title: str
    words: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    printed_at: dt.datetime
    printed_by: str
    purpose: str = ""


@dataclass(frozen=True)
class _ListFoot(Foot):
    purpose: str = ""

    def left(self) -> str:
        parts = [self.station, f"打印人 {self.printed_by}", f"打印时间 {self.printed_at:%Y-%m-%d %H:%M}"]
        return "  ".join([*parts, f"用途 {self.purpose}"] if self.purpose else parts)


def list_sheet(sheet: ListSheet, *, invariant: bool = False) -> Document:
    """Print a list; a row is as high as its text needs, headings stand on every page."""
    page = LANDSCAPE if sum(column.wide for column in sheet.columns) > NARROW else PORTRAIT
    foot = _ListFoot(FORM, sheet.station, "", "", 1, sheet.printed_at, sheet.printed_by, purpose=sheet.purpose)
    writer = Writer(page, sheet.title, foot, invariant=invariant)
    _Drawing(writer, sheet).draw()
    return writer.finish()


class _Drawing:
    def __init__(self, writer: Writer, sheet: ListSheet) -> None:
        self.writer = writer
        self.sheet = sheet
        numbered = (Column("序号", max(3, len(str(len(sheet.rows))) // 2 + 1), "centre"), *sheet.columns)
        room = writer.width - 2 * MARGIN
        each = room / sum(column.wide for column in numbered)
        self.columns = numbered
        self.widths = [column.wide * each for column in numbered]
        # A character is as wide as it is high: so large that a column holds the characters it was given.
        self.size = min(_LARGEST, max(_SMALLEST, (each * 0.92) * MM))
        self.step = self.size * LEADING / MM
        self.bottom = writer.height - _BOTTOM
        self.y = 0.0
        self.top = 0.0

    def draw(self) -> None:
        self._begin()
        total = len(self.sheet.rows)
        for number, row in enumerate(self.sheet.rows, start=1):
            if number % 200 == 0:
                progress.step("排版名单", number, total)
            cells = [self._fit(text, place) for place, text in enumerate((str(number), *row))]
            high = max(self.step * len(lines) for lines in cells) + 2 * _PAD
            if self.y + high > self.bottom:
                self._close()
                self._begin()
            self._row(cells, high)
        if not total:
            self.writer.text(self.writer.width / 2, self.y + 8.0, "(没有人)", 11, align="centre")
        self._close()

    def _fit(self, text: str, place: int) -> list[str]:
        room = self.widths[place] - 2 * _PAD
        lines = wrap(text, room, self.size)
        most = int((self.bottom - _TOP - _HEAD - 2 * _PAD) / self.step)
        if len(lines) > most:
            last = lines[most - 1]
            while last and width(last + _CUT, self.size) > room:
                last = last[:-1]
            lines = [*lines[: most - 1], last + _CUT]
        return lines

    def _begin(self) -> None:
        writer, sheet = self.writer, self.sheet
        writer.page()
        right = writer.width - MARGIN
        writer.cell(MARGIN, 7.0, right - MARGIN, 9.0, sheet.title, 16, smallest=10, face="bold")
        words = f"{sheet.words}  共 {len(sheet.rows)} 人".strip()
        writer.cell(MARGIN, 17.0, right - MARGIN, 7.0, words, 10, smallest=7, align="left", pad=0.0)
        x = MARGIN
        for column, wide in zip(self.columns, self.widths, strict=True):
            writer.cell(x, _TOP, wide, _HEAD, column.title, min(self.size, 10), face="bold", smallest=5)
            x += wide
        writer.rule(MARGIN, _TOP, right, _TOP, 0.9)
        writer.rule(MARGIN, _TOP + _HEAD, right, _TOP + _HEAD)
        self.top, self.y = _TOP, _TOP + _HEAD

    def _row(self, cells: Sequence[Sequence[str]], high: float) -> None:
        x = MARGIN
        for column, wide, lines in zip(self.columns, self.widths, cells, strict=True):
            found = Fit(self.size, tuple(lines))
            self.writer.lines(x, self.y, wide, high, found, align=column.align, pad=_PAD)
            x += wide
        self.y += high
        self.writer.rule(MARGIN, self.y, self.writer.width - MARGIN, self.y)

    def _close(self) -> None:
        x = MARGIN
        for wide in self.widths:
            self.writer.rule(x, self.top, x, self.y)
            x += wide
        self.writer.rule(x, self.top, x, self.y)
