"""The register of issued papers: every number, printed again with a count, settled, or made void."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.rules import codes
from app.services.ids import Ids
from app.services.paper_register import PaperRegister, PaperRow, Wanted
from app.services.papers import Papers
from app.ui.kit import exports
from app.ui.kit.controls import Tone, button, column, label, line_edit, offered, width_of
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page
from app.ui.kit.table import Column, List, Rows

_TONES: dict[str, Tone] = {"reserved": "warn", "void": "bad", "printed": ""}
COLUMNS = (
    Column("number", "编号", lambda row: row.number, wide=15, sorts=True),
    Column("what", "文书", lambda row: row.what, wide=9),
    Column("whom", "给谁", lambda row: row.whom, wide=8, sorts=True),
    Column("purpose", "用途", lambda row: row.purpose, wide=10),
    Column("issued", "日期", lambda row: row.issued, wide=6, sorts=True),
    Column("copies", "份数", lambda row: str(row.copies), wide=3, right=True),
    Column(
        "status", "状态", lambda row: codes.label("paper_status", row.status), wide=9, sorts=True,
        tone=lambda row: _TONES.get(row.status, ""),
    ),
)  # fmt: skip


class RegisterList(QWidget):
    """The second tab."""

    again = Signal(str, bool)
    """(paper's id, finance copy): it is to be printed once more."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._register, self._papers = PaperRegister(page.desk.station), Papers(page.desk.station)
        self._sorting = ("number", True)
        self.text = line_edit("papers.register.text", "找文书", "编号或姓名")
        self.text.setMinimumWidth(width_of(self.text, 8))
        self.text.textChanged.connect(lambda _="": self.refresh())
        self.form = combo(
            "papers.register.form", "表单", [("", "全部表单"), ("F14", "证明"), ("F07", "审批表"), ("F04", "签领表")]
        )
        states = codes.LISTS["paper_status"].items()
        self.status = combo("papers.register.status", "状态", [("", "全部状态"), *states])
        self.year = combo("papers.register.year", "年度", [("", "全部年度")])
        for box in (self.form, self.status, self.year):
            box.currentIndexChanged.connect(lambda _=0: self.refresh())
        self.reprint_button = button(
            "papers.register.again", "重印(&R)", self.reprint, hint="原号, 印“重印第n次”(Enter)"
        )
        self.settle = button("papers.register.settle", "打印好了(&H)", self._settle)
        self.void = button("papers.register.void", "作废此号", self._void, kind="danger")
        self.person = button("papers.register.person", "看档案(&D)", self._person)
        export = button("papers.register.export", "导出 Excel(&E)", self._export)
        offered(export, may=page.desk.may("export"))
        for push in (self.reprint_button, self.settle, self.void):
            offered(push, may=page.desk.may("print"))
        self.count = label(wrap=False, id="papers.register.count")
        self.list = List("papers.register.list", "登记簿", Rows(COLUMNS, self._register.rows), "还没有出具过文书。")
        self.list.show_sorting(*self._sorting)
        self.list.show_at_least(5)
        page.remember(self.list, "register")
        self.list.chosen.connect(lambda _id: self._allow())
        self.list.opened.connect(lambda _id: self.reprint())
        self.list.sorted_by.connect(self._sort)
        filters = Flow([self.text, self.form, self.status, self.year, export, self.count])
        acts = Flow([self.reprint_button, self.settle, self.void, self.person])
        self.setLayout(column(filters, acts, self.list, margin=SPACE.near))
        self._allow()

    def start(self) -> None:
        """Where the keyboard begins."""
        self.list.setFocus()

    def refresh(self) -> None:
        """Read the register anew."""
        by, downwards = self._sorting
        wanted = Wanted(
            str(self.form.currentData()), str(self.status.currentData()), str(self.year.currentData()), self.text.text(),
            by, downwards,
        )  # fmt: skip
        self._page.read(lambda: (self._register.ids(wanted), self._register.years()), self._show, key="register")

    def _show(self, found: tuple[Ids, list[str]]) -> None:
        ids, years = found
        chosen = self.year.currentData()
        self.year.blockSignals(True)
        while self.year.count() > 1:
            self.year.removeItem(1)
        for year in years:
            self.year.addItem(f"{year}年", year)
        self.year.setCurrentIndex(max(0, self.year.findData(chosen)))
        self.year.blockSignals(False)
        self.list.show_ids(ids)
        self.list.rows.reread()
        self.count.setText(f"共 {len(ids)} 份")
        self._allow()

    def row(self, paper: str) -> PaperRow | None:
        """A line of the list."""
        place = self.list.rows.place_of(paper)
        found: PaperRow | None = self.list.rows.row(place) if place >= 0 else None
        return found

    @property
    def _current(self) -> PaperRow | None:
        chosen = self.list.current()
        return self.row(chosen) if chosen else None

    def _allow(self) -> None:
        row = self._current
        live = row is not None and row.status != "void"
        self.reprint_button.setEnabled(live)
        self.reprint_button.setText("接着打印(&R)" if row is not None and row.status == "reserved" else "重印(&R)")
        self.settle.setEnabled(row is not None and row.status == "reserved")
        self.void.setEnabled(live and row is not None and row.form != "F04")
        why = "签领表不能整张作废" if row is not None and row.form == "F04" else ""
        self.void.setToolTip(why)
        self.void.setAccessibleDescription(why)
        self.person.setEnabled(row is not None and bool(row.person))

    def reprint(self) -> None:
        """Print the chosen one again."""
        row = self._current
        if row is not None and self.reprint_button.isEnabled() and self._page.desk.may("print"):
            self.again.emit(row.id, False)

    def _settle(self) -> None:
        row = self._current
        if row is not None:
            self._page.write(
                lambda: self._papers.settle(row.id), lambda _: self._page.tell(f"{row.number} 已登记打印好了。")
            )

    def _void(self) -> None:
        row = self._current
        if row is None:
            return

        def go() -> None:
            self._page.write(lambda: self._papers.spoil(row.id), lambda _: self._page.tell(f"{row.number} 已作废。"))

        self._page.ask(f"{row.number} 要作废吗? 这个号以后不再使用。", "作废此号", go, danger=True)

    def _person(self) -> None:
        row = self._current
        if row is not None and row.person:
            self._page.go("person", row.person)

    def _sort(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._sorting = (key, downwards)
        self.refresh()

    def _export(self) -> None:
        exports.export(self._page, self.list, "文书登记簿", self._register.rows)
