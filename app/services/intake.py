"""Takes rows of rosters into the register: holds them against it, gathers the changes, writes them in one act."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import Household, PendingRow, Person, bulk, fields_of, kinds
from app.models.base import Synced
from app.models.database import Work
from app.rules import cell_values, names
from app.rules.person_rows import RowResult
from app.services import field_values
from app.services.matching import Comparison, Difference, Known, KnownPart, Register, compare
from app.services.people import FLAT

Fate = Literal["added", "changed", "same", "asked", "pending", "dropped"]

ALL: Final = frozenset({"*"})
"""Every difference is decided in favour of the row."""

NOBODY: Final = "new"
"""Said of a row that means nobody on the register."""

KEPT: Final = frozenset({"division"})
"""Never changed by a row: a move to another village is a handover."""
_HEAD: Final = frozenset({"01", "02"})
"""Relations to the head of a household that are the head (GB/T 4761)."""
_FLAT_NAMES: Final = frozenset(name for flat in FLAT.values() for name in flat)
_CHUNK: Final = 500


@dataclass(frozen=True)
class Taken:
    """What became of a row; `text` says why, empty if nothing needs saying."""

    fate: Fate
    text: str = ""
    column: str = ""
    person: str = ""


@dataclass
class Waiting:
    """A row that is to wait for a person, as it will be kept."""

    file: str
    sheet: str
    row: int
    headings: str
    cells: str
    problem: str


@dataclass
class Intake:
    """Rows taken one after the other; nothing is written before `store`."""

    session: Session
    register: Register
    home: str
    """Home of rows that wait: the unit's own seat."""
    new: list[Known] = field(default_factory=list)
    filled: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Changed fields by person."""
    part_changes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    more: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    """(kind, person, home, values) of parts added to persons already here."""
    waiting: list[Waiting] = field(default_factory=list)
    settled: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Changed fields by pending row."""

    def take(self, values: Mapping[str, Any], decided: frozenset[str] = frozenset(), meant: str = "") -> Taken:
        """Hold a clean row against the register. `decided`: fields in which the row may overwrite, or ALL.

        `meant` is the person somebody has said the row means, or NOBODY: somebody new.
        """
        row = {name: value for name, value in values.items() if name in _FLAT_NAMES or name in fields_of("person")}
        known, doubt = self._means(row, meant)
        if doubt:
            return Taken("asked", doubt)
        if known is None:
            return self._add(row)
        found = compare(known, row)
        open_ = [d for d in found.differences if d.field in KEPT or not (decided == ALL or d.field in decided)]
        if open_:
            return Taken("asked", "; ".join(map(told, open_)), person=known.id)
        if found.empty:
            return Taken("same", person=known.id)
        said = [f"{label(name)}补上" for name in found.fills] + [f"添上{kinds()[kind].noun}" for kind, _ in found.more]
        self._fill(known, found)
        return Taken("changed", "、".join(said), person=known.id)

    def _means(self, row: Mapping[str, Any], meant: str) -> tuple[Known | None, str]:
        if meant == NOBODY:
            there = self.register.with_number(row)
            return None, f"这个身份证号已经登记在 {there[0].values.get('name')} 名下, 不能再登记一次。" if there else ""
        if meant:
            known = self.register.known(meant)
            return known, "" if known is not None else "选的那个人已经不在了, 请重新选。"
        return self.register.find(row)

    def _add(self, row: Mapping[str, Any]) -> Taken:
        own = {name: value for name, value in row.items() if name not in _FLAT_NAMES}
        known = Known(clock.new_id(), str(row["division"]), own, new=True)
        for kind, flat in FLAT.items():
            if some := {name: row[name] for name in flat if row.get(name) is not None}:
                known.parts[kind] = [KnownPart("", some)]
        self.new.append(known)
        self.register.enter(known)
        return Taken("added", person=known.id)

    def _fill(self, known: Known, found: Comparison) -> None:
        fills = found.fills | {d.field: d.given for d in found.differences if d.kind == "person"}
        if "id_number" in fills and known.values.get("no_id_reason"):
            fills["no_id_reason"] = None
        known.values |= fills
        if fills and not known.new:
            self.filled.setdefault(known.id, {}).update(fills)
        changes = list(found.part_fills)
        for one in found.differences:
            if one.kind != "person":
                part = next(p for p in known.parts[one.kind] if p.values.get(one.field) == one.present)
                changes.append((one.kind, part, {one.field: one.given}))
        for kind, part, some in changes:
            part.values |= some
            if part.id:
                self.part_changes.setdefault((kind, part.id), {}).update(some)
        for kind, some in found.more:
            known.parts.setdefault(kind, []).append(KnownPart("", dict(some)))
            if not known.new:
                # The planned part is shared, so that a later row can still fill its gaps.
                self.more.append((kind, known.id, known.home, known.parts[kind][-1].values))
        if found.fills.keys() & {"id_number"}:
            self.register.enter(known)

    def store(self, work: Work) -> None:
        """Write everything gathered, in the unit of work the rows were read in."""
        homes = _Households(self.session, self.new)
        work.add_many("household", homes.new)
        rows = [{"id": k.id, "home": k.home, **k.values, "household": homes.of.get(k.id)} for k in self.new]
        work.add_many("person", rows)
        parts: dict[str, list[dict[str, Any]]] = {}
        for known in self.new:
            for kind, some in known.parts.items():
                parts.setdefault(kind, []).extend({"home": known.home, "person": known.id, **p.values} for p in some)
        for kind, person, home, values in self.more:
            parts.setdefault(kind, []).append({"home": home, "person": person, **values})
        for kind, some_rows in parts.items():
            work.add_many(kind, some_rows)
        self._write(Person, self.filled)
        for kind in FLAT:
            self._write(kinds()[kind], {part: some for (k, part), some in self.part_changes.items() if k == kind})
        work.add_many("pending_row", [vars(row) | {"home": self.home, "fate": "waiting"} for row in self.waiting])
        self._write(PendingRow, self.settled)

    def _write(self, model: type[Synced], changes: Mapping[str, Mapping[str, Any]]) -> None:
        for some in bulk.chunks(list(changes), _CHUNK):
            for record in self.session.scalars(select(model).where(model.id.in_(some))):
                for name, value in changes[record.id].items():
                    if getattr(record, name) != value:
                        setattr(record, name, value)


class _Households:
    """Persons of one household number and head in a village are one household; known ones are joined."""

    def __init__(self, session: Session, new: Sequence[Known]) -> None:
        self.new: list[dict[str, Any]] = []
        self.of: dict[str, str] = {}
        groups: dict[tuple[str, str, str], list[Known]] = {}
        for known in new:
            if number := known.values.get("household_number"):
                head = known.values.get("head_name")
                if head is None and known.values.get("head_relation") in _HEAD:
                    head = known.values.get("name")
                groups.setdefault((known.home, number, names.folded(head or "")), []).append(known)
        present = self._present(session, {number for _, number, _ in groups})
        for (home, number, head), members in groups.items():
            household = present.get((home, number))
            if household is None:
                household = clock.new_id()
                first = members[0]
                self.new.append(
                    {
                        "id": household, "home": home, "division": home, "number": number,
                        "address": first.values.get("address"), "head": _head(members, head),
                    }
                )  # fmt: skip
            self.of.update(dict.fromkeys((known.id for known in members), household))

    def _present(self, session: Session, numbers: set[str]) -> dict[tuple[str, str], str]:
        out: dict[tuple[str, str], str] = {}
        for some in bulk.chunks(sorted(numbers), _CHUNK):
            query = select(Household.home, Household.number, Household.id).where(
                Household.number.in_(some), Household.deleted.is_(False)
            )
            out |= {(home, number or ""): record for home, number, record in session.execute(query)}
        return out


def _head(members: Sequence[Known], head: str) -> str | None:
    return next(
        (
            known.id
            for known in members
            if known.values.get("head_relation") in _HEAD or (head and names.folded(known.values["name"]) == head)
        ),
        None,
    )


def label(name: str) -> str:
    """The label of a person's field, or of a field of a part that stands beside it."""
    for kind in ("person", *FLAT):
        if kind == "person" or name in FLAT[kind]:
            known = fields_of(kind).get(name)
            if known is not None:
                return known.label
    return name


def told(one: Difference) -> str:
    """A difference with both values in words."""
    known = fields_of(one.kind)[one.field]
    present, given = (field_values.label_of(known, value) for value in (one.present, one.given))
    if one.field in KEPT:
        return f"{known.label}: 已登记“{present}”, 表里“{given}”。户籍地变动要办关系转出/转入"
    return f"{known.label}: 已登记“{present}”, 表里“{given}”"


def kept_cells(row: Sequence[cell_values.Cell]) -> str:
    """A row's cells as they are kept: texts and numbers as they were, dates as texts."""
    return json.dumps(
        [c if isinstance(c, int | float | str | None) else cell_values.cell_text(c) for c in row], ensure_ascii=False
    )


def why(result: RowResult) -> str:
    """All problems of a row in one text, each with its column."""
    return "; ".join(f"{column}: {text}" if column else text for column, text in result.problems)
