"""What a neighbour said it has beside whole journals, and the groups under whose dots it has something else (forks)."""

from collections import defaultdict
from collections.abc import Callable

from sqlalchemy import Connection, select

from app.models import Group, Origin, bulk, recording
from app.models.journal import Peer
from app.sync import content
from app.sync.content import Twins
from app.sync.exchange import twins_of, unpack
from app.sync.groups import FLOW_PARTIAL

Item = tuple[int, int, int]
"""(local group id, flow, link number): a group on its way into a package."""
MayGo = Callable[[str, int, bool], bool]
"""Whether a group may go to a neighbour: (author, flow, signed)."""


def said(peer: Peer, what: str) -> Twins:
    """A list of single groups from the neighbour's last word: heads, loose, twins, unsigned."""
    note = recording.decode_plain(bytes(peer.health)) or {}
    return content.read_twins(note.get(what, []))


def loose(peer: Peer) -> dict[tuple[str, int], set[int]]:
    """Positions a neighbour has beyond the unbroken reach of journals that it ought to have whole."""
    out: dict[tuple[str, int], set[int]] = defaultdict(set)
    for node, inc, position, _ in said(peer, "loose"):
        out[node, inc].add(position)
    return out


def forked(peer: Peer, connection: Connection, may_go: MayGo) -> list[Item]:
    """Groups whose dot means something else at the neighbour: without both, neither side can know of the fork."""
    whole = unpack(bytes(peer.holds))
    heads: dict[tuple[str, int, int], set[bytes]] = defaultdict(set)
    for node, inc, position, digest in said(peer, "heads"):
        heads[node, inc, position].add(digest)
    wanted: set[int] = set()
    for (node, inc, position), theirs in heads.items():
        here = select(Group.hash, Group.origin).join(Origin, Origin.id == Group.origin)
        rows = connection.execute(
            here.where(Origin.node == node, Origin.incarnation == inc, Group.position == position)
        ).all()
        # What lies there by itself says nothing of the journal before it.
        longer = not rows and position <= whole.get((node, inc), 0)
        origin = rows[0].origin if rows else _shorter(connection, node, inc, position) if longer else 0
        # Another group under the dot, or a journal that goes on over there from we do not know which branch.
        if origin and not (rows and {bytes(row.hash) for row in rows} <= theirs):
            wanted.update(row.id for row in connection.execute(select(Group.id).where(Group.origin == origin)))
    for node, inc, position, digest in twins_of(connection) - said(peer, "twins"):
        query = select(Group.id).join(Origin, Origin.id == Group.origin)
        query = query.where(Origin.node == node, Origin.incarnation == inc)
        query = query.where(Group.position == position, Group.hash == digest)
        wanted.update(row.id for row in connection.execute(query))
    sql = (
        "SELECT g.id, g.flow, o.node, g.signature FROM journal_group g JOIN origin o ON o.id = g.origin "
        "WHERE g.id IN ({}) AND (g.flow <> 0 OR g.position <= o.held_to)"
    )
    return [
        (group, flow, 0)
        for group, flow, node, signature in bulk.select_in(connection, sql, sorted(wanted))
        if may_go(bytes(node).hex(), flow, signature is not None)
    ]


def _shorter(connection: Connection, node: str, incarnation: int, position: int) -> int:
    """The local number of an origin held whole, but not as far as the position; else 0."""
    query = select(Origin.id).where(Origin.node == node, Origin.incarnation == incarnation)
    return connection.execute(query.where(Origin.held_to > 0, Origin.held_to < position)).scalar() or 0


def signed_since(peer: Peer, connection: Connection) -> list[Item]:
    """What the neighbour has in pieces without the author's word, where that word is here."""
    out = []
    for node, inc, position, digest in said(peer, "unsigned"):
        query = select(Group.id).join(Origin, Origin.id == Group.origin).where(Group.signature.is_not(None))
        query = query.where(Origin.node == node, Origin.incarnation == inc)
        query = query.where(Group.position == position, Group.hash == digest, Group.flow == FLOW_PARTIAL)
        out += [(row.id, FLOW_PARTIAL, 0) for row in connection.execute(query)]
    return out
