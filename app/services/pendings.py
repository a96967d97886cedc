"""待核: rows that wait for a person, with their cells as they were; worked off one by one or by the returned list."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, progress
from app.errors import BadInput, Refused
from app.models import PendingRow
from app.rules import headings, person_rows
from app.rules.cell_values import cell_text
from app.rules.person_rows import RowResult
from app.services import divisions, field_values, rights
from app.services.ids import Ids
from app.services.intake import ALL, KEPT, NOBODY, Intake, label, why
from app.services.matching import Difference, Known, Register, compare
from app.services.station import Station

ACCEPT: Final = "accept"
"""Beside fields: `accept=file` decides every difference in favour of the row."""

_UNTYPED: Final = headings.IGNORED | set(headings.KEPT_IN_NOTE)
_TELLING: Final = 100


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
class Batch:
    """Waiting rows with the same headings: one grid. `columns` are (heading, field, may be typed into)."""

    key: str
    columns: tuple[tuple[str, str, bool], ...]
    ids: Ids
    files: tuple[str, ...]


@dataclass(frozen=True)
class GridRow:
    """One row of a grid: its cells as texts, by column."""

    id: str
    file: str
    sheet: str
    row: int
    cells: tuple[str, ...]
    problem: str


@dataclass(frozen=True)
class Differing:
    """A field in which the register and the row say different things; `fixed`: only the register may count."""

    field: str
    label: str
    present: str
    given: str
    fixed: bool


@dataclass(frozen=True)
class Alike:
    """Somebody on the register the row may mean."""

    id: str
    name: str
    words: str


@dataclass(frozen=True)
class Judged:
    """What still stands in the way of a row as it is typed now; all empty: it can be taken in."""

    problems: tuple[tuple[int, str], ...] = ()
    """(column, sentence); the column is -1 for the row as a whole."""
    differences: tuple[Differing, ...] = ()
    person: str = ""
    """Whom the row means; empty where it means nobody, or that is open."""
    person_name: str = ""
    alike: tuple[Alike, ...] = ()
    """Of whom one must be chosen, or nobody."""

    @property
    def text(self) -> str:
        """In one line."""
        if self.problems:
            return " ".join(text for _, text in self.problems)
        if self.alike:
            return f"可能是已登记的 {'、'.join(one.name for one in self.alike[:3])}, 请核对是不是同一人。"
        return "; ".join(f"{d.label}: 已登记“{d.present}”, 表里“{d.given}”" for d in self.differences)


@dataclass(frozen=True)
class Decision:
    """What a person has decided about one row. `values`: cells put right, by field; what is given also counts against
    the register. `keep`: fields in which the register counts. `accept`: in all others the row counts. `person`: whom
    the row means, or intake.NOBODY. `drop`: 不导入.
    """

    id: str
    values: Mapping[str, str] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()
    accept: bool = False
    person: str = ""
    drop: bool = False


@dataclass(frozen=True)
class Fixed:
    """What became of a row that was put right; `fate` is added|changed|same."""

    id: str
    fate: str


@dataclass(frozen=True)
class Settled:
    """What became of one of several rows: its fate, or why it still waits."""

    id: str
    fate: str = ""
    person: str = ""
    problem: str = ""


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

    def count(self) -> int:
        """How many of the unit's own rows wait."""
        rights.demand(self.station, "read")
        query = (
            select(func.count())
            .select_from(PendingRow)
            .where(
                PendingRow.deleted.is_(False), PendingRow.fate == "waiting", PendingRow.home == self.station.place.home
            )
        )
        with self.station.db.read() as session:
            return session.scalar(query) or 0

    def batches(self) -> list[Batch]:
        """The unit's own rows that wait, by their headings; rows of units below are theirs to work off."""
        rights.demand(self.station, "read")
        query = select(PendingRow.id, PendingRow.file, PendingRow.headings).where(
            PendingRow.deleted.is_(False), PendingRow.fate == "waiting", PendingRow.home == self.station.place.home
        )
        found: dict[str, tuple[list[str], dict[str, None]]] = {}
        with self.station.db.read() as session:
            order = PendingRow.file, PendingRow.sheet, PendingRow.row, PendingRow.id
            for row in session.execute(query.order_by(*order)):
                ids, files = found.setdefault(row.headings, ([], {}))
                ids.append(row.id)
                files[row.file] = None
        return [Batch(key, _columns(key), Ids.of(ids), tuple(files)) for key, (ids, files) in found.items()]

    def lines(self, ids: Sequence[str]) -> dict[str, GridRow]:
        """Rows by id, by primary key: for what is in view."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            rows = list(session.scalars(select(PendingRow).where(PendingRow.id.in_(ids))))
        return {
            r.id: GridRow(r.id, r.file, r.sheet, r.row, tuple(map(cell_text, json.loads(r.cells))), r.problem)
            for r in rows
        }

    def judge(self, ids: Sequence[str], typed: Mapping[str, Mapping[str, str]]) -> dict[str, Judged]:
        """What stands in the way of each row, with what is `typed` into its fields in place of its cells."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            reader = _Reader(self.station, session)
            rows = {row.id: row for row in session.scalars(select(PendingRow).where(PendingRow.id.in_(ids)))}
            results = {one: reader.read(row, typed.get(one, {})) for one, row in rows.items()}
            ready = [result.values for result in results.values() if result.fate == "ready"]
            register = Register(session, ready)
            return {one: _judged(result, rows[one], register) for one, result in results.items()}

    def fix(self, pending: str, values: Mapping[str, str]) -> Fixed:
        """Take a row in with some of its fields put right; what is given also decides where two values differ.

        Raises BadInput with everything that is still wrong or undecided; nothing is changed then.
        """
        given = dict(values)
        accept = given.pop(ACCEPT, None)
        if accept not in (None, "file"):
            raise BadInput("accept 只能写成 accept=file(以表里的为准)。没有改动任何数据。", {ACCEPT: "只能是 file"})
        rights.demand(self.station, "write")
        with self.station.db.work("待核入库") as work:
            row = _row_of(work.session, pending)
            result = _Reader(self.station, work.session).decided(row, Decision(row.id, given))
            if result.fate != "ready":
                raise BadInput(f"这一行还不能入库: {why(result)}。没有改动任何数据。", dict(result.problems))
            intake = Intake(work.session, Register(work.session, [result.values]), self.station.place.home)
            taken = intake.take(result.values, ALL if accept else frozenset(given))
            if taken.fate == "asked":
                said = f"还有没定下来的: {taken.text}。请写 字段=内容 定下来。没有改动任何数据。"
                raise BadInput(said, {"asked": taken.text})
            intake.settled[row.id] = {"fate": "stored", "person": taken.person}
            intake.store(work)
        return Fixed(taken.person, taken.fate)

    def settle(self, decisions: Sequence[Decision]) -> list[Settled]:
        """Work off several rows in one act; those that cannot be taken in yet stay, each with the reason."""
        rights.demand(self.station, "write")
        out: dict[str, Settled] = {}
        with self.station.db.work(_named(decisions)) as work:
            reader = _Reader(self.station, work.session)
            ready: list[tuple[Decision, RowResult]] = []
            for number, decision in enumerate(decisions):
                if number % _TELLING == 0:
                    progress.step("待核入库", number, len(decisions))
                try:
                    row = _row_of(work.session, decision.id)
                    result = reader.decided(row, decision)
                except (BadInput, Refused) as error:
                    out[decision.id] = Settled(decision.id, problem=str(error))
                    continue
                if decision.drop:
                    row.fate = "dropped"
                    out[decision.id] = Settled(decision.id, "dropped")
                elif result.fate != "ready":
                    out[decision.id] = Settled(decision.id, problem=why(result))
                else:
                    ready.append((decision, result))
            # One register for all of them: a later row must see what an earlier one brings.
            meant = [decision.person for decision, _ in ready if decision.person not in ("", NOBODY)]
            register = Register(work.session, [result.values for _, result in ready], meant)
            intake = Intake(work.session, register, self.station.place.home)
            for decision, result in ready:
                out[decision.id] = self._taken(intake, decision, result)
            intake.store(work)
        return [out[decision.id] for decision in decisions]

    @staticmethod
    def _taken(intake: Intake, decision: Decision, result: RowResult) -> Settled:
        values = {name: value for name, value in result.values.items() if name not in decision.keep}
        taken = intake.take(values, ALL if decision.accept else frozenset(decision.values), decision.person)
        if taken.fate == "asked":
            return Settled(decision.id, problem=taken.text)
        intake.settled[decision.id] = {"fate": "stored", "person": taken.person}
        return Settled(decision.id, taken.fate, taken.person)

    def drop(self, pending: str) -> None:
        """不导入: the row is not taken in and asks no more; its cells stay in the history."""
        rights.demand(self.station, "write")
        with self.station.db.work("待核不导入") as work:
            _row_of(work.session, pending).fate = "dropped"


class _Reader:
    """Reads waiting rows as the rules do, with the names of the station's places."""

    def __init__(self, station: Station, session: Session) -> None:
        names = divisions.names_inside(session, station.place, ended=False)
        self._context = person_rows.Context(station.place.home, clock.today(), names)

    def decided(self, row: PendingRow, decision: Decision) -> RowResult:
        """The row with what was decided; BadInput for fields that cannot be given."""
        unknown = {n: "没有这个字段" for n in decision.values if n not in headings.LABELS or n in _UNTYPED}
        result = self.read(row, {n: v for n, v in decision.values.items() if n not in unknown})
        if unknown:
            field_values.refuse(unknown | dict(result.problems))
        return result

    def read(self, row: PendingRow, given: Mapping[str, str]) -> RowResult:
        """The row with the given fields in place of its cells."""
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
        return person_rows.read([labels, cells], found, self._context, mapping=mapping)[1]


def settle(station: Station, decisions: Sequence[Decision]) -> list[Settled]:
    """`Pendings.settle` as a job for the worker process."""
    return Pendings(station).settle(decisions)


def _named(decisions: Sequence[Decision]) -> str:
    dropped = all(decision.drop for decision in decisions)
    name = "待核不导入" if dropped else "待核入库"
    return name if len(decisions) == 1 else f"{name}({len(decisions)} 行)"


def _columns(key: str) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (" ".join(text.split()), name, bool(name) and name not in headings.IGNORED and name not in _UNTYPED)
        for text, name in json.loads(key)
    )


def _judged(result: RowResult, row: PendingRow, register: Register) -> Judged:
    if result.fate != "ready":
        place = _place_of(row)
        return Judged(tuple((place(column), text) for column, text in result.problems))
    known, doubt = register.find(result.values)
    if doubt:
        near = register.with_number(result.values) or register.alike(result.values)
        return Judged(alike=tuple(map(_alike, near)))
    if known is None:
        return Judged()
    differences = tuple(
        Differing(d.field, label(d.field), _word(d, d.present), _word(d, d.given), d.field in KEPT)
        for d in compare(known, result.values).differences
    )
    return Judged(differences=differences, person=known.id, person_name=str(known.values.get("name") or ""))


def _word(difference: Difference, value: Any) -> str:
    return field_values.label_of(field_values.writable(difference.kind)[difference.field], value)


def _place_of(row: PendingRow) -> Callable[[str], int]:
    """Which column a heading is; -1 for none."""
    labels = ["".join(text.split()) for text, _ in json.loads(row.headings)]
    return lambda heading: labels.index(heading) if heading and heading in labels else -1


def _alike(known: Known) -> Alike:
    values = known.values
    facts = (
        values.get("birth_date") or "出生日期不详",
        values.get("id_number") or "无身份证号",
        values.get("village_group"),
    )
    return Alike(known.id, str(values.get("name") or ""), " ".join(str(fact) for fact in facts if fact))


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


__all__ = [
    "ACCEPT", "NOBODY", "Alike", "Batch", "Decision", "Differing", "Fixed", "GridRow", "Judged", "Pending", "Pendings", "Settled",
    "settle",
]  # fmt: skip
