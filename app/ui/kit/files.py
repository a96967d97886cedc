"""The files that belong to a record: listed, added by a dialog or by dropping them, looked at, saved, taken away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QImage, QPixmap
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QLabel, QScrollArea

from app.errors import UserError
from app.rules import levels
from app.ui.kit import look
from app.ui.kit.controls import button, column, label, named, role, row
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page, scrolled
from app.ui.kit.printing import Paper, show_paper
from app.ui.kit.table import Column, List, Rows

if TYPE_CHECKING:
    from app.services.attachments import AttachmentRow

PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "image/tiff"})
_KINDS: Final = "照片和扫描件 (*.jpg *.jpeg *.png *.pdf *.bmp *.tif *.tiff *.webp *.heic *.doc *.docx *.xls *.xlsx *.ofd);;所有文件 (*)"
_LINES: Final = 4


@dataclass(frozen=True)
class _Line:
    """One line: a file that is kept, or one that waits for its record."""

    name: str
    size: int
    kept: "AttachmentRow | None" = None
    path: Path | None = None


class Files(QFrame):
    """A list with its buttons. Before its record is saved it only remembers which files are meant (`waiting`)."""

    edited = Signal()
    """The files that wait are others now."""

    def __init__(self, page: Page, id: str, title: str = "附件", *, note: str = "") -> None:
        """`note` goes with every file that is added here."""
        super().__init__(page)
        self._page, self._note, self._title = page, note, title
        self._subjects: tuple[str, ...] = ()
        self._lines: dict[str, _Line] = {}
        self.setAcceptDrops(page.desk.may("write"))
        columns = (
            Column("name", "文件名", lambda line: line.name, wide=18),
            Column("size", "大小", lambda line: size_text(line.size), wide=5, right=True),
            Column("state", "状态", _state, wide=8),
        )
        self._view = List(
            f"{id}.list", title, Rows(columns, self._load), f"还没有{title}。可以把照片、扫描件拖到这里。"
        )
        self._view.opened.connect(self.look_at)
        self._view.actions_of = self._actions
        high = self._view.fontMetrics().height() + look.scaled(12)
        self._view.setMinimumHeight(high * (_LINES + 1))
        self._view.setMaximumHeight(high * (_LINES + 2))
        buttons = [button(f"{id}.add", f"添加{title}(&F)…", self.choose)] if page.desk.may("write") else []
        self._remove = button(f"{id}.remove", "移除", self._take_away, hint="从这条记录上移除选中的文件")
        self._look = button(f"{id}.look", "看一看", lambda: self.look_at(self._view.current()))
        self._view.chosen.connect(lambda _id: self._allow())
        self.setLayout(
            column(row(label(title, "heading"), None, *buttons, self._look, self._remove), self._view, gap=SPACE.tight)
        )
        self._allow()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_of(self, *subjects: str) -> None:
        """The files of records, `KIND:ID` each; what is added goes to all of them, listed is the first."""
        self._subjects = subjects
        self.refresh()

    def refresh(self) -> None:
        """Read the list anew."""
        if not self._subjects:
            return
        from app.services.attachments import Attachments

        subject = self._subjects[0]
        service = Attachments(self._page.desk.station)
        self._page.desk.operations.read(lambda: service.of(subject), self._listed, owner=self, key=f"files.{id(self)}")

    def _listed(self, rows: "Sequence[AttachmentRow]") -> None:
        self._lines = {one.id: _Line(one.name, one.size, one) for one in rows}
        self._view.show_ids(list(self._lines))
        self._allow()

    @property
    def waiting(self) -> list[str]:
        """Paths of the files that wait for their record."""
        return [str(line.path) for line in self._lines.values() if line.path is not None]

    def put_waiting(self, paths: Sequence[str]) -> None:
        """Bring back the files a draft remembered, as far as they are still there."""
        self._subjects = ()
        self._lines = {}
        self._wait_for([Path(path) for path in paths if Path(path).is_file()])

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._lines)

    def _load(self, ids: Sequence[str]) -> dict[str, _Line]:
        return {one: self._lines[one] for one in ids if one in self._lines}

    def _allow(self) -> None:
        some = bool(self._view.current())
        self._look.setEnabled(some)
        self._remove.setVisible(self._page.desk.may("write"))
        self._remove.setEnabled(some)

    def _actions(self) -> list[QAction]:
        out = []
        for text, do in (("看一看", lambda: self.look_at(self._view.current())), ("另存为…", self._save_as)):
            act = QAction(text, self)
            act.triggered.connect(lambda _checked=False, do=do: do())
            out.append(act)
        return out

    # -- adding --------------------------------------------------------------------------------------------------------

    def choose(self, note: str = "") -> None:
        """Ask for files; `note` says what they are, where that matters."""
        dialog = QFileDialog(self, f"添加{self._title}", "", _KINDS)
        named(dialog, f"{self._page.name}.files.dialog", f"添加{self._title}")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.add([Path(name) for name in names], note))
        dialog.open()

    def add(self, files: Sequence[Path], note: str = "") -> None:
        """Attach files, or remember them for the record that is still being typed."""
        if self._subjects:
            self._keep(list(files), list(self._subjects), self.refresh, note or self._note)
        else:
            self._wait_for(files)
            self.edited.emit()

    def _wait_for(self, files: Sequence[Path]) -> None:
        for file in files:
            if file.is_file():
                self._lines[str(file)] = _Line(file.name, file.stat().st_size, path=file)
        self._view.show_ids(list(self._lines))
        self._allow()

    def _keep(self, files: list[Path], subjects: list[str], done: Callable[[], object], note: str) -> None:
        """One file after the other, each an act of its own: one that is too large stops none of the others."""
        if not files:
            done()
            return
        from app.services.attachments import Attachments

        service = Attachments(self._page.desk.station)
        file = files.pop(0)

        def work() -> None:
            for subject in subjects:
                service.add(subject, file, note)

        def failed(error: UserError) -> bool:
            self._page.desk.messages.fail(error)
            self._keep(files, subjects, done, note)
            return True

        kept = lambda _: self._keep(files, subjects, done, note)  # noqa: E731 (one line)
        self._page.desk.operations.write(work, kept, owner=self, failed=failed, what="添加附件")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if files := _paths(event.mimeData()):
            event.acceptProposedAction()
            self.add(files)

    # -- looking, saving, taking away ------------------------------------------------------------------------------------

    def look_at(self, id: str) -> None:
        """Show a picture or a PDF without leaving a copy in clear on the disk; anything else is saved where one likes."""
        line = self._lines.get(id)
        if line is None:
            return
        kind = line.kept.media_type if line.kept is not None else ""
        if line.kept is not None and kind not in PICTURES and kind != "application/pdf":
            self._save_as()
            return
        from app.services.attachments import Attachments

        service = Attachments(self._page.desk.station)
        path = line.path
        read = path.read_bytes if path is not None else (lambda: service.content(id))
        self._page.desk.operations.read(read, lambda data: self._show(line.name, data), owner=self)

    def _show(self, name: str, data: bytes) -> None:
        if data.startswith(b"%PDF-"):
            show_paper(self._page.desk, Paper(data, name, name), self._page)
            return
        image = QImage.fromData(data)
        if image.isNull():
            self._page.desk.messages.say(f"“{name}”在这里看不了。可以“另存为”, 用别的程序打开。")
            return
        Picture(name, image, self._page).open()

    def _save_as(self) -> None:
        line = self._lines.get(self._view.current())
        if line is None or line.kept is None:
            return
        from app.services.attachments import Attachments

        service, wanted = Attachments(self._page.desk.station), line.kept.id
        dialog = QFileDialog(self, "另存为", line.name)
        named(dialog, f"{self._page.name}.files.save", "另存为")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def save(name: str) -> None:
            self._page.read(lambda: service.get(wanted, Path(name)), lambda _: self._page.tell(f"已存为 {name}"))

        dialog.fileSelected.connect(save)
        dialog.open()

    def _take_away(self) -> None:
        chosen = self._view.current()
        line = self._lines.get(chosen)
        if line is None:
            return
        if line.kept is None:
            del self._lines[chosen]
            self._view.show_ids(list(self._lines))
            self._allow()
            self.edited.emit()
            return
        from app.services.attachments import Attachments

        service = Attachments(self._page.desk.station)
        remove = lambda: self._page.write(lambda: service.remove(chosen), lambda _: self.refresh())  # noqa: E731 (one line)
        self._page.ask(f"要移除附件“{line.name}”吗?", "移除", remove, danger=True, more="可以用 Ctrl+Z 撤销。")


class Picture(QDialog):
    """A picture in a window of its own, as large as there is room."""

    def __init__(self, name: str, image: QImage, parent: Page) -> None:
        super().__init__(parent)
        named(self, "picture", name)
        role(self, "page")
        self.setWindowTitle(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        room = parent.window().size() * 0.9
        shown = QLabel()
        named(shown, "picture.image", name)
        pixmap = QPixmap.fromImage(image)
        if pixmap.width() > room.width() or pixmap.height() > room.height():
            pixmap = pixmap.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        shown.setPixmap(pixmap)
        area: QScrollArea = scrolled(shown, "picture.area")
        self.setLayout(column(area, row(None, button("picture.close", "关闭(&C)", self.reject, hint="Esc"))))
        self.resize(pixmap.width() + 60, min(pixmap.height() + 110, room.height()))


def size_text(size: int) -> str:
    """`320 KB`, `4.2 MB`."""
    if size < 1024 * 1024:
        return f"{max(1, size // 1024)} KB"
    return f"{size / (1024 * 1024):.1f} MB"


def _state(line: _Line) -> str:
    if line.kept is None:
        return "保存时一起添加"
    if line.kept.stops:
        return f"内容只报到{levels.NAMES[line.kept.stops]}"
    return "" if line.kept.here else "内容还没有收到"


def _paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


__all__ = ["PICTURES", "Files", "Picture", "size_text"]
