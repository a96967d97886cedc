"""Half-typed forms are kept as they are typed: leaving never asks, and a power cut costs a second of typing at most."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app import clock
from app.errors import UserError
from app.ui.kit.controls import Banner, button
from app.ui.kit.forms import Form

if TYPE_CHECKING:
    from app.services.desk_memory import DeskMemory

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSE: Final = 700
"""Milliseconds without a key press after which what was typed is kept; while somebody types on, every three seconds."""
_LONGEST: Final = 3_000

UNKEPT: Final = "没填完的内容现在记不下来。请尽快点“保存”, 已经保存的都在。"

_keeper: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drafts")
"""One thread of its own: a form is kept even while the store is busy."""


@dataclass(frozen=True)
class Moment:
    """A form as it stood when somebody pressed 保存: what is written then, and which draft stands for it."""

    place: str
    title: str
    content: dict[str, Any]
    form: int
    """Of several forms shown one after the other, which (DraftKeeper.holds)."""
    stay: int
    """How often the person had come to one or gone from it (DraftKeeper.stands)."""


class DraftKeeper(QObject):
    """Keeps one form of a page under one place."""

    def __init__(self, memory: "DeskMemory", form: Form, banner: Banner, parent: QObject | None = None) -> None:
        super().__init__(parent or form)
        self._memory = memory
        self._form = form
        self._banner = banner
        self._place = ""
        self._forms = self._stays = 0
        self._here = False
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
        self.let_go()
        self._place, self._title = place, title
        self._extra, self._bring_back = extra or dict, bring_back or _nothing
        self._here = True
        # Behind what is still on its way to the disk: it may be this very draft.
        draft = _keeper.submit(_told, self._memory.draft, place).result()
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
        soon(self._memory.keep, self._place, self._title(), self._content())

    def leave(self) -> None:
        """The person goes elsewhere: kept now, and what is being saved must not bring him back."""
        self.keep()
        self._stays += 1
        self._here = False

    def let_go(self) -> None:
        """Something else is going to be shown: until it is there, what is typed belongs to no place at all."""
        self.keep()
        self._place = ""
        self._forms += 1
        self._stays += 1

    def moment(self) -> Moment:
        """What is being saved, kept as a draft until it is: the writer may be busy for minutes."""
        self._timer.stop()
        self._since = None
        content = self._content()
        moment = Moment(self._place, self._title(), content, self._forms, self._stays)
        if moment.place:
            soon(self._memory.keep, moment.place, moment.title, content)
        return moment

    def holds(self, moment: Moment) -> bool:
        """Whether the form still is the one that was saved then."""
        return moment.form == self._forms

    def stands(self, moment: Moment) -> bool:
        """Whether it also is still in front of the person: he has not left it, or has come back and changed nothing."""
        if self.holds(moment):
            return moment.stay == self._stays
        return self._here and self._place == moment.place != "" and self._content() == moment.content

    def _content(self) -> dict[str, Any]:
        return {"raw": self._form.raw(), "extra": self._extra()}

    def done(self) -> None:
        """It was saved, so there is nothing to come back to."""
        self._timer.stop()
        self._since = None
        self._forms += 1
        self._banner.say("")
        if self._place:
            soon(self._memory.drop, self._place)
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
    _keeper.submit(_told, work, *args)


def remember(memory: "DeskMemory", name: str, value: Any) -> None:
    """Put a note there soon; whoever asks for it meanwhile is given it."""
    memory.hold(name, value)
    soon(memory.put, name, value)


class _Heard(QObject):
    """What the thread of the drafts has to say."""

    failed = Signal(str)
    """Drafts cannot be kept: said once, until it has worked again."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = False


heard: Final = _Heard()


def _told(work: Callable[..., T], *args: object) -> T | None:
    """Do it; that it did not work must not pass unnoticed, but is no reason to stop."""
    try:
        result = work(*args)
    except Exception as error:
        log.exception("the desk's memory failed")
        if not heard.failing:
            heard.failing = True
            heard.failed.emit(str(error) if isinstance(error, UserError) else UNKEPT)
        return None
    heard.failing = False
    return result


def settled() -> None:
    """Wait until everything is on the disk: before the store is closed, and in tests."""
    _keeper.submit(int).result()
