"""The manual: opened at the heading of the page in front, searched, with every heading that a page names."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app import folders
from app.ui.kit import look
from app.ui.shell.help import HelpWindow
from app.ui.shell.navigation import PAGES
from tests.ui.looking import enter, faults, get, press


@pytest.fixture
def manual(qtbot: QtBot, qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[HelpWindow]:
    look.dress(qapp, getattr(request, "param", 100))
    window = HelpWindow(folders.manual())
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    look.dress(qapp)


def test_every_heading_a_page_names_stands_in_the_manual(manual: HelpWindow) -> None:
    wanted = {entry.load().help for entry in PAGES}
    assert "" not in wanted, "every page has its place in the manual"
    assert wanted - set(manual.heading_texts) == set()
    assert len(set(manual.heading_texts)) == len(manual.heading_texts), "a heading is found by its words"


def test_every_picture_of_the_manual_is_there(manual: HelpWindow) -> None:
    text = folders.manual().read_text("utf-8")
    named = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    assert [name for name in named if not (folders.manual().parent / name).is_file()] == []


def test_it_opens_at_a_heading(manual: HelpWindow) -> None:
    manual.show_heading("上报与接收")
    assert manual.text.textCursor().block().text() == "上报与接收"
    assert manual.text.verticalScrollBar().value() > 0
    manual.show_heading("没有这一节")
    assert manual.headings.currentRow() == 0


def test_words_are_found_one_after_the_other(manual: HelpWindow) -> None:
    enter(manual, "help.find", "应急恢复码")
    places = []
    for _ in range(3):
        QTest.keyClick(manual.words, Qt.Key.Key_Return)
        places.append(manual.text.textCursor().position())
    assert manual.text.textCursor().selectedText() == "应急恢复码"
    assert places[0] < places[1]
    press(manual, "help.before")
    assert manual.text.textCursor().position() != places[2]
    enter(manual, "help.find", "没有这样的话")
    QTest.keyClick(manual.words, Qt.Key.Key_Return)
    assert get(manual, QLabel, "help.said").text() == "手册里没有“没有这样的话”"


@pytest.mark.parametrize("manual", [100, 200], indirect=True)
def test_it_can_be_read(manual: HelpWindow) -> None:
    assert faults(manual) == []


def test_a_missing_manual_is_said(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    window = HelpWindow(tmp_path / "手册.md")
    qtbot.addWidget(window)
    assert "手册文件不在这台电脑上" in window.text.toPlainText()
    assert isinstance(window.text.document(), QTextDocument)
    window.close()


def test_escape_closes_it(qtbot: QtBot, manual: HelpWindow) -> None:
    with qtbot.waitSignal(manual.closed):
        QTest.keyClick(manual, Qt.Key.Key_Escape)
