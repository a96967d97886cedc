"""The window of the first run, and of a restore: one page after the other, nothing half made, nothing typed twice."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QWidget

from app.errors import UserError
from app.ui.kit import look
from app.ui.kit.aside import Aside
from app.ui.kit.controls import Banner, button, column, label, named, role, row
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, named_action, scrolled
from app.ui.shell import first_run_jobs as jobs
from app.ui.shell.first_run_panels import (
    BackupPanel,
    CodePanel,
    FilePanel,
    LevelPanel,
    OfferPanel,
    Panel,
    RestoredPanel,
    StaffPanel,
    UnitPanel,
    WayPanel,
)
from app.ui.shell.first_run_steps import Job, Step, Walk, Way

if TYPE_CHECKING:
    from app.progress import Stand
    from app.services.stores import Opened
    from app.ui.kit.printing import Preview

_DOING = {
    Job.READ: "正在打开开通文件…",
    Job.FOUND: "正在建立数据…",
    Job.JOIN: "正在建立数据…",
    Job.PRACTISE: "正在准备练习数据…",
    Job.RESTORE: "正在核对和恢复备份…",
}
_LAST_WORDS = {Step.STAFF: "建立(&N)", Step.BACKUP: "恢复(&N)", Step.LEVEL: "开始练习(&N)", Step.CODE: "开始使用(&N)"}


class FirstRun(QWidget):
    """Walks from an empty folder to a store, or puts a backup in its place."""

    opened = Signal(object)
    """services.stores.Opened: a new store, or the practice store."""
    restored = Signal()
    """The folder holds a restored store: time to sign in."""
    help_wanted = Signal(str)
    left = Signal()
    """Esc at the first page: back to where one came from."""

    def __init__(self, folder: Path, walk: Walk | None = None) -> None:
        super().__init__()
        self.folder = folder
        self.walk = walk or Walk()
        self._aside = Aside("first-run", self)
        self._founded: jobs.Founded | None = None
        self._practised: Opened | None = None
        self._desk: Desk | None = None
        self.preview: Preview | None = None
        named(self, "first", "开始使用")
        role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("荣归")
        self.title = named(label(kind="title"), "first.title")
        self.steps = named(label(kind="faint", wrap=False), "first.steps")
        self.banner = Banner("first.banner")
        self.stack = named(QStackedWidget(), "first.panels")
        self.panels: dict[Step, Panel] = {}
        self._build_panels()
        self.bar = named(QProgressBar(), "first.progress", "进度")
        self.bar.hide()
        self.back_button = button("first.back", "上一步(&B)", self.back, hint="Esc")
        self.stop_button = button("first.stop", "停止(&S)", self._aside.stop)
        self.next_button = button("first.next", "下一步(&N)", self.forward, kind="primary", enter=True)
        self._areas = {
            step: scrolled(_padded(panel), f"first.area.{step.value}") for step, panel in self.panels.items()
        }
        for area in self._areas.values():
            self.stack.addWidget(area)
        self.setLayout(
            column(
                row(self.title, None, self.steps),
                self.banner,
                self.stack,
                self.bar,
                row(self.back_button, None, self.stop_button, self.next_button),
                margin=SPACE.page,
                gap=SPACE.apart,
            )
        )
        self._aside.stands.connect(self._stands)
        named_action(self, "first.help", "使用手册", lambda: self.help_wanted.emit("第一次打开"), "F1")
        named_action(self, "first.save", "下一步", self.forward, "Ctrl+S")
        named_action(self, "first.print_key", "打印", self.print_code, "Ctrl+P")
        room = self.screen().availableGeometry().size()
        self.resize(QSize(look.scaled(860), 700).boundedTo(room * 0.96))
        self._show_step()

    def _build_panels(self) -> None:
        ask: Callable[..., object] = lambda work, done: self._aside.run(work, done, owner=self)  # noqa: E731 (one line)
        way, code = WayPanel(), CodePanel()
        way.chosen.connect(self._choose)
        code.print_wanted.connect(self.print_code)
        self.panels = {
            Step.WAY: way,
            Step.UNIT: UnitPanel(ask),
            Step.STAFF: StaffPanel(),
            Step.FILE: FilePanel(ask),
            Step.OFFER: OfferPanel(),
            Step.LEVEL: LevelPanel(),
            Step.BACKUP: BackupPanel(ask),
            Step.CODE: code,
            Step.RESTORED: RestoredPanel(),
        }
        for panel in self.panels.values():
            panel.submitted.connect(self.forward)

    @property
    def panel(self) -> Panel:
        """The page in front."""
        return self.panels[self.walk.step]

    # -- going -------------------------------------------------------------------------------------------------------

    def _choose(self, way: Way) -> None:
        self.walk.choose(way)
        self._show_step()

    def forward(self) -> None:
        """On to the next page, if everything on this one is right."""
        if self.walk.step is Step.WAY or self.walk.running is not None:
            return
        self.panel.take(self.walk.entries)
        job = self.walk.forward()
        if job is not None:
            self._begin(job)
        elif self.walk.problems:
            self._show_problems()
        else:
            self._show_step()

    def back(self) -> None:
        """The page before; everything typed stays."""
        if self.walk.running is not None:
            return
        if self.walk.step in self.panels:
            self.panel.take(self.walk.entries)
        if self.walk.back():
            self._show_step()
        elif self._founded is None and self.walk.step is not Step.RESTORED:
            self.left.emit()

    def _show_step(self) -> None:
        if self.walk.step is Step.END:
            self._end()
            return
        panel = self.panel
        panel.put(self.walk)
        panel.mark({})
        self.banner.say("")
        self.title.setText(panel.title)
        number, total = self.walk.place
        self.steps.setText(f"第 {number} 步, 共 {total} 步" if number else "")
        self.stack.setCurrentWidget(self._areas[self.walk.step])
        self._show_buttons()
        panel.start()

    def _show_buttons(self) -> None:
        step, busy = self.walk.step, self.walk.running is not None
        final = step in (Step.WAY, Step.CODE, Step.RESTORED)
        self.back_button.setVisible(not final)
        self.back_button.setEnabled(not busy)
        self.next_button.setVisible(step is not Step.WAY)
        self.next_button.setEnabled(not busy)
        words = "登录(&N)" if step is Step.RESTORED else _LAST_WORDS.get(step, "下一步(&N)")
        self.next_button.setText(words)
        self.next_button.setAccessibleName(words.partition("(&")[0])
        self.stop_button.setVisible(busy and self.walk.running in (Job.PRACTISE, Job.RESTORE))
        self.stack.setEnabled(not busy)
        self.bar.setVisible(busy)

    def _show_problems(self) -> None:
        self.panel.mark(self.walk.problems)
        self.banner.say(self.walk.problems.get("", ""), "bad")

    # -- work between the pages ------------------------------------------------------------------------------------------

    def _begin(self, job: Job) -> None:
        self.panel.mark({})
        self.banner.say(_DOING[job])
        self.bar.setRange(0, 0)
        self._show_buttons()
        given, folder = self.walk.entries, self.folder
        offer: Any = self.walk.offer
        work: dict[Job, Callable[[], Any]] = {
            Job.READ: lambda: jobs.read_offer(given),
            Job.FOUND: lambda: jobs.found(folder, given),
            Job.JOIN: lambda: jobs.join(folder, given, offer),
            Job.PRACTISE: lambda: jobs.practise(folder, given.level),
            Job.RESTORE: lambda: jobs.restore(folder, given),
        }
        self._aside.run(
            work[job],
            lambda found: self._done(job, found),
            lambda error: self._failed(job, error),
            stopped=self._stopped,
        )

    def _done(self, job: Job, found: Any) -> None:
        if isinstance(found, jobs.Founded):
            self._founded = found
            code = self.panels[Step.CODE]
            if isinstance(code, CodePanel):
                code.code.setText(found.recovery)
        elif job is Job.PRACTISE:
            self._practised = found
        elif job is Job.RESTORE:
            done = self.panels[Step.RESTORED]
            if isinstance(done, RestoredPanel):
                done.show_restored(found)
        self.walk.done(found)
        self._show_step()

    def _failed(self, job: Job, error: UserError) -> None:
        field = ""
        if job is Job.READ:
            field = jobs.field_of_offer(error)
        elif job is Job.RESTORE:
            field = jobs.field_of_restore(error)
        self.walk.failed(error, field=field)
        self.banner.say("")
        self._show_buttons()
        self._show_problems()

    def _stopped(self) -> None:
        self.walk.failed()
        self.banner.say("已停止, 什么都没有改动。", "note")
        self._show_buttons()

    def _stands(self, stand: "Stand") -> None:
        self.banner.say(f"{stand.what}…")
        self.bar.setRange(0, stand.total)
        self.bar.setValue(stand.done)

    # -- the code and the end --------------------------------------------------------------------------------------------

    def print_code(self) -> None:
        """The sheet for the sealed envelope, to look at and to print."""
        if self._founded is None or self.walk.step is not Step.CODE:
            return
        from app import clock
        from app.documents.recovery_sheet import RecoverySheet, recovery_sheet
        from app.ui.kit.printing import Paper, Preview

        desk = self._small_desk()
        place, me = desk.station.place, desk.station.actor
        sheet = RecoverySheet(place.name, self._founded.recovery, clock.today(), me.name, practice=place.practice)

        def show(made: Any) -> None:
            self.preview = Preview(desk, Paper(made.pdf, "应急恢复码密封页", "", "recovery", secret=True), self)
            self.preview.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.preview.open()

        self._aside.run(lambda: recovery_sheet(sheet), show, owner=self)

    def _small_desk(self) -> Desk:
        """What a preview needs of a desk, at the store just founded."""
        if self._desk is None:
            from app.services.desk_memory import DeskMemory
            from app.ui.kit.messages import Messages
            from app.ui.kit.operations import Operations

            station = self._opened_store().station
            self._desk = Desk(station, Operations(station), Messages(), DeskMemory(station))
        return self._desk

    def _opened_store(self) -> "Opened":
        found = self._founded.opened if self._founded is not None else self._practised
        if found is None:
            raise RuntimeError("no store is open")
        return found

    def _put_desk_away(self) -> None:
        if self._desk is not None:
            self._desk.operations.stop()
            self._desk.memory.close()
            self._desk = None

    def _end(self) -> None:
        if self.walk.way is Way.RESTORE:
            self.restored.emit()
            return
        self._put_desk_away()
        opened = self._opened_store()
        self._founded = self._practised = None
        self.opened.emit(opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """While the code has not been noted, closing would lose it for ever: it asks to be noted first."""
        if self._founded is not None:
            self.panel.take(self.walk.entries)
            if not self.walk.entries.noted:
                self.banner.say("应急恢复码只显示这一次: 请先打印或抄好, 打上勾, 再关。", "warn")
                event.ignore()
                return
        self._let_go()
        self._aside.close()
        super().closeEvent(event)

    def _let_go(self) -> None:
        self._put_desk_away()
        for opened in (self._founded.opened if self._founded is not None else None, self._practised):
            if opened is not None:
                opened.close()
        self._founded = self._practised = None


def _padded(panel: Panel) -> QWidget:
    """A panel with its content at the top and a reasonable width."""
    box = QWidget()
    box.setLayout(column(panel, None, margin=SPACE.tight))
    return box
