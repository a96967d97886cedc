"""One unit of the demonstration at work: its store stays open, and what it does are the terminal's own commands."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app.cli.frame import Call, find, parse
from app.services import stores

PASSWORD: Final = "demo"  # noqa: S105 (of made-up stores only; the folder says so)


@dataclass(frozen=True)
class Unit:
    """A made-up unit: where it stands, who works there."""

    level: str
    name: str
    scope: str
    staff: str
    short: str
    """As it is called in the summary: 村, 乡镇, 县, 市."""


CITY: Final = Unit("city", "抚州市退役军人事务局", "3610", "赵明", "市")
COUNTY: Final = Unit("county", "临川区退役军人事务局", "361002", "钱芳", "县")
TOWNSHIP: Final = Unit("township", "上顿渡镇退役军人服务站", "361002100", "孙立", "乡镇")
VILLAGE: Final = Unit("village", "林源村退役军人服务站", "361002100200", "周敏", "村")
CHAIN: Final = (VILLAGE, TOWNSHIP, COUNTY, CITY)
"""From below to above."""


@dataclass
class Desk:
    """A desk whose store is open."""

    unit: Unit
    folder: Path
    opened: stores.Opened | None = field(default=None, repr=False)

    def run(self, *words: str | Path, stdin: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run one command of the terminal, as `ronggui --json` would; raises what it raises."""
        found, rest = find([str(word) for word in words])
        args = parse(found, rest)
        args.data_folder, args.user = self.folder, None
        text = "" if stdin is None else json.dumps(stdin, ensure_ascii=False)
        station = self.opened.station if self.opened is not None and found.opens else None
        return found.run(Call(args, {"RONGGUI_PASSWORD": PASSWORD}, lambda: text, station))

    def open(self) -> None:
        """Sit down at the desk: from here on its store is open."""
        self.opened = stores.open_store(self.folder, user=None, password=PASSWORD)

    def close(self) -> None:
        """Leave the desk."""
        if self.opened is not None:
            self.opened.close()
            self.opened = None

    @property
    def node(self) -> str:
        """The unit's id."""
        if self.opened is None:
            raise RuntimeError("the desk's store is not open")
        return self.opened.station.place.node
