"""Levels and scopes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules import levels
from app.rules.levels import above, covers, covers_above, is_division, order, parent, scope_code, scope_codes, within

VILLAGE = "361002100201"


def test_order_and_names():
    assert [order(level) for level in levels.LEVELS] == [0, 1, 2, 3]
    assert [levels.NAMES[level] for level in levels.LEVELS] == ["村站", "镇站", "县局", "市局"]
    assert above("county", "township")
    assert not above("county", "county")
    assert not above("village", "city")
    assert [parent(level) for level in levels.LEVELS] == ["township", "county", "city", None]
    with pytest.raises(BadInput, match="没有“province”这一级"):
        order("province")


@pytest.mark.parametrize(
    ("level", "code", "prefix"),
    [
        ("village", VILLAGE, VILLAGE),
        ("township", "361002100", "361002100"),
        ("township", "361002100000", "361002100"),
        ("township", VILLAGE, VILLAGE),
        ("county", "361002", "361002"),
        ("county", "361002000000", "361002"),
        ("city", "3610", "3610"),
        ("city", "361000", "3610"),
        ("city", "361000000000", "3610"),
        ("city", "361002", "361002"),
    ],
)
def test_scope_codes_of_each_level(level, code, prefix):
    assert scope_code(level, code) == prefix


@pytest.mark.parametrize(
    ("level", "code"),
    [("village", "361002100"), ("township", "361002"), ("county", "3610"), ("city", "36"), ("city", "3"), ("county", "36100x"),
     ("county", "3610021"), ("village", VILLAGE + "1"), ("village", "３６１００２１００２０１"), ("county", "")],
)  # fmt: skip
def test_codes_too_wide_or_broken(level, code):
    with pytest.raises(BadInput):
        scope_code(level, code)


def test_a_scope_of_several_codes():
    assert scope_codes("township", ["361002101", "361002100", "361002100201"]) == ("361002100", "361002101")
    with pytest.raises(BadInput, match="没有填管辖范围"):
        scope_codes("village", [])


def test_covers():
    assert covers(("361002100", "361002103"), VILLAGE)
    assert not covers(("361002101",), VILLAGE)
    assert not covers((), VILLAGE)
    assert within(("361002100", VILLAGE), ("361002",))
    assert not within(("361002100", "361003100"), ("361002",))


def test_units_above():
    scope = ("361002100201",)
    assert all(covers_above(scope, code) for code in ("361000000000", "361002000000", "361002100000", "361002", "3610"))
    assert not covers_above(scope, "361003000000")
    assert not covers_above(("361002",), "361002100000")


def test_divisions():
    assert is_division(VILLAGE)
    assert not is_division("361002100")
    assert not is_division("３６１００２１００２０１")


@given(st.text("0123456789", min_size=12, max_size=12), st.sampled_from([4, 6, 9, 12]))
def test_a_unit_covers_what_begins_with_it(division, width):
    assert covers((division[:width],), division)
    assert covers_above((division,), division[:width])
