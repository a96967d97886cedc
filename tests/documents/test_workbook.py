"""Workbooks: what is read and how, what is refused and in which words, and what is written."""

import datetime as dt
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from app.documents import workbook, workbook_guard
from app.errors import BadInput, EnvironmentTrouble
from app.rules import divisions, headings, made_up, made_up_sheets, person_rows
from tests.documents import old_excel

TODAY = dt.date(2026, 11, 23)
VILLAGE = "361002100200"
NAMES = divisions.parse("361002,临川区\n361002100,上顿渡镇\n361002100200,林源村委会\n")


def saved(build: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    build(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def plain() -> bytes:
    def build(book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        page.append(["姓名", "身份证号"])
        page.append(["张三", "361000194901010013"])

    return saved(build)


def repacked(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one part changed or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in source.namelist():
            body = source.read(part)
            copy.writestr(part, change(body) if part == name else body)
        if name not in source.namelist():
            copy.writestr(name, change(b""))
    return target.getvalue()


def ods(content: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            '<?xml version="1.0"?><office:document-content '
            'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
            'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
            'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="表">{content}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return target.getvalue()


def test_rows_keep_the_numbers_a_person_sees_and_values_their_kind() -> None:
    def build(book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        page["A3"], page["B3"], page["C3"] = "张三", 13800000001, dt.date(1979, 12, 5)
        page["D3"], page["E3"] = 1979.1, 361000194901010013
        page["A5"], page["B5"] = " 李\n四 ", True
        page.row_dimensions[3].hidden = True

    [sheet] = workbook.read(saved(build))
    assert sheet.rows[0] == sheet.rows[1] == sheet.rows[3] == [None] * 5
    assert sheet.rows[2][:4] == ["张三", 13800000001, dt.date(1979, 12, 5), 1979.1]
    assert isinstance(sheet.rows[2][4], float)
    assert sheet.rows[4] == [" 李\n四 ", True, None, None, None]


def test_merged_cells_are_carried_down_one_column_only_and_marked() -> None:
    def build(book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        page["A1"] = "花名册"
        page.merge_cells("A1:C1")
        page["A2"], page["B2"], page["B3"], page["B4"] = "一组", "甲", "乙", "丙"
        page.merge_cells("A2:A4")

    [sheet] = workbook.read(saved(build))
    assert sheet.rows == [["花名册", None], ["一组", "甲"], ["一组", "乙"], ["一组", "丙"]]
    assert sheet.filled == {(3, 0), (4, 0)}


def test_several_sheets_hidden_ones_named_empty_ones_left_out() -> None:
    def build(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["A1"] = "一"
        book.create_sheet("空")
        hidden = book.create_sheet("藏")
        hidden["A1"] = "二"
        hidden.sheet_state = "hidden"

    assert [(sheet.name, sheet.hidden) for sheet in workbook.read(saved(build))] == [("Sheet", False), ("藏", True)]


def test_old_excel_files() -> None:
    [sheet] = workbook.read(old_excel.xls([["姓名", "电话"], ["龚䶮", 13800000001.0], [None, 1979.5]]))
    assert sheet.rows == [["姓名", "电话"], ["龚䶮", 13800000001], [None, 1979.5]]


def test_open_document_files() -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    row = "<table:table-row>" + cell.format("姓名") + cell.format("性别") + "</table:table-row>"
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    [sheet] = workbook.read(ods(row + empty))
    assert sheet.rows[0] == ["姓名", "性别"]


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", "姓名,性别\n张三,男\n".encode("gb18030"), b"<html><table></table></html>", b"%PDF-1.4"],
    ids=["empty", "text", "csv", "html", "pdf"],
)
def test_what_is_no_workbook(data: bytes) -> None:
    with pytest.raises(BadInput, match="不是 Excel 或 WPS 表格文件") as refused:
        workbook.read(data)
    assert refused.value.exit_code == 2


def test_a_zip_or_compound_file_that_is_no_workbook() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    for data in (target.getvalue(), old_excel.compound({"WordDocument": b"x" * 5000})):
        with pytest.raises(BadInput, match="不是 Excel"):
            workbook.read(data)


def test_broken_files() -> None:
    good = plain()
    for data in (good[:200], good[:-40], b"PK\x03\x04" + b"x" * 300, old_excel.xls([["a"]])[:700]):
        with pytest.raises(BadInput, match="坏了"):
            workbook.read(data)


def test_a_flipped_byte_is_never_a_crash() -> None:
    good = plain()
    fates = []
    for place in range(0, len(good), 97):
        data = bytearray(good)
        data[place] ^= 0xFF
        try:
            fates.append(str(workbook.read(bytes(data))[0].name))
        except BadInput as refused:
            fates.append(str(refused))
    assert all(fate == "Sheet" or "没有改动任何数据" in fate for fate in fates), fates
    assert len(set(fates)) > 1


def test_damage_inside_old_files_is_never_a_crash() -> None:
    good = old_excel.xls([["姓名", 1.5], ["张三", None]])
    rng = random.Random(5)
    fates: set[int | str] = set()
    for _ in range(600):
        data = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            fates.add(len(workbook.read(bytes(data))))
        except BadInput as refused:
            fates.add(str(refused))
    assert {0, 1} & fates
    assert any("坏了" in str(fate) for fate in fates)


def test_passwords() -> None:
    wrapped = old_excel.compound({"EncryptionInfo": b"x" * 5000, "EncryptedPackage": b"y" * 5000})
    for data in (wrapped, old_excel.xls([["姓名"]], password=True)):
        with pytest.raises(BadInput, match="有打开密码"):
            workbook.read(data)


def test_external_entities() -> None:
    trick = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    data = repacked(plain(), "xl/worksheets/sheet1.xml", lambda body: trick + body)
    with pytest.raises(BadInput, match="外部实体"):
        workbook.read(data)


def test_a_bomb_is_refused_in_bounded_memory() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            block = b" " * (1 << 20)
            for _ in range(300):
                part.write(block)
    data = target.getvalue()
    assert len(data) < 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match="大得不正常"):
            workbook.read(data)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (20 << 20))
    size = (20 << 20).to_bytes(4, "little")
    data = target.getvalue().replace(size, (1000).to_bytes(4, "little"))
    assert sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(data)).infolist()) < 10_000
    with pytest.raises(BadInput, match="大得不正常"):
        workbook.read(data)


def test_a_sheet_that_spans_too_much_is_refused_before_it_is_laid_out() -> None:
    def build(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["A1"] = "姓名"
        book.worksheets[0]["XFD1048576"] = "远"

    with pytest.raises(BadInput, match="第 1048576 行第 16384 列"):
        workbook.read(saved(build))
    with pytest.raises(BadInput, match="第 60001 行第 256 列"):
        workbook.read(old_excel.xls([["姓名"]], last_row=60000))
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16384"/>'
    with pytest.raises(BadInput, match="太大了"):
        workbook.read(ods(f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'))


def test_formatted_but_empty_rows_to_the_end_of_the_sheet_do_no_harm() -> None:
    def build(book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        page["A1"] = "姓名"
        page.cell(1048576, 16384).number_format = "@"

    [sheet] = workbook.read(saved(build))
    assert sheet.rows == [["姓名"]]


def test_a_very_long_shared_text_is_refused() -> None:
    shared = b'<?xml version="1.0"?><sst><si><t>' + b"x" * (1 << 20) + b"</t></si></sst>"
    with pytest.raises(BadInput, match="大得不正常"):
        workbook.read(repacked(plain(), "xl/sharedStrings.xml", lambda _: shared))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    workbook.write_table(path, ["姓名"], [["张三"]])
    assert [sheet.rows for sheet in workbook.read_file(path)] == [[["姓名"], ["张三"]]]
    with pytest.raises(BadInput, match=r"没有找到文件“无\.xlsx”"):
        workbook.read_file(tmp_path / "无.xlsx")
    with pytest.raises(EnvironmentTrouble, match="读不出来"):
        workbook.read_file(tmp_path)
    with pytest.raises(EnvironmentTrouble, match="写不进去"):
        workbook.write_table(tmp_path / "没有的文件夹" / "a.xlsx", ["姓名"], [])


def test_a_table_keeps_numbers_as_text_and_neutralises_formulas() -> None:
    tricks = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")']
    data = workbook.table(
        ["姓名", "身份证号", "年龄", "问题"],
        [["龚䶮", "361000194901010013", 77, "最后一位对不上"], *([trick, "", None, None] for trick in tricks)],
        title="待核名单",
    )
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert page["A1"].value == "待核名单"
    assert page["B3"].value == "361000194901010013"
    assert (page["B3"].data_type, page["B3"].number_format) == ("s", "@")
    assert (page["C3"].value, page["C3"].data_type) == (77, "n")
    assert page.freeze_panes == "A3"
    assert page["D3"].font.color.rgb == page["D2"].font.color.rgb == "FFC00000"
    assert page["A3"].font.color is None
    for row, trick in enumerate(tricks, start=4):
        cell = page.cell(row, 1)
        assert (cell.value, cell.data_type, cell.number_format, cell.quotePrefix) == (trick, "s", "@", True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert page.column_dimensions["B"].width >= 18
    assert page.page_setup.orientation == "landscape"


def test_a_table_survives_texts_excel_cannot_hold() -> None:
    data = workbook.table(["姓名"], [["张\x00三"], ["李\ud800"], ["x" * 40000], [361000194901010013]])
    [sheet] = workbook.read(data)
    assert sheet.rows[1:3] == [["张�三"], ["李�"]]
    assert len(str(sheet.rows[3][0])) == 32767
    assert sheet.rows[4] == ["361000194901010013"]


def test_what_is_written_is_read_back_the_same() -> None:
    rows: list[list[workbook.Cell]] = [
        ["龚䶮", "1979-12", "李㛃\n杨𠮷明", None],
        ["  空 格 ", "0012", "=1", "a"],
        [dt.date(1979, 12, 5), 12, 1.5, True],
        [dt.date(1980, 1, 1), "x" * 40, 7, False],
    ]
    [sheet] = workbook.read(workbook.table(["一", "二", "三", "四"], rows, sheet="a/b:c"))
    assert sheet.rows[1:] == rows
    assert sheet.name == "a-b-c"


@pytest.mark.parametrize("seed", range(8))
def test_messy_workbooks_meet_their_fates_row_by_row(seed: int) -> None:
    people = made_up.people(150, random.Random(seed), [VILLAGE], today=TODAY, names=NAMES)
    expected = made_up_sheets.messy_sheet(people, random.Random(seed), village="林源村", today=TODAY)
    [sheet] = workbook.read(workbook.messy([expected]))
    assert len(sheet.rows) == len(expected.rows)
    found = headings.locate(sheet.rows)
    assert found is not None
    assert found.unmatched == ()
    results = person_rows.read(sheet.rows, found, person_rows.Context(VILLAGE, TODAY, NAMES), filled=sheet.filled)
    for row, wanted in zip(results, expected.expected, strict=True):
        assert (row.number, row.fate) == (wanted.number, wanted.fate), (wanted.hazard, row.problems)
        got = {name: row.values.get(name) for name in wanted.values}
        assert got == dict(wanted.values), (row.number, wanted.hazard)
    counts = person_rows.count(results)
    assert counts.read == counts.ready + counts.pending + counts.dropped


def test_the_guard_names_what_it_let_through() -> None:
    assert workbook_guard.kind(plain()) == "xlsx"
    assert workbook_guard.kind(old_excel.xls([["a"]])) == "xls"
    assert workbook_guard.kind(ods("")) == "ods"
    with pytest.raises(BadInput, match="大得不正常"):
        workbook_guard.kind(b"PK\x03\x04" + bytes(workbook_guard.MAX_FILE))
