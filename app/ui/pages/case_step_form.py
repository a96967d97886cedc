"""The opinion of the level whose turn it is: result, amount, words; filled in with what is proposed and usually written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from app import clock
from app.errors import BadInput, UserError
from app.models import fields_of
from app.models.fields import Field
from app.rules import hardship, money
from app.services.case_views import STAMPED, CaseFile, Turn
from app.services.cases import HardshipCases
from app.services.choices import Choices
from app.ui.kit import drafts
from app.ui.kit.controls import Banner, button, column, label, named, offered, say
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.entering import Enters
from app.ui.kit.flow import Flow
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page
from app.ui.kit.saving import save

_USUAL: Final[Mapping[str, str]] = {
    "apply": "材料齐全, 予以受理。", "first_review": "入户核实, 情况属实, 公示无异议, 同意上报。",
    "township_review": "经审核, 符合条件, 同意上报。", "county_decision": "同意给予一次性帮扶。", "pay": "已发放。",
    "archive": "材料齐全, 已归档。",
}  # fmt: skip
_AMOUNTS: Final[Mapping[str, str]] = {
    "first_review": "建议金额", "township_review": "建议金额", "county_decision": "批准金额", "pay": "发放金额",
}  # fmt: skip
_KEYS: Final[Mapping[str, str]] = {hardship.PASS: "Y", hardship.RETURN: "T", hardship.REJECT: "B"}
_DO: Final[Mapping[str, str]] = {"pay": "登记发放(&S)", "archive": "归档办结(&S)", "county_decision": "写审批意见(&S)"}


class StepForm(QWidget):
    """Built anew for each turn."""

    written = Signal()
    """The step is saved."""
    stamped_wanted = Signal()
    """The stamped form is to be attached."""

    def __init__(self, page: Page, file: CaseFile, turn: Turn) -> None:
        super().__init__()
        self._page, self._file, self._turn = page, file, turn
        self._cases = HardshipCases(page.desk.station)
        self.banner = Banner("case.step.banner")
        own = fields_of("case_step")
        amount = replace(own["amount"], label=_AMOUNTS.get(turn.step, "金额"), required=turn.needs_amount)
        fields = {
            "amount": amount, "decision_number": Field("批复文号"), "opinion": own["opinion"], "day": own["day"],
        }  # fmt: skip
        names = [name for name in fields if self._wanted(name)]
        self.form = Form("case.step", fields, [Group("", names)], Choices(page.desk.station).of)
        self.capitals = label("", "faint", id="case.step.capitals")
        self.capitals.hide()
        self.results = self._radios()
        self.do = button("case.step.do", _DO.get(turn.step, "写意见(&S)"), self.save, kind="primary", hint="Ctrl+S")
        who = f"{turn.label}(本站办理{f', {turn.due} 到期' if turn.due else ''})"
        self.setLayout(
            column(
                label(who, "heading"), self.banner, *self._hold(), Flow(list(self.results.values())), self.form,
                self.capitals, self.do, gap=SPACE.near,
            )
        )  # fmt: skip
        opinion = self.form.editor("opinion")
        opinion.setMaximumHeight(opinion.minimumHeight())
        self._keeper = DraftKeeper(page.desk.memory, self.form, self.banner)
        self._fill()

    def _wanted(self, name: str) -> bool:
        if name == "amount":
            return self._turn.step in _AMOUNTS
        return name != "decision_number" or self._turn.numbered

    def _radios(self) -> dict[str, QRadioButton]:
        group, enters = QButtonGroup(self), Enters(self)
        out: dict[str, QRadioButton] = {}
        for code, text in self._turn.results:
            radio = named(QRadioButton(f"{text}(&{_KEYS[code]})"), f"case.step.{code}", text)
            radio.installEventFilter(enters)
            radio.clicked.connect(lambda _checked=False, code=code: self._choose(code))
            offered(radio, may=len(self._turn.results) > 1)
            group.addButton(radio)
            out[code] = radio
        return out

    def _hold(self) -> list[QWidget]:
        """Why money cannot be paid yet, and the two ways on."""
        if not self._turn.hold:
            return []
        stamp = button("case.step.stamped", f"附上{STAMPED}(&F)…", self.stamped_wanted.emit)
        return [label(self._turn.hold, tone="warn", id="case.step.hold"), Flow([stamp])]

    # -- filling in ----------------------------------------------------------------------------------------------------------

    @property
    def result(self) -> str:
        """What is chosen."""
        return next((code for code, radio in self.results.items() if radio.isChecked()), hardship.PASS)

    def _fill(self) -> None:
        turn = self._turn
        known = {"day": clock.today().isoformat(), "opinion": self._usual()}
        if turn.amount is not None:
            known["amount"] = money.format_yuan(turn.amount)
        self.form.show_values(known)
        self.results[hardship.PASS].setChecked(True)
        self.form.edited.connect(lambda _name: self._show_capitals())
        title = lambda: f"{turn.label} · {self._file.name}"  # noqa: E731 (one line)
        self._keeper.watch(f"case:{self._file.id}", title, extra=self._extra, bring_back=self._bring_back)
        self._show_capitals()
        self.do.setEnabled(not turn.hold)
        if turn.hold:
            self.do.setToolTip(turn.hold)
            self.do.setAccessibleDescription(turn.hold)

    def _extra(self) -> dict[str, Any]:
        return {"step": self._turn.step, "result": self.result}

    def _bring_back(self, extra: dict[str, Any]) -> None:
        if (radio := self.results.get(extra.get("result", ""))) is not None:
            radio.setChecked(True)

    def _usual(self) -> str:
        kept = self._page.desk.memory.note(f"opinion.{self._turn.step}", "")
        return str(kept or _USUAL.get(self._turn.step, ""))

    def _choose(self, code: str) -> None:
        """Another result: the usual words are those of an agreement, a return or a refusal has reasons of its own."""
        words = self.form.raw()["opinion"].strip()
        if code == hardship.PASS and not words:
            self.form.set_raw("opinion", self._usual())
        elif code != hardship.PASS and words == self._usual():
            self.form.set_raw("opinion", "")
        if "amount" in self.form.names:
            self.form.show_field("amount", shown=code == hardship.PASS)
        if "decision_number" in self.form.names:
            self.form.show_field("decision_number", shown=code == hardship.PASS)
        self._keeper.touched()
        self._show_capitals()

    def _show_capitals(self) -> None:
        text = ""
        if "amount" in self.form.names and self.result == hardship.PASS:
            try:
                text = f"人民币{money.capitals(money.parse_yuan(self.form.raw()['amount']))}"
            except BadInput:
                text = ""
        say(self.capitals, text)

    def start(self) -> None:
        """The result, or the first field where there is only one."""
        if len(self.results) > 1:
            self.results[self.result].setFocus()
        else:
            self.form.start()

    def leave(self) -> None:
        """Keep what is half typed."""
        self._keeper.leave()

    # -- saving ------------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the step; a refusal ends the case, so it is asked for once."""
        if not self.do.isEnabled() or not self.form.accept():
            return
        raw, result = self.form.raw(), self.result
        if result != hardship.PASS and not raw["opinion"].strip():
            self.form.mark({"opinion": f"“{hardship.RESULTS[result]}”要写明理由"})
            return
        values = {"result": result, "opinion": raw["opinion"], "day": raw["day"]}
        if result == hardship.PASS:
            values |= {name: raw[name] for name in ("amount", "decision_number") if raw.get(name, "").strip()}
        if result == hardship.REJECT:
            more = "理由会留在事项里; 请书面告知申请人, 并告诉他可以怎样申诉。"
            go = lambda: self._write(values)  # noqa: E731 (one line)
            self._page.ask(f"{self._file.name} 的帮扶事项不予批准?", "不予批准", go, danger=True, more=more)
        else:
            self._write(values)

    def _write(self, values: dict[str, str]) -> None:
        case, step, cases, memory = self._file.id, self._turn.step, self._cases, self._page.desk.memory
        self.do.setEnabled(False)

        def work() -> None:
            cases.write_step(case, step, values)
            if values["result"] == hardship.PASS and values["opinion"].strip():
                drafts.soon(memory.put, f"opinion.{step}", values["opinion"].strip())

        saved = lambda _: self._saved(values)  # noqa: E731 (one line)
        save(self._page, self._keeper, work, saved, failed=self._refused, what=self._turn.label)

    def _saved(self, values: dict[str, str]) -> None:
        self._page.tell(f"已写“{self._turn.label}”: {hardship.RESULTS[values['result']]}。")
        self.written.emit()

    def _refused(self, error: UserError) -> bool:
        self.do.setEnabled(True)
        return self.form.refused(error)
