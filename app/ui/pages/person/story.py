"""经历 and 变更记录: what was done with a person, and field by field what was changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.kit.controls import label
from app.ui.kit.look import SPACE
from app.ui.kit.table import Column, List, Rows

if TYPE_CHECKING:
    from app.services.timeline import ChangeLine, Event

NOTHING = "还没有做过什么。走访、慰问、帮扶、开证明以后, 都会记在这里。"


class _Lines:
    """Lines held here: a person has some dozens of them."""

    def __init__(self) -> None:
        self.all: Sequence[Any] = ()

    def load(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return {one: self.all[int(one)] for one in ids if int(one) < len(self.all)}


class Story(QWidget):
    """Events, the newest first; Enter leads to where more of one is."""

    def __init__(self, id: str, go: Callable[["Event"], None]) -> None:
        super().__init__()
        self._lines, self._go = _Lines(), go
        columns = (
            Column("when", "时间", lambda event: event.when, 9),
            Column("text", "做了什么", lambda event: f"{event.text}{' ▸' if event.page else ''}", 38),
            Column("who", "经办", lambda event: event.who, 9),
        )
        self.view = List(id, "经历", Rows(columns, self._lines.load), NOTHING)
        self.view.opened.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE.near, SPACE.near, SPACE.near, SPACE.near)
        layout.addWidget(self.view)

    def show_events(self, events: "Sequence[Event]") -> None:
        """Other events."""
        self._lines.all = events
        self.view.show_ids([str(n) for n in range(len(events))])

    def _open(self, place: str) -> None:
        event = self._lines.all[int(place)]
        if event.page:
            self._go(event)


class Changes(QWidget):
    """变更记录, the newest first."""

    def __init__(self, id: str, *, small: bool) -> None:
        super().__init__()
        self._lines = _Lines()
        columns = (
            Column("when", "时间", lambda line: f"{line.when:%Y-%m-%d %H:%M}", 9),
            Column("item", "项目", lambda line: line.item, 10),
            Column("old", "原来", lambda line: line.old, 12),
            Column("new", "改为", lambda line: line.new, 12),
            Column("who", "经办", lambda line: line.who, 9),
        )
        self.view = List(id, "变更记录", Rows(columns, self._lines.load))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE.near, SPACE.near, SPACE.near, SPACE.near)
        layout.addWidget(self.view)
        if not small:
            layout.addWidget(label("号码按 F2 显示完整; 改错了可以按 Ctrl+Z 撤销自己最近办的一件事。", "faint"))

    def show_changes(self, changes: "Sequence[ChangeLine]") -> None:
        """Other changes."""
        self._lines.all = changes
        self.view.show_ids([str(n) for n in range(len(changes))])
