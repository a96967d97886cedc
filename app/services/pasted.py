"""A block copied from Excel or WPS as a workbook among the files of an import: cells as shown, headings where it has none."""

import atexit
import contextlib
import csv
import io
import itertools
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app import clock
from app.errors import BadInput
from app.rules import cell_values, comparing, headings, id_number, names, phone
from app.rules.text import half_width
from app.services import rights
from app.services.station import Station

_FOLDERS: Final = "ronggui-pasted-"
_STALE: Final = 12 * 3_600_000
"""Milliseconds after which a folder belongs to nobody any more."""
_MOST: Final = 20_000_000
_ENOUGH: Final = 0.6
"""Share of the filled cells of a column that must look like something for the column to be taken for it."""
_NOTHING: Final = (
    "剪贴板里没有表格。请先在 Excel 或 WPS 里选中几行几列(最好连同表头), 按 Ctrl+C, 再来粘贴。没有改动任何数据。"
)
_TOO_MUCH: Final = "粘贴的内容太多。请把名单存成文件, 用“选择文件”导入。没有改动任何数据。"


def folder() -> Path:
    """A folder for what is pasted while the window is open; those a killed programme left behind are taken away."""
    for one in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*"):
        with contextlib.suppress(OSError):
            if one.stat().st_mtime * 1000 < clock.now_ms() - _STALE:
                shutil.rmtree(one, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=_FOLDERS))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def keep(station: Station, text: str, place: Path) -> Path:
    """Write a block into a folder as an .xlsx, a job for the worker process; gives the file.

    Raises BadInput for what is no block of cells, or too large a one.
    """
    from app.documents import workbook

    rights.demand(station, "read")
    rows = rows_of(text)
    there = {one.name for one in place.iterdir()}
    day = f"{clock.today().month}月{clock.today().day}日"
    named = (f"粘贴的名单{number}({day}).xlsx" for number in itertools.count(1))
    file = place / next(name for name in named if name not in there)
    workbook.write_table(file, rows[0], rows[1:])
    return file


def rows_of(text: str) -> list[list[str]]:
    """The rows of a block, as wide as the widest; headings are put above rows of persons that came without any."""
    if len(text) > _MOST:
        raise BadInput(_TOO_MUCH)
    rows = [[cell.strip() for cell in row] for row in _cells(text.strip("\r\n\0"))]
    rows = [row for row in rows if any(row)]
    wide = max((len(row) for row in rows), default=0)
    if wide < 2:
        raise BadInput(_NOTHING)
    rows = [row + [""] * (wide - len(row)) for row in rows]
    if headings.locate(rows) is None and comparing.locate(rows) is None and _is_person(rows[0]):
        rows.insert(0, _guessed(rows))
    return rows


def _cells(text: str) -> list[list[str]]:
    """A cell with a line break in it stands in quotes; where quotes do not fit together they are mere characters."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), dialect="excel-tab", strict=True))
    except csv.Error:
        return [line.split("\t") for line in text.splitlines()]


def _is_person(row: Sequence[str]) -> bool:
    """Whether a first row is somebody already: no heading looks like a number of a person or a telephone."""
    return any(_is_number(cell) or _is_phone(cell) for cell in row)


def _guessed(rows: Sequence[Sequence[str]]) -> list[str]:
    """Headings by what stands below; a column that says nothing by itself is left to the person to name."""
    out: list[str] = []
    for place in range(len(rows[0])):
        filled = [row[place] for row in rows if row[place]]
        found = next((name for name, fits in _LOOKS.items() if filled and _mostly(filled, fits)), "")
        title = headings.LABELS[found][0] if found else ""
        out.append(title if title and title not in out else f"第{place + 1}列")
    return out


def _mostly(cells: Sequence[str], fits: Callable[[str], bool]) -> bool:
    return sum(map(fits, cells)) >= _ENOUGH * len(cells)


def _is_number(cell: str) -> bool:
    """As long as an ID number, whether it is right or not."""
    plain = id_number.normalise(half_width(cell))
    return len(plain) in (15, 18) and plain[:14].isdigit()


def _is_phone(cell: str) -> bool:
    digits = phone.normalise(half_width(cell))
    return len(digits) == 11 and digits.startswith("1") and not phone.problem(digits)


def _is_name(cell: str) -> bool:
    plain = names.clean(cell)
    return 2 <= len(plain) <= 4 and all(map(names.is_han, plain)) and not names.check(plain)


def _is_day(cell: str) -> bool:
    # A short number is a day only to Excel.
    return sum(map(str.isdigit, cell)) >= 4 and bool(cell_values.date(cell, latest_year=clock.today().year).value)


_LOOKS: Final[dict[str, Callable[[str], bool]]] = {
    "id_number": _is_number, "phone": _is_phone, "sex": lambda cell: cell in ("男", "女"), "birth_date": _is_day,
    "name": _is_name,
}  # fmt: skip
"""What a column may be, by the field, the surest first."""
