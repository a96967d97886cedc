"""The small parts of a page, each with its test id and its name for screen readers."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
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


def say(target: QLabel, text: str, tone: Tone = "") -> None:
    """Another text in a label, and another tone; an empty text takes no room."""
    target.setText(text)
    if target.property("tone") != tone:
        target.setProperty("tone", tone)
        restyle(target)
    target.setVisible(bool(text))


def line_edit(id: str, name: str, hint: str = "") -> QLineEdit:
    """A field outside of any form: a search box, a filter."""
    made = named(QLineEdit(), id, name)
    made.setPlaceholderText(hint)
    return made


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
        while self._buttons.count():
            if (widget := self._buttons.takeAt(0).widget()) is not None:
                widget.hide()
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


class Flow(QWidget):
    """Items in one row where there is room, in several where there is not: filters and badges at 200 % text."""

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
        width = max(self.width(), max((_wish(item).width() for item in self._items), default=0))
        return QSize(width, self._place(width, move=False))

    def minimumSizeHint(self) -> QSize:
        width = max((item.minimumSizeHint().width() for item in self._shown()), default=0)
        return QSize(width, self._place(max(width, self.width()), move=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width(), move=True)
        self.setMinimumHeight(self._place(self.width(), move=False))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # An item has another text, or has come or gone.
            self._place(self.width(), move=True)
            self.updateGeometry()
        return super().event(event)

    def _shown(self) -> list[QWidget]:
        return [item for item in self._items if not item.isHidden()]

    def _place(self, width: int, *, move: bool) -> int:
        lines: list[list[QWidget]] = [[]]
        used = 0
        for item in self._shown():
            wide = min(_wish(item).width(), width)
            if lines[-1] and used + self._gap + wide > width:
                lines.append([])
                used = 0
            used += wide + (self._gap if lines[-1] else 0)
            lines[-1].append(item)
        top = 0
        for line in lines:
            high = max((_wish(item).height() for item in line), default=0)
            left = 0
            for item in line:
                hint = _wish(item)
                wide = min(hint.width(), width)
                if move:
                    item.setGeometry(left, top + (high - hint.height()) // 2, wide, hint.height())
                left += wide + self._gap
            top += high + self._gap
        return max(0, top - self._gap)


def _wish(item: QWidget) -> QSize:
    """How large an item of a flow wants to be, within what it must be."""
    return item.sizeHint().expandedTo(item.minimumSize()).boundedTo(item.maximumSize())


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
        if following is None or (isinstance(home, QWidget) and not home.isAncestorOf(following)):
            self.submitted.emit()


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


def grown(window: QWidget) -> None:
    """Make a window as high as its texts need now; it never becomes smaller by it."""
    layout = window.layout()
    if layout is not None and layout.hasHeightForWidth():
        layout.activate()
        window.resize(window.width(), max(window.height(), layout.totalHeightForWidth(window.width())))
