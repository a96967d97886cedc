"""docs/exchange.md is true: a programme written from it alone reads what this one writes, and the test vectors hold."""

import hashlib
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from app.models.sealing import NodeKeys
from app.services.attachments import Attachments
from app.sync import outgoing
from tests.exchange import reader
from tests.exchange.chain import COUNTY, EAST, TOWNSHIP, Chain, Desk, chain
from tests.exchange.model import journal
from tests.exchange.test_promises import add, change

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "exchange.md"
VECTOR = ROOT / "tests" / "vectors" / "package.rgp"


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


def keys_of(desk: Desk) -> NodeKeys:
    return NodeKeys.from_bytes(bytes(desk.local().keys))


def package(stores: Chain) -> bytes:
    """From the east village: somebody with a picture in two pieces' worth of kinds, a change."""
    record = add(stores[EAST], "李䶮")
    picture = stores.root / "照片.jpg"
    picture.write_bytes(random.Random(1).randbytes(3_000))
    Attachments(stores[EAST].station).add(f"person:{record}", picture)
    change(stores[EAST], record, note="独居", income=276_00)
    (stores.root / "stick").mkdir()
    done = outgoing.export(stores[EAST].exchange, "parent", stores.root / "stick")
    return Path(done.parts[0]).read_bytes()


def test_another_programme_reads_what_goes_up(stores):
    data = package(stores)
    east, township = stores.desks[EAST], stores.desks[TOWNSHIP]
    found = reader.read(data, keys_of(east).public.sign, keys_of(township).identity)
    assert (found.head["from"], found.head["to"]) == (east.node, township.node)
    assert found.attachments == [random.Random(1).randbytes(3_000)]
    mine = {(row.key.position, row.key.hash): row for row in journal(east)}
    assert found.groups
    for group in found.groups:
        row = mine[group.header["pos"], group.hash]
        assert (group.header["name"], group.header["node"].hex()) == (row.name, east.node)
        assert {part[2][1] for part in group.parts.values()} <= {r.record for r in journal(east) if r.key == row.key}
    bodies = [part[2] for group in found.groups for part in group.parts.values()]
    told = {name: value for kind, _, _, fields, _ in bodies if kind == "person" for name, value in fields.items()}
    assert (told["name"], told["note"], told["income"]) == ("李䶮", "独居", 276_00)


def test_another_programme_reads_what_comes_down(stores):
    stores.hop(TOWNSHIP, COUNTY)
    record = add(stores[TOWNSHIP], "王秀英", "361002100201")
    parcel = stores.export(TOWNSHIP, EAST)
    township, east = stores.desks[TOWNSHIP], stores.desks[EAST]
    found = reader.read(parcel.path.read_bytes(), keys_of(township).public.sign, keys_of(east).identity)
    (group,) = [one for one in found.groups if one.header["name"] == "登记人员"]
    assert group.flow == 1
    assert [part[2][1].hex() for part in group.parts.values()] == [record]


def test_another_programme_finds_every_changed_byte(stores):
    data = package(stores)
    east, township = stores.desks[EAST], stores.desks[TOWNSHIP]
    sign, identity = keys_of(east).public.sign, keys_of(township).identity
    chance = random.Random(7)
    for _ in range(60):
        broken = bytearray(data)
        broken[chance.randrange(16, len(broken))] ^= 1 << chance.randrange(8)
        with pytest.raises((ValueError, InvalidSignature)):
            reader.read(bytes(broken), sign, identity)


def test_the_vectors_on_the_page_hold():
    page = PAGE.read_text("utf-8")
    (identity,) = re.findall(r"^ {4}(AGE-SECRET-KEY-\S+)$", page, re.MULTILINE)
    (sign,) = re.findall(r"public\): `([0-9a-f]{64})`", page)
    table = dict(re.findall(r"^\| ([^|]+?) \| (.+?) \|$", page[page.index("| of the package") :], re.MULTILINE))
    data = VECTOR.read_bytes()
    found = reader.read(data, bytes.fromhex(sign), identity)
    last = max(found.groups, key=lambda group: group.header["pos"] if group.header["name"] == "登记人员" else 0)
    salt, body, part = last.parts[0]
    told = {
        "SHA-256 of the file": f"`{hashlib.sha256(data).hexdigest()}`",
        "package id": f"`{found.head['package'].hex()}`",
        "SHA-256 of the head": f"`{found.head_hash.hex()}`",
        "parts, frames after the binding": f"{found.parts}, {len(found.frames)}",
        "group 登记人员: position, hash": f"{last.header['pos']}, `{last.hash.hex()}`",
        "its first part: salt, hash": f"`{salt.hex()}`, `{hashlib.sha256(salt + body).hexdigest()}`",
        "its record's kind and name": f"`{part[0]}`, {part[3]['name']}",
        "attachment: SHA-256, bytes": f"`{hashlib.sha256(found.attachments[0]).hexdigest()}`, {len(found.attachments[0])}",
    }
    assert {name: value for name, value in table.items() if name in told} == told
