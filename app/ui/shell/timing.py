"""Runs the real window for a moment and says when what was there: `python -m app.ui.shell.timing PHASE DIR`.

Started by `ronggui bench` as a process of its own. PHASE is `login` (until the login is drawn), `page` (from Enter on the
password to a first page that can be used), `walk` (through all pages of the rail and a search, with the longest time for
which the window did not answer) or a page's name (until it is drawn, and how much memory the process holds).
Each moment is one line `name seconds` on standard output, counted on the clock that only rises.
"""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from app.ui.shell.desktop import Desktop
from app.ui.shell.login import Login

if TYPE_CHECKING:
    from app.ui.shell.window import MainWindow

PASSWORD = "demo"  # noqa: S105 (stores of made-up people)


class Heartbeat(QObject):
    """Beats on the window's thread; a beat that comes late shows how long a task kept the thread."""

    BEAT = 5
    """Milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        """Seconds."""
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(self.BEAT)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest = max(self.longest, now - self._last - self.BEAT / 1000)
        self._last = now

    def begin(self) -> None:
        """Count from now on."""
        self._last, self.longest = time.monotonic(), 0.0

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()


class Timing(QObject):
    """One start, timed."""

    def __init__(self, phase: str, folder: Path) -> None:
        super().__init__()
        self.phase = phase
        self.desktop = Desktop(folder)
        self.desktop.show_login()
        QTimer.singleShot(0, self._login_drawn)

    def _login_drawn(self) -> None:
        self._settle()
        say("login")
        if self.phase == "login":
            done()
        login = self.desktop.front
        if not isinstance(login, Login):
            raise TypeError(login)
        login.load()
        if login.loading is not None:
            login.loading.join()  # a person types for longer than this takes
        say("typed")
        login.password.setText(PASSWORD)
        login.sign_in()
        self._wait_for_page()

    def _wait_for_page(self) -> None:
        main = self.desktop.main
        if main is None:
            QTimer.singleShot(1, self._wait_for_page)
            return
        self._idle(main)
        say("page")
        if self.phase == "walk":
            self._walk(main)
        elif self.phase != "page":
            from app.ui.kit.page import Link  # only now: it is no part of the login

            main.go(Link(self.phase))
            self._idle(main)
            say(self.phase)
            say("resident", resident())
        done()

    def _walk(self, main: "MainWindow") -> None:
        """Every page of the rail, a search letter by letter, the person found."""
        from app.ui.kit.page import Link

        for name in main.rail.names:
            main.go(Link(name))  # the first time a page is made and its modules are loaded
            self._idle(main)
        heart = Heartbeat()
        for name in main.rail.names:
            main.go(Link(name))
            self._idle(main)
        for text in ("z", "zh", "zha", "zhan", "zhang"):
            main.search.setText(text)
            main.search.search()
            self._idle(main)
        for hit in [hit for hit in main.search.hits if hit.key is not None][:1]:
            main.go(hit.key)
            self._idle(main)
        heart.stop()
        say("longest", heart.longest)

    def _idle(self, main: "MainWindow") -> None:
        """Wait, without turning in circles, until everything asked for has been answered and drawn."""
        loop = QEventLoop()
        main.desk.operations.ended.connect(lambda _task: None if main.desk.operations.busy else loop.quit())
        if main.desk.operations.busy:
            loop.exec()
        self._settle()

    @staticmethod
    def _settle() -> None:
        """Let everything that waits be drawn."""
        loop = QEventLoop()
        QTimer.singleShot(0, loop.quit)
        loop.exec()


def resident() -> float:
    """MiB of this process that lie in memory now."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def say(name: str, value: float | None = None) -> None:
    """One line for whoever measures."""
    sys.stdout.write(f"{name} {time.monotonic() if value is None else value}\n")
    sys.stdout.flush()


def done() -> None:
    """Leave at once: the end is not what is measured."""
    os._exit(0)


def _fail(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A measurement that has gone wrong ends at once."""
    sys.__excepthook__(kind, error, trace)
    os._exit(1)


def main() -> None:
    """See the module's words."""
    sys.excepthook = _fail
    phase, folder = sys.argv[1:]
    timing = Timing(phase, Path(folder))
    timing.desktop.app.exec()


if __name__ == "__main__":
    main()
