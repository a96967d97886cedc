"""What a death brings, as proposals for the bureau (F27): 丧葬补助 by class and cause, what was paid too long, whose claim to look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.rules import benefits
from app.rules.partial_date import PartialDate

WOUND: Final = "wound"
ILLNESS: Final = "illness"
_BEREAVED: Final = frozenset({"21", "22", "23"})
_WOUNDED: Final = "11"
_AS_BEREAVED: Final = frozenset({"51"})
_LOCAL: Final = frozenset({"31", "32", "33", "41", "42", "61", "81", "B1", "12", "13", "14", "15"})
_HEAVY: Final = frozenset({"01", "02", "03", "04"})
_NOT_BY_ILLNESS: Final = frozenset({"1", "2"})
_CLAIMANTS: Final = {
    "10": "配偶",
    "11": "丈夫",
    "12": "妻子",
    "20": "儿子",
    "30": "女儿",
    "50": "父母",
    "51": "父亲",
    "52": "母亲",
}


@dataclass(frozen=True)
class Benefit:
    """A benefit the dead person had."""

    code: str
    level: str = ""
    nature: str = ""


@dataclass(frozen=True)
class Relative:
    """A member of the family; `relation` is a code of GB/T 4761."""

    name: str
    relation: str = ""


@dataclass(frozen=True)
class Death:
    """What is known of it. `paid_until` is the last month that was paid, as somebody says it."""

    day: PartialDate
    cause: str = ""
    benefits: tuple[Benefit, ...] = ()
    relatives: tuple[Relative, ...] = ()
    paid_until: PartialDate | None = None
    plaque: bool = False


def proposals(death: Death) -> tuple[str, ...]:
    """Every sentence for the clerk and the form, what touches money first. Nothing is decided here."""
    return (*_funeral(death), *_overpaid(death), *_claims(death), *_visit(death))


def _funeral(death: Death) -> Iterator[str]:
    for one in death.benefits:
        words = benefits.label("benefit", one.code)
        if one.code == _WOUNDED:
            yield f"{words}: 增发 12 个月抚恤金作为丧葬补助(军人抚恤优待条例 §32), 请报县局审定。"
        elif one.code in _BEREAVED:
            yield f"{words}: 增发 6 个月定期抚恤金作为丧葬补助(军人抚恤优待条例 §22), 请报县局审定。"
        elif one.code in _AS_BEREAVED:
            yield f"{words}: 增发 6 个月生活补助作为丧葬补助(军人抚恤优待条例 §62), 请报县局审定。"
        elif one.code in _LOCAL:
            yield f"{words}: 丧葬补助按本地规定, 请问县局。"


def _overpaid(death: Death) -> Iterator[str]:
    if death.paid_until is None or not death.benefits:
        return
    least = _months(death.day.latest().year, death.day.latest().month, death.paid_until)
    most = _months(death.day.earliest().year, death.day.earliest().month, death.paid_until)
    if most <= 0:
        return
    said = f"{most}" if least == most else f"{max(least, 0)}–{most}"
    yield f"已发到 {death.paid_until}, 去世次月起多发 {said} 个月, 请报县局从丧葬补助中抵扣或收回。"


def _months(year: int, month: int, until: PartialDate) -> int:
    """Months paid after the month of death: that one is still due."""
    return (until.year - year) * 12 + (until.month or 12) - month


def _claims(death: Death) -> Iterator[str]:
    wounded = [one for one in death.benefits if one.code == _WOUNDED]
    family = _named(death.relatives)
    if wounded and death.cause == WOUND:
        yield f"旧伤复发去世: 遗属享受因公牺牲军人遗属待遇和一次性抚恤金(§32), 请核对{family}。"
    elif any(one.level in _HEAVY and one.nature in _NOT_BY_ILLNESS for one in wounded) and death.cause in (ILLNESS, ""):
        yield f"因战、因公一级至四级残疾军人病故: 遗属享受病故军人遗属待遇(§32), 请核对{family}。"


def _named(relatives: Sequence[Relative]) -> str:
    found = [f"{one.name}({_CLAIMANTS[one.relation]})" for one in relatives if one.relation in _CLAIMANTS]
    return "、".join(found) if found else "有没有配偶、父母、子女(家庭成员没有登记)"


def _visit(death: Death) -> Iterator[str]:
    yield "建议走访慰问家属(事由: 重大变故)。"
    if death.plaque:
        yield "光荣牌可以保留, 以后不再更换。"
