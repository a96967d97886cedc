"""Printing numbered papers: the signature sheet again (F04), the case form (F07), certificates (F14).

A paper is looked at first, which writes nothing; printing reserves its number, and only the person who holds the sheet
says that it is out (`settle`), spoilt (`spoil`) or to be printed once more (`again`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import folders
from app.documents.paper import Document
from app.errors import BadInput, Refused
from app.models import Campaign, HardshipCase, IssuedDocument, Person, PersonAccount, Roster
from app.models.receipts import contested
from app.rules import certificates as kinds
from app.services import (
    case_sheets,
    certificate_texts,
    lookup,
    paper_files,
    paper_numbers,
    payable,
    rights,
    roster_sheets,
)
from app.services.paper_files import Drawn
from app.services.station import Station

PURPOSE: Final = "本人办理有关事项"


@dataclass(frozen=True)
class Form:
    """A form the station prints and the noun it is printed for."""

    form: str
    name: str
    subject: str


FORMS: Final = (
    Form("F04", "慰问金签领表", "roster"),
    Form("F07", "困难帮扶申请审批表", "case"),
    Form("F14", "证明(带存根)", "person"),
)


def _form_of(form: str) -> Form:
    found = next((item for item in FORMS if item.form == form.upper()), None)
    if found is None:
        raise BadInput(f"没有“{form[:20]}”这张表, 可以打印 {', '.join(f'{f.form}({f.name})' for f in FORMS)}。")
    return found


def _record_of(form: Form, subject: str) -> str:
    noun, _, record = lookup.subject(subject)
    if noun != form.subject:
        raise BadInput(f"{form.form} {form.name}要用 {form.subject}:编号 打印。")
    return record


@dataclass(frozen=True)
class Printed:
    """A paper that was printed: `reprint` counts printings after the first, `missing` names what no font has."""

    id: str
    number: str
    file: Path
    reprint: int
    remarks: tuple[str, ...]
    missing: tuple[str, ...]


class Papers:
    """What can be printed."""

    def __init__(self, station: Station) -> None:
        self._station = station

    # -- at the window: look, reserve, print, settle ------------------------------------------------------------------

    def look(self, form: str, subject: str, *, purpose: str = "", kind: str = "benefit", full: bool = False) -> Drawn:
        """A paper as it would be, marked as a sample where it has no number yet; nothing is written.

        `form` F04 for `roster:ID`, F07 for `case:ID`, F14 for `person:ID`; else as `print_form`.
        """
        rights.demand(self._station, "print")
        known = _form_of(form)
        record = _record_of(known, subject)
        with self._station.db.read() as session:
            earlier = _paper_for(session, subject) if known.form != "F14" else None
            if earlier is not None:
                return self._drawn_again(session, earlier, full=full)
            if known.form == "F07":
                case, person = self._case(session, record)
                number = roster_sheets.UNNUMBERED
                document = case_sheets.draw(session, self._station, case, person, number, reprint=0, sample=True)
                return paper_files.drawn(document, known.form, known.name, None)
            if known.form == "F04":
                raise Refused("这张签领表是其他单位打印的, 本单位不能重印。")
            person = self._certifiable(session, record, kind, purpose.strip() or PURPOSE)
            said = certificate_texts.words(session, self._station, person, kind, purpose.strip() or PURPOSE)
            document = certificate_texts.draw(self._station, said, roster_sheets.UNNUMBERED, sample=True)
            return paper_files.drawn(document, known.form, f"证明 {person.name}", None)

    def reserve(
        self, form: str, subject: str, *, purpose: str = "", kind: str = "benefit", full: bool = False
    ) -> Drawn:
        """The paper under its number, ready for the printer: 已编号 until it is settled. One that has a number keeps it."""
        rights.demand(self._station, "print")
        known = _form_of(form)
        record = _record_of(known, subject)
        if known.form == "F14":
            return self._reserve_certificate(record, purpose.strip() or PURPOSE, kind)
        with self._station.db.read() as session:
            earlier = _paper_for(session, subject)
            if earlier is not None:
                return self._drawn_again(session, earlier, full=full)
        if known.form == "F04":
            raise Refused("这张签领表是其他单位打印的, 本单位不能重印。")
        with self._station.db.work("打印审批表") as work:
            case, person = self._case(work.session, record)
            paper = self._number_case(work.session, case, person)
            number = paper.number or ""
            document = case_sheets.draw(work.session, self._station, case, person, number, reprint=0)
            return paper_files.drawn(document, known.form, known.name, paper)

    def again(self, id: str, *, full: bool = False) -> Drawn:
        """A numbered paper once more, with the words it bore; counted only when it is settled. Nothing is written."""
        rights.demand(self._station, "print")
        with self._station.db.read() as session:
            return self._drawn_again(session, lookup.fetch(session, IssuedDocument, id), full=full)

    def settle(self, id: str, sha256: str = "") -> int:
        """打印好了: the paper is out. Gives how many copies there are now; `sha256` is that of the PDF."""
        rights.demand(self._station, "print")
        with self._station.db.work("登记打印好了") as work:
            paper = lookup.fetch(work.session, IssuedDocument, id)
            _demand_live(paper)
            _count(paper, sha256)
            return paper.copies

    def spoil(self, id: str) -> None:
        """作废此号: the paper was spoilt; its number stays listed and is never used again."""
        rights.demand(self._station, "print")
        with self._station.db.work("作废文书") as work:
            paper = lookup.fetch(work.session, IssuedDocument, id)
            if paper.form == "F04":
                raise Refused("签领表不能整张作废, 请逐行登记“缴回”, 再开补表。")
            paper.status = "void"

    # -- at the terminal: into a file ----------------------------------------------------------------------------------

    def print_form(
        self,
        form: str,
        subject: str,
        out: Path | None = None,
        *,
        purpose: str = "",
        kind: str = "benefit",
        full: bool = False,
    ) -> Printed:
        """打印 a form for `KIND:ID`; the PDF lies whole at `out` before the number is saved.

        `purpose`, `kind` (rules.certificates.KINDS) are for certificates; `full` is the finance copy of a sheet.
        """
        rights.demand(self._station, "print")
        known = _form_of(form)
        record = _record_of(known, subject)
        if known.form == "F04":
            return self._reprint_roster(record, out, full=full)
        if known.form == "F07":
            return self._print_case(record, out)
        return self._print_certificate(record, out, purpose.strip() or PURPOSE, kind)

    def demand(self, form: str, subjects: Sequence[str], *, purpose: str = "", kind: str = "benefit") -> None:
        """Refuse before the first sheet what one of several subjects would make fail after some have a number."""
        rights.demand(self._station, "print")
        known = _form_of(form)
        said = purpose.strip() or PURPOSE
        with self._station.db.read() as session:
            for subject in subjects:
                record = _record_of(known, subject)
                if known.form == "F04":
                    lookup.fetch(session, Roster, record)
                elif known.form == "F07":
                    lookup.fetch(session, HardshipCase, record)
                else:
                    person = self._certifiable(session, record, kind, said)
                    certificate_texts.words(session, self._station, person, kind, said)

    def issued(self, form: str | None = None) -> list[IssuedDocument]:
        """Papers of this unit, the newest first."""
        rights.demand(self._station, "read")
        query = select(IssuedDocument).where(IssuedDocument.node == self._station.place.node, ~IssuedDocument.deleted)
        if form is not None:
            query = query.where(IssuedDocument.form == form)
        with self._station.db.read() as session:
            return list(session.scalars(query.order_by(IssuedDocument.id.desc())))

    def _reprint_roster(self, id: str, out: Path | None, *, full: bool) -> Printed:
        with paper_files.kept_only_if_saved() as write, self._station.db.work("重印签领表") as work:
            session = work.session
            lookup.fetch(session, Roster, id)
            paper = _paper_for(session, f"roster:{id}")
            document, _ = self._draw_roster(session, id, paper.copies if paper is not None else 0, full=full)
            if paper is None:
                raise Refused("这张签领表是其他单位打印的, 本单位不能重印。")
            return self._printed(write, paper, document, out)

    def _print_case(self, id: str, out: Path | None) -> Printed:
        with paper_files.kept_only_if_saved() as write, self._station.db.work("打印审批表") as work:
            session = work.session
            case, person = self._case(session, id)
            paper = _paper_for(session, f"case:{id}") or self._number_case(session, case, person)
            number = paper.number or ""
            document = case_sheets.draw(session, self._station, case, person, number, reprint=paper.copies or 0)
            return self._printed(write, paper, document, out)

    def _print_certificate(self, id: str, out: Path | None, purpose: str, kind: str) -> Printed:
        with paper_files.kept_only_if_saved() as write, self._station.db.work("开证明") as work:
            paper, document = self._number_certificate(work.session, id, purpose, kind)
            return self._printed(write, paper, document, out)

    def _printed(
        self, write: Callable[[Path, bytes], None], paper: IssuedDocument, document: Document, out: Path | None
    ) -> Printed:
        """Count the printing and write the file; the last thing before the act is saved."""
        number = paper.number or paper.id
        file = out if out is not None else folders.papers_folder() / f"{number}.pdf"
        _count(paper, paper_files.sha256(document.pdf))
        write(file, document.pdf)
        remarks = paper_files.remarks(document)
        return Printed(paper.id, number, file, paper.copies - 1, remarks, document.missing)

    # -- each form -----------------------------------------------------------------------------------------------------

    def _drawn_again(self, session: Session, paper: IssuedDocument, *, full: bool) -> Drawn:
        """A paper that has a number, drawn anew; the first printing of it is no reprint while none has come out."""
        _demand_live(paper)
        noun, _, record = (paper.subject or "").partition(":")
        reprint = paper.copies or 0
        if noun == "roster":
            document, title = self._draw_roster(session, record, reprint, full=full)
        elif noun == "case":
            case, person = self._case(session, record)
            document = case_sheets.draw(session, self._station, case, person, paper.number or "", reprint=reprint)
            title = _form_of("F07").name
        else:
            said = certificate_texts.Words.of(paper)
            document = certificate_texts.draw(self._station, said, paper.number or "", reprint=reprint)
            title = f"证明 {said.person}"
        return paper_files.drawn(document, paper.form, title, paper, reprint)

    def _draw_roster(self, session: Session, id: str, reprint: int, *, full: bool) -> tuple[Document, str]:
        roster = lookup.fetch(session, Roster, id)
        campaign = lookup.fetch(session, Campaign, roster.campaign)
        lines = roster_sheets.lines_of(session, id)
        for line in lines:
            payable.demand_undisputed(session, line, lookup.person(session, line.person))
        if roster_sheets.fingerprint(lines) != roster.hash:
            raise Refused(f"{roster.number} 的内容与定稿时不一样, 有被改动的痕迹, 没有打印。请核对变更记录。")
        document = roster_sheets.draw(session, self._station, roster, campaign, reprint=reprint, full=full)
        return document, roster_sheets.title_of(campaign)

    def _case(self, session: Session, id: str) -> tuple[HardshipCase, Person]:
        case = lookup.fetch(session, HardshipCase, id)
        person = lookup.person(session, case.person)
        _demand_undisputed(session, person, accounts=True)
        if set(contested(session, "hardship_case", id)) & {"amount"}:
            raise Refused(f"{person.name} 的申请金额两边填的不一样, 核对以后才能打印。")
        return case, person

    def _number_case(self, session: Session, case: HardshipCase, person: Person) -> IssuedDocument:
        paper = paper_numbers.numbered(session, self._station.place, "F07", f"case:{case.id}", person)
        case.number = paper.number
        return paper

    def _certifiable(self, session: Session, id: str, kind: str, purpose: str) -> Person:
        if why := kinds.problem(kind, purpose, self._station.place.level):
            raise Refused(why)
        person = lookup.person(session, id)
        lookup.demand_scope(self._station.place, person)
        _demand_undisputed(session, person, accounts=False)
        return person

    def _number_certificate(
        self, session: Session, id: str, purpose: str, kind: str
    ) -> tuple[IssuedDocument, Document]:
        person = self._certifiable(session, id, kind, purpose)
        said = certificate_texts.words(session, self._station, person, kind, purpose)
        facts: dict[str, Any] = {"kind": kind, "purpose": purpose, "content": said.as_text()}
        paper = paper_numbers.numbered(session, self._station.place, "F14", f"person:{person.id}", person, **facts)
        return paper, certificate_texts.draw(self._station, said, paper.number or "")

    def _reserve_certificate(self, id: str, purpose: str, kind: str) -> Drawn:
        with self._station.db.work("开证明") as work:
            paper, document = self._number_certificate(work.session, id, purpose, kind)
            return paper_files.drawn(document, "F14", f"证明 {certificate_texts.Words.of(paper).person}", paper)


def look(station: Station, form: str, subject: str, **how: Any) -> Drawn:
    """`Papers.look`, for the worker process."""
    return Papers(station).look(form, subject, **how)


def reserve(station: Station, form: str, subject: str, **how: Any) -> Drawn:
    """`Papers.reserve`, for the worker process."""
    return Papers(station).reserve(form, subject, **how)


def again(station: Station, id: str, *, full: bool = False) -> Drawn:
    """`Papers.again`, for the worker process."""
    return Papers(station).again(id, full=full)


def _count(paper: IssuedDocument, sha256: str) -> None:
    """One more copy has come out whole."""
    paper.copies = (paper.copies or 0) + 1
    paper.status = "printed"
    paper.sha256 = sha256 or paper.sha256


def _demand_live(paper: IssuedDocument) -> None:
    if paper.status == "void":
        raise Refused(f"{paper.number} 已作废, 不能再打印。需要的话请重新开一份。")


def _paper_for(session: Session, subject: str) -> IssuedDocument | None:
    query = select(IssuedDocument).where(IssuedDocument.subject == subject, ~IssuedDocument.deleted)
    query = query.where(IssuedDocument.status.is_distinct_from("void"))
    return session.scalars(query.order_by(IssuedDocument.id)).first()


def _demand_undisputed(session: Session, person: Person, *, accounts: bool) -> None:
    """Nothing is printed from a name, number or account with two values (sync.md)."""
    disputed = set(contested(session, "person", person.id)) & {"name", "id_number"}
    if accounts:
        query = select(PersonAccount.id).where(PersonAccount.person == person.id, ~PersonAccount.deleted)
        for account in session.scalars(query):
            disputed |= set(contested(session, "person_account", account))
    if disputed:
        raise Refused(f"{person.name} 的姓名、身份证号或银行账号两边填的不一样, 核对以后才能打印。")
