"""Codes that are printed, sealed or told by phone."""

import pypinyin
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules.passwords import (
    _ALPHABET,
    ENROLMENT_BYTES,
    RECOVERY_BYTES,
    _check,
    enrolment_code,
    fingerprint,
    read_enrolment_code,
    read_recovery_code,
    recovery_code,
)
from app.rules.spoken_words import WORDS

recoveries = st.binary(min_size=RECOVERY_BYTES, max_size=RECOVERY_BYTES)
enrolments = st.binary(min_size=ENROLMENT_BYTES, max_size=ENROLMENT_BYTES)


def test_there_is_enough_chance_in_a_code():
    assert ENROLMENT_BYTES * 8 >= 60
    assert RECOVERY_BYTES * 8 >= 128


@given(recoveries)
def test_recovery_reads_back(random):
    assert read_recovery_code(recovery_code(random)) == random


@given(enrolments)
def test_enrolment_reads_back_however_it_is_typed(random):
    code = enrolment_code(random)
    assert read_enrolment_code(code.lower().replace("-", " ")) == random
    assert read_enrolment_code(code.replace("0", "O").replace("1", "l").replace("V", "U")) == random
    assert read_enrolment_code("".join(chr(ord(char) + 0xFEE0) for char in code)) == random


def test_form():
    assert recovery_code(bytes(RECOVERY_BYTES)) == "0000-0000-0000-0000-0000-0000-000"
    assert [len(group) for group in enrolment_code(b"\xff" * ENROLMENT_BYTES).split("-")] == [4, 4, 4, 2]
    with pytest.raises(ValueError, match="16 bytes"):
        recovery_code(b"short")


@given(recoveries, st.integers(0, 26), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_always_found(random, place, char):
    code = recovery_code(random).replace("-", "")
    wrong = code[:place] + char + code[place + 1 :]
    if wrong == code:
        assert read_recovery_code(wrong) == random
    else:
        with pytest.raises(BadInput):
            read_recovery_code(wrong)


@given(recoveries, st.integers(0, 26), st.integers(0, 26))
def test_two_swapped_characters_are_always_found(random, one, other):
    chars = list(recovery_code(random).replace("-", ""))
    chars[one], chars[other] = chars[other], chars[one]
    if "".join(chars) == recovery_code(random).replace("-", ""):
        assert read_recovery_code("".join(chars)) == random
    else:
        with pytest.raises(BadInput, match="应急恢复码"):
            read_recovery_code("".join(chars))


def test_words_of_the_messages():
    with pytest.raises(BadInput, match="开通码要 14 个字符, 这里是 3 个"):
        read_enrolment_code("ABC")
    with pytest.raises(BadInput, match="没有“中”这个字符"):
        read_enrolment_code("中" + "0" * 13)
    # 65 bits do not fit into eight bytes, even if the check character does.
    digits = [31] * 13
    with pytest.raises(BadInput, match="开通码"):
        read_enrolment_code("Z" * 13 + _ALPHABET[_check(digits)])


def test_words_are_told_apart_by_ear():
    assert len(WORDS) == len(set(WORDS)) == 256
    assert all(len(word) == 2 for word in WORDS)

    def southern(word):
        sound = "".join(pypinyin.lazy_pinyin(word))
        for one, other in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("f", "h")):
            sound = sound.replace(one, other)
        return sound

    assert len({southern(word) for word in WORDS}) == 256


def test_the_order_of_the_words_never_changes():
    assert " ".join(fingerprint(b"\x01" * 32)) == "司机 尺子 麻雀 灰色 帆船 镜子 大象 工厂"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_fingerprints_tell_keys_apart(one, other):
    assert len(fingerprint(one)) == 8
    assert (fingerprint(one) == fingerprint(other)) == (one == other)
