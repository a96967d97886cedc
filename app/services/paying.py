"""How a line of a round stands, read off its appended payments; nothing here is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Payment, Person, RosterLine
from app.rules import campaign as rules
from app.rules.money import total
from app.services.lookup import is_dead

OPEN = frozenset({"planned", "missing"})


@dataclass(frozen=True)
class Entry:
    """A payment row as it counts."""

    id: str
    line: str
    result: str
    amount: int
    day: str
    follows: str | None
    reason: str = ""


@dataclass(frozen=True)
class LineState:
    """A line with its person and what became of it; amounts in fen.

    `double` is what was paid out more than once (重复发放) and is to be recovered.
    """

    id: str
    person: str
    name: str
    home: str
    amount: int
    state: str
    roster: str | None
    number: int | None
    day: str | None
    dead: bool
    double: int = 0

    def rule_line(self) -> rules.Line:
        """As the rules take it."""
        return rules.Line(self.id, self.person, self.name, self.amount, self.state)


def heads(entries: Iterable[Entry]) -> list[Entry]:
    """Entries that no other one follows: one as a rule, two when they were made apart."""
    kept = list(entries)
    followed = {entry.follows for entry in kept}
    return [entry for entry in kept if entry.id not in followed]


def live_entries(session: Session, *, campaign: str | None = None, line: str | None = None) -> dict[str, list[Entry]]:
    """Payments by line that neither reverse another nor are reversed, the oldest first."""
    query = select(
        Payment.id, Payment.line, Payment.result, Payment.amount, Payment.day, Payment.follows, Payment.reverses,
        Payment.reason,
    ).where(~Payment.deleted)  # fmt: skip
    if campaign is not None:
        query = query.where(Payment.campaign == campaign)
    if line is not None:
        query = query.where(Payment.line == line)
    rows = list(session.execute(query.order_by(Payment.id)))
    reversed_ids = {row.reverses for row in rows if row.reverses is not None}
    out: dict[str, list[Entry]] = {}
    for row in rows:
        if row.reverses is None and row.id not in reversed_ids:
            entry = Entry(row.id, row.line, row.result, row.amount or 0, row.day, row.follows, row.reason or "")
            out.setdefault(row.line, []).append(entry)
    return out


def standing(entries: Sequence[Entry]) -> tuple[str, str | None, int]:
    """(state, day, amount paid more than once) of a line; money handed out outweighs every other entry."""
    last = heads(entries)
    if not last:
        return "planned", None, 0
    paid = [entry for entry in last if entry.result == "paid"]
    if paid:
        return "paid", paid[0].day, total(entry.amount for entry in paid[1:])
    return last[-1].result, last[-1].day, 0


def reason(entries: Sequence[Entry]) -> str:
    """What was said of the entry that counts: why a line was not handed out, or was given back."""
    state = standing(entries)[0]
    return next((entry.reason for entry in reversed(heads(entries)) if entry.result == state), "")


def lines_of(session: Session, campaign: str, *, roster: str | None = None) -> list[LineState]:
    """The lines of a round in the order of the list, each as it stands."""
    query = (
        select(RosterLine, Person)
        .outerjoin(Person, Person.id == RosterLine.person)
        .where(RosterLine.campaign == campaign, ~RosterLine.deleted)
        .order_by(RosterLine.id)
    )
    if roster is not None:
        query = query.where(RosterLine.roster == roster).order_by(None).order_by(RosterLine.number, RosterLine.id)
    live = live_entries(session, campaign=campaign)
    return [_line(line, person, live) for line, person in session.execute(query)]


def _line(line: RosterLine, person: Person | None, live: Mapping[str, list[Entry]]) -> LineState:
    state, day, double = standing(live.get(line.id, ()))
    name = line.printed_name or (person.name if person is not None else "") or "他站人员"
    return LineState(
        line.id, line.person, name, line.home or "", line.amount or 0, state, line.roster, line.number, day,
        dead=person is not None and is_dead(person), double=double,
    )  # fmt: skip


def sums(lines: Iterable[LineState]) -> dict[str, Any]:
    """Planned = paid + returned + open, in fen; `double` stands beside it."""
    kept = list(lines)
    found = rules.totals(line.rule_line() for line in kept)
    return {
        "planned": found.planned, "paid": found.paid, "returned": found.returned, "open": found.open,
        "double": total(line.double for line in kept),
    }  # fmt: skip
