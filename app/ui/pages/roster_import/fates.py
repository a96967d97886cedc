"""The third step: what becomes of every row, by heaps; before it is done and after it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from app.ui.kit.controls import Tone, button, column, label, named, say
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.table import Column, List, Rows

if TYPE_CHECKING:
    from app.services.importing import Imported, ImportedRow

FATES: Final[Mapping[str, str]] = {
    "added": "入库", "changed": "补充", "same": "已有", "asked": "待确认", "pending": "待核", "dropped": "不导入",
}  # fmt: skip
_HEAPS: Final = (
    ("all", "全部", tuple(FATES)), ("in", "入库", ("added", "changed")), ("same", "已有", ("same",)),
    ("asked", "待确认", ("asked",)), ("pending", "待核", ("pending",)), ("dropped", "不导入", ("dropped",)),
)  # fmt: skip
_TONES: Final[Mapping[str, Tone]] = {"pending": "bad", "asked": "warn", "added": "good", "changed": "good"}


class Fates(QWidget):
    """The sentence, the heaps, the rows of the heap in front."""

    opened = Signal(str)
    """Somebody a row became or means."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[ImportedRow] = ()
        self.sentence = named(label(kind="sentence"), "roster_import.sentence")
        self._group = QButtonGroup(self)
        self.heaps: dict[str, QPushButton] = {}
        for key, text, _ in _HEAPS:
            push = button(f"roster_import.heap.{key}", text, self._fill)
            push.setCheckable(True)
            self._group.addButton(push)
            self.heaps[key] = push
        columns = (
            Column("file", "文件", lambda row: row.file, 10),
            Column("row", "行", lambda row: str(row.row), 3, right=True),
            Column("name", "姓名", lambda row: row.name, 6),
            Column("fate", "结果", lambda row: FATES[row.fate], 4, tone=lambda row: _TONES.get(row.fate, "")),
            Column("column", "哪一列", lambda row: row.column, 7),
            Column("text", "说明", lambda row: row.text.removeprefix(f"{row.column}: "), 36),
            Column("sheet", "工作表", lambda row: row.sheet, 8, hidden=True),
        )
        self.view = List("roster_import.rows", "每一行的去向", Rows(columns, self._load), "这一堆里没有。")
        self.view.opened.connect(self._open)
        self.setLayout(column(self.sentence, Flow(list(self.heaps.values())), self.view, gap=SPACE.near))

    def show_imported(self, done: "Imported") -> None:
        """All rows, those that wait first in view where there are some."""
        self._rows = done.rows
        say(self.sentence, done.sentence)
        counts = {fate: getattr(done, fate) for fate in FATES}
        for key, text, fates in _HEAPS:
            number = sum(counts[fate] for fate in fates)
            self.heaps[key].setText(f"{text} {number}")
            self.heaps[key].setAccessibleName(f"{text} {number} 行")
            self.heaps[key].setEnabled(number > 0)
        first = next((key for key in ("pending", "asked") if self.heaps[key].isEnabled()), "all")
        self.heaps[first].setChecked(True)
        self._fill()

    def _fill(self) -> None:
        wanted = next((fates for key, _, fates in _HEAPS if self.heaps[key].isChecked()), tuple(FATES))
        self.view.show_ids([str(n) for n, row in enumerate(self._rows) if row.fate in wanted])

    def _load(self, ids: Sequence[str]) -> "Mapping[str, ImportedRow]":
        return {one: self._rows[int(one)] for one in ids if int(one) < len(self._rows)}

    def _open(self, place: str) -> None:
        if person := self._rows[int(place)].person:
            self.opened.emit(person)
