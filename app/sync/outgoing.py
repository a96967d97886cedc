"""Writing a package for a neighbour: everything it has not yet receipted, up whole, down in scope."""

import hashlib
import hmac
import shutil
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from app import __version__, clock, durable, faults
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.models import Group, Local, Origin, bulk, recording
from app.models.base import SCHEMA, kinds
from app.models.database import Work
from app.models.journal import Blob, Link, PackageSeen, Peer, Seal, Standing
from app.models.sealing import sign
from app.sync import container, content, files
from app.sync.content import Hello, SealFrame
from app.sync.exchange import (
    SEAL_PURPOSE,
    Exchange,
    Unit,
    goes_to,
    heads_of,
    loose_of,
    own_receipts,
    pack,
    peer_of,
    reach_of,
    relayed_receipts,
    save_peer,
    twins_of,
    unpack,
)
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE, FLOW_WORD
from app.sync.header import Head
from app.sync.packing import Frames, Plan, groups_in_scope

PREPARED = faults.define("export.prepare", "登记要上报的内容")
NOTED = faults.define("export.note", "登记已生成的上报包")

_SUFFIX: Final = ".rgp"
_SNAPSHOTS: Final = 16
_BAD_IN_NAMES: Final = '<>:"/\\|?*'


@dataclass(frozen=True)
class Exported:
    """What a package holds."""

    package: str
    parts: tuple[str, ...]
    groups: int
    changes: int
    attachments: int
    bytes: int
    lacking: int = 0
    """Attachments that could not be read here; they go with a later package."""


def export(exchange: Exchange, to: str, out: Path) -> Exported:
    """Write one package for a neighbour (its id, its name, or `parent`) into a folder."""
    unit = exchange.neighbour(to)
    if not out.is_dir():
        raise EnvironmentTrouble(f"没有这个文件夹: {out}。没有生成上报包, 本机数据没有动。请插好 U 盘再试。")
    if unit.seal_key is None or unit.sign_key is None:
        raise Refused(f"{unit.name}还没有报来第一个包, 本机还不知道它的钥匙。请先接收它的第一个包。")
    if unit.status == "revoked":
        raise Refused(f"{unit.name}已经停用, 不能再给它生成包。")
    faults.step(PREPARED)
    with exchange.database.work("生成上报包") as work:
        plan = _plan(exchange, unit, work)
        _demand_room(out, _attachments(exchange, work.connection, plan, set(unpack_wants(plan.peer.wants))))
    package = clock.new_id()
    name = _file_name(exchange.own, unit, plan.number)
    path = _free_name(out / name)
    with exchange.database.read() as session:
        connection = session.connection()
        records = Frames(exchange, connection, plan)
        attachments = _attachments(exchange, connection, plan, set(unpack_wants(plan.peer.wants)))
        head = Head(
            package=bytes.fromhex(package),
            sender=exchange.local.node,
            addressee=unit.id,
            sender_name=exchange.own.name,
            addressee_name=unit.name,
            made=clock.now_ms(),
            number=plan.number,
            schema=SCHEMA,
            stretch={"groups": len(plan.groups), "bases": len(plan.bases)},
            health=health(exchange),
            more=_introduction(exchange, plan.peer, package),
        )
        info = container.write_package(path, head, records, attachments, exchange.keys, unit.seal_key)
    faults.step(NOTED)
    with exchange.database.work("生成上报包") as work:
        save_peer(work.connection, plan.peer, sent=pack(plan.sent))
        work.connection.execute(
            insert(PackageSeen).values(
                package=package,
                digest=info.digest,
                outward=True,
                peer=unit.id,
                number=plan.number,
                name=path.name,
                moment=clock.now_ms(),
                counts=recording.encode_plain({"groups": records.groups}),
            )
        )
    sent_files = len(attachments) - len(info.lacking)
    return Exported(package, (str(path),), records.groups, records.parts, sent_files, info.file_size, len(info.lacking))


def _demand_room(out: Path, attachments: list[container.Attachment]) -> None:
    """Before anything is noted or written: a stick that is too small is said with how much it lacks."""
    if short := durable.lacking_room(out, sum(one.size for one in attachments)):
        raise EnvironmentTrouble(f"{short}。没有生成上报包, 本机数据没有动。请清理后或换一个 U 盘再试。")


def health(exchange: Exchange) -> dict[str, Any]:
    """What the header tells of this machine, so that the other side sees which PC will die next."""
    return {"version": __version__, "free": shutil.disk_usage(exchange.folder).free, "clock": clock.now_ms()}


def unpack_wants(data: bytes) -> list[bytes]:
    """SHA-256 values strung together."""
    return [data[n : n + recording.HASH] for n in range(0, len(data), recording.HASH)]


def introduction_proof(secret: bytes, keys: bytes, package: str) -> bytes:
    """Shows that whoever made the package held the enrolment code."""
    return hmac.new(secret, b"ronggui first\0" + keys + bytes.fromhex(package), hashlib.sha256).digest()


def _introduction(exchange: Exchange, peer: Peer, package: str) -> dict[str, Any]:
    if peer.node != exchange.local.parent or peer.introduced or not peer.health:
        return {}
    secret = recording.decode_plain(bytes(peer.health)).get("secret")
    if not isinstance(secret, bytes):
        return {}
    keys = exchange.keys.public.to_bytes()
    return {"keys": keys, "proof": introduction_proof(secret, keys, package)}


def _plan(exchange: Exchange, unit: Unit, work: Work) -> Plan:
    connection = work.connection
    peer = peer_of(connection, exchange.database, unit.id)
    down = unit.id != exchange.local.parent
    holds, seen = reach_of(connection)
    _seal_own_heads(exchange, connection)
    number = peer.package_number + 1
    save_peer(connection, peer, package_number=number)
    local = connection.execute(select(Local.incarnation, Local.arrivals)).one()
    hello = Hello(
        SCHEMA,
        local.incarnation,
        holds,
        seen,
        wants=_missing_blobs(connection),
        heads=heads_of(connection),
        loose=loose_of(connection, exchange.subtree(exchange.local.node)),
        twins=twins_of(connection),
        former=() if down else _former(connection, exchange),
    )
    if not down:
        hello.loaded, hello.links = peer.loaded, dict(recording.decode_plain(bytes(peer.links)) or {})
    below = exchange.subtree(unit.id)
    if down:
        groups, bases = _down(unit, peer, work, below)
        hello.link, hello.snapshot = peer.link, bases is not None
    else:
        groups, bases = _up(exchange, peer, connection), None
    wanted = below if down else set()
    receipts = own_receipts(exchange, connection, holds, wanted) + relayed_receipts(connection, wanted)
    return Plan(number, peer, hello, groups, bases or [], _seals(connection, groups), receipts, unit.scopes, down, seen)


def _former(connection: Connection, exchange: Exchange) -> tuple[str, ...]:
    rows = connection.execute(select(Origin.node).where(Origin.held_to > 0).distinct())
    return tuple(sorted(r.node for r in rows if exchange.was_own(r.node)))


def _seal_own_heads(exchange: Exchange, connection: Connection) -> None:
    """Sign the heads of our chains, so that every level can check them.

    Earlier incarnations, and what this unit wrote before it joined its parent, may have grown since their last seal.
    """
    query = select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to, Origin.held_hash).where(
        Origin.held_to > 0
    )
    sealed = {(row.origin, row.position) for row in connection.execute(select(Seal.origin, Seal.position))}
    for row in connection.execute(query).all():
        own = row.node == exchange.local.node or exchange.was_own(row.node)
        if not own or (row.id, row.held_to) in sealed:
            continue
        message = seal_bytes(row.node, row.incarnation, row.held_to, bytes(row.held_hash))
        signature = sign(exchange.keys.sign, SEAL_PURPOSE, message)
        values = {"origin": row.id, "position": row.held_to, "hash": bytes(row.held_hash), "signature": signature}
        connection.execute(insert(Seal).values(**values))


def seal_bytes(node: str, incarnation: int, position: int, digest: bytes) -> bytes:
    """What a seal's signature runs over."""
    return recording.encode_plain([bytes.fromhex(node), incarnation, position, digest])


def _seals(connection: Connection, groups: Sequence[tuple[int, int, int]]) -> list[SealFrame]:
    """The newest seal of every origin whose whole journal goes out."""
    whole = [group for group, flow, _ in groups if flow == FLOW_WHOLE]
    origins: set[int] = set()
    for (origin,) in bulk.select_in(connection, "SELECT DISTINCT origin FROM journal_group WHERE id IN ({})", whole):
        origins.add(origin)
    newest = select(Seal.origin, func.max(Seal.position).label("position")).group_by(Seal.origin).subquery()
    query = (
        select(Origin.node, Origin.incarnation, Seal.position, Seal.hash, Seal.signature)
        .join(Origin, Origin.id == Seal.origin)
        .join(newest, (newest.c.origin == Seal.origin) & (newest.c.position == Seal.position))
        .where(Seal.origin.in_(origins))
    )
    return [SealFrame(n, i, p, bytes(h), bytes(s)) for n, i, p, h, s in connection.execute(query)]


def _missing_blobs(connection: Connection) -> bytes:
    return b"".join(bytes(sha) for (sha,) in connection.execute(select(Blob.sha256).where(Blob.name.is_(None))))


# -- up ----------------------------------------------------------------------------------------------------------


def _up(exchange: Exchange, peer: Peer, connection: Connection) -> list[tuple[int, int, int]]:
    """Own and lower journals whole, from where the parent's last word ends; and what it has lost of others."""
    holds, seen = unpack(bytes(peer.holds)), unpack(bytes(peer.seen))
    # Of others' journals only what bears the parent's own mark or its author's signature: for the rest we are no witness.
    parents = [peer.node, *exchange.units[peer.node].former]
    known = select(Group.id).join(Origin, Origin.id == Group.origin).where(Group.flow == FLOW_PARTIAL)
    marked = known.where(Origin.node.in_(parents) | Group.signature.is_not(None))
    attested = {row.id for row in connection.execute(marked)}
    note = recording.decode_plain(bytes(peer.health)) or {}
    loose: dict[tuple[str, int], set[int]] = defaultdict(set)
    for node, inc, position, _ in content.read_twins(note.get("loose", [])):
        loose[node, inc].add(position)
    mine = exchange.subtree(exchange.local.node)
    out: list[tuple[int, int, int]] = []
    for row in connection.execute(select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to)):
        key = (row.node, row.incarnation)
        if row.node in mine or exchange.was_own(row.node):
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
    return [one for one in sorted({*out, *forked(peer, connection)}) if one[1] == FLOW_WHOLE or one[0] in attested]


# -- forks -------------------------------------------------------------------------------------------------------


def forked(peer: Peer, connection: Connection, below: Collection[str] | None = None) -> list[tuple[int, int, int]]:
    """Groups whose dot means something else at the neighbour: without both, neither side can know of the fork.

    `below`: only journals of these units (what goes down whole).
    """
    note = recording.decode_plain(bytes(peer.health)) or {}
    told = content.read_twins(note.get("twins", []))
    heads: dict[tuple[str, int, int], set[bytes]] = defaultdict(set)
    for node, inc, position, digest in content.read_twins(note.get("heads", [])):
        heads[node, inc, position].add(digest)
    wanted: set[int] = set()
    for (node, inc, position), theirs in heads.items():
        here = select(Group.hash, Group.origin).join(Origin, Origin.id == Group.origin)
        rows = connection.execute(
            here.where(Origin.node == node, Origin.incarnation == inc, Group.position == position)
        ).all()
        origin = rows[0].origin if rows else _shorter(connection, node, inc, position)
        # Another group under the dot, or a journal that goes on over there from we do not know which branch.
        if origin and not (rows and {bytes(row.hash) for row in rows} <= theirs):
            wanted.update(row.id for row in connection.execute(select(Group.id).where(Group.origin == origin)))
    for node, inc, position, digest in twins_of(connection) - told:
        query = select(Group.id).join(Origin, Origin.id == Group.origin)
        query = query.where(Origin.node == node, Origin.incarnation == inc)
        query = query.where(Group.position == position, Group.hash == digest)
        wanted.update(row.id for row in connection.execute(query))
    sql = (
        "SELECT g.id, g.flow, o.node FROM journal_group g JOIN origin o ON o.id = g.origin WHERE g.id IN ({}) "
        "AND (g.flow <> 0 OR g.position <= o.held_to)"
    )
    return [
        (group, flow, 0)
        for group, flow, node in bulk.select_in(connection, sql, sorted(wanted))
        if below is None or (flow == FLOW_WHOLE and bytes(node).hex() in below)
    ]


def _shorter(connection: Connection, node: str, incarnation: int, position: int) -> int:
    """The local number of an origin held whole, but not as far as the position; else 0."""
    query = select(Origin.id).where(Origin.node == node, Origin.incarnation == incarnation)
    return connection.execute(query.where(Origin.held_to > 0, Origin.held_to < position)).scalar() or 0


# -- down --------------------------------------------------------------------------------------------------------


def _down(unit: Unit, peer: Peer, work: Work, below: set[str]) -> tuple[list[tuple[int, int, int]], list[bytes] | None]:
    """Numbered items in scope, give-back of its own journals, and the first load while it has not been taken."""
    connection = work.connection
    bases: list[bytes] | None = None
    if not peer.loaded:
        bases = _in_scope(connection, unit.scopes)
        _begin_link(work, peer, work.local.arrivals)
        made = [*(recording.decode_plain(bytes(peer.snapshots)) or []), [peer.link, work.local.arrivals]]
        save_peer(connection, peer, snapshots=recording.encode_plain(made[-_SNAPSHOTS:]))
    else:
        if not peer.link:
            # A new incarnation: what went down since the backup is not known here, so everything since the child's
            # snapshot is numbered anew; the child takes what it has for known.
            starts = dict(recording.decode_plain(bytes(peer.snapshots)) or [])
            _begin_link(work, peer, starts.get(peer.loaded, 0))
        _number_new(peer, work, unit, below)
    items = connection.execute(
        select(Link.group_id, Link.number, Group.standing)
        .join(Group, Group.id == Link.group_id)
        .where(Link.child == unit.id, Link.number > peer.link_receipted)
        .order_by(Link.number)
    )
    flows = {Standing.HELD: FLOW_WORD, Standing.VOID: FLOW_WORD}
    groups = [(row.group_id, flows.get(row.standing, FLOW_PARTIAL), row.number) for row in items]
    whole = dict.fromkeys([*_give_back(peer, connection, below), *forked(peer, connection, below)])
    return [*sorted(whole), *groups], bases


def _begin_link(work: Work, peer: Peer, scanned: int) -> None:
    """Number anew what goes down to a child, from a given arrival on."""
    work.connection.execute(delete(Link).where(Link.child == peer.node))
    link = clock.new_number()
    save_peer(work.connection, peer, link=link, link_sent=0, link_receipted=0, scanned=scanned)


def _number_new(peer: Peer, work: Work, unit: Unit, below: set[str]) -> None:
    connection = work.connection
    own = {row.id for row in connection.execute(select(Origin.id, Origin.node)) if row.node in below}
    query = select(Group.id, Group.origin, Group.arrived, Group.position)
    query = query.where(Group.arrived > peer.scanned, Group.standing != Standing.EARLY).order_by(Group.arrived)
    rows_of = connection.execute(query).all()
    fresh = [(row.id, row.origin, row.arrived) for row in rows_of]
    going = set(groups_in_scope(connection, [g for g, origin, _ in fresh if origin not in own], unit.scopes))
    # What went down once and does not count any more goes again, as a word that says so.
    sent = connection.execute(select(Link.group_id).where(Link.child == unit.id))
    going |= {row.group_id for row in sent} & {row.id for row in rows_of if row.origin not in own}
    # Of a fork both or neither: who had one twin must learn that there is another, were it only by its header.
    dots = {(row.origin, row.position) for row in rows_of if row.id in going}
    going |= {row.id for row in rows_of if (row.origin, row.position) in dots}
    number = peer.link_sent
    rows = []
    for group, _, _ in fresh:
        if group in going:
            number += 1
            rows.append((bytes.fromhex(unit.id), number, group))
    bulk.insert_many(connection, "link", ("child", "number", "group_id"), rows)
    if fresh:
        save_peer(connection, peer, link_sent=number, scanned=fresh[-1][2])


def _give_back(peer: Peer, connection: Connection, below: set[str]) -> list[tuple[int, int, int]]:
    """What a restored child has lost of its own and its children's journals."""
    holds = unpack(bytes(peer.holds))
    out = []
    for row in connection.execute(select(Origin.id, Origin.node, Origin.incarnation, Origin.held_to)):
        if row.node in below and (lost := holds.get((row.node, row.incarnation), 0)) < row.held_to:
            query = select(Group.id).where(
                Group.origin == row.id, Group.position > lost, Group.position <= row.held_to, Group.flow == FLOW_WHOLE
            )
            out += [(r.id, FLOW_WHOLE, 0) for r in connection.execute(query.order_by(Group.position))]
    return out


def _in_scope(connection: Connection, scopes: tuple[str, ...]) -> list[bytes]:
    """Every record a unit with these scopes gets."""
    out = []
    for kind in sorted(kinds()):
        for record, home in connection.exec_driver_sql(f'SELECT id, home FROM "{kind}" ORDER BY id'):
            if goes_to(kind, home, scopes):
                out.append(bytes(record))
    for record, kind, home in connection.exec_driver_sql(
        "SELECT record, kind, home FROM foreign_record ORDER BY record"
    ):
        if goes_to(kind, home, scopes):
            out.append(bytes(record))
    return out


def _attachments(
    exchange: Exchange, connection: Connection, plan: Plan, wanted: set[bytes]
) -> list[container.Attachment]:
    """Contents of attachments that the package's records name, or that the neighbour has missed."""
    named = set(wanted)
    ids = [group for group, _, _ in plan.groups]
    sql = "SELECT DISTINCT a.sha256, a.home FROM attachment a JOIN journal_part p ON p.record = a.id WHERE p.group_id IN ({})"
    for sha, home in bulk.select_in(connection, sql, ids):
        if sha is not None and (not plan.down or goes_to("attachment", home, plan.scopes)):
            named.add(bytes(sha))
    for sha, home in bulk.select_in(connection, "SELECT sha256, home FROM attachment WHERE id IN ({})", plan.bases):
        if sha is not None and goes_to("attachment", home, plan.scopes):
            named.add(bytes(sha))
    allowed = _allowed(connection, plan, named)
    rows = bulk.select_in(
        connection, "SELECT sha256, size FROM blob WHERE name IS NOT NULL AND sha256 IN ({})", sorted(allowed)
    )
    return [container.Attachment(bytes(sha), size, partial(files.read, exchange, bytes(sha))) for sha, size in rows]


def _allowed(connection: Connection, plan: Plan, named: set[bytes]) -> set[bytes]:
    """A neighbour below is given only contents that a record in its scope names, whatever it asks for."""
    if not plan.down:
        return named
    out = set()
    for sha, home in bulk.select_in(
        connection, "SELECT sha256, home FROM attachment WHERE sha256 IN ({})", sorted(named)
    ):
        if goes_to("attachment", home, plan.scopes):
            out.add(bytes(sha))
    return out


def _file_name(sender: Unit, addressee: Unit, number: int) -> str:
    def plain(unit: Unit) -> str:
        kept = "".join("_" if c in _BAD_IN_NAMES or ord(c) < 32 else c for c in unit.name)[:24]
        return kept or unit.id[:8]

    return f"{plain(sender)}-{plain(addressee)}-{clock.today():%Y%m%d}-{number}{_SUFFIX}"


def _free_name(path: Path) -> Path:
    """A name not yet taken on the stick: the last good file is never overwritten."""
    for n in range(1, 1000):
        candidate = path if n == 1 else path.with_name(f"{path.stem}_{n}{_SUFFIX}")
        if not candidate.exists():
            return candidate
    raise BadInput("文件夹里同名的包太多, 请换一个文件夹。")
