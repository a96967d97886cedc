"""帮扶: all cases by whose turn it is; the desk of the reviewing and the deciding level is the same list."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from app.rules.money import format_grouped
from app.services.case_views import CaseLine, CaseViews
from app.ui.kit import exports
from app.ui.kit.controls import button, label, line_edit, offered, width_of
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.page import Desk, Page
from app.ui.kit.table import Column, List, Rows

_SHOWN: Final = (
    ("mine", "待我办"), ("above", "等上级"), ("below", "等下级"), ("open", "没办结的"), ("closed", "已办结"), ("", "全部"),
)  # fmt: skip


def _turn(line: CaseLine) -> str:
    """待谁办: the step and who takes it."""
    if not line.open:
        return line.state
    if line.mine:
        return f"本站: {line.step}"
    return f"{line.who}: {line.step}" if line.step else line.state


def _amount(line: CaseLine) -> str:
    return format_grouped(line.amount) if line.amount is not None else ""


COLUMNS = (
    Column("name", "申请人", lambda line: line.name, wide=6, sorts=True),
    Column("place", "村组", lambda line: line.place, wide=6, sorts=True),
    Column("kind", "困难类型", lambda line: line.kind, wide=6, sorts=True),
    Column("amount", "申请金额(元)", _amount, wide=6, sorts=True, right=True),
    Column("turn", "待谁办", _turn, wide=14),
    Column("note", "期限", lambda line: line.note, wide=17, sorts=True, tone=lambda line: line.tone),
    Column("opened", "受理日期", lambda line: line.opened, wide=6, sorts=True),
    Column("due", "本步到期", lambda line: line.due, wide=6, sorts=True, hidden=True),
)


class CasesPage(Page):
    """One list with its filters."""

    name = "cases"
    title = "帮扶"
    help = "帮扶"
    watches = frozenset({"hardship_case", "case_step", "person", "attachment"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._views = CaseViews(desk.station)
        self._all: dict[str, CaseLine] = {}
        self._sorting = ("", False)
        self.shown = combo("cases.shown", "看哪些", [(key, text) for key, text in _SHOWN if self._offered(key)], "open")
        self.shown.currentIndexChanged.connect(lambda _=0: self._show())
        self.kind = combo("cases.kind", "困难类型", [("", "全部类型")])
        self.kind.currentIndexChanged.connect(lambda _=0: self._show())
        self.filter = line_edit("cases.filter", "找事项", "姓名、村组")
        self.filter.setMinimumWidth(width_of(self.filter, 8))
        self.filter.textChanged.connect(lambda _="": self._show())
        export = button(
            "cases.export", "导出 Excel(&E)", lambda: exports.export(self, self.list, "帮扶事项", self._load)
        )
        offered(export, may=desk.may("export"))
        self.count = label(wrap=False, id="cases.count")
        self.list = List("cases.list", "帮扶事项", Rows(COLUMNS, self._load), self._empty())
        self.remember(self.list, "cases")
        self.list.opened.connect(lambda one: self.go("case", one))
        self.list.sorted_by.connect(self._sort)
        self.body.addWidget(Flow([self.shown, self.kind, self.filter, export, self.count]))
        self.body.addWidget(self.list, 1)
        if desk.may("write"):
            new = lambda: self.go("case_form")  # noqa: E731 (one line)
            self.action("new", "受理帮扶事项(&N)", new, shortcut="Ctrl+N", kind="primary")

    def _offered(self, key: str) -> bool:
        return not (key == "below" and self.desk.level == "village") and not (
            key == "above" and self.desk.level == "city"
        )

    def _empty(self) -> str:
        if self.desk.may("write"):
            return "这里没有帮扶事项。按 Ctrl+N 受理, 或从走访记录里“发现困难, 受理帮扶”。"
        return "这里没有帮扶事项。"

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`mine` shows what waits for this desk."""
        del facts
        if about in ("mine", "above", "below") and self.shown.findData(about) >= 0:
            self.shown.setCurrentIndex(self.shown.findData(about))
        self.refresh()

    def start(self) -> None:
        """The list."""
        self.list.setFocus()

    def refresh(self) -> None:
        """Read the list anew."""
        self.read(self._views.board, self._read, key="board")

    def _read(self, lines: Sequence[CaseLine]) -> None:
        self._all = {line.id: line for line in lines}
        kinds = sorted({line.kind for line in lines if line.kind})
        chosen = self.kind.currentData()
        self.kind.blockSignals(True)
        while self.kind.count() > 1:
            self.kind.removeItem(1)
        for kind in kinds:
            self.kind.addItem(kind, kind)
        self.kind.setCurrentIndex(max(0, self.kind.findData(chosen)))
        self.kind.blockSignals(False)
        for place in range(self.shown.count()):
            key = self.shown.itemData(place)
            text = dict(_SHOWN)[key]
            count = sum(self._fits(line, key) for line in lines)
            self.shown.setItemText(place, f"{text} {count}" if count else text)
        self.shown.setSizeAdjustPolicy(self.shown.SizeAdjustPolicy.AdjustToContents)
        self._show()

    @staticmethod
    def _fits(line: CaseLine, key: str) -> bool:
        ours = line.mine or line.forked
        waits = line.open and not ours
        return {
            "mine": ours, "above": waits and line.above, "below": waits and not line.above, "open": line.open,
            "closed": not line.open, "": True,
        }[key]  # fmt: skip

    def _show(self) -> None:
        key, kind, text = self.shown.currentData(), self.kind.currentData(), self.filter.text().strip()
        lines = [
            line
            for line in self._all.values()
            if self._fits(line, key) and kind in ("", line.kind) and text in f"{line.name} {line.place}"
        ]
        by, downwards = self._sorting
        if by == "note":
            lines.sort(key=lambda line: line.due or "9", reverse=downwards)
        elif by:
            lines.sort(key=lambda line: getattr(line, by) or ("" if by != "amount" else 0), reverse=downwards)
        self.list.show_ids([line.id for line in lines])
        self.count.setText(f"共 {len(lines)} 件")

    def _load(self, ids: Sequence[str]) -> dict[str, CaseLine]:
        return {one: self._all[one] for one in ids if one in self._all}

    def _sort(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._sorting = (key, downwards)
        self._show()
