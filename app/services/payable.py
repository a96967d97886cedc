"""Whether a line may be printed or paid: nobody dead, no amount, name, number or account with two values."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import Refused
from app.models import Person, PersonAccount, RosterLine, fields_of
from app.models.journal import Contest
from app.models.receipts import contested
from app.rules import campaign as rules
from app.services import lookup

_ASKED: Final = ("name", "id_number")
"""What is on the paper; nothing is printed or paid while one of them has two values."""


def dead_problem(person: Person) -> str:
    """The sentence for a payee the register has as dead; empty if alive."""
    end = lookup.died(person)
    if end is not None:
        return rules.dead_payee_problem(person.name, end, clock.today())
    return f"{person.name} 已去世, 这一行不能发放。可改为慰问家属。" if lookup.is_dead(person) else ""


def disputed_problem(session: Session, line: RosterLine, person: Person) -> str:
    """Why nothing is printed or paid for a line whose facts have two values (sync.md); empty if none has."""
    if why := settled_problem(session, "roster_line", line.id, person.name):
        return why
    disputed = set(contested(session, "person", person.id)) & set(_ASKED)
    if disputed:
        return _sentence(person.name, "person", disputed)
    query = select(PersonAccount.id).where(PersonAccount.person == person.id, ~PersonAccount.deleted)
    for account in session.scalars(query):
        if why := settled_problem(session, "person_account", account, person.name):
            return why
    return ""


class Disputes:
    """The same for many lines: what is contested at all is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._records = set(session.scalars(select(Contest.record)))
        accounts = select(PersonAccount.person).where(PersonAccount.id.in_(self._records), ~PersonAccount.deleted)
        self._owners = set(session.scalars(accounts)) if self._records else set()

    def problem(self, line: RosterLine, person: Person) -> str:
        """Why nothing is printed or paid for a line; empty if nothing is contested."""
        if {line.id, person.id} & self._records or person.id in self._owners:
            return disputed_problem(self._session, line, person)
        return ""


def demand_undisputed(session: Session, line: RosterLine, person: Person) -> None:
    """Refuse to print or pay from what has two values."""
    if why := disputed_problem(session, line, person):
        raise Refused(why)


def settled_problem(session: Session, kind: str, record: str, name: str) -> str:
    """The sentence for a record with a field of two values; empty if it has none."""
    disputed = set(contested(session, kind, record))
    return _sentence(name, kind, disputed) if disputed else ""


def _sentence(name: str, kind: str, fields: set[str]) -> str:
    known = fields_of(kind)
    labels = "、".join(known[one].label if one in known else one for one in sorted(fields))
    return f"{name} 的{labels}两边填的不一样, 核对以后才能打印或发放。"
