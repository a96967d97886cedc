"""What narrows the list of persons: a text, the village, the class, the status, when somebody was last visited."""

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app import clock
from app.rules import benefits, codes
from app.services.people_list import ANY_BENEFIT, DEAD, HERE, LEFT, NO_CLASS, Wanted
from app.ui.kit import look
from app.ui.kit.controls import button, line_edit, named, width_of
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow

if TYPE_CHECKING:
    from app.services.choices import Choice

PAUSE: Final = 200
"""Milliseconds of rest before the list follows what is typed; half-composed text never starts it."""
LARGE_TEXT: Final = 150
"""From this text size on a page of 768 lines has no room for all choices at once: they are folded behind one button."""
_STATUSES: Final = (("", "状态: 全部"), (HERE, "在册"), (DEAD, "去世"), (LEFT, "迁出、取消"))
_WIDEST: Final = 14


class Filters(Flow):
    """The row above the list; gives what is wanted, but for the order."""

    changed = Signal()
    """Something else is wanted; of typing only after a pause."""
    left = Signal()
    """Enter or Down in the text: the person goes to the list."""

    def __init__(self, id: str, villages: "list[Choice]") -> None:
        super().__init__()
        self.text = _Text(f"{id}.text")
        self.text.setFixedWidth(width_of(self.text, 15))
        self.village = combo(f"{id}.village", "村(社区)", [("", "村: 全部"), *((v.code, v.label) for v in villages)])
        self.kind = combo(f"{id}.kind", "人员类别", _kinds())
        self.status = combo(f"{id}.status", "人员状态", _STATUSES)
        self.visited = combo(f"{id}.visited", "走访", _days(clock.today()))
        self.contact = named(QCheckBox("重点联系(&T)"), f"{id}.contact", "重点联系")
        self.clear = button(f"{id}.clear", "清除筛选(&L)", self.reset, kind="link")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.changed)
        self.text.textChanged.connect(lambda _text: self._pause.start())
        self.text.gone.connect(self._go)
        self.combos = (self.village, self.kind, self.status, self.visited)
        for each in self.combos:
            _bound(each)
            each.currentIndexChanged.connect(lambda _index: self._chosen())
        self.contact.toggled.connect(lambda _on: self._chosen())
        self._choices: list[QWidget] = [self.village] if len(villages) > 1 else []
        self._choices += [self.kind, self.status, self.visited, self.contact]
        self.unfold = button(f"{id}.unfold", "筛选(&F) ▾", self._unfold)
        self._folded = look.scale() >= LARGE_TEXT
        if self._folded:
            self.set_items([self.text, self.unfold, self.clear, *self._choices])
        else:
            self.unfold.hide()
            self.set_items([self.text, *self._choices, self.clear])
        self._fold(folded=self._folded)
        self._mark()

    def _unfold(self) -> None:
        self._folded = not self._folded
        self._fold(folded=self._folded)
        if not self._folded:
            self._choices[0].setFocus()

    def _fold(self, *, folded: bool) -> None:
        for each in self._choices:
            each.setVisible(not folded)
        self.unfold.setText("筛选(&F) ▾" if folded else "筛选(&F) ▴")
        if self.isVisible():
            self.rearrange()

    def _go(self) -> None:
        if self._pause.isActive():
            self._pause.stop()
            self.changed.emit()
        self.left.emit()

    def _chosen(self) -> None:
        self._pause.stop()
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        self.clear.setEnabled(self.narrowed)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text.text().strip()) or self.contact.isChecked() or any(c.currentData() for c in self.combos)

    def wanted(self, sort: str, *, downwards: bool) -> Wanted:
        """Who is wanted, in an order."""
        self._mark()
        return Wanted(
            text=self.text.text().strip(), village=self.village.currentData(), kind=self.kind.currentData(),
            status=self.status.currentData(), key_contact=self.contact.isChecked(),
            unvisited_since=self.visited.currentData(), sort=sort, downwards=downwards,
        )  # fmt: skip

    def words(self) -> str:
        """The filters in words, for the head of a list that leaves."""
        said = [f"查找“{self.text.text().strip()}”"] if self.text.text().strip() else []
        said += [each.currentText() for each in self.combos if each.currentData()]
        said += ["重点联系"] * self.contact.isChecked()
        return "、".join(said) or "全部人员"

    def put(self, facts: dict[str, Any]) -> None:
        """Filters as a link names them (`village`, `kind`, `status`, `unvisited`, `text`); the others are cleared."""
        self.reset(silent=True)
        for each, name in zip(self.combos, ("village", "kind", "status", "unvisited"), strict=True):
            value = str(facts.get(name, ""))
            if value and each.findData(value) < 0:
                each.addItem(f"{value} 以来未走访" if each is self.visited else value, value)
            each.blockSignals(True)
            each.setCurrentIndex(max(0, each.findData(value)))
            each.blockSignals(False)
        self.text.blockSignals(True)
        self.text.setText(str(facts.get("text", "")))
        self.text.blockSignals(False)
        self._mark()

    def reset(self, *, silent: bool = False) -> None:
        """Nobody left out."""
        for widget in (self.text, self.contact, *self.combos):
            widget.blockSignals(True)
        self.text.clear()
        self.contact.setChecked(False)
        for each in self.combos:
            each.setCurrentIndex(0)
        for widget in (self.text, self.contact, *self.combos):
            widget.blockSignals(False)
        self._mark()
        if not silent:
            self.changed.emit()
            self.text.setFocus()


class _Text(QLineEdit):
    """The quick filter."""

    gone = Signal()

    def __init__(self, id: str) -> None:
        super().__init__()
        made = line_edit(id, "在名单里找", "姓名、拼音、号码、村")
        named(self, id, made.accessibleName())
        self.setPlaceholderText(made.placeholderText())
        self.setToolTip("只看名单里符合的人: 姓名、拼音或首字母、身份证或手机后几位、村名")
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.gone.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


def _bound(each: QComboBox) -> None:
    """A long choice must not push the others off the line."""
    each.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    longest = max((len(each.itemText(n)) for n in range(each.count())), default=4)
    each.setMinimumContentsLength(min(longest, 9) * 2)
    each.view().setMinimumWidth(width_of(each, min(longest, _WIDEST) + 2))


def _kinds() -> list[tuple[str, str]]:
    classes = [(code, benefits.short_identity(code, None, None, None)) for code in codes.LISTS["class12"]]
    paid = [(f"{ANY_BENEFIT}:{code}", f"优抚: {text}") for code, text in codes.LISTS["benefit_code"].items()]
    return [("", "类别: 全部"), *classes, (ANY_BENEFIT, "所有优抚对象"), *paid, (NO_CLASS, "没有填类别")]


def _days(today: dt.date) -> list[tuple[str, str]]:
    quarter, half = (today - dt.timedelta(days=days) for days in (91, 182))
    return [
        ("", "走访: 不限"),
        (f"{today.year}-01-01", "本年未走访"),
        (quarter.isoformat(), "近 3 个月未走访"),
        (half.isoformat(), "近半年未走访"),
        ((today - dt.timedelta(days=365)).isoformat(), "近一年未走访"),
    ]
