"""A simulated ID-card reader at the other end of a pseudo-terminal: it answers frames as a real one does, or fails as told."""

import os
import termios
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass, field

from app.rules import id_card

_SPEEDS = {
    115200: termios.B115200, 57600: termios.B57600, 38400: termios.B38400, 19200: termios.B19200, 9600: termios.B9600,
}  # fmt: skip


def utf16(text: str, length: int) -> bytes:
    """A field of the text block, padded with spaces."""
    raw = text.encode("utf-16-le")
    assert len(raw) <= length, text
    return raw + " ".encode("utf-16-le") * ((length - len(raw)) // 2)


_CARD = {
    "name": "张建国", "sex": "1", "ethnicity": "01", "birth": "19560312",
    "address": "江西省抚州市临川区上顿渡镇荷塘村1组", "number": "", "authority": "抚州市公安局临川分局",
    "valid_from": "20060701", "valid_to": "长期",
}  # fmt: skip
_LENGTHS = {
    "name": 30, "sex": 2, "ethnicity": 4, "birth": 16, "address": 70, "number": 36, "authority": 30, "valid_from": 16,
    "valid_to": 16,
}  # fmt: skip


def text_block(flag: str = "", **fields: str) -> bytes:
    """The text of a card; what is not given is that of a made-up one."""
    block = b"".join(utf16((_CARD | fields)[name], length) for name, length in _LENGTHS.items()) + utf16("", 36)
    return block if not flag else block[:248] + utf16(flag, 2) + block[250:]


def answer(status: int, data: bytes = b"") -> bytes:
    body = bytes((0, 0, status)) + data
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return id_card.PREAMBLE + counted + bytes((id_card.check(counted),))


PHOTO = bytes(range(256)) * 4


@dataclass
class Reader:
    """What the simulated reader does; a test changes it as it goes."""

    block: bytes = b""
    """The text of the card that lies on it; none if empty."""
    address: bytes = b""
    """The newest addresses on the card."""
    baud: int = 115200
    finds_before_card: int = 0
    spoil: dict[bytes, Callable[[bytes], bytes]] = field(default_factory=dict)
    """By command: what is done to the answer on its way."""
    times: dict[bytes, int] = field(default_factory=dict)
    """By command: to how many answers that is done; to all where nothing is said."""
    slow: float = 0.0
    """Seconds between pieces of an answer."""
    noise: bytes = b""
    garble: bytes = b"\x00\xfe\x78\x80"
    """What arrives of bits sent at another speed."""
    unplugged: bool = False
    asked: list[bytes] = field(default_factory=list)

    def start(self) -> str:
        """Name of the terminal the programme opens."""
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return os.ttyname(self.slave)

    def stop(self) -> None:
        if self.slave >= 0:
            os.close(self.slave)
        if self.unplugged:  # then the thread closes the other end itself
            self.thread.join(5)
        if self.master >= 0:
            os.close(self.master)
        self.slave = self.master = -1
        self.thread.join(5)

    def _run(self) -> None:
        received = b""
        while True:
            try:
                received += os.read(self.master, 4096)
                if self.unplugged:
                    os.close(self.master)
                    self.master = -1
                    return
                if termios.tcgetattr(self.master)[4] != _SPEEDS[self.baud]:
                    self._send(self.garble)
                    received = b""
                    continue
                received = self._handle(received)
            except (OSError, ValueError, termios.error):
                return

    def _handle(self, received: bytes) -> bytes:
        """Answer a frame that is whole; what is left of what has come."""
        start = received.find(id_card.PREAMBLE)
        length = int.from_bytes(received[start + 5 : start + 7], "big")
        if start < 0 or len(received) < start + 7 + length:
            return received
        frame = received[start : start + 7 + length]
        self.asked.append(frame)
        whole = self._answer(frame)
        if (spoil := self.spoil.get(frame)) is not None and self.times.get(frame, 1) > 0:
            if frame in self.times:
                self.times[frame] -= 1
            whole = spoil(whole)
        self._send(self.noise + whole)
        return received[start + 7 + length :]

    def _answer(self, frame: bytes) -> bytes:
        if frame == id_card.SAM_STATUS:
            return answer(id_card.OK)
        if frame == id_card.FIND:
            self.finds_before_card -= 1
            return (
                answer(id_card.FOUND, bytes(4))
                if self.block and self.finds_before_card < 0
                else answer(id_card.NO_CARD)
            )
        if not self.block:
            return answer(0x41)
        if frame == id_card.SELECT:
            return answer(id_card.OK, bytes(8))
        if frame == id_card.READ:
            return answer(id_card.OK, b"\x01\x00\x04\x00" + self.block + PHOTO)
        if frame == id_card.READ_NEWEST_ADDRESS:
            return answer(id_card.OK, self.address) if self.address else answer(id_card.NO_CONTENT)
        return answer(0x21)

    def _send(self, data: bytes) -> None:
        step = 100 if self.slow else len(data) or 1
        for at in range(0, len(data), step):
            if self.master < 0:
                return
            os.write(self.master, data[at : at + step])
            if self.slow:
                time.sleep(self.slow)
