"""The search field: hits while typing, never for half-composed text, taken by keyboard, gone with Escape."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.kit.page import Desk
from app.ui.kit.picker import Chosen, Finder, Hit
from tests.ui.conftest import idle
from tests.ui.looking import compose, type_chinese

PEOPLE = ["张三", "张建国", "李四"]


class Window(QWidget):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.finder = Finder("find", "找人", "姓名", desk.operations, self.look_for)
        self.chosen = Chosen("who", "走访对象", "姓名", desk.operations, self.look_for)
        layout = QVBoxLayout(self)
        layout.addWidget(self.finder)
        layout.addWidget(self.chosen)
        layout.addStretch(1)
        self.resize(600, 500)

    def look_for(self, text: str) -> Sequence[Hit]:
        self.asked.append(text)
        return [Hit(name, name, "男") for name in PEOPLE if name.startswith(text)]


@pytest.fixture
def window(qtbot: QtBot, desk: Desk) -> Window:
    made = Window(desk)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.finder.setFocus()
    return made


def test_typing_shows_hits_and_enter_takes_the_chosen_one(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.finder.searched):
        type_chinese(window.finder, "张", "zhang")
    assert [hit.text for hit in window.finder.hits] == ["张三", "张建国"]
    assert window.asked == ["张"], "nothing is searched for while a word is being composed"
    qtbot.keyClick(window.finder, Qt.Key.Key_Down)
    with qtbot.waitSignal(window.finder.picked) as picked:
        qtbot.keyClick(window.finder, Qt.Key.Key_Return)
    assert picked.args[0].key == "张建国"
    assert window.finder.hits == ()


def test_a_composition_is_never_searched_nor_lost(qtbot: QtBot, desk: Desk, window: Window) -> None:
    compose(window.finder, "li")
    window.finder.search()
    idle(qtbot, desk)
    assert window.asked == []
    with qtbot.waitSignal(window.finder.searched):
        type_chinese(window.finder, "李", "li")
    assert window.finder.text() == "李"
    assert window.asked == ["李"]


def test_enter_before_the_hits_are_there_means_the_best_one(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.finder.picked) as picked:
        type_chinese(window.finder, "李四")
        qtbot.keyClick(window.finder, Qt.Key.Key_Return)
    assert picked.args[0].key == "李四"


def test_enter_never_takes_a_hit_of_what_was_typed_before(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.finder.searched):
        type_chinese(window.finder, "张")
    with qtbot.waitSignal(window.finder.picked) as picked:
        type_chinese(window.finder, "建国")
        window.finder.search()  # the pause is over, the answer is not there yet, the hits of 张 still are
        qtbot.keyClick(window.finder, Qt.Key.Key_Return)
    assert picked.args[0].key == "张建国"


def test_nobody_found_is_said_and_cannot_be_taken(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.finder.searched):
        type_chinese(window.finder, "王")
    assert window.finder.hits[0].text.startswith("没有找到")
    with qtbot.assertNotEmitted(window.finder.picked):
        qtbot.keyClick(window.finder, Qt.Key.Key_Return)


def test_escape_closes_the_hits_first_and_then_empties(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.finder.searched):
        type_chinese(window.finder, "张")
    qtbot.keyClick(window.finder, Qt.Key.Key_Escape)
    assert window.finder.hits == ()
    assert window.finder.text() == "张"
    qtbot.keyClick(window.finder, Qt.Key.Key_Escape)
    assert window.finder.text() == ""


def test_the_hits_stay_inside_the_window(qtbot: QtBot, window: Window) -> None:
    window.resize(300, 160)
    with qtbot.waitSignal(window.finder.searched):
        type_chinese(window.finder, "张")
    frame = window.finder._frame
    assert frame is not None
    assert window.rect().contains(frame.geometry())


def test_a_chosen_record_is_dropped_when_its_words_are_changed(qtbot: QtBot, window: Window) -> None:
    window.chosen.put("id1", "张三")
    assert window.chosen.key == "id1"
    window.chosen.finder.setFocus()
    with qtbot.waitSignal(window.chosen.edited):
        qtbot.keyClicks(window.chosen.finder, "x")
    assert window.chosen.key is None


def test_emptying_by_escape_lets_go_of_the_chosen_record(qtbot: QtBot, window: Window) -> None:
    window.chosen.put("id1", "张三")
    window.chosen.finder.setFocus()
    with qtbot.waitSignal(window.chosen.edited):
        qtbot.keyClick(window.chosen.finder, Qt.Key.Key_Escape)
    assert (window.chosen.key, window.chosen.finder.text()) == (None, "")
