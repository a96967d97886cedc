"""Going through fields by keyboard: Enter goes on, a wheel passing over changes nothing."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from app.ui.kit import look
from app.ui.kit.controls import named


def combo(id: str, name: str, options: Sequence[tuple[str, str]], chosen: str = "") -> QComboBox:
    """A choice outside of any form: (value, text) pairs, the value is the item's data."""
    made = named(CalmCombo(), id, name)
    for value, text in options:
        made.addItem(text, value)
    made.setCurrentIndex(max(0, made.findData(chosen)))
    return made


class CalmCombo(QComboBox):
    """Does not change when the wheel only passes over it; its arrow is a character, in the size of the text."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QColor(look.colours().text if self.isEnabled() else look.colours().line))
        room = self.rect().adjusted(self.width() - look.scaled(22), 0, -look.scaled(4), 0)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), "▾")

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Enters(QObject):
    """Enter goes on to the next field; in several lines and on buttons it does what it does there."""

    submitted = Signal()
    """Enter in the last field."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if isinstance(watched, QComboBox) and watched.view().isVisible():
                    return False
                if isinstance(watched, QWidget):
                    self._go_on(watched)
                return True
        return super().eventFilter(watched, event)

    def _go_on(self, widget: QWidget) -> None:
        following = widget.nextInFocusChain()
        while following is not None and following is not widget:
            usable = following.isVisible() and following.isEnabled()
            if usable and following.focusPolicy() & Qt.FocusPolicy.TabFocus and not isinstance(following, QLabel):
                following.setFocus(Qt.FocusReason.TabFocusReason)
                break
            following = following.nextInFocusChain()
        home = self.parent()
        if following is None or following is widget or (isinstance(home, QWidget) and not home.isAncestorOf(following)):
            self.submitted.emit()
