"""Looking into files of rosters: headings with their proposed fields, what cannot be read, nothing taken."""

import random
from pathlib import Path

import pytest

from app import clock
from app.documents import workbook
from app.errors import Refused
from app.rules import headings, made_up, made_up_sheets
from app.services import importing, roster_columns, roster_files
from app.services.exporting import Exporting
from app.services.people import People
from app.services.station import Station

VILLAGE = "361002100201"


def write(path: Path, rows: list[list[workbook.Cell]], labels: list[str], title: str = "") -> Path:
    path.write_bytes(workbook.table(labels, rows, title=title))
    return path


def test_headings_fields_and_first_values(station: Station, tmp_path: Path) -> None:
    rows: list[list[workbook.Cell]] = [["1", "张三", "16400000001", "甲"], ["2", "李四", "16400000002", "乙"]]
    file = write(tmp_path / "a.xlsx", rows, ["序号", "姓 名", "联系电话", "备用栏"], title="名单")
    (look,) = roster_files.look(station, [file])
    (sheet,) = look.sheets
    assert (look.rows, look.usable, sheet.recognised, sheet.returned) == (4, True, True, False)
    assert [(one.label, one.field, one.sure) for one in sheet.headings] == [
        ("序号", "serial", 100), ("姓 名", "name", 100), ("联系电话", "phone", 100), ("备用栏", "", 0),
    ]  # fmt: skip
    assert sheet.headings[1].samples == ("张三", "李四")
    other = write(tmp_path / "b.xlsx", [["王五", "1", "x", ""]], ["姓名", "序号", "备用栏", "联系电话"])
    assert roster_files.look(station, [other])[0].sheets[0].key == sheet.key


def test_what_is_not_recognised_is_offered_for_hand_work(station: Station, tmp_path: Path) -> None:
    rows: list[list[workbook.Cell]] = [["张三", "11010519491231002X", "16400000001"]]
    file = write(tmp_path / "c.xlsx", rows, ["谁", "证", "怎么找"], title="去年的")
    (look,) = roster_files.look(station, [file])
    assert not look.usable
    assert [one.label for one in look.sheets[0].headings] == ["谁", "证", "怎么找"]
    assert look.sheets[0].headings[0].samples == ("张三",)
    mapping = {"谁": "name", "证": "id_number", "怎么找": "phone"}
    assert importing.rehearse(station, [file], mapping).added == 1
    done = importing.take_in(station, [file], mapping)
    (row,) = [one for one in done.rows if one.fate == "added"]
    assert (row.name, People(station).show(row.person).fields["phone"]) == ("张三", "16400000001")


def test_a_file_that_cannot_be_read_stops_no_other(station: Station, tmp_path: Path) -> None:
    good = write(tmp_path / "a.xlsx", [["张三", "1", "2"]], ["姓名", "性别", "备注"])
    bad = tmp_path / "b.xlsx"
    bad.write_bytes(b"no workbook")
    gone = tmp_path / "c.xlsx"
    looks = roster_files.look(station, [bad, good, gone])
    assert [look.usable for look in looks] == [False, True, False]
    assert "不是" in looks[0].problem
    assert "没有找到文件" in looks[2].problem


def test_a_messy_workbook_and_a_list_that_comes_home(station: Station, tmp_path: Path) -> None:
    chance = random.Random(5)
    people = made_up.people(30, chance, [VILLAGE], today=clock.today())
    sheet = made_up_sheets.messy_sheet(people, chance, village="石鼓村", today=clock.today())
    file = tmp_path / "石鼓村.xlsx"
    file.write_bytes(workbook.messy([sheet]))
    (look,) = roster_files.look(station, [file])
    assert {one.field for one in look.sheets[0].headings} >= {"name", "id_number", "phone", "class12"}
    done = importing.take_in(station, [file], {})
    assert done.pending
    assert all(row.name for row in done.rows if row.fate == "added")
    home = tmp_path / "待核.xlsx"
    Exporting(station).pendings(home)
    assert roster_files.look(station, [home])[0].sheets[0].returned


def test_every_field_has_words(station: Station) -> None:
    found = dict(roster_columns.fields())
    assert set(found) == set(headings.LABELS)
    assert len(set(found.values())) == len(found)
    assert found["serial"] == "序号(只看不存)"
    station.roles = ()
    with pytest.raises(Refused):
        roster_files.look(station, [])
