"""Excel in by keyboard: files, columns, a check that changes nothing, one act, and the way back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from app.documents import workbook
from app.rules import id_number
from app.services.history import History
from app.services.people import People
from app.services.searching import Search
from app.ui.kit import look
from app.ui.kit.page import Desk, Link
from app.ui.pages.roster_import import RosterImportPage
from app.ui.pages.roster_import.page import CHECKED, DONE, FILES, MAPPING
from tests.ui.conftest import Answers
from tests.ui.conftest import idle as answered
from tests.ui.looking import control, faults

Show = Callable[..., Any]
HEADINGS = ("姓名", "身份证号", "手机", "人员类别", "备用栏")
CTRL = Qt.KeyboardModifier.ControlModifier


def idle(qtbot: QtBot, desk: Desk) -> None:
    answered(qtbot, desk)
    for _ in range(4):
        QApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def write(path: Path, rows: list[list[workbook.Cell]], headings: tuple[str, ...] = HEADINGS) -> Path:
    path.write_bytes(workbook.table(headings, rows, title="桥头村退役军人名单"))
    return path


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    wrong = number(3)[:-1] + ("0" if number(3)[-1] != "0" else "1")
    rows: list[list[workbook.Cell]] = [
        ["张建国", number(1), "16400000001", "退役士兵", "低保"],
        ["龚䶮", number(2), None, "烈属", None],
        ["王五", wrong, None, "退役士兵", None],
    ]
    return write(tmp_path / "桥头村.xlsx", rows)


@pytest.fixture
def page(show: Show, empty_desk: Desk) -> RosterImportPage:
    made: RosterImportPage = show(RosterImportPage, empty_desk)
    return made


def to_mapping(qtbot: QtBot, page: RosterImportPage, *files: Path) -> None:
    page.add_files(list(files))
    idle(qtbot, page.desk)
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)
    assert page._at == MAPPING


def to_check(qtbot: QtBot, page: RosterImportPage, *files: Path) -> None:
    to_mapping(qtbot, page, *files)
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)


def acts(page: RosterImportPage) -> list[str]:
    return [act.name for act in History(page.desk.station).acts()]


def test_from_the_file_to_the_register_and_back(
    qtbot: QtBot, page: RosterImportPage, roster: Path, answers: Answers
) -> None:
    assert page._at == FILES
    assert not page.acts["next"].isEnabled()
    assert faults(page) == []
    before = acts(page)
    to_mapping(qtbot, page, roster)
    assert page.mapping.word.text().startswith("每一列对应的项目已经选好")
    assert faults(page) == []
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)
    assert page._at == CHECKED
    assert page.fates.sentence.text() == ("读到 5 行: 入库 2, 已有 0, 待确认 0, 待核 1, 不导入 2, 合计 5。没有丢一行。")
    assert page.fates.heaps["pending"].isChecked()
    assert [page.fates.view.rows.text(0, n) for n in (2, 3, 4)] == ["王五", "待核", "身份证号"]
    assert faults(page) == []
    assert acts(page) == before
    qtbot.keyClick(page, Qt.Key.Key_S, CTRL)
    idle(qtbot, page.desk)
    assert page._at == DONE
    assert acts(page)[0] == "导入名单(桥头村.xlsx)"
    assert "还有 1 行等着核对" in page.banner.text()
    assert faults(page) == []
    found: list[Link] = []
    page.wanted.connect(found.append)
    page.fates.heaps["in"].click()
    qtbot.keyClick(page.fates.view, Qt.Key.Key_Return)
    assert People(page.desk.station).show(found[0].about).fields["name"] == "张建国"
    answers.ways["要撤销这次导入吗?"] = "撤销"
    page.acts["undo"].trigger()
    idle(qtbot, page.desk)
    assert Search(page.desk.station).persons("") == []
    assert page._at == FILES


def test_a_column_is_mapped_by_typing_and_remembered(qtbot: QtBot, page: RosterImportPage, roster: Path) -> None:
    to_mapping(qtbot, page, roster)
    choice: QComboBox = control(page, "roster_import.map.5")
    assert choice.currentData() == ""
    choice.setFocus()
    qtbot.keyClicks(choice, "beizhu")
    assert choice.currentData() == "note"
    assert page.mapping.mapping() == {"备用栏": "note"}
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)
    qtbot.keyClick(page, Qt.Key.Key_S, CTRL)
    idle(qtbot, page.desk)
    (found,) = Search(page.desk.station).persons("张建国")
    assert People(page.desk.station).show(found.id).fields["note"] == "低保"
    page.begin()
    other = write(roster.with_name("山头村.xlsx"), [["李四", number(7), None, None, "独居"]])
    to_mapping(qtbot, page, other)
    assert control(page, "roster_import.map.5").currentData() == "note"


def test_two_columns_for_one_field_are_said(qtbot: QtBot, page: RosterImportPage, roster: Path) -> None:
    to_mapping(qtbot, page, roster)
    choice: QComboBox = control(page, "roster_import.map.5")
    choice.setCurrentIndex(choice.findData("phone"))
    assert "有两列都对应“手机”" in page.banner.text()
    page.check()
    idle(qtbot, page.desk)
    assert page._at == MAPPING
    choice.setCurrentIndex(0)
    assert page.banner.text() == ""


def test_headings_nobody_knows_are_mapped_by_hand(qtbot: QtBot, page: RosterImportPage, tmp_path: Path) -> None:
    file = write(tmp_path / "去年.xlsx", [["张三", number(1), "16400000001"]], ("谁", "证", "怎么找"))
    to_mapping(qtbot, page, file)
    assert "没有认出来" in page.mapping.word.text()
    page.check()
    assert "至少要有姓名和另外两列" in page.banner.text()
    for place, field in enumerate(("name", "id_number", "phone"), start=1):
        choice: QComboBox = control(page, f"roster_import.map.{place}")
        choice.setCurrentIndex(choice.findData(field))
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)
    assert page._at == CHECKED
    assert page._done is not None
    assert page._done.added == 1


def test_what_is_no_workbook_is_said_and_stops_no_other(
    qtbot: QtBot, page: RosterImportPage, roster: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "照片.xlsx"
    bad.write_bytes(b"\xff\xd8\xff")
    page.add_files([bad])
    idle(qtbot, page.desk)
    assert "这不是 Excel" in page.files.view.rows.text(0, 2)
    assert not page.acts["next"].isEnabled()
    page.add_files([roster])
    idle(qtbot, page.desk)
    assert page.files.word.text().startswith("2 个文件, 认得 1 个(5 行)")
    to_check(qtbot, page)
    assert "这些文件没有算在里面: 照片.xlsx" in page.banner.text()
    page.acts["back"].trigger()
    page.acts["back"].trigger()
    page.files.view.choose(str(bad))
    qtbot.keyClick(page.files.view, Qt.Key.Key_Delete)
    assert page.files.word.text() == "1 个文件, 5 行, 都认得表头。"


def test_a_file_that_vanishes_between_is_said(qtbot: QtBot, page: RosterImportPage, roster: Path) -> None:
    to_mapping(qtbot, page, roster)
    roster.unlink()
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)
    assert "没有找到文件" in page.banner.text()
    assert page._at == MAPPING
    assert page.acts["check"].isEnabled()


def test_the_same_file_again_has_nothing_to_take_in(qtbot: QtBot, page: RosterImportPage, tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", [["张建国", number(1), None, None, None]])
    to_check(qtbot, page, file)
    qtbot.keyClick(page, Qt.Key.Key_S, CTRL)
    idle(qtbot, page.desk)
    assert page.acts["pending"].isVisible() is False
    page.acts["again"].trigger()
    to_check(qtbot, page, file)
    assert "都已经有了" in page.banner.text()
    assert not page.acts["take"].isEnabled()


def test_files_and_folders_are_dropped(qtbot: QtBot, page: RosterImportPage, roster: Path) -> None:
    write(roster.with_name("山头村.xlsx"), [["李四", number(7), None, None, None]])
    roster.with_name("说明.txt").write_text("x")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(roster.parent))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.files.dropEvent(drop)
    idle(qtbot, page.desk)
    assert page.files.view.rows.rowCount() == 2


def test_it_can_be_stopped(qtbot: QtBot, page: RosterImportPage, tmp_path: Path) -> None:
    """A list long enough not to be done before it hears of it."""
    file = write(tmp_path / "全镇.xlsx", [["张建国", number(1 + n % 900), None, None, None] for n in range(3_000)])
    to_mapping(qtbot, page, file)
    began: list[Any] = []
    page.desk.operations.began.connect(began.append)
    page.check()
    assert not page.acts["check"].isEnabled()
    began[0].stop()
    idle(qtbot, page.desk)
    assert page._at == MAPPING
    assert page.acts["check"].isEnabled()


def test_links_bring_files_along_and_who_may_not_is_told(
    show: Show, empty_desk: Desk, qtbot: QtBot, roster: Path
) -> None:
    page: RosterImportPage = show(RosterImportPage, empty_desk, "", files=[str(roster)])
    assert page.files.view.rows.rowCount() == 1
    empty_desk.station.roles = ("administrator",)
    other: RosterImportPage = show(RosterImportPage, empty_desk, "", files=[str(roster)])
    assert "您的岗位不能导入名单" in other.banner.text()
    assert not other.files.pick.isEnabled()


@pytest.mark.parametrize("percent", [100, 200])
def test_every_step_at_every_size(
    qtbot: QtBot, show: Show, empty_desk: Desk, roster: Path, qapp: QApplication, percent: int
) -> None:
    look.dress(qapp, percent)
    write(roster.with_name("去年.xlsx"), [["张三", number(1), "x" * 200]], ("谁", "证" * 30, "怎么找"))
    page: RosterImportPage = show(RosterImportPage, empty_desk)
    page.resize(1098, 537) if percent == 200 else page.resize(1200, 640)
    to_mapping(qtbot, page, roster, roster.with_name("去年.xlsx"))
    assert faults(page) == []
    page.mapping.sets.setCurrentIndex(1)
    idle(qtbot, empty_desk)
    assert faults(page) == []
    page.check()
    idle(qtbot, empty_desk)
    assert faults(page) == []
    page.take_in()
    idle(qtbot, empty_desk)
    assert page._at == DONE
    assert faults(page) == []
    assert page.minimumSizeHint().width() <= 1098
    assert page.minimumSizeHint().height() <= 560


def test_a_block_is_pasted_and_taken_in(qtbot: QtBot, page: RosterImportPage) -> None:
    QApplication.clipboard().setText("没有表格")
    page.files.paste.click()
    idle(qtbot, page.desk)
    assert "剪贴板里没有表格" in page.banner.text()
    people = ("张建国", "李四光", "王小五")
    lines = [f"{name}\t{number(n)}\t1640000000{n}\t村里补的" for n, name in enumerate(people)]
    QApplication.clipboard().setText("\r\n".join(lines))
    page.files.view.setFocus()
    qtbot.keyClick(page.files.view, Qt.Key.Key_V, CTRL)
    idle(qtbot, page.desk)
    assert page.banner.text() == ""
    assert page.files.word.text() == "1 个文件, 4 行, 都认得表头。"
    assert page.desk.memory.note("folder.import", "") == ""
    (file,) = page._files
    page.acts["next"].trigger()
    idle(qtbot, page.desk)
    choice: QComboBox = control(page, "roster_import.map.4")
    choice.setCurrentIndex(choice.findData("note"))
    page.check()
    idle(qtbot, page.desk)
    assert page._done is not None
    assert page._done.added == 3
    page.take_in()
    idle(qtbot, page.desk)
    assert acts(page)[0].startswith("导入名单(粘贴的名单1(")
    page.begin()
    assert not file.exists(), "what was pasted does not stay on the disk in clear"
