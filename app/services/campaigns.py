"""Rounds of consolation money (慰问批次): who is to get what, the printed sheet, what became of each line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import (
    Campaign,
    CaseStep,
    HardshipCase,
    IssuedDocument,
    Local,
    Person,
    PersonAccount,
    PersonIdentity,
    Roster,
    RosterLine,
    fields_of,
)
from app.models.database import Work
from app.models.receipts import contested
from app.rules import benefits, levels, money
from app.rules import campaign as rules
from app.rules.partial_date import PartialDate
from app.services import field_values, lookup, paper_files, paper_numbers, paying, rights, roster_sheets
from app.services.paying import LineState
from app.services.station import Place, Station

LARGEST_FEN: Final = 99_999_999_00
_FESTIVAL_WORDS: Final = {
    "春节": "spring", "元旦": "spring", "两节": "spring", "元旦春节": "spring", "spring_festival": "spring",
    "new_year": "spring", "建军节": "august1", "中秋节": "mid_autumn", "端午节": "dragon_boat", "清明节": "qingming",
    "重阳节": "double_ninth", "建党节": "july1",
}  # fmt: skip
_ASKED: Final = ("name", "id_number")
"""What is on the paper; nothing is printed or paid while one of them has two values."""


@dataclass(frozen=True)
class Candidate:
    """Somebody the standards of a round fit; amount in fen, why in Chinese."""

    person: str
    name: str
    amount: int
    why: str


@dataclass(frozen=True)
class CampaignShown:
    """A round with its lines; sums in fen, planned = paid + returned + open."""

    id: str
    fields: dict[str, Any]
    sums: dict[str, int]
    lines: tuple[LineState, ...]


@dataclass(frozen=True)
class RosterPrinted:
    """A frozen sheet; `file` where its PDF lies, `remarks` what to look at on it."""

    roster: str
    number: str
    lines: tuple[LineState, ...]
    file: Path | None
    remarks: tuple[str, ...]
    missing: tuple[str, ...]


class Campaigns:
    """What can be done with rounds and their lines, up to the printed sheet; paying is in `app.services.payments`."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def open(self, values: Mapping[str, Any]) -> str:
        """新建慰问批次; `standard` is one amount or rows as `rules.campaign.standards_from` takes them."""
        rights.demand(self._station, "write")
        given = dict(values)
        problems: dict[str, str] = {}
        standards = given.pop("standard", None)
        if isinstance(standards, list):
            try:
                found = rules.standards_data(rules.standards_from(standards))
                given["standards"] = json.dumps(found, ensure_ascii=False)
            except BadInput as error:
                problems["standard"] = str(error)
        elif standards is not None:
            given["standard"] = standards
        fields = lookup.read_into(problems, "campaign", given)
        known = fields_of("campaign")
        year = fields.setdefault("year", clock.today().year)
        if year is None or not 1949 <= year <= clock.today().year + 1:
            problems["year"] = "年度不对"
        for name in ("name", "festival", "source"):
            if not fields.get(name):
                problems.setdefault(name, f"没有填{known[name].label}")
        if (standard := fields.get("standard")) is not None and not 0 < standard <= LARGEST_FEN:
            problems["standard"] = f"金额要大于 0, 不超过 {money.format_grouped(LARGEST_FEN)} 元"
        if fields.get("starts") and fields.get("ends") and fields["starts"] > fields["ends"]:
            problems["ends"] = "结束日期早于开始日期"
        field_values.refuse(problems)
        fields["festival"] = _code(rules.FESTIVALS, fields["festival"], _FESTIVAL_WORDS)
        fields["source"] = _code(rules.SOURCES, fields["source"], {w: c for c, w in roster_sheets.SOURCE_WORDS.items()})
        if fields.get("way"):
            fields["way"] = _code(rules.WAYS, fields["way"], {})
        place = self._station.place
        fields |= {"home": place.home, "node": place.node, "status": "draft"}
        with self._station.db.work("新建慰问批次") as work:
            campaign = Campaign(**fields)
            work.session.add(campaign)
            work.session.flush()
            return campaign.id

    def rounds(self) -> list[dict[str, Any]]:
        """All rounds that are known here, the newest first."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            query = select(Campaign).where(~Campaign.deleted).order_by(Campaign.id.desc())
            return [{"id": campaign.id, **lookup.outward(campaign)} for campaign in session.scalars(query)]

    def candidates(self, id: str) -> list[Candidate]:
        """Whom the standards fit and who is not on the list yet; each with the amount and the reason."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            campaign = lookup.fetch(session, Campaign, id)
            standards = standards_of(campaign)
            if not standards:
                raise Refused("这个批次还没有填慰问标准, 不能推荐名单。请先填标准, 或直接列入名单。")
            listed = set(
                session.scalars(select(RosterLine.person).where(RosterLine.campaign == id, ~RosterLine.deleted))
            )
            found = []
            for row, facts in _register(session, self._station.place):
                proposal = None if row.id in listed else rules.propose(facts, standards, clock.today())
                if proposal is not None:
                    found.append(Candidate(row.id, row.name, proposal.amount, proposal.why))
            return found

    def add_line(self, id: str, person: str, amount: str | None = None) -> str:
        """列入名单; the amount in yuan defaults to the round's one standard. Gives the line's id."""
        rights.demand(self._station, "write")
        with self._station.db.read() as session:
            standard = lookup.fetch(session, Campaign, id).standard
        fen = standard if amount is None else read_amount(amount)
        if fen is None:
            raise BadInput("没有填金额。", {"amount": "没有填金额"})
        return self.add_lines(id, [(person, fen)])[0]

    def add_lines(
        self, id: str, rows: Sequence[tuple[str, int]], *, whys: Mapping[str, str] | None = None
    ) -> list[str]:
        """Put several people, each with fen, on the list in one act; refused as a whole if one cannot be."""
        rights.demand(self._station, "write")
        place = self._station.place
        for _, fen in rows:
            if not 0 < fen <= LARGEST_FEN:
                raise BadInput(_AMOUNT_WRONG, {"amount": _AMOUNT_WRONG})
        with self._station.db.work("列入慰问名单") as work:
            campaign = own(work.session, place, id)
            taken = _listed(work.session, campaign.id)
            lines = []
            for given, fen in rows:
                person = lookup.person(work.session, given)
                lookup.demand_scope(place, person)
                if lookup.is_dead(person):
                    raise Refused(dead_problem(person))
                for key in _keys(person):
                    if (number := taken.get(key)) is not None:
                        raise Refused(
                            f"{person.name} 已在本批次名单里(第 {number} 行), 不能重复列入。没有改动任何数据。"
                        )
                taken.update(dict.fromkeys(_keys(person), max(taken.values(), default=0) + 1))
                why = (whys or {}).get(given)
                lines.append(
                    {"campaign": campaign.id, "person": person.id, "amount": fen, "why": why, "home": person.home}
                )
            return work.add_many("roster_line", lines)

    def remove_line(self, line: str) -> None:
        """Take somebody off the list while nothing is printed or paid."""
        rights.demand(self._station, "write")
        with self._station.db.work("移出慰问名单") as work:
            found = lookup.fetch(work.session, RosterLine, line)
            own(work.session, self._station.place, found.campaign)
            if found.roster is not None or paying.live_entries(work.session, line=line):
                raise Refused("这一行已打印定稿或已记发放结果, 不能移出。请用“划销本行”或“缴回”。")
            work.delete(found)

    def show(self, id: str) -> CampaignShown:
        """A round with its sums and lines."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            campaign = lookup.fetch(session, Campaign, id)
            lines = paying.lines_of(session, id)
            return CampaignShown(id, lookup.outward(campaign), paying.sums(lines), tuple(lines))

    def print_roster(self, id: str, out: Path | None = None, *, full: bool = False) -> RosterPrinted:
        """Freeze every line not yet on a sheet under a new number (会计法 §14); the PDF is written before it is saved."""
        rights.demand(self._station, "write")
        rights.demand(self._station, "print")
        place, today = self._station.place, clock.today()
        with paper_files.kept_only_if_saved() as write, self._station.db.work("打印签领表") as work:
            session = work.session
            campaign = own(session, place, id)
            rows = _printable(session, campaign.id)
            serial = paper_numbers.next_serial(session, place, "F04", today.year)
            number = paper_numbers.number_of(place, "F04", today.year, serial)
            roster = Roster(
                id=clock.new_id(), campaign=campaign.id, number=number, serial=serial, printed=today.isoformat(),
                status="printed", home=campaign.home,
            )  # fmt: skip
            work.session.add(roster)
            _freeze(session, roster, rows)
            roster.hash = roster_sheets.fingerprint(line for line, _ in rows)
            if campaign.status in ("draft", "approved"):
                campaign.status = "paying"
            session.flush()
            document = roster_sheets.draw(session, self._station, roster, campaign, reprint=0, full=full)
            _issue(work, place, roster, document.pdf, serial)
            if out is not None:
                write(out, document.pdf)
            lines = tuple(paying.lines_of(session, campaign.id, roster=roster.id))
        return RosterPrinted(roster.id, number, lines, out, paper_files.remarks(document), document.missing)

    def close(self, id: str) -> None:
        """结清: only when every planned fen was paid or returned and nothing was paid twice."""
        rights.demand(self._station, "write")
        with self._station.db.work("结清慰问批次") as work:
            campaign = own(work.session, self._station.place, id)
            lines = paying.lines_of(work.session, id)
            for line in lines:
                _demand_settled(work.session, "roster_line", line.id, line.name)
            if why := rules.close_problem([line.rule_line() for line in lines]):
                raise Refused(why)
            if twice := [line for line in lines if line.double]:
                named = ", ".join(f"{line.name} {money.format_grouped(line.double)}" for line in twice)
                raise Refused(f"重复发放还没有追回: {named}。追回后请记“缴回”, 再结清。")
            campaign.status = "settled"


_AMOUNT_WRONG: Final = f"金额要大于 0, 不超过 {money.format_grouped(LARGEST_FEN)} 元。没有改动任何数据。"


def read_amount(text: object) -> int:
    """Fen of an amount in yuan that can be paid. Raises BadInput keyed `amount`."""
    try:
        fen = money.parse_yuan(text, largest=LARGEST_FEN)
    except BadInput as error:
        raise BadInput(str(error), {"amount": str(error)}) from error
    if fen == 0:
        raise BadInput(_AMOUNT_WRONG, {"amount": _AMOUNT_WRONG})
    return fen


def standards_of(campaign: Campaign) -> tuple[rules.Standard, ...]:
    """The standards of a round: its table, or its one amount for everybody."""
    if campaign.standards:
        return rules.standards_from(json.loads(campaign.standards))
    return (rules.Standard(campaign.standard),) if campaign.standard else ()


def own(session: Session, place: Place, id: str) -> Campaign:
    """A round this unit runs and has not settled; Refused otherwise (a line is payable at one unit only, sync.md P14)."""
    campaign = lookup.fetch(session, Campaign, id)
    if campaign.node != place.node:
        raise Refused(f"“{campaign.name}”由其他单位办理, 本单位只能查看。没有改动任何数据。")
    if campaign.status in ("settled", "archived"):
        raise Refused(f"“{campaign.name}”{rules.STATES[campaign.status]}, 不能再改。没有改动任何数据。")
    return campaign


def dead_problem(person: Person) -> str:
    """The sentence for a payee the register has as dead; empty if alive."""
    end = lookup.died(person)
    if end is not None:
        return rules.dead_payee_problem(person.name, end, clock.today())
    return f"{person.name} 已去世, 这一行不能发放。可改为慰问家属。" if lookup.is_dead(person) else ""


def demand_undisputed(session: Session, line: RosterLine, person: Person) -> None:
    """Nothing is printed or paid from an amount, name, number or account with two values (sync.md)."""
    _demand_settled(session, "roster_line", line.id, person.name)
    disputed = set(contested(session, "person", person.id)) & set(_ASKED)
    if disputed:
        raise Refused(f"{person.name} 的{_labels('person', disputed)}两边填的不一样, 核对以后才能打印或发放。")
    query = select(PersonAccount.id).where(PersonAccount.person == person.id, ~PersonAccount.deleted)
    for account in session.scalars(query):
        _demand_settled(session, "person_account", account, person.name)


def _demand_settled(session: Session, kind: str, record: str, name: str) -> None:
    if disputed := set(contested(session, kind, record)):
        raise Refused(f"{name} 的{_labels(kind, disputed)}两边填的不一样, 核对以后才能打印或发放。")


def _labels(kind: str, fields: set[str]) -> str:
    known = fields_of(kind)
    return "、".join(known[name].label if name in known else name for name in sorted(fields))


def _code(table: Mapping[str, str], text: str, words: Mapping[str, str]) -> str:
    """A code by itself, by its label or by a usual word; a unit's own word stands as it is."""
    if text in table:
        return text
    labels = {label: code for code, label in table.items()}
    return labels.get(text) or words.get(text) or text


def _keys(person: Person) -> tuple[tuple[str, str], ...]:
    """By what somebody counts as on the list: the record, and the ID number for a second record of the same person."""
    number = (("id_number", person.id_number),) if person.id_number else ()
    return (("person", person.id), *number)


def _listed(session: Session, campaign: str) -> dict[tuple[str, str], int]:
    query = (
        select(RosterLine.person, Person.id_number, Person.merged_into)
        .outerjoin(Person, Person.id == RosterLine.person)
        .where(RosterLine.campaign == campaign, ~RosterLine.deleted)
        .order_by(RosterLine.id)
    )
    out: dict[tuple[str, str], int] = {}
    for place, row in enumerate(session.execute(query), start=1):
        out["person", row.person] = place
        if row.id_number:
            out["id_number", row.id_number] = place
        if row.merged_into:
            out["person", row.merged_into] = place
    return out


def _register(session: Session, place: Place) -> list[tuple[Any, rules.Facts]]:
    """Living people of this unit's area with what the standards ask of them."""
    codes: dict[str, set[str]] = {}
    classes: dict[str, set[str]] = {}
    query = select(PersonIdentity.person, PersonIdentity.benefit_code, PersonIdentity.class12).where(
        ~PersonIdentity.deleted, PersonIdentity.ends.is_(None), PersonIdentity.benefit_state.is_distinct_from("stopped")
    )
    for person, benefit, class12 in session.execute(query):
        if benefit:
            codes.setdefault(person, set()).add(benefit)
        if class12:
            classes.setdefault(person, set()).add(class12)
    decided = select(CaseStep.case).where(CaseStep.step == "archive", ~CaseStep.deleted)
    needy = set(
        session.scalars(select(HardshipCase.person).where(~HardshipCase.deleted, HardshipCase.id.not_in(decided)))
    )
    people = (
        select(Person.id, Person.name, Person.home, Person.birth_date, Person.status, Person.death_date)
        .where(~Person.deleted, Person.merged_into.is_(None), Person.death_date.is_(None))
        .order_by(Person.home, Person.village_group, Person.id)
    )
    out = []
    for row in session.execute(people).all():
        if row.status in lookup.DEAD | lookup.LEFT or not levels.covers(place.scopes, row.home or ""):
            continue
        birth = PartialDate.parse(row.birth_date) if row.birth_date else None
        facts = rules.Facts(
            frozenset(codes.get(row.id, ())), frozenset(classes.get(row.id, ())), row.id in needy, birth, dead=False
        )
        out.append((row, facts))
    return out


def _printable(session: Session, campaign: str) -> list[tuple[RosterLine, Person]]:
    """Lines for a new sheet in the order of the way from door to door; Refused if one of them must not be paid."""
    query = (
        select(RosterLine)
        .where(RosterLine.campaign == campaign, RosterLine.roster.is_(None), ~RosterLine.deleted)
        .order_by(RosterLine.id)
    )
    live = paying.live_entries(session, campaign=campaign)
    lines = [line for line in session.scalars(query) if paying.standing(live.get(line.id, ()))[0] in paying.OPEN]
    if not lines:
        raise Refused("没有要打印的人: 名单是空的, 或都已打印定稿。重印请用“打印表单”。")
    rows = [(line, lookup.person(session, line.person)) for line in lines]
    for line, person in rows:
        demand_undisputed(session, line, person)
    if problems := [why for _, person in rows if (why := dead_problem(person))]:
        raise Refused("".join(problems))
    return sorted(rows, key=lambda row: (row[1].home or "", row[1].village_group or "", row[0].id))


def _freeze(session: Session, roster: Roster, rows: Sequence[tuple[RosterLine, Person]]) -> None:
    for number, (line, person) in enumerate(rows, start=1):
        line.roster, line.number = roster.id, number
        line.printed_name, line.printed_id = person.name, person.id_number
        line.printed_class = _class_label(session, person.id)
        line.printed_place = person.village_group or person.address or ""


def _class_label(session: Session, person: str) -> str:
    """人员类别 as it is printed: the identity money is paid for, the benefit before the collection class."""
    query = select(PersonIdentity).where(PersonIdentity.person == person, ~PersonIdentity.deleted)
    rows = sorted(session.scalars(query), key=lambda row: (not row.main, row.benefit_code is None, row.id))
    if not rows:
        return ""
    first = rows[0]
    if first.benefit_code:
        return benefits.label("benefit", first.benefit_code)
    return benefits.label("collection_class", first.class12)


def _issue(work: Work, place: Place, roster: Roster, pdf: bytes, serial: int) -> None:
    today = clock.today()
    session = work.session
    session.add(
        IssuedDocument(
            form="F04", number=roster.number, serial=serial, year=today.year, subject=f"roster:{roster.id}",
            issued=today.isoformat(), copies=1, status="printed", sha256=paper_files.sha256(pdf), node=place.node, home=roster.home,
            incarnation=session.scalar(select(Local.incarnation)),
        )
    )  # fmt: skip
