"""系统: every section does what it says, says what is wrong where it is wrong, and can be read."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app import clock
from app.models.database import Actor
from app.services import backups, checking, stores
from app.services.act_log import ActLog
from app.services.desk_memory import DeskMemory
from app.services.divisions import Divisions
from app.services.people import People
from app.services.policies import Policies
from app.services.searching import Search
from app.ui.kit import drafts, look, settings, sticks
from app.ui.kit.messages import Messages
from app.ui.kit.operations import Operations, Worker
from app.ui.kit.page import Desk, Link
from app.ui.kit.sticks import Stick
from app.ui.pages.system import SystemPage
from app.ui.pages.system.page import SECTIONS
from app.ui.pages.system.policies import readable
from app.ui.pages.today import TodayPage
from tests.ui.conftest import Answers, idle
from tests.ui.looking import enter, faults, get, press

Show = Callable[..., Any]


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    monkeypatch.setattr(sticks, "found", lambda: [Stick(place, "U 盘", 1 << 30)])
    return place


def note(dialog: QWidget, id: str) -> str:
    label = get(dialog, QLabel, f"{id}.note")
    return "" if label.isHidden() else label.text()


def tick(dialog: QWidget, id: str) -> None:
    QTest.keyClick(get(dialog, QCheckBox, id), Qt.Key.Key_Space)


def save(qtbot: QtBot, desk: Desk, dialog: QWidget) -> None:
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, desk)


# -- staff -----------------------------------------------------------------------------------------------------------


def test_a_colleague_is_added_changed_and_leaves(qtbot: QtBot, show: Show, desk: Desk, answers: Answers) -> None:
    page = show(SystemPage, desk, "staff")
    press(page, "system.staff.add")
    dialog = page.section.dialog
    qtbot.waitUntil(lambda: faults(dialog) == [])
    save(qtbot, desk, dialog)
    assert "姓名" in note(dialog, "staff.name")
    assert "密码" in note(dialog, "staff.password")
    enter(dialog, "staff.name", "李红")
    enter(dialog, "staff.phone", "0794-8123456")
    enter(dialog, "staff.password", "hongqi8")
    enter(dialog, "staff.again", "hongqi9")
    save(qtbot, desk, dialog)
    assert note(dialog, "staff.again") == "两次输入的登录密码不一样。请再输一次。"
    enter(dialog, "staff.again", "hongqi8")
    tick(dialog, "staff.role.reviewer")
    save(qtbot, desk, dialog)
    rows = {one.name: one for one in page.section.list.all_rows}
    assert rows["李红"].roles == ("clerk", "reviewer")
    assert (rows["李红"].phone, rows["李红"].signs_in) == ("0794-8123456", True)
    page.section.list.choose(rows["李红"].id)
    press(page, "system.staff.password")
    dialog = page.section.dialog
    enter(dialog, "password.password", "hongqi10")
    enter(dialog, "password.again", "hongqi10")
    save(qtbot, desk, dialog)
    assert desk.station.keys is not None
    assert desk.station.keys.is_password_of(rows["李红"].id, "hongqi10")
    answers.ways["要停用 李红 吗?"] = "停用"
    press(page, "system.staff.leave")
    idle(qtbot, desk)
    page.section.list.choose(rows["李红"].id)
    (left,) = [one for one in page.section.list.all_rows if one.name == "李红"]
    assert (left.status, left.signs_in) == ("left", False)
    assert get(page, QPushButton, "system.staff.leave").text() == "重新启用(&L)"


def test_the_last_administrator_cannot_go(qtbot: QtBot, show: Show, desk: Desk, answers: Answers) -> None:
    page = show(SystemPage, desk, "staff")
    answers.ways["要停用"] = "停用"
    press(page, "system.staff.leave")
    idle(qtbot, desk)
    assert page.section.banner.text().startswith("这是最后一位管理员")


def test_a_clerk_changes_his_own_password_and_no_more(qtbot: QtBot, show: Show, desk: Desk) -> None:
    desk.station.roles = ("clerk",)
    page = show(SystemPage, desk, "staff")
    for key in ("add", "edit", "leave"):
        assert not get(page, QPushButton, f"system.staff.{key}").isVisible()
    assert get(page, QPushButton, "system.staff.password").isEnabled()


# -- backups ---------------------------------------------------------------------------------------------------------


def test_a_backup_onto_a_stick_is_proved_and_listed(qtbot: QtBot, show: Show, desk: Desk, stick: Path) -> None:
    page = show(SystemPage, desk, "backups")
    section = page.section
    assert "还没有做过备份" in section.age.text()
    section.folder.put(str(stick))
    section.refresh()
    press(page, "system.backups.make")
    idle(qtbot, desk)
    assert section.banner.text().startswith("备份完好: 人员 30 人")
    (made,) = list(stick.glob("*.rgb"))
    assert [one.file for one in section.list.all_rows] == [str(made)]
    assert "最近一次备份" in section.age.text()
    assert "今天" in section.age.text()
    drafts.settled()
    first = show(TodayPage, desk)
    assert not [line.text for line in first.dues.model().lines if "备份" in line.text]
    desk.memory.put("backup.last", {"moment": clock.now_ms() - 9 * 86_400_000, "file": "E:/x.rgb"})
    first.refresh()
    idle(qtbot, desk)
    assert [line.text for line in first.dues.model().lines if "备份" in line.text] == ["最近一次备份是 9 天前"]
    press(page, "system.backups.verify")
    idle(qtbot, desk)
    assert "备份试恢复成功" in section.banner.text()
    data = bytearray(made.read_bytes())
    data[5_000] ^= 1
    made.write_bytes(data)
    press(page, "system.backups.verify")
    idle(qtbot, desk)
    assert "不是荣归的备份文件, 或者坏了" in section.banner.text()
    qtbot.waitUntil(lambda: faults(page) == [])


def test_a_stopped_backup_leaves_no_file(qtbot: QtBot, show: Show, desk: Desk, stick: Path) -> None:
    page = show(SystemPage, desk, "backups")
    page.section.folder.put(str(stick))
    began: list[Any] = []
    desk.operations.began.connect(began.append)
    page.section.make()
    began[-1].stop()
    idle(qtbot, desk)
    if began[-1].cancelled:
        assert "已停止" in page.section.banner.text()
        assert list(stick.iterdir()) == []
    assert page.section.go.isEnabled()


def test_restoring_asks_and_leads_out_of_the_window(
    qtbot: QtBot, show: Show, desk: Desk, stick: Path, answers: Answers
) -> None:
    made = backups.make(desk.station, stick)
    page = show(SystemPage, desk, "backups")
    page.section.folder.put(str(stick))
    page.section.refresh()
    idle(qtbot, desk)
    answers.ways["换掉现在的数据吗?"] = "关闭数据, 去恢复"
    with qtbot.waitSignal(page.wanted) as heard:
        press(page, "system.backups.restore")
    assert heard.args == [Link("restore", made.file)]


def test_a_new_code_closes_only_when_it_is_on_paper(qtbot: QtBot, show: Show, desk: Desk, answers: Answers) -> None:
    page = show(SystemPage, desk, "backups")
    answers.ways["要换一个新的应急恢复码吗?"] = "换新的"
    press(page, "system.backups.code")
    idle(qtbot, desk)
    dialog = page.section.dialog
    qtbot.waitUntil(lambda: faults(dialog) == [])
    code = get(dialog, QLabel, "code.code").text()
    press(dialog, "code.close")
    assert dialog.isVisible()
    assert "请先打印或抄好" in dialog.banner.text()
    tick(dialog, "code.noted")
    press(dialog, "code.close")
    folder = desk.station.folder
    assert desk.station.keys is not None
    assert desk.station.keys.open_with_recovery(code) == desk.station.store_key
    assert stores.exists(folder)


# -- places and policies ---------------------------------------------------------------------------------------------


@pytest.fixture
def township(qapp: QApplication, open_copy: Callable[..., stores.Opened], worker: Worker, answers: Answers) -> Any:
    look.dress(qapp)
    opened = open_copy("township")
    made = Desk(opened.station, Operations(opened.station, worker), Messages(answers), DeskMemory(opened.station))
    yield made
    made.operations.stop()
    made.memory.close()


def test_a_place_is_added_and_renamed(qtbot: QtBot, show: Show, township: Desk) -> None:
    page = show(SystemPage, township, "divisions")
    before = page.section.list.rows.rowCount()
    press(page, "system.divisions.add")
    dialog = page.section.dialog
    assert get(dialog, QLineEdit, "division.code").text() == "361002100"
    save(qtbot, township, dialog)
    assert note(dialog, "division.code") == "区划代码要 12 位数字"
    assert note(dialog, "division.name") == "没有填名称"
    enter(dialog, "division.code", "361002100260")
    enter(dialog, "division.name", "新桥村")
    save(qtbot, township, dialog)
    assert page.section.list.rows.rowCount() == before + 1
    enter(page, "system.divisions.filter", "新桥")
    assert page.section.list.rows.rowCount() == 1
    page.section.list.setFocus()
    QTest.keyClick(page.section.list, Qt.Key.Key_Return)
    dialog = page.section.dialog
    enter(dialog, "division.name", "新桥社区")
    save(qtbot, township, dialog)
    assert Divisions(township.station).find("新桥社区")[0].code == "361002100260"


def test_a_place_outside_the_area_is_refused_in_words(qtbot: QtBot, show: Show, township: Desk) -> None:
    page = show(SystemPage, township, "divisions")
    press(page, "system.divisions.add")
    dialog = page.section.dialog
    enter(dialog, "division.code", "361021100260")
    enter(dialog, "division.name", "外村")
    save(qtbot, township, dialog)
    assert dialog.banner.text() == "区划 361021100260 不在本站管辖范围内。没有改动任何数据。"
    dialog.reject()


def test_a_policy_is_read_as_text_and_set_by_a_county(
    qtbot: QtBot,
    show: Show,
    qapp: QApplication,
    open_copy: Callable[..., stores.Opened],
    worker: Worker,
    answers: Answers,
) -> None:
    look.dress(qapp)
    opened = open_copy("county")
    desk = Desk(opened.station, Operations(opened.station, worker), Messages(answers), DeskMemory(opened.station))
    page = show(SystemPage, desk, "policies")
    listed = [page.section.list.rows.text(row, 0) for row in range(page.section.list.rows.rowCount())]

    def written_out(name: str) -> str:
        page.section.list.setCurrentIndex(page.section.list.rows.index(listed.index(name), 0))
        idle(qtbot, desk)
        return str(page.section.text.toPlainText())

    assert "银行账户 银行账号: 县局" in written_out("两边填的不一样由哪级定")
    for name in listed:
        assert not re.search(r"^ *[a-z_.]+:", written_out(name), re.MULTILINE), "no names as the programme has them"
    text = written_out("困难帮扶的办理步骤")
    assert "由哪级填: 村站" in text
    assert "{" not in text
    press(page, "system.policies.new")
    dialog = page.section.dialog
    box = get(dialog, QPlainTextEdit, "policy.value")
    value = json.loads(box.toPlainText())
    box.setPlainText("{")
    save(qtbot, desk, dialog)
    assert note(dialog, "policy.value") == "内容不是 JSON"
    value["notice_days"] = "many"
    box.setPlainText(json.dumps(value))
    save(qtbot, desk, dialog)
    assert note(dialog, "policy.value")
    value["notice_days"] = 5
    box.setPlainText(json.dumps(value))
    enter(dialog, "policy.basis", "临退役军人字[2026]3号")
    save(qtbot, desk, dialog)
    assert Policies(desk.station).show("hardship.steps")["value"]["notice_days"] == 5
    desk.operations.stop()
    desk.memory.close()


def test_a_village_only_reads_policies(show: Show, desk: Desk) -> None:
    page = show(SystemPage, desk, "policies")
    assert not get(page, QPushButton, "system.policies.new").isVisible()


def test_any_json_becomes_text() -> None:
    text = readable({"a": [1, {"label": "甲", "code": "x"}], "b": None, "c": True, "delegated_fen": 50_000, "d": []})
    assert text == "a:\n    1. 1\n    2. 名称: 甲\nb: (没有)\nc: 是\n委托镇站审批的限额: 500.00 元\nd: (没有)"


# -- journal ---------------------------------------------------------------------------------------------------------


def test_an_act_is_opened_and_taken_back(qtbot: QtBot, show: Show, desk: Desk, answers: Answers) -> None:
    person = Search(desk.station).persons("", 1)[0].id
    before = People(desk.station).show(person).fields["phone"]
    People(desk.station).change(person, {"phone": "13900000001"})
    page = show(SystemPage, desk, "journal")
    section = page.section
    assert section.list.rows.text(0, 1) == "修改人员"
    (line,) = section.changes.all_rows
    assert line[2].field == "phone"
    assert section.changes.rows.text(0, 4) == "139****0001", "sensitive fields are masked"
    with qtbot.waitSignal(page.wanted) as heard:
        section.changes.setFocus()
        QTest.keyClick(section.changes, Qt.Key.Key_Return)
    assert heard.args == [Link("person", person)]
    press(page, "system.journal.undo")
    assert "“修改人员”吗?" in answers.texts[0]
    answers.ways["要撤销"] = "撤销"
    press(page, "system.journal.undo")
    idle(qtbot, desk)
    assert People(desk.station).show(person).fields["phone"] == before
    rows = ActLog(desk.station).rows(ActLog(desk.station).numbers())
    assert [row.name for row in rows.values() if row.undone] == ["修改人员"]


def test_acts_are_filtered_and_those_of_others_stay(qtbot: QtBot, show: Show, desk: Desk) -> None:
    page = show(SystemPage, desk, "journal")
    enter(page, "system.journal.filter", "建立本单位")
    qtbot.waitUntil(lambda: page.section.list.rows.rowCount() == 1)
    idle(qtbot, desk)
    fields = {page.section.changes.rows.text(n, 2) for n in range(page.section.changes.rows.rowCount())}
    assert "单位名称" in fields
    assert "签名公钥" not in fields, "what the programme keeps for itself is nothing to read"
    desk.station.db.actor = Actor("0" * 31 + "1", "别人")
    page.section.refresh()
    idle(qtbot, desk)
    assert not page.section.undo.isEnabled()


# -- this machine ----------------------------------------------------------------------------------------------------


def test_text_size_and_lock_minutes(qtbot: QtBot, show: Show, desk: Desk) -> None:
    page = show(SystemPage, desk, "machine")
    section = page.section
    section.lock.setFocus()
    QTest.keyClick(section.lock, Qt.Key.Key_Home)
    section._set_lock()
    assert settings.lock_minutes() == 3
    with qtbot.waitSignal(page.wanted) as heard:
        section.text.setCurrentIndex(2)
        section.text.activated.emit(2)
    assert heard.args == [Link("text_size", "150")]


def test_the_check_says_that_all_is_well_or_what_is_not(qtbot: QtBot, show: Show, desk: Desk) -> None:
    page = show(SystemPage, desk, "check")
    press(page, "system.check.go")
    idle(qtbot, desk)
    assert page.section.banner.text() == "已检查: 数据完好, 没有发现问题。"
    with desk.station.db.engine.begin() as connection:
        connection.info["ronggui_door"] = True
        connection.exec_driver_sql("UPDATE person SET phone = '1' WHERE id = (SELECT min(id) FROM person)")
    assert checking.check(desk.station)
    press(page, "system.check.go")
    idle(qtbot, desk)
    assert "没有改动任何数据。请先做一份备份" in page.section.banner.text()
    assert "手机" in page.section.result.text()
    press(page, "system.check.copy")
    assert "手机" in QApplication.clipboard().text()


def test_the_programme_says_what_it_is(show: Show, desk: Desk) -> None:
    page = show(SystemPage, desk, "about")
    text = page.section.facts.text()
    assert "桥头村站(村站)(练习, 都是假数据)" in text
    assert "上顿渡镇石鼓村委会" in text
    assert "服务对象 30" in text


@pytest.mark.parametrize("percent", [100, 200])
def test_every_section_can_be_read(
    qtbot: QtBot, show: Show, desk: Desk, stick: Path, qapp: QApplication, percent: int
) -> None:
    look.dress(qapp, percent)
    page = show(SystemPage, desk)
    for kind in SECTIONS:
        page.open(kind.key)
        idle(qtbot, desk)
        qtbot.waitUntil(lambda: faults(page) == [])
    look.dress(qapp)


def test_the_sections_are_walked_by_arrows(qtbot: QtBot, show: Show, desk: Desk) -> None:
    page = show(SystemPage, desk)
    assert page.names.hasFocus()
    for kind in SECTIONS[1:]:
        QTest.keyClick(page.names, Qt.Key.Key_Down)
        idle(qtbot, desk)
        assert page.section.key == kind.key


def test_three_thousand_acts_are_no_matter(qtbot: QtBot, show: Show, desk: Desk) -> None:
    with desk.station.db.work("登记人员") as work:
        work.add_many("person", [{"name": f"王{n}", "home": "361002100201"} for n in range(3_000)])
    page = show(SystemPage, desk, "journal")
    assert page.section.list.rows.text(0, 1) == "登记人员"
    assert "动了 3000 条记录, 这里列出前 200 条" in page.section.said.text()
