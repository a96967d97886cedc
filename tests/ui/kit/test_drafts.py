"""Half-typed forms come back: after leaving, after a kill, for whoever typed them and nobody else."""

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from sqlcipher3 import dbapi2 as sqlcipher

from app.models import fields_of
from app.models.database import Actor
from app.services.desk_memory import UNREACHABLE, DeskMemory
from app.ui.kit import drafts
from app.ui.kit.controls import Banner
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.forms import Form, Group
from app.ui.kit.page import Desk, Link
from app.ui.pages.person_form import PersonFormPage
from app.ui.shell.window import MainWindow
from tests.ui.conftest import idle
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


class Full:
    """A connection to the desk's file whose disk has become full."""

    def __init__(self, real: Any) -> None:
        self._real, self.full = real, True

    def execute(self, sql: str, values: Any = ()) -> Any:
        if self.full and not sql.startswith("SELECT"):
            raise sqlcipher.OperationalError("database or disk is full")
        return self._real.execute(sql, values)

    def close(self) -> None:
        self._real.close()


def test_what_cannot_be_kept_is_said_once(qtbot: QtBot, open_window: Callable[..., MainWindow]) -> None:
    window = open_window()
    window.go(Link("visit_form"))
    page: Any = window.page
    file: Any = window.desk.memory._file
    disk = file._connection = Full(file._connection)
    type_chinese(page.form.editor("note"), "写了很长的内容")
    page.leave()
    qtbot.waitUntil(lambda: not window.notice.isHidden())
    assert window.notice.text() == "没填完的内容现在记不下来(磁盘满了)。请尽快点“保存”, 已经保存的都在。"
    window.notice.say("")
    type_chinese(page.form.editor("note"), "又写了")
    page.leave()
    drafts.settled()
    QCoreApplication.processEvents()
    assert window.notice.isHidden(), "said once"
    disk.full = False
    type_chinese(page.form.editor("note"), "再写")
    page.leave()
    drafts.settled()
    assert window.desk.memory.drafts()
    disk.full = True
    type_chinese(page.form.editor("note"), "满了")
    page.leave()
    qtbot.waitUntil(lambda: not window.notice.isHidden())


def test_a_record_is_saved_though_its_notes_cannot_be_kept(qtbot: QtBot, desk: Desk, show: Callable[..., Any]) -> None:
    page = show(PersonFormPage, desk, "")
    file: Any = desk.memory._file
    file._connection = Full(file._connection)
    type_chinese(page.form.editor("name"), "张建国")
    page.form.set_raw("no_id_reason", "pending")
    with qtbot.waitSignal(page.wanted) as went:
        page.save()
    idle(qtbot, desk)
    assert went.args[0].page == "person"


def test_a_note_is_there_before_it_is_on_the_disk(desk: Desk) -> None:
    gate = threading.Event()
    drafts.soon(gate.wait, 5)
    drafts.remember(desk.memory, "people.sort", ["name", True])
    assert desk.memory.note("people.sort") == ["name", True]
    gate.set()
    drafts.settled()
    assert desk.memory._held == {}
    assert desk.memory.note("people.sort") == ["name", True]


def test_a_file_that_is_only_locked_is_left_where_it_is(desk: Desk) -> None:
    desk.memory.keep("visit.new", "登记走访", {"raw": {"note": "独居"}})
    desk.memory.close()
    path = desk.station.folder / "desk.db"
    other = sqlcipher.connect(str(path), isolation_level=None)
    other.execute(f"pragma key=\"x'{desk.station.store_key.hex()}'\"")
    other.execute("pragma locking_mode=exclusive")
    other.execute("begin exclusive")
    desk.memory = DeskMemory(desk.station)
    assert desk.memory.warning == UNREACHABLE
    desk.memory.put("people.sort", ["name", True])
    assert desk.memory.note("people.sort") == ["name", True], "remembered until the end of the programme"
    desk.memory.close()
    other.close()
    desk.memory = DeskMemory(desk.station)
    assert desk.memory.warning == ""
    assert [one.title for one in desk.memory.drafts()] == ["登记走访"]


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
