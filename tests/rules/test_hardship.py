"""The steps of a hardship case as data."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules.hardship import (
    DEFAULT,
    RESULTS,
    NextStep,
    Policy,
    Step,
    approved_amount,
    due_day,
    may_write,
    next_steps,
    notice_end,
    notice_problem,
    policy_from,
    problem_with,
    rivals,
    state,
)

APPLY = Step("apply", "village", amount=3000_00)
FIRST = Step("first_review", "village", opinion="家庭困难, 情况属实")
TOWN = Step("township_review", "township", amount=2000_00)
COUNTY = Step("county_decision", "county", amount=2000_00)
PAY = Step("pay", "county", amount=2000_00)
ARCHIVE = Step("archive", "village")
WHOLE = (APPLY, FIRST, TOWN, COUNTY, PAY, ARCHIVE)
DELEGATING = replace(DEFAULT, delegated_fen=1000_00)


def codes(steps, policy=DEFAULT):
    return [(step.step, step.level) for step in next_steps(steps, policy)]


def test_the_whole_way():
    levels = ["village", "village", "township", "county", "county", "village"]
    for place, step in enumerate(WHOLE):
        assert codes(WHOLE[:place]) == [(step.step, levels[place])]
        assert problem_with(step, WHOLE[:place]) == ""
        assert state(WHOLE[:place]).code == "open"
    assert next_steps(WHOLE) == ()
    assert state(WHOLE).text == "办结"
    assert approved_amount(WHOLE) == 2000_00


def test_words_of_the_screen():
    assert state([]).text == "待村站办: 申请受理"
    assert state([APPLY, FIRST]).text == "待镇站办: 乡镇审核"
    assert state(WHOLE[:3]).waiting == NextStep("county_decision", "county", "县局审批")
    returned = state([APPLY, FIRST, replace(TOWN, result="return", opinion="缺诊断证明")])
    assert (returned.code, returned.text) == ("returned", "退回补充材料, 待村站办: 村级初审")
    assert state([APPLY, FIRST, replace(TOWN, result="reject", opinion="不符合条件")]).text == "不予批准"


def test_a_return_goes_round_again():
    back = [APPLY, FIRST, TOWN, replace(COUNTY, result="return", amount=None, opinion="补材料")]
    assert codes(back) == [("first_review", "village")]
    assert approved_amount([*back]) is None
    assert problem_with(TOWN, back).startswith("现在要办的是“村级初审”(村站)")
    again = [*back, FIRST, TOWN, COUNTY]
    assert codes(again) == [("pay", "county")]


def test_a_village_sends_back_to_the_applicant():
    assert codes([APPLY, replace(FIRST, result="return", opinion="缺身份证")]) == [("apply", "village")]


def test_nothing_follows_a_refusal():
    refused = [APPLY, FIRST, replace(TOWN, result="reject", opinion="不符合条件")]
    assert next_steps(refused) == ()
    assert problem_with(COUNTY, refused) == "这件帮扶事项已经不予批准, 不能再写“县局审批”。"


def test_the_decision_is_the_countys():
    for level in ("village", "township"):
        assert problem_with(replace(COUNTY, level=level), WHOLE[:3]) == "审批意见只能由县局填写。"
        assert not may_write("county_decision", level, 1_00)
    assert may_write("county_decision", "county")


def test_small_sums_may_be_delegated():
    assert may_write("county_decision", "township", 1000_00, DELEGATING)
    assert not may_write("county_decision", "township", 1000_01, DELEGATING)
    assert not may_write("county_decision", "township", None, DELEGATING)
    assert not may_write("county_decision", "township", 0, DELEGATING)
    assert not may_write("county_decision", "village", 1_00, DELEGATING)
    small = [APPLY, FIRST, replace(TOWN, amount=800_00)]
    assert codes(small, DELEGATING) == [("county_decision", "township")]
    assert codes(small) == [("county_decision", "county")]
    assert problem_with(Step("county_decision", "township", amount=800_00), small, DELEGATING) == ""
    too_much = problem_with(Step("county_decision", "township", amount=1200_00), small, DELEGATING)
    assert too_much == "1,000.00 元以内由镇站审批, 这一件超过了。审批意见只能由县局填写。"


def test_a_township_keeps_the_books_of_a_village():
    assert may_write("apply", "township")
    assert may_write("first_review", "township")
    assert not may_write("first_review", "county")
    assert not may_write("township_review", "village")
    assert not may_write("pay", "township")
    assert not may_write("no_such_step", "county")


@pytest.mark.parametrize(
    ("step", "before", "says"),
    [
        (Step("dance", "village"), (), "没有“dance”这一步"),
        (FIRST, (), "现在要办的是“申请受理”"),
        (replace(APPLY, result="reject", opinion="x"), (), "结果只能是 同意(pass)"),
        (replace(TOWN, result="reject"), WHOLE[:2], "要写明理由"),
        (replace(TOWN, result="return", opinion=" "), WHOLE[:2], "要写明理由"),
        (replace(COUNTY, amount=None), WHOLE[:3], "要填金额"),
        (replace(COUNTY, amount=0), WHOLE[:3], "要填金额"),
        (replace(TOWN, amount=-1), WHOLE[:2], "不能是负数"),
        (replace(TOWN, level="village"), WHOLE[:2], "“乡镇审核”只能由镇站填写"),
        (replace(PAY, amount=2000_01), WHOLE[:4], "超过批准的 2,000.00 元, 多出 0.01 元"),
        (replace(FIRST, day=dt.date(2026, 8, 1)), (replace(APPLY, day=dt.date(2026, 8, 2)),), "早于上一步"),
    ],
)
def test_what_cannot_be_written_is_said(step, before, says):
    assert says in problem_with(step, before)


def test_a_transfer_sent_back_is_paid_again():
    failed = [*WHOLE[:4], replace(PAY, result="return", opinion="户名不符")]
    assert codes(failed) == [("pay", "county")]
    assert problem_with(PAY, failed) == ""


def test_a_payment_without_an_amount_is_of_all_that_was_approved():
    assert problem_with(replace(PAY, amount=None), WHOLE[:4]) == ""


def test_steps_that_lead_nowhere_count_nothing():
    # Two approvals made apart: the second follows a step that no longer waits for it.
    assert codes([*WHOLE[:4], COUNTY]) == [("pay", "county")]


def test_rivals():
    one, two = replace(COUNTY, id="a", after="t"), replace(COUNTY, id="b", after="t", amount=1000_00)
    assert rivals([replace(TOWN, id="t", after="f"), one, two]) == ((one, two),)
    assert rivals([replace(TOWN, id="t", after="f"), one]) == ()


def test_limits():
    def working(day):
        return day.weekday() < 5

    # Monday 2026-08-03, ten working days: Monday 17th; the day it begins is not counted.
    assert due_day(dt.date(2026, 8, 3), "first_review", working) == dt.date(2026, 8, 17)
    calendar_days = Policy(tuple(replace(rule, working=False) for rule in DEFAULT.steps))
    assert due_day(dt.date(2026, 8, 3), "first_review", working, calendar_days) == dt.date(2026, 8, 13)
    with pytest.raises(BadInput):
        due_day(dt.date(2026, 8, 3), "dance", working)


def test_notice():
    posted = dt.date(2026, 10, 19)
    assert notice_end(posted) == dt.date(2026, 10, 25)
    assert notice_problem(posted, dt.date(2026, 10, 25)) == "公示到 10 月 25 日满 7 天, 26 日起可以往下办。"
    assert notice_problem(posted, dt.date(2026, 10, 26)) == ""
    later = replace(DEFAULT, posting_day_counts=False)
    assert notice_end(posted, later) == dt.date(2026, 10, 26)
    assert "11 月 1 日起" in notice_problem(dt.date(2026, 10, 25), dt.date(2026, 10, 26))


def test_a_policy_travels_as_data():
    policy = replace(DELEGATING, notice_days=5)
    data = json.loads(json.dumps(policy.to_data()))
    assert policy_from(data) == policy


def test_a_policy_may_add_a_step():
    data = DEFAULT.to_data()
    data["steps"][0]["follows"]["pass"] = "check"
    check = {
        "code": "check",
        "label": "家庭经济状况核对",
        "level": "township",
        "follows": {"pass": "first_review"},
        "days": 15,
    }
    data["steps"].insert(1, check)
    policy = policy_from(data)
    assert codes([APPLY], policy) == [("check", "township")]
    assert codes([APPLY, Step("check", "township")], policy) == [("first_review", "village")]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"steps": []}, "steps"),
        ({"delegated_fen": -1}, "delegated_fen"),
        ({"delegated_fen": 1.5}, "delegated_fen"),
        ({"notice_days": 400}, "notice_days"),
        ({"steps": [{"code": "apply"}]}, "steps.1"),
        ({"steps": [{"code": "a", "label": "a", "level": "moon", "follows": {"pass": ""}, "days": 1}]}, "steps.1"),
        ({"steps": [{"code": "a", "label": "a", "level": "city", "follows": {"pass": "b"}, "days": 1}]}, "steps.1"),
        ({"steps": [{"code": "a", "label": "a", "level": "city", "follows": {"maybe": ""}, "days": 1}]}, "steps.1"),
        ({"steps": [{"code": "a", "label": "a", "level": "city", "follows": {"pass": ""}, "days": -1}]}, "steps.1"),
        ({"steps": [{"code": "a", "label": "a", "level": "city", "follows": {"pass": ""}, "days": 1}] * 2}, "steps"),
    ],
)
def test_a_broken_policy_names_what_is_wrong(change, key):
    with pytest.raises(BadInput) as caught:
        policy_from(DEFAULT.to_data() | change)
    assert key in caught.value.problems


@given(st.lists(st.tuples(st.sampled_from([rule.code for rule in DEFAULT.steps]), st.sampled_from(list(RESULTS)))))
def test_any_order_of_steps_gives_one_answer(wanted):
    written: list[Step] = []
    for code, result in wanted:
        rule = DEFAULT.rule(code)
        assert rule is not None
        step = Step(code, rule.level, result, 100, opinion="理由")
        allowed = problem_with(step, written) == ""
        before = next_steps(written)
        written.append(step)
        if not allowed:
            # What could not be written changes nothing even if it arrives, but for money beyond the approval.
            assert next_steps(written) == before or code == "pay"
    assert len(next_steps(written)) <= 1
    assert (next_steps(written) == ()) == (state(written).code in {"done", "rejected"})
