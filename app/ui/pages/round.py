"""慰问批次: one round from the list of people to the settled account; the balance is always in view."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QTabWidget, QWidget

from app.errors import UserError
from app.rules import campaign as rules
from app.rules import codes
from app.rules.money import capitals, format_grouped
from app.services import campaigns, papers
from app.services.campaigns import Campaigns
from app.services.paper_files import Drawn
from app.services.papers import Papers
from app.services.round_views import RoundShown, RoundViews
from app.ui.kit.controls import Tone, button, card, column, label, named, role, row, say
from app.ui.kit.flow import Flow
from app.ui.kit.later import Later
from app.ui.kit.look import SPACE
from app.ui.kit.numbered import Job, Numbered, Ways
from app.ui.kit.page import Desk, Page, named_action, scrolled
from app.ui.kit.printing import Paper, show_paper
from app.ui.kit.prompt import Prompt
from app.ui.pages.round_list import RoundList
from app.ui.pages.round_results import RoundResults
from app.ui.pages.round_sheets import RoundSheets

_TONES: dict[str, Tone] = {"waiting": "warn", "approved": "note", "paying": "note", "settled": "good"}
_LIST, _RESULTS, _SHEETS = range(3)


class RoundPage(Page):
    """Head with the balance, and three tabs: the list, entering results, the printed sheets."""

    name = "round"
    title = "慰问批次"
    help = "走访慰问"
    watches = frozenset(
        {"campaign", "roster", "roster_line", "payment", "issued_document", "person", "person_identity"}
    )

    def __init__(self, desk: Desk, parent: Any = None) -> None:
        super().__init__(desk, parent)
        self._views, self._rounds, self._papers = (
            RoundViews(desk.station),
            Campaigns(desk.station),
            Papers(desk.station),
        )
        self._id = ""
        self.shown: RoundShown | None = None
        self.name_label = role(label(id="round.name"), "title")
        self.state = label("", "badge", id="round.state", wrap=False)
        self.about = label("", "faint", id="round.about")
        self.about.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.approval = Prompt("round.approval", "批复文号", 14)
        self.approval.answered.connect(self._approve)
        self.approval.closed.connect(self.start)
        self.sums = Flow()
        """The balance, and behind it what can be done now."""
        self.list = RoundList(self)
        self._results = Later(lambda: RoundResults(self), self._fill)
        self._sheets = Later(self._make_sheets, self._fill)
        self.tabs = named(QTabWidget(), "round.tabs", "慰问批次")
        self.tabs.addTab(self.list, "名单(&L)")
        self.tabs.addTab(self._results, "登记发放结果(&J)")
        self.tabs.addTab(self._sheets, "签领表(&Q)")
        self.tabs.currentChanged.connect(lambda _=0: self.start())
        self.heading.hide()
        head = row(self.name_label, self.about, self.state, gap=SPACE.apart)
        head.setStretch(0, 1)
        head.setStretch(1, 1)
        inside = QWidget()
        inside.setLayout(column(head, card(self.sums, self.approval, id="round.head"), self.tabs, gap=SPACE.apart))
        self.body.addWidget(scrolled(inside, "round.area"))
        named_action(self, "round.print", "打印签领表", self.print_sheet, "Ctrl+P")
        named_action(self, "round.enter", "登记发放结果", lambda: self.tabs.setCurrentIndex(_RESULTS), "Ctrl+G")
        named_action(self, "round.switch", "下一张", self._next_tab, "Ctrl+Tab")

    @property
    def results(self) -> RoundResults:
        """The second tab."""
        return self._results.inside

    @property
    def sheets(self) -> RoundSheets:
        """The third tab."""
        return self._sheets.inside

    def _make_sheets(self) -> RoundSheets:
        made = RoundSheets(self)
        made.entered.connect(self.enter_results)
        made.wanted_again.connect(self.print_again)
        return made

    def _fill(self, part: RoundResults | RoundSheets) -> None:
        if self.shown is not None:
            part.show_round(self.shown)

    # -- going -------------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """A round by its id; the fact `tab`, or what follows a slash, says which tab is wanted (list | results | sheets)."""
        about, _, part = about.partition("/")
        if about != self._id:
            self.shown = None
            if (results := self._results.made) is not None:
                results.forget()
        self._id = about
        wanted = {"results": _RESULTS, "sheets": _SHEETS}.get((facts or {}).get("tab", part.partition("/")[0]), _LIST)
        self.tabs.setCurrentIndex(wanted)
        self.approval.hide()
        self.refresh()

    def start(self) -> None:
        """Where the work of the open tab begins."""
        place = self.tabs.currentIndex()
        (self.list if place == _LIST else self.results if place == _RESULTS else self.sheets).start()

    def _next_tab(self) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())

    def escape(self) -> None:
        """First out of what is open inside the page, then back."""
        if not (self.tabs.currentIndex() == _LIST and self.list.escape()):
            super().escape()

    # -- showing -----------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the round anew."""
        if not self._id:
            self.banner.say("请从“走访慰问”里选一个批次。", "note")
            return
        wanted = self._id
        self.read(lambda: self._views.show(wanted), self._show, key="show")

    def _show(self, shown: RoundShown) -> None:
        first = self.shown is None
        self.shown, totals = shown, shown.totals
        self.name_label.setText(shown.name)
        self.name_label.setAccessibleName(shown.name)
        say(self.state, rules.STATES.get(shown.status, shown.status), _TONES.get(shown.status, ""))
        self.about.setText(self._about(shown))
        self.list.show_round(shown)
        for part in (self._results.made, self._sheets.made):
            if part is not None:
                part.show_round(shown)
        for place, (text, count) in enumerate((
            ("名单(&L)", len(shown.lines)), ("登记发放结果(&J)", sum(sheet.open for sheet in shown.sheets)),
            ("签领表(&Q)", len(shown.sheets)),
        )):  # fmt: skip
            self.tabs.setTabText(place, f"{text} {count}" if count else text)
        # The button that was pressed may be gone now: the keyboard stays on this page.
        pressed = self.sums.isAncestorOf(QApplication.focusWidget() or self)
        self.sums.set_items([*self._balance(shown), *self._offers(shown)])
        if not shown.own:
            self.banner.say(f"这个批次由{shown.unit or '其他单位'}办理, 本单位只能查看。", "note")
        elif shown.status == "paying" and not totals.open and not loose_lines(shown):
            done = [button("round.banner.close", "结清", self.close_round)] if self.desk.may("write") else []
            self.banner.say("应发的钱都有了去向, 可以结清了。", "good", *done)
        else:
            self.banner.say("")
        if (first or pressed) and self.isVisible():
            self.start()

    @staticmethod
    def _about(shown: RoundShown) -> str:
        fields = shown.fields
        parts = [
            f"{fields['year']}年", codes.label("festival", fields["festival"]), codes.label("money_source", fields["source"]),
            codes.label("money_way", fields["way"]), fields["basis"] or "",
            " 至 ".join(day for day in (fields["starts"], fields["ends"]) if day),
        ]  # fmt: skip
        return "　".join(part for part in parts if part)

    @staticmethod
    def _balance(shown: RoundShown) -> list[QWidget]:
        """应发 = 实发 + 缴回 + 未了, and the two sums that stand on paper in capitals."""
        totals = shown.totals
        parts: tuple[tuple[str, str, Tone], ...] = (
            ("planned", f"应发 {format_grouped(totals.planned)} 元", ""),
            ("paid", f"＝ 实发 {format_grouped(totals.paid)}", "good" if totals.paid else ""),
            ("returned", f"＋ 缴回 {format_grouped(totals.returned)}", ""),
            (
                "open",
                f"＋ 未了 {format_grouped(totals.open)}",
                "warn" if totals.open else "good" if totals.planned else "",
            ),
        )
        words = f"(应发 {capitals(totals.planned)}, 实发 {capitals(totals.paid)})"
        out: list[QWidget] = [label(text, "", tone, wrap=False, id=f"round.{key}") for key, text, tone in parts]
        return [*out, label(words, "faint", wrap=False, id="round.words")]

    # -- what can be done --------------------------------------------------------------------------------------------------

    def _offers(self, shown: RoundShown) -> list[QPushButton]:
        """The acts of this state; what may not be done is not there."""
        may = self.desk.may("write") and shown.own
        printing = self.desk.may("print")
        loose = loose_lines(shown)
        state = shown.status
        out: list[QPushButton] = []
        if may and printing and loose and state != "waiting" and state not in ("settled", "archived"):
            text = f"打印签领表 {loose} 人(&P)"
            out.append(
                button("round.print", text, self.print_sheet, kind="primary", hint="先看样子, 打印才定稿(Ctrl+P)")
            )
        if printing and loose:
            out.append(
                button("round.review", "送审名单(校对稿)(&V)", self.review, hint="可以打多次, 不定稿, 不作发放凭证")
            )
        if may and state == "draft" and loose:
            out.append(
                button("round.send", "名单送审(&S)", lambda: self._move("waiting"), hint="送审后名单不能改, 可退回拟定")
            )
        if may and state in ("draft", "waiting") and loose:
            out.append(button("round.approve", "登记批复(&A)", self._ask_approval))
        if may and state in ("waiting", "approved") and not shown.sheets:
            out.append(button("round.draft", "退回拟定(&D)", lambda: self._move("draft")))
        if may and state not in ("settled", "archived"):
            out.append(button("round.change", "修改批次(&M)", lambda: self.go("rounds", f"change:{shown.id}")))
        if may and state == "paying":
            out.append(button("round.close", "结清(&C)", self.close_round, hint="应发都有了去向才能结清"))
        if may and state == "settled":
            out.append(button("round.archive", "归档(&G)", lambda: self._move("archived")))
        return out

    def print_sheet(self) -> None:
        """打印签领表: looked at first, frozen when it is printed."""
        shown = self.shown
        if shown is None or not shown.own or not (self.desk.may("write") and self.desk.may("print")):
            return
        warning = "这是样张。点“打印”才编号定稿; 定稿以后, 表上的姓名和金额不能再改。"
        paper = Numbered(
            self, Job(campaigns.sample, (shown.id,)), Job(campaigns.freeze, (shown.id,)), Ways(self._papers.settle), self.refresh,
            warning=warning,
        )  # fmt: skip
        paper.start()

    def review(self) -> None:
        """送审名单: freezes nothing, may be printed as often as one likes."""
        if self.shown is not None:
            self.apart(campaigns.review, self.shown.id, done=self._show_review, what="准备送审名单", reads=True)

    def _show_review(self, drawn: Drawn) -> None:
        show_paper(self.desk, Paper(drawn.pdf, drawn.title, drawn.file, "F04", drawn.remarks), self)

    def _move(self, state: str, basis: str = "") -> None:
        shown = self.shown
        if shown is None:
            return
        words = {
            "waiting": "名单已送审。",
            "draft": "已退回拟定, 名单可以改了。",
            "approved": "已登记批复。",
            "archived": "已归档。",
        }
        self.write(lambda: self._rounds.move(shown.id, state, basis), lambda _: self.tell(words[state]))

    def _ask_approval(self) -> None:
        self.approval.ask("批复下来了? 批复文号没有可以不填。", yes="登记批复", hint="如 临退批〔2026〕5号")

    def _approve(self, basis: str) -> None:
        self.approval.hide()
        self.start()
        self._move("approved", basis)

    def close_round(self) -> None:
        """结清, after one question."""
        shown = self.shown
        if shown is None:
            return

        def go() -> None:
            self.write(lambda: self._rounds.close(shown.id), lambda _: self.tell("已结清。"), failed=self._not_closed)

        if shown.totals.open:
            # What does not balance is said at once: there is nothing to ask yet.
            go()
        else:
            self.ask(f"“{shown.name}”应发都有了去向。结清以后不能再改, 要结清吗?", "结清", go)

    def _not_closed(self, error: UserError) -> bool:
        self.banner.say(str(error), "warn", button("round.banner.enter", "去登记", self._to_results))
        return True

    def _to_results(self) -> None:
        self.banner.say("")
        self.tabs.setCurrentIndex(_RESULTS)
        self.start()

    def enter_results(self, sheet: str) -> None:
        """Go on to the results of one sheet."""
        self.results.choose_sheet(sheet)
        self.tabs.setCurrentIndex(_RESULTS)
        self.start()

    def print_again(self, paper: str, full: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        """A frozen sheet once more; counted when it is settled."""
        job = Job(papers.again, (paper,), (("full", full),))
        Numbered(self, job, None, Ways(self._papers.settle), self.refresh).start()


def loose_lines(shown: RoundShown) -> int:
    """How many are on no sheet yet and wait for their money."""
    return sum(not line.roster and line.state in ("planned", "missing") for line in shown.lines)
