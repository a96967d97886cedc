"""Blocks from the clipboard: cells as Excel and WPS put them there, headings guessed where there are none."""

import os
from pathlib import Path

import pytest

from app.documents import workbook
from app.errors import BadInput
from app.rules import id_number
from app.services import pasted
from app.services.importing import rehearse
from app.services.station import Station


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def test_a_block_with_headings_stays_as_it_is() -> None:
    text = f"姓名\t身份证号\t手机\r\n张建国\t{number(1)}\t16400000001\r\n\r\n龚䶮\t{number(2)}\t\r\n"
    assert pasted.rows_of(text) == [
        ["姓名", "身份证号", "手机"], ["张建国", number(1), "16400000001"], ["龚䶮", number(2), ""],
    ]  # fmt: skip


def test_a_cell_with_a_line_break_is_one_cell() -> None:
    text = f'姓名\t身份证号\t备注\n张三\t{number(1)}\t"一行\n又一行, 说""好"""\n李四\t{number(2)}\t无\n'
    assert pasted.rows_of(text)[1][2] == '一行\n又一行, 说"好"'
    assert len(pasted.rows_of(text)) == 3


def test_quotes_that_do_not_fit_swallow_no_row() -> None:
    text = f'姓名\t身份证号\t备注\n张三\t{number(1)}\t"半个引号\n李四\t{number(2)}\t无\n'
    rows = pasted.rows_of(text)
    assert [row[0] for row in rows] == ["姓名", "张三", "李四"]
    assert rows[1][2] == '"半个引号'


def test_rows_without_headings_get_them_and_nobody_is_lost() -> None:
    lines = [f"{n}\t张三丰\t男\t{number(n)}\t1640000000{n}\t1956-03-12\t石鼓村" for n in range(1, 4)]
    rows = pasted.rows_of("\n".join(lines))
    assert rows[0] == ["第1列", "姓名", "性别", "身份证号码", "联系电话", "出生日期", "第7列"]
    assert [row[3] for row in rows[1:]] == [number(n) for n in range(1, 4)]


def test_headings_nobody_knows_are_left_alone() -> None:
    assert pasted.rows_of(f"谁\t证\n张三\t{number(1)}")[0] == ["谁", "证"]


@pytest.mark.parametrize("text", ["", "  \n ", "一段话, 不是表格", "一列\n两行"])
def test_what_is_no_block_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadInput, match="剪贴板里没有表格"):
        pasted.rows_of(text)


def test_too_much_is_refused() -> None:
    with pytest.raises(BadInput, match="粘贴的内容太多"):
        pasted.rows_of("a\tb\n" * 6_000_000)


def test_it_is_imported_like_a_file_and_lost_digits_are_named(station: Station, tmp_path: Path) -> None:
    text = (
        f"姓名\t身份证号\t手机\n张建国\t{number(1)}\t16400000001\n王五\t3.61002E+17\t16400000002\n=1+1\t{number(3)}\t\n"
    )
    file = pasted.keep(station, text, tmp_path)
    again = pasted.keep(station, text, tmp_path)
    assert file != again
    (sheet,) = workbook.read_file(file)
    assert sheet.rows[1][1] == number(1)
    done = rehearse(station, [file], {})
    fates = {row.name: row.fate for row in done.rows}
    assert fates["张建国"] == "added"
    assert fates["王五"] == "pending"
    assert "丢了" in next(row.text for row in done.rows if row.name == "王五")


def test_folders_left_behind_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old = pasted.folder()
    young = pasted.folder()
    assert old.exists()
    os.utime(old, (0, 0))
    pasted.folder()
    assert not old.exists()
    assert young.exists()
