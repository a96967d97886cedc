"""Finding one of many while typing: a search field with the hits below it, in the same window so that input methods work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from app.ui.kit import look
from app.ui.kit.controls import line_edit, named, role
from app.ui.kit.operations import Operations

PAUSE: Final = 150
"""Milliseconds of rest before a search; half-composed text never starts one, because Qt tells of it only when it is done."""
_NO_PARENT: Final = QModelIndex()
_SHOWN: Final = 10

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Hit:
    """One line below the field: what it stands for, what it says."""

    key: Any
    text: str
    more: str = ""


class _Hits(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: Sequence[Hit] = ()

    def show_hits(self, hits: Sequence[Hit]) -> None:
        self.beginResetModel()
        self.hits = hits
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        hit = self.hits[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{hit.text}   {hit.more}" if hit.more else hit.text
        return None


class Finder(QLineEdit):
    """The field; the hits float over whatever lies below it in the window, and go with Escape."""

    picked = Signal(object)
    """A Hit the person has taken."""
    searched = Signal(str)
    """A search has been answered (for tests and for what shows the number of hits)."""

    def __init__(
        self,
        id: str,
        name: str,
        hint: str,
        operations: Operations,
        find: Callable[[str], Sequence[Hit]],
        parent: QWidget | None = None,
    ) -> None:
        """`find` runs off the window's thread and gives the hits for a text, the best first."""
        super().__init__(parent)
        named(self, id, name)
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        self._operations = operations
        self._find = find
        self._model = _Hits(self)
        self._list: QListView | None = None
        self._frame: QFrame | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.search)
        self._entering = False
        self._shown_for = ""
        """What the hits that stand there were found for."""
        self.textEdited.connect(lambda _text: self._pause.start())

    @property
    def hits(self) -> Sequence[Hit]:
        """What stands below the field now."""
        return self._model.hits if self._frame is not None and self._frame.isVisible() else ()

    def search(self) -> None:
        """Look for what stands in the field."""
        self._pause.stop()
        text = self.text().strip()
        if not text:
            self.close_hits()
            return
        find = self._find
        self._operations.read(lambda: find(text), self._answered(text), owner=self, key=f"finder.{self.objectName()}")

    def _answered(self, text: str) -> Callable[[Sequence[Hit]], None]:
        def show(hits: Sequence[Hit]) -> None:
            if text == self.text().strip():
                self._shown_for = text
                self._show(hits)
                self.searched.emit(text)
                if self._entering:
                    self._entering = False
                    self._take(0)

        return show

    def _show(self, hits: Sequence[Hit]) -> None:
        frame, view = self._floating()
        self._model.show_hits(hits or (Hit(None, "没有找到。换一个字、拼音首字母或号码后几位再试。"),))
        window = self.window()
        spot = self.mapTo(window, QPoint(0, self.height() + 2))
        row = view.sizeHintForRow(0) if self._model.rowCount() else 24
        wide = max(self.width(), look.scaled(420))
        wide = min(wide, window.width() - 16)
        left = min(spot.x(), window.width() - wide - 8)
        high = row * min(self._model.rowCount(), _SHOWN) + 10
        frame.setGeometry(left, spot.y(), wide, min(high, window.height() - spot.y() - 8))
        frame.show()
        frame.raise_()
        view.setCurrentIndex(self._model.index(0, 0))

    def _floating(self) -> tuple[QFrame, QListView]:
        if self._frame is None or self._list is None:
            self._frame = role(QFrame(self.window()), "card")
            self._frame.setObjectName(f"{self.objectName()}.hits.frame")
            self._list = named(QListView(), f"{self.objectName()}.hits", "找到的")
            self._list.setModel(self._model)
            self._list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
            self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._list.setUniformItemSizes(True)
            self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self._list.clicked.connect(lambda index: self._take(index.row()))
            layout = QVBoxLayout(self._frame)
            layout.setContentsMargins(2, 2, 2, 2)
            layout.addWidget(self._list)
            self.window().installEventFilter(self)
        return self._frame, self._list

    def close_hits(self) -> None:
        """Take the hits away; the text stays."""
        if self._frame is not None:
            self._frame.hide()

    def _take(self, row: int) -> None:
        if not 0 <= row < len(self._model.hits) or (hit := self._model.hits[row]).key is None:
            return
        self.close_hits()
        self.picked.emit(hit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, open_ = event.key(), self._frame is not None and self._frame.isVisible()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._pause.isActive() or not open_ or self._shown_for != self.text().strip():
                # Whoever types quickly and presses Enter means the best hit for all that was typed.
                self._entering = bool(self.text().strip())
                self.search()
            elif self._list is not None:
                self._take(self._list.currentIndex().row())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and open_:
            self._move(key)
        elif key == Qt.Key.Key_Down:
            self.search()
        elif key == Qt.Key.Key_Escape and open_:
            self.close_hits()
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
            # The person has emptied it: whoever holds a chosen record must hear of it.
            self.textEdited.emit("")
        else:
            super().keyPressEvent(event)

    def _move(self, key: int) -> None:
        if self._list is None:
            return
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _SHOWN, Qt.Key.Key_PageUp: -_SHOWN}
        row = self._list.currentIndex().row() + step[Qt.Key(key)]
        row = max(0, min(row, self._model.rowCount() - 1))
        self._list.setCurrentIndex(self._model.index(row, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self.close_hits()
        return super().eventFilter(watched, event)

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        if self._list is None or not self._list.underMouse():
            self.close_hits()


class Chosen(QWidget):
    """A field that holds one record: found by typing, shown by its words, changed by finding another."""

    edited = Signal()

    def __init__(
        self, id: str, name: str, hint: str, operations: Operations, find: Callable[[str], Sequence[Hit]]
    ) -> None:
        super().__init__()
        self.finder = Finder(id, name, hint, operations, find)
        self.key: Any = None
        self._words = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.finder)
        self.setFocusProxy(self.finder)
        self.finder.picked.connect(self._picked)
        self.finder.textEdited.connect(self._typing)

    def put(self, key: Any, words: str) -> None:
        """Show a record without calling it edited."""
        self.key, self._words = key, words
        self.finder.setText(words)
        self.finder.setCursorPosition(0)

    @property
    def words(self) -> str:
        """What stands for the record."""
        return self._words

    def _picked(self, hit: Hit) -> None:
        self.put(hit.key, hit.text)
        self.edited.emit()

    def _typing(self, text: str) -> None:
        if self.key is not None and text != self._words:
            self.key = None
            self.edited.emit()


__all__ = ["Chosen", "Finder", "Hit", "line_edit"]
