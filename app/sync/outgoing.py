"""Writing a package for a neighbour: everything it has not yet receipted, up whole, down in scope."""

import glob
import hashlib
import hmac
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from app import __version__, clock, durable, faults
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.models import Attachment, Local, Origin, bulk, recording, stops
from app.models.base import SCHEMA
from app.models.database import Work
from app.models.journal import Blob, PackageSeen, Peer
from app.models.places import Places
from app.sync import container, files, holes, seals, splitting, upward
from app.sync.content import Hello
from app.sync.downward import Downward
from app.sync.exchange import (
    Exchange,
    Unit,
    heads_of,
    loose_of,
    own_receipts,
    pack,
    peer_of,
    reach_of,
    relayed_receipts,
    save_peer,
    twins_of,
    unsigned_of,
)
from app.sync.header import Head
from app.sync.packing import Frames, Plan
from app.sync.reach import Audience

PREPARED = faults.define("export.prepare", "登记要上报的内容")
NOTED = faults.define("export.note", "登记已生成的上报包")

_SUFFIX: Final = ".rgp"
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


def export(exchange: Exchange, to: str, out: Path, *, split: int = 0) -> Exported:
    """Write one package for a neighbour (its id, its name, or `parent`) into a folder; with `split` in pieces so small."""
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
        with splitting.written(exchange.folder, path, head.package, split) as (whole, parts):
            info = container.write_package(whole, head, records, attachments, exchange.keys, unit.seal_key)
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
                name=parts[0].name,
                moment=clock.now_ms(),
                counts=recording.encode_plain({"groups": records.groups}),
            )
        )
    sent_files = len(attachments) - len(info.lacking)
    files = tuple(map(str, parts))
    return Exported(package, files, records.groups, records.parts, sent_files, info.file_size, len(info.lacking))


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
    seals.seal_own_heads(exchange, connection)
    number = peer.package_number + 1
    save_peer(connection, peer, package_number=number)
    local = connection.execute(select(Local.incarnation, Local.arrivals)).one()
    mine = exchange.subtree(exchange.local.node)
    hello = Hello(
        SCHEMA,
        local.incarnation,
        holds,
        seen,
        wants=_missing_blobs(connection),
        heads=heads_of(connection),
        loose=loose_of(connection, mine),
        twins=twins_of(connection),
        unsigned=unsigned_of(connection, mine),
        former=() if down else _former(connection, exchange),
        holes=holes.of(connection, mine, exchange.own.level),
    )
    if not down:
        hello.loaded, hello.links = peer.loaded, dict(recording.decode_plain(bytes(peer.links)) or {})
    below = exchange.subtree(unit.id)
    audience = Audience(unit.scopes, frozenset(below)) if down else None
    if audience is not None:
        going = Downward(exchange, unit, peer, work, audience).going()
        groups, bases = going.groups, going.bases
        hello.link, hello.snapshot = peer.link, going.first_load
    else:
        groups, bases = upward.groups(exchange, peer, connection), upward.bases(peer, connection)
    wanted = below if down else set()
    receipts = own_receipts(exchange, connection, holds, wanted) + relayed_receipts(connection, wanted)
    sealed = seals.going_with(connection, groups)
    return Plan(number, peer, hello, groups, bases, sealed, receipts, audience, unit.level, seen)


def _former(connection: Connection, exchange: Exchange) -> tuple[str, ...]:
    rows = connection.execute(select(Origin.node).where(Origin.held_to > 0).distinct())
    return tuple(sorted(r.node for r in rows if exchange.was_own(r.node)))


def _missing_blobs(connection: Connection) -> bytes:
    return b"".join(bytes(sha) for (sha,) in connection.execute(select(Blob.sha256).where(Blob.name.is_(None))))


def _attachments(
    exchange: Exchange, connection: Connection, plan: Plan, wanted: set[bytes]
) -> list[container.Attachment]:
    """Contents of attachments that the package's records name, or that the neighbour has missed."""
    if plan.audience is None and stops.stopped(content_stop(exchange, connection), plan.level):
        return []
    named = set(wanted)
    ids = [group for group, _, _ in plan.groups]
    sql = "SELECT DISTINCT a.sha256 FROM attachment a JOIN journal_part p ON p.record = a.id WHERE p.group_id IN ({})"
    named.update(bytes(sha) for (sha,) in bulk.select_in(connection, sql, ids) if sha is not None)
    records = [item.record for item in plan.bases]
    found = bulk.select_in(connection, "SELECT sha256 FROM attachment WHERE id IN ({})", records)
    named.update(bytes(sha) for (sha,) in found if sha is not None)
    allowed = named if plan.audience is None else _allowed(connection, plan.audience, named)
    rows = bulk.select_in(
        connection, "SELECT sha256, size FROM blob WHERE name IS NOT NULL AND sha256 IN ({})", sorted(allowed)
    )
    return [container.Attachment(bytes(sha), size, partial(files.read, exchange, bytes(sha))) for sha, size in rows]


def content_stop(exchange: Exchange, connection: Connection) -> str:
    """The highest level that contents of attachments rise to from here."""
    return stops.content_stop(connection, clock.today().isoformat(), exchange.own.scopes)


def _allowed(connection: Connection, audience: Audience, named: set[bytes]) -> set[bytes]:
    """A neighbour below is given only contents that a record in its reach names, whatever it asks for."""
    sql = "SELECT sha256, home FROM attachment WHERE sha256 IN ({})"
    rows = bulk.select_in(connection, sql, sorted(named))
    return {bytes(sha) for sha, home in rows if audience.gets(Attachment.__tablename__, Places(home))}


def _file_name(sender: Unit, addressee: Unit, number: int) -> str:
    def plain(unit: Unit) -> str:
        kept = "".join("_" if c in _BAD_IN_NAMES or ord(c) < 32 else c for c in unit.name)[:24]
        return kept or unit.id[:8]

    return f"{plain(sender)}-{plain(addressee)}-{clock.today():%Y%m%d}-{number}{_SUFFIX}"


def _free_name(path: Path) -> Path:
    """A name not yet taken on the stick: the last good file is never overwritten."""
    for n in range(1, 1000):
        candidate = path if n == 1 else path.with_name(f"{path.stem}_{n}{_SUFFIX}")
        if not candidate.exists() and not any(path.parent.glob(f"{glob.escape(candidate.stem)}.*{splitting.SUFFIX}")):
            return candidate
    raise BadInput("文件夹里同名的包太多, 请换一个文件夹。")
