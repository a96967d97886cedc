"""Looks at the whole register, as jobs of the worker process: who may be one person, what is due, lists compared."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app import clock, progress
from app.documents import list_sheet
from app.documents.list_sheet import Column, ListSheet
from app.errors import Refused
from app.services import divisions, rights
from app.services.comparing import Among, Comparing, ListComparison
from app.services.duplicates import Duplicates, DuplicateSearch
from app.services.eligibility import DueList, Eligibility
from app.services.list_sheets import MOST_PRINTED
from app.services.station import Station

LOOKING: Final = "查找名单"


@dataclass(frozen=True)
class Found:
    """The pairs of the register, with the names of the places their persons live in."""

    search: DuplicateSearch
    places: Mapping[str, str]


def pairs(station: Station) -> Found:
    """All pairs that may be one person, those told apart before among them: whoever shows them leaves them out."""
    progress.step(LOOKING)
    done = Duplicates(station).search()
    codes = {person.division for pair in done.pairs for person in pair.persons}
    return Found(done, _places(station, codes))


def due(station: Station, months: int) -> tuple[DueList, Mapping[str, str]]:
    """Everything due now or within so many months, and the names of the places."""
    progress.step(LOOKING)
    done = Eligibility(station).due(months=months)
    return done, _places(station, {row.division for row in done.rows})


def due_exported(station: Station, file: Path, months: int, rule: str, *, full: bool) -> int:
    """`Eligibility.export`; gives the number of lines."""
    return Eligibility(station).export(file, months=months, rule=rule, masked=not full)


def compared(
    station: Station,
    files: Sequence[Path],
    mapping: Mapping[str, str],
    among: Among | None,
    *,
    deaths: bool = False,
) -> tuple[ListComparison, Mapping[str, str]]:
    """Lists held against the register, with the names of places; without `among` nobody is missed who is only here."""
    progress.step("比对名单")
    done = Comparing(station).run(files, mapping=mapping, deaths=deaths, among=among or Among())
    if among is None:
        done = dataclasses.replace(done, here=())
    codes = {one.division for one in (*done.here, *done.persons.values())}
    return done, _places(station, codes)


def compared_exported(station: Station, done: ListComparison, file: Path, *, full: bool) -> int:
    """`Comparing.export`; gives the number of rows of all heaps."""
    Comparing(station).export(done, file, masked=not full)
    return done.read + done.only_here


def printed(
    station: Station, title: str, words: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]
) -> bytes:
    """A list as it stands on the screen, for the printer. `columns`: headings with their widths in characters.

    Refused for more rows than anybody reads on paper.
    """
    rights.demand(station, "print")
    if len(rows) > MOST_PRINTED:
        raise Refused(f"这个名单有 {len(rows)} 行, 最多打印 {MOST_PRINTED} 行。请先筛选, 或用“导出 Excel”。")
    sheet = ListSheet(
        station=station.place.name, title=f"{station.place.name}{title}", words=words,
        columns=[Column(text, max(wide, len(text))) for text, wide in columns], rows=rows,
        printed_at=clock.now(), printed_by=station.actor.name,
    )  # fmt: skip
    return list_sheet.list_sheet(sheet).pdf


def _places(station: Station, codes: set[str]) -> dict[str, str]:
    """How a clerk of this station calls places."""
    with station.db.read() as session:
        names = divisions.names_inside(session, station.place)
    return {code: names.get(code, code) for code in codes}
