"""Numbers of papers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules.numbering import PaperNumber, certificate_number, document_number, read


def test_forms():
    assert certificate_number("×退服", 2026, 12) == "×退服字〔2026〕第0012号"
    assert certificate_number("桥退服介", 2026, 12345) == "桥退服介字〔2026〕第12345号"
    assert document_number("桥退服", 2026, 12) == "桥退服〔2026〕12号"
    assert "\u3014" in document_number("桥退服", 2026, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "桥退服字〔2026〕第0012号",
        "桥退服字[2026]第12号",
        "桥退服字（2026） 第 0012 号",
        "桥退服字【2026】12号",
        "桥退服字〔2026〕第0012",
    ],
)
def test_tolerant_reading(typed):
    assert read(typed) == PaperNumber("桥退服", 2026, 12)


@pytest.mark.parametrize(
    "typed", ["", "12", "桥退服字〔1026〕第0012号", "桥退服字〔2026〕第0000号", "桥退服〔2026〕十二号"]
)
def test_unreadable(typed):
    with pytest.raises(BadInput, match="看不懂"):
        read(typed)


@pytest.mark.parametrize(
    ("prefix", "year", "number"), [("", 2026, 1), ("桥\n退", 2026, 1), ("桥", 26, 1), ("桥", 2026, 0)]
)
def test_parts_that_make_no_sense(prefix, year, number):
    with pytest.raises(BadInput):
        certificate_number(prefix, year, number)
    with pytest.raises(BadInput):
        document_number(prefix, year, number)


@given(st.text("桥头镇退服介", min_size=1, max_size=10), st.integers(1949, 2199), st.integers(1, 99_999_999))
def test_reads_back(prefix, year, number):
    assert str(read(certificate_number(prefix, year, number))) == certificate_number(prefix, year, number)
