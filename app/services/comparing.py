"""名单比对: a list of any office (deaths, 医保, 低保, 国网, a village's own) against the register; writes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import clock
from app.documents import workbook, workbook_pages
from app.documents.workbook_pages import Page
from app.errors import BadInput
from app.models import Person, PersonIdentity, PersonKey, bulk, fields_of, table_of
from app.rules import account, cell_values, comparing, headings, id_number, names, person_rows, phone
from app.rules import divisions as division_rules
from app.rules.comparing import COMPARED, HEAPS, Compared, Entry
from app.rules.headings import Headings
from app.services import divisions, field_values, leaving, rights
from app.services.intake import label
from app.services.lookup import DEAD, LEFT
from app.services.people import FLAT
from app.services.station import Station

_CHUNK: Final = 500
_PERSON: Final = (
    "name",
    "former_name",
    "id_number",
    "sex",
    "birth_date",
    "division",
    "phone",
    "phone2",
    "status",
    "death_date",
)
_MASKS: Final = {"id_number": id_number.mask, "phone": phone.mask, "phone2": phone.mask, "account_number": account.mask}
_HERE: Final = ("id", "name", "id_number", "birth_date", "division", "phone")


@dataclass(frozen=True)
class Among:
    """Who of the register is asked for in a list: whoever is not in it is 只在本库. Empty means everybody."""

    division: str = ""
    class12: tuple[str, ...] = ()
    benefits: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListRow:
    """A row of the list as it stood, with what became of it."""

    file: str
    sheet: str
    cells: tuple[str, ...]
    result: Compared


@dataclass(frozen=True)
class HereRow:
    """Somebody the list does not have, or whom a row of it means."""

    id: str
    name: str
    id_number: str | None
    birth_date: str | None
    division: str
    phone: str | None


@dataclass(frozen=True)
class ListComparison:
    """All heaps: read = both + differing + only_list + unclear + dropped, and apart from them who is only here."""

    read: int
    both: int
    differing: int
    only_list: int
    unclear: int
    dropped: int
    rows: tuple[ListRow, ...]
    here: tuple[HereRow, ...]
    """只在本库."""
    persons: Mapping[str, HereRow]
    """Those of the register whom rows mean, by id."""
    headings: Mapping[tuple[str, str], tuple[str, ...]]
    """Headings by file and sheet."""

    @property
    def only_here(self) -> int:
        """How many persons the list lacks."""
        return len(self.here)

    @property
    def sentence(self) -> str:
        """The line for the clerk and the leader."""
        return (
            f"名单 {self.read} 行: 双方都有 {self.both}, 内容不同 {self.differing}, 只在名单 {self.only_list}, "
            f"说不准 {self.unclear}, 不是人员 {self.dropped}, 合计 {self.read}; 只在本库 {self.only_here} 人。没有改动任何数据。"
        )


@dataclass
class _Table:
    file: str
    sheet: str
    found: Headings
    rows: list[list[workbook.Cell]]
    results: list[person_rows.RowResult]

    @property
    def placed(self) -> bool:
        return "division" in self.found.mapping.values()


class Comparing:
    """Holding lists against the register."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def run(
        self,
        files: Sequence[Path],
        *,
        sheet: str = "",
        mapping: Mapping[str, str] | None = None,
        deaths: bool = False,
        among: Among = Among(),
    ) -> ListComparison:
        """Read lists and hold every row against the register. `deaths` says that everybody on them has died.

        Raises BadInput for what is no workbook, has no recognisable headings, or a mapping that does not fit.
        """
        rights.demand(self.station, "read")
        with self.station.db.read() as session, bulk.unhindered():
            tables = [table for file in files for table in self._tables(session, file, sheet, mapping or {})]
            wanted = [result.values for table in tables for result in table.results if result.fate != "dropped"]
            entries = _entries(session, wanted)
            register = comparing.Register(entries.values())
            rows = [row for table in tables for row in _compared(table, register, deaths=deaths)]
            met = {one for row in rows for one in (row.result.person, *row.result.mentioned)} - {""}
            here = _only_here(session, among, met)
            persons = _shown(session, met)
        heaps = Counter(row.result.heap for row in rows)
        read = sum(len(table.rows) for table in tables)
        if read != sum(heaps.values()):
            raise AssertionError(f"{read} rows read, {sum(heaps.values())} accounted for")
        labels = {(table.file, table.sheet): table.found.labels for table in tables}
        return ListComparison(
            read, heaps["both"], heaps["differing"], heaps["only_list"], heaps["unclear"], heaps["dropped"],
            tuple(rows), tuple(here), persons, labels,
        )  # fmt: skip

    def export(self, done: ListComparison, file: Path, *, masked: bool = True) -> None:
        """The heaps as sheets of an .xlsx. Raises EnvironmentTrouble if the file cannot be written."""
        with self.station.db.read() as session:
            places = divisions.all_names(session, ended=True)
        sources = "、".join(dict.fromkeys(file for file, _ in done.headings))

        def make(title: str) -> int:
            workbook_pages.write_pages(file, _pages(done, title, places, masked=masked))
            return len(done.rows) + len(done.here)

        leaving.write(self.station, file, f"名单比对 {sources}", make, full=not masked)

    def _tables(self, session: Session, path: Path, only: str, mapping: Mapping[str, str]) -> list[_Table]:
        sheets = [one for one in workbook.read_file(path) if (one.name == only if only else not one.hidden)]
        if only and not sheets:
            raise BadInput(f"文件“{path.name}”里没有工作表“{only}”。没有改动任何数据。")
        known = divisions.names_inside(session, self.station.place, ended=False)
        context = person_rows.Context(self.station.place.home, clock.today(), known)
        out: list[_Table] = []
        for one in sheets:
            found = _located(one.rows, mapping)
            if found is not None:
                rows = _placed(one.rows, found, known, self.station.place.home)
                results = person_rows.read(
                    rows, found, context, filled=one.filled, unvalued=one.unvalued, hidden=one.hidden_rows
                )
                out.append(_Table(path.name, one.name, found, one.rows, results))
        if not out:
            raise BadInput(f"文件“{path.name}”里没有认出表头(至少要有身份证号, 或姓名和另外一列)。没有改动任何数据。")
        return out


def _located(rows: Sequence[Sequence[workbook.Cell]], mapping: Mapping[str, str]) -> Headings | None:
    """Headings found by themselves, or those a mapping {heading: field} names. Raises BadInput for unknown fields."""
    if unknown := {k: f"没有“{v}”这个字段" for k, v in mapping.items() if v and v not in headings.LABELS}:
        raise BadInput("对照表里有不认识的字段: " + ", ".join(unknown.values()) + "。没有改动任何数据。", unknown)
    if not mapping:
        return comparing.locate(rows)
    for place, row in enumerate(rows[:30]):
        labels = tuple(map(cell_values.cell_text, row))
        named = {column: mapping[text.strip()] for column, text in enumerate(labels) if text.strip() in mapping}
        if named:
            own, unmatched = headings.match(labels)
            taken = set(named.values())
            matches = [match for match in own if match.column not in named and match.field not in taken]
            matches += [headings.Match(column, labels[column], name, 100) for column, name in named.items() if name]
            return Headings(place + 1, place + 1, labels, tuple(matches), unmatched)
    return None


def _placed(
    rows: Sequence[Sequence[workbook.Cell]], found: Headings, known: Mapping[str, str], home: str
) -> list[list[workbook.Cell]]:
    """The rows with codes for village names, each looked up once; a place outside the area is no fault of a list."""
    out = [list(row) for row in rows]
    column = next((column for column, name in found.mapping.items() if name == "division"), None)
    codes: dict[str, str] = {}
    for row in out[found.last_row :]:
        text = comparing.cell_at(row, column)
        if column is None or not text:
            continue
        if text not in codes:
            given = [text] if division_rules.is_code(text) else division_rules.find(known, text, home)
            codes[text] = given[0] if len(given) == 1 and division_rules.within(given[0], home) else ""
        row[column] = codes[text] or None
    return out


def _compared(table: _Table, register: comparing.Register, *, deaths: bool) -> Iterable[ListRow]:
    column = comparing.death_column(table.found)
    year = clock.today().year
    for result, cells in zip(table.results, table.rows, strict=True):
        raw = cells[column] if column is not None and column < len(cells) else None
        died = cell_values.date(raw, latest_year=year).value or comparing.cell_at(cells, column)
        done = comparing.compare(result, register, died=died, dead=deaths, placed=table.placed)
        yield ListRow(table.file, table.sheet, result.cells, done)


# -- the register's side ----------------------------------------------------------------------------------------------


def _entries(session: Session, wanted: Sequence[Mapping[str, Any]]) -> dict[str, Entry]:
    """Persons whom rows may mean: by number, and by name where no number of theirs is known here."""
    found: dict[str, Entry] = {}
    numbers = sorted({row["id_number"] for row in wanted if row.get("id_number")})
    for some in bulk.chunks(numbers, _CHUNK):
        found |= _fetch(session, Person.id_number.in_(some))
    known = {entry.id_number for entry in found.values()}
    folded = {names.folded(row["name"]) for row in wanted if row.get("name") and row.get("id_number") not in known}
    for some in bulk.chunks(sorted(folded - {""}), _CHUNK):
        keyed = select(PersonKey.person).where(PersonKey.key.in_(some))
        ids = [one for one in dict.fromkeys(session.scalars(keyed)) if one not in found]
        for few in bulk.chunks(ids, _CHUNK):
            # A key is a name from any of its characters on: 建国 finds 张建国 too, who is not meant.
            found |= {
                record: entry
                for record, entry in _fetch(session, Person.id.in_(few)).items()
                if {names.folded(entry.name), names.folded(entry.former_name)} & folded
            }
    return found


def _fetch(session: Session, condition: ColumnElement[bool]) -> dict[str, Entry]:
    person = table_of("person")
    query = select(person.c.id, *(person.c[name] for name in _PERSON))
    query = query.where(Person.deleted.is_(False), Person.merged_into.is_(None), condition)
    rows = {row[0]: dict(zip(_PERSON, row[1:], strict=True)) for row in session.execute(query)}
    values: dict[str, dict[str, set[str]]] = {record: _own(fields) for record, fields in rows.items()}
    for kind, flat in FLAT.items():
        part = table_of(kind)
        compared = [name for name in flat if name in COMPARED]
        for some in bulk.chunks(list(rows), _CHUNK):
            parts = select(part.c.person, *(part.c[name] for name in compared))
            for owner, *given in session.execute(parts.where(part.c.person.in_(some), part.c.deleted.is_(False))):
                for name, value in zip(compared, given, strict=True):
                    if value:
                        values[owner].setdefault(name, set()).add(value)
    return {
        record: Entry(
            record, fields["name"] or "", fields["former_name"] or "", fields["id_number"] or "",
            fields["birth_date"] or "", bool(fields["death_date"]) or fields["status"] in DEAD,
            {name: frozenset(some) for name, some in values[record].items()},
        )
        for record, fields in rows.items()
    }  # fmt: skip


def _own(fields: Mapping[str, Any]) -> dict[str, set[str]]:
    out = {name: {fields[name]} for name in COMPARED if fields.get(name)}
    if fields["phone2"]:
        out.setdefault("phone", set()).add(fields["phone2"])
    return out


def _only_here(session: Session, among: Among, met: set[str]) -> list[HereRow]:
    """Living persons of the station who are asked for and not in the list."""
    query = _alive().order_by(Person.division, Person.id)
    if among.division:
        prefix = division_rules.scope(among.division) if len(among.division) == 12 else among.division
        query = query.where(Person.division.startswith(prefix, autoescape=True))
    if among.class12 or among.benefits:
        held = select(PersonIdentity.person).where(PersonIdentity.deleted.is_(False))
        if among.class12:
            held = held.where(PersonIdentity.class12.in_(among.class12))
        if among.benefits:
            held = held.where(PersonIdentity.benefit_code.in_(among.benefits))
        query = query.where(Person.id.in_(held))
    return [HereRow(*row) for row in session.execute(query) if row[0] not in met]


def _alive() -> Any:
    columns = [getattr(Person, name) for name in _HERE]
    gone = Person.status.in_(sorted(DEAD | LEFT))
    return select(*columns).where(
        Person.deleted.is_(False), Person.merged_into.is_(None), Person.death_date.is_(None), ~gone | Person.status.is_(None)
    )  # fmt: skip


def _shown(session: Session, ids: Iterable[str]) -> dict[str, HereRow]:
    columns = [getattr(Person, name) for name in _HERE]
    out: dict[str, HereRow] = {}
    for some in bulk.chunks(sorted(ids), _CHUNK):
        out |= {row[0]: HereRow(*row) for row in session.execute(select(*columns).where(Person.id.in_(some)))}
    return out


# -- out to Excel -----------------------------------------------------------------------------------------------------


def told(one: comparing.Difference) -> str:
    """A difference in words: what the list says, what the register has."""
    if one.field == comparing.DEATH:
        return f"去世: 名单“{one.listed}”, 本库在册"
    kind = next((kind for kind, flat in FLAT.items() if one.field in flat), "person")
    known = fields_of(kind)[one.field]
    listed, here = (
        "、".join(field_values.label_of(known, part) for part in text.split("、")) for text in (one.listed, one.here)
    )
    return f"{label(one.field)}: 名单“{listed}”, 本库{f'“{here}”' if here else '没有'}"


def _pages(done: ListComparison, title: str, places: Mapping[str, str], *, masked: bool) -> Iterable[Page]:
    width = max((len(labels) for labels in done.headings.values()), default=0)
    first = next(iter(done.headings.values()), ())
    names_of = [" ".join(text.split()) or f"列{place + 1}" for place, text in enumerate(first)]
    titles = ["文件", "工作表", "行", *names_of, *(f"列{place + 1}" for place in range(len(names_of), width))]
    more = ["本库姓名", "本库身份证号", "本库出生日期", "本库户籍地", "对上的依据", "说明", "下一步", "编号"]
    hidden = {key: _masked_columns(labels) if masked else {} for key, labels in done.headings.items()}
    for heap in ("differing", "only_list", "both", "unclear"):
        rows = [
            [row.file, row.sheet, row.result.number, *_cells(row, hidden[row.file, row.sheet], width), *_side(row, done, places, masked=masked)]
            for row in done.rows
            if row.result.heap == heap
        ]  # fmt: skip
        yield Page(HEAPS[heap], f"{title} {HEAPS[heap]} {len(rows)} 行", [*titles, *more], rows, frozenset({"说明"}))
    here = [_here(one, places, masked=masked) for one in done.here]
    headings_here = ["姓名", "身份证号", "出生日期", "户籍地", "手机", "编号"]
    yield Page(HEAPS["only_here"], f"{title} {HEAPS['only_here']} {len(here)} 人", headings_here, here)


def _masked_columns(labels: Sequence[str]) -> dict[int, Any]:
    found = {column: headings.field_of(text) for column, text in enumerate(labels)}
    return {column: _MASKS[one[0]] for column, one in found.items() if one is not None and one[0] in _MASKS}


def _cells(row: ListRow, hidden: Mapping[int, Any], width: int) -> list[workbook.Cell]:
    cells: list[workbook.Cell] = [
        hidden[column](text) if column in hidden and text else text or None for column, text in enumerate(row.cells)
    ]
    return cells[:width] + [None] * (width - len(cells))


def _side(row: ListRow, done: ListComparison, places: Mapping[str, str], *, masked: bool) -> list[workbook.Cell]:
    result = row.result
    said = [_told(one, masked=masked) for one in result.differences]
    said += [f"可补: {_told(one, masked=masked)}" for one in result.gaps]
    text = "; ".join(filter(None, (*said, result.said)))
    act = comparing.ACTS.get(result.act, "")
    if (person := done.persons.get(result.person)) is None:
        return [None, None, None, None, None, text, act, None]
    shown = _here(person, places, masked=masked)
    return [*shown[:4], result.matched_by, text, act, person.id]


def _told(one: comparing.Difference, *, masked: bool) -> str:
    if not masked or one.field not in _MASKS:
        return told(one)
    return f"{label(one.field)}: {'两边不同' if one.here else '本库没有'}"


def _here(one: HereRow, places: Mapping[str, str], *, masked: bool) -> list[workbook.Cell]:
    number, telephone = one.id_number or "", one.phone or ""
    return [
        one.name, id_number.mask(number) if masked else number, one.birth_date,
        division_rules.full_name(places, one.division) if one.division in places else one.division,
        phone.mask(telephone) if masked else telephone, one.id,
    ]  # fmt: skip


__all__ = ["Among", "Comparing", "HereRow", "ListComparison", "ListRow", "told"]
