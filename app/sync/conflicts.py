"""两边填的不一样: what two sides answered, read off the heads, and settling it by an act that covers both."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from app import clock
from app.errors import BadInput, Refused
from app.models import CaseStep, Group, fold, recording
from app.models.base import Synced, fields_of, kinds, table_of
from app.models.causality import Dot
from app.models.database import STAMP_UNITS, Database, Work
from app.models.fields import Field
from app.models.journal import Contest
from app.rules import money
from app.sync.exchange import Exchange
from app.sync.judging import may_reverse

FOLLOWS = "follows"


def listing(exchange: Exchange) -> list[dict[str, Any]]:
    """Every open question: fields with two values, deletions an edit took back, steps that follow the same one."""
    out = []
    database = exchange.database
    with database.read() as session:
        connection = session.connection()
        order = fold.Order(database, connection)
        names = {node: unit.name for node, unit in exchange.units.items()}
        rows = connection.execute(select(Contest.record, Contest.kind).order_by(Contest.kind, Contest.record)).all()
        for record, one in fold.load(database, connection, [bytes.fromhex(row.record) for row in rows]):
            for field_name, heads in _open_fields(one, order).items():
                facts = fields_of(one.kind).get(field_name) if one.kind in kinds() else None
                out.append(
                    {
                        "id": f"{one.kind}:{record.hex()}:{field_name}",
                        "kind": one.kind,
                        "record": record.hex(),
                        "field": field_name,
                        "label": facts.label if facts is not None else "上级新增项目",
                        "heads": [_head(database, connection, write, field_name, facts, names) for write in heads],
                    }
                )
        out += list(_forks(exchange, connection, names, order))
    return out


def _open_fields(one: fold.Folded, order: fold.Order) -> dict[str, list[fold.Write]]:
    out = one.clashes(order)
    if one.revived(order):
        out["deleted"] = one.heads("deleted", order)
    return out


def _head(
    database: Database, connection: Connection, write: fold.Write, name: str, facts: Field | None, names: dict[str, str]
) -> dict[str, Any]:
    node, _ = database.origin_key(connection, write.dot.origin)
    return {
        "value": outward(write.fields[name], facts),
        "who": _author(connection, write.dot),
        "when": clock.moment_text(write.stamp // STAMP_UNITS),
        "node": node,
        "unit": names.get(node, ""),
    }


def _author(connection: Connection, dot: Dot) -> str:
    header = connection.execute(
        select(Group.header).where(Group.origin == dot.origin, Group.position == dot.position)
    ).scalar()
    return recording.GroupHeader.decoded(bytes(header)).staff_name if header is not None else ""


def outward(value: recording.Value, facts: Field | None) -> Any:
    """A journal value as JSON shows it: money in yuan, ids as digits."""
    if isinstance(value, bytes):
        return value.hex()
    if facts is not None and facts.editor == "money" and isinstance(value, int) and not isinstance(value, bool):
        return money.format_yuan(value)
    return value


def inward(text: str, facts: Field) -> Any:
    """A typed answer as the column takes it."""
    if facts.editor == "money":
        return money.parse_yuan(text)
    if facts.editor in ("integer", "stamp"):
        if not text.lstrip("-").isdigit():
            raise BadInput(f"{facts.label}要填整数。")
        return int(text)
    if facts.editor == "flag":
        return text.lower() in ("true", "1", "是", "yes")
    return text


def _forks(
    exchange: Exchange, connection: Connection, names: dict[str, str], order: fold.Order
) -> Iterator[dict[str, Any]]:
    """Appended rows of one file that follow the same one, where only one may."""
    for kind, cls in sorted(kinds().items()):
        known = fields_of(kind)
        if not cls.appended or FOLLOWS not in known:
            continue
        owner = next(
            name for name, facts in known.items() if facts.editor == "record" and name not in (FOLLOWS, "reverses")
        )
        for (record, _), rivals in rival_rows(connection, kind, owner).items():
            found = dict(fold.load(exchange.database, connection, [bytes.fromhex(r) for r in rivals]))
            heads = []
            for rival in rivals:
                # Who made the row, not who moved it since.
                write = found[bytes.fromhex(rival)].heads(owner, order)[0]
                node, _ = exchange.database.origin_key(connection, write.dot.origin)
                heads.append(
                    {
                        "value": rival,
                        "who": _author(connection, write.dot),
                        "node": node,
                        "unit": names.get(node, ""),
                        "when": clock.moment_text(write.stamp // STAMP_UNITS),
                    }
                )
            yield {
                "id": f"{kind}:{record}:{FOLLOWS}",
                "kind": kind,
                "record": record,
                "field": FOLLOWS,
                "label": known[FOLLOWS].label,
                "heads": heads,
            }


def rival_rows(connection: Connection, kind: str, owner: str) -> dict[tuple[str, str | None], list[str]]:
    """Live rows of an appended kind that follow the same one: {(file, followed): rows}."""
    table = table_of(kind)
    reversed_ids = {
        row[0]
        for row in connection.execute(select(table.c.reverses).where(table.c.reverses.is_not(None), ~table.c.deleted))
    }
    groups: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    query = select(table.c.id, table.c[owner], table.c.follows).where(~table.c.deleted, table.c.reverses.is_(None))
    for row in connection.execute(query.order_by(table.c.id)):
        if row.id not in reversed_ids:
            groups[row[1], row.follows].append(row.id)
    return {key: ids for key, ids in groups.items() if len(ids) > 1}


def resolve(exchange: Exchange, kind: str, record: str, name: str, *, take: int | None, value: str | None) -> str:
    """Settle one question; gives the act. Raises BadInput for a number that is none of the answers."""
    found = next((c for c in listing(exchange) if (c["kind"], c["record"], c["field"]) == (kind, record, name)), None)
    if found is None:
        raise Refused("这一项没有两边不一样, 或已经核对过。没有改动任何数据。")
    heads = found["heads"]
    if take is not None and not 1 <= take <= len(heads):
        raise BadInput(f"只有 {len(heads)} 个答案, 没有第 {take} 个。没有改动任何数据。")
    cls = kinds().get(kind)
    if cls is None:
        raise Refused("这是上级新增项目, 本机版本暂不能改。请先升级本机程序。")
    with exchange.database.work(f"核对{cls.noun}") as work:
        if name == FOLLOWS and cls.appended:
            if take is None:
                raise BadInput("这一项要选其中一个(--take)。没有改动任何数据。")
            _demand_may_reverse(exchange, work, cls, [h["value"] for n, h in enumerate(heads, 1) if n != take])
            _reverse_others(exchange, work, cls, [h["value"] for n, h in enumerate(heads, 1) if n != take])
        else:
            _affirm(work, cls, record, name, heads, take, value)
    return work.act


def _affirm(
    work: Work,
    cls: type[Synced],
    record: str,
    name: str,
    heads: list[dict[str, Any]],
    take: int | None,
    value: str | None,
) -> None:
    facts = fields_of(cls.__tablename__)[name]  # type: ignore[attr-defined]  # every synced class maps a table
    row = work.session.get(cls, record)
    if row is None:
        raise Refused("没有这条记录。没有改动任何数据。")
    answer: Any = value if take is None else heads[take - 1]["value"]
    if isinstance(answer, str):
        answer = inward(answer, facts) if answer else None  # an empty answer clears the field
    work.affirm(row, {name: answer})
    # The answer covers every head, so the record leaves the list of open questions unless another field stays open.
    work.after.append(bytes.fromhex(record))


def _demand_may_reverse(exchange: Exchange, work: Work, cls: type[Synced], others: list[str]) -> None:
    for other in others:
        row: Any = work.session.get(cls, other)
        if isinstance(row, CaseStep) and not may_reverse(row.step, exchange.own.level):
            raise Refused("这一步不是本级填的, 要由填写的那一级或上级核对。没有改动任何数据。")


def _reverse_others(exchange: Exchange, work: Work, cls: type[Synced], others: list[str]) -> None:
    for other in others:
        row: Any = work.session.get(cls, other)
        values = {
            name: getattr(row, name)
            for name in fields_of(cls.__tablename__)  # type: ignore[attr-defined]  # every synced class maps a table
            if name not in ("deleted", FOLLOWS, "reverses")
        }
        if "by_node" in values:
            values["by_node"] = exchange.local.node
        make: Any = cls
        work.session.add(make(**values, reverses=other))
