"""The heaps of a comparison: the sentence, the heap in front, and for each row what it says and what may be done next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from app.rules import account, comparing, id_number, phone
from app.rules.comparing import Compared, Difference
from app.services.comparing import HereRow, ListComparison, ListRow, told
from app.ui.kit import look
from app.ui.kit.controls import Tone, button, column, label, named, say
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import scrolled
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column

OPEN: Final = "打开"
_LARGE_TEXT: Final = 150
ACTS: Final[Mapping[str, str]] = {**comparing.ACTS, "fill": "补充", "decide": "看是不是同一人", "open": OPEN}
_MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "id_number": id_number.mask, "phone": phone.mask, "account_number": account.mask,
}  # fmt: skip
_TONES: Final[Mapping[str, Tone]] = {"differing": "bad", "only_list": "warn", "unclear": "warn"}
_FIRST: Final = ("differing", "only_list", "unclear", "only_here", "both", "dropped")
"""Which heap is in front at first: whatever asks for something."""


@dataclass(frozen=True)
class Line:
    """One row of a heap: somebody of the list, or somebody the list lacks."""

    key: str
    heap: str
    name: str
    number: str
    here: HereRow | None
    place: str
    text: str
    act: str
    """A key of ACTS; empty where nothing is to be done."""
    row: ListRow | None = None


def lines_of(
    done: ListComparison, places: Mapping[str, str], columns: Mapping[tuple[str, str], Mapping[str, int]]
) -> list[Line]:
    """All rows in words. `columns` says for a file's sheet in which column each field stands."""
    out = [_line(row, done, places, columns[row.file, row.sheet]) for row in done.rows]
    out += [
        Line(f"here/{one.id}", "only_here", one.name, id_number.mask(one.id_number or ""), one,
             places.get(one.division, one.division), "名单里没有这个人", "open")
        for one in done.here
    ]  # fmt: skip
    return out


def _line(row: ListRow, done: ListComparison, places: Mapping[str, str], columns: Mapping[str, int]) -> Line:
    result = row.result
    here = done.persons.get(result.person)
    act: str = result.act or (
        "decide" if len(result.mentioned) > 1 else "fill" if result.gaps else "open" if here else ""
    )
    if result.mentioned and not act:
        act = "open"
    number = cell(row, columns, "id_number")
    return Line(
        f"{row.file}/{row.sheet}/{result.number}", result.heap, cell(row, columns, "name") or (here.name if here else ""),
        id_number.mask(number), here, places.get(here.division, here.division) if here else "", words_of(result), act, row,
    )  # fmt: skip


def words_of(result: Compared, *, full: bool = False) -> str:
    """What became of a row, numbers masked unless they are to be put right."""
    said = [_told(one, full=full) for one in result.differences]
    said += [f"可补 {_told(one, full=full)}" for one in result.gaps]
    said += [result.said] if result.said else []
    return "; ".join(said) or ("本库没有这个人" if result.heap == "only_list" else "")


def _told(one: Difference, *, full: bool) -> str:
    mask = _MASKS.get(one.field)
    if full or mask is None:
        return told(one)
    here = "、".join(mask(part) for part in one.here.split("、")) if one.here else ""
    hidden = " (遮盖的几位不同)" if mask(one.listed) == here else ""
    return told(replace(one, listed=mask(one.listed), here=here)) + hidden


def cell(row: ListRow, columns: Mapping[str, int], field: str) -> str:
    """What a row of the list says of a field, as it stood there."""
    place = columns.get(field)
    return row.cells[place].strip() if place is not None and place < len(row.cells) else ""


class Results(QWidget):
    """The third step of the page."""

    opened = Signal()
    """Enter or a double click: the act of the row in front."""
    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[Line] = ()
        self.sentence = label(kind="sentence", id="comparing.sentence")
        self._group = QButtonGroup(self)
        self.heaps: dict[str, QPushButton] = {}
        for key, text in comparing.HEAPS.items():
            push = button(f"comparing.heap.{key}", text, self._fill)
            push.setCheckable(True)
            self._group.addButton(push)
            self.heaps[key] = push
        self.view = PlainList(
            "comparing.rows", "比对的结果", _columns(), lambda line: line.key, "这一堆里没有。",
            by={"row": lambda line: line.row.result.number if line.row else 0},
        )  # fmt: skip
        self.view.opened.connect(lambda _key: self.opened.emit())
        self.view.chosen.connect(self._tell)
        self.text = label(id="comparing.text")
        holder = QWidget()
        holder.setLayout(column(self.text, None))
        below = scrolled(holder, "comparing.below")
        large = look.scale() >= _LARGE_TEXT
        below.setFixedHeight(self.text.fontMetrics().lineSpacing() * (1 if large else 2) + SPACE.near)
        if large:
            self.view.setMinimumHeight((self.view.verticalHeader().defaultSectionSize() + 1) * 2)
        self.setLayout(column(self.sentence, Flow(list(self.heaps.values())), self.view, below, gap=SPACE.near))

    def show_done(self, sentence: str, lines: Sequence[Line]) -> None:
        """Another comparison; the heap in front stays if it has rows."""
        self.lines = lines
        say(self.sentence, sentence if look.scale() < _LARGE_TEXT else "")
        counts = dict.fromkeys(comparing.HEAPS, 0)
        for line in lines:
            counts[line.heap] += 1
        for key, text in comparing.HEAPS.items():
            unit = "人" if key == "only_here" else "行"
            self.heaps[key].setText(f"{text} {counts[key]}")
            named(self.heaps[key], self.heaps[key].objectName(), f"{text} {counts[key]} {unit}")
            self.heaps[key].setEnabled(counts[key] > 0)
        if not counts.get(self.heap):
            first = next((key for key in _FIRST if counts[key]), _FIRST[0])
            self.heaps[first].setChecked(True)
        self._fill()

    @property
    def heap(self) -> str:
        """The heap in front."""
        return next((key for key, push in self.heaps.items() if push.isChecked()), "")

    @property
    def current(self) -> Line | None:
        """The row the cursor stands on."""
        found: Line | None = self.view.current_row
        return found

    def _fill(self) -> None:
        heap = self.heap
        self.view.show_rows([line for line in self.lines if line.heap == heap])
        self._tell(self.view.current())

    def _tell(self, _key: str) -> None:
        line = self.current
        say(self.text, f"{line.name}: {line.text}" if line is not None and line.text else "")
        self.chosen.emit()


def _columns() -> Sequence[Column]:
    def tone(line: Line) -> Tone:
        return _TONES.get(line.heap, "")

    return (
        Column("name", "姓名", lambda line: line.name, 6, sorts=True),
        Column("number", "身份证号", lambda line: line.number, 10, sorts=True),
        Column("act", "下一步", lambda line: ACTS.get(line.act, ""), 7, sorts=True, tone=tone),
        Column("text", "说明", lambda line: line.text, 26, sorts=True),
        Column("here", "本库姓名", lambda line: line.here.name if line.here else "", 6, sorts=True),
        Column("by", "对上的依据", lambda line: line.row.result.matched_by if line.row else "", 7, sorts=True),
        Column("place", "本库户籍地", lambda line: line.place, 8, sorts=True),
        Column("row", "行", lambda line: str(line.row.result.number) if line.row else "", 3, sorts=True, right=True),
        Column("file", "文件", lambda line: line.row.file if line.row else "", 9, sorts=True),
        Column("sheet", "工作表", lambda line: line.row.sheet if line.row else "", 6, hidden=True),
    )
