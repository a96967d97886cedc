"""Days of festivals by the sun and by the moon, the windows in which visits are paid for them, and what comes next."""

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FIRST, LAST = 2025, 2100
"""Years for which the windows are proven; lunar days come from lunar-python (MIT)."""

NAMES: Final[Mapping[str, str]] = {
    "spring": "春节", "qingming": "清明", "dragon_boat": "端午", "july1": "七一", "august1": "八一",
    "mid_autumn": "中秋", "double_ninth": "重阳", "martyrs_day": "烈士纪念日",
}  # fmt: skip
_SOLAR: Final = {"july1": (7, 1), "august1": (8, 1), "martyrs_day": (9, 30)}
_LUNAR: Final = {"spring": (1, 1), "dragon_boat": (5, 5), "mid_autumn": (8, 15), "double_ninth": (9, 9)}
_FIXED_WINDOWS: Final = {
    "qingming": ((3, 20), (4, 10)), "july1": ((6, 20), (7, 1)), "august1": ((7, 15), (8, 1)),
    "martyrs_day": ((9, 20), (10, 1)),
}  # fmt: skip
_DAYS_BEFORE: Final = dt.timedelta(days=10)
_TENS: Final = ("初", "十", "廿", "三")
_DIGITS: Final = "十一二三四五六七八九"
_MONTHS: Final = "正二三四五六七八九十冬腊"


@dataclass(frozen=True)
class Window:
    """When a round for a festival is held by default (domain §10; a bureau may set other days)."""

    starts: dt.date
    ends: dt.date


@dataclass(frozen=True)
class Coming:
    """A festival that is ahead; `days` from today, 0 on the day itself."""

    code: str
    name: str
    day: dt.date
    days: int


@functools.cache
def day_of(code: str, year: int) -> dt.date:
    """The day of a festival in a year of the common calendar. KeyError for a code that has no day."""
    if code in _SOLAR:
        return dt.date(year, *_SOLAR[code])
    if code == "qingming":
        return _qingming(year)
    return _solar(year, *_LUNAR[code])


def window(code: str, year: int) -> Window | None:
    """The default window of a round; 两节 is one round, from New Year's Day or 腊月初一 to the eve. None without a day."""
    if code not in NAMES:
        return None
    if code in _FIXED_WINDOWS:
        first, last = _FIXED_WINDOWS[code]
        return Window(dt.date(year, *first), dt.date(year, *last))
    day = day_of(code, year)
    if code == "spring":
        return Window(min(dt.date(year, 1, 1), _solar(year - 1, 12, 1)), day - dt.timedelta(days=1))
    return Window(day - _DAYS_BEFORE, day)


def coming(today: dt.date, count: int = 1) -> list[Coming]:
    """The next festivals, the nearest first."""
    days = [(day_of(code, year), code) for year in (today.year, today.year + 1) for code in NAMES]
    ahead = sorted((day, code) for day, code in days if day >= today)
    return [Coming(code, NAMES[code], day, (day - today).days) for day, code in ahead[:count]]


def lunar_text(day: dt.date) -> str:
    """A day in the lunar calendar as people write it: 十月十七, 闰六月初一."""
    lunar = _library().Solar.fromYmd(day.year, day.month, day.day).getLunar()
    month, number = lunar.getMonth(), lunar.getDay()
    leap = "闰" if month < 0 else ""
    return f"{leap}{_MONTHS[abs(month) - 1]}月{_day_text(number)}"


def _day_text(number: int) -> str:
    if number in (10, 20, 30):
        return {10: "初十", 20: "二十", 30: "三十"}[number]
    return _TENS[number // 10] + _DIGITS[number % 10]


def _solar(year: int, month: int, day: int) -> dt.date:
    """The common day of a lunar one; the lunar year bears the number of the common year it begins in."""
    solar = _library().Lunar.fromYmd(year, month, day).getSolar()
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def _qingming(year: int) -> dt.date:
    table = _library().Lunar.fromYmd(year, 1, 1).getJieQiTable()
    solar = table["清明"]
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def _library() -> Any:
    import lunar_python  # takes a moment, and most days nobody asks

    return lunar_python
