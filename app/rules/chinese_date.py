"""Dates as documents (2026年8月1日) and as honour certificates (二〇二六年八月一日) write them."""

import datetime as dt

from app.rules.partial_date import PartialDate

# 〇 is U+3007, the numeral; the letter O and the circle ○ are common mistakes.
_NUMERALS = "〇一二三四五六七八九"


def arabic(day: dt.date) -> str:
    """`2026年8月1日`, for documents (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def arabic_partial(day: PartialDate) -> str:
    """As much as is known: `1979年`, `1979年12月` or `1979年12月5日`."""
    text = f"{day.year}年"
    if day.month is not None:
        text += f"{day.month}月"
    if day.day is not None:
        text += f"{day.day}日"
    return text


def numerals(day: dt.date) -> str:
    """`二〇二六年八月一日`, for certificates of honour."""
    year = "".join(_NUMERALS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{_below_hundred(day.month)}月{_below_hundred(day.day)}日"


def month_and_day(day: dt.date) -> str:
    """`10 月 25 日`, for messages."""
    return f"{day.month} 月 {day.day} 日"


def period(first: dt.date, last: dt.date) -> str:
    """`2026年8月1日至8月7日`; the year is repeated only where it changes."""
    if first.year == last.year:
        return f"{arabic(first)}至{last.month}月{last.day}日"
    return f"{arabic(first)}至{arabic(last)}"


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    text = "" if tens == 0 else ("" if tens == 1 else _NUMERALS[tens]) + "十"
    return text + (_NUMERALS[ones] if ones else "")
