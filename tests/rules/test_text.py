"""What any text field may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.text import clean, half_width, is_private_use, problems


def test_ends_are_trimmed_and_nothing_else_changes():
    assert clean("\u3000 第一行\r\n第二行\r\ufeff\u200b") == "第一行\n第二行"
    # NFC would replace this character of GB 18030.
    assert clean("\uf92c 某") == "\uf92c 某"


def test_a_nul_is_kept_for_the_check_to_name():
    assert problems(clean("\x00张三")) == ("第 1 个字是空字符(NUL), 不能保存。请删去后重新输入。",)


@pytest.mark.parametrize(
    ("text", "says"),
    [("张\x00三", "NUL"), ("张\ud800", "U+D800"), ("a\x07", "U+0007"), ("a\u202eb", "U+202E"), ("a\uffff", "U+FFFF")],
)
def test_each_bad_character_is_named_with_its_place(text, says):
    (problem,) = problems(text)
    assert says in problem
    assert (
        f"第 {text.index(next(c for c in text if c in chr(0) + chr(0xD800) + chr(7) + chr(0x202E) + chr(0xFFFF))) + 1} 个字"
        in problem
    )


def test_all_bad_characters_are_named_at_once():
    assert len(problems("\x00张\udfff三\x1b")) == 3


def test_line_breaks_only_where_there_are_lines():
    assert problems("一\n二\t三") == ()
    assert len(problems("一\n二\t三", lines=False)) == 2


def test_rare_characters_are_welcome():
    assert problems("䶮㛃𠮷\U00030000", lines=False) == ()


def test_private_use():
    assert is_private_use("\ue000")
    assert is_private_use("\U000f0000")
    assert not is_private_use("䶮")


def test_half_width():
    assert half_width("３６１Ｘ　ｘ．") == "361X x."


@given(st.text())
def test_clean_is_stable(text):
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet=st.characters(categories=["Lo", "Nd"])))
def test_letters_and_digits_are_never_a_problem(text):
    assert problems(text, lines=False) == ()
