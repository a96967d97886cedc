"""The second process of the window: long jobs with the same services, so that the window never waits for Python.

Drawing a PDF, reading a workbook or taking a package keeps the interpreter busy for seconds; in a thread beside the
window each of its calls back into Python would have to wait its turn. The window holds the store's lock and lets
one job run at a time, so both processes may write.
"""

import contextlib
import os
import pickle
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Literal

from app import clock, progress
from app.errors import Cancelled, EnvironmentTrouble, UserError
from app.models.database import Actor
from app.services import disk_words, stores
from app.services.station import Station

DIED: Final = "后台处理意外停止了, 这一步没有保存, 之前的都在。请再试一次。"


@dataclass(frozen=True)
class Seat:
    """Where a job is to be done, and in whose name."""

    folder: Path
    store_key: bytes = field(repr=False)
    actor: Actor
    roles: tuple[str, ...]
    fixed_now: int | None = None
    """A clock that stands still (practice and tests), in milliseconds UTC."""


@dataclass(frozen=True)
class Job:
    """`target(station, *args, **kwargs)`; the target is a function of a module, everything can be pickled."""

    seat: Seat
    target: Callable[..., Any]
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Word:
    """What the worker says: how far it is, what an act changed, how the job ended."""

    kind: Literal["stand", "changed", "done", "failed", "cancelled", "bug"]
    content: Any = None


STOP: Final = "stop"
"""What the window says to end the job under way; None ends the worker."""


def seat_of(station: Station) -> Seat:
    """The seat of whoever works at a station now."""
    return Seat(station.folder, station.store_key, station.actor, station.roles, clock.standing())


def main(line: Connection) -> None:
    """Do jobs from the line until it ends or says None; the process ends with it."""
    held: _Held | None = None
    while True:
        try:
            job = line.recv()
        except (EOFError, OSError):
            break
        if job is None:
            break
        if job == STOP:
            continue  # the job it meant has ended meanwhile
        if held is None or not held.fits(job.seat):
            if held is not None:
                held.close()
            held = None
        try:
            held = held or _Held(job.seat)
        except UserError as error:
            _say(line, Word("failed", error))
            continue
        held.do(line, job)
    if held is not None:
        held.close()
    # The window waits for this end, and taking an interpreter apart is long.
    os._exit(0)


class _Held:
    """An open store between two jobs."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        with disk_words.speaking_of_disk(seat.folder):
            self._station = stores.beside(seat.folder, seat.store_key, seat.actor, seat.roles)

    def fits(self, seat: Seat) -> bool:
        return (seat.folder, seat.store_key) == (self._seat.folder, self._seat.store_key)

    def close(self) -> None:
        self._station.db.close()

    def do(self, line: Connection, job: Job) -> None:
        station, stopped = self._station, threading.Event()
        clock.stand_at(job.seat.fixed_now)
        station.db.actor, station.roles = job.seat.actor, job.seat.roles
        station.refresh()
        # The window's process has given out local numbers since the last job.
        station.db.forget_origins()
        station.db.told = lambda changed: _say(line, Word("changed", changed))
        last = [0.0]

        def tell(stand: progress.Stand) -> None:
            # Ten times a second is more than anybody reads.
            if stand.done == stand.total or clock.ticks() - last[0] > 0.1:
                last[0] = clock.ticks()
                _say(line, Word("stand", stand))

        def listen() -> bool:
            while not stopped.is_set() and line.poll():
                if line.recv() == STOP:
                    stopped.set()
            return stopped.is_set()

        try:
            with progress.watched(progress.Watcher(tell, listen)), disk_words.speaking_of_disk(station.folder):
                result = job.target(station, *job.args, **job.kwargs)
            _say(line, Word("done", result))
        except Cancelled:
            _say(line, Word("cancelled"))
        except UserError as error:
            _say(line, Word("failed", error))
        except Exception:  # noqa: BLE001 (the window shows it like any other bug)
            _say(line, Word("bug", traceback.format_exc()))


def _say(line: Connection, word: Word) -> None:
    try:
        data = pickle.dumps(word)
    except Exception:  # noqa: BLE001 (what cannot be sent is a bug of the job, not of the line)
        data = pickle.dumps(Word("bug", traceback.format_exc()))
    with contextlib.suppress(OSError):
        line.send_bytes(data)


def hear(line: Connection) -> Word:
    """The next word of the worker. Raises EnvironmentTrouble when it has died."""
    try:
        word = pickle.loads(line.recv_bytes())  # noqa: S301 (our own process at the other end of a private pipe)
    except (EOFError, OSError) as error:
        raise EnvironmentTrouble(DIED) from error
    if not isinstance(word, Word):
        raise EnvironmentTrouble(DIED)
    return word
