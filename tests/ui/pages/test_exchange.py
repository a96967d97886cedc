"""上报与接收 as a page: a package onto a stick, 先核对, 确认入库, answers, units below, what is wrong in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.errors import EnvironmentTrouble
from app.models.database import Actor
from app.services.people import People
from app.services.searching import Search
from app.services.visits import Visits
from app.sync import jobs
from app.ui.kit import look, sticks
from app.ui.kit.page import Desk
from app.ui.kit.sticks import Stick
from app.ui.pages.exchange import ExchangePage
from tests.ui.conftest import idle
from tests.ui.looking import enter, faults, get, press, tab_order

Show = Callable[..., Any]


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    monkeypatch.setattr(sticks, "found", lambda: [Stick(place, "U 盘", 1 << 30)])
    return place


def work(desk: Desk) -> str:
    """A new visit and another telephone number; gives the person."""
    person = Search(desk.station).persons("", 1)[0].id
    Visits(desk.station).record({"person": person, "date": "2026-09-28", "trigger": "ZC"})
    People(desk.station).change(person, {"phone": "13900000001"})
    return person


def test_a_village_sends_and_hears_what_waits(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path
) -> None:
    desk, _ = joined_desks
    work(desk)
    page = show(ExchangePage, desk, "send")
    assert page.heading.text() == "上报"
    assert not page.tabs.isTabVisible(2), "a village has nobody below"
    assert get(page, QLabel, "exchange.waits").text().startswith("未上报 2 件, 已上报待回执 0 件。")
    assert get(page, QPushButton, "exchange.send").hasFocus()
    QTest.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, desk)
    said = page.send.banner.text()
    assert "事项 2 件" in said
    assert "可以拔出 U 盘" in said
    assert len(list(stick.glob("*.rgp"))) == 1
    idle(qtbot, desk)
    assert get(page, QLabel, "exchange.waits").text().startswith("未上报 0 件, 已上报待回执 2 件。")
    assert desk.memory.note("exchange.stick") == str(stick)
    qtbot.waitUntil(lambda: faults(page) == [])


def test_a_township_rehearses_takes_and_answers(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path
) -> None:
    village, town = joined_desks
    person = work(village)
    jobs.send(village.station, "parent", stick)
    page = show(ExchangePage, town, "take")
    assert [row.state for row in page.take.packages.all_rows] == ["ready"]
    press(page, "exchange.rehearse")
    idle(qtbot, town)
    assert "没有改动任何数据" in page.take.banner.text()
    assert "会入库 2" in page.take.banner.text()
    assert {line.heap for _, line in page.take.lines.all_rows} == {"new", "changed"}
    press(page, "exchange.heap.changed")
    (row,) = page.take.lines.all_rows
    words = page.take.lines.rows.text(0, 3)
    assert words.startswith("手机: ")
    assert "13900000001" not in words, "sensitive fields are masked"
    assert row[1].kind == "person"
    phone = People(town.station).show(person).fields["phone"]
    assert phone != "13900000001", "nothing has changed yet"
    qtbot.waitUntil(lambda: faults(page) == [])
    press(page, "exchange.take")
    idle(qtbot, town)
    assert "入库 2" in page.take.banner.text()
    assert "回包已写到同一个 U 盘: 桥头村站" in page.take.banner.text()
    assert People(town.station).show(person).fields["phone"] == "13900000001"
    assert sorted(one.state for one in page.take.packages.all_rows) == ["own", "taken"]
    assert not page.take.go.isEnabled()


def test_broken_and_foreign_packages_are_named_and_harm_nothing(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path
) -> None:
    village, town = joined_desks
    work(village)
    sent = jobs.send(village.station, "parent", stick)
    (stick / "坏包.rgp").write_bytes(b"no package")
    data = bytearray(Path(sent.file).read_bytes())
    data[-1] ^= 1
    (stick / "抄坏的.rgp").write_bytes(data)
    page = show(ExchangePage, town, "take")
    states = {Path(one.path).name: one.state for one in page.take.packages.all_rows}
    assert states["坏包.rgp"] == "broken"
    page.take.packages.choose(str(stick / "坏包.rgp"))
    assert "不是数据包" in get(page, QLabel, "exchange.found.words").text()
    page.take.packages.selectAll()
    press(page, "exchange.rehearse")
    idle(qtbot, town)
    text = page.take.banner.text()
    assert "坏了(校验不符)。没有改动任何数据。请让对方重新生成一次。" in text
    assert "会入库 2" in text
    own = show(ExchangePage, village, "take")
    assert {one.state for one in own.take.packages.all_rows} >= {"own", "broken"}


def test_a_stick_that_is_full_or_pulled_is_said_with_the_way_on(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path
) -> None:
    desk, _ = joined_desks
    page = show(ExchangePage, desk, "send")
    stick.rmdir()
    press(page, "exchange.send")
    idle(qtbot, desk)
    assert page.send.banner.text() == f"没有这个文件夹: {stick}。没有生成上报包, 本机数据没有动。请插好 U 盘再试。"
    assert get(page, QPushButton, "exchange.send.again").isVisible()
    stick.mkdir()
    press(page, "exchange.send.again")
    idle(qtbot, desk)
    assert "已生成" in page.send.banner.text()
    page.send._failed(EnvironmentTrouble("U 盘满了(剩 0 MB), 生成上报包没有完成, 之前的都在。请清理后再试一次。"))
    assert page.send.banner.text().startswith("U 盘满了")


def test_without_a_stick_it_says_what_to_do(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sticks, "found", list)
    desk, _ = joined_desks
    page = show(ExchangePage, desk, "send")
    press(page, "exchange.send")
    assert page.send.banner.text() == "请先插上 U 盘, 按“重新找”; 也可以选别的文件夹。"
    page.send.folder._chosen("/nowhere/else")
    assert page.send.folder.folder() == Path("/nowhere/else")


def test_a_stopped_job_says_so(qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path) -> None:
    village, town = joined_desks
    work(village)
    jobs.send(village.station, "parent", stick)
    page = show(ExchangePage, town, "take")
    began: list[Any] = []
    town.operations.began.connect(began.append)
    page.take.rehearse()
    began[-1].stop()
    idle(qtbot, town)
    assert page.take.banner.text() == "已停止, 没有改动任何数据。" or "先核对" in page.take.banner.text()
    assert page.take.check.isEnabled()


def test_units_below_with_telephone_and_silence(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path
) -> None:
    _, town = joined_desks
    page = show(ExchangePage, town)
    page.tabs.setCurrentIndex(2)
    (child,) = page.below.list.all_rows
    assert child.name == "桥头村站"
    facts = get(page, QLabel, "exchange.below.facts").text()
    assert "今天" in facts
    assert "对方还没有填" in facts
    assert "八个词" in facts
    page.below.days.setCurrentIndex(2)
    assert page.below.list.rows.rowCount() == 0, "it has reported today"
    page.below.days.setCurrentIndex(0)
    press(page, "exchange.answer")
    assert page.tabs.currentIndex() == 0
    assert page.send.go.text() == "生成给桥头村站的回包(&G)"
    press(page, "exchange.send")
    idle(qtbot, town)
    assert "回包已生成" in page.send.banner.text()


def test_opening_a_unit_shows_code_and_words_once(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path
) -> None:
    _, town = joined_desks
    page = show(ExchangePage, town, "enrol")
    idle(qtbot, town)
    dialog = page.below.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: faults(dialog) == [])
    press(dialog, "enrol.go")
    assert get(dialog, QLabel, "enrol.scopes.note").text() == "请选它管哪里。"
    assert dialog.scopes.where.text().endswith("上顿渡镇")
    enter(dialog, "enrol.scopes.own", "新桥村")
    enter(dialog, "enrol.scopes.tail", "260")
    press(dialog, "enrol.scopes.add")
    assert get(dialog, QLineEdit, "enrol.name").text() == "新桥村退役军人服务站"
    press(dialog, "enrol.go")
    idle(qtbot, town)
    code = get(dialog, QLabel, "enrol.code").text()
    assert len(code.replace(" ", "")) == 20
    assert len(get(dialog, QLabel, "enrol.words").text().split()) == 8
    assert (stick / "新桥村退役军人服务站.rge").is_file()
    qtbot.waitUntil(lambda: faults(dialog) == [])
    press(dialog, "enrol.close")
    idle(qtbot, town)
    assert {one.name for one in page.below.list.all_rows} == {"桥头村站", "新桥村退役军人服务站"}
    from app.services.divisions import Divisions

    assert Divisions(town.station).find("新桥村")[0].code == "361002100260"


def test_who_may_not_exchange_only_looks(show: Show, joined_desks: tuple[Desk, Desk], stick: Path) -> None:
    desk, _ = joined_desks
    desk.station.roles = ()
    desk.station.db.actor = Actor(desk.station.actor.staff, "来看的人")
    page = ExchangePage(desk)
    assert "您的岗位不能上报与接收" in page.banner.text()
    assert not page.send.isEnabled()
    page.deleteLater()


def test_a_unit_alone_is_told_how_it_begins(qtbot: QtBot, show: Show, desk: Desk, stick: Path) -> None:
    page = show(ExchangePage, desk)
    assert "本单位还没有上级" in get(page, QLabel, "exchange.waits").text()
    assert not page.send.go.isEnabled()


@pytest.mark.parametrize("percent", [100, 200])
def test_every_tab_can_be_read(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path, qapp: QApplication, percent: int
) -> None:
    look.dress(qapp, percent)
    village, town = joined_desks
    work(village)
    jobs.send(village.station, "parent", stick)
    (stick / "坏包.rgp").write_bytes(b"no package")
    page = show(ExchangePage, town)
    for place in range(4):
        page.tabs.setCurrentIndex(place)
        idle(qtbot, town)
        if place == 1:
            page.take.rehearse()
            idle(qtbot, town)
        qtbot.waitUntil(lambda: faults(page) == [])
    order = tab_order(page)
    assert order.index("exchange.tab") < order.index("exchange.record")
    look.dress(qapp)
