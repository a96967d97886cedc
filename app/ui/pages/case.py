"""One hardship case: what is asked for, the steps, the opinion that is waited for, the papers."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from app.models import fields_of
from app.rules.money import capitals, format_grouped, parse_yuan
from app.services import papers, rights
from app.services.case_views import STAMPED, CaseFile, CaseViews, Turn
from app.services.cases import HardshipCases
from app.services.field_values import label_of
from app.services.papers import Papers
from app.ui.kit import look
from app.ui.kit.controls import Tone, button, card, column, label, role, row, say
from app.ui.kit.files import Files
from app.ui.kit.flow import Beside, Flow
from app.ui.kit.look import SPACE
from app.ui.kit.numbered import Job, Numbered, Ways
from app.ui.kit.page import Desk, Page, named_action, scrolled
from app.ui.kit.prompt import Prompt
from app.ui.pages.case_step_form import StepForm
from app.ui.pages.case_steps import Rivals, StepLine

if TYPE_CHECKING:
    from app.services.station import Changed

_TONES: dict[str, Tone] = {"open": "note", "returned": "warn", "rejected": "bad", "done": "good"}
_SHORT, _LARGE = 18, 150
_ASKED = ("kind", "amount", "family_size", "family_income", "opened", "number", "decision_number")


class CasePage(Page):
    """The file of one case."""

    name = "case"
    title = "帮扶事项"
    help = "帮扶事项"
    watches = frozenset({"hardship_case", "case_step", "attachment", "issued_document", "person"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._views, self._cases, self._papers = (
            CaseViews(desk.station),
            HardshipCases(desk.station),
            Papers(desk.station),
        )
        self._id = ""
        self._whole = False
        self.file: CaseFile | None = None
        self.step: StepForm | None = None
        """The form of the next step, where it is this desk's turn."""
        self.heading.hide()
        self.name_label = role(label(id="case.name"), "title")
        self.state = label("", "badge", id="case.state", wrap=False)
        self.note = label(id="case.note")
        self.prompt = Prompt("case.number", "批复文号", 14)
        self.prompt.answered.connect(self._number)
        self.prompt.closed.connect(self.start)
        self._facts, self._line, self._turn = QWidget(), QWidget(), QWidget()
        self._left, self._right = column(self._facts, self._line, None), column(self._turn)
        self.files = Files(self, "case.files", "附件")
        left, right = QWidget(), QWidget()
        left.setLayout(self._left)
        self._right.addWidget(self.files)
        self._right.addStretch(1)
        right.setLayout(self._right)
        head = row(self.name_label, self.note, self.state, gap=SPACE.apart)
        head.setStretch(0, 1)
        head.setStretch(1, 2)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        inside = QWidget()
        self._tools = self._acts()
        inside.setLayout(column(head, self._tools, self.prompt, Beside(left, right, side_width=460), gap=SPACE.apart))
        self.body.addWidget(scrolled(inside, "case.area"))

    def _acts(self) -> Flow:
        show = lambda: self.go("person", self.file.person) if self.file is not None else None  # noqa: E731 (one line)
        change = lambda: self.go("case_form", f"case:{self._id}")  # noqa: E731 (one line)
        self._print = self.action("print", "打印审批表(&P)", self.print_form, shortcut="Ctrl+P", shown=False)
        self._print.setVisible(self.desk.may("print"))
        self._change = self.action("change", "修改申请(&M)", change, shown=False)
        self._number_it = self.action("decision", "填批复文号(&H)", self._ask_number, shown=False)
        person = self.action("person", "看档案(&D)", show, shown=False)
        self._masked = self.action("whole", "显示完整号码(&W)", self._toggle_whole, shortcut="F2", shown=False)
        named_action(self, "case.save", "写意见", lambda: self.step.save() if self.step is not None else None, "Ctrl+S")
        return Flow([self.tool(act) for act in (self._print, self._change, self._number_it, person, self._masked)])

    # -- going -------------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """A case by its id."""
        del facts
        if about != self._id:
            self._whole = False
            self.file = None
        self._id = about
        self.prompt.hide()
        self.refresh()

    def start(self) -> None:
        """The opinion that is waited for, or the first of what can be done."""
        if self.step is not None and self.step.isVisibleTo(self):
            self.step.start()
            return
        tools: Any = self._tools
        pushes: list[QPushButton] = tools.findChildren(QPushButton)
        first = next((push for push in pushes if push.isVisibleTo(self) and push.isEnabled()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Keep what is half typed."""
        if self.step is not None:
            self.step.leave()

    def concerns(self, changed: "Changed") -> bool:
        """Only what belongs to this case, or might."""
        if not super().concerns(changed):
            return False
        mine = {("hardship_case", self._id)} | ({("person", self.file.person)} if self.file is not None else set())
        return bool(changed.kinds & {"case_step", "attachment", "issued_document"}) or bool(changed.records & mine)

    def refresh(self) -> None:
        """Read the case anew."""
        if not self._id:
            self.banner.say("请从“帮扶”里选一件事项。", "note")
            return
        wanted = self._id
        self.read(lambda: self._views.file(wanted), self._show, key="file")

    # -- showing -----------------------------------------------------------------------------------------------------------

    def _show(self, file: CaseFile) -> None:
        first = self.file is None
        before, self.file = self.file, file
        self.name_label.setText(file.name)
        say(self.state, file.state, _TONES.get(file.code, ""))
        say(self.note, "" if file.code in ("done", "rejected") else file.note, file.tone)  # type: ignore[arg-type]  # tones of Tone
        self._facts = self._put(self._left, self._facts, self._asked_card(file))
        steps: list[Any] = [label("办理步骤", "heading"), StepLine(file)]
        self._line = self._put(self._left, self._line, card(*steps, id="case.steps"))
        if before is None or self._turn_of(before) != self._turn_of(file) or self.step is None:
            self._show_turn(file)
            first = True
        self.files.show_of(f"case:{file.id}")
        may = self.desk.may("write")
        self._change.setVisible(may and file.editable)
        decided = file.approved is not None and self.desk.level == "county" and self.desk.may("decide")
        self._number_it.setVisible(decided and not file.fields["decision_number"])
        if first and self.isVisible():
            self.start()

    @staticmethod
    def _turn_of(file: CaseFile) -> tuple[Turn | None, tuple[str, ...]]:
        return file.turn, tuple(step.id for step in file.rivals)

    @staticmethod
    def _put(layout: Any, before: QWidget, now: QWidget) -> QWidget:
        """Another widget in the place of one that goes."""
        place = layout.indexOf(before)
        layout.removeWidget(before)
        before.hide()
        before.deleteLater()
        layout.insertWidget(place, now)
        now.show()  # at once: the focus may go into it
        return now

    def _asked_card(self, file: CaseFile) -> QWidget:
        """What is asked for and what is known of the applicant: nobody types it a second time."""
        known = fields_of("hardship_case")
        pairs: list[tuple[str, str]] = []
        for name in _ASKED:
            value = file.fields[name]
            if value in (None, ""):
                continue
            text = label_of(known[name], value)
            if known[name].editor == "money":
                text = f"{format_grouped(parse_yuan(value))} 元"
            if known[name].sensitive and not self._whole:
                text = "****"
            pairs.append((known[name].label, text))
        if file.approved is not None:
            pairs.append(("批准金额", f"{format_grouped(file.approved)} 元(人民币{capitals(file.approved)})"))
        pairs += [(fact.label, fact.whole if self._whole else fact.shown) for fact in file.applicant]
        grid = _pairs(pairs)
        reason = label(str(file.fields["reason"] or ""), id="case.reason")
        return card(label("申请", "heading"), reason, grid, id="case.asked")

    def _show_turn(self, file: CaseFile) -> None:
        """The opinion, for whoever's turn it is; for the others, whom one waits for."""
        self.step = None
        turn = file.turn
        if file.rivals:
            settle = button("case.settle", "去核对以哪个为准(&K)", lambda: self.go("differences"), kind="primary")
            said = label("有两份分头填写的意见, 核对以前不能往下办。", tone="warn")
            now: QWidget = card(said, Rivals(file.rivals), row(settle, None), id="case.turn")
        elif turn is not None and turn.mine and rights.may(self.desk.station.roles, turn.right):
            self.step = StepForm(self, file, turn)
            self.step.written.connect(self._written)
            self.step.stamped_wanted.connect(lambda: self.files.choose(STAMPED))
            now = card(self.step, id="case.turn")
        elif turn is not None:
            now = card(*self._waiting(file, turn), id="case.turn")
        else:
            now = card(label(f"这件事项{file.state}。", id="case.over"), id="case.turn")
        self._turn = self._put(self._right, self._turn, now)

    def _waiting(self, file: CaseFile, turn: Turn) -> list[Any]:
        if turn.mine:
            said = f"“{turn.label}”由本单位办理, 您的岗位不能{rights.ACTS[turn.right]}。请找有此权限的同事。"
            return [label(said, id="case.waiting")]
        tone: Any = file.tone
        out: list[Any] = [label(f"现在等{turn.who}办“{turn.label}”。", id="case.waiting"), label(file.note, "", tone)]
        if file.tone == "warn" and self.desk.may("exchange"):
            out.append(row(button("case.send", "去上报(&U)", lambda: self.go("exchange", "send")), None))
        return out

    def _written(self) -> None:
        self.step = None
        self.refresh()

    def _toggle_whole(self) -> None:
        self._whole = not self._whole
        self._masked.setText("隐去号码(&W)" if self._whole else "显示完整号码(&W)")
        if self.file is not None:
            self._facts = self._put(self._left, self._facts, self._asked_card(self.file))

    # -- acts ----------------------------------------------------------------------------------------------------------------

    def print_form(self) -> None:
        """打印审批表: seen first; its number is reserved when it is printed and stays the case's own."""
        if self.file is None or not self.desk.may("print"):
            return
        subject = f"case:{self.file.id}"
        ways = Ways(self._papers.settle, self._papers.spoil)
        seen, taken = Job(papers.look, ("F07", subject)), Job(papers.reserve, ("F07", subject))
        Numbered(self, seen, taken, ways, self.refresh, warning="这是样张, 打印时才编号。").start()

    def _ask_number(self) -> None:
        self.prompt.ask("批复文号", hint="如 临退批〔2026〕5号")

    def _number(self, number: str) -> None:
        case = self._id
        if not number:
            self.prompt.say("没有填批复文号。")
            return

        def done(_: None) -> None:
            self.prompt.hide()
            self.tell("批复文号已填。")

        self.write(lambda: self._cases.number_decision(case, number), done)


def _pairs(pairs: list[tuple[str, str]]) -> QGridLayout:
    """Labels with what stands behind them, two in a row where both are short."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(SPACE.apart)
    grid.setVerticalSpacing(SPACE.tight)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(3, 1)
    line = place = 0
    for title, text in pairs:
        wide = len(text) > _SHORT or look.scale() > _LARGE
        if wide and place:
            line, place = line + 1, 0
        grid.addWidget(label(title, "faint", wrap=False), line, place, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(text), line, place + 1, 1, 3 if wide else 1)
        place = 0 if wide or place else 2
        line += place == 0
    return grid
