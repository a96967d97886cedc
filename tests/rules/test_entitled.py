"""What a person gets and lacks: said where the register can tell, silent where it cannot."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from app.rules import eligibility
from app.rules.eligibility_rules import DEFAULT
from app.rules.entitled import Facts, Identity, due_words, gets, missing
from app.rules.partial_date import PartialDate

DAY = dt.date(2026, 11, 23)
WELL = Facts(
    identities=(Identity("02"),), has_certificate=True, plaque="已悬挂", visited="2026-08-01",
    discharged=PartialDate(2010, 12),
)  # fmt: skip


def with_(**more: Any) -> Facts:
    return dataclasses.replace(WELL, **more)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (WELL, ("光荣牌已悬挂",)),
        (Facts(), ()),
        (with_(plaque="", identities=(Identity("07", "11", "07", "1", "正常"), Identity("02", "81", state="已停发"))),
         ("残疾军人(因战七级)",)),
        (with_(plaque="", identities=(Identity("02", "51", state="待续办"),)), ("参战退役军人(待续办)",)),
        (with_(plaque="", paid=(500_00, 600_00)), ("本年已领慰问金 1,100.00 元(2 次)",)),
    ],
)  # fmt: skip
def test_what_he_gets(facts: Facts, said: tuple[str, ...]) -> None:
    assert gets(facts) == said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (WELL, ()),
        (Facts(gone=True, has_phone=False), ()),
        (with_(has_phone=False, has_number=False), ("没有身份证号", "没有电话")),
        (with_(visited="2025-02-01"), ("本年未走访(上次 2025-02-01)",)),
        (with_(visited="", plaque=""), ("没有填光荣牌", "还没有走访过")),
        (with_(identities=()), ("没有填人员类别",)),
        (with_(has_certificate=False), ("没有填退役证编号",)),
        (with_(identities=(Identity("12"),), has_certificate=False), ()),
        (with_(identities=(Identity("07"),)), ("残疾军人没有填伤残等级", "残疾军人没有登记抚恤待遇, 请核对")),
        (with_(identities=(Identity("07", "11", "07"),)), ("享受待遇, 没有登记银行账户",)),
        (with_(identities=(Identity("07", "11", "07", "1", "已停发"),), has_account=True), ("残疾军人(因战七级): 已停发",)),
    ],
)  # fmt: skip
def test_what_is_missing(facts: Facts, said: tuple[str, ...]) -> None:
    assert missing(facts, DAY) == said


def test_what_comes_with_an_age_stands_first() -> None:
    facts = eligibility.Facts(
        birth=PartialDate(1967, 3, 12), identities=(eligibility.Identity("02"),),
        services=(eligibility.Service(PartialDate(1984, 12, 1), PartialDate(1988, 11, 30), "上等兵"),),
    )  # fmt: skip
    rules = {rule.code: rule for rule in DEFAULT.in_force(DAY)}
    found = eligibility.find(facts, DEFAULT, eligibility.Window.ahead(DAY, 12))
    (line,) = due_words([(rules[due.rule], due) for due in found])
    assert line.startswith("快到(60周岁农村籍退役士兵): 1967-03-12 出生, 2027-03-12 满 60 周岁; 1984-12-01 入伍")
    assert line.endswith("要核对: 户籍类别(农村、城镇)没有登记")
    assert missing(with_(due=(line,), has_phone=False), DAY) == (line, "没有电话")
    # Birthdays are for the list of visits; whether a grade can be changed is not shouted at everybody.
    old = eligibility.Facts(birth=PartialDate(1947, 3, 12), identities=(eligibility.Identity("07", "11", "正常"),))
    found = eligibility.find(old, DEFAULT, eligibility.Window.ahead(DAY, 12))
    assert {rules[due.rule].kind for due in found} == {"birthday", "regrade"}
    assert due_words([(rules[due.rule], due) for due in found]) == ()
