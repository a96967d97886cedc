"""The window keeps the size somebody gave it, whichever page is shown: at 200 % too it fits the smallest screen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.errors import Busy
from app.services import sights
from app.ui.kit import look
from app.ui.kit.page import Link
from app.ui.shell.login import Login
from app.ui.shell.navigation import PAGES
from app.ui.shell.window import MainWindow
from tests.ui.conftest import idle
from tests.ui.looking import faults

SCREEN = QSize(1366, 768)
ABOUT = {
    "person": "person",
    "round": "campaign",
    "case": "hardship_case",
    "visit_form": "person",
    "case_form": "person",
}


@pytest.mark.parametrize("level", ["village", "township"])
def test_no_page_makes_the_window_larger(
    qtbot: QtBot, qapp: QApplication, open_window: Callable[..., MainWindow], level: str
) -> None:
    look.dress(qapp, 200)
    window = open_window(level)
    window.resize(SCREEN)
    grown = []
    for entry in PAGES:
        about = sights.first(window.desk.station, ABOUT[entry.name]) if entry.name in ABOUT else ""
        window.go(Link(entry.name, about or ""))
        idle(qtbot, window.desk)
        qtbot.waitUntil(lambda: window.page is not None and window.page.isVisible())
        if window.size() != SCREEN:
            grown.append((entry.name, window.size()))
            window.resize(SCREEN)
    window.go(Link("rounds", "visits"))
    idle(qtbot, window.desk)
    assert window.size() == SCREEN
    look.dress(qapp)
    assert grown == []


def test_the_login_fits_the_screen_whatever_it_has_to_say(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    look.dress(qapp, 200)
    login = Login(tmp_path, lambda: None)
    qtbot.addWidget(login)
    login.resize(SCREEN * 0.9)
    with qtbot.waitExposed(login):
        login.show()
    login._refused(Busy("荣归已经在本机打开着这份数据。请先关掉另一个窗口或命令, 再试一次。没有改动任何数据。"))
    qtbot.waitUntil(lambda: faults(login) == [])
    assert login.height() < SCREEN.height()
    assert login.practice.isHidden()
    login.close()
    look.dress(qapp)
