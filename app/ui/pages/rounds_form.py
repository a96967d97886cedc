"""The form of a round: what is on the notice, and who gets how much: one amount for all, or a table of classes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QPushButton, QRadioButton, QWidget

from app import clock
from app.errors import BadInput, UserError
from app.models import fields_of
from app.rules import benefits, money
from app.rules import campaign as rules
from app.services.campaigns import Campaigns
from app.services.choices import Choices
from app.services.round_views import RoundShown, RoundViews
from app.ui.kit.controls import Banner, button, column, label, line_edit, named, row, width_of
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.entering import Enters, combo
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page, scrolled
from app.ui.kit.saving import save

_FIELDS: Final = ("name", "year", "festival", "source", "way", "basis", "starts", "ends")
_EVERYBODY: Final = ""


class Standards(QWidget):
    """Who gets how much: rows of a class, an age, need, and an amount."""

    edited = Signal()

    def __init__(self, id: str) -> None:
        super().__init__()
        self._id = id
        self._rows: list[tuple[QComboBox, QLineEdit, QCheckBox, QLineEdit, QPushButton]] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(SPACE.near)
        self._grid.setVerticalSpacing(SPACE.tight)
        self._grid.setColumnStretch(0, 1)
        for place, text in enumerate(("慰问对象", "满多少岁", "", "金额(元)")):
            self._grid.addWidget(label(text, "faint", wrap=False), 0, place)
        self.note = label(tone="bad", id=f"{id}.note")
        self.note.hide()
        self._enters = Enters(self)
        more = button(f"{id}.more", "再加一类(&J)", lambda: self._add(focus=True))
        self.setLayout(column(self._grid, row(more, None), self.note, gap=SPACE.near))
        self._made = 0

    def put(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Show a table of standards as the service gives it; several classes of one row become a row each."""
        while self._rows:
            self._drop(self._rows[0], tell=False)
        for each in rows:
            for code in [*(f"b{c}" for c in each.get("codes", ())), *(f"c{c}" for c in each.get("classes", ()))] or [
                _EVERYBODY
            ]:
                age = each.get("least_age") or ""
                self._add(code, str(age), str(each.get("amount", "")), needy=bool(each.get("hardship")))
        if not self._rows:
            self._add()
        self.say("")

    def raw(self) -> list[dict[str, Any]]:
        """The rows as they stand, for a draft and for the service; empty rows are left out."""
        out = []
        for who, age, needy, amount, _ in self._rows:
            code, text, years = str(who.currentData() or ""), amount.text().strip(), age.text().strip()
            if not (code or text or years):
                continue
            out.append({
                "amount": text, "codes": [code[1:]] if code.startswith("b") else [],
                "classes": [code[1:]] if code.startswith("c") else [], "hardship": needy.isChecked(),
                "least_age": int(years) if years.isdecimal() else years or 0, "label": "",
            })  # fmt: skip
        return out

    def say(self, problem: str) -> None:
        """What is wrong with the table."""
        self.note.setText(problem)
        self.note.setVisible(bool(problem))

    def start(self) -> None:
        """Put the focus into the first row."""
        if self._rows:
            self._rows[0][0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(
        self, code: str = _EVERYBODY, age: str = "", amount: str = "", *, needy: bool = False, focus: bool = False
    ) -> None:
        self._made += 1
        place = f"{self._id}.{self._made}"
        options = [(_EVERYBODY, "全部服务对象")]
        options += [(f"b{code}", text) for code, text in benefits.BENEFIT_CODES.items()]
        options += [(f"c{code}", f"{text}(人员类别)") for code, text in benefits.COLLECTION_CLASSES.items()]
        who = combo(f"{place}.who", "慰问对象", options, code)
        who.setMinimumContentsLength(8)
        who.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        years = line_edit(f"{place}.age", "满多少岁", "不限")
        years.setText(age)
        years.setMaximumWidth(width_of(years, 4))
        only = named(QCheckBox("仅困难"), f"{place}.needy", "仅困难")
        only.setChecked(needy)
        sum_ = line_edit(f"{place}.amount", "金额(元)", "如 500")
        sum_.setText(amount)
        sum_.setMaximumWidth(width_of(sum_, 7))
        gone = button(f"{place}.drop", "删", hint="删去这一行")
        made = (who, years, only, sum_, gone)
        gone.clicked.connect(lambda: self._drop(made))
        line = self._grid.rowCount()
        for spot, widget in enumerate(made):
            self._grid.addWidget(widget, line, spot)
            if widget is not gone:
                widget.installEventFilter(self._enters)
        who.currentIndexChanged.connect(lambda _=0: self._edited())
        only.toggled.connect(lambda _=False: self._edited())
        for edit in (years, sum_):
            edit.textEdited.connect(lambda _="": self._edited())
        self._rows.append(made)
        if focus:
            who.setFocus(Qt.FocusReason.OtherFocusReason)
            self._edited()

    def _edited(self) -> None:
        self.say("")
        self.edited.emit()

    def _drop(self, made: tuple[Any, ...], *, tell: bool = True) -> None:
        self._rows = [one for one in self._rows if one is not made]
        for widget in made:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        if tell:
            if not self._rows:
                self._add()
            self._edited()


class RoundForm(QWidget):
    """Draws up a new round or changes one."""

    saved = Signal(str)
    """The round's id."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._id = ""
        self._own_name = ""
        """The name this form has proposed; another one was typed by the person and stays."""
        station = page.desk.station
        choices = Choices(station)
        self.banner = Banner("rounds.form.banner")
        self.heading = label("新建慰问批次", "heading", id="rounds.form.heading")
        self.form = Form(
            "rounds.form", fields_of("campaign"),
            [Group("", _FIELDS[:5]), Group("依据和日期", _FIELDS[5:])], choices.of,
        )  # fmt: skip
        self.same = named(QRadioButton("所有人一样(&A)"), "rounds.form.same", "所有人一样")
        self.apart = named(QRadioButton("各类不同(&T)"), "rounds.form.apart", "各类不同")
        self.amount = line_edit("rounds.form.standard", "慰问标准(元)", "每人多少元, 如 500; 没定可以先不填")
        self.amount.setMaximumWidth(width_of(self.amount, 18))
        self.amount_note = label(tone="bad", id="rounds.form.standard.note")
        self.amount_note.hide()
        self.table = Standards("rounds.form.standards")
        self.save_button = button("rounds.form.save", "保存(&S)", self.save, kind="primary", hint="Ctrl+S")
        cancel = button("rounds.form.cancel", "返回(&C)", page.escape, hint="Esc, 没填完的会留着")
        inside = QWidget()
        inside.setLayout(
            column(
                self.banner, self.heading, self.form, label("慰问标准", "heading"), row(self.same, self.apart, None),
                self.amount, self.amount_note, self.table, None, gap=SPACE.apart,
            )
        )  # fmt: skip
        self.setLayout(column(scrolled(inside, "rounds.form.area"), row(self.save_button, cancel, None)))
        self._keeper = DraftKeeper(page.desk.memory, self.form, self.banner)
        self._wire()

    def _wire(self) -> None:
        enters = Enters(self)
        for widget in (self.same, self.apart, self.amount):
            widget.installEventFilter(enters)
        self.same.toggled.connect(self._show_way)
        self.form.edited.connect(self._suggest_name)
        self.form.submitted.connect(lambda: self.same.setFocus(Qt.FocusReason.TabFocusReason))
        for signal in (self.same.clicked, self.apart.clicked, self.amount.textEdited, self.table.edited):
            signal.connect(self._keeper.touched)
        self.amount.textEdited.connect(lambda _="": self._say_amount(""))

    # -- opening -------------------------------------------------------------------------------------------------------

    def open_new(self) -> None:
        """An empty form, filled with what is known: the coming year's round, source and way of the last one."""
        self._keeper.let_go()
        self._id = ""
        self.save_button.setEnabled(True)
        self.heading.setText("新建慰问批次")
        today = clock.today()
        festival, year = coming_festival(today.month, today.year)
        usual = {"way": "cash", **RoundViews(self._page.desk.station).usual()}
        self.form.show_values({"year": year, "festival": festival, **usual})
        self._put_standards("", [])
        self._name_it()
        self._watch("rounds:new")

    def open_change(self, shown: RoundShown) -> None:
        """The form of a round that is there."""
        self._keeper.let_go()
        self._id = shown.id
        self.save_button.setEnabled(True)
        self.heading.setText(f"修改 {shown.name}")
        self.form.show_values(shown.fields)
        self._own_name = ""
        self._put_standards(str(shown.fields.get("standard") or ""), shown.standards)
        self._watch(f"rounds:change:{shown.id}")

    def _watch(self, place: str) -> None:
        self._keeper.watch(place, self._draft_title, extra=self._extra, bring_back=self._bring_back)

    def _draft_title(self) -> str:
        name = self.form.raw()["name"].strip()
        return f"{'修改批次' if self._id else '新建慰问批次'} · {name}".rstrip(" ·")

    def _extra(self) -> dict[str, Any]:
        return {"apart": self.apart.isChecked(), "amount": self.amount.text(), "rows": self.table.raw(), "id": self._id}

    def _bring_back(self, extra: dict[str, Any]) -> None:
        self._put_standards(str(extra.get("amount", "")), extra.get("rows", []) if extra.get("apart") else [])
        if extra.get("apart"):
            self.apart.setChecked(True)

    def _put_standards(self, amount: str, rows: Sequence[Mapping[str, Any]]) -> None:
        self.amount.setText(amount)
        self._say_amount("")
        self.table.put(rows)
        (self.apart if rows else self.same).setChecked(True)
        self._show_way()

    def _show_way(self) -> None:
        self.amount.setVisible(self.same.isChecked())
        self.amount_note.setVisible(self.same.isChecked() and bool(self.amount_note.text()))
        self.table.setVisible(self.apart.isChecked())

    def _suggest_name(self, changed: str) -> None:
        if changed in ("year", "festival") and not self._id:
            self._name_it()

    def _name_it(self) -> None:
        raw = self.form.raw()
        words = rules.FESTIVALS.get(raw["festival"], "")
        if raw["name"].strip() not in ("", self._own_name) or not words or not raw["year"].strip():
            return
        self._own_name = f"{raw['year'].strip()}年{words.partition('(')[0]}慰问"
        self.form.set_raw("name", self._own_name)

    def start(self) -> None:
        """Where the keyboard begins."""
        self.form.start()

    def leave(self) -> None:
        """Keep what is half typed."""
        self._keeper.leave()

    # -- saving --------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the round."""
        if not self.form.accept() or not self._accept_standard():
            return
        values: dict[str, Any] = dict(self.form.values()) if not self._id else dict(self.form.changes())
        rows = self.table.raw() if self.apart.isChecked() else []
        values["standard"] = rows or ("" if self.apart.isChecked() else self.amount.text().strip())
        service, known = Campaigns(self._page.desk.station), self._id

        def work() -> str:
            if known:
                service.change(known, values)
                return known
            return service.open(values)

        self.save_button.setEnabled(False)
        save(self._page, self._keeper, work, self._saved, failed=self._refused)

    def _saved(self, id: str) -> None:
        self.save_button.setEnabled(True)
        self.saved.emit(id)

    def _refused(self, error: UserError) -> bool:
        self.save_button.setEnabled(True)
        if not isinstance(error, BadInput) or not error.problems:
            return False
        at_table = {name: why for name, why in error.problems.items() if name.startswith("standard")}
        if at_table:
            said = "; ".join(
                f"第 {name[9:]} 行 {why}" if name[8:9] == "." else why
                for name, why in at_table.items()
                if name != "standard" or len(at_table) == 1
            )
            (self.table.say if self.apart.isChecked() else self._say_amount)(said)
        rest = {name: why for name, why in error.problems.items() if name not in at_table}
        return self.form.mark(rest) if rest else True

    def _accept_standard(self) -> bool:
        if not self.same.isChecked() or not self.amount.text().strip():
            return True
        try:
            money.parse_yuan(self.amount.text())
        except BadInput as error:
            self._say_amount(str(error))
            self.amount.setFocus()
            return False
        return True

    def _say_amount(self, problem: str) -> None:
        self.amount_note.setText(problem)
        self.amount_note.setVisible(bool(problem) and self.same.isChecked())


def coming_festival(month: int, year: int) -> tuple[str, int]:
    """The festival stations prepare in a month, and its year: from October on it is the New Year's round."""
    if month >= 10:
        return "spring", year + 1
    by_month = ((2, "spring"), (4, "qingming"), (6, "dragon_boat"), (8, "august1"), (9, "mid_autumn"))
    return next(code for last, code in by_month if month <= last), year
