"""What goes up: own and lower journals whole, and what the parent has lost of its own and others'."""

from sqlalchemy import Connection, select

from app.models import Group, Origin, bulk, recording
from app.models.journal import Baseline, Peer, Standing
from app.sync import differing, holes
from app.sync.content import Reach
from app.sync.differing import Item
from app.sync.exchange import Exchange, unpack
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE
from app.sync.packing import BaseItem


def groups(exchange: Exchange, peer: Peer, connection: Connection) -> list[Item]:
    """Journals from where the parent's last word ends; in pieces only what the parent can believe."""
    holds, seen = unpack(bytes(peer.holds)), unpack(bytes(peer.seen))
    # For what bears neither the parent's own mark nor its author's signature we are no witness.
    parents = [peer.node, *exchange.units[peer.node].former]
    known = select(Group.id).join(Origin, Origin.id == Group.origin).where(Group.flow == FLOW_PARTIAL)
    marked = known.where(Origin.node.in_(parents) | Group.signature.is_not(None) | Group.voucher.is_not(None))
    attested = {row.id for row in connection.execute(marked)}
    loose = differing.loose(peer)
    mine = exchange.subtree(exchange.local.node)
    out: list[Item] = []
    for row in connection.execute(select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to)):
        key = (row.node, row.incarnation)
        if row.node in mine or (row.held_to and exchange.was_own(row.node)):
            after = holds.get(key, 0)
            whole = select(Group.id).where(
                Group.origin == row.id, Group.position > after, Group.position <= row.held_to, Group.flow == FLOW_WHOLE
            )
            out += [(r.id, FLOW_WHOLE, 0) for r in connection.execute(whole)]
            beyond = max(after, row.held_to)
        else:
            if not seen:
                continue  # a parent that has said nothing yet has lost nothing
            # Of a journal it ought to have whole it says exactly what it has; of another one, how far it has seen.
            whole_there = key in holds or key in loose
            beyond = holds.get(key, 0) if whole_there else seen.get(key, 0)
        rest = select(Group.id, Group.position).where(
            Group.origin == row.id, Group.position > beyond, Group.flow == FLOW_PARTIAL, Group.standing != Standing.VOID
        )
        out += [(r.id, FLOW_PARTIAL, 0) for r in connection.execute(rest) if r.position not in loose[key]]
    out += differing.forked(peer, connection, lambda _node, _flow, _signed: True)
    out += differing.signed_since(peer, connection)
    lacking = holes.fillers(
        connection, holes.said(peer), exchange.units[peer.node].level, lambda _group, _numbers: True
    )
    flows = bulk.select_in(connection, "SELECT id, flow FROM journal_group WHERE id IN ({})", lacking)
    out += [(group, flow, 0) for group, flow in flows]
    return [one for one in sorted(set(out)) if one[1] == FLOW_WHOLE or one[0] in attested]


def bases(peer: Peer, connection: Connection) -> list[BaseItem]:
    """Snapshots the parent gave us and has lost since: what they stand for lies beyond all it has seen."""
    seen, given = unpack(bytes(peer.seen)), unpack(peer.given or b"")
    if not seen or _within(given, seen):
        return []
    query = select(Baseline.record, Baseline.body).where(Baseline.package == peer.node, Baseline.voucher.is_not(None))
    out = []
    for record, body in connection.execute(query.order_by(Baseline.record)):
        _kind, vector, _heads, _lines = recording.decode_plain(bytes(body))
        if not _within({(node.hex(), inc): position for node, inc, position in vector}, seen):
            out.append(BaseItem(bytes.fromhex(record)))
    return out


def _within(reach: Reach, seen: Reach) -> bool:
    return all(seen.get(key, 0) >= position for key, position in reach.items())
