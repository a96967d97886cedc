"""常用名单: filters of the list of people kept under a name, for whoever sits at this desk."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from app.errors import BadInput, Refused
from app.rules import text
from app.services import rights
from app.services.desk_memory import DeskMemory
from app.services.people_list import Wanted
from app.services.station import Station

LONGEST: Final = 30
MOST: Final = 50
_NOTE: Final = "named_lists"


@dataclass(frozen=True)
class NamedList:
    """A name with what it stands for."""

    name: str
    wanted: Wanted


class NamedLists:
    """Keeping filters; the people are looked up anew each time."""

    def __init__(self, station: Station, memory: DeskMemory) -> None:
        self._station = station
        self._memory = memory

    def all(self) -> list[NamedList]:
        """The lists of this desk in the order of their names; what another version has written is left as far as known."""
        rights.demand(self._station, "read")
        known = {one.name: type(one.default) for one in fields(Wanted)}
        out = []
        for name, kept in sorted(self._kept().items()):
            fitting: dict[str, Any] = {n: v for n, v in kept.items() if n in known and type(v) is known[n]}
            out.append(NamedList(name, Wanted(**fitting)))
        return out

    def keep(self, name: str, wanted: Wanted) -> str:
        """Keep filters under a name, in the place of those before; gives the name as it is kept. Raises BadInput, Refused."""
        rights.demand(self._station, "read")
        called = text.clean(name)
        if not called or len(called) > LONGEST or text.problems(called, lines=False):
            raise BadInput(f"名单要有名称, 最多 {LONGEST} 个字。", {"name": "请改名称"})
        kept = self._kept()
        if called not in kept and len(kept) >= MOST:
            raise Refused(f"常用名单最多 {MOST} 个, 请先删去不用的。")
        self._memory.put(_NOTE, kept | {called: asdict(wanted)})
        return called

    def drop(self, name: str) -> None:
        """Forget a list; the people stay where they are."""
        rights.demand(self._station, "read")
        self._memory.put(_NOTE, {one: kept for one, kept in self._kept().items() if one != name})

    def _kept(self) -> dict[str, dict[str, object]]:
        kept = self._memory.note(_NOTE, {})
        return kept if isinstance(kept, dict) else {}
