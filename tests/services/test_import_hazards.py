"""Rosters as they come: every hazard has a file built here and is asserted row by row; hostile files are refused in words.

What waits keeps its cells, what is tidied is said, what is no person is named; nothing is lost and nothing is guessed.
"""

import datetime as dt
import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from app import clock
from app.documents import workbook
from app.errors import BadInput
from app.models import Group, PendingRow, Person, PersonService
from app.rules import id_number, pasted
from app.services.comparing import Comparing
from app.services.history import History
from app.services.importing import Imported, Importing
from app.services.pendings import Pendings
from app.services.station import Station
from app.services.village_lists import VillageLists
from tests.documents import old_excel
from tests.documents.test_workbook import ods, repacked

LABELS = ("姓名", "身份证号", "联系电话", "入伍时间")
Row = Sequence[workbook.Cell]


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def book(
    path: Path,
    rows: Sequence[Row],
    labels: Row = LABELS,
    change: Callable[[openpyxl.Workbook, Any], None] | None = None,
) -> Path:
    """An .xlsx as openpyxl writes it, without any of our own formats."""
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    for row in [labels, *rows]:
        page.append(list(row))
    if change is not None:
        change(made, page)
    made.save(path)
    return path


def bring(station: Station, file: Path) -> Imported:
    clock.set_now(dt.datetime(2026, 11, 23, 9, tzinfo=clock.CHINA))
    done = Importing(station).run([file])
    assert (
        done.read == done.added + done.changed + done.same + done.asked + done.pending + done.dropped == len(done.rows)
    )
    return done


def fates(done: Imported) -> list[str]:
    return [row.fate for row in done.rows]


def stored(station: Station, *names: str) -> dict[str, tuple[str | None, ...]]:
    with station.db.read() as session:
        return {p.name: tuple(getattr(p, name) for name in names) for p in session.scalars(select(Person))}


def enlisted(station: Station) -> dict[str, str | None]:
    with station.db.read() as session:
        query = select(Person.name, PersonService.enlisted).join(PersonService, PersonService.person == Person.id)
        return {row[0]: row[1] for row in session.execute(query)}


# -- containers -------------------------------------------------------------------------------------------------------


def as_ods(rows: Sequence[Row]) -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    empty = "<table:table-cell/>"
    lines = ["".join(empty if value is None else cell.format(value) for value in row) for row in rows]
    return ods("".join(f"<table:table-row>{line}</table:table-row>" for line in lines))


@pytest.mark.parametrize("name", ["村.xlsx", "村.xls", "村.ods", "村.et"])
def test_every_kind_of_workbook_reads_the_same(station: Station, tmp_path: Path, name: str) -> None:
    rows: list[list[str | float | None]] = [
        ["桥头村退役军人花名册", None, None, None],
        list(LABELS),
        ["张建国", number(1), "13800138000", "1979.12"],
        ["李四", "361002195603129000", None, None],
        ["合计", None, "2人", None],
    ]
    path = tmp_path / name
    if name.endswith(".xlsx"):
        book(path, rows[1:], rows[0])
    else:
        path.write_bytes(as_ods(rows) if name.endswith(".ods") else old_excel.xls(rows))
    done = bring(station, path)
    assert fates(done) == ["dropped", "dropped", "added", "pending", "dropped"]
    assert "丢了后三位" in done.rows[3].text
    assert stored(station, "id_number", "phone") == {"张建国": (number(1), "13800138000")}
    assert enlisted(station) == {"张建国": "1979-12"}


def test_numbers_in_an_old_workbook_are_numbers(station: Station, tmp_path: Path) -> None:
    path = tmp_path / "村.xls"
    rows: list[list[str | float | None]] = [
        list(LABELS),
        ["张建国", number(1), 13800138000.0, 1979.12],
        ["李四", float(number(2)), None, None],
        ["王五", float(number(3)[:6] + number(3)[8:17]), None, 29194.0],
    ]
    path.write_bytes(old_excel.xls(rows))
    done = bring(station, path)
    assert fates(done) == ["dropped", "added", "pending", "added"]
    assert "丢了后三位" in done.rows[2].text
    assert stored(station, "id_number", "phone") == {"张建国": (number(1), "13800138000"), "王五": (number(3), None)}
    assert enlisted(station) == {"张建国": "1979-12", "王五": "1979-12-05"}


def test_several_sheets_hidden_and_empty_ones(station: Station, tmp_path: Path) -> None:
    def more(made: openpyxl.Workbook, _page: Any) -> None:
        second = made.create_sheet("二组")
        second.append(["二组名单"])
        second.append(list(LABELS))
        second.append(["李四", number(2), None, None])
        made.create_sheet("空")
        notes = made.create_sheet("说明")
        notes.append(["填表说明"])
        hidden = made.create_sheet("藏")
        hidden.append(list(LABELS))
        hidden.append(["王五", number(3), None, None])
        hidden.sheet_state = "hidden"

    done = bring(station, book(tmp_path / "村.xlsx", [["张建国", number(1), None, None]], change=more))
    assert [(row.sheet, row.row, row.fate, row.text) for row in done.rows] == [
        ("Sheet", 1, "dropped", "表头"), ("Sheet", 2, "added", ""),
        ("二组", 1, "dropped", "标题"), ("二组", 2, "dropped", "表头"), ("二组", 3, "added", ""),
        ("说明", 1, "dropped", "没有认出表头"),
        ("藏", 1, "dropped", "隐藏的工作表"), ("藏", 2, "dropped", "隐藏的工作表"),
    ]  # fmt: skip
    assert set(stored(station)) == {"张建国", "李四"}


def test_titles_merged_headings_and_merged_cells(station: Station, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    page = made.worksheets[0]
    for row in (
        ["桥头村退役军人和其他优抚对象花名册"],
        ["填报单位: 桥头村", None, None, None, "2026年11月"],
        ["村民组", "姓名", "身份证号", "服役情况", None],
        [None, None, None, "入伍时间", "退役时间"],
        ["一组", "张建国", number(1), "1979.12", "1983.1"],
        [None, "李四", number(2), None, None],
        ["二组", "王五", number(3), None, None],
    ):
        page.append(row)
    for area in ("A1:E1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "A5:A6"):
        page.merge_cells(area)
    path = tmp_path / "村.xlsx"
    made.save(path)
    done = bring(station, path)
    assert fates(done) == ["dropped"] * 4 + ["added"] * 3
    assert stored(station, "village_group") == {"张建国": ("一组",), "李四": ("一组",), "王五": ("二组",)}
    assert enlisted(station) == {"张建国": "1979-12"}


def test_one_person_merged_over_two_rows_is_asked_about(station: Station, tmp_path: Path) -> None:
    def merged(_made: openpyxl.Workbook, page: Any) -> None:
        page.merge_cells("A2:A3")
        page.merge_cells("B2:B3")

    rows: list[Row] = [["张建国", number(1), "13800138000", None], [None, None, "13900139000", None]]
    done = bring(station, book(tmp_path / "村.xlsx", rows, change=merged))
    assert fates(done) == ["dropped", "added", "pending"]
    assert "与第 2 行相同" in done.rows[2].text
    (waiting,) = Pendings(station).waiting()
    assert waiting.cells["联系电话"] == "13900139000"


# -- cells ------------------------------------------------------------------------------------------------------------


def test_six_and_more_ways_of_writing_a_number(station: Station, tmp_path: Path) -> None:
    n = [number(k) for k in range(1, 9)]
    written: list[workbook.Cell] = [
        n[0], f"{n[1][:6]} {n[1][6:14]} {n[1][14:]}", f"'{n[2]}", f"{n[3]}\u00a0", f"{n[4][:6]}-{n[4][6:14]}-{n[4][14:]}",
        "".join(chr(ord(char) + 0xFEE0) for char in n[5]), n[6].lower(), n[7][:6] + n[7][8:17],
    ]  # fmt: skip
    names = [f"张{word}" for word in "甲乙丙丁戊己庚辛"]
    rows: list[Row] = [[name, cell, None, None] for name, cell in zip(names, written, strict=True)]
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert fates(done) == ["dropped", *["added"] * 8]
    assert [stored(station, "id_number")[name][0] for name in names] == n
    assert "由 15 位旧号码换算成 18 位" in done.rows[8].text


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (361002195603120019, "丢了后三位"),
        (361002195603120000.0, "丢了后三位"),
        ("3.61002195603120E+17", "丢了后三位"),
        ("361002195603129000", "丢了后三位"),
        ("361002195603120010", "最后一位对不上"),
        ("36100219560312001", "这里是 17 位"),
        ("36100219561312001X", "出生日期 1956-13-12 不存在"),
        ("991002195603120019", "不是省份代码"),
        ("36100219560312O019", "第 15 位是“O”"),
        (f"{number(1)}/{number(2)}", "应当是数字"),
        ("#N/A", "没有填身份证号"),
        (None, "没有填身份证号"),
    ],
)
def test_a_number_that_cannot_be_used_waits_with_its_cells(
    station: Station, tmp_path: Path, cell: workbook.Cell, said: str
) -> None:
    done = bring(station, book(tmp_path / "村.xlsx", [["张建国", cell, "13800138000", "1979.12"]]))
    assert fates(done) == ["dropped", "pending"]
    assert (done.rows[1].column, said in done.rows[1].text) == ("身份证号", True)
    (waiting,) = Pendings(station).waiting()
    assert (waiting.cells["姓名"], waiting.cells["联系电话"]) == ("张建国", "13800138000")
    assert stored(station) == {}


def test_ways_of_writing_a_date(station: Station, tmp_path: Path) -> None:
    ways: list[tuple[workbook.Cell, str | None]] = [
        ("1979", "1979"), (1979, "1979"), ("1979年", "1979"), ("79.12", "1979-12"), (79.12, "1979-12"),
        ("1979.12", "1979-12"), (1979.12, "1979-12"), ("1979年12月", "1979-12"), ("1979-12", "1979-12"),
        ("197912", "1979-12"), ("一九七九年十二月", "1979-12"), ("1979.00", "1979"), ("1979.12.5", "1979-12-05"),
        ("1979年12月5日", "1979-12-05"), ("1979/12/05", "1979-12-05"), (19791205, "1979-12-05"), (29194, "1979-12-05"),
        (dt.date(1979, 12, 5), "1979-12-05"), (1979.1, None), ("1979年冬季", None), ("12/5/1979", None), ("1979.13", None),
    ]  # fmt: skip
    rows: list[Row] = [[f"张{chr(0x4E00 + k)}", number(k), None, cell] for k, (cell, _) in enumerate(ways, start=1)]
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert fates(done)[1:] == ["added" if value else "pending" for _, value in ways]
    known = enlisted(station)
    for row, (cell, value) in zip(rows, ways, strict=True):
        assert known.get(str(row[0])) == value, cell
    ambiguous = next(row for row in done.rows if "10 月" in row.text)
    assert (ambiguous.fate, ambiguous.column) == ("pending", "入伍时间")
    assert "年份只写了两位“79”" in done.rows[4].text
    assert "Excel 的日期序号" in done.rows[17].text


def test_phones(station: Station, tmp_path: Path) -> None:
    ways: list[tuple[workbook.Cell, tuple[str | None, str | None] | None]] = [
        ("13800138000 13900139000", ("13800138000", "13900139000")),
        ("13800138000/13900139000", ("13800138000", "13900139000")),
        ("13800138000、0794-8262123", ("13800138000", "0794-8262123")),
        ("13800138000\n13900139000", ("13800138000", "13900139000")),
        ("1380013800013900139000", ("13800138000", "13900139000")),
        ("138 0013 8000", ("13800138000", None)),
        ("+86 138-0013-8000", ("13800138000", None)),
        (13800138000, ("13800138000", None)),
        ("无", (None, None)),
        ("1380013800", None),
        ("儿子13800138000", None),
        (7948262123, None),
    ]
    rows: list[Row] = [[f"张{chr(0x4E00 + k)}", number(k), cell, None] for k, (cell, _) in enumerate(ways, start=1)]
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert fates(done)[1:] == ["added" if numbers else "pending" for _, numbers in ways]
    known = stored(station, "phone", "phone2")
    for row, (cell, numbers) in zip(rows, ways, strict=True):
        assert known.get(str(row[0])) == numbers, cell


def test_a_third_phone_goes_to_the_note(station: Station, tmp_path: Path) -> None:
    bring(station, book(tmp_path / "村.xlsx", [["张建国", number(1), "13800138000 13900139000 13700137000", None]]))
    assert stored(station, "note") == {"张建国": ("其他电话: 13700137000",)}


def test_names_padded_to_a_width(station: Station, tmp_path: Path) -> None:
    rows: list[Row] = [
        ["张\u3000三", number(1), None, None],
        [" 李 四 ", number(2), None, None],
        ["王五\n", number(3), None, None],
        ["古丽•买买提", number(4), None, None],
        ["赵?六", number(5), None, None],
        ["龚\ue000", number(6), None, None],
    ]
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert fates(done)[1:] == ["added"] * 4 + ["pending"] * 2
    assert set(stored(station)) == {"张三", "李四", "王五", "古丽·买买提"}
    assert "已经变成“?”" in done.rows[5].text
    assert "自造字" in done.rows[6].text


def test_names_in_pieces_and_with_more_in_the_cell(station: Station, tmp_path: Path) -> None:
    rows: list[Row] = [
        ["张 建 国", number(1), None, None],
        ["李 建国", number(2), None, None],
        ["欧阳 建国", number(3), None, None],
        ["王五(已故)", number(4), None, None],
        ["赵六2", number(5), None, None],
        ["孙七一 周八二", number(6), None, None],
        ["吴九、郑十", number(7), None, None],
        ["买买提·艾力", number(8), None, None],
        ["冯十一【军属】", number(9), None, None],
    ]
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert fates(done)[1:] == ["added"] * 3 + ["pending"] * 4 + ["added", "pending"]
    assert set(stored(station)) == {"张建国", "李建国", "欧阳建国", "买买提·艾力"}
    said = [row.text for row in done.rows]
    assert ["括号" in said[4], "数字" in said[5], "2 个姓名" in said[6], "2 个姓名" in said[7], "括号" in said[9]] == [
        True
    ] * 5
    with station.db.read() as session:
        kept = [row.cells for row in session.scalars(select(PendingRow).order_by(PendingRow.row))]
    assert "王五(已故)" in kept[0]


def test_hidden_rows_are_taken_and_named(station: Station, tmp_path: Path) -> None:
    rows: list[Row] = [["张三", number(1), None, None], ["李四", number(2), None, None], ["王五", "36", None, None]]

    def hide(_book: openpyxl.Workbook, page: Any) -> None:
        page.row_dimensions[3].hidden = page.row_dimensions[4].hidden = True

    done = bring(station, book(tmp_path / "村.xlsx", rows, change=hide))
    assert fates(done) == ["dropped", "added", "added", "pending"]
    assert ["这一行在表里是隐藏的" in row.text for row in done.rows] == [False, False, True, True]
    assert done.hidden == 2
    assert "其中表里隐藏的 2 行" in done.sentence
    # The same in the other kinds of file.
    lines = "".join(
        f'<table:table-row{hidden}><table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
        "</table:table-row>"
        for name, hidden in (("一", ""), ("二", ' table:visibility="collapse"'), ("三", ' table:visibility="filter"'))
    )
    (sheet,) = workbook.read(ods(lines))
    assert sheet.hidden_rows == {2, 3}
    (sheet,) = workbook.read(old_excel.xls([["甲"], ["乙"], ["丙"]], hidden=(1,), error=(2, 1, 0x17)))
    assert (set(sheet.hidden_rows), sheet.rows[2], set(sheet.errors)) == ({2}, ["丙", "#REF!"], {(3, 1)})


def test_cells_in_error_are_kept_and_said(station: Station, tmp_path: Path) -> None:
    def spoil(_book: openpyxl.Workbook, page: Any) -> None:
        for place, text in {"C2": "#REF!", "B3": "#N/A", "A4": "#NAME?", "D5": "#VALUE!"}.items():
            page[place] = text
            page[place].data_type = "e"

    rows: list[Row] = [
        ["张三", number(1), None, "1979-12"],
        ["李四", None, "13800138000", None],
        [None, number(3), None, None],
        ["王五", number(4), None, None],
        ["赵六", number(5), "#REF!", None],
    ]
    done = bring(station, book(tmp_path / "村.xlsx", rows, change=spoil))
    assert fates(done)[1:] == ["added", "pending", "pending", "added", "added"]
    for row, error in zip(done.rows[1:], ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#REF!"), strict=True):
        assert f"公式错误“{error}”" in row.text, row
    assert done.rows[1].column == "联系电话"
    assert stored(station, "phone") == {"张三": (None,), "王五": (None,), "赵六": (None,)}
    with station.db.read() as session:
        kept = [row.cells for row in session.scalars(select(PendingRow).order_by(PendingRow.row))]
    assert ["#N/A" in kept[0], "#NAME?" in kept[1]] == [True, True]


def test_formulas_without_a_value_are_named(station: Station, tmp_path: Path) -> None:
    """Written by a programme that works nothing out: the file holds the formula and no result."""

    def reckon(_book: openpyxl.Workbook, page: Any) -> None:
        page["C2"], page["B3"] = '="138"&"00138000"', '=CONCATENATE("36","1002")'
        for column in "ABCD":
            page[f"{column}4"] = f"={column}2"

    rows: list[Row] = [["张三", number(1), None, None], ["李四", None, None, None]]
    done = bring(station, book(tmp_path / "村.xlsx", rows, change=reckon))
    assert fates(done) == ["dropped", "added", "pending", "pending"]
    assert [row.text.count("没有存下结果") for row in done.rows] == [0, 1, 1, 4]
    assert stored(station, "phone") == {"张三": (None,)}


def test_feet_of_all_kinds_are_no_people(station: Station, tmp_path: Path) -> None:
    feet = (
        "审核:李主任", "桥头村民委员会(盖章)", "(公章)", "3人", "男:2人 女:1人", "其中:女1人", "共:3人", "复核人:王五",
        "制表人:", "填报单位(盖章):桥头村",
    )  # fmt: skip
    rows: list[Row] = [["张三", number(1), None, None], *([foot, None, None, None] for foot in feet)]
    rows += [["合计", None, "3人", None], [None, "男:2", "女:1", None], ["男小龙", number(2), None, None]]
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert fates(done) == ["dropped", "added", *["dropped"] * (len(feet) + 2), "added"]
    assert {row.text for row in done.rows[2:-1]} == {"落款", "合计行"}
    assert set(stored(station)) == {"张三", "男小龙"}


def test_a_block_from_the_clipboard(station: Station) -> None:
    clock.set_now(dt.datetime(2026, 11, 23, 9, tzinfo=clock.CHINA))
    block = (
        "\t".join(LABELS)
        + f'\r\n张 三\t{number(1)}\t"13800138000\n13900139000"\t1979.12\r\n李四\t36100219560312\t\t\r\n合计\t\t2人\t\r\n\r\n'
    )
    rehearsed = Importing(station).paste(block, rehearse=True)
    assert (fates(rehearsed), rehearsed.act) == (["dropped", "added", "pending", "dropped"], "")
    assert stored(station) == {}
    done = Importing(station).paste(block)
    assert fates(done) == fates(rehearsed)
    assert done.rows[2].file == "粘贴 2026-11-23 09:00"
    assert stored(station, "phone", "phone2") == {"张三": ("13800138000", "13900139000")}
    assert History(station).acts()[0].name == "导入名单(剪贴板)"
    # Without its headings the window says which column is what.
    more = Importing(station).paste(f"王五\t随便\t{number(3)}\n", columns=("name", "", "id_number"))
    assert fates(more) == ["added"]
    for wrong, columns in (("", ()), ("一格", ()), ("张三\t李四\n王五\t赵六", ()), ("张三\t李四", ("name", "colour"))):
        with pytest.raises(BadInput):
            Importing(station).paste(wrong, columns=columns)
    with pytest.raises(BadInput, match="太多"):
        Importing(station).paste("甲\t乙\n" * 2_000_001)


def test_quotes_on_the_clipboard() -> None:
    assert pasted.rows('甲\t"乙ab"\n"丙""丙"\t"丁\n丁\t"\n"开\t戊') == [
        ["甲", "乙ab"], ['丙"丙', "丁\n丁\t"], ['"开', "戊"],
    ]  # fmt: skip
    assert pasted.rows("甲\t\t乙\n\n丙") == [["甲", None, "乙"], [None] * 3, ["丙", None, None]]


def test_a_slip_in_the_number_is_asked_about_with_the_reasons(station: Station, tmp_path: Path) -> None:
    bring(station, book(tmp_path / "村.xlsx", [["张建国", number(1), "13800138000", None]]))
    slip = number(1, "19560321")
    done = bring(
        station,
        book(
            tmp_path / "又.xlsx", [["张建国", slip, "13800138000", None], ["张建国", number(2, "19700101"), None, None]]
        ),
    )
    assert fates(done) == ["dropped", "asked", "added"]
    assert "姓名相同" in done.rows[1].text
    assert "电话相同" in done.rows[1].text


def test_columns_of_the_whole_form_are_known(station: Station, tmp_path: Path) -> None:
    labels = ("姓名", "身份证号", "户口性质", "籍贯", "入党时间", "劳动能力", "供养方式", "邮编", "从业状况")
    rows: list[Row] = [
        ["张三", number(1), "农业", "江西临川", "1990.07", "部分丧失", "光荣院", 344000, "农民"],
        ["李四", number(2), "城里", None, "1990.7.1", None, None, None, None],
    ]
    done = bring(station, book(tmp_path / "村.xlsx", rows, labels))
    assert fates(done) == ["dropped", "added", "added"]
    assert "原文已放到备注里" in done.rows[2].text
    names = (
        "household_kind",
        "native_place",
        "joined_party",
        "work_ability",
        "support",
        "postcode",
        "occupation",
        "note",
    )
    assert stored(station, *names) == {
        "张三": ("1", "江西临川", "1990-07", "partial", "home_of_honour", "344000", "27", None),
        "李四": (None, None, "1990-07-01", None, None, None, None, "户口性质: 城里"),
    }
    again = bring(
        station,
        book(tmp_path / "又.xlsx", [["张三", number(1), "农村", None, "1990-07-15", None, None, None, None]], labels),
    )
    assert fates(again) == ["dropped", "changed"]
    assert stored(station, "joined_party")["张三"] == ("1990-07-15",)


def test_totals_feet_and_repeated_headings_are_no_people(station: Station, tmp_path: Path) -> None:
    rows: list[Row] = [
        ["张建国", number(1), None, None], [None, None, None, None], list(LABELS), ["李四", number(2), None, None],
        ["本页小计", None, "2人", None], ["合  计", None, 2, None], [None, "总计", None, None], ["共2人", None, None, None],
        ["以下空白", None, None, None], ["制表人: 甲", None, "审核人: 乙", None], ["填表日期: 2026.11", None, None, None],
        ["第1页 共1页", None, None, None], ["注: 本表一式两份", None, None, None],
    ]  # fmt: skip
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert [(row.row, row.text) for row in done.rows if row.fate == "dropped"] == [
        (1, "表头"), (3, "空行"), (4, "重复的表头"), (6, "合计行"), (7, "合计行"), (8, "合计行"), (9, "合计行"),
        (10, "落款"), (11, "落款"), (12, "落款"), (13, "落款"), (14, "落款"),
    ]  # fmt: skip
    assert set(stored(station)) == {"张建国", "李四"}


def test_a_second_table_with_other_columns_waits_and_is_not_misread(station: Station, tmp_path: Path) -> None:
    rows: list[Row] = [
        ["张建国", number(1), None, None],
        ["身份证号", "姓名", "入伍时间", "联系电话"],
        [number(2), "李四", "1979.12", "13800138000"],
    ]
    done = bring(station, book(tmp_path / "村.xlsx", rows))
    assert fates(done) == ["dropped", "added", "pending", "pending"]


# -- hostile files ----------------------------------------------------------------------------------------------------


def huge(part: str, size: int, *, said: int | None = None) -> bytes:
    """An .xlsx of about a thousandth of `size` whose one part unpacks to it; `said` is the size its directory claims."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush(zlib.Z_FINISH)
    again = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    assert block == again.compress(b" " * (1 << 20)) + again.flush(zlib.Z_FULL_FLUSH)
    packed = block * (size >> 20) + end
    name, claimed = part.encode(), size if said is None else said
    head = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0, 0, len(packed), claimed, len(name), 0) + name
    directory = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0, 0, len(packed), claimed, len(name), 0, 0, 0, 0, 0, 0
    ) + name  # fmt: skip
    finish = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(directory), len(head) + len(packed), 0)
    return head + packed + directory + finish


def with_entity(part: str, declared: bytes) -> bytes:
    made = io.BytesIO()
    openpyxl.Workbook().save(made)
    return repacked(made.getvalue(), part, lambda body: declared + body)


ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def locked_ods() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ods(""))) as source, zipfile.ZipFile(made, "w") as copy:
        for part in source.namelist():
            locked = b'<manifest><file-entry full-path="content.xml"><encryption-data/></file-entry></manifest>'
            copy.writestr(part, locked if part.startswith("META-INF") else source.read(part))
    return made.getvalue()


HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "bomb of 1 GB": ("村.xlsx", lambda: huge("xl/worksheets/sheet1.xml", 1 << 30), "大得不正常"),
    "bomb that lies": ("村.xlsx", lambda: huge("xl/worksheets/sheet1.xml", 1 << 30, said=1000), "大得不正常"),
    "bomb of texts": ("村.xlsx", lambda: huge("xl/sharedStrings.xml", 1 << 30, said=1000), "大得不正常"),
    "entity in a sheet": ("村.xlsx", lambda: with_entity("xl/worksheets/sheet1.xml", ENTITY), "外部实体"),
    "entity in the book": ("村.xlsx", lambda: with_entity("xl/workbook.xml", ENTITY), "外部实体"),
    "entity in the styles": ("村.xlsx", lambda: with_entity("xl/styles.xml", ENTITY), "外部实体"),
    "entity in relations": ("村.xlsx", lambda: with_entity("_rels/.rels", ENTITY), "外部实体"),
    "entities in one another": ("村.xlsx", lambda: with_entity("xl/sharedStrings.xml", LAUGHS), "外部实体"),
    "entity in two bytes": (
        "村.xlsx",
        lambda: with_entity("xl/workbook.xml", ENTITY.decode().encode("utf-16")),
        "外部实体",
    ),
    "csv as xls": (
        "村.xls",
        lambda: f"姓名,身份证号\n张三,{number(1)}\n".encode("gb18030"),
        "不是 Excel 或 WPS 表格文件",
    ),
    "csv with a mark as xlsx": ("村.xlsx", lambda: "姓名,身份证号\n".encode("utf-8-sig"), "不是 Excel 或 WPS 表格文件"),
    "web page as xls": (
        "村.xls",
        lambda: b"<html><table><tr><td>x</td></tr></table></html>",
        "不是 Excel 或 WPS 表格文件",
    ),
    "text in xml as xls": ("村.xls", lambda: b'<?xml version="1.0"?><Workbook/>', "不是 Excel 或 WPS 表格文件"),
    "password, new": (
        "村.xlsx",
        lambda: old_excel.compound({"EncryptionInfo": b"x" * 5000, "EncryptedPackage": b"y" * 5000}),
        "有打开密码",
    ),
    "password, old": ("村.xls", lambda: old_excel.xls([["姓名"]], password=True), "有打开密码"),
    "password, open document": ("村.ods", locked_ods, "有打开密码"),
    "nothing": ("村.xlsx", lambda: b"", "不是 Excel 或 WPS 表格文件"),
}
_MEMORY = 24 << 20


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_in_words_and_bounded_memory(station: Station, tmp_path: Path, what: str) -> None:
    name, make, said = HOSTILE[what]
    path = tmp_path / name
    path.write_bytes(make())
    with station.db.read() as session:
        before = [session.scalar(select(func.count()).select_from(kind)) for kind in (Group, Person, PendingRow)]
    doors: list[Callable[[], object]] = [
        lambda: Importing(station).run([path]),
        lambda: Importing(station).run([path], rehearse=True),
        lambda: Comparing(station).run([path]),
        lambda: VillageLists(station).run(path),
    ]
    for door in doors:
        start = clock.ticks()
        tracemalloc.start()
        try:
            with pytest.raises(BadInput, match=said) as caught:
                door()
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert "没有改动任何数据" in str(caught.value)
        assert most < _MEMORY
        assert clock.ticks() - start < 6
    with station.db.read() as session:
        after = [session.scalar(select(func.count()).select_from(kind)) for kind in (Group, Person, PendingRow)]
    assert after == before
