"""退回修改: own acts a superior has left out, and what waits behind them; 修改后重报 and 放弃."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.errors import BadInput, Refused
from app.models import Group, Origin, Refusal, Replacement, bulk, receipts, recording, standing
from app.models.base import fields_of, kinds
from app.models.causality import Dot
from app.models.database import Database, Work
from app.models.fields import RecordId
from app.models.journal import Standing
from app.sync.conflicts import inward, outward
from app.sync.exchange import Exchange


@dataclass(frozen=True)
class _Own:
    id: int
    node: str
    incarnation: int
    position: int
    hash: bytes
    name: str
    standing: int

    @property
    def act(self) -> str:
        return f"{self.node}-{self.incarnation}-{self.position}"


def listing(exchange: Exchange) -> list[dict[str, Any]]:
    """Open refusals of this unit's acts: what was sent back, why, with its values, and what waits behind it."""
    out = []
    with exchange.database.read() as session:
        connection = session.connection()
        for own, reason in _open(exchange, connection):
            behind = _behind(exchange.database, connection, own, _own_groups(exchange, connection))
            out.append(
                {
                    "id": own.act,
                    "act": own.name,
                    "reason": reason,
                    "records": [
                        {
                            "kind": kind,
                            "id": record,
                            "fields": {
                                n: outward(v, fields_of(kind).get(n) if kind in kinds() else None)
                                for n, v in fields.items()
                            },
                        }
                        for (kind, record), fields in _last_values(connection, [own, *behind]).items()
                    ],
                    "held": [{"id": other.act, "act": other.name} for other in behind],
                }
            )
    return out


def _own_groups(exchange: Exchange, connection: Connection) -> list[_Own]:
    """Our groups that do not count, whatever incarnation or former id."""
    former = exchange.own.former
    query = (
        select(Group.id, Origin.node, Origin.incarnation, Group.position, Group.hash, Group.name, Group.standing)
        .join(Origin, Origin.id == Group.origin)
        .where(Origin.node.in_([exchange.local.node, *former]), Group.standing.in_([Standing.VOID, Standing.HELD]))
        .order_by(Group.id)
    )
    rows = [
        _Own(r.id, r.node, r.incarnation, r.position, bytes(r.hash), r.name, r.standing)
        for r in connection.execute(query)
    ]
    settled = receipts.settled_groups(connection, {row.id for row in rows})
    return [row for row in rows if row.id not in settled]


def _open(exchange: Exchange, connection: Connection) -> list[tuple[_Own, str]]:
    own = {(o.node, o.incarnation, o.position, o.hash): o for o in _own_groups(exchange, connection)}
    query = select(Refusal.node, Refusal.incarnation, Refusal.position, Refusal.group_hash, Refusal.reason).where(
        ~Refusal.deleted
    )
    out = {}
    for row in connection.execute(query):
        found = own.get((row.node, row.incarnation, row.position, bytes(row.group_hash)))
        if found is not None:
            out[found.id] = (found, row.reason)
    return [out[key] for key in sorted(out)]


def _behind(database: Database, connection: Connection, own: _Own, groups: Iterable[_Own]) -> list[_Own]:
    """Own held groups that build on a group, directly or through others."""
    dead = {Dot(_origin(database, connection, own), own.position)}
    made = standing.records_of(connection, [own.id])
    out: list[_Own] = []
    for other in groups:
        if other.standing != Standing.HELD or other.id == own.id:
            continue
        for _, _, part in _parts(connection, [other.id]):
            vector = database.vector_of(connection, part.context)
            cls = kinds().get(part.kind)
            parent = part.fields.get(cls.part_of) if cls is not None and cls.part_of else None
            if any(Dot(o, p) in dead for o, p in vector.items()) or parent in made:
                out.append(other)
                dead.add(Dot(_origin(database, connection, other), other.position))
                made |= standing.records_of(connection, [other.id])
                break
    return out


def _origin(database: Database, connection: Connection, own: _Own) -> int:
    return database.origin_id(connection, own.node, own.incarnation)


def _parts(connection: Connection, groups: list[int]) -> list[tuple[int, int, recording.PartBody]]:
    sql = (
        "SELECT group_id, number, body FROM journal_part WHERE body IS NOT NULL AND group_id IN ({}) "
        "ORDER BY group_id, number"
    )
    return [(g, n, recording.decode_part(bytes(b))) for g, n, b in bulk.select_in(connection, sql, groups)]


def _last_values(connection: Connection, groups: list[_Own]) -> dict[tuple[str, str], dict[str, recording.Value]]:
    """Every field of these groups as its author last had it."""
    out: dict[tuple[str, str], dict[str, recording.Value]] = {}
    for _, _, part in sorted(_parts(connection, [g.id for g in groups]), key=lambda item: item[:2]):
        out.setdefault((part.kind, part.record_id), {}).update(part.fields)
    return out


def _find(exchange: Exchange, connection: Connection, act: str) -> tuple[_Own, list[_Own]]:
    for own, _ in _open(exchange, connection):
        if own.act == act:
            return own, _behind(exchange.database, connection, own, _own_groups(exchange, connection))
    raise Refused("没有这条退回修改, 或已经处理过。没有改动任何数据。")


def resend(
    exchange: Exchange, act: str, values: dict[str, Any], of_records: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """修改后重报: one new act with every field as last had and with `values`; what it replaces is void from then on.

    `values` are for whichever record has the field, `of_records` for one record each, by its id.
    """
    with exchange.database.work("修改后重报") as work:
        own, behind = _find(exchange, work.connection, act)
        wanted = _last_values(work.connection, [own, *behind])
        unknown = [n for n in values if not any(kind in kinds() and n in fields_of(kind) for kind, _ in wanted)]
        if unknown:
            raise BadInput("没有这些字段: " + ", ".join(unknown), dict.fromkeys(unknown, "没有这个字段"))
        for (kind, record), fields in wanted.items():
            _write(work, kind, record, fields, {**values, **(of_records or {}).get(record, {})})
        _replace(work, [own, *behind], dropped=False)
        work.meta["replaces"] = [[bytes.fromhex(g.node), g.incarnation, g.position] for g in (own, *behind)]
    return work.act


def drop(exchange: Exchange, act: str) -> str:
    """放弃: the act and what waits behind it stay out for good; they remain in the history."""
    with exchange.database.work("放弃退回的修改") as work:
        own, behind = _find(exchange, work.connection, act)
        _replace(work, [own, *behind], dropped=True)
    return work.act


def _write(work: Work, kind: str, record: str, fields: dict[str, recording.Value], values: dict[str, Any]) -> None:
    cls = kinds().get(kind)
    if cls is None:
        raise Refused("这里有上级新增项目, 本机版本暂不能改。请先升级本机程序。")
    known = fields_of(kind)
    columns = cls.__table__.c  # type: ignore[attr-defined]  # every synced class maps a table
    plain: dict[str, Any] = {
        name: value.hex() if isinstance(value, bytes) and isinstance(columns[name].type, RecordId) else value
        for name, value in fields.items()
        if name in known
    }
    for name, value in values.items():
        if name in known:
            plain[name] = inward(value, known[name]) if isinstance(value, str) else value
            if name == "division" and kind == "person":
                plain["home"] = plain[name]
    row = work.session.get(cls, record)
    if row is None:
        make: Any = cls
        work.session.add(make(id=record, **plain))
    else:
        work.affirm(row, plain)


def _replace(work: Work, groups: list[_Own], *, dropped: bool) -> None:
    seat = work.connection.execute(select(Refusal.home).where(Refusal.node == groups[0].node)).scalar()
    for group in groups:
        work.session.add(
            Replacement(
                home=seat,
                node=group.node,
                incarnation=group.incarnation,
                position=group.position,
                group_hash=group.hash,
                dropped=dropped,
            )
        )
    work.session.flush()  # the standing below is read from these rows
    touched = standing.apply_voids(work.database, work.connection)
    mine = {bytes.fromhex(record) for _, record in work.touched}
    for kind, ids in standing.refold(work.database, work.connection, touched - mine).items():
        work.merged.update((kind, i) for i in ids)
