"""`backup` on the terminal."""

from pathlib import Path

import pytest

from app.services import last_backup, stores, today
from app.services.desk_memory import DeskMemory


def test_the_window_hears_of_a_backup_made_at_the_terminal(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    founding = stores.Founding("village", "桥头村站", ("361002100201",), "周敏", "demo", practice=True)
    opened, _ = stores.init(tmp_path / "data", founding)
    stick = tmp_path / "stick"
    stick.mkdir()
    made = run("backup", "make", str(stick), at=opened.station)
    memory = DeskMemory(opened.station)
    last = last_backup.read(memory)
    assert last is not None
    assert last.file == made["file"]
    assert not [due for due in today.Today(opened.station).dues((), last.moment) if "备份" in due.text]
    memory.close()
    opened.close()
