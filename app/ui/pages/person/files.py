"""The files of a person; what cannot be shown here is opened by the programme that can, as a read-only copy."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.services.attachments import Attachments
from app.ui.kit.files import PICTURES, Files


class PersonFiles(Files):
    """As everywhere, but a letter or a table is opened too, not only saved."""

    def look_at(self, id: str) -> None:
        """Pictures and PDF in here, anything else outside."""
        line = self._lines.get(id)
        if line is None or line.kept is None or line.kept.media_type in (*PICTURES, "application/pdf"):
            super().look_at(id)
            return
        service = Attachments(self._page.desk.station)
        self._page.desk.operations.read(lambda: service.copy_to_open(id), self._open, owner=self)

    def _open(self, copy: Path) -> None:
        self._page.tell(f"已打开“{copy.name}”的副本(只读), 退出荣归时自动删除。")
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(copy))):
            self._page.desk.messages.say(f"这台电脑没有能打开“{copy.name}”的程序。可以“另存为”, 拿到别的电脑上看。")
