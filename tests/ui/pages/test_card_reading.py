"""读身份证 in the window: a simulated reader on a pseudo-terminal, what it says, whom it finds; cards pasted as text."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.rules import id_card, id_number
from app.services import card_reader
from app.services.people import People
from app.ui.kit import settings
from app.ui.kit.card_reading import PLEASE, STOPPED
from app.ui.kit.page import Desk, Link
from app.ui.pages.person_form import PersonFormPage
from app.ui.pages.system import SystemPage
from app.ui.pages.system.machine import MachineSection
from app.ui.shell.window import MainWindow
from tests.services.reader import Reader, text_block
from tests.ui.conftest import VILLAGE, Answers, idle
from tests.ui.looking import doubled_keys, faults

Show = Callable[..., Any]
SEVENTEEN = "36100219560312901"
NUMBER = SEVENTEEN + id_number.check_digit(SEVENTEEN)
WRONG = SEVENTEEN + ("0" if NUMBER[-1] != "0" else "1")
PASTED = f"姓名 张建国 性别 男 民族 汉 出生 1956年3月12日 住址 临川区上顿渡镇荷塘村1组 公民身份号码 {NUMBER}"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    for name, seconds in (("_QUICK", 0.25), ("_PATIENT", 1.0), ("_PAUSE", 0.15), ("_BETWEEN", 0.05)):
        monkeypatch.setattr(card_reader, name, seconds)


@pytest.fixture
def device() -> Iterator[Reader]:
    """A reader that is set up on this computer, with the card of 张建国 on it."""
    reader = Reader(text_block(number=NUMBER))
    settings.set_card_reader(reader.start())
    yield reader
    reader.stop()


def read(qtbot: QtBot, page: PersonFormPage) -> None:
    page.card.push.click()
    qtbot.waitUntil(lambda: not page.card.busy)
    idle(qtbot, page.desk)


def test_without_a_reader_nothing_changes(show: Show, empty_desk: Desk) -> None:
    page: PersonFormPage = show(PersonFormPage, empty_desk)
    assert page.card.push.isHidden()
    assert faults(page) == []


def test_a_card_fills_the_form(qtbot: QtBot, show: Show, empty_desk: Desk, device: Reader) -> None:
    page: PersonFormPage = show(PersonFormPage, empty_desk)
    assert not page.card.push.isHidden()
    assert faults(page) == []
    assert doubled_keys(page) == []
    device.finds_before_card = 3
    page.card.push.click()
    assert page.banner.text() == PLEASE
    assert page.card.push.text() == "停止读卡(&K)"
    qtbot.waitUntil(lambda: not page.card.busy)
    idle(qtbot, empty_desk)
    raw = page.form.raw()
    assert (raw["name"], raw["id_number"], raw["sex"], raw["birth_date"]) == ("张建国", NUMBER, "1", "1956-03-12")
    assert raw["address"].endswith("荷塘村1组")
    assert page.banner.text() == "已读 张建国 的证件。"
    qtbot.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, empty_desk)
    page.open()
    read(qtbot, page)
    assert page.banner.text() == "这个身份证号已经登记在“张建国”名下, 不能再登记一次。"


@pytest.mark.parametrize(
    ("what", "said"),
    [("empty", "没有读到证件"), ("wrong", "最后一位对不上"), ("expired", "到期"), ("unplugged", "没有找到读卡器")],
)
def test_what_goes_wrong_is_said(
    qtbot: QtBot, show: Show, empty_desk: Desk, device: Reader, monkeypatch: pytest.MonkeyPatch, what: str, said: str
) -> None:
    if what == "empty":
        device.block = b""
        monkeypatch.setattr("app.ui.kit.card_reading.WAIT", 0.2)
    elif what == "unplugged":
        settings.set_card_reader("/dev/no-such-line")
    else:
        fields = {"number": WRONG} if what == "wrong" else {"number": NUMBER, "valid_to": "20200101"}
        device.block = text_block(**fields)
    page: PersonFormPage = show(PersonFormPage, empty_desk)
    read(qtbot, page)
    assert said in page.banner.text()
    assert page.card.push.text() == "读身份证(&K)"
    assert page.form.raw()["name"] == ("张建国" if what in ("wrong", "expired") else "")
    assert faults(page) == []


def test_waiting_for_a_card_is_stopped_and_ends_with_the_page(
    qtbot: QtBot, show: Show, empty_desk: Desk, device: Reader
) -> None:
    device.block = b""
    page: PersonFormPage = show(PersonFormPage, empty_desk)
    page.card.push.click()
    page.card.push.click()
    qtbot.waitUntil(lambda: not page.card.busy)
    assert page.banner.text() == STOPPED
    page.card.push.click()
    page.leave()
    qtbot.waitUntil(lambda: not page.card.busy)


def test_a_card_never_changes_another(qtbot: QtBot, show: Show, empty_desk: Desk, device: Reader) -> None:
    people = People(empty_desk.station)
    own = people.add({"division": VILLAGE, "name": "张建国", "id_number": NUMBER, "address": "老地址"}).id
    other_number = "36100219560312902"
    other = people.add({
        "division": VILLAGE, "name": "别人", "id_number": other_number + id_number.check_digit(other_number),
    }).id  # fmt: skip
    page: PersonFormPage = show(PersonFormPage, empty_desk, other)
    read(qtbot, page)
    assert "和正在修改的人身份证号不同" in page.banner.text()
    assert page.form.changes() == {}
    page.open(own)
    idle(qtbot, empty_desk)
    read(qtbot, page)
    assert "证件上的户籍地址是“江西省抚州市临川区上顿渡镇荷塘村1组”, 和填的不同, 没有改" in page.banner.text()
    assert set(page.form.changes()) == {"ethnicity"}
    del device


def test_a_pasted_card_fills_the_form(qtbot: QtBot, show: Show, empty_desk: Desk) -> None:
    page: PersonFormPage = show(PersonFormPage, empty_desk)
    editor = page.form.editor("name")
    QApplication.clipboard().setText(PASTED)
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    idle(qtbot, empty_desk)
    raw = page.form.raw()
    assert (raw["name"], raw["id_number"], raw["birth_date"]) == ("张建国", NUMBER, "1956-03-12")
    assert page.form.problem("name") == ""
    page.open()
    number = page.form.editor("id_number")
    number.setFocus()
    qtbot.keyClick(number, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(number, NUMBER)
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert page.form.raw()["id_number"] == NUMBER, "a number alone is a number"


def test_the_search_box_finds_by_card(
    qtbot: QtBot, open_window: Callable[..., MainWindow], device: Reader, answers: Answers
) -> None:
    window = open_window("village")
    assert not window.card.push.isHidden()
    assert faults(window) == []

    def read_card() -> None:
        window.card.push.click()
        qtbot.waitUntil(lambda: not window.card.busy)
        idle(qtbot, window.desk)

    read_card()
    assert window._now.page == "person_form"
    assert isinstance(window.page, PersonFormPage)
    assert window.page.form.raw()["id_number"] == NUMBER
    assert window.page.banner.text() == "已读 张建国 的证件, 还没有登记过。"
    person = People(window.desk.station).add({"division": VILLAGE, "name": "张建国", "id_number": NUMBER}).id
    idle(qtbot, window.desk)
    read_card()
    assert window._now == Link("person", person)
    window.search.setText(PASTED)
    window.search.search()
    idle(qtbot, window.desk)
    assert [hit.key for hit in window.search.hits] == [Link("person", person)]
    window.search.close_hits()
    device.spoil[id_card.READ] = lambda whole: whole[:-1] + bytes((whole[-1] ^ 0xFF,))
    read_card()
    assert "校验不符" in answers.texts[-1]
    window.desk.station.roles = ("administrator",)
    device.spoil.clear()
    device.block = text_block(number="110101194910010019", name="另一人")
    read_card()
    assert answers.texts[-1] == "另一人 还没有登记过。您的岗位不能登记人员。"


def test_the_reader_is_chosen_in_the_settings(
    qtbot: QtBot, show: Show, empty_desk: Desk, device: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = settings.card_reader()
    settings.set_card_reader("")
    monkeypatch.setattr(card_reader, "ports", lambda: [card_reader.PortName(line, "虚拟串口")])
    page: SystemPage = show(SystemPage, empty_desk, "machine")
    section = page.section
    assert isinstance(section, MachineSection)
    assert section.card.push.isHidden()
    assert [section.reader.itemText(n) for n in range(3)] == ["没有读卡器", "自动查找", f"{line} 虚拟串口"]
    for place, kept in ((1, settings.ANY_READER), (2, line)):
        section.reader.setCurrentIndex(place)
        section.reader.activated.emit(place)
        assert settings.card_reader() == kept
        assert not section.card.push.isHidden()
        section.card.push.click()
        qtbot.waitUntil(lambda: not section.card.busy)
        assert section.banner.text() == "读卡器能用, 读到了 张建国 的证件。"
    assert faults(page) == []
    del device
