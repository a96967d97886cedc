"""The steps of a case as a line from top to bottom: what was written by whom and when, what is waited for, what follows."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.rules.money import format_grouped
from app.services.case_views import CaseFile, StepShown
from app.ui.kit.controls import Tone, card, column, label
from app.ui.kit.look import SPACE

Line = tuple[str, str, Tone]
"""Text, kind and tone of a label."""
_MARKS: dict[str, tuple[str, Tone]] = {"pass": ("✓", "good"), "return": ("↩", "warn"), "reject": ("✕", "bad")}


class StepLine(QWidget):
    """Built anew for each case."""

    def __init__(self, file: CaseFile) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE.near)
        grid.setVerticalSpacing(SPACE.near)
        grid.setColumnStretch(1, 1)
        for step in file.steps:
            mark, tone = _MARKS.get(step.result, ("•", ""))
            _add(grid, mark, tone, written(step))
        if file.turn is not None:
            limit = f", {file.turn.due} 到期" if file.turn.due else ""
            who = "本站" if file.turn.mine else file.turn.who
            _add(grid, "▶", "note", [(f"{file.turn.label}　{who}", "", "note"), (f"现在等这一步{limit}", "", "")])
        for text, who in file.ahead:
            _add(grid, "○", "", [(f"{text}　{who}", "faint", "")])


def _add(grid: QGridLayout, mark: str, tone: Tone, texts: list[Line]) -> None:
    line = grid.rowCount()
    grid.addWidget(label(mark, "", tone, wrap=False), line, 0, Qt.AlignmentFlag.AlignTop)
    words = column(gap=0)
    for text, kind, how in texts:
        words.addWidget(label(text, kind, how))
    grid.addLayout(words, line, 1)


def written(step: StepShown) -> list[Line]:
    """A step in lines: what and with which result, who and when, the opinion."""
    amount = f"　{format_grouped(step.amount)} 元" if step.amount is not None else ""
    tone: Tone = "" if step.result == "pass" else _MARKS.get(step.result, ("", ""))[1]
    lines: list[Line] = [(f"{step.label}　{step.result_label}{amount}", "", tone)]
    by = "　".join(part for part in (step.day, step.unit, step.by, step.package) if part)
    lines.append((by, "faint", ""))
    if step.opinion:
        lines.append((step.opinion, "", ""))
    return lines


class Rivals(QWidget):
    """Two opinions written apart after the same step, one below the other."""

    def __init__(self, steps: tuple[StepShown, ...]) -> None:
        super().__init__()
        cards = []
        for place, step in enumerate(steps, 1):
            lines = [label(text, kind, tone) for text, kind, tone in written(step)]
            cards.append(card(label(f"第 {place} 份", "heading"), *lines, id=f"case.rival.{place}"))
        self.setLayout(column(*cards, gap=SPACE.near))
