"""ID numbers: the vectors of GB 11643, what Excel does to them, and the words for the clerk."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.id_number import (
    LOST_DIGITS,
    WRONG_CHECK_DIGIT,
    IdNumber,
    IdProblem,
    check,
    check_digit,
    from_legacy,
    mask,
    normalise,
)

GOOD = {
    "11010519491231002X": (dt.date(1949, 12, 31), "2"),
    "440524188001010014": (dt.date(1880, 1, 1), "1"),
    "361000194901010013": (dt.date(1949, 1, 1), "1"),
    "361000195307060020": (dt.date(1953, 7, 6), "2"),
    "361000198801010014": (dt.date(1988, 1, 1), "1"),
}

seventeens = st.builds(
    lambda day, sequence: f"361002{day:%Y%m%d}{sequence:03d}",
    st.dates(dt.date(1900, 1, 1), dt.date(2020, 12, 31)),
    st.integers(1, 999),
)


@pytest.mark.parametrize(("text", "told"), GOOD.items())
def test_vectors(text, told):
    read = check(text)
    assert isinstance(read, IdNumber)
    assert (read.text, read.birth, read.sex, read.division) == (text, *told, text[:6])
    assert not read.legacy
    assert read.doubt == ""


@pytest.mark.parametrize(
    "written",
    [
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 1949 1231 002x",
        "'11010519491231002X",
        " 110105-19491231-002Х\n",
        "11010519491231002×",
    ],
)
def test_ways_of_writing(written):
    assert normalise(written) == "11010519491231002X"
    assert isinstance(check(written), IdNumber)


def test_wrong_check_digit_in_the_words_of_the_screen():
    assert check("361000194901010014") == IdProblem("check_digit", WRONG_CHECK_DIGIT)
    assert WRONG_CHECK_DIGIT == '身份证号最后一位对不上, 可能抄错一位。先放到"待核", 不影响其他人。'


def test_digits_lost_in_excel():
    assert LOST_DIGITS == "这个号码在 Excel 里丢了后三位(变成 000), 不能用。请向本人核对, 其他内容已保留。"
    for written in ("361000194901010000", "3.61000194901010E+17", "361000194901010000.0"):
        assert check(written) == IdProblem("lost_digits", LOST_DIGITS)


def test_a_number_really_ending_in_zeros():
    built = (f"361002195001{day:02d}{digit}00" for day in range(1, 32) for digit in range(1, 10))
    number = next(seventeen for seventeen in built if check_digit(seventeen) == "0") + "0"
    read = check(number)
    assert isinstance(read, IdNumber)
    assert "000" in read.doubt
    # From a numeric cell it cannot be right: such a cell keeps 15 digits.
    assert check(number, number_cell=True) == IdProblem("lost_digits", LOST_DIGITS)


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "empty", "没有填"),
        ("  ", "empty", "没有填"),
        ("36100019490101001", "length", "17 位"),
        ("3610001949010100133", "length", "19 位"),
        ("36100019490101O013", "characters", "第 15 位"),
        ("3610001949X1010013", "characters", "第 11 位"),
        ("不详", "characters", "第 1 位"),
        ("991000194901010013", "division", "99"),
        ("361000194913010013", "birth", "1949-13-01"),
        ("361000194902300013", "birth", "1949-02-30"),
        ("361000164901010013", "birth", "不可能"),
    ],
)
def test_problems_are_told_apart(text, code, says):
    problem = check(text)
    assert isinstance(problem, IdProblem)
    assert problem.code == code
    assert says in problem.text


def test_birth_in_the_future():
    number = "36100220300101001"
    number += check_digit(number)
    assert isinstance(check(number), IdNumber)
    problem = check(number, today=dt.date(2026, 8, 1))
    assert isinstance(problem, IdProblem)
    assert problem.code == "birth"


def test_fifteen_digits_become_eighteen():
    assert from_legacy("110105491231002") == "11010519491231002X"
    read = check("110105491231002")
    assert isinstance(read, IdNumber)
    assert read.text == "11010519491231002X"
    assert read.legacy
    assert "15 位" in read.doubt
    # These sequences were kept for people of over a hundred years.
    assert from_legacy("110105800101998")[6:10] == "1880"


def test_fifteen_digits_are_whole_in_a_numeric_cell():
    assert isinstance(check("110105491231002.0", number_cell=True), IdNumber)


def test_mask():
    assert mask("361000194901010013") == "361***********0013"
    assert mask("110105491231002") == "110********1002"
    assert mask("12345") == "*****"


@given(seventeens)
def test_every_built_number_reads_back(seventeen):
    read = check(seventeen + check_digit(seventeen))
    assert isinstance(read, IdNumber)
    assert f"{read.birth:%Y%m%d}" == seventeen[6:14]
    assert read.sex == ("1" if int(seventeen[16]) % 2 else "2")


@given(seventeens, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(seventeen, place, digit):
    number = seventeen + check_digit(seventeen)
    wrong = number[:place] + digit + number[place + 1 :]
    assert (wrong == number) == isinstance(check(wrong), IdNumber)


@given(seventeens, st.integers(0, 16))
def test_two_swapped_digits_are_always_found(seventeen, place):
    number = seventeen + check_digit(seventeen)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (swapped == number) == isinstance(check(swapped), IdNumber)


@given(st.text())
def test_any_text_gets_an_answer(text):
    assert isinstance(check(text), IdNumber | IdProblem)
