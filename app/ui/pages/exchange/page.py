"""The page of the exchange: sending, taking, the units below, what went and came."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTabWidget, QWidget

from app.sync import jobs
from app.sync.counter import Overview
from app.sync.jobs import Neighbour
from app.ui.kit.controls import button, named
from app.ui.kit.flow import Flow
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.pages.exchange.below import BelowTab
from app.ui.pages.exchange.record import RecordTab
from app.ui.pages.exchange.send import SendTab
from app.ui.pages.exchange.take import TakeTab

if TYPE_CHECKING:
    from app.ui.kit.operations import Task


T = TypeVar("T")
_TABS: Final = ("send", "take", "below", "record")


class ExchangePage(Page):
    """Packages out and in, what waits, who has not reported."""

    name = "exchange"
    title = "上报与接收"
    help = "上报与接收"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        village = desk.level == "village"
        if village:
            self.heading.setText("上报")
        self._seen: tuple[Overview, Sequence[Neighbour]] | None = None
        self._made: dict[str, Any] = {}
        self.tabs = named(QTabWidget(), "exchange.tabs", "上报与接收")
        named(self.tabs.tabBar(), "exchange.tab", "上报、接收、下级单位、收发记录")
        titles = ("上报", "接收上级回包" if village else "接收", "下级单位", "收发记录")
        self._areas = [scrolled(QWidget(), f"exchange.{key}_area") for key in _TABS]
        for area, title in zip(self._areas, titles, strict=True):
            self.tabs.addTab(area, title)
        self.tabs.setTabVisible(2, not village)
        self.open_matters = Flow()
        self.open_matters.hide()
        self.body.addWidget(self.open_matters)
        self.body.addWidget(self.tabs, 1)
        self.tabs.currentChanged.connect(lambda _place: self._look())
        self.action("save", "生成", self._save, shortcut="Ctrl+S", shown=False)
        if not desk.may("exchange"):
            self.banner.say("您的岗位不能上报与接收, 这里只能看。请找本单位有此权限的同事。")
        desk.operations.ended.connect(self._ended)

    # -- the tabs, each made when it is first shown ----------------------------------------------------------------------

    @property
    def send(self) -> SendTab:
        """生成上报包."""
        return self._tab("send", SendTab)

    @property
    def take(self) -> TakeTab:
        """接收."""
        return self._tab("take", TakeTab)

    @property
    def below(self) -> BelowTab:
        """下级单位."""
        return self._tab("below", BelowTab)

    @property
    def record(self) -> RecordTab:
        """收发记录."""
        return self._tab("record", RecordTab)

    def _tab(self, key: str, kind: Callable[[Page], T]) -> T:
        if key not in self._made:
            tab: Any = kind(self)
            self._made[key] = tab
            self._areas[_TABS.index(key)].setWidget(tab)
            tab.setAutoFillBackground(False)
            if isinstance(tab, SendTab):
                tab.sent.connect(self._sent)
            elif isinstance(tab, TakeTab):
                tab.taken.connect(self.refresh)
            elif isinstance(tab, BelowTab):
                tab.opened.connect(self.refresh)
                tab.answer_wanted.connect(self._answer)
            if isinstance(tab, SendTab | TakeTab):
                tab.setEnabled(self.desk.may("exchange"))
            if self._seen is not None:
                self._fill(tab)
        made: T = self._made[key]
        return made

    def _fill(self, tab: Any) -> None:
        """What the last look has found, in one tab."""
        if self._seen is None:
            return
        seen, neighbours = self._seen
        if isinstance(tab, SendTab):
            tab.show_overview(seen)
            tab.show_neighbours(neighbours)
        elif isinstance(tab, BelowTab):
            tab.show_children(seen.children)
            tab.show_neighbours([one for one in neighbours if not one.above])
        elif isinstance(tab, RecordTab):
            tab.show_overview(seen)

    # -- going -----------------------------------------------------------------------------------------------------------

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
        """The tab is there; the sticks may have changed since somebody looked."""
        key = _TABS[self.tabs.currentIndex()]
        if key == "send":
            self.send.look()
        elif key == "take":
            self.take.look()
        elif key == "below":
            self._tab("below", BelowTab)
        else:
            self._tab("record", RecordTab)

    def refresh(self) -> None:
        """What waits, who is there."""
        station = self.desk.station
        self.read(lambda: (jobs.overview(station), jobs.neighbours(station)), self._show, key="overview")

    def _show(self, found: tuple[Overview, Sequence[Neighbour]]) -> None:
        self._seen = found
        for tab in self._made.values():
            self._fill(tab)
        seen = found[0]
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
        # Once the sentence has its place: the first round of events gives it its lines, the second its room.
        show = lambda: self._areas[0].ensureWidgetVisible(self.send.banner)  # noqa: E731 (one line)
        QTimer.singleShot(0, self, lambda: QTimer.singleShot(0, self, show))
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
            for tab in self._made.values():
                if isinstance(tab, SendTab | TakeTab):
                    tab.ended()

    def concerns(self, changed: Any) -> bool:
        """Every act, whatever its kind, is something that waits to be sent."""
        return bool(changed.act)
