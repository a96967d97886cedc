"""快符合条件 / 应享受未享受: who comes to be entitled to what, from which day, why, and what is missing to be sure.

The rules are data (the policy `eligibility.rules`) with days of effect. Nothing is decided: what the register does not
know is said in words, never guessed.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.rules import benefits, military, register_checks
from app.rules.eligibility_rules import Rule, Rules
from app.rules.partial_date import PartialDate, age_on

State = Literal["now", "coming", "unknown"]

STATES: Final[Mapping[str, str]] = {"now": "已到", "coming": "快到", "unknown": "说不准"}
STOPPED: Final = "已停发"
PAID: Final = "正常"
_WOUNDED: Final = "07"


@dataclass(frozen=True)
class Identity:
    """One identity as it counts here. `state` is 正常, 待续办, 已停发 or empty; `relation` a code of 与军人关系."""

    class12: str = ""
    benefit: str = ""
    state: str = ""
    level: str = ""
    nature: str = ""
    relation: str = ""
    graded: PartialDate | None = None
    """When the disability was graded last."""


@dataclass(frozen=True)
class Service:
    """One period of service. `conscript` are the months of it served as a conscript, where they are on file."""

    enlisted: PartialDate | None = None
    discharged: PartialDate | None = None
    rank: str = ""
    conscript: tuple[PartialDate, PartialDate] | None = None


@dataclass(frozen=True)
class Relative:
    """A member of the family as the form names him; `relation` is a code of GB/T 4761."""

    name: str
    relation: str = ""
    birth: PartialDate | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a person; None and empty mean not known."""

    birth: PartialDate | None = None
    gone: bool = False
    """Dead, moved away or cancelled: nobody is looked for any more."""
    household_kind: str = ""
    identities: tuple[Identity, ...] = ()
    services: tuple[Service, ...] = ()
    relatives: tuple[Relative, ...] = ()


@dataclass(frozen=True)
class Due:
    """Something that is due to a person, or will be. `due` is None where no day can be told."""

    rule: str
    state: State
    due: PartialDate | None
    why: str
    missing: tuple[str, ...] = ()
    about: str = ""
    """Name of the relative it is about; empty for the person himself."""

    @property
    def sure(self) -> bool:
        """Whether nothing is missing to be sure."""
        return not self.missing and self.state != "unknown"


@dataclass(frozen=True)
class Window:
    """The day one stands at, and how far one looks ahead."""

    day: dt.date
    last: dt.date

    @classmethod
    def ahead(cls, day: dt.date, months: int) -> "Window":
        """From a day on for so many months."""
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        following = dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
        longest = (following - dt.timedelta(days=1)).day
        return cls(day, dt.date(year, month + 1, min(day.day, longest)))

    def state(self, due: PartialDate) -> State | None:
        """Whether a day has come, is coming, or lies beyond; a month or year that has begun has not come for sure."""
        if due.latest() <= self.day:
            return "now"
        return "coming" if due.earliest() <= self.last else None


def find(facts: Facts, rules: Rules, window: Window) -> tuple[Due, ...]:
    """Everything the rules in force say of a person, the earliest first."""
    if facts.gone:
        return ()
    found = [due for rule in rules.in_force(window.day) for due in _KINDS[rule.kind](facts, rule, window)]
    return tuple(sorted(found, key=lambda one: one.due.earliest() if one.due else dt.date.max))


def later(start: PartialDate, years: int) -> PartialDate:
    """A partial date so many years on; from 29 February it is 1 March where there is none."""
    try:
        return PartialDate(start.year + years, start.month, start.day)
    except ValueError:
        return PartialDate(start.year + years, 3, 1)


# -- a benefit from an age on (60周岁农村籍退役士兵) ------------------------------------------------------------------


def _benefit_at_age(facts: Facts, rule: Rule, window: Window) -> Iterator[Due]:
    if facts.birth is None or facts.birth.year + rule.age > window.last.year:
        return
    due = later(facts.birth, rule.age)
    state = window.state(due)
    if state is None or _shut_out(facts, rule):
        return
    why = f"{facts.birth} 出生, {due} 满 {rule.age} 周岁"
    missing = [*_about_class(facts, rule), *_about_birth(facts.birth)]
    if rule.household_kind and not facts.household_kind:
        missing.append("户籍类别(农村、城镇)没有登记")
    if rule.enlisted_from:
        enlisted = _enlisted(facts)
        years, doubt = conscript_years(facts.services, rule.rounding)
        why += f"; {enlisted} 入伍" if enlisted else ""
        why += f"; 义务兵役 {_range(years)} 年({_ROUNDING[rule.rounding]})" if years else ""
        missing += [*_about_enlistment(rule, enlisted), *([doubt] if doubt else [])]
    yield Due(rule.code, state, due, f"{why}; 没有登记{benefits.label('benefit', rule.benefit)}待遇", tuple(missing))


def _shut_out(facts: Facts, rule: Rule) -> bool:
    """Whether something that is known says that the rule does not mean this person."""
    if {one.benefit for one in facts.identities} & {rule.benefit, *rule.not_with}:
        return True
    classes = {one.class12 for one in facts.identities} - {""}
    # Without a class on file only having served says that a rule for soldiers may mean somebody.
    if not classes & set(rule.classes) and (classes or not (rule.enlisted_from and facts.services)):
        return True
    relations = {one.relation for one in facts.identities if one.class12 in rule.classes} - {""}
    if rule.relations and relations and not relations & set(rule.relations):
        return True
    if facts.household_kind and rule.household_kind and facts.household_kind != rule.household_kind:
        return True
    enlisted = _enlisted(facts)
    return bool(rule.enlisted_from) and enlisted is not None and not rule.covers_enlistment(enlisted)


def _about_class(facts: Facts, rule: Rule) -> Iterator[str]:
    held = [one for one in facts.identities if one.class12 in rule.classes]
    if not held:
        yield "人员类别没有登记"
    elif rule.relations and not any(one.relation for one in held):
        yield "与牺牲、病故军人的关系没有登记"
    yield from dict.fromkeys(rule.conditions[one.class12] for one in held if one.class12 in rule.conditions)


def _about_enlistment(rule: Rule, enlisted: PartialDate | None) -> list[str]:
    if enlisted is None:
        return ["入伍时间没有登记"]
    if not rule.surely_covers_enlistment(enlisted):
        return [f"入伍时间只知道是 {enlisted}, 要看是不是在 {rule.enlisted_from} 至 {rule.enlisted_until} 之间"]
    return []


def _about_birth(birth: PartialDate) -> list[str]:
    return [] if birth.is_day() else [f"出生日期只知道是 {birth}"]


_ROUNDING: Final[Mapping[str, str]] = {
    "up": "不满一年按一年", "down": "不满一年不计", "half": "满六个月按一年, 不满不计",
}  # fmt: skip


def conscript_years(services: tuple[Service, ...], rounding: str) -> tuple[tuple[int, int] | None, str]:
    """Years served as a conscript, the least and the most they can be, and why they cannot be told if they cannot."""
    least = most = 0
    for one in services:
        period = one.conscript
        if period is None and one.enlisted and one.discharged and _conscript_to_the_end(one):
            period = one.enlisted, one.discharged
        if period is None:
            return None, _untold(one)
        few, many = register_checks.service_months(*period)
        least, most = least + few, most + many
    if not services:
        return None, "服役情况没有登记, 算不出义务兵役年限"
    years = _rounded(least, rounding), _rounded(most, rounding)
    if years[0] == years[1]:
        return years, ""
    return years, f"入伍、退役时间不到日, 义务兵役年限在 {_range(years)} 年之间"


def _conscript_to_the_end(one: Service) -> bool:
    # From 1965 to 1988 nobody bore a rank; papers of those years sometimes name one all the same.
    groups = military.groups_of(one.rank, one.discharged) or military.groups_of(one.rank)
    return groups == {military.CONSCRIPT}


def _untold(one: Service) -> str:
    if not (one.enlisted and one.discharged):
        return "入伍、退役时间不全, 算不出义务兵役年限"
    if not one.rank:
        return "退役时军衔和义务兵起止时间没有登记, 算不出义务兵役年限"
    return f"退役时是“{one.rank}”, 义务兵起止时间没有登记, 算不出义务兵役年限"


def _rounded(months: int, rounding: str) -> int:
    years, rest = divmod(months, 12)
    if rounding == "up":
        return years + (rest > 0)
    return years + (rest >= 6) if rounding == "half" else years


def _range(years: tuple[int, int]) -> str:
    return f"{years[0]}" if years[0] == years[1] else f"{years[0]}–{years[1]}"


# -- children of 三属 who come of age ---------------------------------------------------------------------------------


def _of_age(facts: Facts, rule: Rule, window: Window) -> Iterator[Due]:
    bereaved = [one for one in facts.identities if one.class12 in rule.classes and one.state != STOPPED]
    if not bereaved:
        return
    kind = benefits.label("collection_class", bereaved[0].class12)
    relations = {one.relation for one in bereaved}
    if facts.birth is not None and (not relations - {""} or relations & set(rule.relations)):
        yield from _own_majority(facts, rule, window, kind, known="" not in relations)
    for relative in facts.relatives:
        if relative.birth is None or relative.relation not in rule.family:
            continue
        due = later(relative.birth, rule.age)
        if due.latest() >= window.day and window.state(due) is not None:
            why = f"{kind}的{benefits.label('relation', relative.relation)} {relative.name} {relative.birth} 出生, {due} 满 {rule.age} 周岁"
            missing = (
                f"{relative.name}是不是牺牲、病故军人的子女, 有没有享受定期抚恤金",
                *_about_birth(relative.birth),
            )
            yield Due(rule.code, "coming", due, why, missing, relative.name)


def _own_majority(facts: Facts, rule: Rule, window: Window, kind: str, *, known: bool) -> Iterator[Due]:
    if facts.birth is None:
        return
    due = later(facts.birth, rule.age)
    state = window.state(due)
    if state is None or age_on(facts.birth, window.day)[0] >= rule.review_until:
        return
    paid = [one for one in facts.identities if one.benefit in rule.benefits]
    if state == "now" and not paid:
        return
    missing = [] if known else ["与牺牲、病故军人的关系没有登记"]
    missing += _about_birth(facts.birth)
    missing.append("是否上学、有无残疾和生活费来源没有登记")
    why = f"{kind}, {facts.birth} 出生, {due} 满 {rule.age} 周岁, 定期抚恤金要复核"
    yield Due(rule.code, state, due, why, tuple(missing))


# -- grades that may be changed ---------------------------------------------------------------------------------------


def _regrade(facts: Facts, rule: Rule, window: Window) -> Iterator[Due]:
    for one in facts.identities:
        if one.benefit not in rule.benefits or one.state == STOPPED:
            continue
        grade = benefits.label("disability_nature", one.nature) + benefits.label("disability_level", one.level)
        who = f"{benefits.label('benefit', one.benefit)}{grade}"
        if one.graded is None:
            why = f"{who}: 残情明显变化的, 上次评残满 {rule.years[0]} 年后可以申请调整等级"
            yield Due(rule.code, "unknown", None, why, ("上次评残(调级)时间没有登记",))
            continue
        due = later(one.graded, rule.years[0])
        if (state := window.state(due)) is not None:
            why = f"{who}: {one.graded} 评残, {due} 起残情明显变化的可以申请调整等级"
            missing = () if one.graded.is_day() else (f"评残时间只知道是 {one.graded}",)
            yield Due(rule.code, state, due, why, missing)


# -- entitled and not recorded as paid --------------------------------------------------------------------------------


def _unpaid(facts: Facts, rule: Rule, _window: Window) -> Iterator[Due]:
    for one in facts.identities:
        if one.benefit and one.state not in (PAID, STOPPED):
            state = f"状态是“{one.state}”" if one.state else "没有登记是否在享受"
            yield Due(rule.code, "unknown", None, f"{benefits.label('benefit', one.benefit)}: {state}", ("优抚状态",))
    if any(one.benefit for one in facts.identities):
        return
    for one in facts.identities:
        wanted = rule.pairs.get(one.class12)
        if not wanted:
            continue
        words = "、".join(benefits.label("benefit", code) for code in wanted)
        missing = [rule.conditions[one.class12]] if one.class12 in rule.conditions else []
        if one.class12 == _WOUNDED and not (one.level and one.nature):
            missing.append("伤残等级和伤残性质没有登记")
        label = benefits.label("collection_class", one.class12)
        why = f"人员类别是{label}, 没有登记{words}待遇"
        yield Due(rule.code, "unknown" if missing else "now", None, why, tuple(missing))


# -- days to remember -----------------------------------------------------------------------------------------------


def _birthday(facts: Facts, rule: Rule, window: Window) -> Iterator[Due]:
    if facts.birth is not None:
        for years in rule.years:
            yield from _coming(rule, window, facts.birth, years, f"{facts.birth} 出生, {{due}} 满 {years} 周岁")


def _anniversary(facts: Facts, rule: Rule, window: Window) -> Iterator[Due]:
    enlisted = _enlisted(facts)
    if enlisted is not None:
        for years in rule.years:
            yield from _coming(rule, window, enlisted, years, f"{enlisted} 入伍, {{due}} 满 {years} 周年")


def _coming(rule: Rule, window: Window, start: PartialDate, years: int, why: str) -> Iterator[Due]:
    """A day that is still ahead; of a year or month that has begun the day may be."""
    if not window.day.year <= start.year + years <= window.last.year:
        return
    due = later(start, years)
    if due.latest() < window.day or due.earliest() > window.last:
        return
    missing = () if start.is_day() else (f"只知道是 {start}, 哪一天说不准",)
    yield Due(rule.code, "coming", due, why.format(due=due), missing)


def _enlisted(facts: Facts) -> PartialDate | None:
    return min((one.enlisted for one in facts.services if one.enlisted), default=None)


_KINDS: Final[Mapping[str, Callable[[Facts, Rule, Window], Iterator[Due]]]] = {
    "benefit_at_age": _benefit_at_age, "of_age": _of_age, "regrade": _regrade, "unpaid": _unpaid,
    "birthday": _birthday, "anniversary": _anniversary,
}  # fmt: skip
