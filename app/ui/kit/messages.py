"""The one door through which the programme speaks to the person: told in passing, told with a button, asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QStyle, QWidget

from app.errors import EnvironmentTrouble, UserError
from app.ui.kit.controls import button, column, label, named, role, row, snug
from app.ui.kit.look import SPACE

SHOWN: Final = 8_000
"""Milliseconds a word in passing stays."""
_NARROW: Final = 18
_BROAD: Final = 34
"""Chinese characters in a line of a message, at least and at most."""


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
        box = Box(message, QApplication.activeWindow())

        def answered() -> None:
            self._open.remove(box)
            # After the box has gone: the way may open the next one.
            QTimer.singleShot(0, box.way.go)

        box.finished.connect(answered)
        self._open.append(box)
        box.open()
        box.buttons[0].setFocus()


class Box(QDialog):
    """A message with a button for every way; wide enough for their words, whatever the text size."""

    def __init__(self, message: Message, parent: QWidget | None) -> None:
        super().__init__(parent)
        named(self, "message", message.title)
        role(self, "page")
        self.setWindowTitle(message.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.way = message.ways[0]
        """The way that is gone; Escape leaves it at the first."""
        text, more = label(message.text, id="message.text"), label(message.more, "faint", id="message.more")
        text.setTextFormat(Qt.TextFormat.PlainText)
        more.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = [self._button(place, way) for place, way in enumerate(message.ways)]
        self.buttons[0].setDefault(True)
        sign = named(QLabel(), "message.sign")
        sign.setPixmap(self.style().standardPixmap(QStyle.StandardPixmap.SP_MessageBoxWarning))
        words = column(text, *([more] if message.more else []), gap=SPACE.near)
        above = row(*([sign] if message.grave else []), words, gap=SPACE.apart)
        self.setLayout(column(above, row(None, *self.buttons), margin=SPACE.page, gap=SPACE.group))
        snug(self, min(max(_NARROW, max(map(len, f"{message.text}\n{message.more}".split("\n"))) + 1), _BROAD))

    def _button(self, place: int, way: Way) -> QPushButton:
        return button(f"message.{place}", way.text, lambda: self._go(way), kind="danger" if way.danger else "")

    def _go(self, way: Way) -> None:
        self.way = way
        self.accept()
