"""走访慰问: the rounds of consolation money with their sums, and the visits; a new round is drawn up in place."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from app.models import fields_of
from app.rules import campaign as rules
from app.rules import codes
from app.rules.money import format_grouped
from app.services.round_views import RoundRow, RoundShown, RoundViews
from app.ui.kit import exports
from app.ui.kit.controls import Tone, button, column, label, line_edit, named, offered, width_of
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.later import Later
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, named_action
from app.ui.kit.table import Column, List, Rows
from app.ui.pages.rounds_form import RoundForm
from app.ui.pages.rounds_visits import VisitList

_TONES: dict[str, Tone] = {"waiting": "warn", "approved": "note", "paying": "note", "settled": "good", "archived": ""}
_LIST, _FORM = 0, 1


def _money(name: str) -> Any:
    return lambda row: format_grouped(getattr(row, name))


def _festival(row: RoundRow) -> str:
    return codes.label("festival", row.festival).partition("(")[0]


COLUMNS = (
    Column("name", "批次名称", lambda row: row.name, wide=13, sorts=True),
    Column("unit", "办理单位", lambda row: row.unit, wide=10, sorts=True),
    Column("year", "年度", lambda row: str(row.year), wide=3, sorts=True),
    Column("festival", fields_of("campaign")["festival"].label, _festival, wide=4, sorts=True),
    Column("source", "资金来源", lambda row: codes.label("money_source", row.source), wide=5, sorts=True),
    Column("people", "人数", lambda row: str(row.people), wide=3, sorts=True, right=True),
    Column("planned", "应发(元)", _money("planned"), wide=6, sorts=True, right=True),
    Column("paid", "实发(元)", _money("paid"), wide=6, sorts=True, right=True),
    Column("returned", "缴回(元)", _money("returned"), wide=6, sorts=True, right=True),
    Column("open", "未了(元)", _money("open"), wide=6, sorts=True, right=True),
    Column(
        "status", "状态", lambda row: rules.STATES.get(row.status, row.status), wide=5, sorts=True,
        tone=lambda row: _TONES.get(row.status, ""),
    ),
)  # fmt: skip


class RoundsPage(Page):
    """Two lists and a form."""

    name = "rounds"
    title = "走访慰问"
    help = "走访慰问"
    watches = frozenset({"campaign", "roster_line", "payment", "visit", "person"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._views = RoundViews(desk.station)
        self._all: dict[str, RoundRow] = {}
        self._sorting = ("", False)
        self._wanted = ""
        """The round whose form is being read."""
        self._build_rounds()
        self._visits = Later(lambda: VisitList(self), lambda made: made.refresh())
        self.tabs = named(QTabWidget(), "rounds.tabs", "走访慰问")
        self.tabs.addTab(self._rounds, "慰问批次(&B)")
        self.tabs.addTab(self._visits, "走访记录(&V)")
        self.tabs.currentChanged.connect(lambda _=0: self.start())
        self.form: RoundForm | None = None
        self.stack = named(QStackedWidget(), "rounds.stack")
        self.stack.addWidget(self.tabs)
        self.body.addWidget(self.stack)
        if desk.may("write"):
            visit = lambda: self.go("visit_form")  # noqa: E731 (one line)
            self._acts = (
                self.action("visit", "登记走访(&R)", visit, shortcut="Ctrl+R", hint="登记一次走访"),
                self.action("new", "新建慰问批次(&N)", self.new, shortcut="Ctrl+N", kind="primary"),
            )
            self.stack.currentChanged.connect(self._offer)
        named_action(self, "rounds.switch", "另一张表", self._switch, "Ctrl+Tab")

    @property
    def visits(self) -> VisitList:
        """The second tab."""
        return self._visits.inside

    def _build_rounds(self) -> None:
        self.filter = line_edit("rounds.filter", "找批次", "名称、单位里的字")
        self.filter.setMinimumWidth(width_of(self.filter, 10))
        self.filter.textChanged.connect(lambda _="": self._show())
        self.state = combo("rounds.state", "状态", [("", "全部状态"), *rules.STATES.items()])
        self.year = combo("rounds.year", "年度", [("", "全部年度")])
        for box in (self.state, self.year):
            box.currentIndexChanged.connect(lambda _=0: self._show())
        self.count = label(wrap=False, id="rounds.count")
        export = button("rounds.export", "导出 Excel(&E)", self._export)
        offered(export, may=self.desk.may("export"))
        empty = "还没有慰问批次。按 Ctrl+N 或点“新建慰问批次”开始。" if self.desk.may("write") else "还没有慰问批次。"
        self.list = List("rounds.list", "慰问批次", Rows(COLUMNS, self._load), empty)
        self.list.setColumnHidden(1, self.desk.level == "village")
        self.remember(self.list, "rounds")
        self.list.opened.connect(lambda one: self.go("round", one))
        self.list.sorted_by.connect(self._sort)
        self._rounds = QWidget()
        tools = Flow([self.filter, self.state, self.year, export, self.count])
        self._rounds.setLayout(column(tools, self.list, margin=SPACE.near))

    # -- going -----------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`new` draws up a round, `change:ID` changes one, `visits` shows the visits."""
        del facts
        self._wanted = ""
        what, _, id_ = about.partition(":")
        if what == "new":
            self.new()
        elif what == "change":
            self._change(id_)
        else:
            self.stack.setCurrentIndex(_LIST)
            self.tabs.setCurrentIndex(1 if about == "visits" else 0)
        self.refresh()

    def start(self) -> None:
        """The list, or the first field of the form."""
        if self.stack.currentIndex() == _FORM and self.form is not None:
            self.form.start()
        elif self.tabs.currentIndex() == 0:
            self.list.setFocus()
        else:
            self.visits.start()

    def leave(self) -> None:
        """Keep what is half typed."""
        if self.form is not None:
            self.form.leave()

    def escape(self) -> None:
        """From the form to the list, from the list to where one came from."""
        if self.stack.currentIndex() == _FORM:
            self.leave()
            self.stack.setCurrentIndex(_LIST)
            self.start()
        else:
            super().escape()

    def _offer(self, now: int) -> None:
        for act in self._acts:
            act.setVisible(now == _LIST)

    def _switch(self) -> None:
        if self.stack.currentIndex() == _LIST:
            self.tabs.setCurrentIndex(1 - self.tabs.currentIndex())

    def new(self) -> None:
        """Draw up a new round."""
        self._wanted = ""
        self._form().open_new()
        self._to_form()

    def _change(self, id: str) -> None:
        self._wanted = id

        def show(shown: RoundShown) -> None:
            if self._wanted != id:
                return
            self._form().open_change(shown)
            self._to_form()

        self.read(lambda: self._views.show(id), show)

    def _to_form(self) -> None:
        self.stack.setCurrentIndex(_FORM)
        self.start()

    def _form(self) -> RoundForm:
        if self.form is None:
            self.form = RoundForm(self)
            self.form.saved.connect(self._saved)
            named_action(self.form, "rounds.form.save", "保存", self.form.save, "Ctrl+S")
            self.stack.addWidget(self.form)
        return self.form

    def _saved(self, id: str) -> None:
        self.stack.setCurrentIndex(_LIST)
        self.tell("慰问批次已保存。")
        self.go("round", id)

    # -- the list of rounds ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the lists anew."""
        self.read(self._views.rounds, self._read, key="rounds")
        if (visits := self._visits.made) is not None:
            visits.refresh()

    def _read(self, rows: Sequence[RoundRow]) -> None:
        self._all = {row.id: row for row in rows}
        chosen = self.year.currentData()
        years = sorted({row.year for row in rows}, reverse=True)
        self.year.blockSignals(True)
        while self.year.count() > 1:
            self.year.removeItem(1)
        for year in years:
            self.year.addItem(f"{year}年", str(year))
        self.year.setCurrentIndex(max(0, self.year.findData(chosen)))
        self.year.blockSignals(False)
        self._show()

    def _show(self) -> None:
        text, state, year = self.filter.text().strip(), self.state.currentData(), self.year.currentData()
        rows = [
            row
            for row in self._all.values()
            if text in f"{row.name} {row.unit}" and state in ("", row.status) and year in ("", str(row.year))
        ]
        by, downwards = self._sorting
        if by:
            rows.sort(key=lambda row: getattr(row, by), reverse=downwards)
        self.list.show_ids([row.id for row in rows])
        self.count.setText(
            f"共 {len(rows)} 个批次" if len(rows) == len(self._all) else f"{len(rows)} / {len(self._all)} 个批次"
        )

    def _load(self, ids: Sequence[str]) -> dict[str, RoundRow]:
        return {one: self._all[one] for one in ids if one in self._all}

    def _sort(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._sorting = (key, downwards)
        self._show()

    def _export(self) -> None:
        exports.export(self, self.list, "慰问批次", self._load)
