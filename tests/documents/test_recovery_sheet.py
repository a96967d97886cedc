"""The sheet for the sealed envelope: the code whole and readable, room for whoever opens it, no other trace."""

import datetime as dt

import pypdfium2
import pytest

from app.documents.recovery_sheet import RecoverySheet, recovery_sheet
from app.errors import BadInput

CODE = "7Q2KM-0ZXCV-9ABDE-R4T5Y-HJ6K8"


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_the_code_stands_on_one_sheet_with_the_lines_for_opening_it() -> None:
    made = recovery_sheet(RecoverySheet("桥头村退役军人服务站", CODE, dt.date(2026, 11, 23), "周敏"))
    text = text_of(made.pdf)
    assert made.pages == 1
    for group in CODE.split("-"):
        assert group in text
    for words in ("应急恢复码", "桥头村退役军人服务站", "2026年11月23日", "周敏", "启封人", "启封日期", "保管人"):
        assert words in text
    assert made.missing == ()


def test_a_long_name_and_rare_characters_fit() -> None:
    made = recovery_sheet(
        RecoverySheet("䶮㛃𠮷" + "村" * 22 + "退役军人服务站", CODE, dt.date(2026, 11, 23), "㛃" * 25)
    )
    assert made.pages == 1
    assert made.missing == ()
    assert set(made.rare) <= {"䶮", "㛃", "𠮷"}


def test_a_practice_sheet_says_so() -> None:
    plain = recovery_sheet(RecoverySheet("桥头村站", CODE, dt.date(2026, 11, 23), "周敏"), invariant=True)
    marked = recovery_sheet(
        RecoverySheet("桥头村站", CODE, dt.date(2026, 11, 23), "周敏", practice=True), invariant=True
    )
    assert plain.pdf != marked.pdf
    assert "练习" in text_of(marked.pdf)


def test_without_a_code_there_is_no_sheet() -> None:
    with pytest.raises(BadInput, match="没有应急恢复码"):
        recovery_sheet(RecoverySheet("桥头村站", " ", dt.date(2026, 11, 23), "周敏"))
