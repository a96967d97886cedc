"""Printing numbered papers: the signature sheet again (F04), the case form (F07), certificates (F14)."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, folders
from app.documents import certificate as certificates
from app.documents.paper import Document
from app.errors import BadInput, Refused
from app.models import (
    Campaign,
    HardshipCase,
    IssuedDocument,
    Local,
    Person,
    PersonAccount,
    PersonIdentity,
    PersonService,
    Roster,
    Visit,
)  # fmt: skip
from app.models.receipts import contested
from app.rules import benefits, chinese_date, hardship
from app.rules import certificates as kinds
from app.rules.money import format_grouped
from app.rules.partial_date import PartialDate
from app.services import campaigns, case_sheets, case_steps, lookup, paper_files, paper_numbers, rights, roster_sheets
from app.services.station import Station

VALID_DAYS: Final = 30
PURPOSE: Final = "本人办理有关事项"
NO_PHONE: Final = "(请填写)"


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
        with self._station.db.read() as session:
            for subject in subjects:
                record = _record_of(known, subject)
                if known.form == "F04":
                    lookup.fetch(session, Roster, record)
                elif known.form == "F07":
                    lookup.fetch(session, HardshipCase, record)
                else:
                    person = lookup.person(session, record)
                    lookup.demand_scope(self._station.place, person)
                    _demand_undisputed(session, person, accounts=False)
                    if why := kinds.problem(kind, purpose.strip() or PURPOSE, self._station.place.level):
                        raise Refused(why)
                    _BODIES[kind](session, person)

    def issued(self, form: str | None = None) -> list[IssuedDocument]:
        """Papers of this unit, the newest first."""
        rights.demand(self._station, "read")
        query = select(IssuedDocument).where(IssuedDocument.node == self._station.place.node, ~IssuedDocument.deleted)
        if form is not None:
            query = query.where(IssuedDocument.form == form)
        with self._station.db.read() as session:
            return list(session.scalars(query.order_by(IssuedDocument.id.desc())))

    def spoil(self, id: str) -> None:
        """作废此号: the paper was spoilt; its number stays listed and is never used again."""
        rights.demand(self._station, "print")
        with self._station.db.work("作废文书") as work:
            paper = lookup.fetch(work.session, IssuedDocument, id)
            if paper.form == "F04":
                raise Refused("签领表不能整张作废, 请逐行登记“缴回”, 再开补表。")
            paper.status = "void"

    def _reprint_roster(self, id: str, out: Path | None, *, full: bool) -> Printed:
        with paper_files.kept_only_if_saved() as write, self._station.db.work("重印签领表") as work:
            session = work.session
            roster = lookup.fetch(session, Roster, id)
            campaign = lookup.fetch(session, Campaign, roster.campaign)
            lines = roster_sheets.lines_of(session, id)
            for line in lines:
                campaigns.demand_undisputed(session, line, lookup.person(session, line.person))
            if roster_sheets.fingerprint(lines) != roster.hash:
                raise Refused(f"{roster.number} 的内容与定稿时不一样, 有被改动的痕迹, 没有打印。请核对变更记录。")
            paper = _paper_for(session, f"roster:{id}")
            if paper is None:
                raise Refused(f"{roster.number} 是其他单位打印的, 本单位不能重印。")
            document = roster_sheets.draw(session, self._station, roster, campaign, reprint=paper.copies, full=full)
            return self._printed(write, paper, document, out)

    def _print_case(self, id: str, out: Path | None) -> Printed:
        place, today = self._station.place, clock.today()
        with self._station.db.read() as session:
            earlier = _paper_for(session, f"case:{id}")
        with paper_files.kept_only_if_saved() as write, self._station.db.work("打印审批表") as work:
            session = work.session
            case = lookup.fetch(session, HardshipCase, id)
            person = lookup.person(session, case.person)
            _demand_undisputed(session, person, accounts=True)
            if set(contested(session, "hardship_case", id)) & {"amount"}:
                raise Refused(f"{person.name} 的申请金额两边填的不一样, 核对以后才能打印。")
            if earlier is not None:
                paper = lookup.fetch(session, IssuedDocument, earlier.id)
                number = paper.number or ""
                document = case_sheets.draw(session, self._station, case, person, number, reprint=paper.copies)
                return self._printed(write, paper, document, out)
            serial = paper_numbers.next_serial(session, place, "F07", today.year)
            number = paper_numbers.number_of(place, "F07", today.year, serial)
            case.number = number
            document = case_sheets.draw(session, self._station, case, person, number, reprint=0)
            paper = self._paper(session, "F07", serial, number, f"case:{id}", person, "")
            session.add(paper)
            return self._printed(write, paper, document, out)

    def _print_certificate(self, id: str, out: Path | None, purpose: str, kind: str) -> Printed:
        place, today = self._station.place, clock.today()
        if why := kinds.problem(kind, purpose, place.level):
            raise Refused(why)
        with paper_files.kept_only_if_saved() as write, self._station.db.work("开证明") as work:
            session = work.session
            person = lookup.person(session, id)
            lookup.demand_scope(place, person)
            _demand_undisputed(session, person, accounts=False)
            serial = paper_numbers.next_serial(session, place, "F14", today.year)
            number = paper_numbers.number_of(place, "F14", today.year, serial)
            chosen = kinds.KINDS[kind]
            document = certificates.certificate(
                certificates.Certificate(
                    station=place.name, phone=roster_sheets.desk_phone(session, self._station) or NO_PHONE, number=number,
                    version=1, person=person.name, id_number=person.id_number or "",
                    body=_BODIES[kind](session, person), basis=chosen.basis, purpose=purpose, issued_on=today,
                    valid_until=today + dt.timedelta(days=VALID_DAYS), handler=self._station.actor.name, signer="",
                    printed_at=clock.now(), printed_by=self._station.actor.name,
                )
            )  # fmt: skip
            paper = self._paper(session, "F14", serial, number, f"person:{person.id}", person, purpose)
            session.add(paper)
            return self._printed(write, paper, document, out)

    def _paper(
        self, session: Session, form: str, serial: int, number: str, subject: str, person: Person, purpose: str
    ) -> IssuedDocument:
        today = clock.today()
        return IssuedDocument(
            id=clock.new_id(), form=form, number=number, serial=serial, year=today.year, person=person.id, subject=subject,
            purpose=purpose or None, issued=today.isoformat(), copies=0, status="printed", node=self._station.place.node,
            home=person.home, incarnation=session.scalar(select(Local.incarnation)),
        )  # fmt: skip

    def _printed(
        self, write: Callable[[Path, bytes], None], paper: IssuedDocument, document: Document, out: Path | None
    ) -> Printed:
        """Count the printing and write the file; the last thing before the act is saved."""
        number = paper.number or paper.id
        file = out if out is not None else folders.papers_folder() / f"{number}.pdf"
        paper.copies = (paper.copies or 0) + 1
        paper.sha256 = paper_files.sha256(document.pdf)
        write(file, document.pdf)
        remarks = paper_files.remarks(document)
        return Printed(paper.id, number, file, paper.copies - 1, remarks, document.missing)


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


def _who(person: Person) -> str:
    parts = [person.name]
    if person.sex in ("1", "2"):
        parts.append(benefits.label("sex", person.sex))
    if person.id_number:
        parts.append(f"身份证号{person.id_number}")
    elif person.birth_date:
        parts.append(f"{chinese_date.arabic_partial(PartialDate.parse(person.birth_date))}出生")
    if person.address:
        parts.append(f"户籍地址{person.address}")
    return "，".join(parts)


def _identities(session: Session, person: Person) -> list[PersonIdentity]:
    query = select(PersonIdentity).where(PersonIdentity.person == person.id, ~PersonIdentity.deleted)
    return list(session.scalars(query.order_by(PersonIdentity.id)))


def _benefit_body(session: Session, person: Person) -> str:
    paid = [
        row
        for row in _identities(session, person)
        if row.benefit_code and row.benefit_state != "stopped" and not row.ends
    ]
    if not paid:
        return f"兹证明{_who(person)}。经核对本站登记，该同志目前没有享受定期抚恤补助的登记。"
    words = "、".join(
        f"“{benefits.label('benefit', row.benefit_code)}”" + (f"(证件编号{row.certificate})" if row.certificate else "")
        for row in paid
    )
    return f"兹证明{_who(person)}。经核对本站登记，该同志按{words}享受抚恤优待。"


def _help_body(session: Session, person: Person) -> str:
    people = lookup.merged(session, person.id)
    approved = []
    for case in session.scalars(select(HardshipCase).where(HardshipCase.person.in_(people), ~HardshipCase.deleted)):
        chain, policy = case_steps.of_case(session, case.id), case_steps.policy_of(session, case.policy)
        amount = None if chain.forked else hardship.approved_amount(case_steps.as_rules(session, chain.steps), policy)
        if amount is not None:
            approved.append((case.opened, amount))
    visits = session.scalar(select(func.count()).select_from(Visit).where(Visit.person.in_(people), ~Visit.deleted))
    text = f"兹证明{_who(person)}。据本站台账，本站走访该同志 {visits} 次"
    if approved:
        total = format_grouped(sum(amount for _, amount in approved))
        text += f"，批准困难帮扶 {len(approved)} 件、共 {total} 元"
    return text + "。"


def _registered_body(session: Session, person: Person) -> str:
    category = case_sheets.category(_identities(session, person))
    if not category:
        raise Refused(f"{person.name} 还没有登记人员类别, 不能开登记在册证明。请先补登人员类别。")
    return f"兹证明{_who(person)}，在本站登记为{category}。"


def _service_body(session: Session, person: Person) -> str:
    query = select(PersonService).where(PersonService.person == person.id, ~PersonService.deleted)
    periods = [row for row in session.scalars(query.order_by(PersonService.id)) if row.enlisted and row.discharged]
    if not periods:
        raise Refused(f"{person.name} 没有登记入伍和退役时间, 不能开服役情况证明。请先核对档案后补登。")
    words = "；".join(
        f"{chinese_date.arabic_partial(PartialDate.parse(row.enlisted or ''))}入伍，"
        f"{chinese_date.arabic_partial(PartialDate.parse(row.discharged or ''))}退役"
        + (f"(退役证编号{row.discharge_cert})" if row.discharge_cert else "")
        for row in periods
    )
    return f"兹证明{_who(person)}。据退役军人档案，该同志{words}。"


_BODIES: Final[dict[str, Callable[[Session, Person], str]]] = {
    "benefit": _benefit_body, "help": _help_body, "registered": _registered_body, "service": _service_body,
}  # fmt: skip
