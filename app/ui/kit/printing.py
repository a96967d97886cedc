"""Preview and print of finished PDF bytes: one truth for the screen, the printer and the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMarginsF, QObject, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.errors import EnvironmentTrouble
from app.ui.kit import drafts, look
from app.ui.kit.controls import Banner, button, column, label, named, restyle, role, row
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, named_action

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

SCREEN: Final = 96
FINEST: Final = 600
"""Dots per inch: more than a laser printer shows, and a page of it already takes 35 MB while it is drawn."""
_POINT: Final = 72
_ANY_HEIGHT: Final = 10_000
_LONG: Final = 16
"""Characters of a title from which on it is written smaller."""
_BESIDE: Final = 90
"""Pixels of a preview that are not paper: its edges and the bar."""
_NO_PRINTER: Final = "这台电脑还没有装打印机, 没有打印。可以先“另存为 PDF”, 拿到有打印机的电脑上打。"
_NO_PRINTER_HERE: Final = "这台电脑还没有装打印机, 没有打印。请照着抄在纸上。"


@dataclass(frozen=True)
class Paper:
    """A document to look at: its bytes, what it is called, a file name to propose."""

    pdf: bytes
    title: str
    file: str
    form: str = ""
    """For which the printer is remembered."""
    remarks: Sequence[str] = ()
    secret: bool = False
    """Printed only, never kept as a file."""


def pages_of(pdf: bytes, dpi: int, widest: int = 0) -> list[QImage]:
    """Every page as a picture, none wider than `widest` pixels if that is given; off the window's thread."""
    pages = _open(pdf)
    return [page.image(min(dpi, int(widest * _POINT / page.width)) if widest else dpi) for page in pages]


@dataclass(frozen=True)
class _Page:
    source: object
    number: int
    width: float
    """Points."""
    height: float

    def image(self, dpi: int) -> QImage:
        bitmap = self.source[self.number].render(scale=dpi / _POINT, grayscale=dpi > SCREEN * 3)  # type: ignore[index]  # a pdfium document
        kind = QImage.Format.Format_Grayscale8 if bitmap.n_channels == 1 else QImage.Format.Format_BGR888
        if bitmap.n_channels == 4:
            kind = QImage.Format.Format_RGB32
        # A copy of its own: the bitmap's memory goes with the bitmap.
        return QImage(bitmap.buffer, bitmap.width, bitmap.height, bitmap.stride, kind).copy()


def _open(pdf: bytes) -> list[_Page]:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    sizes = [document[n].get_size() for n in range(len(document))]
    return [_Page(document, n, width, height) for n, (width, height) in enumerate(sizes)]


def print_pdf(pdf: bytes, printer: "QPrinter") -> int:
    """Draw every page on the printer at its own resolution, each on a sheet of its size; gives the number of pages.

    Runs off the window's thread. Raises EnvironmentTrouble when the printer does not take it.
    """
    pages = _open(pdf)
    painter = QPainter()
    try:
        for place, page in enumerate(pages):
            _lay(printer, page)
            if place == 0 and not painter.begin(printer):
                raise EnvironmentTrouble("打印机没有接受, 没有打印。请看一下打印机是否开着、有没有纸, 再试一次。")
            if place and not printer.newPage():
                raise EnvironmentTrouble(f"打印到第 {place + 1} 页时打印机停了。请看一下打印机, 再重打一次。")
            dpi = min(printer.resolution(), FINEST)
            picture = page.image(dpi)
            scale = printer.resolution() / _POINT
            # The sheet's own edge is the corner: what no printer can reach is cut off, nothing is shrunk.
            painter.drawImage(QRectF(0, 0, page.width * scale, page.height * scale), picture)
    finally:
        if painter.isActive():
            painter.end()
    return len(pages)


def _lay(printer: "QPrinter", page: _Page) -> None:
    """Set paper and direction for a page, without margins of the printer's own."""
    across = page.width > page.height
    size = QSizeF(min(page.width, page.height), max(page.width, page.height))
    fitting = QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.FuzzyMatch)
    way = QPageLayout.Orientation.Landscape if across else QPageLayout.Orientation.Portrait
    printer.setFullPage(True)
    printer.setPageLayout(QPageLayout(fitting, way, QMarginsF(0, 0, 0, 0)))
    printer.setFullPage(True)


Ready = Callable[[Callable[[Paper], None], Callable[[], None]], None]
"""Calls the first with the paper, or the second when it could not be made (and the person has been told)."""


class Printers(QObject):
    """Which printer, asked of the person; tests and the station's own habits put another in its place."""

    def choose(
        self, parent: QWidget, remembered: str, chosen: Callable[["QPrinter"], None], none: Callable[[], None]
    ) -> None:
        """Ask in the system's own window, the remembered one proposed; `none` where there is no printer at all."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo

        if not QPrinterInfo.availablePrinterNames():
            none()
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        if remembered in QPrinterInfo.availablePrinterNames():
            printer.setPrinterName(remembered)
        dialog = QPrintDialog(printer, parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: chosen(printer))
        QDialog.open(dialog)  # QPrintDialog hides the plain one behind an older form


class Preview(QDialog):
    """A document on the screen, with what can be done with it."""

    printed = Signal()
    """It went to the printer; whether the paper is right only the person knows."""
    saved = Signal(str)

    printers: Printers = Printers()

    def __init__(
        self, desk: Desk, paper: Paper, parent: QWidget | None = None, *, ready: "Ready | None" = None
    ) -> None:
        """`ready` makes the paper that really leaves, once a printer or a file is chosen: one with a number of its own."""
        super().__init__(parent)
        self._desk, self._paper, self._ready = desk, paper, ready
        named(self, "preview", paper.title)
        self.setWindowTitle(paper.title)
        role(self, "page")
        self._pages: list[QImage] = []
        self.print_action = named_action(self, "preview.print", "打印(&P)", self.print_it, "Ctrl+P")
        if not paper.secret:
            named_action(self, "preview.save", "另存为 PDF(&S)", self.save_it, "Ctrl+S")
        self._go = button("preview.print", "打印(&P)", self.print_it, kind="primary", hint="Ctrl+P")
        save = button("preview.save", "另存为 PDF(&S)", self.save_it, hint="Ctrl+S")
        close = button("preview.close", "关闭(&C)", self.reject, hint="Esc")
        self.count = label(wrap=False, id="preview.count")
        self.banner = Banner("preview.banner")
        self._heading = label(paper.title, "title", id="preview.title")
        self._heading.setWordWrap(True)
        # It takes what the buttons leave, in two lines if it must: a long name never makes the window wider.
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._sheets = QWidget()
        self._column = QVBoxLayout(self._sheets)
        self._column.setSpacing(SPACE.group)
        self._area = named(QScrollArea(), "preview.pages", f"{paper.title}的样子")
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._sheets)
        head = row(self._heading, self.count, self._go, save, close)
        head.setStretch(0, 1)
        self.setLayout(column(head, self.banner, self._area, margin=SPACE.apart, gap=SPACE.apart))
        save.setVisible(not paper.secret)
        self.resize(min(look.scaled(980), 1300), 700)
        self._go.setFocus()
        self._look_at(paper)

    @property
    def paper(self) -> Paper:
        """What is shown, and what would be printed unless it is made ready first."""
        return self._paper

    def _look_at(self, paper: Paper) -> None:
        self._paper = paper
        self._heading.setText(paper.title)
        self._heading.setProperty("long", len(paper.title) > _LONG)
        restyle(self._heading)
        self._fit_heading()
        self.setWindowTitle(paper.title)
        self.banner.say(" ".join(paper.remarks), "warn")
        dpi, widest = self._dpi(), self._widest() - _BESIDE
        self._desk.operations.read(lambda: pages_of(paper.pdf, dpi, widest), self._show, owner=self, key="preview")

    def _dpi(self) -> int:
        return SCREEN * look.scale() // 100 * 11 // 10

    def _show(self, pages: list[QImage]) -> None:
        self._pages = pages
        while self._column.count():
            if (before := self._column.takeAt(0).widget()) is not None:
                before.hide()
                before.deleteLater()
        self.count.setText(f"共 {len(pages)} 页")
        for number, image in enumerate(pages, start=1):
            sheet = named(QLabel(), f"preview.page.{number}", f"第 {number} 页")
            sheet.setPixmap(QPixmap.fromImage(image))
            sheet.setFrameShape(QLabel.Shape.Box)
            self._column.addWidget(sheet, alignment=Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch(1)
        # Wide enough for a sheet that lies across, as far as there is a screen for it.
        wanted = max((image.width() for image in pages), default=0) + _BESIDE
        if self.width() < wanted:
            self.resize(min(wanted, self._widest()), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_heading()

    def _fit_heading(self) -> None:
        """Room for as many lines as it has beside the buttons."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        room = QRect(0, 0, max(1, self._heading.width()), _ANY_HEIGHT)
        lines = self._heading.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), self._heading.text())
        self._heading.setMinimumHeight(lines.height())

    def _widest(self) -> int:
        """What the screen has room for."""
        return self.screen().availableGeometry().width() - 40

    @property
    def pages(self) -> list[QImage]:
        """The pages, once they are drawn."""
        return self._pages

    def print_it(self) -> None:
        """Ask for the printer and print."""
        remembered = self._desk.memory.note(f"printer.{self._paper.form}", "")
        words = _NO_PRINTER_HERE if self._paper.secret else _NO_PRINTER
        none = lambda: self.banner.say(words, "warn")  # noqa: E731 (one line)
        self.printers.choose(self, remembered, lambda printer: self._readied(lambda: self._print_on(printer)), none)

    def _readied(self, then: Callable[[], None]) -> None:
        """Go on with the paper that really leaves; made only now, so that looking spends no number."""
        if self._ready is None:
            then()
            return

        def made(paper: Paper) -> None:
            self._ready = None
            self._go.setEnabled(True)
            self._look_at(paper)
            then()

        self._go.setEnabled(False)
        self._ready(made, lambda: self._go.setEnabled(True))

    def _print_on(self, printer: "QPrinter") -> None:
        drafts.remember(self._desk.memory, f"printer.{self._paper.form}", printer.printerName())
        self._go.setEnabled(False)
        pdf = self._paper.pdf
        self._desk.operations.read(
            lambda: print_pdf(pdf, printer), self._has_printed, owner=self, failed=self._not_printed
        )

    def _has_printed(self, pages: int) -> None:
        self._go.setEnabled(True)
        self._desk.messages.tell(f"{self._paper.title} {pages} 页, 已送到打印机。")
        self.printed.emit()

    def _not_printed(self, error: Exception) -> bool:
        self._go.setEnabled(True)
        self.banner.say(str(error), "bad")
        return True

    def save_it(self) -> None:
        """Ask where, and write the PDF there whole."""
        dialog = QFileDialog(self, "另存为 PDF", self._paper.file, "PDF (*.pdf)")
        named(dialog, "preview.file", "另存为 PDF")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self._readied(lambda: self.write_to(Path(name))))
        dialog.open()

    def write_to(self, path: Path) -> None:
        """Write the PDF to a place."""
        from app import durable

        pdf = self._paper.pdf

        def write() -> str:
            with durable.speaking("另存为 PDF", path):
                durable.write_file(path, pdf, replace=True)
            return str(path)

        self._desk.operations.read(write, self._written, owner=self)

    def _written(self, path: str) -> None:
        self._desk.messages.tell(f"已存为 {path}")
        self.saved.emit(path)


def show_paper(desk: Desk, paper: Paper, parent: QWidget) -> Preview:
    """A paper in a window of its own, which goes when it is closed."""
    preview = Preview(desk, paper, parent)
    preview.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    preview.open()
    return preview
