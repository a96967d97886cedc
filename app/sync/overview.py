"""What waits: unsent acts, packages without receipt, who below has sent what."""

from typing import Any

from sqlalchemy import Connection, func, select

from app import clock
from app.models import Group, Origin
from app.models.journal import PackageSeen, Peer, Standing
from app.sync.exchange import Exchange, unpack


def status(exchange: Exchange) -> dict[str, Any]:
    """As `exchange status` shows it; counts are acts (change groups)."""
    with exchange.database.read() as session:
        connection = session.connection()
        unsent = waiting = 0
        if exchange.local.parent is not None:
            unsent, waiting = upward(exchange, connection)
        packages = _packages(connection)
        children = [
            {
                "node": unit.id,
                "name": unit.name,
                "level": unit.level,
                "state": unit.status,
                "last": _last(connection, unit.id),
                "missing": missing(exchange, connection, unit.id),
            }
            for unit in sorted(exchange.units.values(), key=lambda u: u.name)
            if unit.parent == exchange.local.node
        ]
    return {"unsent": unsent, "waiting": waiting, "packages": packages, "children": children}


def _packages(connection: Connection) -> list[dict[str, Any]]:
    query = select(
        PackageSeen.package,
        PackageSeen.outward,
        PackageSeen.peer,
        PackageSeen.number,
        PackageSeen.name,
        PackageSeen.moment,
    )
    return [
        {
            "package": row.package,
            "direction": "out" if row.outward else "in",
            "peer": row.peer,
            "number": row.number,
            "file": row.name,
            "when": clock.moment_text(row.moment),
        }
        for row in connection.execute(query.order_by(PackageSeen.moment.desc()).limit(50))
    ]


def upward(exchange: Exchange, connection: Connection) -> tuple[int, int]:
    """(acts not sent yet, acts sent and not receipted yet) of this unit and all below it."""
    row = connection.execute(select(Peer.holds, Peer.sent).where(Peer.node == exchange.local.parent)).one_or_none()
    holds = unpack(bytes(row.holds)) if row is not None else {}
    sent = unpack(bytes(row.sent)) if row is not None else {}
    mine = exchange.subtree(exchange.local.node)
    unsent = waiting = 0
    for origin in connection.execute(select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to)):
        if origin.node not in mine and not exchange.was_own(origin.node):
            continue
        key = (origin.node, origin.incarnation)
        receipted = holds.get(key, 0)
        reached = max(sent.get(key, 0), receipted)
        unsent += max(0, origin.held_to - reached)
        waiting += max(0, min(reached, origin.held_to) - receipted)
    return unsent, waiting


def _last(connection: Connection, node: str) -> str | None:
    moment = connection.execute(select(Peer.last_seen).where(Peer.node == node)).scalar()
    return clock.moment_text(moment) if moment else None


def missing(exchange: Exchange, connection: Connection, node: str) -> list[str]:
    """Stretches of the child's journals that came early: what lies before them has not come."""
    below = exchange.subtree(node)
    query = (
        select(Origin.node, Origin.held_to, func.min(Group.position).label("first"))
        .join(Group, Group.origin == Origin.id)
        .where(Group.standing == Standing.EARLY, Group.position > Origin.held_to + 1)
        .group_by(Origin.id, Origin.node, Origin.held_to)
    )
    return [f"{row.held_to + 1}-{row.first - 1}" for row in connection.execute(query) if row.node in below]
