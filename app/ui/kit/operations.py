"""Work off the window's thread: one writer, one reader that can be stopped, worker processes; and what changed."""

import functools
import logging
import multiprocessing
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app import progress
from app.errors import Cancelled, EnvironmentTrouble, UserError
from app.ui.kit.aside import BROKE

if TYPE_CHECKING:
    from app.services.station import Station

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE: Final = 500
"""Milliseconds after which a job shows how far it is and can be stopped, and an act that waits for others says so."""


@dataclass(eq=False)
class Task:
    """One piece of work on its way."""

    what: str
    """What people call it: 导入名单."""
    done: Callable[[Any], None] | None
    failed: Callable[[UserError], bool] | None
    """Tried first; True: it has told the person."""
    owner: QObject | None
    again: Callable[[], None] | None = None
    """Starts the same once more."""
    stoppable: bool = False
    writes: bool = False
    """It waits its turn among everything that changes the store."""
    started: bool = False
    """Its turn has come."""
    stopped: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False
    """It has stopped where it was asked to; False for a job that was done before it heard of it."""

    def stop(self) -> None:
        """Ask it to stop; nothing is left half done, nobody is told."""
        self.stopped.set()


@dataclass(frozen=True)
class _End:
    task: Task
    result: Any = None
    error: BaseException | None = None


class Operations(QObject):
    """What a page calls to have something done, and listens to for what others did."""

    changed = Signal(object)
    """models.database.Changed of every act that was saved."""
    failed = Signal(object, object)
    """(UserError, Task) nobody else has dealt with."""
    began = Signal(object)
    """A Task was asked for."""
    started = Signal(object)
    """The turn of a Task has come."""
    stands = Signal(object, object)
    """(Task, progress.Stand)."""
    ended = Signal(object)
    """A Task has ended, well or not."""
    _finished = Signal(object)

    def __init__(self, station: "Station", worker: "Worker | None" = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.station = station
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")
        self._looker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="looker")
        """For jobs of a worker process that change nothing."""
        self._worker = worker or Worker()
        self._own_worker = worker is None
        self._newest: dict[str, Task] = {}
        self._turn = threading.Lock()
        """Held while the reader goes from one task to the next, so that an interrupt meets the one it is meant for."""
        self._reading: tuple[Task, int] | None = None
        self._open: set[Task] = set()
        self._ended = False
        # Queued on purpose: a task already finished when its callback is added must not answer before `read` returns.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        station.db.told = self.changed.emit

    # -- asking ----------------------------------------------------------------------------------------------------

    def write(
        self,
        work: Callable[[], T],
        done: Callable[[T], None] | None = None,
        *,
        owner: QObject | None = None,
        failed: Callable[[UserError], bool] | None = None,
        what: str = "保存",
    ) -> Task:
        """An act of a moment, after those asked for before it."""
        task = Task(what, done, failed, owner, writes=True)
        task.again = lambda: self._submit(self._writer, task, work)
        task.again()
        return task

    def apart(
        self,
        target: Callable[..., T],
        *args: Any,
        done: Callable[[T], None] | None = None,
        owner: QObject | None = None,
        failed: Callable[[UserError], bool] | None = None,
        what: str = "处理",
        reads: bool = False,
        **kwargs: Any,
    ) -> Task:
        """`target(station, *args, **kwargs)` in a worker process: whatever keeps Python busy for long.

        The target is a function of a module; what goes in and comes out can be pickled. One that only `reads` or draws
        waits for nothing that is being saved, and lets nothing wait.
        """
        task = Task(what, done, failed, owner, stoppable=True, writes=not reads)
        lane, worker = (self._looker, self._worker.second) if reads else (self._writer, self._worker)
        tell: Callable[[progress.Stand], None] = lambda stand: self.stands.emit(task, stand)  # noqa: E731 (one line)

        def work() -> T:
            if task.stopped.is_set():
                raise Cancelled
            found: T = worker.run(self.station, target, args, kwargs, self.changed.emit, tell, task.stopped)
            return found

        task.again = lambda: self._submit(lane, task, work)
        task.again()
        return task

    def read(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        *,
        owner: QObject | None = None,
        key: str = "",
        failed: Callable[[UserError], bool] | None = None,
    ) -> Task:
        """A look at the data. A later one under the same key makes this one superfluous: it is stopped or thrown away."""
        task = Task("查找", done, failed, owner)
        if self._ended:
            return task  # a look that was waited for when the window went
        if key:
            if (older := self._newest.get(key)) is not None:
                self._let_be(older)
            self._newest[key] = task

        def run() -> T:
            if task.stopped.is_set():
                raise Cancelled
            with self._turn:
                self._reading = (task, threading.get_ident())
            try:
                return work()
            except Exception as error:
                if task.stopped.is_set():
                    raise Cancelled from error
                raise
            finally:
                with self._turn:
                    self._reading = None

        self._submit(self._reader, task, run)
        return task

    def _let_be(self, task: Task) -> None:
        """A look nobody waits for any more; the next one of the same thread must not be hit in its place."""
        task.stop()
        with self._turn:
            if self._reading is not None and self._reading[0] is task:
                self.station.db.interrupt_reading(self._reading[1])

    # -- answering -------------------------------------------------------------------------------------------------

    def _submit(self, executor: ThreadPoolExecutor, task: Task, work: Callable[[], Any]) -> None:
        self._open.add(task)
        task.started = False
        self.began.emit(task)

        def run() -> None:
            task.started = True
            self.started.emit(task)
            try:
                end = _End(task, self._careful(work))
            except BaseException as error:  # noqa: BLE001 (delivered to the window's thread, whatever it is)
                end = _End(task, error=error)
            self._finished.emit(end)

        executor.submit(run)

    def _careful(self, work: Callable[[], Any]) -> Any:
        from app.services import disk_words

        with disk_words.speaking_of_disk(self.station.folder):
            return work()

    @Slot(object)
    def _deliver(self, end: _End) -> None:
        task = end.task
        self._open.discard(task)
        task.cancelled = isinstance(end.error, Cancelled)
        self.ended.emit(task)
        gone = task.owner is not None and not shiboken6.isValid(task.owner)
        if end.error is None:
            # A look that is not wanted any more answers nobody; a job that was done all the same says so.
            wanted = task.stoppable or not task.stopped.is_set()
            if task.done is not None and not gone and wanted:
                task.done(end.result)
        elif isinstance(end.error, UserError):
            if gone or task.failed is None or not task.failed(end.error):
                self.failed.emit(end.error, task)
        elif not isinstance(end.error, Cancelled):
            sys.excepthook(type(end.error), end.error, end.error.__traceback__)
            # The bug is said elsewhere; the page must be let out of its waiting all the same.
            if task.failed is not None and not gone:
                task.failed(EnvironmentTrouble(BROKE))

    @property
    def busy(self) -> bool:
        """Whether anything is under way or waiting."""
        return bool(self._open)

    def stop(self) -> None:
        """Let every act that was asked for be saved, stop what can be stopped and what only looks; no answer comes any more."""
        self._ended = True
        for task in self._open:
            if task.stoppable:
                task.stop()
            elif not task.writes:
                self._let_be(task)
        self.station.db.told = _nobody
        self._reader.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True)
        self._looker.shutdown(wait=True)
        if self._own_worker:
            self._worker.close()
        self._finished.disconnect(self._deliver)


def _nobody(_changed: object) -> None:
    """Where an act is told of when no window listens."""


class WorkerFault(Exception):
    """A bug in a job of the worker process; the text is its traceback."""

    @property
    def place(self) -> str:
        """Tells one such bug from another: its last line, and the line of the programme it came from."""
        lines = str(self).strip().splitlines()
        frames = [line.strip() for line in lines if line.lstrip().startswith("File ")]
        return f"{lines[-1].partition(':')[0]} {frames[-1]}" if frames else ""


class Worker:
    """The line to the worker process; it is started when first needed and again when it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Any = None
        self._line: Any = None

    @functools.cached_property
    def second(self) -> "Worker":
        """Another one beside it, for jobs that change nothing: drawing, exporting, checking, a backup."""
        return Worker()

    def run(
        self,
        station: "Station",
        target: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        changed: Callable[[Any], None],
        tell: Callable[[progress.Stand], None],
        stopped: threading.Event,
    ) -> Any:
        """Do one job and give its result; raises what the job raised."""
        from app.services import worker

        with self._lock:
            self._begin(worker.main)
            self._line.send(worker.Job(worker.seat_of(station), target, args, kwargs))
            told = False
            while True:
                if stopped.is_set() and not told:
                    told = True
                    self._line.send(worker.STOP)
                if not self._line.poll(0.05):
                    continue
                try:
                    word = worker.hear(self._line)
                except UserError:
                    self._end()
                    raise
                if word.kind == "done":
                    station.refresh()
                    return word.content
                if word.kind == "cancelled":
                    raise Cancelled
                if word.kind == "failed":
                    raise word.content
                if word.kind == "bug":
                    raise WorkerFault(word.content)
                (tell if word.kind == "stand" else changed)(word.content)

    def _begin(self, main: Callable[..., None]) -> None:
        if self._process is not None and self._process.is_alive():
            return
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=main, args=(theirs,), daemon=True, name="ronggui-worker")
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def close(self) -> None:
        """Let the process end, and the second one."""
        if "second" in self.__dict__:
            self.second.close()
        with self._lock:
            if self._process is None:
                return
            try:
                self._line.send(None)
            except OSError:
                self._end()
                return
            self._process.join(5)
            self._end()
            self._line.close()
