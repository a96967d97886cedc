"""The main window: rail, search box, pages, the line at the foot; going, coming back, undoing, locking."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from app.errors import Damaged, UserError
from app.ui.kit import drafts, look, settings
from app.ui.kit.card_reading import ReadCard
from app.ui.kit.controls import Banner, Tone, button, column, label, named, role, row
from app.ui.kit.look import SPACE
from app.ui.kit.messages import SHOWN, Messages, Way
from app.ui.kit.operations import PATIENCE, Operations, Task, Worker
from app.ui.kit.page import Desk, Link, Page, named_action
from app.ui.kit.picker import Finder, Hit
from app.ui.shell import navigation
from app.ui.shell.rail import Rail

if TYPE_CHECKING:
    from app.progress import Stand
    from app.rules.id_card import IdCard
    from app.services.stores import Opened

HISTORY: Final = 50
_LARGE_TEXT: Final = 150
PRACTICE: Final = "练习模式(都是假数据)"


class MainWindow(QMainWindow):
    """One window at one open store."""

    signed_out = Signal()
    """Somebody else wants to sign in."""
    locked = Signal()
    closing = Signal()
    restore_wanted = Signal(str)
    """A backup's file (or nothing): the store must be closed for it."""
    practice_wanted = Signal()
    afresh_wanted = Signal()
    """The practice store is to be made anew."""
    help_wanted = Signal(str)
    """F1: a heading of the manual."""

    def __init__(self, opened: "Opened", messages: Messages | None = None, worker: Worker | None = None) -> None:
        super().__init__()
        from app.services.desk_memory import DeskMemory

        self.opened = opened
        station = opened.station
        self.desk = Desk(station, Operations(station, worker), messages or Messages(), DeskMemory(station))
        named(self, "window", "荣归")
        place = station.place
        self.setWindowTitle(f"荣归 - {place.name}" + (f" - {PRACTICE}" if place.practice else ""))
        self._pages: dict[str, Page] = {}
        self._been: list[Link] = []
        self._now = Link("")
        self._build(place.name, place.level, practice=place.practice)
        self._wire()
        self.resize(1280, 700)
        if not (kept := settings.geometry()).isEmpty():
            self.restoreGeometry(kept)

    # -- building ----------------------------------------------------------------------------------------------------

    def _build(self, name: str, level: str, *, practice: bool) -> None:
        self.rail = Rail(navigation.PAGES, level)
        self.rail.setFixedWidth(self.rail.sizeHint().width())
        unit = label(name, wrap=True, id="window.unit")
        unit.setContentsMargins(SPACE.apart, SPACE.apart, SPACE.near, SPACE.near)
        side = role(QWidget(), "railside")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setLayout(column(unit, self.rail, gap=0))
        side.setFixedWidth(self.rail.sizeHint().width())
        self.search = Finder(
            "window.search", "找人或找要办的事", "找人、找事: 姓名、拼音、号码后几位(Ctrl+F)",
            self.desk.operations, self._find,
        )  # fmt: skip
        self.search.setMaximumWidth(look.scaled(620))
        self.me = button(
            "window.me", f"{self.desk.station.actor.name} ▾", self._my_menu, hint="我的: 文字大小、锁定、换人"
        )
        self.card = ReadCard("window.card", self._card_read, self._say_card)
        self._show_card()
        head = row(self.search, self.card.push, None, self.me)
        head.setContentsMargins(SPACE.page, SPACE.near, SPACE.page, 0)
        self.notice = Banner("window.notice")
        above = column(self.notice)
        above.setContentsMargins(SPACE.page, 0, SPACE.page, 0)
        self.stack = named(QStackedWidget(), "window.pages")
        self.word = label(wrap=False, id="window.word")
        self.word.setAccessibleName("刚才办的事")
        self.waiting = label(wrap=False, id="window.waiting", tone="note")
        self.waiting.hide()
        self.job = label(wrap=False, id="window.job")
        self.bar = named(QProgressBar(), "window.progress", "进度")
        self.bar.setMaximumWidth(look.scaled(200))
        self.stop = button("window.stop", "停止", self._stop_job)
        for widget in (self.job, self.bar, self.stop):
            widget.hide()
        foot = row(self.word, None, self.waiting, self.job, self.bar, self.stop)
        foot.setContentsMargins(SPACE.page, 0, SPACE.page, SPACE.near)
        inner = QWidget()
        inner.setLayout(column(head, above, self.stack, foot, gap=SPACE.tight))
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(side)
        middle.addWidget(inner, 1)
        outer = role(QWidget(), "practice") if practice else QWidget()
        frame = column(gap=0)
        if practice:
            outer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            frame.setContentsMargins(6, 0, 6, 6)
            frame.addWidget(role(named(label(PRACTICE, wrap=False), "window.practice"), "practice"))
            inner.setAutoFillBackground(True)
        frame.addLayout(middle)
        outer.setLayout(frame)
        self.setCentralWidget(outer)

    def _wire(self) -> None:
        operations, messages = self.desk.operations, self.desk.messages
        operations.failed.connect(self._failed)
        operations.began.connect(self._job_began)
        operations.stands.connect(self._job_stands)
        operations.ended.connect(self._job_ended)
        operations.began.connect(self._queued)
        operations.started.connect(self._unqueued)
        operations.ended.connect(self._unqueued)
        messages.told.connect(self._tell)
        drafts.heard.failed.connect(self._unkept)
        self.rail.wanted.connect(lambda page: self.go(Link(page)))
        self.search.picked.connect(self._picked)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(lambda: self.word.setText(""))
        self._job: Task | None = None
        self._queue: list[Task] = []
        """Acts whose turn has not come; the oldest first."""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE)
        self._patience.timeout.connect(self._show_job)
        keys: Sequence[tuple[str, Callable[[], object], str]] = (
            ("find", self._to_search, "Ctrl+F"), ("find2", self._to_search, "F3"), ("help", self._help, "F1"),
            ("undo", self.undo, "Ctrl+Z"), ("back", self.go_back, "Alt+Left"), ("lock", self.locked.emit, "Ctrl+L"),
            *((f"page{n}", self._nth(n), f"Alt+{n}") for n in range(1, 10)),
        )  # fmt: skip
        for key, do, shortcut in keys:
            act = named_action(self, f"window.{key}", shortcut, do, shortcut)
            act.setShortcutContext(Qt.ShortcutContext.WindowShortcut)

    def _nth(self, number: int) -> Callable[[], None]:
        def go() -> None:
            names = self.rail.names
            if number <= len(names):
                self.go(Link(names[number - 1]))

        return go

    # -- going -------------------------------------------------------------------------------------------------------

    @property
    def page(self) -> Page | None:
        """The page in front."""
        return self._pages.get(self._now.page)

    def go(self, link: Link, *, remember: bool = True) -> None:
        """Show a page; what was half typed on the one before is kept. Some links lead out of the pages (navigation.DOORS)."""
        if link.page in navigation.DOORS:
            self._leave_by(link)
            return
        entry = navigation.entry(link.page)
        if entry is None:
            raise ValueError(f"there is no page {link.page!r}")
        before = self.page
        if before is not None:
            before.leave()
            if remember and self._now != link:
                self._been = [*self._been[-HISTORY:], self._now]
        page = self._pages.get(link.page)
        if page is None:
            page = self._pages[link.page] = entry.load()(self.desk, self.stack)
            page.wanted.connect(self.go)
            page.back.connect(self.go_back)
            self.stack.addWidget(page)
        self._now = link
        self.stack.setCurrentWidget(page)
        self.rail.show_page(link.page)
        self._show_card()
        page.open(link.about, link.facts)
        page.start()

    def _leave_by(self, link: Link) -> None:
        if link.page == "restore":
            self.restore_wanted.emit(link.about)
        elif link.page == "practice":
            self.practice_wanted.emit()
        elif link.page == "lock":
            self.locked.emit()
        else:
            self.set_text_size(int(link.about))

    def go_back(self) -> None:
        """Where one came from."""
        if self._been:
            self.go(self._been.pop(), remember=False)
        elif self._now.page != "today":
            self.go(Link("today"), remember=False)

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _find(self, text: str) -> list[Hit]:
        from app.ui.shell import finding

        return finding.find(self.desk, text)

    def _picked(self, hit: Hit) -> None:
        self.search.clear()
        self.go(hit.key)

    def _show_card(self) -> None:
        """读身份证 beside the search box, where a reader is set up; at large text the box makes room for it."""
        narrow = bool(settings.card_reader()) and look.scale() >= _LARGE_TEXT
        self.search.setMinimumWidth(look.scaled(300 if narrow else 420))
        self.card.refresh()

    def _card_read(self, card: "IdCard") -> None:
        """To whoever's card it is; to the form of somebody new where he is not here."""
        from app.ui.shell import finding

        def found(link: Link | None) -> None:
            if link is None:
                self.desk.messages.say(f"{card.name} 还没有登记过。您的岗位不能登记人员。")
            else:
                self.go(link)

        self._tell("")
        self.desk.operations.read(lambda: finding.by_card(self.desk, card), found, owner=self, key="window.card")

    def _say_card(self, text: str, tone: Tone) -> None:
        if tone == "warn":
            self.desk.messages.say(text)
        else:
            self._tell(text)

    def _help(self) -> None:
        self.help_wanted.emit(self.page.help if self.page is not None else "")

    # -- undoing -----------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Ask whether this person's newest act is to be taken back, by its name."""
        from app.services.undoing import Undo

        self.desk.operations.read(lambda: Undo(self.desk.station).newest(), self._ask_undo, owner=self)

    def _ask_undo(self, newest: Any) -> None:
        if newest is None:
            self._tell("没有可以撤销的事项。")
            return
        when = f"{newest.when:%m-%d %H:%M}"
        text = f"要撤销 {when} 的“{newest.name}”吗?"
        self.desk.messages.ask(text, Way("撤销", lambda: self._undo(newest.id)), no="不撤销")

    def _undo(self, act: str) -> None:
        from app.services import undoing

        self.desk.operations.apart(undoing.undo, act, done=self._undone, owner=self, what="撤销")

    def _undone(self, done: Any) -> None:
        self._tell(f"已撤销“{done.name}”。")
        if done.kept:
            lines = "\n".join(f"{kept.name}: {kept.reason}" for kept in done.kept[:12])
            more = f"\n…等 {len(done.kept)} 项" if len(done.kept) > 12 else ""
            self.desk.messages.say(f"“{done.name}”已撤销, 以下 {len(done.kept)} 项保留:", more=lines + more)

    # -- what the opening found --------------------------------------------------------------------------------------

    def greet(self) -> None:
        """Say what the opening of the store has found; after an unclean stop, once the data have been looked at."""
        from app.services import checking, tidying

        words = [word for word in (*self.opened.warnings, self.desk.memory.warning) if word]
        if tidying.UNCLEAN not in words:
            self._notify("\n".join(words))
            return
        words.remove(tidying.UNCLEAN)
        done = lambda problems: self._say_unclean(problems, words)  # noqa: E731 (one line)
        self.desk.operations.apart(checking.look_over, done=done, owner=self, what="核对数据", reads=True)

    def _say_unclean(self, problems: Sequence[str], words: list[str]) -> None:
        if problems:
            self._notify(
                "\n".join([f"上次没有正常关机。检查时发现: {problems[0]}", *words]),
                button("window.notice.restore", "用备份恢复(&B)…", lambda: self.restore_wanted.emit("")),
            )
            return
        titles = [f"“{draft.title}”" for draft in self.desk.memory.drafts() if draft.title]
        more = f"等 {len(titles)} 项" if len(titles) > 3 else ""
        still = f"您没填完的{'、'.join(titles[:3])}{more}还在。" if titles else ""
        self._notify("\n".join([f"上次没有正常关机。已检查: 数据完好。{still}", *words]))

    @Slot(str)
    def _unkept(self, text: str) -> None:
        self._notify(text)

    def _notify(self, text: str, *ways: QPushButton) -> None:
        if text:
            gone = button("window.notice.gone", "知道了", lambda: self.notice.say(""))
            self.notice.say(text, "warn", *ways, gone)

    # -- words and jobs ----------------------------------------------------------------------------------------------

    def _tell(self, text: str) -> None:
        self.word.setText(
            self.word.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(200, self.width() // 2))
        )
        self.word.setToolTip(text)
        self._quiet.start(SHOWN)

    def _failed(self, error: UserError, task: Task) -> None:
        if isinstance(error, Damaged):
            self.desk.messages.fail(error, Way("用备份恢复", lambda: self.restore_wanted.emit("")))
            return
        again = (Way("再试一次", task.again),) if error.exit_code == 4 and task.again is not None else ()
        self.desk.messages.fail(error, *again)

    def _queued(self, task: Task) -> None:
        if task.writes and not task.started:
            self._queue.append(task)
            QTimer.singleShot(PATIENCE, self, lambda: self._say_waiting(task))

    def _unqueued(self, task: Task) -> None:
        if task in self._queue:
            self._queue.remove(task)
        if not self._queue:
            self.waiting.hide()

    def _say_waiting(self, task: Task) -> None:
        if task in self._queue:
            self.waiting.setText(f"等前面的办完, 再{self._queue[0].what}…")
            self.waiting.show()

    def _job_began(self, task: Task) -> None:
        if task.stoppable and self._job is None:
            self._job = task
            self.job.setText(f"正在{task.what}…")
            self.bar.setRange(0, 0)
            self._patience.start()

    def _show_job(self) -> None:
        if self._job is not None:
            for widget in (self.job, self.bar, self.stop):
                widget.show()

    def _job_stands(self, task: Task, stand: "Stand") -> None:
        if task is self._job:
            self.job.setText(f"{stand.what}…")
            self.bar.setRange(0, stand.total)
            self.bar.setValue(stand.done)

    def _job_ended(self, task: Task) -> None:
        if task is self._job:
            if task.cancelled:
                self._tell(f"已停止{task.what}, 没有改动任何数据。")
            self._job = None
            self._patience.stop()
            for widget in (self.job, self.bar, self.stop):
                widget.hide()

    def _stop_job(self) -> None:
        if self._job is not None:
            self._job.stop()
            self.job.setText("正在停止…")

    # -- who sits here -----------------------------------------------------------------------------------------------

    def _my_menu(self) -> None:
        menu = named(QMenu(self), "window.me.menu", "我的")
        sizes = menu.addMenu("文字大小(&T)")
        for percent in look.SCALES:
            action = sizes.addAction(f"{percent} %")
            action.setCheckable(True)
            action.setChecked(percent == look.scale())
            action.triggered.connect(lambda _checked=False, percent=percent: self.set_text_size(percent))
        menu.addSeparator()
        menu.addAction("使用手册(&H)\tF1", self._help)
        if self.desk.station.place.practice:
            menu.addAction("重新开始练习(&R)", self._ask_afresh)
            menu.addAction("结束练习(&O)", self.signed_out.emit)
        else:
            menu.addAction("练习模式(&P)", self.practice_wanted.emit)
            menu.addAction("换人登录(&O)", self.signed_out.emit)
        menu.addAction("锁定(&L)\tCtrl+L", self.locked.emit)
        menu.addAction("退出(&X)", self.close)
        menu.popup(self.me.mapToGlobal(self.me.rect().bottomLeft()))

    def _ask_afresh(self) -> None:
        text = "要清掉现在的练习数据, 重新放进一批假的人吗? 正式数据不受影响。"
        self.desk.messages.ask(text, Way("清掉, 重新开始", self.afresh_wanted.emit, danger=True), no="不清")

    def set_text_size(self, percent: int) -> None:
        """Another text size, at once and from now on."""
        settings.set_text_size(percent)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            look.dress(app, percent)
        self._rebuild()

    def _rebuild(self) -> None:
        """Pages are made anew in the new size, where they stood; drafts bring back what was half typed."""
        link = self._now
        if self.page is not None:
            self.page.leave()
        drafts.settled()
        for page in self._pages.values():
            self.stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        place, said = self.desk.station.place, self.notice.text()
        self._build(place.name, place.level, practice=place.practice)
        self._notify(said)
        self.rail.wanted.connect(lambda page: self.go(Link(page)))
        self.search.picked.connect(self._picked)
        self.go(link, remember=False)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Never asks: what is half typed is kept, what is being saved is finished."""
        if self.page is not None:
            self.page.leave()
        settings.set_geometry(self.saveGeometry())
        self.closing.emit()
        super().closeEvent(event)

    def shut(self) -> None:
        """Let go of the store."""
        self.word.setText("正在保存…")
        self.card.stop()
        drafts.settled()
        self.desk.operations.stop()
        # What was saved at last has no draft any more.
        drafts.settled()
        self.desk.memory.close()
        self.opened.close()
