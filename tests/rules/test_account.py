"""Bank accounts."""

import pytest

from app.rules.account import LOST_DIGITS, doubt, mask, normalise, problem


def test_normalise():
    assert normalise("'6228 4800-0000 0000 018") == "6228480000000000018"
    assert normalise("６２２８４８") == "622848"
    assert normalise("12345678.0") == "12345678"


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "没有填"), ("一卡通", "只能是数字"), ("1234567", "7 位"), ("1" * 33, "33 位")],
)
def test_bad(text, says):
    assert says in problem(text)


def test_digits_lost_in_excel():
    assert problem("6.22848E+18") == LOST_DIGITS
    assert problem("6228480012345670000", number_cell=True) == LOST_DIGITS
    assert problem("123456789012345", number_cell=True) == ""


def test_good():
    assert problem("10101234567890123") == ""


def test_card_check_digit():
    # 6222021234567890128 fits Luhn's check; its neighbour does not.
    assert doubt("6222021234567890128") == ""
    assert "最后一位" in doubt("6222021234567890129")
    assert "最后一位" in doubt("6222021234567890218")
    # A passbook follows no common rule.
    assert doubt("10101234567890123") == ""


def test_zeros_at_the_end():
    assert "丢过后几位" in doubt("1010123456789010000")


def test_mask():
    assert mask("6222021234567890128") == "****0128"
    assert mask("123") == "****"
