"""A county with a township and two villages, as real stores, and the forger's bench: packages made by hand."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from app import clock
from app.models import recording
from app.models.base import SCHEMA, Base
from app.models.database import Work
from app.models.journal import Group, Local, Origin, Part
from app.models.recording import GroupHeader, Value
from app.models.sealing import sign
from app.services import stores
from app.services.station import Station
from app.sync import container, content, enrolment, incoming, outgoing, seals
from app.sync.content import Hello
from app.sync.exchange import Exchange
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE
from app.sync.header import Head

PASSWORD = "demo"
COUNTY, TOWNSHIP, EAST, WEST = "county", "township", "east", "west"
SCOPES = {COUNTY: "361002", TOWNSHIP: "361002100", EAST: "361002100201", WEST: "361002100202"}
NAMES = {COUNTY: "临川区局", TOWNSHIP: "上顿渡镇站", EAST: "东源村站", WEST: "西源村站"}
LEVELS = {COUNTY: "county", TOWNSHIP: "township", EAST: "village", WEST: "village"}
UP = {TOWNSHIP: COUNTY, EAST: TOWNSHIP, WEST: TOWNSHIP}
HOME = {name: code.ljust(12, "0") for name, code in SCOPES.items()}


@dataclass
class Desk:
    """One unit's open store."""

    name: str
    opened: stores.Opened
    stick: Path

    @property
    def station(self) -> Station:
        return self.opened.station

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.station.db, self.station.folder)

    @property
    def node(self) -> str:
        return self.station.place.node

    def local(self) -> Local:
        return self.exchange.local

    def export(self, to: str) -> Path:
        return Path(outgoing.export(self.exchange, to, self.stick).parts[0])

    def take(self, path: Path) -> incoming.Taken:
        (taken,) = incoming.take_all(self.exchange, [path])
        self.station.refresh()
        return taken

    def writes(self, *records: Any, name: str = "登记") -> None:
        """An act as a programme without rules would save it: chained, marked and signed as it should be."""
        with self.station.db.work(name) as work:
            work.session.add_all(records)

    def dump(self) -> dict[str, list[Any]]:
        """Every row of every table: to prove that nothing at all has changed."""
        with self.station.db.read() as session:
            return {
                name: sorted(map(tuple, session.execute(select(table)).all()), key=repr)
                for name, table in Base.metadata.tables.items()
            }

    def row(self, kind: type[Base], id: str) -> Any:
        with self.station.db.read() as session:
            return session.get(kind, id)

    def header_of(self, position: int) -> GroupHeader:
        """The header of an own group."""
        with self.station.db.read() as session:
            query = select(Group.header).join(Origin, Origin.id == Group.origin).where(Group.position == position)
            return GroupHeader.decoded(session.scalars(query.where(Origin.node == self.node)).one())

    def frames_of(
        self,
        position: int,
        *,
        numbers: Iterable[int] | None = None,
        flow: int = FLOW_WHOLE,
        signature: bytes | None = None,
    ) -> list[bytes]:
        """An own group as a package would hold it; only the parts named by `numbers` if they are."""
        with self.station.db.read() as session:
            query = select(Group).join(Origin, Origin.id == Group.origin).where(Group.position == position)
            group = session.scalars(query.where(Origin.node == self.node)).one()
            parts = session.scalars(select(Part).where(Part.group_id == group.id).order_by(Part.number)).all()
            salted = [(p.number, p.salt or b"", p.body or b"") for p in parts]
            hashes = b"".join(recording.part_hash(salt, body) for _, salt, body in salted)
            chosen = [one for one in salted if numbers is None or one[0] in set(numbers)]
            signed = signature or group.signature
            return list(content.group_frames(group.header, content.Marks(group.mac, signed), hashes, flow, 0, chosen))

    def numbers_of(self, position: int) -> dict[str, int]:
        """Which part of an own group holds which kind of record."""
        with self.station.db.read() as session:
            query = select(Part.number, Part.body).join(Group, Group.id == Part.group_id)
            query = query.join(Origin, Origin.id == Group.origin).where(Group.position == position)
            rows = session.execute(query.where(Origin.node == self.node))
            return {recording.decode_part(body or b"").kind: number for number, body in rows}

    def seal(self) -> bytes:
        """A frame with our signature over our chain's head."""
        local = self.local()
        message = seals.message(local.node, local.incarnation, local.position, local.chain)
        signature = sign(self.exchange.keys.sign, seals.PURPOSE, message)
        return content.seal_frame(
            content.SealFrame(local.node, local.incarnation, local.position, local.chain, signature)
        )

    def forges(self, to: "Desk", *frames: bytes, addressee: str = "") -> Path:
        """A package with our real signature and whatever frames, sealed to a neighbour."""
        exchange = self.exchange
        unit = to.exchange.own
        head = Head(
            package=bytes.fromhex(clock.new_id()),
            sender=self.node,
            addressee=addressee or unit.id,
            sender_name=exchange.own.name,
            addressee_name=unit.name,
            made=clock.now_ms(),
            number=99,
            schema=SCHEMA,
        )
        path = self.stick / f"{head.package.hex()}.rgp"
        hello = Hello(SCHEMA, exchange.local.incarnation).frame()
        container.write_package(path, head, [hello, *frames], [], exchange.keys, unit.seal_key or "")
        return path


def forged(
    author: str,
    position: int,
    parts: Sequence[tuple[str, str, Mapping[str, Value]]],
    *,
    incarnation: int = 1,
    prev: bytes = b"",
    flow: int = FLOW_PARTIAL,
    signature: bytes | None = None,
    mac: bytes | None = None,
    body: bytes = b"",
) -> list[bytes]:
    """Frames of a group in somebody's name: [(kind, record, fields), …] as its parts, or one part of any bytes."""
    made = [recording.encode_part(kind, bytes.fromhex(record), [], fields) for kind, record, fields in parts]
    bodies = [(n, bytes([n]) * recording.SALT, one) for n, one in enumerate([body] if body else made)]
    hashes = [recording.part_hash(salt, body) for _, salt, body in bodies]
    stamp = clock.now_ms() * 1024
    header = GroupHeader(
        author,
        incarnation,
        position,
        stamp,
        "登记",
        "0" * 32,
        "某人",
        len(bodies),
        recording.root_of(hashes),
        prev,
        SCHEMA,
    ).encoded()
    return list(content.group_frames(header, content.Marks(mac, signature), b"", flow, 0, bodies))


@dataclass
class Units:
    """The four desks; by name."""

    desks: dict[str, Desk]

    def __getitem__(self, name: str) -> Desk:
        return self.desks[name]

    def up(self, name: str) -> incoming.Taken:
        return self[UP[name]].take(self[name].export("parent"))

    def down(self, name: str) -> incoming.Taken:
        return self[name].take(self[UP[name]].export(self[name].node))


def build(root: Path) -> None:
    """Found and enrol the four units in folders of their own."""
    with _world(root):
        desks: dict[str, Desk] = {}
        for name in (COUNTY, TOWNSHIP, EAST, WEST):
            desks[name] = _founded(root, name, desks)
            if name in UP:
                desks[UP[name]].take(desks[name].export("parent"))
                desks[name].take(desks[UP[name]].export(desks[name].node))
        units = Units(desks)
        for _ in range(2):
            for name in (EAST, WEST, TOWNSHIP):
                units.up(name)
            for name in (TOWNSHIP, EAST, WEST):
                units.down(name)
        for desk in desks.values():
            desk.opened.close()


def enrolled(root: Path, parent: Desk, name: str, scope: str, level: str) -> Desk:
    """A new child of a unit, founded from its file and code; it has not yet reported."""
    invited = enrolment.enrol(parent.exchange, level=level, name=name, scopes=(scope,), out=root / f"{name}.rge")
    offer = enrolment.read(invited.file, invited.code)

    def prepare(station: Station, work: Work) -> None:
        enrolment.begin(station.db, work, offer)

    founding = stores.Founding(
        level, name, (scope,), "钱学文", PASSWORD, practice=True, node=offer.node, prepare=prepare
    )
    opened, _ = stores.init(root / name, founding)
    return Desk(name, opened, parent.stick)


def _founded(root: Path, name: str, desks: dict[str, Desk]) -> Desk:
    (root / "stick").mkdir(exist_ok=True)
    if name in UP:
        made = enrolled(root, desks[UP[name]], NAMES[name], SCOPES[name], LEVELS[name])
        made.opened.close()
        (root / NAMES[name]).rename(root / name)
    else:
        founding = stores.Founding(LEVELS[name], NAMES[name], (SCOPES[name],), "赵明", PASSWORD, practice=True)
        stores.init(root / name, founding)[0].close()
    return _open(root, name)


def _open(root: Path, name: str) -> Desk:
    return Desk(name, stores.open_store(root / name, user=None, password=PASSWORD), root / "stick")


@contextmanager
def _world(root: Path) -> Iterator[None]:
    # A store lies where it lay while its settings come along: copying all of them moves none.
    with (
        patch.dict(os.environ, {"RONGGUI_SETTINGS": str(root / "settings")}),
        patch.object(stores, "place", lambda _folder: hashlib.sha256(b"here").hexdigest()[:32]),
    ):
        yield


@contextmanager
def opened(template: Path, root: Path) -> Iterator[Units]:
    """The four units of a template, copied and open."""
    shutil.copytree(template, root, dirs_exist_ok=True)
    with _world(root):
        units = Units({name: _open(root, name) for name in SCOPES})
        try:
            yield units
        finally:
            for desk in units.desks.values():
                desk.opened.close()
