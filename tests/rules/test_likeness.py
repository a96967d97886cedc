"""Likeness of names, numbers and dates, case by case."""

import pytest

from app.rules import id_number, likeness, names

RIGHT = "361002195603129011"


def with_check(seventeen: str) -> str:
    return seventeen + id_number.check_digit(seventeen)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("张建国", "张建国", "same"),
        ("张建国", "章建国", "by_ear"),
        ("张建国", "张健国", "by_ear"),
        ("单建国", "山建国", "by_ear"),
        ("张明", "张朋", "by_eye"),
        ("余建国", "佘建国", "by_eye"),
        ("张建国", "张国建", "swapped"),
        ("古丽巴哈尔·阿不都热合曼", "古丽巴哈尔", "shortened"),
        ("王建国", "王建", "different"),
        ("张建国", "张建军", "different"),
        ("张建国", "张建芳", "different"),
        ("", "张建国", "unknown"),
        ("張峯", "张峰", "same"),
        ("张　三", "张三", "same"),
    ],
)
def test_names(first: str, second: str, expected: str) -> None:
    for one, other in ((first, second), (second, first)):
        assert likeness.of_names(names.folded(one), names.folded(other)) == expected


@pytest.mark.parametrize(
    ("other", "valid", "expected"),
    [
        (RIGHT, True, "same"),
        ("361002195603129021", False, "slip"),
        ("361020195603129011", False, "slip"),
        ("36100219560312911", False, "slip"),
        ("361002195603129000", False, "slip"),
        ("361002195603129000", True, "slip"),
        (with_check("36100219560312903"), True, "fitting_slip"),
        (with_check("36100219570312901"), True, "fitting_slip"),
        (with_check("36100219650312901"), True, "fitting_slip"),
        (with_check("36100219790707901"), True, "unlike"),
        ("361002197907079012", False, "unlike"),
        ("", False, "unknown"),
    ],
)
def test_numbers(other: str, valid: bool, expected: str) -> None:
    kind, said = likeness.of_numbers(RIGHT, other, both_valid=valid)
    assert kind == expected
    assert bool(said) == (expected in ("same", "slip", "fitting_slip"))
    assert likeness.of_numbers(other, RIGHT, both_valid=valid) == (kind, said)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("1956-03-12", "1956-03-12", "day"),
        ("1956-03", "1956-03-12", "month"),
        ("1956-03", "1956-03", "month"),
        ("1956", "1956-03-12", "year"),
        ("1956-03-12", "1956-12-03", "slip"),
        ("1956-03-12", "1956-03-21", "slip"),
        ("1956-03-12", "1965-03-12", "slip"),
        ("1969-03-12", "1970-03-12", "slip"),
        ("1956-03-12", "1957-04-12", "different"),
        ("1956-03", "1957", "different"),
        ("", "1957", "unknown"),
    ],
)
def test_births(first: str, second: str, expected: str) -> None:
    assert likeness.of_births(first, second) == expected
    assert likeness.of_births(second, first) == expected


def test_the_table_of_look_alikes_goes_both_ways_and_holds_no_variants() -> None:
    for char, others in likeness.LOOK_ALIKE.items():
        assert char not in others
        for other in others:
            assert char in likeness.LOOK_ALIKE[other]
            assert names.folded(char) != names.folded(other), char + other
