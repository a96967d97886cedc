"""Dates on paper."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.chinese_date import arabic, arabic_partial, month_and_day, numerals, period
from app.rules.partial_date import PartialDate


@pytest.mark.parametrize(
    ("day", "document", "certificate"),
    [
        (dt.date(2026, 8, 1), "2026年8月1日", "二〇二六年八月一日"),
        (dt.date(2026, 10, 10), "2026年10月10日", "二〇二六年十月十日"),
        (dt.date(2030, 11, 20), "2030年11月20日", "二〇三〇年十一月二十日"),
        (dt.date(2009, 12, 31), "2009年12月31日", "二〇〇九年十二月三十一日"),
    ],
)
def test_both_forms(day, document, certificate):
    assert arabic(day) == document
    assert numerals(day) == certificate


def test_the_zero_is_the_numeral():
    assert "\u3007" in numerals(dt.date(2026, 8, 1))


def test_partial():
    assert [arabic_partial(PartialDate.parse(text)) for text in ("1979", "1979-02", "1979-02-05")] == [
        "1979年",
        "1979年2月",
        "1979年2月5日",
    ]


def test_periods():
    assert period(dt.date(2026, 8, 1), dt.date(2026, 8, 7)) == "2026年8月1日至8月7日"
    assert period(dt.date(2026, 12, 30), dt.date(2027, 1, 5)) == "2026年12月30日至2027年1月5日"
    assert month_and_day(dt.date(2026, 10, 25)) == "10 月 25 日"


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)), st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_two_days_never_read_the_same(one, other):
    assert (numerals(one) == numerals(other)) == (one == other)
