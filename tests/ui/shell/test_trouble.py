"""What the machine does to a store in use, said in the window: what was kept, and the button that does the next thing."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from app.errors import Busy, Damaged, EnvironmentTrouble, Refused, UserError
from app.services.searching import Search
from app.ui.kit.page import Link
from app.ui.shell.window import MainWindow
from tests.ui.conftest import Answers, idle
from tests.ui.looking import type_chinese


def test_a_full_disk_while_saving_keeps_the_form_and_says_what_to_do(
    qtbot: QtBot, open_window: Callable[..., MainWindow]
) -> None:
    window = open_window()
    station = window.desk.station
    window.go(Link("person_form"))
    idle(qtbot, window.desk)
    page = window.page
    assert page is not None
    form = page.form  # type: ignore[attr-defined]
    type_chinese(form.editor("name"), "张建国")
    form.set_raw("no_id_reason", "pending")
    # So long that it needs room whatever is free in the file.
    form.set_raw("note", "很长的情况" * 4_000)
    with station.db.engine.connect() as connection:
        connection.exec_driver_sql("pragma max_page_count=1")
    page.save()  # type: ignore[attr-defined]
    idle(qtbot, window.desk)
    said = page.banner.text()
    assert "满了(剩 " in said
    assert said.endswith("刚才这一步没有保存, 之前的都在。请清理后再点保存。")
    assert window.page is page
    assert form.raw()["name"] == "张建国"
    assert Search(station).persons("张建国", 1) == []
    with station.db.engine.connect() as connection:
        connection.exec_driver_sql("pragma max_page_count=1000000")
    page.save()  # type: ignore[attr-defined]
    idle(qtbot, window.desk)
    assert len(Search(station).persons("张建国", 2)) == 1


@pytest.mark.parametrize(
    ("error", "ways"),
    [
        (Damaged("数据文件坏了。"), ["知道了", "用备份恢复"]),
        (EnvironmentTrouble("磁盘满了。"), ["知道了", "再试一次"]),
        (Busy("数据正被占用。"), ["知道了", "再试一次"]),
        (Refused("不行。"), ["知道了"]),
    ],
)
def test_each_trouble_offers_what_helps(
    qtbot: QtBot, open_window: Callable[..., MainWindow], answers: Answers, error: UserError, ways: list[str]
) -> None:
    window = open_window()

    def fail() -> None:
        raise error

    window.desk.operations.write(fail)
    idle(qtbot, window.desk)
    (said,) = answers.said
    assert [way.text for way in said.ways] == ways
    if isinstance(error, Damaged):
        with qtbot.waitSignal(window.restore_wanted):
            said.ways[1].go()


def test_a_bug_in_a_statement_is_no_damage(
    qtbot: QtBot, open_window: Callable[..., MainWindow], answers: Answers
) -> None:
    window = open_window()

    def stumble() -> None:
        with window.desk.station.db.read() as session:
            session.execute(text("SELECT * FROM nothing_of_the_kind"))

    with qtbot.captureExceptions() as seen:
        window.desk.operations.read(stumble, print)
        idle(qtbot, window.desk)
    assert len(seen) == 1
    assert answers.said == []
