"""两边填的不一样: one question at a time, every answer with its value, who gave it and when, and who may decide."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.errors import UserError
from app.models import fields_of, kinds
from app.models.fields import Field
from app.rules import levels
from app.services import field_values
from app.services.choices import Choices
from app.sync import jobs
from app.sync.jobs import Answer, Question
from app.ui.kit import editors
from app.ui.kit.controls import button, card, column, emptied, label, named, row, say, spread
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, scrolled

_NOTHING: Final = "没有两边填的不一样的。和上级、下级交换以后, 如果同一项两边填得不同, 会在这里一项一项问您。"
_MNEMONICS: Final = "ABCDEFGH"


class DifferencesPage(Page):
    """One screen for each question."""

    name = "differences"
    title = "两边填的不一样"
    help = "两边填的不一样"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._questions: Sequence[Question] = ()
        self._place = 0
        self._full = False
        self._shown: Question | None = None
        self.place = label(kind="faint", wrap=False, id="differences.place")
        self.full = self.action("full", "显示完整号码(&Q)", self._toggle_full, shortcut="F2")
        self.back_one = self.action("before", "上一个(&P)", lambda: self._go(-1))
        self.next_one = self.action("next", "以后再说, 下一个(&N)", lambda: self._go(1), kind="primary")
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setSpacing(SPACE.apart)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.place)
        self.body.addWidget(scrolled(self._inside, "differences.area"), 1)
        self.empty = label(_NOTHING, "faint", id="differences.empty")
        self.other: editors.Editor | None = None
        self._note = label()
        self._show()

    # -- reading -------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`about`: the id of a question, or of the person it is about."""
        del facts
        self._wanted = about
        self.refresh()

    _wanted = ""

    def refresh(self) -> None:
        """All that is open."""
        station = self.desk.station
        self.read(lambda: jobs.questions(station), self._found, key="questions")

    def concerns(self, changed: Any) -> bool:
        """Any act may open a question or close one."""
        return bool(changed.records)

    def _found(self, found: Sequence[Question]) -> None:
        self._questions = found
        wanted, self._wanted = self._wanted, ""
        if wanted:
            self._place = next((n for n, one in enumerate(found) if wanted in (one.id, one.person)), self._place)
        elif self._shown is not None:
            # The one in front stays in front while it is open.
            ids = [one.id for one in found]
            self._place = ids.index(self._shown.id) if self._shown.id in ids else self._place
        self._place = max(0, min(self._place, len(found) - 1))
        if not found or found[self._place] != self._shown:
            self._show()
        else:
            self._show_place()

    def start(self) -> None:
        """At the first answer, or where one goes on."""
        self._first.setFocus()

    # -- one question --------------------------------------------------------------------------------------------------

    def _go(self, steps: int) -> None:
        if self._questions:
            self._place = (self._place + steps) % len(self._questions)
            self._full = False
            self._show()
            self.start()

    def _toggle_full(self) -> None:
        self._full = not self._full
        self._show()

    def _show_place(self) -> None:
        count = len(self._questions)
        theirs = sum(not one.mine for one in self._questions)
        more = f", 其中 {theirs} 项要别的单位定" if theirs else ""
        say(self.place, f"第 {self._place + 1} 项, 共 {count} 项{more}" if count else "")
        for act in (self.back_one, self.next_one):
            act.setEnabled(count > 1)

    def _show(self) -> None:
        emptied(self._column)
        self._first: QWidget = self
        self.other = None
        self._show_place()
        self._shown = self._questions[self._place] if self._questions else None
        question = self._shown
        self.full.setEnabled(question is not None and question.sort == "field" and _field(question).sensitive)
        if question is None:
            self.empty = label(_NOTHING, "faint", id="differences.empty")
            self._column.addWidget(self.empty)
            self._column.addStretch(1)
            return
        self._column.addWidget(self._head(question))
        for number, answer in enumerate(question.answers):
            self._column.addWidget(self._answer(question, number, answer))
        if question.sort == "field" and question.mine and self.desk.may("settle"):
            self._column.addWidget(self._another(question))
        if why := self._why_not(question):
            self._column.addWidget(label(why, tone="warn", id="differences.why"))
        self._column.addStretch(1)

    def _head(self, question: Question) -> QFrame:
        who = question.title or question.noun
        what = {
            "field": f"“{_field(question).label}”两边填的不一样",
            "deleted": "一边移入了回收站, 另一边又改过",
            "step": "同一步有两份意见",
            "fork": "同一个序号有两份不同的记录",
        }[question.sort]
        line = row(label(f"{question.noun}  {who}", "heading", id="differences.who"), None)
        if question.person:
            line.addWidget(
                button("differences.person", "看这个人(&V)", partial(self.go, "person", question.person), kind="link")
            )
        said = label(what, id="differences.what")
        return card(line, said, label("请核对以后, 选以哪个为准。没有选定之前, 两边的内容都留着。", "faint"))

    def _answer(self, question: Question, number: int, answer: Answer) -> QFrame:
        side = "本站填的" if answer.own else "对方填的"
        when = answer.when[:16].replace("T", " ")
        by = label(
            "  ".join(filter(None, (side, answer.unit, answer.who, when))), "faint", id=f"differences.by.{number}"
        )
        value = label(
            self._words(question, answer), "big" if question.sort == "field" else "", id=f"differences.value.{number}"
        )
        value.setWordWrap(True)
        spread(value)
        mark = _MNEMONICS[number % len(_MNEMONICS)]
        push = button(f"differences.take.{number}", f"以这个为准(&{mark})", partial(self._take, number + 1))
        push.setAccessibleName(f"以{side}为准: {value.text()}")
        push.setEnabled(question.mine and self.desk.may("settle"))
        if push.isEnabled() and not number:
            self._first = push
        if not push.isEnabled():
            push.setToolTip(self._why_not(question))
        return card(row(column(by, value), push))

    def _words(self, question: Question, answer: Answer) -> str:
        """An answer as a person reads it."""
        if question.sort == "deleted":
            return "移入回收站" if answer.value else "留着"
        if question.sort == "fork":
            return f"事项“{answer.value}”"
        if question.sort == "step":
            known = fields_of(question.kind)
            return "; ".join(f"{known[name].label} {_said(known[name], value)}" for name, value in answer.facts)
        field = _field(question)
        if answer.value in (None, ""):
            return "(空)"
        words = _said(field, answer.value)
        if field.sensitive and not self._full:
            return field_values.shown(field, answer.value) if field.editor != "money" else words
        return words

    def _another(self, question: Question) -> QFrame:
        field = _field(question)
        self.other = named(
            editors.make(field, Choices(self.desk.station).of), "differences.other", f"另填{field.label}"
        )
        spread(self.other)
        self._note = named(label(tone="bad"), "differences.other.note")
        self._note.hide()
        push = button("differences.use", "以填写的为准(&U)", self._use)
        head = label(f"都不对? 另填{field.label}:", wrap=False)
        head.setBuddy(self.other)
        return card(head, row(self.other, push), self._note)

    def _why_not(self, question: Question) -> str:
        """Why it cannot be settled here; empty where it can."""
        if question.sort == "fork" and not question.mine:
            return "一号两记要由填报单位的上级来定。请等上级处理。"
        if not question.mine:
            return f"这一项要由{levels.NAMES.get(question.needed, '上级')}来定以哪个为准, 本级不能定。请打电话说明情况, 定好后会随回包下来。"
        if not self.desk.may("settle"):
            return "您的岗位不能核对两边不同的内容。请找本单位的审核或管理岗位。"
        return ""

    # -- deciding ------------------------------------------------------------------------------------------------------

    def _take(self, number: int) -> None:
        if (question := self._shown) is not None:
            words = self._words(question, question.answers[number - 1])
            self._settle(question, words, take=number)

    def _use(self) -> None:
        question = self._shown
        if question is None or self.other is None:
            return
        field, raw = _field(question), self.other.raw()
        from app import clock

        if problem := editors.problem(field, raw, clock.today()) or ("" if raw.strip() else "没有填内容。"):
            say(self._note, problem, "bad")
            self.other.setFocus()
            return
        value = field_values.value_of(field, raw, clock.today())
        self._settle(question, raw, value=str(field_values.outward(field, value)))

    def _settle(self, question: Question, words: str, **answer: Any) -> None:
        station = self.desk.station
        what = _field(question).label if question.sort == "field" else question.noun
        self.write(
            lambda: jobs.settle(station, question.id, **answer),
            lambda _act: self._settled(f"已定: {question.title} {what}, 以“{words[:20]}”为准。"),
            failed=self._refused,
            what="核对",
        )

    def _settled(self, words: str) -> None:
        self.tell(words)
        self._shown = None
        self._full = False
        self.refresh()

    def _refused(self, error: UserError) -> bool:
        self.banner.say(str(error), "bad", button("differences.again", "重新看(&R)", self._look_again))
        return True

    def _look_again(self) -> None:
        self.banner.say("")
        self._shown = None
        self.refresh()


def _field(question: Question) -> Field:
    """The field a question is about; one of a later version is called so."""
    known = fields_of(question.kind) if question.kind in kinds() else {}
    return known.get(question.field, Field("上级新增项目"))


def _said(field: Field, value: Any) -> str:
    """A value as JSON has it, in words: money stands there as text already."""
    return f"{value} 元" if field.editor == "money" else field_values.label_of(field, value)
