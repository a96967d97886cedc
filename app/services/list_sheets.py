"""Lists of persons that leave the desk: as a PDF for the printer and as an Excel file, with who made them and what for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app import clock, progress
from app.documents import list_sheet, workbook
from app.documents.list_sheet import Column, ListSheet
from app.errors import Refused
from app.services import people_columns, rights
from app.services.ids import Ids
from app.services.people_list import PeopleList
from app.services.station import Station

PURPOSES: Final = ("核对人员情况", "上报上级", "走访慰问", "发放待遇", "会议使用")
MOST_PRINTED: Final = 3_000
_CHUNK: Final = 500


def printed(
    station: Station, ids: Ids, columns: Sequence[str], words: str, *, purpose: str = "", full: bool = False
) -> bytes:
    """The list as a PDF, a job for the worker process. `words` say what it was filtered by.

    Refused for more persons than anybody reads on paper.
    """
    rights.demand(station, "print")
    if len(ids) > MOST_PRINTED:
        raise Refused(f"这个名单有 {len(ids)} 人, 最多打印 {MOST_PRINTED} 人。请先筛选, 或用“导出 Excel”。")
    items = [people_columns.by_key(key) for key in columns]
    sheet = ListSheet(
        station=station.place.name,
        title=f"{station.place.name}服务对象名单",
        words=words,
        columns=[Column(item.title, max(item.wide, len(item.title))) for item in items],
        rows=_rows(station, ids, items, full=full),
        printed_at=clock.now(),
        printed_by=station.actor.name,
        purpose=purpose,
    )
    return list_sheet.list_sheet(sheet).pdf


def exported(
    station: Station, file: Path, ids: Ids, columns: Sequence[str], words: str, *, purpose: str = "", full: bool = False
) -> int:
    """The list as it is shown, to an .xlsx; a job for the worker process. Gives the number of persons.

    Raises EnvironmentTrouble if the file cannot be written.
    """
    rights.demand(station, "export")
    items = [people_columns.by_key(key) for key in columns]
    rows = _rows(station, ids, items, full=full)
    workbook.write_table(file, [item.title for item in items], rows, title=head(station, words, purpose, full=full))
    return len(rows)


def head(station: Station, words: str, purpose: str, *, full: bool) -> str:
    """The line above a list that leaves (users.md P22)."""
    parts = [
        f"{station.place.name}服务对象名单{'' if full else '(已隐去证件号码)'}",
        words,
        f"导出人: {station.actor.name}",
        f"时间: {clock.now():%Y-%m-%d %H:%M}",
        f"用途: {purpose}" if purpose else "",
    ]
    return " ".join(filter(None, parts))


def _rows(station: Station, ids: Ids, items: Sequence[people_columns.Item], *, full: bool) -> list[list[str]]:
    found = PeopleList(station)
    out: list[list[str]] = []
    for start in range(0, len(ids), _CHUNK):
        progress.step("读取名单", start, len(ids))
        some = ids[start : start + _CHUNK]
        lines = found.lines(some)
        out += [[item.text(lines[one], full) for item in items] for one in some if one in lines]
    return out
