"""Days of festivals against a table made by another library, and the windows around them."""

import datetime as dt

import pytest

from app.rules import festivals

# year: 春节, 清明, 端午, 中秋, 重阳; from lunardate 0.3.0, 清明 from lunar_python.
TABLE = (
    "2025 01-29 04-04 05-31 10-06 10-29",
    "2026 02-17 04-05 06-19 09-25 10-18",
    "2027 02-06 04-05 06-09 09-15 10-08",
    "2028 01-26 04-04 05-28 10-03 10-26",
    "2029 02-13 04-04 06-16 09-22 10-16",
    "2030 02-03 04-05 06-05 09-12 10-05",
    "2031 01-23 04-05 06-24 10-01 10-24",
    "2032 02-11 04-04 06-12 09-19 10-12",
    "2033 01-31 04-04 06-01 09-08 10-01",
    "2034 02-19 04-05 06-20 09-27 10-20",
    "2035 02-08 04-05 06-10 09-16 10-09",
    "2036 01-28 04-04 05-30 10-04 10-27",
    "2037 02-15 04-04 06-18 09-24 10-17",
    "2038 02-04 04-05 06-07 09-13 10-07",
    "2039 01-24 04-05 05-27 10-02 10-26",
    "2040 02-12 04-04 06-14 09-20 10-14",
)
CODES = ("spring", "qingming", "dragon_boat", "mid_autumn", "double_ninth")


@pytest.mark.parametrize("line", TABLE, ids=[line[:4] for line in TABLE])
def test_days_stand_as_in_the_table(line: str) -> None:
    year, *days = line.split()
    for code, day in zip(CODES, days, strict=True):
        assert festivals.day_of(code, int(year)) == dt.date.fromisoformat(f"{year}-{day}"), code


@pytest.mark.parametrize("year", range(festivals.FIRST, festivals.LAST + 1))
def test_every_year_has_windows_that_hold_their_day(year: int) -> None:
    for code in festivals.NAMES:
        found = festivals.window(code, year)
        assert found is not None
        day = festivals.day_of(code, year)
        assert found.starts < found.ends
        assert found.starts <= day <= found.ends + dt.timedelta(days=1)
        assert (found.ends - found.starts).days <= 60


def test_the_two_festivals_are_one_round() -> None:
    assert festivals.window("spring", 2027) == festivals.Window(dt.date(2027, 1, 1), dt.date(2027, 2, 5))
    assert festivals.window("spring", 2028) == festivals.Window(dt.date(2027, 12, 28), dt.date(2028, 1, 25))
    assert festivals.window("other", 2027) is None


def test_what_comes_next() -> None:
    assert [c.name for c in festivals.coming(dt.date(2026, 11, 25), 3)] == ["春节", "清明", "端午"]
    assert festivals.coming(dt.date(2026, 11, 25))[0].days == 73
    assert festivals.coming(dt.date(2026, 8, 1))[0] == festivals.Coming("august1", "八一", dt.date(2026, 8, 1), 0)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ("2026-11-25", "十月十七"), ("2025-07-25", "闰六月初一"), ("2026-02-16", "腊月廿九"), ("2026-02-17", "正月初一"),
        ("2026-02-26", "正月初十"), ("2026-03-08", "正月二十"), ("2026-12-08", "十月三十"), ("2026-12-09", "冬月初一"),
    ],
)  # fmt: skip
def test_lunar_days_as_people_write_them(day: str, text: str) -> None:
    assert festivals.lunar_text(dt.date.fromisoformat(day)) == text
