"""What a person does with the keyboard: types into the field with the focus, presses keys, finds somebody by name."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.kit.page import Desk
from app.ui.kit.picker import Finder
from tests.ui.conftest import idle
from tests.ui.looking import type_chinese

Key = Qt.Key
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Hands:
    """Two hands at one window: everything goes to whatever has the focus."""

    def __init__(self, qtbot: QtBot, desk: Desk, window: QWidget) -> None:
        self.qtbot, self.desk, self.window = qtbot, desk, window

    @property
    def focus(self) -> Any:
        """The widget with the focus."""
        found = QApplication.focusWidget()
        return found if found is not None else self.window

    @property
    def at(self) -> str:
        """Its test id."""
        return str(self.focus.objectName())

    def press(self, key: Key, modifiers: Any = Qt.KeyboardModifier.NoModifier, times: int = 1) -> None:
        """Press a key, and wait until nothing is under way."""
        self.sit_down()
        for _ in range(times):
            self.qtbot.keyClick(self.focus, key, modifiers)
        self.wait()

    def sit_down(self) -> None:
        """Without a window manager nobody makes the window active again when a dialog has closed."""
        if QApplication.activeWindow() is None and self.window.isVisible():
            self.window.activateWindow()
            self.qtbot.waitUntil(lambda: QApplication.activeWindow() is not None, timeout=5_000)

    def type(self, text: str) -> None:
        """Letters and digits into the field with the focus, over what is selected there."""
        self.qtbot.keyClicks(self.focus, text)

    def replace(self, text: str) -> None:
        """Select all that stands in the field, and type."""
        self.qtbot.keyClick(self.focus, Key.Key_A, CTRL)
        self.chinese(text) if not text.isascii() else self.type(text)

    def chinese(self, text: str) -> None:
        """As an input method gives it."""
        type_chinese(self.focus, text)

    def find(self, text: str) -> None:
        """Type into a finder, wait for the hits, take the first."""
        finder = self.focus
        assert isinstance(finder, Finder), f"the focus is at {self.at}"
        with self.qtbot.waitSignal(finder.searched, timeout=5_000):
            self.type(text) if text.isascii() else self.chinese(text)
        with self.qtbot.waitSignal(finder.picked):
            self.qtbot.keyClick(finder, Key.Key_Return)
        self.wait()

    def tab_to(self, id: str, most: int = 60) -> None:
        """Press Tab until a control has the focus."""
        for _ in range(most):
            if self.at == id:
                return
            self.qtbot.keyClick(self.focus, Key.Key_Tab)
        raise AssertionError(f"Tab never came to {id}; it is at {self.at}")

    def _buttons(self) -> Any:
        return self.window.findChildren(QAbstractButton)

    def wait(self) -> None:
        """Until nothing is under way any more; a button pressed by Alt and its letter stays down for a moment first."""
        self.qtbot.waitUntil(lambda: not any(push.isDown() for push in self._buttons()), timeout=5_000)
        idle(self.qtbot, self.desk)
