"""A real CUPS queue: what the preview prints arrives there whole, page by page."""

import subprocess
from pathlib import Path

import pypdfium2
import pytest
from pytestqt.qtbot import QtBot

from app.services.campaigns import Campaigns
from app.ui.kit.page import Desk
from app.ui.kit.printing import Paper, Preview, pages_of
from tests import machine
from tests.ui.conftest import idle
from tests.ui.kit.test_printing import Fixed, ink

QUEUE = "Village"


class OnQueue(Fixed):
    """The system's printer instead of a file."""

    def choose(self, parent, remembered, chosen, none):
        from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

        assert QUEUE in QPrinterInfo.availablePrinterNames()
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setPrinterName(QUEUE)
        assert printer.isValid()
        assert printer.outputFormat() == QPrinter.OutputFormat.NativeFormat
        chosen(printer)


@pytest.mark.cups
def test_a_sheet_arrives_in_the_queue(
    qtbot: QtBot, desk: Desk, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = Campaigns(desk.station)
    out = tmp_path / "sheet.pdf"
    rounds.print_roster(rounds.rounds()[0]["id"], out)
    # A socket's path has room for 107 bytes.
    folder = tmp_path_factory.mktemp("q")
    with machine.print_queue(folder, QUEUE) as server:
        monkeypatch.setenv("CUPS_SERVER", server)
        monkeypatch.setattr(Preview, "printers", OnQueue(None))
        preview = Preview(desk, Paper(out.read_bytes(), "慰问金签领表", "签领表.pdf", "F04"))
        qtbot.addWidget(preview)
        preview.show()
        idle(qtbot, desk)
        with qtbot.waitSignal(preview.printed, timeout=30_000):
            preview.print_it()

        def finished() -> bool:
            said = subprocess.run(
                [machine.programme("lpstat"), "-W", "completed", "-o"], check=True, capture_output=True, text=True
            )
            return QUEUE in said.stdout

        qtbot.waitUntil(finished, timeout=20_000)
        (job,) = (folder / "spool").glob("d*")
        printed = job.read_bytes()
    assert len(pypdfium2.PdfDocument(printed)) == 2
    # In the same size: thin lines weigh more in the small picture a small screen has room for.
    for shown, page in zip(pages_of(preview.paper.pdf, 105), pages_of(printed, 96), strict=True):
        assert page.width() > page.height()
        assert ink(page) == pytest.approx(ink(shown), rel=0.35)
    assert desk.memory.note("printer.F04") == QUEUE
