"""Packages that are foreign, cut, changed on the way or put together by a forger: refused in words, nothing changed."""

import contextlib
import hashlib
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.models.database import Database
from app.models.keyfile import KeyFile
from app.models.sealing import NodeKeys
from app.services import stores
from app.sync import container, header
from app.sync.exchange import Exchange
from tests.outside.programme import PASSWORD, Answer, Desk, Home, found_pair

FLIPS = 40


@dataclass(frozen=True)
class Sent:
    """A package from the village on its way to the township, not yet taken."""

    village: Desk
    township: Desk
    file: Path


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    root = tmp_path_factory.mktemp("packages")
    with Home(root / "account").batch() as batch:
        village, township = found_pair(batch, root)
        person = village.done(
            "person", "add", "-", stdin={"name": "李四", "no_id_reason": "pending", "division": "361002100201"}
        )
        note = root / "申请书.txt"
        note.write_text("本人申请困难帮扶。" * 500)
        village.done("attach", "add", "--to", f"person:{person['id']}", note)
        (root / "stick").mkdir()
        exported = village.done("exchange", "export", "--to", "parent", "--out", root / "stick")
        assert exported["attachments"] == 1
        yield Sent(village, township, Path(exported["file"]))


def refused(answer: Answer, *words: str) -> None:
    assert (answer.exit, answer.out) == (3, None), answer
    assert "没有改动任何数据" in answer.error
    assert len(answer.error.splitlines()) == 1
    for word in words:
        assert word in answer.error


def test_a_package_for_somebody_else(sent: Sent, tmp_path: Path) -> None:
    """Named alone it is refused; in a folder it is listed and harms nothing."""
    with sent.village.unchanged():
        refused(sent.village.call("exchange", "import", sent.file), "上顿渡镇站", "不是给本站的")
        answer = sent.village.call("exchange", "import", sent.file.parent)
        assert answer.exit == 0
        assert [bool(one["error"]) for one in answer["packages"]] == [True]
        assert answer["accepted"] == 0


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.5])
def test_a_package_cut_in_header_or_records(sent: Sent, tmp_path: Path, share: float) -> None:
    info = header.read_header(sent.file)
    end = info.parts[0].offset + info.parts[0].size
    cut = tmp_path / "cut.rgp"
    cut.write_bytes(sent.file.read_bytes()[: int(end * share)])
    with sent.township.unchanged():
        refused(sent.township.call("exchange", "import", cut))
        refused(sent.township.call("exchange", "import", cut, "--rehearse"))


def test_a_package_with_something_behind_it(sent: Sent, tmp_path: Path) -> None:
    longer = tmp_path / "longer.rgp"
    longer.write_bytes(sent.file.read_bytes() + b"x")
    with sent.township.unchanged():
        refused(sent.township.call("exchange", "import", longer))


def test_one_changed_bit(sent: Sent, tmp_path: Path) -> None:
    """Anywhere in header or records: refused whole. (In an attachment it costs that part: tests of the exchange.)"""
    info = header.read_header(sent.file)
    whole = sent.file.read_bytes()
    end = info.parts[0].offset + info.parts[0].size
    chance = random.Random(7)
    places = {0, 9, 13, 40, info.parts[0].offset - 1, info.parts[0].offset, end - 1}
    places |= {chance.randrange(end) for _ in range(FLIPS)}
    flipped = tmp_path / "flipped.rgp"
    with sent.township.unchanged():
        for place in sorted(places):
            changed = bytearray(whole)
            changed[place] ^= 1 << chance.randrange(8)
            flipped.write_bytes(changed)
            refused(sent.township.call("exchange", "import", flipped))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" + bytes(200), bytes(5000), b"\x89RGP\r\n\x1a\n" + bytes(300)])
def test_a_file_that_is_no_package(sent: Sent, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "other.rgp"
    file.write_bytes(data)
    with sent.township.unchanged():
        refused(sent.township.call("exchange", "import", file))


@contextlib.contextmanager
def keys_of(desk: Desk, copy: Path) -> Iterator[tuple[NodeKeys, Exchange]]:
    """The unit's own keys, as a thief of the whole PC would have them: from a copy of its store."""
    shutil.copytree(desk.folder, copy)
    key = KeyFile.load(copy / stores.KEYS).open_with_password(None, PASSWORD).store_key
    database = Database(copy / stores.STORE, key)
    try:
        exchange = Exchange(database, copy)
        yield exchange.keys, exchange
    finally:
        database.close()


def test_anothers_body_under_ones_own_header(sent: Sent, tmp_path: Path) -> None:
    """A registered child signs a header over records that another sealed for the township: the binding finds it out."""
    with sent.township.batch_of_its_own(tmp_path / "account") as desk:
        stranger, other = tmp_path / "other", tmp_path / "二.rge"
        words = ("--level", "village", "--name", "城上村站", "--scope", "361002100203", "--out", other)
        invited = desk.done("node", "enrol", *words)
        forger = Desk(desk.batch, stranger)
        forger.done("store", "init", "--enrol", other, "--code", invited["code"])
        (tmp_path / "stick").mkdir()
        first = forger.done("exchange", "export", "--to", "parent", "--out", tmp_path / "stick")["file"]
        desk.done("exchange", "import", first)
        forger.done("person", "add", "-", stdin={"name": "王五", "no_id_reason": "pending", "division": "361002100203"})
        own = Path(forger.done("exchange", "export", "--to", "parent", "--out", tmp_path / "stick")["file"])
        with keys_of(forger, tmp_path / "stolen") as (keys, _exchange):
            forged = tmp_path / "forged.rgp"
            forged.write_bytes(with_body_of(sent.file, own, keys))
        assert header.read_header(forged).head.sender == header.read_header(own).head.sender
        with desk.unchanged():
            refused(desk.call("exchange", "import", forged), "城上村站", "冒充")
        assert desk.done("exchange", "import", own)["accepted"] > 0


def with_body_of(victim: Path, own: Path, keys: NodeKeys) -> bytes:
    """One's own header, signed by one's own key and right in every hash, over the sealed records of a victim."""
    theirs, mine = header.read_header(victim), header.read_header(own)
    body = victim.read_bytes()[theirs.parts[0].offset : theirs.parts[0].offset + theirs.parts[0].size]
    # As many attachments as the victim's records name (one, marked as unreadable), so that only the binding is wrong.
    front = header.front(mine.head, 2)
    start = header.size_with(front, 2)
    records = container.Part(start, len(body), hashlib.sha256(body).digest())
    picture = container.Part(start + len(body), 0, bytes(32), 0, 0)
    return header.signed(front, theirs.plain_size, [records, picture], keys.sign) + body


def test_a_package_of_a_unit_that_is_not_known(sent: Sent, home: Home, tmp_path: Path) -> None:
    """Addressed to this station, signed and sealed as it must be, by somebody nobody has enrolled."""
    strangers = NodeKeys.generate()
    with keys_of(sent.township, tmp_path / "copy") as (keys, exchange):
        head = header.read_header(sent.file).head
        forged = tmp_path / "stranger.rgp"
        unknown = type(head)(
            **{name: getattr(head, name) for name in head.__struct_fields__} | {"sender": "f" * 32, "more": {}}
        )
        container.write_package(forged, unknown, [b"x"], [], strangers, keys.public.recipient)
        assert exchange.own.id == unknown.addressee
    with sent.township.unchanged():
        refused(sent.township.call("exchange", "import", forged), "没有登记过")


def test_the_good_package_is_still_taken_and_only_once(sent: Sent) -> None:
    first = sent.township.done("exchange", "import", sent.file)
    assert first["accepted"] > 0
    with sent.township.unchanged():
        again = sent.township.done("exchange", "import", sent.file)
        assert again["accepted"] == 0
        assert "已经收过" in again["packages"][0]["note"]
