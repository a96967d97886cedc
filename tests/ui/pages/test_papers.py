"""开证明: what may be issued and what not, printed and settled, offered again after a jam; the register."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from app.services.campaigns import Campaigns
from app.services.case_views import CaseViews
from app.services.papers import Papers
from app.services.round_views import RoundViews
from app.services.searching import Search
from app.ui.kit import look
from app.ui.kit.numbered import DONE, LATER
from app.ui.kit.page import Desk
from app.ui.kit.printing import Preview
from app.ui.pages.papers import PapersPage
from tests.services.records import person
from tests.ui.conftest import Answers, idle
from tests.ui.hands import CTRL, Hands, Key
from tests.ui.looking import control, doubled_keys, faults
from tests.ui.printers import ToFile, preview_of

Show = Callable[..., Any]


@pytest.fixture(autouse=True)
def printer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ToFile:
    made = ToFile(tmp_path)
    monkeypatch.setattr(Preview, "printers", made)
    return made


def certificate(desk: Desk, purpose: str = "", *, settled: bool = True) -> str:
    papers = Papers(desk.station)
    drawn = papers.reserve("F14", f"person:{Search(desk.station).persons('', 1)[0].id}", purpose=purpose)
    if settled:
        papers.settle(drawn.id)
    return drawn.id


def texts(view: Any) -> list[list[str]]:
    rows = view.rows
    return [[rows.text(row, column) for column in range(rows.columnCount())] for row in range(rows.rowCount())]


def printed(qtbot: QtBot, desk: Desk, page: Any) -> None:
    """Look, print, and answer as the test has said."""
    Hands(qtbot, desk, page).press(Key.Key_P, CTRL)
    preview = preview_of(qtbot, page)
    with qtbot.waitSignal(preview.finished, timeout=30_000):
        Hands(qtbot, desk, preview).press(Key.Key_P, CTRL)
        idle(qtbot, desk)
        if shiboken6.isValid(preview) and preview.isVisible():
            preview.reject()
    idle(qtbot, desk)


def test_a_certificate_by_keyboard(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    answers.ways["打印好了吗"] = DONE
    who = person(desk.station, "欧阳明亮", id_number="361000194901010013", sex="1")
    certificate(desk, "办理公交优待")
    page = show(PapersPage, desk)
    hands = Hands(qtbot, desk, page)
    assert hands.at == "papers.who"
    hands.find("欧阳明亮")
    assert hands.at == "papers.kind"
    hands.press(Key.Key_Return)
    assert hands.at == "papers.purpose"
    hands.tab_to("papers.purpose.1")
    hands.press(Key.Key_Space)
    assert (page.purpose.text(), hands.at) == ("办理公交优待", "papers.purpose")
    printed(qtbot, desk, page)
    paper = Papers(desk.station).issued("F14")[0]
    assert (paper.person, paper.purpose, paper.status, paper.copies) == (who, "办理公交优待", "printed", 1)


def test_a_person_comes_with_the_link(qtbot: QtBot, desk: Desk, show: Show) -> None:
    who = person(desk.station, "欧阳明亮")
    page = show(PapersPage, desk, who)
    assert (page.who.words, page.applicant.words) == ("欧阳明亮", "欧阳明亮")
    assert Hands(qtbot, desk, page).at == "papers.kind"


def test_nobody_chosen_is_said(qtbot: QtBot, desk: Desk, show: Show) -> None:
    page = show(PapersPage, desk)
    page.look()
    assert page.note.text() == "请先选给谁开。"


def test_what_a_village_may_not_certify_is_answered(qtbot: QtBot, desk: Desk, show: Show) -> None:
    page = show(PapersPage, desk)
    page.kind.setCurrentIndex(page.kind.findData("健在"))
    assert page.refusal.text() == '"健在证明"不由村里开(民发〔2020〕20号)。可打印办事指引给来人。'
    assert "资格认证" in page.guide_words.text()
    assert not page._print.isEnabled()
    assert faults(page) == []
    assert doubled_keys(page) == []
    page.guide_print.click()
    preview = preview_of(qtbot, page)
    assert preview.windowTitle() == "办事指引 健在证明到哪里办"
    preview.reject()
    page.kind.setCurrentIndex(page.kind.findData("service"))
    assert "由县局出具" in page.refusal.text()
    page.kind.setCurrentIndex(0)
    assert not page.guide.isVisible()
    page.purpose.setText("开婚姻状况证明")
    assert "婚姻状况证明" in page.refusal.text(), "the wording counts, whatever kind is chosen"
    assert Papers(desk.station).issued() == []


def test_a_jam_is_offered_again(qtbot: QtBot, desk: Desk, show: Show, answers: Answers, printer: ToFile) -> None:
    answers.ways["打印好了吗"] = LATER
    who = person(desk.station, "欧阳明亮")
    page = show(PapersPage, desk, who)
    printed(qtbot, desk, page)
    assert "已编号, 还没有登记打印好了" in page.banner.text()
    assert faults(page) == []
    assert doubled_keys(page) == []
    again = show(PapersPage, desk)
    assert "欧阳明亮" in again.banner.text(), "tomorrow too"
    answers.ways["打印好了吗"] = DONE
    control(again, "papers.waiting.again").click()
    preview = preview_of(qtbot, again)
    assert "重印" not in preview.windowTitle(), "no copy of it is out"
    with qtbot.waitSignal(preview.accepted, timeout=30_000):
        Hands(qtbot, desk, preview).press(Key.Key_P, CTRL)
    idle(qtbot, desk)
    assert again.banner.text() == ""
    assert [(paper.status, paper.copies) for paper in Papers(desk.station).issued()] == [("printed", 1)]


def test_what_waits_is_voided_after_a_question(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    certificate(desk, settled=False)
    certificate(desk, settled=False)
    page = show(PapersPage, desk)
    assert "还有 1 份" in page.banner.text()
    control(page, "papers.waiting.settle").setFocus()
    hands = Hands(qtbot, desk, page)
    hands.press(Key.Key_Space)
    hands.wait()
    assert hands.at == "papers.who", "the button is gone, the keyboard is back at the work"
    control(page, "papers.waiting.void").click()
    idle(qtbot, desk)
    assert {paper.status for paper in Papers(desk.station).issued()} == {"reserved", "printed"}
    answers.ways["要作废吗"] = "作废此号"
    control(page, "papers.waiting.void").click()
    idle(qtbot, desk)
    assert {paper.status for paper in Papers(desk.station).issued()} == {"void", "printed"}


def test_the_case_form_from_here(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    answers.ways["打印好了吗"] = DONE
    file = CaseViews(desk.station).file(CaseViews(desk.station).board()[0].id)
    page = show(PapersPage, desk)
    page.form.setCurrentIndex(page.form.findData("F07"))
    page.look()
    assert Papers(desk.station).issued() == []
    page.applicant.finder.setFocus()
    Hands(qtbot, desk, page).find(file.name)
    assert page.case.currentData() == file.id
    printed(qtbot, desk, page)
    assert [paper.form for paper in Papers(desk.station).issued()] == ["F07"]
    page.applicant.put(person(desk.station, "欧阳明亮"), "欧阳明亮")
    page._applicant_changed()
    idle(qtbot, desk)
    assert "没有帮扶事项" in page.case_note.text()


def test_a_signature_sheet_is_reprinted_from_here(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    answers.ways["打印好了吗"] = DONE
    page = show(PapersPage, desk)
    page.form.setCurrentIndex(page.form.findData("F04"))
    assert "还没有打印定稿的签领表" in page.sheet_note.text()
    drawn = Campaigns(desk.station).freeze(RoundViews(desk.station).rounds()[0].id)
    Papers(desk.station).settle(drawn.id)
    idle(qtbot, desk)
    idle(qtbot, desk)
    page.copy.setCurrentIndex(1)
    printed(qtbot, desk, page)
    assert [(paper.form, paper.copies) for paper in Papers(desk.station).issued()] == [("F04", 2)]


def test_the_register(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    for purpose in ("一", "二"):
        certificate(desk, purpose)
    certificate(desk, "三", settled=False)
    page = show(PapersPage, desk, "register")
    register = page.register
    assert [row[3] for row in texts(register.list)] == ["三", "二", "一"]
    assert [row[6] for row in texts(register.list)] == ["已编号, 还没打印好", "已出具", "已出具"]
    assert register.settle.isEnabled()
    register.settle.click()
    idle(qtbot, desk)
    assert texts(register.list)[0][5:] == ["1", "已出具"]
    register.status.setCurrentIndex(register.status.findData("void"))
    idle(qtbot, desk)
    assert register.count.text() == "共 0 份"
    register.status.setCurrentIndex(0)
    register.text.setText("没有这个号")
    idle(qtbot, desk)
    assert register.count.text() == "共 0 份"
    register.text.clear()
    idle(qtbot, desk)
    answers.ways |= {"要作废吗": "作废此号", "打印好了吗": DONE}
    register.list.setFocus()
    hands = Hands(qtbot, desk, page)
    hands.press(Key.Key_Return)
    preview = preview_of(qtbot, page)
    assert "重印第1次" in preview.windowTitle()
    with qtbot.waitSignal(preview.accepted, timeout=30_000):
        Hands(qtbot, desk, preview).press(Key.Key_P, CTRL)
    idle(qtbot, desk)
    assert texts(register.list)[0][5] == "2"
    register.void.click()
    idle(qtbot, desk)
    assert texts(register.list)[0][6] == "作废"
    assert not register.reprint_button.isEnabled()


def test_a_township_issues_more(qtbot: QtBot, desk: Desk, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(desk), "level", property(lambda _: "township"))
    page = show(PapersPage, desk)
    kinds = [page.kind.itemText(n) for n in range(page.kind.count())]
    assert kinds == ["享受待遇情况证明", "走访帮扶情况证明", "登记在册情况证明", "服役情况证明(由县局出具)"]


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("about", ["", "register"])
def test_it_holds_together(qapp: Any, qtbot: QtBot, desk: Desk, show: Show, percent: int, about: str) -> None:
    look.dress(qapp, percent)
    certificate(desk, "办理公交优待、申请临时救助和其他需要说明的事情")
    certificate(desk, settled=False)
    page = show(PapersPage, desk, about)
    for index in range(page.form.count()):
        page.form.setCurrentIndex(index)
        assert faults(page) == []
        assert doubled_keys(page) == []
    page.form.setCurrentIndex(0)
    page.kind.setCurrentIndex(page.kind.count() - 1)
    assert faults(page) == []
    assert doubled_keys(page) == []
    least = page.minimumSizeHint()
    assert (least.width() <= 1236, least.height() <= 678) == (True, True), least
    look.dress(qapp, 100)
