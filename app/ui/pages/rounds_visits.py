"""The list of visits: filtered by person, days and reason; opened to be corrected."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from app import clock
from app.errors import BadInput
from app.models.fields import Field
from app.rules import codes
from app.services import field_values
from app.services.ids import Ids
from app.services.searching import FoundPerson, Search
from app.services.visits import Visits, Wanted
from app.ui.kit import exports
from app.ui.kit.controls import button, column, label, named, offered, width_of
from app.ui.kit.editors import DayLine
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page
from app.ui.kit.picker import Chosen, Hit
from app.ui.kit.table import Column, List, Rows

COLUMNS = (
    Column("date", "走访日期", lambda row: row.date or "", wide=6, sorts=True),
    Column("name", "走访对象", lambda row: row.name, wide=6, sorts=True),
    Column("trigger", "事由", lambda row: codes.label("visit_trigger", row.trigger), wide=5, sorts=True),
    Column("companions", "走访人员", lambda row: row.companions or "", wide=10),
    Column("place", "地点", lambda row: row.place or "", wide=7),
    Column("wishes", "困难诉求", lambda row: _one_line(row.wishes), wide=12),
    Column("note", "走访情况", lambda row: _one_line(row.note), wide=18),
    Column("level", "走访级别", lambda row: codes.label("visit_level", row.level), wide=5, sorts=True, hidden=True),
    Column("answer", "现场答复", lambda row: _one_line(row.answer), wide=12, hidden=True),
)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


class VisitList(QWidget):
    """The second tab."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._visits = Visits(page.desk.station)
        self._search = Search(page.desk.station)
        self._sorting = ("date", True)
        self.who = Chosen("rounds.visits.who", "走访对象", "走访对象: 姓名、拼音", page.desk.operations, self._find)
        self.who.setMinimumWidth(width_of(self.who, 12))
        self.who.edited.connect(self.refresh)
        self.since = self._day("since", "从哪天起")
        self.until = self._day("until", "到哪天止")
        self.trigger = combo("rounds.visits.trigger", "事由", [("", "全部事由"), *codes.TRIGGERS.items()])
        self.trigger.currentIndexChanged.connect(lambda _=0: self.refresh())
        export = button("rounds.visits.export", "导出 Excel(&X)", self._export)
        offered(export, may=page.desk.may("export"))
        self.count = label(wrap=False, id="rounds.visits.count")
        self.note = label(tone="bad", id="rounds.visits.note")
        self.note.hide()
        empty = "还没有走访记录。按 Ctrl+R 或点“登记走访”。"
        self.list = List("rounds.visits.list", "走访记录", Rows(COLUMNS, self._visits.rows), empty)
        self.list.show_sorting(*self._sorting)
        page.remember(self.list, "visits")
        self.list.sorted_by.connect(self._sort)
        self.list.opened.connect(lambda one: page.go("visit_form", "", visit=one))
        tools = Flow([self.who, self.since, self.until, self.trigger, export, self.count])
        self.setLayout(column(tools, self.note, self.list, margin=SPACE.near))

    def _day(self, key: str, name: str) -> DayLine:
        edit = named(DayLine(Field(name, "day")), f"rounds.visits.{key}", name)
        edit.setPlaceholderText(name)
        edit.setMinimumWidth(width_of(edit, 7))
        edit.left.connect(self.refresh)
        edit.edited.connect(lambda: None if edit.hasFocus() else self.refresh())
        edit.returnPressed.connect(self.refresh)
        return edit

    def _find(self, text: str) -> list[Hit]:
        return [Hit(one.id, one.name, _facts(one)) for one in self._search.persons(text, 12)]

    def start(self) -> None:
        """Where the keyboard begins."""
        self.list.setFocus()

    def refresh(self) -> None:
        """Read the list anew."""
        wanted = self._wanted()
        if wanted is not None:
            self._page.read(lambda: self._visits.ids(wanted), self._show, key="visits")

    def _wanted(self) -> Wanted | None:
        days = {}
        for edit in (self.since, self.until):
            try:
                days[edit] = field_values.value_of(Field("日期", "day"), edit.raw(), clock.today()) or ""
            except BadInput as error:
                self._say(f"{edit.accessibleName()}: {error}")
                return None
        self._say("")
        by, downwards = self._sorting
        return Wanted(
            self.who.key or "", days[self.since], days[self.until], str(self.trigger.currentData() or ""), by, downwards
        )

    def _say(self, problem: str) -> None:
        self.note.setText(problem)
        self.note.setVisible(bool(problem))

    def _show(self, ids: Ids) -> None:
        self.list.show_ids(ids)
        self.count.setText(f"共 {len(ids)} 次")

    def _sort(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._sorting = (key, downwards)
        self.refresh()

    def _export(self) -> None:
        exports.export(self._page, self.list, "走访记录", self._visits.rows)


def _facts(person: FoundPerson) -> str:
    parts: Sequence[Any] = (codes.label("sex", person.sex), person.birth_date, person.address)
    return "  ".join(str(part) for part in parts if part)
