"""What certificates say: the words drawn from the register, frozen as JSON the moment there is a number."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.documents import certificate as certificates
from app.documents.paper import Document
from app.errors import Refused
from app.models import HardshipCase, IssuedDocument, Person, PersonIdentity, PersonService, Visit
from app.rules import benefits, chinese_date, hardship
from app.rules import certificates as kinds
from app.rules.money import format_grouped
from app.rules.partial_date import PartialDate
from app.services import case_sheets, case_steps, lookup, roster_sheets
from app.services.station import Station

VALID_DAYS: Final = 30
NO_PHONE: Final = "(请填写)"


@dataclass(frozen=True)
class Words:
    """Everything on a certificate but its number: what is frozen with it. Days as text."""

    person: str
    id_number: str
    body: str
    basis: str
    purpose: str
    handler: str
    phone: str
    issued: str
    valid_until: str

    def as_text(self) -> str:
        """The form in which it is stored."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, paper: IssuedDocument) -> "Words":
        """The words a paper bore; Refused for one of an older version, which kept none."""
        if not paper.content:
            raise Refused(f"{paper.number} 是旧版本开的, 没有留下正文, 不能重印。请作废此号后重新开。")
        return cls(**json.loads(paper.content))


def words(session: Session, station: Station, person: Person, kind: str, purpose: str) -> Words:
    """What a certificate of a kind would say today; Refused where the register does not hold it."""
    today = clock.today()
    return Words(
        person=person.name, id_number=person.id_number or "", body=_BODIES[kind](session, person),
        basis=kinds.KINDS[kind].basis, purpose=purpose, handler=station.actor.name,
        phone=roster_sheets.desk_phone(session, station) or NO_PHONE, issued=today.isoformat(),
        valid_until=(today + dt.timedelta(days=VALID_DAYS)).isoformat(),
    )  # fmt: skip


def draw(station: Station, said: Words, number: str, *, reprint: int = 0, sample: bool = False) -> Document:
    """The PDF of a certificate."""
    return certificates.certificate(
        certificates.Certificate(
            station=station.place.name, phone=said.phone, number=number, version=1, person=said.person,
            id_number=said.id_number, body=said.body, basis=said.basis, purpose=said.purpose,
            issued_on=dt.date.fromisoformat(said.issued), valid_until=dt.date.fromisoformat(said.valid_until),
            handler=said.handler, signer="", printed_at=clock.now(), printed_by=station.actor.name, reprint=reprint,
            sample=sample,
        )
    )  # fmt: skip


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
