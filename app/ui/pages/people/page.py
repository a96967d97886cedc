"""The list of persons with what narrows it, what it leads to and how it leaves the desk."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.services import disclosing
from app.services.choices import Choices
from app.services.ids import Ids
from app.services.pendings import Pendings
from app.services.people_columns import ITEMS, Item
from app.services.people_list import PeopleList, PersonLine, Wanted
from app.ui.kit import drafts, look
from app.ui.kit.controls import Tone, button, label, named, row
from app.ui.kit.messages import Way
from app.ui.kit.page import Desk, Page, follow, named_action
from app.ui.kit.table import Column, List, Rows
from app.ui.pages.people.filters import LARGE_TEXT, Filters

if TYPE_CHECKING:
    from app.ui.pages.people.leaving import Order

EMPTY: Final = "还没有服务对象。手头有 Excel 名单的, 按“导入 Excel 名单”; 只有几个人的, 按“登记人员”。"
NOBODY: Final = "没有符合的人。换一个条件, 或按“清除筛选”。"
_FIRST_ACTS: Final = frozenset({"new", "import", "pending"})
_SELDOM: Final = frozenset({"same_persons", "comparing", "eligible"})
"""Always behind 更多."""
_FIRST: Final = 60
"""Lines read beside the ids the first time, so that drawing them finds everything loaded."""
_LEADS: Final = (
    ("打开", "person", "read"), ("修改", "person_form", "write"), ("登记走访", "visit_form", "write"),
    ("受理帮扶", "case_form", "write"), ("开证明", "papers", "print"),
)  # fmt: skip
"""What the menu of a line leads to: words, page, right."""
_TONES: Final[Mapping[str, Tone]] = {"conflict": "bad", "refused": "bad", "unsent": "warn"}


class PeoplePage(Page):
    """The register as a list."""

    name = "people"
    title = "人员"
    help = "人员"
    watches: ClassVar[frozenset[str]] = frozenset(
        {"person", "person_identity", "person_service", "visit", "pending_row", "division"}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._list = PeopleList(desk.station)
        self._sort: tuple[str, bool] = tuple(desk.memory.note("people.sort", ("name", False)))
        self._warm = False
        self.filters = Filters("people.filter", Choices(desk.station).places())
        rows = Rows([_column(item) for item in ITEMS], self._list.lines)
        self.view = List("people.list", "人员名单", rows, EMPTY)
        self.count = label(kind="faint", wrap=False, id="people.count")
        self._offer()
        self.body.addWidget(self.filters)
        self.body.addWidget(self.view, 1)
        self.body.addLayout(row(self.count, None, label("Enter 打开, 点表头排序, Ctrl+C 复制到 Excel", "faint")))
        self._wire()

    def _offer(self) -> None:
        """What can be done here; what this person may not do is not there. Large text has room for the first three."""
        self.acts: dict[str, QAction] = {}
        for key, text, do, shortcut, right, kind in (
            ("new", "登记人员(&N)", lambda: self.go("person_form"), "Ctrl+N", "write", "primary"),
            ("import", "导入 Excel 名单(&I)", lambda: self.go("roster_import"), "", "import", ""),
            ("pending", "待核(&D)", lambda: self.go("pending"), "", "read", ""),
            ("export", "导出 Excel(&E)", self.export, "Ctrl+E", "export", ""),
            ("print", "打印名单(&P)", self.print_it, "Ctrl+P", "print", ""),
            ("households", "户(&U)", lambda: self.go("household"), "", "read", ""),
            ("same_persons", "疑似同一人(&S)", lambda: self.go("same_persons"), "", "read", ""),
            ("comparing", "名单比对(&B)", lambda: self.go("comparing"), "", "read", ""),
            ("eligible", "快符合条件、应享受未享受(&Y)", lambda: self.go("eligible"), "", "read", ""),
        ):
            if self.desk.may(right):
                self.acts[key] = named_action(self, f"people.{key}", text, do, shortcut)
                if key in _FIRST_ACTS or (look.scale() < LARGE_TEXT and key not in _SELDOM):
                    push = button(f"people.{key}", text, self.acts[key].trigger, kind=kind, hint=shortcut)
                    follow(push, self.acts[key])
                    self.widget_in_head(push)
                    if key == "pending":
                        self.pending = push
        self.more = button("people.more", "更多(&M) ▾", self._more)
        self.widget_in_head(self.more)

    def _more(self) -> None:
        menu = named(QMenu(self), "people.more.menu", "更多")
        large = look.scale() >= LARGE_TEXT
        menu.addActions([act for key, act in self.acts.items() if key in _SELDOM or (large and key not in _FIRST_ACTS)])
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _wire(self) -> None:
        self.filters.changed.connect(self.refresh)
        self.filters.left.connect(self._to_list)
        self.view.opened.connect(lambda person: self.go("person", person))
        self.view.sorted_by.connect(self._sorted)
        self.view.typed.connect(self._typed)
        self.view.actions_of = self._actions
        self.view.show_sorting(*self._sort)
        self.remember(self.view, "list")
        for key, do, shortcut in (("find", self._to_filter, "Ctrl+L"), ("refresh", self.refresh, "F5")):
            named_action(self, f"people.{key}", key, do, shortcut)

    # -- showing -----------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`facts` may name filters: village, kind, status, unvisited, text; coming without keeps those that stand."""
        del about
        if facts:
            self.filters.put(facts)
        self.refresh()

    def start(self) -> None:
        self.filters.text.setFocus()

    def refresh(self) -> None:
        wanted, found, warm = self._now(), self._list, self._warm
        pendings = Pendings(self.desk.station)

        def look() -> tuple[Wanted, Ids, int]:
            ids = found.ids(wanted)
            if not warm:
                found.lines(ids[:_FIRST])
            return wanted, ids, pendings.count()

        self.read(look, self._show, key="ids")

    def _now(self) -> Wanted:
        """Who is to be seen, in which order."""
        return self.filters.wanted(self._sort[0], downwards=self._sort[1])

    def _show(self, found: tuple[Wanted, Ids, int]) -> None:
        wanted, ids, waiting = found
        if wanted != self._now():
            return  # something else was asked for meanwhile; that answer comes too
        self._warm = True
        self.view.empty = NOBODY if self.filters.narrowed else EMPTY
        self.view.show_ids(ids)
        self.count.setText(f"共 {len(ids)} 人" + (f"({self.filters.words()})" if self.filters.narrowed else ""))
        self.pending.setText(f"待核 {waiting}(&D)" if waiting else "待核(&D)")
        self.pending.setAccessibleName(f"待核 {waiting} 行" if waiting else "待核")
        for key in ("export", "print"):
            if key in self.acts:
                self.acts[key].setEnabled(bool(len(ids)))

    def _sorted(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._sort = (key, downwards)
        drafts.remember(self.desk.memory, "people.sort", [key, downwards])
        self.refresh()

    def _to_list(self) -> None:
        self.view.setFocus()

    def _to_filter(self) -> None:
        self.filters.text.setFocus()
        self.filters.text.selectAll()

    def _typed(self, text: str) -> None:
        self.filters.text.setFocus()
        self.filters.text.setText(text)

    def _actions(self) -> Sequence[QAction]:
        """What the menu of the list offers for the person under the cursor."""
        person = self.view.current()
        out: list[QAction] = []
        for text, page, right in _LEADS if person else ():
            if self.desk.may(right):
                act = QAction(text, self.view)
                act.triggered.connect(lambda _checked=False, page=page: self.go(page, person))
                out.append(act)
        return out

    # -- leaving the desk --------------------------------------------------------------------------------------------

    def columns(self) -> list[str]:
        """Keys of the columns as they are shown."""
        head = self.view.horizontalHeader()
        shown = [n for n in range(len(ITEMS)) if not self.view.isColumnHidden(n)]
        return [ITEMS[n].key for n in sorted(shown, key=head.visualIndex)]

    def export(self) -> None:
        """Ask what, then where."""
        self._leaving("export", self._choose_file)

    def print_it(self) -> None:
        """Ask what, then show it."""
        self._leaving("print", self.draw)

    def _leaving(self, what: Any, go: Any) -> None:
        from app.ui.pages.people.leaving import Leaving  # with it come the libraries of PDF and Excel

        everybody = self.view.rows.ids
        if isinstance(everybody, Ids) and len(everybody):
            Leaving(self, what, everybody, self.view.picked(), go).open()

    def _choose_file(self, order: "Order") -> None:
        what = "服务对象名单" if order.full else "服务对象名单(已隐去号码)"
        dialog = QFileDialog(self, "导出 Excel", f"{self.desk.station.place.name}{what}.xlsx", "Excel (*.xlsx)")
        named(dialog, "people.export.file", "导出 Excel")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.fileSelected.connect(lambda name: self.write_to(Path(name), order))
        dialog.open()

    def write_to(self, path: Path, order: "Order") -> None:
        """Write the list to a file."""
        from app.services import exporting, list_sheets

        self._note("export", order)
        done = lambda count: self._written(path, count)  # noqa: E731 (one line)
        if order.whole:
            self.apart(
                exporting.persons,
                path,
                masked=not order.full,
                ids=order.ids,
                purpose=order.purpose,
                done=done,
                what="导出",
                reads=not order.full,
            )
            return
        self.apart(
            list_sheets.exported, path, order.ids, self.columns(), self.filters.words(), purpose=order.purpose,
            full=order.full, done=done, what="导出", reads=not order.full,
        )  # fmt: skip

    def _note(self, way: str, order: "Order") -> None:
        """Before it is made: a list that was stopped half way may have been seen all the same."""
        if order.full:
            seen = disclosing.look(self.desk.station, way, count=len(order.ids), purpose=order.purpose)
            drafts.soon(disclosing.note, self.desk.memory, seen)

    def _written(self, path: Path, count: int) -> None:
        folder = QUrl.fromLocalFile(str(path.parent))
        way = Way("打开文件夹", lambda: QDesktopServices.openUrl(folder))
        self.desk.messages.say(f"已导出 {count} 人: {path.name}", Way("知道了"), way, more=str(path.parent))

    def draw(self, order: "Order") -> None:
        """Draw the list for the printer and show it."""
        from app.services import list_sheets

        self._note("print", order)
        self.apart(
            list_sheets.printed, order.ids, self.columns(), self.filters.words(), purpose=order.purpose, full=order.full,
            done=self._drawn, what="排版名单", reads=not order.full,
        )  # fmt: skip

    def _drawn(self, pdf: bytes) -> None:
        from app.ui.kit.printing import Paper, Preview

        title = f"{self.desk.station.place.name}服务对象名单"
        Preview(self.desk, Paper(pdf, title, f"{title}.pdf", "list"), self).open()


def _column(item: Item) -> Column:
    def text(line: PersonLine) -> str:
        return item.text(line, False)

    return Column(item.key, item.title, text, item.wide, item.sorts, tone=_tone(item.key), hidden=item.hidden)


def _tone(key: str) -> Any:
    if key == "sync":
        return lambda line: _TONES.get(line.sync, "")
    if key == "name":
        return lambda line: "bad" if line.sync in ("conflict", "refused") else ""
    return None
