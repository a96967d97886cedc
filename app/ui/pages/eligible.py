"""快符合条件 / 应享受未享受: who comes to be entitled, since when and why, worked off line by line, printed, exported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QMenu, QWidget

from app.errors import UserError
from app.rules import phone
from app.rules.eligibility import STATES
from app.services import register_jobs
from app.services.eligibility import MONTHS, DueCount, DueList, DueRow
from app.services.looked_at import VERDICTS, Looked, LookedAt
from app.ui.kit import drafts, exports, look
from app.ui.kit.controls import Tone, button, column, label, named, say
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.operations import Task
from app.ui.kit.page import Desk, Page, follow, named_action, scrolled
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column

LARGE_TEXT: Final = 150
SHORT_TITLE: Final = "快符合条件"
LOOKING: Final = "正在逐人核对条件…"
NOBODY: Final = "没有人快符合条件, 也没有应享受未享受的。出生日期、人员类别、服役时间登记得越全, 查得越准。"
NONE_HERE: Final = "这几项里没有。换一个条件看看。"
_MONTHS: Final = (1, 3, 6, 12, 24)
_OPEN: Final = "open"
_TONES: Final[Mapping[str, Tone]] = {"now": "bad", "coming": "warn", "unknown": "note"}


@dataclass(frozen=True)
class _Line:
    row: DueRow
    place: str
    looked: Looked | None

    @property
    def key(self) -> str:
        """The same birthday next year is another line."""
        due = self.row.due
        return f"{self.row.id}/{due.rule}/{due.due or ''}/{due.about}"

    @property
    def verdict(self) -> str:
        """What became of it, as the filter names it."""
        return self.looked.verdict if self.looked is not None else _OPEN


def _lines(found: DueList, places: Mapping[str, str], looked: Mapping[str, Looked]) -> list[_Line]:
    lines = [_Line(row, places.get(row.division, row.division), None) for row in found.rows]
    return [replace(line, looked=looked[line.key]) if line.key in looked else line for line in lines]


class EligiblePage(Page):
    """The list of a day; what was worked off stays worked off."""

    name = "eligible"
    title = "快符合条件、应享受未享受"
    help = "快符合条件、应享受未享受"
    watches: ClassVar[frozenset[str]] = frozenset(
        {"person", "person_identity", "person_service", "family_member", "policy"}
    )

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._looked_at = LookedAt(desk.station, desk.memory)
        self._list: DueList | None = None
        self._lines: Sequence[_Line] = ()
        self._places: Mapping[str, str] = {}
        self._task: Task | None = None
        self._again = False
        months = int(desk.memory.note("eligible.months", MONTHS))
        self.months = combo("eligible.months", "看多远", [(str(n), f"今后 {n} 个月") for n in _MONTHS], str(months))
        self.rule = combo("eligible.rule", "事项", [("", "事项: 全部")])
        self.state = combo(
            "eligible.state", "情况", [("", "情况: 全部"), *((key, word) for key, word in STATES.items())]
        )
        self.worked = combo(
            "eligible.worked", "办理",
            [(_OPEN, "还没办的"), ("later", VERDICTS["later"]), ("done", VERDICTS["done"]), ("", "办理: 全部")],
            _OPEN,
        )  # fmt: skip
        self.rule.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        large = look.scale() >= LARGE_TEXT
        self.rule.setMinimumContentsLength(9 if large else 16)
        self.word = label(kind="faint", id="eligible.word")
        self.view = PlainList(
            "eligible.list", "快符合条件和应享受未享受的人", _columns(), lambda line: line.key, LOOKING,
            by={"due": lambda line: str(line.row.due.due or "9999")},
        )  # fmt: skip
        self.why = label(id="eligible.why")
        filters = [self.rule, self.state, self.months, self.worked]
        if large:
            # The list needs the room: what is coming, due or not to be told stands in a column of its own.
            filters.remove(self.state)
            self.view.setMinimumHeight((self.view.verticalHeader().defaultSectionSize() + 1) * 2)
            self.call(SHORT_TITLE)
        self.body.addWidget(Flow(filters))
        self.body.addWidget(self.word)
        self.body.addWidget(self.view, 1)
        holder = QWidget()
        holder.setLayout(column(self.why, None))
        below = scrolled(holder, "eligible.below")
        below.setFixedHeight(self.why.fontMetrics().lineSpacing() * 2 + SPACE.near)
        self.body.addWidget(below)
        self._offer()
        self._wire()

    def _offer(self) -> None:
        self.acts: dict[str, QAction] = {}
        for key, text, do, shortcut, right, kind in (
            ("card", "处理(&O)", self._open, "", "read", "primary"),
            ("done", "已核(&K)", lambda: self._mark("done"), "Ctrl+K", "write", ""),
            ("later", "暂不(&Z)", lambda: self._mark("later"), "Ctrl+D", "write", ""),
            ("reopen", "重新列为还没办(&R)", lambda: self._mark(None), "", "write", ""),
            ("print", "打印(&P)", self.print_it, "Ctrl+P", "print", ""),
            ("export", "导出 Excel(&E)…", self.export, "Ctrl+E", "export", ""),
        ):
            if not self.desk.may(right):
                continue
            self.acts[key] = named_action(self, f"eligible.{key}", text, do, shortcut)
            if key not in _folded():
                push = button(f"eligible.{key}", text, self.acts[key].trigger, kind=kind, hint=shortcut)
                follow(push, self.acts[key])
                self.widget_in_head(push)
        self.more = button("eligible.more", "更多(&M) ▾", self._more)
        self.widget_in_head(self.more)

    def _more(self) -> None:
        menu = named(QMenu(self), "eligible.more.menu", "更多")
        menu.addActions([act for key, act in self.acts.items() if key in _folded()])
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _wire(self) -> None:
        self.months.currentIndexChanged.connect(lambda _index: self._other_months())
        for each in (self.rule, self.state, self.worked):
            each.currentIndexChanged.connect(lambda _index: self._fill())
        self.view.opened.connect(lambda _key: self._open())
        self.view.chosen.connect(self._chosen)
        self.view.actions_of = lambda: [self.acts[key] for key in ("card", "done", "later") if key in self.acts]
        self.remember(self.view, "list")
        self.desk.operations.ended.connect(self._ended)
        named_action(self, "eligible.refresh", "刷新", self.refresh, "F5")

    # -- showing -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.view.setFocus()

    def refresh(self) -> None:
        """Everybody against the rules, in the worker process; what is shown stays until the answer comes."""
        if self._task is not None:
            self._again = True
            return
        months = int(self.months.currentData())
        self._task = self.desk.operations.apart(
            register_jobs.due, months, done=self._answered, owner=self, failed=self._refused, what="核对条件"
        )

    def _ended(self, task: Task) -> None:
        if task is not self._task:
            return
        self._task = None
        if self._again:
            self._again = False
            self.refresh()

    def _refused(self, error: UserError) -> bool:
        self.banner.say(str(error), "bad")
        return True

    def _other_months(self) -> None:
        drafts.remember(self.desk.memory, "eligible.months", int(self.months.currentData()))
        self.refresh()

    def _answered(self, found: tuple[DueList, Mapping[str, str]]) -> None:
        self._list, self._places = found
        self.banner.say("")
        self._read_looked()

    def _read_looked(self) -> None:
        found, places, service = self._list, self._places, self._looked_at
        if found is not None:
            # A county has tens of thousands of lines: they are put together off the window's thread.
            self.read(lambda: _lines(found, places, service.lines()), self._know, key="lines")

    def _know(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        if self._list is not None:
            self._fill_rules(self._list.counts)
            self._fill()

    def _fill_rules(self, counts: Sequence[DueCount]) -> None:
        kept = self.rule.currentData()
        self.rule.blockSignals(True)
        self.rule.clear()
        self.rule.addItem("事项: 全部", "")
        for one in counts:
            self.rule.addItem(f"{one.label} {one.now + one.coming + one.unknown}", one.rule)
        self.rule.setCurrentIndex(max(0, self.rule.findData(kept)))
        self.rule.blockSignals(False)

    def _fill(self) -> None:
        found = self._list
        if found is None:
            return
        wanted, state, worked = (each.currentData() for each in (self.rule, self.state, self.worked))
        lines = [
            line
            for line in self._lines
            if wanted in ("", line.row.due.rule) and state in ("", line.row.due.state) and worked in ("", line.verdict)
        ]
        waiting = sum(line.looked is None for line in self._lines)
        place = self.view.currentIndex().row()
        self.view.empty = NONE_HERE if found.rows else NOBODY
        self.view.show_rows(lines)
        if lines and place > 0 and not self.view.currentIndex().row():
            # Whoever has just been worked off is gone: the cursor stays where it stood.
            self.view.choose(lines[min(place, len(lines) - 1)].key)
        drafts.soon(self.desk.memory.put, "waiting.eligible", [waiting, found.day.isoformat()])
        self._tell(found, waiting, len(lines))
        self._chosen(self.view.current())

    def _tell(self, found: DueList, waiting: int, shown: int) -> None:
        unknown = f"; {found.without_birth} 人没有出生日期, 年龄说不准" if found.without_birth else ""
        day = f"截至 {found.day}, 今后 {found.months} 个月, 共 {found.persons} 人{unknown}。"
        said = f"列出 {shown} 条, 还没办 {waiting} 条。"
        say(self.word, said if look.scale() >= LARGE_TEXT else day + said)
        for key in ("print", "export"):
            if key in self.acts:
                self.acts[key].setEnabled(bool(shown))

    def _chosen(self, key: str) -> None:
        line: _Line | None = self.view.row_of(key)
        for name in ("card", "done", "later", "reopen"):
            if name in self.acts:
                self.acts[name].setEnabled(line is not None)
        if "reopen" in self.acts:
            self.acts["reopen"].setEnabled(line is not None and line.looked is not None)
        if line is None:
            say(self.why, "")
            return
        due = line.row.due
        missing = f" 还缺: {'; '.join(due.missing)}。" if due.missing else ""
        looked = f" {line.looked.words}。" if line.looked is not None else ""
        say(self.why, f"{line.row.name}: {due.why}。{missing}{looked}")

    # -- working off -------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        line: _Line | None = self.view.current_row
        if line is not None:
            self.go("person", line.row.id)

    def _mark(self, verdict: Literal["done", "later"] | None) -> None:
        keys = [line.key for line in self.view.picked_rows]
        if not keys:
            return
        service = self._looked_at
        word = f"记为{VERDICTS[verdict]}" if verdict else "重新列为还没办"
        self.write(lambda: service.mark(keys, verdict), lambda _: self._marked(f"{len(keys)} 条已{word}。"))

    def _marked(self, word: str) -> None:
        self.tell(word)
        self._read_looked()

    # -- leaving the desk --------------------------------------------------------------------------------------------

    def _words(self) -> str:
        """What the list was narrowed by, for the paper."""
        said = [self.months.currentText()]
        said += [each.currentText() for each in (self.rule, self.state, self.worked) if each.currentData()]
        day = f"截至 {self._list.day} " if self._list is not None else ""
        return day + "、".join(said)

    def print_it(self) -> None:
        """What is shown, with room for a pen at the end of each line."""
        columns = [(column.title, column.wide) for column in _columns() if column.key not in _NOT_PRINTED]
        kept = [column for column in _columns() if column.key not in _NOT_PRINTED]
        rows = [
            [*(column.text(self.view.rows.row(n)) for column in kept), ""] for n in range(self.view.rows.rowCount())
        ]
        self.apart(
            register_jobs.printed, self.title, self._words(), [*columns, ("办理结果", 8)], rows, done=self._drawn,
            what="排版名单",
        )  # fmt: skip

    def _drawn(self, pdf: bytes) -> None:
        from app.ui.kit.printing import Paper, show_paper

        show_paper(self.desk, Paper(pdf, self.title, f"{self.title}.pdf", "list"), self)

    def export(self) -> None:
        """Ask whether numbers are whole, then where."""
        rule = self.rule.currentText().rpartition(" ")[0] if self.rule.currentData() else "全部事项"
        more = f"{self.months.currentText()}, {rule}; 表里有一列“办理结果”空着填。"
        exports.choose(self, self.title, lambda file, full: self.write_to(file, full=full), more=more)

    def write_to(self, path: Path, *, full: bool) -> None:
        """Write the list to a file."""
        done = lambda count: self.tell(f"已导出 {count} 行到 {path}")  # noqa: E731 (one line)
        months, rule = int(self.months.currentData()), self.rule.currentData()
        self.apart(register_jobs.due_exported, path, months, rule, full=full, done=done, what="导出")


_NOT_PRINTED: Final = frozenset({"looked"})


def _folded() -> frozenset[str]:
    """What stands behind 更多."""
    return frozenset({"reopen", "print", "export"}) if look.scale() >= LARGE_TEXT else frozenset({"reopen"})


def _columns() -> Sequence[Column]:
    def tone(line: Any) -> Tone:
        return _TONES.get(line.row.due.state, "")

    return (
        Column("name", "姓名", lambda line: line.row.name, 6, sorts=True),
        Column("rule", "事项", lambda line: line.row.label, 9, sorts=True),
        Column("state", "情况", lambda line: STATES[line.row.due.state], 4, sorts=True, tone=tone),
        Column("due", "从何时起", lambda line: str(line.row.due.due or ""), 6, sorts=True),
        Column("why", "理由", lambda line: line.row.due.why, 20),
        Column("missing", "还缺什么", lambda line: "; ".join(line.row.due.missing), 14),
        Column("village", "村组", lambda line: f"{line.place}{line.row.village_group or ''}", 8, sorts=True),
        Column("phone", "手机", lambda line: phone.mask(line.row.phone or ""), 6),
        Column("looked", "办理", lambda line: line.looked.words if line.looked else "", 9, sorts=True),
    )
