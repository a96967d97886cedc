"""Bank accounts (一卡通, 存折): reading, checking and masking."""

import re

from app.rules.text import half_width

LOST_DIGITS = "这个账号在 Excel 里丢了后几位(变成 0), 不能用。请照存折或银行卡重新填。"


def normalise(text: str) -> str:
    """The digits without spaces and dashes, as banks' files want them."""
    return re.sub(r"[\s\-—–'’‘`\u200b\ufeff]", "", re.sub(r"\.0+$", "", half_width(text).strip()))


def problem(text: str, *, number_cell: bool = False) -> str:
    """Why it cannot be paid to, in Chinese; empty if it can.

    `number_cell`: the value came from a numeric spreadsheet cell, which keeps 15 digits only.
    """
    if re.fullmatch(r"\s*\d\.\d+[eE]\+?\d+\s*", half_width(text)):
        return LOST_DIGITS
    number = normalise(text)
    if not number:
        return "没有填银行账号。"
    if not re.fullmatch(r"[0-9]+", number):
        return "银行账号只能是数字。请照存折或银行卡核对。"
    if number_cell and len(number) > 15:
        return LOST_DIGITS
    if not 8 <= len(number) <= 32:
        return f"银行账号的位数不对(这里是 {len(number)} 位)。请照存折或银行卡核对。"
    return ""


def doubt(number: str) -> str:
    """What looks wrong about a normalised account but may be right; a remark in Chinese, or empty."""
    if len(number) > 15 and set(number[15:]) == {"0"}:
        return "账号后面全是 0, 可能在 Excel 里丢过后几位。请照存折或银行卡核对。"
    # Passbooks of rural banks follow no common rule; cards of UnionPay begin with 62 and carry a check digit.
    if number.startswith("62") and 16 <= len(number) <= 19 and not _is_card(number):
        return "银行卡号最后一位对不上, 可能抄错一位。请照银行卡核对。"
    return ""


def mask(number: str) -> str:
    """`****1234`; a short text is hidden whole."""
    return "****" + (number[-4:] if len(number) >= 8 else "")


def _is_card(number: str) -> bool:
    """Luhn's check (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
