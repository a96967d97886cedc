"""The grid: waiting rows under their own headings, wrong cells marked, typed into like a sheet."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.services.pendings import Batch, GridRow, Judged
from app.ui.kit import look
from app.ui.kit.controls import named
from app.ui.kit.table import Column, Rows

Index = QModelIndex | QPersistentModelIndex
PROBLEM: Final = "问题"
SOURCE: Final = "来源"
_WIDE: Final = {"id_number": 11, "account_number": 12, "phone": 7, "phone2": 7, "name": 6, "address": 14, "note": 12}
"""Characters for fields whose headings are shorter than what stands below them."""
_FIXED: Final = 1
"""Columns before those of the sheet."""


class GridRows(Rows):
    """Cells as they came in, with what was typed over them."""

    edited = Signal(str)
    """A row's id."""

    def __init__(
        self, batch: Batch, load: Callable[[Sequence[str]], Mapping[str, GridRow]], parent: QWidget | None = None
    ) -> None:
        self.batch = batch
        self.typed: dict[str, dict[str, str]] = {}
        """What was typed, by row and field."""
        self.judged: dict[str, Judged] = {}
        columns = [Column("problem", PROBLEM, self._problem, 16)]
        for place, (heading, field, _) in enumerate(batch.columns):
            title = heading or f"第 {place + 1} 列"
            columns.append(
                Column(f"c{place}", title, self._cell(place), _WIDE.get(field, min(12, max(4, len(heading) + 1))))
            )
        columns.append(Column("source", SOURCE, lambda row: f"{row.file} 第 {row.row} 行", 12))
        super().__init__(columns, load, parent)
        self.show_ids(batch.ids)

    def _problem(self, row: GridRow) -> str:
        judged = self.judged.get(row.id)
        return row.problem if judged is None else judged.text or "可以入库了"

    def _cell(self, place: int) -> Callable[[GridRow], str]:
        field = self.batch.columns[place][1]

        def text(row: GridRow) -> str:
            typed = self.typed.get(row.id, {})
            if field and field in typed:
                return typed[field]
            return row.cells[place] if place < len(row.cells) else ""

        return text

    def field_at(self, column: int) -> str:
        """The field a column can be typed into; empty where it cannot."""
        place = column - _FIXED
        if not 0 <= place < len(self.batch.columns):
            return ""
        _, field, editable = self.batch.columns[place]
        return field if editable else ""

    def told(self, row: int) -> str:
        """Which row it is, for where its cells are out of sight."""
        found: GridRow | None = self.row(row)
        if found is None:
            return ""
        place = next((n for n, (_, field, _) in enumerate(self.batch.columns) if field == "name"), -1)
        name = self.text(row, place + _FIXED) if place >= 0 else ""
        return f"{found.file} 第 {found.row} 行 {name}".strip()

    def wrong_at(self, row: int) -> list[int]:
        """Columns of a row that hold it up."""
        judged = self.judged.get(self.id_at(row))
        if judged is None:
            return []
        fields = {one.field for one in judged.differences}
        marked = [place + _FIXED for place, _ in judged.problems if place >= 0]
        return marked + [n + _FIXED for n, (_, field, _) in enumerate(self.batch.columns) if field in fields]

    def judge(self, found: Mapping[str, Judged]) -> None:
        """What stands in the way of rows now."""
        self.judged.update(found)
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    # -- Qt ----------------------------------------------------------------------------------------------------------

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsEditable if self.field_at(index.column()) else found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        typed = self.field_at(column) in self.typed.get(self.id_at(row), {})
        if role == Qt.ItemDataRole.EditRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.BackgroundRole:
            return QColor(look.colours().bad_ground) if column in self.wrong_at(row) else None
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column, typed=typed)
        if role == Qt.ItemDataRole.FontRole and typed:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.AccessibleTextRole:
            mark = "有问题: " if column in self.wrong_at(row) else ""
            return f"{mark}{self.columns[column].title} {self.text(row, column)}"
        return super().data(index, role)

    def _colour(self, row: int, column: int, *, typed: bool) -> QColor | None:
        judged, colours = self.judged.get(self.id_at(row)), look.colours()
        if column == 0:
            return QColor(colours.good if judged is not None and not judged.text else colours.bad)
        if typed:
            return QColor(colours.note)
        return None if self.field_at(column) else QColor(colours.faint)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        field = self.field_at(index.column())
        if role != Qt.ItemDataRole.EditRole or not field:
            return False
        record, text = self.id_at(index.row()), str(value).strip()
        if text == self.text(index.row(), index.column()):
            return False
        row: GridRow | None = self.row(index.row())
        place = index.column() - _FIXED
        original = row.cells[place] if row is not None and place < len(row.cells) else ""
        typed = self.typed.setdefault(record, {})
        if text == original:
            typed.pop(field, None)
        else:
            typed[field] = text
        if not typed:
            del self.typed[record]
        self.dataChanged.emit(index, index)
        self.edited.emit(record)
        return True


class Grid(QTableView):
    """Typing begins where the cursor stands; Enter goes on to the next marked cell."""

    current_row = Signal(str)
    """The id the cursor stands on."""

    def __init__(self, id: str, name: str) -> None:
        super().__init__()
        named(self, id, name)
        self._rows: GridRows | None = None
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.AnyKeyPressed | triggers.EditKeyPressed | triggers.DoubleClicked)
        self.setItemDelegate(_Cells(id, self))
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        vertical = named(self.verticalHeader(), f"{id}.rows", name)
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self.fontMetrics().height() + look.scaled(12))
        head = named(self.horizontalHeader(), f"{id}.head", f"{name}的表头")
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTabKeyNavigation(False)

    def show_rows(self, rows: GridRows) -> None:
        """Another batch."""
        old, self._rows = self._rows, rows
        selection = self.selectionModel()
        self.setModel(rows)
        if old is not None:
            selection.deleteLater()  # Qt leaves both to whoever sets another model
            old.deleteLater()
        width = self.fontMetrics().horizontalAdvance("国")
        for place, one in enumerate(rows.columns):
            self.setColumnWidth(place, width * max(one.wide, len(one.title) + 1) + look.scaled(14))

    @property
    def rows(self) -> GridRows | None:
        """The model in front."""
        return self._rows

    def current(self) -> str:
        """The id of the row the cursor stands on."""
        rows, index = self.rows, self.currentIndex()
        if rows is None or not index.isValid() or index.row() >= rows.rowCount():
            return ""
        return rows.id_at(index.row())

    def picked(self) -> list[str]:
        """Ids of all rows with a chosen cell, in their order."""
        rows = self.rows
        if rows is None:
            return []
        found = {index.row() for index in self.selectionModel().selectedIndexes()}
        return [rows.id_at(row) for row in sorted(found)]

    def go_to(self, row: int) -> None:
        """Put the cursor on the first marked cell of a row that can be typed into."""
        rows = self.rows
        if rows is None or not 0 <= row < rows.rowCount():
            return
        marked = [column for column in rows.wrong_at(row) if rows.field_at(column)]
        first = next((n for n in range(rows.columnCount()) if rows.field_at(n)), 0)
        index = rows.index(row, marked[0] if marked else first)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.row() != previous.row():
            self.current_row.emit(self.current())

    def keyboardSearch(self, search: str) -> None:
        """Typing edits; it never jumps."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers()
        if enter and self.state() == self.State.EditingState:
            # The delegate writes what was typed in its own turn of the loop: the cursor moves after it.
            QTimer.singleShot(0, self.go_on)
        elif enter:
            self.go_on()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.key() == Qt.Key.Key_Delete and not event.modifiers():
            for index in self.selectionModel().selectedIndexes():
                self.model().setData(index, "")
        else:
            super().keyPressEvent(event)

    def go_on(self) -> None:
        """The next marked cell of this row, else the first of the next row."""
        rows, index = self.rows, self.currentIndex()
        if rows is None or not index.isValid():
            return
        marked = [c for c in rows.wrong_at(index.row()) if c > index.column() and rows.field_at(c)]
        if marked:
            self.setCurrentIndex(rows.index(index.row(), marked[0]))
        else:
            self.go_to(index.row() + 1)

    def _copy(self) -> None:
        indexes = sorted(self.selectionModel().selectedIndexes(), key=lambda i: (i.row(), i.column()))
        lines: dict[int, list[str]] = {}
        for index in indexes:
            lines.setdefault(index.row(), []).append(str(index.data() or "").replace("\t", " ").replace("\n", " "))
        QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in lines.values()))

    def _paste(self) -> None:
        """A block from Excel, from the cursor on; cells that cannot be typed into are passed over."""
        start, model = self.currentIndex(), self.model()
        if not start.isValid():
            return
        lines = QGuiApplication.clipboard().text().rstrip("\n").split("\n")
        for down, line in enumerate(lines):
            for right, text in enumerate(line.rstrip("\r").split("\t")):
                index = model.index(start.row() + down, start.column() + right)
                if index.isValid():
                    model.setData(index, text)


class _Cells(QStyledItemDelegate):
    """Plain cells; Enter in one reaches the grid too, which goes on to the next that is marked."""

    def __init__(self, id: str, grid: Grid) -> None:
        super().__init__(grid)
        self._id, self._grid = id, grid

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        # The style sheet leaves no ground to the model: what is marked is painted here, below the text.
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)  # type: ignore[attr-defined]  # the stubs lack the options' fields
        super().paint(painter, option, index)

    def createEditor(self, parent: QWidget, option: Any, index: Index) -> QWidget:
        del option
        rows = self._grid.rows
        title = rows.columns[index.column()].title if rows is not None else ""
        editor = named(QLineEdit(parent), f"{self._id}.cell", title)
        editor.setFrame(False)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit) and not editor.text():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
