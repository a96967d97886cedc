"""The card of a person: what it shows masked and in full, its parts, its story, its files, what can be done with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app import clock
from app.services import disclosing
from app.services.attachments import LARGEST
from app.services.households import Households
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.services.undoing import Undo
from app.services.visits import Visits
from app.ui.kit import drafts, look
from app.ui.kit.form_window import FormWindow
from app.ui.kit.page import Desk, Link
from app.ui.pages.person import PersonPage
from app.ui.pages.person.page import GONE
from tests.services import records
from tests.ui.conftest import Answers
from tests.ui.conftest import idle as answered
from tests.ui.looking import control, faults, tab_order, type_chinese

Show = Callable[..., Any]
LONG = "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕默德江"


def idle(qtbot: QtBot, desk: Desk) -> None:
    """Everything answered, what has gone is gone, everything in its place."""
    answered(qtbot, desk)
    for _ in range(4):
        QApplication.sendPostedEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def who(desk: Desk, text: str) -> str:
    return PeopleList(desk.station).ids(Wanted(text=text))[0]


@pytest.fixture
def person(desk: Desk) -> str:
    return who(desk, "单小平")


@pytest.fixture
def page(show: Show, desk: Desk, person: str) -> PersonPage:
    made: PersonPage = show(PersonPage, desk, person)
    return made


def fields(page: PersonPage) -> dict[str, Any]:
    return People(page.desk.station).show(page._person).fields


def window(qtbot: QtBot, page: PersonPage) -> FormWindow:
    windows: list[FormWindow] = list(page.findChildren(FormWindow))
    (found,) = [one for one in windows if one.isVisible()]
    found.activateWindow()
    qtbot.waitUntil(found.isActiveWindow)
    return found


def save(qtbot: QtBot, window: FormWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, window._page.desk)


def links(page: PersonPage) -> list[Link]:
    found: list[Link] = []
    page.wanted.connect(found.append)
    return found


def test_the_head_is_masked_until_f2(qtbot: QtBot, page: PersonPage) -> None:
    known = fields(page)
    assert page.heading.text() == "单小平"
    assert known["phone"] not in control(page, "person.head.phone").text()
    assert control(page, "person.head.number").text().count("*") == 11
    page.tabs.tabBar().setFocus()
    qtbot.keyClick(page.tabs.tabBar(), Qt.Key.Key_F2)
    idle(qtbot, page.desk)
    assert known["phone"] in page.head._facts._items[-4].text()  # type: ignore[attr-defined]  # the label of the phone
    assert known["id_number"] in " ".join(w.text() for w in page.head._facts._items if hasattr(w, "text"))
    (seen,) = disclosing.noted(page.desk.memory)
    assert (seen.staff, seen.way, seen.record) == (page.desk.station.actor.staff, "card", page._person)
    assert known["id_number"] not in repr(seen)
    qtbot.keyClick(page, Qt.Key.Key_F2)
    idle(qtbot, page.desk)
    assert known["id_number"] not in " ".join(w.text() for w in page.head._facts._items if hasattr(w, "text"))
    assert len(disclosing.noted(page.desk.memory)) == 1, "hiding them again is no look"


def test_another_person_is_masked_again(qtbot: QtBot, page: PersonPage) -> None:
    page.toggle_full()
    page.open(who(page.desk, "龚䶮"))
    idle(qtbot, page.desk)
    assert page.heading.text() == "龚䶮"
    assert not page._full


def test_a_part_is_added_by_keyboard_and_a_wrong_one_is_said_at_its_field(qtbot: QtBot, page: PersonPage) -> None:
    qtbot.keyClick(control(page, "person.accounts.add"), Qt.Key.Key_Space)
    form = window(qtbot, page)
    assert faults(form) == []
    assert tab_order(form)[:3] == ["person.accounts.form.bank", "person.accounts.form.account_holder",
                                   "person.accounts.form.account_number"]  # fmt: skip
    type_chinese(form.form.editor("bank"), "农商银行")
    qtbot.keyClick(form.form.editor("bank"), Qt.Key.Key_Return)
    qtbot.keyClick(form.form.editor("account_holder"), Qt.Key.Key_Return)
    qtbot.keyClicks(form.form.editor("account_number"), "12x")
    save(qtbot, form)
    assert form.isVisible()
    assert "银行账号只能是数字" in form.form.problem("account_number")
    qtbot.keyClick(form.form.editor("account_number"), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(form.form.editor("account_number"), "6228480402564890018")
    save(qtbot, form)
    accounts = fields(page)["accounts"]
    assert (accounts[-1]["bank"], accounts[-1]["account_number"]) == ("农商银行", "6228480402564890018")
    idle(qtbot, page.desk)
    assert "****0018" in control(page, f"person.accounts.{len(accounts) - 1}").text()


def test_nothing_typed_is_lost_when_one_goes_back(qtbot: QtBot, page: PersonPage) -> None:
    page.edit_part("family", "")
    form = window(qtbot, page)
    type_chinese(form.form.editor("name"), "李秀英")
    qtbot.keyClick(form, Qt.Key.Key_Escape)
    drafts.settled()
    (draft,) = page.desk.memory.drafts()
    assert draft.title == "添加家庭成员 · 单小平"
    name, _, about = draft.place.partition(":")
    assert name == "person"
    page.open(about)
    idle(qtbot, page.desk)
    form = window(qtbot, page)
    assert form.form.editor("name").raw() == "李秀英"
    assert "没填完的内容, 已经恢复" in form.banner.text()
    save(qtbot, form)
    drafts.settled()
    assert page.desk.memory.drafts() == []
    assert [one["name"] for one in fields(page)["family"]] == ["李秀英"]


def test_a_part_is_changed_and_taken_away_after_a_question(qtbot: QtBot, page: PersonPage, answers: Answers) -> None:
    before = fields(page)["services"][0]
    qtbot.keyClick(control(page, "person.services.0.change"), Qt.Key.Key_Space)
    form = window(qtbot, page)
    assert form.form.editor("branch").raw() == before["branch"]
    form.form.editor("rank").setFocus()
    qtbot.keyClick(form.form.editor("rank"), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    type_chinese(form.form.editor("rank"), "四级军士长")
    save(qtbot, form)
    assert fields(page)["services"][0]["rank"] == "四级军士长"
    idle(qtbot, page.desk)
    answers.ways["要删去这条服役情况吗?"] = "删去"
    qtbot.keyClick(control(page, "person.services.0.remove"), Qt.Key.Key_Space)
    idle(qtbot, page.desk)
    assert fields(page)["services"] == []
    assert answers.said[-1].more.startswith(str(before["enlisted"]))


def test_warnings_are_shown_and_block_nothing(qtbot: QtBot, page: PersonPage) -> None:
    page.edit_part("identities", "")
    form = window(qtbot, page)
    form.form.set_raw("disability_nature", "3")
    form.form.set_raw("disability_level", "08")
    save(qtbot, form)
    assert "一级至六级" in page.banner.text()
    page.open(page._person, {"warnings": ("请核对出生日期。",)})
    idle(qtbot, page.desk)
    assert page.banner.text() == "请核对出生日期。"


def test_a_death_is_one_act(qtbot: QtBot, page: PersonPage) -> None:
    page.acts["death"].trigger()
    form = window(qtbot, page)
    assert faults(form) == []
    save(qtbot, form)
    assert "必须填写" in form.form.problem("death_date")
    form.form.editor("death_date").setFocus()
    qtbot.keyClicks(form.form.editor("death_date"), "2026-01")
    form.form.set_raw("death_cause", "illness")
    save(qtbot, form)
    idle(qtbot, page.desk)
    assert fields(page)["status"] == "dead"
    assert control(page, "person.head.dead").text() == "去世 2026-01"
    assert not page.acts["death"].isEnabled()
    page.desk.operations.write(Undo(page.desk.station).undo)
    idle(qtbot, page.desk)
    assert fields(page)["death_date"] is None
    assert page.acts["death"].isEnabled()


def test_into_the_bin_after_a_question_and_back(qtbot: QtBot, page: PersonPage, answers: Answers) -> None:
    answers.ways["要把“单小平”移入回收站吗?"] = "移入回收站"
    with qtbot.waitSignal(page.back):
        page.acts["remove"].trigger()
    idle(qtbot, page.desk)
    assert page.banner.text() == GONE
    assert page.tabs.isHidden()
    assert not page.acts["edit"].isEnabled()
    assert faults(page) == []
    page.desk.operations.write(Undo(page.desk.station).undo)
    idle(qtbot, page.desk)
    assert page.heading.text() == "单小平"
    assert page.banner.text() == ""


def test_the_story_leads_on(qtbot: QtBot, page: PersonPage) -> None:
    visit = Visits(page.desk.station).record({"person": page._person, "place": "家中", "note": "身体尚好"}).id
    went = links(page)
    page.tabs.setCurrentIndex(1)
    idle(qtbot, page.desk)
    view = page.story.view
    assert view.rows.text(0, 1) in ("走访: 家中, 身体尚好 ▸", "放进练习用的假人员")
    texts = [view.rows.text(row, 1) for row in range(view.rows.rowCount())]
    view.choose(view.rows.id_at(texts.index("走访: 家中, 身体尚好 ▸")))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert went == [Link("visit_form", page._person, {"visit": visit})]


def test_changes_field_by_field(qtbot: QtBot, page: PersonPage) -> None:
    old = fields(page)["phone"]
    People(page.desk.station).change(page._person, {"phone": "16499990000"})
    page.open(page._person, {"tab": "changes"})
    idle(qtbot, page.desk)
    view = page.changes.view
    assert [view.rows.text(0, column) for column in (1, 2, 3, 4)] == [
        "手机", f"{old[:3]}****{old[-4:]}", "164****0000", "周敏",
    ]  # fmt: skip
    page.toggle_full()
    idle(qtbot, page.desk)
    assert view.rows.text(0, 3) == "16499990000"


def test_files_are_added_opened_and_refused_in_words(
    qtbot: QtBot, page: PersonPage, tmp_path: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def open_url(url: QUrl) -> bool:
        opened.append(Path(url.toLocalFile()))
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    page.tabs.setCurrentIndex(2)
    idle(qtbot, page.desk)
    letter, large = tmp_path / "说明.txt", tmp_path / "大.bin"
    letter.write_text("证明材料", "utf-8")
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    page.files.add([large, letter])
    idle(qtbot, page.desk)
    assert "附件最大 20 MB" in answers.texts[0]
    assert page.files.count == 1
    qtbot.waitUntil(lambda: page.tabs.tabText(2) == "附件 1(&F)")
    (one,) = page.files._lines
    page.files.look_at(one)
    idle(qtbot, page.desk)
    assert opened[0].read_text("utf-8") == "证明材料"
    assert faults(page) == []


def test_what_differs_leads_to_where_it_is_settled(qtbot: QtBot, show: Show, desk: Desk) -> None:
    person = records.person(desk.station, "钱七", phone="16400000001")
    records.contest(desk.station, "person", person, phone="16400000009")
    page: PersonPage = show(PersonPage, desk, person)
    went = links(page)
    badge = control(page, "person.head.sync")
    assert badge.text() == "两边填的不一样: 手机 ▸"
    qtbot.keyClick(badge, Qt.Key.Key_Space)
    assert went == [Link("differences", person, {})]


def test_the_household_leads_on(qtbot: QtBot, page: PersonPage) -> None:
    went = links(page)
    qtbot.keyClick(control(page, "person.household"), Qt.Key.Key_Space)
    assert went[-1] == Link("household", "", {"person": page._person})
    household = Households(page.desk.station).add({"head": page._person})
    other = who(page.desk, "龚䶮")
    Households(page.desk.station).join(household, other, "妻")
    page.refresh()
    idle(qtbot, page.desk)
    qtbot.keyClick(control(page, "person.member.0"), Qt.Key.Key_Space)
    assert went[-1] == Link("person", other, {})
    qtbot.keyClick(control(page, "person.household"), Qt.Key.Key_Space)
    assert went[-1] == Link("household", household, {})


def test_escape_goes_back_and_pages_scroll(qtbot: QtBot, page: PersonPage) -> None:
    bar = page._area.verticalScrollBar()
    page.tabs.tabBar().setFocus()
    qtbot.keyClick(page.tabs.tabBar(), Qt.Key.Key_PageDown)
    assert bar.value() > 0
    qtbot.keyClick(page.tabs.tabBar(), Qt.Key.Key_PageUp)
    assert bar.value() == 0
    with qtbot.waitSignal(page.back):
        qtbot.keyClick(page.tabs.tabBar(), Qt.Key.Key_Escape)


def test_who_may_only_look_is_offered_nothing_else(show: Show, desk: Desk, person: str) -> None:
    desk.station.roles = ("administrator",)
    page: PersonPage = show(PersonPage, desk, person)
    assert set(page.acts) == {"full"}
    assert page.more.isHidden()
    assert control(page, "person.identities.add").isHidden()
    page.open(f"{person}/family/")


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("name", ["龚䶮", "杨𠮷明", LONG[:5]])
def test_names_of_all_kinds_at_every_size(
    qtbot: QtBot, show: Show, desk: Desk, qapp: QApplication, percent: int, name: str
) -> None:
    clock.set_now(None)
    look.dress(qapp, percent)
    page: PersonPage = show(PersonPage, desk, who(desk, name))
    page.resize(1098, 537) if percent == 200 else page.resize(1200, 640)
    idle(qtbot, desk)
    for tab in range(4):
        page.tabs.setCurrentIndex(tab)
        idle(qtbot, desk)
        assert faults(page) == [], tab
    assert page.minimumSizeHint().width() <= 1098
    assert page.minimumSizeHint().height() <= 560
    page._more()
    menus: list[QMenu] = list(page.findChildren(QMenu))
    menus[0].close()
    page.edit_part("identities", "")
    form = window(qtbot, page)
    assert faults(form) == []
    form.close()
