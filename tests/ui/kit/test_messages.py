"""Messages as windows: every way a button wide enough for its words, Escape the way that changes nothing."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.ui.kit import look
from app.ui.kit.messages import Box, Message, Messages, Way, Windows
from tests.ui.looking import faults, get, press

TEXT = "石鼓村退服字〔2026〕第0101号 打印好了吗?"
MORE = "点“打印好了”才算出具; 打坏了可以用原来的号重打。\n1<2 不是标签。"


def ways(gone: list[str]) -> tuple[Way, ...]:
    return (
        Way("等会再说", lambda: gone.append("later")), Way("作废此号", lambda: gone.append("void"), danger=True),
        Way("打坏了, 重打(&R)", lambda: gone.append("again")), Way("打印好了(&Y)", lambda: gone.append("done")),
    )  # fmt: skip


def shown(qtbot: QtBot, message: Message) -> Box:
    windows = Windows()
    windows.show(message)
    (box,) = windows._open
    assert isinstance(box, Box)
    qtbot.waitExposed(box)
    return box


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("grave", [False, True])
def test_every_word_can_be_read(qtbot: QtBot, qapp: QApplication, percent: int, grave: bool) -> None:
    look.dress(qapp, percent)
    box = shown(qtbot, Message(TEXT, ways([]), grave=grave, more=MORE))
    assert faults(box) == []
    assert box.width() <= 1366
    assert [push.property("role") for push in box.buttons] == [None, "danger", None, None]
    box.reject()
    look.dress(qapp)


def test_the_pressed_way_is_gone_and_escape_goes_the_first(qtbot: QtBot, qapp: QApplication) -> None:
    gone: list[str] = []
    box = shown(qtbot, Message(TEXT, ways(gone)))
    press(box, "message.3")
    qtbot.waitUntil(lambda: gone == ["done"])
    box = shown(qtbot, Message(TEXT, ways(gone)))
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: gone == ["done", "later"])


def test_enter_presses_the_way_that_changes_nothing(qtbot: QtBot, qapp: QApplication) -> None:
    gone: list[str] = []
    messages = Messages()
    messages.ask("要撤户吗?", Way("撤户", lambda: gone.append("removed"), danger=True), no="不撤")
    box = next(window for window in qapp.topLevelWidgets() if isinstance(window, Box) and window.isVisible())
    qtbot.waitExposed(box)
    qtbot.waitUntil(lambda: get(box, QPushButton, "message.0").hasFocus())
    qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not box.isVisible())
    assert box.way.text == "不撤"
    assert gone == []
