"""The base of all pages: what a page is given, its head with title and actions, the habits of the keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.errors import UserError
from app.ui.kit.controls import Banner, button, label, named, role
from app.ui.kit.look import SPACE
from app.ui.kit.messages import Messages, Way
from app.ui.kit.operations import Operations, Task

if TYPE_CHECKING:
    from app.services.desk_memory import DeskMemory
    from app.services.station import Changed, Station
    from app.ui.kit.table import List


@dataclass(frozen=True)
class Link:
    """Where to go: a page by its name, and what to show there."""

    page: str
    about: str = ""
    """An id, or whatever the page takes."""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Desk:
    """What every page is given."""

    station: "Station"
    operations: Operations
    messages: Messages
    memory: "DeskMemory"

    def may(self, act: str) -> bool:
        """Whether the person at the desk may do an act (services.rights); what may not be done is not offered."""
        from app.services import rights

        return rights.may(self.station.roles, act)

    @property
    def level(self) -> str:
        """Of the unit: village | township | county | city."""
        return self.station.place.level


class Page(QWidget):
    """One page. `open` shows something on it, `refresh` reads anew, `leave` is told that another page comes.

    Subclasses fill `self.body`; they never wait, never open a modal window, never touch a session.
    """

    name: ClassVar[str] = ""
    """How links name it; test ids begin with it."""
    title: ClassVar[str] = ""
    help: ClassVar[str] = ""
    """Heading of the manual that F1 opens."""
    watches: ClassVar[frozenset[str]] = frozenset()
    """Kinds of records whose changes make it read anew."""

    wanted = Signal(object)
    """A Link the person wants to follow."""
    back = Signal()
    """The person wants to go where he came from; nothing typed is lost by it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        named(self, self.name, self.title)
        role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.heading = named(label(self.title, "title"), f"{self.name}.title")
        self._tail = QHBoxLayout()
        self._tail.setSpacing(SPACE.near)
        head = QHBoxLayout()
        head.setSpacing(SPACE.apart)
        head.addWidget(self.heading)
        head.addStretch(1)
        head.addLayout(self._tail)
        self.banner = Banner(f"{self.name}.banner")
        self.body = QVBoxLayout()
        self.body.setSpacing(SPACE.apart)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SPACE.page, SPACE.apart, SPACE.page, SPACE.apart)
        outer.setSpacing(SPACE.apart)
        outer.addLayout(head)
        outer.addWidget(self.banner)
        outer.addLayout(self.body, 1)
        self._stale = False
        desk.operations.changed.connect(self._on_changed)

    # -- what subclasses do ------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """Show something; called each time somebody comes here by a link or the rail."""
        del about, facts
        self.refresh()

    def refresh(self) -> None:
        """Read anew what is shown."""

    def leave(self) -> None:
        """Another page comes."""

    def start(self) -> None:
        """Where the keyboard begins."""
        self.setFocus()

    # -- what they use -----------------------------------------------------------------------------------------------

    def action(
        self,
        key: str,
        text: str,
        do: Callable[[], object],
        *,
        shortcut: str = "",
        kind: str = "",
        hint: str = "",
        shown: bool = True,
    ) -> QAction:
        """Something that can be done here: a button in the head, with its shortcut on this page only."""
        act = named_action(self, f"{self.name}.{key}", text, do, shortcut)
        words = f"{hint} ({shortcut})" if hint and shortcut else hint or shortcut
        push = button(f"{self.name}.{key}", text, act.trigger, kind=kind, hint=words)
        follow(push, act)
        if shown:
            self._tail.addWidget(push)
        return act

    def widget_in_head(self, widget: QWidget) -> None:
        """Something else than a button, right in the head."""
        self._tail.addWidget(widget)

    def go(self, page: str, about: str = "", **facts: Any) -> None:
        """Follow a link."""
        self.wanted.emit(Link(page, about, facts))

    def write(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        *,
        failed: Callable[[UserError], bool] | None = None,
        what: str = "保存",
    ) -> Task:
        """`operations.write`, in this page's name."""
        return self.desk.operations.write(work, done, owner=self, failed=failed, what=what)

    def read(self, work: Callable[[], Any], done: Callable[[Any], None], *, key: str = "") -> Task:
        """`operations.read`, in this page's name."""
        return self.desk.operations.read(work, done, owner=self, key=f"{self.name}.{key}" if key else "")

    def apart(
        self, target: Callable[..., Any], *args: Any, done: Callable[[Any], None] | None = None, **facts: Any
    ) -> Task:
        """`operations.apart`, in this page's name."""
        return self.desk.operations.apart(target, *args, done=done, owner=self, **facts)

    def tell(self, text: str) -> None:
        """A word in passing."""
        self.desk.messages.tell(text)

    def ask(
        self, text: str, yes: str, go: Callable[[], object], *, no: str = "取消", danger: bool = False, more: str = ""
    ) -> None:
        """A question with one way on."""
        self.desk.messages.ask(text, Way(yes, go, danger=danger), no=no, more=more)

    def remember(self, view: "List", key: str) -> None:
        """Keep how a list is arranged, and bring it back."""
        memory, name = self.desk.memory, f"list.{self.name}.{key}"
        view.arrange(memory.note(name, {}))
        view.arranged.connect(lambda: memory.put(name, view.arrangement()))
        view.copied.connect(self._tell_copied)

    def _tell_copied(self, copied: int, chosen: int) -> None:
        left = f"; 一次最多 {copied} 行, 其余 {chosen - copied} 行请用“导出”" if chosen > copied else ""
        self.tell(f"已复制 {copied} 行, 可以粘贴到 Excel{left}。")

    # -- changes -------------------------------------------------------------------------------------------------------

    def _on_changed(self, changed: "Changed") -> None:
        if not self.concerns(changed):
            return
        if self.isVisible():
            self.refresh()
        else:
            self._stale = True

    def concerns(self, changed: "Changed") -> bool:
        """Whether a change makes this page read anew."""
        return bool(changed.kinds & self.watches)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()


def named_action(parent: QWidget, id: str, text: str, do: Callable[[], object], shortcut: str = "") -> QAction:
    """An action of a page with its shortcut, which holds while the page is in front."""
    act = QAction(text, parent)
    act.setObjectName(id)
    if shortcut:
        act.setShortcut(QKeySequence(shortcut))
        act.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    act.triggered.connect(lambda _checked=False: do())
    parent.addAction(act)
    return act


def follow(push: QPushButton, act: QAction) -> None:
    """A button shows whether its action can be done, and whether it is there at all."""

    def same() -> None:
        push.setEnabled(act.isEnabled())
        push.setVisible(act.isVisible())

    act.changed.connect(same)
    same()


def scrolled(inside: QWidget, id: str) -> QScrollArea:
    """Content that may be higher than the page: at 200 % text nearly all is."""
    area = named(QScrollArea(), id)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    area.viewport().setAutoFillBackground(False)
    inside.setAutoFillBackground(False)
    return area


def titles(pairs: Sequence[tuple[str, str]]) -> list[QLabel]:
    """Badges from (text, tone) pairs."""
    return [label(text, "badge", tone) for text, tone in pairs]  # type: ignore[arg-type]  # tones of Tone
