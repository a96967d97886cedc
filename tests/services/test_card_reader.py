"""The ID-card reader against a simulated one on a pseudo-terminal: every state, and what each says to the clerk."""

import datetime as dt
from collections.abc import Iterator

import pytest
import serial

from app.errors import BadInput
from app.rules import id_card, id_number
from app.services import card_reader
from app.services.card_reader import CardReader, NoCard, PortName, ReaderTrouble
from tests.services.reader import PHOTO, Reader, answer, text_block, utf16

SEVENTEEN = "36100219560312901"
NUMBER = SEVENTEEN + id_number.check_digit(SEVENTEEN)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated reader answers at once: nobody has to wait as long as for a real one."""
    for name, seconds in (("_QUICK", 0.25), ("_PATIENT", 1.0), ("_PAUSE", 0.15), ("_BETWEEN", 0.05)):
        monkeypatch.setattr(card_reader, name, seconds)


@pytest.fixture
def device() -> Iterator[Reader]:
    reader = Reader(text_block(number=NUMBER))
    yield reader
    reader.stop()


def read(device: Reader, wait: float = 2.0) -> id_card.IdCard:
    with CardReader(device.start()) as reader:
        return reader.read(wait)


def flipped(whole: bytes) -> bytes:
    return whole[:-1] + bytes((whole[-1] ^ 0xFF,))


def test_a_card_is_read(device: Reader) -> None:
    card = read(device)
    assert card.values() == {
        "name": "张建国", "id_number": NUMBER, "sex": "1", "birth_date": "1956-03-12", "ethnicity": "01",
        "address": "江西省抚州市临川区上顿渡镇荷塘村1组",
    }  # fmt: skip
    assert (card.kind, card.authority, card.valid_from, card.valid_to) == (
        "resident",
        "抚州市公安局临川分局",
        "2006-07-01",
        "长期",
    )
    assert (card.photo, card.faults) == (PHOTO, ())
    assert device.asked == [id_card.SAM_STATUS, id_card.FIND, id_card.SELECT, id_card.READ, id_card.READ_NEWEST_ADDRESS]


def test_a_card_may_come_a_little_later(device: Reader) -> None:
    device.finds_before_card = 2
    assert read(device).number == NUMBER


def test_no_card(device: Reader) -> None:
    device.block = b""
    with pytest.raises(NoCard, match="没有读到证件。请把身份证平放在读卡器上再试") as caught:
        read(device, 0.4)
    assert caught.value.exit_code == 4


def test_reading_can_be_stopped(device: Reader) -> None:
    with CardReader(device.start()) as reader, pytest.raises(NoCard, match="已停止读卡"):
        reader.read(stopped=lambda: True)


@pytest.mark.parametrize(
    ("at", "wrong"),
    [(11, b"\x99"), (600, b"\x99"), (5, b"\xff\xff"), (5, b"\x00\x01")],
    ids=["head", "photo", "too long", "too short"],
)
def test_an_answer_with_a_wrong_check_is_asked_for_again(device: Reader, at: int, wrong: bytes) -> None:
    def spoiled(whole: bytes) -> bytes:
        return whole[:at] + wrong + whole[at + len(wrong) :]

    device.spoil[id_card.READ], device.times[id_card.READ] = spoiled, 1
    assert read(device).number == NUMBER
    assert device.asked.count(id_card.READ) == 2


def test_a_check_that_stays_wrong_is_said_and_nothing_is_taken(device: Reader) -> None:
    device.spoil[id_card.READ] = flipped
    with pytest.raises(ReaderTrouble, match="读卡器的应答不完整") as caught:
        read(device)
    assert caught.value.state == "garbled"
    assert device.asked.count(id_card.READ) == 3


def test_a_cut_frame(device: Reader) -> None:
    device.spoil[id_card.READ], device.times[id_card.READ] = (lambda whole: whole[:700]), 1
    assert read(device).number == NUMBER
    device.stop()
    always = Reader(text_block(number=NUMBER))
    always.spoil[id_card.READ] = lambda whole: whole[:700]
    with pytest.raises(ReaderTrouble, match="不完整"):
        read(always)
    always.stop()


def test_a_slow_reader_and_noise_on_the_line(device: Reader) -> None:
    device.slow, device.noise = 0.05, b"\x00\xaa\xaa"
    assert read(device).photo == PHOTO


@pytest.mark.parametrize("baud", [57600, 9600])
def test_another_speed_is_found(device: Reader, baud: int) -> None:
    device.baud = baud
    with CardReader(device.start()) as reader:
        assert reader.baud == baud
        assert reader.read().number == NUMBER


def test_a_device_that_is_no_reader(device: Reader) -> None:
    device.spoil[id_card.SAM_STATUS] = lambda _whole: b"ATZ OK\r\n"
    with pytest.raises(ReaderTrouble, match="可能不是身份证读卡器") as caught:
        read(device)
    assert caught.value.state == "garbled"


def test_a_silent_line(device: Reader) -> None:
    device.spoil[id_card.SAM_STATUS], device.garble = (lambda _whole: b""), b""
    with pytest.raises(ReaderTrouble, match="没有读卡器应答") as caught:
        read(device)
    assert caught.value.state == "none"


def test_the_newest_address_counts(device: Reader) -> None:
    device.address = (
        utf16("江西省抚州市临川区钟岭街道1号", 70) + utf16("江西省抚州市临川区青云街道2号", 70) + utf16("", 70)
    )
    card = read(device)
    assert card.newest_address == card.values()["address"] == "江西省抚州市临川区青云街道2号"
    assert card.address == "江西省抚州市临川区上顿渡镇荷塘村1组"


@pytest.mark.parametrize(
    ("command", "status", "error", "said"),
    [
        (id_card.SELECT, 0x81, NoCard, "选取证件失败, 可能拿开得太早"),
        (id_card.READ, 0x41, NoCard, "读证件失败, 可能拿开得太早"),
        (id_card.READ_NEWEST_ADDRESS, 0x41, NoCard, "可能拿开得太早"),
        (id_card.READ, 0x31, ReaderTrouble, "可能不是居民身份证"),
        (id_card.SELECT, 0x66, ReaderTrouble, "没有授权"),
        (id_card.READ, 0x77, ReaderTrouble, "不认识的状态 77"),
    ],
)
def test_what_the_reader_says_no_with(
    device: Reader, command: bytes, status: int, error: type[Exception], said: str
) -> None:
    device.spoil[command] = lambda _whole: answer(status)
    with pytest.raises(error, match=said) as caught:
        read(device)
    assert "没有改动任何数据" in str(caught.value)


def test_a_reader_that_knows_no_newest_address(device: Reader) -> None:
    device.spoil[id_card.READ_NEWEST_ADDRESS] = lambda _whole: answer(0x21)
    assert read(device).newest_address == ""


def test_contents_of_an_impossible_size(device: Reader) -> None:
    device.spoil[id_card.READ] = lambda _whole: answer(id_card.OK, b"\x00\x10\x04\x00" + bytes(1040))
    with pytest.raises(ReaderTrouble, match="不完整"):
        read(device)


def test_a_card_taken_away_is_noticed(device: Reader) -> None:
    with CardReader(device.start()) as reader:
        reader.read()
        assert not reader.removed(0.1)
        device.block = b""
        assert reader.removed()


def test_a_reader_unplugged_in_the_middle(device: Reader) -> None:
    reader = CardReader(device.start())
    reader.attach()
    device.unplugged = True
    with pytest.raises(ReaderTrouble, match="读卡器断开了") as caught:
        reader.read()
    assert caught.value.state == "gone"
    with pytest.raises(ReaderTrouble, match="没有打开"):
        reader.read()
    reader.close()


def test_a_line_that_is_not_there() -> None:
    with pytest.raises(ReaderTrouble, match="没有找到读卡器") as caught:
        CardReader("/dev/nothing-of-this-name").attach()
    assert caught.value.state == "none"


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("[Errno 13] Permission denied: 'COM3'", "denied"),
        ("could not exclusively lock port: Resource temporarily unavailable", "busy"),
    ],
)
def test_a_line_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch, words: str, state: str) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise serial.SerialException(words)

    monkeypatch.setattr(serial, "Serial", refuse)
    with pytest.raises(ReaderTrouble) as caught:
        CardReader("COM3").attach()
    assert caught.value.state == state


def test_a_line_somebody_else_has(device: Reader) -> None:
    name = device.start()
    with CardReader(name), pytest.raises(ReaderTrouble, match="占用") as caught:
        CardReader(name).attach()
    assert caught.value.state == "busy"


def test_the_first_reader_on_any_line(device: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [PortName("/dev/nothing-of-this-name", ""), PortName(device.start(), "USB")]
    monkeypatch.setattr(card_reader, "ports", lambda: names)
    reader = card_reader.find()
    assert reader.read().number == NUMBER
    reader.close()
    monkeypatch.setattr(card_reader, "ports", lambda: names[:1])
    with pytest.raises(ReaderTrouble, match="没有找到读卡器"):
        card_reader.find()
    monkeypatch.setattr(card_reader, "ports", list)
    with pytest.raises(ReaderTrouble, match="这台电脑没有找到读卡器"):
        card_reader.find()


def test_lines_of_this_computer_can_be_listed() -> None:
    assert all(isinstance(port, PortName) for port in card_reader.ports())


def test_text_of_a_keyboard_wedge() -> None:
    assert card_reader.from_text(f"张建国|男|汉|19560312|{NUMBER}").name == "张建国"
    with pytest.raises(BadInput, match="没有身份证号"):
        card_reader.from_text("张建国 13800138000")


def test_an_expired_card_is_said(device: Reader) -> None:
    device.block = text_block(number=NUMBER, valid_to="20200701")
    assert read(device).warnings(dt.date(2026, 11, 23)) == ("证件已于 2020-07-01 到期, 请提醒换证。",)
