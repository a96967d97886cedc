"""两边填的不一样: one question a screen, settled by keyboard, or said whose business it is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from sqlalchemy import event

from app.services.people import People
from app.services.searching import Search
from app.sync import jobs
from app.ui.kit import look
from app.ui.kit.page import Desk, Link
from app.ui.pages.differences import DifferencesPage
from tests.ui.conftest import idle
from tests.ui.looking import enter, faults, get, press

Show = Callable[..., Any]


@pytest.fixture
def person(joined_desks: tuple[Desk, Desk], tmp_path: Path) -> str:
    """Somebody whose telephone and account both desks have changed, and both have heard of it."""
    village, town = joined_desks
    someone = Search(village.station).persons("", 1)[0].id
    for desk, values in (
        (village, {"phone": "13900000001", "account_number": "6222020000000000003"}),
        (town, {"phone": "13900000002", "account_number": "6222020000000000011"}),
    ):
        People(desk.station).change(someone, values)
    stick = tmp_path / "stick"
    stick.mkdir()
    up = jobs.send(village.station, "parent", stick)
    answers = jobs.take(town.station, [up.file], stick).answers
    jobs.take(village.station, [answers[0].file])
    return someone


def value(page: DifferencesPage, number: int) -> str:
    return get(page, QLabel, f"differences.value.{number}").text()


def test_a_village_settles_a_telephone_by_keyboard(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str
) -> None:
    desk, _ = joined_desks
    page = show(DifferencesPage, desk)
    name = People(desk.station).show(person).fields["name"]
    assert get(page, QLabel, "differences.who").text() == f"服务对象  {name}"
    assert get(page, QLabel, "differences.what").text() == "“手机”两边填的不一样"
    assert get(page, QLabel, "differences.place").text() == "第 1 项, 共 2 项, 其中 1 项要别的单位定"
    assert {value(page, 0), value(page, 1)} == {"139****0001", "139****0002"}
    QTest.keyClick(page, Qt.Key.Key_F2)
    assert {value(page, 0), value(page, 1)} == {"13900000001", "13900000002"}
    by = [get(page, QLabel, f"differences.by.{n}").text() for n in (0, 1)]
    theirs = next(n for n in (0, 1) if "对方填的  上顿渡镇站  孙立" in by[n])
    assert "本站填的  桥头村站  周敏" in by[1 - theirs]
    qtbot.waitUntil(lambda: faults(page) == [])
    page.start()
    assert get(page, QPushButton, "differences.take.0").hasFocus()
    press(page, f"differences.take.{theirs}")
    idle(qtbot, desk)
    assert People(desk.station).show(person).fields["phone"] == "13900000002"
    assert get(page, QLabel, "differences.place").text() == "第 1 项, 共 1 项, 其中 1 项要别的单位定"


def test_what_this_level_may_not_settle_is_said(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str
) -> None:
    desk, _ = joined_desks
    page = show(DifferencesPage, desk)
    press(page, "differences.next")
    assert get(page, QLabel, "differences.what").text() == "“银行账号”两边填的不一样"
    assert "要由县局来定" in get(page, QLabel, "differences.why").text()
    assert not get(page, QPushButton, "differences.take.0").isEnabled()
    assert page.other is None
    qtbot.waitUntil(lambda: faults(page) == [])


def test_another_value_is_checked_and_taken(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str
) -> None:
    desk, _ = joined_desks
    page = show(DifferencesPage, desk, person)
    enter(page, "differences.other", "123")
    press(page, "differences.use")
    note = get(page, QLabel, "differences.other.note")
    assert note.text() == "手机号要 11 位, 这里是 3 位。"
    enter(page, "differences.other", "13900000003")
    press(page, "differences.use")
    idle(qtbot, desk)
    assert People(desk.station).show(person).fields["phone"] == "13900000003"


def test_what_was_settled_meanwhile_is_said(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str
) -> None:
    desk, _ = joined_desks
    page = show(DifferencesPage, desk)
    question = page._questions[0]
    page.desk.operations.changed.disconnect(page._on_changed)
    jobs.settle(desk.station, question.id, take=1)
    press(page, "differences.take.1")
    idle(qtbot, desk)
    assert page.banner.text() == "这一项没有两边不一样, 或已经核对过。没有改动任何数据。"
    press(page, "differences.again")
    idle(qtbot, desk)
    assert page._questions[0].field != "phone"


def test_who_may_not_settle_is_told(show: Show, joined_desks: tuple[Desk, Desk], person: str) -> None:
    desk, _ = joined_desks
    desk.station.roles = ("clerk",)
    page = show(DifferencesPage, desk)
    assert "您的岗位不能核对" in get(page, QLabel, "differences.why").text()
    assert not get(page, QPushButton, "differences.take.0").isEnabled()


def test_the_person_is_one_key_away(qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str) -> None:
    desk, _ = joined_desks
    page = show(DifferencesPage, desk)
    with qtbot.waitSignal(page.wanted) as heard:
        press(page, "differences.person")
    assert heard.args == [Link("person", person)]


def test_it_opens_at_what_it_is_opened_about(
    show: Show, joined_desks: tuple[Desk, Desk], person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, town = joined_desks
    found = jobs.questions(town.station)
    fork = replace(found[0], id="f" * 32, sort="fork", title="桥头村站", person="", kind="", field="")
    monkeypatch.setattr(jobs, "questions", lambda _station: [*found, fork])
    page: DifferencesPage = show(DifferencesPage, town, "forks")
    assert get(page, QLabel, "differences.what").text() == "同一个序号有两份不同的记录"
    page = show(DifferencesPage, town, person)
    assert page._shown == found[0]


@pytest.mark.usefixtures("person")
def test_looking_for_questions_takes_one_connection_at_a_time(joined_desks: tuple[Desk, Desk]) -> None:
    _, town = joined_desks
    now, most = 0, 0

    def taken(*_given: object) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)

    def given_back(*_given: object) -> None:
        nonlocal now
        now -= 1

    event.listen(town.station.db.reader, "checkout", taken)
    event.listen(town.station.db.reader, "checkin", given_back)
    assert jobs.questions(town.station)
    assert most == 1


def test_nothing_open_says_so(qtbot: QtBot, show: Show, desk: Desk) -> None:
    page = show(DifferencesPage, desk)
    assert page.empty.text().startswith("没有两边填的不一样的。")
    qtbot.waitUntil(lambda: faults(page) == [])


def test_it_can_be_read_at_200_per_cent(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str, qapp: QApplication
) -> None:
    look.dress(qapp, 200)
    page = show(DifferencesPage, joined_desks[1])
    for _ in range(2):
        qtbot.waitUntil(lambda: faults(page) == [])
        press(page, "differences.next")
    look.dress(qapp)
