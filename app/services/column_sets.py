"""Ready sets of columns for lists that leave: the 28-column ledger villages keep, read from the whole file of each person."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents import workbook
from app.errors import BadInput
from app.models import Household, bulk, fields_of, table_of
from app.rules import benefits, codes, register_checks
from app.rules import divisions as division_rules
from app.rules.partial_date import PartialDate, age_on
from app.services import divisions, field_values, leaving, rights
from app.services.station import Station

LEDGER: Final = "ledger"
_CHUNK: Final = 500
_PARTS: Final = (
    "person_identity", "person_service", "person_settlement", "person_job", "person_venture", "person_award",
)  # fmt: skip
_STOPPED: Final = "已停发"


@dataclass
class File:
    """One person with what the columns look at."""

    person: Mapping[str, Any]
    place: str
    head: str
    """Name of the head of the household."""
    parts: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)

    def first(self, kind: str, name: str) -> Any:
        """The first value there is among the parts of a kind."""
        return next((part[name] for part in self.parts.get(kind, ()) if part[name] is not None), None)

    def each(self, kind: str) -> Iterable[Mapping[str, Any]]:
        """All parts of a kind."""
        return self.parts.get(kind, ())


@dataclass(frozen=True)
class Column:
    """One column; `of` names the stored field that decides whether it is masked or withheld, as `kind.field`."""

    title: str
    text: Callable[[File], str]
    of: str = ""

    def shown(self, one: File, *, full: bool, units: bool) -> str:
        """The words of a cell as they may leave."""
        text = self.text(one)
        if not self.of or not text:
            return text
        kind, _, name = self.of.partition(".")
        known = fields_of(kind)[name]
        if known.withheld and not (units and full):
            return ""
        return field_values.shown(known, text, full=full)


def _own(name: str) -> Callable[[File], str]:
    known = fields_of("person")[name]
    return lambda one: field_values.label_of(known, one.person[name])


def _service(name: str) -> Callable[[File], str]:
    return lambda one: one.first("person_service", name) or ""


def _number(one: File) -> str:
    return one.person["household_number"] or ""


def _age(one: File) -> str:
    birth = one.person["birth_date"]
    if not birth or one.person["death_date"]:
        return ""
    least, most = age_on(PartialDate.parse(birth), clock.today())
    return "" if most < 0 else f"{most}" if least == most else f"{max(least, 0)}–{most}"


def _classes(one: File) -> str:
    words = (benefits.label("collection_class", part["class12"]) for part in one.each("person_identity"))
    return "、".join(dict.fromkeys(filter(None, words)))


def _benefits(one: File) -> str:
    held = [part for part in one.each("person_identity") if part["benefit_code"] and not part["ends"]]
    words = (
        benefits.short_identity(
            part["class12"], part["benefit_code"], part["disability_level"], part["disability_nature"]
        )
        for part in held
    )
    return "、".join(dict.fromkeys(words))


def _states(one: File) -> str:
    """正常 | 待续办 | 已停发: of those who have a benefit."""
    held = [part for part in one.each("person_identity") if part["benefit_code"]]
    words = (_STOPPED if part["ends"] else part["benefit_state"] or "" for part in held)
    return "、".join(dict.fromkeys(filter(None, words)))


def _service_years(one: File) -> str:
    least = most = 0
    for part in one.each("person_service"):
        if not (part["enlisted"] and part["discharged"]):
            return ""
        few, many = register_checks.service_months(
            PartialDate.parse(part["enlisted"]), PartialDate.parse(part["discharged"])
        )
        least, most = least + few, most + many
    if not most:
        return ""
    years = least // 12, most // 12
    return f"{years[0]}" if years[0] == years[1] else f"{years[0]}–{years[1]}"


def _merits(one: File) -> str:
    awards = [codes.label("honour", part["honour"]) for part in one.each("person_award") if part["honour"]]
    told = [part["merits"] for part in one.each("person_service") if part["merits"]]
    return "、".join(dict.fromkeys((*told, *awards)))


def _phones(one: File) -> str:
    return one.person["phone"] or one.person["phone2"] or ""


def _settled(one: File) -> str:
    ways = [codes.label("settlement_way", part["way"]) for part in one.each("person_settlement") if part["way"]]
    jobs = [
        " ".join(filter(None, (codes.label("job_state", part["job_state"]), part["unit"])))
        for part in one.each("person_job")
        if not part["ends"]
    ]
    return "、".join(filter(None, dict.fromkeys((*ways, *jobs))))


def _ventures(one: File) -> str:
    return "、".join(filter(None, (part["company"] or part["project"] for part in one.each("person_venture"))))


COLUMNS: Final = (
    Column("村民组", _own("village_group")),
    Column("户号", _number),
    Column("户主姓名", lambda one: one.head),
    Column("姓名", _own("name")),
    Column("性别", _own("sex")),
    Column("身份证号码", lambda one: one.person["id_number"] or "", "person.id_number"),
    Column("年龄", _age),
    Column("人员类别", _classes),
    Column("入伍时间", _service("enlisted")),
    Column("退伍时间", _service("discharged")),
    Column("军龄", _service_years),
    Column("军种", _service("branch")),
    Column("政治面貌", _own("political")),
    Column("立功受奖", _merits),
    Column("优抚对象", _states),
    Column("优抚类别", _benefits),
    Column("联系方式", _phones, "person.phone"),
    Column("务工地址", _own("work_place")),
    Column("现居住地址", _own("residence_address")),
    Column("部队番号", _service("unit_number"), "person_service.unit_number"),
    Column("退役证编号", _service("discharge_cert")),
    Column("就业安置", _settled),
    Column("创业", _ventures),
    Column("困难帮扶记录", lambda one: "; ".join(one.cases)),
    Column("八一/春节走访记录", lambda one: "; ".join(one.visits)),
    # Looked at once a year outside this programme: the columns stand ready for the pen.
    Column("年审状态", lambda _one: ""),
    Column("审核日期", lambda _one: ""),
    Column("备注", _own("note")),
)
"""Of the ledger (domain §1.15), in its order."""
SETS: Final[Mapping[str, tuple[str, tuple[Column, ...]]]] = {LEDGER: ("退役军人和其他优抚对象台账", COLUMNS)}
"""Sets by name: what such a list is called, and its columns."""


class ColumnSets:
    """Writing lists in ready sets of columns."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def write(
        self,
        file: Path,
        *,
        name: str = LEDGER,
        village: str = "",
        ids: Sequence[str] | None = None,
        full: bool = False,
        units: bool = False,
        purpose: str = "",
    ) -> int:
        """An .xlsx of the living people of the station, of a village, or of `ids` in their order; gives how many.

        Numbers and telephones are masked unless `full`, which takes the right to it; units of the forces need `units`
        besides. Raises BadInput for a set there is not, EnvironmentTrouble if the file cannot be written.
        """
        if name not in SETS:
            raise BadInput(f"没有“{name[:40]}”这一套栏目。可用: {', '.join(SETS)}。")
        what, columns = SETS[name]

        def make(title: str) -> int:
            with self.station.db.read() as session:
                files = list(_files(session, self.station, village, ids))
            rows = [[column.shown(one, full=full, units=units) or None for column in columns] for one in files]
            workbook.write_table(file, [column.title for column in columns], rows, title=title)
            return len(rows)

        return leaving.write(self.station, file, what, make, full=full, purpose=purpose)


def _files(session: Session, station: Station, village: str, ids: Sequence[str] | None) -> Iterable[File]:
    rights.demand(station, "read")
    person = table_of("person")
    query = select(person).where(person.c.deleted.is_(False), person.c.merged_into.is_(None))
    if ids is None:
        query = query.where(person.c.death_date.is_(None), person.c.status.is_distinct_from("dead"))
        # 10组 after 2组, households together, the head first.
        query = query.order_by(person.c.division, person.c.village_group, person.c.household_number, person.c.id)
    if village:
        query = query.where(person.c.division.startswith(division_rules.scope(village), autoescape=True))
    names = divisions.names_inside(session, station.place)
    found: list[Mapping[str, Any]] = []
    if ids is None:
        found = [dict(row) for row in session.execute(query).mappings()]
    else:
        by_id: dict[str, Mapping[str, Any]] = {}
        for some in bulk.chunks(list(ids), _CHUNK):
            by_id |= {row["id"]: dict(row) for row in session.execute(query.where(person.c.id.in_(some))).mappings()}
        found = [by_id[one] for one in ids if one in by_id]
    heads = _heads(session, found)
    files = {
        one["id"]: File(one, names.get(one["division"] or "", ""), heads.get(one["household"] or "") or one["head_name"] or "")
        for one in found
    }  # fmt: skip
    for some in bulk.chunks(list(files), _CHUNK):
        _fill(session, files, some)
    return files.values()


def _heads(session: Session, found: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    person = table_of("person")
    households = sorted({one["household"] for one in found if one["household"]})
    out: dict[str, str] = {}
    for some in bulk.chunks(households, _CHUNK):
        query = select(Household.id, person.c.name).join(person, person.c.id == Household.head)
        out |= {row[0]: row[1] or "" for row in session.execute(query.where(Household.id.in_(some)))}
    return out


def _fill(session: Session, files: Mapping[str, File], ids: Sequence[str]) -> None:
    for kind in _PARTS:
        part = table_of(kind)
        query = select(part).where(part.c.person.in_(ids), part.c.deleted.is_(False)).order_by(part.c.id)
        for row in session.execute(query).mappings():
            files[row["person"]].parts.setdefault(kind, []).append(dict(row))
    case, visit = table_of("hardship_case"), table_of("visit")
    query = select(case.c.person, case.c.opened, case.c.kind).where(case.c.person.in_(ids), case.c.deleted.is_(False))
    for person, opened, kind in session.execute(query.order_by(case.c.opened)):
        files[person].cases.append(f"{opened} {codes.label('hardship_kind', kind)}".strip())
    since = f"{clock.today().year - 1}-01-01"
    query = select(visit.c.person, visit.c.date, visit.c.trigger).where(
        visit.c.person.in_(ids), visit.c.deleted.is_(False), visit.c.date >= since
    )
    for person, day, trigger in session.execute(query.order_by(visit.c.date)):
        files[person].visits.append(f"{day} {codes.label('visit_trigger', trigger)}".strip())
