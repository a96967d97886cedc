"""The window keeps the size somebody gave it, whichever page is shown: at 200 % too it fits the smallest screen."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.services import sights
from app.ui.kit import look
from app.ui.kit.page import Link
from app.ui.shell.navigation import PAGES
from app.ui.shell.window import MainWindow
from tests.ui.conftest import idle

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
    look.dress(qapp)
    assert grown == []
