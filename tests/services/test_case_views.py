"""Cases as the window shows them: whose turn it is, how long there is, for whom one waits since when."""

import datetime as dt

import pytest

from app import clock
from app.errors import BadInput, Refused
from app.models import Node, receipts
from app.models.journal import PackageSeen
from app.services.attachments import Attachments
from app.services.case_views import STAMPED, CaseLine, CaseViews
from app.services.cases import HardshipCases
from app.services.history import History
from app.services.station import Station
from tests.services.records import person
from tests.services.test_cases import be, opened, step

pytestmark = pytest.mark.usefixtures("fixed_now")


@pytest.fixture
def who(station: Station) -> str:
    return person(station, id_number="361000194901010013", phone="16400000001", village_group="二组")


def line(station: Station, case: str) -> CaseLine:
    return next(one for one in CaseViews(station).board() if one.id == case)


def advanced(station: Station, case: str, *steps: str, **values: str) -> None:
    for name in steps:
        step(station, case, name, **values)


def at_the_county(station: Station, who: str) -> str:
    case = opened(station, who)
    advanced(station, case, "apply", "first_review")
    be(station, "township")
    advanced(station, case, "township_review")
    be(station, "county")
    return case


def test_opening_takes_the_papers_in_with_the_same_act(station: Station, who: str) -> None:
    made = HardshipCases(station).open(
        {"person": who, "reason": "大病", "kind": "医疗"}, accepted="材料齐全, 予以受理。"
    )
    shown = CaseViews(station).file(made.id)
    assert [(one.label, one.result_label, one.opinion, one.by) for one in shown.steps] == [
        ("申请受理", "同意", "材料齐全, 予以受理。", "周敏")
    ]
    assert History(station).acts()[0].name == "受理帮扶事项"
    assert [label for label, _ in shown.ahead] == ["乡镇审核", "县局审批", "发放", "归档"]


def test_ours_comes_first_and_says_how_long_there_is(station: Station, who: str) -> None:
    late = opened(station, who, opened="2026-11-02")
    soon = opened(station, who, opened="2026-11-17", kind="housing")
    fresh = opened(station, who, kind="work")
    board = CaseViews(station).board()
    assert [(one.id, one.note, one.tone) for one in board] == [
        (late, "超期 14 天", "bad"),
        (soon, "还剩 1 天", "warn"),
        (fresh, "还剩 7 天", "good"),
    ]
    assert (board[0].place, board[0].kind, board[0].amount, board[0].mine) == ("二组", "医疗", 3000_00, True)


def test_what_waits_above_is_grey_and_says_since_when(station: Station, who: str) -> None:
    parent = clock.new_id()
    with station.db.work("加入上级") as work:
        work.session.add(
            Node(
                id=parent, name="上顿渡镇站", level="township", scopes="361002100", home="361002100000", status="active"
            )
        )
    with station.db.engine.begin() as connection, station.db.door(connection):
        connection.execution_options(ronggui_write=True)
        connection.exec_driver_sql("UPDATE local SET parent = ? WHERE id = 1", (bytes.fromhex(parent),))
    station.refresh()
    case = opened(station, who, opened="2026-10-01")
    for name in ("apply", "first_review"):
        step(station, case, name, day="2026-10-02")
    found = line(station, case)
    assert (found.mine, found.above, found.who) == (False, True, "上顿渡镇站")
    assert (found.note, found.tone) == ("等上顿渡镇站乡镇审核, 还没有上报", "warn")
    with station.db.engine.begin() as connection:
        connection.execution_options(ronggui_write=True)
        sent = [[bytes.fromhex(station.place.node), 1, 1_000]]
        from app.models import recording

        connection.exec_driver_sql(
            "INSERT INTO peer (node, holds, sent, package_number, seen, scanned, link, link_sent, link_receipted,"
            " snapshots, loaded, links, wants, introduced, last_seen, health)"
            " VALUES (?, x'', ?, 1, x'', 0, 0, 0, 0, x'', 0, x'', x'', 1, 0, x'')",
            (bytes.fromhex(parent), recording.encode_plain([[*one] for one in sent])),
        )
        moment = int(dt.datetime(2026, 11, 3, 9, tzinfo=clock.CHINA).timestamp() * 1000)
        connection.execute(
            PackageSeen.__table__.insert().values(  # type: ignore[attr-defined]  # a mapped class has a table
                package=clock.new_id(), digest=b"", outward=False, peer=parent, number=3, name="回包", moment=moment
            )
        )
    found = line(station, case)
    assert (found.note, found.tone) == ("已上报待回执, 截至 11月3日交换, 未见回复", "")
    with station.db.read() as session:
        assert receipts.status(session, "hardship_case", case) == "sent"


def test_a_township_does_for_villages_without_a_desk(station: Station, who: str) -> None:
    case = opened(station, who)
    be(station, "township")
    assert not line(station, case).mine, "the village has a desk of its own"
    with station.db.work("停用") as work:
        for node in work.session.query(Node).filter(Node.level == "village"):
            node.status = "revoked"
    assert line(station, case).mine
    assert CaseViews(station).file(case).turn is not None


def test_the_county_s_turn_carries_what_is_proposed(station: Station, who: str) -> None:
    case = at_the_county(station, who)
    shown = CaseViews(station).file(case)
    turn = shown.turn
    assert turn is not None
    assert (turn.step, turn.mine, turn.numbered, turn.needs_amount, turn.right) == (
        "county_decision", True, True, True, "decide",
    )  # fmt: skip
    assert turn.amount == 3000_00
    assert [label for _, label in turn.results] == ["同意", "退回补充材料", "不予批准"]
    assert {fact.label: fact.shown for fact in shown.applicant}["身份证号"] == "361***********0013"


def test_money_waits_for_the_decision_on_paper(station: Station, who: str, tmp_path) -> None:
    case = at_the_county(station, who)
    cases = HardshipCases(station)
    with pytest.raises(Refused, match="还没有批准"):
        cases.number_decision(case, "临退批〔2026〕5号")
    cases.write_step(case, "county_decision", {"result": "pass", "amount": "2000.00", "opinion": "同意"})
    hold = CaseViews(station).file(case).turn
    assert hold is not None
    assert hold.hold.startswith("还没有批复文号, 也没有附“盖章的审批表”")
    assert hold.amount == 2000_00
    scan = tmp_path / "审批表.pdf"
    scan.write_bytes(b"%PDF-1.4 made up")
    attached = Attachments(station).add(f"case:{case}", scan, STAMPED)
    assert CaseViews(station).file(case).turn.hold == ""  # type: ignore[union-attr]  # the case waits for its payment
    assert Attachments(station).content(attached.id) == b"%PDF-1.4 made up"
    Attachments(station).remove(attached.id)
    assert Attachments(station).of(f"case:{case}") == []
    with pytest.raises(BadInput, match="没有填批复文号"):
        cases.number_decision(case, " ")
    cases.number_decision(case, "临退批〔2026〕5号")
    shown = CaseViews(station).file(case)
    assert (shown.turn.hold, shown.fields["decision_number"]) == ("", "临退批〔2026〕5号")  # type: ignore[union-attr]  # as above
    assert not shown.editable


def test_the_number_comes_with_the_decision(station: Station, who: str) -> None:
    case = at_the_county(station, who)
    given = {"result": "pass", "amount": "2000.00", "opinion": "同意", "decision_number": "临退批〔2026〕6号"}
    with pytest.raises(BadInput):
        HardshipCases(station).write_step(case, "pay", given)
    HardshipCases(station).write_step(case, "county_decision", given)
    assert HardshipCases(station).show(case).fields["decision_number"] == "临退批〔2026〕6号"


def test_only_the_county_numbers_a_decision(station: Station, who: str) -> None:
    case = at_the_county(station, who)
    HardshipCases(station).write_step(case, "county_decision", {"amount": "2000.00", "opinion": "同意"})
    be(station, "township")
    with pytest.raises(Refused, match="批复文号只能由县局填写"):
        HardshipCases(station).number_decision(case, "x")


def test_what_the_applicant_says_can_be_put_right_until_it_is_approved(station: Station, who: str) -> None:
    case = opened(station, who)
    cases = HardshipCases(station)
    cases.change(case, {"reason": "大病, 已转院", "amount": "4000.00"})
    assert CaseViews(station).file(case).asked == 4000_00
    with pytest.raises(BadInput) as error:
        cases.change(case, {"reason": "", "amount": "0", "family_size": "99"})
    assert set(error.value.problems) == {"reason", "amount", "family_size"}
    with pytest.raises(BadInput):
        cases.change(case, {"decision_number": "1"})
    advanced(station, case, "apply", "first_review")
    be(station, "township")
    advanced(station, case, "township_review")
    be(station, "county")
    advanced(station, case, "county_decision", amount="100.00")
    with pytest.raises(Refused, match="已经批准"):
        cases.change(case, {"reason": "别的"})


def test_cases_of_a_person_to_choose_from(station: Station, who: str) -> None:
    first = opened(station, who)
    second = opened(station, who, kind="housing")
    assert CaseViews(station).open_of(who) == [(second, "2026-11-23 住房"), (first, "2026-11-23 医疗")]
