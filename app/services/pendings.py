"""待核: rows that wait for a person, with their cells as they were; worked off one by one or by the returned list."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import PendingRow
from app.rules import headings, person_rows
from app.services import divisions, field_values, rights
from app.services.intake import ALL, Intake, Taken, label, why
from app.services.matching import Register
from app.services.station import Station

ACCEPT: Final = "accept"
"""Beside fields: `accept=file` decides every difference in favour of the row."""

_UNTYPED: Final = headings.IGNORED | set(headings.KEPT_IN_NOTE)


@dataclass(frozen=True)
class Pending:
    """A waiting row: its cells by heading, and what is to be settled."""

    id: str
    file: str
    sheet: str
    row: int
    cells: dict[str, Any]
    problem: str


@dataclass(frozen=True)
class Fixed:
    """What became of a row that was put right; `fate` is added|changed|same."""

    id: str
    fate: str


class Pendings:
    """Working off what waits."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def waiting(self) -> list[Pending]:
        """All rows that wait, in the order of their files."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            query = select(PendingRow).where(PendingRow.deleted.is_(False), PendingRow.fate == "waiting")
            rows = session.scalars(query.order_by(PendingRow.file, PendingRow.sheet, PendingRow.row, PendingRow.id))
            return [Pending(r.id, r.file, r.sheet, r.row, _by_heading(r), r.problem) for r in rows]

    def fix(self, pending: str, values: Mapping[str, str]) -> Fixed:
        """Take a row in with some of its fields put right; what is given also decides where two values differ.

        Raises BadInput with everything that is still wrong or undecided; nothing is changed then.
        """
        rights.demand(self.station, "write")
        given = dict(values)
        decided = frozenset(given)
        if ACCEPT in given:
            if given.pop(ACCEPT) != "file":
                raise BadInput("accept 只能写成 accept=file(以表里的为准)。没有改动任何数据。", {ACCEPT: "只能是 file"})
            decided = ALL
        unknown = {n: "没有这个字段" for n in given if n not in headings.LABELS or n in _UNTYPED}
        with self.station.db.work("待核入库") as work:
            row = _row_of(work.session, pending)
            result = self._read(work.session, row, {n: v for n, v in given.items() if n not in unknown})
            if unknown:
                field_values.refuse(unknown | dict(result.problems))
            if result.fate != "ready":
                raise BadInput(f"这一行还不能入库: {why(result)}。没有改动任何数据。", dict(result.problems))
            register = Register(work.session, [result.values])
            intake = Intake(work.session, register, self.station.place.home)
            taken = intake.take(result.values, decided)
            if taken.fate == "asked":
                raise BadInput(
                    f"还有没定下来的: {taken.text}。请写 字段=内容 定下来。没有改动任何数据。", _undecided(taken)
                )
            intake.settled[row.id] = {"fate": "stored", "person": taken.person}
            intake.store(work)
        return Fixed(taken.person, taken.fate)

    def drop(self, pending: str) -> None:
        """不导入: the row is not taken in and asks no more; its cells stay in the history."""
        rights.demand(self.station, "write")
        with self.station.db.work("待核不导入") as work:
            _row_of(work.session, pending).fate = "dropped"

    def _read(self, session: Session, row: PendingRow, given: Mapping[str, str]) -> person_rows.RowResult:
        """The row as the rules read it with the given fields in place of its cells."""
        labels = [text for text, _ in json.loads(row.headings)]
        mapping = {n: name for n, (_, name) in enumerate(json.loads(row.headings)) if name}
        cells = list(json.loads(row.cells))
        cells += [None] * (len(labels) - len(cells))
        column_of = {name: n for n, name in mapping.items()}
        for name, value in given.items():
            if name not in column_of:
                column_of[name] = len(labels)
                mapping[len(labels)] = name
                labels.append(label(name))
                cells.append(None)
            cells[column_of[name]] = value
        found = headings.Headings(1, 1, tuple(labels), *headings.match(labels))
        names = divisions.names_inside(session, self.station.place)
        context = person_rows.Context(self.station.place.home, clock.today(), names)
        return person_rows.read([labels, cells], found, context, mapping=mapping)[1]


def _undecided(taken: Taken) -> dict[str, str]:
    return {"asked": taken.text}


def _row_of(session: Session, pending: str) -> PendingRow:
    row = session.get(PendingRow, field_values.record_id(pending))
    if row is None or row.deleted:
        raise Refused(f"没有这个待核行: {pending}。请用 person pending 查编号。")
    if row.fate != "waiting":
        raise Refused(f"这个待核行已经处理过({'已入库' if row.fate == 'stored' else '不导入'})。没有改动任何数据。")
    return row


def _by_heading(row: PendingRow) -> dict[str, Any]:
    """Cells by heading; a heading that stands twice gets its column number."""
    out: dict[str, Any] = {}
    labels = [text for text, _ in json.loads(row.headings)]
    for place, cell in enumerate(json.loads(row.cells)):
        text = " ".join(labels[place].split()) if place < len(labels) else ""
        key = text if text and text not in out else f"{text or '列'}{place + 1}"
        if cell is not None:
            out[key] = cell
    return out
