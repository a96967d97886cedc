"""Four real stores in a chain (county, township, two villages), sticks between them, and the ways they go wrong."""

import datetime as dt
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.util import LRUCache

from app import clock
from app.models import HardshipCase, Person, PersonIdentity, digest
from app.models.base import Base
from app.models.database import Database, Work
from app.models.journal import Local
from app.models.sealing import NodeKeys
from app.services import stores
from app.services.following_up import follow_up
from app.services.station import Station
from app.sync import conflicts, enrolment, incoming, outgoing
from app.sync.exchange import Exchange

START: Final = 1_795_396_800_000
"""2026-11-23 in UTC milliseconds; each act moves the clock on."""
PASSWORD: Final = "demo"
CITY, COUNTY, TOWNSHIP, NORTH, EAST, WEST = "city", "county", "township", "north", "east", "west"
UP: Final = {COUNTY: CITY, TOWNSHIP: COUNTY, NORTH: COUNTY, EAST: TOWNSHIP, WEST: TOWNSHIP}
SCOPES: Final = {
    CITY: "3610",
    COUNTY: "361002",
    TOWNSHIP: "361002100",
    NORTH: "361002101",
    EAST: "361002100201",
    WEST: "361002100202",
}
LEVELS: Final = {
    CITY: "city",
    COUNTY: "county",
    TOWNSHIP: "township",
    NORTH: "township",
    EAST: "village",
    WEST: "village",
}
NAMES: Final = {
    CITY: "抚州市局",
    COUNTY: "临川区局",
    TOWNSHIP: "上顿渡镇站",
    NORTH: "温泉镇站",
    EAST: "东源村站",
    WEST: "西源村站",
}
MEMBERS: Final = {
    "apart": (COUNTY, TOWNSHIP, EAST, WEST),
    "shared": (COUNTY, TOWNSHIP, EAST, WEST),
    "whole": (CITY, COUNTY, TOWNSHIP, NORTH, EAST, WEST),
}
"""apart: each village its own scope; shared: the two are desks of one village, with the scope of the first; whole: four
levels, and a second township that keeps the books of its villages itself."""
SHAPES: Final = tuple(MEMBERS)


@dataclass
class Parcel:
    """A package on a stick."""

    path: Path
    sender: str
    to: str
    groups: int


@dataclass
class Desk:
    """One store, open."""

    name: str
    folder: Path
    opened: stores.Opened
    skew: int = 0
    """How wrong its clock is, in milliseconds."""

    @property
    def station(self) -> Station:
        return self.opened.station

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.station.db, self.folder)

    @property
    def node(self) -> str:
        return self.station.place.node

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.station.place.scopes

    def local(self) -> Any:
        with self.station.db.read() as session:
            return session.execute(select(Local.__table__)).one()

    def digest(self, scopes: tuple[str, ...] = (), level: str = "") -> str:
        with self.station.db.read() as session:
            return digest.digest(self.station.db, session.connection(), scopes or self.scopes, level)

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table: to prove that nothing at all has changed."""
        with self.station.db.read() as session:
            return {
                name: sorted(map(tuple, session.execute(select(table)).all()), key=repr)
                for name, table in Base.metadata.tables.items()
            }

    def conflicts(self) -> list[dict[str, Any]]:
        return conflicts.listing(self.exchange)


@dataclass
class Chain:
    """The stores of one history, with the sticks between them."""

    root: Path
    shape: str
    now: int = START
    desks: dict[str, Desk] = field(default_factory=dict)
    mail: list[Parcel] = field(default_factory=list)
    saved: dict[str, list[Path]] = field(default_factory=dict)
    """Copies of store folders made earlier, by desk."""
    copies: int = 0

    @property
    def members(self) -> tuple[str, ...]:
        """The desks of this shape, the highest first."""
        return MEMBERS[self.shape]

    @property
    def up(self) -> dict[str, str]:
        """Who has which parent."""
        return {name: UP[name] for name in self.members if UP.get(name) in self.members}

    @property
    def ways(self) -> tuple[tuple[str, str], ...]:
        """Every way a package goes: all ways up, the lowest first, then all ways down, the highest first."""
        upward = [(name, parent) for name, parent in reversed(self.up.items())]
        return (*upward, *((parent, name) for name, parent in reversed(upward)))

    # -- desks and time ----------------------------------------------------------------------------------------------

    def at(self, desk: Desk) -> Desk:
        """Let a little time pass and sit down at a desk: its clock is now the machine's."""
        self.now += 61_000
        self.set_clock(desk)
        return desk

    def set_clock(self, desk: Desk) -> None:
        clock.set_now(dt.datetime.fromtimestamp((self.now + desk.skew) / 1000, dt.UTC))

    def __getitem__(self, name: str) -> Desk:
        return self.at(self.desks[name])

    @property
    def settings(self) -> Path:
        return self.root / "settings"

    def open(self, name: str, folder: Path, skew: int = 0) -> Desk:
        """Open a store as its clerk would in the morning."""
        self.now += 61_000
        desk = Desk(name, folder, None, skew)  # type: ignore[arg-type]  # filled in by the next lines
        self.set_clock(desk)
        desk.opened = stores.open_store(folder, user=None, password=PASSWORD)
        share_statements(desk.station.db)
        return desk

    def close(self) -> None:
        for desk in self.desks.values():
            desk.opened.close()

    # -- sticks ------------------------------------------------------------------------------------------------------

    def export(self, sender: str, to: str) -> Parcel:
        """A package on the stick; the receiver has not seen it yet."""
        desk = self[sender]
        word = "parent" if self.up.get(sender) == to else self.desks[to].node
        return self.sent(desk, word, to)

    def sent(self, desk: Desk, word: str, to: str) -> Parcel:
        out = self.root / "stick"
        out.mkdir(exist_ok=True)
        done = outgoing.export(desk.exchange, word, out)
        parcel = Parcel(Path(done.parts[0]), desk.name, to, done.groups)
        self.mail.append(parcel)
        return parcel

    def take(self, parcel: Parcel, *, rehearse: bool = False) -> incoming.Taken:
        """The receiver takes a package; it stays on the stick and may be taken again."""
        desk = self[parcel.to]
        taken = incoming.take_all(desk.exchange, [parcel.path], rehearse=rehearse)[0]
        desk.station.refresh()
        if not rehearse:
            follow_up(desk.station)
        return taken

    def hop(self, sender: str, to: str) -> incoming.Taken:
        return self.take(self.export(sender, to))

    def round(self) -> int:
        """Everybody sends up, then everybody sends down; gives how many groups travelled."""
        return sum(self._quiet_hop(sender, to) for sender, to in self.ways)

    def _quiet_hop(self, sender: str, to: str) -> int:
        parcel = self.export(sender, to)
        self.take(parcel)
        return parcel.groups

    def settle(self, most: int = 10) -> int:
        """Rounds until nobody has anything to say; gives how many it took. AssertionError when they never fall silent.

        Two silent rounds: in the first everybody has only heard what the others lack.
        """
        silent = 0
        for rounds in range(1, most + 1):
            silent = 0 if self.round() else silent + 1
            if silent == 2:
                return rounds
        raise AssertionError(f"not silent after {most} rounds")

    # -- restores and copies -----------------------------------------------------------------------------------------

    def save(self, name: str) -> Path:
        """A copy of a store's folder, as a backup or a stray copy would be made."""
        desk = self[name]
        desk.opened.close()
        self.copies += 1
        target = self.root / "saved" / f"{name}-{self.copies}"
        shutil.copytree(desk.folder, target)
        self.desks[name] = self.open(name, desk.folder, desk.skew)
        self.saved.setdefault(name, []).append(target)
        return target

    def restore(self, name: str, source: Path, *, witness: bool) -> Desk:
        """Put an earlier folder in the place of the store. Without the witness file nothing on this machine notices."""
        desk = self[name]
        store = desk.local().store
        desk.opened.close()
        shutil.rmtree(desk.folder)
        shutil.copytree(source, desk.folder)
        if not witness:
            stores.witness_path(store).unlink(missing_ok=True)
        self.desks[name] = self.open(name, desk.folder, desk.skew)
        return self.desks[name]

    def elsewhere(self, name: str) -> Desk:
        """A copy of the store, opened in another place beside the original."""
        source = self.save(name)
        self.saved[name].remove(source)
        return self.open(name, source.rename(source.with_name(f"elsewhere-{source.name}")), self.desks[name].skew)

    def adopt(self, desk: Desk) -> None:
        """From now on the copy is the store; the original is never opened again."""
        self.desks[desk.name].opened.close()
        self.desks[desk.name] = desk


_statements: Final[LRUCache[Any, Any]] = LRUCache(2_000)


def share_statements(database: Database) -> None:
    """Let all stores of the process share the SQL made from statements: a third of a history's time otherwise."""
    for engine in (database.engine, database.reader):
        dialect = type(engine.dialect)
        setattr(dialect, "__eq__", lambda one, other: type(one) is type(other))  # noqa: B010 (mypy forbids assigning it)
        setattr(dialect, "__hash__", lambda one: hash(type(one)))  # noqa: B010 (the same)
        engine._compiled_cache = _statements


# -- making and copying whole chains -----------------------------------------------------------------------------------


@contextmanager
def chain(shape: str = "apart", seed: int = 0) -> Iterator[Chain]:
    """A fresh chain, enrolled and silent: copied from one that is built once in a process."""
    template = _template(shape)
    with _place() as root, _world(root, seed, START + 86_400_000):
        shutil.copytree(template, root, dirs_exist_ok=True)
        made = Chain(root, shape, START + 86_400_000)
        try:
            for name in made.members:
                made.desks[name] = made.open(name, root / name)
            yield made
        finally:
            made.close()


@contextmanager
def _place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chain-") as root:
        yield Path(root)


@contextmanager
def _world(root: Path, seed: int, start: int = START) -> Iterator[None]:
    """Chance, time and settings of one history: the same seed gives the same ids, salts and incarnations."""
    chance = random.Random(seed)
    ticks = iter(range(start * 1_000_000, 1 << 62, 1_000_000))
    with (
        patch.dict(os.environ, {"RONGGUI_SETTINGS": str(root / "settings")}),
        patch.object(clock, "_random_bits", chance.getrandbits),
        patch.object(clock, "time", SimpleNamespace(time_ns=lambda: next(ticks))),
        patch.object(clock, "random_bytes", chance.randbytes),
        patch.multiple(clock, _last_ms=0, _last_tail=0),
        patch.object(NodeKeys, "generate", lambda: keys_from(chance)),
        # A store lies where it lay while its folder keeps its name: copying a whole chain moves none of its stores.
        patch.object(stores, "place", lambda folder: folder.name),
    ):
        try:
            yield
        finally:
            clock.set_now(None)


_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def keys_from(chance: random.Random) -> NodeKeys:
    """Keys by chance that can be repeated: every hash of a journal hangs on the keys that stand in its first group."""
    return NodeKeys(chance.randbytes(32), _identity(chance.randbytes(32)))


def _identity(secret: bytes) -> str:
    """An age identity (bech32, BIP 173) of 32 given bytes."""
    prefix = "age-secret-key-"
    bits = int.from_bytes(secret) << 4
    data = [bits >> 5 * n & 31 for n in reversed(range(52))]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for value in [*spread, *data, *[0] * 6]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for n, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= factor if top >> n & 1 else 0
    check ^= 1
    return f"{prefix}1{''.join(_BECH32[n] for n in [*data, *(check >> 5 * (5 - n) & 31 for n in range(6))])}".upper()


_templates: list[tempfile.TemporaryDirectory[str]] = []


@cache
def _template(shape: str) -> Path:
    holder = tempfile.TemporaryDirectory(prefix="chain-template-")
    _templates.append(holder)
    root = Path(holder.name)
    with _world(root, 7):
        made = Chain(root, shape)
        top, *below = made.members
        made.desks[top] = _founded(made, top)
        for name in below:
            made.desks[name] = enrolled(made, name)
            made.hop(name, UP[name])
            made.hop(UP[name], name)
        for name in (EAST, WEST):
            _register(made[name])
        made.settle()
        made.close()
    shutil.rmtree(root / "stick")
    return root


def _register(desk: Desk) -> None:
    """Two people and a case that everybody above knows: what histories quarrel about."""
    place = desk.scopes[0]
    with desk.station.db.work("登记人员") as work:
        for name in ("陈志明", "林秀兰"):
            person = Person(home=place, division=place, name=name, phone="13800000000")
            work.session.add(person)
            work.session.flush()
            work.session.add(PersonIdentity(home=place, person=person.id, class12="01"))
            work.session.add(HardshipCase(home=place, person=person.id, reason="大病", amount=500_00))


def _founded(made: Chain, top: str) -> Desk:
    made.now += 61_000
    clock.set_now(dt.datetime.fromtimestamp(made.now / 1000, dt.UTC))
    founding = stores.Founding(LEVELS[top], NAMES[top], (SCOPES[top],), "赵明", PASSWORD, practice=True)
    opened, _ = stores.init(made.root / top, founding)
    return Desk(top, made.root / top, opened)


def enrolled(made: Chain, name: str, folder: Path | None = None) -> Desk:
    """A child's store, opened with its parent's file and code; it has said nothing yet."""
    scope = SCOPES[EAST] if name == WEST and made.shape == "shared" else SCOPES[name]
    parent = made[UP[name]]
    file = made.root / f"{name}-{made.now}.rge"
    done = enrolment.enrol(parent.exchange, level=LEVELS[name], name=NAMES[name], scopes=(scope,), out=file)
    offer = enrolment.read(file, done.code)

    def prepare(station: Station, work: Work) -> None:
        enrolment.begin(station.db, work, offer)

    folder = folder or made.root / name
    founding = stores.Founding(
        offer.level,
        offer.name,
        offer.scopes,
        "李四",
        PASSWORD,
        practice=offer.practice,
        node=offer.node,
        prepare=prepare,
    )
    opened, _ = stores.init(folder, founding)
    return Desk(name, folder, opened)
