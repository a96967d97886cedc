"""Money as whole fen: read from what people type, written for JSON, for tables and in capitals."""

import re
from collections.abc import Iterable

from app.errors import BadInput
from app.rules.text import half_width

# A station's single amount; more is a slip of the keyboard. Totals may be larger.
LARGEST_FEN = 100_000_000_00
_LARGEST_CAPITALS = 9999_9999_9999_99
_PATTERN = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?", re.ASCII)
_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def parse_yuan(text: object, *, largest: int = LARGEST_FEN) -> int:
    """Fen of an amount in yuan such as `1234.5`, `1,234.50`, `￥300元`.

    Raises BadInput for numbers (a float cannot hold fen), negative, malformed or absurdly large amounts.
    """
    if not isinstance(text, str):
        raise BadInput('金额要用引号写成文字, 例如 "1234.50"。')
    written = re.sub(r"[\s_]", "", half_width(text))
    written = re.sub(r"^(?:人民币|RMB|CNY)?[¥￥]?", "", written, flags=re.IGNORECASE)
    written = re.sub(r"(?:元整|元|圆)$", "", written)
    if not written:
        raise BadInput("没有填金额。")
    if written[0] in "-−—(":
        raise BadInput("金额不能是负数。")
    match = _PATTERN.fullmatch(written)
    if match is None:
        raise BadInput(f"金额“{text.strip()[:30]}”看不懂。请写成 1234.50 这样, 单位是元, 最多到分。")
    fen = int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))
    if fen > largest:
        raise BadInput(f"金额超过 {format_grouped(largest)} 元, 请看是不是多写了几个 0。")
    return fen


def format_yuan(fen: int) -> str:
    """The JSON and table form, `1234.50`; a reversal is written with a minus."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"


def format_grouped(fen: int) -> str:
    """The form for paper, `1,234.50`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"


def total(amounts: Iterable[int]) -> int:
    """The sum of amounts in fen; refuses anything that is not a whole number of fen."""
    result = 0
    for amount in amounts:
        if type(amount) is not int:
            raise TypeError(f"fen must be int, not {type(amount).__name__}")
        result += amount
    return result


def capitals(fen: int) -> str:
    """The amount in Chinese capitals without 人民币, `壹仟零壹拾元整`; up to 9,999 亿.

    After 角 a 整 is written, so that no 分 can be added by hand; after 分 none.
    """
    if not 0 <= fen <= _LARGEST_CAPITALS:
        raise ValueError(f"no capitals for {fen} fen")
    yuan, rest = divmod(fen, 100)
    jiao, cent = divmod(rest, 10)
    if fen == 0:
        return "零元整"
    text = _yuan_capitals(yuan) + "元" if yuan else ""
    if rest == 0:
        return text + "整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif yuan:
        text += "零"
    return text + (_DIGITS[cent] + "分" if cent else "整")


def _yuan_capitals(yuan: int) -> str:
    text = ""
    for unit, size in (("亿", 10**8), ("万", 10**4), ("", 1)):
        section = yuan // size % 10_000
        if section == 0:
            continue
        skipped = size == 1 and yuan // 10_000 % 10_000 == 0
        if text and (section < 1000 or skipped):
            text += "零"
        text += _section_capitals(section) + unit
    return text


def _section_capitals(section: int) -> str:
    text, gap = "", False
    for unit, size in (("仟", 1000), ("佰", 100), ("拾", 10), ("", 1)):
        digit = section // size % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + unit
        gap = False
    return text
