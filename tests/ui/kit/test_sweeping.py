"""Sweeping in the window's thread: cycles go when they are due, what has been loaded is left alone."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from app.ui.kit.sweeping import Sweeper


class Ring:
    """Holds itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_has_been_loaded_stays_and_later_cycles_go(qapp: object) -> None:
    before, first = gc.get_freeze_count(), weakref.ref(Ring())
    Sweeper.stay()
    assert gc.get_freeze_count() > before
    later = weakref.ref(Ring())
    sweeper = Sweeper()
    gc.collect()
    sweeper._thresholds = (-1, -1, -1)  # every age is due
    sweeper.look()
    sweeper.stop()
    assert first() is not None
    assert later() is None
