"""Three desks that know each other, with a stick between them; and the heart of every journey."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.models.database import Work
from app.services import stores
from app.services.station import Station
from app.sync import enrolment, incoming, outgoing
from app.sync.exchange import Exchange
from app.ui.kit.messages import Messages
from app.ui.kit.operations import Worker
from app.ui.kit.page import Link
from app.ui.shell.timing import Heartbeat
from app.ui.shell.window import MainWindow
from tests.ui.conftest import PASSWORD, Answers, idle
from tests.ui.hands import Hands
from tests.ui.journeys import hearts

LEVELS = (("county", "临川区局", "361002", "钱芳"), ("township", "上顿渡镇站", "361002100", "孙立"),
          ("village", "桥头村站", "361002100201", "周敏"))  # fmt: skip


@pytest.fixture
def heart(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Heartbeat]:
    """Beats while a journey's hands are at work."""
    made = Heartbeat()
    yield made
    made.stop()
    hearts.judge(str(request.node.name), made)


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["hearts"] = dict(hearts.FIGURES)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker of pytest-xdist has finished."""
    hearts.FIGURES.update(getattr(node, "workeroutput", {}).get("hearts", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for journey, words in hearts.FIGURES.items():
        terminalreporter.write_line(f"longest task in the window's thread, {journey}: {words}")


@pytest.fixture
def hands_at(qtbot: QtBot, heart: Heartbeat) -> Callable[[MainWindow], Hands]:
    """The hands at a window."""
    return lambda window: Hands(qtbot, window.desk, window, heart)


@dataclass
class Desks:
    """The windows by their level, and the ways between them."""

    root: Path
    windows: dict[str, MainWindow] = field(default_factory=dict)
    hands: dict[str, Hands] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def exchange(self, level: str) -> Exchange:
        station = self.windows[level].desk.station
        return Exchange(station.db, station.folder)

    def carry(self, *way: str) -> None:
        """A package from each to the next one, up or down."""
        order = [level for level, *_ in LEVELS]
        for sender, to in itertools.pairwise(way):
            up = order.index(to) < order.index(sender)
            stick = self.root / f"stick{next(self.numbers)}"
            stick.mkdir()
            word = "parent" if up else self.windows[to].desk.station.place.node
            done = outgoing.export(self.exchange(sender), word, stick)
            incoming.take_all(self.exchange(to), [Path(done.parts[0])])
            self.windows[to].desk.station.refresh()
            self.hands[to].wait()


@pytest.fixture
def desks(
    qtbot: QtBot,
    tmp_path: Path,
    worker: Worker,
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    hands_at: Callable[[MainWindow], Hands],
) -> Iterator[Desks]:
    """Three real stores in a chain, each with its window."""
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    made = Desks(tmp_path)
    parent: Exchange | None = None
    for level, name, scope, clerk in LEVELS:
        founding = _founding(parent, tmp_path, level, name, scope, clerk)
        opened, _ = stores.init(tmp_path / level, founding)
        parent = Exchange(opened.station.db, opened.station.folder)
        window = MainWindow(opened, Messages(answers), worker)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.go(Link("today"))
        idle(qtbot, window.desk)
        made.windows[level] = window
        made.hands[level] = hands_at(window)
    made.carry("village", "township", "county", "township", "village")
    yield made
    for window in made.windows.values():
        window.close()
        window.shut()


def _founding(parent: Exchange | None, root: Path, level: str, name: str, scope: str, clerk: str) -> stores.Founding:
    if parent is None:
        return stores.Founding(level, name, (scope,), clerk, PASSWORD, practice=True)
    file = root / f"{level}.rge"
    done = enrolment.enrol(parent, level=level, name=name, scopes=(scope,), out=file)
    offer = enrolment.read(file, done.code)

    def prepare(station: Station, work: Work) -> None:
        enrolment.begin(station.db, work, offer)

    return stores.Founding(
        offer.level,
        offer.name,
        offer.scopes,
        clerk,
        PASSWORD,
        practice=offer.practice,
        node=offer.node,
        prepare=prepare,
    )
