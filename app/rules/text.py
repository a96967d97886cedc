"""What any text field may hold: trimmed, and free of characters that no paper and no other computer can show."""

import unicodedata
from collections.abc import Iterator

# Invisible characters that Excel, web pages and chat programmes leave at the ends of a cell.
_EDGES = "\ufeff\u200b\u200c\u200d\u2060\u00a0\u3000 \t\r\n\v\f\u2028\u2029"
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def clean(text: str) -> str:
    """Trim the ends and make every line end a plain line feed; the characters themselves are never normalised or replaced.

    A NUL is kept wherever it stands, so that `problems` can name it.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(_EDGES)


def half_width(text: str) -> str:
    """Full-width ASCII and the wide space as their ordinary forms; only for numbers and codes, never for names."""
    return text.translate(_FULL_WIDTH)


def is_private_use(char: str) -> bool:
    """A self-made character (自造字) that other computers show differently or not at all."""
    return unicodedata.category(char) == "Co"


def problems(text: str, *, lines: bool = True) -> tuple[str, ...]:
    """Name every character that cannot be kept, with its place counted from 1; empty if there is none.

    `lines=False` is for one-line fields, where a line break or tab is named too.
    """
    return tuple(_walk(text, lines=lines))


def _walk(text: str, *, lines: bool) -> Iterator[str]:
    for place, char in enumerate(text, start=1):
        code = ord(char)
        if code == 0:
            yield f"第 {place} 个字是空字符(NUL), 不能保存。请删去后重新输入。"
        elif 0xD800 <= code <= 0xDFFF:
            yield f"第 {place} 个字只有半个编码(U+{code:04X}), 不能保存。请重新输入这个字。"
        elif char in "\n\t":
            if not lines:
                yield f"第 {place} 个字是换行或制表符, 这一栏只能写一行。"
        elif unicodedata.category(char) == "Cc" or char in _BIDI or char in "\u2028\u2029":
            yield f"第 {place} 个字是看不见的控制字符(U+{code:04X})。请删去。"
        elif code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
            yield f"第 {place} 个字不是有效的字(U+{code:04X})。请重新输入这个字。"
