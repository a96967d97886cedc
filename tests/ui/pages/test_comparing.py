"""Lists against the register by keyboard: heaps, what each row says, the act it starts; nothing is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.documents import workbook
from app.rules import id_number
from app.services.history import History
from app.services.people import People
from app.ui.kit import look
from app.ui.kit.form_window import FormWindow
from app.ui.kit.page import Desk, Link
from app.ui.kit.printing import Preview
from app.ui.pages.comparing import ComparingPage
from app.ui.pages.comparing.page import FILES, MAPPING, RESULT, STALE
from app.ui.pages.person import PersonPage
from app.ui.pages.person_form import PersonFormPage
from app.ui.shell.window import MainWindow
from tests.ui.conftest import VILLAGE, idle
from tests.ui.looking import control, doubled_keys, faults, get

Show = Callable[..., Any]
CTRL = Qt.KeyboardModifier.ControlModifier
HEADINGS = ("姓名", "身份证号", "手机", "死亡日期")
LONG = "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕"


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def write(path: Path, rows: list[list[workbook.Cell]], headings: tuple[str, ...] = HEADINGS) -> Path:
    path.write_bytes(workbook.table(headings, rows, title="名单"))
    return path


@pytest.fixture
def persons(empty_desk: Desk) -> dict[str, str]:
    """A dead man's card still open, one whose phone is another, two of one name, one nobody's list has."""
    people = People(empty_desk.station)

    def add(name: str, **values: str) -> str:
        return people.add({"division": VILLAGE, "name": name, **values}).id

    return {
        "dead": add("张建国", id_number=number(915)),
        "phone": add("龚䶮", id_number=number(51, "19710101"), phone="16400000001"),
        "twin": add("李强", no_id_reason="pending", birth_date="1960-01-01"),
        "twin2": add("李强", no_id_reason="pending", birth_date="1960-01-01"),
        "alone": add(LONG, id_number=number(77, "19690101"), class12="02"),
    }


def to_result(qtbot: QtBot, page: ComparingPage, *files: Path) -> None:
    page.add_files(list(files))
    idle(qtbot, page.desk)
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)
    assert page._at == MAPPING
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    idle(qtbot, page.desk)


def choose(page: ComparingPage, kind: str) -> None:
    page.kind.setCurrentIndex(page.kind.findData(kind))


def row(page: ComparingPage, name: str, heap: str) -> None:
    page.results.heaps[heap].click()
    rows = page.results.view.rows
    place = next(n for n in range(rows.rowCount()) if rows.text(n, 0) == name)
    page.results.view.choose(rows.id_at(place))


def test_deaths_from_the_file_to_the_act(
    qtbot: QtBot, show: Show, empty_desk: Desk, persons: dict[str, str], tmp_path: Path
) -> None:
    went: list[Link] = []
    page: ComparingPage = show(ComparingPage, empty_desk)
    page.wanted.connect(went.append)
    assert page.kind.hasFocus()
    assert page.kind.currentData() == "deaths"
    assert page._at == FILES
    file = write(tmp_path / "殡葬.xlsx", [
        ["张建国", number(915), None, "2026-10-02"],
        ["外乡人", number(33, "19400101"), "16400000009", "2026-10-03"],
        ["李强", None, None, None],
        ["合计", "3", None, None],
    ])  # fmt: skip
    acts = len(History(empty_desk.station).acts())
    page.add_files([file])
    idle(qtbot, empty_desk)
    assert faults(page) == []
    page.acts["next"].trigger()
    idle(qtbot, empty_desk)
    assert faults(page) == []
    page.acts["compare"].trigger()
    idle(qtbot, empty_desk)
    assert page._at == RESULT
    sentence = page.results.sentence.text()
    assert "内容不同 1, 只在名单 1, 说不准 1" in sentence
    assert "只在本库" not in sentence, "nobody is asked for in a list of the dead"
    assert page.results.heaps["differing"].isChecked()
    assert not page.results.heaps["only_here"].isEnabled()
    assert page.results.view.hasFocus()
    assert page.acts["act"].text() == "登记去世(&O)"
    assert faults(page) == []
    assert doubled_keys(page) == []
    qtbot.keyClick(page.results.view, Qt.Key.Key_Return)
    assert went.pop() == Link("person", f"{persons['dead']}/death", {"death_date": "2026-10-02"})
    row(page, "外乡人", "only_list")
    qtbot.keyClick(page.results.view, Qt.Key.Key_Return)
    link = went.pop()
    assert (link.page, link.about) == ("person_form", "")
    assert link.facts["values"] == {"name": "外乡人", "id_number": number(33, "19400101"), "phone": "16400000009"}
    row(page, "李强", "unclear")
    assert page.acts["act"].text() == "看是不是同一人(&O)"
    qtbot.keyClick(page.results.view, Qt.Key.Key_Return)
    assert went.pop() == Link("same_persons", " ".join(sorted((persons["twin"], persons["twin2"]))))
    assert len(History(empty_desk.station).acts()) == acts, "nothing was written"


def test_a_list_of_the_dead_needs_no_column_of_days(
    qtbot: QtBot, show: Show, empty_desk: Desk, persons: dict[str, str], tmp_path: Path
) -> None:
    went: list[Link] = []
    page: ComparingPage = show(ComparingPage, empty_desk)
    page.wanted.connect(went.append)
    file = write(tmp_path / "停保.xlsx", [["张建国", number(915)]], HEADINGS[:2])
    to_result(qtbot, page, file)
    page.acts["act"].trigger()
    assert went.pop() == Link("person", f"{persons['dead']}/death", {"death_date": ""})
    choose(page, "village")
    page.acts["again"].trigger()
    idle(qtbot, empty_desk)
    assert page.results.heaps["both"].text() == "双方都有 1", "who stands on a village's list has not died by it"


def test_a_village_list_says_who_is_missing_and_what_differs(
    qtbot: QtBot, show: Show, empty_desk: Desk, persons: dict[str, str], tmp_path: Path
) -> None:
    went: list[Link] = []
    page: ComparingPage = show(ComparingPage, empty_desk)
    page.wanted.connect(went.append)
    choose(page, "village")
    file = write(tmp_path / "村.xlsx", [["龚䶮", number(51, "19710101"), "16400000002", None]])
    to_result(qtbot, page, file)
    assert "只在本库 4 人" in page.results.sentence.text()
    row(page, "龚䶮", "differing")
    assert "手机: 名单“164****0002”, 本库“164****0001”" in page.results.text.text()
    page.acts["act"].trigger()
    link = went.pop()
    assert (link.page, link.about) == ("person_form", persons["phone"])
    assert "“村.xlsx”第 3 行" in link.facts["word"]
    assert "名单“16400000002”" in link.facts["word"], "what is to be put right is read out in full"
    row(page, LONG, "only_here")
    page.acts["act"].trigger()
    assert went.pop() == Link("person", persons["alone"])
    assert faults(page) == []
    People(empty_desk.station).change(persons["phone"], {"phone": "16400000002"})
    idle(qtbot, empty_desk)
    assert page.banner.text() == STALE
    qtbot.keyClick(page, Qt.Key.Key_F5)
    idle(qtbot, empty_desk)
    assert page.results.heaps["both"].text() == "双方都有 1"
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page._at == FILES
    page.among.setCurrentIndex(page.among.findData("class:02"))
    page.acts["next"].trigger()
    page.acts["compare"].trigger()
    idle(qtbot, empty_desk)
    assert page.results.heaps["only_here"].text() == "只在本库 1"


def test_columns_nobody_knows_are_mapped_and_remembered(
    qtbot: QtBot, show: Show, empty_desk: Desk, persons: dict[str, str], tmp_path: Path
) -> None:
    page: ComparingPage = show(ComparingPage, empty_desk)
    file = write(tmp_path / "医保.xlsx", [["张建国", number(915), "x", None]], ("谁", "证", "别的", "去世日期"))
    page.add_files([file])
    idle(qtbot, empty_desk)
    page.acts["next"].trigger()
    idle(qtbot, empty_desk)
    page.acts["compare"].trigger()
    assert "要有身份证号, 或姓名和另外一列" in page.banner.text()
    for place, field in ((1, "name"), (2, "id_number")):
        choice = control(page, f"comparing.map.{place}")
        choice.setCurrentIndex(choice.findData(field))
    assert page.banner.text() == ""
    page.acts["compare"].trigger()
    idle(qtbot, empty_desk)
    assert page._at == RESULT
    assert page.results.current is not None
    assert page.results.current.here is not None
    assert page.results.current.here.id == persons["dead"]
    assert page.results.current.name == "张建国"


def test_it_is_printed_and_exported(
    qtbot: QtBot, show: Show, empty_desk: Desk, persons: dict[str, str], tmp_path: Path
) -> None:
    del persons
    page: ComparingPage = show(ComparingPage, empty_desk)
    to_result(qtbot, page, write(tmp_path / "殡葬.xlsx", [["张建国", number(915), None, "2026-10-02"]]))
    qtbot.keyClick(page, Qt.Key.Key_P, CTRL)
    idle(qtbot, empty_desk)
    (preview,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, Preview) and one.isVisible()]
    qtbot.waitUntil(lambda: bool(preview.pages))
    preview.close()
    file = tmp_path / "结果.xlsx"
    page.write_to(file, full=False)
    idle(qtbot, empty_desk)
    sheets = {sheet.name: sheet for sheet in workbook.read_file(file)}
    assert {"内容不同", "只在名单", "只在本库"} <= set(sheets)
    assert any(number(915)[-4:] in str(cell) for one in sheets["内容不同"].rows for cell in one)
    assert not any(number(915) in str(cell) for one in sheets["内容不同"].rows for cell in one)


def test_what_is_no_list_is_said(qtbot: QtBot, show: Show, empty_desk: Desk, tmp_path: Path) -> None:
    page: ComparingPage = show(ComparingPage, empty_desk)
    bad = tmp_path / "照片.xlsx"
    bad.write_bytes(b"\xff\xd8\xff")
    page.add_files([bad])
    idle(qtbot, empty_desk)
    assert "这不是 Excel" in page.files.view.rows.text(0, 2)
    assert not page.acts["next"].isEnabled()
    page.files.view.choose(str(bad))
    qtbot.keyClick(page.files.view, Qt.Key.Key_Delete)
    good = write(tmp_path / "a.xlsx", [["张三", number(1), None, None]])
    page.add_files([good])
    idle(qtbot, empty_desk)
    page.acts["next"].trigger()
    idle(qtbot, empty_desk)
    good.unlink()
    page.acts["compare"].trigger()
    idle(qtbot, empty_desk)
    assert "没有找到文件" in page.banner.text()
    assert page._at == MAPPING


def test_the_forms_take_what_the_list_says(
    qtbot: QtBot, open_window: Callable[..., MainWindow], tmp_path: Path
) -> None:
    window = open_window("village")
    people = People(window.desk.station)
    known = people.add({"division": VILLAGE, "name": "张建国", "id_number": number(915)}).id
    window.go(
        Link("person_form", "", {"values": {"name": "外乡人", "id_number": number(925)}, "word": "名单比对: 没有"})
    )
    idle(qtbot, window.desk)
    form = window.page
    assert isinstance(form, PersonFormPage)
    raw = form.form.raw()
    assert (raw["name"], raw["birth_date"], raw["division"]) == ("外乡人", "1956-03-12", VILLAGE)
    assert form.banner.text() == "名单比对: 没有"
    form.form.editor("phone").setFocus()
    qtbot.keyClicks(form.form.editor("phone"), "16400000005")
    window.go(Link("person_form"))
    idle(qtbot, window.desk)
    assert form.form.raw()["name"] == "", "what a list brought along is not mixed into another person's form"
    (draft,) = window.desk.memory.drafts()
    page, _, about = draft.place.partition(":")
    window.go(Link(page, about))
    idle(qtbot, window.desk)
    assert (form.form.raw()["name"], form.form.raw()["phone"]) == ("外乡人", "16400000005")

    window.go(Link("person", f"{known}/death", {"death_date": "2026-10-02"}))
    idle(qtbot, window.desk)
    assert isinstance(window.page, PersonPage)
    asked = get(window, FormWindow, "person.death")
    assert asked.form.raw()["death_date"] == "2026-10-02"
    qtbot.keyClick(asked, Qt.Key.Key_S, CTRL)
    idle(qtbot, window.desk)
    assert people.show(known).fields["death_date"] == "2026-10-02"


@pytest.mark.parametrize("percent", [100, 200])
def test_many_rows_at_every_size(
    qtbot: QtBot, qapp: QApplication, show: Show, many_desk: Desk, tmp_path: Path, percent: int
) -> None:
    look.dress(qapp, percent)
    page: ComparingPage = show(ComparingPage, many_desk)
    choose(page, "village")
    rows: list[list[workbook.Cell]] = [[LONG, number(n, "19400101"), None, None] for n in range(1, 300)]
    to_result(qtbot, page, write(tmp_path / "一份名字很长很长的医保参保人员比对名单二〇二六年.xlsx", rows))
    assert page._at == RESULT
    assert faults(page) == []
    page.results.heaps["only_here"].click()
    assert page.results.view.rows.rowCount() > 2_500
    assert faults(page) == []
    assert page.width() == 1240
