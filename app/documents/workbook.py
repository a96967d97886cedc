"""Workbooks in and out: sheets read by python-calamine with the row numbers a person sees, tables written by openpyxl."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import python_calamine
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app import progress
from app.documents import workbook_guard, workbook_marks
from app.errors import BadInput, Cancelled, EnvironmentTrouble
from app.rules.made_up_sheets import MessySheet

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None
Written = Cell | Decimal
"""What may be written: money too, as an exact number that Excel can add up."""

PROBLEM_HEADING = "问题"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_THIN = Side(style="thin", color="FF999999")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEADING_FILL = PatternFill("solid", start_color="FFE8E8E8")
_RED = "FFC00000"
_MONEY = "#,##0.00"
_EXACT_FLOAT = 15
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_CELL_LIMIT = 32767
_TELLING = 500
"""Rows between two words on how far a file is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `rows[0]` is row 1 as Excel numbers it; empty cells are None, every row is equally long.

    Places are (row number, column from 0). `filled` are those whose value comes from a vertically merged cell above,
    `errors` those that hold the text of an error (#REF!), `unvalued` formulas the file has no value for: they are None.
    """

    name: str
    rows: list[list[Cell]]
    hidden: bool = False
    filled: frozenset[tuple[int, int]] = field(default=frozenset())
    hidden_rows: frozenset[int] = field(default=frozenset())
    errors: frozenset[tuple[int, int]] = field(default=frozenset())
    unvalued: frozenset[tuple[int, int]] = field(default=frozenset())


def read(data: bytes) -> list[Sheet]:
    """All sheets with content of an .xlsx, .xls or .ods file.

    Raises BadInput in words if it is no workbook, asks for a password, is broken or abnormally large.
    """
    kind = workbook_guard.kind(data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        marks = workbook_marks.of(data, kind)
        sheets = [_sheet(book, about, marks.get(about.name)) for about in book.sheets_metadata if _is_table(about)]
    except python_calamine.PasswordError as trouble:
        raise BadInput(workbook_guard.PASSWORD) from trouble
    except python_calamine.CalamineError as trouble:
        if "password" in str(trouble).lower():
            raise BadInput(workbook_guard.PASSWORD) from trouble
        raise BadInput(workbook_guard.BROKEN) from trouble
    except BaseException as trouble:
        # On some damaged .xls files the reader's native code panics; its exception cannot be imported by name.
        if type(trouble).__name__ != "PanicException":
            raise
        raise BadInput(workbook_guard.BROKEN) from trouble
    return [sheet for sheet in sheets if sheet.rows]


def read_file(path: Path) -> list[Sheet]:
    """`read` for a file. Raises EnvironmentTrouble if it cannot be read at all."""
    try:
        if path.stat().st_size > workbook_guard.MAX_FILE:
            raise BadInput(workbook_guard.TOO_LARGE)
        data = path.read_bytes()
    except FileNotFoundError as trouble:
        raise BadInput(f"没有找到文件“{path.name}”。请重新选一次。") from trouble
    except OSError as trouble:
        raise EnvironmentTrouble(f"文件“{path.name}”读不出来, 可能被别的程序占用或 U 盘已拔出。") from trouble
    return read(data)


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[Written]],
    *,
    title: str = "",
    sheet: str = "Sheet1",
    widths: Mapping[str, float] | None = None,
    red: Iterable[str] = (PROBLEM_HEADING,),
) -> bytes:
    """An .xlsx of one table: every text cell in text format, heading frozen and repeated in print, A4 landscape.

    `title` is a first row above the headings; `widths` are in characters by heading, the others are measured;
    the columns in `red` are written in red. A text that begins like a formula stays a text.
    """
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet_name(sheet))
    lines = [list(row) for row in rows]
    heading_row = 2 if title else 1
    red_columns = {place for place, heading in enumerate(headings) if heading in set(red)}
    for place, heading in enumerate(headings):
        width = (widths or {}).get(heading) or measured_width(
            heading, [row[place] for row in lines if place < len(row)]
        )
        page.column_dimensions[get_column_letter(place + 1)].width = width
    page.freeze_panes = f"A{heading_row + 1}"
    page.print_title_rows = f"{heading_row}:{heading_row}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    pen = Pen(page)
    if title:
        page.append([pen.cell(title, "title")])
    page.append(
        [pen.cell(text, "red heading" if place in red_columns else "heading") for place, text in enumerate(headings)]
    )
    try:
        for number, row in enumerate(lines):
            if number % _TELLING == 0:
                progress.step("写 Excel", number, len(lines))
            page.append([pen.cell(value, "red" if at in red_columns else "plain") for at, value in enumerate(row)])
    except Cancelled:
        # Stopped half way: what openpyxl has in its temporary file are names in clear.
        page.close()
        page._writer.cleanup()  # noqa: SLF001 - openpyxl removes it only when the book is saved
        raise
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def write_table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Written]], *, title: str = "") -> None:
    """Save `table` under a path. Raises EnvironmentTrouble if the folder or disk refuses it."""
    data = table(headings, rows, title=title)
    try:
        path.write_bytes(data)
    except OSError as trouble:
        raise EnvironmentTrouble(
            f"文件“{path.name}”写不进去。请看看磁盘是否已满、文件是否正在 Excel 中打开。"
        ) from trouble


def messy(sheets: Sequence[MessySheet]) -> bytes:
    """A village's workbook as it really looks: titles, merged cells, hidden rows, numbers where texts belong.

    For the demonstration and the tests; cells are written as they are given.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for each in sheets:
        page: Worksheet = book.create_sheet(sheet_name(each.name))
        for row_number, row in enumerate(each.rows, start=1):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    cell = page.cell(row_number, column, value)
                    if isinstance(value, str):
                        cell.data_type, cell.number_format = "s", "@"
                    elif isinstance(value, int):
                        cell.number_format = "0"
        for top, left, bottom, right in each.merged:
            page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for number in each.hidden_rows:
            page.row_dimensions[number].hidden = True
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _is_table(about: python_calamine.SheetMetadata) -> bool:
    return about.typ == python_calamine.SheetTypeEnum.WorkSheet


def _sheet(
    book: python_calamine.CalamineWorkbook, about: python_calamine.SheetMetadata, marks: workbook_marks.Marks | None
) -> Sheet:
    source = book.get_sheet_by_name(about.name)
    rows = [[_value(cell) for cell in row] for row in source.to_python(skip_empty_area=False)]
    marks = marks or workbook_marks.Marks()
    _put_back(rows, marks)
    filled: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in source.merged_cell_ranges or ():
        if top == bottom or top >= len(rows) or left >= len(rows[top]) or rows[top][left] is None:
            continue
        # A merged area has one value at its top left. It is carried down its first column only: a title that is
        # merged across a table must not turn into a value of every column.
        if right > left and bottom > top:
            continue
        for number in range(top + 1, min(bottom + 1, len(rows))):
            if rows[number][left] is None:
                rows[number][left] = rows[top][left]
                filled.add((number + 1, left))
    hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
    return Sheet(
        about.name, rows, hidden, frozenset(filled), frozenset(marks.hidden_rows), frozenset(marks.errors),
        frozenset(marks.unvalued),
    )  # fmt: skip


def _put_back(rows: list[list[Cell]], marks: workbook_marks.Marks) -> None:
    """The reader leaves cells in error empty, and may end before rows and columns that hold nothing else."""
    places = {*marks.errors, *marks.unvalued}
    if not places:
        return
    width = max(max(column for _, column in places) + 1, *(len(row) for row in rows), 0)
    for row in rows:
        row.extend([None] * (width - len(row)))
    rows += [[None] * width for _ in range(max(number for number, _ in places) - len(rows))]
    for (number, column), text in marks.errors.items():
        if rows[number - 1][column] is None:
            rows[number - 1][column] = text


def _value(cell: object) -> Cell:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**_EXACT_FLOAT:
        return int(cell)
    if isinstance(cell, str | int | float | dt.date | dt.time | dt.timedelta):
        return cell
    return str(cell)


class Pen:
    """Writes cells of one page; a look is made once and shared, since making it costs more than the cell."""

    def __init__(self, page: Worksheet) -> None:
        self._page = page
        self._looks: dict[tuple[str, bool, bool, bool], object] = {}

    def cell(self, value: Written, use: str) -> WriteOnlyCell:
        """A cell for `title`, `heading`, `red heading`, `plain` or `red` text."""
        cell = WriteOnlyCell(self._page)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**_EXACT_FLOAT:
            value = _whole(value)
        if isinstance(value, str):
            value = _ILLEGAL.sub("�", value)[:_CELL_LIMIT]
            cell.value = value
            # Set after the value, which would have turned "=1+1" into a formula.
            cell.data_type = "s"
        else:
            cell.value = value
        is_text = isinstance(value, str)
        if isinstance(value, Decimal):
            cell.number_format = _MONEY
        day = cell.number_format if cell.is_date or isinstance(value, Decimal) else ""
        look = (
            use + day,
            is_text,
            is_text and str(value).startswith(_FORMULA_STARTS),
            is_text and len(str(value)) > 30,
        )
        if look not in self._looks:
            self._dress(cell, use, look)
            self._looks[look] = cell._style  # noqa: SLF001 - openpyxl has no public way to share a look
        else:
            cell._style = self._looks[look]  # noqa: SLF001
        return cell

    def _dress(self, cell: WriteOnlyCell, use: str, look: tuple[str, bool, bool, bool]) -> None:
        _, is_text, formula_like, long = look
        if is_text:
            # The prefix keeps it a text when somebody edits it.
            cell.number_format, cell.quotePrefix = "@", formula_like
        red = _RED if use.startswith("red") else None
        if use == "title":
            cell.font = Font(bold=True, size=14)
            return
        cell.border = _BORDER
        if use.endswith("heading"):
            cell.font, cell.fill = Font(bold=True, color=red), _HEADING_FILL
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        else:
            cell.font = Font(size=11, color=red)
            cell.alignment = Alignment(vertical="center", wrap_text=long)


def _whole(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.15g}"


def measured_width(heading: str, values: Sequence[Written]) -> float:
    """A column width in characters: Chinese characters count two, long texts are wrapped."""
    longest = max((_display_width(str(value)) for value in (heading, *values[:500]) if value is not None), default=4)
    return float(min(max(longest + 2, 6), 40))


def _display_width(text: str) -> int:
    return max((sum(2 if ord(char) > 0x2E7F else 1 for char in line) for line in text.split("\n")), default=0)


def sheet_name(name: str) -> str:
    """Excel allows 31 characters and none of []:*?/ or a backslash in a sheet's name."""
    return re.sub(r"[\[\]:*?/\\]", "-", name)[:31] or "Sheet1"
