"""Checks between the fields of a person's card: they warn and never block, since old papers are often wrong."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from app.rules.benefits import WAR_PERIODS, WAR_SERVICES
from app.rules.partial_date import PartialDate, age_on, years_between

# 兵役法 of 1955: whoever enlisted before November 1954 was a volunteer and is 复员军人.
_CONSCRIPTION = PartialDate(1954, 11, 1)
# The day before 退役士兵安置条例 came into force.
_LAST_CONSCRIPT = PartialDate(2011, 10, 31)
_USUAL_AGES = range(15, 25)
_ILLNESS_GRADES = frozenset({"07", "08", "09", "10"})
# Of 81: the main identities that already bring a national pension.
_MAIN_PENSIONS = frozenset({"11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "41", "42", "51"})


@dataclass(frozen=True)
class Card:
    """What the checks look at; None and empty mean not known and raise no warning."""

    birth: PartialDate | None = None
    sex: str = ""
    id_birth: dt.date | None = None
    id_sex: str = ""
    enlisted: PartialDate | None = None
    discharged: PartialDate | None = None
    died: PartialDate | None = None
    classes: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    disability_level: str = ""
    disability_nature: str = ""
    war_services: frozenset[str] = frozenset()
    household_kind: str = ""


@dataclass(frozen=True)
class Doubt:
    """One warning: a stable `code`, the fields it speaks of, and the sentence for the clerk."""

    code: str
    fields: tuple[str, ...]
    text: str


def doubts(card: Card, day: dt.date) -> tuple[Doubt, ...]:
    """Every warning about a card as it stands on a day."""
    return (
        *id_agrees(card),
        *enlistment_age(card),
        *service_order(card),
        *early_enlistment(card),
        *rural_veteran(card, day),
        *illness_grade(card),
        *war_service(card),
        *martyrs_child(card, day),
        *life_order(card, day),
    )


def id_agrees(card: Card) -> Iterator[Doubt]:
    """Birth and sex as typed against those in the ID number."""
    if card.birth and card.id_birth and not card.birth.overlaps(PartialDate.of(card.id_birth)):
        text = f"出生日期 {card.birth} 与身份证号里的 {card.id_birth} 不一样。以证件为准, 请核对。"
        yield Doubt("id_birth", ("birth_date", "id_number"), text)
    if card.sex in {"1", "2"} and card.id_sex and card.sex != card.id_sex:
        yield Doubt("id_sex", ("sex", "id_number"), "性别与身份证号里的不一样。以证件为准, 请核对。")


def enlistment_age(card: Card) -> Iterator[Doubt]:
    """Enlisted at 15 to 24, as usual; outside it somebody should look."""
    if not (card.birth and card.enlisted):
        return
    if card.enlisted.surely_before(card.birth):
        yield Doubt("enlisted_before_birth", ("enlisted_on", "birth_date"), "入伍时间早于出生日期。请核对。")
        return
    least, most = years_between(card.birth, card.enlisted)
    if most < _USUAL_AGES.start or least >= _USUAL_AGES.stop:
        age = f"{least}" if least == most else f"{least}–{most}"
        yield Doubt("enlistment_age", ("enlisted_on", "birth_date"), f"入伍时 {age} 岁, 通常是 15 至 24 岁。请核对。")


def service_order(card: Card) -> Iterator[Doubt]:
    """Discharged on or after the day of enlistment."""
    if card.enlisted and card.discharged and card.discharged.surely_before(card.enlisted):
        text = f"退役时间 {card.discharged} 早于入伍时间 {card.enlisted}。请核对。"
        yield Doubt("discharge_order", ("discharged_on", "enlisted_on"), text)


def early_enlistment(card: Card) -> Iterator[Doubt]:
    """Enlisted before 1954-11-01 means class 05 (复员军人), not 02."""
    if card.enlisted and card.enlisted.surely_before(_CONSCRIPTION) and "02" in card.classes:
        text = "1954 年 10 月 31 日以前入伍的属于复员军人, 不是退役士兵。请核对类别。"
        yield Doubt("early_enlistment", ("identities", "enlisted_on"), text)


def rural_veteran(card: Card, day: dt.date) -> Iterator[Doubt]:
    """Benefit 81: enlisted from 1954-11-01 until before 2011-11-01, 60 years old, rural, no other national pension."""
    if "81" not in card.codes:
        return
    if card.enlisted and (card.enlisted.surely_before(_CONSCRIPTION) or _LAST_CONSCRIPT.surely_before(card.enlisted)):
        text = "60周岁农村籍退役士兵应在 1954 年 11 月 1 日至 2011 年 10 月 31 日之间入伍。请核对。"
        yield Doubt("rural_enlistment", ("identities", "enlisted_on"), text)
    if card.birth and age_on(card.birth, day)[1] < 60:
        yield Doubt("rural_age", ("identities", "birth_date"), "还没有满 60 周岁。请核对。")
    if card.household_kind == "2":
        yield Doubt("rural_household", ("identities", "household_kind"), "户籍是城镇, 不是农村籍。请核对。")
    if both := sorted(card.codes & _MAIN_PENSIONS):
        text = f"已经享受 {'、'.join(both)} 类定期抚恤补助, 一般不再同时享受农村籍退役士兵补助。请核对。"
        yield Doubt("rural_double", ("identities",), text)


def illness_grade(card: Card) -> Iterator[Doubt]:
    """因病 has grades 1 to 6 only (军人抚恤优待条例 §27)."""
    if card.disability_nature == "3" and card.disability_level in _ILLNESS_GRADES:
        text = "因病评残只有一级至六级(军人抚恤优待条例), 七级至十级请核对证件。"
        yield Doubt("illness_grade", ("disability_level", "disability_nature"), text)


def war_service(card: Card) -> Iterator[Doubt]:
    """The time of a war service must touch the time served."""
    for code in sorted(card.war_services):
        if code not in WAR_PERIODS:
            continue
        first, last = (PartialDate.parse(text) for text in WAR_PERIODS[code])
        late = card.enlisted is not None and last.surely_before(card.enlisted)
        early = card.discharged is not None and card.discharged.surely_before(first)
        if late or early:
            when = f"{first}" if first == last else f"{first} 至 {last}"
            text = f"参战类别“{WAR_SERVICES[code]}”({when})不在服役时间内。请核对。"
            yield Doubt("war_service", ("war_service", "enlisted_on", "discharged_on"), text)


def martyrs_child(card: Card, day: dt.date) -> Iterator[Doubt]:
    """烈士老年子女 (B1) are at least 60 (军人抚恤优待条例 §62)."""
    if "B1" in card.codes and card.birth and age_on(card.birth, day)[1] < 60:
        yield Doubt("child_age", ("identities", "birth_date"), "烈士老年子女应满 60 周岁。请核对。")


def life_order(card: Card, day: dt.date) -> Iterator[Doubt]:
    """Nobody is born or dies in the future, nor dies before he was born or discharged."""
    today = PartialDate.of(day)
    if card.birth and today.surely_before(card.birth):
        yield Doubt("birth_future", ("birth_date",), f"出生日期 {card.birth} 还没有到。请核对。")
    if card.died and today.surely_before(card.died):
        yield Doubt("death_future", ("died_on",), f"去世日期 {card.died} 还没有到。请核对。")
    if card.died and card.birth and card.died.surely_before(card.birth):
        yield Doubt("death_order", ("died_on", "birth_date"), "去世日期早于出生日期。请核对。")
    if card.died and card.discharged and card.died.surely_before(card.discharged):
        yield Doubt("death_service", ("died_on", "discharged_on"), "去世日期早于退役时间。请核对。")


def shared_account(holders: int) -> str:
    """The remark on a bank account that several people have; empty for one holder."""
    return f"这个银行账号有 {holders} 个人在用, 是监护人代领吗? 请核对。" if holders > 1 else ""


def shared_phone(holders: int) -> str:
    """The remark on a phone that more than three people have; empty otherwise."""
    return f"这个电话有 {holders} 个人在用。请核对。" if holders > 3 else ""
