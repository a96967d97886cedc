"""Half-typed forms come back: after leaving, after a kill, for whoever typed them and nobody else."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.models import fields_of
from app.models.database import Actor
from app.services.desk_memory import DeskMemory
from app.ui.kit import drafts
from app.ui.kit.controls import Banner
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.forms import Form, Group
from app.ui.kit.page import Desk
from tests.ui.looking import type_chinese


class Place:
    """A form with its keeper, as a page has them."""

    def __init__(self, qtbot: QtBot, desk: Desk) -> None:
        self.form = Form("visit", fields_of("visit"), [Group("", ("place", "note"))], lambda _field: [])
        self.banner = Banner("visit.banner")
        qtbot.addWidget(self.form)
        qtbot.addWidget(self.banner)
        self.form.show()
        self.keeper = DraftKeeper(desk.memory, self.form, self.banner)


@pytest.fixture
def place(qtbot: QtBot, desk: Desk) -> Place:
    return Place(qtbot, desk)


def test_what_was_typed_is_kept_by_itself_and_comes_back(qtbot: QtBot, desk: Desk, place: Place) -> None:
    place.form.show_values({})
    assert not place.keeper.watch("visit.new", lambda: "登记走访 · 张三")
    type_chinese(place.form.editor("note"), "腿脚不便")
    qtbot.waitUntil(lambda: bool(desk.memory.drafts()), timeout=5_000)
    assert [d.title for d in desk.memory.drafts()] == ["登记走访 · 张三"]
    again = Place(qtbot, desk)
    again.form.show_values({})
    assert again.keeper.watch("visit.new", lambda: "")
    assert again.form.raw()["note"] == "腿脚不便"
    assert "没填完的内容, 已经恢复" in again.banner.text()


def test_leaving_keeps_the_last_letters(desk: Desk, place: Place) -> None:
    place.keeper.watch("visit.new", lambda: "登记走访")
    type_chinese(place.form.editor("place"), "家中")
    place.keeper.keep()
    drafts.settled()
    assert desk.memory.drafts()[0].content["raw"]["place"] == "家中"


def test_looking_without_typing_keeps_nothing(desk: Desk, place: Place) -> None:
    place.keeper.watch("visit.new", lambda: "登记走访")
    place.keeper.keep()
    drafts.settled()
    assert desk.memory.drafts() == []


def test_saved_or_unwanted_it_is_forgotten(qtbot: QtBot, desk: Desk, place: Place) -> None:
    for end in (place.keeper.done, place.keeper._unwanted):
        place.form.show_values({"place": "村部"})
        place.keeper.watch("visit.new", lambda: "登记走访")
        type_chinese(place.form.editor("note"), "独居")
        place.keeper.keep()
        drafts.settled()
        assert desk.memory.drafts()
        end()
        drafts.settled()
        assert desk.memory.drafts() == []
        assert place.banner.text() == ""
    assert place.form.raw() == {"place": "村部", "note": ""}, "unwanted: back to what was stored"


def test_another_person_does_not_see_it(desk: Desk, place: Place) -> None:
    place.keeper.watch("visit.new", lambda: "登记走访")
    type_chinese(place.form.editor("note"), "独居")
    place.keeper.keep()
    drafts.settled()
    mine = desk.station.db.actor
    desk.station.db.actor = Actor("f" * 32, "李四")
    assert desk.memory.drafts() == []
    assert desk.memory.draft("visit.new") is None
    desk.station.db.actor = mine
    assert desk.memory.draft("visit.new") is not None


def test_a_kill_while_typing_costs_nothing_that_was_kept(desk: Desk, tmp_path: Path) -> None:
    desk.memory.close()
    code = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from app.models.desk_file import DeskFile, Draft
        file = DeskFile(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
        for n in range(50):
            file.keep(Draft("s/visit.new", "s", f"第{n}次", n, {"raw": {"note": "甲" * n}}))
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    arguments = [sys.executable, "-c", code, str(desk.station.folder), desk.station.store_key.hex()]
    done = subprocess.run(arguments, check=False)
    assert done.returncode == -9
    desk.memory = DeskMemory(desk.station)
    found = desk.memory._file.draft("s/visit.new")
    assert found is not None
    assert found.title == "第49次"
    assert not desk.memory.warning


def test_nothing_of_it_can_be_read_in_the_file(desk: Desk, place: Place) -> None:
    place.keeper.watch("visit.new", lambda: "登记走访 · 欧阳建国")
    type_chinese(place.form.editor("note"), "欧阳建国腿脚不便")
    place.keeper.keep()
    drafts.settled()
    data = b"".join(path.read_bytes() for path in desk.station.folder.glob("desk.db*"))
    assert len(data) > 1000
    for encoding in ("utf-8", "utf-16-le", "gb18030"):
        assert "欧阳建国".encode(encoding) not in data


def test_a_damaged_file_is_set_aside_and_said(desk: Desk) -> None:
    desk.memory.close()
    path = desk.station.folder / "desk.db"
    path.write_bytes(b"not a database at all" * 100)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    desk.memory = DeskMemory(desk.station)
    assert "放到一边" in desk.memory.warning
    assert desk.memory.drafts() == []
    assert list(desk.station.folder.glob("desk.db.*.old"))
