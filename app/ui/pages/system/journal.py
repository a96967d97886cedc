"""操作记录: who did what when, the newest first; opened to its changes, one's own taken back."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox

from app.errors import UserError
from app.models import fields_of, kinds
from app.services import field_values, undoing
from app.services.act_log import ActCard, ActLog, ActRow, RecordChanges
from app.services.history import Change
from app.services.ids import Numbers
from app.services.undoing import Undone
from app.ui.kit.controls import button, label, line_edit, named, width_of
from app.ui.kit.flow import Flow
from app.ui.kit.messages import Way
from app.ui.kit.page import Page
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column, List, Rows
from app.ui.pages.system.section import Section

PAUSE = 200


class JournalSection(Section):
    """The acts above, the changes of the chosen one below."""

    key = "journal"
    title = "操作记录"

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        log = self._log = ActLog(self.desk.station)
        self.filter = line_edit("system.journal.filter", "按事项名称筛选", "事项里的几个字, 如 走访")
        self.filter.setMinimumWidth(width_of(self.filter, 14))
        self.own = named(QCheckBox("只看本单位的"), "system.journal.own", "只看本单位的")
        self.count = label(kind="faint", wrap=False, id="system.journal.count")
        self.list = List(
            "system.journal.list",
            "操作记录",
            Rows(
                [
                    Column("when", "时间", lambda one: f"{one.when:%Y-%m-%d %H:%M}", 9),
                    Column("name", "事项", lambda one: one.name, 12),
                    Column("who", "谁", lambda one: one.who, 6),
                    Column("unit", "单位", lambda one: one.unit, 14),
                    Column("undone", "", lambda one: "已撤销" if one.undone else "", 5, tone=lambda _one: "warn"),
                ],
                log.rows,
            ),
            "还没有操作记录。",
        )
        self.list.setMinimumHeight(self.list.verticalHeader().defaultSectionSize() * 5)
        page.remember(self.list, "journal")
        self.list.chosen.connect(lambda _number: self._open())
        self.changes = PlainList(
            "system.journal.changes",
            "这一件改了什么",
            [
                Column("noun", "是什么", lambda one: one[1].noun, 6, sorts=True),
                Column("title", "谁的", lambda one: one[1].title, 10, sorts=True),
                Column("field", "哪一项", lambda one: _label(one[1], one[2]), 8, sorts=True),
                Column("old", "原来", lambda one: _shown(one[1], one[2], new=False), 12),
                Column("new", "改成", lambda one: _shown(one[1], one[2], new=True), 12),
            ],
            key=lambda one: str(one[0]),
            empty="选中一件, 这里列出它改了什么。",
        )
        page.remember(self.changes, "changes")
        self.changes.opened.connect(lambda _key: self._go_there())
        self.said = label(kind="faint", id="system.journal.said")
        self.undo = button("system.journal.undo", "撤销这一件(&Z)…", self._ask)
        self.body.addWidget(Flow([label("筛选", wrap=False), self.filter, self.own, self.count]))
        self.body.addWidget(self.list, 3)
        self.body.addWidget(self.said)
        self.body.addWidget(self.changes, 2)
        self.body.addWidget(Flow([self.undo]))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.refresh)
        self.filter.textEdited.connect(lambda _text: self._pause.start())
        self.own.toggled.connect(lambda _on: self.refresh())
        self._row: ActRow | None = None
        self.undo.setEnabled(False)

    def refresh(self) -> None:
        log, words, own = self._log, self.filter.text(), self.own.isChecked()
        self.page.read(lambda: log.numbers(words, own=own), self._show, key="journal")

    def start(self) -> None:
        self.list.setFocus()

    def _show(self, found: Numbers) -> None:
        self.list.show_ids(found)
        self.count.setText(f"{len(found)} 件")
        self._open()

    def _open(self) -> None:
        number = self.list.current()
        if not number:
            self._row = None
            self.changes.show_rows([])
            self.said.setText("")
            self.undo.setEnabled(False)
            return
        log = self._log
        self.page.read(lambda: log.card(number), self._show_card, key="act")

    def _show_card(self, card: ActCard) -> None:
        self._row = card.row
        lines: list[tuple[int, RecordChanges, Change | None]] = []
        for record in card.records:
            some: Sequence[Change | None] = [one for one in record.changes if _is_told(record, one)] or [None]
            lines += [(len(lines) + n, record, change) for n, change in enumerate(some)]
        self.changes.show_rows(lines)
        more = f", 这里列出前 {len(card.records)} 条" if card.total > len(card.records) else ""
        self.said.setText(
            f"“{card.row.name}”: {card.row.who} {card.row.when:%Y-%m-%d %H:%M}, 动了 {card.total} 条记录{more}。"
        )
        self.undo.setEnabled(card.row.mine and not card.row.undone)
        self.undo.setToolTip("" if card.row.mine else "只能撤销自己做的事项。")

    def _go_there(self) -> None:
        found = self.changes.current_row
        if found is not None and found[1].kind == "person":
            self.page.go("person", found[1].record)

    # -- taking back ---------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self._row is not None:
            one = self._row
            self.page.ask(
                f"要撤销 {one.when:%m-%d %H:%M} 的“{one.name}”吗?", "撤销", lambda: self._undo(one.id), no="不撤销"
            )

    def _undo(self, act: str) -> None:
        self.page.apart(undoing.undo, act, done=self._undone, failed=self._refused, what="撤销")

    def _undone(self, done: Undone) -> None:
        self.banner.say("")
        self.page.tell(f"已撤销“{done.name}”。")
        if done.kept:
            lines = "\n".join(f"{kept.name}: {kept.reason}" for kept in done.kept[:12])
            more = f"\n…等 {len(done.kept)} 项" if len(done.kept) > 12 else ""
            text = f"“{done.name}”已撤销, 以下 {len(done.kept)} 项保留:"
            self.desk.messages.say(text, Way("知道了"), more=lines + more)
        self.refresh()

    def _refused(self, error: UserError) -> bool:
        return self.failed(error)


def _is_told(record: RecordChanges, change: Change) -> bool:
    """What the programme keeps for itself is nothing to read."""
    field = fields_of(record.kind).get(change.field) if record.kind in kinds() else None
    return field is None or not field.internal


def _label(record: RecordChanges, change: Change | None) -> str:
    if change is None or record.kind not in kinds():
        return ""
    field = fields_of(record.kind).get(change.field)
    return field.label if field is not None else "上级新增项目"


def _shown(record: RecordChanges, change: Change | None, *, new: bool) -> str:
    if change is None or record.kind not in kinds():
        return ""
    value = change.new if new else change.old
    field = fields_of(record.kind).get(change.field)
    if field is None or value is None:
        return ""
    if field.editor in ("record", "bytes", "stamp"):
        return "(编号)"
    return field_values.shown(field, value)
