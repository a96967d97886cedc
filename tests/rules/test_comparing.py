"""名单比对, row by row: whom a row means, what differs, what would be done next."""

import datetime as dt
from collections.abc import Sequence

import pytest

from app.rules import comparing, id_number, person_rows
from app.rules.cell_values import Cell
from app.rules.comparing import Compared, Entry, Register, compare

TODAY = dt.date(2026, 11, 23)
HOME = "361002100000"


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def entry(record: str, name: str, birth: str = "", **more: object) -> Entry:
    values = {"name": frozenset({name})} | ({"birth_date": frozenset({birth})} if birth else {})
    known = {field: frozenset({str(value)}) for field, value in more.items() if field in comparing.COMPARED}
    plain = {field: value for field, value in more.items() if field not in comparing.COMPARED}
    return Entry(record, name, birth_date=birth, values=values | known, **plain)  # type: ignore[arg-type]


REGISTER = Register([
    entry("a", "张建国", "1956-03-12", id_number=number(901), phone="13800138000", class12="02", former_name="张狗儿"),
    entry("b", "李秀英", "1960-05"),
    entry("c", "王明", "1970-01-01"),
    entry("d", "王明", "1970-01-01"),
    entry("e", "赵六"),
    entry("f", "钱七", "1950-01-01", dead=True, id_number=number(903, "19500101")),
])  # fmt: skip


def one(labels: Sequence[str], *cells: Cell, died: str = "", dead: bool = False) -> Compared:
    rows: list[list[Cell]] = [list(labels), list(cells)]
    found = comparing.locate(rows)
    assert found is not None
    result = person_rows.read(rows, found, person_rows.Context(HOME, TODAY))[1]
    return compare(result, REGISTER, died=died, dead=dead, placed=False)


def test_by_number_whatever_else_is_written() -> None:
    row = one(("姓名", "身份证号"), "张建国", number(901))
    assert (row.heap, row.person, row.matched_by, row.differences, row.act) == ("both", "a", "身份证号", (), "")
    old = number(901)[:6] + number(901)[8:17]
    assert one(("姓名", "身份证号"), "张建国", old).person == "a"
    other = one(("姓名", "身份证号", "性别"), "章建国", number(901), "男")
    assert (other.heap, other.act) == ("differing", "correct")
    assert [(d.field, d.listed, d.here) for d in other.differences] == [("name", "章建国", "张建国")]
    assert [gap.field for gap in other.gaps] == ["sex"]
    assert one(("姓名", "身份证号"), "张狗儿", number(901)).heap == "both"
    assert one(("序号", "身份证号"), 1, number(901)).person == "a"


def test_by_name_and_birth_date_where_no_number_tells() -> None:
    labels = ("姓名", "出生日期", "联系电话")
    row = one(labels, "张 建国", "1956.03.12", "13800138000")
    assert (row.heap, row.person, row.matched_by) == ("both", "a", "姓名和出生日期")
    assert one(labels, "张建国", "1956年", None).person == "a"
    assert one(("姓名", "身份证号"), "李秀英", number(902, "19600512")).person == "b"
    assert one(labels, "张建国", "1957-03-12", None).heap == "only_list"


@pytest.mark.parametrize(
    ("labels", "cells", "said", "mentioned"),
    [
        (("姓名", "出生日期", "性别"), ("王明", "1970-01-01", "男"), "本库有 2 个同名同出生日期的人", ("c", "d")),
        (("姓名", "身份证号", "性别"), ("张建国", number(905), "男"), "姓名和出生日期相同, 身份证号不同", ("a",)),
        (("姓名", "性别", "民族"), ("张建国", "男", "汉"), "只有姓名相同, 出生日期不全", ("a",)),
        (("姓名", "出生日期", "性别"), ("赵六", "1970-01-01", "男"), "只有姓名相同, 出生日期不全", ("e",)),
        (("姓名", "性别", "民族"), (None, "男", "汉"), "没有姓名和身份证号, 不能比对", ()),
    ],
)
def test_what_cannot_be_told(
    labels: tuple[str, ...], cells: tuple[Cell, ...], said: str, mentioned: tuple[str, ...]
) -> None:
    row = one(labels, *cells)
    assert (row.heap, row.person, row.act, row.mentioned) == ("unclear", "", "", mentioned)
    assert said in row.said


def test_who_is_only_on_the_list() -> None:
    row = one(("姓名", "身份证号"), "孙八", number(907))
    assert (row.heap, row.act, row.person) == ("only_list", "add", "")
    bad = number(907)[:17] + ("0" if number(907)[17] != "0" else "1")
    wrong = one(("姓名", "身份证号"), "孙八", bad)
    assert wrong.heap == "only_list"
    assert "最后一位对不上" in wrong.said


def test_what_agrees_though_it_is_written_otherwise() -> None:
    labels = ("姓名", "身份证号", "出生日期", "手机", "人员类别")
    assert one(labels, "张建国", number(901), "1956年3月", "138-0013-8000", "退役士兵").differences == ()
    row = one(labels, "张建国", number(901), "1956", "13900139000", "军属")
    assert [(d.field, d.listed, d.here) for d in row.differences] == [
        ("phone", "13900139000", "13800138000"),
        ("class12", "12", "02"),
    ]


def test_deaths() -> None:
    labels = ("姓名", "身份证号", "死亡日期")
    rows: list[list[Cell]] = [list(labels)]
    found = comparing.locate(rows)
    assert found is not None
    assert comparing.death_column(found) == 2
    row = one(labels, "张建国", number(901), "2026-10-02", died="2026-10-02")
    assert (row.heap, row.act, row.differences[0].field, row.differences[0].listed) == (
        "differing", "death", "death_date", "2026-10-02",
    )  # fmt: skip
    known = one(labels, "钱七", number(903, "19500101"), None, dead=True)
    assert (known.heap, known.act) == ("both", "")


def test_titles_and_totals_are_no_people() -> None:
    rows: list[list[Cell]] = [["花名册", None], ["姓名", "身份证号"], ["张建国", number(901)], ["合计", "1人"]]
    found = comparing.locate(rows)
    assert found is not None
    results = person_rows.read(rows, found, person_rows.Context(HOME, TODAY))
    assert [compare(result, REGISTER).heap for result in results] == ["dropped", "dropped", "both", "dropped"]


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        (("姓名", "身份证号码"), True),
        (("姓名", "死亡时间"), True),
        (("身份证号", "备注"), True),
        (("姓名",), False),
        (("甲", "乙"), False),
        (("电话", "地址"), False),
    ],
)
def test_headings_of_short_lists(labels: tuple[str, ...], known: bool) -> None:
    assert (comparing.locate([["某某名单"], list(labels)]) is not None) == known
