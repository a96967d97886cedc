"""Households in the window: found, founded for somebody, members taken in and out, the head and the plaque."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services.households import Households
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.ui.kit import drafts, look
from app.ui.kit.form_window import FormWindow
from app.ui.kit.page import Desk, Link
from app.ui.pages.household import HouseholdPage
from app.ui.pages.household.members import AddMember
from tests.ui.conftest import Answers
from tests.ui.conftest import idle as answered
from tests.ui.looking import faults, type_chinese

Show = Callable[..., Any]
CTRL = Qt.KeyboardModifier.ControlModifier


def idle(qtbot: QtBot, desk: Desk) -> None:
    answered(qtbot, desk)
    for _ in range(4):
        QApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def who(desk: Desk, text: str) -> str:
    return PeopleList(desk.station).ids(Wanted(text=text))[0]


@pytest.fixture
def household(desk: Desk) -> str:
    households = Households(desk.station)
    made = households.add({"head": who(desk, "单小平"), "number": "12", "address": "三组 5 号"})
    households.join(made, who(desk, "仇玉兰"), "妻")
    return made


@pytest.fixture
def page(show: Show, desk: Desk, household: str) -> HouseholdPage:
    made: HouseholdPage = show(HouseholdPage, desk, household)
    return made


def links(page: HouseholdPage) -> list[Link]:
    found: list[Link] = []
    page.wanted.connect(found.append)
    return found


def members(page: HouseholdPage) -> list[tuple[str, str]]:
    rows = page.members.rows
    return [(rows.text(n, 0), rows.text(n, 1)) for n in range(rows.rowCount())]


def front(qtbot: QtBot, page: HouseholdPage, kind: Any) -> Any:
    found: list[Any] = list(page.findChildren(kind))
    windows = [one for one in found if one.isVisible()]
    windows[0].activateWindow()
    qtbot.waitUntil(windows[0].isActiveWindow)
    return windows[0]


def test_the_card(qtbot: QtBot, page: HouseholdPage) -> None:
    assert page.heading.text() == "单小平 户"
    assert page.head.text().startswith("户号 12  ")
    assert members(page) == [("单小平", "户主"), ("仇玉兰", "妻")]
    assert faults(page) == []
    went = links(page)
    qtbot.keyClick(page.members, Qt.Key.Key_Down)
    qtbot.keyClick(page.members, Qt.Key.Key_Return)
    assert went == [Link("person", who(page.desk, "仇玉兰"), {})]


def test_address_and_plaque_are_saved_by_keyboard(qtbot: QtBot, page: HouseholdPage) -> None:
    plaque = page.form.editor("plaque")
    plaque.setFocus()
    qtbot.keyClick(plaque, Qt.Key.Key_A, CTRL)
    type_chinese(plaque, "已悬挂")
    page.leave()
    drafts.settled()
    assert page.desk.memory.drafts()[0].title == "修改户 · 单小平 户"
    qtbot.keyClick(page, Qt.Key.Key_S, CTRL)
    idle(qtbot, page.desk)
    assert Households(page.desk.station).show(page._household).plaque == "已悬挂"
    drafts.settled()
    assert page.desk.memory.drafts() == []


def test_a_member_is_found_by_initials_and_taken_in(qtbot: QtBot, page: HouseholdPage) -> None:
    page.acts["join"].trigger()
    window = front(qtbot, page, AddMember)
    assert faults(window) == []
    qtbot.keyClick(window, Qt.Key.Key_S, CTRL)
    assert "先选一个人" in window.banner.text()
    qtbot.keyClicks(window.person.finder, "yjm")
    qtbot.keyClick(window.person.finder, Qt.Key.Key_Return)
    idle(qtbot, page.desk)
    assert window.person.words == "杨𠮷明"
    window.relation.setCurrentIndex(window.relation.findData("20"))
    qtbot.keyClick(window, Qt.Key.Key_S, CTRL)
    idle(qtbot, page.desk)
    assert ("杨𠮷明", "子") in members(page)


def test_another_head_and_another_relation(qtbot: QtBot, page: HouseholdPage) -> None:
    page.members.choose(who(page.desk, "仇玉兰"))
    page.acts["lead"].trigger()
    idle(qtbot, page.desk)
    assert members(page)[0] == ("仇玉兰", "户主")
    assert page.heading.text() == "仇玉兰 户"
    page.members.choose(who(page.desk, "单小平"))
    page.acts["relation"].trigger()
    form = front(qtbot, page, FormWindow)
    form.form.editor("head_relation").setFocus()
    qtbot.keyClicks(form.form.editor("head_relation"), "fu")
    qtbot.keyClick(form, Qt.Key.Key_S, CTRL)
    idle(qtbot, page.desk)
    assert dict(members(page))["单小平"].startswith("夫") or dict(members(page))["单小平"] == "父"


def test_out_of_the_household_and_the_whole_of_it(qtbot: QtBot, page: HouseholdPage, answers: Answers) -> None:
    answers.ways = {"要把“单小平”移出这一户吗?": "移出", "要撤掉这一户吗?": "撤户"}
    page.members.choose(who(page.desk, "单小平"))
    page.acts["leave"].trigger()
    idle(qtbot, page.desk)
    assert members(page) == [("仇玉兰", "妻")]
    assert "还没有选户主" in page.banner.text()
    assert not page.form.editor("plaque").isEnabled()
    went = links(page)
    page.remove_action.trigger()
    idle(qtbot, page.desk)
    assert went == [Link("household", "", {})]
    assert People(page.desk.station).show(who(page.desk, "仇玉兰")).fields["household"] is None


def test_a_household_for_somebody(qtbot: QtBot, show: Show, desk: Desk, household: str) -> None:
    person = who(desk, "龚䶮")
    page: HouseholdPage = show(HouseholdPage, desk, "", person=person)
    assert "给“龚䶮”选一个户" in page.banner.text()
    assert faults(page) == []
    went = links(page)
    page.listing.text.setFocus()
    qtbot.keyClicks(page.listing.text, "sxp")
    qtbot.keyClick(page.listing.text, Qt.Key.Key_Return)
    idle(qtbot, desk)
    assert page.listing.count.text() == "共 1 户"
    page.take_action.trigger()
    idle(qtbot, desk)
    assert went[-1] == Link("household", household, {})
    assert People(desk.station).show(person).fields["household"] == household
    page.new_action.trigger()
    idle(qtbot, desk)
    assert went[-1].about not in ("", household)
    assert Households(desk.station).show(went[-1].about).head is not None


def test_the_list(qtbot: QtBot, show: Show, desk: Desk, household: str) -> None:
    page: HouseholdPage = show(HouseholdPage, desk)
    went = links(page)
    assert page.listing.count.text() == "共 1 户"
    page.listing.view.setFocus()
    qtbot.keyClick(page.listing.view, Qt.Key.Key_Return)
    assert went == [Link("household", household, {})]
    page.listing.view.horizontalHeader().sectionClicked.emit(4)
    idle(qtbot, desk)
    assert page.listing.view.rows.text(0, 3) == "单小平、仇玉兰"


def test_one_that_has_gone(qtbot: QtBot, show: Show, desk: Desk, household: str) -> None:
    Households(desk.station).remove(household)
    page: HouseholdPage = show(HouseholdPage, desk, household)
    assert "撤户" in page.banner.text()
    assert page.stack.currentIndex() == 0


@pytest.mark.parametrize("percent", [100, 200])
def test_every_size(qtbot: QtBot, show: Show, desk: Desk, household: str, qapp: QApplication, percent: int) -> None:
    look.dress(qapp, percent)
    Households(desk.station).join(household, who(desk, "阿卜杜热西提"), "其他")
    page: HouseholdPage = show(HouseholdPage, desk, household)
    page.resize(1098, 537) if percent == 200 else page.resize(1200, 640)
    idle(qtbot, desk)
    assert faults(page) == []
    assert page.minimumSizeHint().width() <= 1098
    assert page.minimumSizeHint().height() <= 560
    page.open("")
    idle(qtbot, desk)
    assert faults(page) == []
