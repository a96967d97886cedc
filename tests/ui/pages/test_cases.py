"""帮扶: the list by whose turn it is, opening a case, its file and the opinion of the next step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.models import CaseStep, HardshipCase
from app.services import disclosing
from app.services.case_views import STAMPED, CaseViews
from app.services.cases import HardshipCases
from app.services.visits import Visits
from app.ui.kit import drafts, look
from app.ui.kit.messages import Messages
from app.ui.kit.numbered import DONE
from app.ui.kit.operations import Operations, Worker
from app.ui.kit.page import Desk, Link
from app.ui.kit.printing import Preview
from app.ui.pages.case import CasePage
from app.ui.pages.case_form import CaseFormPage
from app.ui.pages.cases import CasesPage
from tests.services.records import change, person
from tests.ui.conftest import Answers, idle
from tests.ui.hands import CTRL, Hands, Key
from tests.ui.looking import control, doubled_keys, faults
from tests.ui.printers import ToFile, preview_of

Show = Callable[..., Any]


@pytest.fixture
def case(desk: Desk) -> str:
    """A case the village has taken in and is to review."""
    return CaseViews(desk.station).board()[0].id


@pytest.fixture
def county(qapp: Any, open_copy: Callable[..., Any], worker: Worker, answers: Answers) -> Any:
    """The county's desk, with a case that waits for its decision."""
    from app import clock
    from app.models import Node
    from app.services.desk_memory import DeskMemory

    look.dress(qapp)
    station = open_copy("county").station
    desk = Desk(station, Operations(station, worker), Messages(answers), DeskMemory(station))
    below = {}
    with station.db.work("下级") as work:
        for level, scope in (("village", "361002100201"), ("township", "361002100")):
            node = Node(
                id=clock.new_id(),
                name=f"{level}站",
                level=level,
                scopes=scope,
                home=scope.ljust(12, "0"),
                status="active",
            )
            work.session.add(node)
            below[level] = node.id
    case = CaseViews(station).board()[0].id
    with station.db.work("下级意见") as work:
        found = work.session.get_one(HardshipCase, case)
        follows = None
        day = clock.today().isoformat()
        for step, level in (("apply", "village"), ("first_review", "village"), ("township_review", "township")):
            row = CaseStep(
                id=clock.new_id(), case=case, step=step, result="pass", opinion="同意", amount=4000_00, day=day,
                by_node=below[level], by_name="孙立", follows=follows, home=found.home,
            )  # fmt: skip
            work.session.add(row)
            work.session.flush()
            follows = row.id
    yield desk, case
    desk.operations.stop()
    desk.memory.close()


def texts(view: Any) -> list[list[str]]:
    rows = view.rows
    return [[rows.text(row, column) for column in range(rows.columnCount())] for row in range(rows.rowCount())]


# -- the list ------------------------------------------------------------------------------------------------------------


def test_the_list_says_whose_turn_it_is(qtbot: QtBot, desk: Desk, case: str, show: Show) -> None:
    page = show(CasesPage, desk)
    (row,) = texts(page.list)
    assert row[2:6] == ["医疗", "5,000.00", "本站: 村级初审", "还剩 14 天"]
    assert page.shown.currentText() == "没办结的 1"
    page.open("mine")
    idle(qtbot, desk)
    assert page.shown.currentText() == "待我办 1"
    HardshipCases(desk.station).write_step(case, "first_review", {"opinion": "属实"})
    idle(qtbot, desk)
    assert texts(page.list) == []
    page.open("above")
    idle(qtbot, desk)
    assert texts(page.list)[0][4] == "镇站: 乡镇审核"
    page.filter.setText("没有这个人")
    assert page.count.text() == "共 0 件"


def test_keys_of_the_list(qtbot: QtBot, desk: Desk, case: str, show: Show) -> None:
    page = show(CasesPage, desk)
    hands = Hands(qtbot, desk, page)
    with qtbot.waitSignal(page.wanted) as wanted:
        hands.press(Key.Key_Return)
    assert wanted.args[0] == Link("case", case)
    with qtbot.waitSignal(page.wanted) as wanted:
        hands.press(Key.Key_N, CTRL)
    assert wanted.args[0] == Link("case_form")


# -- opening -------------------------------------------------------------------------------------------------------------


def test_a_case_is_opened_by_keyboard(qtbot: QtBot, desk: Desk, show: Show) -> None:
    person(desk.station, "欧阳明亮")
    page = show(CaseFormPage, desk)
    hands = Hands(qtbot, desk, page)
    hands.find("欧阳明亮")
    assert hands.at == "case_form.kind"
    hands.type("zf")
    hands.press(Key.Key_Return)
    hands.type("3000")
    hands.tab_to("case_form.reason")
    hands.chinese("房屋漏雨")
    with qtbot.waitSignal(page.wanted) as wanted:
        hands.press(Key.Key_S, CTRL)
    file = CaseViews(desk.station).file(wanted.args[0].about)
    assert (file.name, file.asked, file.fields["kind"], file.fields["reason"]) == (
        "欧阳明亮",
        3000_00,
        "housing",
        "房屋漏雨",
    )
    assert [step.opinion for step in file.steps] == ["材料齐全, 予以受理。"]


def test_what_a_visit_found_is_carried_over(qtbot: QtBot, desk: Desk, show: Show) -> None:
    who = person(desk.station, "欧阳明亮")
    visit = Visits(desk.station).record({"person": who, "wishes": "房屋漏雨", "condition": "腿脚不便"})
    page = show(CaseFormPage, desk, who, visit=visit.id)
    assert page.who.words == "欧阳明亮"
    assert page.form.raw()["reason"] == "房屋漏雨\n腿脚不便"
    assert "的走访带来" in page.from_visit.text()
    page.accept.setChecked(False)
    page.save()
    idle(qtbot, desk)
    assert CaseViews(desk.station).board()[0].step == "申请受理"


def test_nobody_chosen_and_nothing_said(qtbot: QtBot, desk: Desk, show: Show) -> None:
    page = show(CaseFormPage, desk)
    page.save()
    assert page.who_note.text() == "请先选申请人。"
    page.who.put(person(desk.station), "张三")
    page.save()
    assert page.form.problem("reason") == "请填写致困原因"
    page.form.put_raw({"reason": "x", "family_size": "99"})
    page.save()
    idle(qtbot, desk)
    assert page.form.problem("family_size") == "家庭人口不对"


def test_a_second_case_within_a_year_is_said(qtbot: QtBot, desk: Desk, case: str, show: Show, answers: Answers) -> None:
    who = CaseViews(desk.station).file(case).person
    page = show(CaseFormPage, desk, who)
    page.form.put_raw({"kind": "medical", "reason": "又病了"})
    page.save()
    idle(qtbot, desk)
    assert "一年内已经申请过“医疗”帮扶" in answers.texts[0]


def test_half_typed_it_is_found_again(qtbot: QtBot, desk: Desk, show: Show) -> None:
    who = person(desk.station, "欧阳明亮")
    page = show(CaseFormPage, desk, who)
    page.form.editor("reason").setFocus()
    Hands(qtbot, desk, page).chinese("说到一半")
    page.leave()
    idle(qtbot, desk)
    (draft,) = desk.memory.drafts()
    assert (draft.title, draft.place) == ("受理帮扶 · 欧阳明亮", f"case_form:{who}")


def test_what_was_said_is_put_right(qtbot: QtBot, desk: Desk, case: str, show: Show) -> None:
    page = show(CaseFormPage, desk, f"case:{case}")
    assert not page.who.isEnabled()
    page.form.put_raw({"amount": "6000"})
    page.save()
    idle(qtbot, desk)
    assert CaseViews(desk.station).file(case).asked == 6000_00


# -- the file ------------------------------------------------------------------------------------------------------------


def test_the_village_reviews_by_keyboard(qtbot: QtBot, desk: Desk, case: str, show: Show) -> None:
    page = show(CasePage, desk, case)
    hands = Hands(qtbot, desk, page)
    assert page.state.text() == "待村站办: 村级初审"
    assert hands.at == "case.step.pass"
    hands.press(Key.Key_Return)
    hands.tab_to("case.step.amount")
    assert hands.focus.text() == "5000.00", "what was asked for is proposed"
    hands.replace("4500")
    assert page.step.capitals.text() == "人民币肆仟伍佰元整"
    assert page.step.form.raw()["opinion"] == "入户核实, 情况属实, 公示无异议, 同意上报。"
    assert faults(page) == []
    assert doubled_keys(page) == []
    hands.press(Key.Key_S, CTRL)
    file = CaseViews(desk.station).file(case)
    assert (file.steps[-1].label, file.steps[-1].amount, file.steps[-1].by) == ("村级初审", 4500_00, "周敏")
    assert page.step is None
    assert control(page, "case.waiting").text() == "现在等镇站办“乡镇审核”。"


def test_a_return_wants_its_reasons(qtbot: QtBot, desk: Desk, case: str, show: Show) -> None:
    page = show(CasePage, desk, case)
    page.step.results["return"].click()
    assert page.step.form.raw()["opinion"] == "", "the usual words are those of an agreement"
    assert not page.step.form.editor("amount").isVisible()
    page.step.save()
    assert page.step.form.problem("opinion") == "“退回补充材料”要写明理由"
    page.step.form.put_raw({"opinion": "缺医疗费用票据"})
    page.step.save()
    idle(qtbot, desk)
    assert page.state.text() == "退回补充材料, 待村站办: 申请受理"
    assert page.step is not None
    assert page.step._turn.step == "apply"


def test_a_refusal_is_asked_for_once(qtbot: QtBot, desk: Desk, case: str, show: Show, answers: Answers) -> None:
    page = show(CasePage, desk, case)
    page.step.results["reject"].click()
    page.step.form.put_raw({"opinion": "不符合条件"})
    page.step.save()
    idle(qtbot, desk)
    assert CaseViews(desk.station).file(case).code == "open"
    answers.ways["不予批准"] = "不予批准"
    page.step.save()
    idle(qtbot, desk)
    assert page.state.text() == "不予批准"
    assert control(page, "case.over").text() == "这件事项不予批准。"


def test_a_half_typed_opinion_comes_back(qtbot: QtBot, desk: Desk, case: str, show: Show) -> None:
    page = show(CasePage, desk, case)
    page.step.results["return"].click()
    page.step.form.editor("opinion").setFocus()
    Hands(qtbot, desk, page).chinese("缺票据")
    page.leave()
    idle(qtbot, desk)
    assert [draft.place for draft in desk.memory.drafts()] == [f"case:{case}"]
    again = show(CasePage, desk, case)
    assert (again.step.result, again.step.form.raw()["opinion"]) == ("return", "缺票据")


def test_numbers_are_masked_until_they_are_wanted(qtbot: QtBot, desk: Desk, case: str, show: Show) -> None:
    page = show(CasePage, desk, case)
    file = CaseViews(desk.station).file(case)
    whole = next(fact.whole for fact in file.applicant if fact.label == "身份证号")

    def seen() -> str:
        labels: Any = page._facts.findChildren(QWidget)
        return " ".join(one.text() for one in labels if hasattr(one, "text"))

    assert whole not in seen()
    Hands(qtbot, desk, page).press(Key.Key_F2)
    assert whole in seen()
    page.open(case)
    idle(qtbot, desk)
    assert whole in seen(), "while the card stays open"
    drafts.settled()
    assert [(one.way, one.record) for one in disclosing.noted(desk.memory)] == [("case", case)]


def test_the_county_decides_with_its_number_and_pays(
    qtbot: QtBot, county: Any, show: Show, tmp_path: Path, answers: Answers
) -> None:
    desk, case = county
    page = show(CasePage, desk, case)
    hands = Hands(qtbot, desk, page)
    assert page.step.form.raw()["amount"] == "4000.00"
    page.step.form.put_raw({"amount": "3500"})
    hands.press(Key.Key_S, CTRL)
    assert page.state.text() == "待县局办: 发放"
    hold = control(page, "case.step.hold")
    assert "还没有批复文号" in hold.text()
    assert not page.step.do.isEnabled()
    control(page, "case.decision").click()
    hands.press(Key.Key_Return)
    assert page.prompt.problem.text() == "没有填批复文号。"
    hands.chinese("临退批〔2026〕5号")
    hands.press(Key.Key_Return)
    assert page.step.do.isEnabled()
    assert page.step.form.raw()["amount"] == "3500.00"
    hands.press(Key.Key_S, CTRL)
    file = CaseViews(desk.station).file(case)
    assert (file.approved, file.fields["decision_number"]) == (3500_00, "临退批〔2026〕5号")
    assert file.turn is not None
    assert file.turn.step == "archive"


def test_the_stamped_form_lets_money_go_too(qtbot: QtBot, county: Any, show: Show, tmp_path: Path) -> None:
    desk, case = county
    HardshipCases(desk.station).write_step(case, "county_decision", {"amount": "100.00", "opinion": "同意"})
    page = show(CasePage, desk, case)
    scan = tmp_path / "审批表.pdf"
    scan.write_bytes(b"%PDF-1.4 made up")
    page.files.add([scan], STAMPED)
    idle(qtbot, desk)
    idle(qtbot, desk)
    assert page.step.do.isEnabled()


def test_whoever_may_not_decide_is_told(qtbot: QtBot, county: Any, show: Show) -> None:
    desk, case = county
    desk.station.roles = ("clerk",)
    page = show(CasePage, desk, case)
    assert "您的岗位不能审批" in control(page, "case.waiting").text()


def test_two_opinions_are_shown_and_lead_to_the_differences(qtbot: QtBot, county: Any, show: Show) -> None:
    desk, case = county
    with desk.station.db.work("另一份") as work:
        first = CaseViews(desk.station).file(case).steps[-1].id
        one = work.session.get_one(CaseStep, first)
        from app import clock

        work.session.add(
            CaseStep(
                id=clock.new_id(), case=case, step="township_review", result="reject", opinion="不同意", day=one.day,
                by_node=one.by_node, by_name="孙立", follows=one.follows, home=one.home,
            )
        )  # fmt: skip
    page = show(CasePage, desk, case)
    control(page, "case.rival.2")
    assert faults(page) == []
    assert doubled_keys(page) == []
    with qtbot.waitSignal(page.wanted) as wanted:
        control(page, "case.settle").click()
    assert wanted.args[0] == Link("differences")


def test_the_form_is_printed_under_the_case_s_number(
    qtbot: QtBot, desk: Desk, case: str, show: Show, answers: Answers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Preview, "printers", ToFile(tmp_path))
    answers.ways["打印好了吗"] = DONE
    page = show(CasePage, desk, case)
    Hands(qtbot, desk, page).press(Key.Key_P, CTRL)
    preview = preview_of(qtbot, page)
    with qtbot.waitSignal(preview.accepted, timeout=30_000):
        Hands(qtbot, desk, preview).press(Key.Key_P, CTRL)
    idle(qtbot, desk)
    file = CaseViews(desk.station).file(case)
    assert file.paper
    assert "退帮字" in str(file.fields["number"])


@pytest.mark.parametrize("percent", [100, 200])
def test_everything_holds_together(qapp: Any, qtbot: QtBot, desk: Desk, case: str, show: Show, percent: int) -> None:
    look.dress(qapp, percent)
    who = CaseViews(desk.station).file(case).person
    from app.models import Person

    change(desk.station, Person, who, name="阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕默德江"[:25])
    for kind, about in ((CasesPage, ""), (CaseFormPage, who), (CasePage, case)):
        page = show(kind, desk, about)
        assert faults(page) == []
        assert doubled_keys(page) == []
        least = page.minimumSizeHint()
        assert (least.width() <= 1236, least.height() <= 678) == (True, True), (kind, least)
    look.dress(qapp, 100)
