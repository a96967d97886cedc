"""What is known of a record elsewhere: who has receipted it, whether two sides differ, whether it came back."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from app.models import recording
from app.models.base import kinds, table_of
from app.models.causality import State, Vector
from app.models.journal import Contest, Group, Local, Origin, PackageSeen, Part, Peer, Receipt, Standing
from app.models.node import Node
from app.rules.levels import RECEIVED

STATUSES: Final = {
    "unsent": "未上报",
    "sent": "已上报待回执",
    "township": "镇站已收",
    "county": "县局已收",
    "city": "市局已收",
    "conflict": "两边填的不一样",
    "refused": "退回修改",
}
"""Words of the screens for each status (users.md §5)."""


def state_of(connection: Connection, kind: str, record: str) -> State:
    """The causal state of a record; empty for one that is not here."""
    table = table_of(kind)
    data = connection.execute(select(table.c.state).where(table.c.id == record)).scalar()
    return State.decoded(bytes(data) if data else b"")


def ancestors(connection: Connection, node: str | None) -> Iterator[tuple[str, str]]:
    """(node, level) upwards, beginning with the given one; a cycle ends the walk."""
    seen = set()
    while node is not None and node not in seen:
        seen.add(node)
        row = connection.execute(select(Node.id, Node.level, Node.parent).where(Node.id == node)).one_or_none()
        if row is None:
            return
        yield row.id, row.level
        node = row.parent


def status(session: Session, kind: str, record: str) -> str:
    """A key of STATUSES. A level stands there only when that level's signed receipt is here."""
    return statuses(session, kind, [record])[record]


def statuses(session: Session, kind: str, records: Sequence[str]) -> dict[str, str]:
    """`status` of many records of a kind, in as many queries as for one."""
    connection = session.connection()
    refused = _refused(connection, records)
    doubtful = set(session.scalars(select(Contest.record).where(Contest.record.in_(records)))) if records else set()
    table = table_of(kind)
    query = select(table.c.id, table.c.state).where(table.c.id.in_(records))
    states = {row.id: State.decoded(bytes(row.state) if row.state else b"") for row in connection.execute(query)}
    reporting = Reporting(session)
    out = {}
    for record in records:
        state = states.get(record) or State()
        if record in refused:
            out[record] = "refused"
        elif record in doubtful and state.contested():
            out[record] = "conflict"
        else:
            out[record] = reporting.reached_by(state.vector)
    return out


def last_exchange(session: Session, peer: str | None) -> int | None:
    """When the newest package of a neighbour was taken here, in milliseconds UTC; None if there was none."""
    query = select(func.max(PackageSeen.moment)).where(PackageSeen.peer == peer, ~PackageSeen.outward)
    found: int | None = session.connection().execute(query).scalar()
    return found


class Reporting:
    """How far what was written here has come on its way up; what all records have in common is read once."""

    def __init__(self, session: Session) -> None:
        self._connection = connection = session.connection()
        local = connection.execute(select(Local.node, Local.parent)).one()
        self._node, self._parent = local.node, local.parent
        found = connection.execute(select(Origin.id, Origin.node, Origin.incarnation))
        self._origins = {o.id: (o.node, o.incarnation) for o in found}
        self._above = list(ancestors(connection, local.parent))
        self._lines = {node: {n for n, _ in self._above[place:]} for place, (node, _) in enumerate(self._above)}
        self._receipts = {
            (r.node, r.origin): r.position
            for r in connection.execute(select(Receipt.node, Receipt.origin, Receipt.position))
        }
        self._level = connection.execute(select(Node.level).where(Node.id == local.node)).scalar() or "village"
        sent = connection.execute(select(Peer.sent).where(Peer.node == local.parent)).scalar()
        self._sent = {tuple(key): position for *key, position in recording.decode_plain(bytes(sent))} if sent else {}

    def reached(self, kind: str, record: str) -> str:
        """Of STATUSES what one record has reached, without asking whether two sides differ or it came back."""
        return self.reached_by(state_of(self._connection, kind, record).vector)

    def reached_by(self, vector: Vector) -> str:
        """The same for the writes of a causal state."""
        for node, level in reversed(self._above):
            if all(
                self._origins[o][0] in self._lines[node] or self._receipts.get((node, o), 0) >= position
                for o, position in vector.items()
            ):
                return level
        own: Vector = {o: p for o, p in vector.items() if self._origins[o][0] == self._node}
        if not own or self._parent is None:
            return self._level if self._level in RECEIVED else "unsent"
        key = bytes.fromhex(self._node)
        covered = all(self._sent.get((key, self._origins[o][1]), 0) >= p for o, p in own.items())
        return "sent" if covered else "unsent"


def _refused(connection: Connection, records: Sequence[str]) -> set[str]:
    """Records on which a group of ours was refused or waits behind one, and is not yet settled."""
    query = (
        select(Group.id)
        .join(Origin, Origin.id == Group.origin)
        .join(Local, Local.node == Origin.node)
        .where(Group.standing.in_([Standing.VOID, Standing.HELD]))
    )
    # As a rule there is none, and nothing else is asked. In one query with the parts, a store looks for them group by
    # group, and an import is one group of a hundred thousand parts.
    groups = set(connection.execute(query).scalars())
    open_ = groups - settled_groups(connection, groups)
    if not open_:
        return set()
    parts = connection.execute(select(Part.record, Part.group_id).where(Part.record.in_(records)))
    return {row.record for row in parts if row.group_id in open_}


def settled_groups(connection: Connection, groups: set[int]) -> set[int]:
    """Those of the groups that their author has replaced (修改后重报) or dropped (放弃)."""
    if not groups:
        return set()
    replaced = table_of("replacement")
    query = (
        select(Group.id)
        .join(Origin, Origin.id == Group.origin)
        .join(
            replaced,
            (replaced.c.node == Origin.node)
            & (replaced.c.incarnation == Origin.incarnation)
            & (replaced.c.position == Group.position)
            & (replaced.c.group_hash == Group.hash),
        )
        .where(Group.id.in_(groups))
    )
    return {row.id for row in connection.execute(query)}


def brought_by(session: Session, record: str) -> tuple[str, int] | None:
    """(unit, number) of the package that brought a record here; None for one written at this desk."""
    query = (
        select(Node.name, PackageSeen.number)
        .select_from(Part)
        .join(Group, Group.id == Part.group_id)
        .join(PackageSeen, PackageSeen.package == Group.package)
        .join(Node, Node.id == PackageSeen.peer)
        .where(Part.record == record)
        .order_by(Group.id)
    )
    row = session.execute(query).first()
    return (row[0], row[1]) if row is not None else None


def contested(session: Session, kind: str, record: str) -> tuple[str, ...]:
    """Fields of a record with two different values; nothing is paid or printed from an `ask` field among them."""
    if kind not in kinds():
        return ()
    connection = session.connection()
    if connection.execute(select(Contest.record).where(Contest.record == record)).first() is None:
        return ()
    return state_of(connection, kind, record).contested()
