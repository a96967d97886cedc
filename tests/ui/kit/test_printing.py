"""Preview and print: every page drawn, at the printer's own resolution, saved whole, a refusal said."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.errors import EnvironmentTrouble
from app.services.campaigns import Campaigns
from app.ui.kit import printing
from app.ui.kit.page import Desk
from app.ui.kit.printing import Paper, Preview, Printers, pages_of, print_pdf
from tests.ui.conftest import idle
from tests.ui.looking import control, faults


@pytest.fixture
def pdf(desk: Desk, tmp_path: Path) -> bytes:
    """A real signature sheet, two pages across."""
    rounds = Campaigns(desk.station)
    out = tmp_path / "sheet.pdf"
    rounds.print_roster(rounds.rounds()[0]["id"], out)
    return out.read_bytes()


class Fixed(Printers):
    """A printer that writes a PDF; `none`: no printer at all."""

    def __init__(self, target: Path | None) -> None:
        super().__init__()
        self.target = target
        self.asked: list[str] = []

    def choose(self, parent: QWidget, remembered: str, chosen: Any, none: Any) -> None:
        self.asked.append(remembered)
        if self.target is None:
            none()
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setOutputFileName(str(self.target))
        chosen(printer)


@pytest.fixture
def preview(qtbot: QtBot, desk: Desk, pdf: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Preview:
    monkeypatch.setattr(Preview, "printers", Fixed(tmp_path / "printed.pdf"))
    made = Preview(
        desk, Paper(pdf, "慰问金签领表", "签领表.pdf", "F04", remarks=("“䶮”已用备用字体打印, 样子请看一眼。",))
    )
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    idle(qtbot, desk)
    return made


def ink(image: QImage) -> float:
    """How much of a picture is not white."""
    small = image.convertToFormat(QImage.Format.Format_Grayscale8).scaled(200, 200)
    dark = sum(small.pixelColor(x, y).lightness() < 200 for x in range(200) for y in range(200))
    return dark / 40_000


def test_the_screen_shows_every_page(preview: Preview) -> None:
    assert len(preview.pages) == 2
    assert preview.count.text() == "共 2 页"
    assert all(0.01 < ink(page) < 0.5 for page in preview.pages)
    assert all(page.width() > page.height() for page in preview.pages), "the sheet lies across"
    assert "䶮" in preview.banner.text()
    assert faults(preview) == []


def test_what_is_printed_is_what_was_shown(qtbot: QtBot, desk: Desk, preview: Preview, tmp_path: Path) -> None:
    with qtbot.waitSignal(preview.printed, timeout=20_000):
        qtbot.keyClick(preview, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, desk)
    printed = pages_of((tmp_path / "printed.pdf").read_bytes(), 96)
    assert len(printed) == 2
    assert [page.width() < page.height() for page in preview.pages] == [False, False]
    # In the same size: thin lines weigh more in the small picture a small screen has room for.
    for shown, page in zip(pages_of(preview.paper.pdf, 105), printed, strict=True):
        assert abs(page.width() / page.height() - shown.width() / shown.height()) < 0.01
        assert ink(page) == pytest.approx(ink(shown), rel=0.35)


def test_no_page_is_wider_than_its_room(pdf: bytes, preview: Preview) -> None:
    wide = [page.width() for page in pages_of(pdf, 105)]
    assert [page.width() for page in pages_of(pdf, 105, max(wide) + 10)] == wide
    assert all(500 < page.width() <= 600 for page in pages_of(pdf, 105, 600))
    room = preview.screen().availableGeometry().width()
    assert all(page.width() < room for page in preview.pages)


def test_pages_are_drawn_at_the_printer_s_resolution(pdf: bytes, tmp_path: Path, qapp: object) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFileName(str(tmp_path / "fine.pdf"))
    printer.setResolution(300)
    assert print_pdf(pdf, printer) == 2
    import pypdfium2

    page = pypdfium2.PdfDocument(tmp_path / "fine.pdf")[0]
    images = [item for item in page.get_objects() if item.type == 3]
    assert len(images) == 1
    width, height = images[0].get_px_size() if hasattr(images[0], "get_px_size") else images[0].get_size()
    assert (round(width / 10), round(height / 10)) == (351, 248), "A4 across at 300 dots per inch"


def test_without_a_printer_the_way_out_is_said(
    qtbot: QtBot, desk: Desk, preview: Preview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Preview, "printers", Fixed(None))
    with qtbot.assertNotEmitted(preview.printed):
        preview.print_it()
        idle(qtbot, desk)
    assert "还没有装打印机" in preview.banner.text()


@pytest.mark.qt_log_ignore(
    "QPainter|QPdf|Cannot open|Could not open", extend=True
)  # Qt's own words for what we say better
def test_a_printer_that_refuses_changes_nothing(
    qtbot: QtBot, desk: Desk, preview: Preview, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Preview, "printers", Fixed(tmp_path / "no such folder" / "x.pdf"))
    with qtbot.assertNotEmitted(preview.printed):
        preview.print_it()
        idle(qtbot, desk)
    assert preview.banner.text().startswith("打印机没有接受")
    assert control(preview, "preview.print").isEnabled()


def test_the_printer_is_remembered_for_its_form(qtbot: QtBot, desk: Desk, preview: Preview) -> None:
    desk.memory.put("printer.F04", "HP 1020")
    with qtbot.waitSignal(preview.printed, timeout=20_000):
        preview.print_it()
    printers: Any = Preview.printers
    assert printers.asked == ["HP 1020"]


def test_it_is_saved_whole(qtbot: QtBot, desk: Desk, preview: Preview, pdf: bytes, tmp_path: Path) -> None:
    with qtbot.waitSignal(preview.saved):
        preview.write_to(tmp_path / "存.pdf")
    assert (tmp_path / "存.pdf").read_bytes() == pdf
    failed: list[Any] = []
    desk.operations.failed.connect(lambda error, _task: failed.append(error))
    preview.write_to(tmp_path / "no such folder" / "x.pdf")
    idle(qtbot, desk)
    assert isinstance(failed[0], EnvironmentTrouble)


def test_escape_closes(qtbot: QtBot, preview: Preview) -> None:
    qtbot.keyClick(preview, Qt.Key.Key_Escape)
    assert not preview.isVisible()


def test_the_finest_is_bounded() -> None:
    assert printing.FINEST <= 600
