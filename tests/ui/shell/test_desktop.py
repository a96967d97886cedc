"""Signing in, being told what is wrong with the button that helps, locking, another person, an unclean stop."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app import clock
from app.models import upgrade
from app.services import backups, practice, stores, tidying
from app.services.staff import StaffAccounts
from app.ui.kit import drafts, look, settings
from app.ui.kit.messages import Message, Way
from app.ui.kit.operations import Operations
from app.ui.kit.page import Link
from app.ui.shell.desktop import Desktop
from app.ui.shell.first_run import FirstRun
from app.ui.shell.first_run_steps import Step
from app.ui.shell.lock import Curtain, Idle, LockWindow
from app.ui.shell.login import Login
from app.ui.shell.window import MainWindow
from tests.ui.conftest import PASSWORD, STAFF, Answers, idle
from tests.ui.looking import enter, faults, get, press, type_chinese

Begin = Callable[[Path], Desktop]


@pytest.fixture
def village(prepared: Callable[[str], Path], tmp_path: Path) -> Path:
    """A village's store that nobody has open."""
    folder = tmp_path / "village"
    shutil.copytree(prepared("village"), folder)
    return folder


def front(desktop: Desktop, kind: type[Any]) -> Any:
    assert isinstance(desktop.front, kind)
    return desktop.front


def sign_in(qtbot: QtBot, desktop: Desktop, password: str = PASSWORD) -> MainWindow:
    """The password and Enter."""
    login = front(desktop, Login)
    enter(login, "login.password", password)
    QTest.keyClick(login.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desktop.main is not None, timeout=20_000)
    window = desktop.main
    assert window is not None
    idle(qtbot, window.desk)
    return window


def refused(qtbot: QtBot, desktop: Desktop, password: str = PASSWORD) -> tuple[str, set[str]]:
    """The sentence of a login that does not work, and the buttons under it."""
    login = front(desktop, Login)
    enter(login, "login.password", password)
    QTest.keyClick(login.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not login._aside.busy, timeout=20_000)
    qtbot.waitUntil(lambda: faults(login) == [])
    return login.banner.text(), {push.text() for push in login.banner.findChildren(QPushButton) if push.isVisible()}


# -- signing in ------------------------------------------------------------------------------------------------------


def test_an_empty_folder_begins_with_the_first_run(desktop: Begin, tmp_path: Path) -> None:
    one = desktop(tmp_path / "nothing")
    window = front(one, FirstRun)
    assert window.walk.step is Step.WAY


def test_a_wrong_password_changes_nothing(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    one = desktop(village)
    said, ways = refused(qtbot, one, "wrong")
    assert said == "姓名或登录密码不对, 没有打开。请再试一次; 忘了密码请用应急恢复码。"
    assert ways == set()
    login = front(one, Login)
    assert login.password.hasSelectedText()
    assert sign_in(qtbot, one).desk.station.actor.name == STAFF


def test_a_damaged_store_offers_a_backup(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    (village / "store.db").write_bytes(b"\0" * 100_000)
    one = desktop(village)
    said, ways = refused(qtbot, one)
    assert said.startswith("数据文件坏了")
    assert ways == {"再试一次(&R)", "用备份恢复(&B)…", "退出(&X)"}
    press(front(one, Login), "login.restore")
    window = front(one, FirstRun)
    assert window.walk.step is Step.BACKUP
    QTest.keyClick(window, Qt.Key.Key_Escape)
    front(one, Login)


def test_a_missing_key_file_offers_a_backup(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    (village / "keys.json").unlink()
    said, ways = refused(qtbot, desktop(village))
    assert said.startswith("找不到")
    assert "用备份恢复(&B)…" in ways


def test_a_newer_store_offers_nothing_but_to_leave(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    opened = stores.open_store(village, user=None, password=PASSWORD)
    with opened.station.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    opened.close()
    said, ways = refused(qtbot, desktop(village))
    assert said == upgrade.NEWER
    assert ways == {"退出(&X)"}


def test_a_store_that_is_open_elsewhere_can_be_tried_again(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    command = filelock.FileLock(str(village / "lock"))
    command.acquire()
    one = desktop(village)
    said, ways = refused(qtbot, one)
    assert said == stores.BUSY
    assert ways == {"再试一次(&R)", "退出(&X)"}
    command.release()
    press(front(one, Login), "login.again")
    qtbot.waitUntil(lambda: one.main is not None, timeout=20_000)


def test_a_folder_that_cannot_be_written_is_said(
    qtbot: QtBot, desktop: Begin, village: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_given: object, **_more: object) -> None:
        raise PermissionError(13, "Permission denied")

    one = desktop(village)
    with monkeypatch.context() as patch:
        patch.setattr(filelock.FileLock, "acquire", closed)
        said, ways = refused(qtbot, one)
    assert said.startswith(f"“{village}”不能写入(只读或没有权限)")
    assert "再试一次(&R)" in ways


def test_the_last_run_that_broke_is_told_of(qtbot: QtBot, qapp: QApplication, village: Path, tmp_path: Path) -> None:
    one = Desktop(village, fault="Fatal Python error: Segmentation fault")
    one.begin()
    login = front(one, Login)
    assert "上次程序意外停止了" in login.notice.text()
    assert faults(login) == []
    assert get(login, QPushButton, "login.report").isVisible()
    login.close()


def test_an_unclean_stop_is_told_with_the_drafts_that_are_there(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    window.desk.memory.keep("visit.new", "走访登记 · 张三", {"raw": {"note": "写了一半"}})
    one._sign_out()
    (village / tidying.MARK).touch()
    window = sign_in(qtbot, one)
    assert window.notice.text() == "上次没有正常关机。已检查: 数据完好。您没填完的“走访登记 · 张三”还在。"
    qtbot.waitUntil(lambda: faults(window) == [])
    window.set_text_size(125)
    assert "走访登记" in window.notice.text(), "another text size does not take the word away"
    press(window, "window.notice.gone")
    assert window.notice.text() == ""
    settings.set_text_size(100)
    look.dress(one.app)


def test_damage_found_after_an_unclean_stop_offers_a_backup(
    qtbot: QtBot, desktop: Begin, village: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = sign_in(qtbot, desktop(village))
    with qtbot.waitSignal(window.restore_wanted):
        window._say_unclean(["数据文件有 1 处损坏(页 7)。请用最近的备份恢复。"], [])
        press(window, "window.notice.restore")


# -- locking ---------------------------------------------------------------------------------------------------------


def visible() -> set[str]:
    return {w.objectName() for w in QApplication.topLevelWidgets() if w.isVisible()}


def locked(desktop: Desktop) -> LockWindow:
    window = desktop.lock_window
    assert window is not None
    return window


def try_to_unlock(qtbot: QtBot, window: LockWindow, secret: str) -> None:
    enter(window, "lock.secret", secret)
    QTest.keyClick(window.secret, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window._aside.busy, timeout=20_000)


def test_ctrl_l_covers_everything_until_the_password_is_given(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    dialog = QDialog(window)
    dialog.setObjectName("some.dialog")
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    try_to_unlock(qtbot, locked(one), PASSWORD)
    qtbot.waitUntil(lambda: one.lock_window is None)
    with qtbot.waitExposed(dialog):
        dialog.open()
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    cover = locked(one)
    assert visible() == {"lock"}
    assert cover.windowTitle() == "荣归"
    qtbot.waitUntil(lambda: faults(cover) == [])
    try_to_unlock(qtbot, cover, "wrong")
    assert cover.banner.text().startswith("登录密码不对")
    assert visible() == {"lock"}
    try_to_unlock(qtbot, cover, PASSWORD)
    qtbot.waitUntil(lambda: one.lock_window is None)
    assert visible() == {"window", "some.dialog"}
    assert dialog.isModal()
    dialog.reject()


def test_work_goes_on_behind_the_cover_and_is_told_afterwards(
    qtbot: QtBot, desktop: Begin, village: Path, answers: Answers
) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    window.desk.messages.door = answers
    done: list[str] = []

    def tell(_result: object) -> None:
        done.append("saved")
        window.desk.messages.say("名单已导入。")
        late = QDialog(window)
        late.setObjectName("late.dialog")
        late.open()

    one.lock()
    window.desk.operations.write(lambda: None, tell)
    idle(qtbot, window.desk)
    assert done == ["saved"]
    assert answers.said == []
    late = get(window, QDialog, "late.dialog")
    assert late.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen), "it has never been on the screen"
    try_to_unlock(qtbot, locked(one), PASSWORD)
    qtbot.waitUntil(lambda: one.lock_window is None)
    assert answers.said == [Message("名单已导入。", (Way("知道了"),))] or answers.texts == ["名单已导入。"]
    assert late.isVisible()
    assert not late.testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    late.reject()


def test_the_sealed_code_unlocks_too(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    station = window.desk.station
    assert station.keys is not None
    code = station.keys.replace_recovery(station.store_key)
    one.lock()
    press(locked(one), "lock.way")
    try_to_unlock(qtbot, locked(one), "00000-00000-00000-00000-00000")
    assert locked(one).banner.text().startswith("应急恢复码不对")
    try_to_unlock(qtbot, locked(one), code.lower())
    qtbot.waitUntil(lambda: one.lock_window is None)


def test_somebody_else_may_sign_in_and_drafts_stay(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    StaffAccounts(window.desk.station).add({"name": "李红", "password": "demo2", "roles": "clerk"})
    window.desk.memory.keep("visit.new", "走访登记 · 张三", {"raw": {"note": "写了一半"}})
    one.lock()
    idle(qtbot, window.desk)
    press(locked(one), "lock.other")
    login = front(one, Login)
    enter(login, "login.name", "李红")
    other = sign_in(qtbot, one, "demo2")
    assert other.desk.station.actor.name == "李红"
    assert other.desk.memory.drafts() == [], "what somebody has typed is his own"
    one._sign_out()
    enter(front(one, Login), "login.name", STAFF)
    again = sign_in(qtbot, one)
    assert [draft.title for draft in again.desk.memory.drafts()] == ["走访登记 · 张三"]


def test_nobody_else_signs_in_while_work_is_under_way(
    qtbot: QtBot, desktop: Begin, village: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = desktop(village)
    sign_in(qtbot, one)
    one.lock()
    with monkeypatch.context() as patch:
        patch.setattr(Operations, "busy", property(lambda _self: True))
        press(locked(one), "lock.other")
    assert "办完就可以换人登录" in locked(one).busy.text()
    try_to_unlock(qtbot, locked(one), PASSWORD)


def test_idle_minutes_lock(qtbot: QtBot, desktop: Begin, village: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    now = [clock.ticks()]
    monkeypatch.setattr(clock, "ticks", lambda: now[0])
    watch = one._idle
    assert isinstance(watch, Idle)
    watch.touch()
    settings.set_lock_minutes(3)
    now[0] += 179
    watch.look()
    assert visible() == {"window"}
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Shift)
    now[0] += 179
    watch.look()
    assert visible() == {"window"}, "a key was pressed in between"
    window._to_search()
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    now[0] += 179
    type_chinese(field, "走访情况")
    now[0] += 179
    watch.look()
    assert visible() == {"window"}, "an input method wrote in between"
    settings.set_lock_minutes(0)
    now[0] += 10_000
    watch.look()
    assert visible() == {"window"}, "0 is never"
    settings.set_lock_minutes(3)
    watch.look()
    assert locked(one).isVisible()
    settings.set_lock_minutes(10)


def test_closing_the_cover_ends_the_programme(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    one.lock()
    with qtbot.waitSignal(window.closing):
        locked(one).close()


def test_a_curtain_forgets_what_has_gone_meanwhile(qtbot: QtBot) -> None:
    shown, other = QWidget(), QWidget()
    shown.show()
    other.show()
    curtain = Curtain(shown)
    curtain.draw()
    assert not other.isVisible()
    other.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(other))
    curtain.lift()
    shown.close()


# -- practice --------------------------------------------------------------------------------------------------------


def test_practice_lies_beside_and_leads_back(qtbot: QtBot, desktop: Begin, village: Path) -> None:
    one = desktop(village)
    press(front(one, Login), "login.practice")
    press(front(one, FirstRun), "first.next")
    qtbot.waitUntil(lambda: one.main is not None, timeout=30_000)
    window = one.main
    assert window is not None
    assert window.desk.station.folder == practice.folder_beside(village)
    assert get(window, QWidget, "window.practice").isVisible()
    idle(qtbot, window.desk)
    window.signed_out.emit()
    login = front(one, Login)
    press(login, "login.practice")
    qtbot.waitUntil(lambda: one.main is not None, timeout=30_000)
    window = one.main
    assert window is not None
    idle(qtbot, window.desk)
    window.afresh_wanted.emit()
    window = front(one, FirstRun)
    assert window.walk.step is Step.LEVEL
    assert not stores.exists(practice.folder_beside(village))
    assert stores.exists(village)


def test_a_restore_from_the_main_window(qtbot: QtBot, desktop: Begin, village: Path, tmp_path: Path) -> None:
    one = desktop(village)
    window = sign_in(qtbot, one)
    made = backups.make(window.desk.station, tmp_path)
    window.go(Link("restore", made.file))
    first = front(one, FirstRun)
    assert get(first, QLineEdit, "first.backup").text() == made.file
    enter(first, "first.secret", PASSWORD)
    press(first, "first.next")
    qtbot.waitUntil(lambda: first.walk.step is Step.RESTORED, timeout=30_000)
    assert "原来的数据没有删" in first.panel.said.text()
    press(first, "first.next")
    window = sign_in(qtbot, one)
    assert window.opened.warnings == ()
    drafts.settled()
