"""受理帮扶事项: who asks for help and why; what a visit found is carried over."""

from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from app import clock
from app.errors import BadInput, UserError
from app.models import fields_of
from app.services.case_views import CaseFile, CaseViews
from app.services.cases import HardshipCases, Opened
from app.services.choices import Choices
from app.services.people import People
from app.services.searching import Search
from app.services.visits import Visits, VisitShown
from app.ui.kit.controls import column, label, line_edit, named, say
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.kit.picker import Chosen, Hit
from app.ui.kit.saving import save

_FIELDS: Final = ("kind", "amount", "opened", "family_size", "family_income", "reason")
_ACCEPTED: Final = "材料齐全, 予以受理。"


class CaseFormPage(Page):
    """Opens a case, or puts right what the applicant said."""

    name = "case_form"
    title = "受理帮扶事项"
    help = "受理帮扶事项"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._cases, self._views = HardshipCases(desk.station), CaseViews(desk.station)
        self._search = Search(desk.station)
        self._about = self._visit = ""
        self._case = ""
        """The case that is put right; empty: a new one is opened."""
        self.who = Chosen("case_form.who", "申请人", "姓名、拼音、首字母、号码后几位", desk.operations, self._find)
        self.who_note = label(tone="bad", id="case_form.who.note")
        self.who_note.hide()
        self.from_visit = label(tone="note", id="case_form.visit")
        self.from_visit.hide()
        fields = {name: field for name, field in fields_of("hardship_case").items() if name in _FIELDS}
        self.form = Form("case_form", fields, [Group("", _FIELDS)], Choices(desk.station).of)
        self.accept = named(
            QCheckBox("材料已收齐, 同时写第一步“申请受理”(&A)"), "case_form.accept", "材料已收齐, 同时写第一步申请受理"
        )
        self.opinion = line_edit("case_form.opinion", "受理意见")
        inside = QWidget()
        inside.setLayout(
            column(
                label("申请人 ＊", wrap=False), self.who, self.who_note, self.from_visit, self.form, self.accept,
                self.opinion, None, gap=SPACE.near,
            )
        )  # fmt: skip
        self.body.addWidget(scrolled(inside, "case_form.area"))
        self._keeper = DraftKeeper(desk.memory, self.form, self.banner)
        self._save = self.action("save", "受理(&S)", self.save, shortcut="Ctrl+S", kind="primary")
        self.who.edited.connect(self._chosen)
        self.accept.toggled.connect(self.opinion.setVisible)
        self.opinion.textEdited.connect(self._keeper.touched)

    def _find(self, text: str) -> list[Hit]:
        found = self._search.persons(text, 12)
        return [Hit(one.id, one.name, "  ".join(filter(None, (one.birth_date, one.address)))) for one in found]

    def _chosen(self) -> None:
        say(self.who_note, "")
        self._keeper.touched()
        if self.who.key:
            self.form.start()

    # -- going -------------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """For a person, or for nobody yet; the fact `visit` carries over what a visit found; `case:ID` puts a case right."""
        self._about, self._visit = about, (facts or {}).get("visit", "")
        # What is typed before the person is read must not go under the place of the form before.
        self._keeper.let_go()
        self._save.setEnabled(True)
        self.banner.say("")
        self.from_visit.hide()
        say(self.who_note, "")
        if about.startswith("case:"):
            wanted = about.removeprefix("case:")
            self.read(lambda: self._views.file(wanted), self._put_right)
            return
        self._case = ""
        self.call("受理帮扶事项")
        self._save.setText("受理(&S)")
        self.who.setEnabled(True)
        self.who.put(None, "")
        self.accept.setVisible(True)
        self.accept.setChecked(True)
        self.opinion.setText(_ACCEPTED)
        self.form.show_values({"opened": clock.today().isoformat()})
        if visit := self._visit:
            self.read(lambda: Visits(self.desk.station).show(visit), self._carry_over)
        elif about:
            self.read(
                lambda: People(self.desk.station).show(about), lambda card: self._known(card.id, card.fields["name"])
            )
        else:
            self._watch("")

    def _known(self, person: str, name: str) -> None:
        if person != self._about:
            return
        self.who.put(person, name)
        self._watch(person)
        self.start()

    def _carry_over(self, visit: VisitShown) -> None:
        if visit.id != self._visit:
            return
        self._about = visit.person
        self._known(visit.person, visit.name)
        if self.banner.text():
            return  # a half-typed form came back: it is the newer one
        fields = visit.fields
        parts = [str(fields[name]).strip() for name in ("wishes", "condition", "note") if fields.get(name)]
        self.form.set_raw("reason", "\n".join(parts))
        say(self.from_visit, f"致困原因由 {fields['date']} 的走访带来, 可以修改。", "note")
        self._keeper.touched()

    def _put_right(self, file: CaseFile) -> None:
        if self._about != f"case:{file.id}":
            return
        self._case = file.id
        self.call("修改帮扶事项")
        self._save.setText("保存(&S)")
        self.who.put(file.person, file.name)
        self.who.setEnabled(False)
        self.accept.setVisible(False)
        self.opinion.setVisible(False)
        self.form.show_values(file.fields)
        self._keeper.watch(f"case_form:case:{file.id}", lambda: f"修改帮扶事项 · {file.name}")
        self.start()

    def _watch(self, person: str) -> None:
        title = lambda: f"受理帮扶 · {self.who.words or '还没选人'}"  # noqa: E731 (one line)
        self._keeper.watch(f"case_form:{person}", title, extra=self._extra, bring_back=self._bring_back)

    def _extra(self) -> dict[str, Any]:
        return {
            "person": self.who.key,
            "name": self.who.words,
            "opinion": self.opinion.text(),
            "accept": self.accept.isChecked(),
        }

    def _bring_back(self, extra: dict[str, Any]) -> None:
        if extra.get("person"):
            self.who.put(extra["person"], extra.get("name", ""))
        self.opinion.setText(extra.get("opinion") or _ACCEPTED)
        self.accept.setChecked(bool(extra.get("accept", True)))

    def start(self) -> None:
        """The applicant, or the first field where it is known who."""
        if self.who.key:
            self.form.editor("kind").setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.who.finder.setFocus()

    def leave(self) -> None:
        """Keep what is half typed."""
        self._keeper.leave()

    # -- saving ------------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Open the case and go to its file."""
        if not self._save.isEnabled():
            return
        if not self.who.key:
            say(self.who_note, "请先选申请人。", "bad")
            self.who.finder.setFocus()
            return
        if not self.form.accept():
            return
        case, cases = self._case, self._cases
        self._save.setEnabled(False)
        if case:
            changes = self.form.changes()
            change = lambda: cases.change(case, changes)  # noqa: E731 (one act)
            save(self, self._keeper, change, lambda _: self._changed(case), failed=self._refused)
            return
        values = {**self.form.values(), "person": self.who.key}
        accepted = self.opinion.text() if self.accept.isChecked() else ""
        save(
            self, self._keeper, lambda: cases.open(values, accepted=accepted), self._opened,
            failed=self._refused, late=self._warn, what="受理帮扶事项",
        )  # fmt: skip

    def _changed(self, case: str) -> None:
        self._save.setEnabled(True)
        self.tell("帮扶事项已修改。")
        self._leave_for(case)

    def _opened(self, made: Opened) -> None:
        self._save.setEnabled(True)
        self.tell(f"已受理 {self.who.words} 的帮扶事项。")
        self._warn(made)
        self._leave_for(made.id)

    def _warn(self, made: Opened) -> None:
        if made.warnings:
            self.desk.messages.say("\n".join(made.warnings))

    def _leave_for(self, case: str) -> None:
        """To the file; Esc there leads to where this form was opened from, not to the empty form."""
        self.back.emit()
        self.go("case", case)

    def _refused(self, error: UserError) -> bool:
        self._save.setEnabled(True)
        if isinstance(error, BadInput) and "person" in error.problems:
            say(self.who_note, error.problems["person"], "bad")
            return True
        return self.form.refused(error)
