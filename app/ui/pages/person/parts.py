"""Identities, service, accounts and family of a person: a line each, added, changed and taken away one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.models import fields_of
from app.services import field_values
from app.services.people import LISTS
from app.ui.kit.controls import button, label, named, offered, row
from app.ui.kit.look import SPACE

TITLES: Final[Mapping[str, str]] = {
    "identities": "身份类别", "services": "服役情况", "accounts": "银行账户", "family": "家庭成员",
}  # fmt: skip
_LEADING: Final[Mapping[str, tuple[str, ...]]] = {
    "identities": ("class12", "benefit_code", "disability_nature", "disability_level"),
    "services": ("enlisted", "discharged"),
    "accounts": ("bank", "account_number"),
    "family": ("relation", "name"),
}
"""Fields whose values need no label."""


def fields(part: str) -> dict[str, Any]:
    """The fields of a part that a person may type."""
    return field_values.writable(LISTS[part].__tablename__)


def sentence(part: str, values: Mapping[str, Any], *, full: bool) -> str:
    """A part in one line."""
    known = fields_of(LISTS[part].__tablename__)
    leading = (field_values.shown(known[name], values.get(name), full=full) for name in _LEADING[part])
    said = [text for text in leading if text]
    if part == "services" and said:
        said = [" 至 ".join(said)]
    for name, field in known.items():
        if name in _LEADING[part] or field.internal or not values.get(name):
            continue
        said.append(f"{field.label} {field_values.shown(field, values[name], full=full)}")
    return "  ".join(dict.fromkeys(said))


@dataclass(frozen=True)
class _Line:
    id: str
    text: str


class Parts(QWidget):
    """One list; with the right to write its lines can be changed."""

    add_wanted = Signal()
    change_wanted = Signal(str)
    """A part's id."""
    remove_wanted = Signal(str, str)
    """(id, its line)."""

    def __init__(self, id: str, part: str, *, writable: bool) -> None:
        super().__init__()
        self._id, self._part, self._writable = id, part, writable
        add = offered(button(f"{id}.add", f"添加{TITLES[part]}", self.add_wanted.emit, kind="link"), may=writable)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE.tight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE.tight)
        layout.addLayout(row(label(TITLES[part], "heading"), add, None))
        layout.addLayout(self._rows)

    def show_parts(self, parts: Sequence[Mapping[str, Any]], *, full: bool) -> None:
        """Other lines in place of those before."""
        while self._rows.count():
            if (widget := self._rows.takeAt(0).widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for place, values in enumerate(parts):
            self._rows.addWidget(self._line(place, _Line(values["id"], sentence(self._part, values, full=full))))
        if not parts:
            self._rows.addWidget(label("没有登记", "faint"))

    def _line(self, place: int, line: _Line) -> QWidget:
        holder = QWidget()
        text = named(label(line.text), f"{self._id}.{place}", line.text)
        widgets: list[QWidget] = [text]
        if self._writable:
            change: Callable[[], None] = lambda: self.change_wanted.emit(line.id)  # noqa: E731 (one line)
            remove: Callable[[], None] = lambda: self.remove_wanted.emit(line.id, line.text)  # noqa: E731
            widgets.append(button(f"{self._id}.{place}.change", "修改", change, kind="link"))
            widgets.append(button(f"{self._id}.{place}.remove", "删去", remove, kind="link"))
            for push, word in zip(widgets[1:], ("修改", "删去"), strict=True):
                push.setAccessibleName(f"{word} {line.text}")
        holder.setLayout(row(*widgets, gap=SPACE.near))
        holder.layout().setStretch(0, 1)  # type: ignore[union-attr]  # set in the line above
        return holder
