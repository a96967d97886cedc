"""停用: a unit whose computer is lost counts up to what has come from it; another one takes its place."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from app.errors import Refused
from app.models import Node, Origin, standing
from app.models.database import Work
from app.models.standing import REVOKED
from app.sync.exchange import Exchange, Unit, units


def revoke(exchange: Exchange, name: str) -> str:
    """停用 a unit below; gives its id. What it has sent so far counts, nothing later does, on whatever way it comes."""
    with exchange.database.work("停用单位") as work:
        unit = _below(exchange, name)
        node = work.session.get_one(Node, unit.id)
        node.status = REVOKED
        node.last_position = pack(_reached(work.connection, unit))
        work.session.flush()  # the standings below are read from the unit's record
        touched = standing.apply_voids(work.database, work.connection)
        for kind, ids in standing.refold(work.database, work.connection, touched).items():
            work.merged.update((kind, i) for i in ids)
    return unit.id


def take_over(work: Work, old: str, new: str) -> None:
    """Let the units below a revoked one be below the one that takes its place; they join it with a file of its own."""
    for child in work.session.query(Node).filter(Node.parent == old, ~Node.deleted).order_by(Node.id):
        child.parent = new


def demand_replaceable(exchange: Exchange, name: str) -> Unit:
    """The revoked unit that is to be replaced."""
    unit = _below(exchange, name, again=True)
    if unit.status != REVOKED:
        raise Refused(f"{unit.name}还在使用。没有改动任何数据。请先停用它, 再开通接替的单位。")
    return unit


def pack(last: Mapping[int, int]) -> str:
    """As the unit's record says it."""
    return ",".join(f"{incarnation}:{position}" for incarnation, position in sorted(last.items()))


def _below(exchange: Exchange, name: str, *, again: bool = False) -> Unit:
    exchange.units = _fresh(exchange)
    found = [unit for unit in exchange.units.values() if name in (unit.id, unit.name)]
    near = [unit for unit in found if unit.parent == exchange.local.node]
    if not near:
        raise Refused(f"没有这个下级单位: {name}。没有改动任何数据。请核对单位编号。")
    if len(near) > 1:
        raise Refused(f"有 {len(near)} 个下级单位叫这个名称。没有改动任何数据。请写单位编号。")
    if near[0].status == REVOKED and not again:
        raise Refused(f"{near[0].name}已经停用。没有改动任何数据。")
    return near[0]


def _fresh(exchange: Exchange) -> dict[str, Unit]:
    with exchange.database.read() as session:
        return units(session.connection())


def _reached(connection: Connection, unit: Unit) -> dict[int, int]:
    query = select(Origin.incarnation, Origin.held_to).where(Origin.node == unit.id, Origin.held_to > 0)
    return {row.incarnation: row.held_to for row in connection.execute(query)}
