"""Checks between the fields of a card: each warns where it should and is silent otherwise."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.cross_checks import Card, doubts, shared_account, shared_phone
from app.rules.partial_date import PartialDate

DAY = dt.date(2026, 8, 1)
D = PartialDate.parse


def found(**values):
    sets = {"classes", "codes", "war_services"}
    dates = {"birth", "enlisted", "discharged", "died"}
    fields: dict[str, Any] = {
        key: frozenset(value) if key in sets else D(value) if key in dates else value for key, value in values.items()
    }
    card = Card(**fields)
    return [doubt.code for doubt in doubts(card, DAY)]


def test_a_good_card_raises_nothing():
    good = {
        "birth": "1958-03-05",
        "id_birth": dt.date(1958, 3, 5),
        "sex": "1",
        "id_sex": "1",
        "enlisted": "1976-12",
        "discharged": "1981-01",
        "classes": ["02"],
        "codes": ["81"],
        "household_kind": "1",
    }
    assert found(**good) == []


def test_an_empty_card_raises_nothing():
    assert found() == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"birth": "1958-03-05", "id_birth": dt.date(1958, 5, 3)}, "id_birth"),
        ({"sex": "1", "id_sex": "2"}, "id_sex"),
        ({"birth": "1958", "enlisted": "1970"}, "enlistment_age"),
        ({"birth": "1958", "enlisted": "1986"}, "enlistment_age"),
        ({"birth": "1958", "enlisted": "1950"}, "enlisted_before_birth"),
        ({"enlisted": "1976-12", "discharged": "1976-11"}, "discharge_order"),
        ({"enlisted": "1954-10", "classes": ["02"]}, "early_enlistment"),
        ({"codes": ["81"], "enlisted": "1953"}, "rural_enlistment"),
        ({"codes": ["81"], "enlisted": "2011-11"}, "rural_enlistment"),
        ({"codes": ["81"], "birth": "1966-08-02"}, "rural_age"),
        ({"codes": ["81"], "household_kind": "2"}, "rural_household"),
        ({"codes": ["81", "51"]}, "rural_double"),
        ({"disability_nature": "3", "disability_level": "07"}, "illness_grade"),
        ({"disability_nature": "3", "disability_level": "10"}, "illness_grade"),
        ({"war_services": ["12"], "enlisted": "1979-04"}, "war_service"),
        ({"war_services": ["12"], "discharged": "1979-01"}, "war_service"),
        ({"codes": ["B1"], "birth": "1966-08-02"}, "child_age"),
        ({"birth": "2026-08-02"}, "birth_future"),
        ({"died": "2026-09"}, "death_future"),
        ({"birth": "1958", "died": "1957"}, "death_order"),
        ({"discharged": "1981-01", "died": "1980"}, "death_service"),
    ],
)
def test_each_check_warns(values, code):
    assert found(**values) == [code]


@pytest.mark.parametrize(
    "values",
    [
        {"birth": "1958", "id_birth": dt.date(1958, 3, 5)},
        {"birth": "1958", "enlisted": "1976"},
        {"enlisted": "1976", "discharged": "1976-01"},
        {"enlisted": "1954-10", "classes": ["05"]},
        {"enlisted": "1954", "classes": ["02"]},
        {"codes": ["81"], "enlisted": "2011"},
        {"codes": ["81"], "birth": "1966"},
        {"codes": ["81"], "birth": "1966-08-01"},
        {"codes": ["81", "61"]},
        {"disability_nature": "3", "disability_level": "06"},
        {"disability_nature": "1", "disability_level": "10"},
        {"war_services": ["12"], "enlisted": "1979", "discharged": "1984"},
        {"war_services": ["02", "15"], "enlisted": "1999"},
        {"died": "2026-08"},
    ],
)
def test_what_can_be_right_is_left_alone(values):
    assert found(**values) == []


def test_shared_things():
    assert shared_account(1) == ""
    assert "2 个人" in shared_account(2)
    assert shared_phone(3) == ""
    assert "4 个人" in shared_phone(4)


partial = (
    st.none()
    | st.builds(PartialDate, st.integers(1900, 2030))
    | st.builds(
        PartialDate.of,
        st.dates(dt.date(1900, 1, 1), dt.date(2030, 12, 31)),
    )
)


@given(
    st.builds(
        Card, birth=partial, enlisted=partial, discharged=partial, died=partial, codes=st.just(frozenset({"81", "B1"}))
    )
)
def test_every_doubt_has_words_and_fields(card):
    for doubt in doubts(card, DAY):
        assert doubt.fields
        assert doubt.text.endswith("请核对。")
