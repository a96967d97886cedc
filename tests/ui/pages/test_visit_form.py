"""登记走访: thirty seconds by keyboard, several people in one entry, photographs, what follows."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from pytestqt.qtbot import QtBot

from app import clock
from app.services.attachments import Attachments
from app.services.history import History
from app.services.visits import Visits
from app.ui.kit import look
from app.ui.kit.page import Desk, Link
from app.ui.pages.visit_form import VisitFormPage
from tests.services.records import person
from tests.ui.conftest import Answers, idle
from tests.ui.hands import CTRL, SHIFT, Hands, Key
from tests.ui.looking import control, doubled_keys, faults, tab_order

Show = Callable[..., Any]


@pytest.fixture
def photo(tmp_path: Path, qapp: object) -> Path:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    out = tmp_path / "入户.png"
    image.save(str(out))
    return out


def newest(desk: Desk, count: int = 1) -> list[Any]:
    rows = Visits(desk.station).recorded()
    return sorted(rows, key=lambda row: row.id)[-count:]


def test_thirty_seconds(qtbot: QtBot, desk: Desk, show: Show) -> None:
    who = person(desk.station, "欧阳明亮")
    page = show(VisitFormPage, desk)
    hands = Hands(qtbot, desk, page)
    assert hands.at == "visit_form.who"
    hands.find("欧阳明亮")
    hands.press(Key.Key_Return)
    assert hands.at == "visit_form.date"
    assert page.form.raw()["companions"] == "周敏、村支书", "as last time"
    hands.press(Key.Key_Return, times=5)
    assert hands.at == "visit_form.note"
    hands.chinese("身体尚好")
    hands.press(Key.Key_S, CTRL)
    (row,) = newest(desk)
    assert (row.person, row.note, row.companions, row.trigger) == (who, "身体尚好", "周敏、村支书", "ZC")
    assert hands.at == "visit_form.done.next"
    assert desk.memory.drafts() == []


def test_several_at_once_are_one_act(qtbot: QtBot, desk: Desk, show: Show, photo: Path) -> None:
    for name in ("欧阳明亮", "欧阳天佑"):
        person(desk.station, name)
    page = show(VisitFormPage, desk)
    hands = Hands(qtbot, desk, page)
    hands.find("欧阳明亮")
    hands.find("欧阳天佑")
    page.files.add([photo])
    assert page.files.waiting == [str(photo)]
    hands.press(Key.Key_S, CTRL)
    hands.wait()
    rows = newest(desk, 2)
    assert {row.name for row in rows} == {"欧阳明亮", "欧阳天佑"}
    assert [act.name for act in History(desk.station).acts(4)] == ["添加附件", "添加附件", "登记走访", "登记人员"]
    assert all(Attachments(desk.station).of(f"visit:{row.id}")[0].name == "入户.png" for row in rows)
    assert "照片 1 张" in control(page, "visit_form.done.what").text()
    control(page, "visit_form.done.case.2")


def test_a_chip_takes_somebody_off(qtbot: QtBot, desk: Desk, show: Show) -> None:
    page = show(VisitFormPage, desk)
    page.who.add("1" * 32, "张三")
    page.who.add("2" * 32, "李四")
    control(page, "visit_form.who.1").click()
    assert list(page.who.people.values()) == ["李四"]


def test_difficulty_found_leads_to_a_case(qtbot: QtBot, desk: Desk, show: Show) -> None:
    who = person(desk.station, "欧阳明亮")
    page = show(VisitFormPage, desk, who)
    hands = Hands(qtbot, desk, page)
    assert hands.at == "visit_form.date", "who is known already"
    page.form.editor("wishes").setFocus()
    hands.chinese("房屋漏雨")
    hands.press(Key.Key_S, CTRL)
    assert hands.at == "visit_form.done.case.1"
    with qtbot.waitSignal(page.wanted) as wanted:
        hands.press(Key.Key_Space)
    (row,) = newest(desk)
    assert wanted.args[0] == Link("case_form", who, {"visit": row.id})


def test_saving_and_going_on_to_the_next(qtbot: QtBot, desk: Desk, show: Show) -> None:
    page = show(VisitFormPage, desk, person(desk.station, "欧阳明亮"))
    hands = Hands(qtbot, desk, page)
    hands.press(Key.Key_S, CTRL | SHIFT)
    assert hands.at == "visit_form.who"
    assert page.who.people == {}


def test_nobody_chosen_and_a_day_to_come(qtbot: QtBot, desk: Desk, show: Show) -> None:
    page = show(VisitFormPage, desk)
    hands = Hands(qtbot, desk, page)
    hands.press(Key.Key_S, CTRL)
    assert page.who.problem.text() == "请先选走访对象。"
    assert hands.at == "visit_form.who"
    page.who.add(person(desk.station), "张三")
    page.form.put_raw({"date": (clock.today() + dt.timedelta(days=1)).isoformat()})
    hands.press(Key.Key_S, CTRL)
    assert "还没有到" in page.form.problem("date")
    assert hands.at == "visit_form.date"


def test_people_of_another_area_are_refused_in_words(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    page = show(VisitFormPage, desk)
    failed: list[Any] = []
    desk.operations.failed.connect(lambda error, _task: failed.append(str(error)))
    page.who.add(person(desk.station, "外乡人", division="361003100201"), "外乡人")
    page.save()
    idle(qtbot, desk)
    assert failed == ["外乡人 不在本站管辖范围内, 不能登记。没有改动任何数据。请由户籍地的服务站办理。"]
    assert page._save.isEnabled()


def test_a_visit_after_a_death_is_said(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    page = show(VisitFormPage, desk, person(desk.station, death_date="2026-01-01"))
    page.save()
    idle(qtbot, desk)
    assert "已按慰问家属登记" in answers.texts[0]


def test_half_typed_it_survives_with_people_and_files(qtbot: QtBot, desk: Desk, show: Show, photo: Path) -> None:
    page = show(VisitFormPage, desk)
    page.who.add(person(desk.station, "欧阳明亮"), "欧阳明亮")
    page.form.editor("note").setFocus()
    Hands(qtbot, desk, page).chinese("说到一半")
    page.files.add([photo])
    page.leave()
    idle(qtbot, desk)
    (draft,) = desk.memory.drafts()
    assert (draft.title, draft.place) == ("走访登记 · 欧阳明亮", "visit_form:")
    again = show(VisitFormPage, desk)
    assert list(again.who.people.values()) == ["欧阳明亮"]
    assert again.form.raw()["note"] == "说到一半"
    assert again.files.waiting == [str(photo)]
    assert "没填完的内容, 已经恢复" in again.banner.text()


def test_a_visit_is_corrected_and_taken_away(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    row = newest(desk)[0]
    page = show(VisitFormPage, desk, "", visit=row.id)
    assert (page.heading.text(), page.who_is.text()) == ("修改走访", row.name)
    page.form.put_raw({"note": "改过了"})
    with qtbot.waitSignal(page.back):
        Hands(qtbot, desk, page).press(Key.Key_S, CTRL)
    assert Visits(desk.station).show(row.id).fields["note"] == "改过了"
    answers.ways["移入回收站"] = "移入回收站"
    page = show(VisitFormPage, desk, f"visit:{row.id}")
    with qtbot.waitSignal(page.back):
        control(page, "visit_form.remove").click()
        idle(qtbot, desk)
    assert row.id not in {one.id for one in Visits(desk.station).recorded()}


def test_photographs_are_dropped_looked_at_and_removed(
    qtbot: QtBot, desk: Desk, show: Show, photo: Path, answers: Answers
) -> None:
    row = newest(desk)[0]
    page = show(VisitFormPage, desk, "", visit=row.id)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo))])
    drop = QDropEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.files.dropEvent(drop)
    idle(qtbot, desk)
    idle(qtbot, desk)
    view = page.files._view
    assert view.rows.text(0, 0) == "入户.png"
    view.setFocus()
    Hands(qtbot, desk, page).press(Key.Key_Return)
    picture: Any = page.findChild(object, "picture")
    assert picture.isVisible()
    picture.reject()
    big = photo.with_name("程序.png")
    big.write_bytes(b"MZ made up")
    page.files.add([big, photo])
    idle(qtbot, desk)
    idle(qtbot, desk)
    assert "是程序文件, 不能作为附件" in answers.texts[0]
    assert view.rows.rowCount() == 2, "what is refused stops none of the others"
    answers.ways["要移除附件"] = "移除"
    page.files._remove.click()
    idle(qtbot, desk)
    idle(qtbot, desk)
    assert view.rows.rowCount() == 1


def test_tab_goes_down_the_paper(desk: Desk, show: Show) -> None:
    order = [one for one in tab_order(show(VisitFormPage, desk)) if one.startswith("visit_form.")]
    wanted = [
        "visit_form.who", "visit_form.date", "visit_form.trigger", "visit_form.companions", "visit_form.place",
        "visit_form.level", "visit_form.note", "visit_form.condition", "visit_form.wishes", "visit_form.answer",
    ]  # fmt: skip
    start = order.index("visit_form.who")
    assert order[start : start + len(wanted)] == wanted


@pytest.mark.parametrize("percent", [100, 200])
def test_it_holds_together(qapp: Any, qtbot: QtBot, desk: Desk, show: Show, percent: int, photo: Path) -> None:
    look.dress(qapp, percent)
    page = show(VisitFormPage, desk)
    for number in range(4):
        page.who.add(f"{number:032x}", "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕默德江"[: 25 - number])
    page.who.say("请先选走访对象。")
    page.files.add([photo])
    assert faults(page) == []
    assert doubled_keys(page) == []
    assert page.minimumSizeHint().height() <= 678
    page.who.put({person(desk.station, "龚䶮㛃𠮷"): "龚䶮㛃𠮷"})
    page.form.put_raw({"wishes": "有困难"})
    page.save()
    idle(qtbot, desk)
    idle(qtbot, desk)
    assert faults(page) == []
    assert doubled_keys(page) == []
    look.dress(qapp, 100)
