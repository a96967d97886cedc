"""Checks over the whole card: each warns or blocks where it should and is silent otherwise."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.rules import register_checks, settlement
from app.rules.cross_checks import Card
from app.rules.partial_date import PartialDate
from app.rules.register_checks import WholeCard, findings

DAY = dt.date(2026, 8, 1)
D = PartialDate.parse
GOOD = Card(
    birth=D("1958-03-05"), sex="1", id_birth=dt.date(1958, 3, 5), id_sex="1", enlisted=D("1976-12"),
    discharged=D("1981-01"), classes=frozenset({"02"}), codes=frozenset({"81"}), household_kind="1",
)  # fmt: skip


def said(card: Card = GOOD, **more: Any) -> list[tuple[str, bool]]:
    return [(one.code, one.blocks) for one in findings(WholeCard(card, **more), DAY)]


def test_a_good_card_raises_nothing() -> None:
    good: dict[str, Any] = {
        "branches": ("陆军",),
        "rank": "",
        "settlement_way": "own_employment",
        "honours": frozenset({"merit_3"}),
    }
    assert said(given=frozenset({"81"}), paid_by=1, **good) == []
    assert said(Card()) == []


def test_what_cross_checks_say_is_said_with_todays_names() -> None:
    late = replace(GOOD, discharged=D("1970"))
    found = findings(WholeCard(late), DAY)
    assert found[0].code == "discharge_order"
    assert found[0].fields == ("discharged", "enlisted")


@pytest.mark.parametrize(
    ("card", "given", "code"),
    [
        (replace(GOOD, birth=D("1970-01-01"), id_birth=None), "81", "rural_age"),
        (replace(GOOD, household_kind="2"), "81", "rural_household"),
        (replace(GOOD, codes=frozenset({"81", "42"})), "81", "rural_double"),
        (
            replace(GOOD, enlisted=D("2012-09"), discharged=D("2014-09"), birth=None, id_birth=None),
            "81",
            "rural_enlistment",
        ),
        (Card(codes=frozenset({"11"}), disability_level="08", disability_nature="3"), "11", "illness_grade"),
        (Card(codes=frozenset({"11"})), "11", "level_missing"),
        (Card(codes=frozenset({"B1"}), birth=D("1990")), "B1", "child_age"),
    ],
)
def test_rules_of_benefits_block_what_is_given_anew_and_warn_of_the_rest(card: Card, given: str, code: str) -> None:
    assert (code, False) in said(card)
    assert (code, True) in said(card, given=frozenset({given}))
    assert said(card, given=frozenset({given}))[0] == (code, True)


def test_money_is_paid_for_one_identity_with_a_benefit() -> None:
    assert said(paid_by=2) == [("paid_twice", True)]
    assert said(paid_without_benefit=True) == [("paid_without_benefit", True)]


def test_nothing_is_given_to_the_dead() -> None:
    dead = replace(GOOD, died=D("2025-01"))
    assert said(dead) == []
    assert said(dead, given=frozenset({"81"})) == [("given_after_death", True)]
    assert said(given=frozenset({"81"}), life_cycle="dead") == [("given_after_death", True)]
    assert said(given=frozenset({"81"}), life_cycle="suspended") == [("given_while_stopped", False)]


def test_old_children_of_martyrs() -> None:
    child = Card(birth=D("1965"), codes=frozenset({"B1"}), classes=frozenset({"09"}), household_kind="2")
    assert said(child) == []
    assert said(child, pensions_since=D("1979")) == [("child_then", False)]
    assert said(child, pensions_since=D("1979"), given=frozenset({"B1"})) == [("child_then", True)]
    assert said(child, works_for_unit=True, given=frozenset({"B1"})) == [("child_unit", True)]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"branches": ("火箭军",)}, "branch_era"),
        ({"rank": "四级军士长"}, "rank_era"),
        ({"discharge_paper": "discharge"}, None),
        ({"honours": frozenset({"four_haves_soldier"})}, "honour_era"),
        ({"rank": "六级士官"}, "rank_era"),
        ({"work_grounds": frozenset({"twelve_years"})}, "work_ground"),
        ({"work_grounds": frozenset({"merit"}), "honours": frozenset({"merit_3"})}, "work_ground"),
        ({"work_grounds": frozenset({"merit"}), "honours": frozenset({"merit_2"})}, None),
        ({"joined_party": D("1970")}, "party_age"),
        ({"graded": D("1970")}, "graded_order"),
        ({"holders": 2}, "shared_account"),
        ({"sharers": 4}, "shared_phone"),
        ({"sharers": 3}, None),
        ({"plaques": 2}, "plaques"),
    ],
)
def test_papers_are_warned_of(more: dict[str, Any], code: str | None) -> None:
    assert said(**more) == ([] if code is None else [(code, False)])


def test_settlement_by_kind_of_soldier() -> None:
    conscript = replace(
        GOOD, discharged=D("1991-12"), enlisted=D("1988-12"), birth=D("1970"), id_birth=None, codes=frozenset()
    )
    assert said(conscript, rank="上等兵", settlement_way="transfer") == [("settlement_way", False)]
    assert said(conscript, rank="上等兵", settlement_way="own_employment") == []
    modern = replace(conscript, birth=D("2000"), enlisted=D("2022-09"), discharged=D("2024-09"))
    late = {"settlement_way": "own_employment", "approved": dt.date(2024, 9, 10)}
    assert said(modern, reported=dt.date(2024, 10, 10), **late) == []
    assert said(modern, reported=dt.date(2024, 10, 11), **late) == [("reported_late", False)]
    assert "视为放弃" in settlement.reported_late(dt.date(2024, 9, 10), dt.date(2024, 11, 10))
    assert settlement.reported_late(dt.date(2010, 9, 10), dt.date(2011, 11, 10)) == ""


def test_wars_and_classes() -> None:
    korea = Card(enlisted=D("1955"), discharged=D("1958"), war_services=frozenset({"K1", "08"}))
    assert [code for code, _ in said(korea)] == ["war_service", "war_service"]
    assert said(replace(korea, enlisted=D("1951"), war_services=frozenset({"K1"}))) == []
    wrong = Card(codes=frozenset({"21"}), classes=frozenset({"02"}))
    assert said(wrong) == [("class_of_benefit", False)]
    officer = Card(disability_nature="3", disability_level="05", discharged=D("2010"))
    assert said(officer, rank="中校") == [("illness_rank", False)]
    assert said(officer, rank="上等兵") == []
    long = replace(
        GOOD,
        enlisted=D("1930"),
        discharged=D("1980"),
        birth=None,
        id_birth=None,
        codes=frozenset(),
        classes=frozenset(),
    )
    assert said(long) == [("service_length", False)]


def test_death_and_what_came_after() -> None:
    dead = Card(died=D("2025-03"))
    assert said(dead, last_paid=D("2025-03-20")) == []
    assert said(dead, last_paid=D("2025-04-01"), last_visited=D("2025-05")) == [("after_death", False)] * 2
    assert register_checks.after_death(D("2025-03-01"), D("2025-03-02"), "发放")
    assert register_checks.after_death(None, D("2025-03-02"), "发放") == ""


@pytest.mark.parametrize(
    ("enlisted", "discharged", "months"),
    [
        ("1976-12-10", "1981-01-09", (48, 48)),
        ("1976-12-10", "1981-01-10", (49, 49)),
        ("1976-12", "1981-01", (48, 49)),
        ("1976", "1978", (12, 35)),
        ("1980", "1979", (0, 0)),
    ],
)
def test_months_of_service(enlisted: str, discharged: str, months: tuple[int, int]) -> None:
    assert register_checks.service_months(D(enlisted), D(discharged)) == months
