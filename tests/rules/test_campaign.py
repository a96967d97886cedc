"""A round of visits with money."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules.campaign import (
    LINE_STATES,
    STATES,
    Facts,
    Line,
    Standard,
    close_problem,
    dead_payee_problem,
    line_problem,
    pages,
    propose,
    second_payment_problem,
    staff_payee_problem,
    standards_data,
    standards_from,
    state_problem,
    totals,
)
from app.rules.money import capitals
from app.rules.partial_date import PartialDate

DAY = dt.date(2026, 8, 1)
lines_of_any_state = st.lists(
    st.builds(
        Line,
        st.uuids().map(lambda one: one.hex),
        st.just("p"),
        st.sampled_from(["张三", "李四"]),
        st.integers(1, 10**7),
        st.sampled_from(list(LINE_STATES)),
    ),
)


def proposed(facts, standards):
    found = propose(facts, standards, DAY)
    return None if found is None else (found.amount, found.why)


def line(amount, state="planned", name="张三"):
    return Line(f"{amount}{state}", "p", name, amount, state)


def test_the_states_in_their_order():
    assert list(STATES.values()) == ["拟定", "待批", "已批复", "发放中", "已结清", "已归档"]
    order = list(STATES)
    for now, following in itertools.pairwise(order):
        assert state_problem(now, following) == ""
    assert state_problem("waiting", "draft") == ""
    assert state_problem("paying", "draft") == "慰问批次现在是“发放中”, 不能变成“拟定”。"
    assert state_problem("draft", "paying")
    assert "没有“gone”" in state_problem("draft", "gone")


def test_lines_move_forward_only():
    assert line_problem("planned", "paid") == ""
    assert line_problem("planned", "missing") == ""
    assert line_problem("missing", "returned") == ""
    assert line_problem("missing", "paid") == ""
    assert line_problem("paid", "returned") == "这一行已经是“已领”, 不能再记“缴回”。填错了请用“更正”。"
    assert line_problem("paid", "paid")
    assert "没有“lost”" in line_problem("planned", "lost")


def test_totals():
    found = totals(
        [
            line(500, "paid"),
            line(300, "missing"),
            line(200, "returned"),
            line(90, "carried"),
            line(7),
            line(9999, "struck"),
        ]
    )
    assert (found.planned, found.paid, found.returned, found.open, found.carried) == (1097, 500, 290, 307, 90)


@given(lines_of_any_state)
def test_money_adds_up(lines):
    found = totals(lines)
    assert found.planned == found.paid + found.returned + found.open
    assert (close_problem(lines) == "") == (found.open == 0)


def test_what_is_left_is_named():
    lines = [line(500_00, "paid"), line(560_00, "missing", "王五"), line(300_00, "planned", "赵六")]
    assert close_problem(lines) == '还差 860.00 元没有去向: 王五 560.00, 赵六 300.00。请填"缴回"或"结转"。'
    many = close_problem([line(amount, "missing") for amount in range(1, 9)])
    assert "等 8 人" in many


def test_the_highest_standard_once_with_why():
    standards = [
        Standard(300_00, codes=frozenset({"51", "81"})),
        Standard(800_00, codes=frozenset({"21"}), classes=frozenset({"09"}), label="三属"),
        Standard(500_00, hardship=True),
        Standard(600_00, least_age=90),
    ]
    assert proposed(Facts(codes=frozenset({"51"})), standards)[1] == "参战退役军人"
    both = proposed(Facts(codes=frozenset({"21", "51"}), classes=frozenset({"09"})), standards)
    assert both == (800_00, "三属: 烈士遗属(另符合 1 项, 就高不重复)")
    assert proposed(Facts(hardship=True), standards)[0] == 500_00
    assert proposed(Facts(birth=PartialDate.parse("1936-08-01")), standards)[0] == 600_00
    assert propose(Facts(birth=PartialDate.parse("1936-08-02")), standards, DAY) is None
    # Known by the year alone: not certain yet.
    assert propose(Facts(birth=PartialDate.parse("1936")), standards, DAY) is None
    assert propose(Facts(codes=frozenset({"11"})), standards, DAY) is None
    assert propose(Facts(codes=frozenset({"21"}), dead=True), standards, DAY) is None


def test_a_standard_without_codes_is_for_everybody():
    assert proposed(Facts(), standards_from("200.00")) == (200_00, "全部服务对象")


def test_hardship_and_code_together():
    standards = [Standard(400_00, codes=frozenset({"81"}), hardship=True)]
    assert propose(Facts(codes=frozenset({"81"})), standards, DAY) is None
    assert proposed(Facts(codes=frozenset({"81"}), hardship=True), standards)[1] == "60周岁以上农村籍退役士兵、困难"


def test_standards_travel_as_data():
    rows = [
        {"amount": "800.00", "codes": ["21"], "classes": ["09"], "hardship": False, "least_age": 0, "label": "三属"}
    ]
    assert standards_data(standards_from(rows)) == rows


def test_every_bad_standard_is_named():
    rows = [
        {"amount": "800.00"},
        {"amount": 800},
        {"amount": "1.00", "codes": ["99"]},
        {"amount": "1.00", "age": 3},
        "x",
    ]
    with pytest.raises(BadInput) as caught:
        standards_from(rows)
    assert sorted(caught.value.problems) == ["standard.2", "standard.3", "standard.4", "standard.5"]
    assert "没有“99”这个代码" in caught.value.problems["standard.3"]
    for bad in ([], None, 500, [{"amount": "1.00", "least_age": 200}], [{"amount": "1.00", "codes": "21"}]):
        with pytest.raises(BadInput):
            standards_from(bad)


def test_pages():
    lines = [line(amount) for amount in range(1, 25)]
    cut = pages(lines, 11)
    assert [(page.number, page.first, len(page.lines), page.blank) for page in cut] == [
        (1, 1, 11, 0),
        (2, 12, 11, 0),
        (3, 23, 2, 9),
    ]
    assert [page.subtotal for page in cut] == [66, 187, 47]
    assert capitals(sum(page.subtotal for page in cut)) == "叁元整"
    assert pages([], 11) == ()
    with pytest.raises(ValueError, match="0 rows"):
        pages(lines, 0)


@given(lines_of_any_state, st.integers(1, 20))
def test_pages_lose_no_line(lines, rows):
    cut = pages(lines, rows)
    assert [one for page in cut for one in page.lines] == lines
    assert sum(page.subtotal for page in cut) == sum(one.amount for one in lines)
    assert all(len(page.lines) + page.blank == rows for page in cut)


def test_a_dead_payee():
    died = PartialDate.parse("2026-01-19")
    assert (
        dead_payee_problem("王五", died, dt.date(2026, 1, 20))
        == "王五 已于 1 月 19 日去世, 这一行不能发放。可改为慰问家属。"
    )
    assert dead_payee_problem("王五", died, dt.date(2026, 1, 19)) == ""
    assert dead_payee_problem("王五", PartialDate.parse("2026-01"), dt.date(2026, 1, 20)) == ""
    assert "2025" in dead_payee_problem("王五", PartialDate.parse("2025"), dt.date(2026, 1, 20))


def test_a_second_payment():
    text = second_payment_problem("张三", dt.date(2027, 1, 20), "县级资金", 500_00, "第 3 号表", 4)
    assert text == '张三 已在 1 月 20 日本批次"县级资金"领过 500.00 元(第 3 号表第 4 行), 不能再领。'


def test_a_payee_of_the_station():
    said = "李四 是本站工作人员。请换一人经办并填写见证人(回避)。"
    assert staff_payee_problem("李四", same_person=True, witness="王五") == said
    assert staff_payee_problem("李四", same_person=False, witness=" ") == said
    assert staff_payee_problem("李四", same_person=False, witness="李四") == said
    assert staff_payee_problem("李四", same_person=False, witness="王五") == ""
