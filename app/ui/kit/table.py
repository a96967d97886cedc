"""Lists over ids: the length is exact, rows are read as they come into view; sorted, copied and opened by keyboard."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QColor, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.ui.kit import look
from app.ui.kit.controls import Tone, named

Index = QModelIndex | QPersistentModelIndex
BLOCK: Final = 100
_BLOCKS: Final = 40
"""Blocks of rows kept; with more than these in view at once a screen would have to be 4,000 rows high."""
MOST_COPIED: Final = 1_000
"""Rows copied at once: more than that is a file, which a page exports."""
_NO_PARENT: Final = QModelIndex()


class Idlist(Protocol):
    """Ids in order (services.ids.Ids, or a list)."""

    def __len__(self) -> int: ...
    def __getitem__(self, place: int, /) -> str: ...


@dataclass(frozen=True)
class Column:
    """One column: what stands in it, how wide it is at first (in Chinese characters), whether and by what it sorts."""

    key: str
    title: str
    text: Callable[[Any], str]
    wide: int = 6
    sorts: bool = False
    right: bool = False
    tone: Callable[[Any], Tone] | None = None
    hidden: bool = False
    """Not shown at first; chosen from the menu of the headings."""


class Rows(QAbstractTableModel):
    """The rows of a list; whatever has vanished meanwhile shows empty."""

    def __init__(
        self,
        columns: Sequence[Column],
        load: Callable[[Sequence[str]], Mapping[str, Any]],
        parent: QWidget | None = None,
    ) -> None:
        """`load` reads rows by their ids: by primary key, so that it may be called while a list is drawn."""
        super().__init__(parent)
        self.columns = tuple(columns)
        self._load = load
        self._ids: Idlist = []
        self._blocks: OrderedDict[int, list[Any]] = OrderedDict()

    def show_ids(self, ids: Idlist) -> None:
        """Another list."""
        self.beginResetModel()
        self._ids = ids
        self._blocks.clear()
        self.endResetModel()

    def reread(self) -> None:
        """The same list, its rows read anew."""
        self._blocks.clear()
        if len(self._ids):
            last = self.index(len(self._ids) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    @property
    def ids(self) -> Idlist:
        """All ids, in their order."""
        return self._ids

    def id_at(self, row: int) -> str:
        """The id of a row."""
        return self._ids[row]

    def place_of(self, id: str) -> int:
        """The row of an id, -1 if it is not in the list."""
        find = getattr(self._ids, "find", None)
        if find is not None:
            return int(find(id))
        return next((n for n in range(len(self._ids)) if self._ids[n] == id), -1)

    def row(self, number: int) -> Any:
        """What `load` gave for a row; None where there is nothing any more."""
        block, place = divmod(number, BLOCK)
        if (rows := self._blocks.get(block)) is None:
            ids = [self._ids[n] for n in range(block * BLOCK, min((block + 1) * BLOCK, len(self._ids)))]
            found = self._load(ids)
            rows = self._blocks[block] = [found.get(one) for one in ids]
            if len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        return rows[place]

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        found = self.row(row)
        return self.columns[column].text(found) if found is not None else ""

    # -- Qt --------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.text(index.row(), index.column()) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and column.right:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and column.tone is not None:
            found = self.row(index.row())
            tone = column.tone(found) if found is not None else ""
            return QColor(getattr(look.colours(), tone)) if tone else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None


class Ticked(Rows):
    """Rows each with a tick in its first column: Space ticks what is chosen, Ctrl+A and Space everything."""

    ticks_changed = Signal()

    def __init__(
        self,
        columns: Sequence[Column],
        load: Callable[[Sequence[str]], Mapping[str, Any]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(columns, load, parent)
        self.ticked: set[str] = set()

    def tick(self, ids: Iterable[str], *, on: bool) -> None:
        """Tick records, or take their ticks away."""
        before = set(self.ticked)
        if on:
            self.ticked.update(ids)
        else:
            self.ticked.difference_update(ids)
        if self.ticked != before:
            if self.rowCount():
                self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, 0))
            self.ticks_changed.emit()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.CheckStateRole and index.isValid() and index.column() == 0:
            on = self.id_at(index.row()) in self.ticked
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        return super().data(index, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = super().flags(index)
        return found | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else found

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.tick([self.id_at(index.row())], on=Qt.CheckState(value) == Qt.CheckState.Checked)
        return True


class List(QTableView):
    """The view of a list, with the habits of every list."""

    opened = Signal(str)
    """Enter or a double click on a record."""
    chosen = Signal(str)
    """The current record changed; empty when there is none."""
    sorted_by = Signal(str, bool)
    """(column key, downwards): a heading was pressed; the page reads the ids anew."""
    copied = Signal(int, int)
    """(rows in the clipboard, rows chosen)."""
    arranged = Signal()
    """Widths or the choice of columns changed: worth remembering."""
    typed = Signal(str)
    """Somebody types while the list has the focus: a page with a filter takes it there."""

    def __init__(self, id: str, name: str, rows: Rows, empty: str = "", parent: QWidget | None = None) -> None:
        """`empty`: what to do first, shown while the list has no rows."""
        super().__init__(parent)
        named(self, id, name)
        self.rows = rows
        self.empty = empty
        self.actions_of: Callable[[], Sequence[QAction]] = tuple
        """What the context menu offers for the chosen rows."""
        self.setModel(rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        named(vertical, f"{id}.rows", name)
        head = self.horizontalHeader()
        named(head, f"{id}.head", f"{name}的表头")
        head.setHighlightSections(False)
        head.setSectionsMovable(True)
        head.setSectionsClickable(True)
        head.setStretchLastSection(True)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(self._choose_columns)
        head.sectionClicked.connect(self._sort)
        head.sectionResized.connect(lambda *_: self.arranged.emit())
        head.sectionMoved.connect(lambda *_: self.arranged.emit())
        self._sorting: tuple[str, bool] = ("", False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.doubleClicked.connect(lambda index: self.opened.emit(rows.id_at(index.row())))
        self._fit()

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + look.scaled(12))
        width = self.fontMetrics().horizontalAdvance("国")
        for place, column in enumerate(self.rows.columns):
            self.setColumnWidth(place, width * max(column.wide, len(column.title) + 1) + look.scaled(14))
            self.setColumnHidden(place, column.hidden)

    def sizeHint(self) -> QSize:
        return QSize(look.scaled(480), look.scaled(240))

    def show_at_least(self, rows: int) -> None:
        """Room for so many rows even where the page is low: inside something that scrolls."""
        high = self.verticalHeader().defaultSectionSize()
        self.setMinimumHeight(high * rows + self.horizontalHeader().sizeHint().height() + look.scaled(20))

    # -- what is chosen --------------------------------------------------------------------------------------------

    def show_ids(self, ids: Idlist) -> None:
        """Another list; whoever was chosen stays chosen if still there."""
        kept = self.current()
        self.rows.show_ids(ids)
        if not self.choose(kept) and len(ids):
            self.setCurrentIndex(self.rows.index(0, 0))
        self.viewport().update()

    def current(self) -> str:
        """The id the cursor stands on, or an empty text."""
        index = self.currentIndex()
        return self.rows.id_at(index.row()) if index.isValid() and index.row() < self.rows.rowCount() else ""

    def choose(self, id: str) -> bool:
        """Put the cursor on a record."""
        place = self.rows.place_of(id) if id else -1
        if place < 0:
            return False
        index = self.rows.index(place, 0)
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self.scrollTo(index)
        return True

    def picked(self) -> list[str]:
        """The ids of all chosen rows, in their order."""
        return [self.rows.id_at(row) for row in self._picked_rows()]

    def _picked_rows(self) -> list[int]:
        chosen = self.selectionModel().selection()
        ranges = [chosen.at(n) for n in range(chosen.count())]
        return sorted({row for one in ranges for row in range(one.top(), one.bottom() + 1)})

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.chosen.emit(self.rows.id_at(current.row()) if current.isValid() else "")

    # -- habits ----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current():
            self.opened.emit(self.current())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Space and isinstance(self.rows, Ticked):
            chosen = self.picked()
            self.rows.tick(chosen, on=not set(chosen) <= self.rows.ticked)
        elif event.key() == Qt.Key.Key_Home and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._jump(0)
        elif event.key() == Qt.Key.Key_End and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._jump(self.rows.rowCount() - 1)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Qt's own would read every row of the list."""
        if search.strip():
            self.typed.emit(search)

    def _jump(self, row: int) -> None:
        if 0 <= row < self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(row, max(0, self.currentIndex().column())))

    def copy(self) -> None:
        """The chosen rows as Excel takes them: headings first, a tab between cells."""
        head = self.horizontalHeader()
        order = sorted((n for n in range(len(self.rows.columns)) if not self.isColumnHidden(n)), key=head.visualIndex)
        chosen = self._picked_rows()
        lines = ["\t".join(self.rows.columns[n].title for n in order)]
        lines += ["\t".join(_cell(self.rows.text(row, n)) for n in order) for row in chosen[:MOST_COPIED]]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self.copied.emit(len(lines) - 1, len(chosen))

    def _sort(self, section: int) -> None:
        column = self.rows.columns[section]
        if not column.sorts:
            self.horizontalHeader().setSortIndicatorShown(bool(self._sorting[0]))
            return
        downwards = self._sorting[0] == column.key and not self._sorting[1]
        self.show_sorting(column.key, downwards)
        self.sorted_by.emit(column.key, downwards)

    def show_sorting(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        """Show by what the list is sorted."""
        self._sorting = (key, downwards)
        head = self.horizontalHeader()
        place = next((n for n, column in enumerate(self.rows.columns) if column.key == key), -1)
        head.setSortIndicatorShown(place >= 0)
        if place >= 0:
            order = Qt.SortOrder.DescendingOrder if downwards else Qt.SortOrder.AscendingOrder
            head.setSortIndicator(place, order)

    def _choose_columns(self, where: QPoint) -> None:
        menu = named(QMenu(self), f"{self.objectName()}.columns", "选择列")
        for place, column in enumerate(self.rows.columns):
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(place))
            action.toggled.connect(lambda shown, place=place: self._show_column(place, shown=shown))
        menu.popup(self.horizontalHeader().mapToGlobal(where))

    def _show_column(self, place: int, *, shown: bool) -> None:
        self.setColumnHidden(place, not shown)
        if all(self.isColumnHidden(n) for n in range(len(self.rows.columns))):
            self.setColumnHidden(place, False)
        self.arranged.emit()

    def _menu(self, where: QPoint) -> None:
        menu = named(QMenu(self), f"{self.objectName()}.menu", "可以做的事")
        for action in self.actions_of():
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("复制到 Excel(Ctrl+C)", self.copy)
        menu.addAction("选择列…", lambda: self._choose_columns(QPoint(0, 0)))
        menu.popup(self.viewport().mapToGlobal(where))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.empty and not self.rows.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(look.colours().faint))
            room = self.viewport().rect().adjusted(20, 20, -20, -20)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.empty)

    # -- what is remembered ----------------------------------------------------------------------------------------

    def arrangement(self) -> dict[str, Any]:
        """Widths, order and choice of the columns, as plain values."""
        head = self.horizontalHeader()
        return {
            # Widths as they are at 100 %: another text size must not cut them off.
            column.key: [self.columnWidth(n) * 100 // look.scale(), head.visualIndex(n), self.isColumnHidden(n)]
            for n, column in enumerate(self.rows.columns)
        }

    def arrange(self, kept: Mapping[str, Any]) -> None:
        """Bring them back; columns that were not there then stay as they are."""
        head = self.horizontalHeader()
        places = sorted(
            (spot[1], n) for n, column in enumerate(self.rows.columns) if (spot := kept.get(column.key)) is not None
        )
        for target, (_, n) in enumerate(places):
            width, _, hidden = kept[self.rows.columns[n].key]
            head.moveSection(head.visualIndex(n), target)
            self.setColumnHidden(n, bool(hidden))
            if not hidden and width > 0:
                self.setColumnWidth(n, look.scaled(int(width)))


def _cell(text: str) -> str:
    """A cell in the clipboard: what Excel would take for a formula is made text."""
    plain = text.replace("\t", " ").replace("\n", " ")
    return f"'{plain}" if plain[:1] in ("=", "+", "-", "@") and not _is_number(plain) else plain


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(",", "").replace(".", "", 1).isdigit()
