"""Seals: an author's signature over the head of its journal, and whether what came whole hangs on one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, insert, select

from app.errors import Refused
from app.models import Group, Origin, bulk, recording
from app.models.database import Work
from app.models.journal import Seal
from app.models.recording import GroupHeader
from app.models.sealing import sign, verify
from app.sync.content import Content, SealFrame
from app.sync.exchange import Exchange
from app.sync.groups import FLOW_WHOLE, Incoming
from app.sync.judging import Judge

PURPOSE = "seal"


def message(node: str, incarnation: int, position: int, digest: bytes) -> bytes:
    """What a seal's signature runs over."""
    return recording.encode_plain([bytes.fromhex(node), incarnation, position, digest])


def seal_own_heads(exchange: Exchange, connection: Connection) -> None:
    """Sign the heads of our chains, so that every level can check them.

    Earlier incarnations, and what this unit wrote before it joined its parent, may have grown since their last seal.
    """
    query = select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to, Origin.held_hash)
    sealed = {(row.origin, bytes(row.hash)) for row in connection.execute(select(Seal.origin, Seal.hash))}
    for row in connection.execute(query.where(Origin.held_to > 0)).all():
        own = row.node == exchange.local.node or exchange.was_own(row.node)
        if not own or (row.id, bytes(row.held_hash)) in sealed:
            continue
        text = message(row.node, row.incarnation, row.held_to, bytes(row.held_hash))
        signature = sign(exchange.keys.sign, PURPOSE, text)
        values = {"origin": row.id, "position": row.held_to, "hash": bytes(row.held_hash), "signature": signature}
        connection.execute(insert(Seal).values(**values))


def going_with(connection: Connection, groups: Sequence[tuple[int, int, int]]) -> list[SealFrame]:
    """The newest seal of every journal that goes out whole; where it forked, all that its branches may hang on."""
    whole = [group for group, flow, _ in groups if flow == FLOW_WHOLE]
    first: dict[int, int] = {}
    sql = "SELECT origin, min(position) FROM journal_group WHERE id IN ({}) GROUP BY origin"
    for origin, position in bulk.select_in(connection, sql, whole):
        first[origin] = min(position, first.get(origin, position))
    if not first:
        return []
    twins = select(Group.origin).group_by(Group.origin, Group.position).having(func.count() > 1)
    forked = {row.origin for row in connection.execute(twins)}
    # A seal helps the addressee where the group it names goes along, or is there.
    whole_head = (Group.origin == Seal.origin) & (Group.position == Seal.position) & (Group.hash == Seal.hash)
    highest = select(Seal.origin, func.max(Seal.position).label("position")).join(Group, whole_head)
    highest = highest.where(Group.flow == FLOW_WHOLE).group_by(Seal.origin)
    newest = {row.origin: row.position for row in connection.execute(highest)}
    query = (
        select(Seal.origin, Origin.node, Origin.incarnation, Seal.position, Seal.hash, Seal.signature)
        .join(Origin, Origin.id == Seal.origin)
        .order_by(Seal.origin, Seal.position, Seal.hash)
    )
    return [
        SealFrame(node, incarnation, position, bytes(digest), bytes(signature))
        for origin, node, incarnation, position, digest, signature in connection.execute(query)
        if origin in first and position >= (first[origin] if origin in forked else newest.get(origin, 0))
    ]


def check(work: Work, judge: Judge, found: Content) -> None:
    """Keep the seals that name a group which is here, and refuse what came whole and hangs on none of them.

    By the chain, not by the position: of two branches of a fork each needs its author's own word.
    """
    for seal in found.seals:
        _keep(work, judge, seal)
    unsealed: dict[int, dict[bytes, Incoming]] = defaultdict(dict)
    for group in found.groups:
        if group.flow == FLOW_WHOLE and not judge.is_own(group.header.node):
            origin = work.database.origin_id(work.connection, group.header.node, group.header.incarnation)
            unsealed[origin][group.hash] = group
    for origin, groups in unsealed.items():
        _demand_sealed(work.connection, origin, groups)


def _keep(work: Work, judge: Judge, seal: SealFrame) -> None:
    connection = work.connection
    key = judge.sign_key(seal.node)
    text = message(seal.node, seal.incarnation, seal.position, seal.hash)
    if key is None or not verify(key, PURPOSE, text, seal.signature):
        if seal.node == work.local.node:
            return
        raise Refused("这个包里的封签不对, 可能被人改过。没有改动任何数据。请打电话给对方核对。")
    origin = work.database.origin_id(connection, seal.node, seal.incarnation)
    there = select(Group.id).where(Group.origin == origin, Group.position == seal.position, Group.hash == seal.hash)
    known = select(Seal.origin).where(Seal.origin == origin, Seal.position == seal.position, Seal.hash == seal.hash)
    if connection.execute(there).first() is not None and connection.execute(known).first() is None:
        values = {"position": seal.position, "hash": seal.hash, "signature": seal.signature}
        connection.execute(insert(Seal).values(origin=origin, **values))


def _demand_sealed(connection: Connection, origin: int, groups: Mapping[bytes, Incoming]) -> None:
    """Walk from every seal back along the chain; whatever is not met on the way, nobody stands behind."""
    open_groups = dict(groups)
    lowest = min(group.header.position for group in groups.values())
    before = {digest: group.header.prev for digest, group in groups.items()}
    seals = select(Seal.hash).where(Seal.origin == origin, Seal.position >= lowest).order_by(Seal.position.desc())
    whole_chain = False
    for (digest,) in connection.execute(seals).all():
        at = bytes(digest)
        while open_groups:
            if at not in before and not whole_chain:
                # Between the seal and what came now lie groups that were here before.
                before |= _chain(connection, origin, lowest)
                whole_chain = True
            if (following := before.get(at)) is None:
                break
            open_groups.pop(at, None)
            at = following
    if open_groups:
        first = min(open_groups.values(), key=lambda group: group.header.position).header
        raise Refused(f"这个包缺少{first.name}的封签(第 {first.position} 条), 可能被人改过。{_TELL}")


_TELL = "没有改动任何数据。请让对方重新生成一次, 还是这样请打电话核对。"


def _chain(connection: Connection, origin: int, lowest: int) -> dict[bytes, bytes]:
    query = select(Group.hash, Group.header).where(Group.origin == origin, Group.position >= lowest)
    return {bytes(digest): GroupHeader.decoded(bytes(raw)).prev for digest, raw in connection.execute(query)}
