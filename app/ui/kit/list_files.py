"""Lists from Excel, the first step: which files; what was found in each, or why it cannot be read."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFileDialog, QFrame

from app.ui.kit.controls import button, column, label, named, role, say
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page, named_action
from app.ui.kit.table import Column, List, Rows

if TYPE_CHECKING:
    from app.services.roster_files import FileLook

ENDINGS: Final = (".xlsx", ".xls", ".ods", ".xlsm", ".et")
KINDS: Final = "Excel 名单 (*.xlsx *.xls *.xlsm *.ods *.et);;所有文件 (*)"
INVITING: Final = "把 Excel 名单(或装着名单的文件夹)拖到这里, 或按“选择文件”; 也可以在 Excel 里复制几行, 按“粘贴表格”。可以选几个, 表头可以不同。"


class FileList(QFrame):
    """Files dropped or chosen."""

    chosen = Signal(list)
    """Paths more."""
    removed = Signal(str)
    pasted = Signal(str)
    """A block of cells from the clipboard."""

    def __init__(self, page: Page, *, what: str = "要导入的文件", inviting: str = INVITING) -> None:
        """Test ids begin with the page's name."""
        super().__init__()

        self._page = page
        self._looks: dict[str, FileLook] = {}
        role(self, "card")
        self.setAcceptDrops(True)
        columns = (
            Column("name", "文件", lambda look: look.path.name, 16),
            Column("rows", "行数", lambda look: str(look.rows) if look.sheets else "", 4, right=True),
            Column("state", "情况", state, 36, tone=lambda look: "" if look.usable else "bad"),
        )
        self.view = List(f"{page.name}.files", what, Rows(columns, self._load), inviting)
        self.pick = button(f"{page.name}.pick", "选择文件(&F)…", self.choose, kind="primary", hint="Ctrl+O")
        self.drop = button(f"{page.name}.drop", "从列表去掉(&R)", self._drop, hint="Delete")
        self.paste = button(
            f"{page.name}.paste", "粘贴表格(&V)", self._paste, hint="从 Excel 或 WPS 复制来的几行 (Ctrl+V)"
        )
        self.word = named(label(kind="heading"), f"{page.name}.found")
        self.setLayout(
            column(Flow([self.pick, self.paste, self.drop]), self.word, self.view, margin=SPACE.apart, gap=SPACE.near)
        )
        self.choosing = named_action(page, f"{page.name}.choose", "选择文件", self.choose, "Ctrl+O")
        named_action(self, f"{page.name}.pasting", "粘贴表格", self._paste, "Ctrl+V")
        self.show_looks([])

    def _load(self, ids: Sequence[str]) -> Mapping[str, "FileLook"]:
        return {one: self._looks[one] for one in ids if one in self._looks}

    def show_looks(self, looks: "Sequence[FileLook]") -> None:
        """What was found in the files."""
        self._looks = {str(look.path): look for look in looks}
        self.view.show_ids(list(self._looks))
        self.drop.setEnabled(bool(looks))
        good = [look for look in looks if look.usable]
        if not looks:
            say(self.word, "")
        elif len(good) == len(looks):
            say(self.word, f"{len(looks)} 个文件, {sum(look.rows for look in looks)} 行, 都认得表头。", "good")
        else:
            rows = sum(look.rows for look in good)
            say(self.word, f"{len(looks)} 个文件, 认得 {len(good)} 个({rows} 行), 其余请看“情况”。", "warn")

    def choose(self) -> None:
        """Ask for files."""
        start = self._page.desk.memory.note("folder.import", "")
        dialog = QFileDialog(self, "选择 Excel 名单", start, KINDS)
        named(dialog, f"{self._page.name}.dialog", "选择 Excel 名单")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.chosen.emit([Path(name) for name in names]))
        dialog.open()

    def _paste(self) -> None:
        """A block copied in Excel or WPS is one more list."""
        if files := paths(QGuiApplication.clipboard().mimeData()):
            self.chosen.emit(files)
        else:
            self.pasted.emit(QGuiApplication.clipboard().text())

    def _drop(self) -> None:
        if current := self.view.current():
            self.removed.emit(current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._drop()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if found := paths(event.mimeData()):
            event.acceptProposedAction()
            self.chosen.emit(found)


def paths(data: QMimeData) -> list[Path]:
    """The files that were dropped; of a folder the workbooks in it."""
    out: list[Path] = []
    for url in data.urls():
        if not url.isLocalFile():
            continue
        path = Path(url.toLocalFile())
        if path.is_dir():
            out += sorted(p for p in path.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith("~$"))
        else:
            out.append(path)
    return out


def state(look: "FileLook") -> str:
    """What is to be said of a file."""
    if look.problem:
        return look.problem
    if any(sheet.returned for sheet in look.sheets):
        return "是导出的待核名单, 改好的会收回"
    names = [f"“{sheet.name}”" for sheet in look.sheets if sheet.recognised]
    left = [f"“{sheet.name}”" for sheet in look.sheets if not sheet.recognised and not sheet.hidden]
    if not names:
        return "没有认出表头(至少要有姓名和另外两列)。下一步可以自己对照。"
    said = "认得表头" if len(names) == 1 else f"认得 {len(names)} 个工作表: {'、'.join(names)}"
    return f"{said}; {'、'.join(left)} 没有认出, 不导入" if left else said
