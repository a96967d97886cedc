"""Working off what waits by keyboard: cells put right in place, sides decided, the rest dropped, nothing typed lost."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from app.documents import workbook
from app.rules import id_number
from app.services.history import History
from app.services.importing import Importing
from app.services.people import People
from app.services.searching import Search
from app.services.undoing import Undo
from app.ui.kit import drafts, look
from app.ui.kit.page import Desk, Link
from app.ui.pages.pending import PendingPage
from tests.ui.conftest import VILLAGE, Answers
from tests.ui.conftest import idle as answered
from tests.ui.looking import control, faults, type_chinese

Show = Callable[..., Any]
HEADINGS = ("序号", "姓名", "身份证号", "手机", "人员类别")
CTRL = Qt.KeyboardModifier.ControlModifier


def idle(qtbot: QtBot, desk: Desk) -> None:
    answered(qtbot, desk)
    for _ in range(4):
        QApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def wrong(sequence: int) -> str:
    good = number(sequence)
    return good[:-1] + ("0" if good[-1] != "0" else "1")


def bring(desk: Desk, path: Path, rows: Sequence[Sequence[workbook.Cell]], headings: Sequence[str] = HEADINGS) -> None:
    path.write_bytes(workbook.table(headings, rows))
    Importing(desk.station).run([path])


def person(desk: Desk, **more: object) -> str:
    return People(desk.station).add({"name": "张建国", "id_number": number(1), "division": VILLAGE} | more).id


def type_over(qtbot: QtBot, page: PendingPage, text: str) -> None:
    """Begin to type in the cell the cursor stands on, and press Enter."""
    if text.isascii():
        qtbot.keyClicks(page.grid, text[0])
        editor: QLineEdit = control(page, "pending.grid.cell")
        qtbot.keyClicks(editor, text[1:])
    else:
        qtbot.keyClick(page.grid, Qt.Key.Key_F2)
        editor = control(page, "pending.grid.cell")
        editor.selectAll()
        type_chinese(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.grid.state() != page.grid.State.EditingState)
    qtbot.waitUntil(page.grid.hasFocus)
    idle(qtbot, page.desk)


def names(desk: Desk) -> list[str]:
    return sorted(one.name for one in Search(desk.station).persons("", 1000))


def test_a_cell_is_put_right_in_place_and_the_row_taken_in(
    qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path
) -> None:
    bring(
        empty_desk, tmp_path / "a.xlsx", [[1, "王五", wrong(3), "123", "退役士兵"], [2, "赵六", wrong(4), None, None]]
    )
    page: PendingPage = show(PendingPage, empty_desk)
    assert page.heading.text() == "待核 2 行"
    assert page.grid.hasFocus()
    assert faults(page) == []
    rows = page.grid.rows
    assert rows is not None
    assert page.grid.currentIndex().column() == 3
    marked = rows.index(0, 3).data(Qt.ItemDataRole.BackgroundRole)
    assert marked == QColor(look.colours().bad_ground)
    assert "最后一位对不上" in page.deciding.word.text()
    assert page.deciding.title.text() == "a.xlsx 第 2 行 王五"
    type_over(qtbot, page, number(3))
    assert rows.text(0, 3) == number(3)
    assert page.grid.currentIndex().column() == 4
    assert "手机号要 11 位" in page.deciding.word.text()
    type_over(qtbot, page, "16400000001")
    assert (page.grid.currentIndex().row(), page.grid.currentIndex().column()) == (1, 3)
    assert rows.text(0, 0) == "可以入库了"
    page.grid.go_to(0)
    qtbot.keyClick(page.grid, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    assert names(empty_desk) == ["王五"]
    assert page.heading.text() == "待核 1 行"
    qtbot.keyClick(page.grid, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    assert "还有 1 行不能入库: 身份证号: 身份证号最后一位对不上" in page.banner.text()
    assert History(empty_desk.station).acts()[0].name == "待核入库"


def test_a_name_is_typed_with_an_input_method(qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    bring(empty_desk, tmp_path / "a.xlsx", [[1, "王?", number(3), None, None]])
    page: PendingPage = show(PendingPage, empty_desk)
    assert page.grid.currentIndex().column() == 2
    type_over(qtbot, page, "龚䶮")
    qtbot.keyClick(page.grid, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    assert names(empty_desk) == ["龚䶮"]
    assert not page.empty.isHidden()
    assert page.grid.isHidden()
    assert faults(page) == []


def test_what_is_typed_and_not_saved_comes_back(qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    bring(empty_desk, tmp_path / "a.xlsx", [[1, "王五", wrong(3), None, None]])
    page: PendingPage = show(PendingPage, empty_desk)
    type_over(qtbot, page, number(3))
    page.leave()
    drafts.settled()
    again: PendingPage = show(PendingPage, empty_desk)
    rows = again.grid.rows
    assert rows is not None
    assert rows.text(0, 3) == number(3)
    assert rows.text(0, 0) == "可以入库了"
    rows.setData(rows.index(0, 3), wrong(3))
    assert rows.typed == {}
    again.grid.setCurrentIndex(rows.index(0, 4))
    qtbot.keyClick(again.grid, Qt.Key.Key_Delete)
    assert rows.typed == {}
    assert rows.flags(rows.index(0, 1)) & Qt.ItemFlag.ItemIsEditable == Qt.ItemFlag.NoItemFlags


def test_two_sides_are_decided_by_keyboard(qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    mine = person(empty_desk, phone="16400000001")
    bring(empty_desk, tmp_path / "a.xlsx", [[1, "张建军", number(1), "16400000002", None]])
    page: PendingPage = show(PendingPage, empty_desk)
    assert "“张建国”已经登记" in page.deciding.word.text()
    qtbot.keyClick(page.grid, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    assert "姓名: 已登记“张建国”, 表里“张建军”" in page.banner.text()
    assert control(page, "pending.decide.0.0").hasFocus()
    qtbot.keyClick(control(page, "pending.decide.0.0"), Qt.Key.Key_Space)
    qtbot.keyClick(control(page, "pending.decide.1.1"), Qt.Key.Key_Space)
    assert control(page, "pending.decide.1.1").isChecked()
    assert faults(page) == []
    qtbot.keyClick(page, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    shown = People(empty_desk.station).show(mine).fields
    assert (shown["name"], shown["phone"]) == ("张建国", "16400000002")


def test_the_same_person_or_another_is_chosen(qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    mine = person(empty_desk)
    bring(empty_desk, tmp_path / "a.xlsx", [[1, "张建国", "未采集", "16400000002", None]])
    page: PendingPage = show(PendingPage, empty_desk)
    assert "同名" in page.deciding.word.text()
    qtbot.keyClick(page.grid, Qt.Key.Key_Down, CTRL)
    first = control(page, "pending.decide.person.0")
    assert first.hasFocus()
    assert first.text().startswith("是 张建国 1956-03-12")
    qtbot.keyClick(first, Qt.Key.Key_Space)
    qtbot.keyClick(page, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    assert People(empty_desk.station).show(mine).fields["phone"] == "16400000002"
    bring(empty_desk, tmp_path / "b.xlsx", [[1, "张建国", "未采集", "16400000003", None]])
    page.refresh()
    idle(qtbot, empty_desk)
    qtbot.keyClick(control(page, "pending.decide.person.1"), Qt.Key.Key_Space)
    qtbot.keyClick(page, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    assert names(empty_desk) == ["张建国", "张建国"]


def test_many_that_only_differ_with_one_key(
    qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path, answers: Answers
) -> None:
    people = [person(empty_desk, name=f"张{'零一二'[n]}", id_number=number(n), phone=f"1640000000{n}") for n in (1, 2)]
    rows = [[n, f"张{'零一二'[n]}", number(n), f"1650000000{n}", None] for n in (1, 2)]
    bring(empty_desk, tmp_path / "a.xlsx", [*rows, [3, "王五", wrong(4), None, None]])
    page: PendingPage = show(PendingPage, empty_desk)
    assert page.acts["accept"].text() == "两边不同的 2 行都以表里为准(&T)…"
    answers.ways["这 2 行都以表里的为准吗?"] = "以表里为准"
    page.acts["accept"].trigger()
    idle(qtbot, empty_desk)
    assert answers.said[0].more.startswith("会改: 手机 2 处。")
    assert [People(empty_desk.station).show(one).fields["phone"] for one in people] == ["16500000001", "16500000002"]
    assert page.heading.text() == "待核 1 行"
    assert not page.acts["accept"].isEnabled()
    assert Undo(empty_desk.station).undo().name == "待核入库(2 行)"


def test_rows_are_dropped_one_at_once_several_after_a_question(
    qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path, answers: Answers
) -> None:
    bring(empty_desk, tmp_path / "a.xlsx", [[n, f"王{'零一二三'[n]}", wrong(n), None, None] for n in (1, 2, 3)])
    page: PendingPage = show(PendingPage, empty_desk)
    qtbot.keyClick(page.grid, Qt.Key.Key_Delete, CTRL)
    idle(qtbot, empty_desk)
    assert page.heading.text() == "待核 2 行"
    answers.ways["这 2 行都不导入吗?"] = "不导入"
    page.grid.selectAll()
    qtbot.keyClick(page.grid, Qt.Key.Key_Delete, CTRL)
    idle(qtbot, empty_desk)
    assert not page.empty.isHidden()
    Undo(empty_desk.station).undo()
    page.refresh()
    idle(qtbot, empty_desk)
    assert page.heading.text() == "待核 2 行"


def test_a_block_from_excel_is_pasted_and_copied(qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    bring(empty_desk, tmp_path / "a.xlsx", [[n, f"王{'零一二'[n]}", wrong(n), None, None] for n in (1, 2)])
    page: PendingPage = show(PendingPage, empty_desk)
    QApplication.clipboard().setText(f"{number(1)}\t16400000001\n{number(2)}\t16400000002\n")
    page.grid.go_to(0)
    qtbot.keyClick(page.grid, Qt.Key.Key_V, CTRL)
    idle(qtbot, empty_desk)
    page.grid.selectAll()
    qtbot.keyClick(page.grid, Qt.Key.Key_C, CTRL)
    assert f"王二\t{number(2)}\t16400000002" in QApplication.clipboard().text()
    qtbot.keyClick(page.grid, Qt.Key.Key_S, CTRL)
    idle(qtbot, empty_desk)
    assert names(empty_desk) == ["王一", "王二"]


def test_out_as_excel_and_home_again(
    qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path, answers: Answers
) -> None:
    bring(empty_desk, tmp_path / "a.xlsx", [[1, "王五", wrong(3), None, None]])
    page: PendingPage = show(PendingPage, empty_desk)
    out = tmp_path / "待核.xlsx"
    page.write_to(out)
    idle(qtbot, empty_desk)
    assert answers.texts == ["已导出 1 行待核: 待核.xlsx"]
    heads = workbook.read_file(out)[0].rows[1]
    assert heads[-1] == "问题"
    went: list[Link] = []
    page.wanted.connect(went.append)
    page.bring_home()
    dialog = control(page, "pending.home.file")
    dialog.filesSelected.emit([str(out)])
    dialog.close()
    assert went == [Link("roster_import", "", {"files": [str(out)]})]


def test_several_sets_of_headings(qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    bring(empty_desk, tmp_path / "a.xlsx", [[1, "王五", wrong(3), None, None]])
    bring(empty_desk, tmp_path / "b.xlsx", [["钱七", wrong(5), "男"]], ("姓名", "身份证号", "性别"))
    page: PendingPage = show(PendingPage, empty_desk)
    assert page.batch.count() == 2
    page.batch.setCurrentIndex(1)
    idle(qtbot, empty_desk)
    rows = page.grid.rows
    assert rows is not None
    assert [one.title for one in rows.columns] in (
        ["问题", "姓名", "身份证号", "性别", "来源"], ["问题", *HEADINGS, "来源"],
    )  # fmt: skip
    assert faults(page) == []


def test_who_may_only_look(show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    bring(empty_desk, tmp_path / "a.xlsx", [[1, "王五", wrong(3), None, None]])
    empty_desk.station.roles = ("administrator",)
    page: PendingPage = show(PendingPage, empty_desk)
    assert page.acts == {}
    assert page.heading.text() == "待核 1 行"


@pytest.mark.parametrize("percent", [100, 200])
def test_three_thousand_at_every_size(
    qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path, qapp: QApplication, percent: int
) -> None:
    look.dress(qapp, percent)
    long = "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕默德江"
    rows: list[list[workbook.Cell]] = [
        [n, long if n % 2 else "龚䶮", wrong(n % 900), "123", None] for n in range(3_000)
    ]
    bring(empty_desk, tmp_path / "a.xlsx", rows)
    page: PendingPage = show(PendingPage, empty_desk)
    page.resize(1098, 537) if percent == 200 else page.resize(1200, 640)
    idle(qtbot, empty_desk)
    assert page.heading.text() == "待核 3000 行"
    assert faults(page) == []
    assert page.minimumSizeHint().width() <= 1098
    assert page.minimumSizeHint().height() <= 560
    grid = page.grid.rows
    assert grid is not None
    assert len(grid.judged) == 3_000
    page._more()
    menus: list[QMenu] = list(page.findChildren(QMenu))
    menus[0].close()
