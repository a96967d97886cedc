"""The pairs of the register that may be one person: a list, then two persons side by side, until none is left."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from app import clock
from app.errors import UserError
from app.services import disclosing, register_jobs
from app.services.register_jobs import Found
from app.services.same_person_views import SamePersonViews, Told
from app.services.same_persons import SamePersons
from app.services.side_by_side import Comparison, SideBySide
from app.services.undoing import Undo
from app.ui.kit import drafts, look
from app.ui.kit.controls import button, column, label, named, say
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.operations import Task
from app.ui.kit.page import Desk, Page
from app.ui.kit.plain_table import PlainList
from app.ui.pages.same_persons.beside import Beside
from app.ui.pages.same_persons.rows import APART, MERGED, STATES, WAITING, Decided, Row, columns, count, rows

if TYPE_CHECKING:
    from app.services.station import Changed

NONE: Final = "没有疑似同一人的。登记和导入时号码、姓名、出生日期、电话很像的, 会列在这里。"
NONE_LEFT: Final = "都核过了: 没有还要看的。"
EMPTY: Final = {APART: "还没有核过“不是同一人”的。", MERGED: "还没有合并过的。"}
LOOKING: Final = "正在全部名单里找…"
GONE: Final = "这两个人里有一个已不在名单里了, 可能刚移入回收站。"
LARGE_TEXT: Final = 150
_LIST, _BESIDE = range(2)
_SELDOM: Final = frozenset({"before", "list", "full", "left_home", "right_home"})
"""Always behind 更多."""
_FOLDED: Final = frozenset({"keep_left", "keep_right", "left", "right"})
"""What large text leaves no room for in the head."""
_BY_STATE: Final = {
    WAITING: {"apart", "keep_left", "keep_right", "left_home", "right_home"}, APART: {"ask_again"}, MERGED: {"unmerge"},
}  # fmt: skip
"""What is decided about a pair in a state; the others are not offered for it."""
_DECIDING: Final = frozenset().union(*_BY_STATE.values())


class SamePersonsPage(Page):
    """`about`: two ids with a space between, to look at these at once."""

    name = "same_persons"
    title = "疑似同一人"
    help = "疑似同一人"
    watches: ClassVar[frozenset[str]] = frozenset({"person", "person_service", "person_account"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._service, self._views = SamePersons(desk.station), SamePersonViews(desk.station)
        self._found: Found | None = None
        self._decided = Decided({}, ())
        self._task: Task | None = None
        self._wanted = ""
        self._now: tuple[str, str] | None = None
        """The two persons looked at side by side."""
        self._homes = ("", "")
        self._full = False
        self.shown = combo("same_persons.shown", "看哪些", STATES)
        self.shown.currentIndexChanged.connect(lambda _index: self._fill())
        self.word = label(kind="faint", id="same_persons.word")
        self.view = PlainList(
            "same_persons.list", "疑似同一人", columns(), lambda row: row.key, LOOKING,
            by={"points": lambda row: row.pair.points},
        )  # fmt: skip
        if look.scale() >= LARGE_TEXT:
            self.view.setMinimumHeight((self.view.verticalHeader().defaultSectionSize() + 1) * 3)
        self.view.opened.connect(self._compare)
        self.remember(self.view, "list")
        first = QWidget()
        first.setLayout(column(Flow([self.shown]), self.word, self.view, gap=SPACE.near))
        self.beside = Beside()
        self.remember(self.beside.view, "fields")
        self.stack = QStackedWidget()
        self.stack.addWidget(first)
        self.stack.addWidget(self.beside)
        self.body.addWidget(self.stack, 1)
        self._offer()
        desk.operations.ended.connect(self._ended)
        self._show_step(_LIST)

    def _offer(self) -> None:
        self.acts: dict[str, QAction] = {}
        self._steps: dict[str, int] = {}
        large = look.scale() >= LARGE_TEXT
        for key, text, do, shortcut, kind, step, right in (
            ("compare", "并排对照(&C)", lambda: self._compare(self.view.current()), "", "primary", _LIST, "read"),
            ("again", "重新查找(&R)", self.refresh, "F5", "", _LIST, "read"),
            ("apart", "不是同一人(&N)", self.tell_apart, "Ctrl+N", "primary", _BESIDE, "write"),
            ("ask_again", "重新列为待核对(&K)", self.ask_again, "", "", _BESIDE, "write"),
            ("unmerge", "取消合并(&U)", self.unmerge, "", "", _BESIDE, "write"),
            ("keep_left", "同一人, 以左边为主(&A)…", lambda: self.merge(0), "", "", _BESIDE, "write"),
            ("keep_right", "同一人, 以右边为主(&B)…", lambda: self.merge(1), "", "", _BESIDE, "write"),
            ("next", "下一对(&X)", lambda: self._step(1), "Ctrl+Down", "", _BESIDE, "read"),
            ("left", "打开左边(&L)", lambda: self._open(0), "", "", _BESIDE, "read"),
            ("right", "打开右边(&T)", lambda: self._open(1), "", "", _BESIDE, "read"),
            ("full", "显示完整号码(&F)", self.toggle_full, "F2", "", _BESIDE, "read"),
            ("left_home", "人户分离: 左边是户籍地…", lambda: self.live_apart(0), "", "", _BESIDE, "write"),
            ("right_home", "人户分离: 右边是户籍地…", lambda: self.live_apart(1), "", "", _BESIDE, "write"),
            ("before", "上一对(&P)", lambda: self._step(-1), "Ctrl+Up", "", _BESIDE, "read"),
            ("list", "回到名单(&Q)", self._back_to_list, "", "", _BESIDE, "read"),
        ):
            if self.desk.may(right):
                folded = key in _SELDOM or (large and key in _FOLDED)
                self.acts[key] = self.action(key, text, do, shortcut=shortcut, kind=kind, shown=not folded)
                self._steps[key] = step
        self.more = button("same_persons.more", "更多(&M) ▾", self._more)
        self.widget_in_head(self.more)

    def _more(self) -> None:
        menu = named(QMenu(self), "same_persons.more.menu", "更多")
        keys = _SELDOM | (_FOLDED if look.scale() >= LARGE_TEXT else frozenset())
        menu.addActions([act for key, act in self.acts.items() if key in keys])
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _show_step(self, step: int) -> None:
        self.stack.setCurrentIndex(step)
        self._allow()

    def _allow(self) -> None:
        """What can be done now. What goes goes first: a button more, for a moment, would widen the window for good."""
        step = self.stack.currentIndex()
        there = {key for key, where in self._steps.items() if where == step}
        there -= _DECIDING - _BY_STATE[self._state()]
        if self._homes[0] == self._homes[1]:
            there -= {"left_home", "right_home"}
        self.more.setVisible(step == _BESIDE)
        for key, act in sorted(self.acts.items(), key=lambda one: one[0] in there):
            act.setVisible(key in there)
            act.setEnabled(key in there)
        if step == _LIST:
            self.acts["compare"].setEnabled(bool(self.view.current()))
        else:
            for key in ("next", "before"):
                self.acts[key].setEnabled(self.view.rows.rowCount() > 1)

    def _state(self) -> str:
        """Of the pair in front."""
        two = frozenset(self._now or ())
        if two in self._decided.apart:
            return APART
        return MERGED if any(two == {one.kept.id, one.lost.id} for one in self._decided.merged) else WAITING

    # -- looking -----------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        del facts
        self._wanted = about
        if about:
            left, _, right = about.partition(" ")
            self._look_at((left, right))
        elif self.stack.currentIndex() == _BESIDE:
            self._back_to_list()
        self.refresh()

    def start(self) -> None:
        (self.view if self.stack.currentIndex() == _LIST else self.beside.view).setFocus()

    def refresh(self) -> None:
        """Look through the whole register, in the worker process; what is shown stays until the answer comes."""
        if self._task is None:
            self._task = self.apart(register_jobs.pairs, done=self._answered, what="查找疑似同一人")
        if self._now is not None:
            self._read_fields()

    def concerns(self, changed: "Changed") -> bool:
        """What somebody has decided elsewhere, or a package brought, needs no look through the whole register."""
        if "person_pair" in changed.kinds and self._found is not None:
            self._read_decided(self._fill)
        return super().concerns(changed)

    def _ended(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            if task.cancelled and self._found is None:
                self.view.empty = "已停止查找。按“重新查找”再找。"
                self.view.viewport().update()

    def _answered(self, found: Found) -> None:
        self._found = found
        self._read_decided(self._fill)

    def _read_decided(self, then: Callable[[], None]) -> None:
        views = self._views

        def known(decided: Decided) -> None:
            self._decided = decided
            then()

        self.read(lambda: Decided(views.told_apart(), views.merged()), known, key="decided")

    def _fill(self) -> None:
        found = self._found
        if found is None:
            return
        wanted, every = self.shown.currentData(), rows(found, self._decided)
        waiting, apart, merged = (count(every, state) for state in (WAITING, APART, MERGED))
        self.view.empty = EMPTY.get(wanted) or (NONE_LEFT if apart or merged else NONE)
        self.view.show_rows([row for row in every if row.state == wanted])
        crowded = len(found.search.crowded)
        more = f"; 另有 {crowded} 人同名同出生年月的太多, 没有逐个比" if crowded else ""
        self.word.setText(
            f"共 {found.search.persons} 人, 疑似同一人 {waiting} 对, 核过不是同一人 {apart} 对, 已合并 {merged} 对{more}。"
        )
        if self.stack.currentIndex() == _LIST:
            self.call(f"{self.title} {waiting} 对" if waiting else self.title)
        drafts.soon(self.desk.memory.put, "waiting.same_persons", [waiting, clock.today().isoformat()])
        self._allow()

    # -- side by side ------------------------------------------------------------------------------------------------

    def _compare(self, key: str) -> None:
        row: Row | None = self.view.row_of(key)
        if row is not None:
            left, right = (person.id for person in row.pair.persons)
            self.view.choose(key)
            self._look_at((left, right))
            self.beside.view.setFocus()

    def _look_at(self, two: tuple[str, str]) -> None:
        self._now, self._full, self._homes = two, False, ("", "")
        every = rows(self._found, self._decided) if self._found is not None else []
        self.beside.show_pair(next((row.pair for row in every if row.ids == frozenset(two)), None))
        self.banner.say("")
        self.call(self.title)
        self._show_step(_BESIDE)
        self._read_fields()
        if (record := self._decided.apart.get(frozenset(two))) is not None:
            self.read(lambda: self._views.told_by(record), self._say_told, key="told")

    def _say_told(self, told: Told | None) -> None:
        if told is not None and self._state() == APART:
            say(self.beside.decided, f"已核不是同一人({told.who}, {told.day})")

    def _read_fields(self) -> None:
        if self._now is None:
            return
        (left, right), full, cards = self._now, self._full, SideBySide(self.desk.station)
        self.desk.operations.read(
            lambda: cards.of(left, right, full=full), self._show_fields, owner=self, key="same_persons.fields",
            failed=self._not_there,
        )  # fmt: skip

    def _show_fields(self, found: Comparison) -> None:
        if self._now != (found.left.id, found.right.id):
            return
        self.beside.show_fields(found)
        self._homes = (found.left.fields["division"] or "", found.right.fields["division"] or "")
        differing = sum(line.differs for line in found.lines)
        self.call(f"{self.title}: {differing} 项不同" if differing else f"{self.title}: 没有不同的项")
        self._allow()

    def _not_there(self, error: UserError) -> bool:
        del error
        self._back_to_list()
        self.banner.say(GONE, "warn")
        return True

    def toggle_full(self) -> None:
        """Whole numbers of both while they are looked at; noted for each of them."""
        if self._now is None:
            return
        self._full = not self._full
        if self._full:
            for person in self._now:
                drafts.soon(
                    disclosing.note, self.desk.memory, disclosing.look(self.desk.station, "same_persons", person)
                )
        self._read_fields()

    def _open(self, side: int) -> None:
        if self._now is not None:
            self.go("person", self._now[side])

    def _step(self, steps: int) -> None:
        shown = self.view.rows
        if not shown.rowCount() or self._now is None:
            return
        place = next((n for n in range(shown.rowCount()) if shown.row(n).ids == frozenset(self._now)), -1)
        following = max(0, self.view.currentIndex().row()) if place < 0 else (place + steps) % shown.rowCount()
        self._compare(shown.id_at(following))

    def escape(self) -> None:
        """From the two persons back to the list, from the list to where one came from."""
        if self.stack.currentIndex() == _BESIDE and not self._wanted:
            self._back_to_list()
        else:
            super().escape()

    def _back_to_list(self) -> None:
        self._now, self._wanted = None, ""
        self.call(self.title)
        self._show_step(_LIST)
        self._fill()
        self.view.setFocus()

    # -- deciding ----------------------------------------------------------------------------------------------------

    def tell_apart(self) -> None:
        """不是同一人: remembered, here and above, and on to the next pair."""
        if self._now is not None:
            (one, other), service = self._now, self._service
            self._decide(lambda: service.tell_apart(one, other), "已记下: 不是同一人, 以后不再提示。")

    def merge(self, side: int) -> None:
        """同一人: one record stands for both, after a question."""
        if self._now is None:
            return
        keep, lose, service = self._now[side], self._now[1 - side], self._service
        which = "左边" if not side else "右边"

        def go() -> None:
            self._decide(lambda: service.merge(keep, lose), "已合并。合并错了的, 在“已合并的”里取消合并。")

        self.ask(
            f"这两份是同一个人, 以{which}的为主吗?", "合并", go,
            more="另一份的走访、发放、证明等以后都算在这一份下面; 另一份的资料原样留着, 不在名单里出现, 以后可以取消合并。",
        )  # fmt: skip

    def live_apart(self, side: int) -> None:
        """人户分离: one place is that of the registration, the other that of the residence."""
        if self._now is None:
            return
        registered, residing, service = self._now[side], self._now[1 - side], self._service

        def go() -> None:
            self._decide(lambda: service.live_apart(registered, residing), "已记下: 人户分离, 两边的站都能看到这个人。")

        which, other = ("左边", "右边") if not side else ("右边", "左边")
        self.ask(
            f"是同一个人, {which}是户籍地, {other}是常住地吗?", "人户分离", go,
            more="以后以户籍地的资料为主, 常住地的站也能看到这个人、登记走访。",
        )  # fmt: skip

    def ask_again(self) -> None:
        """Take 不是同一人 back, by undoing the act that said so; others' own acts they take back themselves."""
        record = self._decided.apart.get(frozenset(self._now or ()))
        if record is None:
            return
        views, undo = self._views, Undo(self.desk.station)

        def work() -> None:
            if (told := views.told_by(record)) is not None:
                undo.undo(told.act)

        self._decide(work, "已重新列为待核对。", on=False)

    def unmerge(self) -> None:
        """取消合并: both records stand for themselves again."""
        two = frozenset(self._now or ())
        lost = next((one.lost.id for one in self._decided.merged if {one.kept.id, one.lost.id} == two), "")
        if lost:
            self._decide(lambda: self._service.unmerge(lost), "已取消合并, 两份资料又各自在名单里。", on=False)

    def _decide(self, work: Callable[[], object], word: str, *, on: bool = True) -> None:
        """Do it, say so, and go on to the next pair, or back to the list."""
        following = self._following() if on else ""

        def then() -> None:
            self._fill()
            if following and self.view.row_of(following) is not None:
                self._compare(following)
            elif self._wanted:
                self.back.emit()
            else:
                self._back_to_list()

        def done(_result: object) -> None:
            self.tell(word)
            self._read_decided(then)

        self.write(work, done, failed=self._refused, what="核对疑似同一人")

    def _refused(self, error: UserError) -> bool:
        self.banner.say(str(error), "bad")
        return True

    def _following(self) -> str:
        """The pair after the one in front, as long as there is one."""
        shown = self.view.rows
        keys: Sequence[str] = [shown.id_at(n) for n in range(shown.rowCount())]
        now = next((key for key in keys if frozenset(key.split()) == frozenset(self._now or ())), "")
        place = keys.index(now) if now else -1
        rest = [*keys[place + 1 :], *keys[: max(place, 0)]]
        return rest[0] if rest else ""
