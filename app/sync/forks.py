"""Forks (一号两记): two different groups under one dot. Neither counts until a superior of the author has voided one."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app import clock
from app.errors import BadInput, Refused
from app.models import Group, Origin, Refusal, standing
from app.models.database import STAMP_UNITS, Work
from app.models.journal import Standing
from app.models.recording import GroupHeader
from app.sync.exchange import Exchange
from app.sync.judging import Judge
from app.sync.merging import Merge

REASON = "同一个序号有两份不同的记录(数据曾退回到以前), 这一份没有算进来。内容对的请重报。"


@dataclass(frozen=True)
class _Twin:
    id: int
    hash: bytes
    header: GroupHeader

    @property
    def act(self) -> str:
        return f"{self.header.node}-{self.header.incarnation}-{self.header.position}"


def listing(exchange: Exchange) -> list[dict[str, Any]]:
    """Open forks: the act, who may decide here, and both sides with who did them when."""
    with exchange.database.read() as session:
        found = _open(session.connection())
    return [
        {
            "id": twins[0].act,
            "unit": exchange.units[node].name if (node := twins[0].header.node) in exchange.units else "",
            "mine": _may_settle(exchange, node),
            "sides": [
                {
                    "hash": one.hash.hex(),
                    "act": one.header.name,
                    "who": one.header.staff_name,
                    "when": clock.moment_text(one.header.stamp // STAMP_UNITS),
                }
                for one in twins
            ],
        }
        for twins in found
    ]


def settle(exchange: Exchange, act: str, keep: int) -> str:
    """Let one side of a fork count (numbered from 1 as listed) and void the other with all that was built on it.

    Gives the act. Refused for whoever is no superior of the author; a unit without a superior decides on its own.
    """
    with exchange.database.work("核对一号两记") as work:
        twins = next((found for found in _open(work.connection) if found[0].act == act), None)
        if twins is None:
            raise Refused("没有这一处一号两记, 或已经处理过。没有改动任何数据。")
        if not _may_settle(exchange, twins[0].header.node):
            raise Refused("一号两记要由填报单位的上级处理。没有改动任何数据。")
        if not 1 <= keep <= len(twins):
            raise BadInput(f"只有 {len(twins)} 份, 没有第 {keep} 份。没有改动任何数据。")
        for loser in _branches(work.connection, [one for n, one in enumerate(twins, 1) if n != keep]):
            _void(exchange, work, loser)
        work.session.flush()  # the standings below are read from these rows
        touched = standing.apply_voids(work.database, work.connection)
        for kind, ids in standing.refold(work.database, work.connection, touched).items():
            work.merged.update((kind, i) for i in ids)
        Merge(work, Judge(work)).take(())  # the side that stays, and what waited for it
    return work.act


def _may_settle(exchange: Exchange, author: str) -> bool:
    mine = author == exchange.local.node or exchange.was_own(author)
    return exchange.local.parent is None if mine else author in exchange.subtree(exchange.local.node)


def _open(connection: Connection) -> list[list[_Twin]]:
    query = (
        select(Group.id, Group.hash, Group.header)
        .where(Group.standing == Standing.FORKED)
        .order_by(Group.origin, Group.position, Group.hash)
    )
    found: dict[tuple[str, int, int], list[_Twin]] = defaultdict(list)
    for row in connection.execute(query):
        header = GroupHeader.decoded(bytes(row.header))
        found[header.node, header.incarnation, header.position].append(_Twin(row.id, bytes(row.hash), header))
    return [twins for _, twins in sorted(found.items()) if len(twins) > 1]


def _branches(connection: Connection, losers: list[_Twin]) -> Iterator[_Twin]:
    """The losing groups and every later one of the same journal that was chained to one of them."""
    lost = {one.hash for one in losers}
    header = losers[0].header
    query = (
        select(Group.id, Group.hash, Group.header)
        .join(Origin, Origin.id == Group.origin)
        .where(
            Origin.node == header.node,
            Origin.incarnation == header.incarnation,
            Group.position > header.position,
            Group.standing != Standing.VOID,
        )
        .order_by(Group.position)
    )
    yield from losers
    for row in connection.execute(query).all():
        later = GroupHeader.decoded(bytes(row.header))
        if later.prev in lost:
            lost.add(bytes(row.hash))
            yield _Twin(row.id, bytes(row.hash), later)


def _void(exchange: Exchange, work: Work, loser: _Twin) -> None:
    header = loser.header
    unit = exchange.units.get(header.node)
    seat = unit.scopes[0] if unit is not None and unit.scopes else exchange.own.scopes[0]
    work.session.add(
        Refusal(
            home=seat.ljust(12, "0"),
            node=header.node,
            incarnation=header.incarnation,
            position=header.position,
            group_hash=loser.hash,
            act=header.name,
            reason=REASON,
        )
    )
