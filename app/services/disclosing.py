"""Who has looked at whose whole numbers, kept on this machine: a stream of its own, apart from who has changed what."""

from dataclasses import dataclass
from typing import Final

from app import clock
from app.services.desk_memory import DeskMemory
from app.services.station import Station

_NAME: Final = "looked/"


@dataclass(frozen=True)
class Look:
    """One look, never what was seen. `way`: card, case, difference, export or print."""

    moment: int
    """Milliseconds UTC."""
    staff: str
    way: str
    record: str
    """Whose, by id; of a list nobody's in particular."""
    count: int
    """How many people."""
    purpose: str


def look(station: Station, way: str, record: str = "", *, count: int = 1, purpose: str = "") -> Look:
    """The person at the desk sees whole numbers now."""
    return Look(clock.now_ms(), station.actor.staff, way, record, count, purpose)


def note(memory: DeskMemory, one: Look) -> None:
    """Keep it under an id, later ones after earlier ones. Writes to the disk."""
    memory.put(
        f"{_NAME}{clock.new_id()}",
        {
            "moment": one.moment,
            "staff": one.staff,
            "way": one.way,
            "record": one.record,
            "count": one.count,
            "purpose": one.purpose,
        },
    )


def noted(memory: DeskMemory) -> list[Look]:
    """All that were kept, in their order."""
    return [Look(**value) for _name, value in memory.notes(_NAME)]
