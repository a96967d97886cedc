"""Pairs that may be one person: found, looked at side by side by keyboard, told apart, and asked about again."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.rules import id_number
from app.services import disclosing
from app.services.choices import Choices
from app.services.desk_memory import DeskMemory
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.services.same_person_views import SamePersonViews
from app.services.same_persons import SamePersons
from app.services.side_by_side import ALIKE, SideBySide
from app.services.stores import Opened
from app.services.visits import Visits
from app.ui.kit import look
from app.ui.kit.messages import Messages
from app.ui.kit.operations import Operations, Worker
from app.ui.kit.page import Desk, Link
from app.ui.pages.same_persons import SamePersonsPage
from app.ui.pages.same_persons.page import NONE, NONE_LEFT
from tests.ui.conftest import VILLAGE, Answers, idle
from tests.ui.looking import doubled_keys, faults

Show = Callable[..., Any]
LONG = "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕"


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def add(desk: Desk, **values: str) -> str:
    return People(desk.station).add({"division": VILLAGE, **values}).id


@pytest.fixture
def twins(empty_desk: Desk) -> tuple[str, ...]:
    """张建国 twice with one slip of the pen, somebody with a long name twice, and a neighbour nobody takes for them."""
    first = add(empty_desk, name="张建国", id_number=number(915), phone="16400000001")
    second = add(
        empty_desk, name="章建国", no_id_reason="pending", birth_date="1956-03-12", sex="1", phone="16400000001"
    )
    for phone in ("16400000002", "16400000003"):
        add(empty_desk, name=LONG, no_id_reason="pending", birth_date="1960-05-01", sex="1", phone=phone)
    add(empty_desk, name="龚䶮", id_number=number(51, "19710101"))
    return first, second


def test_pairs_are_worked_off_by_keyboard(qtbot: QtBot, show: Show, empty_desk: Desk, twins: tuple[str, ...]) -> None:
    page: SamePersonsPage = show(SamePersonsPage, empty_desk)
    assert page.heading.text() == "疑似同一人 2 对"
    assert page.word.text() == "共 5 人, 疑似同一人 2 对, 核过不是同一人 0 对, 已合并 0 对。"
    assert page.view.hasFocus()
    assert faults(page) == []
    names = [[page.view.rows.text(row, column) for column in (1, 3)] for row in range(2)]
    assert ["张建国", "章建国"] in names
    place = names.index(["张建国", "章建国"])
    page.view.choose(page.view.rows.id_at(place))
    assert "同音" in page.view.rows.text(place, 5)

    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    idle(qtbot, empty_desk)
    assert page.heading.text() == "疑似同一人: 1 项不同"
    first = page.beside.view.rows
    assert [first.text(0, n) for n in range(4)] == ["姓名", "不同", "张建国", "章建国"]
    marks = {first.text(n, 0): first.text(n, 1) for n in range(first.rowCount())}
    assert (marks["身份证号"], marks["无号原因"], marks["手机"]) == ("只有左边有", "只有右边有", "相同")
    assert page.beside.why.text().startswith("很像(")
    assert faults(page) == []
    assert doubled_keys(page) == []

    number_line = next(n for n in range(first.rowCount()) if first.text(n, 0) == "身份证号")
    assert "*" in first.text(number_line, 2)
    qtbot.keyClick(page, Qt.Key.Key_F2)
    idle(qtbot, empty_desk)
    assert page.beside.view.rows.text(number_line, 2) == number(915)
    seen = [(look.way, look.record) for look in disclosing.noted(empty_desk.memory)]
    assert sorted(seen) == sorted(("same_persons", person) for person in twins), "who looked is kept, of both"

    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, empty_desk)
    assert page._now is not None
    assert page._now != twins, "the next pair comes by itself"
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.heading.text() == "疑似同一人 1 对"
    assert page.view.hasFocus()
    page.refresh()
    idle(qtbot, empty_desk)
    assert page.view.rows.rowCount() == 1, "what was told apart stays so when the register is looked through again"
    assert empty_desk.memory.note("waiting.same_persons")[0] == 1, "the first page names what waits"


def test_the_last_pair_leads_back_and_can_be_asked_about_again(qtbot: QtBot, show: Show, desk: Desk) -> None:
    for name in ("石大山", "石大杉"):
        add(desk, name=name, no_id_reason="pending", birth_date="1949-10-01", sex="1")
    page: SamePersonsPage = show(SamePersonsPage, desk)
    assert page.view.rows.rowCount() == 1
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    idle(qtbot, desk)
    page.acts["apart"].trigger()
    idle(qtbot, desk)
    assert page.view.rows.rowCount() == 0
    assert page.view.empty == NONE_LEFT
    page.shown.setCurrentIndex(1)
    assert page.view.rows.rowCount() == 1
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    idle(qtbot, desk)
    assert page.beside.decided.text().startswith("已核不是同一人(周敏, ")
    assert not page.acts["apart"].isVisible()
    page.acts["ask_again"].trigger()
    idle(qtbot, desk)
    page.shown.setCurrentIndex(0)
    assert page.view.rows.rowCount() == 1
    assert SamePersonViews(desk.station).told_apart() == {}


def test_one_person_is_merged_and_told_apart_again(
    qtbot: QtBot, show: Show, empty_desk: Desk, twins: tuple[str, ...], answers: Answers
) -> None:
    first, second = twins
    visits = Visits(empty_desk.station)
    visits.record({"person": second, "date": "2026-11-20", "place": "本人家中"})
    page: SamePersonsPage = show(SamePersonsPage, empty_desk, f"{second} {first}")
    assert not page.acts["left_home"].isVisible(), "both live in one village"
    answers.ways["是同一个人, 以右边的为主吗"] = "合并"
    page.acts["keep_right"].trigger()
    idle(qtbot, empty_desk)
    assert "以后可以取消合并" in answers.said[0].more
    assert [one.kept.id for one in SamePersonViews(empty_desk.station).merged()] == [first]
    assert second not in list(PeopleList(empty_desk.station).ids(Wanted()))
    page.open()
    idle(qtbot, empty_desk)
    assert page.word.text().endswith("疑似同一人 1 对, 核过不是同一人 0 对, 已合并 1 对。")
    page.shown.setCurrentIndex(page.shown.findData("merged"))
    assert [page.view.rows.text(0, n) for n in (1, 3, 5)] == ["张建国", "章建国", "同一人, 已并入左边"]
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    idle(qtbot, empty_desk)
    shown = {key for key, act in page.acts.items() if act.isVisible()}
    assert shown & {"apart", "keep_left", "unmerge", "ask_again"} == {"unmerge"}
    assert faults(page) == []
    page.acts["unmerge"].trigger()
    idle(qtbot, empty_desk)
    assert second in list(PeopleList(empty_desk.station).ids(Wanted()))
    page.shown.setCurrentIndex(0)
    assert page.view.rows.rowCount() == 2


def test_two_places_offer_residence_and_what_is_refused_is_said(
    qtbot: QtBot, show: Show, open_copy: Callable[..., Opened], worker: Worker, answers: Answers
) -> None:
    opened = open_copy("township")
    desk = Desk(opened.station, Operations(opened.station, worker), Messages(answers), DeskMemory(opened.station))
    places = [choice.code for choice in Choices(desk.station).places()][:2]
    people = [
        People(desk.station).add({
            "division": place, "name": "龚䶮", "no_id_reason": "pending", "birth_date": "1960-05-01",
            "phone": "16400000001",
        }).id
        for place in places
    ]  # fmt: skip
    page: SamePersonsPage = show(SamePersonsPage, desk, " ".join(people))
    assert page.acts["left_home"].isVisible()
    answers.ways["左边是户籍地, 右边是常住地吗"] = "人户分离"
    page.acts["left_home"].trigger()
    idle(qtbot, desk)
    assert People(desk.station).show(people[0]).fields["residence_division"] == places[1]
    assert [one.lost.id for one in SamePersonViews(desk.station).merged()] == [people[1]]
    page.open(f"{people[0]} {people[0]}")
    idle(qtbot, desk)
    page.acts["apart"].trigger()
    idle(qtbot, desk)
    assert page.banner.text() == "这是同一份资料。没有改动任何数据。"
    desk.operations.stop()
    desk.memory.close()


def test_a_person_is_opened_and_changes_are_seen(
    qtbot: QtBot, show: Show, empty_desk: Desk, twins: tuple[str, ...]
) -> None:
    went: list[Link] = []
    page: SamePersonsPage = show(SamePersonsPage, empty_desk, " ".join(twins))
    page.wanted.connect(went.append)
    assert page.beside.view.rows.rowCount() > 5
    page.acts["right"].trigger()
    assert went == [Link("person", twins[1])]
    SamePersons(empty_desk.station).tell_apart(*twins)
    idle(qtbot, empty_desk)
    assert page.word.text().endswith("疑似同一人 1 对, 核过不是同一人 1 对, 已合并 0 对。")
    People(empty_desk.station).change(twins[1], {"name": "张建国"})
    idle(qtbot, empty_desk)
    marks = {page.beside.view.rows.text(n, 0): page.beside.view.rows.text(n, 1) for n in range(4)}
    assert marks["姓名"] == "相同"
    People(empty_desk.station).remove(twins[1])
    idle(qtbot, empty_desk)
    assert "有一个已不在名单里" in page.banner.text()
    assert page.view.rows.rowCount() == 1


def test_a_search_that_is_stopped_can_be_begun_again(qtbot: QtBot, show: Show, desk: Desk) -> None:
    page: SamePersonsPage = show(SamePersonsPage, desk)
    assert page.view.empty == NONE
    page._found = None
    page.refresh()
    assert page._task is not None
    page._task.stop()
    idle(qtbot, desk)
    page.refresh()
    idle(qtbot, desk)
    assert page.view.empty == NONE


@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_cut_off_side_by_side(
    qtbot: QtBot, qapp: QApplication, show: Show, empty_desk: Desk, percent: int
) -> None:
    look.dress(qapp, percent)
    for phone in ("16400000002", "16400000003"):
        add(empty_desk, name=LONG, no_id_reason="pending", birth_date="1960-05-01", sex="1", phone=phone)
    page: SamePersonsPage = show(SamePersonsPage, empty_desk)
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    idle(qtbot, empty_desk)
    assert page.width() == 1240
    assert faults(page) == []


def test_numbers_that_differ_where_they_are_masked_say_so(empty_desk: Desk) -> None:
    one = add(empty_desk, name="张三", id_number=number(915), phone="16400010001")
    other = add(empty_desk, name="张三", no_id_reason="pending", birth_date="1956-03-12", phone="16400020001")
    found = SideBySide(empty_desk.station).of(one, other)
    line = next(line for line in found.lines if line.key == "phone")
    assert line.differs
    assert line.right.endswith(ALIKE)
    whole = next(line for line in SideBySide(empty_desk.station).of(one, other, full=True).lines if line.key == "phone")
    assert (whole.left, whole.right) == ("16400010001", "16400020001")
