"""The manual in a window of its own: opened at the heading of the page in front, searched, read beside the work."""

from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QImage,
    QImageReader,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
)
from PySide6.QtWidgets import QLabel, QListWidget, QTextBrowser, QWidget

from app.ui.kit import look
from app.ui.kit.controls import button, column, label, line_edit, named, role, row, say, spread
from app.ui.kit.look import SPACE
from app.ui.kit.page import named_action

_SHARE: Final = 0.94
"""Of the screen, which the window never exceeds."""
MISSING: Final = "# 使用手册\n\n手册文件不在这台电脑上(安装不完整)。请重新安装, 或向镇站要一份。"


class Manual(QTextBrowser):
    """The text; its pictures are never wider than the window, and drawn in just the size they are shown in."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._sizes: dict[str, QSize] = {}
        """How large each picture is by itself."""
        self._pictures: list[tuple[int, QTextImageFormat]] = []
        """Where in the text each stands, and in which size."""
        self._drawn: set[str] = set()
        self._blank = QImage(1, 1, QImage.Format.Format_ARGB32)
        self._blank.fill(Qt.GlobalColor.transparent)

    def read(self, words: str) -> None:
        """Show a text in Markdown."""
        self.document().setBaseUrl(QUrl.fromLocalFile(f"{self._folder}/"))
        # No HTML inside: what stands in the manual is plain Markdown with tables and pictures.
        features = QTextDocument.MarkdownFeature
        self.document().setMarkdown(words, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
        self._fit()

    @property
    def pictures(self) -> dict[str, QTextImageFormat]:
        """The pictures as they stand in the text, by the name of their file."""
        return {_file(one.name()): one for _, one in self._pictures}

    def _found(self) -> list[tuple[int, QTextImageFormat]]:
        found = []
        block = self.document().begin()
        while block.isValid():
            parts = block.begin()
            while not parts.atEnd():
                part = parts.fragment()
                if part.charFormat().isImageFormat():
                    found.append((part.position(), part.charFormat().toImageFormat()))
                parts += 1
            block = block.next()
        return found

    def _fit(self) -> None:
        """Give every picture the width there is for it: known before it is drawn, so that no line moves later."""
        room = self.viewport().width() - 2 * SPACE.page
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for place, image in self._found():
            file = _file(image.name())
            if file not in self._sizes:
                self._sizes[file] = QImageReader(str(self._folder / file)).size()
            own = self._sizes[file]
            if not own.isValid() or room <= 0:
                continue
            shown = own.scaled(room, own.height(), Qt.AspectRatioMode.KeepAspectRatio) if own.width() > room else own
            if image.width() == shown.width():
                continue
            image.setWidth(shown.width())
            image.setHeight(shown.height())
            # Its width belongs to its name: another width is another picture, so that none is drawn from an old one.
            image.setName(f"{file}?{shown.width()}")
            cursor.setPosition(place)
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(image)
        cursor.endEditBlock()
        self._pictures = self._found()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """A blank in the place of every picture: the lines are laid out with all of them, and only few are looked at."""
        if kind == QTextDocument.ResourceType.ImageResource.value:
            return self._blank
        return super().loadResource(kind, name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Before it is drawn, what can be seen gets its pictures."""
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height()
        layout, document = self.document().documentLayout(), self.document()
        for place, image in self._pictures:
            if image.name() in self._drawn:
                continue
            lines = layout.blockBoundingRect(document.findBlock(place))
            if lines.top() <= bottom and lines.bottom() >= top:
                self._drawn.add(image.name())
                url = document.baseUrl().resolved(QUrl(image.name()))
                document.addResource(QTextDocument.ResourceType.ImageResource.value, url, self._picture(image))
        super().paintEvent(event)

    def _picture(self, image: QTextImageFormat) -> QImage:
        """In just the size it is shown in."""
        whole = QImage(str(self._folder / _file(image.name())))
        wide = int(image.width() * self.devicePixelRatioF())
        if 0 < wide < whole.width():
            return whole.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)
        return whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _file(name: str) -> str:
    """The file of a picture, below the folder of the manual."""
    return name.partition("?")[0]


class HelpWindow(QWidget):
    """Headings at the left, the text at the right, a field that finds words."""

    closed = Signal()

    def __init__(self, manual: Path) -> None:
        super().__init__()
        named(self, "help", "使用手册")
        role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("荣归 使用手册")
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.words = line_edit("help.find", "在手册里找", "在手册里找(Ctrl+F), 回车找下一处")
        spread(self.words)
        self.words.returnPressed.connect(self.find_next)
        before = button("help.before", "上一处(&B)", self.find_before, hint="Shift+F3")
        after = button("help.next", "下一处(&N)", self.find_next, hint="F3")
        close = button("help.close", "关闭(&C)", self.close, hint="Esc")
        self.said: QLabel = named(label(wrap=False), "help.said")
        self.said.hide()
        self.headings = named(QListWidget(), "help.headings", "目录")
        self.headings.setFixedWidth(look.scaled(220))
        self.headings.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.headings.currentRowChanged.connect(self._chosen)
        self.text = named(Manual(manual.parent), "help.text", "手册正文")
        self.text.setOpenExternalLinks(False)
        self.text.document().setDocumentMargin(SPACE.page)
        self._places: list[QTextBlock] = []
        self._read(manual)
        self.setLayout(
            column(
                row(self.words, before, after, self.said, SPACE.group, close),
                row(self.headings, self.text, gap=SPACE.apart),
                margin=SPACE.apart,
                gap=SPACE.apart,
            )
        )
        named_action(self, "help.to_find", "找", self._to_find, "Ctrl+F")
        named_action(self, "help.f3", "下一处", self.find_next, "F3")
        named_action(self, "help.shift_f3", "上一处", self.find_before, "Shift+F3")
        room = self.screen().availableGeometry().size() * _SHARE
        self.resize(QSize(look.scaled(1080), look.scaled(680)).boundedTo(room))

    def _read(self, manual: Path) -> None:
        try:
            words = manual.read_text("utf-8")
        except OSError:
            words = MISSING
        self.text.read(words)
        block = self.text.document().begin()
        while block.isValid():
            depth = block.blockFormat().headingLevel()
            if 0 < depth <= 3:
                self._places.append(block)
                self.headings.addItem(f"{'  ' * (depth - 1)}{block.text()}")
            block = block.next()

    @property
    def heading_texts(self) -> list[str]:
        """All headings, as they stand."""
        return [block.text() for block in self._places]

    def show_heading(self, heading: str) -> None:
        """Bring a heading to the top; one that is not there shows the beginning."""
        texts = self.heading_texts
        self.headings.setCurrentRow(texts.index(heading) if heading in texts else 0)
        self._chosen(self.headings.currentRow())
        # Once more when the window has its size: only then do the lines stand where they will stay.
        QTimer.singleShot(0, self, lambda: self._chosen(self.headings.currentRow()))
        self.text.setFocus()

    def _chosen(self, number: int) -> None:
        if not 0 <= number < len(self._places):
            return
        self.text.setTextCursor(QTextCursor(self._places[number]))
        top = self.text.document().documentLayout().blockBoundingRect(self._places[number]).top()
        self.text.verticalScrollBar().setValue(int(top))

    def find_next(self) -> None:
        """The next place where the words stand; from the end it goes on at the beginning."""
        self._find(QTextDocument.FindFlag(0), QTextCursor.MoveOperation.Start)

    def find_before(self) -> None:
        """The place before."""
        self._find(QTextDocument.FindFlag.FindBackward, QTextCursor.MoveOperation.End)

    def _find(self, flag: QTextDocument.FindFlag, turn: QTextCursor.MoveOperation) -> None:
        words = self.words.text().strip()
        if not words:
            self._to_find()
            return
        found = self.text.find(words, flag)
        if not found:
            kept = self.text.textCursor()
            self.text.moveCursor(turn)
            found = self.text.find(words, flag)
            if not found:
                self.text.setTextCursor(kept)
        say(self.said, "" if found else f"手册里没有“{words[:12]}”")

    def _to_find(self) -> None:
        self.words.setFocus()
        self.words.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)
