"""收发记录: the packages that went and came, newest first, and who has receipted what."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.sync.counter import Overview
from app.ui.kit.controls import column, label, named
from app.ui.kit.look import SPACE
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.exchange import words

if TYPE_CHECKING:
    from app.ui.kit.page import Page


class RecordTab(QWidget):
    """A list, and the receipts above it."""

    def __init__(self, page: "Page") -> None:
        super().__init__()
        named(self, "exchange.record_tab", "收发记录")
        self.receipts = label(id="exchange.record.receipts")
        self.list = PlainList(
            "exchange.record",
            "收发记录",
            [
                Column("moment", "时间", lambda one: words.moment(one.moment), 9, sorts=True),
                Column("way", "收发", lambda one: "发出" if one.outward else "收到", 4, sorts=True),
                Column("peer", "对方", lambda one: one.peer, 12, sorts=True),
                Column("number", "号", lambda one: str(one.number), 4, sorts=True, right=True),
                Column("groups", "事项", lambda one: str(one.groups), 5, sorts=True, right=True),
                Column("file", "文件", lambda one: one.file, 24, sorts=True),
            ],
            key=lambda one: one.id,
            empty="还没有收发过。",
            by={"number": lambda one: one.number, "groups": lambda one: one.groups, "moment": lambda one: one.moment},
        )
        page.remember(self.list, "record")
        self.setLayout(column(self.receipts, self.list, margin=SPACE.apart, gap=SPACE.near))

    def show_overview(self, seen: Overview) -> None:
        """Packages and receipts."""
        self.list.show_rows(seen.packages)
        said = words.receipts(seen)
        self.receipts.setText("\n".join(said) or "没有上级的回执。")
