import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app import clock
from app.errors import BadInput, Refused
from app.models import CaseStep, Node, Policy
from app.rules import hardship
from app.services.cases import HardshipCases
from app.services.papers import Papers
from app.services.station import Station
from tests.services.records import contest, person

pytestmark = pytest.mark.usefixtures("fixed_now")
PASS = {"result": "pass", "opinion": "情况属实"}


@pytest.fixture
def who(station: Station) -> str:
    return person(station)


def opened(station: Station, who: str, **fields) -> str:
    return (
        HardshipCases(station)
        .open({"person": who, "reason": "突发重病", "amount": "3000.00", "kind": "medical", **fields})
        .id
    )


def be(station: Station, level: str) -> None:
    """Sit at the desk of another level that answers for the same village."""
    scope = {"village": "361002100201", "township": "361002100", "county": "361002"}[level]
    node = clock.new_id()
    with station.db.work("换单位") as work:
        work.session.add(
            Node(id=node, name=level, level=level, scopes=scope, home=scope.ljust(12, "0"), status="active")
        )
    with station.db.engine.begin() as connection, station.db.door(connection):
        connection.execution_options(ronggui_write=True)
        connection.exec_driver_sql("UPDATE local SET node = ? WHERE id = 1", (bytes.fromhex(node),))
    station.refresh()


def step(station: Station, case: str, name: str, **values) -> str:
    return HardshipCases(station).write_step(case, name, {**PASS, **values})


def reviewed(station: Station, case: str) -> None:
    step(station, case, "apply")
    step(station, case, "first_review", amount="2500.00")
    be(station, "township")
    step(station, case, "township_review", amount="2000.00")


def nexts(station: Station, case: str) -> list[tuple[str, str]]:
    return [(n.step, n.level) for n in HardshipCases(station).show(case).next]


def test_from_the_desk_to_the_archive(station: Station, who: str) -> None:
    case = opened(station, who)
    assert nexts(station, case) == [("apply", "village")]
    reviewed(station, case)
    assert nexts(station, case) == [("county_decision", "county")]
    be(station, "county")
    step(station, case, "county_decision", amount="1800.00")
    shown = HardshipCases(station).show(case)
    assert (shown.approved, [n.step for n in shown.next]) == (180000, ["pay"])
    with pytest.raises(Refused, match="发放金额超过批准的"):
        step(station, case, "pay", amount="1800.01")
    step(station, case, "pay", amount="1800.00")
    step(station, case, "archive")
    shown = HardshipCases(station).show(case)
    assert (shown.state.code, shown.next) == ("done", ())
    assert [s["step"] for s in shown.steps] == [
        "apply",
        "first_review",
        "township_review",
        "county_decision",
        "pay",
        "archive",
    ]
    with pytest.raises(Refused, match="办结"):
        step(station, case, "pay", amount="1.00")


def test_only_the_county_decides(station: Station, who: str) -> None:
    case = opened(station, who)
    reviewed(station, case)
    with pytest.raises(Refused) as error:
        step(station, case, "county_decision", amount="1800.00")
    assert str(error.value) == "审批意见只能由县局填写。"


def test_steps_keep_their_order(station: Station, who: str) -> None:
    case = opened(station, who)
    with pytest.raises(Refused, match="现在要办的是“申请受理”"):
        step(station, case, "first_review")
    with pytest.raises(BadInput, match="没有“wish”这一步"):
        step(station, case, "wish")


def test_a_clerk_does_not_review(station: Station, who: str) -> None:
    case = opened(station, who)
    step(station, case, "apply")
    step(station, case, "first_review")
    be(station, "township")
    station.roles = ("clerk",)
    with pytest.raises(Refused, match="您的岗位不能审核"):
        step(station, case, "township_review")


def test_a_refusal_gives_its_reasons(station: Station, who: str) -> None:
    case = opened(station, who)
    step(station, case, "apply")
    with pytest.raises(Refused, match="要写明理由"):
        step(station, case, "first_review", result="reject", opinion="")
    step(station, case, "first_review", result="return", opinion="缺票据")
    assert HardshipCases(station).show(case).state.code == "returned"
    assert nexts(station, case) == [("apply", "village")]


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"result": "maybe"}, "result"), ({"amount": 1800}, "amount"), ({"amount": "-1"}, "amount"),
        ({"colour": "red"}, "colour"), ({"day": "2026-12-01"}, "day"), ({"follows": "x"}, "follows"),
    ],
)  # fmt: skip
def test_bad_steps_are_named(station: Station, who: str, values: dict[str, object], wrong: str) -> None:
    case = opened(station, who)
    with pytest.raises(BadInput) as error:
        HardshipCases(station).write_step(case, "apply", values)
    assert set(error.value.problems) == {wrong}


def test_bad_cases_are_named_all_at_once(station: Station) -> None:
    with pytest.raises(BadInput) as error:
        HardshipCases(station).open({"amount": 3, "opened": "2027-01-01", "decision_number": "1", "family_size": "0"})
    assert set(error.value.problems) == {"person", "reason", "amount", "opened", "decision_number", "family_size"}


def test_a_second_case_within_a_year_is_said(station: Station, who: str) -> None:
    opened(station, who, opened="2026-03-01")
    again = HardshipCases(station).open({"person": who, "reason": "又病了", "kind": "medical"})
    assert "一年内已经申请过“医疗”帮扶(2026-03-01)" in again.warnings[0]
    assert HardshipCases(station).open({"person": who, "reason": "房子漏", "kind": "housing"}).warnings == ()


def test_two_decisions_made_apart_stop_the_case(station: Station, who: str) -> None:
    case = opened(station, who)
    reviewed(station, case)
    be(station, "county")
    step(station, case, "county_decision", amount="1800.00")
    with station.db.read() as session:
        before = next(s for s in session.query(CaseStep) if s.step == "county_decision")
    with station.db.work("另一台电脑上审批") as work:
        work.session.add(
            CaseStep(case=case, step="county_decision", result="reject", opinion="不符合", day="2026-11-23",
                     by_node=before.by_node, follows=before.follows, home=before.home)
        )  # fmt: skip
    shown = HardshipCases(station).show(case)
    assert (shown.forked, shown.next, shown.approved) == (True, (), None)
    assert len(shown.steps) == 5
    with pytest.raises(Refused, match="两份分头填写的意见"):
        step(station, case, "pay", amount="1.00")
    with station.db.work("冲销") as work:
        wrong = next(s for s in work.session.query(CaseStep) if s.result == "reject")
        work.session.add(
            CaseStep(case=case, step=wrong.step, result=wrong.result, day=wrong.day, by_node=wrong.by_node,
                     reverses=wrong.id, home=wrong.home)
        )  # fmt: skip
    shown = HardshipCases(station).show(case)
    assert (shown.forked, shown.approved, [n.step for n in shown.next]) == (False, 180000, ["pay"])


def test_a_step_after_one_taken_back_follows_what_stands(station: Station, who: str) -> None:
    case = opened(station, who)
    step(station, case, "apply")
    review = step(station, case, "first_review")
    with station.db.work("冲销") as work:
        row = work.session.get_one(CaseStep, review)
        work.session.add(
            CaseStep(
                case=case,
                step=row.step,
                result=row.result,
                day=row.day,
                by_node=row.by_node,
                reverses=review,
                home=row.home,
            )
        )
    assert nexts(station, case) == [("first_review", "village")]
    step(station, case, "first_review")
    assert nexts(station, case) == [("township_review", "township")]


def policy(station: Station, starts: str, **changes) -> str:
    data = {**hardship.DEFAULT.to_data(), **changes}
    with station.db.work("政策") as work:
        record = Policy(name="hardship.steps", starts=starts, value=json.dumps(data), home=station.place.home)
        work.session.add(record)
        work.session.flush()
        return record.id


def test_a_case_keeps_the_procedure_it_was_opened_with(station: Station, who: str) -> None:
    policy(station, "2026-01-01")
    old = opened(station, who, opened="2026-06-01")
    newest = policy(station, "2026-07-01", delegated_fen=200000)
    policy(station, "2027-01-01", delegated_fen=900000)
    new = opened(station, who, kind="housing")
    for case in (old, new):
        step(station, case, "apply")
        step(station, case, "first_review", amount="1500.00")
    be(station, "township")
    for case in (old, new):
        step(station, case, "township_review")
    assert nexts(station, old) == [("county_decision", "county")]
    assert nexts(station, new) == [("county_decision", "township")]
    step(station, new, "county_decision", amount="2000.00")
    with pytest.raises(Refused, match="审批意见只能由县局填写"):
        step(station, old, "county_decision", amount="2000.00")
    assert HardshipCases(station).show(new).approved == 200000
    with station.db.read() as session:
        assert session.get_one(Policy, newest).starts == "2026-07-01"


def test_overdue_by_working_days(station: Station, who: str) -> None:
    # Received on Monday 16 November: 5 working days end on Monday 23; one week earlier they ended on the 16th.
    opened(station, who, opened="2026-11-16")
    late = opened(station, who, opened="2026-11-09", kind="housing")
    rows = HardshipCases(station).overview(due=True)
    assert [(row.id, row.due, row.mine) for row in rows] == [(late, dt.date(2026, 11, 16), True)]
    assert len(HardshipCases(station).overview()) == 2


def test_disputed_amounts_are_not_decided(station: Station, who: str) -> None:
    case = opened(station, who)
    reviewed(station, case)
    be(station, "county")
    contest(station, "hardship_case", case, amount=900000)
    with pytest.raises(Refused, match="两边填的不一样"):
        step(station, case, "county_decision", amount="1800.00")


def test_a_case_of_another_area_is_not_written(station: Station, new_station: Callable[..., Station], who: str) -> None:
    case = opened(station, who)
    be_other = "361003"
    with station.db.work("换单位") as work:
        node = work.session.get_one(Node, station.place.node)
        node.scopes = be_other
    station.refresh()
    with pytest.raises(Refused, match="不在本单位管辖范围"):
        step(station, case, "apply")


def test_the_form_prints_what_was_decided(station: Station, who: str, tmp_path: Path) -> None:
    case = opened(station, who)
    step(station, case, "apply")
    first = Papers(station).print_form("F07", f"case:{case}", tmp_path / "a.pdf")
    assert first.number == "桥头村退帮字〔2026〕第0001号"
    again = Papers(station).print_form("F07", f"case:{case}", tmp_path / "b.pdf")
    assert (again.number, again.reprint) == (first.number, 1)
    assert HardshipCases(station).show(case).fields["number"] == first.number
