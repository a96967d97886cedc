"""The pairs of the register that may be one person: a list, then two persons side by side, until none is left."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from app import clock
from app.errors import UserError
from app.rules import id_number
from app.services import disclosing, register_jobs
from app.services.duplicates import Candidate, DuplicatePair
from app.services.looked_at import Looked, LookedAt
from app.services.register_jobs import Found
from app.services.side_by_side import Comparison, SideBySide
from app.ui.kit import drafts, look
from app.ui.kit.controls import button, column, label, named
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.operations import Task
from app.ui.kit.page import Desk, Page
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.same_persons.beside import Beside, how_sure

NONE: Final = "没有疑似同一人的。登记和导入时号码、姓名、出生日期、电话很像的, 会列在这里。"
NONE_APART: Final = "还没有核过“不是同一人”的。"
NONE_LEFT: Final = "都核过了: 没有还要看的。"
LOOKING: Final = "正在全部名单里找…"
GONE: Final = "这两个人里有一个已不在名单里了, 可能刚移入回收站。"
LARGE_TEXT: Final = 150
_WAITING, _APART = "waiting", "apart"
_LIST, _BESIDE = range(2)
_SELDOM: Final = frozenset({"before", "list"})
_FOLDED: Final = frozenset({"left", "right", "full"})
"""What large text leaves no room for in the head."""


@dataclass(frozen=True)
class _Row:
    pair: DuplicatePair
    places: Mapping[str, str]
    looked: Looked | None

    @property
    def key(self) -> str:
        return " ".join(person.id for person in self.pair.persons)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(person.id for person in self.pair.persons)


class SamePersonsPage(Page):
    """`about`: two ids with a space between, to look at these at once."""

    name = "same_persons"
    title = "疑似同一人"
    help = "疑似同一人"
    watches: ClassVar[frozenset[str]] = frozenset({"person", "person_service", "person_account"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._looked_at = LookedAt(desk.station, desk.memory)
        self._looked: Mapping[frozenset[str], Looked] = {}
        self._found: Found | None = None
        self._task: Task | None = None
        self._wanted = ""
        self._now: tuple[str, str] | None = None
        """The two persons looked at side by side."""
        self._full = False
        self.shown = combo("same_persons.shown", "看哪些", ((_WAITING, "还要核对的"), (_APART, "核过不是同一人的")))
        self.shown.currentIndexChanged.connect(lambda _index: self._fill())
        self.word = label(kind="faint", id="same_persons.word")
        self.view = PlainList(
            "same_persons.list", "疑似同一人", _columns(), lambda row: row.key, LOOKING,
            by={"points": lambda row: row.pair.points},
        )  # fmt: skip
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
            ("next", "下一对(&X)", lambda: self._step(1), "Ctrl+Down", "", _BESIDE, "read"),
            ("left", "打开左边(&L)", lambda: self._open(0), "", "", _BESIDE, "read"),
            ("right", "打开右边(&T)", lambda: self._open(1), "", "", _BESIDE, "read"),
            ("full", "显示完整号码(&F)", self.toggle_full, "F2", "", _BESIDE, "read"),
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
        step, apart = self.stack.currentIndex(), self._now is not None and frozenset(self._now) in self._looked
        there = {key for key, where in self._steps.items() if where == step} - {"apart" if apart else "ask_again"}
        self.more.setVisible(step == _BESIDE)
        for key, act in sorted(self.acts.items(), key=lambda one: one[0] in there):
            act.setVisible(key in there)
            act.setEnabled(key in there)
        if step == _LIST:
            self.acts["compare"].setEnabled(bool(self.view.current()))
        else:
            for key in ("next", "before"):
                self.acts[key].setEnabled(self.view.rows.rowCount() > 1)

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

    def _ended(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            if task.cancelled and self._found is None:
                self.view.empty = "已停止查找。按“重新查找”再找。"
                self.view.viewport().update()

    def _answered(self, found: Found) -> None:
        self._found = found
        self._read_looked(self._fill)

    def _read_looked(self, then: Callable[[], None]) -> None:
        def told(looked: Mapping[frozenset[str], Looked]) -> None:
            self._looked = looked
            then()

        self.read(self._looked_at.pairs, told, key="looked")

    def _fill(self) -> None:
        found = self._found
        if found is None:
            return
        apart = self.shown.currentData() == _APART
        rows = [_Row(pair, found.places, self._looked.get(_ids(pair))) for pair in found.search.pairs]
        waiting = [row for row in rows if row.looked is None]
        told = [row for row in rows if row.looked is not None]
        self.view.empty = NONE_APART if apart else NONE_LEFT if told else NONE
        self.view.show_rows(told if apart else waiting)
        crowded = len(found.search.crowded)
        more = f"; 另有 {crowded} 人同名同出生年月的太多, 没有逐个比" if crowded else ""
        self.word.setText(
            f"共 {found.search.persons} 人, 疑似同一人 {len(waiting)} 对, 核过不是同一人 {len(told)} 对{more}。"
        )
        self.call(f"{self.title} {len(waiting)} 对" if waiting else self.title)
        drafts.soon(self.desk.memory.put, "waiting.same_persons", [len(waiting), clock.today().isoformat()])
        self._allow()

    # -- side by side ------------------------------------------------------------------------------------------------

    def _compare(self, key: str) -> None:
        row: _Row | None = self.view.row_of(key)
        if row is not None:
            left, right = (person.id for person in row.pair.persons)
            self.view.choose(key)
            self._look_at((left, right))
            self.beside.view.setFocus()

    def _look_at(self, two: tuple[str, str]) -> None:
        self._now, self._full = two, False
        pair = next((p for p in (self._found.search.pairs if self._found else ()) if _ids(p) == frozenset(two)), None)
        self.beside.show_pair(pair, self._looked.get(frozenset(two)))
        self.banner.say("")
        self.call(self.title)
        self._show_step(_BESIDE)
        self._read_fields()

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
                disclosing.note(self.desk.station, "person", person)
        self._read_fields()

    def _open(self, side: int) -> None:
        if self._now is not None:
            self.go("person", self._now[side])

    def _step(self, steps: int) -> None:
        rows = self.view.rows
        if not rows.rowCount() or self._now is None:
            return
        place = next((n for n in range(rows.rowCount()) if rows.row(n).ids == frozenset(self._now)), -1)
        following = max(0, self.view.currentIndex().row()) if place < 0 else (place + steps) % rows.rowCount()
        self._compare(rows.id_at(following))

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
        """不是同一人: remembered, and on to the next pair."""
        if self._now is None:
            return
        (one, other), service, left = self._now, self._looked_at, self._following()
        self.write(lambda: service.tell_apart(one, other), lambda _: self._told(left), what="核对疑似同一人")

    def _following(self) -> str:
        """The pair after the one in front, as long as there is one."""
        rows = self.view.rows
        keys = [rows.id_at(n) for n in range(rows.rowCount())]
        now = " ".join(self._now or ())
        place = keys.index(now) if now in keys else -1
        rest = keys[place + 1 :] + keys[: max(place, 0)]
        return rest[0] if rest else ""

    def _told(self, following: str) -> None:
        self.tell("已记下: 不是同一人, 以后不再提示。记错了的, 在“核过不是同一人的”里找。")

        def then() -> None:
            self._fill()
            if following and self.view.row_of(following) is not None:
                self._compare(following)
            elif self._wanted:
                self.back.emit()
            else:
                self._back_to_list()

        self._read_looked(then)

    def ask_again(self) -> None:
        """The pair is to be asked about again."""
        if self._now is None:
            return
        one, other = self._now
        self.write(
            lambda: self._looked_at.ask_again(one, other),
            lambda _: self._read_looked(self._back_to_list),
            what="核对疑似同一人",
        )


def _ids(pair: DuplicatePair) -> frozenset[str]:
    return frozenset(person.id for person in pair.persons)


def _columns() -> Sequence[Column]:
    def number(place: int) -> Callable[[_Row], str]:
        return lambda row: _number(row.pair.persons[place])

    return (
        Column("points", "把握", lambda row: f"{row.pair.points} {how_sure(row.pair.points)}", 6, sorts=True),
        Column("left", "左边", lambda row: row.pair.persons[0].name, 6, sorts=True),
        Column("left_number", "号码或出生日期", number(0), 10, sorts=True),
        Column("right", "右边", lambda row: row.pair.persons[1].name, 6, sorts=True),
        Column("right_number", "号码或出生日期", number(1), 10, sorts=True),
        Column("why", "相同之处", lambda row: "、".join(row.pair.why), 18, sorts=True),
        Column("against", "不同之处", lambda row: "、".join(row.pair.against), 10, sorts=True),
        Column("places", "村(社区)", _places, 10, sorts=True),
        Column("looked", "核过", lambda row: row.looked.words if row.looked else "", 10, hidden=True),
    )


def _number(one: Candidate) -> str:
    return id_number.mask(one.id_number) if one.id_number else one.birth_date or ""


def _places(row: _Row) -> str:
    return "、".join(dict.fromkeys(row.places.get(one.division, one.division) for one in row.pair.persons))
