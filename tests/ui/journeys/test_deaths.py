"""The monthly list of deaths, by keyboard only: pasted, compared, a death registered from its row, compared anew, taken back."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.ui.pages.comparing import ComparingPage
from app.ui.pages.comparing.page import RESULT
from app.ui.shell.window import MainWindow
from tests.ui.conftest import Answers
from tests.ui.hands import ALT, CTRL, Hands


def test_from_the_clipboard_to_the_card_and_back(
    qtbot: QtBot, open_window: Callable[..., MainWindow], answers: Answers
) -> None:
    window = open_window("village")
    hands, desk = Hands(qtbot, window.desk, window), window.desk
    people = People(desk.station)
    dead = PeopleList(desk.station).ids(Wanted(text="单小平"))[0]
    number = people.show(dead).fields["id_number"]

    hands.press(Qt.Key.Key_F, CTRL)
    hands.find("mdbd")
    page = window.page
    assert isinstance(page, ComparingPage)
    assert hands.at == "comparing.kind"
    QApplication.clipboard().setText(
        f"姓名\t身份证号\t死亡日期\r\n单小平\t{number}\t2026.10.02\r\n外乡人\t\t2026.10.03"
    )
    hands.tab_to("comparing.paste")
    hands.press(Qt.Key.Key_Space)
    hands.press(Qt.Key.Key_Return, CTRL)
    hands.press(Qt.Key.Key_Return, CTRL)
    assert page._at == RESULT
    assert hands.at == "comparing.rows"
    assert "内容不同 1, 只在名单 1" in page.results.sentence.text()

    hands.press(Qt.Key.Key_Return)
    assert hands.at == "person.death.death_date"
    hands.press(Qt.Key.Key_S, CTRL)
    assert people.show(dead).fields["death_date"] == "2026-10-02"
    hands.press(Qt.Key.Key_Left, ALT)
    assert window.page is page
    assert "重新比对" in page.banner.text()
    hands.press(Qt.Key.Key_F5)
    assert page.results.heaps["both"].text() == "双方都有 1"
    assert page.results.heaps["differing"].text() == "内容不同 0"

    answers.ways["登记去世"] = "撤销"
    hands.press(Qt.Key.Key_Z, CTRL)
    assert people.show(dead).fields["death_date"] is None
