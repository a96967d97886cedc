"""Choosing places: typing a name, its 拼音 or its code, or walking down from the province; several may be chosen."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.ui.kit.controls import button, column, label, line_edit, named, row, say, width_of
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE

HEIGHTS: Final = ("province", "city", "county", "township", "village")
PAUSE: Final = 200
_ROWS: Final = 5
_NO_PARENT: Final = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


class Place(Protocol):
    """One place (services.divisions.DivisionRow)."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def full_name(self) -> str: ...
    @property
    def level(self) -> str: ...


class Atlas(Protocol):
    """Where places come from (services.atlas.Atlas)."""

    def below(self, code: str = "") -> Sequence[Place]: ...
    def find(self, words: str, under: str = "") -> Sequence[Place]: ...
    def path(self, code: str) -> Sequence[Place]: ...


Ask = Callable[[Callable[[], Any], Callable[[Any], None]], object]
"""`ask(work, done)`: the work off the window's thread, its answer in it."""


class _Places(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.places: Sequence[Place] = ()
        self.target = ""
        self.full = False

    def show_places(self, places: Sequence[Place], target: str, *, full: bool) -> None:
        self.beginResetModel()
        self.places, self.target, self.full = places, target, full
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            place = self.places[index.row()]
            name = place.full_name if self.full else place.name
            return f"{name}   选这个" if place.level == self.target else f"{name}   往下 ›"
        return None


class _View(QListView):
    taken = Signal(int)
    up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right):
            self.taken.emit(self.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Left):
            self.up.emit()
        else:
            super().keyPressEvent(event)


class PlacePicker(QWidget):
    """The field, what it finds, what has been chosen. A village the list lacks is typed by name and last digits."""

    changed = Signal()

    def __init__(self, id: str, name: str, ask: Ask, atlas: Callable[[], Atlas], *, top: str = "") -> None:
        """`atlas` is called off the window's thread; `top`: the place nobody goes above."""
        super().__init__()
        named(self, id, name)
        self._id, self._ask, self._atlas, self._top = id, ask, atlas, top
        self._target = "village"
        self._at = top
        self._path: Sequence[Place] = ()
        self.chosen: dict[str, str] = {}
        """Codes with their full names."""
        self.typed: dict[str, str] = {}
        """Those that were typed: codes with the bare name."""
        self._bare: dict[str, str] = {}
        self.search = line_edit(
            f"{id}.search", f"{name}: 地名、拼音首字母或代码", "输入地名、拼音首字母或代码, 或往下选"
        )
        self.up = button(f"{id}.up", "上一级(&U)", self._go_up)
        self.where = named(label(kind="faint", wrap=True), f"{id}.where")
        self._model = _Places(self)
        self.view = named(_View(), f"{id}.list", f"{name}: 可选的地方")
        self.view.setModel(self._model)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setUniformItemSizes(True)
        self.view.setTabKeyNavigation(False)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setFixedHeight((self.view.fontMetrics().height() + SPACE.near + 2) * _ROWS + SPACE.near)
        self.view.taken.connect(self._take)
        self.view.up.connect(self._go_up)
        self.view.clicked.connect(lambda index: self._take(index.row()))
        self.own_name = line_edit(f"{id}.own", "村(社区)名称", "村(社区)名称")
        self.own_tail = line_edit(f"{id}.tail", "代码后三位", "后三位")
        self.own_tail.setMaxLength(3)
        self.own_tail.setMaximumWidth(width_of(self.own_tail, 5))
        self.own_add = button(f"{id}.add", "加入(&A)", self._add_own)
        self.own_note = named(label(tone="bad"), f"{id}.own.note")
        self.own_note.hide()
        hint = label("列表里没有本村(社区)? 在这里填名称和 12 位区划代码的后三位(不清楚可问镇站)。", "faint")
        self.own = QWidget()
        self.own.hide()
        self.own.setLayout(
            column(hint, row(self.own_name, self.own_tail, self.own_add, None), self.own_note, gap=SPACE.tight)
        )
        self.chips = Flow()
        self._said = named(label("还没有选。", "faint"), f"{id}.none")
        self.setLayout(
            column(row(self.search, self.up), self.where, self.view, self.own, self._said, self.chips, gap=SPACE.tight)
        )
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._look)
        self._entering = False
        self.search.textEdited.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self._enter)
        self.search.installEventFilter(self)
        self.setFocusProxy(self.search)
        self.show_level("village")

    def show_level(self, level: str) -> None:
        """Which places can be chosen: villages, townships, counties or cities. What was chosen of another level goes."""
        if level != self._target:
            self._target = level
            if self.chosen:
                self.put({}, {})
                self.changed.emit()
        self._look()

    def put(self, chosen: Mapping[str, str], typed: Mapping[str, str]) -> None:
        """Show a choice."""
        self.chosen, self.typed = dict(chosen), dict(typed)
        self._show_chips()

    # -- walking and searching ---------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._pause.stop()
        words, at, atlas = self.search.text().strip(), self._at, self._atlas

        def work() -> tuple[Sequence[Place], Sequence[Place]]:
            found = atlas()
            places = found.find(words, at) if words else found.below(at)
            return places, (found.path(at) if at else ())

        self._ask(work, lambda answer: self._show(words, at, answer))

    def _show(self, words: str, at: str, answer: tuple[Sequence[Place], Sequence[Place]]) -> None:
        if (words, at) != (self.search.text().strip(), self._at):
            return
        places, self._path = answer
        deepest = HEIGHTS.index(self._target)
        self._model.show_places(
            [place for place in places if HEIGHTS.index(place.level) <= deepest], self._target, full=bool(words)
        )
        if self._model.rowCount():
            self.view.setCurrentIndex(self._model.index(0, 0))
        self.where.setText(" › ".join(place.name for place in self._path) or "全国")
        self.own.setVisible(self._target == "village" and self._in_township)
        self.up.setEnabled(self._at != self._top)
        if self._entering:
            self._entering = False
            self._take(0)

    def _enter(self) -> None:
        if self._pause.isActive():
            self._entering = True
            self._look()
        else:
            self._take(self.view.currentIndex().row())

    def eventFilter(self, watched: Any, event: Any) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.view.setFocus()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                self._look()
                return True
        return super().eventFilter(watched, event)

    def _go_up(self) -> None:
        if self._at == self._top:
            return
        above = [place.code for place in self._path[:-1]]
        self._at = above[-1] if above and len(above[-1]) >= len(self._top) else self._top
        self.search.clear()
        self._look()

    def _take(self, place: int) -> None:
        if not 0 <= place < self._model.rowCount():
            return
        found = self._model.places[place]
        self.search.clear()
        if found.level == self._target:
            self._bare[found.code] = found.name
            self._choose(found.code, found.full_name)
        else:
            self._at = found.code
            self._look()

    @property
    def first_name(self) -> str:
        """The bare name of the first chosen place; its full one where only that is known."""
        code, full = next(iter(self.chosen.items()), ("", ""))
        return self.typed.get(code) or self._bare.get(code) or full

    def _choose(self, code: str, name: str) -> None:
        self.chosen[code] = name
        self._show_chips()
        self.changed.emit()

    @property
    def _in_township(self) -> bool:
        return len(self._at) == 12 and self._at[6:9] != "000" and self._at[9:] == "000"

    # -- a village of one's own ----------------------------------------------------------------------------------------

    def _add_own(self) -> None:
        name, tail = self.own_name.text().strip(), self.own_tail.text().strip()
        if not name:
            say(self.own_note, "没有填村(社区)名称。", "bad")
        elif len(tail) != 3 or not (tail.isascii() and tail.isdigit()) or tail == "000":
            say(self.own_note, "后三位是三个数字, 如 201。", "bad")
        else:
            say(self.own_note, "")
            code = self._at[:9] + tail
            self.typed[code] = name
            self.own_name.clear()
            self.own_tail.clear()
            self._choose(code, "".join(place.name for place in self._path) + name)

    # -- what was chosen -----------------------------------------------------------------------------------------------

    def _show_chips(self) -> None:
        chips: list[QWidget] = []
        for number, (code, name) in enumerate(self.chosen.items()):
            drop = partial(self._drop, code)
            chips.append(button(f"{self._id}.chosen.{number}", f"{name} ×", drop, hint=f"{code}, 不要了"))
        self.chips.set_items(chips)
        self.chips.setVisible(bool(chips))
        self._said.setVisible(not chips)

    def _drop(self, code: str) -> None:
        self.chosen.pop(code, None)
        self.typed.pop(code, None)
        self._show_chips()
        self.search.setFocus()
        self.changed.emit()
