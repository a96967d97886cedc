"""The hearts of the journeys: what is printed of them at the end, and what no noise of a machine excuses."""

from typing import Final

from app.ui.shell.timing import Heartbeat

FIGURES: Final[dict[str, str]] = {}
"""Journey -> its longest task, in words."""
LONGEST: Final = 10.0
"""Seconds a task may last on a machine that has other work; the bar of 50 ms is kept by `make bench`."""
BUSIEST: Final = 0.25
"""Seconds of computing in one task, which other work hardly lengthens."""


def judge(journey: str, heart: Heartbeat) -> None:
    """Note what a journey's heart has counted; AssertionError for what is gross."""
    words = f"{heart.longest * 1000:.0f} ms in {heart.where or 'Qt itself'}; at most {heart.busiest * 1000:.0f} ms computing"
    FIGURES[journey] = words
    assert heart.longest, "nothing was counted"
    assert heart.longest < LONGEST, words
    assert heart.busiest < BUSIEST, words
