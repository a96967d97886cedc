"""Dates of which only the year or the month may be known; a year never becomes 1 January."""

import calendar
import datetime as dt
import functools
import math
import re
from dataclasses import dataclass

from app.errors import BadInput
from app.rules.text import half_width

_FIRST_YEAR, _LAST_YEAR = 1800, 2199
# An apostrophe in front is how people keep Excel from changing a cell.
_EDGES = "'’‘ .。,,、\t\n"
_CHINESE = str.maketrans("〇零○一二三四五六七八九", "000123456789")
# Days counted by spreadsheets from 1899-12-30: 1905 to 2064, so that a bare year is never taken for one.
_SERIAL_START = dt.date(1899, 12, 30)
_SERIALS = range(2200, 60_001)


@functools.total_ordering
@dataclass(frozen=True)
class PartialDate:
    """A year, a month or a day. Order is that of the text form: 1979 < 1979-12 < 1979-12-05."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is on no calendar."""
        if not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            raise ValueError(f"year {self.year}")
        if self.month is None:
            if self.day is not None:
                raise ValueError("a day without its month")
        else:
            dt.date(self.year, self.month, 1 if self.day is None else self.day)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read the stored form only: `1979`, `1979-12`, `1979-12-05`. Raises BadInput for anything else."""
        if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text, flags=re.ASCII):
            try:
                return cls(*(int(part) for part in text.split("-")))
            except ValueError:
                pass
        raise BadInput(f"日期“{text[:20]}”不对。请写成 1979、1979-12 或 1979-12-05。")

    @classmethod
    def of(cls, day: dt.date) -> "PartialDate":
        """The whole day."""
        return cls(day.year, day.month, day.day)

    def __str__(self) -> str:
        """The stored form."""
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        return text

    def __lt__(self, other: "PartialDate") -> bool:
        """Order of the text form, the same in Python and in both databases."""
        return str(self) < str(other)

    def earliest(self) -> dt.date:
        """The first day it can mean."""
        return dt.date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> dt.date:
        """The last day it can mean."""
        month = self.month or 12
        return dt.date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def is_day(self) -> bool:
        """Whether the day itself is known."""
        return self.day is not None

    def surely_before(self, other: "PartialDate") -> bool:
        """Before the other whatever days the two stand for."""
        return self.latest() < other.earliest()

    def overlaps(self, other: "PartialDate") -> bool:
        """Whether both can mean the same day (1979 and 1979-12 do)."""
        return not self.surely_before(other) and not other.surely_before(self)


@dataclass(frozen=True)
class DateReading:
    """What a cell says: a `value`, or a `problem` in Chinese; `doubt` names what was assumed and must be looked at."""

    value: PartialDate | None
    doubt: str = ""
    problem: str = ""


def read(cell: object, *, latest_year: int) -> DateReading:
    """Read a date as people and spreadsheets write it; nothing is widened or guessed without a `doubt`.

    `latest_year` is the newest year that makes sense here: two-digit years are weighed against it.
    """
    if isinstance(cell, dt.datetime):
        return _bounded(PartialDate.of(cell.date()), latest_year)
    if isinstance(cell, dt.date):
        return _bounded(PartialDate.of(cell), latest_year)
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return _unreadable(cell)
    if isinstance(cell, float):
        return _read_float(cell, latest_year)
    text = half_width(str(cell)).strip(_EDGES)
    if not text:
        return DateReading(None, problem="没有填日期。")
    text = _from_chinese(text)
    if text.isascii() and text.isdigit():
        return _read_digits(text, latest_year, serial=isinstance(cell, int))
    text = re.sub(r"[T\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", text)
    parts = re.fullmatch(r"(\d{4}|\d{2})\D{1,3}?(?:(\d{1,2})(?:\D{1,3}?(\d{1,2}))?)?\D{0,2}", text, flags=re.ASCII)
    if parts is None or re.search(r"[^\d\s年月日号份./\-—–~、,,]", text):
        return _unreadable(cell)
    return _build(parts[1], parts[2], parts[3], latest_year)


def age_on(birth: PartialDate, day: dt.date) -> tuple[int, int]:
    """The least and the greatest number of completed years on a day; equal when the birthday is known well enough."""
    return _years(birth.latest(), day), _years(birth.earliest(), day)


def years_between(start: PartialDate, end: PartialDate) -> tuple[int, int]:
    """The least and the greatest number of completed years from start to end, not below zero."""
    return max(0, _years(start.latest(), end.earliest())), max(0, _years(start.earliest(), end.latest()))


def _years(start: dt.date, end: dt.date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _unreadable(cell: object) -> DateReading:
    return DateReading(None, problem=f"日期“{str(cell)[:20]}”看不懂。请写成 1979、1979-12 或 1979-12-05。")


def _bounded(value: PartialDate, latest_year: int, doubt: str = "") -> DateReading:
    if value.year > latest_year:
        return DateReading(None, problem=f"日期 {value} 太晚了, 请核对年份。")
    return DateReading(value, doubt)


def _from_chinese(text: str) -> str:
    """一九七九年十二月五日 → 1979年12月5日; other text is returned as it is."""
    if not re.search(r"[〇零○一二三四五六七八九十]", text):
        return text

    def tens(match: re.Match[str]) -> str:
        high, low = match[1] or "一", match[2] or "〇"
        return (high + low).translate(_CHINESE)

    return re.sub(r"([一二三])?十([一二三四五六七八九])?", tens, text).translate(_CHINESE)


def _read_float(cell: float, latest_year: int) -> DateReading:
    if not math.isfinite(cell):
        return _unreadable(cell)
    if cell == int(cell):
        return read(int(cell), latest_year=latest_year)
    if int(cell) in _SERIALS:
        return read(int(cell), latest_year=latest_year)
    text = f"{cell:.10g}"
    reading = read(text, latest_year=latest_year)
    if reading.value is not None and text.endswith(".1"):
        year = reading.value.year
        return DateReading(
            reading.value, f"“{text}”可能是 {year} 年 1 月, 也可能是 {year} 年 10 月(Excel 去掉了末尾的 0)。请核对。"
        )
    return reading


def _read_digits(text: str, latest_year: int, *, serial: bool) -> DateReading:
    if len(text) == 4:
        return _build(text, None, None, latest_year)
    if len(text) == 8:
        return _build(text[:4], text[4:6], text[6:], latest_year)
    if len(text) == 6:
        long = _build(text[:4], text[4:], None, latest_year)
        short = _build(text[:2], text[2:4], text[4:], latest_year)
        if long.value is not None and short.value is not None:
            return DateReading(long.value, f"“{text}”可能是 {long.value}, 也可能是 {short.value}。请核对。")
        return long if long.value is not None else short
    if serial and len(text) == 5 and int(text) in _SERIALS:
        day = _SERIAL_START + dt.timedelta(days=int(text))
        return _bounded(PartialDate.of(day), latest_year, f"“{text}”是 Excel 的日期序号, 按 {day} 处理。请核对。")
    return _unreadable(text)


def _build(year: str, month: str | None, day: str | None, latest_year: int) -> DateReading:
    doubt = ""
    full = int(year)
    if len(year) == 2:
        older, newer = 1900 + full, 2000 + full
        full = older if newer > latest_year else newer
        doubt = f"年份只写了两位“{year}”, 按 {full} 年处理"
        doubt += f", 也可能是 {older} 年。请核对。" if full == newer else "。请核对。"
    known_month = int(month) if month else None
    known_day = int(day) if day else None
    if known_month == 0 and not known_day:
        known_month, known_day, doubt = None, None, doubt + "月份写的是 00, 按只知道年份处理。"
    elif known_day == 0:
        known_day, doubt = None, doubt + "日写的是 00, 按只知道月份处理。"
    written = "-".join(part for part in (year, month, day) if part)
    try:
        value = PartialDate(full, known_month, known_day)
    except ValueError:
        return DateReading(None, problem=f"没有 {written} 这个日期。请核对。")
    return _bounded(value, latest_year, doubt)
