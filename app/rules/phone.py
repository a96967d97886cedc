"""Telephone numbers as clerks write them: two in a cell, with spaces, prefixes and Excel's marks."""

import re

from app.rules.text import half_width

_SEPARATORS = re.compile(r"[/、,,;;|\n\r]+|或|和|以及|\s{2,}")


def split(text: str) -> tuple[str, ...]:
    """The numbers of one cell in their order, each normalised; what is no number is kept as it stands."""
    plain = re.sub(r"\.0+$", "", half_width(text).strip().strip("'’‘`"))
    pieces: list[str] = []
    for piece in _SEPARATORS.split(plain):
        digits = re.sub(r"[\s\-]", "", piece)
        if re.fullmatch(r"(1[3-9]\d{9}){2,3}", digits):
            # Two mobile numbers with only a space, or nothing at all, between them.
            pieces.extend(digits[start : start + 11] for start in range(0, len(digits), 11))
        elif piece.strip():
            pieces.extend(_by_space(piece.strip()))
    return tuple(dict.fromkeys(normalise(piece) for piece in pieces))


def _by_space(piece: str) -> list[str]:
    parts = piece.split()
    return parts if len(parts) > 1 and all(problem(normalise(part)) == "" for part in parts) else [piece]


def normalise(text: str) -> str:
    """One number: mobile `13812345678`, fixed line `0794-8262123`; a text that is neither is only trimmed."""
    plain = re.sub(r"\.0+$", "", half_width(text).strip().strip("'’‘`"))
    digits = re.sub(r"[\s\-—–()()._]", "", plain)
    digits = re.sub(r"^(?:\+|00)?86(?=1[3-9]\d{9}$|0\d{9,11}$)", "", digits)
    if re.fullmatch(r"01[3-9]\d{9}", digits):
        digits = digits[1:]
    if re.fullmatch(r"1[3-9]\d{9}|[2-8]\d{6,7}|400\d{7}", digits):
        return digits
    fixed = re.fullmatch(r"(010|02\d|0[3-9]\d{2})([2-8]\d{6,7})", digits)
    return f"{fixed[1]}-{fixed[2]}" if fixed else plain


def problem(number: str) -> str:
    """Why a normalised number cannot be dialled, in Chinese; empty if it can."""
    if not number:
        return "没有填电话。"
    if re.fullmatch(r"1[3-9]\d{9}|(010|02\d|0[3-9]\d{2})-[2-8]\d{6,7}|[2-8]\d{6,7}|400\d{7}", number):
        return ""
    digits = re.sub(r"\D", "", number)
    if digits.startswith("1") and len(digits) != 11:
        return f"手机号要 11 位, 这里是 {len(digits)} 位。"
    return f"“{number[:30]}”不像电话号码。请核对。"


def mask(number: str) -> str:
    """`138****5678`; a fixed line keeps its area code and last three digits."""
    if re.fullmatch(r"1\d{10}", number):
        return f"{number[:3]}****{number[-4:]}"
    area, dash, local = number.rpartition("-")
    if len(local) < 7:
        return "*" * len(number)
    return f"{area}{dash}{'*' * (len(local) - 3)}{local[-3:]}"
