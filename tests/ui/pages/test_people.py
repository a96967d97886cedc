"""The list of persons: found by typing, narrowed, sorted, opened, exported and printed, by keyboard."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from app.documents import workbook
from app.services import disclosing
from app.services.ids import Ids
from app.services.people import People
from app.ui.kit import look
from app.ui.kit.page import Desk, Link
from app.ui.kit.printing import Preview
from app.ui.pages.people import PeoplePage
from app.ui.pages.people.leaving import Leaving, Order
from app.ui.pages.people.page import EMPTY, NOBODY
from tests.ui.conftest import Answers, idle
from tests.ui.looking import compose, control, faults, tab_order, type_chinese

Show = Callable[..., Any]


@pytest.fixture
def page(show: Show, desk: Desk) -> PeoplePage:
    made: PeoplePage = show(PeoplePage, desk)
    return made


def names(page: PeoplePage) -> list[str]:
    return [page.view.rows.text(row, 0) for row in range(page.view.rows.rowCount())]


def settle(qtbot: QtBot, page: PeoplePage) -> None:
    """Wait for the pause after typing and for the answer."""
    if page.filters._pause.isActive():
        with qtbot.waitSignal(page.filters.changed):
            pass
    idle(qtbot, page.desk)


def child(qtbot: QtBot, page: PeoplePage, kind: Any) -> Any:
    """The one window of a kind the page has opened, in front."""
    found: Any
    (found,) = page.findChildren(kind)
    found.activateWindow()
    qtbot.waitUntil(lambda: not isinstance(found, QDialog) or found.isActiveWindow())
    return found


def links(page: PeoplePage) -> list[Link]:
    found: list[Link] = []
    page.wanted.connect(found.append)
    return found


def test_everybody_in_the_order_of_names(page: PeoplePage) -> None:
    assert page.count.text() == "共 30 人"
    assert len(names(page)) == 30
    assert names(page)[0].startswith("阿卜杜")
    assert page.filters.text.hasFocus()
    assert tab_order(page) == [
        "people.new", "people.import", "people.pending", "people.export", "people.print", "people.households", "people.more",
        "people.filter.text", "people.filter.kind", "people.filter.status", "people.filter.visited", "people.filter.contact",
        "people.filter.clear", "people.list",
    ]  # fmt: skip


def test_typing_narrows_after_a_pause_and_enter_opens(qtbot: QtBot, page: PeoplePage) -> None:
    went = links(page)
    qtbot.keyClicks(page.filters.text, "sxp")
    settle(qtbot, page)
    assert names(page) == ["单小平"]
    assert page.count.text() == "共 1 人(查找“sxp”)"
    qtbot.keyClick(page.filters.text, Qt.Key.Key_Return)
    assert page.view.hasFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    (link,) = went
    assert (link.page, People(page.desk.station).show(link.about).fields["name"]) == ("person", "单小平")
    qtbot.keyClick(page.filters.text, Qt.Key.Key_Escape)
    settle(qtbot, page)
    assert len(names(page)) == 30


def test_half_composed_text_searches_nothing(qtbot: QtBot, page: PeoplePage) -> None:
    compose(page.filters.text, "dan")
    assert not page.filters._pause.isActive()
    type_chinese(page.filters.text, "䶮", "yan")
    settle(qtbot, page)
    assert names(page) == ["龚䶮"]


def test_typing_in_the_list_goes_to_the_filter(qtbot: QtBot, page: PeoplePage) -> None:
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Q)
    assert page.filters.text.hasFocus()
    qtbot.keyClicks(page.filters.text, "yl")
    settle(qtbot, page)
    assert "仇玉兰" in names(page)


def test_filters_are_told_and_cleared(qtbot: QtBot, page: PeoplePage) -> None:
    kind = page.filters.kind
    kind.setCurrentIndex(kind.findData("07"))
    idle(qtbot, page.desk)
    assert 0 < len(names(page)) < 30
    assert "残疾军人" in page.count.text()
    page.filters.status.setCurrentIndex(page.filters.status.findData("dead"))
    idle(qtbot, page.desk)
    assert names(page) == []
    assert page.view.empty == NOBODY
    qtbot.keyClick(page.filters.clear, Qt.Key.Key_Space)
    idle(qtbot, page.desk)
    assert len(names(page)) == 30
    page.open("", {"kind": "benefit", "unvisited": "2026-10-01"})
    idle(qtbot, page.desk)
    assert page.count.text().endswith("(所有优抚对象、2026-10-01 以来未走访)")


def test_headings_sort_and_it_is_remembered(qtbot: QtBot, page: PeoplePage, show: Show) -> None:
    head = page.view.horizontalHeader()
    head.sectionClicked.emit(2)
    idle(qtbot, page.desk)
    births = [page.view.rows.text(row, 2) for row in range(30)]
    assert births == sorted(births)
    head.sectionClicked.emit(2)
    idle(qtbot, page.desk)
    assert [page.view.rows.text(row, 2) for row in range(30)] == births[::-1]
    again: PeoplePage = show(PeoplePage, page.desk)
    assert [again.view.rows.text(row, 2) for row in range(30)] == births[::-1]


def test_what_others_change_is_read_anew_and_the_chosen_stays(qtbot: QtBot, page: PeoplePage) -> None:
    page.view.choose(page.view.rows.id_at(7))
    chosen = page.view.current()
    desk = page.desk
    desk.operations.write(lambda: People(desk.station).change(page.view.rows.id_at(0), {"name": "钟卫东"}))
    idle(qtbot, desk)
    assert "钟卫东" in names(page)
    assert page.view.current() == chosen


def test_numbers_are_masked_and_copied_masked(qtbot: QtBot, page: PeoplePage) -> None:
    page.view.selectAll()
    qtbot.keyClick(page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 31
    assert lines[0].startswith("姓名\t性别\t出生日期\t身份证号")
    assert all("****" in line for line in lines[1:])


def test_export_of_the_chosen_masked_with_a_purpose(
    qtbot: QtBot, page: PeoplePage, tmp_path: Path, answers: Answers
) -> None:
    page.filters.kind.setCurrentIndex(page.filters.kind.findData("02"))
    idle(qtbot, page.desk)
    many = len(names(page))
    qtbot.keyClick(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = child(qtbot, page, Leaving)
    assert faults(dialog) == []
    assert tab_order(dialog)[:3] == ["people.export.scope", "people.export.content", "people.export.purpose"]
    qtbot.keyClick(dialog.scope, Qt.Key.Key_Return)
    assert dialog.content.hasFocus()
    dialog.purpose.setCurrentIndex(1)
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    files = child(qtbot, page, QFileDialog)
    target = tmp_path / "名单.xlsx"
    files.fileSelected.emit(str(target))
    files.close()
    idle(qtbot, page.desk)
    title, heads, *rows = workbook.read_file(target)[0].rows
    assert len(rows) == many
    assert "类别: 全部" not in str(title[0])
    assert "(已隐去证件号码) 退役士兵 导出人: 周敏" in str(title[0])
    assert str(title[0]).endswith("用途: 上报上级")
    assert heads[3] == "身份证号"
    assert all("*" in str(row[3]) or "无(" in str(row[3]) for row in rows)
    assert answers.texts == [f"已导出 {many} 人: 名单.xlsx"]


def test_export_of_everything_in_full_asks_first(qtbot: QtBot, page: PeoplePage, tmp_path: Path) -> None:
    page.view.choose(page.view.rows.id_at(0))
    page.export()
    dialog = child(qtbot, page, Leaving)
    assert dialog.word.isHidden()
    dialog.full.click()
    assert "完整号码" in dialog.word.text()
    assert not dialog.word.isHidden()
    dialog.reject()
    target = tmp_path / "全部.xlsx"
    ids = Ids.of(page.view.rows.id_at(n) for n in range(30))
    page.write_to(target, Order(ids, full=True, purpose="核对人员情况", whole=True))
    idle(qtbot, page.desk)
    assert len(workbook.read_file(target)[0].rows) == 32
    page.draw(Order(ids, full=True, purpose="核对人员情况"))
    idle(qtbot, page.desk)
    child(qtbot, page, Preview).reject()
    page.write_to(tmp_path / "隐去.xlsx", Order(ids, full=False, purpose=""))
    idle(qtbot, page.desk)
    seen = [(one.way, one.count, one.purpose) for one in disclosing.noted(page.desk.memory)]
    assert seen == [("export", 30, "核对人员情况"), ("print", 30, "核对人员情况")]


def test_print_shows_the_list_first(qtbot: QtBot, page: PeoplePage) -> None:
    qtbot.keyClick(page, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    dialog = child(qtbot, page, Leaving)
    assert faults(dialog) == []
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, page.desk)
    preview = child(qtbot, page, Preview)
    idle(qtbot, page.desk)
    assert len(preview.pages) == 2
    preview.reject()
    preview.deleteLater()


def test_nobody_yet_says_what_to_do_first(show: Show, empty_desk: Desk) -> None:
    page: PeoplePage = show(PeoplePage, empty_desk)
    assert page.count.text() == "共 0 人"
    assert page.view.empty == EMPTY
    assert not page.acts["export"].isEnabled()
    page.export()
    assert page.findChildren(Leaving) == []


def test_what_one_may_not_do_is_not_offered(show: Show, desk: Desk) -> None:
    desk.station.roles = ("administrator",)
    page: PeoplePage = show(PeoplePage, desk)
    assert set(page.acts) == {"pending", "households", "same_persons", "comparing", "eligible"}
    assert [act.text() for act in page._actions()] == ["打开"]


def test_the_menu_of_a_line_leads_on(page: PeoplePage) -> None:
    went = links(page)
    assert [act.text() for act in page._actions()] == ["打开", "修改", "登记走访", "受理帮扶", "开证明"]
    page._actions()[2].trigger()
    assert went[-1] == Link("visit_form", page.view.current(), {})


@pytest.mark.parametrize("percent", [100, 150, 200])
def test_three_thousand_at_every_size(
    show: Show, many_desk: Desk, qapp: QApplication, qtbot: QtBot, percent: int
) -> None:
    look.dress(qapp, percent)
    page: PeoplePage = show(PeoplePage, many_desk)
    assert page.view.rows.rowCount() == 3_000
    assert faults(page) == []
    qtbot.keyClick(page.view, Qt.Key.Key_End)
    assert page.view.currentIndex().row() == 2_999
    if percent >= 150:
        assert control(page, "people.filter.kind").isHidden()
        qtbot.keyClick(page.filters.unfold, Qt.Key.Key_Space)
        assert control(page, "people.filter.kind").hasFocus()
        assert faults(page) == []
        page._more()
        child(qtbot, page, QMenu).close()
