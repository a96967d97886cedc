"""Stored facts as the paper form has them: a heading, labels with their values, what is not filled in named at the end."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.ui.kit import look
from app.ui.kit.controls import label, named
from app.ui.kit.look import SPACE

_PAIR = 620
"""Pixels at 100 % from which two facts stand side by side."""


class Facts(QWidget):
    """One group; each value can be marked with the mouse and copied."""

    def __init__(self, id: str, title: str) -> None:
        super().__init__()
        self._id = id
        self._pairs: list[tuple[QLabel, QLabel, bool]] = []
        self._columns = 0
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE.apart)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._left_out = label(kind="faint", id=f"{id}.empty")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE.tight)
        layout.addWidget(label(title, "heading"))
        layout.addLayout(self._grid)
        layout.addWidget(self._left_out)

    def show_facts(self, facts: Sequence[tuple[str, str, str]]) -> None:
        """(key, label, value) in their order; those without a value are only named."""
        for name, value, _ in self._pairs:
            for widget in (name, value):
                widget.hide()
                widget.deleteLater()
        self._pairs = []
        for key, title, text in facts:
            if not text:
                continue
            shown = named(label(text), f"{self._id}.{key}", f"{title} {text}")
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._pairs.append((label(title, "faint", wrap=False), shown, len(text) > 24))
        missing = [title for _, title, text in facts if not text]
        self._left_out.setText(f"没有填: {'、'.join(missing)}" if missing else "")
        self._left_out.setVisible(bool(missing))
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = 2 if self.width() >= look.scaled(_PAIR) else 1
        if columns == self._columns:
            return
        self._columns = columns
        for name, value, _ in self._pairs:
            self._grid.removeWidget(name)
            self._grid.removeWidget(value)
        line, place = 0, 0
        top = Qt.AlignmentFlag.AlignTop
        for name, value, wide in self._pairs:
            alone = wide or columns == 1
            if alone and place:
                line, place = line + 1, 0
            self._grid.addWidget(name, line, 2 * place, Qt.AlignmentFlag.AlignRight | top)
            self._grid.addWidget(value, line, 2 * place + 1, 1, 2 * columns - 1 if alone else 1, top)
            place += columns if alone else 1
            if place >= columns:
                line, place = line + 1, 0
        for place in range(2):
            self._grid.setColumnStretch(2 * place + 1, 1 if place < columns else 0)
            self._grid.setColumnMinimumWidth(2 * place, look.scaled(96) if place < columns else 0)
