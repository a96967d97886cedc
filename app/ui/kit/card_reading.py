"""读身份证: the button that reads the card on the reader, off the window's thread; there only where a reader is set up."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from app.errors import UserError
from app.ui.kit import settings
from app.ui.kit.aside import Aside
from app.ui.kit.controls import Tone, button

if TYPE_CHECKING:
    from app.rules.id_card import IdCard

WAIT: Final = 15.0
"""Seconds for which the reader waits for a card."""
PLEASE: Final = "请把身份证平放在读卡器上…"
STOPPED: Final = "已停止读卡。"
_READ, _STOP = "读身份证", "停止读卡"


class ReadCard:
    """Button and thread; `card` is told what was read, `said` a sentence with its tone."""

    def __init__(
        self,
        id: str,
        card: "Callable[[IdCard], None]",
        said: Callable[[str, Tone], object],
        *,
        mnemonic: str = "",
        shortcut: str = "",
    ) -> None:
        self._card, self._said = card, said
        self._mark = f"(&{mnemonic})" if mnemonic else ""
        self._halt = threading.Event()
        hint = f"读出读卡器上的身份证 ({shortcut})" if shortcut else "读出读卡器上的身份证"
        self.push = button(id, f"{_READ}{self._mark}", self.toggle, hint=hint)
        self._aside = Aside("card-reader", self.push)
        # Whoever leaves takes the reader with him: a thread must not wait for a card nobody asks for.
        self.push.destroyed.connect(self._halt.set)
        self.refresh()

    def refresh(self) -> None:
        """Shown where a reader is set up on this computer."""
        there = bool(settings.card_reader())
        # Shown without a parent it would be a window of its own.
        if self.push.parentWidget() is not None or not there:
            self.push.setVisible(there)

    @property
    def busy(self) -> bool:
        """Whether the reader waits for a card."""
        return self._aside.busy

    def toggle(self) -> None:
        """Read, or stop reading."""
        if self.busy:
            self.stop()
            return
        if not (name := settings.card_reader()):
            return
        self._halt.clear()
        halt = self._halt
        self._show(busy=True)
        self._said(PLEASE, "note")
        self._aside.run(lambda: _read(name, halt), self._was_read, self._failed, owner=self.push)

    def stop(self) -> None:
        """Wait for no card any more: somebody leaves."""
        self._halt.set()

    def _show(self, *, busy: bool) -> None:
        word = _STOP if busy else _READ
        self.push.setText(f"{word}{self._mark}")
        self.push.setAccessibleName(word)

    def _was_read(self, card: "IdCard") -> None:
        self._show(busy=False)
        self._card(card)

    def _failed(self, error: UserError) -> None:
        self._show(busy=False)
        if self._halt.is_set():
            self._said(STOPPED, "note")
        else:
            self._said(str(error), "warn")


def _read(name: str, halt: threading.Event) -> "IdCard":
    from app.services import card_reader

    reader = card_reader.find() if name == settings.ANY_READER else card_reader.CardReader(name)
    try:
        if name != settings.ANY_READER:
            reader.attach()
        return reader.read(WAIT, halt.is_set)
    finally:
        reader.close()
