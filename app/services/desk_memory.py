"""What the window remembers for whoever sits here: half-typed forms, columns of lists, the text size."""

import logging
from typing import Any, Final

from app import clock
from app.errors import EnvironmentTrouble
from app.models.desk_file import DeskFile, Draft
from app.services.station import Station

UNREACHABLE: Final = (
    "没填完的内容的记录文件现在打不开, 原来没填完的还在里面。这次填到一半的内容关掉程序就没有了, 请填完就保存。"
)
LOST: Final = "没填完的内容的记录文件坏了, 已放到一边({0})。已经保存的数据都在。"

log = logging.getLogger(__name__)


class DeskMemory:
    """Drafts belong to the staff member who typed them; what a list looks like belongs to the desk."""

    def __init__(self, station: Station) -> None:
        """Opens the file; `warning` says when an unreadable one had to be set aside."""
        self._station = station
        self._file = DeskFile(station.folder, station.store_key)
        aside = self._file.set_aside
        self.warning = LOST.format(aside.name) if aside is not None else UNREACHABLE if self._file.unreachable else ""
        self._held: dict[str, Any] = {}
        """Notes that may still be on their way to the disk."""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def keep(self, place: str, title: str, content: dict[str, Any]) -> None:
        """Keep a half-typed form under its place (`visit.new:ID`), with the name it is listed by."""
        staff = self._station.actor.staff
        self._file.keep(Draft(f"{staff}/{place}", staff, title, clock.now_ms(), content))

    def draft(self, place: str) -> Draft | None:
        """What was typed at a place and not saved."""
        return self._file.draft(f"{self._station.actor.staff}/{place}")

    def drop(self, place: str, content: dict[str, Any] | None = None) -> None:
        """It was saved, or is not wanted. With its content: unless something else has been typed there since."""
        self._file.drop(f"{self._station.actor.staff}/{place}", content)

    def drafts(self) -> list[Draft]:
        """The drafts of the person at the desk, the newest first, with the places as they were given."""
        mine = self._station.actor.staff
        found = [draft for draft in self._file.drafts() if draft.staff == mine]
        return [Draft(d.place.partition("/")[2], d.staff, d.title, d.moment, d.content) for d in found]

    def note(self, name: str, default: Any = None) -> Any:
        """Something remembered under a name; it is a convenience, so a file that does not answer has nothing to say."""
        if name in self._held:
            return self._held[name]
        try:
            return self._file.note(name, default)
        except EnvironmentTrouble:
            log.warning("the desk's file did not answer", exc_info=True)
            return default

    def hold(self, name: str, value: Any) -> None:
        """From now on `note` gives this; `put` is on its way to the disk with it."""
        self._held[name] = value

    def notes(self, prefix: str) -> list[tuple[str, Any]]:
        """Everything remembered under names that begin so, in their order."""
        return self._file.notes(prefix)

    def put(self, name: str, value: Any) -> None:
        """Remember something."""
        self._file.put(name, value)
        if self._held.get(name) is value:
            del self._held[name]
