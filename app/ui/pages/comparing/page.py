"""名单比对: files and what kind of list they are, what their columns mean, the heaps, and from each row the right act."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QComboBox, QMenu, QStackedWidget, QWidget

from app.errors import UserError
from app.services import register_jobs
from app.services.choices import Choices
from app.services.comparing import HereRow, ListComparison
from app.ui.kit import drafts, exports, look
from app.ui.kit.controls import button, column, label, named
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.list_columns import Columns
from app.ui.kit.list_files import FileList, paths
from app.ui.kit.page import Desk, Page, follow, named_action, scrolled
from app.ui.pages.comparing import kinds
from app.ui.pages.comparing.results import ACTS, Line, Results, cell, lines_of, words_of

if TYPE_CHECKING:
    from app.services.roster_files import FileLook
    from app.ui.kit.operations import Task

LARGE_TEXT: Final = 150
FILES, MAPPING, RESULT = range(3)
WORDS: Final = ("第一步: 选名单", "第二步: 对照各列", "比对结果(没有改动任何数据)")
INVITING: Final = (
    "把要比对的名单(去世、医保、低保、国网或村里的 Excel)拖到这里, 或按“选择文件”“粘贴表格”。只比对, 不改动任何数据。"
)
STALE: Final = "人员有了变动。按“重新比对”(F5)看最新的结果。"
_PRESET: Final = ("name", "id_number", "birth_date", "phone", "address", "residence_address")
"""What of a row of the list is put into the form of somebody new."""


class ComparingPage(Page):
    """Three steps; going back keeps what was chosen."""

    name = "comparing"
    title = "名单比对"
    help = "名单比对"
    watches: ClassVar[frozenset[str]] = frozenset({"person", "person_identity", "person_service", "person_account"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._files: list[Path] = []
        self._pasted: Path | None = None
        """Where blocks from the clipboard lie."""
        self._looks: Sequence[FileLook] = ()
        self._done: ListComparison | None = None
        self._columns: Mapping[tuple[str, str], Mapping[str, int]] = {}
        """In which column of each sheet each field stands."""
        self._task: Task | None = None
        self.step = label(kind="heading", id="comparing.step")
        self.kind = combo("comparing.kind", "是什么名单", [(one.key, one.text) for one in kinds.KINDS])
        self.among = combo("comparing.among", "谁应该在名单里", kinds.among_choices())
        places = Choices(desk.station).places()
        self.village = combo("comparing.village", "村(社区)", [("", "村: 全部"), *((p.code, p.label) for p in places)])
        for each in (self.kind, self.among, self.village):
            each.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            each.setMinimumContentsLength(16)
        self._several = len(places) > 1
        self._asked = Flow([self.kind, self.among, self.village])
        self.kind.setCurrentIndex(self.kind.findData(desk.memory.note("comparing.kind", kinds.KINDS[0].key)))
        self._choose_kind()
        self.kind.currentIndexChanged.connect(lambda _index: self._choose_kind())
        self.among.currentIndexChanged.connect(lambda _index: self._allow_village())
        self.files = FileList(self, what="要比对的名单", inviting=INVITING)
        self.mapping = Columns(desk, kinds.COLUMNS)
        self.results = Results()
        first, second = QWidget(), QWidget()
        first.setLayout(column(self._asked, self.files))
        area = scrolled(self.mapping.holder, "comparing.mapping")
        second.setLayout(column(self.mapping.sets, self.mapping.word, area))
        self.stack = QStackedWidget()
        for widget in (first, second, self.results):
            self.stack.addWidget(widget)
        self.body.addWidget(self.step)
        self.body.addWidget(self.stack, 1)
        self.setAcceptDrops(True)
        self._offer()
        self.files.chosen.connect(self.add_files)
        self.files.removed.connect(self._remove)
        self.files.pasted.connect(self.paste)
        self.mapping.changed.connect(lambda: self.banner.say(self.mapping.ready(), "warn"))
        self.results.opened.connect(self.act)
        self.results.chosen.connect(self._allow)
        self.remember(self.results.view, "rows")
        self._at = FILES
        self._show_step(FILES)

    def _offer(self) -> None:
        self.acts: dict[str, QAction] = {}
        for key, text, do, shortcut, kind, right in (
            ("back", "上一步(&B)", self._back, "", "", "read"),
            ("next", "下一步(&N)", self._next, "Ctrl+Return", "primary", "read"),
            ("compare", "开始比对(不改数据)(&C)", self.compare, "Ctrl+Return", "primary", "read"),
            ("act", "打开(&O)", self.act, "", "primary", "read"),
            ("again", "重新比对(&R)", self.compare, "F5", "", "read"),
            ("print", "打印这一堆(&P)", self.print_it, "Ctrl+P", "", "print"),
            ("export", "导出 Excel(&E)…", self.export, "Ctrl+E", "", "export"),
        ):
            if not self.desk.may(right):
                continue
            self.acts[key] = named_action(self, f"comparing.{key}", text, do, shortcut)
            if key not in _FOLDED or look.scale() < LARGE_TEXT:
                push = button(f"comparing.{key}", text, self.acts[key].trigger, kind=kind, hint=shortcut)
                follow(push, self.acts[key])
                self.widget_in_head(push)
        self.more = button("comparing.more", "更多(&M) ▾", self._more)
        self.widget_in_head(self.more)

    def _more(self) -> None:
        menu = named(QMenu(self), "comparing.more.menu", "更多")
        menu.addActions([act for key, act in self.acts.items() if key in _FOLDED])
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _choose_kind(self) -> None:
        """Each kind of list has whom one usually asks for in it."""
        chosen = kinds.kind(self.kind.currentData())
        drafts.remember(self.desk.memory, "comparing.kind", chosen.key)
        self.among.setCurrentIndex(max(0, self.among.findData(chosen.among)))
        self._allow_village()

    def _allow_village(self) -> None:
        self.village.setVisible(self._several and self.among.currentData() != kinds.NOBODY)

    # -- steps -------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`facts` may name `files` to begin with; coming back finds the heaps as they were."""
        del about
        if files := (facts or {}).get("files"):
            self._files, self._looks, self._done = [], (), None
            self.add_files([Path(file) for file in files])

    def start(self) -> None:
        (
            self.kind if self._at == FILES else self.results.view if self._at == RESULT else self.mapping.holder
        ).setFocus()

    def refresh(self) -> None:
        """The register is another now; the heaps stay until they are asked for anew."""
        if self._at == RESULT:
            self.banner.say(STALE, "note")

    def escape(self) -> None:
        if self._at == RESULT:
            self._show_step(FILES)
            self.start()
        else:
            super().escape()

    def _show_step(self, step: int) -> None:
        self._at = step
        self.stack.setCurrentIndex(step)
        self.step.setText(WORDS[step])
        # Large text needs the room for the rows; the heaps bear their numbers themselves.
        self.step.setVisible(step != RESULT or look.scale() < LARGE_TEXT)
        shown = {FILES: {"next"}, MAPPING: {"back", "compare"}, RESULT: {"back", "act", "again", "print", "export"}}[
            step
        ]
        for key, act in sorted(self.acts.items(), key=lambda one: one[0] in shown):
            # An action that is not offered must not answer the shortcut it shares.
            act.setVisible(key in shown)
            act.setEnabled(key in shown)
        self.files.choosing.setEnabled(step == FILES)
        self.more.setVisible(step == RESULT and look.scale() >= LARGE_TEXT)
        self._allow()

    def _allow(self) -> None:
        idle = self._task is None
        if self._at == FILES:
            self.acts["next"].setEnabled(idle and any(each.sheets for each in self._looks))
            self.files.pick.setEnabled(idle)
            self.files.paste.setEnabled(idle)
        elif self._at == MAPPING:
            self.acts["compare"].setEnabled(idle)
        else:
            line = self.results.current
            self.acts["act"].setEnabled(bool(line is not None and line.act and self._may(line)))
            self.acts["act"].setText(f"{ACTS[line.act] if line is not None and line.act else '打开'}(&O)")
            self.acts["again"].setEnabled(idle)

    def _may(self, line: Line) -> bool:
        return line.act in ("open", "decide") or self.desk.may("write")

    def _back(self) -> None:
        self.banner.say("")
        self._show_step(self._at - 1)

    def _next(self) -> None:
        self.banner.say("")
        self._show_step(MAPPING)
        self.mapping.show_looks([each for each in self._looks if each.sheets])
        self.mapping.start()

    # -- files -------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._task is None and paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if found := paths(event.mimeData()):
            event.acceptProposedAction()
            self.add_files(found)

    def add_files(self, files: Sequence[Path]) -> None:
        """Look into files, together with those that are here."""
        fresh = [file for file in files if file not in self._files]
        if not fresh or self._task is not None:
            return
        from app.services import roster_files

        self._show_step(FILES)
        self._files += fresh
        if fresh[-1].parent != self._pasted:
            drafts.remember(self.desk.memory, "folder.import", str(fresh[-1].parent))
        self._run(roster_files.look_for_comparing, list(self._files), done=self._looked, what="读取文件")

    def paste(self, text: str) -> None:
        """A block from the clipboard, as one more list."""
        from app.services import pasted

        if self._task is None:
            self.banner.say("")
            self._pasted = self._pasted or pasted.folder()
            self._run(pasted.keep, text, self._pasted, done=self._kept, what="读取粘贴的内容")

    def _kept(self, file: Path) -> None:
        self.add_files([file])

    def _remove(self, file: str) -> None:
        self._files = [each for each in self._files if str(each) != file]
        self._looked([each for each in self._looks if str(each.path) != file])

    def _looked(self, looks: "Sequence[FileLook]") -> None:
        self._looks = looks
        self.files.show_looks(looks)
        self._allow()
        if any(each.usable for each in looks):
            self.files.view.setFocus()

    # -- comparing ---------------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """Hold the lists against the register; nothing is written."""
        if self._task is not None:
            return
        if why := self.mapping.ready():
            self.banner.say(why, "warn")
            return
        self.mapping.remember()
        self.banner.say("")
        kind = kinds.kind(self.kind.currentData())
        mapping = self.mapping.whole_mapping()
        files = [each.path for each in self._looks if each.usable or (mapping and each.sheets)]
        among = kinds.among(self.among.currentData(), self.village.currentData())
        self._run(
            register_jobs.compared, files, mapping, among, deaths=kind.deaths, done=self._compared, what="比对名单"
        )

    def _compared(self, found: tuple[ListComparison, Mapping[str, str]]) -> None:
        done, places = found
        self._done = done
        self._columns = {key: self.mapping.fields_of(labels) for key, labels in done.headings.items()}
        columns = self._columns
        # A county's register has tens of thousands who are not in a list: put together off the window's thread.
        self.read(lambda: lines_of(done, places, columns), self._show, key="lines")

    def _show(self, lines: Sequence[Line]) -> None:
        if self._done is None:
            return
        sentence = self._done.sentence
        if self.among.currentData() == kinds.NOBODY:
            sentence = f"{sentence.partition('; ')[0]}。没有改动任何数据。"
        self.results.show_done(sentence, lines)
        self._show_step(RESULT)
        self.results.view.setFocus()

    # -- from a row to the act ---------------------------------------------------------------------------------------

    def act(self) -> None:
        """What the row in front asks for."""
        line = self.results.current
        if line is None or not line.act or not self._may(line):
            return
        mentioned = line.row.result.mentioned if line.row is not None else ()
        if line.act == "add":
            self.go("person_form", "", values=self._preset(line), word=self._told(line))
        elif line.act == "death" and line.here is not None:
            self.go("person", f"{line.here.id}/death", death_date=self._day_of_death(line))
        elif line.act in ("correct", "fill") and line.here is not None:
            self.go("person_form", line.here.id, word=self._told(line))
        elif line.act == "decide":
            self.go("same_persons", f"{mentioned[0]} {mentioned[1]}")
        else:
            person: HereRow | None = line.here
            self.go("person", person.id if person is not None else mentioned[0])

    def _preset(self, line: Line) -> dict[str, str]:
        row = line.row
        if row is None or self._done is None:
            return {}
        columns = self._columns[row.file, row.sheet]
        found = {field: cell(row, columns, field) for field in _PRESET}
        return {field: text for field, text in found.items() if text}

    @staticmethod
    def _told(line: Line) -> str:
        source = f"“{line.row.file}”第 {line.row.result.number} 行" if line.row is not None else ""
        return f"名单比对 {source}: {words_of(line.row.result, full=True) if line.row is not None else line.text}"

    @staticmethod
    def _day_of_death(line: Line) -> str:
        """The day the list gives, where it gives one."""
        found = next((d.listed for d in line.row.result.differences if d.field == "death_date"), "") if line.row else ""
        return found if found[:1].isdigit() else ""

    # -- leaving the desk --------------------------------------------------------------------------------------------

    def print_it(self) -> None:
        """The heap in front."""
        heap = self.results.heaps[self.results.heap].text()
        shown = [one for one in self.results.view.rows.columns if not one.hidden]
        rows = [
            [one.text(self.results.view.rows.row(n)) for one in shown] for n in range(self.results.view.rows.rowCount())
        ]
        words = f"{self.kind.currentText()}: {'、'.join(file.name for file in self._files)}"
        self.apart(
            register_jobs.printed, f"名单比对({heap})", words, [(one.title, one.wide) for one in shown], rows,
            done=self._drawn, what="排版名单",
        )  # fmt: skip

    def _drawn(self, pdf: bytes) -> None:
        from app.ui.kit.printing import Paper, show_paper

        show_paper(self.desk, Paper(pdf, self.title, f"{self.title}.pdf", "list"), self)

    def export(self) -> None:
        """All heaps, each a sheet of its own."""
        exports.choose(self, self.title, lambda file, full: self.write_to(file, full=full), more="每一堆一个工作表。")

    def write_to(self, path: Path, *, full: bool) -> None:
        """Write all heaps to a file."""
        done = lambda count: self.tell(f"已导出 {count} 行到 {path}")  # noqa: E731 (one line)
        self.apart(register_jobs.compared_exported, self._done, path, full=full, done=done, what="导出")

    # -- jobs --------------------------------------------------------------------------------------------------------

    def _run(self, job: Any, *args: Any, done: Any, what: str, **facts: Any) -> None:
        """One job in the worker process at a time; while it runs the step stays as it is."""
        self._task = self.desk.operations.apart(
            job, *args, done=done, owner=self, failed=self._failed, what=what, **facts
        )
        self.desk.operations.ended.connect(self._ended)
        self._allow()

    def _ended(self, task: "Task") -> None:
        if task is self._task:
            self._task = None
            self.desk.operations.ended.disconnect(self._ended)
            self._allow()

    def _failed(self, error: UserError) -> bool:
        self.banner.say(str(error), "bad")
        return True


_FOLDED: Final = frozenset({"again", "print", "export"})
"""What stands behind 更多 at large text."""
