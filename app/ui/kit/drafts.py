"""Half-typed forms are kept as they are typed: leaving never asks, and a power cut costs a second of typing at most."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer

from app import clock
from app.ui.kit.controls import Banner, button
from app.ui.kit.forms import Form

if TYPE_CHECKING:
    from app.services.desk_memory import DeskMemory

PAUSE: Final = 700
"""Milliseconds without a key press after which what was typed is kept; while somebody types on, every three seconds."""
_LONGEST: Final = 3_000

_keeper: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drafts")
"""One thread of its own: a form is kept even while the store is busy."""


class DraftKeeper(QObject):
    """Keeps one form of a page under one place."""

    def __init__(self, memory: "DeskMemory", form: Form, banner: Banner, parent: QObject | None = None) -> None:
        super().__init__(parent or form)
        self._memory = memory
        self._form = form
        self._banner = banner
        self._place = ""
        self._title: Callable[[], str] = str
        self._extra: Callable[[], dict[str, Any]] = dict
        self._bring_back: Callable[[dict[str, Any]], None] = _nothing
        self._since: float | None = None
        """When the first key was pressed that is not kept yet."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self.keep)
        form.edited.connect(self.touched)

    def watch(
        self,
        place: str,
        title: Callable[[], str],
        *,
        extra: Callable[[], dict[str, Any]] | None = None,
        bring_back: Callable[[dict[str, Any]], None] | None = None,
    ) -> bool:
        """From now on the form stands for this place; what was kept there comes back. True if something did.

        `extra` and `bring_back` are for what the page holds beside the form (a chosen person).
        """
        self.keep()
        self._place, self._title = place, title
        self._extra, self._bring_back = extra or dict, bring_back or _nothing
        draft = self._memory.draft(place)
        if draft is None:
            self._banner.say("")
            return False
        self._bring_back(dict(draft.content.get("extra", {})))
        self._form.put_raw(draft.content.get("raw", {}))
        when = clock.moment_text(draft.moment)[:16].replace("T", " ")
        drop = button(f"{self._banner.objectName()}.drop", "不要了, 重新填", self._unwanted, kind="link")
        self._banner.say(f"这是 {when} 没填完的内容, 已经恢复。", "note", drop)
        return True

    def touched(self, *_: object) -> None:
        """Something was typed."""
        if not self._place:
            return
        now = clock.ticks()
        if self._since is None:
            self._since = now
        if (now - self._since) * 1000 < _LONGEST:
            self._timer.start()

    def keep(self) -> None:
        """Keep it now: before leaving, or after a pause."""
        self._timer.stop()
        if self._since is None or not self._place:
            return
        self._since = None
        content = {"raw": self._form.raw(), "extra": self._extra()}
        _keeper.submit(self._memory.keep, self._place, self._title(), content)

    def done(self) -> None:
        """It was saved, so there is nothing to come back to."""
        self._timer.stop()
        self._since = None
        self._banner.say("")
        if self._place:
            _keeper.submit(self._memory.drop, self._place)
            self._place = ""

    def _unwanted(self) -> None:
        place = self._place
        self.done()
        self._form.reset()
        self._place = place
        self._form.start()


def _nothing(_content: dict[str, Any]) -> None:
    """For forms that are all there is."""


def soon(work: Callable[..., object], *args: object) -> None:
    """Write something small to the desk's memory without waiting for the disk; after what was asked before."""
    _keeper.submit(work, *args)


def settled() -> None:
    """Wait until everything is on the disk: before the store is closed, and in tests."""
    _keeper.submit(int).result()
