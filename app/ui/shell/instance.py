"""One window for each data folder: a second start brings the first one to the front and ends."""

import hashlib
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

PATIENCE: Final = 2_000
"""Milliseconds within which a running window answers; one that does not is treated as if it were not there."""
_CALL: Final = b"raise\n"
_ANSWER: Final = b"here\n"


def name_of(folder: Path) -> str:
    """The name under which the window of a folder can be called."""
    return f"ronggui-{hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]}"


def call(folder: Path, patience: int = PATIENCE) -> bool:
    """Ask the window that has this folder open to come to the front; False if there is none that answers."""
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
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._heard)
        if not self._server.listen(name_of(folder)):
            # A socket left behind by a kill: nobody has answered under this name a moment ago.
            QLocalServer.removeServer(name_of(folder))
            self._server.listen(name_of(folder))

    def _heard(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.write(_ANSWER)
            socket.flush()
            self.called.emit()

    def close(self) -> None:
        """Nobody is called any more."""
        self._server.close()
