"""The register and the 待核 list out to Excel: masked by default in the office's way, with who made it and when."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import workbook
from app.models import PendingRow, Person, bulk, fields_of, table_of
from app.rules import account, headings, id_number, phone
from app.rules import divisions as rules
from app.services import divisions, field_values, leaving, rights
from app.services.importing import DECISION_HEADING, NUMBER_HEADING
from app.services.intake import label
from app.services.people import FLAT
from app.services.station import Station

_OWN: Final = (
    "name", "sex", "id_number", "no_id_reason", "birth_date", "ethnicity", "division", "village_group", "address",
    "residence_address", "phone", "phone2", "household_number", "head_name", "head_relation", "political", "education",
    "marital", "work_place", "plaque", "note",
)  # fmt: skip
_CHUNK: Final = 500
_VILLAGE: Final = "村(社区)"


class Exporting:
    """Writing workbooks."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def persons(
        self,
        file: Path,
        *,
        masked: bool = False,
        ids: Sequence[str] | None = None,
        purpose: str = "",
        units: bool = False,
    ) -> int:
        """The whole register as an .xlsx that can be imported again; gives the number of persons.

        With `ids` only these, in their order. `masked` hides ID numbers, telephones and accounts in part and other
        sensitive fields altogether; units of the forces are left out of full lists too unless `units`.
        Raises Refused for a full list without the right to it, EnvironmentTrouble if the file cannot be written.
        """
        names = [*_OWN, *(name for flat in FLAT.values() for name in flat)]
        titles = [_VILLAGE if name == "division" else _heading(name) for name in names]

        def make(title: str) -> int:
            with self.station.db.read() as session:
                places = divisions.all_names(session, ended=True)
                found = _register(session)
                if ids is not None:
                    by_id = {row["id"]: row for row in found}
                    found = [by_id[one] for one in ids if one in by_id]
                rows = [_cells(row, names, places, masked=masked, units=units) for row in found]
            workbook.write_table(file, titles, rows, title=title)
            return len(rows)

        return leaving.write(self.station, file, "服务对象名单", make, full=not masked, purpose=purpose)

    def pendings(self, file: Path) -> int:
        """The rows that wait, as they were, with a red 问题 column; taken back by their number. Gives how many.

        In the column 处理 one may write 以本表为准 or 不导入.
        """
        rights.demand(self.station, "export")
        with self.station.db.read() as session:
            query = select(PendingRow).where(PendingRow.deleted.is_(False), PendingRow.fate == "waiting")
            order = PendingRow.file, PendingRow.sheet, PendingRow.row, PendingRow.id
            rows = list(session.scalars(query.order_by(*order)))
        labels: dict[str, None] = {}
        lines: list[dict[str, Any]] = []
        for row in rows:
            line = _line(row)
            labels.update(dict.fromkeys(line))
            lines.append(line)
        fixed = (NUMBER_HEADING, "来源文件", "工作表", "原行号")
        titles = [*fixed, *labels, DECISION_HEADING, workbook.PROBLEM_HEADING]
        table = [
            [row.id, row.file, row.sheet, row.row, *(line.get(text) for text in labels), "", row.problem]
            for row, line in zip(rows, lines, strict=True)
        ]

        def make(title: str) -> int:
            workbook.write_table(file, titles, table, title=title)
            return len(rows)

        # It goes back to whoever sent the rows, who must know them again: as they were, without the right to disclose.
        return leaving.write(self.station, file, "待核名单", make)

    def table(self, file: Path, what: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
        """A list as it stands on the screen, masked as it is there; gives the number of rows.

        Amounts (1,234.50) become numbers, so that Excel can add them up.
        """
        cells = [[_figure(text) for text in row] for row in rows]

        def make(title: str) -> int:
            workbook.write_table(file, titles, cells, title=title)
            return len(rows)

        return leaving.write(self.station, file, what, make)


def persons(station: Station, file: Path, *, masked: bool, ids: Sequence[str] | None = None, purpose: str = "") -> int:
    """`Exporting.persons` as a job for the worker process."""
    return Exporting(station).persons(file, masked=masked, ids=ids, purpose=purpose)


def pendings(station: Station, file: Path) -> int:
    """`Exporting.pendings` as a job for the worker process."""
    return Exporting(station).pendings(file)


def table(station: Station, file: Path, what: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """`Exporting.table`, for the worker process."""
    return Exporting(station).table(file, what, titles, rows)


def _figure(text: str) -> workbook.Written:
    if not text:
        return None
    if re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d{1,12})\.\d\d", text):
        return Decimal(text.replace(",", ""))
    return text


_MASKS: Final = {
    "id_number": id_number.mask, "phone": phone.mask, "phone2": phone.mask, "account_number": account.mask,
}  # fmt: skip


def _cells(
    row: Mapping[str, Any], names: Sequence[str], places: Mapping[str, str], *, masked: bool, units: bool
) -> list[workbook.Cell]:
    cells: list[workbook.Cell] = []
    for name in names:
        value = row.get(name)
        kind = next((k for k, flat in FLAT.items() if name in flat), "person")
        field = fields_of(kind)[name]
        text = field_values.label_of(field, value)
        if name == "division" and value:
            text = rules.full_name(places, value) if value in places else value
        if field.withheld and not units:
            text = ""
        if masked and field.sensitive and text:
            text = _MASKS[name](text) if name in _MASKS else ""
        cells.append(text or None)
    return cells


def _heading(name: str) -> str:
    """The heading under which the field is recognised when the file comes back."""
    text = label(name)
    found = headings.field_of(text)
    return text if found is not None and found[0] == name else headings.LABELS[name][0]


def _register(session: Session) -> list[dict[str, Any]]:
    """Every person with the first identity, service and account, in the order of villages and names."""
    person = table_of("person")
    columns = [person.c.id, *(person.c[name] for name in _OWN)]
    query = select(*columns).where(Person.deleted.is_(False), Person.merged_into.is_(None))
    rows = [dict(row._mapping) for row in session.execute(query.order_by(Person.division, Person.id))]  # noqa: SLF001 (SQLAlchemy's public name)
    by_id = {row["id"]: row for row in rows}
    for kind, flat in FLAT.items():
        part = table_of(kind)
        for some in bulk.chunks(list(by_id), _CHUNK):
            wanted = select(part.c.person, *(part.c[name] for name in flat))
            wanted = wanted.where(part.c.person.in_(some), part.c.deleted.is_(False)).order_by(part.c.id.desc())
            for owner, *values in session.execute(wanted):  # the oldest part is written last and stays
                by_id[owner].update(zip(flat, values, strict=True))
    return rows


def _line(row: PendingRow) -> dict[str, Any]:
    """Cells by heading; a heading only a mapping file explained is replaced by one that is known everywhere."""
    out: dict[str, Any] = {}
    pairs = json.loads(row.headings)
    for place, cell in enumerate(json.loads(row.cells)):
        text, name = pairs[place] if place < len(pairs) else ("", "")
        found = headings.field_of(text) if text else None
        if name and (found is None or found[0] != name):
            text = headings.LABELS[name][0]
        text = " ".join(text.split())
        if not text and cell is None:
            continue
        if text in (NUMBER_HEADING, "来源文件", "工作表", "原行号", DECISION_HEADING, workbook.PROBLEM_HEADING):
            continue
        out[text if text and text not in out else f"{text}列{place + 1}"] = cell
    return out
