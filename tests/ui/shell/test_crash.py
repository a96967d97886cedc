"""An error nobody dealt with: noted without anybody's data, shown once in words, and the work goes on."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app import logs
from app.ui.kit import look
from app.ui.kit.controls import Banner
from app.ui.kit.operations import WorkerFault
from app.ui.shell.crash import SAME, Crashes, CrashWindow, report, write_report
from tests.ui.looking import faults, get, press


@pytest.fixture
def crashes(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crashes]:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    look.dress(qapp)
    handler = logs.begin()
    made = Crashes()
    made.install()
    yield made
    made.uninstall()
    logs.end(handler)
    if made.window is not None:
        made.window.reject()


def fail(name: str = "张建国") -> None:
    raise ValueError(f"no row for {name} 110105194912310029")


def stumble(crashes: Crashes) -> None:
    try:
        fail()
    except ValueError as error:
        crashes.caught(type(error), error, error.__traceback__)


def window_of(qtbot: QtBot, crashes: Crashes) -> CrashWindow:
    qtbot.waitUntil(lambda: crashes.window is not None)
    window = crashes.window
    assert window is not None
    return window


def test_it_is_said_in_words_with_what_is_safe(qtbot: QtBot, crashes: Crashes) -> None:
    stumble(crashes)
    window = window_of(qtbot, crashes)
    said = get(window, QLabel, "crash.text").text()
    assert "之前保存过的都在" in said
    assert "ValueError" not in said
    qtbot.waitUntil(lambda: faults(window) == [])
    press(window, "crash.continue")
    qtbot.waitUntil(lambda: crashes.window is None)


def test_the_report_says_where_and_nothing_of_whom(qtbot: QtBot, crashes: Crashes, tmp_path: Path) -> None:
    stumble(crashes)
    window = window_of(qtbot, crashes)
    banner = get(window, Banner, "crash.banner")
    write_report(tmp_path / "report.txt", window._report, banner)
    assert "已保存到" in banner.text()
    text = (tmp_path / "report.txt").read_text("utf-8")
    assert "in fail" in text
    assert "ValueError: no row for 〔3字〕 〔18位〕" in text
    assert "张建国 110105" not in text
    assert "110105194912310029" not in text.replace("{name} 110105194912310029", "")
    write_report(tmp_path / "nowhere" / "report.txt", window._report, banner)
    assert banner.text().startswith("找不到")


def test_a_storm_opens_one_window_and_the_same_error_is_not_shown_for_ever(qtbot: QtBot, crashes: Crashes) -> None:
    for _ in range(30):
        stumble(crashes)
    window = window_of(qtbot, crashes)
    again = get(window, QLabel, "crash.again")
    qtbot.waitUntil(lambda: "29 次" in again.text())
    assert len([w for w in QApplication.topLevelWidgets() if w.isVisible()]) == 1
    press(window, "crash.continue")
    qtbot.waitUntil(lambda: crashes.window is None)
    stumble(crashes)
    qtbot.waitUntil(lambda: sum(crashes._seen.values()) == 31)
    assert crashes.window is None, f"an error seen more than {SAME} times is only noted"


def test_an_error_in_a_thread_is_shown_in_the_windows_own(qtbot: QtBot, crashes: Crashes) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    window = window_of(qtbot, crashes)
    with qtbot.waitSignal(crashes.quit_wanted):
        press(window, "crash.quit")


def test_an_error_of_a_destructor_is_noted_only(crashes: Crashes) -> None:
    class Stumbling:
        def __del__(self) -> None:
            fail()

    made: Stumbling | None = Stumbling()
    del made
    assert "could not be raised" in logs.tail()
    assert crashes.window is None


def test_the_end_of_the_programme_is_no_error(crashes: Crashes, capsys: pytest.CaptureFixture[str]) -> None:
    crashes.caught(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "KeyboardInterrupt" in capsys.readouterr().err
    assert crashes.window is None


def test_a_handler_that_fails_itself_does_not_raise(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logs, "masked_traceback", fail)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    stumble(crashes)
    assert "no row for" in capsys.readouterr().err
    assert sys.excepthook == crashes.caught


def test_a_report_has_versions_and_the_last_notes(crashes: Crashes) -> None:
    logging.getLogger("app.test").warning("cannot read %s", "李秀英")
    text = report("Traceback")
    assert "荣归 0." in text
    assert "cannot read 〔3字〕" in text


def test_bugs_of_the_worker_process_are_told_apart_by_where_they_are(qtbot: QtBot, crashes: Crashes) -> None:
    """All of them reach the window by one line of its own."""
    told = []
    for line in (1, 1, 1, 2, 3):
        trace = f'Traceback (most recent call last):\n  File "app/services/a.py", line {line}, in work\nValueError: {line}\n'
        try:
            raise WorkerFault(trace)
        except WorkerFault as error:
            crashes.caught(type(error), error, error.__traceback__)
        qtbot.waitUntil(lambda: bool(crashes._seen), timeout=5_000)
        QApplication.processEvents()
        told.append(crashes.window is not None)
        if crashes.window is not None:
            press(crashes.window, "crash.continue")
            qtbot.waitUntil(lambda: crashes.window is None)
    assert told == [True, True, False, True, True]
