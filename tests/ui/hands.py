"""What a person does with the keyboard: types into the field with the focus, presses keys, finds somebody by name."""

import contextlib
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.ui.kit import drafts
from app.ui.kit.page import Desk
from app.ui.kit.picker import Finder
from app.ui.shell.timing import Heartbeat
from tests.ui.conftest import PATIENCE, finished
from tests.ui.looking import type_chinese

Key = Qt.Key
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Hands:
    """Two hands at one window: everything goes to whatever has the focus."""

    def __init__(self, qtbot: QtBot, desk: Desk, window: QWidget, heart: Heartbeat | None = None) -> None:
        """`heart` beats while keys are pressed and while what they have begun is waited for, not in what a test does itself."""
        self.qtbot, self.desk, self.window, self.heart = qtbot, desk, window, heart

    def _beating(self) -> Any:
        return contextlib.nullcontext() if self.heart is None else self.heart.beating()

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
            self._key(key, modifiers)
        if modifiers == ALT:
            # A button pressed by its letter stays down for a moment before it does anything.
            self.until(lambda: not any(push.isDown() for push in self._buttons()))
        self.wait()

    def _key(self, key: Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        with self._beating():
            self.qtbot.keyClick(self.focus, key, modifiers)

    def until(self, true: Callable[[], bool], timeout: int = PATIENCE) -> None:
        """Wait for something the window does of itself."""
        with self._beating():
            self.qtbot.waitUntil(true, timeout=timeout)

    def come(self) -> None:
        """To this window, from another one."""
        self.window.activateWindow()
        self.until(lambda: self.window.isActiveWindow() and QApplication.focusWidget() is not None)
        self.wait()

    def sit_down(self) -> None:
        """Without a window manager nobody makes the window active again when a dialog has closed."""
        if QApplication.activeWindow() is None and self.window.isVisible():
            self.window.activateWindow()
            self.until(lambda: QApplication.activeWindow() is not None)

    def type(self, text: str) -> None:
        """Letters and digits into whatever has the focus, over what is selected there; the first may open a cell."""
        for char in text:
            with self._beating():
                self.qtbot.keyClicks(self.focus, char)

    def replace(self, text: str) -> None:
        """Select all that stands in the field, and type."""
        self._key(Key.Key_A, CTRL)
        self.enter(text)

    def chinese(self, text: str) -> None:
        """As an input method gives it."""
        with self._beating():
            type_chinese(self.focus, text)

    def enter(self, text: str) -> None:
        """Letters as they are, Chinese by the input method."""
        self.type(text) if text.isascii() else self.chinese(text)

    def find(self, text: str) -> None:
        """Type into a finder, wait for the hits, take the first."""
        finder = self.focus
        assert isinstance(finder, Finder), f"the focus is at {self.at}"
        with self.qtbot.waitSignal(finder.searched, timeout=5_000), self._beating():
            self.qtbot.keyClicks(finder, text) if text.isascii() else type_chinese(finder, text)
        with self.qtbot.waitSignal(finder.picked):
            self._key(Key.Key_Return)
        self.wait()

    def tab_to(self, id: str, most: int = 60) -> None:
        """Press Tab until a control has the focus."""
        self.sit_down()
        for _ in range(most):
            if self.at == id:
                return
            self._key(Key.Key_Tab)
        raise AssertionError(f"Tab never came to {id}; it is at {self.at}")

    def _buttons(self) -> list[Any]:
        return list(self.window.findChildren(QPushButton)) if shiboken6.isValid(self.window) else []

    def wait(self) -> None:
        """Until nothing is under way any more."""
        with self._beating():
            finished(self.qtbot, self.desk)
        drafts.settled()
