"""Contents that a whole journal lacks here: named to the neighbours, so that whoever has them sends them once more."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from app.errors import Refused
from app.models import Group, Origin, Part, bulk, erasures, recording, stops
from app.models.journal import Peer
from app.rules import levels
from app.sync.groups import FLOW_PARTIAL

Holes = dict[tuple[str, int, int, bytes], tuple[int, ...]]
"""{(node, incarnation, position, hash): numbers of the parts that are not here}."""
MOST = 2_000_000

Pick = Callable[[int, Iterable[int]], bool]
"""Whether a group may go with some of these of its parts."""


def of(connection: Connection, nodes: set[str], level: str) -> Holes:
    """What the journals of these units lack at a level, though it does not stop below it and nobody has blanked it."""
    out: dict[int, set[int]] = defaultdict(set)
    due = ["", *(name for name in levels.NAMES if not levels.above(level, name))]
    query = select(Part.group_id, Part.number, Part.record).where(Part.body.is_(None), Part.stop.in_(due))
    rows = connection.execute(query).all()
    blanked = set(erasures.named(connection, [bytes.fromhex(row.record) for row in rows]))
    for row in rows:
        if bytes.fromhex(row.record) not in blanked:
            out[row.group_id].add(row.number)
    pieces = (
        "SELECT g.id, g.parts, p.number FROM journal_group g JOIN journal_part p ON p.group_id = g.id "
        f"WHERE g.flow = {FLOW_PARTIAL} AND g.origin IN ({{}}) AND g.parts > "
        "(SELECT count(*) FROM journal_part q WHERE q.group_id = g.id)"
    )
    here: dict[int, set[int]] = defaultdict(set)
    sizes = {}
    for group, parts, number in bulk.select_in(connection, pieces, _origins(connection, nodes)):
        here[group].add(number)
        sizes[group] = parts
    for group, numbers in here.items():
        out[group] |= set(range(sizes[group])) - numbers
    return _named(connection, out, nodes)


def fillers(connection: Connection, said: Holes, level: str, may_go: Pick) -> list[int]:
    """Groups here that have what a neighbour lacks and may be given it. `level`: of a superior who lacks it."""
    out = []
    for (node, incarnation, position, digest), numbers in said.items():
        query = select(Group.id).join(Origin, Origin.id == Group.origin)
        query = query.where(Origin.node == node, Origin.incarnation == incarnation)
        group = connection.execute(query.where(Group.position == position, Group.hash == digest)).scalar()
        if group is None:
            continue
        bodies = select(Part.number, Part.body).where(Part.group_id == group, Part.body.is_not(None))
        given = [
            number
            for number, body in connection.execute(bodies)
            if number in numbers and not stops.stopped(recording.decode_part(body or b"").stop, level)
        ]
        if given and may_go(group, given):
            out.append(group)
    return out


def said(peer: Peer) -> Holes:
    """What a neighbour has told."""
    note = recording.decode_plain(bytes(peer.health)) or {}
    return read(note.get("holes", []))


def pack(holes: Mapping[tuple[str, int, int, bytes], tuple[int, ...]]) -> list[list[Any]]:
    """Sorted, as it travels."""
    return sorted(
        [bytes.fromhex(n), inc, position, digest, list(some)] for (n, inc, position, digest), some in holes.items()
    )


def read(data: object) -> Holes:
    """The inverse of `pack`; Refused when it makes no sense."""
    out: Holes = {}
    try:
        if not isinstance(data, list) or len(data) > MOST:
            raise TypeError
        for node, incarnation, position, digest, numbers in data:
            if [type(x) for x in (node, incarnation, position, digest)] != [bytes, int, int, bytes]:
                raise TypeError
            if any(type(number) is not int or not 0 <= number < recording.MOST_PARTS for number in numbers):
                raise TypeError
            if len(node) != recording.SALT or not 0 < position < recording.MOST or len(digest) != recording.HASH:
                raise ValueError
            out[node.hex(), incarnation, position, digest] = tuple(numbers)
    except (TypeError, ValueError) as error:
        raise Refused("这个包里的内容不对(格式错误)。没有改动任何数据。请让对方重新生成一次。") from error
    return out


def _origins(connection: Connection, nodes: set[str]) -> list[int]:
    return [row.id for row in connection.execute(select(Origin.id, Origin.node)) if row.node in nodes]


def _named(connection: Connection, missing: Mapping[int, set[int]], nodes: set[str]) -> Holes:
    sql = (
        "SELECT g.id, o.node, o.incarnation, g.position, g.hash FROM journal_group g JOIN origin o ON o.id = g.origin "
        "WHERE g.id IN ({})"
    )
    return {
        (bytes(node).hex(), incarnation, position, bytes(digest)): tuple(sorted(missing[group]))
        for group, node, incarnation, position, digest in bulk.select_in(connection, sql, sorted(missing))
        if bytes(node).hex() in nodes
    }
