"""A block pasted from Excel or WPS: lines and tabs as the clipboard has them, cells in quotes that hold lines themselves."""

from collections.abc import Iterator
from typing import Final

from app.errors import BadInput

LONGEST: Final = 8_000_000
"""Characters; more than that is a file, not a block."""
MOST_CELLS: Final = 1_000_000
TOO_LARGE: Final = "粘贴的内容太多, 请保存成 Excel 文件后导入。没有改动任何数据。"
EMPTY: Final = "剪贴板里没有表格内容。请在 Excel 或 WPS 里选中要导入的格子(连同表头), 复制后再粘贴。"


def rows(text: str) -> list[list[str | None]]:
    """The cells of a block, every row equally long, empty ones None.

    Raises BadInput for an empty text, one that is too long, and for one in a single cell (no table).
    """
    if len(text) > LONGEST:
        raise BadInput(TOO_LARGE)
    found = list(_lines(text.replace("\r\n", "\n").replace("\r", "\n")))
    while found and not any(cell.strip() for cell in found[-1]):
        found.pop()
    width = max(map(len, found), default=0)
    if width * len(found) > MOST_CELLS:
        raise BadInput(TOO_LARGE)
    if width * len(found) < 2:
        raise BadInput(EMPTY)
    return [[*(cell if cell.strip() else None for cell in line), *[None] * (width - len(line))] for line in found]


def _lines(text: str) -> Iterator[list[str]]:
    line: list[str] = []
    place, end = 0, len(text)
    while place < end:
        cell, place = _cell(text, place)
        line.append(cell)
        if place >= end or text[place] == "\n":
            yield line
            line = []
        place += 1
    if line:
        yield line


def _cell(text: str, place: int) -> tuple[str, int]:
    """One cell and where it ends. A quote opens one only if its closing quote stands before a tab or the end of a line."""
    if text[place] == '"':
        closing = place + 1
        while (closing := text.find('"', closing)) >= 0:
            if text[closing + 1 : closing + 2] == '"':
                closing += 2
                continue
            if text[closing + 1 : closing + 2] in ("", "\t", "\n"):
                return text[place + 1 : closing].replace('""', '"'), closing + 1
            break
    ends = [found for found in (text.find("\t", place), text.find("\n", place)) if found >= 0]
    end = min(ends, default=len(text))
    return text[place:end], end
