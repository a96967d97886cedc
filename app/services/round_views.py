"""What the window shows of rounds: the list with its sums, and one round with its lines and sheets as they stand."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.models import Campaign, IssuedDocument, Node, Payment, Person, Roster, RosterLine
from app.rules import campaign as rules
from app.services import lookup, paying, rights, roster_sheets
from app.services.station import Station


@dataclass(frozen=True)
class RoundRow:
    """One line of the list of rounds; sums in fen, planned = paid + returned + open. `own`: run by this unit."""

    id: str
    name: str
    year: int
    festival: str
    source: str
    status: str
    unit: str
    own: bool
    people: int
    planned: int
    paid: int
    returned: int
    open: int


@dataclass(frozen=True)
class RoundLine:
    """One person of a round as the line stands; frozen words where it is printed, those of the register where not.

    `works_here`: nobody is paid by himself alone (回避).
    """

    id: str
    person: str
    name: str
    category: str
    place: str
    amount: int
    why: str
    state: str
    day: str
    reason: str
    roster: str
    sheet: str
    number: int
    dead: bool
    double: int = 0

    def rule_line(self) -> rules.Line:
        """As the rules take it."""
        return rules.Line(self.id, self.person, self.name, self.amount, self.state)


@dataclass(frozen=True)
class Sheet:
    """A printed sheet: its paper (empty where another unit printed it), how many lines it has and how many are open."""

    id: str
    number: str
    serial: int
    printed: str
    lines: int
    open: int
    paper: str
    status: str
    copies: int


@dataclass(frozen=True)
class RoundShown:
    """A round: its fields as JSON has them, its standards as a table, lines in the order of their sheets, and sheets."""

    id: str
    name: str
    status: str
    own: bool
    unit: str
    fields: dict[str, Any]
    standards: list[dict[str, Any]]
    lines: tuple[RoundLine, ...]
    sheets: tuple[Sheet, ...]

    @property
    def totals(self) -> rules.Totals:
        """应发 = 实发 + 缴回 + 未了, in fen."""
        return rules.totals(line.rule_line() for line in self.lines)


class RoundViews:
    """Looking at rounds; it never writes."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def rounds(self) -> list[RoundRow]:
        """All rounds that are known here, the newest first."""
        rights.demand(self._station, "read")
        here = self._station.place.node
        with self._station.db.read() as session:
            sums = _sums(session)
            query = (
                select(Campaign, Node.name.label("unit"))
                .outerjoin(Node, Node.id == Campaign.node)
                .where(~Campaign.deleted)
                .order_by(Campaign.id.desc())
            )
            out = []
            for campaign, unit in session.execute(query):
                people, planned, paid, returned = sums.get(campaign.id, (0, 0, 0, 0))
                out.append(
                    RoundRow(
                        campaign.id, campaign.name or "", campaign.year or 0, campaign.festival or "",
                        campaign.source or "", campaign.status or "draft", unit or "", campaign.node == here, people,
                        planned, paid, returned, planned - paid - returned,
                    )
                )  # fmt: skip
            return out

    def usual(self) -> dict[str, str]:
        """Source and way of this unit's newest round, which mostly are those of the next."""
        rights.demand(self._station, "read")
        query = select(Campaign.source, Campaign.way).where(
            ~Campaign.deleted, Campaign.node == self._station.place.node
        )
        with self._station.db.read() as session:
            row = session.execute(query.order_by(Campaign.id.desc()).limit(1)).first()
        return {name: value for name, value in (row._mapping.items() if row is not None else ()) if value}  # noqa: SLF001 (SQLAlchemy's public name)

    def show(self, id: str) -> RoundShown:
        """One round."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            campaign = lookup.fetch(session, Campaign, id)
            unit = session.get(Node, campaign.node)
            lines = _lines(session, id)
            return RoundShown(
                id, campaign.name or "", campaign.status or "draft", campaign.node == self._station.place.node,
                unit.name if unit is not None else "", lookup.outward(campaign),
                json.loads(campaign.standards) if campaign.standards else [], tuple(lines), _sheets(session, id, lines),
            )  # fmt: skip


def _sums(session: Session) -> dict[str, tuple[int, int, int, int]]:
    """(people, planned, paid, returned) of every round, counted by the database: a bureau sees those of all below it."""
    taken_back = select(Payment.reverses).where(Payment.reverses.is_not(None), ~Payment.deleted)
    live = (
        select(Payment.id, Payment.line, Payment.result, Payment.follows)
        .where(~Payment.deleted, Payment.reverses.is_(None), Payment.id.not_in(taken_back))
        .cte("live")
    )
    followed = select(live.c.follows).where(live.c.follows.is_not(None))
    # Money handed out outweighs every other entry of a line; without any the last one counts.
    order = func.row_number().over(
        partition_by=live.c.line, order_by=((live.c.result == "paid").desc(), live.c.id.desc())
    )
    head = select(live.c.line, live.c.result, order.label("place")).where(live.c.id.not_in(followed)).cte("head")
    result = func.coalesce(head.c.result, "planned")
    amount = func.coalesce(RosterLine.amount, 0)
    query = (
        select(
            RosterLine.campaign,
            func.sum(case((result != "struck", 1), else_=0)),
            func.sum(case((result != "struck", amount), else_=0)),
            func.sum(case((result == "paid", amount), else_=0)),
            func.sum(case((result.in_(("returned", "carried")), amount), else_=0)),
        )
        .outerjoin(head, (head.c.line == RosterLine.id) & (head.c.place == 1))
        .where(~RosterLine.deleted)
        .group_by(RosterLine.campaign)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in session.execute(query)}


def _lines(session: Session, campaign: str) -> list[RoundLine]:
    line = RosterLine
    query = (
        select(
            line.id, line.person, line.printed_name, line.printed_class, line.printed_place, line.amount, line.why,
            line.roster, line.number, Person.name, Person.village_group, Person.address, Person.status,
            Person.death_date, Roster.number.label("sheet"),
        )
        .outerjoin(Person, Person.id == line.person)
        .outerjoin(Roster, Roster.id == line.roster)
        .where(line.campaign == campaign, ~line.deleted)
        .order_by(Roster.serial.is_(None), Roster.serial, line.number, Person.home, Person.village_group, line.id)
    )  # fmt: skip
    live = paying.live_entries(session, campaign=campaign)
    classes = roster_sheets.class_labels(session, campaign)
    out = []
    for row in session.execute(query):
        entries = live.get(row.id, ())
        state, day, double = paying.standing(entries)
        frozen = row.roster is not None
        out.append(
            RoundLine(
                row.id, row.person, (row.printed_name if frozen else row.name) or row.name or "他站人员",
                (row.printed_class if frozen else classes.get(row.person, "")) or "",
                (row.printed_place if frozen else row.village_group or row.address) or "", row.amount or 0, row.why or "",
                state, day or "", paying.reason(entries) if entries else "", row.roster or "", row.sheet or "",
                row.number or 0, dead=bool(row.death_date) or row.status in lookup.DEAD, double=double,
            )
        )  # fmt: skip
    return out


def _sheets(session: Session, campaign: str, lines: Iterable[RoundLine]) -> tuple[Sheet, ...]:
    counts: dict[str, tuple[int, int]] = {}
    for line in lines:
        some, still = counts.get(line.roster, (0, 0))
        counts[line.roster] = (some + 1, still + (line.state in paying.OPEN))
    query = select(Roster).where(Roster.campaign == campaign, ~Roster.deleted).order_by(Roster.serial, Roster.id)
    rosters = list(session.scalars(query))
    papers = _papers(session, [f"roster:{roster.id}" for roster in rosters])
    out = []
    for roster in rosters:
        some, still = counts.get(roster.id, (0, 0))
        paper = papers.get(f"roster:{roster.id}")
        found = (paper.id, paper.status or "", paper.copies or 0) if paper is not None else ("", "", 0)
        out.append(Sheet(roster.id, roster.number or "", roster.serial or 0, roster.printed or "", some, still, *found))
    return tuple(out)


def _papers(session: Session, subjects: list[str]) -> Mapping[str, IssuedDocument]:
    query = select(IssuedDocument).where(IssuedDocument.subject.in_(subjects), ~IssuedDocument.deleted)
    return {paper.subject or "": paper for paper in session.scalars(query.order_by(IssuedDocument.id.desc()))}
