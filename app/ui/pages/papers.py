"""开证明: choose the paper and for whom, look at it, print it, say that it came out; and the register of all numbers."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QTabWidget, QWidget

from app.errors import UserError
from app.rules import certificates, guidance, levels
from app.services import guides, papers
from app.services.case_views import CaseViews
from app.services.paper_files import Drawn
from app.services.paper_register import PaperRegister, PaperRow
from app.services.papers import Papers
from app.services.people import People
from app.services.searching import Search
from app.ui.kit.controls import button, card, column, label, line_edit, named, row, say
from app.ui.kit.entering import Enters, combo
from app.ui.kit.flow import Flow
from app.ui.kit.later import Later
from app.ui.kit.look import SPACE
from app.ui.kit.numbered import Job, Numbered, Ways
from app.ui.kit.page import Desk, Page, named_action, scrolled
from app.ui.kit.picker import Chosen, Hit
from app.ui.kit.printing import Paper, show_paper
from app.ui.pages.papers_register import RegisterList

_FORMS: Final = (("F14", "证明(带存根)"), ("F07", "困难帮扶申请审批表"), ("F04", "慰问金签领表(重印)"))
_PLACES: Final = {"F14": 0, "F07": 1, "F04": 2}


class PapersPage(Page):
    """Two tabs: one paper, and the register."""

    name = "papers"
    title = "开证明"
    help = "开证明"
    watches = frozenset({"issued_document", "hardship_case", "roster"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._papers, self._register = Papers(desk.station), PaperRegister(desk.station)
        self._search, self._cases = Search(desk.station), CaseViews(desk.station)
        self._waiting: list[PaperRow] = []
        self.tabs = named(QTabWidget(), "papers.tabs", "开证明")
        self._register_tab = Later(self._make_register, lambda made: made.refresh())
        self.tabs.addTab(self._choosing(), "打印(&T)")
        self.tabs.addTab(self._register_tab, "登记簿(&B)")
        self.tabs.currentChanged.connect(lambda _=0: self.start())
        self.body.addWidget(scrolled(self.tabs, "papers.area"))
        named_action(
            self, "papers.switch", "另一张", lambda: self.tabs.setCurrentIndex(1 - self.tabs.currentIndex()), "Ctrl+Tab"
        )
        self._print = self.action("print", "看样子并打印(&P)", self.look, shortcut="Ctrl+P", kind="primary")
        self._print.setVisible(desk.may("print"))
        self._kind_changed()

    @property
    def register(self) -> RegisterList:
        """The second tab."""
        return self._register_tab.inside

    def _make_register(self) -> RegisterList:
        made = RegisterList(self)
        made.again.connect(self._again)
        return made

    # -- building ----------------------------------------------------------------------------------------------------------

    def _choosing(self) -> QWidget:
        self._enters = Enters(self)
        self.form = combo("papers.form", "要打印什么", _FORMS)
        self.form.currentIndexChanged.connect(lambda _=0: self._form_changed())
        self.form.installEventFilter(self._enters)
        self.parts = QStackedWidget()
        self.parts.setObjectName("papers.parts")
        for part in (self._certificate(), self._case(), self._sheet()):
            self.parts.addWidget(part)
        inside = QWidget()
        inside.setLayout(
            column(
                label("要打印什么", "faint", wrap=False), self.form, self.parts, None, margin=SPACE.near, gap=SPACE.near
            )
        )
        return inside

    def _person(self, id: str) -> Chosen:
        return Chosen(id, "给谁开", "姓名、拼音、首字母、号码后几位", self.desk.operations, self._find)

    def _certificate(self) -> QWidget:
        level = self.desk.level
        mine = [kind for kind in certificates.KINDS.values() if not levels.above(kind.lowest, level)]
        above = [kind for kind in certificates.KINDS.values() if levels.above(kind.lowest, level)]
        options = [(kind.code, f"{kind.label}证明") for kind in mine]
        options += [(kind.code, f"{kind.label}证明(由{levels.NAMES[kind.lowest]}出具)") for kind in above]
        if level == "village":
            options += [(kind, f"{kind}证明(不由村里开)") for kind in certificates.BANNED_IN_VILLAGES]
        self.who = self._person("papers.who")
        self.who.edited.connect(self._who_changed)
        self.kind = combo("papers.kind", "证明什么", options)
        self.kind.currentIndexChanged.connect(lambda _=0: self._kind_changed())
        self.purpose = line_edit("papers.purpose", "用途", "办什么事用, 如 办理公交优待; 可以不填")
        self.purpose.textChanged.connect(lambda _="": self._kind_changed())
        self.purposes = Flow()
        self.note = label(tone="bad", id="papers.note")
        self.note.hide()
        self.refusal = label(tone="warn", id="papers.refusal")
        self.guide_words = label(id="papers.guide")
        self.guide_print = button("papers.guide.print", "打印办事指引(&G)", self._print_guide, kind="primary")
        self.guide = card(self.refusal, self.guide_words, row(self.guide_print, None), id="papers.guide.card")
        for widget in (self.kind, self.purpose):
            widget.installEventFilter(self._enters)
        part = QWidget()
        grid = QGridLayout()
        grid.setSpacing(SPACE.near)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("给谁开 ＊", self.who),
            ("证明什么", self.kind),
            ("用途", self.purpose),
        )
        for line, (text, field) in enumerate(rows):
            grid.addWidget(label(text, wrap=False), line, 0)
            grid.addWidget(field, line, 1)
        grid.addWidget(self.purposes, len(rows), 1)
        part.setLayout(column(self.note, grid, self.guide, None))
        return part

    def _case(self) -> QWidget:
        self.applicant = self._person("papers.applicant")
        self.applicant.edited.connect(self._applicant_changed)
        self.case = combo("papers.case", "哪一件", [])
        self.case.setSizeAdjustPolicy(self.case.SizeAdjustPolicy.AdjustToContents)
        self.case_note = label("", "faint", id="papers.case.note")
        self.case.installEventFilter(self._enters)
        part = QWidget()
        part.setLayout(
            column(
                label("申请人", wrap=False),
                self.applicant,
                label("哪一件", wrap=False),
                self.case,
                self.case_note,
                None,
            )
        )
        return part

    def _sheet(self) -> QWidget:
        self.sheet = combo("papers.sheet", "哪一张", [])
        self.sheet.setSizeAdjustPolicy(self.sheet.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sheet.setMinimumContentsLength(16)
        self.copy = combo("papers.copy", "哪一联", [("", "签领联(身份证号遮盖)"), ("full", "财务联(身份证号完整)")])
        self.sheet_note = label("", "faint", id="papers.sheet.note")
        for widget in (self.sheet, self.copy):
            widget.installEventFilter(self._enters)
        part = QWidget()
        part.setLayout(column(label("哪一张", wrap=False), self.sheet, self.copy, self.sheet_note, None))
        return part

    # -- going -------------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """For a person, or for nobody yet; `register` shows the register."""
        del facts
        self.tabs.setCurrentIndex(1 if about == "register" else 0)
        say(self.note, "")
        if about and about != "register":
            self.form.setCurrentIndex(0)
            self.who.put(None, "")
            self.read(
                lambda: People(self.desk.station).show(about), lambda card: self._known(card.id, card.fields["name"])
            )
        self.refresh()

    def _known(self, person: str, name: str) -> None:
        self.who.put(person, name)
        self.applicant.put(person, name)
        self._applicant_changed()
        self.start()

    def start(self) -> None:
        """The person, or what is to be certified where it is known who."""
        if self.tabs.currentIndex() == 1:
            self.register.start()
        elif self._now == "F04":
            self.sheet.setFocus()
        else:
            chosen = self.who if self._now == "F14" else self.applicant
            following = self.kind if self._now == "F14" else self.case
            (following if chosen.key else chosen.finder).setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _now(self) -> str:
        return str(self.form.currentData())

    def refresh(self) -> None:
        """Read anew what waits, what was wanted before, which sheets there are."""
        self.read(self._read, self._show, key="papers")
        if (register := self._register_tab.made) is not None:
            register.refresh()
        if self.applicant.key:
            self._applicant_changed()

    def _read(self) -> tuple[list[PaperRow], list[str], list[tuple[str, str]]]:
        return self._register.waiting(), self._register.purposes(), self._register.sheets()

    def _show(self, found: tuple[list[PaperRow], list[str], list[tuple[str, str]]]) -> None:
        self._waiting, purposes, sheets = found
        self._offer_waiting()
        chips = [
            button(f"papers.purpose.{place}", text, self._put_purpose(text), hint="上次的用途")
            for place, text in enumerate(purposes, 1)
        ]
        self.purposes.set_items([label("上几次:", "faint", wrap=False), *chips] if chips else [])
        self.purposes.setVisible(bool(chips))
        kept = self.sheet.currentData()
        self.sheet.clear()
        for roster, words in sheets:
            self.sheet.addItem(words, roster)
        self.sheet.setCurrentIndex(max(0, self.sheet.findData(kept)))
        self.sheet_note.setText("" if sheets else "还没有打印定稿的签领表。先在“走访慰问”的批次里打印。")

    def _put_purpose(self, text: str) -> Callable[[], None]:
        def put() -> None:
            self.purpose.setText(text)
            self.purpose.setFocus()

        return put

    def _offer_waiting(self) -> None:
        """A paper whose number is spent but of which nobody has said that it came out is offered first."""
        if not self._waiting or not self.desk.may("print"):
            self.banner.say("")
            return
        first = self._waiting[0]
        more = f"(还有 {len(self._waiting) - 1} 份)" if len(self._waiting) > 1 else ""
        said = f"{first.number} {first.what} {first.whom} 已编号, 还没有登记打印好了{more}。"
        ways = [
            button("papers.waiting.again", "接着打印(&J)", lambda: self._again(first.id, False)),
            button("papers.waiting.settle", "打印好了(&Y)", lambda: self.settle(first.id)),
        ]
        if first.form != "F04":
            ways.append(button("papers.waiting.void", "作废此号", lambda: self.void(first), kind="danger"))
        self.banner.say(said, "warn", *ways)

    # -- choosing ----------------------------------------------------------------------------------------------------------

    def _find(self, text: str) -> list[Hit]:
        found = self._search.persons(text, 12)
        return [Hit(one.id, one.name, "  ".join(filter(None, (one.birth_date, one.address)))) for one in found]

    def _form_changed(self) -> None:
        self.parts.setCurrentIndex(_PLACES[self._now])
        self._kind_changed()

    def _who_changed(self) -> None:
        say(self.note, "")
        if self.who.key:
            self.applicant.put(self.who.key, self.who.words)
            self._applicant_changed()
            self.kind.setFocus(Qt.FocusReason.OtherFocusReason)

    def _applicant_changed(self) -> None:
        person = self.applicant.key
        if person is None:
            self.case.clear()
            return
        self.read(lambda: self._cases.open_of(person), self._show_cases, key="cases")

    def _show_cases(self, cases: Sequence[tuple[str, str]]) -> None:
        kept = self.case.currentData()
        self.case.clear()
        for case, words in cases:
            self.case.addItem(words, case)
        self.case.setCurrentIndex(max(0, self.case.findData(kept)))
        self.case_note.setText("" if cases else f"{self.applicant.words} 没有帮扶事项。先受理, 再打印审批表。")

    def _kind_changed(self) -> None:
        """What this unit may not certify is answered at once: the sentence, and where to go."""
        kind, wording = str(self.kind.currentData()), self.purpose.text()
        why = certificates.problem(kind, wording, self.desk.level) if self._now == "F14" else ""
        guide = guidance.guide_for(kind, wording, self.desk.level) if why else None
        self.refusal.setText(why)
        self.guide_words.setText(
            f"由谁办: {guide.who}\n要带什么: {guide.bring}\n{guide.instead}" if guide is not None else ""
        )
        self.guide.setVisible(bool(why))
        self.guide_print.setVisible(guide is not None and self.desk.may("print"))
        if hasattr(self, "_print"):
            self._print.setEnabled(not why)

    # -- printing ----------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Show what is chosen; it gets its number only when it is printed."""
        if self.tabs.currentIndex() == 1:
            self.register.reprint()
            return
        if not self._print.isEnabled() or not self._print.isVisible():
            return
        form, subject = self._now, ""
        how: dict[str, Any] = {}
        if form == "F14":
            if not self.who.key:
                say(self.note, "请先选给谁开。", "bad")
                self.who.finder.setFocus()
                return
            subject = f"person:{self.who.key}"
            how = {"purpose": self.purpose.text(), "kind": str(self.kind.currentData())}
        elif form == "F07" and self.case.currentData():
            subject = f"case:{self.case.currentData()}"
        elif form == "F04" and self.sheet.currentData():
            subject = f"roster:{self.sheet.currentData()}"
            how = {"full": bool(self.copy.currentData())}
        if not subject:
            self.tell("还没有选好要打印的。")
            return
        facts = tuple(how.items())
        seen, taken = Job(papers.look, (form, subject), facts), Job(papers.reserve, (form, subject), facts)
        spoil = None if form == "F04" else self._papers.spoil
        ways = Ways(self._papers.settle, spoil)
        Numbered(self, seen, taken, ways, self.refresh, warning="这是样张, 打印时才编号。").start()

    def _again(self, paper: str, full: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        row = next((one for one in self._waiting if one.id == paper), None) or self.register.row(paper)
        spoil = None if row is None or row.form == "F04" else self._papers.spoil
        job = Job(papers.again, (paper,), (("full", full),))
        Numbered(self, job, None, Ways(self._papers.settle, spoil), self.refresh).start()

    def settle(self, paper: str) -> None:
        """打印好了, said from the list."""
        self.write(lambda: self._papers.settle(paper), lambda _: self.tell("已登记打印好了。"))

    def void(self, row: PaperRow) -> None:
        """作废此号, after one question: the number is never used again."""
        go = lambda: self.write(lambda: self._papers.spoil(row.id), lambda _: self.tell(f"{row.number} 已作废。"))  # noqa: E731 (one act)
        self.ask(f"{row.number} 要作废吗? 这个号以后不再使用。", "作废此号", go, danger=True)

    def _print_guide(self) -> None:
        kind, wording = str(self.kind.currentData()), self.purpose.text()
        self.desk.operations.apart(
            guides.sheet,
            kind,
            wording,
            done=self._show_guide,
            owner=self,
            failed=self._no_guide,
            what="准备办事指引",
            reads=True,
        )

    def _show_guide(self, drawn: Drawn) -> None:
        show_paper(self.desk, Paper(drawn.pdf, drawn.title, drawn.file, "guide", drawn.remarks), self)

    def _no_guide(self, error: UserError) -> bool:
        self.desk.messages.fail(error)
        return True
