"""Which pages there are, who sees them where, and what the search box can start; a page is loaded when first shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.ui.kit.page import Link, Page


@dataclass(frozen=True)
class Entry:
    """A page as the rail names it. `village` is the village's word for it; `more`: stands under 更多 there; `above`:
    on the rail from the township up only.
    """

    name: str
    title: str
    load: Callable[[], type[Page]]
    village: str = ""
    more: bool = False
    rail: bool = True
    above: bool = False

    def on_rail(self, level: str) -> bool:
        """Whether the rail of a level has it."""
        return self.rail or (self.above and level != "village")

    def word(self, level: str) -> str:
        """What the rail calls it at a level."""
        return self.village if level == "village" and self.village else self.title


@dataclass(frozen=True)
class Act:
    """Something the search box finds besides people: its words, where it leads, the right it needs."""

    text: str
    link: Link
    right: str = "read"
    levels: Sequence[str] = ("village", "township", "county", "city")


def _today() -> type[Page]:
    from app.ui.pages.today import TodayPage

    return TodayPage


def _people() -> type[Page]:
    from app.ui.pages.people import PeoplePage

    return PeoplePage


def _person() -> type[Page]:
    from app.ui.pages.person import PersonPage

    return PersonPage


def _person_form() -> type[Page]:
    from app.ui.pages.person_form import PersonFormPage

    return PersonFormPage


def _household() -> type[Page]:
    from app.ui.pages.household import HouseholdPage

    return HouseholdPage


def _roster_import() -> type[Page]:
    from app.ui.pages.roster_import import RosterImportPage

    return RosterImportPage


def _pending() -> type[Page]:
    from app.ui.pages.pending import PendingPage

    return PendingPage


def _same_persons() -> type[Page]:
    from app.ui.pages.same_persons import SamePersonsPage

    return SamePersonsPage


def _eligible() -> type[Page]:
    from app.ui.pages.eligible import EligiblePage

    return EligiblePage


def _comparing() -> type[Page]:
    from app.ui.pages.comparing import ComparingPage

    return ComparingPage


def _rounds() -> type[Page]:
    from app.ui.pages.rounds import RoundsPage

    return RoundsPage


def _round() -> type[Page]:
    from app.ui.pages.round import RoundPage

    return RoundPage


def _visit_form() -> type[Page]:
    from app.ui.pages.visit_form import VisitFormPage

    return VisitFormPage


def _cases() -> type[Page]:
    from app.ui.pages.cases import CasesPage

    return CasesPage


def _case() -> type[Page]:
    from app.ui.pages.case import CasePage

    return CasePage


def _case_form() -> type[Page]:
    from app.ui.pages.case_form import CaseFormPage

    return CaseFormPage


def _papers() -> type[Page]:
    from app.ui.pages.papers import PapersPage

    return PapersPage


def _exchange() -> type[Page]:
    from app.ui.pages.exchange import ExchangePage

    return ExchangePage


def _differences() -> type[Page]:
    from app.ui.pages.differences import DifferencesPage

    return DifferencesPage


def _returned() -> type[Page]:
    from app.ui.pages.returned import ReturnedPage

    return ReturnedPage


def _system() -> type[Page]:
    from app.ui.pages.system import SystemPage

    return SystemPage


DOORS: Final = ("restore", "practice", "lock", "text_size")
"""Links that lead out of the pages: restore(file or ""), practice, lock, text_size(per cent)."""

PAGES: Final = (
    Entry("today", "工作台", _today),
    Entry("people", "人员", _people),
    Entry("rounds", "走访慰问", _rounds),
    Entry("cases", "帮扶", _cases),
    Entry("papers", "开证明", _papers),
    Entry("exchange", "上报与接收", _exchange, village="上报"),
    Entry("same_persons", "疑似同一人", _same_persons, rail=False, above=True),
    Entry("system", "系统", _system, more=True),
    Entry("person", "服务对象", _person, rail=False),
    Entry("person_form", "登记人员", _person_form, rail=False),
    Entry("household", "户", _household, rail=False),
    Entry("roster_import", "导入 Excel 名单", _roster_import, rail=False),
    Entry("pending", "待核", _pending, rail=False),
    Entry("eligible", "快符合条件、应享受未享受", _eligible, rail=False),
    Entry("comparing", "名单比对", _comparing, rail=False),
    Entry("round", "慰问批次", _round, rail=False),
    Entry("visit_form", "登记走访", _visit_form, rail=False),
    Entry("case", "帮扶事项", _case, rail=False),
    Entry("case_form", "受理帮扶事项", _case_form, rail=False),
    Entry("differences", "两边填的不一样", _differences, rail=False),
    Entry("returned", "退回修改", _returned, rail=False),
)

ACTS: Final[tuple[Act, ...]] = (
    Act("工作台", Link("today")),
    Act("登记人员", Link("person_form"), "write"),
    Act("导入 Excel 名单", Link("roster_import"), "import"),
    Act("待核名单", Link("pending")),
    Act("疑似同一人", Link("same_persons")),
    Act("名单比对", Link("comparing")),
    Act("快符合条件", Link("eligible")),
    Act("应享受未享受", Link("eligible")),
    Act("登记走访", Link("visit_form"), "write"),
    Act("走访记录", Link("rounds", "visits")),
    Act("新建慰问批次", Link("rounds", "new"), "write"),
    Act("受理帮扶事项", Link("case_form"), "write"),
    Act("待我办的帮扶事项", Link("cases", "mine")),
    Act("开证明", Link("papers"), "print"),
    Act("文书登记簿", Link("papers", "register")),
    Act("生成上报包", Link("exchange", "send"), "exchange"),
    Act("接收", Link("exchange", "take"), "exchange"),
    Act("两边填的不一样", Link("differences")),
    Act("退回修改", Link("returned")),
    Act("工作人员", Link("system", "staff"), "staff"),
    Act("备份与恢复", Link("system", "backups"), "backup"),
    Act("区划", Link("system", "divisions")),
    Act("政策参数", Link("system", "policies")),
    Act("操作记录", Link("system", "journal")),
    Act("本机设置", Link("system", "machine")),
    Act("身份证读卡器", Link("system", "machine")),
    Act("数据检查", Link("system", "check")),
    Act("关于荣归", Link("system", "about")),
    Act("开通下级单位", Link("exchange", "enrol"), "node", ("township", "county", "city")),
    Act("锁定", Link("lock")),
    Act("练习模式", Link("practice")),
)
"""Words as a clerk would type them; more wait in the pages' own heads."""


def load_all() -> None:
    """Load the modules of all pages, one after the other: in a thread, so that no page is waited for when it is first shown."""
    for one in PAGES:
        one.load()


def entry(name: str) -> Entry | None:
    """The entry of a page."""
    return next((one for one in PAGES if one.name == name), None)
