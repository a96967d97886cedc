"""A second start raises the first window and ends; what a kill left behind does not stand in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QDir
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import NO_SCREEN, has_screen, open_window
from app.ui.shell.desktop import Desktop
from app.ui.shell.instance import Instance, call, name_of


def start(folder: Path) -> subprocess.Popen[bytes]:
    """Start the programme once more, in a process of its own."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen([sys.executable, "-m", "app", "--data", folder], env=environment)


def ended(qtbot: QtBot, process: "subprocess.Popen[bytes]") -> int | None:
    """How a process ended; this one goes on answering meanwhile."""
    qtbot.waitUntil(lambda: process.poll() is not None, timeout=30_000)
    return process.returncode


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))


def test_nobody_answers_where_nobody_is(qapp: QApplication, tmp_path: Path) -> None:
    assert not call(tmp_path)
    first = Instance(tmp_path)
    first.listen()
    assert not call(tmp_path / "other"), "another folder has a window of its own"
    first.close()
    assert not call(tmp_path)


def test_a_window_that_does_not_answer_is_not_waited_for(qapp: QApplication, tmp_path: Path) -> None:
    first = Instance(tmp_path)
    first.listen()  # in the thread that asks: it cannot answer
    assert not call(tmp_path, patience=50)
    first.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of Windows goes with its process")
def test_what_a_kill_left_behind_is_cleared_away(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    (Path(QDir.tempPath()) / name_of(tmp_path)).touch()
    assert not call(tmp_path)
    first = Instance(tmp_path)
    first.listen()
    with qtbot.waitSignal(first.called, timeout=30_000):
        second = start(tmp_path)
    assert ended(qtbot, second) == 0
    first.close()


def test_a_second_process_ends_with_0_and_raises_the_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    desktop = Desktop(folder)
    desktop.instance = Instance(folder, desktop)
    desktop.instance.listen()
    desktop.instance.called.connect(desktop.raise_front)
    desktop.begin()
    window = desktop.front
    assert window is not None
    window.showMinimized()
    with qtbot.waitSignal(desktop.instance.called, timeout=30_000):
        second = start(folder)
    assert ended(qtbot, second) == 0
    assert not window.isMinimized()
    assert not folder.exists()
    window.close()
    desktop.close()


def test_without_a_display_it_is_said_and_nothing_is_opened(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not has_screen()
    monkeypatch.setenv("DISPLAY", ":4321")
    assert not has_screen(), "a display that nobody serves"
    assert open_window([]) == 4
    assert capsys.readouterr().err.strip() == NO_SCREEN
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert has_screen()
    monkeypatch.setattr(sys, "platform", "win32")
    assert has_screen()
