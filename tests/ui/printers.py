"""Printers of tests: into a file, none at all, one that jams."""

from pathlib import Path
from typing import Any

from PySide6.QtGui import QPdfWriter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.kit.printing import Preview, Printers


class Sheet(QPdfWriter):
    """What the programme asks of a printer, without asking the system for one: its queues are found only once in a process."""

    def setFullPage(self, _full: bool) -> None:
        """A file has no edge a printer cannot reach."""

    def printerName(self) -> str:
        """It has none."""
        return ""


class ToFile(Printers):
    """Every printing is a new PDF in a folder; `broken` refuses the paper."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.broken = False
        self.printed: list[Path] = []

    def choose(self, parent: QWidget, remembered: str, chosen: Any, none: Any) -> None:
        target = self.folder / ("no such folder" if self.broken else "") / f"printed{len(self.printed)}.pdf"
        printer = Sheet(str(target))
        printer.setResolution(72)
        if not self.broken:
            self.printed.append(target)
        chosen(printer)


class Nobody(Printers):
    """No printer at all."""

    def choose(self, parent: QWidget, remembered: str, chosen: Any, none: Any) -> None:
        none()


def preview_of(qtbot: QtBot, page: QWidget) -> Any:
    """The preview a page has opened, once its sheets are drawn."""

    def found() -> Any:
        some: Any = page.findChildren(Preview)
        return next((one for one in some if one.pages and one.isVisible()), None)

    qtbot.waitUntil(lambda: found() is not None, timeout=20_000)
    return found()
