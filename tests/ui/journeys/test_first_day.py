"""The first day, by keyboard only: from the empty machine over a unit of one's own to a messy Excel file, two rows that waited,
the list of the people, somebody found by initials, a telephone put right and the change taken back.
"""

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.documents import workbook
from app.rules import made_up, made_up_sheets
from app.services.people import People
from app.services.searching import Search
from app.ui.kit import drafts
from app.ui.pages.pending import PendingPage
from app.ui.pages.people import PeoplePage
from app.ui.pages.person import PersonPage
from app.ui.pages.person_form import PersonFormPage
from app.ui.pages.roster_import import RosterImportPage
from app.ui.pages.roster_import.page import CHECKED, DONE
from app.ui.shell.desktop import Desktop
from app.ui.shell.first_run import FirstRun
from app.ui.shell.first_run_steps import Step
from app.ui.shell.timing import Heartbeat
from app.ui.shell.window import MainWindow
from tests.ui.conftest import STAFF, VILLAGE
from tests.ui.hands import ALT, CTRL, Hands, Key
from tests.ui.looking import control

DAY = dt.date(2026, 11, 23)
CHECK_DIGIT = "最后一位对不上"
WORD = "spring2026"


class FirstHands(Hands):
    """At the window of the first run, where there is no desk yet."""

    def __init__(self, qtbot: QtBot, window: FirstRun, heart: Heartbeat) -> None:
        nobody: Any = None
        super().__init__(qtbot, nobody, window, heart)
        self.first = window

    def wait(self) -> None:
        self.until(lambda: not self.first._aside.busy, timeout=30_000)


@pytest.fixture
def desktop(qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """The programme, started on a machine that has no data yet."""
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    made = Desktop(tmp_path / "data")
    made.begin()
    yield made
    if made.main is not None:
        made.main.close()
    if made.front is not None:
        made.front.close()
    made.close()
    qapp.setQuitOnLastWindowClosed(True)


@pytest.fixture
def people() -> list[dict[str, str]]:
    return made_up.people(90, random.Random(10), [VILLAGE], today=DAY)


@pytest.fixture
def roster(people: list[dict[str, str]], tmp_path: Path) -> Path:
    sheet = made_up_sheets.messy_sheet(people, random.Random(10), village="石鼓村", today=DAY)
    path = tmp_path / "石鼓村退役军人花名册.xlsx"
    path.write_bytes(workbook.messy([sheet]))
    return path


def page_of(window: MainWindow, kind: type[Any]) -> Any:
    assert isinstance(window.page, kind)
    return window.page


def step(hands: FirstHands) -> Step:
    return hands.first.walk.step


def found_the_unit(hands: FirstHands) -> None:
    """Level, place by initials, staff member, the code noted."""
    assert hands.at == "first.way.found"
    hands.press(Key.Key_Return)
    assert step(hands) is Step.UNIT
    hands.tab_to("first.scopes.search")
    for words in ("临川", "sddz"):
        hands.enter(words)
        hands.press(Key.Key_Return)
    hands.tab_to("first.scopes.own")
    hands.chinese("石鼓村")
    hands.tab_to("first.scopes.tail")
    hands.type(VILLAGE[9:])
    hands.tab_to("first.scopes.add")
    hands.press(Key.Key_Space)
    hands.press(Key.Key_N, ALT)
    assert step(hands) is Step.STAFF
    hands.chinese(STAFF)
    hands.press(Key.Key_Return)
    hands.type(WORD)
    hands.press(Key.Key_Return)
    hands.type(WORD)
    hands.press(Key.Key_Return)
    assert step(hands) is Step.CODE
    hands.press(Key.Key_K, ALT)
    hands.press(Key.Key_N, ALT)


def test_the_first_day_with_an_excel_file(
    qtbot: QtBot, desktop: Desktop, heart: Heartbeat, people: list[dict[str, str]], roster: Path
) -> None:
    first = desktop.first
    assert first is not None
    qtbot.waitExposed(first)
    found_the_unit(FirstHands(qtbot, first, heart))
    qtbot.waitUntil(lambda: desktop.main is not None)
    window = desktop.main
    assert window is not None
    hands = Hands(qtbot, window.desk, window, heart)
    hands.come()
    station = window.desk.station
    assert (station.place.scopes, station.actor.name) == ((VILLAGE,), STAFF)

    # The list that lies on the desk.
    hands.press(Key.Key_F, CTRL)
    hands.find("导入")
    bring: RosterImportPage = page_of(window, RosterImportPage)
    hands.press(Key.Key_F, ALT)
    hands.until(lambda: isinstance(QApplication.activeWindow(), QFileDialog))
    hands.chinese(str(roster))
    hands.press(Key.Key_Return)
    assert bring.files.word.text().endswith("都认得表头。")
    hands.press(Key.Key_Return, CTRL)
    hands.press(Key.Key_Return, CTRL)
    assert bring._at == CHECKED
    assert Search(station).count() == 0
    said = bring.fates.sentence.text()
    hands.press(Key.Key_S, CTRL)
    assert bring._at == DONE
    assert bring.fates.sentence.text() == said
    taken = Search(station).count()
    assert taken > 40

    # Two rows that waited: an ID number with a wrong last digit, put right from the certificate.
    hands.press(Key.Key_D, ALT)
    pending: PendingPage = page_of(window, PendingPage)
    numbers = {one["name"]: one["id_number"] for one in people if "id_number" in one}
    for done in (1, 2):
        put_right(hands, pending, numbers)
        assert Search(station).count() == taken + done

    # The list of the people: all of them are there.
    hands.press(Key.Key_2, ALT)
    page: PeoplePage = page_of(window, PeoplePage)
    assert page.view.rows.rowCount() == taken + 2

    # Somebody rings: found by initials, the telephone put right.
    hands.press(Key.Key_F, CTRL)
    hands.find("sxp")
    card: PersonPage = page_of(window, PersonPage)
    person = card._person
    before = People(station).show(person).fields["phone"]
    hands.press(Key.Key_E, CTRL)
    form: PersonFormPage = page_of(window, PersonFormPage)
    while not form.form.editor("phone").hasFocus():
        hands.press(Key.Key_Return)
    hands.replace("164 0000 1234")
    hands.press(Key.Key_S, CTRL)
    page_of(window, PersonPage)
    assert People(station).show(person).fields["phone"] == "16400001234"

    # It was the wrong person after all: named, asked once, taken back.
    hands.press(Key.Key_Z, CTRL)
    hands.until(lambda: QApplication.activeModalWidget() is not None)
    question: Any = QApplication.activeModalWidget()
    assert "“修改人员”吗?" in control(question, "message.text").text()
    assert hands.focus.text() == "不撤销", "Enter changes nothing"
    hands.tab_to("message.1")
    hands.press(Key.Key_Space)
    hands.until(lambda: People(station).show(person).fields["phone"] == before)
    hands.wait()
    hands.tab_to("person.tabs.bar")
    hands.press(Key.Key_Right)
    story = [card.story.view.rows.text(row, 1) for row in range(card.story.view.rows.rowCount())]
    assert "修改人员: 手机(已撤销)" in story
    drafts.settled()


def put_right(hands: Hands, pending: PendingPage, numbers: dict[str, str]) -> None:
    """Walk to a row whose ID number alone is wrong, type the right one over it, take the row in."""
    grid, rows = pending.grid, pending.grid.rows
    assert rows is not None
    place = next(
        row for row in range(rows.rowCount())
        if rows.text(row, 0).startswith("身份证") and CHECK_DIGIT in rows.text(row, 0) and len(rows.wrong_at(row)) == 1
    )  # fmt: skip
    walk_to(hands, grid, place, rows.wrong_at(place)[0])
    hands.type(numbers[rows.told(place).rsplit(" ", 1)[-1]])
    hands.press(Key.Key_Return)
    hands.until(grid.hasFocus)
    hands.wait()
    walk_to(hands, grid, place, grid.currentIndex().column())
    assert rows.text(place, 0) == "可以入库了"
    hands.press(Key.Key_S, CTRL)


def walk_to(hands: Hands, grid: Any, row: int, column: int) -> None:
    """By the arrow keys."""
    while grid.currentIndex().row() != row:
        hands.press(Key.Key_Down if grid.currentIndex().row() < row else Key.Key_Up)
    while grid.currentIndex().column() != column:
        hands.press(Key.Key_Right if grid.currentIndex().column() < column else Key.Key_Left)
