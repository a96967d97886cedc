"""Work off the window's thread: answers come back on it, errors by whose fault they are, what changed is told."""

import threading
import time
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app import progress
from app.errors import Refused, UserError
from app.services.people import People
from app.services.station import Station
from app.ui.kit.aside import BROKE
from app.ui.kit.page import Desk
from tests.ui.conftest import idle


def add(station: Station, name: str) -> str:
    """A job for the worker process."""
    place = station.place
    return People(station).add({"name": name, "no_id_reason": "pending", "division": place.home}).id


def refuse(_station: Station) -> None:
    raise Refused("不行。没有改动任何数据。")


def stumble(_station: Station) -> None:
    raise ZeroDivisionError("a bug in a job")


def count_slowly(_station: Station, most: int) -> int:
    for n in range(most):
        progress.step("数数", n, most)
        time.sleep(0.02)
    return most


def test_an_act_is_told_with_the_kinds_it_touched(qtbot: QtBot, desk: Desk) -> None:
    told: list[Any] = []
    desk.operations.changed.connect(told.append)
    answered: list[str] = []
    desk.operations.write(lambda: add(desk.station, "张建国"), answered.append)
    assert not answered, "the answer came before write() returned"
    idle(qtbot, desk)
    assert len(answered) == 1
    assert told[0].kinds == {"person"}
    assert threading.current_thread() is threading.main_thread()


def test_a_job_in_the_worker_process_is_saved_and_told(qtbot: QtBot, desk: Desk) -> None:
    told: list[Any] = []
    desk.operations.changed.connect(told.append)
    answered: list[str] = []
    desk.operations.apart(add, "李秀英", done=answered.append)
    idle(qtbot, desk)
    assert People(desk.station).show(answered[0]).fields["name"] == "李秀英"
    assert told[0].kinds == {"person"}
    assert told[0].act, "the act has no id"


def test_both_processes_write_in_turn(qtbot: QtBot, desk: Desk) -> None:
    ids: list[str] = []
    for n in range(3):
        desk.operations.write(lambda n=n: add(desk.station, f"甲{n}"), ids.append)  # type: ignore[misc]
        desk.operations.apart(add, f"乙{n}", done=ids.append)
    idle(qtbot, desk)
    assert [People(desk.station).show(one).fields["name"] for one in ids] == ["甲0", "乙0", "甲1", "乙1", "甲2", "乙2"]


@pytest.mark.parametrize("apart", [True, False])
def test_a_refusal_is_handed_on_unless_the_page_has_told_it(qtbot: QtBot, desk: Desk, apart: bool) -> None:
    failed: list[Any] = []
    desk.operations.failed.connect(lambda error, _task: failed.append(str(error)))

    def run(handler: Any) -> None:
        if apart:
            desk.operations.apart(refuse, failed=handler)
        else:
            desk.operations.write(lambda: refuse(desk.station), failed=handler)
        idle(qtbot, desk)

    run(None)
    assert failed == ["不行。没有改动任何数据。"]
    run(lambda _error: True)
    assert len(failed) == 1


@pytest.mark.parametrize("apart", [True, False])
def test_a_bug_reaches_the_excepthook(qtbot: QtBot, desk: Desk, apart: bool) -> None:
    let_go: list[str] = []

    def told(error: UserError) -> bool:
        let_go.append(str(error))
        return True

    with qtbot.captureExceptions() as seen:
        if apart:
            desk.operations.apart(stumble, failed=told)
        else:
            desk.operations.write(lambda: stumble(desk.station), failed=told)
        qtbot.waitUntil(lambda: bool(seen), timeout=60_000)
    assert let_go == [BROKE], "a page that waits must be let out of it"
    assert "a bug in a job" in str(seen[0][1])
    idle(qtbot, desk)


def test_a_long_job_says_how_far_it_is_and_can_be_stopped(qtbot: QtBot, desk: Desk) -> None:
    stands: list[Any] = []
    desk.operations.stands.connect(lambda _task, stand: stands.append(stand))
    answered: list[int] = []
    task = desk.operations.apart(count_slowly, 500, done=answered.append)
    qtbot.waitUntil(lambda: len(stands) > 2)
    task.stop()
    idle(qtbot, desk)
    assert not answered
    assert task.cancelled
    assert stands[0].what == "数数"
    assert stands[-1].done < 400


def hold_on(_station: Station) -> str:
    progress.step("等一下")
    time.sleep(0.3)
    return "saved"


def test_a_job_that_is_done_before_it_hears_of_the_stop_says_so(qtbot: QtBot, desk: Desk) -> None:
    answered: list[str] = []
    with qtbot.waitSignal(desk.operations.stands, timeout=20_000):
        task = desk.operations.apart(hold_on, done=answered.append)
    task.stop()
    idle(qtbot, desk)
    assert answered == ["saved"], "whoever stopped it too late must know that it was done"
    assert not task.cancelled


def test_a_worker_that_dies_is_told_and_another_one_goes_on(qtbot: QtBot, desk: Desk) -> None:
    failed: list[str] = []
    desk.operations.failed.connect(lambda error, _task: failed.append(str(error)))
    desk.operations.apart(count_slowly, 500)
    worker = desk.operations._worker
    qtbot.waitUntil(lambda: worker._process is not None and worker._process.is_alive())
    worker._process.kill()
    idle(qtbot, desk)
    assert failed == ["后台处理意外停止了, 这一步没有保存, 之前的都在。请再试一次。"]
    answered: list[str] = []
    desk.operations.apart(add, "赵六", done=answered.append)
    idle(qtbot, desk)
    assert answered


def test_only_the_newest_of_several_searches_answers(qtbot: QtBot, desk: Desk) -> None:
    gate = threading.Event()
    answered: list[str] = []

    def slow() -> str:
        gate.wait(5)
        return "old"

    desk.operations.read(slow, answered.append, key="search")
    desk.operations.read(lambda: "middle", answered.append, key="search")
    desk.operations.read(lambda: "new", answered.append, key="search")
    gate.set()
    idle(qtbot, desk)
    assert answered == ["new"]


def test_a_long_reading_is_interrupted_by_the_next_key(qtbot: QtBot, desk: Desk) -> None:
    forever = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000) SELECT max(x) FROM n"
    )
    began = threading.Event()
    answered: list[Any] = []

    def slow() -> Any:
        with desk.station.db.read() as session:
            connection = session.connection()
            began.set()
            return connection.exec_driver_sql(forever).scalar()

    desk.operations.read(slow, answered.append, key="search")
    assert began.wait(5)
    time.sleep(0.05)
    desk.operations.read(lambda: "new", answered.append, key="search")
    idle(qtbot, desk)
    assert answered == ["new"]


def test_only_the_look_that_is_meant_is_interrupted(qtbot: QtBot, desk: Desk) -> None:
    slow = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 300000) SELECT max(x) FROM n"
    reading, over = threading.Event(), threading.Event()
    read: list[int] = []

    def look() -> Any:
        with desk.station.db.read() as session:
            connection = session.connection()
            reading.set()
            try:
                return connection.exec_driver_sql(slow).scalar()
            finally:
                over.set()

    # Somebody saves, and looks something up for it, while somebody types into the search.
    desk.operations.write(look, read.append)
    assert reading.wait(5)
    while not over.is_set():
        began = threading.Event()

        def typed(began: threading.Event = began) -> bool:
            began.set()
            return over.wait(0.05)

        desk.operations.read(typed, lambda _: None, key="search")
        began.wait(0.2)
    idle(qtbot, desk)
    assert read == [300_000]


def test_an_interrupt_never_hits_the_next_look(qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # Between seeing that the old look is under way and stopping it, the reader must not go on to another one.
    real, slow = desk.station.db.interrupt_reading, threading.Event()
    gate, others = threading.Event(), threading.Event()
    answered: list[int] = []

    def late(*thread: int) -> None:
        gate.set()
        if others.wait(0.3):
            time.sleep(0.05)  # it is in the middle of its statement
        real(*thread)

    monkeypatch.setattr(desk.station.db, "interrupt_reading", late)
    forever = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT max(x) FROM n"

    def innocent() -> Any:
        with desk.station.db.read() as session:
            connection = session.connection()
            others.set()
            return connection.exec_driver_sql(forever).scalar()

    def old() -> None:
        slow.set()
        gate.wait(5)

    desk.operations.read(old, lambda _: None, key="search")
    desk.operations.read(innocent, answered.append)
    assert slow.wait(5)
    desk.operations.read(lambda: "new", lambda _: None, key="search")
    idle(qtbot, desk)
    assert answered == [3_000_000]


def test_the_end_saves_what_waits_and_stops_what_can_be_stopped(qtbot: QtBot, desk: Desk) -> None:
    gate = threading.Event()
    saved: list[str] = []
    looked: list[bool] = []

    def save(name: str) -> None:
        saved.append(add(desk.station, name))

    job = desk.operations.apart(count_slowly, 10_000)
    qtbot.waitUntil(lambda: job.started)
    for name in ("张建国", "李秀英"):
        desk.operations.write(lambda name=name: save(name))  # type: ignore[misc]  # bound here
    desk.operations.read(lambda: gate.wait(20), lambda _: None)
    desk.operations.read(lambda: looked.append(True), lambda _: None)
    threading.Timer(0.2, gate.set).start()
    desk.operations.stop()
    assert [People(desk.station).show(one).fields["name"] for one in saved] == ["张建国", "李秀英"]
    assert not looked, "nobody looks any more"
    desk.operations._finished.connect(desk.operations._deliver)  # for the fixture, which stops once more


def test_what_only_looks_lets_nothing_wait(qtbot: QtBot, desk: Desk) -> None:
    job = desk.operations.apart(count_slowly, 10_000, reads=True)
    qtbot.waitUntil(lambda: job.started)
    saved: list[str] = []
    desk.operations.write(lambda: add(desk.station, "张建国"), saved.append)
    desk.operations.apart(add, "李秀英", done=saved.append)
    qtbot.waitUntil(lambda: len(saved) == 2, timeout=20_000)
    assert not job.cancelled
    job.stop()
    idle(qtbot, desk)
    assert job.cancelled


def test_after_a_bug_the_page_can_go_on(qtbot: QtBot, desk: Desk) -> None:
    told: list[str] = []

    def failed(error: UserError) -> bool:
        told.append(str(error))
        return True

    with qtbot.captureExceptions() as seen:
        desk.operations.write(lambda: stumble(desk.station), failed=failed)
        idle(qtbot, desk)
    assert len(seen) == 1
    assert told == [BROKE]


def test_a_closed_page_is_left_alone(qtbot: QtBot, desk: Desk) -> None:
    owner = QWidget()
    called: list[str] = []
    desk.operations.read(lambda: "late", called.append, owner=owner)
    shiboken6.delete(owner)
    desk.operations.read(lambda: "alive", called.append)
    idle(qtbot, desk)
    assert called == ["alive"]
