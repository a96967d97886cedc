"""All households, found by a member, a number or an address."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.services.households import Households
from app.ui.kit.controls import column, label, line_edit, row, width_of
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page
from app.ui.kit.table import Column, List, Rows

if TYPE_CHECKING:
    from app.services.ids import Ids

PAUSE: Final = 200
EMPTY: Final = "还没有登记户。导入的名单里有户号的, 会自动建户; 也可以在服务对象的“户的登记”里建。"


class Listing(QWidget):
    """The list with its filter."""

    opened = Signal(str)
    shown = Signal(int)
    """How many there are."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._households = Households(page.desk.station)
        self._sort: tuple[str, bool] = ("number", False)
        self.text = line_edit("household.filter", "在户里找", "成员姓名、拼音、户号、地址")
        self.text.setMinimumWidth(width_of(self.text, 15))
        self.count = label(kind="faint", wrap=False, id="household.count")
        columns = (
            Column("number", "户号", lambda line: line.number, 8, sorts=True),
            Column("head", "户主", lambda line: line.head, 7),
            Column("members", "人数", lambda line: str(line.members), 4, right=True),
            Column("names", "成员", lambda line: line.names, 18),
            Column("place", "村(社区)", lambda line: line.place, 8, sorts=True),
            Column("address", "地址", lambda line: line.address, 16, sorts=True),
        )
        self.view = List("household.list", "户的名单", Rows(columns, self._households.lines), EMPTY)
        self.view.opened.connect(self.opened)
        self.view.sorted_by.connect(self._sorted)
        self.view.typed.connect(self._typed)
        self.view.show_sorting(*self._sort)
        page.remember(self.view, "list")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.refresh)
        self.text.textChanged.connect(lambda _text: self._pause.start())
        self.text.returnPressed.connect(self._to_list)
        self.setLayout(column(row(self.text, None, self.count), self.view, gap=SPACE.apart))

    def refresh(self) -> None:
        """Read anew."""
        text, (sort, down), households = self.text.text().strip(), self._sort, self._households
        self._page.read(lambda: households.ids(text, sort, downwards=down), self._show, key="ids")

    def _show(self, ids: "Ids") -> None:
        self.view.empty = "没有符合的户。" if self.text.text().strip() else EMPTY
        self.view.show_ids(ids)
        self.count.setText(f"共 {len(ids)} 户")
        self.shown.emit(len(ids))

    def _sorted(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._sort = (key, downwards)
        self.refresh()

    def _typed(self, text: str) -> None:
        self.text.setFocus()
        self.text.setText(text)

    def _to_list(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self.refresh()
        self.view.setFocus()
