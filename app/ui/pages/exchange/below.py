"""下级单位: who has reported when, what is missing, whom to telephone; opening a unit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.rules import levels
from app.sync.counter import ChildRow
from app.sync.jobs import Neighbour
from app.ui.kit.controls import button, card, column, label, named
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.exchange import words
from app.ui.pages.exchange.enrolling import EnrolDialog

if TYPE_CHECKING:
    from app.ui.kit.page import Page

SILENT = (("0", "全部"), ("7", "7 天未上报的"), ("15", "15 天未上报的"), ("30", "30 天未上报的"))


class BelowTab(QWidget):
    """The list, and below it everything on the chosen unit."""

    answer_wanted = Signal(str)
    """A package for this unit."""
    opened = Signal()
    """A unit was opened."""

    def __init__(self, page: "Page") -> None:
        super().__init__()
        self._page = page
        named(self, "exchange.below_tab", "下级单位")
        self.days = combo("exchange.silent", "哪些单位", SILENT)
        self.days.currentIndexChanged.connect(lambda _place: self._show())
        self.count = label(kind="faint", id="exchange.below.count", wrap=False)
        self.list = PlainList(
            "exchange.below",
            "下级单位",
            [
                Column("name", "单位", lambda one: one.name, 12, sorts=True),
                Column("level", "级别", lambda one: levels.NAMES.get(one.level, one.level), 4, sorts=True),
                Column("status", "状态", lambda one: words.STATUSES.get(one.status, one.status), 5, sorts=True),
                Column("last", "最近收到", lambda one: words.moment(one.last), 9, sorts=True),
                Column(
                    "days",
                    "几天没报",
                    _days,
                    6,
                    sorts=True,
                    right=True,
                    tone=lambda one: "warn" if (one.days or 0) >= 15 else "",
                ),
                Column("missing", "前面还缺", lambda one: "、".join(one.missing), 6),
                Column("phones", "联系电话", lambda one: "; ".join(one.phones), 16),
                Column("version", "版本", lambda one: one.version, 5, hidden=True),
                Column("free", "磁盘剩余", lambda one: words.size(one.free) if one.free >= 0 else "", 6, hidden=True),
            ],
            key=lambda one: one.id,
            empty="还没有下级单位。按“开通下级单位”, 把开通文件用 U 盘交给对方, 开通码在电话里说。",
            by={"days": lambda one: -1 if one.days is None else one.days, "last": lambda one: one.last},
        )
        page.remember(self.list, "below")
        self.list.chosen.connect(lambda _id: self._show_one())
        self.facts = label(id="exchange.below.facts")
        self.enrol = button("exchange.enrol", "开通下级单位(&O)…", self.open_unit, kind="primary")
        self.answer = button("exchange.answer", "给它生成回包(&H)", self._answer)
        self.setLayout(
            column(
                Flow([label("看哪些", wrap=False), self.days, self.count, self.answer, self.enrol]),
                self.list,
                card(self.facts),
                margin=SPACE.apart,
                gap=SPACE.near,
            )
        )
        self.enrol.setVisible(page.desk.may("node"))
        self._children: Sequence[ChildRow] = ()
        self._words: dict[str, Neighbour] = {}
        self.dialog: EnrolDialog | None = None
        self._show()

    def show_children(self, children: Sequence[ChildRow]) -> None:
        """The units below."""
        self._children = children
        self._show()

    def show_neighbours(self, found: Sequence[Neighbour]) -> None:
        """The words of their keys."""
        self._words = {one.id: one for one in found}
        self._show_one()

    def _show(self) -> None:
        days = int(str(self.days.currentData()))
        some = [one for one in self._children if not days or one.days is None or one.days >= days]
        self.list.show_rows(some)
        self.count.setText(f"{len(some)} 个" if not days else f"{len(some)} 个, 共 {len(self._children)} 个")
        self._show_one()

    def _show_one(self) -> None:
        one: ChildRow | None = self.list.current_row
        known = self._words.get(one.id) if one is not None else None
        self.answer.setEnabled(known is not None and known.ready)
        if one is None:
            self.facts.setText("没有选中的单位。")
            return
        lines = [f"{one.name}: {_reported(one)}"]
        lines.append(
            f"电话: {'; '.join(one.phones)}"
            if one.phones
            else "电话: 对方还没有填(在对方的“系统 → 工作人员”里填, 随包报上来)"
        )
        if one.missing:
            lines.append(f"前面还缺第 {'、'.join(one.missing)} 件, 等它们到了一起入库。")
        if known is not None and known.words:
            lines.append(f"对方的八个词: {known.words}")
        if one.version:
            free = f", 磁盘还剩 {words.size(one.free)}" if one.free >= 0 else ""
            lines.append(f"对方的电脑: 版本 {one.version}{free}")
        self.facts.setText("\n".join(lines))

    def _answer(self) -> None:
        if (one := self.list.current_row) is not None:
            self.answer_wanted.emit(one.id)

    def open_unit(self) -> None:
        """The dialog for a new unit."""
        self.dialog = EnrolDialog(self._page)
        self.dialog.enrolled.connect(self.opened)
        self.dialog.open()


def _days(one: ChildRow) -> str:
    return "从未" if one.days is None else str(one.days)


def _reported(one: ChildRow) -> str:
    if one.days is None:
        return "还没有报来第一个包。"
    return f"最近一次 {words.day(one.last)}({'今天' if not one.days else f'{one.days} 天前'})。"
