"""工作台: what waits, the most urgent first, at most seven lines; what is done most often, one key away."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QGridLayout, QListView, QWidget

from app import clock
from app.ui.kit import look
from app.ui.kit.controls import button, card, column, label, named, row, say
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, named_action, scrolled

if TYPE_CHECKING:
    from app.services.station import Changed
    from app.services.today import Due

SHOWN: Final = 7
_LARGE: Final = 150
DONE: Final = "今天可以下班了: 没有到期的事, 都已上报, 备份也做过了。"
STARTING: Final = "还没有服务对象。先把手头的 Excel 名单导进来, 或者一个一个登记。"
_NO_PARENT: Final = QModelIndex()
_WORDS: Final = {"bad": "急", "warn": "办", "note": "看"}
"""One character for the urgency, so that colour is not the only sign."""
Index = QModelIndex | QPersistentModelIndex

# (text, page, about, right): what a clerk does most often; Alt with the letter.
_OFTEN: Final = (
    ("登记走访(&V)", "visit_form", "", "write"),
    ("开证明(&Z)", "papers", "", "print"),
    ("登记人员(&N)", "person_form", "", "write"),
    ("受理帮扶(&B)", "case_form", "", "write"),
    ("导入 Excel 名单(&I)", "roster_import", "", "import"),
    ("生成上报包(&S)", "exchange", "send", "exchange"),
    ("接收(&R)", "exchange", "take", "exchange"),
    ("备份(&K)", "system", "backups", "backup"),
)


class _Dues(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: Sequence[Due] = ()

    def show_lines(self, lines: Sequence["Due"]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        due = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return due.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_WORDS[due.tone]}: {due.text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return due.text
        if role == Qt.ItemDataRole.DecorationRole:
            return _mark(due.tone)
        return None


def _mark(tone: str) -> QIcon:
    side = look.scaled(24)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(getattr(look.colours(), f"{tone}_ground")))
    painter.setPen(QColor(getattr(look.colours(), tone)))
    painter.drawRoundedRect(1, 1, side - 2, side - 2, 4, 4)
    font = painter.font()
    font.setPixelSize(side * 6 // 10)
    painter.setFont(font)
    painter.drawText(pixmap.rect(), int(Qt.AlignmentFlag.AlignCenter), _WORDS[tone])
    painter.end()
    return QIcon(pixmap)


class TodayPage(Page):
    """The first page."""

    name = "today"
    title = "工作台"
    help = "工作台"
    watches: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._all: Sequence[Due] = ()
        self._open = False
        self.day = named(label(kind="faint"), "today.day")
        self._model = _Dues(self)
        self.dues = named(QListView(), "today.dues", "要办的事")
        self.dues.setModel(self._model)
        self.dues.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.dues.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.dues.setUniformItemSizes(True)
        self.dues.setIconSize(QSize(look.scaled(24), look.scaled(24)))
        self.dues.setTabKeyNavigation(False)
        self.dues.clicked.connect(lambda index: self._follow(index.row()))
        self.dues.activated.connect(lambda index: self._follow(index.row()))
        self.more = button("today.more", "", self._toggle, kind="link")
        self.more.hide()
        self.quiet = named(label(tone="good"), "today.quiet")
        self.people = named(label(kind="faint"), "today.people")
        left = card(label("要办的事", "heading"), self.quiet, self.dues, self.more, None, id="today.left")
        right = card(label("常办的事", "heading"), self._buttons(), SPACE.near, self.people, None, id="today.right")
        inside = QWidget()
        # Large text leaves no room for two columns: what is to be done stands first.
        beside = look.scale() < _LARGE
        layout = row(left, right, gap=SPACE.group) if beside else column(left, right, gap=SPACE.group)
        if beside:
            layout.setStretch(0, 3)
            layout.setStretch(1, 2)
        inside.setLayout(layout)
        self.body.addWidget(self.day)
        self.body.addWidget(scrolled(inside, "today.scroll"))
        named_action(self, "today.refresh", "刷新", self.refresh, "F5")

    def _buttons(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE.near)
        offered = [one for one in _OFTEN if self.desk.may(one[3])]
        columns = 2
        for place, (text, page, about, _) in enumerate(offered):
            push = button(f"today.{page}.{about}".rstrip("."), text, self._to(page, about))
            grid.addWidget(push, place // columns, place % columns)
        return holder

    def _to(self, page: str, about: str) -> Callable[[], None]:
        return lambda: self.go(page, about)

    def start(self) -> None:
        self.dues.setFocus()

    def concerns(self, changed: "Changed") -> bool:
        """Nearly everything does."""
        del changed
        return True

    def refresh(self) -> None:
        desk = self.desk
        self.read(lambda: _look(desk), self._show, key="dues")

    def _show(self, found: "tuple[Any, list[Due], int]") -> None:
        head, self._all, people = found
        self.day.setText(f"{head.day}  {head.lunar}  {head.coming}")
        self._fill()
        say(self.people, f"本单位服务对象 {people} 人" if people else STARTING, "" if people else "note")
        done = not self._all and people > 0
        say(self.quiet, DONE if done else "", "good")

    def _fill(self) -> None:
        shown = self._all if self._open else self._all[:SHOWN]
        kept = self.dues.currentIndex().row()
        self._model.show_lines(shown)
        left = len(self._all) - SHOWN
        self.more.setVisible(left > 0)
        self.more.setText("收起" if self._open else f"还有 {left} 项")
        self.more.setAccessibleName(self.more.text())
        high = self.dues.sizeHintForRow(0) if shown else 0
        self.dues.setFixedHeight(max(look.scaled(40), high * len(shown) + 6))
        self.dues.setVisible(bool(shown))
        if shown:
            self.dues.setCurrentIndex(self._model.index(max(0, min(kept, len(shown) - 1)), 0))

    def _toggle(self) -> None:
        self._open = not self._open
        self._fill()
        self.dues.setFocus()

    def _follow(self, place: int) -> None:
        if 0 <= place < len(self._model.lines):
            due = self._model.lines[place]
            self.go(due.page, due.about)

    def sizeHint(self) -> QSize:
        return QSize(look.scaled(900), look.scaled(500))


def _look(desk: Desk) -> "tuple[Any, list[Due], int]":
    """Off the window's thread: the day, what waits here and in the exchange, how many people there are."""
    from app.services import last_backup, searching, today
    from app.sync.due import waiting
    from app.sync.exchange import Exchange

    station = desk.station
    exchange = waiting(Exchange(station.db, station.folder))
    made = last_backup.read(desk.memory)
    here = today.Today(station).dues(desk.memory.drafts(), made.moment if made is not None else 0)
    dues = today.in_order([*here, *_of_exchange(exchange), *_looked_through(desk)])
    return today.head(clock.today()), dues, searching.Search(station).count()


def _of_exchange(found: Any) -> "list[Due]":
    from app.services.today import Due

    out = []
    if found.refused:
        out.append(Due(5, "bad", f"退回修改 {found.refused} 件", "returned"))
    if found.differences:
        out.append(Due(20, "warn", f"两边填的不一样 {found.differences} 项, 待核对", "differences"))
    if found.forks:
        out.append(Due(20, "warn", f"同一个序号有两份记录 {found.forks} 处, 待核对", "differences", "forks"))
    if found.missing:
        out.append(Due(25, "warn", f"前面还缺包: {_several(found.missing)}", "exchange", "units"))
    if found.silent:
        out.append(
            Due(35, "warn", f"15 天未上报的站 {len(found.silent)} 个: {_several(found.silent)}", "exchange", "silent")
        )
    if found.has_parent and found.unsent:
        since = f", 上次上报是 {found.days_since_sent} 天前" if found.days_since_sent else ""
        out.append(Due(48, "note", f"未上报 {found.unsent} 件{since}", "exchange", "send"))
    if found.has_parent and found.unanswered:
        days = found.days_since_sent
        if days is not None and days >= 3:
            late = days >= 15
            out.append(
                Due(
                    47, "warn" if late else "note", f"已上报 {days} 天, {found.unanswered} 件待回执", "exchange", "take"
                )
            )
    return out


def _looked_through(desk: Desk) -> "list[Due]":
    """What the pages that look through the whole register found last; here nobody waits for them."""
    from app.services.today import Due

    out = []
    for page, words in (
        ("same_persons", "疑似同一人 {0} 对还没核对"),
        ("eligible", "快符合条件、应享受未享受 {0} 条还没办"),
    ):
        count, day = desk.memory.note(f"waiting.{page}", [0, ""])
        if count:
            out.append(Due(58, "note", f"{words.format(count)}({day[5:]} 查的)", page))
    return out


def _several(names: Sequence[str]) -> str:
    return "、".join(names[:3]) + ("等" if len(names) > 3 else "")
