"""Work beside a window that has no open store yet: done in one thread, answered in the window's own."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal, Slot

from app import progress
from app.errors import Cancelled, EnvironmentTrouble, UserError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")

BROKE: Final = "程序出了错, 这一步没有做成, 之前的都在。请再试一次。"
"""What a window says when the work had a bug; what the bug was is said elsewhere."""


@dataclass(frozen=True)
class _End:
    done: Callable[[Any], None] | None
    failed: Callable[[UserError], None] | None
    stopped: Callable[[], None] | None
    owner: QObject | None
    unclaimed: Callable[[Any], None] | None
    result: Any = None
    error: BaseException | None = None


class Aside(QObject):
    """One thread of a login, a lock, a first run."""

    stands = Signal(object)
    """progress.Stand of what is being done."""
    ended = Signal()
    _finished = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._thread: ThreadPoolExecutor | None = None
        self._open = 0
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        failed: Callable[[UserError], None] | None = None,
        *,
        stopped: Callable[[], None] | None = None,
        owner: QObject | None = None,
        unclaimed: Callable[[T], None] | None = None,
    ) -> None:
        """Do it after what was asked before; a UserError goes to `failed`, a bug to the excepthook and as BROKE to `failed`.

        `unclaimed` gets a result that comes when the window has gone: an open store must be let go of.
        """
        answers = (done, failed, stopped, owner, unclaimed)
        self._open += 1
        halt = self._stopped = threading.Event()
        tell: Callable[[progress.Stand], None] = self.stands.emit

        def run() -> None:
            try:
                with progress.watched(progress.Watcher(tell, halt.is_set)):
                    end = _End(*answers, work())
            except BaseException as error:  # noqa: BLE001 (delivered to the window's thread, whatever it is)
                end = _End(*answers, error=error)
            with self._lock:
                if not self._closed:
                    self._finished.emit(end)
                    return
            _let_go(end)

        if self._thread is None:
            # Not before there is work: a login that is being drawn needs none of it.
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=self._name)
        self._thread.submit(run)

    @property
    def busy(self) -> bool:
        """Whether anything is under way or waiting."""
        return self._open > 0

    def stop(self) -> None:
        """Ask what is under way to stop where nothing is half done; it then answers nobody."""
        self._stopped.set()

    def close(self) -> None:
        """No answer comes any more."""
        self.stop()
        with self._lock:
            self._closed = True
        QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall)  # what has come, but has not been looked at yet
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    @Slot(object)
    def _deliver(self, end: _End) -> None:
        if self._closed:
            _let_go(end)
            return
        self._open -= 1
        self.ended.emit()
        if end.owner is not None and not shiboken6.isValid(end.owner):
            return
        if end.error is None:
            if end.done is not None:
                end.done(end.result)
        elif isinstance(end.error, UserError) and end.failed is not None:
            end.failed(end.error)
        elif isinstance(end.error, Cancelled):
            if end.stopped is not None:
                end.stopped()
        else:
            sys.excepthook(type(end.error), end.error, end.error.__traceback__)
            if end.failed is not None:
                end.failed(EnvironmentTrouble(BROKE))


def _let_go(end: _End) -> None:
    if end.unclaimed is not None and end.error is None:
        end.unclaimed(end.result)
