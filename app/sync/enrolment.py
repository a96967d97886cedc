"""Opening a unit (开通): the parent's file and code, the child's joining, and what each trusts of the other."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from app import clock, durable, faults
from app.errors import BadInput, Refused
from app.models import Local, Node, Person, bulk, fold, keyfile, recording, snapshots
from app.models.database import Database, Work
from app.models.journal import Invitation, Peer
from app.models.sealing import NodePublic, fingerprint_bytes, unwrap, wrap
from app.rules import levels, names, passwords, text
from app.sync import revoking
from app.sync.exchange import Exchange, peer_of, save_peer

MAGIC: Final = b"RGENROL1"
PURPOSE: Final = "enrolment"
DAYS: Final = 14
_DAY_MS: Final = 86_400_000
_SALT: Final = 16

WRONG_CODE: Final = (
    "开通码不对, 或者开通文件坏了。没有改动任何数据。请对照电话里报的开通码再输一次; 还不对请向上级重新要一份。"
)

POINTS: Final = durable.points("enrol", "开通文件")
NOTED = faults.define("enrol.note", "登记开通的单位")


@dataclass(frozen=True)
class Invited:
    """What the parent hands over: the file by stick, the code by telephone."""

    node: str
    file: Path
    code: str
    fingerprint: str


@dataclass(frozen=True)
class Offer:
    """An enrolment file, opened with its code."""

    node: str
    name: str
    level: str
    scopes: tuple[str, ...]
    parent: str
    parent_name: str
    practice: bool
    secret: bytes
    made: int
    bases: tuple[tuple[bytes, bytes], ...]
    fingerprint: str


def enrol(
    exchange: Exchange, *, level: str, name: str, scopes: tuple[str, ...], out: Path, replaces: str = ""
) -> Invited:
    """Register a child unit and write its enrolment file; the code is shown once and never kept.

    `replaces`: a revoked unit whose children the new one takes over.
    """
    old = revoking.demand_replaceable(exchange, replaces) if replaces else None
    own = exchange.own
    if not levels.above(own.level, level):
        raise Refused(f"{levels.NAMES[own.level]}只能开通下级单位, 不能开通{levels.NAMES[level]}。")
    if not levels.within(scopes, own.scopes):
        raise Refused("下级单位的管辖范围要在本单位的范围之内。没有改动任何数据。")
    if old is not None and not levels.within(old.scopes, scopes):
        raise Refused(f"接替的单位要管{old.name}的全部范围。没有改动任何数据。")
    name = text.clean(name)
    if wrong := names.unit_problem(name):
        raise BadInput(f"{wrong}没有改动任何数据。", {"name": wrong})
    if out.exists():
        raise Refused(f"已经有这个文件: {out}。请换一个文件名, 不覆盖原来的。")
    node, code, secret = clock.new_id(), keyfile.new_enrolment_code(), clock.random_bytes(32)
    with _only_if_saved(out) as write, exchange.database.work(f"开通{name}") as work:
        work.session.add(
            Node(
                id=node,
                home=scopes[0].ljust(12, "0"),
                name=name,
                level=level,
                parent=own.id,
                scopes=",".join(scopes),
                status="invited",
            )
        )
        if old is not None:
            revoking.take_over(work, old.id, node)
        work.session.flush()  # the file below holds the record just made
        work.connection.execute(insert(Invitation).values(node=node, secret=secret, made=clock.now_ms(), used=False))
        values = dict(work.connection.execute(select(Node.__table__).where(Node.id == node)).mappings().one())
        write(_file(exchange, work, node, code, secret, _made_now(work, values)))
        faults.step(NOTED)
    return Invited(node, out, code, words_of(exchange.keys.public))


def enrol_again(exchange: Exchange, name: str, out: Path) -> Invited:
    """A file for a unit that has lost its parent and is below this one now: it joins with it, people and keys kept."""
    found = [unit for unit in exchange.units.values() if name in (unit.id, unit.name)]
    near = [unit for unit in found if unit.parent == exchange.local.node and unit.status == "active"]
    if len(near) != 1:
        raise Refused(f"没有这个下级单位, 或还没有开通: {name}。没有改动任何数据。请核对单位编号。")
    if out.exists():
        raise Refused(f"已经有这个文件: {out}。请换一个文件名, 不覆盖原来的。")
    unit, code = near[0], keyfile.new_enrolment_code()
    with _only_if_saved(out) as write, exchange.database.work(f"再次开通{unit.name}") as work:
        ((_, body),) = snapshots.bodies(exchange.database, work.connection, [bytes.fromhex(unit.id)])
        write(_file(exchange, work, unit.id, code, clock.random_bytes(32), body))
        faults.step(NOTED)
    return Invited(unit.id, out, code, words_of(exchange.keys.public))


def _file(exchange: Exchange, work: Work, node: str, code: str, secret: bytes, record: bytes) -> bytes:
    """An enrolment file: the unit's record and those above it, under the code."""
    bases = [*_chain(exchange.database, work), (bytes.fromhex(node), record)]
    body = recording.encode_plain(
        {
            "node": bytes.fromhex(node),
            "parent": bytes.fromhex(exchange.own.id),
            "secret": secret,
            "made": clock.now_ms(),
            "practice": exchange.local.practice,
            "bases": [list(pair) for pair in bases],
        }
    )
    salt = clock.random_bytes(_SALT)
    key = keyfile.enrolment_key(code, salt, practice=exchange.local.practice)
    return MAGIC + bytes([exchange.local.practice]) + salt + wrap(key, PURPOSE, body)


@contextmanager
def _only_if_saved(out: Path) -> Iterator[Callable[[bytes], None]]:
    """Write the file inside the act; when the act is not saved, the file, which nobody could use, goes too."""
    written = False

    def write(data: bytes) -> None:
        nonlocal written
        with durable.speaking("生成开通文件", out):
            durable.write_file(out, data, POINTS, replace=False)
        written = True

    try:
        yield write
    except BaseException:
        if written:
            out.unlink(missing_ok=True)
        raise


def words_of(public: NodePublic) -> str:
    """A unit's fingerprint: eight words read out by telephone."""
    return " ".join(passwords.fingerprint(fingerprint_bytes(public)))


def _chain(database: Database, work: Work) -> list[tuple[bytes, bytes]]:
    """Snapshots of this unit's record and of every one above it."""
    connection = work.connection
    ids: list[bytes] = []
    row: str | None = work.local.node
    while row is not None and bytes.fromhex(row) not in ids:
        ids.append(bytes.fromhex(row))
        row = connection.execute(select(Node.parent).where(Node.id == row)).scalar()
    return list(snapshots.bodies(database, connection, ids))


def _made_now(work: Work, values: Mapping[str, Any]) -> bytes:
    """The snapshot of a record that this very act makes: its group is not written yet, but its dot is known."""
    fields: dict[str, Any] = {
        name: bytes.fromhex(value) if name == "parent" else value
        for name in ("home", "name", "level", "parent", "scopes", "status")
        if (value := values[name]) is not None
    }
    dot = [bytes.fromhex(work.local.node), work.local.incarnation, work.dot.position]
    return recording.encode_plain(["node", [dot], [[dot, work.stamp, [], fields, {}, []]], []])


def read(path: Path, code: str) -> Offer:
    """Open an enrolment file with the code told by telephone."""
    with durable.speaking("读取开通文件", path):
        data = path.read_bytes() if path.stat().st_size < 1 << 20 else b""
    head = len(MAGIC)
    if data[:head] != MAGIC or len(data) < head + 1 + _SALT:
        raise Refused("这不是开通文件, 或者文件坏了。没有改动任何数据。请向上级重新要一份。")
    practice = bool(data[head])
    salt, wrapped = data[head + 1 : head + 1 + _SALT], data[head + 1 + _SALT :]
    key = keyfile.enrolment_key(code, salt, practice=practice)
    try:
        opened = unwrap(key, PURPOSE, wrapped)
    except Refused as error:
        raise Refused(WRONG_CODE) from error
    try:
        facts = recording.decode_plain(opened)
        bases = tuple((bytes(r), bytes(b)) for r, b in facts["bases"])
        node, parent = facts["node"].hex(), facts["parent"].hex()
        values = {record.hex(): _shown(body) for record, body in bases}
        own, above = values[node], values[parent]
        public = NodePublic(bytes(above["sign_key"]), str(above["seal_key"]))
        offer = Offer(
            node,
            str(own["name"]),
            str(own["level"]),
            tuple(str(own["scopes"]).split(",")),
            parent,
            str(above["name"]),
            bool(facts["practice"]),
            bytes(facts["secret"]),
            int(facts["made"]),
            bases,
            words_of(public),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("这个开通文件的内容不完整。没有改动任何数据。请向上级重新要一份。") from error
    if clock.now_ms() - offer.made > DAYS * _DAY_MS:
        raise Refused("这个开通文件已过 14 天, 不能再用。没有改动任何数据。请向上级重新要一份。")
    return offer


def _shown(body: bytes) -> dict[str, Any]:
    """Field values of a snapshot without a store: the newest write of each."""
    _kind, _vector, heads, _lines = recording.decode_plain(body)
    out: dict[str, Any] = {}
    for head in sorted(heads, key=lambda head: head[1]):
        out.update(head[3])
    return out


def join(database: Database, work: Work, offer: Offer) -> list[str]:
    """Become the unit the offer names, under a new incarnation; gives what would be refused above, in words.

    The store must be alone so far: a unit has one parent, and its earlier acts travel up under its former id.
    """
    connection = work.connection
    local = work.local
    if offer.node == local.node and local.parent is not None:
        _change_parent(database, work, offer)
        return []
    if local.parent is not None:
        raise Refused("本单位已经有上级, 不能再加入别的单位。没有改动任何数据。")
    if bool(local.practice) != offer.practice:
        raise Refused("练习用的数据和正式的数据不能连在一起。没有改动任何数据。")
    if connection.execute(select(Node.id).where(Node.parent == local.node, ~Node.deleted)).first() is not None:
        raise Refused(  # their packages are addressed to this unit's former id, and its keys are signed under it
            "本单位已经开通过下级单位, 不能再用这份数据加入上级。没有改动任何数据。请先加入上级, 再给下级重新开通。"
        )
    outside = _outside(connection, offer.scopes, local.node)
    values = {"node": offer.node, "parent": offer.parent}
    with database.door(connection):
        connection.execute(update(Local).values(**values))
    local.node, local.parent = offer.node, offer.parent
    database.new_incarnation(connection)
    row = connection.execute(select(Local.incarnation, Local.origin)).one()
    local.incarnation, local.origin, local.position, local.chain = row.incarnation, row.origin, 0, b""
    work.dot = work.dot._replace(origin=row.origin, position=1)
    with database.door(connection):
        connection.exec_driver_sql('UPDATE "local" SET position = 0 WHERE id = 1')
    accept_bases(database, work, offer)
    return outside


def _change_parent(database: Database, work: Work, offer: Offer) -> None:
    """The parent's computer was lost: another one takes its place, and everything not known there goes there anew."""
    if bool(work.local.practice) != offer.practice:
        raise Refused("练习用的数据和正式的数据不能连在一起。没有改动任何数据。")
    work.local.parent = offer.parent
    with database.door(work.connection):
        work.connection.execute(update(Local).values(parent=offer.parent))
        # The lost one's marks mean nothing to the new parent.
        for table in ("journal_group", "baseline"):
            work.connection.exec_driver_sql(f"UPDATE {table} SET voucher = NULL")
    accept_bases(database, work, offer)


def begin(database: Database, work: Work, offer: Offer) -> None:
    """Let a store just founded be the unit the offer names."""
    work.local.parent = offer.parent
    with database.door(work.connection):
        work.connection.execute(update(Local).values(parent=offer.parent))
    accept_bases(database, work, offer)


def accept_bases(database: Database, work: Work, offer: Offer) -> None:
    """Take the units of the chain as the enrolment file vouches for them."""
    connection = work.connection
    parent = bytes.fromhex(offer.parent)
    with database.door(connection):
        rows = [(record, body, parent) for record, body in offer.bases]
        bulk.upsert_many(connection, "baseline", ("record", "body", "package"), rows, ("record",))
    found = dict(fold.load(database, connection, [record for record, _ in offer.bases]))
    touched = fold.write_rows(database, connection, found)
    work.merged.update((kind, i) for kind, ids in touched.items() for i in ids)
    peer: Peer = peer_of(connection, database, offer.parent)
    save_peer(connection, peer, health=recording.encode_plain({"secret": offer.secret}))


def _outside(connection: Connection, scopes: tuple[str, ...], own: str) -> list[str]:
    """People whose place lies outside the scope: their records would come back as refused."""
    del own
    rows = connection.execute(select(Person.id, Person.home).where(~Person.deleted))
    return [row.id for row in rows if not levels.covers(scopes, row.home or "")]
