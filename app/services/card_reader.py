"""The ID-card reader on a serial line: one small interface for windows and terminal, all its states in words.

Without a reader nothing changes: values are typed. Makers' USB readers need their own driver and library; those that
come as a serial line (also a virtual one) speak the protocol of app/rules/id_card.py.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol, Self

import serial
from serial.tools import list_ports

from app import clock
from app.errors import BadInput, EnvironmentTrouble
from app.rules import id_card
from app.rules.id_card import Answer, FrameFault, IdCard

_TICK: Final = 0.02
"""How long one read of the line waits."""
_CHUNK: Final = 4096
_QUICK: Final = 0.6
"""Seconds until an answer without a card's contents begins."""
_PATIENT: Final = 5.0
"""Seconds until the contents begin to come."""
_PAUSE: Final = 0.4
"""Seconds of silence in the middle of an answer after which no more of it will come."""
_TRIES: Final = 3
_BETWEEN: Final = 0.3
"""Seconds between two looks for a card."""

BY_HAND: Final = "也可以手工输入。没有改动任何数据。"


class ReaderTrouble(EnvironmentTrouble):
    """The reader or its line; `state` is none|denied|busy|silent|garbled|gone|failed."""

    def __init__(self, state: str, text: str) -> None:
        self.state = state
        super().__init__(text)


class NoCard(EnvironmentTrouble):
    """Nobody has put a card on the reader, or it was taken away too early."""


class Port(Protocol):
    """What is used of a serial line."""

    def read(self, size: int = ...) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def reset_input_buffer(self) -> None: ...
    def close(self) -> None: ...


OpenPort = Callable[[str, int], Port]


@dataclass(frozen=True)
class PortName:
    """A serial line this computer has; `words` is how the system describes it."""

    name: str
    words: str


def ports() -> list[PortName]:
    """Serial lines, those on USB first: a reader is hardly ever on the old socket at the back."""
    found = sorted(list_ports.comports(), key=lambda port: (port.vid is None, port.device))
    return [PortName(port.device, port.description or "") for port in found]


def open_serial(name: str, baud: int) -> Port:
    """A line of eight bits without parity, for nobody else. Raises ReaderTrouble in words."""
    try:
        port: Port = serial.Serial(name, baud, timeout=_TICK, write_timeout=_QUICK, exclusive=True)
    except (serial.SerialException, OSError, ValueError) as error:
        raise _not_opened(name, error) from error
    return port


def _not_opened(name: str, error: Exception) -> ReaderTrouble:
    said = str(error).casefold()
    if "permission" in said or "access is denied" in said:
        return ReaderTrouble("denied", f"没有使用 {name} 的权限。请联系管理这台电脑的人, {BY_HAND}")
    if "busy" in said or "lock" in said or "temporarily" in said:
        return ReaderTrouble("busy", f"{name} 正被别的程序占用。请关掉其他读卡软件再试, {BY_HAND}")
    return ReaderTrouble("none", f"没有找到读卡器({name})。请看看线有没有插好, {BY_HAND}")


class CardReader:
    """A reader on one line. It is opened with `attach` (or as a context) and closed by whoever opened it."""

    def __init__(self, name: str, open_port: OpenPort = open_serial) -> None:
        self.name = name
        self.baud = 0
        self._open_port = open_port
        self._port: Port | None = None

    def __enter__(self) -> Self:
        """Attach."""
        self.attach()
        return self

    def __exit__(self, *_error: object) -> None:
        """Give the line back."""
        self.close()

    def attach(self) -> int:
        """Find the speed at which the reader answers and keep the line; gives the speed. Raises ReaderTrouble."""
        garbled = False
        for baud in id_card.BAUDS:
            self.close()
            self._port = self._open_port(self.name, baud)
            try:
                if self._ask(id_card.SAM_STATUS, _QUICK, tries=1).status == id_card.OK:
                    self.baud = baud
                    return baud
            except ReaderTrouble as trouble:
                if trouble.state not in ("silent", "garbled"):
                    self.close()
                    raise
                garbled = garbled or trouble.state == "garbled"
        self.close()
        if garbled:
            raise ReaderTrouble(
                "garbled", f"{self.name} 上的设备应答看不懂, 可能不是身份证读卡器。请换一个接口, {BY_HAND}"
            )
        raise ReaderTrouble("none", f"{self.name} 上没有读卡器应答。请看看读卡器有没有通电、线有没有插好, {BY_HAND}")

    def close(self) -> None:
        """Give the line back; harmless twice."""
        if self._port is not None:
            with contextlib.suppress(OSError):
                self._port.close()
            self._port = None

    def read(self, wait: float = 15.0, stopped: Callable[[], bool] = lambda: False) -> IdCard:
        """The card that is put on the reader within so many seconds.

        Raises NoCard when none comes, when it is taken away too early, or when `stopped` says so; ReaderTrouble for
        the reader itself.
        """
        for _ in self._looks(wait):
            if stopped():
                raise NoCard(f"已停止读卡。{BY_HAND}")
            if self._ask(id_card.FIND, _QUICK).status == id_card.FOUND:
                break
        else:
            raise NoCard(f"没有读到证件。请把身份证平放在读卡器上再试, {BY_HAND}")
        self._demand(self._ask(id_card.SELECT, _QUICK))
        text, photo = self._contents()
        card = replace(id_card.read_text(text), photo=photo)
        return replace(card, newest_address=self._newest_address())

    def removed(self, wait: float = 10.0) -> bool:
        """Whether the card is taken away within so many seconds, so that the same one is not read twice."""
        return any(self._ask(id_card.FIND, _QUICK).status != id_card.FOUND for _ in self._looks(wait))

    def _contents(self) -> tuple[bytes, bytes]:
        done = self._demand(self._ask(id_card.READ, _PATIENT))
        try:
            return id_card.contents(done.data)
        except FrameFault as fault:
            raise _untrusted() from fault

    def _newest_address(self) -> str:
        """Most cards have none, and some readers do not know the question: the printed address stands then."""
        done = self._ask(id_card.READ_NEWEST_ADDRESS, _PATIENT)
        if done.status == id_card.OK:
            return id_card.newest_address(done.data)
        if done.status in (id_card.NO_CARD, 0x41, 0x81):
            self._demand(done)
        return ""

    @staticmethod
    def _demand(done: Answer) -> Answer:
        if done.status == id_card.OK:
            return done
        said = id_card.STATUSES.get(done.status, f"读卡器返回了不认识的状态 {done.status:02X}")
        if done.status in (id_card.NO_CARD, 0x40, 0x41, 0x81):
            raise NoCard(f"{said}。请把身份证放好, 等读完再拿开, {BY_HAND}")
        raise ReaderTrouble("failed", f"{said}。{BY_HAND}")

    def _looks(self, wait: float) -> Iterator[None]:
        """One turn at once, then others until the time is over."""
        end = clock.ticks() + wait
        while True:
            yield
            if clock.ticks() + _BETWEEN > end:
                return
            time.sleep(_BETWEEN)

    def _ask(self, frame: bytes, wait: float, tries: int = _TRIES) -> Answer:
        """Send a frame and read the answer; what comes damaged or cut is asked for again."""
        port = self._port
        if port is None:
            raise ReaderTrouble("none", f"读卡器没有打开。{BY_HAND}")
        last = ReaderTrouble("silent", f"读卡器没有应答。请把线拔下重插再试, {BY_HAND}")
        try:
            for _ in range(tries):
                port.reset_input_buffer()
                port.write(frame)
                found = _listen(port, wait)
                if isinstance(found, Answer):
                    return found
                last = found
        except (serial.SerialException, OSError) as error:
            self.close()
            raise ReaderTrouble("gone", f"读卡器断开了。请把线插好再试, {BY_HAND}") from error
        raise last


def _listen(port: Port, wait: float) -> Answer | ReaderTrouble:
    received = b""
    end = clock.ticks() + wait
    while clock.ticks() < end:
        piece = port.read(_CHUNK)
        if not piece:
            continue
        received += piece
        # However slowly: at 9600 baud the contents take over two seconds.
        end = clock.ticks() + _PAUSE
        try:
            if (whole := id_card.answer(received)) is not None:
                return whole
        except FrameFault:
            return _untrusted()
    if received:
        return _untrusted()
    return ReaderTrouble("silent", f"读卡器没有应答。请把线拔下重插再试, {BY_HAND}")


def _untrusted() -> ReaderTrouble:
    return ReaderTrouble("garbled", f"读卡器的应答不完整(校验不符), 没有采用。请把证件重新放一次, {BY_HAND}")


def find(open_port: OpenPort = open_serial) -> CardReader:
    """The first reader that answers on any line, attached. Raises ReaderTrouble if there is none."""
    last: ReaderTrouble | None = None
    for port in ports():
        reader = CardReader(port.name, open_port)
        try:
            reader.attach()
        except ReaderTrouble as trouble:
            last = trouble
        else:
            return reader
    raise last or ReaderTrouble("none", f"这台电脑没有找到读卡器。{BY_HAND}")


def from_text(text: str) -> IdCard:
    """A card from what a keyboard wedge typed or somebody pasted. Raises BadInput for a text without an ID number."""
    card = id_card.from_text(text)
    if card is None:
        raise BadInput("这段文字里没有身份证号。请重新读一次证件, 或手工输入。没有改动任何数据。")
    return card


__all__ = [
    "CardReader", "IdCard", "NoCard", "OpenPort", "Port", "PortName", "ReaderTrouble", "find", "from_text",
    "open_serial", "ports",
]  # fmt: skip
