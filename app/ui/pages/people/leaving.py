"""Before a list leaves the desk: who is in it, what stands in it, whether numbers are whole, and what it is for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QWidget

from app.services.ids import Ids
from app.services.list_sheets import PURPOSES
from app.ui.kit import look
from app.ui.kit.controls import button, column, label, named, role, row
from app.ui.kit.entering import Enters, combo
from app.ui.kit.look import SPACE
from app.ui.kit.page import named_action

FULL: Final = "完整号码只给必须用的人。名单不要发到微信群, 用完请删除。"


@dataclass(frozen=True)
class Order:
    """What the person has chosen. `whole`: every field, so that the file can be imported again."""

    ids: Ids
    full: bool
    purpose: str
    whole: bool = False


class Leaving(QDialog):
    """Asked for each list that is exported or printed; Escape changes nothing."""

    def __init__(
        self,
        parent: QWidget,
        what: Literal["export", "print"],
        everybody: Ids,
        picked: Sequence[str],
        go: Callable[[Order], None],
    ) -> None:
        super().__init__(parent)
        self._everybody, self._picked, self._go = everybody, picked, go
        title, done = ("导出 Excel", "选择保存的地方(&S)…") if what == "export" else ("打印名单", "看样子、打印(&P)")
        named(self, f"people.{what}", title)
        role(self, "page")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        scopes = [("all", f"名单里的 {len(everybody)} 人")]
        if len(picked) > 1:
            scopes.append(("picked", f"选中的 {len(picked)} 人"))
        self.scope = combo(f"people.{what}.scope", "范围", scopes, "picked" if len(picked) > 1 else "all")
        contents = [("shown", "看到的列")] + ([("whole", "全部项目(改好后能再导入)")] if what == "export" else [])
        self.content = combo(f"people.{what}.content", "内容", contents)
        self.purpose = combo(f"people.{what}.purpose", "用途", [(text, text) for text in PURPOSES])
        self.full = named(QCheckBox("写完整的身份证号、手机(&F)"), f"people.{what}.full", "写完整的身份证号、手机")
        self.word = label(FULL, tone="warn", id=f"people.{what}.word")
        self.word.hide()
        self.full.toggled.connect(self.word.setVisible)
        form = QFormLayout()
        form.setHorizontalSpacing(SPACE.apart)
        form.setVerticalSpacing(SPACE.near)
        form.addRow("范围", self.scope)
        if what == "export":
            form.addRow("内容", self.content)
        form.addRow("用途", self.purpose)
        self.go = button(f"people.{what}.go", done, self._ready, kind="primary", hint="Ctrl+Enter")
        cancel = button(f"people.{what}.cancel", "取消", self.reject, hint="Esc")
        self.setLayout(
            column(
                form, self.full, self.word, SPACE.near, row(None, self.go, cancel), margin=SPACE.page, gap=SPACE.near
            )
        )
        self.setMinimumWidth(look.scaled(460))
        enters = Enters(self)
        for widget in (self.scope, self.content, self.purpose):
            widget.installEventFilter(enters)
        named_action(self, f"people.{what}.now", done, self._ready, "Ctrl+Return")
        self.scope.setFocus()

    def _ready(self) -> None:
        ids = Ids.of(self._picked) if self.scope.currentData() == "picked" else self._everybody
        whole = self.content.currentData() == "whole"
        order = Order(ids, self.full.isChecked(), self.purpose.currentData(), whole)
        self.accept()
        self._go(order)
