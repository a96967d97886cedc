"""What is in files of rosters before anything is taken: sheets, headings, the fields proposed for them, first values."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app import progress
from app.documents import workbook
from app.errors import UserError
from app.rules import comparing, headings
from app.rules.cell_values import cell_text
from app.services import rights
from app.services.importing import NUMBER_HEADING
from app.services.roster_columns import LEAVE
from app.services.station import Station

_SAMPLES: Final = 3
_SEARCHED: Final = 30
_LONG: Final = 20


@dataclass(frozen=True)
class Heading:
    """One column as it was found."""

    label: str
    field: str
    """Proposed; LEAVE if nobody can tell."""
    sure: int
    """100 for a known heading, less for a likeness, 0 for none."""
    samples: tuple[str, ...]


@dataclass(frozen=True)
class SheetLook:
    """One sheet. `recognised`: it can be taken as it is; else the headings are a guess to be completed by hand."""

    name: str
    rows: int
    hidden: bool
    recognised: bool
    returned: bool
    """An exported 待核 list that comes home."""
    headings: tuple[Heading, ...]

    @property
    def key(self) -> str:
        """The same for every sheet with these headings: what a mapping is remembered under."""
        labels = "\n".join(sorted({"".join(one.label.split()) for one in self.headings}))
        return hashlib.sha256(labels.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class FileLook:
    """One file; `problem` is the sentence for one that cannot be read."""

    path: Path
    sheets: tuple[SheetLook, ...] = ()
    problem: str = ""

    @property
    def rows(self) -> int:
        """Of all sheets."""
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def usable(self) -> bool:
        """Whether some sheet can be taken."""
        return any(sheet.recognised for sheet in self.sheets)


Locate = Callable[[Sequence[Sequence[workbook.Cell]]], headings.Headings | None]
"""Finds the headings of a sheet."""


def look(station: Station, files: Sequence[Path]) -> list[FileLook]:
    """Look into files, a job for the worker process; one that cannot be read says so and stops no other."""
    rights.demand(station, "import")
    return _look(files, headings.locate)


def look_for_comparing(station: Station, files: Sequence[Path]) -> list[FileLook]:
    """The same for lists that are only compared: a number, or a name with something beside it, is enough."""
    rights.demand(station, "read")
    return _look(files, comparing.locate)


def _look(files: Sequence[Path], locate: Locate) -> list[FileLook]:
    out = []
    for number, path in enumerate(files):
        progress.step("读取文件", number, len(files))
        try:
            sheets = tuple(_sheet(sheet, locate) for sheet in workbook.read_file(path))
        except UserError as error:
            out.append(FileLook(path, problem=str(error)))
        else:
            out.append(FileLook(path, sheets, "" if sheets else f"文件“{path.name}”里什么也没有。"))
    return out


def _sheet(sheet: workbook.Sheet, locate: Locate) -> SheetLook:
    found = locate(sheet.rows)
    recognised = found is not None and not sheet.hidden
    labels = found.labels if found is not None else _likeliest(sheet.rows)
    last = found.last_row if found is not None else _place(sheet.rows, labels)
    matches = {match.column: match for match in (found.matches if found is not None else headings.match(labels)[0])}
    columns = []
    for place, text in enumerate(labels):
        if not text.strip():
            continue
        match = matches.get(place)
        field, sure = (match.field, match.confidence) if match is not None else (LEAVE, 0)
        columns.append(Heading(text.strip(), field, sure, _samples(sheet.rows[last:], place)))
    returned = any(text.strip() == NUMBER_HEADING for text in labels)
    return SheetLook(sheet.name, len(sheet.rows), sheet.hidden, recognised, returned, tuple(columns))


def _likeliest(rows: Sequence[Sequence[workbook.Cell]]) -> tuple[str, ...]:
    """The row with the most short texts: where nothing is known by itself, a person may still know the headings."""
    texts = [tuple(map(cell_text, row)) for row in rows[:_SEARCHED]]
    return max(
        texts, key=lambda row: len({t for t in row if t.strip() and len(t) < _LONG and not t.isdigit()}), default=()
    )


def _place(rows: Sequence[Sequence[workbook.Cell]], labels: Sequence[str]) -> int:
    return next((n + 1 for n, row in enumerate(rows) if tuple(map(cell_text, row)) == tuple(labels)), 0)


def _samples(rows: Sequence[Sequence[workbook.Cell]], place: int) -> tuple[str, ...]:
    out: list[str] = []
    for row in rows:
        if place < len(row) and (text := cell_text(row[place]).strip()) and text not in out:
            out.append(text)
        if len(out) == _SAMPLES:
            break
    return tuple(out)
