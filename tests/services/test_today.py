"""What waits for the person at the desk: each thing named while it waits, gone when it is dealt with, in order of urgency."""

import datetime as dt
from typing import Any

import pytest

from app import clock
from app.models.desk_file import Draft
from app.rules.money import format_yuan
from app.services import today
from app.services.campaigns import Campaigns
from app.services.cases import HardshipCases
from app.services.payments import Payments
from app.services.station import Station
from app.services.today import Due, Today
from tests.services.records import person


def texts(station: Station, **facts: Any) -> list[str]:
    return [due.text for due in Today(station).dues(**facts)]


@pytest.fixture(autouse=True)
def _day(fixed_now: dt.datetime) -> None:
    """The 23rd of November 2026."""


def test_nothing_waits_in_a_store_that_is_backed_up(station: Station) -> None:
    assert texts(station, last_backup=clock.now_ms()) == []


def test_a_missing_and_an_old_backup_are_named(station: Station) -> None:
    assert texts(station) == ["还没有做过备份"]
    week = 7 * 86_400_000
    assert texts(station, last_backup=clock.now_ms() - week) == []
    assert texts(station, last_backup=clock.now_ms() - 2 * week) == ["最近一次备份是 14 天前"]


def test_a_round_is_named_until_every_line_has_gone_somewhere(station: Station) -> None:
    rounds, payments = Campaigns(station), Payments(station)
    facts = {"name": "2027年两节慰问", "festival": "spring", "source": "county", "standard": "500.00"}
    campaign = rounds.open(facts | {"year": 2027, "ends": "2026-12-01"})
    now = {"last_backup": clock.now_ms()}
    assert texts(station, **now) == []
    for name in ("张三", "李四"):
        rounds.add_line(campaign, person(station, name))
    assert texts(station, **now) == ["2027年两节慰问: 名单 2 人, 还没有打印签领表"]
    lines = rounds.print_roster(campaign).lines
    assert texts(station, **now) == ["2027年两节慰问: 还有 2 人 1,000.00 元没有去向"]
    payments.record(lines[0].id, "paid")
    payments.record(lines[1].id, "missing", reason="外出")
    assert texts(station, **now) == ["2027年两节慰问: 还有 1 人 500.00 元没有去向"]
    assert Today(station).dues(last_backup=now["last_backup"])[0].tone == "warn"
    clock.set_now(dt.datetime(2026, 12, 5, 9, 0, tzinfo=clock.CHINA))
    (late,) = Today(station).dues(last_backup=clock.now_ms())
    assert (late.tone, late.rank) == ("bad", 15)
    payments.record(lines[1].id, "paid")
    assert texts(station, last_backup=clock.now_ms()) == ["2027年两节慰问: 都有去向了, 可以结清"]
    rounds.close(campaign)
    assert texts(station, last_backup=clock.now_ms()) == []


def test_a_case_is_named_at_the_desk_whose_turn_it_is_and_red_when_late(station: Station) -> None:
    cases = HardshipCases(station)
    amount = format_yuan(5000_00)
    case = cases.open({"person": person(station, "王五"), "reason": "住院", "amount": amount, "kind": "medical"})
    (due,) = Today(station).dues(last_backup=clock.now_ms())
    assert due.text.startswith("帮扶事项待办 1 件, 最近的 ")
    clock.set_now(dt.datetime(2027, 1, 20, 9, 0, tzinfo=clock.CHINA))
    (due,) = Today(station).dues(last_backup=clock.now_ms())
    assert due == Due(10, "bad", "帮扶事项超期 1 件, 最早的是 王五", "cases", "mine")
    cases.write_step(case.id, "apply", {"result": "pass"})
    cases.write_step(case.id, "first_review", {"result": "pass", "amount": amount})
    assert texts(station, last_backup=clock.now_ms()) == [], "it is the township's turn now"


def test_drafts_lead_back_to_where_they_were_typed(station: Station) -> None:
    drafts = [Draft(f"visit_form:{n}", "s", f"登记走访 · 人{n}", n, {}) for n in range(4)]
    found = Today(station).dues(drafts, last_backup=clock.now_ms())
    assert [(d.text, d.page, d.about) for d in found] == [
        ("没填完的: 登记走访 · 人0", "visit_form", "0"),
        ("没填完的: 登记走访 · 人1", "visit_form", "1"),
        ("没填完的还有 2 份, 下一份: 登记走访 · 人2", "visit_form", "2"),
    ]


def test_the_most_urgent_stands_first() -> None:
    dues = [Due(50, "warn", "c", "p"), Due(5, "bad", "a", "p"), Due(50, "warn", "d", "p"), Due(20, "warn", "b", "p")]
    assert [due.text for due in today.in_order(dues)] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("day", "coming"),
    [("2026-11-23", "春节还有 75 天(02-06)"), ("2027-08-01", "八一就是今天(08-01)")],
)
def test_the_head_counts_down(day: str, coming: str) -> None:
    assert today.head(dt.date.fromisoformat(day)).coming == coming
    assert today.head(dt.date(2026, 11, 23)).day == "2026 年 11 月 23 日 星期一"
