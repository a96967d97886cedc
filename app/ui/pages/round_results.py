"""Entering what became of a sheet, down the paper: everybody is 已领, only exceptions get a key of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app import clock
from app.documents.roster import ROWS
from app.errors import BadInput, UserError
from app.models.fields import Field
from app.rules import campaign as rules
from app.rules import names
from app.rules.money import format_grouped
from app.services import field_values, payments
from app.services.payments import RESULTS, Payments, Result
from app.services.round_views import RoundLine, RoundShown
from app.ui.kit import drafts
from app.ui.kit.controls import Tone, button, card, column, label, line_edit, named, row, say
from app.ui.kit.editors import DayLine
from app.ui.kit.entering import Enters, combo
from app.ui.kit.flow import Beside, Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page, named_action
from app.ui.kit.table import Column, List, Rows

_REASONS: Final = rules.MISSING_REASONS
_WHY: Final = {
    "missing": tuple(_REASONS[one] for one in ("away", "account", "declined", "other")),
    "returned": tuple(_REASONS[one] for one in ("dead", "moved", "declined", "double", "away", "other")),
}
_KEYS: Final = {Qt.Key.Key_0: "", Qt.Key.Key_1: "paid", Qt.Key.Key_2: "missing", Qt.Key.Key_3: "returned"}
_AFTER: Final = 6
_AT_ONCE: Final = 30
"""Lines that are saved in a moment; more go to the worker process, which says how far it is."""
_HINT: Final = "都按“已领”填好了, 只改例外:\n2 未领　3 缴回\n1 已领　0 先不登记\n再按一次, 换一个原因。"
_TONES: Final[dict[str, Tone]] = {"paid": "good", "missing": "warn", "returned": "note"}


@dataclass(frozen=True)
class _Entry:
    """One line of the paper with what is going to be entered: `result` empty means nothing yet."""

    line: RoundLine
    result: str
    reason: str
    problem: str = ""

    @property
    def recorded(self) -> bool:
        """Whether something was entered before: another result then is a correction."""
        return self.line.state in ("paid", "returned", "carried")

    @property
    def words(self) -> str:
        """What stands in the column 登记为."""
        if not self.result:
            return "—" if self.recorded or self.line.state == "missing" else "先不登记"
        return f"{'更正为 ' if self.recorded else ''}{RESULTS[self.result]}"


def _now(entry: _Entry) -> str:
    state = rules.LINE_STATES.get(entry.line.state, entry.line.state)
    return f"{state} {entry.line.day[5:]}".strip() if entry.line.day else state


COLUMNS = (
    Column("number", "序号", lambda entry: str(entry.line.number), wide=3, right=True),
    Column("name", "姓名", lambda entry: entry.line.name, wide=6),
    Column("place", "村组", lambda entry: entry.line.place, wide=6),
    Column("amount", "金额(元)", lambda entry: format_grouped(entry.line.amount), wide=6, right=True),
    Column("now", "现在", _now, wide=5),
    Column("result", "登记为", lambda entry: entry.words, wide=7, tone=lambda entry: _TONES.get(entry.result, "")),
    Column(
        "reason", "原因", lambda entry: entry.problem or (entry.reason if entry.result else entry.line.reason), wide=8,
        tone=lambda entry: "bad" if entry.problem else "",
    ),
)  # fmt: skip


class RoundResults(QWidget):
    """The second tab."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._service = Payments(page.desk.station)
        self._shown: RoundShown | None = None
        self._plan: dict[str, tuple[str, str]] = {}
        """Line -> (result, reason) where the person has changed what was proposed."""
        self._problems: dict[str, str] = {}
        self._lines: dict[str, RoundLine] = {}
        """Those of the paper page that is open."""
        self._staff: frozenset[str] = frozenset()
        self._wanted = ""
        self._place = ""
        """Where the draft of the round that is shown is kept."""
        self.sheet = combo("round.results.sheet", "签领表", [])
        self.paper = combo("round.results.page", "第几页", [])
        for box in (self.sheet, self.paper):
            box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToContents)
        self.day = named(DayLine(Field("领取日期", "day")), "round.results.day", "领取日期")
        self.witness = line_edit("round.results.witness", "见证人", "领取人是本站人员才填")
        self.note = label(tone="warn", id="round.results.note")
        self.note.hide()
        self.hint = label(_HINT, "faint", id="round.results.hint")
        self.list = List(
            "round.results.list", "本页", Rows(COLUMNS, self._load), "先打印签领表; 领完以后在这里按页登记结果。"
        )
        self.list.show_at_least(5)
        self.reason = line_edit("round.results.reason", "这一行的原因", "这一行的原因(F2)")
        self.after = label(wrap=True, id="round.results.after")
        # Its text grows with what is entered; the room for it is kept.
        self.after.setMinimumHeight(self.after.fontMetrics().lineSpacing() * _AFTER)
        self.after.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        self.save_button = button("round.results.save", "登记本页(&W)", self.save, kind="primary", hint="Ctrl+S")
        self.side = card(
            row(label("领取日期", "faint", wrap=False), self.day), row(label("见证人", "faint", wrap=False), self.witness),
            self.hint, self.reason, None, self.after, self.save_button,
        )  # fmt: skip
        main = QWidget()
        main.setLayout(column(Flow([self.sheet, self.paper]), self.note, self.list))
        self.setLayout(column(Beside(main, self.side), margin=SPACE.near))
        self._wire()
        self.forget()

    def _wire(self) -> None:
        self._page.remember(self.list, "results")
        self.list.installEventFilter(self)
        self.list.chosen.connect(lambda _id: self._show_reason())
        self.list.opened.connect(lambda _id: self._down())
        self.sheet.currentIndexChanged.connect(lambda _=0: self._fill_pages())
        self.paper.currentIndexChanged.connect(lambda _=0: self._fill())
        self.reason.textEdited.connect(self._type_reason)
        self.reason.returnPressed.connect(self._reason_typed)
        self._enters = Enters(self)
        for widget in (self.sheet, self.paper, self.day, self.witness):
            widget.installEventFilter(self._enters)
        named_action(self, "round.results.save", "登记本页", self.save, "Ctrl+S")
        named_action(self, "round.results.reason", "自己写原因", self._to_reason, "F2")
        named_action(self, "round.results.next", "下一页", lambda: self._turn(1), "Ctrl+PgDown")
        named_action(self, "round.results.previous", "上一页", lambda: self._turn(-1), "Ctrl+PgUp")

    # -- showing -----------------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Another round: nothing of the one before is proposed."""
        self._plan, self._problems, self._wanted, self._place = {}, {}, "", ""
        self.day.put(clock.today().isoformat())
        self.witness.clear()

    def choose_sheet(self, sheet: str) -> None:
        """Go to a sheet."""
        place = self.sheet.findData(sheet)
        if place >= 0:
            self.sheet.setCurrentIndex(place)
        self._wanted = sheet

    def show_round(self, shown: RoundShown) -> None:
        """The sheets as they stand; the one that was open stays open."""
        if self._shown is None:
            self._page.read(self._service.staff_names, self._know_staff)
        chosen = self._wanted or (
            self.sheet.currentData() if self._shown is not None and self._shown.id == shown.id else ""
        )
        at_page = self.paper.currentData()
        self._bring_back(shown)
        self._shown, self._wanted = shown, ""
        self.sheet.blockSignals(True)
        self.sheet.clear()
        for sheet in shown.sheets:
            left = f"还有 {sheet.open} 人没登记" if sheet.open else "都登记了"
            self.sheet.addItem(f"第 {sheet.serial} 号表  {sheet.lines} 人, {left}", sheet.id)
        first = next((sheet.id for sheet in shown.sheets if sheet.open), shown.sheets[0].id if shown.sheets else "")
        self.sheet.setCurrentIndex(max(0, self.sheet.findData(chosen or first)))
        self.sheet.blockSignals(False)
        self._fill_pages(at_page if chosen else None)
        may = shown.own and self._page.desk.may("write") and shown.status == "paying"
        self.side.setVisible(may)

    def _bring_back(self, shown: RoundShown) -> None:
        """What was typed down the paper of this round and not entered, as far as its lines are still there."""
        place = f"round:{shown.id}/results/lines"
        if self._place == place:
            return
        self._place = place
        kept = self._page.desk.memory.draft(place)
        states = {line.id: line.state for line in shown.lines}
        plan = kept.content.get("plan", {}) if kept is not None else {}
        # What has been entered meanwhile is no exception any more.
        self._plan = {one: (typed[0], typed[1]) for one, typed in plan.items() if states.get(one, typed[0]) != typed[0]}
        if self._plan:
            self._page.tell(f"没登记完的 {len(self._plan)} 处改动已经恢复。")

    def _keep(self) -> None:
        """What differs from the proposal is kept at once: it is typed far from any 保存."""
        if self._place and self._shown is not None:
            self._keep_plan(self._place, f"登记发放结果 · {self._shown.name}", self._plan)

    def _keep_plan(self, place: str, title: str, plan: Mapping[str, tuple[str, str]]) -> None:
        memory = self._page.desk.memory
        if plan:
            drafts.soon(memory.keep, place, title, {"plan": {one: list(typed) for one, typed in plan.items()}})
        else:
            drafts.soon(memory.drop, place)

    def _know_staff(self, found: frozenset[str]) -> None:
        self._staff = found
        self._fill()

    def start(self) -> None:
        """The first line of the paper."""
        self.list.setFocus()

    def _fill_pages(self, keep: Any = None) -> None:
        lines = self._sheet_lines()
        self.paper.blockSignals(True)
        self.paper.clear()
        count = -(-len(lines) // ROWS)
        for place in range(count):
            self.paper.addItem(f"第 {place + 1} 页 / 共 {count} 页", place)
        if count > 1:
            self.paper.addItem("整张表", -1)
        first = next((n // ROWS for n, line in enumerate(lines) if line.state == "planned"), 0)
        self.paper.setCurrentIndex(max(0, self.paper.findData(first if keep is None else keep)))
        self.paper.setEnabled(count > 1)
        self.paper.blockSignals(False)
        self._fill()

    def _sheet_lines(self) -> list[RoundLine]:
        if self._shown is None or not self.sheet.count():
            return []
        return [line for line in self._shown.lines if line.roster == self.sheet.currentData()]

    def _page_lines(self) -> list[RoundLine]:
        lines, place = self._sheet_lines(), self.paper.currentData()
        if place is None or place < 0:
            return lines
        return lines[place * ROWS : (place + 1) * ROWS]

    def _fill(self) -> None:
        self._lines = {line.id: line for line in self._page_lines()}
        self.list.show_ids(list(self._lines))
        first = next((line.id for line in self._lines.values() if line.state == "planned"), "")
        if first and not self._plan:
            self.list.choose(first)
        here = [line.name for line in self._lines.values() if names.folded(line.name) in self._staff]
        said = f"{'、'.join(here[:3])} 是本站工作人员, 请换一人经办并填写见证人(回避)。" if here else ""
        say(self.note, said, "warn")
        self._show_after()
        self._show_reason()

    def _load(self, ids: Sequence[str]) -> dict[str, _Entry]:
        return {one: self._entry(self._lines[one]) for one in ids if one in self._lines}

    def _entry(self, line: RoundLine) -> _Entry:
        result, reason = self._plan.get(line.id) or self._proposed(line)
        return _Entry(line, result, reason, self._problems.get(line.id, ""))

    @staticmethod
    def _proposed(line: RoundLine) -> tuple[str, str]:
        """Everybody has come, but the dead."""
        if line.state != "planned":
            return "", ""
        return ("returned", _REASONS["dead"]) if line.dead else ("paid", "")

    def _entries(self) -> list[_Entry]:
        return [self._entry(line) for line in self._lines.values()]

    def _show_after(self) -> None:
        """What this page will have done, and whether everything then has its whereabouts."""
        entries = [entry for entry in self._entries() if entry.result]
        said = []
        for result, words in RESULTS.items():
            some = [entry for entry in entries if entry.result == result]
            if some:
                said.append(f"{words} {len(some)} 人 {format_grouped(sum(e.line.amount for e in some))} 元")
        self.save_button.setEnabled(bool(entries))
        if not said or self._shown is None:
            self.after.setText("这一页没有要登记的。")
            return
        states = {entry.line.id: entry.result for entry in entries}
        then = rules.totals(
            replace(line.rule_line(), state=states.get(line.id, line.state)) for line in self._shown.lines
        )
        self.after.setText(
            f"本页登记 {', '.join(said)}。\n登记后: 应发 {format_grouped(then.planned)} ＝ 实发 {format_grouped(then.paid)}"
            f" ＋ 缴回 {format_grouped(then.returned)} ＋ 未了 {format_grouped(then.open)}"
        )

    # -- typing ------------------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            kept = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
            key = Qt.Key(event.key())
            if kept == Qt.KeyboardModifier.NoModifier and key in _KEYS and self.save_button.isVisibleTo(self):
                self._mark(_KEYS[key])
                return True
        return super().eventFilter(watched, event)

    def _mark(self, result: str) -> None:
        """Another result for the chosen lines; the same once more is its next reason."""
        for one in self.list.picked():
            entry = self._entry(self._lines[one])
            if result and result == entry.line.state and result != "missing":
                self._plan[one] = ("", "")
            elif result in _WHY and not entry.recorded:
                reasons = _WHY[result]
                at = reasons.index(entry.reason) if entry.result == result and entry.reason in reasons else -1
                self._plan[one] = (result, reasons[(at + 1) % len(reasons)])
            else:
                self._plan[one] = (result, "" if entry.result != result else entry.reason)
            self._problems.pop(one, None)
        self._keep()
        self.list.rows.reread()
        self._show_after()
        self._show_reason()
        recorded = [one for one in self.list.picked() if self._entry(self._lines[one]).recorded]
        if result and recorded and not self.reason.text().strip():
            self._page.tell("更正要写明原因。")
            self._to_reason()

    def _down(self) -> None:
        place = self.list.currentIndex().row() + 1
        if place < self.list.rows.rowCount():
            self.list.setCurrentIndex(self.list.rows.index(place, 0))
        else:
            self.save_button.setFocus()

    def _turn(self, step: int) -> None:
        place = self.paper.currentIndex() + step
        if 0 <= place < self.paper.count() and self.paper.itemData(place) != -1:
            self.paper.setCurrentIndex(place)

    def _show_reason(self) -> None:
        line = self._lines.get(self.list.current())
        entry = self._entry(line) if line is not None else None
        wanted = entry is not None and bool(entry.result) and (entry.result != "paid" or entry.recorded)
        self.reason.setEnabled(wanted)
        self.reason.setPlaceholderText(f"{line.name} 的原因(F2)" if wanted and line is not None else "这一行的原因(F2)")
        if not self.reason.hasFocus():
            self.reason.setText(entry.reason if wanted and entry is not None else "")

    def _to_reason(self) -> None:
        if self.reason.isEnabled():
            self.reason.setFocus()
            self.reason.selectAll()

    def _type_reason(self, text: str) -> None:
        one = self.list.current()
        if one in self._lines:
            self._plan[one] = (self._entry(self._lines[one]).result, text.strip())
            self._problems.pop(one, None)
            self._keep()
            self.list.rows.reread()

    def _reason_typed(self) -> None:
        self.list.setFocus()
        self._down()

    # -- saving ------------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Enter this page in one act."""
        if not self.save_button.isVisibleTo(self) or not self.save_button.isEnabled():
            return
        try:
            day = field_values.value_of(Field("领取日期", "day"), self.day.raw(), clock.today())
        except BadInput as error:
            self._page.desk.messages.fail(error)
            self.day.setFocus()
            return
        results = [Result(entry.line.id, entry.result, entry.reason) for entry in self._entries() if entry.result]
        on = clock.today() if day is None else clock.today().fromisoformat(day)
        witness = self.witness.text()
        self.save_button.setEnabled(False)
        # The answer may come when another round is open.
        place, title, plan = self._place, self._shown.name if self._shown is not None else "", dict(self._plan)
        saved = lambda made: self._saved(made, place, f"登记发放结果 · {title}", plan)  # noqa: E731 (one line)
        if len(results) <= _AT_ONCE:
            work = lambda: self._service.record_many(results, day=on, witness=witness)  # noqa: E731 (one act)
            self._page.write(work, saved, failed=self._refused, what="登记发放结果")
        else:
            self._page.apart(
                payments.record_many, results, on, witness, done=saved, failed=self._refused, what="登记发放结果"
            )

    def _saved(self, made: Sequence[Any], place: str, title: str, plan: Mapping[str, tuple[str, str]]) -> None:
        """Exceptions of other pages of the paper stay: they are not entered yet."""
        self._page.tell(f"已登记 {len(made)} 人。")
        entered = {one.line for one in made}
        here = place == self._place
        left = {one: typed for one, typed in (self._plan if here else plan).items() if one not in entered}
        self._keep_plan(place, title, left)
        if not here:
            return
        self._plan, self._problems = left, {}
        # The page reads anew by itself because payments have changed; the next paper page with open lines comes up then.
        for box, finished in ((self.paper, True), (self.sheet, not self._open_besides({one.line for one in made}))):
            box.blockSignals(True)
            box.setCurrentIndex(-1 if finished else box.currentIndex())
            box.blockSignals(False)

    def _open_besides(self, entered: set[str]) -> bool:
        return any(line.state == "planned" and line.id not in entered for line in self._sheet_lines())

    def _refused(self, error: UserError) -> bool:
        self.save_button.setEnabled(True)
        if isinstance(error, BadInput) and error.problems.keys() & self._lines.keys():
            self._problems = dict(error.problems)
            self.list.rows.reread()
            first = next(one for one in self._lines if one in error.problems)
            self.list.choose(first)
            if "见证人" in error.problems[first]:
                self.witness.setFocus()
            else:
                self.list.setFocus()
        self._page.desk.messages.fail(error)
        return True
