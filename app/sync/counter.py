"""What somebody sees who sits at the exchange: what waits, what lies on a stick, what a package would change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Connection, func, select

from app import clock
from app.errors import UserError
from app.models import Group, Node, Origin, Refusal, Staff, receipts, recording
from app.models.base import fields_of, kinds, table_of
from app.models.database import STAMP_UNITS, Work
from app.models.journal import Contest, PackageSeen, Peer, Receipt, Standing
from app.models.naming import Namer
from app.models.recording import GroupHeader
from app.sync import overview
from app.sync.content import Content
from app.sync.exchange import Exchange
from app.sync.header import read_header, shown
from app.sync.incoming import Taken

DAY_MS: Final = 86_400_000
_PACKAGES: Final = 200
_MOST_LINES: Final = 5_000
"""Lines of a rehearsal that are shown; the counts are those of all."""

State = Literal["ready", "taken", "own", "foreign", "stranger", "broken"]


# -- what waits ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PackageRow:
    """A package that went out or came in."""

    id: str
    outward: bool
    peer: str
    number: int
    file: str
    moment: int
    """Milliseconds UTC."""
    groups: int


@dataclass(frozen=True)
class ReceiptRow:
    """What a superior has signed for: acts of this unit it holds, of all there are, and when it said so last."""

    name: str
    level: str
    held: int
    total: int
    moment: int


@dataclass(frozen=True)
class ChildRow:
    """A unit below."""

    id: str
    name: str
    level: str
    status: str
    scopes: tuple[str, ...]
    last: int
    """When something of it came last; 0: never."""
    missing: tuple[str, ...]
    phones: tuple[str, ...]
    """Name and telephone of its staff, as its own packages tell."""
    version: str
    free: int
    """Bytes left on its disk, when it last sent something; -1: unknown."""

    @property
    def days(self) -> int | None:
        """Days since something came; None where nothing ever has."""
        return (clock.now_ms() - self.last) // DAY_MS if self.last else None


@dataclass(frozen=True)
class Overview:
    """Everything the exchange's page shows."""

    parent: str
    """Name of the superior; empty where there is none."""
    unsent: int
    waiting: int
    receipts: tuple[ReceiptRow, ...]
    packages: tuple[PackageRow, ...]
    children: tuple[ChildRow, ...]
    differences: int
    returned: int


def overview_of(exchange: Exchange, differences: int, returned: int) -> Overview:
    """What waits, who has receipted what, what went and came, who is below; with what others have counted."""
    with exchange.database.read() as session:
        connection = session.connection()
        parent = exchange.local.parent
        unsent = waiting = 0
        if parent is not None:
            unsent, waiting = overview.upward(exchange, connection)
        return Overview(
            exchange.units[parent].name if parent in exchange.units else "",
            unsent,
            waiting,
            tuple(_receipts(exchange, connection)),
            tuple(_packages(exchange, connection)),
            tuple(_children(exchange, connection)),
            differences,
            returned,
        )


def _packages(exchange: Exchange, connection: Connection) -> Iterable[PackageRow]:
    query = select(PackageSeen).order_by(PackageSeen.moment.desc(), PackageSeen.package.desc()).limit(_PACKAGES)
    for row in connection.execute(query).mappings():
        unit = exchange.units.get(row["peer"])
        counts = recording.decode_plain(bytes(row["counts"])) if row["counts"] else {}
        yield PackageRow(
            row["package"], row["outward"], unit.name if unit is not None else row["peer"][:8], row["number"],
            row["name"], row["moment"], int(counts.get("groups", 0)),
        )  # fmt: skip


def _receipts(exchange: Exchange, connection: Connection) -> Iterable[ReceiptRow]:
    """Word of each superior on what this unit has written, the nearest first."""
    own = [
        (row.id, row.held_to)
        for row in connection.execute(select(Origin.id, Origin.node, Origin.held_to).where(Origin.held_to > 0))
        if row.node == exchange.local.node or exchange.was_own(row.node)
    ]
    total = sum(held for _, held in own)
    for node, level in receipts.ancestors(connection, exchange.local.parent):
        query = select(Receipt.origin, Receipt.position, Receipt.moment).where(Receipt.node == node)
        said = {row.origin: (row.position, row.moment) for row in connection.execute(query)}
        held = sum(min(said[origin][0], reach) for origin, reach in own if origin in said)
        moments = [said[origin][1] for origin, _ in own if origin in said]
        yield ReceiptRow(exchange.units[node].name, level, held, total, max(moments, default=0))


def _children(exchange: Exchange, connection: Connection) -> Iterable[ChildRow]:
    peers = {row.node: row for row in connection.execute(select(Peer.node, Peer.last_seen, Peer.health))}
    phones: dict[str, list[str]] = {}
    query = select(Staff.node, Staff.name, Staff.phone).where(
        ~Staff.deleted, Staff.phone.is_not(None), Staff.status.is_distinct_from("left")
    )
    for row in connection.execute(query.order_by(Staff.id)):
        phones.setdefault(row.node, []).append(f"{row.name} {row.phone}")
    gone = {row.id for row in connection.execute(select(Node.id).where(Node.deleted))}
    below = [u for u in exchange.units.values() if u.parent == exchange.local.node and u.id not in gone]
    for unit in sorted(below, key=lambda one: (one.scopes, one.name)):
        peer = peers.get(unit.id)
        health = (recording.decode_plain(bytes(peer.health)) or {}) if peer is not None and peer.health else {}
        free = health.get("free")
        yield ChildRow(
            unit.id, unit.name, unit.level, unit.status, unit.scopes, peer.last_seen if peer is not None else 0,
            tuple(overview.missing(exchange, connection, unit.id)), tuple(phones.get(unit.id, ())),
            str(health.get("version") or ""), free if isinstance(free, int) else -1,
        )  # fmt: skip


# -- what lies on a stick ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A package file as its header describes it; whether it is genuine is seen when it is taken."""

    path: str
    state: State
    words: str
    """What is to be said of it beside what the columns show."""
    sender: str = ""
    sender_name: str = ""
    number: int = 0
    made: int = 0
    size: int = 0
    groups: int = 0


def on_stick(exchange: Exchange, folder: Path) -> list[Found]:
    """The package files of a folder and of the folders right below it: those to be taken first, then the others."""
    from app.sync.incoming import find

    places = [folder, *sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))]
    paths, _ = find([place for place in places if place.is_dir()])
    with exchange.database.read() as session:
        query = select(PackageSeen.package, PackageSeen.outward, PackageSeen.moment)
        seen = {row.package: (row.outward, row.moment) for row in session.execute(query)}
    found = [_described(exchange, path, seen) for path in paths]
    order: Sequence[State] = ("ready", "broken", "stranger", "foreign", "taken", "own")
    return sorted(found, key=lambda one: (order.index(one.state), one.sender_name, one.made, one.path))


def _described(exchange: Exchange, path: Path, seen: Mapping[str, tuple[bool, int]]) -> Found:
    try:
        info = read_header(path)
    except UserError as error:
        return Found(str(path), "broken", str(error), size=path.stat().st_size)
    head = info.head
    name = shown(head.sender_name) or head.sender[:8]
    state: State = "ready"
    words = ""
    before = seen.get(head.package.hex())
    unit = exchange.units.get(head.sender)
    near = unit is not None and (unit.id == exchange.local.parent or unit.parent == exchange.local.node)
    if head.sender == exchange.local.node or (before is not None and before[0]):
        state, words = "own", "本站自己生成的。"
    elif head.addressee != exchange.local.node:
        to = shown(head.addressee_name) or head.addressee[:8]
        state, words = "foreign", f'这个包是给"{to}"的, 不是给本站的。请换一个包。'
    elif before is not None:
        day = clock.day_of(before[1])
        state, words = "taken", f"这个包 {day.month} 月 {day.day} 日已经收过, 不会重复入库。"
    elif not near:
        state, words = "stranger", f'本站没有登记过"{name}"。请与上级核实。'
    return Found(
        str(path), state, words, head.sender, name, head.number, head.made, info.file_size,
        int(head.stretch.get("groups", 0)) if isinstance(head.stretch.get("groups", 0), int) else 0,
    )  # fmt: skip


# -- what a package would change ---------------------------------------------------------------------------------------

Heap = Literal["new", "changed", "difference", "refused", "held"]


@dataclass(frozen=True)
class Step:
    """One field of a record before and after, as the journal has it."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Line:
    """One line of a rehearsal: a record that comes or changes, or an act that does not count."""

    heap: Heap
    kind: str
    """Of the record; empty for an act."""
    noun: str
    title: str
    steps: tuple[Step, ...] = ()
    words: str = ""
    unit: str = ""
    who: str = ""
    when: int = 0


@dataclass(frozen=True)
class Seen:
    """A package as it would be taken (先核对), or as it was taken."""

    path: str
    package: str
    sender: str
    sender_name: str
    number: int
    accepted: int = 0
    known: int = 0
    refused: int = 0
    held: int = 0
    new: int = 0
    changed: int = 0
    differences: int = 0
    missing: tuple[str, ...] = ()
    """Package numbers between the last one taken and this one, where something has not come; else positions."""
    missing_files: int = 0
    error: str = ""
    note: str = ""
    lines: tuple[Line, ...] = ()


class Looking:
    """Gathers the lines of one package inside its unit of work, before it is undone again."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.lines: list[Line] = []

    def __call__(self, work: Work, found: Content, taken: Taken) -> None:
        """The unit of work as it stands after the package was taken in."""
        lines: list[Line] = []
        with self._exchange.database.read() as before:
            lines += _records(work.connection, before.connection(), taken.records)
        lines += _acts(self._exchange, work, found, taken)
        self.lines = lines[:_MOST_LINES]


def _records(now: Connection, before: Connection, records: Sequence[tuple[str, str]]) -> Iterable[Line]:
    namer = Namer(now)
    contested = {row.record for row in now.execute(select(Contest.record))}
    contested -= {row.record for row in before.execute(select(Contest.record))}
    for kind, record in records:
        cls = kinds().get(kind)
        if cls is None:
            yield Line("changed", kind, "上级新增项目", "", words="本机版本暂不能看, 已留着。")
            continue
        old, new = _row(before, kind, record), _row(now, kind, record)
        if new is None:
            continue
        title = namer.of(kind, record)
        if record in contested:
            yield Line("difference", kind, cls.noun, title, words="两边都改过, 收进来以后由您定以哪个为准。")
        elif old is None:
            yield Line("new", kind, cls.noun, title)
        else:
            steps = tuple(
                Step(name, old[name], new[name])
                for name, field in fields_of(kind).items()
                if not field.internal and name != "home" and old[name] != new[name]
            )
            yield Line("changed", kind, cls.noun, title, steps)


def _row(connection: Connection, kind: str, record: str) -> dict[str, Any] | None:
    table = table_of(kind)
    row = connection.execute(select(table).where(table.c.id == record)).mappings().one_or_none()
    return dict(row) if row is not None else None


_HELD: Final = {
    Standing.EARLY: "前面还有没到的, 已先放好, 到了一起入库。",
    Standing.HELD: "它建立在退回修改的事项上, 已先放好。",
    Standing.FORKED: "同一个序号有两份不同的记录, 两份都先放好, 等上级定。",
}


def _acts(exchange: Exchange, work: Work, found: Content, taken: Taken) -> Iterable[Line]:
    """Acts of the package that do not count (yet)."""
    hashes = {group.hash for group in found.groups}
    query = (
        select(Group.hash, Group.header, Group.standing)
        .where(Group.package == taken.package, Group.standing != Standing.LIVE)
        .order_by(Group.id)
    )
    columns = (Refusal.node, Refusal.incarnation, Refusal.position, Refusal.reason)
    reasons = {
        (row.node, row.incarnation, row.position): row.reason
        for row in work.connection.execute(select(*columns).where(~Refusal.deleted))
    }
    for row in work.connection.execute(query).all():
        if bytes(row.hash) not in hashes:
            continue
        header = GroupHeader.decoded(bytes(row.header))
        unit = exchange.units.get(header.node)
        void = row.standing == Standing.VOID
        reason = reasons.get((header.node, header.incarnation, header.position), "")
        words = (reason or "上级已退回。") if void else _HELD[Standing(row.standing)]
        yield Line(
            "refused" if void else "held", "", "事项", header.name, words=words,
            unit=unit.name if unit is not None else "", who=header.staff_name, when=header.stamp // STAMP_UNITS,
        )  # fmt: skip


def seen_of(exchange: Exchange, taken: Taken, number: int, lines: Sequence[Line] = ()) -> Seen:
    """What became of a package, with the numbers of packages that have not come."""
    counts = taken.counts
    missing = tuple(counts.missing)
    if missing and (between := _packages_between(exchange, taken.sender, number)):
        missing = between
    return Seen(
        str(taken.path), taken.package, taken.sender, shown(taken.sender_name), number, counts.accepted, counts.known,
        counts.refused, counts.held, counts.new, counts.changed, counts.conflicts, missing, taken.missing_files,
        taken.error, taken.again or taken.clock_warning, tuple(lines),
    )  # fmt: skip


def _packages_between(exchange: Exchange, sender: str, number: int) -> tuple[str, ...]:
    """Numbers of the sender's packages after the last one that was taken and before this one."""
    query = select(func.max(PackageSeen.number)).where(
        PackageSeen.peer == sender, ~PackageSeen.outward, PackageSeen.number < number
    )
    with exchange.database.read() as session:
        last = session.scalar(query) or 0
    return tuple(str(one) for one in range(last + 1, number)) if 0 < number - last - 1 <= 20 else ()
