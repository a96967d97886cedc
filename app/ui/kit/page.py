"""The base of all pages: what a page is given, its head with title and actions, the habits of the keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.errors import UserError
from app.ui.kit import drafts
from app.ui.kit.controls import Banner, button, label, named, restyle, role
from app.ui.kit.look import SPACE
from app.ui.kit.messages import Messages, Way
from app.ui.kit.operations import Operations, Task

if TYPE_CHECKING:
    from app.services.desk_memory import DeskMemory
    from app.services.station import Changed, Station
    from app.ui.kit.table import List


_LONG_TITLE: Final = 15 / 11
"""How much wider a heading would be if it were not made smaller for being long (kit.look)."""
_SHORTEST_LINE: Final = 3
"""Characters of a heading below which a page has not been given its room."""
_SETTLING: Final = 500
"""Milliseconds without a change after which the arrangement of a list is kept."""


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
        # Until it is fitted it asks for no width: a page that is put in its place would stretch the window for good.
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._acts_wide = 0
        self._tail = QHBoxLayout()
        self._tail.setSpacing(SPACE.near)
        self._topline = QHBoxLayout()
        """Of the heading, what stretches, and the actions."""
        self._topline.setSpacing(SPACE.apart)
        self._topline.addWidget(self.heading)
        self._topline.addStretch(1)
        self._topline.addLayout(self._tail)
        self.banner = Banner(f"{self.name}.banner")
        self.banner.left.connect(self._back_to_work)
        self.body = QVBoxLayout()
        self.body.setSpacing(SPACE.apart)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(SPACE.page, SPACE.apart, SPACE.page, SPACE.apart)
        outer.setSpacing(SPACE.apart)
        outer.addLayout(self._topline)
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

    def escape(self) -> None:
        """Esc, where no field has a use for it: back to where one came from; half-typed forms are kept."""
        self.back.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.escape()
        else:
            super().keyPressEvent(event)

    def call(self, title: str) -> None:
        """Another heading. A long name goes into a second line: it is never cut and never pushes the actions out."""
        self.heading.setText(title)
        self._fit_heading()

    def _fit_heading(self) -> None:
        for place in range(self._tail.count()):
            if (act := self._tail.itemAt(place).widget()) is not None:
                act.ensurePolished()  # how wide it is depends on its style
        self._acts_wide = self._tail.sizeHint().width()
        room = self.width() - 2 * SPACE.page - 2 * SPACE.apart - self._acts_wide
        if room < self.heading.fontMetrics().horizontalAdvance("国") * _SHORTEST_LINE:
            # Not laid out yet: a heading of one character a line would make the window as high as it is long.
            return
        wide = self.heading.fontMetrics().horizontalAdvance(self.heading.text())
        was = bool(self.heading.property("long"))
        long = wide * (_LONG_TITLE if was else 1.0) > room
        if long != was:
            self.heading.setProperty("long", long)
            restyle(self.heading)
        if self.heading.wordWrap() != long:
            self.heading.setWordWrap(long)
        policy = self.heading.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored if long else QSizePolicy.Policy.Preferred)
        self.heading.setSizePolicy(policy)
        self._topline.setStretch(0, 1 if long else 0)
        self._topline.setStretch(1, 0 if long else 1)
        lines = self.heading.fontMetrics().boundingRect(
            QRect(0, 0, max(1, room), 10_000), int(Qt.TextFlag.TextWordWrap), self.heading.text()
        )
        # Where several fonts draw one name, a label reckons with the lowest of their lines.
        self.heading.setMinimumHeight(lines.height() if long else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_heading()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        # An action was shown or has other words: a heading that stayed as it was would make the window wider.
        if event.type() == QEvent.Type.LayoutRequest and self._tail.sizeHint().width() != self._acts_wide:
            self._fit_heading()
        return done

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
        if shown:
            self._tail.addWidget(self.tool(act, hint, kind=kind))
        return act

    def tool(self, act: QAction, hint: str = "", *, kind: str = "") -> QPushButton:
        """A button for an action made with `shown=False`: for pages whose acts need more than one row at large text."""
        shortcut = act.shortcut().toString()
        words = f"{hint} ({shortcut})" if hint and shortcut else hint or shortcut
        push = button(act.objectName(), act.text(), act.trigger, kind=kind, hint=words)
        follow(push, act)
        return push

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
        pause = QTimer(view)
        pause.setSingleShot(True)
        pause.setInterval(_SETTLING)
        # Widths also change when the window or the text does, many times in a moment: only the last word is kept, and
        # not by the window's thread.
        view.arranged.connect(lambda: pause.start() if view.isVisible() else None)
        pause.timeout.connect(lambda: drafts.remember(memory, name, view.arrangement()))
        view.copied.connect(self._tell_copied)

    def _tell_copied(self, copied: int, chosen: int) -> None:
        left = f"; 一次最多 {copied} 行, 其余 {chosen - copied} 行请用“导出”" if chosen > copied else ""
        self.tell(f"已复制 {copied} 行, 可以粘贴到 Excel{left}。")

    def _back_to_work(self) -> None:
        self.start()

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
        if push.text() != act.text():
            push.setText(act.text())
            push.setAccessibleName(act.text().partition("(&")[0])
        push.setEnabled(act.isEnabled())
        # Shown without a parent it would be a window of its own.
        if push.parentWidget() is not None or not act.isVisible():
            push.setVisible(act.isVisible())

    act.changed.connect(same)
    same()


class Scrolling(QScrollArea):
    """Follows the keyboard: whatever has the focus is in view, however it got it."""

    def __init__(self) -> None:
        super().__init__()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._holds(now):
            # Once more when the layout has settled: the field may have been made this very moment.
            self._reveal()
            QTimer.singleShot(0, self, self._reveal)

    def _reveal(self) -> None:
        now = QApplication.focusWidget()
        if now is None or not self._holds(now):
            return
        if now.height() < self.viewport().height() - 2 * SPACE.group:
            self.ensureWidgetVisible(now, 0, SPACE.group)
            return
        # Of a list higher than what can be seen, the head and the first rows.
        top = now.mapTo(self.widget(), QPoint(0, 0)).y()
        bar = self.verticalScrollBar()
        if not bar.value() <= top < bar.value() + self.viewport().height() // 2:
            bar.setValue(top - SPACE.group)

    def _holds(self, widget: QWidget) -> bool:
        return self.widget() is not None and self.widget().isAncestorOf(widget)


def scrolled(inside: QWidget, id: str) -> QScrollArea:
    """Content that may be higher than the page: at 200 % text nearly all is."""
    area = named(Scrolling(), id)
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
