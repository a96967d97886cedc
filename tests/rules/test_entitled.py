"""What a person gets and lacks: said where the register can tell, silent where it cannot."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from app.rules.entitled import Facts, Identity, gets, missing
from app.rules.partial_date import PartialDate

DAY = dt.date(2026, 11, 23)
WELL = Facts(
    birth=PartialDate(1990), identities=(Identity("02"),), has_certificate=True, plaque="已悬挂", visited="2026-08-01",
    enlisted=PartialDate(2008, 12), discharged=PartialDate(2010, 12),
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


@pytest.mark.parametrize(
    ("birth", "enlisted", "said"),
    [
        ("1966-11-23", "1984-12", "已满 60 周岁"),
        ("1966-11-24", "1984-12", "快符合条件: 2026-11-24 满 60 周岁"),
        ("1967-03", "1984-12", "快符合条件: 2027-03 满 60 周岁"),
        ("1967-12-01", "1984-12", ""),
        ("1960", "1954-10", ""),
        ("1966-11-23", "2011-12", ""),
    ],
)
def test_sixty_years(birth: str, enlisted: str, said: str) -> None:
    facts = with_(birth=PartialDate.parse(birth), enlisted=PartialDate.parse(enlisted))
    found = [line for line in missing(facts, DAY) if "60" in line]
    assert found[0].startswith(said) if said else not found, found
    others: tuple[dict[str, Any], ...] = (
        {"identities": (Identity("02", "81"),)},
        {"identities": (Identity("12"),)},
        {"birth": None},
    )
    for more in others:
        assert not [line for line in missing(dataclasses.replace(facts, **more), DAY) if "60 周岁" in line]


def test_the_29th_of_february_has_a_next_year() -> None:
    facts = with_(birth=PartialDate(1968, 12, 1), enlisted=PartialDate(1986))
    assert any("快符合条件" in line for line in missing(facts, dt.date(2028, 2, 29)))
