"""When and where this desk last made a backup, wherever it was put: one place to note it, one to read it."""

from dataclasses import dataclass
from typing import Final

from app import clock
from app.services.backups import Backup
from app.services.desk_memory import DeskMemory

_NAME: Final = "backup.last"


@dataclass(frozen=True)
class LastBackup:
    """The one made last."""

    moment: int
    """Milliseconds UTC."""
    file: str


def of(made: Backup) -> LastBackup:
    """As it is noted once it has been proved."""
    return LastBackup(clock.now_ms(), made.file)


def note(memory: DeskMemory, last: LastBackup) -> None:
    """Remember it; writes to the disk."""
    memory.put(_NAME, {"moment": last.moment, "file": last.file})


def read(memory: DeskMemory) -> LastBackup | None:
    """None if this desk has made none yet."""
    found = memory.note(_NAME)
    return LastBackup(int(found["moment"]), str(found["file"])) if found else None
