"""The manual in a window of its own: opened at the heading of the page in front, searched, read beside the work."""

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QTextBlock, QTextCursor, QTextDocument
from PySide6.QtWidgets import QLabel, QListWidget, QTextBrowser, QWidget

from app.ui.kit import look
from app.ui.kit.controls import button, column, label, line_edit, named, role, row, say, spread
from app.ui.kit.look import SPACE
from app.ui.kit.page import named_action

MISSING = "# 使用手册\n\n手册文件不在这台电脑上(安装不完整)。请重新安装, 或向镇站要一份。"


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
        self.text = named(QTextBrowser(), "help.text", "手册正文")
        self.text.setOpenExternalLinks(False)
        self.text.setSearchPaths([str(manual.parent)])
        self.text.document().setBaseUrl(QUrl.fromLocalFile(f"{manual.parent}/"))
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
        self.resize(look.scaled(960), look.scaled(640))

    def _read(self, manual: Path) -> None:
        try:
            words = manual.read_text("utf-8")
        except OSError:
            words = MISSING
        # No HTML inside: what stands in the manual is plain Markdown with pictures.
        self.text.document().setMarkdown(words, QTextDocument.MarkdownFeature.MarkdownNoHTML)
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
