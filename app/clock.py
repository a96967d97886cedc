"""Now, today and new identifiers: the only source of time and identity."""

import datetime as dt
import os
import threading
import time

CHINA = dt.timezone(dt.timedelta(hours=8))

_fixed: int | None = None
_lock = threading.Lock()
_last_ms = 0
_last_tail = 0
_LOW = (1 << 62) - 1


def set_now(moment: dt.datetime | None) -> None:
    """Stop the clock at a moment (RONGGUI_NOW and tests only); None lets it run again."""
    global _fixed
    _fixed = None if moment is None else int(moment.timestamp() * 1000)


def standing() -> int | None:
    """Where the clock was stopped, in milliseconds UTC; None while it runs."""
    return _fixed


def stand_at(ms: int | None) -> None:
    """Stop the clock where another process of the programme has stopped its own; None lets it run."""
    global _fixed
    _fixed = ms


def ticks() -> float:
    """Seconds of a clock that only rises: for pauses and limits, never for dates."""
    return time.monotonic()


def now_ms() -> int:
    """Milliseconds since 1970 in UTC."""
    return _fixed if _fixed is not None else time.time_ns() // 1_000_000


def now() -> dt.datetime:
    """The present moment at fixed UTC+8."""
    return dt.datetime.fromtimestamp(now_ms() / 1000, CHINA)


def today() -> dt.date:
    """The present day at fixed UTC+8."""
    return now().date()


def day_of(ms: int) -> dt.date:
    """The day at fixed UTC+8 of a moment given in milliseconds."""
    return dt.datetime.fromtimestamp(ms / 1000, CHINA).date()


def moment_text(ms: int) -> str:
    """A moment given in milliseconds as people read it, at fixed UTC+8."""
    return dt.datetime.fromtimestamp(ms / 1000, CHINA).isoformat(timespec="seconds")


def _random_bits(number: int) -> int:
    """From the system's own source; the module `secrets` would load half a library of hashes before the first window."""
    octets = (number + 7) // 8
    return int.from_bytes(os.urandom(octets)) >> (octets * 8 - number)


def new_id() -> str:
    """A UUIDv7 as 32 hexadecimal digits, rising within this process even if the clock stands or falls."""
    global _last_ms, _last_tail
    with _lock:
        ms = max(time.time_ns() // 1_000_000, _last_ms)
        if ms > _last_ms:
            _last_ms, _last_tail = ms, _random_bits(73)
        else:
            _last_tail += _random_bits(24) + 1
            if _last_tail >> 74:
                _last_ms, _last_tail = ms + 1, _random_bits(73)
                ms = _last_ms
        head, tail = _last_tail >> 62, _last_tail & ((1 << 62) - 1)
        return f"{(ms << 80) | (7 << 76) | (head << 64) | (2 << 62) | tail:032x}"


def new_number() -> int:
    """A number no other copy of this store will give out: time in front, chance behind, 63 bits."""
    return (now_ms() & ((1 << 43) - 1)) << 20 | _random_bits(20)


def new_ids(count: int) -> list[str]:
    """Several identifiers at once, rising; many times quicker than one by one, for large imports."""
    global _last_ms, _last_tail
    out = []
    steps = os.urandom(3 * count)
    with _lock:
        ms = max(time.time_ns() // 1_000_000, _last_ms)
        tail = _last_tail if ms == _last_ms else _random_bits(73)
        for at in range(0, 3 * count, 3):
            tail += int.from_bytes(steps[at : at + 3], "big") + 1
            if tail >> 74:
                ms, tail = ms + 1, _random_bits(73)
            out.append(f"{(ms << 80) | (7 << 76) | (tail >> 62 << 64) | (2 << 62) | (tail & _LOW):032x}")
        _last_ms, _last_tail = ms, tail
    return out


def random_bytes(count: int) -> bytes:
    """Random bytes for salts and keys."""
    return os.urandom(count)
