"""区划: the places of the own area, those the national list lacks added, others renamed."""

from collections.abc import Sequence

from app.rules import codes
from app.services.divisions import DivisionRow, Divisions
from app.ui.kit.controls import button, label, line_edit, width_of
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.page import Page
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.system.section import FieldsDialog, Section

_LEVELS = {"province": "省", "city": "市", "county": "县(市、区)", "township": "乡镇(街道)", "village": "村(社区)"}


class DivisionSection(Section):
    """The list with a filter."""

    key = "divisions"
    title = "区划"
    watches = frozenset({"division"})

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.filter = line_edit("system.divisions.filter", "按名称或代码筛选", "名称或代码里的几个字")
        self.filter.setMinimumWidth(width_of(self.filter, 14))
        self.filter.textChanged.connect(lambda _text: self._show())
        self.count = label(kind="faint", wrap=False, id="system.divisions.count")
        self.list = PlainList(
            "system.divisions.list",
            "区划",
            [
                Column("name", "名称", lambda one: one.name, 10, sorts=True),
                Column("code", "区划代码", lambda one: one.code, 9, sorts=True),
                Column("level", "级别", lambda one: _LEVELS.get(one.level, one.level), 6, sorts=True),
                Column("source", "来源", lambda one: "自己登记的" if one.id else "全国列表", 6, sorts=True),
                Column("full", "全称", lambda one: one.full_name, 20, sorts=True),
            ],
            key=lambda one: one.code,
            empty="没有符合的地方。",
        )
        page.remember(self.list, "divisions")
        self.list.opened.connect(lambda _code: self.rename())
        self.add = button("system.divisions.add", "添加(&A)…", self.add_one, kind="primary")
        self.edit = button("system.divisions.rename", "改名称(&M)…", self.rename)
        self.body.addWidget(Flow([label("筛选", wrap=False), self.filter, self.count]))
        self.body.addWidget(self.list, 1)
        self.body.addWidget(Flow([self.add, self.edit]))
        for push in (self.add, self.edit):
            push.setVisible(self.desk.may("division"))
        self._rows: Sequence[DivisionRow] = ()
        self.dialog: FieldsDialog | None = None

    def refresh(self) -> None:
        divisions = Divisions(self.desk.station)
        self.page.read(divisions.inside, self._read, key="divisions")

    def start(self) -> None:
        self.filter.setFocus()

    def _read(self, rows: Sequence[DivisionRow]) -> None:
        self._rows = rows
        self._show()

    def _show(self) -> None:
        words = self.filter.text().strip()
        some = [one for one in self._rows if words in one.full_name or words in one.code]
        self.list.show_rows(some)
        self.count.setText(f"{len(some)} 个")

    def add_one(self) -> None:
        """A place that is not in the list."""
        start = self.desk.station.place.scopes[0] if self.desk.station.place.scopes else ""
        self._enter("添加区划", start, "", "code")

    def rename(self) -> None:
        """Another name for the chosen one."""
        one: DivisionRow | None = self.list.current_row
        if one is not None and self.desk.may("division"):
            self._enter("改名称", one.code, one.name, "name")

    def _enter(self, title: str, code: str, name: str, first: str) -> None:
        self.dialog = dialog = FieldsDialog(self.page, "division", title, "保存(&S)")
        number, called = line_edit("division.code", "区划代码"), line_edit("division.name", "名称")
        number.setText(code)
        number.setReadOnly(first == "name")
        called.setText(name)
        kinds = [("", "(按名称)"), *codes.LISTS["division_kind"].items()]
        kind = combo("division.kind", "类型", kinds)
        dialog.add(
            "code", "区划代码(12 位)", number, "前 9 位是乡镇(街道), 后 3 位是村(社区)。不清楚可问统计员或镇站。"
        )
        dialog.add("name", "名称", called)
        dialog.add("kind", "类型", kind)

        def saved(_id: object) -> None:
            dialog.accept()
            self.page.tell(f"已保存 {called.text().strip()}。")
            self.refresh()

        def save() -> None:
            dialog.wait()
            divisions, given = Divisions(self.desk.station), (number.text(), called.text(), str(kind.currentData()))
            self.page.write(lambda: divisions.add(*given), saved, failed=dialog.refused)

        dialog.saving = save
        dialog.show_it()
        dialog.fields[first].setFocus()
