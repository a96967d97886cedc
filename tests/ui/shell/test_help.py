"""The manual: opened at the heading of the page in front, searched, with every heading that a page names."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app import folders
from app.ui.kit import look
from app.ui.kit.look import SPACE
from app.ui.shell.help import HelpWindow
from app.ui.shell.navigation import PAGES
from app.ui.shell.pictures.manual import WANTED
from tests.ui.looking import enter, faults, get, press

HERE = Path(__file__).resolve().parents[3]
PICTURES = folders.manual().parent / "pictures"


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
    for module in (HERE / "app" / "ui").rglob("*.py"):
        wanted |= set(re.findall(r'help_wanted\.emit\("([^"]+)"\)', module.read_text("utf-8")))
    assert {"登录", "第一次打开"} <= wanted
    assert wanted - set(manual.heading_texts) == set()
    assert len(set(manual.heading_texts)) == len(manual.heading_texts), "a heading is found by its words"


def test_the_manual_shows_every_picture_there_is_and_no_other() -> None:
    text = folders.manual().read_text("utf-8")
    named = re.findall(r"!\[[^]]+\]\(pictures/([^)]+)\)", text)
    there = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    assert set(named) == set(there) == {f"{name}.png" for name in WANTED}
    assert len(named) == len(set(named)), "no picture stands twice"
    assert max(there.values()) < 150_000
    assert sum(there.values()) < 4_000_000


def test_pictures_are_as_wide_as_the_window_has_room(qtbot: QtBot, manual: HelpWindow) -> None:
    own = {name: QImage(str(PICTURES.parent / name)).width() for name in manual.text.pictures}
    assert len(own) == len(WANTED)
    for wide in (700, 1_000):
        manual.resize(wide, 500)
        room = manual.text.viewport().width()
        qtbot.waitUntil(lambda: manual.text.viewport().width() < manual.text.width())
        for name, picture in manual.text.pictures.items():
            assert picture.width() == min(own[name], manual.text.viewport().width() - 2 * SPACE.page), name
            assert picture.width() < room


def test_an_installed_manual_shows_its_pictures_too(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    """Beside the programme in any place, also one with spaces and Chinese characters in its name."""
    look.dress(qapp)
    place = tmp_path / "程序 文件" / "docs"
    shutil.copytree(PICTURES, place / "pictures")
    shutil.copy(folders.manual(), place)
    window = HelpWindow(place / folders.manual().name)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.show_heading("登录")
    picture = window.text.pictures["pictures/login.png"]
    kind = QTextDocument.ResourceType.ImageResource.value
    url = window.text.document().baseUrl().resolved(QUrl(picture.name()))
    qtbot.waitUntil(lambda: QImage(window.text.document().resource(kind, url)).width() == picture.width() > 300)


def test_the_installed_programme_takes_manual_and_resources_along() -> None:
    taken = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    for folder, wanted in (
        ("docs", [folders.manual(), *PICTURES.iterdir()]),
        ("resources", (HERE / "resources").rglob("*.*")),
    ):
        matched = {path for pattern in taken[folder] for path in (HERE / folder).glob(pattern)}
        assert set(wanted) <= matched


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
