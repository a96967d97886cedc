"""退回修改: the reason, the values in a form, sent again or given up; half-typed corrections stay."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.models import Person, PersonIdentity
from app.sync import jobs
from app.ui.kit import drafts, look
from app.ui.kit.page import Desk
from app.ui.pages.returned import ReturnedPage
from tests.ui.conftest import VILLAGE, Answers, idle
from tests.ui.looking import enter, faults, get, press

Show = Callable[..., Any]
OUTSIDE = "361002100999"


def exchange(village: Desk, town: Desk, stick: Path) -> None:
    stick.mkdir(exist_ok=True)
    up = jobs.send(village.station, "parent", stick)
    for answer in jobs.take(town.station, [up.file], stick).answers:
        jobs.take(village.station, [answer.file])


@pytest.fixture
def person(joined_desks: tuple[Desk, Desk], tmp_path: Path) -> str:
    """A person registered outside the village's area: the township has sent him back."""
    village, town = joined_desks
    with village.station.db.work("登记人员") as work:
        record = Person(home=OUTSIDE, division=OUTSIDE, name="欧阳志远", phone="13900000001", address="外村 1 号")
        work.session.add(record)
    with village.station.db.work("登记身份类别") as work:
        work.session.add(PersonIdentity(home=VILLAGE, person=record.id, class12="01"))
    exchange(village, town, tmp_path / "stick")
    return record.id


def test_a_correction_goes_up_again_with_what_waited_behind_it(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str, tmp_path: Path
) -> None:
    village, town = joined_desks
    page = show(ReturnedPage, village)
    (row,) = page.list.all_rows
    assert (row.act, row.behind) == ("登记人员", ("登记身份类别",))
    assert "管辖范围" in get(page, QLabel, "returned.reason").text()
    assert "登记身份类别" in get(page, QLabel, "returned.behind").text()
    qtbot.waitUntil(lambda: faults(page) == [])
    form = page.forms[person]
    assert form.raw()["name"] == "欧阳志远"
    enter(page, "returned.0.phone", "13900000002")
    form.set_raw("division", VILLAGE)
    QTest.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, village)
    assert page.list.rows.rowCount() == 0
    assert not page.resend.isEnabled()
    exchange(village, town, tmp_path / "stick")
    with town.station.db.read() as session:
        found = session.get(Person, person)
    assert found is not None
    assert (found.phone, found.home) == ("13900000002", VILLAGE)


def test_a_wrong_value_stands_at_its_field_and_nothing_is_sent(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str
) -> None:
    village, _ = joined_desks
    page = show(ReturnedPage, village, person)
    enter(page, "returned.0.phone", "12")
    press(page, "returned.save")
    idle(qtbot, village)
    assert page.forms[person].problem("phone")
    assert len(page.list.all_rows) == 1


def test_a_half_typed_correction_comes_back(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str
) -> None:
    village, _ = joined_desks
    page = show(ReturnedPage, village)
    enter(page, "returned.0.phone", "1390000")
    page.leave()
    drafts.settled()
    assert [draft.title for draft in village.memory.drafts()] == ["退回修改 · 欧阳志远"]
    again = show(ReturnedPage, village)
    assert again.forms[person].raw()["phone"] == "1390000"
    assert "已经恢复" in again.draft.text()


def test_giving_up_asks_by_name(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str, answers: Answers
) -> None:
    village, _ = joined_desks
    page = show(ReturnedPage, village)
    press(page, "returned.drop")
    assert "要放弃“登记人员”(欧阳志远)吗?" in answers.texts[0]
    assert "后面等着它的 1 件也一起放弃" in answers.texts[0]
    assert answers.said[0].ways[0].text == "不放弃", "Escape changes nothing"
    assert len(jobs.returned(village.station)) == 1
    answers.ways["要放弃"] = "放弃"
    press(page, "returned.drop")
    idle(qtbot, village)
    assert jobs.returned(village.station) == []
    assert village.memory.drafts() == []


def test_nothing_returned_says_so(qtbot: QtBot, show: Show, desk: Desk) -> None:
    page = show(ReturnedPage, desk)
    assert page.list.rows.rowCount() == 0
    assert not page.resend.isEnabled()
    qtbot.waitUntil(lambda: faults(page) == [])


def test_it_can_be_read_at_200_per_cent(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], person: str, qapp: QApplication
) -> None:
    look.dress(qapp, 200)
    page = show(ReturnedPage, joined_desks[0])
    qtbot.waitUntil(lambda: faults(page) == [])
    look.dress(qapp)
