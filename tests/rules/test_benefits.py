"""Code tables of the register."""

import pytest

from app.rules.benefits import (
    BENEFIT_CODES,
    COLLECTION_CLASSES,
    DISABILITY_LEVELS,
    ETHNICITY,
    TABLES,
    WAR_PERIODS,
    WAR_SERVICES,
    code_of,
    label,
)
from app.rules.partial_date import PartialDate


def test_the_tables_are_whole():
    assert len(COLLECTION_CLASSES) == 12
    assert len(BENEFIT_CODES) == 17
    assert len(WAR_SERVICES) == 15
    assert next(iter(DISABILITY_LEVELS.items())) == ("01", "一级")
    assert list(DISABILITY_LEVELS.items())[-1] == ("10", "十级")


def test_56_nations_by_the_codes_of_the_card():
    assert len(ETHNICITY) == 58
    assert [ETHNICITY[code] for code in ("01", "15", "23", "43", "56")] == [
        "汉族",
        "土家族",
        "高山族",
        "乌孜别克族",
        "基诺族",
    ]


def test_today_s_words_are_used():
    words = "".join(text for table in ("benefit", "war_service") for text in TABLES[table].values())
    assert "退伍军人" not in words
    assert "士官" not in words


@pytest.mark.parametrize("table", TABLES)
def test_every_label_finds_its_code(table):
    values = TABLES[table]
    assert len(set(values.values())) == len(values)
    for code, text in values.items():
        assert code_of(table, text) == code
        assert code_of(table, code) == code
        assert label(table, code) == text


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("benefit", "60岁", "81"),
        ("benefit", " 参战 ", "51"),
        ("benefit", "带病回乡退伍军人", "42"),
        ("benefit", "b1", "B1"),
        ("collection_class", "退役士兵", "02"),
        ("collection_class", "退役军士和义务兵", "02"),
        ("collection_class", "现役军属", "12"),
        ("collection_class", "9", "09"),
        ("ethnicity", "畲", "22"),
        ("disability_level", "因战八级", "08"),
        ("disability_level", "10级", "10"),
        ("disability_level", "7", "07"),
        ("politics", "党员", "01"),
        ("education", "大专", "30"),
        ("household_kind", "农业", "1"),
    ],
)
def test_words_people_write(table, text, code):
    assert code_of(table, text) == code


@pytest.mark.parametrize(
    ("table", "text"), [("benefit", "参战参试"), ("benefit", ""), ("benefit", "优抚"), ("disability_level", "十一级")]
)
def test_what_nobody_can_tell_is_not_guessed(table, text):
    assert code_of(table, text) is None


def test_an_unknown_code_is_shown_as_it_is():
    assert label("benefit", "C7") == "C7"
    assert label("benefit", None) == ""


def test_war_periods():
    for code, (first, last) in WAR_PERIODS.items():
        assert code in WAR_SERVICES
        assert not PartialDate.parse(last).surely_before(PartialDate.parse(first))
