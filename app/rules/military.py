"""Services, ranks, discharge papers and honours of the forces, each with the years in which it was borne.

The years are common knowledge, not quotations of law: they warn (app/rules/register_checks.py) and never block.
"""

from collections.abc import Mapping
from typing import Final

from app.rules.dated_codes import Dated, DatedTable
from app.rules.partial_date import PartialDate

OFFICER: Final = "officer"
NCO: Final = "nco"
CONSCRIPT: Final = "conscript"
CIVIL: Final = "civil"
GROUPS: Final[Mapping[str, str]] = {
    OFFICER: "军官", NCO: "军士(士官)", CONSCRIPT: "义务兵", CIVIL: "文职干部",
}  # fmt: skip

SERVICES: Final = DatedTable("军种", "军队历次编制调整", {
    "army": Dated("陆军"),
    "navy": Dated("海军", "1949-04"),
    "air_force": Dated("空军", "1949-11"),
    "second_artillery": Dated("第二炮兵", "1966-07", "2015-12", ("二炮", "二炮部队", "第二炮兵部队")),
    "rocket_force": Dated("火箭军", "2015-12"),
    "strategic_support": Dated("战略支援部队", "2015-12", "2024-04", ("战支",)),
    "aerospace": Dated("军事航天部队", "2024-04"),
    "cyberspace": Dated("网络空间部队", "2024-04"),
    "information_support": Dated("信息支援部队", "2024-04"),
    "joint_logistics": Dated("联勤保障部队", "2016-09"),
    "armed_police": Dated("武警部队", "1982-06", "", ("武警", "武装警察", "中国人民武装警察部队", "武装警察部队")),
    "railway_corps": Dated("铁道兵", "1948", "1984-01"),
    "engineer_corps": Dated("工程兵", "1951", "1982", ("工兵",)),
    "capital_engineering": Dated("基建工程兵", "1966-08", "1983", ("基本建设工程兵",)),
    "public_security": Dated("公安军", "1950", "1966", ("公安部队", "中国人民解放军公安军")),
    "volunteers": Dated("中国人民志愿军", "1950-10", "1958-10", ("志愿军", "抗美援朝志愿军")),
})  # fmt: skip

_RANKS_OF_1955: Final = ("1955-09", "1965-06")
_RANKS_OF_1988: Final = ("1988-10", "")
_NCO_OF_1988: Final = ("1988-10", "1999-11")
_NCO_OF_1999: Final = ("1999-12", "2009-11")
_NCO_OF_2009: Final = ("2009-12", "2022-03")
_NCO_OF_2022: Final = ("2022-03", "")


def _ranks(prefix: str, words: str, years: tuple[str, str], *groups: str) -> dict[str, Dated]:
    """Ranks of one system, the lowest first; a code is the system and the place in it."""
    return {
        f"{prefix}{place:02d}": Dated(word, *years, groups=groups) for place, word in enumerate(words.split(), start=1)
    }


RANKS: Final = DatedTable("军衔", "1955、1988、1999、2009、2022 年军衔制度", {
    **_ranks("c55-", "列兵 上等兵", _RANKS_OF_1955, CONSCRIPT),
    **_ranks("n55-", "下士 中士 上士", _RANKS_OF_1955, CONSCRIPT, NCO),
    **_ranks("o55-", "准尉 少尉 中尉 上尉 大尉 少校 中校 上校 大校 少将 中将 上将 大将 元帅", _RANKS_OF_1955, OFFICER),
    **_ranks("c88-", "列兵 上等兵", _RANKS_OF_1988, CONSCRIPT),
    # Conscripts who led a squad bore these; volunteers were 专业军士 and 军士长.
    **_ranks("c88s-", "下士 中士 上士", _NCO_OF_1988, CONSCRIPT),
    **_ranks("n88-", "专业军士 军士长", _NCO_OF_1988, NCO),
    "n78-01": Dated("志愿兵", "1978-03", "1999-11", groups=(NCO,)),
    **_ranks("n99-", "一级士官 二级士官 三级士官 四级士官 五级士官 六级士官", _NCO_OF_1999, NCO),
    **_ranks("n09-", "下士 中士 上士 四级军士长 三级军士长 二级军士长 一级军士长", _NCO_OF_2009, NCO),
    **_ranks("n22-", "下士 中士 二级上士 一级上士 三级军士长 二级军士长 一级军士长", _NCO_OF_2022, NCO),
    **_ranks("o88-", "少尉 中尉 上尉 少校 中校 上校 大校 少将 中将 上将", _RANKS_OF_1988, OFFICER),
    "o88-11": Dated("一级上将", "1988-10", "1994-05", groups=(OFFICER,)),
    **_ranks("v88-", "文职九级 文职八级 文职七级 文职六级 文职五级 文职四级 文职三级 文职二级 文职一级 文职特级",
             ("1988-08", ""), CIVIL),
})  # fmt: skip

DISCHARGE_PAPERS: Final = DatedTable("退役证件", "优待证相片规范所列证件; 2024 年起的名称", {
    "transfer": Dated("转业证", also=("转业证明书", "军队干部转业证书"), groups=(OFFICER, NCO, CIVIL)),
    "demobilisation": Dated("复员证", also=("复员证明书", "复员军人证明书", "复员军人证"), groups=(OFFICER, NCO, CONSCRIPT)),
    "discharge": Dated("退伍证", "1955", "2011-10", ("退伍军人证", "退伍军人证明书", "义务兵退伍证"), (CONSCRIPT, NCO)),
    "retirement": Dated("离休退休证", also=("离休证", "退休证", "军官退休证", "离休荣誉证"), groups=(OFFICER, NCO, CIVIL)),
    "nco_release": Dated("军士退出现役证", also=("士官退出现役证", "退出现役证(士官)", "军士退役证"), groups=(NCO,)),
    "conscript_release": Dated("义务兵退出现役证", also=("退出现役证", "义务兵退役证"), groups=(CONSCRIPT,)),
    "officer_release": Dated("军官退出现役证", also=("逐月领取退役金军官证",), groups=(OFFICER,)),
})  # fmt: skip

HONOURS: Final = DatedTable("奖励", "退役军人安置条例 §22, 军人抚恤优待条例 §16", {
    "medal": Dated("勋章", also=("获得勋章",)),
    "state_title": Dated("国家荣誉称号"),
    "central_title": Dated("党中央、国务院、中央军委授予荣誉称号", also=("荣誉称号", "授予荣誉称号")),
    "delegated_title": Dated("中央军委授权单位授予荣誉称号"),
    "war_merit_1": Dated("一等战功"),
    "war_merit_2": Dated("二等战功"),
    "war_merit_3": Dated("三等战功"),
    "war_merit_4": Dated("四等战功"),
    "commendation_1": Dated("一级表彰"),
    "commendation_2": Dated("二级表彰"),
    "merit_1": Dated("一等功", also=("荣立一等功", "1等功")),
    "merit_2": Dated("二等功", also=("荣立二等功", "2等功")),
    "merit_3": Dated("三等功", also=("荣立三等功", "3等功")),
    "citation": Dated("嘉奖", also=("个人嘉奖", "连嘉奖", "营嘉奖", "团嘉奖")),
    "four_haves_officer": Dated("“四有”优秀军官", "2018", groups=(OFFICER,)),
    "four_haves_soldier": Dated("“四有”优秀士兵", "2018", "", ("四有优秀士兵", "四有优秀军士"), (NCO, CONSCRIPT)),
    "excellent_nco": Dated("优秀士官", "", "2018", groups=(NCO,)),
    "excellent_conscript": Dated("优秀义务兵", "", "2018", groups=(CONSCRIPT,)),
    "excellent_soldier": Dated("优秀士兵", "", "2018", groups=(NCO, CONSCRIPT)),
})  # fmt: skip

LEAVING_SHARE: Final[Mapping[str, int]] = {
    "medal": 25, "state_title": 25, "central_title": 25, "delegated_title": 25, "war_merit_1": 20, "commendation_1": 20,
    "war_merit_2": 15, "merit_1": 15, "commendation_2": 15, "war_merit_3": 10, "merit_2": 10, "war_merit_4": 5,
    "merit_3": 5,
}  # fmt: skip
"""一次性退役金增发, in per cent (退役军人安置条例 §22)."""
BEREAVEMENT_SHARE: Final[Mapping[str, int]] = {
    "medal": 40, "state_title": 40, "central_title": 35, "delegated_title": 30, "war_merit_1": 30, "commendation_1": 30,
    "war_merit_2": 25, "merit_1": 25, "commendation_2": 25, "war_merit_3": 15, "merit_2": 15, "war_merit_4": 5,
    "merit_3": 5,
}  # fmt: skip
"""一次性抚恤金增发, in per cent; of several honours the highest counts (军人抚恤优待条例 §16)."""
JOB_HONOURS: Final = frozenset({
    "medal", "state_title", "central_title", "delegated_title", "war_merit_1", "war_merit_2", "war_merit_3", "merit_1",
    "merit_2", "commendation_1",
})  # fmt: skip
"""With one of these a soldier may have work arranged for him (退役军人安置条例 §25)."""


def groups_of(rank: str, day: PartialDate | None = None) -> frozenset[str]:
    """The kinds of soldier who bore a rank of this name, on a day if one is given: 下士 led conscripts in 1990."""
    found = [RANKS.codes[code] for code in RANKS.codes_of(rank)]
    return frozenset(group for dated in found if dated.held(day, day) is not False for group in dated.groups)


def borne(rank: str, first: PartialDate | None, last: PartialDate | None) -> bool | None:
    """Whether a rank of this name was borne between two dates; None for a name nobody knows, or without dates."""
    said = {RANKS.codes[code].held(first, last) for code in RANKS.codes_of(rank)}
    return True if True in said else None if not said or None in said else False


def periods(rank: str) -> str:
    """When a rank of this name was borne, for a sentence."""
    return "、".join(dict.fromkeys(filter(None, (RANKS.codes[code].period for code in RANKS.codes_of(rank)))))
