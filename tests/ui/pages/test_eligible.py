"""Who comes to be entitled: listed with why, worked off by keyboard, printed and exported as it stands."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.documents import workbook
from app.models import Policy
from app.services.desk_memory import DeskMemory
from app.services.looked_at import LookedAt
from app.services.people import People
from app.services.stores import Opened
from app.ui.kit import look
from app.ui.kit.messages import Messages
from app.ui.kit.operations import Operations, Worker
from app.ui.kit.page import Desk, Link
from app.ui.kit.printing import Preview
from app.ui.pages.eligible import NOBODY, NONE_HERE, EligiblePage
from tests.ui.conftest import VILLAGE, Answers, idle
from tests.ui.looking import doubled_keys, faults

Show = Callable[..., Any]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def entitled(empty_desk: Desk, fixed_now: dt.datetime) -> list[str]:
    """One who turns 60 next spring, one who was wounded and gets nothing, one who turns 90, one who is young."""
    del fixed_now
    people = People(empty_desk.station)
    base = {"division": VILLAGE, "no_id_reason": "pending"}
    made = [
        people.add(base | {
            "name": "张建国", "birth_date": "1967-03-12", "class12": "02", "enlisted": "1985-10", "discharged": "1989-01",
            "phone": "16412345678",
        }),
        people.add(base | {"name": "龚䶮", "birth_date": "1980-01-01", "class12": "07"}),
        people.add(base | {"name": "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕", "birth_date": "1937-05-01"}),
        people.add(base | {"name": "王小明", "birth_date": "1999-05-01", "class12": "02"}),
    ]  # fmt: skip
    return [one.id for one in made]


def shown(page: EligiblePage) -> list[str]:
    return [page.view.rows.text(row, 0) for row in range(page.view.rows.rowCount())]


def test_it_is_worked_off_by_keyboard(qtbot: QtBot, show: Show, empty_desk: Desk, entitled: list[str]) -> None:
    went: list[Link] = []
    page: EligiblePage = show(EligiblePage, empty_desk)
    page.wanted.connect(went.append)
    assert page.view.hasFocus()
    assert "截至 2026-11-23, 今后 12 个月, 共 4 人" in page.word.text()
    assert set(shown(page)) >= {"张建国", "龚䶮"}
    assert "王小明" not in shown(page)
    assert faults(page) == []
    assert doubled_keys(page) == []
    place = shown(page).index("张建国")
    page.view.choose(page.view.rows.id_at(place))
    assert page.why.text().startswith("张建国: 1967-03-12 出生, 2027-03-12 满 60 周岁")
    assert page.view.rows.text(place, 7) == "164****5678"
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    assert went == [Link("person", entitled[0])]

    many = len(shown(page))
    qtbot.keyClick(page, Qt.Key.Key_K, CTRL)
    idle(qtbot, empty_desk)
    assert len(shown(page)) == many - 1
    assert "张建国" not in shown(page)
    qtbot.keyClick(page.view, Qt.Key.Key_A, CTRL)
    qtbot.keyClick(page, Qt.Key.Key_D, CTRL)
    idle(qtbot, empty_desk)
    assert shown(page) == []
    assert page.view.empty == NONE_HERE
    page.worked.setCurrentIndex(page.worked.findData("done"))
    assert shown(page) == ["张建国"]
    assert page.view.rows.text(0, 8) == "已核(周敏, 2026-11-23)"
    page.acts["reopen"].trigger()
    idle(qtbot, empty_desk)
    assert shown(page) == []
    assert {one.verdict for one in LookedAt(empty_desk.station, empty_desk.memory).lines().values()} == {"later"}
    page.worked.setCurrentIndex(page.worked.findData(""))
    assert len(shown(page)) == many


def test_the_list_follows_filters_months_and_the_register(
    qtbot: QtBot, show: Show, empty_desk: Desk, entitled: list[str]
) -> None:
    page: EligiblePage = show(EligiblePage, empty_desk)
    page.rule.setCurrentIndex(page.rule.findData("rural_60"))
    assert shown(page) == ["张建国"]
    page.state.setCurrentIndex(page.state.findData("now"))
    assert shown(page) == []
    page.state.setCurrentIndex(0)
    page.months.setCurrentIndex(page.months.findData("3"))
    idle(qtbot, empty_desk)
    assert shown(page) == []
    assert empty_desk.memory.note("eligible.months") == 3
    page.months.setCurrentIndex(page.months.findData("24"))
    idle(qtbot, empty_desk)
    assert shown(page) == ["张建国"]
    People(empty_desk.station).change(entitled[0], {"household_kind": "2"})
    idle(qtbot, empty_desk)
    assert shown(page) == []
    again: EligiblePage = show(EligiblePage, empty_desk)
    assert again.months.currentData() == "24", "how far one looks is remembered"


def test_it_is_printed_and_exported(
    qtbot: QtBot, show: Show, empty_desk: Desk, entitled: list[str], answers: Answers, tmp_path: Path
) -> None:
    del entitled
    page: EligiblePage = show(EligiblePage, empty_desk)
    page.rule.setCurrentIndex(page.rule.findData("rural_60"))
    qtbot.keyClick(page, Qt.Key.Key_P, CTRL)
    idle(qtbot, empty_desk)
    previews = [one for one in QApplication.topLevelWidgets() if isinstance(one, Preview) and one.isVisible()]
    assert len(previews) == 1
    qtbot.waitUntil(lambda: bool(previews[0].pages))
    assert previews[0].paper.title == "快符合条件、应享受未享受"
    previews[0].close()
    answers.ways["身份证号和手机怎么写"] = "取消"
    page.acts["export"].trigger()
    assert "60周岁农村籍退役士兵" in answers.said[0].more
    file = tmp_path / "名单.xlsx"
    page.write_to(file, full=False)
    idle(qtbot, empty_desk)
    (sheet,) = workbook.read_file(file)
    texts = [str(cell) for row in sheet.rows for cell in row if cell]
    assert "张建国" in texts
    assert "164****5678" in texts
    assert "龚䶮" not in texts


@pytest.fixture
def county_desk(
    qapp: QApplication, open_copy: Callable[..., Opened], worker: Worker, answers: Answers
) -> Iterator[Desk]:
    look.dress(qapp)
    opened = open_copy("county")
    made = Desk(opened.station, Operations(opened.station, worker), Messages(answers), DeskMemory(opened.station))
    yield made
    made.operations.stop()
    made.memory.close()


def test_a_policy_that_cannot_be_read_is_said(qtbot: QtBot, show: Show, county_desk: Desk) -> None:
    page: EligiblePage = show(EligiblePage, county_desk)
    page.rule.setCurrentIndex(page.rule.findData("rural_60"))
    today = clock.today().isoformat()
    with county_desk.station.db.work("来自上级的更新版本") as work:
        work.session.add(
            Policy(
                id=clock.new_id(), name="eligibility.rules", value='{"rules": []}', starts=today,
                home=county_desk.station.place.home,
            )
        )  # fmt: skip
    idle(qtbot, county_desk)
    assert "请县局更正后再查" in page.banner.text()


def test_an_empty_register_says_what_helps(show: Show, empty_desk: Desk) -> None:
    page: EligiblePage = show(EligiblePage, empty_desk)
    assert page.view.empty == NOBODY


@pytest.mark.parametrize("percent", [100, 200])
def test_three_thousand_people(qtbot: QtBot, qapp: QApplication, show: Show, many_desk: Desk, percent: int) -> None:
    look.dress(qapp, percent)
    page: EligiblePage = show(EligiblePage, many_desk)
    assert page.view.rows.rowCount() > 300
    page.view.choose(page.view.rows.id_at(page.view.rows.rowCount() - 1))
    assert page.why.text()
    assert faults(page) == []
    assert page.width() == 1240
