"""Items in one row where there is room for them, in several where there is not; two things side by side or stacked."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from app.ui.kit import look
from app.ui.kit.look import SPACE

_OTHERWISE: Final = frozenset(
    {QEvent.Type.LayoutRequest, QEvent.Type.StyleChange, QEvent.Type.FontChange, QEvent.Type.Show}
)
_NEW_PLACES: Final = frozenset({QEvent.Type.LayoutRequest, QEvent.Type.Show})
"""Nobody is told of what was hidden while the whole could not be seen: so also when it is shown again."""
_ANY: Final = 16_777_215
"""Qt's own largest size: no limit."""


class Flow(QWidget):
    """For filters and badges, which at 200 % text need more than one row."""

    def __init__(self, items: Sequence[QWidget] = (), gap: int = SPACE.near, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gap = gap
        self._laid = False
        """Whether it has been given its room: before, the lines it will need are not known."""
        self._items = list(items)
        self._heights: dict[int, int] = {}
        """By width: Qt asks hundreds of times while it lays out a page."""
        for item in self._items:
            item.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_items(self, items: Sequence[QWidget]) -> None:
        """Other items in the place of those before, which go."""
        for item in self._items:
            item.hide()
            item.setParent(None)
            item.deleteLater()
        self._items = list(items)
        for item in self._items:
            item.setParent(self)
            item.show()
            item.ensurePolished()  # how large it is depends on its style
        self.rearrange()

    def rearrange(self) -> None:
        """Items were shown or hidden: give them their places at once."""
        self._heights.clear()
        self.updateGeometry()
        high = self._place(self.width(), move=True)
        if self._laid:  # before, its width is not its own, and a window once stretched stays so
            self.setMinimumHeight(high)

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._place(width, move=False)
        return self._heights[width]

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        width = max(self.width(), max((_hint(item).width() for item in self._items), default=0))
        return QSize(width, self.heightForWidth(width) if self._laid else self._line())

    def minimumSizeHint(self) -> QSize:
        width = max((item.minimumSizeHint().width() for item in self._shown()), default=0)
        return QSize(width, self.heightForWidth(max(width, self.width())) if self._laid else self._line())

    def _line(self) -> int:
        """One line: a guess at more would make the whole window grow, and it would not shrink again."""
        return max((_hint(item).height() for item in self._shown()), default=0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        high = self._place(self.width(), move=True)
        if self.isVisible():  # before, its width may not be the last
            self._laid = True
            self.setMinimumHeight(high)

    def event(self, event: QEvent) -> bool:
        # A label in here has another text, or something was shown or hidden: its size is another now.
        if event.type() in _OTHERWISE:
            self._heights.clear()
        if event.type() == QEvent.Type.Show:
            self._laid = True
        if event.type() in _NEW_PLACES and self._laid:
            self.rearrange()
        return super().event(event)

    def _shown(self) -> list[QWidget]:
        return [item for item in self._items if not item.isHidden()]

    def _place(self, width: int, *, move: bool) -> int:
        lines: list[list[QWidget]] = [[]]
        used = 0
        for item in self._shown():
            wide = min(_hint(item).width(), width)
            if lines[-1] and used + self._gap + wide > width:
                lines.append([])
                used = 0
            used += wide + (self._gap if lines[-1] else 0)
            lines[-1].append(item)
        top = 0
        for line in lines:
            high = max((_hint(item).height() for item in line), default=0)
            left = 0
            for item in line:
                hint = _hint(item)
                wide = min(hint.width(), width)
                if move:
                    item.setGeometry(left, top + (high - hint.height()) // 2, wide, hint.height())
                left += wide + self._gap
            top += high + self._gap
        return max(0, top - self._gap)


def _hint(item: QWidget) -> QSize:
    return item.sizeHint().expandedTo(item.minimumSize()).boundedTo(item.maximumSize())


class Beside(QWidget):
    """Two things side by side where there is room, one below the other where there is not."""

    def __init__(self, main: QWidget, side: QWidget, *, side_width: int = 280, room: int = 900) -> None:
        """`side_width` and `room` (the width from which they stand side by side) in pixels at 100 %."""
        super().__init__()
        self._side, self._side_width, self._room = side, side_width, room
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(SPACE.apart)
        self._box.addWidget(main, 1)
        self._box.addWidget(side)
        # Before anybody has seen it, it asks for little height: what lies behind other tabs must not stretch a page.
        self._arrange(wide=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(wide=self.width() >= look.scaled(self._room))

    def _arrange(self, *, wide: bool) -> None:
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        limit = look.scaled(self._side_width) if wide else _ANY
        if self._box.direction() != way or self._side.maximumWidth() != limit:
            self._side.setMinimumWidth(limit if wide else 0)
            self._side.setMaximumWidth(limit)
            self._box.setDirection(way)
