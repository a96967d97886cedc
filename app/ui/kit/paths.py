"""Fields that hold a file or a folder: what lies on the sticks is proposed, anything else is chosen in the system's window."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFileDialog, QLineEdit, QWidget

from app.ui.kit import sticks
from app.ui.kit.controls import button, line_edit, named, row, spread, width_of
from app.ui.kit.entering import CalmCombo
from app.ui.kit.sticks import Stick

Ask = Callable[[Callable[[], Any], Callable[[Any], None]], object]
"""`ask(work, done)`: the work off the window's thread, its answer in it."""


class FileField(QWidget):
    """One file by its path: typed, pasted, chosen; the only one of its kind on a stick is filled in."""

    edited = Signal()

    def __init__(self, id: str, name: str, kinds: str, suffix: str, ask: Ask) -> None:
        """`kinds`: as file windows take them (开通文件 (*.rge)); `suffix`: what is looked for on sticks."""
        super().__init__()
        self._id, self._name, self._kinds, self._suffix, self._ask = id, name, kinds, suffix, ask
        self.line: QLineEdit = line_edit(id, name, f"例如 U 盘里的 …{suffix}")
        self.line.textEdited.connect(lambda _text: self.edited.emit())
        self.pick = button(f"{id}.pick", "选择(&F)…", self.choose)
        self.setLayout(row(self.line, self.pick))
        self.setFocusProxy(self.line)

    def text(self) -> str:
        """The path as it stands."""
        return self.line.text().strip().strip('"')

    def put(self, path: str) -> None:
        """Show a path."""
        self.line.setText(path)

    def look(self) -> None:
        """See whether the sticks hold just one such file, where none is entered yet."""
        if not self.text():
            suffix = self._suffix
            self._ask(lambda: sticks.files(suffix), self._found)

    def _found(self, paths: Sequence[Path]) -> None:
        if len(paths) == 1 and not self.text():
            self.put(str(paths[0]))
            self.edited.emit()

    def choose(self) -> None:
        """Ask for it."""
        start = str(Path(self.text()).parent) if self.text() else ""
        dialog = QFileDialog(self.window(), self._name, start, self._kinds)
        named(dialog, f"{self._id}.dialog", self._name)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    def _chosen(self, path: str) -> None:
        self.put(path)
        self.edited.emit()
        self.line.setFocus()


class FolderField(QWidget):
    """One folder: the sticks that are plugged in, the one used last, any other."""

    changed = Signal()

    def __init__(self, id: str, name: str, ask: Ask, always: Sequence[tuple[str, str]] = ()) -> None:
        """`always`: (words, folder) pairs that are offered first."""
        super().__init__()
        self._id, self._name, self._ask, self._always = id, name, ask, always
        self.combo: QComboBox = named(CalmCombo(), id, name)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(10)
        spread(self.combo)
        self.combo.activated.connect(lambda _place: self.changed.emit())
        self.again = button(f"{id}.again", "重新找(&Y)", self.look, hint="刚插上 U 盘时按这里")
        self.other = button(f"{id}.other", "别的文件夹(&F)…", self.choose)
        self._buttons = row(self.again, self.other, None)
        self._line = row(self.combo, self._buttons)
        self._line.setStretch(0, 1)
        self.setLayout(self._line)
        self.setFocusProxy(self.combo)
        self._last = ""
        for words, place in always:
            self.combo.addItem(words, place)

    def sizeHint(self) -> QSize:
        """Room for the name of a stick and where it is."""
        hint = super().sizeHint()
        return QSize(hint.width() + width_of(self.combo, 8), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for large text: then the buttons stand below."""
        wide = max(self.combo.minimumSizeHint().width(), self._buttons.minimumSize().width())
        return QSize(wide, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self.combo.minimumSizeHint().width() + self._buttons.minimumSize().width()
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._line.direction() != way:
            self._line.setDirection(way)
            self.updateGeometry()

    def folder(self) -> Path | None:
        """The chosen folder."""
        kept = self.combo.currentData()
        return Path(kept) if kept else None

    def put(self, path: str) -> None:
        """Choose a folder that need not be a stick."""
        self._last = path
        if path and self.combo.findData(path) < 0:
            self.combo.insertItem(0, path, path)
        self.combo.setCurrentIndex(max(0, self.combo.findData(path)))

    def look(self) -> None:
        """Look for sticks; the choice stays if it is still there, else it is the first stick."""
        self._ask(sticks.found, self._found)

    def _found(self, found: Sequence[Stick]) -> None:
        kept = str(self.combo.currentData() or self._last)
        self.combo.clear()
        for words, place in (*self._always, *((stick.words, str(stick.path)) for stick in found)):
            self.combo.addItem(words, place)
        here = [place for _, place in self._always] + [str(stick.path) for stick in found]
        if kept and kept not in here and Path(kept).is_dir():
            self.combo.addItem(kept, kept)
        if not self.combo.count():
            self.combo.addItem("没有找到 U 盘: 插好后按“重新找”, 或选别的文件夹", "")
        self.combo.setCurrentIndex(max(0, self.combo.findData(kept)))
        self.changed.emit()

    def choose(self) -> None:
        """Ask for any folder."""
        dialog = QFileDialog(self.window(), self._name, str(self.folder() or ""))
        named(dialog, f"{self._id}.dialog", self._name)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    def _chosen(self, path: str) -> None:
        self.put(path)
        self.changed.emit()
        self.combo.setFocus()
