"""A figure: what we took beside what a baseline took in the same run, as a ratio with its spread."""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any


@dataclass
class Figure:
    """Interleaved measurements of one thing; `base` stays empty where there is nothing to compare with."""

    name: str
    title: str
    against: str = ""
    bar: float | None = None
    """The ratio must not be above it."""
    unit: str = "s"
    """s, MB or ms."""
    ours: list[float] = field(default_factory=list)
    base: list[float] = field(default_factory=list)

    def add(self, ours: float, base: float | None = None) -> None:
        """One repetition."""
        self.ours.append(ours)
        if base is not None:
            self.base.append(base)

    @property
    def ratios(self) -> list[float]:
        """One ratio per repetition: both halves of it were measured within seconds of each other."""
        return [ours / base for ours, base in zip(self.ours, self.base, strict=False)]

    @property
    def document(self) -> dict[str, Any]:
        """As `--json` shows it; the machine's noise lies between `lowest` and `highest`."""
        ratios = sorted(self.ratios)
        median = statistics.median(ratios) if ratios else None
        return {
            "name": self.name,
            "title": self.title,
            "against": self.against,
            "unit": self.unit,
            "ours": round(statistics.median(self.ours), 4),
            "base": round(statistics.median(self.base), 4) if self.base else None,
            "ratio": round(median, 3) if median is not None else None,
            "lowest": round(ratios[0], 3) if ratios else None,
            "highest": round(ratios[-1], 3) if ratios else None,
            "bar": self.bar,
            "within": median <= self.bar if median is not None and self.bar is not None else None,
            "repeats": len(self.ours),
        }


class Stopwatch:
    """Seconds of the block it stands around."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measure a block by the clock on the wall."""
    watch = Stopwatch()
    start = perf_counter()
    yield watch
    watch.seconds = perf_counter() - start


@dataclass(frozen=True)
class Lab:
    """How large the measurements are, how often they are repeated and where their stores lie."""

    folder: Path
    records: int
    repeats: int
    other_python: Path | None
    """An interpreter with SQLite's session extension; None: its baselines are left out and the figures say so."""

    def place(self, name: str) -> Path:
        """A folder for one measurement."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path
