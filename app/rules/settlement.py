"""Settlement after service (安置): ways by kind of soldier, grounds for arranged work, clocks of the 2024 regulation."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from app.rules.dated_codes import Dated, DatedTable
from app.rules.military import CIVIL, CONSCRIPT, NCO, OFFICER
from app.rules.partial_date import PartialDate

WAYS: Final = DatedTable("安置方式", "退役军人安置条例(2024) §5, §12, §92", {
    "retirement": Dated("退休", also=("退休安置",), groups=(OFFICER, NCO, CIVIL)),
    "transfer": Dated("转业", also=("计划分配", "转业安置", "计划分配转业"), groups=(OFFICER, CIVIL)),
    "monthly_pay": Dated("逐月领取退役金", "2021", "", ("逐月", "逐月领取"), (OFFICER, NCO, CIVIL)),
    "demobilisation": Dated("复员", also=("复员安置",), groups=(OFFICER, CIVIL)),
    "own_choice": Dated("自主择业", "2001", "2024-08", ("自主择业转业",), (OFFICER, CIVIL)),
    "own_employment": Dated("自主就业", also=("自谋职业", "自主就业安置"), groups=(NCO, CONSCRIPT)),
    "arranged_work": Dated("安排工作", also=("政府安排工作", "安排就业", "转业(士官)"), groups=(NCO, CONSCRIPT)),
    "support": Dated("供养", also=("国家供养", "集中供养", "分散供养"), groups=(NCO, CONSCRIPT)),
})  # fmt: skip

WORK_GROUNDS: Final = DatedTable("安排工作条件", "退役军人安置条例(2024) §25", {
    "twelve_years": Dated("军士服现役满12年", groups=(NCO,)),
    "honour_title": Dated("获得勋章、荣誉称号", groups=(NCO, CONSCRIPT)),
    "merit": Dated("三等战功、二等功以上奖励", groups=(NCO, CONSCRIPT)),
    "commendation": Dated("获得一级表彰", groups=(NCO, CONSCRIPT)),
    "wounded": Dated("因战致残5级至8级", groups=(NCO, CONSCRIPT)),
    "martyrs_child": Dated("烈士子女", groups=(NCO, CONSCRIPT)),
})  # fmt: skip

WORK_GROUND_YEARS: Final = 12
REPORT_WITHIN: Final = dt.timedelta(days=30)
"""From the day the discharge was approved (§51); thirty days later still the claim is given up."""
CLAIM_LOST_AFTER: Final = dt.timedelta(days=60)
WORK_WITHIN_MONTHS: Final = 6
DISABILITY_TRANSFER_WITHIN: Final = dt.timedelta(days=60)
"""军人抚恤优待条例 §30: from the discharge papers to the application at the county."""
_IN_FORCE: Final = PartialDate(2024, 9, 1)


def allowed(way: str, group: str, discharged: PartialDate | None = None) -> str:
    """Why a way of settlement does not go with a kind of soldier, in Chinese; empty if it does or nobody can tell."""
    dated = WAYS.codes.get(way)
    if dated is None or not group:
        return ""
    if dated.groups and group not in dated.groups:
        fits = "、".join(WAYS.choices(group=group).values())
        return f"{WAYS.label(way)}不是{_KINDS[group]}的安置方式(退役军人安置条例: {fits})。请核对。"
    if discharged is not None and dated.held(discharged, discharged) is False:
        return f"安置方式“{dated.words}”({dated.period})与退役时间 {discharged} 对不上。请核对。"
    return ""


def report_due(approved: dt.date) -> dt.date:
    """The last day for 自主就业 to report in."""
    return approved + REPORT_WITHIN


def reported_late(approved: dt.date, reported: dt.date) -> str:
    """What a late report means; empty if it was in time. Reasons are for people to weigh."""
    if PartialDate.of(approved).surely_before(_IN_FORCE) or reported <= report_due(approved):
        return ""
    days = (reported - report_due(approved)).days
    if reported > approved + CLAIM_LOST_AFTER:
        return f"报到超过期限 {days} 天, 无正当理由超过 30 日视为放弃安置待遇(退役军人安置条例 §51)。请核对原因。"
    return f"报到超过期限 {days} 天。请核对原因。"


_KINDS: Final[Mapping[str, str]] = {OFFICER: "军官", NCO: "军士", CONSCRIPT: "义务兵", CIVIL: "文职干部"}
