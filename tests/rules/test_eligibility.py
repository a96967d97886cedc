"""Who comes to be entitled to what: each rule by its conditions, what is not known is said, the rules are data."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from app.errors import BadInput
from app.rules import eligibility, eligibility_rules
from app.rules.eligibility import Due, Facts, Identity, Relative, Service, Window
from app.rules.eligibility_rules import DEFAULT
from app.rules.partial_date import PartialDate

DAY = dt.date(2026, 11, 23)
D = PartialDate.parse
VETERAN = Identity(class12="02")
SERVED = Service(D("1984-12-01"), D("1988-01-10"), "上等兵")


def find(facts: Facts, rule: str = "", months: int = 12, day: dt.date = DAY) -> list[Due]:
    rules = DEFAULT.only(rule) if rule else DEFAULT
    return list(eligibility.find(facts, rules, Window.ahead(day, months)))


def rural(**more: Any) -> Facts:
    given: dict[str, Any] = {
        "birth": D("1967-03-12"),
        "household_kind": "1",
        "identities": (VETERAN,),
        "services": (SERVED,),
    } | more
    return Facts(**given)


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        ("2026-11-23", 12, "2027-11-23"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2026-01-31", 0, "2026-01-31"),
        ("2026-11-15", 1, "2026-12-15"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_so_many_months_ahead(day: str, months: int, last: str) -> None:
    assert Window.ahead(dt.date.fromisoformat(day), months).last == dt.date.fromisoformat(last)


def test_sixty_within_the_year_with_all_known() -> None:
    (due,) = find(rural(), "rural_60")
    assert (due.state, str(due.due), due.sure, due.missing) == ("coming", "2027-03-12", True, ())
    assert due.why == (
        "1967-03-12 出生, 2027-03-12 满 60 周岁; 1984-12-01 入伍; 义务兵役 4 年(不满一年按一年); 没有登记60周岁以上农村籍退役士兵待遇"
    )
    assert find(rural(), "rural_60", months=3) == []
    (past,) = find(rural(birth=D("1960-01-01")), "rural_60")
    assert past.state == "now"


@pytest.mark.parametrize(
    "more",
    [
        {"household_kind": "2"},
        {"identities": (Identity(class12="01"),)},
        {"identities": (VETERAN, Identity(class12="07", benefit="11", state="正常"))},
        {"identities": (VETERAN, Identity(benefit="81", state="已停发"))},
        {"services": (Service(D("1954-10"), D("1958"), "上等兵"),)},
        {"services": (Service(D("2011-11-01"), D("2013"), "上等兵"),)},
        {"birth": None},
        {"birth": D("1980-01-01")},
        {"gone": True},
        {"identities": (), "services": ()},
    ],
)
def test_who_is_not_meant_by_the_rule_of_sixty(more: dict[str, Any]) -> None:
    assert find(rural(**more), "rural_60") == []


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"household_kind": ""}, "户籍类别(农村、城镇)没有登记"),
        ({"identities": ()}, "人员类别没有登记"),
        ({"services": ()}, "入伍时间没有登记"),
        (
            {"services": (Service(D("2011"), D("2013-09"), "上等兵"),)},
            "入伍时间只知道是 2011, 要看是不是在 1954-11-01 至 2011-10-31 之间",
        ),
        ({"services": (Service(D("1984-12"), None, "上等兵"),)}, "入伍、退役时间不全, 算不出义务兵役年限"),
        (
            {"services": (Service(D("1984-12"), D("1996-12"), "专业军士"),)},
            "退役时是“专业军士”, 义务兵起止时间没有登记, 算不出义务兵役年限",
        ),
        (
            {"services": (Service(D("1984-12"), D("1988-12")),)},
            "退役时军衔和义务兵起止时间没有登记, 算不出义务兵役年限",
        ),
        ({"birth": D("1967")}, "出生日期只知道是 1967"),
    ],
)
def test_what_is_not_known_is_said(more: dict[str, Any], missing: str) -> None:
    (due,) = find(rural(**more), "rural_60")
    assert missing in due.missing
    assert not due.sure


@pytest.mark.parametrize(
    ("enlisted", "discharged", "rounding", "years", "doubtful"),
    [
        ("1984-12-01", "1988-01-10", "up", (4, 4), False),
        ("1984-12-01", "1988-01-10", "down", (3, 3), False),
        ("1984-12-01", "1988-01-10", "half", (3, 3), False),
        ("1984-12-01", "1988-06-01", "half", (4, 4), False),
        ("1984-12", "1988-12", "up", (4, 4), False),
        ("1984-12", "1988-12", "down", (3, 4), True),
        ("1984", "1988", "up", (3, 5), True),
    ],
)
def test_years_of_a_conscript(
    enlisted: str, discharged: str, rounding: str, years: tuple[int, int], doubtful: bool
) -> None:
    service = Service(D(enlisted), D(discharged), conscript=(D(enlisted), D(discharged)))
    found, doubt = eligibility.conscript_years((service,), rounding)
    assert (found, bool(doubt)) == (years, doubtful)


def test_months_as_a_conscript_count_where_they_are_on_file() -> None:
    long = Service(D("1984-12-01"), D("1997-12-01"), "专业军士", (D("1984-12-01"), D("1987-12-01")))
    (due,) = find(rural(services=(long,)), "rural_60")
    assert due.sure
    assert "义务兵役 3 年" in due.why
    twice = (long, Service(D("1998-01-01"), D("1999-01-01"), "上等兵"))
    assert eligibility.conscript_years(twice, "up") == ((4, 4), "")


def test_a_birthday_known_to_the_month_has_come_when_the_month_is_over() -> None:
    month = rural(birth=D("1966-11"))
    assert [due.state for due in find(month, "rural_60")] == ["coming"]
    assert [due.state for due in find(month, "rural_60", day=dt.date(2026, 11, 30))] == ["now"]


def test_from_29_february_it_is_1_march() -> None:
    assert str(eligibility.later(D("1968-02-29"), 60)) == "2028-02-29"
    assert str(eligibility.later(D("1968-02-29"), 18)) == "1986-03-01"
    assert str(eligibility.later(D("1968-02"), 18)) == "1986-02"


def test_old_children_of_martyrs() -> None:
    child = Identity(class12="09", relation="child")
    (due,) = find(Facts(birth=D("1960-01-01"), identities=(child,)), "martyrs_child_60")
    assert due.state == "now"
    assert len(due.missing) == 1
    (open_,) = find(Facts(birth=D("1960-01-01"), identities=(replace(child, relation=""),)), "martyrs_child_60")
    assert "与牺牲、病故军人的关系没有登记" in open_.missing
    assert find(Facts(birth=D("1960-01-01"), identities=(replace(child, relation="spouse"),)), "martyrs_child_60") == []
    assert find(Facts(birth=D("1960-01-01"), identities=(replace(child, benefit="21"),)), "martyrs_child_60") == []


def test_a_soldier_without_a_class_is_no_martyrs_child() -> None:
    assert find(rural(birth=D("1960-01-01"), identities=()), "martyrs_child_60") == []
    assert find(Facts(birth=D("1960-01-01")), "rural_60") == []


def test_children_of_the_bereaved_come_of_age() -> None:
    child = Identity(class12="10", benefit="22", state="正常", relation="child")
    (due,) = find(Facts(birth=D("2009-05-01"), identities=(child,)), "child_18")
    assert (due.state, str(due.due)) == ("coming", "2027-05-01")
    assert "是否上学" in due.missing[-1]
    (now,) = find(Facts(birth=D("2006-05-01"), identities=(child,)), "child_18")
    assert now.state == "now"
    assert find(Facts(birth=D("2000-05-01"), identities=(child,)), "child_18") == []
    assert find(Facts(birth=D("2009-05-01"), identities=(replace(child, relation="spouse"),)), "child_18") == []
    assert find(Facts(birth=D("2006-05-01"), identities=(replace(child, benefit=""),)), "child_18") == []
    assert find(Facts(birth=D("2009-05-01"), identities=(replace(child, state="已停发"),)), "child_18") == []
    (untold,) = find(Facts(birth=D("2009-05-01"), identities=(replace(child, relation=""),)), "child_18")
    assert untold.missing[0] == "与牺牲、病故军人的关系没有登记"


def test_children_named_in_a_family_come_of_age() -> None:
    family = (
        Relative("王小明", "20", D("2009-05-01")),
        Relative("王大明", "20", D("2001-05-01")),
        Relative("李某", "10", D("2009-05-01")),
    )
    widow = Facts(birth=D("1975"), identities=(Identity(class12="09", relation="spouse"),), relatives=family)
    (due,) = find(widow, "child_18")
    assert (due.about, str(due.due)) == ("王小明", "2027-05-01")
    assert "烈士遗属的子 王小明" in due.why
    assert find(replace(widow, identities=(VETERAN,)), "child_18") == []


def test_grades_may_be_changed_a_year_after_the_last() -> None:
    wounded = Identity(class12="07", benefit="11", state="正常", level="07", nature="1", graded=D("2026-03-01"))
    (coming,) = find(Facts(identities=(wounded,)), "regrade")
    assert (coming.state, str(coming.due), coming.sure) == ("coming", "2027-03-01", True)
    (now,) = find(Facts(identities=(replace(wounded, graded=D("2020")),)), "regrade")
    assert (now.state, now.missing) == ("now", ("评残时间只知道是 2020",))
    (untold,) = find(Facts(identities=(replace(wounded, graded=None),)), "regrade")
    assert (untold.state, untold.due, untold.missing) == ("unknown", None, ("上次评残(调级)时间没有登记",))
    assert "残疾军人因战七级" in untold.why
    assert find(Facts(identities=(replace(wounded, state="已停发"),)), "regrade") == []


def test_who_is_entitled_and_not_recorded_as_paid() -> None:
    wounded = Identity(class12="07", level="07", nature="1")
    (due,) = find(Facts(identities=(wounded,)), "unpaid")
    assert (due.state, due.sure, due.why) == ("now", True, "人员类别是残疾军人, 没有登记残疾军人待遇")
    (untold,) = find(Facts(identities=(replace(wounded, level=""),)), "unpaid")
    assert untold.state == "unknown"
    (bereaved,) = find(Facts(identities=(Identity(class12="11"),)), "unpaid")
    assert (bereaved.state, bereaved.sure) == ("unknown", False)
    (waiting,) = find(Facts(identities=(replace(wounded, benefit="11", state="待续办"),)), "unpaid")
    assert "待续办" in waiting.why
    assert find(Facts(identities=(replace(wounded, benefit="11", state="正常"),)), "unpaid") == []
    assert find(Facts(identities=(replace(wounded, benefit="11", state="已停发"),)), "unpaid") == []
    assert find(Facts(identities=(VETERAN,)), "unpaid") == []


def test_birthdays_and_anniversaries_that_are_ahead() -> None:
    (ninety,) = find(Facts(birth=D("1937-01-05")), "birthday")
    assert (str(ninety.due), ninety.why, ninety.sure) == ("2027-01-05", "1937-01-05 出生, 2027-01-05 满 90 周岁", True)
    assert find(Facts(birth=D("1936-01-05")), "birthday") == []
    (year,) = find(Facts(birth=D("1946")), "birthday")
    assert (str(year.due), year.missing) == ("2026", ("只知道是 1946, 哪一天说不准",))
    (fifty,) = find(Facts(services=(Service(D("1976-12")), Service(D("1990-01")))), "enlistment")
    assert (str(fifty.due), fifty.why) == ("2026-12", "1976-12 入伍, 2026-12 满 50 周年")


def test_all_rules_together_are_in_the_order_of_their_days() -> None:
    facts = rural(
        birth=D("1966-12-24"), services=(replace(SERVED, enlisted=D("1987-03-01"), discharged=D("1990-03-01")),)
    )
    found = find(facts)
    assert [due.rule for due in found] == ["rural_60", "enlistment"]


# -- the rules as data ------------------------------------------------------------------------------------------------


def test_the_default_survives_json() -> None:
    data = json.loads(json.dumps(DEFAULT.to_data(), ensure_ascii=False))
    assert eligibility_rules.rules_from(data) == DEFAULT


def test_rules_hold_from_day_to_day() -> None:
    data = DEFAULT.to_data()
    (sixty,) = (rule for rule in data["rules"] if rule["code"] == "rural_60")
    older = sixty | {"ends": "2026-12-31"}
    newer = sixty | {"starts": "2027-01-01", "age": 58, "rounding": "down"}
    rules = eligibility_rules.rules_from({"rules": [older, newer]})
    assert [rule.age for rule in rules.in_force(DAY)] == [60]
    assert [rule.age for rule in rules.in_force(dt.date(2027, 1, 1))] == [58]
    assert rules.in_force(dt.date(2000, 1, 1)) == ()
    window = Window.ahead(dt.date(2027, 1, 1), 12)
    (due,) = eligibility.find(rural(birth=D("1969-05-01")), rules, window)
    assert "满 58 周岁" in due.why
    assert "义务兵役 3 年(不满一年不计)" in due.why
    with pytest.raises(BadInput, match="rural_60 写了两条"):
        eligibility_rules.rules_from({"rules": [sixty, newer]})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "magic"}, "第 1 条 kind: 只能是"),
        ({"code": ""}, "第 1 条 code: 必须填写"),
        ({"age": "60"}, "第 1 条 age: 要写 1 到 149 的整数"),
        ({"age": True}, "第 1 条 age"),
        ({"benefit": "99"}, "第 1 条 benefit: 代码表里没有 99"),
        ({"classes": "02"}, "第 1 条 classes: 要写成文字的列表"),
        ({"not_with": ["11", "zz"]}, "第 1 条 not_with: 代码表里没有 zz"),
        ({"starts": "2026"}, "第 1 条 starts: 要写成 2026-09-28"),
        ({"enlisted_until": ""}, "第 1 条 enlisted_from: 和 enlisted_until 要一起写"),
        ({"rounding": "nearest"}, "第 1 条 rounding: 只能是 up, down, half"),
        ({"colour": "red"}, "第 1 条 colour: 没有这一项"),
        ({"pairs": {"07": ["99"]}}, "第 1 条 pairs: 代码表里没有 99"),
        ({"pairs": ["07"]}, "第 1 条 pairs: 要写成"),
        ({"conditions": {"07": 1}}, "第 1 条 conditions: 要写成"),
        ({"years": [0]}, "第 1 条 years: 要写成整数的列表"),
    ],
)
def test_every_fault_of_a_policy_is_named(change: dict[str, Any], said: str) -> None:
    first = DEFAULT.to_data()["rules"][0] | change
    with pytest.raises(BadInput) as caught:
        eligibility_rules.rules_from({"rules": [first, {"kind": "birthday"}]})
    assert said in str(caught.value)
    assert "第 2 条 code: 必须填写" in str(caught.value)
    assert "第 2 条 years: 必须填写" in str(caught.value)


@pytest.mark.parametrize("data", [{}, {"rules": []}, {"rules": "x"}, {"rules": [1]}])
def test_what_is_no_list_of_rules(data: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="规则的列表"):
        eligibility_rules.rules_from(data)
