"""Items in one row where there is room for them, in several where there is not."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.kit.look import SPACE


class Flow(QWidget):
    """For filters and badges, which at 200 % text need more than one row."""

    def __init__(self, items: Sequence[QWidget] = (), gap: int = SPACE.near, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items = list(items)
        for item in self._items:
            item.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_items(self, items: Sequence[QWidget]) -> None:
        """Other items in the place of those before, which go."""
        for item in self._items:
            item.hide()
            item.deleteLater()
        self._items = list(items)
        for item in self._items:
            item.setParent(self)
            item.show()
        self.updateGeometry()
        self._place(self.width(), move=True)

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        width = max(self.width(), max((item.sizeHint().width() for item in self._items), default=0))
        return QSize(width, self._place(width, move=False))

    def minimumSizeHint(self) -> QSize:
        width = max((item.minimumSizeHint().width() for item in self._shown()), default=0)
        return QSize(width, self._place(max(width, self.width()), move=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width(), move=True)
        self.setMinimumHeight(self._place(self.width(), move=False))

    def _shown(self) -> list[QWidget]:
        return [item for item in self._items if not item.isHidden()]

    def _place(self, width: int, *, move: bool) -> int:
        lines: list[list[QWidget]] = [[]]
        used = 0
        for item in self._shown():
            wide = min(item.sizeHint().width(), width)
            if lines[-1] and used + self._gap + wide > width:
                lines.append([])
                used = 0
            used += wide + (self._gap if lines[-1] else 0)
            lines[-1].append(item)
        top = 0
        for line in lines:
            high = max((item.sizeHint().height() for item in line), default=0)
            left = 0
            for item in line:
                hint = item.sizeHint()
                wide = min(hint.width(), width)
                if move:
                    item.setGeometry(left, top + (high - hint.height()) // 2, wide, hint.height())
                left += wide + self._gap
            top += high + self._gap
        return max(0, top - self._gap)
