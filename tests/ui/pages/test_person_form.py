"""Registering by keyboard: the number fills in what it knows, nothing is asked twice, nothing half typed is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.rules import id_number
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.services.undoing import Undo
from app.ui.kit import drafts, look
from app.ui.kit.page import Desk, Link
from app.ui.pages.person_form import GROUPS, PersonFormPage
from tests.ui.conftest import VILLAGE, idle
from tests.ui.looking import control, faults, tab_order, type_chinese

Show = Callable[..., Any]
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


@pytest.fixture
def page(show: Show, desk: Desk) -> PersonFormPage:
    made: PersonFormPage = show(PersonFormPage, desk)
    return made


def who(desk: Desk, text: str) -> str:
    return PeopleList(desk.station).ids(Wanted(text=text))[0]


def links(page: PersonFormPage) -> list[Link]:
    found: list[Link] = []
    page.wanted.connect(found.append)
    return found


def enter(qtbot: QtBot, page: PersonFormPage, name: str, text: str) -> None:
    """Type into a field, over what stands there, and go on."""
    editor = page.form.editor(name)
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_A, CTRL)
    if text.isascii():
        qtbot.keyClicks(editor, text)
    else:
        type_chinese(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    idle(qtbot, page.desk)


def save(qtbot: QtBot, page: PersonFormPage, *more: Qt.KeyboardModifier) -> None:
    modifiers = CTRL
    for one in more:
        modifiers |= one
    qtbot.keyClick(page, Qt.Key.Key_S, modifiers)
    idle(qtbot, page.desk)


def test_the_fields_are_those_of_the_ledger(page: PersonFormPage) -> None:
    shown = [name for group in GROUPS if not group.folded for name in group.names]
    assert len(shown) == 31
    assert page.form.editor("name").hasFocus()
    assert page.form.raw()["division"] == VILLAGE
    order = tab_order(page)
    assert order[:3] == ["person_form.name", "person_form.id_number", "person_form.no_id_reason"]
    rest = ["person_form.note", "person_form.fold.0", "person_form.fold.1"]
    assert order[order.index("person_form.note") :][:3] == rest
    assert set(order[-3:]) == {"person_form.save", "person_form.next", "person_form.cancel"}
    assert "person_form.disability_level" not in order
    assert "person_form.status" not in order


def test_the_number_fills_in_birth_and_sex(qtbot: QtBot, page: PersonFormPage) -> None:
    enter(qtbot, page, "name", "张建国")
    enter(qtbot, page, "id_number", number(915))
    raw = page.form.raw()
    assert (raw["birth_date"], raw["sex"]) == ("1956-03-12", "1")
    assert page.form.editor("no_id_reason").isHidden()
    enter(qtbot, page, "id_number", number(922, "19600101"))
    assert page.form.raw()["birth_date"] == "1960-01-01"
    assert page.form.raw()["sex"] == "2"
    enter(qtbot, page, "birth_date", "1961")
    enter(qtbot, page, "id_number", number(915))
    assert page.form.raw()["birth_date"] == "1961"


def test_a_whole_person_by_keyboard(qtbot: QtBot, page: PersonFormPage) -> None:
    went = links(page)
    enter(qtbot, page, "name", "龚䶮")
    enter(qtbot, page, "id_number", number(915))
    page.form.editor("class12").setFocus()
    qtbot.keyClicks(page.form.editor("class12"), "cjjr")
    assert page.form.raw()["class12"] == "07"
    assert not page.form.editor("disability_level").isHidden()
    qtbot.keyClicks(page.form.editor("disability_level"), "07")
    enter(qtbot, page, "phone", "138 0013 8000")
    save(qtbot, page)
    (link,) = went
    assert (link.page, link.facts["warnings"]) == ("person", ())
    shown = People(page.desk.station).show(link.about).fields
    assert (shown["name"], shown["phone"], shown["division"]) == ("龚䶮", "13800138000", VILLAGE)
    assert (shown["identities"][0]["class12"], shown["identities"][0]["disability_level"]) == ("07", "07")
    assert Undo(page.desk.station).undo().name == "登记人员"


def test_what_is_wrong_is_said_where_it_is(qtbot: QtBot, page: PersonFormPage) -> None:
    save(qtbot, page)
    assert "请填写姓名" in page.form.problem("name")
    assert page.form.editor("name").hasFocus()
    enter(qtbot, page, "name", "王五")
    save(qtbot, page)
    assert "要填身份证号" in page.form.problem("id_number")
    wrong = number(915)[:-1] + ("0" if number(915)[-1] != "0" else "1")
    enter(qtbot, page, "id_number", wrong)
    assert "最后一位对不上" in page.form.problem("id_number")
    enter(qtbot, page, "account_number", "12x")
    control(page, "person_form.fold.0")
    save(qtbot, page)
    assert "只能是数字" in page.form.problem("account_number")
    assert page.form.editor("account_number").isVisible()
    assert faults(page) == []


def test_somebody_who_is_here_is_named_while_typing(qtbot: QtBot, page: PersonFormPage) -> None:
    went = links(page)
    known = People(page.desk.station).show(who(page.desk, "单小平"))
    enter(qtbot, page, "id_number", str(known.fields["id_number"]))
    assert page.banner.text() == "这个身份证号已经登记在“单小平”名下, 不能再登记一次。"
    qtbot.keyClick(control(page, "person_form.known"), Qt.Key.Key_Space)
    assert went == [Link("person", known.id, {})]
    enter(qtbot, page, "name", "单小平")
    save(qtbot, page)
    assert page.save_action.isEnabled()
    assert "已经登记在" in page.banner.text()


def test_somebody_who_may_be_meant_is_named_while_typing(qtbot: QtBot, page: PersonFormPage) -> None:
    went = links(page)
    person = who(page.desk, "单小平")
    known = People(page.desk.station).show(person).fields
    enter(qtbot, page, "name", "单小苹")
    assert page.banner.text() == ""
    enter(qtbot, page, "birth_date", str(known["birth_date"]))
    assert page.banner.text().startswith("可能已经登记过“单小平”: 姓名同音, 出生日期相同")
    enter(qtbot, page, "birth_date", "1999-01-01")
    assert page.banner.text() == ""
    enter(qtbot, page, "birth_date", str(known["birth_date"]))
    qtbot.keyClick(control(page, "person_form.known"), Qt.Key.Key_Space)
    assert went == [Link("person", person, {})]
    page.open(who(page.desk, "李"))
    idle(qtbot, page.desk)
    enter(qtbot, page, "name", "单小苹")
    assert page.banner.text() == ""
    enter(qtbot, page, "id_number", str(known["id_number"]))
    assert page.banner.text().startswith("这个身份证号已经登记在“单小平”名下")


def test_saved_and_the_next_one_in_the_same_group(qtbot: QtBot, page: PersonFormPage) -> None:
    enter(qtbot, page, "name", "张建国")
    enter(qtbot, page, "id_number", number(915))
    enter(qtbot, page, "birth_date", "1950-01-01")
    enter(qtbot, page, "village_group", "三组")
    save(qtbot, page, SHIFT)
    raw = page.form.raw()
    assert (raw["name"], raw["village_group"], raw["id_number"]) == ("", "三组", "")
    assert page.form.editor("name").hasFocus()
    assert page.banner.text().startswith("已登记 张建国。出生日期 1950-01-01 与身份证号里的 1956-03-12 不一样")
    drafts.settled()
    assert page.desk.memory.drafts() == []


def test_half_typed_is_kept_and_comes_back(qtbot: QtBot, page: PersonFormPage) -> None:
    enter(qtbot, page, "name", "李秀英")
    page.open(who(page.desk, "单小平"))
    idle(qtbot, page.desk)
    assert page.form.raw()["name"] == "单小平"
    assert page.heading.text() == "修改人员: 单小平"
    page.leave()
    page.open()
    idle(qtbot, page.desk)
    assert page.form.raw()["name"] == "李秀英"
    (draft,) = page.desk.memory.drafts()
    assert (draft.place, draft.title) == ("person_form:", "登记人员 · 李秀英")
    qtbot.keyClick(control(page, "person_form.banner.drop"), Qt.Key.Key_Space)
    assert page.form.raw()["name"] == ""
    with qtbot.waitSignal(page.back):
        qtbot.keyClick(page.form.editor("name"), Qt.Key.Key_Escape)


def test_only_what_was_changed_is_written(qtbot: QtBot, page: PersonFormPage) -> None:
    person = who(page.desk, "单小平")
    page.open(person)
    idle(qtbot, page.desk)
    went = links(page)
    assert page.form.editor("status").isVisible()
    enter(qtbot, page, "phone", "16499990000")
    save(qtbot, page)
    assert went == [Link("person", person, {"warnings": ()})]
    undone = Undo(page.desk.station).undo()
    assert undone.name == "修改人员"
    assert People(page.desk.station).show(person).fields["phone"] != "16499990000"


def test_several_identities_are_changed_on_the_card(qtbot: QtBot, page: PersonFormPage) -> None:
    person = who(page.desk, "单小平")
    People(page.desk.station).add_part(person, "identities", {"class12": "07", "disability_level": "05"})
    page.open(person)
    idle(qtbot, page.desk)
    assert page.form.editor("class12").isHidden()
    assert page.form.editor("disability_level").isHidden()
    enter(qtbot, page, "phone", "16499990000")
    save(qtbot, page)
    assert People(page.desk.station).show(person).fields["phone"] == "16499990000"
    page.open()
    idle(qtbot, page.desk)
    assert not page.form.editor("class12").isHidden()


def test_somebody_who_has_gone(qtbot: QtBot, page: PersonFormPage) -> None:
    person = who(page.desk, "单小平")
    People(page.desk.station).remove(person)
    page.open(person)
    idle(qtbot, page.desk)
    assert "回收站" in page.banner.text()
    assert not page.save_action.isEnabled()


def test_what_is_folded_says_how_much_is_in_it(qtbot: QtBot, page: PersonFormPage) -> None:
    page.open(who(page.desk, "龚䶮"))
    idle(qtbot, page.desk)
    push: QPushButton = control(page, "person_form.fold.1")
    assert push.text().startswith("更多项目(已填 ")
    qtbot.keyClick(push, Qt.Key.Key_Space)
    assert page.form.editor("education").isVisible()


@pytest.mark.parametrize("percent", [100, 200])
def test_every_size_with_everything_unfolded(
    qtbot: QtBot, show: Show, desk: Desk, qapp: QApplication, percent: int
) -> None:
    look.dress(qapp, percent)
    page: PersonFormPage = show(PersonFormPage, desk, who(desk, "阿卜杜热西提"))
    page.resize(1098, 537) if percent == 200 else page.resize(1200, 640)
    page.form.unfold(0)
    page.form.unfold(1)
    for _ in range(4):
        QApplication.sendPostedEvents()
    assert faults(page) == []
    assert page.minimumSizeHint().width() <= 1098


def test_several_who_may_be_meant_are_named_together(qtbot: QtBot, page: PersonFormPage) -> None:
    went = links(page)
    people = People(page.desk.station)
    ids = [
        people.add({
            "division": VILLAGE, "name": "阿依古丽", "no_id_reason": "pending", "birth_date": "1960-05-01", "phone": phone,
        }).id
        for phone in ("16400000001", "16400000002")
    ]  # fmt: skip
    enter(qtbot, page, "name", "阿依古丽")
    enter(qtbot, page, "birth_date", "1960-05-01")
    assert page.banner.text().startswith("可能已经登记过, 有 2 个人像, 最像的是“阿依古丽”: 姓名相同, 出生日期相同")
    for place in ("person_form.known", "person_form.known.1"):
        qtbot.keyClick(control(page, place), Qt.Key.Key_Space)
    assert {link.about for link in went} == set(ids)
    assert faults(page) == []
