"""Frames of the SAM protocol, the text block of all kinds of card, text that was typed instead of read."""

import datetime as dt

import pytest

from app.rules import id_card, id_number
from app.rules.id_card import FrameFault
from tests.services.reader import answer, text_block, utf16

SEVENTEEN = "36100219560312901"
NUMBER = SEVENTEEN + id_number.check_digit(SEVENTEEN)
DAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("frame", "known"),
    [
        (id_card.FIND, "AAAAAA966900032001 22"),
        (id_card.SELECT, "AAAAAA966900032002 21"),
        (id_card.READ, "AAAAAA966900033001 32"),
        (id_card.READ_NEWEST_ADDRESS, "AAAAAA966900033003 30"),
        (id_card.SAM_STATUS, "AAAAAA9669000311FF ED"),
        (id_card.command(0x12, 0xFF), "AAAAAA9669000312FF EE"),
    ],
)
def test_known_frames(frame: bytes, known: str) -> None:
    assert frame == bytes.fromhex(known)


def test_known_answers() -> None:
    found = id_card.answer(bytes.fromhex("AAAAAA9669 0008 00009F 00000000 97"))
    assert found is not None
    assert (found.status, found.data) == (id_card.FOUND, bytes(4))
    selected = id_card.answer(bytes.fromhex("AAAAAA9669 000C 000090 0000000000000000 9C"))
    assert selected is not None
    assert selected.status == id_card.OK
    whole = answer(id_card.OK, b"\x01\x00\x04\x00" + bytes(1280))
    assert len(whole) == 1295
    assert whole[5:7] == b"\x05\x08"


def test_an_answer_comes_in_pieces_after_noise() -> None:
    whole = answer(id_card.OK, b"\xaa\xaa\xaa\x96\x69")
    for end in range(len(whole)):
        assert id_card.answer(b"\x00\xaa" + whole[:end]) is None
    done = id_card.answer(b"\x00\xaa" + whole + b"more")
    assert done is not None
    assert done.data == id_card.PREAMBLE


def test_faults_of_frames() -> None:
    whole = answer(id_card.OK, b"abc")
    for place in range(7, len(whole)):
        with pytest.raises(FrameFault, match="checksum"):
            id_card.answer(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
    for length in (b"\x00\x03", b"\xff\xff"):
        with pytest.raises(FrameFault, match="length"):
            id_card.answer(whole[:5] + length + whole[7:])
    for data in (b"", b"\x01\x00\x04\x00" + bytes(10), b"\x00\x01\x00\x00" + bytes(10)):
        with pytest.raises(FrameFault):
            id_card.contents(data)
    with pytest.raises(FrameFault):
        id_card.read_text(bytes(255))


def test_names_and_fields_of_a_card() -> None:
    card = id_card.read_text(
        text_block(name="古丽•买买提", sex="2", ethnicity="05", number=NUMBER, valid_to="20360701")
    )
    assert (card.name, card.valid_to, card.ethnicity) == ("古丽·买买提", "2036-07-01", "05")
    assert card.faults == ("证件上的性别与号码里的不一样。请核对。",)
    assert id_card.read_text(text_block(name="𠮷峯", number=NUMBER)).name == "𠮷峯"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"number": NUMBER[:17] + ("0" if NUMBER[17] != "0" else "1")}, "最后一位对不上"),
        ({"number": ""}, "没有填身份证号"),
        ({"number": NUMBER, "name": ""}, "没有读出姓名"),
        ({"number": NUMBER, "name": "张\ue000"}, "自造字(U+E000)"),
        ({"number": NUMBER, "birth": "19560313"}, "出生日期 1956-03-13 与号码里的 1956-03-12 不一样"),
        ({"number": NUMBER, "birth": "19561399"}, "出生日期 19561399 与号码里的"),
        ({"number": NUMBER, "ethnicity": "77"}, "民族代码“77”不在代码表里"),
    ],
)
def test_what_looks_wrong_is_said_and_kept(more: dict[str, str], said: str) -> None:
    card = id_card.read_text(text_block(**more))
    assert any(said in one for one in card.faults), card.faults
    assert card.warnings(DAY) == card.faults


@pytest.mark.parametrize(
    ("flag", "words", "filled"),
    [
        ("J", "这是港澳台居民居住证。", True),
        ("I", "这是外国人永久居留身份证。请手工登记。", False),
        ("Y", "这是外国人永久居留身份证(2023版)。请手工登记。", False),
    ],
)
def test_other_kinds_of_card_are_named(flag: str, words: str, filled: bool) -> None:
    seventeen = "83000019560312901"
    number = seventeen + id_number.check_digit(seventeen)
    card = id_card.read_text(text_block(ethnicity="", number=number, flag=flag))
    assert words in card.warnings(DAY)
    assert bool(card.values()) == filled
    assert "ethnicity" not in card.values()


def test_newest_addresses() -> None:
    first, second = utf16("一号", 70), utf16("二号", 70)
    assert id_card.newest_address(first + second) == "二号"
    assert id_card.newest_address(first + utf16("", 70)) == "一号"
    assert id_card.newest_address(utf16("", 70)) == ""
    assert id_card.newest_address(b"") == ""
    assert id_card.newest_address(first + b"\xff" * 70) == "一号"


@pytest.mark.parametrize(
    "text",
    [
        (
            "姓名: 张建国 性别: 男 民族: 汉 出生: 1956年3月12日 住址: 江西省抚州市临川区民族路1号 "
            f"公民身份号码: {NUMBER} 签发机关: 抚州市公安局临川分局 有效期限: 2006.07.01-长期"
        ),
        (
            "姓名 张建国\n性别 男\n民族 汉族\n出生 19560312\n住址 江西省抚州市临川区\n民族路1号\n"
            f"公民身份号码 {NUMBER}\n签发机关 抚州市公安局临川分局\n有效期 20060701-长期"
        ),
        f"张建国|男|汉族|1956-03-12|江西省抚州市临川区民族路1号|{NUMBER}|抚州市公安局临川分局|20060701-长期",
        f"张建国\t男\t汉\t19560312\t江西省抚州市临川区民族路1号\t{NUMBER}\t抚州市公安局临川分局\t20060701长期\r\n",
        f"{NUMBER},张建国,男,汉,19560312,江西省抚州市临川区民族路1号,抚州市公安局临川分局,2006.07.01-长期",
    ],
)
def test_text_that_was_typed_or_pasted(text: str) -> None:
    card = id_card.from_text(text)
    assert card is not None
    assert card.values() == {
        "name": "张建国", "id_number": NUMBER, "sex": "1", "birth_date": "1956-03-12", "ethnicity": "01",
        "address": "江西省抚州市临川区民族路1号",
    }  # fmt: skip
    assert (card.authority, card.valid_from, card.valid_to, card.faults) == (
        "抚州市公安局临川分局",
        "2006-07-01",
        "长期",
        (),
    )


def test_a_number_alone_and_numbers_that_are_wrong() -> None:
    card = id_card.from_text(f" {NUMBER.lower()} ")
    assert card is not None
    assert card.values() == {"id_number": NUMBER, "sex": "1", "birth_date": "1956-03-12"}
    assert card.faults == ()
    old = id_card.from_text(NUMBER[:6] + NUMBER[8:17])
    assert old is not None
    assert old.number == NUMBER
    wrong = id_card.from_text("姓名: 张三 身份证号: 361002195603129000")
    assert wrong is not None
    assert wrong.faults
    assert id_card.from_text("13800138000") is None
    assert id_card.from_text("") is None
