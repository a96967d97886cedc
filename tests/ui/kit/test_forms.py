"""Forms from the models' own fields: typing, input methods, problems where they are, nothing lost, nothing blocked."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.errors import BadInput
from app.models import fields_of
from app.models.fields import Field
from app.services.choices import Choice, Choices
from app.ui.kit.editors import Choose, DayLine, Line, Lines
from app.ui.kit.forms import Form, Group
from app.ui.kit.page import Desk
from tests.ui.looking import compose, faults, tab_order, type_chinese

NAMES = ("name", "id_number", "birth_date", "phone", "income", "ethnicity", "key_contact", "note")


@pytest.fixture
def form(qtbot: QtBot, desk: Desk) -> Form:
    made = Form("person", fields_of("person"), [Group("基本情况", NAMES)], Choices(desk.station).of)
    qtbot.addWidget(made)
    made.resize(900, 500)
    with qtbot.waitExposed(made):
        made.show()
    made.show_values({"name": "张三", "income": "1200.00", "key_contact": None})
    return made


def line(form: Form, name: str) -> Line:
    editor = form.editor(name)
    assert isinstance(editor, Line)
    return editor


def test_every_field_is_named_and_in_the_order_of_the_paper(form: Form) -> None:
    assert faults(form) == []
    assert tab_order(form) == [f"person.{name}" for name in NAMES]


def test_enter_goes_on_and_the_last_field_submits(qtbot: QtBot, form: Form) -> None:
    form.start()
    for name in NAMES[1:7]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        assert form.editor(name).hasFocus()
    short = Form("short", fields_of("person"), [Group("", ("name",))], lambda _field: [])
    qtbot.addWidget(short)
    short.show()
    short.start()
    with qtbot.waitSignal(short.submitted):
        qtbot.keyClick(short.editor("name"), Qt.Key.Key_Return)


def test_enter_makes_a_new_line_where_there_are_several(qtbot: QtBot, form: Form) -> None:
    note = form.editor("note")
    assert isinstance(note, Lines)
    note.setFocus()
    type_chinese(note, "腿脚不便")
    qtbot.keyClick(note, Qt.Key.Key_Return)
    type_chinese(note, "独居")
    assert note.raw() == "腿脚不便\n独居"
    qtbot.keyClick(note, Qt.Key.Key_Tab)
    assert not note.hasFocus()


def test_only_what_was_changed_is_given(qtbot: QtBot, form: Form) -> None:
    assert not form.is_changed
    phone = line(form, "phone")
    phone.setFocus()
    qtbot.keyClicks(phone, "13800000001")
    line(form, "income").clear()
    assert form.changes() == {"phone": "13800000001", "income": None}


def test_full_width_digits_are_made_half_width_once_the_field_is_left(qtbot: QtBot, form: Form) -> None:
    phone = line(form, "phone")
    phone.setFocus()
    type_chinese(phone, "１３８０００００００１", "138")
    assert phone.raw() == "１３８０００００００１", "nothing is changed under the person's fingers"
    qtbot.keyClick(phone, Qt.Key.Key_Tab)
    assert phone.raw() == "13800000001"
    assert form.problem("phone") == ""


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("id_number", "361002196101010018", "身份证号"),
        ("birth_date", "1979-13", ""),
        ("phone", "138", ""),
        ("income", "12.345", ""),
    ],
)
def test_what_is_wrong_is_said_below_the_field_and_kept(
    qtbot: QtBot, form: Form, name: str, typed: str, problem: str
) -> None:
    editor = line(form, name)
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, typed)
    assert form.problem(name) == "", "nobody is told off while typing"
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert form.problem(name)
    assert problem in form.problem(name)
    assert editor.raw() == typed
    assert form.problem(name) in editor.accessibleDescription()
    assert not form.accept()
    assert editor.hasFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert form.problem(name) == "", "who mends it is not told off"


def test_partial_dates_stay_what_they_are(qtbot: QtBot, form: Form) -> None:
    for typed in ("1979", "1979-12", "1979-12-05"):
        form.set_raw("birth_date", "")
        editor = line(form, "birth_date")
        editor.setFocus()
        qtbot.keyClicks(editor, typed)
        qtbot.keyClick(editor, Qt.Key.Key_Tab)
        assert form.changes()["birth_date"] == typed
        assert form.problem("birth_date") == ""


def test_a_missing_name_is_named_only_when_saving(qtbot: QtBot, form: Form) -> None:
    editor = line(form, "name")
    editor.setFocus()
    editor.clear()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert form.problem("name") == ""
    assert not form.accept()
    assert form.problem("name") == "请填写姓名"
    assert editor.hasFocus()


def test_what_a_service_finds_wrong_stands_at_its_field(form: Form) -> None:
    assert form.refused(BadInput("…", {"phone": "这个号码不对"}))
    assert form.problem("phone") == "这个号码不对"
    assert not form.refused(BadInput("…", {"elsewhere": "不在这张表上"}))


def test_half_composed_text_is_taken_in_before_saving(form: Form) -> None:
    name = line(form, "name")
    name.setFocus()
    name.clear()
    compose(name, "wang")
    assert name.raw() == ""
    type_chinese(name, "王秀英", "wang xiu ying")
    assert form.raw()["name"] == "王秀英"


@pytest.mark.parametrize("text", ["䶮㛃𠮷", "阿卜杜拉·买买提", "欧阳" * 12])
def test_rare_and_long_names_are_typed(form: Form, text: str) -> None:
    name = line(form, "name")
    name.setFocus()
    name.clear()
    type_chinese(name, text)
    assert form.values()["name"] == text
    assert form.accept()


class TestChoices:
    @pytest.fixture
    def choose(self, form: Form) -> Choose:
        editor = form.editor("ethnicity")
        assert isinstance(editor, Choose)
        editor.setFocus()
        return editor

    @pytest.mark.parametrize(
        ("typed", "code"), [("she", "22"), ("zhuang", "08"), ("22", "22"), ("tuj", "15"), ("wwe", "05")]
    )
    def test_letters_numbers_and_initials_find_it(
        self, qtbot: QtBot, choose: Choose, form: Form, typed: str, code: str
    ) -> None:
        qtbot.keyClicks(choose, typed)
        assert choose.raw() == code
        assert form.changes()["ethnicity"] == code

    def test_an_input_method_finds_it(self, choose: Choose) -> None:
        type_chinese(choose, "畲", "she")
        assert choose.raw() == "22"

    def test_delete_empties_it(self, qtbot: QtBot, choose: Choose) -> None:
        qtbot.keyClicks(choose, "han")
        assert choose.raw() == "01"
        qtbot.keyClick(choose, Qt.Key.Key_Delete)
        assert choose.raw() == ""

    def test_the_wheel_passing_over_changes_nothing(self, qtbot: QtBot, choose: Choose, form: Form) -> None:
        choose.put("05")
        form.start()
        wheel(choose)
        assert choose.raw() == "05"
        choose.setFocus()
        wheel(choose)
        assert choose.raw() != "05", "with the focus the wheel turns it: the test turns nothing at all otherwise"

    def test_a_code_nobody_knows_is_kept(self, choose: Choose, form: Form) -> None:
        form.show_values({"ethnicity": "77"})
        assert choose.raw() == "77"
        assert form.changes() == {}


def wheel(widget: QWidget) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre, QPointF(widget.mapToGlobal(widget.rect().center())), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_a_flag_may_be_yes_no_or_unknown(qtbot: QtBot, form: Form) -> None:
    editor = form.editor("key_contact")
    assert isinstance(editor, Choose)
    assert editor.raw() == ""
    editor.setFocus()
    type_chinese(editor, "是")
    assert form.changes() == {"key_contact": "true"}
    type_chinese(editor, "否")
    assert form.changes() == {"key_contact": "false"}


def test_a_day_may_be_picked(qtbot: QtBot) -> None:
    field = Field("走访日期", "day")
    form = Form("visit", {"date": field}, [Group("", ("date",))], lambda _field: [])
    qtbot.addWidget(form)
    form.show()
    editor = form.editor("date")
    assert isinstance(editor, DayLine)
    editor.put("2026-03-05")
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_F4)
    calendar = QApplication.activePopupWidget()
    assert calendar is not None
    days = calendar.focusProxy()
    qtbot.keyClick(days, Qt.Key.Key_Right)
    qtbot.keyClick(days, Qt.Key.Key_Return)
    assert editor.raw() == "2026-03-06"
    assert form.changes() == {"date": "2026-03-06"}


def test_ctrl_z_in_a_field_undoes_typing_only(qtbot: QtBot, form: Form) -> None:
    name = line(form, "name")
    name.setFocus()
    name.end(False)
    qtbot.keyClicks(name, "abc")
    qtbot.keyClick(name, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert name.raw() == "张三"


@pytest.mark.parametrize("width", [420, 900])
@pytest.mark.parametrize("kind", ["person", "visit", "campaign", "hardship_case", "household", "staff", "policy"])
def test_a_form_of_every_kind_fits_its_room(qtbot: QtBot, desk: Desk, kind: str, width: int) -> None:
    known = {n: f for n, f in fields_of(kind).items() if not f.internal and f.editor not in ("record", "bytes")}
    form = Form(kind, known, [Group("全部", tuple(known))], Choices(desk.station).of)
    qtbot.addWidget(form)
    form.resize(width, 900)
    with qtbot.waitExposed(form):
        form.show()
    assert faults(form) == []


def test_choices_of_a_station(desk: Desk) -> None:
    choices: Callable[[Field], list[Choice]] = Choices(desk.station).of
    assert [c.code for c in choices(fields_of("person")["division"])] == [desk.station.place.home]
    assert len(choices(fields_of("person")["ethnicity"])) > 50
    assert choices(fields_of("person")["name"]) == []


def test_a_line_edit_without_a_form_is_plain(qtbot: QtBot) -> None:
    editor = Line(Field("姓名", "name"))
    qtbot.addWidget(editor)
    assert isinstance(editor, QLineEdit)
    assert editor.raw() == ""
