"""How far a long job is, told to whoever watches; and the place where it stops when it is no longer wanted."""

import contextvars
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.errors import Cancelled


@dataclass(frozen=True)
class Stand:
    """How far a job is: what it is doing, and `done` of `total` (0: nobody knows how many there will be)."""

    what: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Watcher:
    """Who wants to know, and who may stop the job."""

    tell: Callable[[Stand], None]
    stopped: Callable[[], bool] = lambda: False


_watcher: contextvars.ContextVar[Watcher | None] = contextvars.ContextVar("progress", default=None)


def step(what: str, done: int = 0, total: int = 0) -> None:
    """Say how far the job is. Raises Cancelled when it is to stop: only called where nothing is left half done.

    Without a watcher (the terminal, a test) this costs one look.
    """
    watcher = _watcher.get()
    if watcher is None:
        return
    if watcher.stopped():
        raise Cancelled
    watcher.tell(Stand(what, done, total))


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Let somebody watch what runs inside, in this thread."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)
