"""The register of issued papers: every number of this unit with what became of it, void ones included."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, or_, select

from app.models import Campaign, IssuedDocument, Person, Roster
from app.rules import codes
from app.services import lookup, rights
from app.services.ids import Ids
from app.services.station import Station

_PURPOSES: Final = 3


@dataclass(frozen=True)
class PaperRow:
    """One line of the register; `what` says what the paper is, `whom` for whom, or which round a sheet belongs to."""

    id: str
    form: str
    number: str
    what: str
    whom: str
    person: str
    purpose: str
    issued: str
    copies: int
    status: str
    subject: str


@dataclass(frozen=True)
class Wanted:
    """Which papers a list shows, and in which order; empty means all."""

    form: str = ""
    status: str = ""
    year: str = ""
    text: str = ""
    """A piece of the number or of the person's name."""
    by: str = "number"
    """number | whom | issued | status"""
    downwards: bool = True


class PaperRegister:
    """Looking at the register; it never writes."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def ids(self, wanted: Wanted) -> Ids:
        """The papers of a list, in its order."""
        rights.demand(self._station, "read")
        paper = IssuedDocument
        columns: dict[str, Any] = {"whom": Person.name, "issued": paper.issued, "status": paper.status}
        keys = [columns[wanted.by]] if wanted.by in columns else [paper.year, paper.form, paper.serial]
        order = [key.desc().nulls_last() if wanted.downwards else key.nulls_first() for key in keys]
        query = select(paper.id).outerjoin(Person, Person.id == paper.person)
        query = query.where(paper.node == self._station.place.node, ~paper.deleted)
        if wanted.form:
            query = query.where(paper.form == wanted.form)
        if wanted.status:
            query = query.where(paper.status == wanted.status)
        if wanted.year:
            query = query.where(paper.year == int(wanted.year))
        if text := wanted.text.strip():
            query = query.where(
                or_(paper.number.contains(text, autoescape=True), Person.name.contains(text, autoescape=True))
            )
        with self._station.db.read() as session:
            return Ids.of(session.scalars(query.order_by(*order, paper.id.desc())))

    def rows(self, ids: Sequence[str]) -> dict[str, PaperRow]:
        """Lines of the register by their ids."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            found = session.execute(_rows().where(IssuedDocument.id.in_(ids))).all()
            rosters = [row.subject[7:] for row in found if (row.subject or "").startswith("roster:")]
            rounds = select(Roster.id, Campaign.name).join(Campaign, Campaign.id == Roster.campaign)
            names = {row.id: row.name for row in session.execute(rounds.where(Roster.id.in_(rosters)))}
        return {row.id: _row(row, names) for row in found}

    def row(self, id: str) -> PaperRow:
        """One paper. Refused if there is none."""
        rights.demand(self._station, "read")
        with self._station.db.read() as session:
            lookup.fetch(session, IssuedDocument, id)
        return self.rows([id])[id]

    def waiting(self) -> list[PaperRow]:
        """Papers that have a number and nobody has said yet that they came out: they are offered again, the oldest first."""
        ids = list(self.ids(Wanted(status="reserved", by="issued", downwards=False)))
        rows = self.rows(ids)
        return [rows[one] for one in ids if one in rows]

    def years(self) -> list[str]:
        """The years there are papers of, the newest first."""
        rights.demand(self._station, "read")
        query = select(IssuedDocument.year).where(IssuedDocument.node == self._station.place.node).distinct()
        with self._station.db.read() as session:
            return [str(year) for year in sorted(filter(None, session.scalars(query)), reverse=True)]

    def purposes(self) -> list[str]:
        """What certificates were last wanted for, the newest first."""
        rights.demand(self._station, "read")
        paper = IssuedDocument
        query = (
            select(paper.purpose)
            .where(
                paper.node == self._station.place.node, paper.form == "F14", paper.purpose.is_not(None), ~paper.deleted
            )
            .group_by(paper.purpose)
            .order_by(func.max(paper.serial + paper.year * 1_000_000).desc())
            .limit(_PURPOSES)
        )
        with self._station.db.read() as session:
            return [text for text in session.scalars(query) if text]

    def sheets(self) -> list[tuple[str, str]]:
        """(roster id, words) of the printed signature sheets of this unit, the newest first."""
        rights.demand(self._station, "read")
        paper = IssuedDocument
        query = select(paper.subject, paper.number).where(
            paper.node == self._station.place.node, paper.form == "F04", ~paper.deleted
        )
        with self._station.db.read() as session:
            found = session.execute(query.order_by(paper.id.desc())).all()
            rounds = select(Roster.id, Campaign.name).join(Campaign, Campaign.id == Roster.campaign)
            names = {row.id: row.name for row in session.execute(rounds)}
        pairs = [((row.subject or "").partition(":")[2], row.number or "") for row in found]
        return [(roster, f"{number}  {names.get(roster, '')}".strip()) for roster, number in pairs if roster]


def _rows() -> Select[*tuple[Any, ...]]:
    paper = IssuedDocument
    columns = (
        paper.id, paper.form, paper.number, paper.kind, paper.person, paper.purpose, paper.issued, paper.copies,
        paper.status, paper.subject,
    )  # fmt: skip
    return select(*columns, Person.name).outerjoin(Person, Person.id == paper.person).where(~paper.deleted)


def _row(row: Any, rounds: dict[str, str]) -> PaperRow:
    words = {"F04": "慰问金签领表", "F07": "困难帮扶审批表", "F14": "证明"}
    what = words.get(row.form, row.form or "")
    if row.kind:
        what = f"{codes.label('certificate_kind', row.kind)}证明"
    whom = row.name or rounds.get((row.subject or "").partition(":")[2], "")
    return PaperRow(
        row.id, row.form or "", row.number or "", what, whom, row.person or "", row.purpose or "", row.issued or "",
        row.copies or 0, row.status or "", row.subject or "",
    )  # fmt: skip
