"""Numbered fault points: every write, flush and rename can be made to fail or to kill the process at its n-th call."""

import errno
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NoReturn

from app.errors import BadInput

VARIABLE: Final = "RONGGUI_FAULT"
KINDS: Final = ("error", "short", "kill")

_points: dict[str, str] = {}
_counts: Counter[str] = Counter()
_lock = threading.Lock()


@dataclass(frozen=True)
class Spec:
    """What is to break: the n-th call (from 1) of a point, and how."""

    point: str
    nth: int
    kind: str

    def __str__(self) -> str:
        return f"{self.point}:{self.nth}:{self.kind}"


@dataclass
class _State:
    armed: Spec | None = None
    active: bool = False
    """False in daily use, so that a point costs one look."""


_state = _State()


def define(point: str, does: str) -> str:
    """Declare a point by a name like `export.write` and a Chinese sentence on what happens there; gives the name back.

    Raises ValueError if the name is taken by another meaning.
    """
    if _points.setdefault(point, does) != does:
        msg = f"fault point {point} is defined twice"
        raise ValueError(msg)
    return point


def points() -> list[dict[str, str]]:
    """Every declared point as `{point, does}`, sorted by name."""
    return [{"point": point, "does": _points[point]} for point in sorted(_points)]


def parse(text: str) -> Spec:
    """Read `point:n[:error|short|kill]` (default: error); raises BadInput with what is wrong."""
    name, _, rest = text.partition(":")
    number, _, kind = rest.partition(":")
    if name not in _points:
        raise BadInput(f"{VARIABLE} 里的故障点“{name}”不存在。请用 ronggui store faults 查看全部故障点。")
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise BadInput(f"{VARIABLE} 要写成 故障点:次数[:error|short|kill], 次数从 1 起。")
    if (kind or "error") not in KINDS:
        raise BadInput(f"{VARIABLE} 的方式只能是 error、short 或 kill。")
    return Spec(name, int(number), kind or "error")


def arm(text: str | None) -> None:
    """Make one point fail as `point:n[:kind]` says, counting from now; None or an empty text disarms.

    Whoever opens a store must refuse to go on if `armed_spec()` is set and the store is not marked 练习.
    """
    spec = parse(text) if text else None
    with _lock:
        _counts.clear()
        _state.armed, _state.active = spec, spec is not None


def armed_spec() -> Spec | None:
    """What is armed now."""
    return _state.armed


def counts() -> dict[str, int]:
    """How often each point was called since `arm` or since `counting` began; nothing is counted otherwise."""
    with _lock:
        return dict(_counts)


@contextmanager
def counting() -> Iterator[None]:
    """Count the calls of a run without breaking any, so that a walker learns how many n there are."""
    with _lock:
        _counts.clear()
        _state.active = True
    try:
        yield
    finally:
        with _lock:
            _state.active = _state.armed is not None


def step(point: str) -> None:
    """Pass a point where something all-or-nothing happens: raises OSError(EIO) or kills the process if it is hit.

    A short write has no meaning here and counts as an error.
    """
    if _state.active and (kind := _hit(point)):
        _fail(point, kind)


def short(point: str, data: bytes, write: Callable[[bytes], object]) -> None:
    """Write `data` through `write`; if the point is hit, nothing (error) or only the first half (short, kill) of it."""
    kind = _hit(point) if _state.active else None
    if kind is None:
        write(data)
        return
    if kind != "error":
        write(data[: len(data) // 2])
    _fail(point, kind)


def _hit(point: str) -> str | None:
    if point not in _points:
        msg = f"fault point {point} is not defined"
        raise ValueError(msg)
    with _lock:
        _counts[point] += 1
        armed = _state.armed
        hit = armed is not None and armed.point == point and _counts[point] == armed.nth
    return armed.kind if hit and armed is not None else None


def _fail(point: str, kind: str) -> NoReturn:
    if kind == "kill":
        # No `finally` and no buffer flush may run: this is the power cut, not an exception.
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    if kind == "short":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), point)
    raise OSError(errno.EIO, os.strerror(errno.EIO), point)
