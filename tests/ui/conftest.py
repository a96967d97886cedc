"""The window on real stores: a village with made-up people, copied for every test; messages answered by the test."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import clock
from app.services import practice, stores
from app.sync import enrolment, jobs
from app.sync.exchange import Exchange
from app.ui.kit import drafts, look
from app.ui.kit.messages import Message, Messages
from app.ui.kit.operations import Operations, Worker
from app.ui.kit.page import Desk, Link, Page
from app.ui.kit.sweeping import Sweeper
from app.ui.shell.window import MainWindow

PASSWORD = "demo"
STAFF = "周敏"
VILLAGE = "361002100201"
MANY = 3_000
PATIENCE = 60_000
"""Milliseconds after which a window that is busy is given up; only a starved machine is as slow."""


@dataclass
class Answers:
    """The door for messages in tests: keeps what was said, and goes the way the test has named."""

    said: list[Message] = field(default_factory=list)
    ways: dict[str, str] = field(default_factory=dict)
    """A piece of the message's text -> the button to press."""

    def show(self, message: Message) -> None:
        self.said.append(message)
        for piece, wanted in self.ways.items():
            if piece in message.text:
                next(way for way in message.ways if way.text == wanted).go()
                return

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.said]


def founded(folder: Path, level: str, name: str, scope: str) -> None:
    """A new 练习 store, closed again."""
    founding = stores.Founding(level, name, (scope,), STAFF, PASSWORD, practice=True)
    opened, _ = stores.init(folder, founding)
    opened.close()


JOINED = ("joined_village", "joined_township")


def joined(root: Path) -> dict[str, Path]:
    """A village with thirty people below a township that has them too: both have taken the other's first package."""
    upper, lower, stick = root / "joined_township", root / "joined_village", root / "stick"
    stick.mkdir()
    founding = stores.Founding("township", "上顿渡镇站", (VILLAGE[:9],), "孙立", PASSWORD, practice=True)
    above, _ = stores.init(upper, founding)
    invited = enrolment.enrol(
        Exchange(above.station.db, upper), level="village", name="桥头村站", scopes=(VILLAGE,), out=stick / "村.rge"
    )
    offer = enrolment.read(invited.file, invited.code)
    founding = stores.Founding(
        offer.level, offer.name, offer.scopes, STAFF, PASSWORD, practice=True, node=offer.node,
        prepare=lambda station, work: enrolment.begin(station.db, work, offer),
    )  # fmt: skip
    below, _ = stores.init(lower, founding)
    practice.fill(below.station, 30)
    sent = jobs.send(below.station, "parent", stick)
    answers = jobs.take(above.station, [sent.file], stick).answers
    jobs.take(below.station, [answers[0].file])
    above.close()
    below.close()
    return {"joined_village": lower, "joined_township": upper}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Stores by their name (empty, village, many, township, those of JOINED …), made once and never opened again."""
    made: dict[str, Path] = {}
    root = tmp_path_factory.mktemp("prepared")

    def get(name: str) -> Path:
        if name in JOINED and name not in made:
            made.update(joined(root))
        if name not in made:
            folder = made[name] = root / name
            level = name if name in ("township", "county") else "village"
            scope = {"village": VILLAGE, "township": VILLAGE[:9], "county": VILLAGE[:6]}[level]
            title = {"village": "桥头村站", "township": "上顿渡镇站", "county": "临川区局"}[level]
            founded(folder, level, title, scope)
            if name != "empty":
                opened = stores.open_store(folder, user=None, password=PASSWORD)
                practice.fill(opened.station, MANY if name == "many" else 30)
                opened.close()
        return made[name]

    return get


@pytest.fixture
def open_copy(
    prepared: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., stores.Opened]]:
    """Open a copy of a prepared store."""
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    opened: list[stores.Opened] = []

    def copy(name: str = "village", as_: str = "") -> stores.Opened:
        folder = tmp_path / (as_ or name)
        shutil.copytree(prepared(name), folder)
        opened.append(stores.open_store(folder, user=None, password=PASSWORD))
        return opened[-1]

    yield copy
    for one in opened:
        if one.lock.is_locked:
            one.close()


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """The worker process, started once."""
    made = Worker()
    yield made
    made.close()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def desk(
    qapp: QApplication, open_copy: Callable[..., stores.Opened], worker: Worker, answers: Answers
) -> Iterator[Desk]:
    """What a page is given, on a village with thirty people."""
    look.dress(qapp)
    yield from _desk(open_copy("village"), worker, answers)


@pytest.fixture
def joined_desks(
    qapp: QApplication, open_copy: Callable[..., stores.Opened], worker: Worker, answers: Answers
) -> Iterator[tuple[Desk, Desk]]:
    """A village and the township above it, with one worker process."""
    look.dress(qapp)
    lower = _desk(open_copy("joined_village"), worker, answers)
    upper = _desk(open_copy("joined_township"), worker, answers)
    yield next(lower), next(upper)
    for made in (lower, upper):
        for _ in made:
            pass


@pytest.fixture
def empty_desk(
    qapp: QApplication, open_copy: Callable[..., stores.Opened], worker: Worker, answers: Answers
) -> Iterator[Desk]:
    """The same on a store nobody has entered anything in."""
    look.dress(qapp)
    yield from _desk(open_copy("empty"), worker, answers)


@pytest.fixture
def many_desk(
    qapp: QApplication, open_copy: Callable[..., stores.Opened], worker: Worker, answers: Answers
) -> Iterator[Desk]:
    """The same on a village with three thousand people."""
    look.dress(qapp)
    yield from _desk(open_copy("many"), worker, answers)


def _desk(opened: stores.Opened, worker: Worker, answers: Answers) -> Iterator[Desk]:
    from app.services.desk_memory import DeskMemory

    station = opened.station
    made = Desk(station, Operations(station, worker), Messages(answers), DeskMemory(station))
    yield made
    drafts.settled()
    made.operations.stop()
    made.memory.close()


@pytest.fixture
def show(qtbot: QtBot) -> Callable[..., Any]:
    """Put a page on the screen as the window would: `show(PeoplePage, desk, about)`."""

    def shown(kind: type[Page], desk: Desk, about: str = "", **facts: Any) -> Any:
        page = kind(desk)
        qtbot.addWidget(page)
        page.resize(1240, 640)
        with qtbot.waitExposed(page):
            page.show()
        page.open(about, facts)
        page.start()
        idle(qtbot, desk)
        return page

    return shown


@pytest.fixture
def open_window(
    qtbot: QtBot, open_copy: Callable[..., stores.Opened], worker: Worker, answers: Answers
) -> Iterator[Callable[..., MainWindow]]:
    """The whole main window at a copy of a prepared store."""
    windows: list[MainWindow] = []

    def opened(name: str = "village", as_: str = "") -> MainWindow:
        window = MainWindow(open_copy(name, as_), Messages(answers), worker)
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.go(Link("today"))
        idle(qtbot, window.desk)
        return window

    yield opened
    for window in windows:
        window.close()
        window.shut()


@pytest.fixture(scope="session", autouse=True)
def _swept_in_this_thread(qapp: QApplication) -> Iterator[None]:
    """As the programme does it: widgets of tests gone by must not be let go of by the thread of a later one."""
    sweeper = Sweeper(qapp)
    yield
    sweeper.stop()


@pytest.fixture(autouse=True)
def _nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    """A window, a timer's late call or a deleted page of one test must not reach the next."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    for widget in left:
        widget.close()
    assert not left, f"windows left open by a test: {left}"
    clock.set_now(None)


def idle(qtbot: QtBot, desk: Desk) -> None:
    """Wait until nothing is under way any more, drafts included."""
    finished(qtbot, desk)
    drafts.settled()


def finished(qtbot: QtBot, desk: Desk) -> None:
    """Wait until nothing is under way in the background."""
    qtbot.waitUntil(lambda: not desk.operations.busy, timeout=PATIENCE)


__all__ = ["Answers", "Link", "idle"]
