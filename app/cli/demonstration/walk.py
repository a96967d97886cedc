"""The steps of the demonstration in their order, each done and judged."""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.cli.demonstration import chain, station_work
from app.cli.demonstration.tour import NotHeld, Tour
from app.errors import UserError

STEPS: Final[tuple[tuple[str, Callable[[Tour], str]], ...]] = (
    ("建立市、县、乡镇、村四级数据", chain.found),
    ("三次开通: 第一个包上去, 整份资料下来", chain.first_packages),
    ("生成带毛病的 Excel 名单", station_work.write_sheets),
    ("先核对(不改数据)再导入, 三堆合计等于读到的行数", station_work.bring_in),
    ("待核处理: 补正一行, 不导入一行", station_work.work_off),
    ("慰问批次和推荐名单", station_work.plan),
    ("打印慰问金签领表(F04), 定稿后不能改", station_work.print_roster),
    ("登记走访", station_work.visit),
    ("登记已领、缴回、未领, 金额对得上", station_work.pay),
    ("受理帮扶事项, 申请与村级初审", station_work.open_case),
    ("打印困难帮扶审批表(F07)并添加附件", station_work.print_case),
    ("开证明(F14, 带存根)", station_work.certify),
    ("上报: 村 → 乡镇, 乡镇审核", chain.up_to_township),
    ("上报: 乡镇 → 县, 县局审批", chain.up_to_county),
    ("上报: 县 → 市", chain.up_to_city),
    ("回包: 市 → 县 → 乡镇 → 村", chain.answers_down),
    ("审批结果在村里看得见, 人员显示市局已收", chain.seen_in_village),
    ("每一跳两边数据完全一致", chain.equal),
    ("再发一遍: 没有新内容, 收重了也不乱", chain.silent),
    ("附件送到县局, 内容一致", chain.attachment_arrived),
    ("四级数据核对", chain.checked),
)


@dataclass(frozen=True)
class Step:
    """A step that was done."""

    name: str
    ok: bool
    detail: str
    exit: int = 0

    @property
    def line(self) -> str:
        """As it stands in the summary."""
        return f"[{'成' if self.ok else '败'}] {self.name}: {self.detail}"


class Walk:
    """Runs the steps; closes the stores however it ends."""

    def __init__(self, root: Path, persons: int, seed: int) -> None:
        self._tour = Tour(root, persons, seed)

    @property
    def stores(self) -> dict[str, str]:
        """Where the four stores lie, by level."""
        return {level: str(desk.folder) for level, desk in self._tour.desks.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tour.close()

    def steps(self) -> Iterator[Step]:
        """Each step as it is done; whoever reads stops at the first that failed."""
        for name, act in STEPS:
            yield self._one(name, act)

    def _one(self, name: str, act: Callable[[Tour], str]) -> Step:
        try:
            return Step(name, ok=True, detail=act(self._tour))
        except NotHeld as error:
            return Step(name, ok=False, detail=str(error), exit=1)
        except UserError as error:
            return Step(name, ok=False, detail=str(error), exit=error.exit_code)
        except Exception as error:  # noqa: BLE001 (a failed step is named in the summary, whatever failed it)
            traceback.print_exception(error)
            return Step(name, ok=False, detail=f"程序出了错({error!r})。", exit=1)
