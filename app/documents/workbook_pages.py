"""Several tables in one .xlsx, a sheet each, looking as `workbook.table` makes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from app.documents.workbook import Cell, Pen, measured_width, sheet_name
from app.errors import EnvironmentTrouble

_MEASURED = 500
_A4 = 9


@dataclass(frozen=True)
class Page:
    """One sheet: a title row, headings, rows; the columns named in `red` are written in red."""

    name: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    red: frozenset[str] = frozenset()


def pages(given: Iterable[Page]) -> bytes:
    """The workbook. Headings are frozen and repeated in print, texts stay texts, A4 landscape fits the width."""
    book = openpyxl.Workbook(write_only=True)
    for page in given:
        _write(book, page)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def write_pages(path: Path, given: Iterable[Page]) -> None:
    """Save `pages` under a path. Raises EnvironmentTrouble if the folder or disk refuses it."""
    data = pages(given)
    try:
        path.write_bytes(data)
    except OSError as trouble:
        raise EnvironmentTrouble(
            f"文件“{path.name}”写不进去。请看看磁盘是否已满、文件是否正在 Excel 中打开。"
        ) from trouble


def _write(book: openpyxl.Workbook, page: Page) -> None:
    sheet = book.create_sheet(sheet_name(page.name))
    for place, heading in enumerate(page.headings):
        shown = [row[place] for row in page.rows[:_MEASURED] if place < len(row)]
        sheet.column_dimensions[get_column_letter(place + 1)].width = measured_width(heading, shown)
    sheet.freeze_panes, sheet.print_title_rows = "A3", "2:2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    pen = Pen(sheet)
    red = {place for place, heading in enumerate(page.headings) if heading in page.red}
    sheet.append([pen.cell(page.title, "title")])
    sheet.append(
        [pen.cell(text, "red heading" if place in red else "heading") for place, text in enumerate(page.headings)]
    )
    for row in page.rows:
        sheet.append([pen.cell(value, "red" if place in red else "plain") for place, value in enumerate(row)])
