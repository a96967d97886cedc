"""Every page there is: named for screen readers and tests, nothing cut off, nothing over anything else."""

import re
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.kit import look
from app.ui.kit.page import Desk, Page
from app.ui.shell.navigation import ACTS, DOORS, PAGES, Entry
from tests.ui.conftest import idle
from tests.ui.looking import faults

WIDE, HIGH = 1366 - 130, 768 - 90
"""What the window leaves for a page on the smallest screen."""
OF_THE_WINDOW = "Ctrl+F"
"""A key a page may name though the window around it has it."""


class Windows(QObject):
    """Hears of every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


def shown(kind: type[Page], desk: Desk, qtbot: QtBot) -> Page:
    windows = Windows()
    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(windows)
    try:
        page = _shown(kind, desk, qtbot)
    finally:
        app.removeEventFilter(windows)
    assert windows.shown == [page], "a part without a place on the page is shown as a window of its own"
    return page


def _shown(kind: type[Page], desk: Desk, qtbot: QtBot) -> Page:
    page = kind(desk)
    qtbot.addWidget(page)
    page.resize(WIDE, HIGH)
    with qtbot.waitExposed(page):
        page.show()
    page.open("")
    page.start()
    idle(qtbot, desk)
    return page


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("entry", PAGES, ids=[entry.name for entry in PAGES])
def test_with_people(entry: Entry, percent: int, desk: Desk, qtbot: QtBot, qapp: object) -> None:
    look.dress(qapp, percent)  # type: ignore[arg-type]  # pytest-qt's application
    page = shown(entry.load(), desk, qtbot)
    assert faults(page) == []


@pytest.mark.parametrize("entry", PAGES, ids=[entry.name for entry in PAGES])
def test_with_nobody(entry: Entry, empty_desk: Desk, qtbot: QtBot) -> None:
    page = shown(entry.load(), empty_desk, qtbot)
    assert faults(page) == []


@pytest.mark.parametrize("entry", PAGES, ids=[entry.name for entry in PAGES])
def test_a_key_that_is_promised_is_there(entry: Entry, desk: Desk, qtbot: QtBot) -> None:
    page: Any = shown(entry.load(), desk, qtbot)
    acts: list[QAction] = page.findChildren(QAction)
    pushes: list[QAbstractButton] = page.findChildren(QAbstractButton)
    bound = {key.toString() for act in acts for key in act.shortcuts()}
    promised = {word for push in pushes for word in re.findall(r"(?:(?:Ctrl|Alt|Shift)\+)+\w+", push.toolTip())}
    assert promised - {OF_THE_WINDOW} <= bound


def test_names_and_links_fit_together() -> None:
    names = {entry.name for entry in PAGES}
    assert all(entry.load().name == entry.name for entry in PAGES)
    assert {act.link.page for act in ACTS} <= names | set(DOORS)


def test_the_rail_of_a_village_has_six_nouns_and_those_above_have_more() -> None:
    rails = {level: [one.name for one in PAGES if one.on_rail(level)] for level in ("village", "township", "county")}
    assert "same_persons" not in rails["village"]
    assert rails["township"] == rails["county"]
    assert set(rails["county"]) - set(rails["village"]) == {"same_persons"}
