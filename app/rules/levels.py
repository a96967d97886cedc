"""The four levels 村站, 镇站, 县局, 市局, and what a scope of division codes covers."""

from collections.abc import Iterable
from typing import Literal

from app.errors import BadInput

Level = Literal["village", "township", "county", "city"]

LEVELS: tuple[Level, ...] = ("village", "township", "county", "city")
NAMES: dict[str, str] = {"village": "村站", "township": "镇站", "county": "县局", "city": "市局"}
RECEIVED: dict[str, str] = {"township": "镇站已收", "county": "县局已收", "city": "市局已收"}
# Digits of the 统计用区划代码 that name a unit of this level; the rest of the twelve are zeros.
DIGITS: dict[str, int] = {"village": 12, "township": 9, "county": 6, "city": 4}
_WIDTHS = (2, 4, 6, 9, 12)


def is_level(text: str) -> bool:
    """Whether the word is one of LEVELS."""
    return text in NAMES


def order(level: str) -> int:
    """0 for a village up to 3 for a city. Raises BadInput for another word."""
    if level not in NAMES:
        raise BadInput(f"没有“{level}”这一级, 只有 village、township、county、city。")
    return list(NAMES).index(level)


def above(level: str, other: str) -> bool:
    """Whether `level` stands strictly above `other`."""
    return order(level) > order(other)


def parent(level: str) -> Level | None:
    """The next level up; None for a city."""
    place = order(level) + 1
    return LEVELS[place] if place < len(LEVELS) else None


def is_division(code: str) -> bool:
    """Whether a text has the form of a whole 12-digit division code."""
    return len(code) == 12 and code.isascii() and code.isdigit()


def scope_code(level: str, code: str) -> str:
    """The prefix a code stands for: `361002100000` of a township becomes `361002100`.

    Raises BadInput unless the code names a unit of this level or one inside such a unit.
    """
    digits = DIGITS[LEVELS[order(level)]]
    plain = code.strip()
    if not (plain.isascii() and plain.isdigit() and 2 <= len(plain) <= 12):
        raise BadInput(f"管辖范围“{code[:20]}”不对, 应是 2 到 12 位的区划代码。")
    for width in _WIDTHS:
        if digits <= width <= len(plain) and set(plain[width:]) <= {"0"}:
            return plain[:width]
    named = "、".join(str(width) for width in _WIDTHS if width >= digits)
    raise BadInput(f"{NAMES[level]}的管辖范围应是 {named} 位的区划代码, “{plain}”不对。")


def scope_codes(level: str, codes: Iterable[str]) -> tuple[str, ...]:
    """All codes of a scope as sorted prefixes, without those that lie inside another. Raises BadInput."""
    wanted = sorted({scope_code(level, code) for code in codes})
    if not wanted:
        raise BadInput("没有填管辖范围。")
    return tuple(code for code in wanted if not any(code != other and code.startswith(other) for other in wanted))


def covers(scope: Iterable[str], division: str) -> bool:
    """Whether a division (12 digits, or a prefix naming a larger unit) lies inside one of the scope's prefixes."""
    return any(division.startswith(code) for code in scope)


def within(inner: Iterable[str], outer: Iterable[str]) -> bool:
    """Whether every code of a child's scope lies in the parent's."""
    wide = tuple(outer)
    return all(covers(wide, code) for code in inner)


def covers_above(scope: Iterable[str], division: str) -> bool:
    """Whether the division is a unit *above* the scope (a county seen from its village), as downward kinds have it.

    The zeros that fill a whole code are left out of the comparison.
    """
    plain = division
    for width in _WIDTHS:
        if len(division) >= width and set(division[width:]) <= {"0"}:
            plain = division[:width]
            break
    return any(code.startswith(plain) for code in scope)
