"""A round of visits with money (慰问批次): its states, its lines, who belongs to it and why, its sums and pages."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import BadInput
from app.rules.benefits import BENEFIT_CODES, COLLECTION_CLASSES
from app.rules.chinese_date import month_and_day
from app.rules.money import format_grouped, format_yuan, parse_yuan, total
from app.rules.partial_date import PartialDate, age_on

STATES: dict[str, str] = {
    "draft": "拟定",
    "waiting": "待批",
    "approved": "已批复",
    "paying": "发放中",
    "settled": "已结清",
    "archived": "已归档",
}
# Backwards only where nothing has been paid; a list struck by the county goes back to be drawn up again.
_MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"waiting", "approved"}),
    "waiting": frozenset({"draft", "approved"}),
    "approved": frozenset({"draft", "paying"}),
    "paying": frozenset({"settled"}),
    "settled": frozenset({"archived"}),
    "archived": frozenset(),
}
LINE_STATES: dict[str, str] = {
    "planned": "待发",
    "paid": "已领",
    "missing": "未领",
    "returned": "缴回",
    "carried": "结转",
    "struck": "划销",
}
_OPEN = frozenset({"planned", "missing"})
_LINE_MOVES: dict[str, frozenset[str]] = {
    "planned": frozenset({"paid", "missing", "returned", "carried", "struck"}),
    "missing": frozenset({"paid", "returned", "carried", "struck"}),
    # What was taken or given back stands; a wrong entry is put right by 更正, not by another state.
    "paid": frozenset(),
    "returned": frozenset(),
    "carried": frozenset(),
    "struck": frozenset(),
}
FESTIVALS: dict[str, str] = {
    "spring": "两节(元旦春节)",
    "qingming": "清明",
    "dragon_boat": "端午",
    "july1": "七一",
    "august1": "八一",
    "mid_autumn": "中秋",
    "double_ninth": "重阳",
    "martyrs_day": "烈士纪念日",
    "other": "其他",
}
WAYS: dict[str, str] = {
    "cash": "现金",
    "transfer": "一卡通转账",
    "goods": "慰问品",
    "letter": "慰问信/年画春联",
    "other": "其他",
}
SOURCES: dict[str, str] = {
    "province": "中央/省专项",
    "city": "市",
    "county": "县",
    "township": "乡镇",
    "village": "村集体",
    "fund": "关爱基金/协会",
    "donation": "慈善·企业捐赠",
    "unit": "单位自行慰问",
}
MISSING_REASONS: dict[str, str] = {
    "away": "外出未联系上",
    "dead": "去世",
    "moved": "迁出",
    "account": "账号错误",
    "declined": "本人谢绝",
    "double": "重复",
    "other": "其他",
}


@dataclass(frozen=True)
class Line:
    """One person on a roster; amount in fen, state one of LINE_STATES."""

    id: str
    person: str
    name: str
    amount: int
    state: str = "planned"


@dataclass(frozen=True)
class Totals:
    """Sums in fen: planned = paid + returned + open; `carried` is that part of returned which stays for next round."""

    planned: int
    paid: int
    returned: int
    open: int
    carried: int = 0


@dataclass(frozen=True)
class Standard:
    """An amount in fen for the holders of any of these benefit codes or collection classes.

    With neither codes nor classes it is for everybody on the register. `least_age` counts on the campaign's day.
    """

    amount: int
    codes: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    hardship: bool = False
    least_age: int = 0
    label: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of a person when a round is drawn up."""

    codes: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    hardship: bool = False
    birth: PartialDate | None = None
    dead: bool = False


@dataclass(frozen=True)
class Proposal:
    """What a person should get, in fen, and why, in Chinese."""

    amount: int
    why: str


@dataclass(frozen=True)
class RosterPage:
    """One sheet of a printed roster: `first` is the number of its first line, `blank` the rows to strike through."""

    number: int
    first: int
    lines: tuple[Line, ...]
    subtotal: int
    blank: int


def state_problem(now: str, wanted: str) -> str:
    """Why a round cannot go from one state to another, in Chinese; empty if it can."""
    if wanted not in STATES:
        return f"没有“{wanted}”这种状态。"
    if wanted in _MOVES[now]:
        return ""
    return f"慰问批次现在是“{STATES[now]}”, 不能变成“{STATES[wanted]}”。"


def line_problem(now: str, wanted: str) -> str:
    """Why a line cannot go from one state to another, in Chinese; empty if it can."""
    if wanted not in LINE_STATES:
        return f"没有“{wanted}”这种状态。"
    if wanted in _LINE_MOVES[now]:
        return ""
    return f"这一行已经是“{LINE_STATES[now]}”, 不能再记“{LINE_STATES[wanted]}”。填错了请用“更正”。"


def totals(lines: Iterable[Line]) -> Totals:
    """The sums over the lines; struck lines count nowhere, what was not collected stays open until it is returned."""
    kept = [line for line in lines if line.state != "struck"]

    def of(*states: str) -> int:
        return total(line.amount for line in kept if line.state in states)

    return Totals(total(line.amount for line in kept), of("paid"), of("returned", "carried"), of(*_OPEN), of("carried"))


def close_problem(lines: Iterable[Line]) -> str:
    """Which money has no whereabouts yet, in Chinese; empty if the round may be settled."""
    left = [line for line in lines if line.state in _OPEN]
    if not left:
        return ""
    named = ", ".join(f"{line.name} {format_grouped(line.amount)}" for line in left[:5])
    more = f" 等 {len(left)} 人" if len(left) > 5 else ""
    return f'还差 {format_grouped(total(line.amount for line in left))} 元没有去向: {named}{more}。请填"缴回"或"结转"。'


def propose(facts: Facts, standards: Sequence[Standard], day: dt.date) -> Proposal | None:
    """What a person should get on a day: the highest fitting standard, once (就高不重复); None if none fits."""
    if facts.dead:
        return None
    fitting = [(standard, why) for standard in standards if (why := _why(facts, standard, day))]
    if not fitting:
        return None
    best, why = max(fitting, key=lambda pair: pair[0].amount)
    if len(fitting) > 1:
        why += f"(另符合 {len(fitting) - 1} 项, 就高不重复)"
    return Proposal(best.amount, why)


def _why(facts: Facts, standard: Standard, day: dt.date) -> str:
    """The reason in Chinese why a standard fits; empty if it does not."""
    reasons = [BENEFIT_CODES.get(code, code) for code in sorted(facts.codes & standard.codes)]
    reasons += [COLLECTION_CLASSES.get(code, code) for code in sorted(facts.classes & standard.classes)]
    if (standard.codes or standard.classes) and not reasons:
        return ""
    if standard.hardship:
        if not facts.hardship:
            return ""
        reasons.append("困难")
    if standard.least_age:
        # Somebody whose birthday is known by the year alone is proposed from the day it is certain.
        if facts.birth is None or age_on(facts.birth, day)[0] < standard.least_age:
            return ""
        reasons.append(f"{standard.least_age} 岁以上")
    text = "、".join(dict.fromkeys(reasons)) or "全部服务对象"
    return f"{standard.label}: {text}" if standard.label else text


def standards_from(data: object) -> tuple[Standard, ...]:
    """Standards from their outside form. Raises BadInput naming every bad row.

    Either one amount for everybody, `"500.00"`, or rows
    `{"amount": "500.00", "codes": ["11"], "classes": ["09"], "hardship": true, "least_age": 80, "label": "烈属"}`.
    """
    if isinstance(data, str):
        return (Standard(parse_yuan(data)),)
    if not isinstance(data, list) or not data:
        raise BadInput('慰问标准要写成金额 "500.00", 或者一张表。', {"standard": "没有标准。"})
    problems: dict[str, str] = {}
    result = []
    for place, row in enumerate(data, start=1):
        try:
            result.append(_standard(row))
        except BadInput as error:
            problems[f"standard.{place}"] = str(error)
    if problems:
        raise BadInput(
            "慰问标准不对: " + ";".join(f"第 {key[9:]} 行 {text}" for key, text in problems.items()), problems
        )
    return tuple(result)


def standards_data(standards: Iterable[Standard]) -> list[dict[str, Any]]:
    """The outside form of standards, as `standards_from` reads it."""
    return [
        {
            "amount": format_yuan(standard.amount),
            "codes": sorted(standard.codes),
            "classes": sorted(standard.classes),
            "hardship": standard.hardship,
            "least_age": standard.least_age,
            "label": standard.label,
        }
        for standard in standards
    ]


def _standard(row: object) -> Standard:
    if not isinstance(row, Mapping):
        raise BadInput("不是一行标准。")
    if unknown := set(row) - {"amount", "codes", "classes", "hardship", "least_age", "label"}:
        raise BadInput(f"没有“{min(map(str, unknown))}”这一项。")
    codes, classes = _codes(row, "codes", BENEFIT_CODES), _codes(row, "classes", COLLECTION_CLASSES)
    age = row.get("least_age", 0)
    if type(age) is not int or not 0 <= age <= 120:
        raise BadInput("年龄应在 0 到 120 之间。")
    amount = parse_yuan(row.get("amount"))
    return Standard(amount, codes, classes, bool(row.get("hardship", False)), age, str(row.get("label", "")))


def _codes(row: Mapping[Any, Any], key: str, table: Mapping[str, str]) -> frozenset[str]:
    wanted = row.get(key, [])
    if not isinstance(wanted, list | tuple):
        raise BadInput(f"{key} 要写成列表。")
    if unknown := [str(code) for code in wanted if code not in table]:
        raise BadInput(f"没有“{unknown[0]}”这个代码。")
    return frozenset(wanted)


def pages(lines: Sequence[Line], rows: int) -> tuple[RosterPage, ...]:
    """Lines cut into printed pages of so many rows; a roster without lines has no page.

    The subtotals add up to the roster's sum; the last page's blank rows are struck (以下空白) on paper.
    """
    if rows < 1:
        raise ValueError(f"{rows} rows on a page")
    cut = [tuple(lines[start : start + rows]) for start in range(0, len(lines), rows)]
    return tuple(
        RosterPage(place + 1, place * rows + 1, part, total(line.amount for line in part), rows - len(part))
        for place, part in enumerate(cut)
    )


def dead_payee_problem(name: str, died: PartialDate, paid: dt.date) -> str:
    """Why nothing can be handed to somebody who died before that day, in Chinese; empty if he may still have lived."""
    if died.latest() >= paid:
        return ""
    when = month_and_day(died.earliest()) if died.is_day() else f"{died}"
    return f"{name} 已于 {when}去世, 这一行不能发放。可改为慰问家属。"


def second_payment_problem(name: str, paid: dt.date, source: str, amount: int, sheet: str, line: int) -> str:
    """The sentence for a person who was paid from the same source in this round already."""
    where = f"({sheet}第 {line} 行)"
    return f'{name} 已在 {month_and_day(paid)}本批次"{source}"领过 {format_grouped(amount)} 元{where}, 不能再领。'


def staff_payee_problem(name: str, *, same_person: bool, witness: str) -> str:
    """Why a payee who works at the station is not paid like this (回避), in Chinese; empty if it is in order.

    `same_person`: he would hand the money to himself; `witness` is the name of the one who looked on.
    """
    if not same_person and witness.strip() and witness.strip() != name:
        return ""
    return f"{name} 是本站工作人员。请换一人经办并填写见证人(回避)。"
