"""The window of the first run on real folders, by keyboard: every way ends in a store that opens, or in nothing at all."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.errors import Cancelled
from app.services import backups, practice, stores
from app.sync import enrolment
from app.sync.exchange import Exchange
from app.ui.kit import look, sticks
from app.ui.kit.sticks import Stick
from app.ui.shell import first_run_jobs
from app.ui.shell.first_run import FirstRun
from app.ui.shell.first_run_steps import Job, Step, Walk, Way
from app.ui.shell.login import Login
from tests.ui.looking import enter, faults, get, press

WORD = "春天来了2026"


@pytest.fixture(autouse=True)
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One stick is plugged in."""
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    place = tmp_path / "stick"
    place.mkdir()
    monkeypatch.setattr(sticks, "found", lambda: [Stick(place, "U 盘", 1 << 30)])
    return place


@pytest.fixture
def begin(qtbot: QtBot, tmp_path: Path, qapp: QApplication) -> Iterator[Callable[..., FirstRun]]:
    """Open the window at an empty folder."""
    look.dress(qapp)
    windows: list[FirstRun] = []

    def opened(walk: Walk | None = None) -> FirstRun:
        window = FirstRun(tmp_path / "data", walk)
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield opened
    for window in windows:
        window.walk.entries.noted = True
        get(window, QCheckBox, "first.noted").setChecked(True)
        window.close()


def panel_of(window: FirstRun) -> Any:
    """The page in front, whatever it has."""
    return window.panel


def settled(qtbot: QtBot, window: FirstRun) -> None:
    qtbot.waitUntil(lambda: not window._aside.busy, timeout=30_000)


def note(window: FirstRun, id: str) -> str:
    label = get(window, QLabel, f"first.{id}.note")
    return "" if label.isHidden() else label.text()


def tick(window: FirstRun, id: str) -> None:
    QTest.keyClick(get(window, QCheckBox, id), Qt.Key.Key_Space)


def enter_staff(window: FirstRun) -> None:
    assert window.walk.step is Step.STAFF
    enter(window, "first.staff", "周敏")
    enter(window, "first.password", WORD)
    enter(window, "first.again", WORD)


def opens(folder: Path, **given: str) -> stores.Opened:
    return stores.open_store(folder, user=given.get("user"), password=given.get("password"), recovery=given.get("code"))


def test_a_unit_of_ones_own_by_keyboard(qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path) -> None:
    window = begin()
    first = get(window, QPushButton, "first.way.found")
    assert first.hasFocus()
    QTest.keyClick(first, Qt.Key.Key_Return)
    settled(qtbot, window)
    places = panel_of(window).places
    for words in ("临川", "sddz"):  # by its name in the whole country, then by initials in the county
        enter(window, "first.scopes.search", words)
        QTest.keyClick(places.search, Qt.Key.Key_Return)
        settled(qtbot, window)
    assert places.where.text() == "江西省 › 抚州市 › 临川区 › 上顿渡镇"
    assert get(window, QLineEdit, "first.scopes.own").isVisible()
    enter(window, "first.scopes.own", "新桥村")
    press(window, "first.scopes.add")
    assert places.own_note.text() == "后三位是三个数字, 如 201。"
    enter(window, "first.scopes.tail", "260")
    press(window, "first.scopes.add")
    assert places.chosen == {"361002100260": "江西省抚州市临川区上顿渡镇新桥村"}
    assert get(window, QLineEdit, "first.name").text() == "新桥村退役军人服务站"
    press(window, "first.next")
    enter_staff(window)
    enter(window, "first.again", "春天来了2027")
    QTest.keyClick(get(window, QLineEdit, "first.again"), Qt.Key.Key_Return)
    assert note(window, "again") == "两次输入的登录密码不一样。请再输一次。"
    assert not (tmp_path / "data").exists(), "nothing is made before everything is right"
    enter(window, "first.again", WORD)
    press(window, "first.back")
    assert get(window, QLineEdit, "first.name").text() == "新桥村退役军人服务站"
    press(window, "first.next")
    press(window, "first.next")
    settled(qtbot, window)
    assert window.walk.step is Step.CODE
    code = panel_of(window).code.text()
    assert not window.back_button.isVisible()
    window.close()
    assert window.isVisible(), "the code would be lost"
    assert "只显示这一次" in window.banner.text()
    press(window, "first.next")
    assert "打勾" in note(window, "noted")
    tick(window, "first.noted")
    with qtbot.waitSignal(window.opened) as heard:
        press(window, "first.next")
    opened = heard.args[0]
    place = opened.station.place
    assert (place.name, place.level, place.scopes) == ("新桥村退役军人服务站", "village", ("361002100260",))
    assert not place.practice
    assert opened.station.actor.name == "周敏"
    opened.close()
    for given in ({"password": WORD, "user": "周敏"}, {"code": code}):
        again = opens(tmp_path / "data", **given)
        from app.services.divisions import Divisions

        assert [row.full_name for row in Divisions(again.station).find("新桥村")] == [
            "江西省抚州市临川区上顿渡镇新桥村"
        ]
        again.close()


def test_the_code_is_printed_without_a_trace(qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path) -> None:
    window = begin()
    window._choose(Way.FOUND)
    given = window.walk.entries
    given.name, given.scopes = "桥头村站", {"361002100201": "石鼓村"}
    given.staff, given.password, given.again = "周敏", WORD, WORD
    panel_of(window).put(window.walk)
    window.forward()
    panel_of(window).put(window.walk)
    window.forward()
    settled(qtbot, window)
    press(window, "first.print")
    qtbot.waitUntil(lambda: window.preview is not None and len(window.preview.pages) == 1)
    preview = window.preview
    assert preview is not None
    assert preview.isVisible()
    assert not get(preview, QPushButton, "preview.save").isVisible()
    assert faults(preview) == []
    preview.reject()
    code = panel_of(window).code.text()
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert everything
    assert not [path for path in everything if code.encode() in path.read_bytes()]


@pytest.fixture
def invited(open_copy: Callable[..., stores.Opened], stick: Path) -> enrolment.Invited:
    """A township has opened a village; its file lies on the stick."""
    opened = open_copy("township")
    station = opened.station
    done = enrolment.enrol(
        Exchange(station.db, station.folder), level="village", name="石鼓村站", scopes=("361002100201",),
        out=stick / "石鼓村站.rge",
    )  # fmt: skip
    opened.close()
    return done


def test_joining_with_file_and_code(
    qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path, invited: enrolment.Invited
) -> None:
    window = begin()
    press(window, "first.way.join")
    settled(qtbot, window)
    assert get(window, QLineEdit, "first.file").text() == str(invited.file), "the only one on the stick"
    enter(window, "first.code", "12345")
    press(window, "first.next")
    assert note(window, "code").startswith("开通码是 20 位数字, 这里是 5 个字。")
    enter(window, "first.code", "1" * 20)
    press(window, "first.next")
    settled(qtbot, window)
    assert note(window, "code").startswith("开通码不对")
    enter(window, "first.code", invited.code)
    press(window, "first.next")
    settled(qtbot, window)
    assert window.walk.step is Step.OFFER
    assert panel_of(window).words.text() == invited.fingerprint
    assert "上顿渡镇石鼓村委会" in panel_of(window).facts.text()
    press(window, "first.next")
    assert "八个词" in note(window, "agreed")
    tick(window, "first.agreed")
    press(window, "first.next")
    enter_staff(window)
    press(window, "first.next")
    settled(qtbot, window)
    tick(window, "first.noted")
    with qtbot.waitSignal(window.opened) as heard:
        press(window, "first.next")
    place = heard.args[0].station.place
    assert (place.name, place.parent is not None, place.practice) == ("石鼓村站", True, True)
    heard.args[0].close()


def test_a_file_that_is_none_is_named_at_the_file(
    qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path, stick: Path
) -> None:
    (stick / "broken.rge").write_bytes(b"nothing of the kind")
    window = begin()
    press(window, "first.way.join")
    settled(qtbot, window)
    enter(window, "first.code", "1" * 20)
    press(window, "first.next")
    settled(qtbot, window)
    assert note(window, "file").startswith("这不是开通文件")
    assert get(window, QLineEdit, "first.code").text() == "1" * 20


def test_practising(qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path) -> None:
    window = begin()
    press(window, "first.way.practise")
    with qtbot.waitSignal(window.opened, timeout=30_000) as heard:
        press(window, "first.next")
    station = heard.args[0].station
    assert station.place.practice
    assert station.folder == tmp_path / "data-practice"
    assert stores.status(station)["counts"]["person"] == practice.PEOPLE
    assert not (tmp_path / "data").exists()
    heard.args[0].close()
    practice.discard(tmp_path / "data-practice")
    assert not (tmp_path / "data-practice").exists()


def test_practice_that_is_stopped_leaves_nothing_that_opens(
    qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_given: Any) -> int:
        raise Cancelled

    monkeypatch.setattr(practice, "fill", stopped)
    window = begin()
    press(window, "first.way.practise")
    press(window, "first.next")
    settled(qtbot, window)
    assert window.walk.step is Step.LEVEL
    assert window.banner.text() == "已停止, 什么都没有改动。"
    assert not stores.exists(tmp_path / "data-practice")
    monkeypatch.undo()
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    opened = first_run_jobs.practise(tmp_path / "data", "village")
    assert stores.status(opened.station)["counts"]["person"] == practice.PEOPLE
    opened.close()


@pytest.fixture
def backup(open_copy: Callable[..., stores.Opened], stick: Path) -> Path:
    """A backup of a village lies on the stick."""
    opened = open_copy("village")
    made = backups.make(opened.station, stick)
    opened.close()
    return Path(made.file)


def test_restoring_a_backup(qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path, backup: Path) -> None:
    window = begin()
    press(window, "first.way.restore")
    settled(qtbot, window)
    assert get(window, QLineEdit, "first.backup").text() == str(backup)
    enter(window, "first.secret", "wrong")
    press(window, "first.next")
    settled(qtbot, window)
    assert note(window, "secret").startswith("姓名或登录密码不对")
    assert not (tmp_path / "data").exists()
    enter(window, "first.secret", "demo")
    press(window, "first.next")
    settled(qtbot, window)
    assert window.walk.step is Step.RESTORED
    assert "人员 30 人" in panel_of(window).said.text()
    with qtbot.waitSignal(window.restored):
        press(window, "first.next")
    opens(tmp_path / "data", password="demo").close()


def test_a_damaged_backup_is_named_and_nothing_changes(
    qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path, backup: Path
) -> None:
    data = bytearray(backup.read_bytes())
    data[len(data) // 2] ^= 1
    backup.write_bytes(data)
    window = begin(Walk(Way.RESTORE, backup=str(backup)))
    enter(window, "first.secret", "demo")
    press(window, "first.next")
    settled(qtbot, window)
    assert "不是荣归的备份文件, 或者坏了" in note(window, "backup")
    assert not (tmp_path / "data").exists()
    with qtbot.waitSignal(window.left):
        QTest.keyClick(window, Qt.Key.Key_Escape)


@pytest.mark.parametrize("percent", [100, 200])
def test_every_page_can_be_read(
    qtbot: QtBot, begin: Callable[..., FirstRun], qapp: QApplication, percent: int, invited: enrolment.Invited
) -> None:
    window = begin()
    look.dress(qapp, percent)
    window.resize(1366, 700)
    qtbot.waitUntil(lambda: faults(window) == [])
    for way in Way:
        window.walk = Walk(way)
        window._show_step()
        window.forward()
        settled(qtbot, window)
        assert faults(window) == [], way
    window.walk = Walk(Way.JOIN)
    given = window.walk.entries
    given.file, given.code = str(invited.file), invited.code
    window.walk.running = Job.READ
    window.walk.done(first_run_jobs.read_offer(given))
    window._show_step()
    qtbot.waitUntil(lambda: faults(window) == [])
    window.walk.step = Step.CODE
    panel_of(window).code.setText("7Q2KM-0ZXCV-9ABDE-R4T5Y-HJ6K8")
    window._show_step()
    qtbot.waitUntil(lambda: faults(window) == [])
    window.walk = Walk(Way.RESTORE)
    window._show_step()
    look.dress(qapp)


def test_a_broken_start_of_a_store_is_founded_anew(
    qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path
) -> None:
    opened = practice.begin(tmp_path / "data", "village")
    opened.close()
    (tmp_path / "data" / stores.UNFOUNDED).touch()
    window = begin()
    window._choose(Way.FOUND)
    given = window.walk.entries
    given.name, given.scopes, given.staff = "桥头村站", {"361002100201": "石鼓村"}, "周敏"
    given.password = given.again = WORD
    panel_of(window).put(window.walk)
    window.forward()
    panel_of(window).put(window.walk)
    window.forward()
    settled(qtbot, window)
    assert window.walk.step is Step.CODE
    shutil.rmtree(tmp_path / "stick")


def entered(window: FirstRun, **more: Any) -> None:
    """Everything typed up to the button that founds."""
    window._choose(Way.FOUND)
    given = window.walk.entries
    given.name, given.scopes, given.staff = "桥头村站", {"361002100201": "石鼓村"}, "周敏"
    given.password = given.again = WORD
    for name, value in more.items():
        setattr(given, name, value)
    panel_of(window).put(window.walk)
    window.forward()
    panel_of(window).put(window.walk)


def test_closing_while_the_data_are_made_waits_for_the_code(
    qtbot: QtBot, begin: Callable[..., FirstRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, real = threading.Event(), stores.init

    def slow(*given: Any) -> Any:
        go_on.wait(30)
        return real(*given)

    monkeypatch.setattr(stores, "init", slow)
    window = begin()
    entered(window)
    window.forward()
    assert window.walk.running is Job.FOUND
    assert not window.close()
    assert window.isVisible()
    assert "正在建立数据" in window.banner.text()
    go_on.set()
    settled(qtbot, window)
    assert window.walk.step is Step.CODE
    assert panel_of(window).code.text()


def test_a_village_that_cannot_be_named_leaves_no_store_behind(
    qtbot: QtBot, begin: Callable[..., FirstRun], tmp_path: Path
) -> None:
    window = begin()
    place = "361002100260"
    entered(window, scopes={place: "新桥村"}, typed_places={place: "新\u202e桥村"})
    window.forward()
    settled(qtbot, window)
    assert window.walk.step is Step.STAFF
    assert window.banner.text()
    assert not stores.exists(tmp_path / "data")
    window.walk.entries.typed_places = {place: "新桥村"}
    window.forward()
    settled(qtbot, window)
    assert panel_of(window).code.text()


def test_a_store_opened_for_a_window_that_has_gone_is_let_go_of(
    qtbot: QtBot, prepared: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(prepared("village"), tmp_path / "data")
    inside, go_on, real = threading.Event(), threading.Event(), stores.open_store

    def slow(*given: Any, **more: Any) -> Any:
        inside.set()
        go_on.wait(30)
        return real(*given, **more)

    monkeypatch.setattr(stores, "open_store", slow)
    login = Login(tmp_path / "data", lambda: None)
    qtbot.addWidget(login)
    login.show()
    login.password.setText("demo")
    login.sign_in()
    assert inside.wait(10)
    login.close()
    go_on.set()
    thread = login._aside._thread
    assert thread is not None
    thread.shutdown(wait=True)
    again = real(tmp_path / "data", user=None, password="demo")
    assert again.warnings == (), "the stop was a clean one"
    again.close()
