"""Cycles are swept in the window's thread alone: a widget that another thread's sweep lets go of brings Qt down."""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

EVERY: Final = 200
"""Milliseconds between two looks at what has gathered."""


class Sweeper(QObject):
    """Takes the place of the interpreter's own sweeping, which happens in whatever thread allocates next.

    The age groups and thresholds are the interpreter's. `stop` gives the sweeping back.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(EVERY)
        gc.disable()

    def look(self) -> None:
        """Sweep the oldest age group that is due; the younger ones with it."""
        counts = gc.get_count()
        for age in (2, 1, 0):
            if counts[age] > self._thresholds[age]:
                gc.collect(age)
                return

    @staticmethod
    def stay() -> None:
        """What has been loaded by now is there to stay: no sweep looks at it again, the longest ones become short."""
        gc.freeze()

    def stop(self) -> None:
        """The window is gone."""
        self._timer.stop()
        gc.enable()
