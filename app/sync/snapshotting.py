"""Taking snapshots: records as the parent vouches for them, or our own that come back from below."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from app.errors import Refused
from app.models import bulk, fold, recording, standing
from app.models.causality import Vector, includes, joined
from app.models.database import Work
from app.models.journal import Baseline, Peer
from app.sync.content import BaseFrame, Twins, pack_twins, read_twins
from app.sync.exchange import pack, save_peer, unpack


def take(work: Work, bases: Sequence[BaseFrame], peer: Peer) -> None:
    """Put snapshots in the place of smaller ones, and bring the records to what they say."""
    if not bases:
        return
    from_above = peer.node == work.local.parent
    if not from_above and not all(_is_ours(work, base) for base in bases):
        raise Refused("只有上级单位可以给整份资料。没有改动任何数据。")
    known = _known(work, [base.record for base in bases])
    rows: list[tuple[Any, ...]] = []
    gone: list[bytes] = []
    reach = unpack(peer.given or b"")
    for base in bases:
        old, old_without = known.get(base.record, ({}, set()))
        without = old_without | base.without
        dead = _vector(work, without)
        if not base.body:
            gone += [base.record] if old and includes(dead, old) else []
            continue
        fresh = fold.decode_base(work.database, work.connection, base.body).vector
        _extend(reach, base.body)
        if old and includes(old, fresh) and not base.without - old_without:
            continue  # the same, or less
        if not includes(joined(fresh, dead), old):
            continue  # a restored parent knows less than it did
        arrived = work.database.arrive(work) if base.numbers else 0
        notes = recording.encode_plain(pack_twins(without)) if without else b""
        mark = base.mark if from_above else None
        rows.append((base.record, base.body, bytes.fromhex(peer.node), mark, notes, arrived))
    save_peer(work.connection, peer, given=pack(reach))
    _write(work, rows, gone)
    _settle(work, [*(row[0] for row in rows), *gone])


def _is_ours(work: Work, base: BaseFrame) -> bool:
    """Whether it bears our own mark: then it is what we gave down once, and comes back because we have lost it."""
    mark = recording.base_voucher(work.database.own_secret, base.record, base.body)
    return base.mark is not None and hmac.compare_digest(base.mark, mark)


def _known(work: Work, records: Sequence[bytes]) -> Mapping[bytes, tuple[Vector, Twins]]:
    """Vectors of the snapshots that are here, and what they have left behind."""
    sql = "SELECT record, body, without FROM baseline WHERE record IN ({})"
    out = {}
    for record, body, without in bulk.select_in(work.connection, sql, list(records)):
        vector = fold.decode_base(work.database, work.connection, bytes(body)).vector
        out[bytes(record)] = (vector, read_twins(recording.decode_plain(bytes(without or b"")) or []))
    return out


def _vector(work: Work, dots: Twins) -> Vector:
    out: Vector = {}
    for node, incarnation, position, _ in dots:
        origin = work.database.origin_id(work.connection, node, incarnation)
        out[origin] = max(position, out.get(origin, 0))
    return out


def _extend(reach: dict[tuple[str, int], int], body: bytes) -> None:
    _kind, vector, _heads, _lines = recording.decode_plain(body)
    for node, incarnation, position in vector:
        key = (node.hex(), incarnation)
        reach[key] = max(position, reach.get(key, 0))


def _write(work: Work, rows: list[tuple[Any, ...]], gone: list[bytes]) -> None:
    database, connection = work.database, work.connection
    columns = ("record", "body", "package", "voucher", "without", "arrived")
    with database.door(connection):
        for some in bulk.chunks(rows):
            bulk.upsert_many(connection, "baseline", columns, some, ("record",))
        for record in gone:
            connection.execute(delete(Baseline).where(Baseline.record == record.hex()))


def _settle(work: Work, records: Sequence[bytes]) -> None:
    """Bring the records to what the snapshots say, and hold what was built on what they no longer stand for."""
    database, connection = work.database, work.connection
    touched = standing.refold(database, connection, {*records, *standing.apply_voids(database, connection, records)})
    if touched.keys() & {"refusal", "replacement", "node"}:
        # A unit that joined with people gets with its first load what the parent refused of its earlier acts; and one
        # whose parent was lost, what does not count of that one.
        again = standing.refold(database, connection, standing.apply_voids(database, connection))
        touched = {kind: [*touched.get(kind, ()), *again.get(kind, ())] for kind in {*touched, *again}}
    work.merged.update((kind, i) for kind, ids in touched.items() for i in ids)
