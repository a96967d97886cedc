"""What the sections of 系统 have in common, and the small dialog they enter things in."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from app.errors import BadInput, UserError
from app.ui.kit.controls import Banner, button, column, label, named, role, row, say, width_of
from app.ui.kit.entering import Enters
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, named_action, scrolled

_HIGHEST = 690
"""Pixels: what the smallest screen leaves below its bars."""


class Section(QWidget):
    """One part of the page; it reads when it is shown."""

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    watches: ClassVar[frozenset[str]] = frozenset()
    """Kinds of records whose changes make it read anew."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.desk: Desk = page.desk
        named(self, f"system.{self.key}", self.title)
        self.banner = Banner(f"system.{self.key}.banner")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(SPACE.apart, 0, 0, 0)
        self.body.setSpacing(SPACE.near)
        self.body.addWidget(self.banner)

    def refresh(self) -> None:
        """Read anew."""

    def start(self) -> None:
        """Where the keyboard begins."""

    def failed(self, error: UserError) -> bool:
        """For `failed=`: said above the section."""
        self.banner.say(str(error), "bad")
        return True


class FieldsDialog(QDialog):
    """A few fields and one button; what is wrong stands at its field, Enter goes on, Ctrl+S saves, Esc changes nothing."""

    def __init__(self, page: Page, id: str, title: str, save: str) -> None:
        super().__init__(page)
        self.page = page
        self._id = id
        named(self, id, title)
        role(self, "page")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner(f"{id}.banner")
        self.fields: dict[str, QWidget] = {}
        self._notes: dict[str, Any] = {}
        self._enters = Enters(self)
        inside = QWidget()
        self._column = column(gap=SPACE.tight)
        inside.setLayout(self._column)
        self.go = button(f"{id}.save", save, self._pressed, kind="primary", hint="Ctrl+S")
        close = button(f"{id}.close", "取消(&C)", self.reject, hint="Esc")
        named_action(self, f"{id}.key", save, self._pressed, "Ctrl+S")
        self._area = scrolled(inside, f"{id}.area")
        self.setLayout(
            column(
                label(title, "title"),
                self.banner,
                self._area,
                row(None, close, self.go),
                margin=SPACE.page,
                gap=SPACE.apart,
            )
        )
        self.saving: Callable[[], object] = lambda: None
        """What the button does."""

    def add(self, key: str, title: str, widget: QWidget, help: str = "") -> None:
        """One field below its title."""
        named(widget, f"{self._id}.{key}", widget.accessibleName() or title)
        if title and not isinstance(widget, QCheckBox):
            head = label(title, wrap=False)
            head.setBuddy(widget)
            self._column.addWidget(head)
        if help:
            self._column.addWidget(label(help, "faint"))
        note = named(label(tone="bad"), f"{self._id}.{key}.note")
        note.hide()
        self._column.addWidget(widget)
        self._column.addWidget(note)
        self._column.addSpacing(SPACE.near)
        self.fields[key], self._notes[key] = widget, note
        if isinstance(widget, QLineEdit):
            widget.installEventFilter(self._enters)

    def show_it(self, characters: int = 32) -> None:
        """Open it in a size that fits, at its first field."""
        self._column.addStretch(1)
        wide = width_of(self, characters)
        layout = self.layout()
        rest = layout.sizeHint().height() - self._area.sizeHint().height() if layout is not None else 0
        high = self._column.totalHeightForWidth(wide - 2 * SPACE.page)
        self.resize(wide, min(_HIGHEST, high + rest + SPACE.group))
        self.open()
        next(iter(self.fields.values())).setFocus()

    def _pressed(self) -> None:
        if self.go.isEnabled():
            self.mark({})
            self.banner.say("")
            self.saving()

    def mark(self, problems: Mapping[str, str]) -> bool:
        """Say what is wrong; the first wrong field gets the focus. False if none of them is here."""
        for key, note in self._notes.items():
            say(note, problems.get(key, ""), "bad")
            self.fields[key].setAccessibleDescription(problems.get(key, ""))
        wrong = [key for key in self.fields if problems.get(key)]
        if wrong:
            self.fields[wrong[0]].setFocus()
        return bool(wrong)

    def wait(self) -> None:
        """It is being saved."""
        self.go.setEnabled(False)

    def refused(self, error: UserError) -> bool:
        """For `failed=`: at the field it is about, else above them."""
        self.go.setEnabled(True)
        if not (isinstance(error, BadInput) and self.mark(error.problems)):
            self.banner.say(str(error), "bad")
        return True
