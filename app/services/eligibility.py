"""快符合条件 / 应享受未享受 for a station: everybody on the register held against the rules in force, with counts."""

import datetime as dt
import functools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents import workbook
from app.errors import BadInput, Refused
from app.models import Person, table_of
from app.rules import divisions as division_rules
from app.rules import eligibility, eligibility_rules, id_number, phone
from app.rules.eligibility import Due, Facts, Identity, Relative, Service, Window
from app.rules.partial_date import PartialDate
from app.services import case_steps, divisions, leaving, rights
from app.services.lookup import DEAD, LEFT
from app.services.station import Station

MONTHS: Final = 12
_PERSON: Final = (
    "name", "division", "village_group", "birth_date", "id_number", "phone", "status", "death_date", "household_kind",
)  # fmt: skip
_IDENTITY: Final = (
    "class12", "benefit_code", "benefit_state", "disability_level", "disability_nature", "relation", "graded", "ends",
)  # fmt: skip
_SERVICE: Final = ("enlisted", "discharged", "rank", "conscript_starts", "conscript_ends")
_FAMILY: Final = ("name", "relation", "birth_date")
_HEADINGS: Final = (
    "村(社区)", "村民组", "姓名", "身份证号", "手机", "事项", "从何时起", "情况", "理由", "还缺什么", "涉及亲属", "办理结果",
)  # fmt: skip


@dataclass(frozen=True)
class DueRow:
    """One line to be worked off: a person and what is due."""

    id: str
    name: str
    division: str
    village_group: str | None
    birth_date: str | None
    id_number: str | None
    phone: str | None
    label: str
    due: Due


@dataclass(frozen=True)
class DueCount:
    """How many lines a rule brings: due now, coming, and not to be told; `sure` of them lack nothing."""

    rule: str
    label: str
    basis: str
    now: int
    coming: int
    unknown: int
    sure: int


@dataclass(frozen=True)
class DueList:
    """The list of a day. `without_birth` are persons of whom nothing that hangs on age can be said."""

    day: dt.date
    months: int
    persons: int
    without_birth: int
    counts: tuple[DueCount, ...]
    rows: tuple[DueRow, ...]


class Eligibility:
    """Finding those who are entitled, or will be."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def rules(self, day: dt.date | None = None) -> eligibility_rules.Rules:
        """The rules of the policy in force on a day. Raises Refused for a policy that cannot be read."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            return _rules(session, day or clock.today())

    def due(self, *, months: int = MONTHS, rule: str = "", day: dt.date | None = None) -> DueList:
        """Everybody to whom something is due now or within so many months, the earliest first.

        With `rule` only what this one says. Raises BadInput for a rule there is not.
        """
        rights.demand(self.station, "read")
        stand = day or clock.today()
        window = Window.ahead(stand, months)
        rows: list[DueRow] = []
        persons = without_birth = 0
        with self.station.db.read() as session:
            rules = _rules(session, stand)
            rules = rules.only(rule) if rule else rules
            labels = {one.code: one.label for one in rules.in_force(stand)}
            for record, person, facts in _register(session):
                persons += not facts.gone
                without_birth += not facts.gone and facts.birth is None
                found = eligibility.find(facts, rules, window)
                rows += [_row(record, person, labels[one.rule], one) for one in found]
        rows.sort(key=_order)
        counted = Counter((row.due.rule, row.due.state) for row in rows)
        sure = Counter(row.due.rule for row in rows if row.due.sure)
        counts = tuple(
            DueCount(
                one.code, one.label, one.basis,
                counted[one.code, "now"], counted[one.code, "coming"], counted[one.code, "unknown"], sure[one.code],
            )
            for one in rules.in_force(stand)
        )  # fmt: skip
        return DueList(stand, months, persons, without_birth, counts, tuple(rows))

    def export(self, file: Path, *, months: int = MONTHS, rule: str = "", masked: bool = True) -> int:
        """The list as an .xlsx with an empty column for what was done; gives the number of lines.

        Raises EnvironmentTrouble if the file cannot be written.
        """
        done = self.due(months=months, rule=rule)
        with self.station.db.read() as session:
            places = divisions.all_names(session, ended=True)

        def make(title: str) -> int:
            workbook.write_table(
                file, _HEADINGS, [_cells(row, places, masked=masked) for row in done.rows], title=title
            )
            return len(done.rows)

        what = f"快符合条件和应享受未享受 截至 {done.day} 今后 {months} 个月"
        return leaving.write(self.station, file, what, make, full=not masked)


def _rules(session: Session, day: dt.date) -> eligibility_rules.Rules:
    record = case_steps.policy_in_force(session, day, eligibility_rules.POLICY)
    if record is None:
        return eligibility_rules.DEFAULT
    try:
        data = json.loads(record.value)
        if not isinstance(data, Mapping):
            raise BadInput("内容要写成 JSON 对象")
        return eligibility_rules.rules_from(data)
    except (ValueError, BadInput) as error:
        raise Refused(
            f"政策参数“{eligibility_rules.POLICY}”({record.starts} 起)写得不对: {error}。请县局更正后再查。没有改动任何数据。"
        ) from error


def due_to(
    session: Session, person: str, day: dt.date, months: int = MONTHS
) -> list[tuple[eligibility_rules.Rule, Due]]:
    """What is due to one person by which rule, or will be within so many months; for the card."""
    rules, window = _rules(session, day), Window.ahead(day, months)
    by_code = {rule.code: rule for rule in rules.in_force(day)}
    return [
        (by_code[due.rule], due)
        for _, _, facts in _register(session, person)
        for due in eligibility.find(facts, rules, window)
    ]


def _register(session: Session, only: str = "") -> Iterator[tuple[str, Mapping[str, Any], Facts]]:
    """Every person, or one, with what the rules look at; parts are read whole, since almost everybody has some."""
    identities = _parts(session, "person_identity", _IDENTITY, _identity, only)
    services = _parts(session, "person_service", _SERVICE, _service, only)
    relatives = _parts(session, "family_member", _FAMILY, _relative, only)
    person = table_of("person")
    query = select(person.c.id, *(person.c[name] for name in _PERSON))
    query = query.where(Person.deleted.is_(False), Person.merged_into.is_(None)).order_by(person.c.id)
    query = query.where(person.c.id == only) if only else query
    for record, *values in session.execute(query):
        fields = dict(zip(_PERSON, values, strict=True))
        gone = bool(fields["death_date"]) or fields["status"] in DEAD | LEFT
        yield record, fields, Facts(
            _date(fields["birth_date"]), gone, fields["household_kind"] or "",
            tuple(identities.get(record, ())), tuple(services.get(record, ())), tuple(relatives.get(record, ())),
        )  # fmt: skip


def _parts(session: Session, kind: str, names: tuple[str, ...], make: Any, only: str) -> dict[str, list[Any]]:
    part = table_of(kind)
    query = select(part.c.person, *(part.c[name] for name in names)).where(part.c.deleted.is_(False))
    query = query.where(part.c.person == only) if only else query
    out: dict[str, list[Any]] = {}
    for owner, *values in session.execute(query.order_by(part.c.id)):
        out.setdefault(owner, []).append(make(*values))
    return out


def _identity(
    class12: str | None, benefit: str | None, state: str | None, level: str | None, nature: str | None,
    relation: str | None, graded: str | None, ends: str | None,
) -> Identity:  # fmt: skip
    # What has ended counts as stopped, whatever its state says.
    standing = eligibility.STOPPED if ends else state or ""
    return Identity(class12 or "", benefit or "", standing, level or "", nature or "", relation or "", _date(graded))


def _service(
    enlisted: str | None, discharged: str | None, rank: str | None, starts: str | None, ends: str | None
) -> Service:
    first, last = _date(starts), _date(ends)
    conscript = (first, last) if first is not None and last is not None else None
    return Service(_date(enlisted), _date(discharged), rank or "", conscript)


def _relative(name: str | None, relation: str | None, birth: str | None) -> Relative:
    return Relative(name or "", relation or "", _date(birth))


@functools.lru_cache(maxsize=65_536)
def _date(text: str | None) -> PartialDate | None:
    """A stored date; what a newer version may write otherwise counts as not known."""
    try:
        return PartialDate.parse(text) if text else None
    except BadInput:
        return None


def _row(record: str, person: Mapping[str, Any], label: str, due: Due) -> DueRow:
    return DueRow(
        record, person["name"], person["division"] or "", person["village_group"], person["birth_date"],
        person["id_number"], person["phone"], label, due,
    )  # fmt: skip


def _order(row: DueRow) -> tuple[dt.date, str, str, str]:
    return row.due.due.earliest() if row.due.due else dt.date.max, row.division, row.label, row.id


def _cells(row: DueRow, places: Mapping[str, str], *, masked: bool) -> list[workbook.Cell]:
    number, telephone = row.id_number or "", row.phone or ""
    return [
        division_rules.full_name(places, row.division) if row.division in places else row.division, row.village_group,
        row.name, id_number.mask(number) if masked else number, phone.mask(telephone) if masked else telephone,
        row.label, str(row.due.due or ""), eligibility.STATES[row.due.state], row.due.why, "; ".join(row.due.missing),
        row.due.about, None,
    ]  # fmt: skip
