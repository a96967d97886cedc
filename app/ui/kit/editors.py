"""One editor per kind of value. All take whatever is typed and say afterwards what is wrong: nothing is blocked or lost.

An editor holds *raw* text, which a draft keeps as it stands; `app.services.field_values` turns it into a value.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QDate, QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QCalendarWidget, QComboBox, QLineEdit, QPlainTextEdit, QToolButton, QWidget

from app.models.fields import Field
from app.ui.kit import look
from app.ui.kit.controls import named
from app.ui.kit.entering import CalmCombo


class Choice(Protocol):
    """One thing to choose (services.choices.Choice)."""

    @property
    def code(self) -> str: ...

    @property
    def label(self) -> str: ...


HINTS: Final = {
    "partial_date": "如 1979、1979-12 或 1979-12-05",
    "day": "如 2026-03-05 或 20260305",
    "money": "元, 如 500 或 500.50",
    "id_number": "18 位",
    "phone": "手机或座机",
}
_DIGITS: Final = frozenset({"id_number", "partial_date", "day", "money", "integer", "phone", "account"})
"""Kinds whose full-width digits and letters are made half-width once the field is left."""
_SEARCHING: Final = 1_000
"""Milliseconds within which letters typed into a choice belong together."""


class Line(QLineEdit):
    """Text in one line; for most kinds of value."""

    edited = Signal()
    """The person has changed it."""
    left = Signal()
    """The person has gone on: now what was typed may be judged."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self.setPlaceholderText(HINTS.get(field.editor, ""))
        self.textEdited.connect(self.edited)

    def raw(self) -> str:
        """What stands there."""
        return self.text()

    def put(self, raw: str) -> None:
        """Show something without calling it edited."""
        self.setText(raw)
        self.setCursorPosition(0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return
        if self._field.editor in _DIGITS and (plain := _tidied(self.text())) != self.text():
            self.setText(plain)
            self.edited.emit()
        self.left.emit()


def _tidied(text: str) -> str:
    from app.rules.text import half_width

    return half_width(text).strip()


class DayLine(Line):
    """A day, typed or picked from a calendar (F4, or the button); it may be empty."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._button = QToolButton(self)
        self._button.setText("▾")
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._button.setToolTip("选日期(F4)")
        self._button.setAutoRaise(True)
        self._button.clicked.connect(self.pick)

    def setObjectName(self, name: str) -> None:
        super().setObjectName(name)
        named(self._button, f"{name}.pick", "选日期")

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]  # Qt's own event
        side = self.height() - 6
        self._button.setGeometry(self.width() - side - 3, 3, side, side)
        self.setTextMargins(0, 0, side, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F4 and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.pick()
            return
        super().keyPressEvent(event)

    def pick(self) -> None:
        """Open the calendar at the day that stands there."""
        calendar = _Calendar(self)
        calendar.chosen.connect(self._chosen)
        day = QDate.fromString(_tidied(self.text()), "yyyy-MM-dd")
        calendar.setSelectedDate(day if day.isValid() else _today())
        calendar.move(self.mapToGlobal(QPoint(0, self.height())))
        calendar.show()
        calendar.setFocus()

    def _chosen(self, day: QDate) -> None:
        self.setText(day.toString("yyyy-MM-dd"))
        self.edited.emit()
        self.setFocus()


def _today() -> QDate:
    from app import clock

    today = clock.today()
    return QDate(today.year, today.month, today.day)


class _Calendar(QCalendarWidget):
    chosen = Signal(QDate)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, f"{parent.objectName()}.calendar", "日历")
        self.setWindowFlags(Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.activated.connect(self._take)
        self.clicked.connect(self._take)

    def _take(self, day: QDate) -> None:
        self.chosen.emit(day)
        self.close()


class Lines(QPlainTextEdit):
    """Text in several lines: Enter makes a new one, Tab goes on."""

    edited = Signal()
    left = Signal()

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        del field
        self._silent = False
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._changed)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * 3 + look.scaled(18))
        self.setMaximumHeight(self.fontMetrics().lineSpacing() * 5 + look.scaled(18))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _changed(self) -> None:
        if not self._silent:
            self.edited.emit()

    def raw(self) -> str:
        return self.toPlainText()

    def put(self, raw: str) -> None:
        self._silent = True
        self.setPlainText(raw)
        self._silent = False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class Choose(CalmCombo):
    """A code from a list: by arrows, by typing the beginning of its words, their 拼音, its initials or its number.

    A stored code that is in no list is kept and shown as it is.
    """

    edited = Signal()
    left = Signal()

    def __init__(self, choices: Sequence[Choice], *, empty: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
        self.setMaxVisibleItems(16)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self._typed = ""
        self._clearing = QTimer(self)
        self._clearing.setSingleShot(True)
        self._clearing.setInterval(_SEARCHING)
        self._clearing.timeout.connect(self._forget)
        self._extra = False
        if empty:
            self.addItem("", "")
        for each in choices:
            self.addItem(each.label, each.code)
        self.activated.connect(lambda _index: self.edited.emit())

    def raw(self) -> str:
        return str(self.currentData() or "")

    def put(self, raw: str) -> None:
        place = self.findData(raw)
        if place < 0 and raw:
            self.addItem(raw, raw)
            place = self.count() - 1
        self.setCurrentIndex(max(place, 0) if raw or self.findData("") == 0 else -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if event.key() == Qt.Key.Key_F4:
            self.showPopup()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.findData("") == 0:
            self._typed = ""
            self._go(0)
        elif text and text.isprintable() and not text.isspace() and not _is_command(event):
            self._look_for(text)
        else:
            before = self.currentIndex()
            super().keyPressEvent(event)
            if self.currentIndex() != before:
                self.edited.emit()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if event.commitString():
            self._look_for(event.commitString())
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._typed = ""
            self.left.emit()

    def _look_for(self, text: str) -> None:
        self._typed += text.casefold()
        self._clearing.start()
        place = next((n for n in range(self.count()) if self._fits(n)), -1)
        if place < 0 and len(self._typed) > len(text):
            self._typed = text.casefold()  # what was typed before belongs to another word
            place = next((n for n in range(self.count()) if self._fits(n)), -1)
        if place >= 0:
            self._go(place)

    def _fits(self, place: int) -> bool:
        from app.rules import names

        label, code = self.itemText(place), str(self.itemData(place) or "")
        if not label:
            return False
        if self._typed in label.casefold() or code.casefold().startswith(self._typed):
            return True
        sounds = names.pinyin(label[:12])
        return any(key.startswith(self._typed) for key in (*sounds.initials, *sounds.full))

    def _go(self, place: int) -> None:
        if place != self.currentIndex():
            self.setCurrentIndex(place)
            self.edited.emit()

    def _forget(self) -> None:
        self._typed = ""


def _is_command(event: QKeyEvent) -> bool:
    kept = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return bool(event.modifiers() & ~kept)


Editor = Line | Lines | Choose


def make(field: Field, choices: Callable[[Field], Sequence[Choice]]) -> Editor:
    """The editor of a field."""
    if field.editor in ("code", "flag", "division") and (found := choices(field)):
        return Choose(found, empty=not field.required or field.editor != "division")
    if field.editor == "long":
        return Lines(field)
    if field.editor == "day":
        return DayLine(field)
    return Line(field)


def problem(field: Field, raw: str, today: dt.date) -> str:
    """What is wrong with what was typed, in words; empty if nothing is."""
    from app.errors import BadInput
    from app.services import field_values

    try:
        value = field_values.value_of(field, raw, today)
    except BadInput as error:
        return str(error)
    return f"请填写{field.label}" if field.required and value is None else ""


def watched(editor: Editor, by: QObject) -> None:
    """Let a filter see what is typed into an editor, where Enter means to go on."""
    if not isinstance(editor, Lines):
        editor.installEventFilter(by)
