"""A form made from the fields a kind declares: labels, editors, help and problems in one place each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app import clock
from app.errors import BadInput
from app.models.fields import Field
from app.ui.kit import editors, look
from app.ui.kit.controls import button, label, named, restyle
from app.ui.kit.editors import Choice, Editor
from app.ui.kit.entering import Enters
from app.ui.kit.look import SPACE

_WIDE: Final = frozenset({"long"})
_PAIR: Final = 760
"""Pixels at 100 % from which two fields stand side by side."""


@dataclass(frozen=True)
class Group:
    """Fields under one plain heading, as the paper form has them."""

    title: str
    names: Sequence[str]
    folded: bool = False
    """Behind a button at first: what is seldom filled in."""


@dataclass
class _Fold:
    group: Group
    push: QPushButton
    holder: QWidget


@dataclass
class _Row:
    field: Field
    label: QLabel
    editor: Editor
    note: QLabel


class Form(QWidget):
    """Fields in groups; gives raw values, shows problems where they are, keeps no record itself."""

    edited = Signal(str)
    """A field's name: the person has changed it."""
    submitted = Signal()
    """Enter in the last field."""

    def __init__(
        self,
        id: str,
        fields: Mapping[str, Field],
        groups: Sequence[Group],
        choices: Callable[[Field], Sequence[Choice]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(id)
        self._rows: dict[str, _Row] = {}
        self._shown: dict[str, str] = {}
        self._grids: list[tuple[QGridLayout, list[str]]] = []
        self._folds: list[_Fold] = []
        self._columns = 0
        self._enters = Enters(self)
        self._enters.submitted.connect(self.submitted)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(SPACE.group)
        for group in groups:
            grid = QGridLayout()
            grid.setHorizontalSpacing(SPACE.apart)
            grid.setVerticalSpacing(SPACE.near)
            if group.folded:
                self._fold(id, group, grid, outer, fields)
            else:
                if group.title:
                    outer.addWidget(label(group.title, "heading"))
                outer.addLayout(grid)
            for name in group.names:
                self._rows[name] = self._row(id, name, fields[name], choices)
            self._grids.append((grid, list(group.names)))
        outer.addStretch(1)
        self._arrange(1)

    def _fold(self, id: str, group: Group, grid: QGridLayout, outer: QVBoxLayout, fields: Mapping[str, Field]) -> None:
        number = len(self._folds)
        push = button(f"{id}.fold.{number}", "", lambda: self.unfold(number, open=holder.isHidden()), kind="link")
        push.setToolTip("、".join(fields[name].label for name in group.names))
        holder = QWidget()
        grid.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(grid)
        outer.addWidget(push)
        outer.addWidget(holder)
        self._folds.append(_Fold(group, push, holder))
        self.unfold(number, open=False)

    def unfold(self, number: int, *, open: bool = True) -> None:
        """Show the fields of a folded group, or hide them again."""
        fold = self._folds[number]
        fold.holder.setVisible(open)
        filled = sum(bool(self._rows[n].editor.raw()) for n in fold.group.names if n in self._rows)
        more = f"(已填 {filled} 项)" if filled and not open else ""
        fold.push.setText(f"{fold.group.title}{more} {'▾' if open else '▸'}")
        fold.push.setAccessibleName(f"{fold.group.title}{more}")

    def _row(self, id: str, name: str, field: Field, choices: Callable[[Field], Sequence[Choice]]) -> _Row:
        editor = named(editors.make(field, choices), f"{id}.{name}", field.label)
        editor.setSizePolicy(QSizePolicy.Policy.Expanding, editor.sizePolicy().verticalPolicy())
        title = label(f"{field.label}{' ＊' if field.required else ''}", wrap=False)
        title.setBuddy(editor)
        title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        note = named(label(tone="bad"), f"{id}.{name}.note")
        note.hide()
        if field.help:
            editor.setToolTip(field.help)
        editors.watched(editor, self._enters)
        editor.edited.connect(lambda name=name: self._was_edited(name))
        editor.left.connect(lambda name=name: self._judge(name, going_on=True))
        editor.setAccessibleDescription(self._described(field, ""))
        return _Row(field, title, editor, note)

    @staticmethod
    def _described(field: Field, problem: str) -> str:
        words = ["必填"] * field.required + [field.help] * bool(field.help) + [problem] * bool(problem)
        return "。".join(words)

    # -- laying out ------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= look.scaled(_PAIR) else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for grid, names in self._grids:
            for name in names:
                for widget in (self._rows[name].label, self._rows[name].editor, self._rows[name].note):
                    grid.removeWidget(widget)
            line, place = 0, 0
            for name in names:
                row = self._rows[name]
                wide = row.field.editor in _WIDE or columns == 1
                if wide and place:
                    line, place = line + 2, 0
                span = 2 * columns - 1 if wide else 1
                top = Qt.AlignmentFlag.AlignTop if row.field.editor in _WIDE else Qt.AlignmentFlag(0)
                grid.addWidget(row.label, line, 2 * place, Qt.AlignmentFlag.AlignRight | top)
                grid.addWidget(row.editor, line, 2 * place + 1, 1, span)
                grid.addWidget(row.note, line + 1, 2 * place + 1, 1, span)
                place += columns if wide else 1
                if place >= columns:
                    line, place = line + 2, 0
            for place in range(2):
                grid.setColumnStretch(2 * place + 1, 1 if place < columns else 0)
                # Labels of all groups end at the same line.
                grid.setColumnMinimumWidth(2 * place, look.scaled(90) if place < columns else 0)
        self._order()

    def _order(self) -> None:
        """Tab goes from top to bottom, the buttons of folded groups among the fields."""
        before: QWidget | None = None
        for _, names in self._grids:
            folds: list[QWidget] = [fold.push for fold in self._folds if list(fold.group.names) == names]
            for widget in (*folds, *(self._rows[name].editor for name in names)):
                if before is not None:
                    QWidget.setTabOrder(before, widget)
                before = widget

    # -- values ----------------------------------------------------------------------------------------------------

    def editor(self, name: str) -> Editor:
        """The editor of a field."""
        return self._rows[name].editor

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, in their order."""
        return tuple(self._rows)

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Stored values as JSON has them; from now on what differs from them counts as changed."""
        for name, row in self._rows.items():
            raw = _raw(values.get(name))
            row.editor.put(raw)
            self._shown[name] = raw
            self._tell(name, "")
        self._count_folded()

    def raw(self) -> dict[str, str]:
        """Everything as it stands in the editors, half-typed words of an input method taken in first."""
        if (method := QGuiApplication.inputMethod()) is not None:
            method.commit()
        return {name: row.editor.raw() for name, row in self._rows.items()}

    def reset(self) -> None:
        """Back to what was shown."""
        self.put_raw(self._shown)

    def put_raw(self, raw: Mapping[str, str]) -> None:
        """Bring back what a draft kept, on top of what is shown."""
        for name, value in raw.items():
            if name in self._rows:
                self._rows[name].editor.put(value)
        self._count_folded()

    def _count_folded(self) -> None:
        for number, fold in enumerate(self._folds):
            self.unfold(number, open=not fold.holder.isHidden())

    def set_raw(self, name: str, value: str) -> None:
        """Fill in one field from what the programme knows."""
        self._rows[name].editor.put(value)
        self._tell(name, "")

    def changes(self) -> dict[str, str | None]:
        """What differs from what was shown; None where something was cleared."""
        return {n: (v if v.strip() else None) for n, v in self.raw().items() if v != self._shown.get(n, "")}

    def values(self) -> dict[str, str]:
        """Everything that is filled in."""
        return {name: value for name, value in self.raw().items() if value.strip()}

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from what was shown."""
        return bool(self.changes())

    def accept(self) -> bool:
        """Judge every field; the first wrong one gets the focus. False if one is wrong."""
        wrong = [name for name in self._rows if not self._judge(name)]
        if wrong:
            self._rows[wrong[0]].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return not wrong

    def mark(self, problems: Mapping[str, str]) -> bool:
        """Show what a service found wrong; the first field gets the focus. False if no field is among them."""
        mine = [name for name in self._rows if name in problems]
        for name in mine:
            self._tell(name, problems[name])
        if mine:
            self._rows[mine[0]].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return bool(mine) and all(name in self._rows for name in problems)

    def refused(self, error: Exception) -> bool:
        """For `failed=`: whether an error is about fields here, and has been shown at them."""
        return isinstance(error, BadInput) and self.mark(error.problems)

    def problem(self, name: str) -> str:
        """What stands under a field."""
        note = self._rows[name].note
        return "" if note.isHidden() else note.text()

    def start(self) -> None:
        """Put the focus into the first field."""
        next(iter(self._rows.values())).editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_field(self, name: str, *, shown: bool) -> None:
        """Take a field away while it does not apply, or bring it back."""
        row = self._rows[name]
        row.label.setVisible(shown)
        row.editor.setVisible(shown)
        row.note.setVisible(shown and bool(row.note.text()))

    # -- judging ---------------------------------------------------------------------------------------------------

    def _was_edited(self, name: str) -> None:
        self._tell(name, "")
        self.edited.emit(name)

    def _judge(self, name: str, *, going_on: bool = False) -> bool:
        row = self._rows[name]
        if row.editor.isHidden():
            return True
        problem = editors.problem(row.field, row.editor.raw(), clock.today())
        # Passing over a field that must be filled in is no mistake yet.
        self._tell(name, "" if going_on and not row.editor.raw().strip() else problem)
        return not problem

    def _tell(self, name: str, problem: str) -> None:
        row = self._rows[name]
        if problem:
            for number, fold in enumerate(self._folds):
                if name in fold.group.names and fold.holder.isHidden():
                    self.unfold(number)
        if row.note.text() == problem and row.note.isHidden() == (not problem):
            return
        row.note.setText(problem)
        row.note.setVisible(bool(problem))
        row.editor.setAccessibleDescription(self._described(row.field, problem))
        row.editor.setProperty("wrong", bool(problem))
        restyle(row.editor)


def _raw(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
