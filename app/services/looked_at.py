"""Lines of what is due that somebody at this desk has worked off, and need not be looked at again.

It is kept on this computer, with who and when; nothing of a person's record is changed by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app import clock
from app.services import rights
from app.services.desk_memory import DeskMemory
from app.services.station import Station

Verdict = Literal["done", "later"]
_LINES: Final = "looked_at.lines"
VERDICTS: Final = {"done": "已核", "later": "暂不"}


@dataclass(frozen=True)
class Looked:
    """What became of it, by whom, on which day."""

    verdict: Verdict
    who: str
    day: str

    @property
    def words(self) -> str:
        """As a list says it."""
        return f"{VERDICTS[self.verdict]}({self.who}, {self.day})"


class LookedAt:
    """By the key of a line; asked and told off the window's thread."""

    def __init__(self, station: Station, memory: DeskMemory) -> None:
        self._station, self._memory = station, memory

    def lines(self) -> dict[str, Looked]:
        """Lines that were worked off, by their keys."""
        kept: dict[str, list[str]] = self._memory.note(_LINES, {})
        return {key: Looked(verdict, who, day) for key, (verdict, who, day) in kept.items()}  # type: ignore[arg-type]  # as written below

    def mark(self, keys: Sequence[str], verdict: Verdict | None) -> None:
        """已核 or 暂不 for lines; None: they wait again."""
        rights.demand(self._station, "write")
        kept: dict[str, list[str]] = dict(self._memory.note(_LINES, {}))
        for key in keys:
            if verdict is None:
                kept.pop(key, None)
            else:
                kept[key] = [verdict, self._station.actor.name, clock.today().isoformat()]
        self._memory.put(_LINES, kept)
