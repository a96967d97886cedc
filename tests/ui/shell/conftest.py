"""The desktop as it starts: its own settings folder, its windows closed again, no hook left behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.shell.desktop import Desktop


@pytest.fixture
def desktop(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Path], Desktop]]:
    """A desktop at a folder, begun."""
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    made: list[Desktop] = []

    def begun(folder: Path) -> Desktop:
        one = Desktop(folder)
        made.append(one)
        one.begin()
        return one

    yield begun
    for one in made:
        if one.lock_window is not None:
            one.unlock()
        if one.main is not None:
            one.main.close()
        if one.front is not None:
            one.front.close()
        one.close()
    qapp.setQuitOnLastWindowClosed(True)
