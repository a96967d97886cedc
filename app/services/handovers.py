"""关系转接: a person offered by one station, taken by another, moved by their common superior."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import Handover, Node, Person, bulk, kinds, table_of
from app.models.database import Work
from app.models.receipts import contested
from app.rules import levels, text
from app.services import field_values, hanging, lookup, rights
from app.services.station import Place, Station

ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"
_MANY: Final = 500
STATES: Final = {
    "offered": "待对方答复", "withdrawn": "已撤回", "declined": "对方不接收", "accepted": "对方同意接收, 待上级办理",
    "moved": "已转接",
}  # fmt: skip


@dataclass(frozen=True)
class HandoverRow:
    """One line of the list; `mine` says what is for this desk to do: answer, move, or nothing (empty)."""

    id: str
    person: str
    name: str
    home: str
    to_division: str | None
    to_node: str | None
    reason: str | None
    offered: str
    state: str
    answer_reason: str | None
    mine: str


@dataclass(frozen=True)
class Moved:
    """A person the desk has moved: how many records went along; `late` ones followed an earlier move."""

    handover: str
    person: str
    name: str
    records: int
    late: bool = False


class Handovers:
    """What can be done with handovers."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def offer(self, person: str, to: str, reason: str = "") -> str:
        """关系转出: offer a person of this station to another one (a 12-digit division, or a unit's id or name).

        Gives the handover's id. Refused while another one of the person is open, and for somebody else's person. Within
        this unit's own scope nobody need answer: the person is moved at once.
        """
        rights.demand(self._station, "write")
        place = self._station.place
        with self._station.db.work("关系转出") as work:
            found = lookup.person(work.session, person)
            rights.demand(self._station, "write", found)
            lookup.demand_scope(place, found)
            division, node = _target(work.session, to)
            if division is not None and division == found.home:
                raise Refused(f"{found.name} 的户籍地本来就是那里。没有改动任何数据。")
            if node == place.node:
                raise Refused("不能转给本单位自己。没有改动任何数据。")
            if _open(work.session, found.id):
                raise Refused(f"{found.name} 已经在办转接, 还没有办完。可以先撤回再重新转出。没有改动任何数据。")
            handover = Handover(
                home=found.home, person=found.id, name=found.name, id_number=found.id_number, to_division=division,
                to_node=node, reason=text.clean(reason) or None, offered=clock.today().isoformat(),
                offered_by=self._station.actor.name,
            )  # fmt: skip
            work.session.add(handover)
            if division is not None and levels.covers(place.scopes, division):
                handover.answer, handover.place = ACCEPTED, division
                handover.answered, handover.answered_by = handover.offered, handover.offered_by
                _moved(work, handover, found)
            work.session.flush()
            return handover.id

    def withdraw(self, id: str) -> None:
        """撤回: take an offer back while the person has not been moved."""
        rights.demand(self._station, "write")
        with self._station.db.work("撤回转出") as work:
            handover = self._unmoved(work, id)
            if not levels.covers(self._station.place.scopes, handover.home):
                raise Refused("只有转出的单位可以撤回。没有改动任何数据。")
            handover.withdrawn = True

    def accept(self, id: str, division: str | None = None) -> None:
        """同意接收: the person will live in `division`, by default where the offer says or this unit's own seat."""
        self._answer(id, ACCEPTED, "", division)

    def decline(self, id: str, reason: str = "") -> None:
        """不接收: with a reason that goes back to the other station."""
        self._answer(id, DECLINED, reason, None)

    def overview(self) -> list[HandoverRow]:
        """Every handover known here, the newest first."""
        rights.demand(self._station, "read")
        place = self._station.place
        with self._station.db.read() as session:
            query = select(Handover).where(~Handover.deleted).order_by(Handover.id.desc())
            return [_row(session, place, handover) for handover in session.scalars(query)]

    def complete(self) -> list[Moved]:
        """Move whom this unit, as the lowest common superior, is to move; and what came late of those moved before.

        Called when packages have been taken, so that nobody need think of it; each person is an act of his own.
        """
        place = self._station.place
        with self._station.db.read() as session:
            query = select(Handover).where(~Handover.deleted).order_by(Handover.id)
            ready = [h.id for h in session.scalars(query) if _movable(session, place, h)]
            late = [h.id for h in session.scalars(query) if h.moved and _follows(session, place, h)]
        done = [moved for one in ready if (moved := self._move(one)) is not None]
        return done + [moved for one in late if (moved := self._follow(one)) is not None]

    def _answer(self, id: str, answer: str, reason: str, division: str | None) -> None:
        rights.demand(self._station, "write")
        place = self._station.place
        if division is not None and not (levels.is_division(division) and levels.covers(place.scopes, division)):
            raise BadInput(
                "落户地要填本单位管辖范围内的 12 位区划代码。没有改动任何数据。", {"division": "不在管辖范围内"}
            )
        with self._station.db.work("答复关系转接") as work:
            handover = self._unmoved(work, id)
            if not _addressed(place, handover):
                raise Refused("这个转接不是转给本单位的。没有改动任何数据。")
            if handover.withdrawn:
                raise Refused("对方已经撤回, 不用再答复。没有改动任何数据。")
            handover.answer, handover.answer_reason = answer, text.clean(reason) or None
            handover.answered, handover.answered_by = clock.today().isoformat(), self._station.actor.name
            if answer == ACCEPTED:
                handover.place = division or handover.to_division or place.home

    def _unmoved(self, work: Work, id: str) -> Handover:
        handover = lookup.fetch(work.session, Handover, id)
        if handover.moved:
            raise Refused("这个转接已经办完, 不能再改。没有改动任何数据。")
        return handover

    def _move(self, id: str) -> Moved | None:
        with self._station.db.work("办理关系转接") as work:
            handover = lookup.fetch(work.session, Handover, id)
            person = work.session.get(Person, handover.person)
            if person is None or handover.place is None:
                return None
            return Moved(id, person.id, person.name, _moved(work, handover, person))

    def _follow(self, id: str) -> Moved | None:
        """What the old station wrote before it knew goes after the person."""
        with self._station.db.read() as session:
            handover = lookup.fetch(session, Handover, id)
            person = session.get(Person, handover.person)
            if person is None:
                return None
            behind = _behind(session, person, handover.home)
            name = person.name
        if not any(behind.values()):
            return None
        with self._station.db.work("补办关系转接") as work:
            count = _set_home(work, behind, person.home)
        return Moved(id, person.id, name, count, late=True)


def _moved(work: Work, handover: Handover, person: Person) -> int:
    """Let the person, and what hangs on him, live where the answer says; gives how many records went along."""
    place = handover.place or ""
    count = _set_home(work, hanging.of(work.session, "person", person.id, [person.home]), place)
    person.division = place
    if person.residence_division == place:
        person.residence_division = None  # 人户分离 has come to an end
    handover.moved = clock.today().isoformat()
    return count


def _target(session: Session, to: str) -> tuple[str | None, str | None]:
    """(division, unit) of whom a person is offered to; a unit that is not known here is for the superior to find."""
    plain = to.strip()
    if levels.is_division(plain):
        return plain, None
    try:
        node = field_values.record_id(plain)
    except BadInput:
        node = ""
    wanted = Node.id == node if node else Node.name == plain
    named = session.scalars(select(Node).where(~Node.deleted, wanted)).all()
    if len(named) > 1:
        raise BadInput(f"有 {len(named)} 个单位叫“{plain[:20]}”, 请写单位编号或 12 位区划代码。没有改动任何数据。")
    if named:
        seat = (named[0].scopes or "").split(",")[0]
        return (seat if levels.is_division(seat) else None), named[0].id
    if node:
        return None, node
    raise BadInput(
        f"没有“{plain[:20]}”这个单位。请写 12 位区划代码、单位名称或单位编号。没有改动任何数据。",
        {"to": "没有这个单位"},
    )


def _open(session: Session, person: str) -> bool:
    query = select(Handover).where(Handover.person == person, ~Handover.deleted)
    return any(_state(handover) in ("offered", ACCEPTED) for handover in session.scalars(query))


def _state(handover: Handover) -> str:
    if handover.moved:
        return "moved"
    if handover.withdrawn:
        return "withdrawn"
    return handover.answer or "offered"


def _addressed(place: Place, handover: Handover) -> bool:
    """Whether a handover is offered to this unit."""
    if handover.to_node is not None:
        return handover.to_node == place.node
    return handover.to_division is not None and levels.covers(place.scopes, handover.to_division)


def _row(session: Session, place: Place, handover: Handover) -> HandoverRow:
    state = _state(handover)
    mine = "answer" if state == "offered" and _addressed(place, handover) else ""
    if _movable(session, place, handover):
        mine = "move"
    return HandoverRow(
        handover.id, handover.person, handover.name or "", handover.home, handover.to_division, handover.to_node,
        handover.reason, handover.offered, state, handover.answer_reason, mine,
    )  # fmt: skip


def _movable(session: Session, place: Place, handover: Handover) -> bool:
    """Whether the desk is to move the person now: both sides have agreed, and nobody contests it."""
    if _state(handover) != ACCEPTED or not _is_common(session, place, (handover.home, handover.place or "")):
        return False
    person = session.get(Person, handover.person)
    return person is not None and not person.deleted and not contested(session, "handover", handover.id)


def _follows(session: Session, place: Place, handover: Handover) -> bool:
    """Whether this unit is to move what comes late: from where the person lived to where the person lives by now."""
    person = session.get(Person, handover.person)
    if person is None or person.home == handover.home:
        return False
    return _is_common(session, place, (handover.home, person.home))


def _is_common(session: Session, place: Place, homes: tuple[str, str]) -> bool:
    """Whether this unit covers both homes and no unit below it does."""
    if not all(levels.covers(place.scopes, home) for home in homes):
        return False
    below = session.scalars(select(Node.scopes).where(Node.parent == place.node, ~Node.deleted))
    return not any(all(levels.covers((scopes or "").split(","), home) for home in homes) for scopes in below)


def _behind(session: Session, person: Person, old: str) -> dict[str, set[str]]:
    """Records of the person that still have the old home."""
    found = hanging.of(session, "person", person.id, [old, person.home])
    out: dict[str, set[str]] = {}
    for kind, ids in found.items():
        table = table_of(kind)
        for some in bulk.chunks(sorted(ids), _MANY):
            query = select(table.c.id).where(table.c.id.in_(some), table.c.home == old)
            out.setdefault(kind, set()).update(session.scalars(query))
    return {kind: ids for kind, ids in out.items() if ids}


def _set_home(work: Work, records: dict[str, set[str]], home: str) -> int:
    count = 0
    for kind, ids in sorted(records.items()):
        for one in sorted(ids):
            if (row := work.session.get(kinds()[kind], one)) is not None:
                row.home = home
                count += 1
    return count
