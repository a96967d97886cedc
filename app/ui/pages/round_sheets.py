"""The printed sheets of a round: which are out, which wait for a word, printed again with a count."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.rules import codes
from app.services.papers import Papers
from app.services.round_views import RoundShown, Sheet
from app.ui.kit.controls import button, column, label, offered
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page
from app.ui.kit.table import Column, List, Rows

COLUMNS = (
    Column("number", "单号", lambda row: row.number, wide=15),
    Column("printed", "定稿日期", lambda row: row.printed, wide=6),
    Column("copies", "打印次数", lambda row: str(row.copies), wide=5, right=True),
    Column("lines", "人数", lambda row: str(row.lines), wide=3, right=True),
    Column(
        "open", "还没登记结果", lambda row: f"{row.open} 人" if row.open else "都登记了", wide=7,
        tone=lambda row: "warn" if row.open else "good",
    ),
    Column(
        "status", "状态", lambda row: codes.label("paper_status", row.status), wide=10,
        tone=lambda row: "warn" if row.status == "reserved" else "",
    ),
)  # fmt: skip


class RoundSheets(QWidget):
    """The third tab."""

    entered = Signal(str)
    """A sheet's id: its results are to be entered."""
    wanted_again = Signal(str, bool)
    """(paper's id, finance copy): it is to be printed once more."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._own = False
        self._sheets: dict[str, Sheet] = {}
        self.list = List("round.sheets.list", "签领表", Rows(COLUMNS, self._load), "还没有打印定稿的签领表。")
        self.list.show_at_least(3)
        page.remember(self.list, "sheets")
        self.list.opened.connect(self._enter)
        self.list.chosen.connect(lambda _id: self._allow())
        self.enter = button(
            "round.sheets.enter", "登记这张表的结果(&E)", lambda: self._enter(self.list.current()), hint="Enter"
        )
        self.again = button(
            "round.sheets.again", "重印(&R)", lambda: self._again(full=False), hint="原号, 印“重印第n次”"
        )
        self.finance = button(
            "round.sheets.full", "打印财务联(&F)", lambda: self._again(full=True), hint="身份证号完整, 只给财务"
        )
        self.settle = button("round.sheets.settle", "打印好了(&Y)", self._settle, hint="纸拿到了, 没有打坏")
        for push in (self.again, self.finance, self.settle):
            offered(push, may=page.desk.may("print"))
        hint = label("按 Enter 登记这张表的发放结果。已打印定稿的内容不能改。", "faint")
        self.setLayout(
            column(Flow([self.enter, self.again, self.finance, self.settle]), self.list, hint, margin=SPACE.near)
        )
        self._allow()

    def show_round(self, shown: RoundShown) -> None:
        """The sheets as they stand."""
        self._own = shown.own
        self._sheets = {sheet.id: sheet for sheet in shown.sheets}
        self.list.show_ids(list(self._sheets))
        self._allow()

    def start(self) -> None:
        """Where the keyboard begins."""
        self.list.setFocus()

    def _load(self, ids: Sequence[str]) -> dict[str, Sheet]:
        return {one: self._sheets[one] for one in ids if one in self._sheets}

    def _allow(self) -> None:
        sheet = self._sheets.get(self.list.current())
        self.enter.setEnabled(sheet is not None and self._own)
        ours = sheet is not None and bool(sheet.paper)
        for push in (self.again, self.finance):
            push.setEnabled(ours)
        self.settle.setEnabled(sheet is not None and sheet.status == "reserved")
        self.again.setText("接着打印(&R)" if sheet is not None and sheet.status == "reserved" else "重印(&R)")

    def _enter(self, sheet: str) -> None:
        if sheet and self._own:
            self.entered.emit(sheet)

    def _again(self, *, full: bool) -> None:
        sheet = self._sheets.get(self.list.current())
        if sheet is not None and sheet.paper:
            self.wanted_again.emit(sheet.paper, full)

    def _settle(self) -> None:
        sheet = self._sheets.get(self.list.current())
        if sheet is None:
            return
        papers = Papers(self._page.desk.station)
        self._page.write(
            lambda: papers.settle(sheet.paper), lambda _: self._page.tell(f"{sheet.number} 已登记打印好了。")
        )
