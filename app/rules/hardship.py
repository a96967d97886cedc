"""Steps of a hardship case (困难帮扶) as data: who writes what, what follows, how long it may take.

The procedure differs by county and year, so the default is a `Policy` that a bureau replaces by a record.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from app.errors import BadInput
from app.rules import levels
from app.rules.chinese_date import month_and_day
from app.rules.money import format_grouped

PASS, RETURN, REJECT = "pass", "return", "reject"
RESULTS: dict[str, str] = {PASS: "同意", RETURN: "退回补充材料", REJECT: "不予批准"}
# domain §3.2: what the rules of several places name.
KINDS: dict[str, str] = {
    "living": "生活", "medical": "医疗", "education": "教育(入学/助学)", "housing": "住房", "work": "就业创业",
    "accident": "突发意外", "disaster": "自然灾害", "family": "家庭变故", "funeral": "丧葬抚慰", "legal": "法律/心理", "other": "其他",
}  # fmt: skip
DECISION = "county_decision"
CLOSED = ""


@dataclass(frozen=True)
class StepRule:
    """One step of the procedure.

    `level` writes it as a rule; `also` names levels that may write it instead (a township keeps the books of villages
    without a computer). `follows` maps each allowed result to the next step's code, CLOSED ending the case.
    `days` is the limit, counted in working days if `working`. `needs_amount`: a pass states an amount.
    """

    code: str
    label: str
    level: str
    follows: Mapping[str, str]
    days: int
    working: bool = True
    also: tuple[str, ...] = ()
    needs_amount: bool = False


@dataclass(frozen=True)
class Policy:
    """A whole procedure; `delegated_fen` is the largest amount a township may decide itself (社会救助暂行办法 §48)."""

    steps: tuple[StepRule, ...]
    delegated_fen: int = 0
    notice_days: int = 7
    posting_day_counts: bool = True

    def rule(self, code: str) -> StepRule | None:
        """The rule of a step; None if the procedure has no such step."""
        return next((rule for rule in self.steps if rule.code == code), None)

    def to_data(self) -> dict[str, Any]:
        """The form in which it is stored and sent."""
        data = asdict(self)
        data["steps"] = [
            dict(step) | {"follows": dict(step["follows"]), "also": list(step["also"])} for step in data["steps"]
        ]
        return data


@dataclass(frozen=True)
class Step:
    """A step as it was written: amounts in fen; `id` and `after` (the step it follows) tell rivals apart."""

    step: str
    level: str
    result: str = PASS
    amount: int | None = None
    day: dt.date | None = None
    opinion: str = ""
    id: str = ""
    after: str | None = None


@dataclass(frozen=True)
class NextStep:
    """What may be written next, and which level is waited for."""

    step: str
    level: str
    label: str


@dataclass(frozen=True)
class CaseState:
    """How a case stands: `code` is open|returned|rejected|done, `text` the words on the screen."""

    code: str
    text: str
    waiting: NextStep | None = None


@dataclass(frozen=True)
class _Position:
    """Where a sequence of steps has led."""

    code: str
    last: Step | None = None
    approved: int | None = None
    proposed: int | None = None
    paid: list[int] = field(default_factory=list)


DEFAULT = Policy(
    (
        StepRule("apply", "申请受理", "village", {PASS: "first_review"}, 5, also=("township",)),
        StepRule(
            "first_review",
            "村级初审",
            "village",
            {PASS: "township_review", RETURN: "apply", REJECT: CLOSED},
            10,
            also=("township",),
        ),
        StepRule(
            "township_review",
            "乡镇审核",
            "township",
            {PASS: DECISION, RETURN: "first_review", REJECT: CLOSED},
            10,
        ),
        StepRule(
            DECISION,
            "县局审批",
            "county",
            {PASS: "pay", RETURN: "first_review", REJECT: CLOSED},
            10,
            needs_amount=True,
        ),
        # A transfer that the bank sends back is written as a return and paid again.
        StepRule("pay", "发放", "county", {PASS: "archive", RETURN: "pay"}, 15),
        StepRule("archive", "归档", "village", {PASS: CLOSED}, 10, also=("township", "county")),
    ),
)


def policy_from(data: Mapping[str, Any]) -> Policy:
    """A policy from its stored form. Raises BadInput naming every part that makes no sense."""
    problems: dict[str, str] = {}
    steps: list[StepRule] = []
    rows = data.get("steps")
    if not isinstance(rows, list) or not rows:
        raise BadInput("帮扶程序里没有步骤。", {"steps": "至少要有一步。"})
    codes = {row.get("code") for row in rows if isinstance(row, Mapping)}
    for place, row in enumerate(rows, start=1):
        where = f"steps.{place}"
        try:
            rule = StepRule(
                code=str(row["code"]),
                label=str(row["label"]),
                level=str(row["level"]),
                follows={str(result): str(code) for result, code in row["follows"].items()},
                days=int(row["days"]),
                working=bool(row.get("working", True)),
                also=tuple(str(level) for level in row.get("also", ())),
                needs_amount=bool(row.get("needs_amount", False)),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            problems[where] = "缺少 code、label、level、follows 或 days, 或写法不对。"
            continue
        steps.append(rule)
        if text := _rule_problem(rule, codes):
            problems[where] = text
    if len({rule.code for rule in steps}) < len(steps):
        problems["steps"] = "有两步同名。"
    delegated, notice = data.get("delegated_fen", 0), data.get("notice_days", 7)
    if type(delegated) is not int or delegated < 0:
        problems["delegated_fen"] = "下放金额应是不小于 0 的整数(分)。"
    if type(notice) is not int or not 0 <= notice <= 90:
        problems["notice_days"] = "公示天数应在 0 到 90 之间。"
    if problems:
        raise BadInput("帮扶程序的设置不对: " + ";".join(f"{key} {text}" for key, text in problems.items()), problems)
    return Policy(tuple(steps), delegated, notice, bool(data.get("posting_day_counts", True)))


def _rule_problem(rule: StepRule, codes: set[Any]) -> str:
    if not all(levels.is_level(level) for level in (rule.level, *rule.also)):
        return "没有这一级单位。"
    if PASS not in rule.follows or not set(rule.follows) <= set(RESULTS):
        return "结果只能是 pass、return、reject, 其中 pass 必须有。"
    if not set(rule.follows.values()) <= codes | {CLOSED}:
        return "下一步不存在。"
    return "" if 0 <= rule.days <= 3650 else "期限应在 0 到 3650 天之间。"


def next_steps(steps: Sequence[Step], policy: Policy = DEFAULT) -> tuple[NextStep, ...]:
    """What may follow the steps written so far, in their order; nothing once the case is closed."""
    position = _position(steps, policy)
    rule = policy.rule(position.code) if position.code else None
    if rule is None:
        return ()
    level = rule.level
    if rule.code == DECISION and position.proposed is not None and _delegated(position.proposed, policy):
        level = "township"
    return (NextStep(rule.code, level, rule.label),)


def may_write(step: str, level: str, amount: int | None = None, policy: Policy = DEFAULT) -> bool:
    """Whether a level may write a step; the decision may be delegated to the township up to an amount in fen."""
    rule = policy.rule(step)
    if rule is None:
        return False
    if level == rule.level or level in rule.also:
        return True
    return step == DECISION and level == "township" and amount is not None and _delegated(amount, policy)


def problem_with(step: Step, steps: Sequence[Step], policy: Policy = DEFAULT) -> str:
    """Why a step cannot be written after those before it, in Chinese; empty if it can."""
    rule = policy.rule(step.step)
    if rule is None:
        return f"没有“{step.step}”这一步。"
    return (
        _order_problem(step, rule, steps, policy)
        or _right_problem(step, rule, steps, policy)
        or _content_problem(step, rule, steps, policy)
    )


def _order_problem(step: Step, rule: StepRule, steps: Sequence[Step], policy: Policy) -> str:
    expected = next_steps(steps, policy)
    if not expected:
        return f"这件帮扶事项已经{state(steps, policy).text}, 不能再写“{rule.label}”。"
    if expected[0].step != step.step:
        return f"现在要办的是“{expected[0].label}”({levels.NAMES[expected[0].level]}), 还不能写“{rule.label}”。"
    last = steps[-1].day if steps else None
    if step.day is not None and last is not None and step.day < last:
        return f"“{rule.label}”的日期 {step.day} 早于上一步的 {last}。请核对日期。"
    return ""


def _right_problem(step: Step, rule: StepRule, steps: Sequence[Step], policy: Policy) -> str:
    amount = step.amount if step.amount is not None else _position(steps, policy).proposed
    if may_write(step.step, step.level, amount, policy):
        return ""
    if step.step == DECISION:
        if step.level == "township" and policy.delegated_fen and amount is not None:
            return f"{format_grouped(policy.delegated_fen)} 元以内由镇站审批, 这一件超过了。审批意见只能由县局填写。"
        return "审批意见只能由县局填写。"
    return f"“{rule.label}”只能由{levels.NAMES[rule.level]}填写。"


def _content_problem(step: Step, rule: StepRule, steps: Sequence[Step], policy: Policy) -> str:
    if step.result not in rule.follows:
        allowed = "、".join(f"{RESULTS[result]}({result})" for result in rule.follows)
        return f"“{rule.label}”的结果只能是 {allowed}。"
    if step.result != PASS and not step.opinion.strip():
        # 社会救助暂行办法 §11: a refusal gives its reasons in writing.
        return f"“{RESULTS[step.result]}”要写明理由。"
    if step.amount is not None and (type(step.amount) is not int or step.amount < 0):
        return "金额不能是负数。"
    if step.result == PASS and rule.needs_amount and not step.amount:
        return f"“{rule.label}”要填金额。"
    position = _position(steps, policy)
    if step.step == "pay" and step.result == PASS and position.approved is not None:
        over = sum(position.paid) + (position.approved if step.amount is None else step.amount) - position.approved
        if over > 0:
            return f"发放金额超过批准的 {format_grouped(position.approved)} 元, 多出 {format_grouped(over)} 元。"
    return ""


def state(steps: Sequence[Step], policy: Policy = DEFAULT) -> CaseState:
    """How the case stands, in the words of the screen: 待谁办, 退回补充材料, 不予批准, 办结."""
    position = _position(steps, policy)
    if position.code == CLOSED:
        rejected = position.last is not None and position.last.result == REJECT
        return CaseState("rejected", RESULTS[REJECT]) if rejected else CaseState("done", "办结")
    waiting = next_steps(steps, policy)[0]
    text = f"待{levels.NAMES[waiting.level]}办: {waiting.label}"
    if position.last is not None and position.last.result == RETURN and position.last.step != waiting.step:
        return CaseState("returned", f"{RESULTS[RETURN]}, {text}", waiting)
    return CaseState("open", text, waiting)


def approved_amount(steps: Sequence[Step], policy: Policy = DEFAULT) -> int | None:
    """The fen the decision in force approved; None while there is none (a return takes it back)."""
    return _position(steps, policy).approved


def proposed_amount(steps: Sequence[Step], policy: Policy = DEFAULT) -> int | None:
    """The fen of the newest opinion that named an amount; None if none did."""
    return _position(steps, policy).proposed


def unpaid_amount(steps: Sequence[Step], policy: Policy = DEFAULT) -> int:
    """What is approved and not paid yet, in fen."""
    position = _position(steps, policy)
    return max(0, (position.approved or 0) - sum(position.paid))


def ahead(steps: Sequence[Step], policy: Policy = DEFAULT) -> tuple[NextStep, ...]:
    """The steps still to come if everybody agrees, the one that is waited for first."""
    following = list(next_steps(steps, policy))
    while following and (rule := policy.rule(following[-1].step)) is not None:
        after = policy.rule(rule.follows[PASS])
        if after is None or any(one.step == after.code for one in following):
            break
        following.append(NextStep(after.code, after.level, after.label))
    return tuple(following)


def due_day(start: dt.date, step: str, is_working_day: Callable[[dt.date], bool], policy: Policy = DEFAULT) -> dt.date:
    """The last day of a step's limit; the day it begins is not counted (民法典 §201). Raises BadInput."""
    rule = policy.rule(step)
    if rule is None:
        raise BadInput(f"没有“{step}”这一步。")
    day, left = start, rule.days
    while left > 0:
        day += dt.timedelta(days=1)
        if not rule.working or is_working_day(day):
            left -= 1
    return day


def notice_end(posted: dt.date, policy: Policy = DEFAULT) -> dt.date:
    """The last day of the public notice (公示); whether the posting day counts is the policy's."""
    return posted + dt.timedelta(days=policy.notice_days - (1 if policy.posting_day_counts else 0))


def notice_problem(posted: dt.date, today: dt.date, policy: Policy = DEFAULT) -> str:
    """Why the case must still wait for its notice, in Chinese; empty from the day after it is complete."""
    last = notice_end(posted, policy)
    if today > last:
        return ""
    following = last + dt.timedelta(days=1)
    when = f"{following.day} 日" if following.month == last.month else month_and_day(following)
    return f"公示到 {month_and_day(last)}满 {policy.notice_days} 天, {when}起可以往下办。"


def rivals(steps: Iterable[Step]) -> tuple[tuple[Step, ...], ...]:
    """Steps written apart that follow the same one (two approvals): each group is for a person to settle."""
    groups: dict[str | None, list[Step]] = {}
    for step in steps:
        groups.setdefault(step.after, []).append(step)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def _delegated(amount: int, policy: Policy) -> bool:
    return 0 < amount <= policy.delegated_fen


def _position(steps: Sequence[Step], policy: Policy) -> _Position:
    """Follow the steps; one that its predecessor does not lead to counts nothing, so no order of arrival breaks it."""
    position = _Position(policy.steps[0].code)
    for step in steps:
        rule = policy.rule(step.step)
        if rule is None or rule.code != position.code or step.result not in rule.follows:
            continue
        approved, proposed, paid = position.approved, position.proposed, list(position.paid)
        if step.amount is not None and step.step not in {"pay", "archive"}:
            proposed = step.amount
        if step.step == DECISION:
            approved = step.amount if step.result == PASS else None
        if step.step == "pay":
            # A payment without an amount is one of all that was approved.
            paid = [*paid, (approved or 0) if step.amount is None else step.amount] if step.result == PASS else paid
        position = _Position(rule.follows[step.result], step, approved, proposed, paid)
    return position
