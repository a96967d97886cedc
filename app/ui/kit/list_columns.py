"""Lists from Excel, the second step: which field each column is, with its first values; what was changed is remembered."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.services import roster_columns
from app.ui.kit import drafts, look
from app.ui.kit.controls import Tone, label, named, say, width_of
from app.ui.kit.entering import CalmCombo, Enters, combo
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk

if TYPE_CHECKING:
    from app.services.roster_files import FileLook, Heading, SheetLook

LEAVE: Final = "(这一列不导入)"
UNKNOWN: Final = "这一种表头没有认出来。请逐列选好对应的项目, 至少要有姓名和另外两列。"
KNOWN: Final = "每一列对应的项目已经选好, 请看一遍; 不对的改一下, 改过的下次还记得。"


@dataclass(frozen=True)
class Words:
    """What the columns are for, in words; `id` begins the test ids."""

    id: str = "roster_import"
    leave: str = LEAVE
    known: str = KNOWN
    unknown: str = UNKNOWN
    least: str = "至少要有姓名和另外两列, 请先选好对应的项目。"
    enough: Callable[[AbstractSet[str]], bool] = lambda fields: "name" in fields and len(fields) > 2
    """Whether these fields are enough to begin."""
    fixed: Callable[[str], str] = lambda _heading: ""
    """What is said of a heading that is no field and yet is used; there is nothing to choose then."""


class Columns(QWidget):
    """One row for each heading of one set; several sets are gone through by the choice above."""

    changed = Signal()

    def __init__(self, desk: Desk, words: Words = Words()) -> None:
        super().__init__()
        self._desk = desk
        self._words = words

        self._sets: dict[str, tuple[SheetLook, list[str]]] = {}
        self._picked: dict[str, dict[str, str]] = {}
        self._options = [(roster_columns.LEAVE, words.leave), *roster_columns.fields()]
        self.sets = combo(f"{words.id}.set", "表头的种类", [("", "")])
        self.sets.currentIndexChanged.connect(lambda _index: self._fill())
        self.word = named(label(), f"{words.id}.mapping.word")
        self.holder = QWidget()
        self._grid = QGridLayout(self.holder)
        self._grid.setHorizontalSpacing(SPACE.apart)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._enters = Enters(self)
        self._choices: list[QWidget] = []

    def start(self) -> None:
        """Where the keyboard begins."""
        if self._choices:
            self._choices[0].setFocus()

    def show_looks(self, looks: "Sequence[FileLook]") -> None:
        """The headings of all files, each set once."""
        self._sets = {}
        for file in looks:
            for sheet in file.sheets:
                if not sheet.hidden and sheet.headings:
                    self._sets.setdefault(sheet.key, (sheet, []))[1].append(file.path.name)
        self._picked = {key: self._remembered(key, sheet) for key, (sheet, _) in self._sets.items()}
        self.sets.blockSignals(True)
        self.sets.clear()
        for number, (key, (sheet, names)) in enumerate(self._sets.items(), start=1):
            files = list(dict.fromkeys(names))
            word = files[0] if len(files) == 1 else f"{files[0]} 等 {len(files)} 个文件"
            unknown = "" if sheet.recognised else " · 没有认出"
            self.sets.addItem(f"第 {number} 种表头: {word}{unknown}", key)
        first = next((n for n, (sheet, _) in enumerate(self._sets.values()) if not sheet.recognised), 0)
        self.sets.setCurrentIndex(first)
        self.sets.blockSignals(False)
        self.sets.setVisible(len(self._sets) > 1)
        self._fill()

    def _remembered(self, key: str, sheet: "SheetLook") -> dict[str, str]:
        kept: dict[str, str] = self._desk.memory.note(f"mapping.{key}", {})
        return {heading.label: kept.get(heading.label, heading.field) for heading in sheet.headings}

    def _fill(self) -> None:
        while self._grid.count():
            if (widget := self._grid.takeAt(0).widget()) is not None:
                widget.hide()
                widget.deleteLater()
        key = self.sets.currentData()
        if key not in self._sets:
            return
        sheet, _ = self._sets[key]
        words = self._words
        say(self.word, words.known if sheet.recognised else words.unknown, "" if sheet.recognised else "warn")
        for place, title in enumerate(("表头", "对应的项目", "前几行")):
            self._grid.addWidget(label(title, "faint", wrap=False), 0, place)
        seen: set[str] = set()
        self._choices = []
        for heading in sheet.headings:
            if heading.label not in seen:
                seen.add(heading.label)
                self._line(len(seen), key, heading)
        self._grid.setColumnStretch(2, 1)
        self._grid.setRowStretch(len(seen) + 1, 1)

    def _line(self, number: int, key: str, heading: "Heading") -> None:
        name = label(" ".join(heading.label.split()))
        name.setMinimumWidth(look.scaled(110))
        name.setMaximumWidth(look.scaled(220))
        samples = label("  |  ".join(heading.samples), "faint")
        samples.setMinimumWidth(look.scaled(120))
        self._grid.addWidget(name, number, 0)
        self._grid.addWidget(samples, number, 2)
        if word := self._words.fixed(heading.label):
            self._grid.addWidget(label(word, "faint"), number, 1)
            return
        choice = _Fields(f"{self._words.id}.map.{number}", f"“{heading.label}”对应的项目", self._options)
        picked = self._picked[key][heading.label]
        choice.setCurrentIndex(max(0, choice.findData(picked)))
        choice.currentIndexChanged.connect(lambda _i: self._chosen(key, heading.label, choice.currentData(), name))
        choice.installEventFilter(self._enters)
        self._grid.addWidget(choice, number, 1)
        say(name, name.text(), self._tone(picked, heading))
        if self._choices:
            QWidget.setTabOrder(self._choices[-1], choice)
        self._choices.append(choice)

    @staticmethod
    def _tone(picked: str, heading: "Heading") -> Tone:
        return "" if picked else "warn" if not heading.sure else "note"

    def _chosen(self, key: str, heading: str, field: str, name: QWidget) -> None:
        self._picked[key][heading] = field
        say(name, heading, "" if field else "note")  # type: ignore[arg-type]  # the label made in _line
        self.changed.emit()

    def mapping(self) -> dict[str, str]:
        """What differs from what the programme would guess by itself, as the import takes it."""
        out: dict[str, str] = {}
        for key, (sheet, _) in self._sets.items():
            for heading in sheet.headings:
                field = self._picked[key][heading.label]
                if field != heading.field or (not sheet.recognised and field):
                    out[heading.label] = field
        return out

    def ready(self) -> str:
        """Why the check cannot begin yet, empty if it can: at least one set has a name and two columns more."""
        for picked in self._picked.values():
            fields = [field for field in picked.values() if field]
            doubled = sorted({field for field in fields if fields.count(field) > 1})
            if doubled:
                words = dict(self._options)
                return f"有两列都对应“{words[doubled[0]]}”, 请把其中一列改掉。"
        enough = self._words.enough
        if not any(enough(set(filter(None, picked.values()))) for picked in self._picked.values()):
            return self._words.least
        return ""

    def fields_of(self, headings: Sequence[str]) -> dict[str, int]:
        """Which column of a sheet with these headings each field was found or put in, by field."""
        out: dict[str, int] = {}
        for picked in self._picked.values():
            if {text.strip() for text in headings} - {""} <= picked.keys():
                out = {}
                for place, text in enumerate(headings):
                    if field := picked.get(text.strip()):
                        out.setdefault(field, place)
        return out

    def whole_mapping(self) -> dict[str, str]:
        """Every heading with its field, where anything was changed by hand; else nothing, and each file speaks for itself."""
        if not self.mapping():
            return {}
        return {heading: field for picked in self._picked.values() for heading, field in picked.items()}

    def remember(self) -> None:
        """Keep what was chosen for these headings."""
        for key, picked in self._picked.items():
            sheet, _ = self._sets[key]
            own = {h.label: picked[h.label] for h in sheet.headings if picked[h.label] != h.field}
            if own or self._desk.memory.note(f"mapping.{key}") is not None:
                drafts.remember(self._desk.memory, f"mapping.{key}", own)


class _Fields(CalmCombo):
    """The fields; found by typing their words, 拼音 or initials."""

    def __init__(self, id: str, name: str, options: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        named(self, id, name)
        for value, text in options:
            self.addItem(text, value)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(16)
        self.setMaximumWidth(width_of(self, 13))
        self._typed = ""
        self._clearing = QTimer(self)
        self._clearing.setSingleShot(True)
        self._clearing.setInterval(1_000)
        self._clearing.timeout.connect(self._forget)

    def _forget(self) -> None:
        self._typed = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if text.isalnum() and not event.modifiers():
            self._look_for(text)
        else:
            super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if event.commitString():
            self._look_for(event.commitString())
        event.accept()

    def _look_for(self, text: str) -> None:
        from app.rules import names

        self._typed += text.casefold()
        self._clearing.start()
        for place in range(self.count()):
            word = self.itemText(place)
            sounds = names.pinyin(word[:12])
            if word.startswith(self._typed) or any(
                key.startswith(self._typed) for key in (*sounds.initials, *sounds.full)
            ):
                self.setCurrentIndex(place)
                return
