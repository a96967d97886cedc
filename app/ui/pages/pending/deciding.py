"""What a person decides about the row in front: whom it means, and which side counts where two differ."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from app.services.intake import NOBODY
from app.services.pendings import Decision, Differing, Judged
from app.ui.kit.controls import button, label, named, say
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE


@dataclass
class Choice:
    """What was chosen for a row so far. `sides`: True where the row counts."""

    person: str = ""
    sides: dict[str, bool] = field(default_factory=dict)


class Deciding(QWidget):
    """The panel below the grid."""

    decided = Signal()
    """Something was chosen."""

    def __init__(self, id: str, open_person: Callable[[str], None]) -> None:
        super().__init__()
        self._id, self._open = id, open_person
        self.choices: dict[str, Choice] = {}
        """By row."""
        self._row = ""
        self._groups: list[QButtonGroup] = []
        self.title = named(label(kind="faint"), f"{id}.title")
        self.word = named(label(), f"{id}.word")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(SPACE.near)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE.tight, SPACE.tight, SPACE.tight, SPACE.tight)
        layout.addWidget(self.title)
        layout.addWidget(self.word)
        layout.addLayout(self._lines)
        layout.addStretch(1)

    def show_row(self, row: str, title: str, judged: Judged | None) -> None:
        """Another row, or the same judged anew."""
        self._row = row
        say(self.title, title)
        self._groups = []
        while self._lines.count():
            if (widget := self._lines.takeAt(0).widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if judged is None:
            say(self.word, "")
            return
        if judged.problems:
            say(self.word, judged.text, "bad")
        elif judged.alike:
            say(self.word, "登记的人里有同名的, 请看是不是同一个人:", "warn")
            self._add(self._people(judged))
        elif judged.differences:
            say(self.word, f"“{judged.person_name}”已经登记, 下面几项两边不一样, 以哪个为准?", "warn")
            for place, one in enumerate(judged.differences):
                self._add(self._sides(place, one))
            self._add(
                button(f"{self._id}.open", f"打开 {judged.person_name}", lambda: self._open(judged.person), kind="link")
            )
        else:
            say(self.word, "没有问题了, 按“存为人员”(Ctrl+S)。", "good")

    def _add(self, widget: QWidget) -> None:
        self._lines.addWidget(widget)

    def _people(self, judged: Judged) -> QWidget:
        choice = self._choice()
        options = [(one.id, f"是 {one.name} {one.words}") for one in judged.alike]
        options.append((NOBODY, "是另一个人, 新登记"))

        def pick(person: str) -> None:
            choice.person = person
            self.decided.emit()

        return self._options(f"{self._id}.person", options, choice.person, pick)

    def _sides(self, place: int, one: Differing) -> QWidget:
        choice = self._choice()
        if one.fixed:
            choice.sides[one.field] = False
            text = f"{one.label}: 登记的是“{one.present}”, 表里是“{one.given}”。户籍地变动要办关系转出/转入, 这里不改。"
            return label(text, id=f"{self._id}.fixed.{place}")
        options = [("here", f"{one.label}: 登记的 {one.present}"), ("file", f"表里的 {one.given}")]
        now = {True: "file", False: "here", None: ""}[choice.sides.get(one.field)]

        def pick(side: str) -> None:
            choice.sides[one.field] = side == "file"
            self.decided.emit()

        return self._options(f"{self._id}.{place}", options, now, pick)

    def _options(
        self, id: str, options: Sequence[tuple[str, str]], chosen: str, pick: Callable[[str], None]
    ) -> QWidget:
        group = QButtonGroup(self)
        self._groups.append(group)
        pushes: list[QPushButton] = []
        for number, (value, text) in enumerate(options):
            push = button(f"{id}.{number}", text, functools.partial(pick, value))
            push.setCheckable(True)
            push.setChecked(value == chosen)
            group.addButton(push)
            pushes.append(push)
        return Flow(pushes)

    def _choice(self) -> Choice:
        return self.choices.setdefault(self._row, Choice())

    def start(self) -> None:
        """Put the keyboard on the first thing to be chosen."""
        for group in self._groups:
            if group.checkedButton() is None:
                group.buttons()[0].setFocus()
                return

    def decision(self, row: str, typed: dict[str, str], judged: Judged | None) -> Decision:
        """Everything decided about a row."""
        choice = self.choices.get(row, Choice())
        open_ = {one.field for one in judged.differences} if judged is not None else set()
        keep = frozenset(name for name, file in choice.sides.items() if not file)
        settled = bool(open_) and open_ <= choice.sides.keys() | typed.keys()
        return Decision(row, dict(typed), keep, accept=settled, person=choice.person)
