"""What was done: the acts of the journal and the changes of a record, as people read them."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app import clock
from app.errors import BadInput, Refused
from app.models import bulk, fields_of, kinds, recording, table_of
from app.models.causality import Dot
from app.models.database import STAMP_UNITS
from app.models.fields import Field
from app.models.fold import Write, decode_base
from app.models.journal import Baseline, Group, Origin, Standing
from app.models.recording import GroupHeader
from app.services import field_values, rights
from app.services.station import Station

UNDO: Final = "撤销: "
"""Every undo's name begins so; its header's meta says which act it takes back."""

_MOST: Final = 1_000_000
_HIDDEN: Final = frozenset({"home"})


@dataclass(frozen=True)
class Act:
    """One line of the journal list; `id` is node-incarnation-position."""

    id: str
    name: str
    who: str
    when: dt.datetime
    node: str
    undone: bool


@dataclass(frozen=True)
class Change:
    """One field of one record in one act; a field of a part is named kind.field. Values as JSON has them."""

    field: str
    old: Any
    new: Any
    who: str
    when: dt.datetime
    node: str
    act: str


class Source(NamedTuple):
    """Where a group comes from, as its header and row say."""

    dot: Dot
    act: str
    header: GroupHeader


class History:
    """Looking at the journal; it never writes."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def acts(self, limit: int = 50) -> list[Act]:
        """The newest acts first, those of other units among them."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            gone = undone_acts(session)
            query = (
                select(Group.header)
                .where(Group.standing == Standing.LIVE)
                .order_by(Group.stamp.desc(), Group.id.desc())
                .limit(max(1, min(limit, _MOST)))
            )
            out = []
            for raw in session.scalars(query):
                header = GroupHeader.decoded(bytes(raw))
                name = act_id(header)
                out.append(Act(name, header.name, header.staff_name, moment(header.stamp), header.node, name in gone))
            return out

    def of(self, kind: str, record: str) -> list[Change]:
        """The changes of a record and of its parts, oldest first. Refused when there is no such record."""
        rights.demand(self.station, "read")
        with self.station.db.read() as session:
            wanted = {record: ""} | _parts_of(session, kind, field_values.record_id(record))
            out = [line for each, prefix in wanted.items() for line in _changes(self.station, session, each, prefix)]
        if not out:
            raise Refused(f"没有这条记录: {kind}:{record}。")
        return [change for _, change in sorted(out, key=lambda item: item[0])]


def act_id(header: GroupHeader) -> str:
    """How an act is named outside."""
    return f"{header.node}-{header.incarnation}-{header.position}"


def read_act(text: str) -> tuple[str, int, int]:
    """(node, incarnation, position) of an act's name. Raises BadInput."""
    parts = text.strip().split("-")
    if len(parts) == 3 and all(part.isdecimal() and int(part) < 1 << 63 for part in parts[1:]):
        return field_values.record_id(parts[0]), int(parts[1]), int(parts[2])
    raise BadInput(f"“{text[:60]}”不是事项编号。请用 journal list 查编号。")


def moment(stamp: int) -> dt.datetime:
    """The moment of a stamp at fixed UTC+8."""
    return dt.datetime.fromtimestamp(stamp // STAMP_UNITS / 1000, clock.CHINA).replace(microsecond=0)


def undone_acts(session: Session) -> frozenset[str]:
    """Acts that a later act has taken back and that have not been brought back since."""
    return undoing_acts(session)[0]


def undoing_acts(session: Session) -> tuple[frozenset[str], frozenset[str]]:
    """(acts taken back, the same with the undos that took them back: together they changed nothing)."""
    query = (
        select(Group.header)
        .where(Group.name.startswith(UNDO), Group.standing == Standing.LIVE)
        .order_by(Group.stamp.desc(), Group.id.desc())
    )
    gone: set[str] = set()
    idle: set[str] = set()
    for raw in session.scalars(query):  # an undo that is itself undone takes nothing back
        header = GroupHeader.decoded(bytes(raw))
        target, name = header.meta.get("undo"), act_id(header)
        if isinstance(target, str) and name not in gone:
            gone.add(target)
            idle |= {target, name}
    return frozenset(gone), frozenset(idle)


def source_of(session: Session, act: str) -> tuple[int, Source]:
    """(group id, source) of an act that counts. Refused when there is none."""
    node, incarnation, position = read_act(act)
    query = (
        select(Group.id, Group.header, Group.origin)
        .join(Origin, Origin.id == Group.origin)
        .where(
            Origin.node == node,
            Origin.incarnation == incarnation,
            Group.position == position,
            Group.standing == Standing.LIVE,
        )
    )
    row = session.execute(query).first()
    if row is None:
        raise Refused(f"没有这个事项: {act}。请用 journal list 查编号。")
    return row.id, Source(Dot(row.origin, position), act, GroupHeader.decoded(bytes(row.header)))


def writes_of(
    station: Station, connection: Connection, records: Sequence[bytes]
) -> dict[bytes, list[tuple[Source, Write]]]:
    """The counted writes of records, each with the act it stands in, in the order of their stamps."""
    headers: dict[int, Source] = {}
    out: dict[bytes, list[tuple[Source, Write]]] = {}
    sql = (
        "SELECT p.record, p.body, g.id, g.origin, g.position, g.stamp, g.header FROM journal_part p "
        f"JOIN journal_group g ON g.id = p.group_id WHERE g.standing = {Standing.LIVE.value} AND p.record IN ({{}})"
    )
    for record, body, group, origin, position, stamp, raw in bulk.select_in(connection, sql, records):
        if body is None:
            continue
        part = recording.decode_part(bytes(body))
        dot = Dot(origin, position)
        if group not in headers:
            header = GroupHeader.decoded(bytes(raw))
            headers[group] = Source(dot, act_id(header), header)
        write = Write(dot, stamp, station.db.vector_of(connection, part.context), part.fields, part.kind)
        out.setdefault(bytes(record), []).append((headers[group], write))
    for some in out.values():
        some.sort(key=lambda item: (item[1].stamp, item[0].act))
    return out


def outward(kind: str, name: str, value: Any) -> Any:
    """A value from the journal as JSON has it."""
    known = fields_of(kind).get(name) if kind in kinds() else None
    return field_values.outward(known or Field(name), value)


def _parts_of(session: Session, kind: str, record: str) -> dict[str, str]:
    """Parts that hang on a record, deleted ones too, by id with the prefix of their fields."""
    out = {}
    for name, part in kinds().items():
        if part.part_of == kind:
            table = table_of(name)
            for row in session.execute(select(table.c.id).where(table.c[kind] == record)):
                out[row.id] = f"{name}."
    return out


def _changes(station: Station, session: Session, record: str, prefix: str) -> Iterator[tuple[int, Change]]:
    """(stamp, change) of one record, in order; what came as a snapshot stands before the rest."""
    connection = session.connection()
    key = bytes.fromhex(record)
    steps: list[tuple[int, str, str, str, str, Mapping[str, Any]]] = []
    raw = session.scalar(select(Baseline.body).where(Baseline.record == record))
    if raw:
        steps += _snapshot(station, connection, bytes(raw))
    for source, write in writes_of(station, connection, [key]).get(key, []):
        header = source.header
        steps.append((write.stamp, header.node, source.act, header.staff_name, write.kind, write.fields))
    shown: dict[str, Any] = {}
    for stamp, node, act, who, kind, fields in steps:
        for name in sorted(fields.keys() - _HIDDEN):
            old, new = shown.get(name), fields[name]
            if type(old) is not type(new) or old != new:
                before, after = (outward(kind, name, value) for value in (old, new))
                yield stamp, Change(prefix + name, before, after, who, moment(stamp), node, act)
        shown |= fields


def _snapshot(
    station: Station, connection: Connection, raw: bytes
) -> Iterator[tuple[int, str, str, str, str, Mapping[str, Any]]]:
    """The writes a snapshot stands for: its history lines, or at least the heads where it brought no lines.

    A line is [stamp, node (bytes), incarnation, position, who, {field: value}], the oldest first.
    """
    kind, _vector, _heads, lines = recording.decode_plain(raw)
    for stamp, node, incarnation, position, who, fields in lines:
        yield stamp, node.hex(), f"{node.hex()}-{incarnation}-{position}", who, kind, fields
    if not lines:
        for write in sorted(decode_base(station.db, connection, raw).writes, key=lambda w: w.stamp):
            node_id, inc = station.db.origin_key(connection, write.dot.origin)
            yield write.stamp, node_id, f"{node_id}-{inc}-{write.dot.position}", "", kind, write.fields
