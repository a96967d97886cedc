"""A list as an Excel file: what stands on the screen, in its order and its columns, with who made it and when."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.ui.kit.controls import named
from app.ui.kit.messages import Way
from app.ui.kit.page import Page
from app.ui.kit.table import Column, List

_TOGETHER: Final = 500
FULL: Final = "完整号码只给必须用的人。名单不要发到微信群, 用完请删除。"


def export(page: Page, view: List, what: str, load: Callable[[Sequence[str]], Mapping[str, Any]]) -> None:
    """Ask where, and write the list there; `load` reads rows by their ids off the window's thread."""
    dialog = QFileDialog(page, f"导出{what}", f"{what}.xlsx", "Excel (*.xlsx)")
    named(dialog, f"{page.name}.export.file", f"导出{what}")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("xlsx")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: write(page, view, what, load, Path(name)))
    dialog.open()


def choose(page: Page, what: str, go: Callable[[Path, bool], object], *, more: str = "") -> None:
    """For lists a service writes by itself: ask whether numbers are whole, then where; `go(file, full)` writes it."""

    def where(*, full: bool) -> None:
        dialog = QFileDialog(page, f"导出{what}", f"{what}.xlsx", "Excel (*.xlsx)")
        named(dialog, f"{page.name}.export.file", f"导出{what}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: go(Path(name), full))
        dialog.open()

    page.desk.messages.ask(
        f"导出“{what}”, 身份证号和手机怎么写?",
        Way("写完整号码", lambda: where(full=True)),
        Way("隐去几位", lambda: where(full=False)),
        more=f"{more}{FULL}",
    )


def write(page: Page, view: List, what: str, load: Callable[[Sequence[str]], Mapping[str, Any]], file: Path) -> None:
    """Write the list to a file: read in one thread, written in the worker process."""
    from app.services import exporting

    head = view.horizontalHeader()
    shown = [n for n in range(len(view.rows.columns)) if not view.isColumnHidden(n)]
    columns = [view.rows.columns[n] for n in sorted(shown, key=head.visualIndex)]
    ids = [view.rows.id_at(n) for n in range(view.rows.rowCount())]

    def written(count: int) -> None:
        page.tell(f"已导出 {count} 行到 {file}")

    def told(rows: list[list[str]]) -> None:
        titles = [column.title for column in columns]
        page.apart(exporting.table, file, what, titles, rows, done=written, what=f"导出{what}", reads=True)

    page.read(lambda: texts(ids, columns, load), told, key="export")


def texts(
    ids: Sequence[str], columns: Sequence[Column], load: Callable[[Sequence[str]], Mapping[str, Any]]
) -> list[list[str]]:
    """Every cell of a list as it would be drawn."""
    out = []
    for start in range(0, len(ids), _TOGETHER):
        some = ids[start : start + _TOGETHER]
        rows = load(some)
        out += [[column.text(rows[one]) for column in columns] for one in some if one in rows]
    return out
