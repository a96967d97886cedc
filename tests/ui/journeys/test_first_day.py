"""The first day, by keyboard only: a messy Excel file, two rows that waited, somebody found by initials, a telephone put
right and the change taken back.
"""

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.documents import workbook
from app.rules import made_up, made_up_sheets
from app.services.people import People
from app.services.searching import Search
from app.ui.pages.pending import PendingPage
from app.ui.pages.person import PersonPage
from app.ui.pages.person_form import PersonFormPage
from app.ui.pages.roster_import import RosterImportPage
from app.ui.pages.roster_import.page import CHECKED, DONE
from app.ui.shell.window import MainWindow
from tests.ui.conftest import VILLAGE, Answers, idle
from tests.ui.looking import type_chinese

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
DAY = dt.date(2026, 11, 23)
CHECK_DIGIT = "最后一位对不上"


class Clerk:
    """Presses keys in whatever has the focus, as a person does."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot, self.window = qtbot, window

    @property
    def focus(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None
        return found

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.keyClick(self.focus, key, modifier)
        self.wait()

    def enter(self, text: str) -> None:
        if not text.isascii():
            type_chinese(self.focus, text)
            return
        for char in text:  # the first one may open a cell, and the others belong into it
            self.qtbot.keyClicks(self.focus, char)

    def wait(self) -> None:
        idle(self.qtbot, self.window.desk)
        if QApplication.activeWindow() is None:
            self.window.activateWindow()  # a desktop brings back the window behind a dialog that has gone
            self.qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)

    def look_for(self, text: str, hit: str) -> None:
        """Into the search box, until the wanted line is the first one, and Enter."""
        self.press(Qt.Key.Key_F, CTRL)
        self.enter(text)
        self.qtbot.waitUntil(lambda: bool(self.window.search.hits) and self.window.search.hits[0].text == hit)
        self.press(Qt.Key.Key_Return)

    def page(self, kind: type[Any]) -> Any:
        assert isinstance(self.window.page, kind)
        return self.window.page


@pytest.fixture
def people() -> list[dict[str, str]]:
    return made_up.people(90, random.Random(10), [VILLAGE], today=DAY)


@pytest.fixture
def roster(people: list[dict[str, str]], tmp_path: Path) -> Path:
    sheet = made_up_sheets.messy_sheet(people, random.Random(10), village="石鼓村", today=DAY)
    path = tmp_path / "石鼓村退役军人花名册.xlsx"
    path.write_bytes(workbook.messy([sheet]))
    return path


def test_the_first_day(
    qtbot: QtBot,
    open_window: Callable[..., MainWindow],
    answers: Answers,
    people: list[dict[str, str]],
    roster: Path,
) -> None:
    window = open_window("empty")
    clerk = Clerk(qtbot, window)
    station = window.desk.station

    # The list that lies on the desk.
    clerk.look_for("导入", "导入 Excel 名单")
    bring: RosterImportPage = clerk.page(RosterImportPage)
    clerk.press(Qt.Key.Key_F, ALT)
    qtbot.waitUntil(lambda: bool(bring.findChildren(QFileDialog)))
    dialog: Any = bring.findChild(QFileDialog)
    name: Any = dialog.findChild(QLineEdit, "fileNameEdit")
    qtbot.waitUntil(dialog.isVisible)
    type_chinese(name, str(roster))
    qtbot.keyClick(name, Qt.Key.Key_Return)
    clerk.wait()
    assert bring.files.word.text().endswith("都认得表头。")
    clerk.press(Qt.Key.Key_Return, CTRL)
    clerk.press(Qt.Key.Key_Return, CTRL)
    assert bring._at == CHECKED
    assert Search(station).count() == 0
    said = bring.fates.sentence.text()
    clerk.press(Qt.Key.Key_S, CTRL)
    assert bring._at == DONE
    assert bring.fates.sentence.text() == said
    taken = Search(station).count()
    assert taken > 40

    # Two rows that waited: an ID number with a wrong last digit, put right from the certificate.
    clerk.press(Qt.Key.Key_D, ALT)
    qtbot.waitUntil(lambda: isinstance(window.page, PendingPage))  # a button pressed by its letter shows it first
    clerk.wait()
    pending: PendingPage = clerk.page(PendingPage)
    numbers = {one["name"]: one["id_number"] for one in people if "id_number" in one}
    for done in (1, 2):
        rows = pending.grid.rows
        assert rows is not None
        place = next(
            row for row in range(rows.rowCount())
            if rows.text(row, 0).startswith("身份证") and CHECK_DIGIT in rows.text(row, 0) and len(rows.wrong_at(row)) == 1
        )  # fmt: skip
        while pending.grid.currentIndex().row() != place:
            clerk.press(Qt.Key.Key_Down if pending.grid.currentIndex().row() < place else Qt.Key.Key_Up)
        column = rows.wrong_at(place)[0]
        while pending.grid.currentIndex().column() != column:
            clerk.press(Qt.Key.Key_Right if pending.grid.currentIndex().column() < column else Qt.Key.Key_Left)
        who = rows.told(place).rsplit(" ", 1)[-1]
        clerk.enter(numbers[who])
        clerk.press(Qt.Key.Key_Return)
        qtbot.waitUntil(pending.grid.hasFocus)
        clerk.wait()
        while pending.grid.currentIndex().row() != place:
            clerk.press(Qt.Key.Key_Up)
        assert rows.text(place, 0) == "可以入库了"
        clerk.press(Qt.Key.Key_S, CTRL)
        assert Search(station).count() == taken + done

    # Somebody rings: found by initials, the telephone put right.
    clerk.look_for("sxp", "单小平")
    card: PersonPage = clerk.page(PersonPage)
    person = card._person
    before = People(station).show(person).fields["phone"]
    clerk.press(Qt.Key.Key_E, CTRL)
    form: PersonFormPage = clerk.page(PersonFormPage)
    while not form.form.editor("phone").hasFocus():
        clerk.press(Qt.Key.Key_Return)
    clerk.press(Qt.Key.Key_A, CTRL)
    clerk.enter("164 0000 1234")
    clerk.press(Qt.Key.Key_S, CTRL)
    clerk.page(PersonPage)
    assert People(station).show(person).fields["phone"] == "16400001234"

    # It was the wrong person after all.
    answers.ways["“修改人员”吗?"] = "撤销"
    clerk.press(Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: People(station).show(person).fields["phone"] == before)
    clerk.wait()
    card.tabs.setCurrentIndex(1)
    clerk.wait()
    story = [card.story.view.rows.text(row, 1) for row in range(card.story.view.rows.rowCount())]
    assert "修改人员: 手机(已撤销)" in story
