"""Rosters from Excel into the register: every row has a fate, all of them one act, nothing changed silently."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, progress
from app.documents import workbook
from app.errors import BadInput
from app.models import PendingRow
from app.rules import divisions as division_rules
from app.rules import headings, pasted, person_rows
from app.rules.cell_values import cell_text
from app.rules.person_rows import RowResult
from app.services import divisions, rights
from app.services.intake import ALL, Fate, Intake, Taken, Waiting, kept_cells, why
from app.services.matching import Register
from app.services.station import Station

NUMBER_HEADING: Final = "待核编号"
DECISION_HEADING: Final = "处理"
"""Columns of the exported 待核 list: the row's id, and what the clerk decided where two values differ."""
TAKE_FILE: Final = "以本表为准"
TAKE_NONE: Final = "不导入"

_CLIPBOARD: Final = "剪贴板"
_SEARCHED: Final = 30
_TELLING: Final = 200
"""Rows between two words on how far the check is."""


@dataclass(frozen=True)
class ImportedRow:
    """What became of one row, and where to look."""

    file: str
    sheet: str
    row: int
    fate: Fate
    column: str
    text: str
    name: str = ""
    """As it stands in the row, where it could be read."""
    person: str = ""
    """Whom the row became or means; empty while that is open."""


@dataclass(frozen=True)
class Imported:
    """The sum: read = added + changed + same + asked + pending + dropped. `act` is empty when nothing was written."""

    read: int
    added: int
    changed: int
    same: int
    asked: int
    pending: int
    dropped: int
    rows: tuple[ImportedRow, ...]
    act: str = ""
    hidden: int = 0
    """Rows nobody sees in their sheet, among those read: they are taken like the others, and said to be hidden."""

    @property
    def sentence(self) -> str:
        """The line for the clerk and the leader (users.md §5)."""
        hidden = f"其中表里隐藏的 {self.hidden} 行也读了。" if self.hidden else ""
        return (
            f"读到 {self.read} 行: 入库 {self.added + self.changed}, 已有 {self.same}, 待确认 {self.asked}, "
            f"待核 {self.pending}, 不导入 {self.dropped}, 合计 {self.read}。没有丢一行。{hidden}"
        )


@dataclass
class _Table:
    """One sheet with the headings found in it, or the reason why none of its rows is taken."""

    file: str
    sheet: str
    rows: list[list[workbook.Cell]]
    sheet_facts: workbook.Sheet
    found: headings.Headings | None
    mapping: dict[int, str] = field(default_factory=dict)
    reason: str = ""
    results: list[RowResult] = field(default_factory=list)

    def column(self, label: str) -> int | None:
        """Column of a heading of the 待核 list."""
        labels = self.found.labels if self.found is not None else ()
        return next((place for place, each in enumerate(labels) if each.strip() == label), None)

    def kept_headings(self) -> str:
        """[[heading, field], …] as it is kept with rows that wait."""
        labels = self.found.labels if self.found is not None else ()
        return json.dumps([[text, self.mapping.get(n, "")] for n, text in enumerate(labels)], ensure_ascii=False)


class Importing:
    """Bringing rosters in."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def run(
        self,
        files: Sequence[Path],
        *,
        sheet: str = "",
        mapping: Mapping[str, str] | None = None,
        rehearse: bool = False,
    ) -> Imported:
        """Read files of one kind and take their rows in as one act; `rehearse` only says what would become of them.

        `mapping` gives the field for headings the programme does not know (an empty field leaves a column out).
        Raises BadInput, with nothing changed, for what is no workbook or has no recognisable headings.
        """
        rights.demand(self.station, "import")
        tables = self._tables(files, sheet, mapping or {})
        name = files[0].name if len(files) == 1 else f"{files[0].name} 等 {len(files)} 个文件"
        return self._brought(tables, name, rehearse=rehearse)

    def paste(
        self,
        text: str,
        *,
        columns: Sequence[str] = (),
        mapping: Mapping[str, str] | None = None,
        rehearse: bool = False,
    ) -> Imported:
        """The same for a block pasted from Excel; its rows are numbered as they were pasted.

        `columns` gives the field of each column (empty: left out) of a block without headings.
        Raises BadInput, with nothing changed, for what is no table and where no headings are recognised.
        """
        rights.demand(self.station, "import")
        when = clock.now().strftime("%Y-%m-%d %H:%M")
        facts = workbook.Sheet(_CLIPBOARD, [list(row) for row in pasted.rows(text)])
        table = _table_of(f"粘贴 {when}", facts, mapping or {})
        if columns:
            _demand_fields(dict(zip(map(str, range(len(columns))), columns, strict=True)))
            labels = tuple(headings.LABELS[name][0] if name else "" for name in columns)
            table.found = headings.Headings(0, 0, labels, *headings.match(labels))
            table.mapping = {place: name for place, name in enumerate(columns) if name}
        if table.found is None:
            raise BadInput("粘贴的内容里没有认出表头(至少要有姓名和另外两列)。请连同表头一起复制。没有改动任何数据。")
        return self._brought([table], _CLIPBOARD, rehearse=rehearse)

    def _brought(self, tables: Sequence[_Table], name: str, *, rehearse: bool) -> Imported:
        if rehearse:
            with self.station.db.read() as session:
                return self._taken(session, tables)[1]
        with self.station.db.work(f"导入名单({name})") as work:
            intake, imported = self._taken(work.session, tables)
            intake.store(work)
        return replace(imported, act=work.act)

    def _tables(self, files: Sequence[Path], sheet: str, mapping: Mapping[str, str]) -> list[_Table]:
        _demand_fields(mapping)
        tables: list[_Table] = []
        for number, path in enumerate(files):
            progress.step("读取文件", number, len(files))
            tables += _tables_of(path, sheet, mapping)
        seen = {label.strip() for table in tables if table.found for label in table.found.labels}
        if missing := {label: "表里没有这个表头" for label in mapping if label not in seen}:
            raise BadInput("对照表里的表头在文件中没有找到: " + ", ".join(missing) + "。没有改动任何数据。", missing)
        return tables

    def _taken(self, session: Session, tables: Sequence[_Table]) -> tuple[Intake, Imported]:
        read_rows(self.station, session, tables)
        ready = [result.values for table in tables for result in table.results if result.fate == "ready"]
        intake = Intake(session, Register(session, ready), self.station.place.home)
        before = _Before(session, tables)
        rows = [row for table in tables for row in self._rows(table, intake, before)]
        fates = Counter(row.fate for row in rows)
        read = sum(len(table.rows) for table in tables)
        if read != sum(fates.values()):
            raise AssertionError(f"{read} rows read, {sum(fates.values())} accounted for")
        return intake, Imported(
            read, fates["added"], fates["changed"], fates["same"], fates["asked"], fates["pending"], fates["dropped"],
            tuple(rows), hidden=sum(len(table.sheet_facts.hidden_rows) for table in tables if table.found),
        )  # fmt: skip

    def _rows(self, table: _Table, intake: Intake, before: "_Before") -> Iterable[ImportedRow]:
        if table.found is None:
            for number in range(1, len(table.rows) + 1):
                yield ImportedRow(table.file, table.sheet, number, "dropped", "", table.reason)
            return
        kept = table.kept_headings()
        for result, cells in zip(table.results, table.rows, strict=True):
            if result.number % _TELLING == 0:
                progress.step(f"核对 {table.file}", result.number, len(table.rows))
            taken = self._take(table, result, Waiting(
                table.file, table.sheet, result.number, kept, kept_cells(cells), why(result),
            ), intake, before)  # fmt: skip
            name = result.values.get("name", "") or _name_in(result, table)
            yield ImportedRow(
                table.file, table.sheet, result.number, taken.fate, taken.column, taken.text, name, taken.person
            )

    def _take(self, table: _Table, result: RowResult, row: Waiting, intake: Intake, before: "_Before") -> Taken:
        """One row: settled before, dropped, ready for the register, or kept waiting."""
        if result.fate == "dropped":
            return Taken("dropped", result.problems[0][1])
        earlier = before.of(table, result, row)
        if earlier is not None and earlier.fate != "waiting":
            return (
                Taken("same", "这一行以前已核对入库")
                if earlier.fate == "stored"
                else Taken("dropped", "以前已定为不导入")
            )
        decision = _cell(result, table.column(DECISION_HEADING))
        if earlier is not None and decision == TAKE_NONE:
            intake.settled[earlier.id] = {"fate": "dropped"}
            return Taken("dropped", "已定为不导入")
        if result.fate == "pending":
            taken = Taken("pending", row.problem, result.problems[0][0])
        else:
            trusted = ALL if earlier is not None and decision == TAKE_FILE else frozenset[str]()
            taken = intake.take(result.values, trusted)
        if taken.fate not in ("asked", "pending"):
            if earlier is not None:
                intake.settled[earlier.id] = {"fate": "stored", "person": taken.person}
            first = next(iter(result.warnings), ("", ""))
            said = "; ".join(filter(None, (taken.text, *(text for _, text in result.warnings))))
            return replace(taken, text=said, column=first[0])
        row.problem = taken.text
        if earlier is None:
            intake.waiting.append(row)
        elif before.came_home(table):
            intake.settled[earlier.id] = {"problem": row.problem, "headings": row.headings, "cells": row.cells}
        else:
            intake.settled[earlier.id] = {"problem": row.problem}
        return taken


class _Before:
    """Rows of these files that wait already or were decided: a second import of a file asks nothing twice."""

    def __init__(self, session: Session, tables: Sequence[_Table]) -> None:
        self._by_place: dict[tuple[str, str, int, str], PendingRow] = {}
        self._by_id: dict[str, PendingRow] = {}
        files = sorted({table.file for table in tables})
        ids = [i for table in tables for i in _ids(table)]
        query = select(PendingRow).where(PendingRow.deleted.is_(False))
        for row in session.scalars(query.where(PendingRow.file.in_(files))):
            self._by_place[row.file, row.sheet, row.row, row.cells] = row
        for start in range(0, len(ids), 500):
            self._by_id |= {r.id: r for r in session.scalars(query.where(PendingRow.id.in_(ids[start : start + 500])))}

    def came_home(self, table: _Table) -> bool:
        """Whether a table is an exported 待核 list."""
        return table.column(NUMBER_HEADING) is not None

    def of(self, table: _Table, result: RowResult, row: Waiting) -> PendingRow | None:
        """The kept row a row of a file is, by the id it came home with or by its place and content."""
        place = table.column(NUMBER_HEADING)
        if place is not None:
            return self._by_id.get(_cell(result, place).lower())
        return self._by_place.get((row.file, row.sheet, row.row, row.cells))


def rehearse(station: Station, files: Sequence[Path], mapping: Mapping[str, str]) -> Imported:
    """先核对(不改数据), as a job for the worker process."""
    return Importing(station).run(files, mapping=mapping, rehearse=True)


def take_in(station: Station, files: Sequence[Path], mapping: Mapping[str, str]) -> Imported:
    """确认入库, as a job for the worker process: one act, or nothing if it is stopped."""
    return Importing(station).run(files, mapping=mapping)


def _name_in(result: RowResult, table: _Table) -> str:
    """The name of a row that waits because of something else, or because of the name itself."""
    if result.fate == "dropped":
        return ""
    return _cell(result, next((n for n, field in table.mapping.items() if field == "name"), None))


def _ids(table: _Table) -> list[str]:
    place = table.column(NUMBER_HEADING)
    found = [cell_text(row[place]).strip().lower() for row in table.rows if place is not None and place < len(row)]
    return [text for text in found if len(text) == 32 and not set(text) - set("0123456789abcdef")]


def _cell(result: RowResult, place: int | None) -> str:
    return result.cells[place].strip() if place is not None and place < len(result.cells) else ""


def _demand_fields(mapping: Mapping[str, str]) -> None:
    if unknown := {k: f"没有“{v}”这个字段" for k, v in mapping.items() if v and v not in headings.LABELS}:
        raise BadInput("对照表里有不认识的字段: " + ", ".join(unknown.values()) + "。没有改动任何数据。", unknown)


def _table_of(file: str, sheet: workbook.Sheet, mapping: Mapping[str, str]) -> _Table:
    found = headings.locate(sheet.rows)
    if mapping:
        found = _mapped(sheet.rows, found, mapping)
    table = _Table(file, sheet.name, sheet.rows, sheet, found, reason="没有认出表头")
    if found is not None:
        named = {n: mapping[t.strip()] for n, t in enumerate(found.labels) if t.strip() in mapping}
        taken = set(named.values())
        table.mapping = {n: f for n, f in found.mapping.items() if f not in taken and n not in named}
        table.mapping |= {n: f for n, f in named.items() if f}
    return table


def _tables_of(path: Path, sheet: str, mapping: Mapping[str, str]) -> list[_Table]:
    sheets = [each for each in workbook.read_file(path) if not sheet or each.name == sheet]
    if sheet and not sheets:
        raise BadInput(f"文件“{path.name}”里没有工作表“{sheet}”。没有改动任何数据。")
    tables = []
    for each in sheets:
        if each.hidden and not sheet:
            tables.append(_Table(path.name, each.name, each.rows, each, None, reason="隐藏的工作表"))
            continue
        tables.append(_table_of(path.name, each, mapping))
    if not any(table.found for table in tables):
        raise BadInput(f"文件“{path.name}”里没有认出表头(至少要有姓名和另外两列)。没有改动任何数据。")
    return tables


def _mapped(
    rows: Sequence[Sequence[workbook.Cell]], found: headings.Headings | None, mapping: Mapping[str, str]
) -> headings.Headings | None:
    """The headings where most of a given mapping stands; what was found by itself if none of it does."""
    counts = [sum(cell_text(cell).strip() in mapping for cell in row) for row in rows[:_SEARCHED]]
    best = max(counts, default=0)
    if best == 0 or (found is not None and sum(text.strip() in mapping for text in found.labels) >= best):
        return found
    place = counts.index(best)
    labels = tuple(map(cell_text, rows[place]))
    return headings.Headings(place + 1, place + 1, labels, *headings.match(labels))


def read_rows(station: Station, session: Session, tables: Sequence[_Table]) -> None:
    """Let the rules read every table that has headings, with the names of the station's places."""
    names = divisions.names_inside(session, station.place, ended=False)
    places = _Places(names, station.place.home)
    for table in tables:
        if table.found is None:
            continue
        column = next((n for n, name in table.mapping.items() if name == "division"), None)
        context = person_rows.Context(station.place.home, clock.today(), places.doubtful(table.rows, column))
        rows = places.resolved(table.rows, column)
        facts = table.sheet_facts
        table.results = person_rows.read(
            rows, table.found, context, mapping=table.mapping, filled=facts.filled, unvalued=facts.unvalued,
            hidden=facts.hidden_rows,
        )  # fmt: skip


class _Places:
    """Looks each village name up once: a county's list read row by row would take minutes for ten thousand rows."""

    def __init__(self, names: Mapping[str, str], home: str) -> None:
        self._names = names
        self._home = home
        self._codes: dict[str, list[str]] = {}

    def _find(self, row: Sequence[Any], column: int | None) -> list[str]:
        text = cell_text(row[column]).strip() if column is not None and column < len(row) else ""
        if text and text not in self._codes:
            known = division_rules.is_code(text)
            self._codes[text] = [] if known else division_rules.find(self._names, text, self._home)
        return self._codes.get(text, [])

    def resolved(self, rows: Sequence[Sequence[Any]], column: int | None) -> list[list[Any]]:
        """The rows with the code in place of every village name that means one place only."""
        out = [list(row) for row in rows]
        for row in out:
            if column is not None and len(codes := self._find(row, column)) == 1:
                row[column] = codes[0]
        return out

    def doubtful(self, rows: Sequence[Sequence[Any]], column: int | None) -> dict[str, str]:
        """The places that share a name some row uses, with those above them: all the rules still have to know."""
        several = {code for row in rows for codes in [self._find(row, column)] if len(codes) > 1 for code in codes}
        above = {upper for code in several for upper in division_rules.ancestors(code)}
        return {code: self._names[code] for code in several | above if code in self._names}


def read_mapping(path: Path) -> dict[str, str]:
    """A mapping file: a JSON object {heading: field}. Raises BadInput in words."""
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise BadInput(f"没有找到对照表文件“{path.name}”。") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"对照表文件“{path.name}”不是 JSON。没有改动任何数据。") from error
    if not isinstance(found, dict) or not all(isinstance(v, str | None) for v in found.values()):
        raise BadInput(f"对照表文件“{path.name}”要写成 {{表头: 字段}}。没有改动任何数据。")
    return {str(label).strip(): value or "" for label, value in found.items()}
