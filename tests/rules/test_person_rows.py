"""Every row of a roster has a fate, and nothing about it changes in silence."""

import datetime as dt
import random
from collections.abc import Sequence

import pytest

from app.rules import divisions, headings, made_up, made_up_sheets, person_rows
from app.rules.cell_values import Cell

TODAY = dt.date(2026, 11, 23)
VILLAGE = "361002100200"
NAMES = divisions.parse("361002,临川区\n361002100,上顿渡镇\n361002100200,林源村委会\n361002100201,石鼓村委会\n")
CONTEXT = person_rows.Context(VILLAGE, TODAY, NAMES)
MALE, FEMALE = "361000194901010013", "361000195307060020"


def read_one(
    labels: Sequence[str], *rows: Sequence[Cell], context: person_rows.Context = CONTEXT
) -> list[person_rows.RowResult]:
    table: list[list[Cell]] = [list(labels), *(list(row) for row in rows)]
    found = headings.locate(table)
    assert found is not None
    results = person_rows.read(table, found, context)
    counts = person_rows.count(results)
    assert counts.read == len(table) == counts.ready + counts.pending + counts.dropped
    return results[1:]


def one(**cells: Cell) -> person_rows.RowResult:
    """A row of 姓名, 身份证号, 性别 and the given columns."""
    base: dict[str, Cell] = {"姓名": "张三", "身份证号": MALE, "性别": "男"}
    base |= cells
    return read_one(list(base), list(base.values()))[0]


def test_birth_and_sex_come_from_the_number_and_that_is_noted() -> None:
    row = read_one(["姓名", "身份证号", "电话"], ["李四", FEMALE, "13800000000"])[0]
    assert row.fate == "ready"
    assert row.values["birth_date"] == "1953-07-06"
    assert row.values["sex"] == "2"
    assert row.values["division"] == VILLAGE
    assert ("出生日期", "由身份证号得出: 1953-07-06") in row.notes
    assert ("性别", "由身份证号得出: 女") in row.notes
    assert row.cells == ("李四", FEMALE, "13800000000")


def test_a_typed_birth_or_sex_that_differs_is_a_warning_and_the_number_wins() -> None:
    row = one(性别="女", 出生日期="1950-02-03")
    assert row.fate == "ready"
    assert (row.values["sex"], row.values["birth_date"]) == ("1", "1949-01-01")
    assert {column for column, _ in row.warnings} == {"性别", "出生日期"}


def test_a_birth_month_that_agrees_is_no_warning() -> None:
    row = one(出生年月="1949.01")
    assert row.values["birth_date"] == "1949-01-01"
    assert row.warnings == ()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (MALE[:17] + "4", '身份证号最后一位对不上, 可能抄错一位。先放到"待核", 不影响其他人。'),
        (float(MALE), "这个号码在 Excel 里丢了后三位(变成 000), 不能用。请向本人核对, 其他内容已保留。"),
        ("3.61000194901010E+17", "这个号码在 Excel 里丢了后三位(变成 000), 不能用。请向本人核对, 其他内容已保留。"),
        (None, "没有填身份证号。"),
        ("3610001949", "身份证号要 18 位, 这里是 10 位。请与证件核对。"),
        ("无", "身份证号第 1 位是“无”, 应当是数字。请与证件核对。"),
    ],
)
def test_a_bad_number_keeps_the_row_back_with_all_else_kept(cell: Cell, text: str) -> None:
    row = one(身份证号=cell, 电话="13800000000")
    assert row.fate == "pending"
    assert row.problems == (("身份证号", text),)
    assert "id_number" not in row.values
    assert (row.values["name"], row.values["phone"], row.values["sex"]) == ("张三", "13800000000", "1")


@pytest.mark.parametrize(("cell", "reason"), [("现役", "serving"), ("未采集", "uncollected"), ("证件待核", "pending")])
def test_no_number_with_a_reason_is_legal(cell: str, reason: str) -> None:
    row = one(身份证号=cell)
    assert row.fate == "ready"
    assert row.values["no_id_reason"] == reason
    assert "id_number" not in row.values
    in_own_column = one(身份证号=None, 无号原因=cell)
    assert (in_own_column.fate, in_own_column.values["no_id_reason"]) == ("ready", reason)


@pytest.mark.parametrize(
    "written",
    [
        "3610 0019 4901 0100 13",
        "'361000194901010013",
        "３６１０００１９４９０１０１００１３",
        "361000-19490101-0013",
        " 361000194901010013\u3000",
        "361000490101001",
    ],
)
def test_six_ways_of_writing_a_number(written: str) -> None:
    row = one(身份证号=written)
    assert (row.fate, row.values["id_number"]) == ("ready", MALE)
    assert any(column == "身份证号" and MALE in text for column, text in row.notes)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1979.12", "1979-12"),
        ("79.12", "1979-12"),
        (1979.12, "1979-12"),
        ("1979年12月5日", "1979-12-05"),
        ("1979/12/5", "1979-12-05"),
        (19791205, "1979-12-05"),
        (dt.date(1979, 12, 5), "1979-12-05"),
        (dt.datetime(1979, 12, 5, tzinfo=dt.UTC).replace(tzinfo=None), "1979-12-05"),
        (1979, "1979"),
        ("1979-12", "1979-12"),
    ],
)
def test_ways_of_writing_a_date(cell: Cell, value: str) -> None:
    row = one(入伍时间=cell)
    assert (row.fate, row.values["enlisted"]) == ("ready", value)


def test_a_date_with_two_readings_is_not_guessed() -> None:
    row = one(入伍时间=1979.1)
    assert row.fate == "pending"
    assert row.problems[0][0] == "入伍时间"
    assert "10 月" in row.problems[0][1]
    assert "enlisted" not in row.values


def test_an_unreadable_date_keeps_the_row_back() -> None:
    row = one(入伍时间="八几年冬")
    assert row.fate == "pending"
    assert [column for column, _ in row.problems] == ["入伍时间"]


def test_names() -> None:
    padded = one(姓名="张\u3000三")
    assert padded.values["name"] == "张三"
    assert ("姓名", "“张\u3000三”整理为“张三”") in padded.notes
    assert one(姓名="古丽•买买提").values["name"] == "古丽·买买提"
    assert not [text for column, text in one(姓名="龚䶮").notes if column == "姓名"]
    missing = one(姓名=None)
    assert (missing.fate, missing.problems) == ("pending", (("姓名", "没有填姓名。"),))
    assert one(姓名="张\x00三").fate == "pending"
    assert one(姓名="张\ud800").fate == "pending"
    assert one(姓名="张?三").fate == "pending"


def test_phones() -> None:
    two = one(电话="13800000001/0794-8123456")
    assert (two.values["phone"], two.values["phone2"]) == ("13800000001", "0794-8123456")
    three = one(电话="13800000001 13800000002 13800000003")
    assert "13800000003" in three.values["note"]
    assert one(电话=13800000001).values["phone"] == "13800000001"
    assert one(电话="138000").fate == "pending"
    assert "phone" not in one(电话="无").values


def test_accounts() -> None:
    assert one(银行账号=6299991234567890128).fate == "pending"
    assert one(银行账号="6230 5821 0000 0000 017").values["account_number"] == "6230582100000000017"
    assert one(户名="李四", 银行账号="12345678901").warnings[0][0] == "户名"


@pytest.mark.parametrize(
    ("cell", "class12", "benefit"),
    [
        ("退伍军人", "02", ""),
        ("复退军人", "02", ""),
        ("退 役 士 兵", "02", ""),
        ("60岁", "02", "81"),
        ("60周岁以上农村籍退役士兵", "02", "81"),
        ("参战", "02", "51"),
        ("参战退役人员", "02", "51"),
        ("原8023参试人员", "02", "61"),
        ("带病回乡退伍军人", "02", "42"),
        ("在乡老复员军人", "05", "41"),
        ("残疾军人", "07", "11"),
        ("烈属", "09", "21"),
        ("因公牺牲军人家属", "10", "22"),
        ("病故军人遗属", "11", "23"),
        ("现役军人家属", "12", ""),
        ("军转干部", "01", ""),
        ("退休士官", "03", ""),
        ("伤残民兵", "08", "14"),
        ("2", "02", ""),
        ("02", "02", ""),
    ],
)
def test_classes_in_free_text(cell: str, class12: str, benefit: str) -> None:
    row = one(人员类别=cell)
    assert row.fate == "ready", row.problems
    assert row.values.get("class12", "") == class12
    assert row.values.get("benefit_code", "") == benefit


def test_disability_in_the_class() -> None:
    row = one(人员类别="因战七级残疾军人")
    assert {
        name: row.values[name] for name in ("class12", "benefit_code", "disability_level", "disability_nature")
    } == {
        "class12": "07",
        "benefit_code": "11",
        "disability_level": "07",
        "disability_nature": "1",
    }
    split = one(人员类别="残疾军人", 残疾等级="八级", 残疾性质="因公")
    assert (split.values["disability_level"], split.values["disability_nature"]) == ("08", "2")


def test_several_classes_the_paid_one_first_the_others_named() -> None:
    row = one(人员类别="退役军人、残疾军人、军属")
    assert row.fate == "ready"
    assert (row.values["class12"], row.values["benefit_code"]) == ("07", "11")
    assert "军属" in row.values["note"]
    assert any("军属" in text for _, text in row.warnings)


@pytest.mark.parametrize("cell", ["乡贤代表", "参战参试"])
def test_a_class_nobody_can_tell_is_asked(cell: str) -> None:
    row = one(人员类别=cell)
    assert (row.fate, [column for column, _ in row.problems]) == ("pending", ["人员类别"])


def test_codes_and_words_nobody_knows() -> None:
    row = one(民族="汉", 政治面貌="党员", 文化程度="初中", 婚姻="离异", 健康="良好", 与户主关系="妻子")
    got = [row.values[name] for name in ("ethnicity", "political", "education", "marital", "health", "head_relation")]
    assert got == ["01", "01", "70", "40", "10", "12"]
    odd = one(文化程度="自学成才")
    assert (odd.fate, odd.values["note"]) == ("ready", "文化程度: 自学成才")
    assert odd.warnings[0][0] == "文化程度"


def test_ledger_columns_without_a_field_are_kept_in_the_note() -> None:
    row = one(就业安置="在家务农", 备注="低保户")
    assert row.values["note"] == "低保户; 就业安置: 在家务农"
    assert ("就业安置", "放到备注里") in row.notes


def test_villages() -> None:
    township = person_rows.Context("361002100000", TODAY, NAMES)

    def at(cell: Cell) -> person_rows.RowResult:
        return read_one(["姓名", "身份证号", "村名"], ["张三", MALE, cell], context=township)[0]

    assert at("石鼓村").values["division"] == "361002100201"
    assert at("361002100201").values["division"] == "361002100201"
    assert at(361002100201).values["division"] == "361002100201"
    assert at(None).values["division"] == "361002100000"
    assert at("桥头村").problems == (("村名", "本站管辖范围内没有“桥头村”。"),)
    assert at("361003100201").fate == "pending"


def test_ages_and_service_are_warned_about_never_blocked() -> None:
    row = one(入伍时间="1990-12", 退伍时间="1985-12", 年龄="30")
    assert row.fate == "ready"
    assert {column for column, _ in row.warnings} == {"入伍时间", "退伍时间", "年龄"}


def test_rows_that_are_no_people() -> None:
    labels = ["序号", "姓名", "身份证号", "电话"]
    rows: list[list[Cell]] = [
        [None, None, None, None],
        [7, None, None, None],
        ["序号", "姓 名", "身份证号", "电话"],
        ["合 计", None, None, "2人"],
        [None, "本页小计", None, None],
        ["制表人: 甲", None, "审核人: 乙", None],
        ["桥头村退役军人花名册", None, None, None],
        ["以下空白", None, None, None],
        [1, "何计", MALE, "13800000000"],
        [2, None, FEMALE, None],
    ]
    results = read_one(labels, *rows)
    assert [(row.fate, row.problems[0][1] if row.problems else "") for row in results] == [
        ("dropped", "空行"),
        ("dropped", "空行"),
        ("dropped", "重复的表头"),
        ("dropped", "合计行"),
        ("dropped", "合计行"),
        ("dropped", "落款"),
        ("dropped", "标题"),
        ("dropped", "落款"),
        ("ready", ""),
        ("pending", "没有填姓名。"),
    ]


def test_the_same_number_twice_in_one_file() -> None:
    results = read_one(["姓名", "身份证号", "性别"], ["张三", MALE, "男"], ["张珊", MALE, "男"])
    assert [row.fate for row in results] == ["ready", "pending"]
    assert results[1].problems == (("身份证号", "身份证号与第 2 行相同。请确认是不是同一人。"),)


def test_a_value_of_a_merged_cell_is_noted_and_makes_no_row_of_its_own() -> None:
    rows: list[list[Cell]] = [
        ["村民组", "姓名", "身份证号"],
        ["一组", "张三", MALE],
        ["一组", "李四", FEMALE],
        ["一组", None, None],
    ]
    found = headings.locate(rows)
    assert found is not None
    results = person_rows.read(rows, found, CONTEXT, filled=frozenset({(3, 0), (4, 0)}))
    assert [row.fate for row in results] == ["dropped", "ready", "ready", "dropped"]
    assert ("村民组", "取自合并单元格") in results[2].notes
    assert ("村民组", "取自合并单元格") not in results[1].notes


def test_a_mapping_of_the_clerk_replaces_the_guess() -> None:
    rows: list[list[Cell]] = [["姓名", "身份证号", "性别", "号"], ["张三", MALE, "男", "13800000000"]]
    found = headings.locate(rows)
    assert found is not None
    assert found.unmatched == ((3, "号"),)
    row = person_rows.read(rows, found, CONTEXT, mapping={0: "name", 1: "id_number", 3: "phone"})[1]
    assert (row.values["phone"], row.values["sex"]) == ("13800000000", "1")


@pytest.mark.parametrize("seed", range(6))
def test_messy_rosters_meet_their_fates(seed: int) -> None:
    people = made_up.people(150, random.Random(seed), [VILLAGE], today=TODAY, names=NAMES)
    sheet = made_up_sheets.messy_sheet(people, random.Random(seed), village="林源村", today=TODAY)
    # A workbook gives back long whole numbers as floats.
    rows = [[float(cell) if isinstance(cell, int) and cell >= 10**15 else cell for cell in row] for row in sheet.rows]
    found = headings.locate(rows)
    assert found is not None
    assert found.unmatched == ()
    results = person_rows.read(rows, found, CONTEXT)
    assert [(row.number, row.fate) for row in results] == [(row.number, row.fate) for row in sheet.expected]
    counts = person_rows.count(results)
    assert counts.read == counts.ready + counts.pending + counts.dropped == len(sheet.rows)
    for row in results:
        assert row.fate == "ready" or row.problems
