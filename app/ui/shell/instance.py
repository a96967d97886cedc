"""One window for each data folder: a second start brings the first one to the front and ends."""

import sys
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

PATIENCE: Final = 2_000
"""Milliseconds within which a running window answers; one that does not is treated as if it were not there."""
_CALL: Final = b"raise\n"
_ANSWER: Final = b"here\n"


def name_of(folder: Path) -> str:
    """The name under which the window of a folder can be called."""
    return f"ronggui-{zlib.crc32(str(folder.absolute()).encode()):08x}"


def _place_of(folder: Path) -> Path:
    """Where Qt has the socket of that name."""
    if sys.platform == "win32":
        return Path(rf"\\.\pipe\{name_of(folder)}")
    return Path(tempfile.gettempdir()) / name_of(folder)


def call(folder: Path, patience: int = PATIENCE) -> bool:
    """Ask the window that has this folder open to come to the front; False if there is none that answers."""
    if not _place_of(folder).exists():
        return False  # told without loading what could ask: the first window should be there at once
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(name_of(folder))
    if not socket.waitForConnected(patience):
        return False
    socket.write(_CALL)
    socket.waitForBytesWritten(patience)
    while bytes(socket.readAll().data()) == b"":
        if not socket.waitForReadyRead(patience):
            return False
    return True


class Instance(QObject):
    """The first window's ear."""

    called = Signal()
    """Somebody has started the programme once more."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._server: QLocalServer | None = None

    def listen(self) -> None:
        """From now on other starts are heard."""
        from PySide6.QtNetwork import QLocalServer

        server = self._server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._heard)
        if not server.listen(name_of(self._folder)):
            # A socket left behind by a kill: nobody has answered under this name a moment ago.
            QLocalServer.removeServer(name_of(self._folder))
            server.listen(name_of(self._folder))

    def _heard(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.write(_ANSWER)
            socket.flush()
            self.called.emit()

    def close(self) -> None:
        """Nobody is called any more."""
        if self._server is not None:
            self._server.close()
            self._server = None
