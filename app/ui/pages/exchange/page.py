"""The page of the exchange: sending, taking, the units below, what went and came."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QScrollArea, QTabWidget

from app.sync import jobs
from app.sync.counter import Overview
from app.sync.jobs import Neighbour
from app.ui.kit.controls import Flow, button, named
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.pages.exchange.below import BelowTab
from app.ui.pages.exchange.record import RecordTab
from app.ui.pages.exchange.send import SendTab
from app.ui.pages.exchange.take import TakeTab

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.ui.kit.operations import Task


class ExchangePage(Page):
    """Packages out and in, what waits, who has not reported."""

    name = "exchange"
    title = "上报与接收"
    help = "上报与接收"

    def __init__(self, desk: Desk, parent: "QWidget | None" = None) -> None:
        super().__init__(desk, parent)
        village = desk.level == "village"
        if village:
            self.heading.setText("上报")
        self._areas: dict[str, QScrollArea] = {}
        self.send = SendTab(self)
        self.take = TakeTab(self)
        self.below = BelowTab(self)
        self.record = RecordTab(self)
        self.tabs = named(QTabWidget(), "exchange.tabs", "上报与接收")
        named(self.tabs.tabBar(), "exchange.tab", "上报、接收、下级单位、收发记录")
        for key, tab, title in (
            ("send", self.send, "上报"), ("take", self.take, "接收上级回包" if village else "接收"),
            ("below", self.below, "下级单位"), ("record", self.record, "收发记录"),
        ):  # fmt: skip
            self._areas[key] = scrolled(tab, f"exchange.{key}_area")
            self.tabs.addTab(self._areas[key], title)
        self.tabs.setTabVisible(2, not village)
        self.open_matters = Flow()
        self.open_matters.hide()
        self.body.addWidget(self.open_matters)
        self.body.addWidget(self.tabs, 1)
        self.tabs.currentChanged.connect(lambda _place: self._look())
        self.send.sent.connect(self._sent)
        self.take.taken.connect(self.refresh)
        self.below.opened.connect(self.refresh)
        self.below.answer_wanted.connect(self._answer)
        self.action("save", "生成", self._save, shortcut="Ctrl+S", shown=False)
        if not desk.may("exchange"):
            for tab in (self.send, self.take):
                tab.setEnabled(False)
            self.banner.say("您的岗位不能上报与接收, 这里只能看。请找本单位有此权限的同事。")
        desk.operations.ended.connect(self._ended)

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`send`, `take`, `enrol` or nothing."""
        if about == "send":
            self.tabs.setCurrentIndex(0)
        elif about == "take":
            self.tabs.setCurrentIndex(1)
        elif about == "enrol":
            self.tabs.setCurrentIndex(2)
        super().open(about, facts)
        self._look()
        if about == "enrol" and self.desk.may("node") and self.desk.level != "village":
            self.below.open_unit()

    def start(self) -> None:
        """Where the work of the tab begins."""
        if self.tabs.currentIndex() == 0:
            (self.send.go if self.send.go.isEnabled() else self.send.folder).setFocus()
        elif self.tabs.currentIndex() == 1:
            self.take.packages.setFocus()
        else:
            self.tabs.tabBar().setFocus()

    def _look(self) -> None:
        """The sticks may have changed since somebody looked."""
        if self.tabs.currentIndex() == 0:
            self.send.look()
        elif self.tabs.currentIndex() == 1:
            self.take.look()

    def refresh(self) -> None:
        """What waits, who is there."""
        station = self.desk.station
        self.read(lambda: (jobs.overview(station), jobs.neighbours(station)), self._show, key="overview")

    def _show(self, found: tuple[Overview, Sequence[Neighbour]]) -> None:
        seen, neighbours = found
        self.send.show_overview(seen)
        self.send.show_neighbours(neighbours)
        self.below.show_children(seen.children)
        self.below.show_neighbours([one for one in neighbours if not one.above])
        self.record.show_overview(seen)
        matters: list[QWidget] = []
        if seen.differences:
            words = f"两边填的不一样 {seen.differences} 项, 去核对(&D)"
            matters.append(button("exchange.differences", words, lambda: self.go("differences"), enter=True))
        if seen.returned:
            words = f"退回修改 {seen.returned} 件, 去修改(&B)"
            matters.append(button("exchange.returned", words, lambda: self.go("returned"), enter=True))
        self.open_matters.set_items(matters)
        self.open_matters.setVisible(bool(matters))

    def _sent(self) -> None:
        # Once the sentence has its place.
        QTimer.singleShot(0, self, lambda: self._areas["send"].ensureWidgetVisible(self.send.banner))
        self.refresh()

    def _answer(self, node: str) -> None:
        self.tabs.setCurrentIndex(0)
        self.send.choose(node)
        self.send.go.setFocus()

    def _save(self) -> None:
        if self.tabs.currentIndex() == 0:
            self.send.send()

    def _ended(self, task: "Task") -> None:
        if task.owner is self and task.cancelled:
            self.send.ended()
            self.take.ended()

    def concerns(self, changed: Any) -> bool:
        """Every act, whatever its kind, is something that waits to be sent."""
        return bool(changed.act)
