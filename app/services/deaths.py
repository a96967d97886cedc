"""登记去世 and 误报: what hangs on a death is done with it in one act, and all of it is taken back by another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.models import FamilyMember, Person, PersonChange, PersonIdentity, Roster, RosterLine
from app.models.database import Work
from app.rules import after_death, levels
from app.rules.after_death import Benefit, Death, Relative
from app.rules.partial_date import PartialDate
from app.services import history, paying, undoing
from app.services.history import History
from app.services.station import Station

ACT: Final = "登记去世"
MISTAKEN: Final = "误报去世, 恢复原状"
DIED: Final = "died"
TOLD: Final = ("struck", "source", "told_by", "proof", "reason")
"""What may be given beside day and cause: it is kept with the change of standing (信息采集表 M)."""
_STOPPED: Final = "已停发"


@dataclass(frozen=True)
class Brought:
    """What a death brought. `struck` are lines of lists not printed yet; the others are sentences."""

    struck: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    """Printed sheets the person stands on without a result, each with its number."""
    proposals: tuple[str, ...] = ()


def bring(work: Work, station: Station, person: Person, told: Mapping[str, Any]) -> Brought:
    """Do with a death just written what hangs on it: the entry in the file, lists not printed yet; the rest is said."""
    session = work.session
    facts = {name: told.get(name) for name in TOLD if told.get(name)}
    session.add(PersonChange(
        id=clock.new_id(), home=person.home, person=person.id, change=DIED, day=person.death_date, died=person.death_date,
        **facts,
    ))  # fmt: skip
    struck, sheets = [], []
    for line in session.scalars(select(RosterLine).where(RosterLine.person == person.id, ~RosterLine.deleted)):
        if paying.live_entries(session, line=line.id):
            continue
        roster = session.get(Roster, line.roster) if line.roster else None
        if roster is None and levels.covers(station.place.scopes, line.home):
            struck.append(line.id)
            work.delete(line)
        elif roster is None:
            sheets.append("还在上级的慰问名单上, 请告诉办理单位移出。")
        elif roster.status != "void":
            sheets.append(f"签领表 {roster.number} 第 {line.number} 行还没有结果: 不能发放, 请划销或改为慰问家属。")
    return Brought(tuple(struck), tuple(sheets), after_death.proposals(_death(session, person, told)))


def _death(session: Session, person: Person, told: Mapping[str, Any]) -> Death:
    identities = session.scalars(
        select(PersonIdentity).where(
            PersonIdentity.person == person.id, ~PersonIdentity.deleted, PersonIdentity.ends.is_(None),
            PersonIdentity.benefit_code.is_not(None), PersonIdentity.benefit_state.is_distinct_from(_STOPPED),
        )
    )  # fmt: skip
    family = session.scalars(select(FamilyMember).where(FamilyMember.person == person.id, ~FamilyMember.deleted))
    until = told.get("paid_until")
    return Death(
        PartialDate.parse(person.death_date or ""), person.death_cause or "",
        tuple(Benefit(i.benefit_code or "", i.disability_level or "", i.disability_nature or "") for i in identities),
        tuple(Relative(one.name or "", one.relation or "") for one in family),
        PartialDate.parse(until) if until else None, person.plaque == "已悬挂",
    )  # fmt: skip


def act_of(station: Station, person: str) -> str:
    """The act that registered a death, if it was one by itself; empty if it came otherwise (with a list, from above)."""
    found = ""
    for change in History(station).of("person", person):
        if change.field == "death_date" and change.new is not None:
            found = change.act
    if not found:
        return ""
    with station.db.read() as session:
        _, source = history.source_of(session, found)
    return found if source.header.name == ACT else ""


def take_back(work: Work, station: Station, person: Person, act: str) -> tuple[str, ...]:
    """Everything a death brought as it was before; sentences about what had to stay."""
    kept: tuple[undoing.Kept, ...] = ()
    if act:
        kept = undoing.take_back(station, work, act)
    for name in ("death_date", "death_cause"):
        if getattr(person, name) is not None:
            setattr(person, name, None)
    if person.status == "dead":
        person.status = None
    left = select(PersonChange).where(
        PersonChange.person == person.id, PersonChange.change == DIED, ~PersonChange.deleted
    )
    for change in work.session.scalars(left):
        work.delete(change)
    return tuple(f"{one.name}: {one.reason}, 请自己核对" for one in kept if one.kind not in ("person", "person_change"))
