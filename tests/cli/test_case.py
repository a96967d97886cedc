import pytest

from app.errors import BadInput, Refused
from app.services.station import Station
from tests.services.records import person

pytestmark = pytest.mark.usefixtures("fixed_now")


@pytest.fixture
def case(station: Station, run) -> str:
    given = {
        "person": person(station),
        "reason": "突发重病",
        "amount": "3000.00",
        "family_income": "12000.00",
        "family_size": 3,
    }
    opened = run("case", "open", "-", stdin=given)
    assert set(opened) == {"id"}
    return str(opened["id"])


def test_a_case_as_it_goes_on(run, case: str) -> None:
    shown = run("case", "show", case)
    assert shown["fields"]["amount"] == "3000.00"
    assert shown["next"] == [{"step": "apply", "level": "village"}]
    run("case", "step", case, "apply", "-", stdin={"result": "pass", "opinion": "材料齐全"})
    shown = run(
        "case", "step", case, "first_review", "-", stdin={"result": "pass", "opinion": "属实", "amount": "2000.00"}
    )
    assert [(s["step"], s["result"], s["amount"]) for s in shown["steps"]] == [
        ("apply", "pass", None),
        ("first_review", "pass", "2000.00"),
    ]
    assert shown["next"] == [{"step": "township_review", "level": "township"}]
    assert shown["forked"] is False
    with pytest.raises(Refused, match="乡镇审核"):
        run("case", "step", case, "county_decision", "-", stdin={"result": "pass", "amount": "2000.00"})


def test_a_step_of_another_level(run, case: str) -> None:
    for step in ("apply", "first_review"):
        run("case", "step", case, step, "result=pass")
    with pytest.raises(Refused, match="“乡镇审核”只能由镇站填写"):
        run("case", "step", case, "township_review", "result=pass")


def test_cases_are_listed(run, case: str) -> None:
    (row,) = run("case", "list")["cases"]
    assert (row["id"], row["step"], row["level"], row["due"], row["overdue"]) == (
        case,
        "apply",
        "village",
        "2026-11-30",
        False,
    )
    assert run("case", "list", "--due")["cases"] == []


def test_numbers_are_refused(run, case: str) -> None:
    with pytest.raises(BadInput):
        run("case", "step", case, "apply", "-", stdin={"result": "pass", "amount": 20})


def test_unknown_cases(run) -> None:
    with pytest.raises(Refused, match="没有这个帮扶事项"):
        run("case", "show", "0" * 32)
    with pytest.raises(BadInput, match="不是记录编号"):
        run("case", "show", "abc")
