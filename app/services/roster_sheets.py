"""F04: which lines go on a new sheet and how they freeze; the sheet drawn from frozen rows, whatever the register says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import clock, progress
from app.documents import roster as sheets
from app.documents.paper import Document
from app.errors import Refused
from app.models import Campaign, IssuedDocument, Person, PersonIdentity, Roster, RosterLine, Staff
from app.rules import benefits
from app.rules import campaign as rules
from app.rules.money import format_grouped
from app.services import lookup, paper_numbers, payable, paying
from app.services.station import Place, Station

SOURCE_WORDS = {
    "province": "中央/省专项资金", "city": "市级资金", "county": "县级资金", "township": "乡镇资金", "village": "村集体资金",
    "fund": "关爱基金", "donation": "捐赠资金", "unit": "单位自筹",
}  # fmt: skip
UNNUMBERED = "（打印时编号）"

Row = tuple[RosterLine, Person]


@dataclass(frozen=True)
class Copy:
    """Which copy of a sheet: a reprint, the finance copy, the list for review, a sample to look at."""

    reprint: int = 0
    full: bool = False
    review: bool = False
    sample: bool = False


def source_label(source: str | None) -> str:
    """What stands on paper and in messages for a source of money; a unit's own word stands as it is."""
    return SOURCE_WORDS.get(source or "", source or "")


def title_of(campaign: Campaign) -> str:
    """What stands at the head of the sheet."""
    return (campaign.name or "").removesuffix("慰问") + "慰问金签领表"


def fingerprint(lines: Iterable[RosterLine]) -> str:
    """The hash of frozen rows, as it is printed at the foot of the sheet (SHA-256, 64 digits)."""
    return sheets.roster_fingerprint(tuple(frozen(line) for line in lines))


def lines_of(session: Session, roster: str) -> list[RosterLine]:
    """The rows of a printed roster, in their order."""
    query = select(RosterLine).where(RosterLine.roster == roster, ~RosterLine.deleted)
    return list(session.scalars(query.order_by(RosterLine.number, RosterLine.id)))


def frozen(line: RosterLine) -> sheets.RosterLine:
    """One row as it is printed and hashed: only fields that no longer change."""
    return _row(
        line.number or 0, line.printed_name, line.printed_id, line.printed_class, line.printed_place, line.amount
    )


def _row(
    number: int, name: str | None, id_number: str | None, category: str | None, place: str | None, amount: int
) -> sheets.RosterLine:
    return sheets.RosterLine(
        seq=number,
        name=name or "",
        id_number=id_number or "",
        category=category or "",
        village_group=place or "",
        standard=f"{format_grouped(amount)} 元",
        amount=amount,
    )


def desk_phone(session: Session, station: Station) -> str:
    """The telephone printed for checking: of the person at the desk."""
    staff = session.get(Staff, station.actor.staff)
    return (staff.phone if staff is not None else None) or ""


# -- what goes on a new sheet ------------------------------------------------------------------------------------------


def waiting(session: Session, campaign: str) -> list[Row]:
    """Lines that are on no sheet yet and have no result, in the order of the way from door to door."""
    query = (
        select(RosterLine, Person)
        .outerjoin(Person, Person.id == RosterLine.person)
        .where(RosterLine.campaign == campaign, RosterLine.roster.is_(None), ~RosterLine.deleted)
        .order_by(RosterLine.id)
    )
    live = paying.live_entries(session, campaign=campaign)
    rows: list[Row] = []
    for line, person in session.execute(query):
        found: Person | None = person  # an outer join: SQLAlchemy's types do not say so
        if paying.standing(live.get(line.id, ()))[0] in paying.OPEN:
            if found is None or found.deleted or found.merged_into is not None:
                found = lookup.person(session, line.person)
            rows.append((line, found))
    return sorted(rows, key=lambda row: (row[1].home or "", row[1].village_group or "", row[0].id))


def printable(session: Session, campaign: str) -> list[Row]:
    """The lines of the next sheet; Refused if there are none, or one of them must not be paid."""
    rows = waiting(session, campaign)
    if not rows:
        raise Refused("没有要打印的人: 名单是空的, 或都已打印定稿。重印请用“打印表单”。")
    disputes = payable.Disputes(session)
    for number, (line, person) in enumerate(rows):
        progress.step("核对名单", number, len(rows))
        if why := disputes.problem(line, person):
            raise Refused(why)
    if problems := [why for _, person in rows if (why := payable.dead_problem(person))]:
        raise Refused("".join(problems))
    return rows


def freeze(session: Session, place: Place, campaign: Campaign) -> tuple[Roster, IssuedDocument]:
    """A new numbered sheet from all lines that are on none yet; from now on they do not change (会计法 §14)."""
    rows = printable(session, campaign.id)
    roster = Roster(
        id=clock.new_id(), campaign=campaign.id, printed=clock.today().isoformat(), status="printed", home=campaign.home
    )
    paper = paper_numbers.numbered(session, place, "F04", f"roster:{roster.id}", home=campaign.home)
    roster.number, roster.serial = paper.number or "", paper.serial
    session.add(roster)
    classes = class_labels(session, campaign.id)
    for number, (line, person) in enumerate(rows, start=1):
        line.roster, line.number = roster.id, number
        line.printed_name, line.printed_id = person.name, person.id_number
        line.printed_class = _class_of(session, classes, line, person)
        line.printed_place = place_of(person)
    roster.hash = fingerprint(line for line, _ in rows)
    session.flush()
    return roster, paper


def place_of(person: Person) -> str:
    """村组 as it is printed."""
    return person.village_group or person.address or ""


def class_label(session: Session, person: str) -> str:
    """人员类别 as it is printed: the identity money is paid for, the benefit before the collection class."""
    return _labels(session, PersonIdentity.person == person).get(person, "")


def class_labels(session: Session, campaign: str) -> dict[str, str]:
    """The same for everybody on the list of a round."""
    listed = select(RosterLine.person).where(RosterLine.campaign == campaign, ~RosterLine.deleted)
    return _labels(session, PersonIdentity.person.in_(listed))


def _labels(session: Session, whose: ColumnElement[bool]) -> dict[str, str]:
    identity = PersonIdentity
    query = select(identity.person, identity.id, identity.main, identity.benefit_code, identity.class12)
    best: dict[str, tuple[tuple[bool, bool, str], str]] = {}
    for row in session.execute(query.where(whose, ~identity.deleted)):
        rank = (not row.main, row.benefit_code is None, row.id)
        if row.person not in best or rank < best[row.person][0]:
            code = row.benefit_code
            words = benefits.label("benefit", code) if code else benefits.label("collection_class", row.class12)
            best[row.person] = (rank, words)
    return {person: words for person, (_, words) in best.items()}


def _class_of(session: Session, known: Mapping[str, str], line: RosterLine, person: Person) -> str:
    """From what is known of the list; a line that names a merged record is looked up by the one that is kept."""
    return known.get(person.id, "") if line.person == person.id else class_label(session, person.id)


# -- drawing -----------------------------------------------------------------------------------------------------------


def draw(
    session: Session, station: Station, roster: Roster, campaign: Campaign, *, reprint: int, full: bool
) -> Document:
    """The PDF of a roster; `full` is the finance copy with whole ID numbers."""
    lines = tuple(frozen(line) for line in lines_of(session, roster.id))
    return _draw(session, station, campaign, roster.number, lines, Copy(reprint=reprint, full=full))


def draw_unfrozen(session: Session, station: Station, campaign: Campaign, rows: Sequence[Row], copy: Copy) -> Document:
    """The next sheet before it is one: a `sample` to look at, or the list for `review` (送审名单); nothing freezes."""
    classes = class_labels(session, campaign.id)
    lines = tuple(
        _row(
            number, person.name, person.id_number, _class_of(session, classes, line, person), place_of(person),
            line.amount or 0,
        )
        for number, (line, person) in enumerate(rows, start=1)
    )  # fmt: skip
    return _draw(session, station, campaign, "" if copy.review else UNNUMBERED, lines, copy)


def _draw(
    session: Session,
    station: Station,
    campaign: Campaign,
    number: str,
    lines: tuple[sheets.RosterLine, ...],
    copy: Copy,
) -> Document:
    return sheets.roster(
        sheets.RosterSheet(
            station=station.place.name,
            phone=desk_phone(session, station),
            title=title_of(campaign),
            number=number,
            version=1,
            source=source_label(campaign.source),
            method=rules.WAYS.get(campaign.way or "cash", campaign.way or ""),
            day=None,
            printed_at=clock.now(),
            printed_by=station.actor.name,
            lines=lines,
            reprint=copy.reprint,
            full_ids=copy.full,
            review=copy.review,
            sample=copy.sample,
        )
    )
