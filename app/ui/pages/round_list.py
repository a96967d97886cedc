"""The list of a round: people proposed by the standards or found by name, amounts put right, people taken off again."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.errors import UserError
from app.rules import campaign as rules
from app.rules.money import format_grouped, format_yuan
from app.services import campaigns
from app.services.campaigns import Campaigns, read_amount
from app.services.proposing import Candidate
from app.services.round_views import RoundLine, RoundShown
from app.services.searching import Search
from app.ui.kit import exports
from app.ui.kit.controls import Tone, button, column, label, named, offered, width_of
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page, named_action
from app.ui.kit.picker import Finder, Hit
from app.ui.kit.prompt import Prompt
from app.ui.kit.table import Column, List, Rows, Ticked

_TONES: dict[str, Tone] = {"paid": "good", "missing": "warn", "returned": "note", "carried": "note"}
_LINES, _CANDIDATES = 0, 1


def state_text(line: RoundLine) -> str:
    """已领, 未领 …; 待发 is not yet printed or not yet entered; money paid twice is said."""
    words = rules.LINE_STATES.get(line.state, line.state)
    return f"{words}(重复 {format_grouped(line.double)} 元, 要追回)" if line.double else words


def _remark(line: RoundLine) -> str:
    dead = "已去世, 不能发放" if line.dead and line.state in ("planned", "missing") else ""
    return "; ".join(part for part in (dead, line.reason, line.why) if part)


COLUMNS = (
    Column("number", "序号", lambda row: str(row.number or ""), wide=3, sorts=True, right=True),
    Column("name", "姓名", lambda row: row.name, wide=6, sorts=True),
    Column("category", "人员类别", lambda row: row.category.partition("(")[0], wide=9, sorts=True),
    Column("place", "村组", lambda row: row.place, wide=6, sorts=True),
    Column("amount", "金额(元)", lambda row: format_grouped(row.amount), wide=6, sorts=True, right=True),
    Column(
        "state", "状态", state_text, wide=5, sorts=True, tone=lambda row: "bad" if row.double else _TONES.get(row.state, "")
    ),
    Column("day", "日期", lambda row: row.day, wide=6, sorts=True),
    Column("sheet", "签领表号", lambda row: row.sheet.rpartition("字")[2], wide=10, sorts=True),
    Column("remark", "说明", _remark, wide=14, tone=lambda row: "bad" if row.dead and not row.day else ""),
)  # fmt: skip
PROPOSED = (
    Column("name", "姓名", lambda row: row.name, wide=8),
    Column("place", "村组", lambda row: row.place, wide=8),
    Column("amount", "金额(元)", lambda row: format_grouped(row.amount), wide=6, right=True),
    Column("why", "为什么", lambda row: row.why, wide=18),
    Column("last", "上次慰问", lambda row: row.last, wide=16),
)


class RoundList(QWidget):
    """The first tab: the list, or the people that are proposed."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._rounds = Campaigns(page.desk.station)
        self._search = Search(page.desk.station)
        self._shown: RoundShown | None = None
        self._lines: dict[str, RoundLine] = {}
        self._proposed: dict[str, Candidate] = {}
        self._sorting = ("", False)
        self._answer: Callable[[str], None] = _nothing
        self.stack = named(QStackedWidget(), "round.list.stack")
        self.stack.addWidget(self._lines_side())
        self.stack.addWidget(self._candidates_side())
        self.prompt = Prompt("round.list.prompt", "金额(元)", 8)
        self.prompt.answered.connect(self._answered)
        self.prompt.closed.connect(self.start)
        self.setLayout(column(self.prompt, self.stack, margin=SPACE.near))

    def _lines_side(self) -> QWidget:
        operations = self._page.desk.operations
        self.finder = Finder("round.list.finder", "列入一个人", "列入: 姓名、拼音、号码后几位", operations, self._find)
        self.finder.setMinimumWidth(width_of(self.finder, 14))
        self.finder.picked.connect(self._found)
        self.propose = button("round.list.propose", "按标准推荐(&T)", self._propose, hint="按慰问标准找出应当慰问的人")
        self.amount = button("round.list.amount", "改金额(&U)", self._ask_amount, hint="F2, 打印以前可以改")
        self.remove = button("round.list.remove", "移出名单(&X)", self._remove, hint="Delete, 打印以前可以移出")
        self.filter = combo("round.list.filter", "状态", [("", "全部"), *rules.LINE_STATES.items()])
        self.filter.currentIndexChanged.connect(lambda _=0: self._show())
        export = button(
            "round.list.export", "导出 Excel(&E)", lambda: exports.export(self._page, self.list, "慰问名单", self._load)
        )
        offered(export, may=self._page.desk.may("export"))
        self.count = label(wrap=False, id="round.list.count")
        self.why_not = label("", "faint", id="round.list.why")
        empty = "名单还是空的。点“按标准推荐”, 或在上面输入姓名列入。"
        self.list = List("round.list.list", "名单", Rows(COLUMNS, self._load), empty)
        self.list.show_at_least(4)
        self._page.remember(self.list, "lines")
        self.list.opened.connect(lambda one: self._page.go("person", self._lines[one].person))
        self.list.chosen.connect(lambda _id: self._allow())
        self.list.sorted_by.connect(self._sort)
        named_action(self.list, "round.list.amount", "改金额", self._ask_amount, "F2")
        named_action(self.list, "round.list.remove", "移出名单", self._remove, "Delete")
        side = QWidget()
        tools = Flow([self.finder, self.propose, self.amount, self.remove, self.filter, export, self.count])
        side.setLayout(column(tools, self.why_not, self.list))
        return side

    def _candidates_side(self) -> QWidget:
        self.candidates = Ticked(PROPOSED, self._load_proposed)
        self.candidates.ticks_changed.connect(self._count_ticks)
        empty = "按标准没有还没列入的人了。"
        self.chooser = List("round.list.candidates", "推荐的人", self.candidates, empty)
        self.chooser.show_at_least(4)
        everybody = button("round.list.all", "全选(&Z)", lambda: self._tick_all(on=True))
        nobody = button("round.list.none", "全不选", lambda: self._tick_all(on=False))
        self.take = button("round.list.take", "列入", self._take, kind="primary", hint="Ctrl+S")
        back = button("round.list.back", "返回名单", self._to_lines, hint="Esc")
        hint = label("空格选中或取消一个人; Ctrl+A 再按空格是全部。金额列入以后还可以改。", "faint")
        side = QWidget()
        named_action(side, "round.list.take", "列入", self._take, "Ctrl+S")
        side.setLayout(column(Flow([everybody, nobody, self.take, back]), hint, self.chooser))
        return side

    # -- showing -----------------------------------------------------------------------------------------------------------

    def show_round(self, shown: RoundShown) -> None:
        """The list as it stands."""
        self._shown = shown
        self._lines = {line.id: line for line in shown.lines}
        self._show()
        may = shown.own and self._page.desk.may("write") and shown.status in ("draft", "paying")
        for widget in (self.finder, self.propose, self.amount, self.remove):
            widget.setVisible(may)
        why = ""
        if shown.own and self._page.desk.may("write") and shown.status in ("waiting", "approved"):
            why = f"名单{rules.STATES[shown.status]}, 不能改。要改请先“退回拟定”。"
        self.why_not.setText(why)
        self.why_not.setVisible(bool(why))
        if not may and self.stack.currentIndex() == _CANDIDATES:
            self._to_lines()

    def start(self) -> None:
        """The finder while the list is empty, the list else."""
        if self.stack.currentIndex() == _CANDIDATES:
            self.chooser.setFocus()
        elif not self._lines and self.finder.isVisibleTo(self):
            self.finder.setFocus()
        else:
            self.list.setFocus()

    def escape(self) -> bool:
        """Out of the proposed people; False where there is nothing to leave."""
        if self.stack.currentIndex() == _CANDIDATES:
            self._to_lines()
            return True
        return False

    def _show(self) -> None:
        state = self.filter.currentData()
        rows = [line for line in self._lines.values() if state in ("", line.state)]
        by, downwards = self._sorting
        if by:
            rows.sort(key=lambda line: getattr(line, by), reverse=downwards)
        self.list.show_ids([line.id for line in rows])
        total = format_grouped(sum(line.amount for line in rows))
        self.count.setText(f"{len(rows)} 人, {total} 元")
        self._allow()

    def _load(self, ids: Sequence[str]) -> dict[str, RoundLine]:
        return {one: self._lines[one] for one in ids if one in self._lines}

    def _load_proposed(self, ids: Sequence[str]) -> dict[str, Candidate]:
        return {one: self._proposed[one] for one in ids if one in self._proposed}

    def _sort(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._sorting = (key, downwards)
        self._show()

    def _allow(self) -> None:
        line = self._lines.get(self.list.current())
        loose = line is not None and not line.roster and line.state == "planned"
        for push in (self.amount, self.remove):
            push.setEnabled(loose)
            why = "" if loose or line is None else "已打印定稿或已登记结果, 不能改。"
            push.setAccessibleDescription(why)
            push.setToolTip(why or ("F2" if push is self.amount else "Delete"))

    # -- one person ----------------------------------------------------------------------------------------------------------

    def _find(self, text: str) -> list[Hit]:
        found = self._search.persons(text, 12)
        return [Hit(one.id, one.name, "  ".join(filter(None, (one.birth_date, one.address)))) for one in found]

    def _found(self, hit: Hit) -> None:
        shown = self._shown
        if shown is None:
            return
        self.finder.clear()
        listed = next((line for line in self._lines.values() if line.person == hit.key), None)
        if listed is not None:
            self._page.tell(f"{hit.text} 已经在名单里。")
            self.list.choose(listed.id)
            return
        self._page.read(lambda: self._rounds.amount_for(shown.id, hit.key), lambda fen: self._ask_for(hit, fen))

    def _answered(self, text: str) -> None:
        self._answer(text)

    def _ask_for(self, hit: Hit, fen: int | None) -> None:
        note = "" if fen is not None else "(按标准没有他的, 请填金额)"
        self._answer = lambda text: self._add(hit.key, text)
        self.prompt.ask(f"列入 {hit.text}: 金额(元){note}", format_yuan(fen) if fen is not None else "", yes="列入")

    def _add(self, person: str, amount: str) -> None:
        shown = self._shown
        if shown is None:
            return

        def added(_line: str) -> None:
            self.prompt.hide()
            self.finder.setFocus()

        self._page.write(lambda: self._rounds.add_line(shown.id, person, amount), added, failed=self._refused)

    def _refused(self, error: UserError) -> bool:
        if not self.prompt.isVisible():
            return False
        self.prompt.say(str(error))
        self.prompt.field.setFocus()
        return True

    def _ask_amount(self) -> None:
        line = self._lines.get(self.list.current())
        if line is None or not self.amount.isEnabled() or not self.amount.isVisibleTo(self):
            return
        self._answer = lambda text: self._change(line.id, text)
        self.prompt.ask(f"{line.name} 的金额(元)", format_yuan(line.amount), yes="改")

    def _change(self, line: str, amount: str) -> None:
        try:
            read_amount(amount)
        except UserError as error:
            self.prompt.say(str(error))
            return

        def changed(_: None) -> None:
            self.prompt.hide()
            self.list.setFocus()

        self._page.write(lambda: self._rounds.change_line(line, amount), changed, failed=self._refused)

    def _remove(self) -> None:
        if not self.remove.isEnabled() or not self.remove.isVisibleTo(self):
            return
        lines = [self._lines[one] for one in self.list.picked() if one in self._lines]
        wanted = [line for line in lines if not line.roster and line.state == "planned"]
        names = "、".join(line.name for line in wanted[:3]) + (f" 等 {len(wanted)} 人" if len(wanted) > 3 else "")
        ids = [line.id for line in wanted]
        told = f"已移出 {names}。可以用 Ctrl+Z 撤销。"

        def go() -> None:
            self._page.write(lambda: self._rounds.remove_lines(ids), lambda _: self._page.tell(told))

        if len(wanted) == 1:
            go()
        elif wanted:
            self._page.ask(f"要把 {names} 移出名单吗?", "移出", go, danger=True)

    # -- proposed people -------------------------------------------------------------------------------------------------------

    def _propose(self) -> None:
        shown = self._shown
        if shown is not None:
            self._page.apart(campaigns.propose, shown.id, done=self._show_proposed, what="按标准推荐", reads=True)

    def _show_proposed(self, found: Sequence[Candidate]) -> None:
        self._proposed = {one.person: one for one in found}
        self.candidates.ticked.clear()
        self.chooser.show_ids(list(self._proposed))
        self.candidates.tick(self._proposed, on=True)
        self._count_ticks()
        self.stack.setCurrentIndex(_CANDIDATES)
        self.chooser.setFocus()

    def _tick_all(self, *, on: bool) -> None:
        self.candidates.tick(list(self._proposed), on=on)

    def _count_ticks(self) -> None:
        ticked = [self._proposed[one] for one in self.candidates.ticked if one in self._proposed]
        total = format_grouped(sum(one.amount for one in ticked))
        self.take.setText(f"列入选中的 {len(ticked)} 人, {total} 元(&K)")
        self.take.setAccessibleName(f"列入选中的 {len(ticked)} 人, {total} 元")
        self.take.setEnabled(bool(ticked))

    def _take(self) -> None:
        shown = self._shown
        ticked = [one for one in self._proposed.values() if one.person in self.candidates.ticked]
        if shown is None or not ticked:
            return
        rows = [(one.person, one.amount) for one in ticked]
        whys = {one.person: one.why for one in ticked}

        def taken(lines: Sequence[str]) -> None:
            self._page.tell(f"已列入 {len(lines)} 人。")
            self.stack.setCurrentIndex(_LINES)
            self.list.setFocus()

        self._page.write(lambda: self._rounds.add_lines(shown.id, rows, whys=whys), taken)

    def _to_lines(self) -> None:
        self.stack.setCurrentIndex(_LINES)
        self.start()


def _nothing(_text: str) -> None:
    """Before anything is asked."""
