"""The rules of eligibility as data: their built-in form, and reading them from a policy record with every fault named."""

import datetime as dt
import functools
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from app.errors import BadInput
from app.rules import benefits
from app.rules.partial_date import PartialDate

POLICY: Final = "eligibility.rules"
KINDS: Final[Mapping[str, frozenset[str]]] = {
    "benefit_at_age": frozenset({"age", "benefit", "classes"}),
    "of_age": frozenset({"age", "classes", "relations", "benefits"}),
    "regrade": frozenset({"years", "benefits"}),
    "unpaid": frozenset({"pairs"}),
    "birthday": frozenset({"years"}),
    "anniversary": frozenset({"years"}),
}
"""Kinds of rule with what each of them must say."""
ROUNDINGS: Final = ("up", "down", "half")
_OLDEST: Final = 150


@dataclass(frozen=True)
class Rule:
    """One rule. `code` is what lists and settings call it, `label` what people do; the other fields depend on the kind."""

    code: str
    kind: str
    label: str
    starts: str = ""
    ends: str = ""
    basis: str = ""
    age: int = 0
    years: tuple[int, ...] = ()
    benefit: str = ""
    benefits: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    household_kind: str = ""
    enlisted_from: str = ""
    enlisted_until: str = ""
    rounding: str = "up"
    relations: tuple[str, ...] = ()
    """Codes of 与牺牲病故军人关系 that are meant; empty for rules that do not ask."""
    family: tuple[str, ...] = ()
    """Codes of GB/T 4761 of relatives it looks at."""
    review_until: int = 25
    """From this age on nobody is asked whether he still studies."""
    pairs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Benefits by the collection class that may be entitled to them."""
    conditions: Mapping[str, str] = field(default_factory=dict)
    """What has to be known beside the class, in words."""

    def covers_enlistment(self, day: PartialDate) -> bool:
        """Whether somebody who enlisted then may be meant."""
        first, last = _parsed(self.enlisted_from), _parsed(self.enlisted_until)
        return not (day.surely_before(first) or last.surely_before(day))

    def surely_covers_enlistment(self, day: PartialDate) -> bool:
        """Whether he is meant whatever day of the month or year it was."""
        first, last = _parsed(self.enlisted_from), _parsed(self.enlisted_until)
        return first.earliest() <= day.earliest() and day.latest() <= last.latest()

    def to_data(self) -> dict[str, Any]:
        """As JSON has it: what is left at its default is left out."""
        out: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value and value != one.default:
                out[one.name] = _data(value)
        return out


@dataclass(frozen=True)
class Rules:
    """All rules of one version of the policy."""

    rules: tuple[Rule, ...]

    def in_force(self, day: dt.date) -> tuple[Rule, ...]:
        """Those that hold on a day."""
        text = day.isoformat()
        return tuple(
            rule for rule in self.rules if rule.starts <= text and (not rule.ends or text <= rule.ends)
        )  # fmt: skip

    def only(self, code: str) -> "Rules":
        """One of them by its code. Raises BadInput if there is none."""
        found = tuple(rule for rule in self.rules if rule.code == code)
        if not found:
            known = ", ".join(rule.code for rule in self.rules)
            raise BadInput(f"没有“{code[:30]}”这条规则, 可以是 {known}。")
        return replace(self, rules=found)

    def to_data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"rules": [rule.to_data() for rule in self.rules]}


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> PartialDate:
    """Asked for every person of a register, of a few dates."""
    return PartialDate.parse(text)


def _data(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return {key: _data(one) for key, one in value.items()} if isinstance(value, Mapping) else value


DEFAULT: Final = Rules((
    Rule(
        "rural_60", "benefit_at_age", "60周岁农村籍退役士兵", "2011-08-01",
        basis="军人抚恤优待条例 §62; 1954年11月1日试行义务兵役制后至《退役士兵安置条例》实施前入伍",
        age=60, benefit="81", classes=("02",), household_kind="1",
        not_with=("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "41", "42", "51", "61", "B1"),
        enlisted_from="1954-11-01", enlisted_until="2011-10-31", rounding="up",
    ),
    Rule(
        "martyrs_child_60", "benefit_at_age", "烈士老年子女", "2011-07-01", basis="军人抚恤优待条例 §62",
        age=60, benefit="B1", classes=("09",), not_with=("21",), relations=("child",),
        conditions={"09": "是不是居住在农村或在城镇没有工作单位、建立定期抚恤金制度时是否已满18周岁, 没有登记"},
    ),
    Rule(
        "child_18", "of_age", "三属子女满18周岁", basis="军人抚恤优待条例 §19",
        age=18, classes=("09", "10", "11"), relations=("child", "sibling"), family=("20", "30"),
        benefits=("21", "22", "23"),
    ),
    Rule(
        "regrade", "regrade", "可以申请调整伤残等级", basis="军人抚恤优待条例 §29", years=(1,),
        benefits=("11", "12", "13", "14", "15"),
    ),
    Rule(
        "unpaid", "unpaid", "应享受未享受", basis="军人抚恤优待条例 §19、§27、§62",
        pairs={
            "05": ("41",), "06": ("31", "32", "33"), "07": ("11",), "08": ("14",), "09": ("21", "B1"), "10": ("22",),
            "11": ("23",),
        },
        conditions={
            "05": "是不是1954年10月31日前入伍、在乡, 要看档案",
            "06": "身份认定和是否在乡, 要看档案",
            "09": "与烈士的关系、劳动能力、生活费来源和收入没有登记",
            "10": "与军人的关系、劳动能力、生活费来源和收入没有登记",
            "11": "与军人的关系、劳动能力、生活费来源和收入没有登记",
        },
    ),
    Rule("birthday", "birthday", "八十、九十、百岁生日", basis="走访慰问", years=(80, 90, 100)),
    Rule("enlistment", "anniversary", "入伍周年", basis="走访慰问", years=(10, 20, 30, 40, 50, 60, 70, 80)),
))  # fmt: skip


def rules_from(data: Mapping[str, Any]) -> Rules:
    """Rules of a policy record. Raises BadInput naming every fault of every rule."""
    given = data.get("rules")
    if not isinstance(given, list) or not given or not all(isinstance(one, Mapping) for one in given):
        raise BadInput("rules 要写成规则的列表")
    problems: list[str] = []
    found: list[Rule] = []
    for place, one in enumerate(given, start=1):
        wrong = _faults(one)
        if wrong:
            problems += [f"第 {place} 条 {name}: {why}" for name, why in wrong.items()]
            continue
        found.append(Rule(**{name: _value(value) for name, value in one.items()}))
    codes = [rule.code for rule in found]
    problems += [f"{code} 写了两条" for code in sorted(set(codes)) if codes.count(code) > 1 and _overlap(found, code)]
    if problems:
        raise BadInput("; ".join(problems))
    return Rules(tuple(found))


def _overlap(found: list[Rule], code: str) -> bool:
    """Two versions of a rule may follow one another, not hold together."""
    spans = sorted((rule.starts, rule.ends or "9999") for rule in found if rule.code == code)
    return any(before[1] >= after[0] for before, after in itertools.pairwise(spans))


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return {key: _value(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def _faults(one: Mapping[str, Any]) -> dict[str, str]:
    known = {each.name for each in fields(Rule)}
    out = {str(name): "没有这一项" for name in one if name not in known}
    for name in ("code", "kind", "label"):
        if not isinstance(one.get(name), str) or not one[name]:
            out[name] = "必须填写"
    kind = one.get("kind")
    if isinstance(kind, str) and kind and kind not in KINDS:
        out["kind"] = f"只能是 {', '.join(KINDS)}"
    for name in KINDS.get(kind if isinstance(kind, str) else "", frozenset()):
        if name not in one:
            out.setdefault(name, "必须填写")
    if bool(one.get("enlisted_from")) != bool(one.get("enlisted_until")):
        out["enlisted_from"] = "和 enlisted_until 要一起写"
    for name, value in one.items():
        if name in known and (why := _SHAPES[name](value)):
            out.setdefault(name, why)
    return out


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "要写成文字"


def _day(value: Any) -> str:
    try:
        return (
            "" if not value or (isinstance(value, str) and PartialDate.parse(value).is_day()) else "要写成 2026-09-28"
        )
    except BadInput:
        return "要写成 2026-09-28"


def _number(value: Any) -> str:
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 < value < _OLDEST
    return "" if whole else f"要写 1 到 {_OLDEST - 1} 的整数"


def _numbers(value: Any) -> str:
    return "" if isinstance(value, list) and value and not any(map(_number, value)) else "要写成整数的列表"


def _texts(value: Any) -> str:
    return "" if isinstance(value, list) and all(isinstance(one, str) for one in value) else "要写成文字的列表"


def _codes(table: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if wrong := _texts(value):
            return wrong
        unknown = [one for one in value if one not in benefits.TABLES[table]]
        return f"代码表里没有 {', '.join(unknown)}" if unknown else ""

    return check


def _code(table: str) -> Callable[[Any], str]:
    return lambda value: _text(value) or _codes(table)([value])


def _pairs(value: Any) -> str:
    if not isinstance(value, Mapping):
        return "要写成 {人员类别: [优抚类别]}"
    return _codes("collection_class")(list(value)) or next(filter(None, map(_codes("benefit"), value.values())), "")


def _words(value: Any) -> str:
    plain = isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())
    return "" if plain else "要写成 {人员类别: 说明}"


_SHAPES: Final[Mapping[str, Callable[[Any], str]]] = {
    "code": _text, "kind": _text, "label": _text, "basis": _text, "starts": _day, "ends": _day, "age": _number,
    "years": _numbers, "benefit": _code("benefit"), "benefits": _codes("benefit"),
    "classes": _codes("collection_class"), "not_with": _codes("benefit"), "household_kind": _code("household_kind"),
    "enlisted_from": _day, "enlisted_until": _day,
    "rounding": lambda value: "" if value in ROUNDINGS else f"只能是 {', '.join(ROUNDINGS)}",
    "relations": _texts, "family": _codes("relation"), "review_until": _number, "pairs": _pairs, "conditions": _words,
}  # fmt: skip
