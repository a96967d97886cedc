"""Numbers of papers: one series per form, unit and year; a number is never used twice, void ones included."""

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.models import IssuedDocument, Local, Origin, Person
from app.rules import numbering
from app.services.station import Place

SERIES: Final = {"F04": "慰签", "F07": "退帮", "F14": "退服"}
"""What stands between the unit's short name and 字 in a number."""
FRESH_PART: Final = 100
"""After a restore the series goes on at the next hundred but one: papers printed since the backup keep their numbers."""
_ENDINGS: Final = ("退役军人事务局", "退役军人服务中心", "退役军人服务站", "服务中心", "服务站", "站")
_LONGEST_NAME: Final = 12


def short_name(unit: str) -> str:
    """`桥头村退役军人服务站` and `桥头村站` become `桥头村`."""
    plain = unit.strip()
    for ending in _ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending):
            plain = plain.removesuffix(ending)
            break
    return plain[:_LONGEST_NAME] or "本站"


def number_of(place: Place, form: str, year: int, serial: int) -> str:
    """`桥头村退服字〔2026〕第0012号`."""
    return numbering.certificate_number(short_name(place.name) + SERIES[form], year, serial)


def next_serial(session: Session, place: Place, form: str, year: int) -> int:
    """The next free number of a series; call it inside the act that uses it."""
    paper = IssuedDocument
    own = (paper.node == place.node, paper.form == form)
    last = session.scalar(select(func.max(paper.serial)).where(*own, paper.year == year)) or 0
    incarnation = session.scalar(select(Local.incarnation)) or 0
    known = session.scalar(select(func.count()).select_from(Origin).where(Origin.node == place.node)) or 0
    if known > 1 and not _begun(session, place, form, year, incarnation):
        return -(-(last + FRESH_PART) // FRESH_PART) * FRESH_PART + 1
    return last + 1


def numbered(
    session: Session, place: Place, form: str, subject: str, person: Person | None = None, **facts: Any
) -> IssuedDocument:
    """A new paper under the next number of its form: 已编号, until somebody says that it was printed well.

    `facts` are further fields; `home` is the person's, or must be among them.
    """
    today = clock.today()
    serial = next_serial(session, place, form, today.year)
    paper = IssuedDocument(
        id=clock.new_id(), form=form, number=number_of(place, form, today.year, serial), serial=serial, year=today.year,
        subject=subject, person=person.id if person is not None else None, issued=today.isoformat(), copies=0,
        status="reserved", node=place.node, incarnation=session.scalar(select(Local.incarnation)),
        **({"home": person.home if person is not None else place.home} | facts),
    )  # fmt: skip
    session.add(paper)
    return paper


def gaps(session: Session, place: Place, form: str, year: int) -> list[tuple[int, int]]:
    """Stretches (first, last) of numbers below the highest that no paper here bears, as after a restore."""
    query = (
        select(IssuedDocument.serial)
        .where(IssuedDocument.node == place.node, IssuedDocument.form == form, IssuedDocument.year == year)
        .order_by(IssuedDocument.serial)
    )
    found, last = [], 0
    for serial in session.scalars(query):
        if serial is not None and serial > last + 1:
            found.append((last + 1, serial - 1))
        last = max(last, serial or 0)
    return found


def _begun(session: Session, place: Place, form: str, year: int, incarnation: int) -> bool:
    """Whether the series already runs in its fresh part, or this incarnation is older than the year."""
    paper = IssuedDocument
    here = (paper.node == place.node, paper.incarnation == incarnation)
    query = select(paper.id).where(*here, ((paper.form == form) & (paper.year == year)) | (paper.year < year)).limit(1)
    return session.execute(query).first() is not None
