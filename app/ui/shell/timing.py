"""Runs the real window for a moment and says when what was there: `python -m app.ui.shell.timing PHASE DIR`.

Started by `ronggui bench` as a process of its own. PHASE is `login` (until the login is drawn), `page` (from Enter on the
password to a first page that can be used), `walk` (through all pages of the rail and a search, with the longest time for
which the window did not answer) or a page's name (until it is drawn, and how much memory the process holds).
Each moment is one line `name seconds` on standard output, counted on the clock that only rises.
"""

import contextlib
import faulthandler
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from app.ui.kit.sweeping import Sweeper
from app.ui.shell.desktop import Desktop
from app.ui.shell.login import Login

if TYPE_CHECKING:
    from app.ui.shell.window import MainWindow

PASSWORD = "demo"  # noqa: S105 (stores of made-up people)
_LONG = 300
"""Characters in which a task that took long is named."""


class Heartbeat(QObject):
    """Beats on the window's thread; a beat that comes late shows how long a task kept the thread, and where it was."""

    BEAT = 5
    """Milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = 0.0
        """Seconds by the clock on the wall."""
        self.where = ""
        """What the thread was doing in the longest of them: our own functions, the innermost first."""
        self.busiest = 0.0
        """Seconds of the longest task in which the thread was computing: other programmes do not lengthen it."""
        self._counting = False
        self._last = self._worked = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(self.BEAT)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self._thread = threading.get_ident()
        self._seen: tuple[float, str] = (0.0, "")
        """The beat after which the watcher looked last, and what it saw."""
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="heartbeat", daemon=True).start()

    def _beat(self) -> None:
        if self._counting:
            self._count(self.BEAT / 1000)

    def _count(self, meant: float) -> None:
        now, worked = time.monotonic(), time.thread_time()
        late = now - self._last - meant
        if late > self.longest:
            at, where = self._seen
            self.longest, self.where = late, where if at == self._last else ""
        self.busiest = max(self.busiest, worked - self._worked)
        self._last, self._worked = now, worked

    def _watch(self) -> None:
        """Beside the window's thread: look what it is doing when it has not beaten for a while.

        By text alone: a frame in our hands would keep its widgets and painters, and let go of them in the wrong thread.
        """
        with tempfile.TemporaryFile() as stacks:
            while not self._ended.wait(self.BEAT / 500):
                last = self._last
                if self._counting and time.monotonic() - last > self.BEAT / 250:
                    stacks.seek(0)
                    stacks.truncate()
                    faulthandler.dump_traceback(stacks)
                    stacks.seek(0)
                    self._seen = (last, _functions(stacks.read().decode("utf-8", "replace"), self._thread))

    def begin(self) -> None:
        """Count from now on."""
        self._last, self._worked = time.monotonic(), time.thread_time()
        self._counting = True

    def rest(self) -> None:
        """Count no more until `begin`; what has been done since the last beat still counts."""
        if self._counting:
            self._counting = False
            self._count(0)

    @contextlib.contextmanager
    def beating(self) -> Iterator[None]:
        """Count in the block alone."""
        self.begin()
        try:
            yield
        finally:
            self.rest()

    def stop(self) -> None:
        """Beat no more."""
        self.rest()
        self._timer.stop()
        self._ended.set()


def _functions(stacks: str, thread: int) -> str:
    """Our own innermost functions in one thread's stack, as the interpreter writes it: `File "X", line N in NAME`."""
    _, _, own = stacks.partition(f"hread 0x{thread:016x} ")
    lines = own.partition("\n\n")[0].replace(os.sep, "/").splitlines()
    return " < ".join(line.rpartition("/app/")[2].replace('", line ', ":") for line in lines if "/app/" in line)[:_LONG]


class Timing(QObject):
    """One start, timed."""

    def __init__(self, phase: str, folder: Path) -> None:
        super().__init__()
        self.phase = phase
        self.desktop = Desktop(folder)
        Sweeper(self)  # as Desktop.run does it
        self.desktop.show_login()
        QTimer.singleShot(0, self._login_drawn)

    def _login_drawn(self) -> None:
        self._settle()
        say("login")
        if self.phase == "login":
            self._done()
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
        self._done()

    def _done(self) -> None:
        """Let go of the store: the next start would look it over after an unclean stop. The rest of the end is not measured."""
        self.desktop.close()
        os._exit(0)

    def _walk(self, main: "MainWindow") -> None:
        """Every page of the rail, a search letter by letter, the person found."""
        from app.ui.kit.page import Link

        for name in main.rail.names:
            main.go(Link(name))  # the first time a page is made and its modules are loaded
            self._idle(main)
        heart = Heartbeat()
        heart.begin()
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
        say("busiest", heart.busiest)
        sys.stderr.write(f"{heart.longest * 1000:.0f} ms ({heart.busiest * 1000:.0f} ms computing): {heart.where}\n")

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
