"""Money: fen inside, text outside, capitals on paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules.money import capitals, format_grouped, format_yuan, parse_yuan, total

VALUES = {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_capitals(text):
    """Read capitals back by another way: right-hand units gather what stands before them."""
    yuan_text, _, rest = text.partition("元") if "元" in text else ("", "", text)
    yuan, section, digit = 0, 0, 0
    for char in yuan_text:
        if char in VALUES:
            digit = VALUES[char]
        elif char in UNITS:
            section, digit = section + digit * UNITS[char], 0
        else:
            yuan, section, digit = yuan + (section + digit) * {"万": 10**4, "亿": 10**8}[char], 0, 0
    fen, digit = (yuan + section + digit) * 100, 0
    for char in rest:
        if char in VALUES:
            digit = VALUES[char]
        elif char in "角分":
            fen, digit = fen + digit * {"角": 10, "分": 1}[char], 0
    return fen


@pytest.mark.parametrize(
    ("yuan", "text"),
    [
        ("10", "壹拾元整"),
        ("1010", "壹仟零壹拾元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("55857.80", "伍万伍仟捌佰伍拾柒元捌角整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0", "零元整"),
        ("0.15", "壹角伍分"),
        ("10000", "壹万元整"),
        ("10001", "壹万零壹元整"),
        ("10999", "壹万零玖佰玖拾玖元整"),
        ("100000000", "壹亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("100001000", "壹亿零壹仟元整"),
        ("110000000", "壹亿壹仟万元整"),
        ("999900000000", "玖仟玖佰玖拾玖亿元整"),
        ("20305.07", "贰万零叁佰零伍元零柒分"),
    ],
)
def test_capitals(yuan, text):
    fen = parse_yuan(yuan, largest=10**15)
    assert capitals(fen) == text
    assert read_capitals(text) == fen


@given(st.integers(0, 9999_9999_9999_99))
def test_capitals_read_back(fen):
    text = capitals(fen)
    assert read_capitals(text) == fen
    assert "零零" not in text
    assert not text.startswith("零") or fen == 0
    assert text.endswith(("分", "整"))


@pytest.mark.parametrize("fen", [-1, 9999_9999_9999_99 + 1])
def test_no_capitals_outside_the_range(fen):
    with pytest.raises(ValueError, match="no capitals"):
        capitals(fen)


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("1,234.50", 123450),
        ("1234.5", 123450),
        ("１，２３４．５０元", 123450),
        ("￥300", 30000),
        ("¥300.00", 30000),
        ("人民币500元整", 50000),
        (" 0.01 ", 1),
        ("0", 0),
        ("007", 700),
    ],
)
def test_ways_of_writing(written, fen):
    assert parse_yuan(written) == fen


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (500, "引号"),
        (500.0, "引号"),
        (None, "引号"),
        ("", "没有填"),
        ("元", "没有填"),
        ("-5", "负数"),
        ("1.234", "看不懂"),
        ("12,34", "看不懂"),
        ("1.2万", "看不懂"),
        ("伍佰", "看不懂"),
        ("1e3", "看不懂"),
        (".5", "看不懂"),
        ("5.", "看不懂"),
        ("100000000.01", "超过 100,000,000.00 元"),
    ],
)
def test_what_is_refused(written, says):
    with pytest.raises(BadInput, match=says):
        parse_yuan(written)


def test_written_forms():
    assert format_yuan(123450) == "1234.50"
    assert format_yuan(-5) == "-0.05"
    assert format_grouped(123456789) == "1,234,567.89"


@given(st.integers(0, 10**10))
def test_both_forms_read_back(fen):
    assert parse_yuan(format_yuan(fen)) == fen
    assert parse_yuan(format_grouped(fen)) == fen


def test_total_takes_whole_fen_only():
    assert total([1, 2, 3]) == 6
    with pytest.raises(TypeError):
        total([1, 2.5])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        total([True])
