"""While something long is saved, whoever saves is told that his turn comes; at the end nothing that was saved is lost."""

import threading
from collections.abc import Callable

from pytestqt.qtbot import QtBot

from app.errors import Damaged, EnvironmentTrouble, UserError
from app.services import stores
from app.services.desk_memory import DeskMemory
from app.services.searching import Search
from app.ui.kit.messages import Messages
from app.ui.kit.operations import Worker
from app.ui.kit.page import Link
from app.ui.pages.person_form import PersonFormPage
from app.ui.shell.window import MainWindow
from tests.ui.conftest import PASSWORD, Answers, idle
from tests.ui.looking import faults, type_chinese


def test_a_save_that_waits_says_so(qtbot: QtBot, open_window: Callable[..., MainWindow]) -> None:
    window = open_window()
    gate = threading.Event()
    window.desk.operations.write(lambda: gate.wait(20), what="接收")
    assert window.waiting.isHidden()
    window.desk.operations.write(lambda: None, what="登记走访")
    qtbot.waitUntil(window.waiting.isVisible)
    assert window.waiting.text() == "等前面的办完, 再登记走访…"
    assert faults(window) == []
    gate.set()
    qtbot.waitUntil(window.waiting.isHidden)
    idle(qtbot, window.desk)


def test_closing_saves_what_waits_and_leaves_no_draft_of_it(
    qtbot: QtBot, open_copy: Callable[..., stores.Opened], worker: Worker, answers: Answers
) -> None:
    opened = open_copy()
    window = MainWindow(opened, Messages(answers), worker)
    qtbot.addWidget(window)
    window.show()
    window.go(Link("person_form"))
    page = window.page
    assert isinstance(page, PersonFormPage)
    gate = threading.Event()
    window.desk.operations.write(lambda: gate.wait(20))
    type_chinese(page.form.editor("name"), "张建国")
    page.form.put_raw({"no_id_reason": "pending"})
    page.save()
    threading.Timer(0.3, gate.set).start()
    window.close()
    window.shut()
    again = stores.open_store(opened.station.folder, user=None, password=PASSWORD)
    memory = DeskMemory(again.station)
    assert [found.name for found in Search(again.station).persons("张建国", 5)] == ["张建国"]
    assert memory.drafts() == []
    memory.close()
    again.close()


def test_a_damaged_file_is_not_tried_again_but_restored(
    qtbot: QtBot, open_window: Callable[..., MainWindow], answers: Answers
) -> None:
    window = open_window()
    for error in (Damaged("数据文件坏了。"), EnvironmentTrouble("磁盘满了。")):

        def fail(error: UserError = error) -> None:
            raise error

        window.desk.operations.write(fail)
    idle(qtbot, window.desk)
    assert [[way.text for way in message.ways] for message in answers.said] == [
        ["知道了", "用备份恢复"],
        ["知道了", "再试一次"],
    ]
    with qtbot.waitSignal(window.restore_wanted):
        answers.said[0].ways[1].go()
