"""Partial dates: many ways of writing, nothing widened, nothing guessed in silence."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules.partial_date import PartialDate, age_on, read, years_between

partial_dates = st.one_of(
    st.builds(PartialDate, st.integers(1900, 2026)),
    st.builds(PartialDate, st.integers(1900, 2026), st.integers(1, 12)),
    st.builds(PartialDate.of, st.dates(dt.date(1900, 1, 1), dt.date(2026, 12, 31))),
)


def reading(cell):
    return read(cell, latest_year=2026)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1979", "1979"),
        ("1979年", "1979"),
        (1979, "1979"),
        (1979.0, "1979"),
        ("1979.12", "1979-12"),
        ("1979-12", "1979-12"),
        ("1979/12", "1979-12"),
        ("1979年12月", "1979-12"),
        ("1979年 12月", "1979-12"),
        ("1979年5月", "1979-05"),
        ("1979.1", "1979-01"),
        (1979.12, "1979-12"),
        ("197912", "1979-12"),
        ("１９７９．１２", "1979-12"),
        ("一九七九年十二月", "1979-12"),
        ("二〇〇一年十月二十一日", "2001-10-21"),
        ("1979-12-05", "1979-12-05"),
        ("1979/12/5", "1979-12-05"),
        ("1979.12.5", "1979-12-05"),
        ("1979、12、5", "1979-12-05"),
        ("1979年12月5日", "1979-12-05"),
        ("1979年12月5号", "1979-12-05"),
        ("19791205", "1979-12-05"),
        (19791205, "1979-12-05"),
        ("'19791205", "1979-12-05"),
        ("1979 12 5", "1979-12-05"),
        ("1979-12-05 00:00:00", "1979-12-05"),
        ("1979-12-05T08:00", "1979-12-05"),
        (dt.datetime(1979, 12, 5, tzinfo=None), "1979-12-05"),  # noqa: DTZ001
        (dt.date(1979, 12, 5), "1979-12-05"),
    ],
)
def test_ways_of_writing(cell, text):
    found = reading(cell)
    assert (str(found.value), found.doubt, found.problem) == (text, "", "")


@pytest.mark.parametrize(
    ("cell", "text", "says"),
    [
        ("79.12", "1979-12", "按 1979 年处理"),
        ("79年12月", "1979-12", "按 1979 年处理"),
        (79.12, "1979-12", "按 1979 年处理"),
        ("791205", "1979-12-05", "按 1979 年处理"),
        ("12.05", "2012-05", "也可能是 1912 年"),
        ("26.05", "2026-05", "也可能是 1926 年"),
        ("27.05", "1927-05", "按 1927 年处理"),
        (1979.1, "1979-01", "10 月"),
        (29194, "1979-12-05", "日期序号"),
        (29194.0, "1979-12-05", "日期序号"),
        ("19790000", "1979", "只知道年份"),
        ("19791200", "1979-12", "只知道月份"),
        ("200105", "2001-05", "也可能是 2020-01-05"),
    ],
)
def test_what_is_assumed_is_said(cell, text, says):
    found = reading(cell)
    assert str(found.value) == text
    assert says in found.doubt


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "不详",
        "1979-13",
        "1979-02-30",
        "1979年底",
        "3979",
        "2027",
        "197",
        "1979-12-05-06",
        "29194",
        True,
        None,
        float("nan"),
    ],
)
def test_what_cannot_be_read_is_named(cell):
    found = reading(cell)
    assert found.value is None
    assert found.problem


def test_a_year_never_becomes_the_first_of_january():
    year = PartialDate.parse("1979")
    assert str(year) == "1979"
    assert not year.is_day()
    assert (year.earliest(), year.latest()) == (dt.date(1979, 1, 1), dt.date(1979, 12, 31))
    month = PartialDate.parse("1980-02")
    assert (month.earliest(), month.latest()) == (dt.date(1980, 2, 1), dt.date(1980, 2, 29))


@pytest.mark.parametrize("text", ["", "1979-1", "1979-12-5", "1979-00", "1979-02-30", "79", "１９７９", "1979-12-05\n"])
def test_the_stored_form_is_strict(text):
    with pytest.raises(BadInput):
        PartialDate.parse(text)


def test_impossible_values_do_not_exist():
    with pytest.raises(ValueError, match="month"):
        PartialDate(1979, None, 5)
    with pytest.raises(ValueError, match="month must be"):
        PartialDate(1979, 13)


def test_comparison_knows_what_is_certain():
    year, month, day = (PartialDate.parse(text) for text in ("1979", "1979-12", "1979-12-05"))
    assert sorted([day, year, month]) == [year, month, day]
    assert year.overlaps(day)
    assert not year.surely_before(day)
    assert PartialDate.parse("1978").surely_before(day)
    assert PartialDate.parse("1979-11").surely_before(month)


def test_age():
    assert age_on(PartialDate.parse("1966-08-01"), dt.date(2026, 7, 31)) == (59, 59)
    assert age_on(PartialDate.parse("1966-08-01"), dt.date(2026, 8, 1)) == (60, 60)
    assert age_on(PartialDate.parse("1966"), dt.date(2026, 8, 1)) == (59, 60)
    assert age_on(PartialDate.parse("1964-02-29"), dt.date(2025, 2, 28)) == (60, 60)
    assert years_between(PartialDate.parse("1979-12"), PartialDate.parse("1984-01")) == (4, 4)
    assert years_between(PartialDate.parse("1979"), PartialDate.parse("1979")) == (0, 0)


@given(partial_dates)
def test_the_stored_form_reads_back(value):
    assert PartialDate.parse(str(value)) == value
    assert reading(str(value)).value == value
    assert value.earliest() <= value.latest()


@given(partial_dates, partial_dates)
def test_order_is_that_of_the_text(one, other):
    assert (one < other) == (str(one) < str(other))
    assert not (one.surely_before(other) and other.surely_before(one))
    if one.surely_before(other):
        assert one < other


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none()))
def test_any_cell_gets_one_answer(cell):
    found = reading(cell)
    assert (found.value is None) == bool(found.problem)
