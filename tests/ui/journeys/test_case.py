"""A case from a visit to its payment: over the village's, the township's and the county's desk, and back."""

from app.services.case_views import CaseFile, CaseViews
from app.services.people import People
from tests.ui.hands import ALT, CTRL, Hands, Key
from tests.ui.journeys.conftest import Desks
from tests.ui.looking import control, faults


def file_at(desks: Desks, level: str) -> CaseFile:
    views = CaseViews(desks.windows[level].desk.station)
    return views.file(views.board()[0].id)


def to_the_case(desks: Desks, level: str) -> Hands:
    """Alt+4 is 帮扶, Enter opens the first case."""
    window, hands = desks.windows[level], desks.hands[level]
    hands.come()
    hands.press(Key.Key_4, ALT)
    hands.press(Key.Key_Return)
    assert window._now.page == "case"
    return hands


def test_a_case_from_a_visit_to_the_payment(desks: Desks) -> None:
    village = desks.windows["village"]
    People(village.desk.station).add({
        "name": "欧阳明亮", "id_number": "361000194901010013", "division": "361002100201", "village_group": "二组",
        "phone": "16400000001",
    })  # fmt: skip
    hands = desks.hands["village"]
    hands.come()

    # The visit, and what it found.
    hands.press(Key.Key_F, CTRL)
    hands.find("djzf")
    assert hands.at == "visit_form.who"
    hands.find("oyml")
    hands.tab_to("visit_form.companions")
    hands.chinese("周敏、吴主任")
    hands.tab_to("visit_form.wishes")
    hands.chinese("房屋漏雨, 无钱修缮")
    hands.press(Key.Key_S, CTRL)
    assert hands.at == "visit_form.done.case.1"
    hands.press(Key.Key_Space)

    # The case: everything carried over, opened and taken in with one key.
    assert village._now.page == "case_form"
    assert hands.at == "case_form.kind"
    hands.type("zf")
    hands.press(Key.Key_Return)
    hands.type("5000")
    hands.press(Key.Key_S, CTRL)
    assert village._now.page == "case"
    assert file_at(desks, "village").fields["reason"] == "房屋漏雨, 无钱修缮"

    # The village reviews; from then on it waits, and is told to send.
    hands.tab_to("case.step.amount")
    hands.replace("4500")
    hands.press(Key.Key_S, CTRL)
    assert "还没有上报" in control(village, "case.note").text()
    desks.carry("village", "township")

    # The township sees it as its own and agrees.
    hands = to_the_case(desks, "township")
    assert desks.windows["township"].page is not None
    assert faults(desks.windows["township"].page) == []
    hands.tab_to("case.step.amount")
    assert hands.focus.text() == "4500.00"
    hands.replace("4000")
    hands.press(Key.Key_S, CTRL)
    assert file_at(desks, "township").steps[-1].label == "乡镇审核"
    desks.carry("township", "county")
    desks.carry("county", "township", "village")
    note = file_at(desks, "village").note
    assert note.startswith(("镇站已收", "县局已收")), note
    assert note.endswith("未见回复"), "grey, not red: nobody here can do anything"

    # The county decides, with the number of its decision, and pays.
    hands = to_the_case(desks, "county")
    hands.tab_to("case.step.amount")
    hands.replace("3500")
    hands.tab_to("case.step.decision_number")
    hands.chinese("临退批〔2026〕5号")
    hands.press(Key.Key_S, CTRL)
    assert control(desks.windows["county"], "case.state").text() == "待县局办: 发放"
    hands.press(Key.Key_S, CTRL)
    assert file_at(desks, "county").steps[-1].label == "发放"
    desks.carry("county", "township", "village")

    # Back at the village: what was decided above stands in the file, and the village closes it.
    hands = to_the_case(desks, "village")
    file = file_at(desks, "village")
    assert (file.approved, file.fields["decision_number"]) == (3500_00, "临退批〔2026〕5号")
    assert [step.unit for step in file.steps] == ["桥头村站", "桥头村站", "上顿渡镇站", "临川区局", "临川区局"]
    assert "号数据包" in file.steps[3].package
    hands.press(Key.Key_S, CTRL)
    assert file_at(desks, "village").code == "done"
    assert control(village, "case.state").text() == "办结"
    desks.carry("village", "township", "county")
    assert file_at(desks, "county").code == "done"


def test_what_is_returned_is_supplemented(desks: Desks) -> None:
    from app.services.cases import HardshipCases

    village = desks.windows["village"]
    who = People(village.desk.station).add(
        {"name": "欧阳明亮", "id_number": "361000194901010013", "division": "361002100201"}
    )
    cases = HardshipCases(village.desk.station)
    made = cases.open({"person": who.id, "reason": "大病", "amount": "3000"}, accepted="材料齐全")
    cases.write_step(made.id, "first_review", {"opinion": "属实", "amount": "3000"})
    desks.carry("village", "township")
    hands = to_the_case(desks, "township")
    hands.press(Key.Key_Right)
    hands.press(Key.Key_Space)
    hands.tab_to("case.step.opinion")
    hands.chinese("缺医疗费用票据")
    hands.press(Key.Key_S, CTRL)
    desks.carry("township", "village")
    hands = to_the_case(desks, "village")
    assert control(village, "case.state").text() == "退回补充材料, 待村站办: 村级初审"
    hands.press(Key.Key_S, CTRL)
    assert file_at(desks, "village").turn is not None
    assert file_at(desks, "village").steps[-1].label == "村级初审"
