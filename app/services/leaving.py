"""What leaves the desk as a file: numbered, counted, with who and what for; full only with the right; taken off the disk later."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select

from app import clock, durable
from app.errors import Refused
from app.models.export_record import ExportRecord
from app.services import rights
from app.services.station import Station

log = logging.getLogger(__name__)

KEPT_DAYS: Final = 30
"""After so many days a list on the disk is one to be taken away."""
_DAY: Final = 86_400_000


@dataclass(frozen=True)
class Left:
    """One line of the record. `there` is whether the file still lies where it was written."""

    number: str
    moment: int
    who: str
    what: str
    rows: int
    full: bool
    purpose: str
    file: Path
    there: bool
    old: bool
    """Longer on the disk than KEPT_DAYS."""


def write(
    station: Station, file: Path, what: str, make: Callable[[str], int], *, full: bool = False, purpose: str = ""
) -> int:
    """Let `make` write the file under a title that says all of it; gives the rows it says it wrote.

    Raises Refused where whole numbers are wanted without the right, and whatever `make` raises: then nothing is kept.
    """
    rights.demand(station, "export")
    if full:
        rights.demand(station, "disclose")
    moment = clock.now_ms()
    with station.db.work("登记导出") as work:
        record = ExportRecord(
            moment=moment, staff=station.actor.staff, staff_name=station.actor.name, what=what, full=full,
            purpose=purpose, file=str(file), rows=None, removed=None,
        )  # fmt: skip
        work.session.add(record)
        work.session.flush()
        place = record.id
    try:
        rows = make(_title(station, what, number(place, moment), full=full, purpose=purpose))
    except BaseException:
        with station.db.work("导出没有写成") as work:
            work.session.delete(work.session.get_one(ExportRecord, place))
        raise
    with station.db.work("登记导出") as work:
        work.session.get_one(ExportRecord, place).rows = rows
    log.info("list %s of %s rows left, full=%s, by staff %s", number(place, moment), rows, full, station.actor.staff)
    return rows


def number(id: int, moment: int) -> str:
    """编号: the year and a running number of this desk."""
    return f"{clock.day_of(moment).year}-{id:04d}"


def _title(station: Station, what: str, numbered: str, *, full: bool, purpose: str) -> str:
    """Every list that leaves says who made it, when, its number, and what for (users.md P22)."""
    when = clock.now().strftime("%Y-%m-%d %H:%M")
    hidden = "" if full else "(已隐去证件号码)"
    said = f"{station.place.name} {what}{hidden} 导出人: {station.actor.name} 时间: {when} 编号: {numbered}"
    return f"{said} 用途: {purpose}" if purpose else said


class Leaving:
    """The record of lists that left, and taking their files off the disk."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def rows(self) -> list[Left]:
        """Everything that left, the newest first."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            query = select(ExportRecord).where(ExportRecord.rows.is_not(None)).order_by(ExportRecord.id.desc())
            found = list(session.scalars(query))
        return [_left(record) for record in found]

    def remove(self, numbers: list[str] | None = None) -> int:
        """Take files off the disk: those named, else all that have lain there for KEPT_DAYS. Gives how many went.

        Raises Refused, with all others gone, where one cannot be removed (open in another programme).
        """
        rights.demand(self.station, "export")
        gone, stuck = [], []
        for one in self.rows():
            if not one.there or (one.number not in numbers if numbers is not None else not one.old):
                continue
            try:
                with durable.speaking("删除导出的文件", one.file):
                    one.file.unlink()
                gone.append(one.number)
            except Exception as trouble:  # noqa: BLE001 (whatever keeps one file, the others go)
                log.warning("a list that left could not be removed: %s", type(trouble).__name__)
                stuck.append(one.file.name)
        with self.station.db.work("删除导出的文件") as work:
            for record in work.session.scalars(select(ExportRecord)):
                if number(record.id, record.moment) in gone:
                    record.removed = clock.now_ms()
        if stuck:
            raise Refused(f"有 {len(stuck)} 个文件删不掉({stuck[0]}), 可能正在 Excel 中打开。请关闭后再试。")
        return len(gone)


def _left(record: ExportRecord) -> Left:
    file = Path(record.file)
    there = False
    if record.removed is None:
        with contextlib.suppress(OSError):
            there = file.is_file()
    old = clock.now_ms() - record.moment > KEPT_DAYS * _DAY
    return Left(
        number(record.id, record.moment), record.moment, record.staff_name, record.what, record.rows or 0, record.full,
        record.purpose, file, there, old,
    )  # fmt: skip
