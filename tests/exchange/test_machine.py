"""Random histories of a chain of stores: whatever people, sticks and disks do, nothing is lost and all agree at the end."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.exchange.acts import ACTS, do
from tests.exchange.chain import SHAPES, chain
from tests.exchange.conftest import FIGURES
from tests.exchange.history import History

NUMBER = st.integers(0, 999)


class Exchange(RuleBasedStateMachine):
    """The acts of tests/exchange/acts.py in any order; `make chaos` plays many more of them."""

    def __init__(self) -> None:
        super().__init__()
        self.history: History | None = None

    @initialize(shape=st.sampled_from(SHAPES))
    def begin(self, shape: str) -> None:
        self.stores = chain(shape, 1)
        self.history = History(self.stores.__enter__())

    @rule(
        name=st.sampled_from([name for name in sorted(ACTS) for _ in range(ACTS[name][1])]),
        a=NUMBER,
        b=NUMBER,
        c=NUMBER,
    )
    def act(self, name: str, a: int, b: int, c: int) -> None:
        assert self.history is not None
        do(self.history, name, a, b, c)

    def teardown(self) -> None:
        if self.history is None:
            return
        try:
            self.history.end()
            FIGURES.update(self.history.figures)
            FIGURES["histories"] += 1
        finally:
            self.stores.__exit__(None, None, None)


def _histories(part: int) -> None:
    class Part(Exchange):
        """A class of its own, so that its examples are its own too."""

    Part.__qualname__ = f"Part{part}"
    run: Any = run_state_machine_as_test
    run(
        Part,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_histories() -> None:
    _histories(1)


def test_more_histories() -> None:
    _histories(2)
