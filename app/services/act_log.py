"""操作记录: the acts of the journal as a list of any length, and one act opened to its changes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from app.models import Node, bulk, kinds, recording
from app.models.journal import Group, Origin, Part, Standing
from app.models.naming import Namer
from app.models.recording import GroupHeader
from app.services import rights
from app.services.history import Change, History, act_id, moment, source_of, undone_acts
from app.services.ids import Numbers
from app.services.station import Station

MOST_RECORDS: Final = 200
"""Records of one act that are opened; an import has thousands, which its own page lists."""
_ESCAPED: Final = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})


@dataclass(frozen=True)
class ActRow:
    """One line: `number` is its local row, `id` names it outside."""

    number: str
    id: str
    name: str
    who: str
    when: dt.datetime
    unit: str
    undone: bool
    mine: bool
    """Done by whoever sits here now."""


@dataclass(frozen=True)
class RecordChanges:
    """What an act did to one record."""

    kind: str
    record: str
    noun: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ActCard:
    """One act, opened."""

    row: ActRow
    records: tuple[RecordChanges, ...]
    total: int
    """Records it touched; `records` holds the first MOST_RECORDS."""


class ActLog:
    """Looking at the acts; it never writes."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._gone: frozenset[str] | None = None
        """Acts that were taken back, as `numbers` last found them: every row would look through all acts for them."""

    def numbers(self, words: str = "", *, own: bool = False) -> Numbers:
        """Acts that count, the newest first: those whose name holds the words, `own`: of this unit only."""
        rights.demand(self._station, "read")
        query = select(Group.id).where(Group.standing == Standing.LIVE)
        if plain := words.strip():
            query = query.where(Group.name.like(f"%{plain.translate(_ESCAPED)}%", escape="\\"))
        if own:
            mine = select(Origin.id).where(Origin.node == self._station.place.node)
            query = query.where(Group.origin.in_(mine))
        with self._station.db.read() as session:
            self._gone = undone_acts(session)
            return Numbers(session.scalars(query.order_by(Group.stamp.desc(), Group.id.desc())))

    def rows(self, numbers: Sequence[str]) -> Mapping[str, ActRow]:
        """Lines by their numbers: by primary key, so that a list may ask while it is drawn."""
        with self._station.db.read() as session:
            gone = undone_acts(session) if self._gone is None else self._gone
            units = {row.id: row.name or "" for row in session.execute(select(Node.id, Node.name))}
            query = select(Group.id, Group.header).where(Group.id.in_([int(one) for one in numbers]))
            found = [(row.id, GroupHeader.decoded(bytes(row.header))) for row in session.execute(query)]
        place, me = self._station.place.node, self._station.actor.staff
        return {
            str(number): ActRow(
                str(number), act_id(header), header.name, header.staff_name, moment(header.stamp),
                units.get(header.node, ""), act_id(header) in gone, header.node == place and header.staff == me,
            )
            for number, header in found
        }  # fmt: skip

    def card(self, number: str) -> ActCard:
        """One act with what it changed, record by record; Refused when it does not count any more."""
        rights.demand(self._station, "read")
        row = self.rows([number])[number]
        history = History(self._station)
        with self._station.db.read() as session:
            connection = session.connection()
            group, _ = source_of(session, row.id)
            total = session.scalar(select(func.count(Part.record.distinct())).where(Part.group_id == group)) or 0
            sql = "SELECT record, body FROM journal_part WHERE group_id IN ({}) ORDER BY number"
            touched: dict[tuple[str, str], None] = {}
            for record, body in bulk.select_in(connection, sql, [group]):
                if body is not None and len(touched) < MOST_RECORDS:
                    touched[recording.decode_part(bytes(body)).kind, bytes(record).hex()] = None
            namer = Namer(connection)
            titles = {key: namer.of(*key) for key in touched}
        records = []
        for kind, record in touched:
            changes: Sequence[Any] = history.of(kind, record) if kind in kinds() else ()
            noun = kinds()[kind].noun if kind in kinds() else "上级新增项目"
            own = tuple(change for change in changes if change.act == row.id and "." not in change.field)
            records.append(RecordChanges(kind, record, noun, titles[kind, record], own))
        return ActCard(row, tuple(records), total)
