"""The baseline of the window: an empty PySide6 window, shown once; says when it was drawn and how much memory it holds.

Run as a process of its own; prints `drawn SECONDS` on the clock that only rises, then `resident MIB`.
"""

import os
import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

app = QApplication(sys.argv[:1])
window = QWidget()
window.resize(400, 300)
window.show()


def drawn() -> None:
    """Everything that waited has been drawn."""
    print("drawn", time.monotonic(), flush=True)
    with open("/proc/self/status") as status:
        print("resident", next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS")), flush=True)
    os._exit(0)


QTimer.singleShot(0, drawn)
app.exec()
