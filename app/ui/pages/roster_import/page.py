"""Rosters brought in: files, columns, 先核对(不改数据), 确认入库 as one act, and taking it back."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.errors import UserError
from app.ui.kit import drafts, look
from app.ui.kit.controls import column, label
from app.ui.kit.list_columns import Columns
from app.ui.kit.list_files import FileList, paths
from app.ui.kit.messages import Way
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.pages.roster_import.fates import Fates

if TYPE_CHECKING:
    from app.services.importing import Imported
    from app.services.roster_files import FileLook
    from app.ui.kit.operations import Task

LARGE_TEXT: Final = 150
"""From this text size on the ways to the list and to another batch are left to the rail and the search box."""
FILES, MAPPING, CHECKED, DONE = range(4)
WORDS: Final = (
    "第一步: 选文件", "第二步: 对照各列", "第三步: 核对结果(还没有改动任何数据)", "已经入库",
)  # fmt: skip


class RosterImportPage(Page):
    """Four steps; going back keeps what was chosen. `facts` may name `files` to begin with."""

    name = "roster_import"
    title = "导入 Excel 名单"
    help = "导入 Excel 名单"
    watches: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._files: list[Path] = []
        self._pasted: Path | None = None
        """Where blocks from the clipboard lie."""
        self._looks: Sequence[FileLook] = ()
        self._done: Imported | None = None
        self._task: Task | None = None
        self.step = label(kind="heading", id="roster_import.step")
        self.files = FileList(self)
        self.mapping = Columns(desk)
        self.fates = Fates()
        columns = QWidget()
        area = scrolled(self.mapping.holder, "roster_import.mapping")
        columns.setLayout(column(self.mapping.sets, self.mapping.word, area))
        self.stack = QStackedWidget()
        for widget in (self.files, columns, self.fates):
            self.stack.addWidget(widget)
        self.body.addWidget(self.step)
        self.body.addWidget(self.stack, 1)
        self.setAcceptDrops(True)
        self._offer()
        self.files.chosen.connect(self.add_files)
        self.files.removed.connect(self._remove)
        self.files.pasted.connect(self.paste)
        self.mapping.changed.connect(self._mapped)
        self.fates.opened.connect(lambda person: self.go("person", person))
        self._at = FILES
        self._show_step(FILES)

    def _offer(self) -> None:
        self.acts: dict[str, QAction] = {}
        for key, text, do, shortcut, kind in (
            ("back", "上一步(&B)", self._back, "", ""),
            ("next", "下一步(&N)", self._next, "Ctrl+Return", "primary"),
            ("check", "先核对(不改数据)(&C)", self.check, "Ctrl+Return", "primary"),
            ("take", "确认入库(&S)", self.take_in, "Ctrl+S", "primary"),
            ("undo", "撤销这次导入(&U)", self.undo, "", ""),
            ("pending", "处理待核(&D)", lambda: self.go("pending"), "", "primary"),
            ("people", "看人员名单(&L)", lambda: self.go("people"), "", ""),
            ("again", "再导入一批(&N)", self.begin, "", ""),
        ):
            self.acts[key] = self.action(key, text, do, shortcut=shortcut, kind=kind)
            self.acts[key].setVisible(False)

    # -- steps -------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        del about
        if files := (facts or {}).get("files"):
            self.begin()
            self.add_files([Path(file) for file in files])
        elif self._at == DONE:
            self.begin()
        if not self.desk.may("import"):
            self.banner.say("您的岗位不能导入名单。请找本单位有此权限的同事。", "warn")

    def start(self) -> None:
        (
            self.files.pick if self._at == FILES else self.fates.view if self._at >= CHECKED else self.mapping.holder
        ).setFocus()

    def begin(self) -> None:
        """From the beginning, without files; what was pasted is not kept in clear."""
        for file in self._files:
            if file.parent == self._pasted:
                file.unlink(missing_ok=True)
        self._files, self._looks, self._done = [], (), None
        self.files.show_looks(())
        self.banner.say("")
        self._show_step(FILES)
        self.start()

    def _show_step(self, step: int) -> None:
        self._at = step
        self.stack.setCurrentIndex(min(step, CHECKED))
        self.step.setText(WORDS[step])
        self.step.setVisible(step != DONE)
        shown = {
            FILES: ("next",), MAPPING: ("back", "check"), CHECKED: ("back", "take"),
            DONE: ("undo", "pending") + (("people", "again") if look.scale() < LARGE_TEXT else ()),
        }[step]  # fmt: skip
        for key, act in self.acts.items():
            # An action that is not offered must not answer the shortcut it shares.
            act.setVisible(key in shown)
            act.setEnabled(key in shown)
        self.files.choosing.setEnabled(step == FILES)
        self._allow()

    def _allow(self) -> None:
        """What can be done just now."""
        idle = self._task is None and self.desk.may("import")
        if self._at == FILES:
            self.acts["next"].setEnabled(idle and any(each.sheets for each in self._looks))
            self.files.pick.setEnabled(idle)
            self.files.paste.setEnabled(idle)
        elif self._at == MAPPING:
            self.acts["check"].setEnabled(idle)
        elif self._at == CHECKED and self._done is not None:
            done = self._done
            something = bool(done.added + done.changed + done.asked + done.pending)
            self.acts["take"].setEnabled(idle and something)
            if not something:
                self.banner.say("这些人都已经有了, 没有要入库的。", "good")
        elif self._at == DONE and self._done is not None:
            waiting = self._done.asked + self._done.pending
            self.acts["pending"].setVisible(waiting > 0)
            self.acts["undo"].setEnabled(idle and bool(self._done.act))

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
        if not fresh or self._task is not None or not self.desk.may("import"):
            return
        if self._at == DONE:
            self.begin()
        self._show_step(FILES)
        self._files += fresh
        if fresh[-1].parent != self._pasted:
            drafts.remember(self.desk.memory, "folder.import", str(fresh[-1].parent))
        self._look()

    def paste(self, text: str) -> None:
        """A block from the clipboard, as one more file."""
        from app.services import pasted

        if self._task is not None or not self.desk.may("import"):
            return
        self.banner.say("")
        self._pasted = self._pasted or pasted.folder()
        self._run(pasted.keep, text, self._pasted, done=self._kept, what="读取粘贴的内容")

    def _kept(self, file: Path) -> None:
        self.add_files([file])

    def _remove(self, file: str) -> None:
        self._files = [each for each in self._files if str(each) != file]
        self._looked([each for each in self._looks if str(each.path) != file])

    def _look(self) -> None:
        from app.services import roster_files

        files = list(self._files)
        self._run(roster_files.look, files, done=self._looked, what="读取文件")

    def _looked(self, looks: "Sequence[FileLook]") -> None:
        self._looks = looks
        self.files.show_looks(looks)
        self._allow()
        if any(each.usable for each in looks):
            self.files.view.setFocus()

    # -- checking and taking in --------------------------------------------------------------------------------------

    def _mapped(self) -> None:
        self.banner.say(self.mapping.ready(), "warn")

    def _wanted(self) -> list[Path]:
        """Files that have something in them; of the others the list has said why not."""
        mapping = self.mapping.mapping()
        by_hand = {label for label, field in mapping.items() if field}
        return [
            look.path
            for look in self._looks
            if look.usable
            or any(
                len(by_hand & {one.label for one in sheet.headings}) > 2 for sheet in look.sheets if not sheet.hidden
            )
        ]

    def check(self) -> None:
        """先核对(不改数据)."""
        from app.services import importing

        if why := self.mapping.ready():
            self.banner.say(why, "warn")
            return
        self.mapping.remember()
        self.banner.say("")
        files, mapping = self._wanted(), self._given()
        self._run(importing.rehearse, files, mapping, done=self._checked, what="核对名单")

    def _given(self) -> dict[str, str]:
        """The mapping without headings that no file to be taken has."""
        files = set(self._wanted())
        there = {
            one.label for each in self._looks if each.path in files
            for sheet in each.sheets if not sheet.hidden for one in sheet.headings
        }  # fmt: skip
        return {label: field for label, field in self.mapping.mapping().items() if label in there}

    def _checked(self, done: "Imported") -> None:
        self._done = done
        self.fates.show_imported(done)
        self._show_step(CHECKED)
        taken = set(self._wanted())
        left = [each.path.name for each in self._looks if each.path not in taken]
        if left and self.acts["take"].isEnabled():
            self.banner.say(f"这些文件没有算在里面: {'、'.join(left)}。原因看第一步的“情况”。", "warn")
        self.fates.view.setFocus()

    def take_in(self) -> None:
        """确认入库: one act."""
        from app.services import importing

        self._run(importing.take_in, self._wanted(), self._given(), done=self._taken, what="入库")

    def _taken(self, done: "Imported") -> None:
        self._done = done
        self.fates.show_imported(done)
        self._show_step(DONE)
        waiting = done.asked + done.pending
        word = f"还有 {waiting} 行等着核对, 按“处理待核”; 以后也在“人员”的“待核”里。" if waiting else ""
        self.banner.say(f"已入库 {done.added + done.changed} 人。{word}", "warn" if waiting else "good")
        self.fates.view.setFocus()

    def undo(self) -> None:
        """Take the whole import back."""
        if self._done is None or not self._done.act:
            return
        act = self._done.act

        def go() -> None:
            from app.services import undoing

            self._run(undoing.undo, act, done=self._undone, what="撤销导入")

        self.ask(
            "要撤销这次导入吗?",
            "撤销",
            go,
            no="不撤销",
            more="这次登记的人和待核的行都会去掉; 导入以后改过的会留下, 并列给您看。",
        )

    def _undone(self, done: Any) -> None:
        kept = "\n".join(f"{one.name}: {one.reason}" for one in done.kept[:12])
        more = f"\n…等 {len(done.kept)} 项" if len(done.kept) > 12 else ""
        self.tell(f"已撤销“{done.name}”。")
        if done.kept:
            self.desk.messages.say(
                f"“{done.name}”已撤销, 以下 {len(done.kept)} 项保留:", Way("知道了"), more=kept + more
            )
        self.begin()

    def _run(self, job: Callable[..., Any], *args: Any, done: Callable[[Any], None], what: str) -> None:
        """One job in the worker process at a time; while it runs the step stays as it is."""

        def over(result: Any) -> None:
            done(result)

        self._task = self.desk.operations.apart(job, *args, done=over, owner=self, failed=self._failed, what=what)
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
