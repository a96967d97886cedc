"""The one door through which the programme speaks to the person: told in passing, told with a button, asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QPushButton

from app.errors import EnvironmentTrouble, UserError
from app.ui.kit.controls import named

SHOWN: Final = 8_000
"""Milliseconds a word in passing stays."""


@dataclass(frozen=True)
class Way:
    """One thing to do next: what stands on the button, and what it does."""

    text: str
    go: Callable[[], object] = lambda: None
    danger: bool = False


@dataclass(frozen=True)
class Message:
    """A sentence with the ways on; the first is done by Escape, so it is the one that changes nothing."""

    text: str
    ways: Sequence[Way] = field(default_factory=lambda: (Way("知道了"),))
    title: str = "荣归"
    grave: bool = False
    more: str = ""
    """What stands smaller below."""


class Door(Protocol):
    """Who shows it; tests put their own in its place."""

    def show(self, message: Message) -> None:
        """Show a message and go the way the person chooses; returns at once."""


class Messages(QObject):
    """What pages call."""

    told = Signal(str)
    """A word in passing, for the line at the foot of the window."""

    def __init__(self, door: "Door | None" = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.door: Door = door or Windows()
        self._held: list[Message] | None = None

    def hold(self) -> None:
        """Keep everything that is to be shown until `release`: the window is locked."""
        self._held = self._held or []

    def release(self) -> None:
        """Show what was kept, in its order."""
        held, self._held = self._held or [], None
        for message in held:
            self.door.show(message)

    def _show(self, message: Message) -> None:
        if self._held is None:
            self.door.show(message)
        else:
            self._held.append(message)

    def tell(self, text: str) -> None:
        """Something went well."""
        self.told.emit(text)

    def say(self, text: str, *ways: Way, more: str = "") -> None:
        """A sentence the person must have read."""
        self._show(Message(text, ways or (Way("知道了"),), more=more))

    def ask(self, text: str, yes: Way, *others: Way, no: str = "取消", more: str = "") -> None:
        """A question; Escape and `no` change nothing, and Enter never presses what pays, sends or deletes."""
        self._show(Message(text, (Way(no), *others, yes), more=more))

    def fail(self, error: UserError, *ways: Way) -> None:
        """What did not work: the error's own sentence, and the button that does the next thing."""
        self._show(Message(str(error), (Way("知道了"), *ways), grave=isinstance(error, EnvironmentTrouble)))


class Windows:
    """Messages as small windows over the one in front; never waited for, so that nothing behind them stands still."""

    def __init__(self) -> None:
        self._open: list[QDialog] = []

    def show(self, message: Message) -> None:
        """Open a box; it goes away by itself once answered."""
        box = QMessageBox(QApplication.activeWindow())
        named(box, "message", message.title)
        box.setWindowTitle(message.title)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(message.text)
        box.setInformativeText(message.more)
        box.setIcon(QMessageBox.Icon.Warning if message.grave else QMessageBox.Icon.NoIcon)
        buttons: list[QPushButton] = []
        for place, way in enumerate(message.ways):
            button = box.addButton(way.text, QMessageBox.ButtonRole.ActionRole)
            named(button, f"message.{place}", way.text)
            button.setAutoDefault(False)
            if way.danger:
                button.setProperty("role", "danger")
            buttons.append(button)
        box.setEscapeButton(buttons[0])
        box.setDefaultButton(buttons[0])
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def answered() -> None:
            clicked = box.clickedButton()
            way = next((w for b, w in zip(buttons, message.ways, strict=True) if b is clicked), message.ways[0])
            self._open.remove(box)
            # After the box has gone: the way may open the next one.
            QTimer.singleShot(0, way.go)

        box.finished.connect(answered)
        self._open.append(box)
        box.open()
        buttons[0].setFocus()
