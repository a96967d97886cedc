"""What somebody at this desk has looked at and need not be asked again: pairs that are two persons, lines worked off.

It is kept on this computer, with who and when; nothing of a person's record is changed by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app import clock
from app.services import rights
from app.services.desk_memory import DeskMemory
from app.services.station import Station

Verdict = Literal["apart", "done", "later"]
_PAIRS: Final = "looked_at.pairs"
_LINES: Final = "looked_at.lines"
VERDICTS: Final = {"apart": "不是同一人", "done": "已核", "later": "暂不"}


@dataclass(frozen=True)
class Looked:
    """What was found, by whom, on which day."""

    verdict: Verdict
    who: str
    day: str

    @property
    def words(self) -> str:
        """As a list says it."""
        return f"{VERDICTS[self.verdict]}({self.who}, {self.day})"


class LookedAt:
    """Both kinds, by a key of the pair or of the line; asked and told off the window's thread."""

    def __init__(self, station: Station, memory: DeskMemory) -> None:
        self._station, self._memory = station, memory

    def pairs(self) -> dict[frozenset[str], Looked]:
        """Pairs that are two persons (不是同一人), by their ids."""
        return {frozenset(key.split()): one for key, one in self._all(_PAIRS).items()}

    def tell_apart(self, one: str, other: str) -> None:
        """不是同一人: the pair is not asked about any more."""
        self._put(_PAIRS, [" ".join(sorted((one, other)))], "apart")

    def ask_again(self, one: str, other: str) -> None:
        """Take that back."""
        self._put(_PAIRS, [" ".join(sorted((one, other)))], None)

    def lines(self) -> dict[str, Looked]:
        """Lines of what is due that were worked off, by their keys."""
        return self._all(_LINES)

    def mark(self, keys: Sequence[str], verdict: Literal["done", "later"] | None) -> None:
        """已核 or 暂不 for lines; None: they wait again."""
        self._put(_LINES, keys, verdict)

    def _all(self, name: str) -> dict[str, Looked]:
        kept: dict[str, list[str]] = self._memory.note(name, {})
        return {key: Looked(verdict, who, day) for key, (verdict, who, day) in kept.items()}  # type: ignore[arg-type]  # as written here

    def _put(self, name: str, keys: Sequence[str], verdict: Verdict | None) -> None:
        rights.demand(self._station, "write")
        kept: dict[str, list[str]] = dict(self._memory.note(name, {}))
        for key in keys:
            if verdict is None:
                kept.pop(key, None)
            else:
                kept[key] = [verdict, self._station.actor.name, clock.today().isoformat()]
        self._memory.put(name, kept)
