"""The small parts of a page, each with its test id and its name for screen readers."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.kit import look
from app.ui.kit.look import SPACE

W = TypeVar("W", bound=QWidget)
Tone = Literal["", "good", "warn", "bad", "note"]


def named(widget: W, id: str, name: str = "") -> W:
    """Give a control its test id (`visit.day`) and its name for screen readers; mnemonics are left out of the name."""
    widget.setObjectName(id)
    if name:
        widget.setAccessibleName(name.replace("&", ""))
    return widget


def role(widget: W, role: str, tone: Tone = "") -> W:
    """Which rules of the style sheet hold for a widget."""
    widget.setProperty("role", role)
    if tone:
        widget.setProperty("tone", tone)
    return widget


def restyle(widget: QWidget) -> None:
    """Let the style sheet see a changed property."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(
    id: str,
    text: str,
    pressed: Callable[[], object] | None = None,
    *,
    kind: str = "",
    hint: str = "",
    enter: bool = False,
) -> QPushButton:
    """A push button; `text` with its mnemonic (保存(&S)), `kind` primary | link | danger.

    It never becomes the default of a window. `enter`: Enter presses it too while it has the focus, not only the space
    bar; never for what pays, sends or deletes.
    """
    made = named(QPushButton(text), id, _plain(text))
    made.setAutoDefault(False)
    if kind:
        role(made, kind)
    if hint:
        made.setToolTip(hint)
        made.setAccessibleDescription(hint)
    if pressed is not None:
        made.clicked.connect(lambda _checked=False: pressed())
    if enter:
        made.installEventFilter(_Presses(made))
    return made


class _Presses(QObject):
    """Enter is the space bar."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and isinstance(watched, QPushButton):
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
                watched.click()
                return True
        return super().eventFilter(watched, event)


def _plain(text: str) -> str:
    """A text without its mnemonic: 保存(&S) is read as 保存."""
    head, mark, tail = text.partition("(&")
    return head + tail[2:] if mark else text.replace("&", "")


def label(text: str = "", kind: str = "", tone: Tone = "", *, wrap: bool = True, id: str = "") -> QLabel:
    """Text; `kind` title | heading | big | faint | badge."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap and kind not in ("badge", "title", "heading", "big"))
    if kind or tone:
        role(made, kind, tone)
    if id:
        named(made, id)
    if kind == "badge":
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    return made


def offered(widget: W, *, may: bool) -> W:
    """What may not be done is not there."""
    if not may:
        # Never `setVisible(may)`: a widget shown before it has a parent would be a window of its own.
        widget.hide()
    return widget


def say(target: QLabel, text: str, tone: Tone = "") -> None:
    """Another text in a label, and another tone; an empty text takes no room."""
    target.setText(text)
    if target.property("tone") != tone:
        target.setProperty("tone", tone)
        restyle(target)
    if target.parentWidget() is not None or not text:
        target.setVisible(bool(text))


def line_edit(id: str, name: str, hint: str = "") -> QLineEdit:
    """A field outside of any form: a search box, a filter."""
    made = named(QLineEdit(), id, name)
    made.setPlaceholderText(hint)
    return made


def row(*items: QWidget | QLayout | int | None, margin: int = 0, gap: int = SPACE.near) -> QHBoxLayout:
    """Side by side; None is a stretch, a number a gap."""
    layout = QHBoxLayout()
    fill(layout, items, margin, gap)
    return layout


def column(*items: QWidget | QLayout | int | None, margin: int = 0, gap: int = SPACE.near) -> QVBoxLayout:
    """One below the other; None is a stretch, a number a gap."""
    layout = QVBoxLayout()
    fill(layout, items, margin, gap)
    return layout


def fill(
    layout: QBoxLayout, items: Sequence[QWidget | QLayout | int | None], margin: int = 0, gap: int = SPACE.near
) -> None:
    """Put items into a box layout."""
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(gap)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)


def card(*items: QWidget | QLayout | int | None, id: str = "") -> QFrame:
    """Things that belong together, on paper of their own."""
    frame = role(QFrame(), "card")
    if id:
        frame.setObjectName(id)
    frame.setLayout(column(*items, margin=SPACE.apart))
    return frame


class Banner(QFrame):
    """One sentence above the content, with the buttons that do what it says; hidden while there is nothing to say."""

    left = Signal()
    """The button with the focus has gone: the keyboard needs another place."""

    def __init__(self, id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(id)
        role(self, "banner")
        self._text = named(label(), f"{id}.text")
        self._buttons = row()
        self._line = row(self._text, self._buttons, margin=SPACE.near)
        self._line.setStretch(0, 1)
        self.setLayout(self._line)
        self.hide()

    def say(self, text: str, tone: Tone = "note", *buttons: QPushButton) -> None:
        """Show a sentence; an empty one hides the banner."""
        focus = QApplication.focusWidget()
        pressed = focus is not None and self.isAncestorOf(focus)
        while self._buttons.count():
            if (widget := self._buttons.takeAt(0).widget()) is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._text.setText(text)
        self.setAccessibleName(text)
        for each in buttons:
            self._buttons.addWidget(each)
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)
        self.setVisible(bool(text))
        self._turn()
        if pressed:
            self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        """Where the sentence would be squeezed, its buttons stand below it."""
        narrow = self.width() - self._buttons.sizeHint().width() < width_of(self._text, 16)
        below = bool(self._buttons.count()) and narrow
        way = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != way:
            self._line.setDirection(way)
            self._buttons.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def text(self) -> str:
        """What it says now."""
        return self._text.text() if not self.isHidden() else ""


def spread(widget: QWidget) -> None:
    """Take all the width there is."""
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())


def width_of(widget: QWidget, characters: int) -> int:
    """Room for so many Chinese characters in the widget's font."""
    return widget.fontMetrics().horizontalAdvance("国") * characters + look.scaled(24)


def emptied(layout: QLayout) -> None:
    """Take everything out of a layout; the widgets go."""
    while layout.count():
        if (widget := layout.takeAt(0).widget()) is not None:
            widget.hide()
            widget.deleteLater()


def snug(window: QWidget, characters: int) -> None:
    """Make a window so many Chinese characters wide, and as high as its wrapped texts then need."""
    layout = window.layout()
    wide = width_of(window, characters)
    high = layout.totalHeightForWidth(wide) if layout is not None and layout.hasHeightForWidth() else 0
    window.resize(wide, max(high, window.minimumSizeHint().height()))


class Growing(QWidget):
    """A window that becomes as large as its texts need whenever one of them is another; never smaller by it."""

    def event(self, event: QEvent) -> bool:
        asked = event.type() == QEvent.Type.LayoutRequest
        done = super().event(event)
        # After other events than these the window may be gone.
        if asked and (layout := self.layout()) is not None and layout.hasHeightForWidth():
            # A word that cannot be broken, such as a path, makes it wider too.
            wide = max(self.width(), layout.totalMinimumSize().width())
            self.resize(wide, max(self.height(), layout.totalHeightForWidth(wide)))
        return done
