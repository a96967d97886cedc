"""Checks over a whole card of the 信息采集表 (domain §1.17): papers may be wrong, so they warn; rules of benefits block.

`cross_checks` looks at the few fields every roster has; this module adds what the whole form brings and says of each
finding whether it blocks. What blocks, blocks only the benefit that is given anew: what stands on file already is
warned of, since somebody once approved it.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.rules import benefits, cross_checks, military, register_codes, settlement
from app.rules.cross_checks import Card
from app.rules.partial_date import PartialDate, years_between

_FIELD_NAMES: Final[Mapping[str, str]] = {
    "enlisted_on": "enlisted", "discharged_on": "discharged", "died_on": "death_date",
}  # fmt: skip
"""Names `cross_checks` uses, as the register's fields bear them."""
_CLASS_OF: Final[Mapping[str, frozenset[str]]] = {
    "11": frozenset({"07"}), "14": frozenset({"08"}), "21": frozenset({"09"}), "22": frozenset({"10"}),
    "23": frozenset({"11"}), "31": frozenset({"06"}), "32": frozenset({"06"}), "33": frozenset({"06"}),
    "41": frozenset({"05"}), "42": frozenset({"02", "05"}), "51": frozenset({"01", "02", "03", "05", "07"}),
    "61": frozenset({"01", "02", "03", "05", "07"}), "81": frozenset({"02"}), "B1": frozenset({"09"}),
}  # fmt: skip
"""The collection classes a benefit belongs to; of the others any may be."""
_GRADED: Final = frozenset({"11", "12", "13", "14", "15"})
_NOW_BLOCKING: Final = frozenset({"rural_enlistment", "rural_age", "rural_household", "rural_double"})
"""Findings of `cross_checks` that block a benefit given anew; all of them speak of 81."""
_ILLNESS: Final = "3"
_MAJORITY: Final = 18
_LONGEST_SERVICE: Final = 45


@dataclass(frozen=True)
class Finding:
    """One finding: a stable code, the fields it speaks of, the sentence, and whether the save is refused for it."""

    code: str
    fields: tuple[str, ...]
    text: str
    blocks: bool = False


@dataclass(frozen=True)
class WholeCard:
    """All that is looked at; None and empty mean not known and raise nothing.

    `given` are benefits that are being given anew; `paid_by` how many identities are marked 按此身份发放; `holders` and
    `sharers` how many people have the same account and the same telephone, the person himself included.
    """

    card: Card = field(default_factory=Card)
    given: frozenset[str] = frozenset()
    paid_by: int = 0
    paid_without_benefit: bool = False
    branches: tuple[str, ...] = ()
    rank: str = ""
    settlement_way: str = ""
    work_grounds: frozenset[str] = frozenset()
    discharge_paper: str = ""
    honours: frozenset[str] = frozenset()
    approved: dt.date | None = None
    """The day the discharge was approved."""
    reported: dt.date | None = None
    works_for_unit: bool | None = None
    joined_party: PartialDate | None = None
    graded: PartialDate | None = None
    """When the disability was last graded."""
    life_cycle: str = ""
    last_paid: PartialDate | None = None
    last_visited: PartialDate | None = None
    holders: int = 1
    sharers: int = 1
    plaques: int = 1
    """光荣牌 in the household."""
    pensions_since: PartialDate | None = None
    """When the regular pensions began, as the bureau holds it: for 烈士老年子女."""


def findings(whole: WholeCard, day: dt.date) -> tuple[Finding, ...]:
    """Everything about a card as it stands on a day; those that block come first."""
    found = [_from_doubt(doubt, whole) for doubt in cross_checks.doubts(whole.card, day)]
    for check in _CHECKS:
        found += check(whole, day)
    return tuple(sorted(found, key=lambda one: not one.blocks))


def _from_doubt(doubt: cross_checks.Doubt, whole: WholeCard) -> Finding:
    names = tuple(_FIELD_NAMES.get(name, name) for name in doubt.fields)
    blocks = (
        (doubt.code in _NOW_BLOCKING and "81" in whole.given)
        or (doubt.code == "illness_grade" and bool(_GRADED & whole.given))
        or (doubt.code == "child_age" and "B1" in whole.given)
    )
    return Finding(doubt.code, names, doubt.text, blocks)


# -- service ------------------------------------------------------------------------------------------------------


def _eras(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """Branch, rank, paper and honours in the years in which they were borne."""
    first, last = whole.card.enlisted, whole.card.discharged
    for branch in whole.branches:
        for code in military.SERVICES.codes_of(branch):
            dated = military.SERVICES.codes[code]
            if dated.held(first, last) is False:
                text = f"{dated.words}({dated.period})与服役时间对不上。请核对。"
                yield Finding("branch_era", ("branch", "enlisted", "discharged"), text)
    if last is not None and military.borne(whole.rank, last, last) is False:
        text = f"军衔“{whole.rank}”({military.periods(whole.rank)})在退役时({last})没有。请核对。"
        yield Finding("rank_era", ("rank", "discharged"), text)
    paper = military.DISCHARGE_PAPERS.codes.get(whole.discharge_paper)
    if paper is not None and paper.held(last, last) is False:
        text = f"{paper.words}({paper.period})与退役时间 {last} 对不上。请核对。"
        yield Finding("paper_era", ("discharge_paper", "discharged"), text)
    for code in sorted(whole.honours):
        honour = military.HONOURS.codes.get(code)
        if honour is not None and honour.held(first, last) is False:
            text = f"奖励“{honour.words}”({honour.period})与服役时间对不上。请核对。"
            yield Finding("honour_era", ("merits", "enlisted", "discharged"), text)


def _korea(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """抗美援朝 has no code among 01 to 15, so that `cross_checks` does not know it."""
    for code in sorted(whole.card.war_services - benefits.WAR_SERVICES.keys()):
        dated = register_codes.WAR_SERVICES.codes.get(code)
        if dated is not None and dated.held(whole.card.enlisted, whole.card.discharged) is False:
            text = f"参战类别“{dated.words}”({dated.period})不在服役时间内。请核对。"
            yield Finding("war_service", ("war_service", "enlisted", "discharged"), text)


def _settled(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """The way of settlement against the kind of soldier, its grounds against what is known of the service."""
    groups = military.groups_of(whole.rank, whole.card.discharged) if whole.rank else frozenset[str]()
    if len(groups) == 1:
        said = settlement.allowed(whole.settlement_way, next(iter(groups)), whole.card.discharged)
        if said:
            yield Finding("settlement_way", ("settlement_way", "rank", "discharged"), said)
    if "twelve_years" in whole.work_grounds and whole.card.enlisted and whole.card.discharged:
        _, most = years_between(whole.card.enlisted, whole.card.discharged)
        if most < settlement.WORK_GROUND_YEARS:
            text = f"安排工作条件写“服现役满12年”, 按入伍和退役时间不到 {most + 1} 年。请核对。"
            yield Finding("work_ground", ("work_ground", "enlisted", "discharged"), text)
    if "merit" in whole.work_grounds and whole.honours and not whole.honours & military.JOB_HONOURS:
        text = "安排工作条件写立功, 登记的奖励都不到三等战功、二等功。请核对。"
        yield Finding("work_ground", ("work_ground", "merits"), text)
    own_employment = whole.settlement_way == "own_employment"
    if own_employment and whole.approved and whole.reported:
        yield from _late(settlement.reported_late(whole.approved, whole.reported))


def _late(said: str) -> Iterator[Finding]:
    if said:
        yield Finding("reported_late", ("reported", "approved"), said)


def _lengths(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """Service longer than a life in the forces, party membership before the age of it."""
    card = whole.card
    if card.enlisted and card.discharged:
        least, _ = years_between(card.enlisted, card.discharged)
        if least > _LONGEST_SERVICE:
            yield Finding("service_length", ("enlisted", "discharged"), f"服役 {least} 年, 太长了。请核对。")
    if card.birth and whole.joined_party and years_between(card.birth, whole.joined_party)[1] < _MAJORITY:
        text = f"入党时间 {whole.joined_party} 时不满 18 周岁。请核对。"
        yield Finding("party_age", ("joined_party", "birth_date"), text)
    if whole.graded and card.enlisted and whole.graded.surely_before(card.enlisted):
        yield Finding("graded_order", ("graded", "enlisted"), "评残时间早于入伍时间。请核对。")


# -- benefits -----------------------------------------------------------------------------------------------------


def _paid_identity(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """Money is paid for one identity, and for one that has a benefit."""
    if whole.paid_by > 1:
        text = f"有 {whole.paid_by} 个身份标了“按此身份发放”, 只能有一个。请留下一个。"
        yield Finding("paid_twice", ("main",), text, blocks=True)
    if whole.paid_without_benefit:
        text = "“按此身份发放”的身份没有优抚类别, 不能按它发放。请补优抚类别或取消标记。"
        yield Finding("paid_without_benefit", ("main", "benefit_code"), text, blocks=True)


def _graded_benefit(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """A disability benefit needs level and nature; 因病 is for conscripts and 初级军士 only."""
    card = whole.card
    for code in sorted(card.codes & _GRADED):
        if not (card.disability_level and card.disability_nature):
            text = f"{benefits.label('benefit', code)}要有伤残等级和伤残性质。"
            yield Finding("level_missing", ("disability_level", "disability_nature"), text, code in whole.given)
    if card.disability_nature == _ILLNESS and military.groups_of(whole.rank, card.discharged) == {military.OFFICER}:
        text = "因病评残只限义务兵和初级军士(军人抚恤优待条例 §25), 这里登记的是军官。请核对证件。"
        yield Finding("illness_rank", ("disability_nature", "rank"), text)


def _class_and_benefit(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """A benefit belongs to a class: 残疾军人 11 to 07, 三属 21 to 23 to their own."""
    if not whole.card.classes:
        return
    for code in sorted(whole.card.codes & _CLASS_OF.keys()):
        if not _CLASS_OF[code] & whole.card.classes:
            fits = "、".join(benefits.label("collection_class", one) for one in sorted(_CLASS_OF[code]))
            text = f"优抚类别“{benefits.label('benefit', code)}”对应的人员类别是{fits}。请核对。"
            yield Finding("class_of_benefit", ("class12", "benefit_code"), text)


def _martyrs_child(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """烈士老年子女 (B1): grown up when the pensions began, in the country or without a unit (条例 §62)."""
    card = whole.card
    if "B1" not in card.codes:
        return
    if card.birth and whole.pensions_since and years_between(card.birth, whole.pensions_since)[1] < _MAJORITY:
        text = f"国家建立定期抚恤金制度时({whole.pensions_since})不满 18 周岁, 不属烈士老年子女。请核对。"
        yield Finding("child_then", ("birth_date", "benefit_code"), text, "B1" in whole.given)
    if card.household_kind == "2" and whole.works_for_unit:
        text = "烈士老年子女要居住在农村, 或在城镇没有工作单位。请核对。"
        yield Finding("child_unit", ("household_kind", "work_place", "benefit_code"), text, "B1" in whole.given)


def _standing(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """Nothing is given anew to the dead; what was suspended or cancelled is the province's decision (条例 §59)."""
    if not whole.given:
        return
    words = "、".join(benefits.label("benefit", code) for code in sorted(whole.given))
    if whole.card.died is not None or whole.life_cycle == "dead":
        text = f"人员已去世, 不能新登记待遇({words})。遗属的待遇请登记在遗属名下。"
        yield Finding("given_after_death", ("death_date", "benefit_code"), text, blocks=True)
    elif whole.life_cycle in ("suspended", "cancelled"):
        state = register_codes.LIFE_CYCLE.label(whole.life_cycle)
        text = f"人员状态是“{state}”, 由省级决定; 新登记待遇({words})前请核对批文。"
        yield Finding("given_while_stopped", ("status", "benefit_code"), text)


# -- what several people share --------------------------------------------------------------------------------------


def _shared(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    if said := cross_checks.shared_account(whole.holders):
        yield Finding("shared_account", ("account_number",), said)
    if said := cross_checks.shared_phone(whole.sharers):
        yield Finding("shared_phone", ("phone",), said)
    if whole.plaques > 1:
        text = f"这一户登记了 {whole.plaques} 块光荣牌, 一户只挂一块。请核对。"
        yield Finding("plaques", ("plaque", "household"), text)


def _after_death(whole: WholeCard, _day: dt.date) -> Iterator[Finding]:
    """What is on file already is listed; a new payment or visit asks `after_death` first."""
    for name, last in (("发放", whole.last_paid), ("走访", whole.last_visited)):
        if last is not None and (said := after_death(whole.card.died, last, name)):
            yield Finding("after_death", ("death_date",), said)


def after_death(died: PartialDate | None, day: PartialDate, act: str) -> str:
    """Why an act on a day cannot be meant for somebody who had died; empty if he may have lived. New ones are refused."""
    if died is None or not died.surely_before(day):
        return ""
    return f"{act}日期 {day} 在去世日期 {died} 之后。请核对。"


def service_months(enlisted: PartialDate, discharged: PartialDate) -> tuple[int, int]:
    """军龄 in whole months, the least and the most it can be; years are completed years, so months are kept apart."""
    least = _months(enlisted.latest(), discharged.earliest())
    return max(0, least), max(0, _months(enlisted.earliest(), discharged.latest()))


def _months(first: dt.date, last: dt.date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


_CHECKS: Final[tuple[Callable[[WholeCard, dt.date], Iterator[Finding]], ...]] = (
    _eras, _korea, _settled, _lengths, _paid_identity, _graded_benefit, _class_and_benefit, _martyrs_child, _standing,
    _shared, _after_death,
)  # fmt: skip
