"""The rail at the left: the nouns of a level, one key each; a village has six, the rest under 更多."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.ui.kit import look
from app.ui.kit.controls import named, role
from app.ui.shell.navigation import Entry

MORE: Final = "更多"
_NO_PARENT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class _Nouns(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[tuple[str, str]] = []
        """(page name, words); the name of 更多 is empty."""

    def show_lines(self, lines: list[tuple[str, str]]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.lines[index.row()][1]
        return None


class Rail(QListView):
    """Alt+1 … Alt+9 choose as well (the window's shortcuts)."""

    wanted = Signal(str)
    """A page's name."""

    def __init__(self, entries: Sequence[Entry], level: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "rail", "功能")
        role(self, "rail")
        self._entries = [entry for entry in entries if entry.on_rail(level)]
        self._level = level
        self._open = False
        self._marks: dict[str, str] = {}
        self._model = _Nouns(self)
        self.setModel(self._model)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self._fill()
        self.clicked.connect(lambda index: self._take(index.row()))

    def _fill(self) -> None:
        hidden = [entry for entry in self._entries if entry.more and self._level == "village"]
        lines = [(entry.name, self._words(entry)) for entry in self._entries if entry not in hidden]
        if hidden:
            lines.append(("", f"{MORE} {'▴' if self._open else '▾'}"))
            lines += [(entry.name, f"   {self._words(entry)}") for entry in hidden if self._open]
        self._model.show_lines(lines)

    def _words(self, entry: Entry) -> str:
        mark = self._marks.get(entry.name, "")
        return f"{entry.word(self._level)}  {mark}".rstrip()

    def sizeHint(self) -> QSize:
        wide = max((self.fontMetrics().horizontalAdvance(words) for _, words in self._model.lines), default=80)
        return QSize(wide + look.scaled(64), 10)

    @property
    def names(self) -> list[str]:
        """The pages that can be seen now, in their order."""
        return [name for name, _ in self._model.lines if name]

    def mark(self, name: str, text: str) -> None:
        """A number behind a noun: how many things wait there."""
        if self._marks.get(name, "") != text:
            self._marks[name] = text
            kept = self.currentIndex().row()
            self._fill()
            self.setCurrentIndex(self._model.index(kept, 0))

    def show_page(self, name: str) -> None:
        """Show which page is in front."""
        hidden = any(entry.name == name and entry.more for entry in self._entries) and self._level == "village"
        if hidden and not self._open:
            self._open = True
            self._fill()
        place = next((n for n, (one, _) in enumerate(self._model.lines) if one == name), -1)
        if place >= 0:
            self.setCurrentIndex(self._model.index(place, 0))
        else:
            self.clearSelection()

    def _take(self, row: int) -> None:
        if not 0 <= row < len(self._model.lines):
            return
        name = self._model.lines[row][0]
        if name:
            self.wanted.emit(name)
            return
        self._open = not self._open
        self._fill()
        self.setCurrentIndex(self._model.index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._take(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
