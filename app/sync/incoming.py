"""Taking packages: verify, rehearse, apply all or nothing, remember, answer."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from app import clock, faults
from app.errors import EnvironmentTrouble, Refused, UserError
from app.models import Erasure, Local, Node, Origin, blobs, bulk, erasing, erasures, recording, stops
from app.models.database import STAMP_UNITS, Work
from app.models.journal import Blob, Group, Invitation, Link, PackageSeen, Peer, Receipt
from app.models.recording import encode_plain
from app.models.sealing import NodePublic, verify
from app.sync import container, content, files, holes, judging, seals, snapshotting, splitting
from app.sync.content import Content
from app.sync.exchange import (
    RECEIPT_PURPOSE,
    Exchange,
    mark_of,
    pack,
    peer_of,
    save_peer,
    twins_of,
    units,
)
from app.sync.groups import FLOW_WORD, Counts
from app.sync.header import PackageInfo
from app.sync.merging import Merge
from app.sync.outgoing import content_stop, introduction_proof

VERIFIED = faults.define("import.verified", "包已核对, 准备入库")
APPLIED = faults.define("import.apply", "包内记录写入")
NOTED = faults.define("import.note", "登记已收的包")

INVITATION_DAYS: Final = 14
_DAY: Final = 86_400_000
_LINKS: Final = 16
_SUFFIXES: Final = (".rgp", splitting.SUFFIX)


@dataclass
class Taken:
    """What became of one package."""

    path: Path
    package: str = ""
    sender: str = ""
    sender_name: str = ""
    counts: Counts = field(default_factory=Counts)
    error: str = ""
    again: str = ""
    """Words for a package taken before."""
    missing_files: int = 0
    clock_warning: str = ""
    records: list[tuple[str, str]] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Any]:
        """As `exchange import --json` shows it."""
        counts = self.counts
        return {
            "package": self.package or self.path.name,
            "from": self.sender,
            "accepted": counts.accepted,
            "known": counts.known,
            "refused": counts.refused,
            "held": counts.held,
            "conflicts": counts.conflicts,
            "missing": [*counts.missing, *(["attachments"] * bool(self.missing_files))],
            "error": self.error or None,
            "new": counts.new,
            "changed": counts.changed,
            "note": self.again or self.clock_warning or None,
        }


class _Rehearsed(Exception):
    pass


def find(paths: Sequence[Path]) -> tuple[list[Path], bool]:
    """The package files the paths name; True when a single file was named (its faults are then the answer)."""
    out: list[Path] = []
    for path in paths:
        if path.is_dir():
            out += sorted(p for p in path.iterdir() if p.suffix.lower() in _SUFFIXES and p.is_file())
        elif path.exists():
            out.append(path)
        else:
            raise EnvironmentTrouble(f"没有这个文件: {path}。没有改动任何数据。请插好 U 盘再试。")
    return out, len(paths) == 1 and not paths[0].is_dir()


Look = Callable[[Work, Content, "Taken"], None]
"""Sees a rehearsed package inside its unit of work, before that is undone."""


def take_all(
    exchange: Exchange, paths: Sequence[Path], *, rehearse: bool = False, look: Look | None = None
) -> list[Taken]:
    """Take packages, those a sender made first before its later ones; one bad file harms no other."""
    files, alone = find(paths)
    order = []
    files, out = _gathered(exchange, files, alone=alone)
    for path in files:
        try:
            info = container.read_header(path)
            order.append((info.head.made, info.head.number, path))
        except UserError as error:
            if alone:
                raise
            out.append(Taken(path, error=str(error)))
    for _, _, path in sorted(order):
        try:
            out.append(take(exchange, path, rehearse=rehearse, look=look))
        except UserError as error:
            if alone or isinstance(error, EnvironmentTrouble):
                raise
            info = container.read_header(path)
            out.append(Taken(path, info.head.package.hex(), info.head.sender, info.head.sender_name, error=str(error)))
        else:
            if splitting.is_gathered(exchange.folder, path) and not rehearse:
                splitting.done(path)
    return out


def _gathered(exchange: Exchange, paths: Sequence[Path], *, alone: bool) -> tuple[list[Path], list[Taken]]:
    """Packages of which all pieces are here by now take the place of the pieces; what still waits says what is missing."""
    whole: list[Path] = []
    pieces: list[splitting.Piece] = []
    out: list[Taken] = []
    for path in paths:
        if path.suffix.lower() != splitting.SUFFIX:
            whole.append(path)
            continue
        try:
            pieces.append(splitting.read(path))
        except UserError as error:
            if alone:
                raise
            out.append(Taken(path, error=str(error)))
    for found in splitting.gather(exchange.folder, pieces):
        if isinstance(found, Path):
            whole.append(found)
        else:
            waiting = Taken(found.path, found.package, again=found.words)
            waiting.counts.missing = [f"{n}/{len(found.have) + len(found.missing)}" for n in found.missing]
            out.append(waiting)
    return whole, out


def take(exchange: Exchange, path: Path, *, rehearse: bool = False, look: Look | None = None) -> Taken:
    """Take one package whole, or leave everything as it was and say why."""
    with bulk.unhindered():
        return _take(exchange, path, rehearse=rehearse, look=look)


def _take(exchange: Exchange, path: Path, *, rehearse: bool, look: Look | None) -> Taken:
    newcomer = _newcomer(exchange, path)
    info = container.verify(path, exchange.local.node, lambda sender: _keys_of(exchange, sender, newcomer))
    taken = Taken(path, info.head.package.hex(), info.head.sender, info.head.sender_name)
    taken.clock_warning = _clock_warning(info)
    with container.open_records(path, info, exchange.keys.identity) as records:
        names = records.names
        found = content.read(records)
    faults.step(VERIFIED)
    try:
        with exchange.database.work(f"接收{info.head.sender_name}的包") as work:
            _take_in(exchange, work, info, found, taken, newcomer)
            if rehearse:
                if look is not None:
                    look(work, found, taken)
                raise _Rehearsed
            faults.step(NOTED)
    except _Rehearsed:
        return taken
    for name in work.spent:
        blobs.discard_name(exchange.folder, name)
    if not taken.again or names:
        taken.missing_files = files.take_all(exchange, path, info, names)
    return taken


def _take_in(
    exchange: Exchange, work: Work, info: PackageInfo, found: Content, taken: Taken, newcomer: "_Newcomer | None"
) -> None:
    connection = work.connection
    earlier = connection.execute(
        select(PackageSeen.digest, PackageSeen.moment, PackageSeen.counts).where(PackageSeen.package == taken.package)
    ).one_or_none()
    if earlier is not None:
        if bytes(earlier.digest) != info.digest:
            raise Refused("这个包的编号以前收到过, 但内容不一样, 可能被人改过。没有改动任何数据。请打电话给对方核对。")
        day = clock.day_of(earlier.moment)
        taken.again = f"这个包 {day.month} 月 {day.day} 日已经收过, 没有重复入库。"
        taken.counts.known = len(found.groups)
        return
    peer = peer_of(connection, exchange.database, info.head.sender)
    if peer.node != work.local.parent and any(group.flow == FLOW_WORD for group in found.groups):
        raise Refused("只有上级单位可以说明哪些事项不算数。没有改动任何数据。请打电话给对方核对。")
    _check_own_future(exchange, work, found)
    if newcomer is not None:
        # Before the merge: who has not yet got the child's groups can check them only by this word of ours,
        # so it must not build on them.
        _welcome(work, newcomer, found)
    faults.step(APPLIED)
    snapshotting.take(work, found.bases, peer)
    judge = judging.Judge(work, info.head.sender)
    merge = Merge(work, judge, taken.package)
    taken.counts = merge.take(found.groups)
    work.session.flush()
    _erase(work, found)
    taken.records = sorted(work.merged)
    seals.check(work, judge, found)
    _note_receipts(work, judge, found)
    _note_attachments(exchange, work)
    _note_peer(exchange, work, peer, info, found)
    _push_clock(work, judge)
    connection.execute(
        insert(PackageSeen).values(
            package=taken.package,
            digest=info.digest,
            outward=False,
            peer=info.head.sender,
            number=info.head.number,
            name=taken.path.name,
            moment=clock.now_ms(),
            counts=encode_plain({"groups": len(found.groups)}),
        )
    )


def _erase(work: Work, found: Content) -> None:
    """Blank what an erasure names: what it brings to nothing now, and what comes of it later."""
    connection = work.connection
    if connection.exec_driver_sql("SELECT 1 FROM erasure LIMIT 1").first() is None:
        return
    records = {part.record for group in found.groups for _, _, part in group.parts.values()}
    records |= {base.record for base in found.bases}
    subjects = select(Erasure.subject).where(Erasure.id.in_([i for kind, i in work.merged if kind == "erasure"]))
    ordered = {bytes.fromhex(subject) for subject in connection.execute(subjects).scalars() if subject}
    if wanted := ordered | set(erasures.named(connection, list(records))):
        work.spent += erasing.blank(work.database, connection, wanted)


# -- who sends -------------------------------------------------------------------------------------------------


@dataclass
class _Newcomer:
    node: str
    keys: NodePublic
    secret_ok: bool


def _newcomer(exchange: Exchange, path: Path) -> _Newcomer | None:
    """A child whose first package shows, by the enrolment code, which keys are its own."""
    info = container.read_header(path)
    more = info.head.more
    keys, proof = more.get("keys"), more.get("proof")
    if not isinstance(keys, bytes) or not isinstance(proof, bytes):
        return None
    unit = exchange.units.get(info.head.sender)
    if unit is not None and unit.sign_key is not None:
        return None
    with exchange.database.read() as session:
        row = session.execute(
            select(Invitation.secret, Invitation.made, Invitation.used).where(Invitation.node == info.head.sender)
        ).one_or_none()
    if row is None or row.used:
        return None
    if clock.now_ms() - row.made > INVITATION_DAYS * _DAY:
        raise Refused("这个单位的开通文件已过 14 天, 不能再用。没有改动任何数据。请重新开通。")
    good = hmac.compare_digest(introduction_proof(bytes(row.secret), keys, info.head.package.hex()), proof)
    if not good:
        raise Refused("这个包的开通信息不对, 可能不是用本单位给的开通码生成的。没有改动任何数据。请打电话给对方核对。")
    return _Newcomer(info.head.sender, NodePublic.from_bytes(keys), secret_ok=good)


def _keys_of(exchange: Exchange, sender: str, newcomer: _Newcomer | None) -> list[bytes]:
    if newcomer is not None and newcomer.node == sender:
        return [newcomer.keys.sign]
    unit = exchange.units.get(sender)
    near = unit is not None and (unit.id == exchange.local.parent or unit.parent == exchange.local.node)
    if unit is None or not near or unit.sign_key is None or unit.status == "revoked":
        return []
    return [unit.sign_key]


def _welcome(work: Work, newcomer: _Newcomer, found: Content) -> None:
    """Sign the child's keys into its record: from now on every level can check it."""
    node = work.session.get(Node, newcomer.node)
    if node is None:
        raise Refused("没有登记过这个单位。没有改动任何数据。")
    known = units(work.connection)
    if any(code in known or code == work.local.node for code in found.hello.former):
        raise Refused("这个包里写的原单位编号是别的单位的。没有改动任何数据。请打电话给对方核对。")
    node.sign_key, node.seal_key, node.status = newcomer.keys.sign, newcomer.keys.recipient, "active"
    if found.hello.former:
        node.former = ",".join(found.hello.former)
    work.session.flush()  # the judge reads units from the tables
    work.connection.execute(update(Invitation).where(Invitation.node == newcomer.node).values(used=True))


def _clock_warning(info: PackageInfo) -> str:
    now = clock.now_ms()
    if info.head.made > now + _DAY:
        return f"这台电脑的日期是 {clock.today():%Y-%m-%d}, 比对方做包的日子早。请先核对日期, 否则记录日期会错。"
    return ""


# -- what the package says besides its groups --------------------------------------------------------------------


def _check_own_future(exchange: Exchange, work: Work, found: Content) -> None:
    """The other side holds acts of ours that we lack: this store was put back to an earlier day without saying so."""
    local, hello = work.local, found.hello
    here = {
        (row.position, bytes(row.hash))
        for row in work.connection.execute(
            select(Group.position, Group.hash).where(
                Group.origin == local.origin,
                Group.position.in_(
                    [p for n, i, p, _ in hello.heads | hello.twins if (n, i) == (local.node, local.incarnation)]
                ),
            )
        )
    }
    forked = any(
        (n, i) == (local.node, local.incarnation) and (p, digest) not in here
        for n, i, p, digest in hello.heads | hello.twins
    )
    reached = max(
        (
            p
            for reach in (found.hello.holds, found.hello.seen)
            for (n, i), p in reach.items()
            if (n, i) == (local.node, local.incarnation)
        ),
        default=0,
    )
    if forked or reached > local.position:
        if work.touched or work.bulk_parts:
            raise RuntimeError("a new incarnation begins before anything is written in the unit of work")
        renew(exchange, work)


def renew(exchange: Exchange, work: Work) -> None:
    """Begin a new incarnation inside this unit of work."""
    connection = work.connection
    exchange.database.new_incarnation(connection)
    row = connection.execute(select(Local.incarnation, Local.origin)).one()
    work.local.incarnation, work.local.origin, work.local.position, work.local.chain = (
        row.incarnation,
        row.origin,
        0,
        b"",
    )
    work.dot = work.dot._replace(origin=row.origin, position=1)


def _note_receipts(work: Work, judge: judging.Judge, found: Content) -> None:
    connection, database = work.connection, work.database
    forks = twins_of(connection) if found.receipts else set()
    for receipt in found.receipts:
        key = judge.sign_key(receipt.node)
        if key is None or not judge.is_above(receipt.node, work.local.node):
            continue
        if not verify(key, RECEIPT_PURPOSE, receipt.signed_bytes(), receipt.signature):
            raise Refused("这个包里的回执签名不对, 可能被人改过。没有改动任何数据。请打电话给对方核对。")
        origin = database.origin_id(connection, receipt.origin_node, receipt.origin_incarnation)
        if not _means_ours(connection, forks, receipt, origin):
            continue
        known = connection.execute(
            select(Receipt.moment).where(Receipt.node == receipt.node, Receipt.origin == origin)
        ).scalar()
        values = {"position": receipt.position, "moment": receipt.moment, "signature": receipt.mark + receipt.signature}
        if known is None:
            connection.execute(insert(Receipt).values(node=receipt.node, origin=origin, **values))
        elif receipt.moment > known:
            connection.execute(
                update(Receipt).where(Receipt.node == receipt.node, Receipt.origin == origin).values(**values)
            )


def _means_ours(connection: Connection, forks: content.Twins, receipt: content.ReceiptFrame, origin: int) -> bool:
    """Whether the receipt speaks of the groups that lie here, and not of others under the same dots (a fork)."""
    here = connection.execute(
        select(Group.id).where(Group.origin == origin, Group.position == receipt.position)
    ).first()
    if here is None:
        # Of a journal that is here in part, nothing more can be said; of a whole one, the next receipt will do.
        return connection.execute(select(Origin.id).where(Origin.id == origin, Origin.held_to > 0)).first() is None
    mine = mark_of(connection, forks, receipt.origin_node, receipt.origin_incarnation, receipt.position)
    return mine == receipt.mark


def _note_attachments(exchange: Exchange, work: Work) -> None:
    """Contents that records name and that are not here: known as missing, asked for, never forgotten.

    Unless they do not rise to this level: then nobody need wait for them.
    """
    connection = work.connection
    if stops.stopped(content_stop(exchange, connection), exchange.own.level):
        return
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT a.sha256, a.size FROM attachment a LEFT JOIN blob b ON b.sha256 = a.sha256 "
        "WHERE b.sha256 IS NULL AND length(a.sha256) = 32"
    ).all()
    for sha, size in rows:
        connection.execute(insert(Blob).values(sha256=bytes(sha), size=size or 0, name=None, key=None))


def _note_peer(exchange: Exchange, work: Work, peer: Peer, info: PackageInfo, found: Content) -> None:
    connection = work.connection
    hello = found.hello
    values: dict[str, Any] = {"last_seen": clock.now_ms(), "wants": hello.wants}
    note = recording.decode_plain(bytes(peer.health)) or {}
    told: dict[str, Any] = {"made": info.head.made, "number": info.head.number, "inc": hello.incarnation}
    # Out of order: an earlier package of the same incarnation. By number and time, because either alone may lie.
    stale = note.get("inc") == told["inc"] and note.get("number", 0) > told["number"] and note["made"] > told["made"]
    if not stale:
        values |= {"holds": pack(hello.holds), "seen": pack(hello.seen)}
        told |= {"heads": content.pack_twins(hello.heads), "twins": content.pack_twins(hello.twins)}
        told |= {"loose": content.pack_twins(hello.loose), "unsigned": content.pack_twins(hello.unsigned)}
        told |= {"holes": holes.pack(hello.holes)}
        kept = {"secret": note["secret"]} if "secret" in note else {}
        values["health"] = encode_plain({**info.head.health, **kept, **told})
    if peer.node == work.local.parent:
        values["introduced"] = True
        values |= _link_in(peer, found)
    else:
        values |= _link_out(work, peer, hello)
    save_peer(connection, peer, **values)
    local_node = work.local.node
    if any(kind == "node" and record == local_node for kind, record in work.merged):
        exchange.units = units(connection)


def _link_in(peer: Peer, found: Content) -> dict[str, Any]:
    """Count on the parent's link what came without a hole; each link has its own count, so nothing is confused."""
    hello = found.hello
    links: dict[int, int] = dict(recording.decode_plain(bytes(peer.links)) or {})
    reached = links.get(hello.link, 0)
    given = (number for base in found.bases for number in base.numbers)
    for number in sorted([*found.links.values(), *given]):
        if number == reached + 1:
            reached = number
    links[hello.link] = reached
    kept = dict(sorted(links.items())[-_LINKS:])
    values: dict[str, Any] = {"links": encode_plain([list(pair) for pair in kept.items()])}
    if hello.snapshot:
        values["loaded"] = max(peer.loaded, hello.link)
    return values


def _link_out(work: Work, peer: Peer, hello: content.Hello) -> dict[str, Any]:
    """What the child says it has of our link to it."""
    if hello.loaded == peer.loaded:
        return {"link_receipted": min(hello.links.get(peer.link, 0), peer.link_sent)}
    starts = dict(recording.decode_plain(bytes(peer.snapshots)) or [])
    if hello.loaded not in starts:
        return {"loaded": 0}
    work.connection.execute(delete(Link).where(Link.child == peer.node))
    return {
        "loaded": hello.loaded,
        "link": hello.loaded,
        "link_sent": 0,
        "link_receipted": 0,
        "scanned": starts[hello.loaded],
    }


def _push_clock(work: Work, judge: judging.Judge) -> None:
    """A received stamp moves our own clock on, unless it is more than a day ahead."""
    work.stamp = max(work.stamp, judge.highest_stamp + 1)
    highest = max(judge.highest_stamp, work.local.stamp)
    if highest // STAMP_UNITS <= clock.now_ms() + _DAY:
        with work.database.door(work.connection):
            work.connection.execute(update(Local).values(stamp=highest, arrivals=work.local.arrivals))
    else:
        with work.database.door(work.connection):
            work.connection.execute(update(Local).values(arrivals=work.local.arrivals))
