"""The first page: seven lines at most, each leads on, the rest behind a button; quiet when nothing waits."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.services import today
from app.services.today import Due
from app.sync import due
from app.ui.kit.page import Desk, Link
from app.ui.pages.exchange import ExchangePage
from app.ui.pages.today import DONE, SHOWN, STARTING, TodayPage, _look
from app.ui.shell.window import MainWindow
from tests.ui.conftest import idle
from tests.ui.looking import control, faults


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven things that wait."""
    found = [Due(n, ("bad", "warn", "note")[n % 3], f"第 {n} 件要办的事", "cases", str(n)) for n in range(11)]
    monkeypatch.setattr(today.Today, "dues", lambda *_args, **_facts: found)


def lines(page: TodayPage) -> list[str]:
    model = page.dues.model()
    return [str(model.index(n, 0).data()) for n in range(model.rowCount())]


@pytest.mark.usefixtures("many")
def test_seven_lines_and_the_rest_behind_a_button(qtbot: QtBot, desk: Desk, show: Callable[..., Any]) -> None:
    page = show(TodayPage, desk)
    assert len(lines(page)) == SHOWN
    assert page.more.text() == "还有 4 项"
    qtbot.keyClick(page.more, Qt.Key.Key_Space)
    assert len(lines(page)) == 11
    assert page.more.text() == "收起"
    assert faults(page) == []


@pytest.mark.usefixtures("many")
def test_enter_leads_to_where_it_is_dealt_with(qtbot: QtBot, desk: Desk, show: Callable[..., Any]) -> None:
    page = show(TodayPage, desk)
    assert page.dues.hasFocus()
    qtbot.keyClick(page.dues, Qt.Key.Key_Down)
    with qtbot.waitSignal(page.wanted) as wanted:
        qtbot.keyClick(page.dues, Qt.Key.Key_Return)
    assert wanted.args == [Link("cases", "1")]


@pytest.mark.usefixtures("many")
def test_urgency_is_said_in_words_for_screen_readers(desk: Desk, show: Callable[..., Any]) -> None:
    page = show(TodayPage, desk)
    model = page.dues.model()
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "急: 第 0 件要办的事"


def test_what_a_real_village_has_to_do(desk: Desk, show: Callable[..., Any]) -> None:
    page = show(TodayPage, desk)
    found = lines(page)
    assert any(line.startswith("帮扶事项") for line in found)
    assert any("还没有打印签领表" in line for line in found)
    assert "还没有做过备份" in found
    assert "本单位服务对象 30 人" in page.people.text()


def test_it_reads_anew_when_something_was_done(qtbot: QtBot, desk: Desk, show: Callable[..., Any]) -> None:
    from app.services.people import People

    page = show(TodayPage, desk)
    home = desk.station.place.home
    facts = {"name": "张建国", "no_id_reason": "pending", "division": home}
    desk.operations.write(lambda: People(desk.station).add(facts))
    idle(qtbot, desk)
    idle(qtbot, desk)
    assert "31 人" in page.people.text()


def test_an_empty_store_says_what_to_do_first(empty_desk: Desk, show: Callable[..., Any]) -> None:
    page = show(TodayPage, empty_desk)
    assert page.people.text() == STARTING
    assert page.quiet.text() == ""


def test_nothing_left_to_do_is_said(desk: Desk, show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today.Today, "dues", lambda *_args, **_facts: [])
    page = show(TodayPage, desk)
    assert page.quiet.text() == DONE
    assert not page.dues.isVisible()


def test_what_is_done_most_is_one_key_away(qtbot: QtBot, desk: Desk, show: Callable[..., Any]) -> None:
    page = show(TodayPage, desk)
    with qtbot.waitSignal(page.wanted) as wanted:
        qtbot.keyClick(page, Qt.Key.Key_V, Qt.KeyboardModifier.AltModifier)
    assert wanted.args == [Link("visit_form")]


def test_what_one_may_not_do_is_not_offered(desk: Desk, show: Callable[..., Any]) -> None:
    desk.station.roles = ("administrator",)
    page = show(TodayPage, desk)
    ids = [push.objectName() for push in control(page, "today.right").findChildren(type(page.more))]
    assert "today.visit_form" not in ids
    assert "today.system.backups" in ids


def test_every_line_lands_where_it_says(
    qtbot: QtBot, open_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thing that can wait, opened in the window of a township."""
    window = open_window("joined_township")
    desk = window.desk
    found = due.Waiting(
        has_parent=True, unsent=2, unanswered=1, days_since_sent=20, refused=1, differences=1, forks=1,
        silent=("石鼓村站",), missing=("桥头村站",),
    )  # fmt: skip
    monkeypatch.setattr(due, "waiting", lambda _exchange: found)
    _head, dues, _people = _look(desk)
    fixed = [one for one in dues if one.page in ("exchange", "system", "returned", "differences", "cases", "pending")]
    assert len([one for one in fixed if one.page == "exchange"]) == 4
    assert {"退回修改 1 件", "前面还缺包: 桥头村站", "还没有做过备份"} <= {one.text for one in fixed}
    for one in fixed:
        window.go(Link(one.page, one.about))
        idle(qtbot, desk)
        page: Any = window.page
        assert page is not None
        assert page.name == one.page
        if one.page == "exchange":
            tab = {"未上": "上报", "15": "下级单位", "前面": "下级单位", "已上": "接收"}[one.text[:2]]
            assert page.tabs.tabText(page.tabs.currentIndex()) == tab, one.text
            if one.text.startswith("15 天"):
                assert page.below.days.currentText() == "15 天未上报的"
        elif one.page == "system":
            assert page.section.key == one.about
        elif one.page == "cases":
            assert page.shown.currentData() == one.about


@pytest.mark.parametrize("about", ["", "send", "take", "record", "units", "silent", "enrol", "something else"])
def test_a_village_is_never_led_to_the_tab_of_units_below(desk: Desk, show: Callable[..., Any], about: str) -> None:
    page = show(ExchangePage, desk, about)
    assert page.tabs.isTabVisible(page.tabs.currentIndex())


def test_what_was_found_in_the_whole_register_is_named(desk: Desk, show: Callable[..., Any]) -> None:
    desk.memory.put("waiting.same_persons", [3, "2026-11-20"])
    desk.memory.put("waiting.eligible", [0, "2026-11-20"])
    page = show(TodayPage, desk)
    page.more.click()
    assert "疑似同一人 3 对还没核对(11-20 查的)" in lines(page)
    assert not [line for line in lines(page) if line.startswith("快符合条件")]
