"""One value asked for in place: no window over the page, nothing to click away."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame

from app.ui.kit.controls import button, column, label, line_edit, named, role, row, say, width_of
from app.ui.kit.look import SPACE


class Prompt(QFrame):
    """One value asked for in place: a sentence, a field, a button. Enter answers, Esc takes it away."""

    answered = Signal(str)
    closed = Signal()

    def __init__(self, id: str, name: str, characters: int = 10) -> None:
        super().__init__()
        role(named(self, id, name), "banner", "note")
        self._text = named(label(), f"{id}.text")
        self.field = line_edit(f"{id}.field", name)
        self.field.setMinimumWidth(width_of(self.field, characters))
        self.problem = named(label(tone="bad"), f"{id}.problem")
        self.problem.hide()
        self._yes = button(f"{id}.yes", "确定", self._answer, kind="primary")
        no = button(f"{id}.no", "取消", self.close_up, hint="Esc")
        self.setLayout(column(self._text, row(self.field, self._yes, no, None), self.problem, margin=SPACE.near))
        self.field.returnPressed.connect(self._answer)
        self.field.textEdited.connect(lambda _="": self.say(""))
        self.hide()

    def ask(self, text: str, value: str = "", *, yes: str = "确定", hint: str = "") -> None:
        """Show it, with what is proposed."""
        self._text.setText(text)
        self.field.setText(value)
        self.field.setPlaceholderText(hint)
        self._yes.setText(yes)
        self._yes.setAccessibleName(yes)
        self.say("")
        self.show()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()

    def say(self, problem: str) -> None:
        """What is wrong with the answer."""
        say(self.problem, problem, "bad")
        self.field.setAccessibleDescription(problem)

    def close_up(self) -> None:
        """Take it away; nothing was answered."""
        self.hide()
        self.closed.emit()

    def _answer(self) -> None:
        self.answered.emit(self.field.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_up()
        else:
            super().keyPressEvent(event)
