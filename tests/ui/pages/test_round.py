"""One round: the list drawn up, sent, frozen; results down the paper by single keys; the balance always in view."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.models import Person
from app.services.campaigns import Campaigns
from app.services.papers import Papers
from app.services.round_views import RoundShown, RoundViews
from app.ui.kit import drafts, look
from app.ui.kit.numbered import DONE
from app.ui.kit.page import Desk, Link
from app.ui.kit.printing import Preview
from app.ui.pages.round import RoundPage
from tests.services.records import change, contest, person
from tests.ui.conftest import Answers, idle
from tests.ui.hands import CTRL, Hands, Key
from tests.ui.looking import control, doubled_keys, faults
from tests.ui.printers import ToFile, preview_of

Show = Callable[..., Any]


@pytest.fixture
def round_(desk: Desk) -> str:
    return RoundViews(desk.station).rounds()[0].id


@pytest.fixture
def page(show: Show, desk: Desk, round_: str) -> RoundPage:
    found: RoundPage = show(RoundPage, desk, round_)
    return found


@pytest.fixture
def hands(qtbot: QtBot, desk: Desk, page: RoundPage) -> Hands:
    return Hands(qtbot, desk, page)


@pytest.fixture
def frozen(desk: Desk, round_: str) -> str:
    """The sheet of all twelve is printed and out."""
    drawn = Campaigns(desk.station).freeze(round_)
    Papers(desk.station).settle(drawn.id)
    return drawn.id


def shown(desk: Desk, round_: str) -> RoundShown:
    return RoundViews(desk.station).show(round_)


def texts(view: Any) -> list[list[str]]:
    rows = view.rows
    return [[rows.text(row, column) for column in range(rows.columnCount())] for row in range(rows.rowCount())]


def offered(page: RoundPage) -> set[str]:
    return {one.objectName() for one in page.sums._shown() if one.objectName().startswith("round.")}


def balance(page: RoundPage) -> list[str]:
    return [control(page, f"round.{key}").text() for key in ("planned", "paid", "returned", "open")]


# -- the list ------------------------------------------------------------------------------------------------------------


def test_what_can_no_more_be_done_leaves_no_gap(qtbot: QtBot, desk: Desk, page: RoundPage, hands: Hands) -> None:
    control(page, "round.list.propose").click()
    hands.wait()
    control(page, "round.send").click()
    hands.wait()
    qtbot.waitUntil(lambda: control(page, "round.list.filter").isVisible())
    assert control(page, "round.list.finder").isHidden()
    assert control(page, "round.list.filter").x() == 0


def test_the_balance_stands_in_figures_and_in_capitals(page: RoundPage) -> None:
    assert balance(page) == ["应发 6,000.00 元", "＝ 实发 0.00", "＋ 缴回 0.00", "＋ 未了 6,000.00"]
    assert "应发 陆仟元整" in control(page, "round.words").text()
    assert page.state.text() == "拟定"


def test_somebody_is_found_and_put_on_the_list(qtbot: QtBot, desk: Desk, page: RoundPage, hands: Hands) -> None:
    who = person(desk.station, "欧阳明亮", village_group="一组")
    page.list.finder.setFocus()
    hands.find("欧阳明亮")
    assert hands.at == "round.list.prompt.field"
    assert hands.focus.text() == "500.00", "the standard is proposed"
    hands.replace("五百")
    hands.press(Key.Key_Return)
    assert "看不懂" in page.list.prompt.problem.text()
    hands.replace("650")
    hands.press(Key.Key_Return)
    line = next(one for one in shown(desk, page._id).lines if one.person == who)
    assert line.amount == 650_00
    assert hands.at == "round.list.finder", "ready for the next one"
    hands.find("欧阳明亮")
    assert page.list.list.current() == line.id, "who is listed already is shown, not listed twice"


def test_amounts_and_people_before_the_sheet_is_printed(
    qtbot: QtBot, desk: Desk, page: RoundPage, hands: Hands, answers: Answers
) -> None:
    page.list.list.setFocus()
    first = page.list.list.current()
    hands.press(Key.Key_F2)
    hands.replace("800")
    hands.press(Key.Key_Return)
    assert next(line.amount for line in shown(desk, page._id).lines if line.id == first) == 800_00
    assert balance(page)[0] == "应发 6,300.00 元"
    hands.press(Key.Key_F2)
    hands.press(Key.Key_Escape)
    assert not page.list.prompt.isVisible()
    page.list.list.setFocus()
    hands.press(Key.Key_Delete)
    assert len(shown(desk, page._id).lines) == 11
    answers.ways["移出名单"] = "移出"
    page.list.list.selectAll()
    hands.press(Key.Key_Delete)
    assert shown(desk, page._id).lines == ()
    assert "按标准推荐" in page.list.list.empty


def test_people_are_proposed_and_ticked(qtbot: QtBot, desk: Desk, page: RoundPage, hands: Hands) -> None:
    page.list.propose.click()
    hands.wait()
    assert hands.at == "round.list.candidates"
    assert page.list.take.text().startswith("列入选中的 18 人, 9,000.00 元")
    hands.press(Key.Key_Space)
    assert page.list.take.text().startswith("列入选中的 17 人")
    hands.press(Key.Key_A, CTRL)
    hands.press(Key.Key_Space)
    hands.press(Key.Key_Space)
    assert not page.list.take.isEnabled()
    hands.press(Key.Key_Home)
    hands.press(Key.Key_Space)
    assert faults(page) == []
    assert doubled_keys(page) == []
    hands.press(Key.Key_S, CTRL)
    lines = shown(desk, page._id).lines
    assert len(lines) == 13
    assert lines[-1].why == "全部服务对象" or any(line.why == "全部服务对象" for line in lines)
    page.list.propose.click()
    hands.wait()
    hands.press(Key.Key_Escape)
    assert hands.at == "round.list.list", "Escape leaves the proposals first"


def test_sent_for_approval_and_back(qtbot: QtBot, desk: Desk, page: RoundPage, hands: Hands) -> None:
    control(page, "round.send").click()
    hands.wait()
    assert page.state.text() == "待批"
    assert not page.list.finder.isVisible()
    assert "要改请先“退回拟定”" in page.list.why_not.text()
    assert "round.print" not in offered(page)
    control(page, "round.approve").click()
    assert hands.at == "round.approval.field"
    hands.chinese("临退批〔2026〕5号")
    hands.press(Key.Key_Return)
    assert page.state.text() == "已批复"
    assert "临退批〔2026〕5号" in page.about.text()
    control(page, "round.draft").click()
    hands.wait()
    assert page.state.text() == "拟定"


def test_the_list_for_review_is_shown_and_freezes_nothing(qtbot: QtBot, desk: Desk, page: RoundPage) -> None:
    control(page, "round.review").click()
    preview = preview_of(qtbot, page)
    qtbot.waitUntil(lambda: len(preview.pages) == 2, timeout=20_000)
    assert "送审名单" in preview.windowTitle()
    preview.reject()
    assert shown(desk, page._id).sheets == ()


def test_printing_freezes(
    qtbot: QtBot, desk: Desk, page: RoundPage, hands: Hands, answers: Answers, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    printer = ToFile(tmp_path)
    monkeypatch.setattr(Preview, "printers", printer)
    answers.ways["打印好了吗"] = DONE
    hands.press(Key.Key_P, CTRL)
    preview = preview_of(qtbot, page)
    idle(qtbot, desk)
    assert "定稿以后, 表上的姓名和金额不能再改" in preview.banner.text()
    assert shown(desk, page._id).sheets == ()
    with qtbot.waitSignal(preview.accepted, timeout=30_000):
        Hands(qtbot, desk, preview).press(Key.Key_P, CTRL)
    idle(qtbot, desk)
    (sheet,) = shown(desk, page._id).sheets
    assert (sheet.status, sheet.copies, sheet.lines) == ("printed", 1, 12)
    assert page.state.text() == "发放中"
    assert not page.list.amount.isEnabled(), "what is frozen does not change"
    assert len(printer.printed) == 1


# -- results -------------------------------------------------------------------------------------------------------------


def test_everybody_has_come_but_the_exceptions(
    qtbot: QtBot, desk: Desk, round_: str, frozen: str, page: RoundPage, hands: Hands
) -> None:
    hands.press(Key.Key_G, CTRL)
    results = page.results
    assert hands.at == "round.results.list"
    assert [row[5] for row in texts(results.list)] == ["已领"] * 11, "a page of the paper has eleven lines"
    hands.press(Key.Key_2)
    assert texts(results.list)[0][5:] == ["未领", "外出未联系上"]
    hands.press(Key.Key_2)
    assert texts(results.list)[0][6] == "账号错误", "the same key once more is the next reason"
    hands.press(Key.Key_Down)
    hands.press(Key.Key_3)
    hands.press(Key.Key_F2)
    hands.replace("本人自愿退回")
    hands.press(Key.Key_Return)
    assert texts(results.list)[1][5:] == ["缴回", "本人自愿退回"]
    assert hands.at == "round.results.list"
    assert results.list.currentIndex().row() == 2, "Enter goes on down the sheet"
    hands.press(Key.Key_0)
    assert texts(results.list)[2][5] == "先不登记"
    hands.press(Key.Key_1)
    assert "已领 9 人 4,500.00 元" in results.after.text()
    assert "实发 4,500.00 ＋ 缴回 500.00 ＋ 未了 1,000.00" in results.after.text()
    assert faults(page) == []
    assert doubled_keys(page) == []
    hands.press(Key.Key_S, CTRL)
    assert balance(page) == ["应发 6,000.00 元", "＝ 实发 4,500.00", "＋ 缴回 500.00", "＋ 未了 1,000.00"]
    assert [row[5] for row in texts(results.list)] == ["已领"], "the next page of the paper is up"
    hands.press(Key.Key_S, CTRL)
    assert balance(page)[3] == "＋ 未了 500.00"
    control(page, "round.close").click()
    hands.wait()
    assert "还差 500.00 元没有去向" in page.banner.text()
    control(page, "round.banner.enter").click()
    assert page.tabs.currentIndex() == 1


def test_exceptions_are_kept_until_they_are_entered(
    qtbot: QtBot, desk: Desk, round_: str, frozen: str, page: RoundPage, hands: Hands, show: Show
) -> None:
    hands.press(Key.Key_G, CTRL)
    hands.press(Key.Key_2)
    hands.press(Key.Key_PageDown, CTRL)
    hands.press(Key.Key_3)
    drafts.settled()
    (draft,) = desk.memory.drafts()
    assert draft.title == f"登记发放结果 · {shown(desk, round_).name}"
    # Killed: another window at the same desk opens what is left.
    again = show(RoundPage, desk, draft.place.partition(":")[2])
    results = again.results
    idle(qtbot, desk)
    assert again.tabs.currentIndex() == 1
    assert texts(results.list)[0][5:] == ["未领", "外出未联系上"]
    there = Hands(qtbot, desk, again)
    results.list.setFocus()
    there.press(Key.Key_S, CTRL)
    assert [row[5] for row in texts(results.list)] == ["缴回"], "the exception on the other page is not lost by it"
    drafts.settled()
    assert [len(one.content["plan"]) for one in desk.memory.drafts()] == [1]
    like = shown(desk, round_).fields
    other = Campaigns(desk.station).open({"name": "另一批", "festival": like["festival"], "source": like["source"]})
    again.open(other)
    idle(qtbot, desk)
    again.open(round_, {"tab": "results"})
    idle(qtbot, desk)
    assert [row[5] for row in texts(results.list)] == ["缴回"]
    there.press(Key.Key_S, CTRL)
    drafts.settled()
    assert desk.memory.drafts() == []


def test_settled_when_every_fen_has_its_whereabouts(
    qtbot: QtBot, desk: Desk, round_: str, frozen: str, page: RoundPage, hands: Hands, answers: Answers
) -> None:
    hands.press(Key.Key_G, CTRL)
    hands.press(Key.Key_S, CTRL)
    hands.press(Key.Key_S, CTRL)
    assert "都有了去向, 可以结清了" in page.banner.text()
    answers.ways["要结清吗"] = "结清"
    control(page, "round.banner.close").click()
    hands.wait()
    assert page.state.text() == "已结清"
    assert not page.results.side.isVisible()
    control(page, "round.archive").click()
    hands.wait()
    assert page.state.text() == "已归档"


def test_a_correction_needs_its_reason(
    qtbot: QtBot, desk: Desk, round_: str, frozen: str, page: RoundPage, hands: Hands
) -> None:
    hands.press(Key.Key_G, CTRL)
    hands.press(Key.Key_S, CTRL)
    page.results.paper.setCurrentIndex(0)
    page.results.list.setFocus()
    hands.press(Key.Key_Home)
    assert texts(page.results.list)[0][5] == "—"
    hands.press(Key.Key_3)
    assert texts(page.results.list)[0][5] == "更正为 缴回"
    assert hands.at == "round.results.reason"
    hands.replace("登记错了, 本人没有来")
    hands.press(Key.Key_S, CTRL)
    line = shown(desk, round_).lines[0]
    assert (line.state, line.reason) == ("returned", "登记错了, 本人没有来")


def test_what_cannot_be_entered_is_said_at_its_line(
    qtbot: QtBot, desk: Desk, round_: str, frozen: str, page: RoundPage, hands: Hands, answers: Answers
) -> None:
    lines = shown(desk, round_).lines
    contest(desk.station, "roster_line", lines[1].id, amount=900_00)
    change(desk.station, Person, lines[2].person, death_date="2026-01-05", status="dead")
    change(desk.station, Person, lines[3].person, name="周敏")
    idle(qtbot, desk)
    hands.press(Key.Key_G, CTRL)
    rows = texts(page.results.list)
    assert rows[2][5:] == ["缴回", "去世"], "the dead are not proposed as paid"
    hands.press(Key.Key_S, CTRL)
    assert "两边填的不一样" in answers.texts[0]
    assert "两边填的不一样" in texts(page.results.list)[1][6]
    assert page.results.list.currentIndex().row() == 1
    assert shown(desk, round_).totals.paid == 0
    hands.press(Key.Key_0)
    hands.press(Key.Key_S, CTRL)
    assert "周敏 是本站工作人员。请换一人经办并填写见证人(回避)。" in answers.texts[1]
    assert hands.at == "round.results.witness"
    hands.chinese("吴主任")
    hands.press(Key.Key_S, CTRL)
    assert shown(desk, round_).totals.paid == 9 * 500_00


def test_a_payee_who_works_here_is_pointed_out(qtbot: QtBot, desk: Desk, round_: str, show: Show) -> None:
    change(desk.station, Person, shown(desk, round_).lines[0].person, name="周敏")
    Campaigns(desk.station).freeze(round_)
    page = show(RoundPage, desk, round_, tab="results")
    assert page.results.note.text() == "周敏 是本站工作人员, 请换一人经办并填写见证人(回避)。"


def test_a_whole_sheet_at_once(
    qtbot: QtBot, desk: Desk, round_: str, frozen: str, page: RoundPage, hands: Hands
) -> None:
    hands.press(Key.Key_G, CTRL)
    page.results.paper.setCurrentIndex(page.results.paper.findData(-1))
    assert page.results.list.rows.rowCount() == 12
    page.results.day.setText("2020-02-30")
    page.results.save()
    hands.wait()
    page.results.day.setText("")
    hands.press(Key.Key_S, CTRL)
    assert shown(desk, round_).totals.paid == 6_000_00


# -- sheets --------------------------------------------------------------------------------------------------------------


def test_a_sheet_that_waits_is_settled_from_the_list(qtbot: QtBot, desk: Desk, round_: str, show: Show) -> None:
    Campaigns(desk.station).freeze(round_)
    page = show(RoundPage, desk, round_, tab="sheets")
    assert texts(page.sheets.list)[0][5] == "已编号, 还没打印好"
    page.sheets.settle.click()
    idle(qtbot, desk)
    assert texts(page.sheets.list)[0][5] == "已出具"
    Hands(qtbot, desk, page).press(Key.Key_Return)
    assert page.tabs.currentIndex() == 1


def test_a_reprint_is_counted_when_it_is_out(
    qtbot: QtBot, desk: Desk, round_: str, frozen: str, show: Show, answers: Answers, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr(Preview, "printers", ToFile(tmp_path))
    answers.ways["打印好了吗"] = DONE
    page = show(RoundPage, desk, round_, tab="sheets")
    page.sheets.finance.click()
    preview = preview_of(qtbot, page)
    idle(qtbot, desk)
    assert "重印第1次" in preview.windowTitle()
    with qtbot.waitSignal(preview.accepted, timeout=30_000):
        Hands(qtbot, desk, preview).press(Key.Key_P, CTRL)
    idle(qtbot, desk)
    assert shown(desk, round_).sheets[0].copies == 2


# -- others --------------------------------------------------------------------------------------------------------------


def test_a_round_of_another_unit_is_only_looked_at(qtbot: QtBot, desk: Desk, round_: str, show: Show) -> None:
    from app import clock
    from app.models import Campaign

    change(desk.station, Campaign, round_, node=clock.new_id())
    page = show(RoundPage, desk, round_)
    assert "本单位只能查看" in page.banner.text()
    assert not page.list.finder.isVisible()
    assert offered(page) == {
        "round.planned",
        "round.paid",
        "round.returned",
        "round.open",
        "round.words",
        "round.review",
    }


def test_where_it_leads(qtbot: QtBot, page: RoundPage, hands: Hands) -> None:
    with qtbot.waitSignal(page.wanted) as wanted:
        control(page, "round.change").click()
    assert wanted.args[0] == Link("rounds", f"change:{page._id}")
    with qtbot.waitSignal(page.wanted) as wanted:
        page.list.list.setFocus()
        hands.press(Key.Key_Return)
    assert wanted.args[0].page == "person"
    with qtbot.waitSignal(page.back):
        hands.press(Key.Key_Escape)


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("tab", ["list", "results", "sheets"])
def test_every_tab_holds_together(
    qtbot: QtBot, qapp: Any, desk: Desk, round_: str, frozen: str, show: Show, percent: int, tab: str
) -> None:
    look.dress(qapp, percent)
    page = show(RoundPage, desk, round_, tab=tab)
    assert faults(page) == []
    assert doubled_keys(page) == []
    least = page.minimumSizeHint()
    assert (least.width() <= 1236, least.height() <= 678) == (True, True), least
    look.dress(qapp, 100)
