"""公民身份号码 after GB 11643: reading, checking, conversion of the 15-digit form, and what the number tells."""

import datetime as dt
import re
from dataclasses import dataclass

from app.rules.text import half_width

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_CODES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91"
_PROVINCES = frozenset(_CODES.split())
_NOISE = re.compile(r"[\s'’‘`\"“”\-—_.·\u200b\ufeff\u00a0]+")
_LOOKALIKES = str.maketrans("xΧХχх×✕", "XXXXXXX")
_OLDEST = 1850

WRONG_CHECK_DIGIT = '身份证号最后一位对不上, 可能抄错一位。先放到"待核", 不影响其他人。'
LOST_DIGITS = "这个号码在 Excel 里丢了后三位(变成 000), 不能用。请向本人核对, 其他内容已保留。"


@dataclass(frozen=True)
class IdNumber:
    """A number that passed every check.

    `sex` is "1" (male) or "2" (female); `division` the first six digits, the county of first registration;
    `legacy` is set when a 15-digit number was converted; `doubt` is a Chinese remark for the clerk, or empty.
    """

    text: str
    birth: dt.date
    sex: str
    division: str
    legacy: bool = False
    doubt: str = ""


@dataclass(frozen=True)
class IdProblem:
    """Why a text is no ID number: `code` is empty|characters|length|division|birth|check_digit|lost_digits."""

    code: str
    text: str


def normalise(text: str) -> str:
    """The number as it is compared and stored: half-width, without spaces and dashes, capital X."""
    return _NOISE.sub("", half_width(text)).translate(_LOOKALIKES)


def check_digit(seventeen: str) -> str:
    """The last character belonging to the first 17 digits (ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, seventeen, strict=True)) % 11]


def from_legacy(fifteen: str) -> str:
    """The 18-character form of a 15-digit number; sequences 996 to 999 were kept for people born before 1900."""
    century = "18" if fifteen[12:] in {"996", "997", "998", "999"} else "19"
    seventeen = fifteen[:6] + century + fifteen[6:]
    return seventeen + check_digit(seventeen)


def check(text: str, *, today: dt.date | None = None, number_cell: bool = False) -> IdNumber | IdProblem:
    """Read a number as people write it.

    `number_cell` says that the value came from a numeric spreadsheet cell, which keeps 15 digits only;
    `today` lets a birth in the future be named.
    """
    raw = half_width(text).strip()
    if re.fullmatch(r"\d\.\d+[eE]\+?1[67]", raw):
        return IdProblem("lost_digits", LOST_DIGITS)
    number = normalise(re.sub(r"\.0+$", "", raw))
    if not number:
        return IdProblem("empty", "没有填身份证号。")
    if odd := re.search(r"[^0-9X]|X(?!$)", number):
        return IdProblem("characters", f"身份证号第 {odd.start() + 1} 位是“{odd.group()}”, 应当是数字。请与证件核对。")
    legacy = len(number) == 15 and number.isdigit()
    if legacy:
        number = from_legacy(number)
    if len(number) != 18:
        return IdProblem("length", f"身份证号要 18 位, 这里是 {len(number)} 位。请与证件核对。")
    return _checked(number, legacy=legacy, today=today, number_cell=number_cell and not legacy)


def _checked(number: str, *, legacy: bool, today: dt.date | None, number_cell: bool) -> IdNumber | IdProblem:
    fits = check_digit(number[:17]) == number[17]
    if number.endswith("000") and (number_cell or not fits):
        return IdProblem("lost_digits", LOST_DIGITS)
    if number[:2] not in _PROVINCES:
        return IdProblem("division", f"身份证号开头“{number[:2]}”不是省份代码。请与证件核对。")
    written = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    try:
        birth = dt.date.fromisoformat(written)
    except ValueError:
        return IdProblem("birth", f"身份证号里的出生日期 {written} 不存在。请与证件核对。")
    if birth.year < _OLDEST or (today is not None and birth > today):
        return IdProblem("birth", f"身份证号里的出生日期 {written} 不可能。请与证件核对。")
    if not fits:
        return IdProblem("check_digit", WRONG_CHECK_DIGIT)
    doubt = ""
    if legacy:
        doubt = "由 15 位旧号码换算成 18 位, 请与新证件核对。"
    elif number.endswith("000"):
        # One damaged number in eleven still fits its check digit, and a few people really have such a number.
        doubt = "号码以 000 结尾, 可能在 Excel 里丢过后三位, 请与证件核对一次。"
    return IdNumber(number, birth, "1" if int(number[16]) % 2 else "2", number[:6], legacy, doubt)


def mask(number: str) -> str:
    """First three and last four characters, as lists inside the office show it; a short text is hidden whole."""
    if len(number) < 15:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
