"""Counts of the random histories, printed at the end of the run, also when several workers have shared them."""

from collections import Counter
from typing import Any, Final

import pytest

FIGURES: Final[Counter[str]] = Counter()
_ALL: Final[Counter[str]] = Counter()


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["exchange"] = dict(FIGURES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has finished."""
    _ALL.update(getattr(node, "workeroutput", {}).get("exchange", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    from tests.exchange.history import summary

    total = _ALL + FIGURES
    if total:
        terminalreporter.write_line(f"random histories: {summary(total)}")
