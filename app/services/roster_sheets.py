"""F04 from a frozen roster: the rows as they were printed, whatever the register says today."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.documents import roster as sheets
from app.documents.paper import Document
from app.models import Campaign, Roster, RosterLine, Staff
from app.rules import campaign as rules
from app.rules.money import format_grouped
from app.services.station import Station

SOURCE_WORDS = {
    "province": "中央/省专项资金", "city": "市级资金", "county": "县级资金", "township": "乡镇资金", "village": "村集体资金",
    "fund": "关爱基金", "donation": "捐赠资金", "unit": "单位自筹",
}  # fmt: skip


def source_label(source: str | None) -> str:
    """What stands on paper and in messages for a source of money; a unit's own word stands as it is."""
    return SOURCE_WORDS.get(source or "", source or "")


def fingerprint(lines: Iterable[RosterLine]) -> str:
    """The hash of frozen rows, as it is printed at the foot of the sheet (SHA-256, 64 digits)."""
    return sheets.roster_fingerprint(tuple(frozen(line) for line in lines))


def lines_of(session: Session, roster: str) -> list[RosterLine]:
    """The rows of a printed roster, in their order."""
    query = select(RosterLine).where(RosterLine.roster == roster, ~RosterLine.deleted)
    return list(session.scalars(query.order_by(RosterLine.number, RosterLine.id)))


def frozen(line: RosterLine) -> sheets.RosterLine:
    """One row as it is printed and hashed: only fields that no longer change."""
    return sheets.RosterLine(
        seq=line.number or 0,
        name=line.printed_name or "",
        id_number=line.printed_id or "",
        category=line.printed_class or "",
        village_group=line.printed_place or "",
        standard=f"{format_grouped(line.amount)} 元",
        amount=line.amount,
    )


def desk_phone(session: Session, station: Station) -> str:
    """The telephone printed for checking: of the person at the desk."""
    staff = session.get(Staff, station.actor.staff)
    return (staff.phone if staff is not None else None) or ""


def draw(
    session: Session, station: Station, roster: Roster, campaign: Campaign, *, reprint: int, full: bool
) -> Document:
    """The PDF of a roster; `full` is the finance copy with whole ID numbers."""
    return sheets.roster(
        sheets.RosterSheet(
            station=station.place.name,
            phone=desk_phone(session, station),
            title=(campaign.name or "").removesuffix("慰问") + "慰问金签领表",
            number=roster.number,
            version=1,
            source=source_label(campaign.source),
            method=rules.WAYS.get(campaign.way or "cash", campaign.way or ""),
            day=None,
            printed_at=clock.now(),
            printed_by=station.actor.name,
            lines=tuple(frozen(line) for line in lines_of(session, roster.id)),
            reprint=reprint,
            full_ids=full,
        )
    )
