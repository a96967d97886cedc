"""Headings of rosters are found among titles and matched by label, synonym and likeness."""

import pytest

from app.rules import headings

LEDGER = (
    "村民组、户号、户主姓名、姓名、性别、身份证号码、年龄、人员类别、入伍时间、退伍时间、军龄、军种、政治面貌、立功受奖、优抚对象、"
    "优抚类别、联系方式、务工地址、现居住地址、部队番号、退役证编号、就业安置、创业、困难帮扶记录、八一/春节走访记录、"
    "年审状态、审核日期、备注"
)
PROVINCE = (
    "姓名、身份证号、出生日期、民族、性别、与户主关系、户口簿行政代码、户口簿地址、婚姻、文化程度、健康、政治面貌、"
    "开户银行、开户名称、银行账号、备注"
)


def test_every_label_is_known_and_means_one_field() -> None:
    for name, labels in headings.LABELS.items():
        for label in labels:
            assert headings.field_of(label) == (name, 100), label


def test_the_28_columns_of_the_village_ledger() -> None:
    labels = LEDGER.split("、")
    assert len(labels) == 28
    matches, unmatched = headings.match(labels)
    assert unmatched == ()
    assert len(matches) == 28
    assert {match.confidence for match in matches} == {100}
    by_label = {match.label: match.field for match in matches}
    assert by_label["优抚对象"] == "benefit_state"
    assert by_label["八一/春节走访记录"] == "kept_visits"


def test_the_columns_of_the_provincial_template() -> None:
    matches, unmatched = headings.match(PROVINCE.split("、"))
    assert unmatched == ()
    assert [match.field for match in matches][:4] == ["name", "id_number", "birth_date", "ethnicity"]


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("姓 名", "name"),
        ("姓\u3000\u3000名", "name"),
        ("身份证\n号码", "id_number"),
        ("*身份证号(必填)", "id_number"),
        ("身份证号码【18位】", "id_number"),
        ("联系电话:", "phone"),
        ("退伍(役)时间", "discharged"),
        ("退伍\r\n时间", "discharged"),
        ("入伍时间(年月)", "enlisted"),
        ("优抚对象姓名", "name"),
        ("ＮＯ", "serial"),
        ("公民身份号码栏", "id_number"),
        ("现居住地址(务工地)", "residence_address"),
    ],
)
def test_labels_as_people_write_them(label: str, field: str) -> None:
    answer = headings.field_of(label)
    assert answer is not None
    assert answer[0] == field


@pytest.mark.parametrize("label", ["", "  ", "张三", "361000194901010013", "13812345678", "退役军人花名册", "车牌"])
def test_what_is_no_heading(label: str) -> None:
    assert headings.field_of(label) is None


def test_of_two_columns_for_one_field_the_surer_wins_and_the_other_is_named() -> None:
    matches, unmatched = headings.match(["姓名(草稿)", "姓名", "性别", "车牌"])
    assert {match.field: match.column for match in matches} == {"name": 1, "sex": 2}
    assert unmatched == ((0, "姓名(草稿)"), (3, "车牌"))


def test_a_second_telephone_column_is_the_second_telephone() -> None:
    matches, _ = headings.match(["姓名", "联系电话", "手机"])
    assert [match.field for match in matches] == ["name", "phone", "phone2"]


def test_headings_below_titles() -> None:
    found = headings.locate(
        [
            ["桥头村退役军人花名册", None, None],
            [None, None, None],
            ["单位: 桥头村", None, "日期"],
            ["序号", "姓名", "性别"],
        ]
    )
    assert found is not None
    assert (found.first_row, found.last_row) == (4, 4)
    assert found.mapping == {0: "serial", 1: "name", 2: "sex"}


def test_headings_in_two_rows() -> None:
    found = headings.locate(
        [
            ["花名册", None, None, None, None],
            ["姓名", "身份证号", "服役情况", None, "银行"],
            [None, None, "入伍时间", "退伍时间", "账号"],
            ["张三", "361000194901010013", "1970", "1975", "1234567890"],
        ]
    )
    assert found is not None
    assert (found.first_row, found.last_row) == (2, 3)
    assert found.mapping == {0: "name", 1: "id_number", 2: "enlisted", 3: "discharged", 4: "account_number"}


def test_a_first_row_of_data_is_not_taken_for_a_second_heading() -> None:
    found = headings.locate([["姓名", "性别", "类别"], ["张三", "男", "优抚对象"]])
    assert found is not None
    assert (found.first_row, found.last_row) == (1, 1)


@pytest.mark.parametrize(
    "rows", [[], [["a", "b", "c"], [1, 2, 3]], [["姓名", "车牌", "颜色"]], [["性别", "民族", "电话"]]]
)
def test_no_headings(rows: list[list[object]]) -> None:
    assert headings.locate(rows) is None


def test_repeated_headings() -> None:
    found = headings.locate([["姓名", "性别", "电话", "民族"]])
    assert found is not None
    assert headings.is_repeated(["姓 名", "性别", "电话", None], found)
    assert not headings.is_repeated(["张三", "男", "13800000000", "汉"], found)
    assert not headings.is_repeated([None, None, None, None], found)
