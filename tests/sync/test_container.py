"""A package reaches its addressee whole, or is refused in words; a broken attachment costs itself only."""

import errno
import hashlib
import os
import struct
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from app import faults
from app.clock import new_id
from app.errors import EnvironmentTrouble, Refused
from app.models import sealing
from app.models.sealing import BROKEN, NodeKeys
from app.sync import container, header
from app.sync.container import Attachment, Head, PackageInfo

FROM, TO, THIRD = new_id(), new_id(), new_id()
SENDER, READER, FOREIGN = NodeKeys.generate(), NodeKeys.generate(), NodeKeys.generate()
KNOWN = {FROM: [SENDER.public.sign], THIRD: [FOREIGN.public.sign]}
RECORDS = [b"", b"one", "龙门村 张三".encode() * 40, os.urandom(300_000), b"last"]


class Took(NamedTuple):
    records: list[bytes]
    files: dict[bytes, bytes]
    missing: set[bytes]


def head(**changes: object) -> Head:
    base = Head(
        package=bytes.fromhex(new_id()),
        sender=FROM,
        addressee=TO,
        sender_name="龙门村站",
        addressee_name="桥头镇站",
        made=1_800_000_000_000,
        number=7,
        schema=1,
        stretch={"first": 1, "last": 9},
        health={"version": "0.1.0", "free": 80_000_000},
    )
    return msgspec.structs.replace(base, **changes)


def photo(content: bytes) -> Attachment:
    return Attachment(hashlib.sha256(content).digest(), len(content), lambda: iter((content[:1000], content[1000:])))


def keys_of(sender: str) -> list[bytes]:
    return KNOWN.get(sender, [])


def write(path: Path, records=RECORDS, attachments=(), keys: NodeKeys = SENDER, **changes: object) -> PackageInfo:
    return container.write_package(path, head(**changes), records, attachments, keys, READER.public.recipient)


def take(path: Path, own: str = TO, identity: str = READER.identity) -> Took:
    info = container.verify(path, own, keys_of)
    files: dict[bytes, bytes] = {}
    missing: set[bytes] = set()
    with container.open_records(path, info, identity) as records:
        taken = list(records)
        for piece in container.attachment_pieces(path, info, records.names, identity):
            if piece.data is None:
                missing.add(piece.name)
            else:
                files[piece.name] = files.get(piece.name, b"") + piece.data
    return Took(taken, files, missing)


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    faults.arm(None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "龙门村站-桥头镇站-20270120-7.rgp"


def test_what_is_written_is_read(path: Path):
    files = [photo(b"picture" * 1000), photo(b""), photo(os.urandom(5000))]
    written = write(path, attachments=files)
    assert container.read_header(path) == written
    assert written.head.stretch == {"first": 1, "last": 9}
    assert path.stat().st_size == written.file_size
    took = take(path)
    assert took.records == RECORDS
    assert took.files == {one.name: b"".join(one.read()) for one in files}
    assert took.missing == set()
    assert list(path.parent.iterdir()) == [path]


def test_no_records_at_all_is_a_package_too(path: Path):
    write(path, records=[])
    assert take(path) == ([], {}, set())


def test_a_large_attachment_goes_in_parts_of_at_most_8_mb(path: Path):
    content = os.urandom(1 << 20) * 17
    info = write(path, records=[], attachments=[photo(b"small"), photo(content)])
    assert [(part.attachment, part.piece) for part in info.parts[1:]] == [(0, 0), (1, 0), (1, 1), (1, 2)]
    assert max(part.size for part in info.parts) <= 8_000_000
    assert take(path).files[hashlib.sha256(content).digest()] == content
    damage(path, info.parts[3].offset + 5000)
    assert take(path).missing == {hashlib.sha256(content).digest()}


def test_nothing_of_the_content_lies_open(path: Path):
    write(path, records=["张三 13900000001".encode() * 10], attachments=[photo("低保证明".encode() * 100)])
    raw = path.read_bytes()
    for text in ("张三", "13900000001", "低保"):
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            assert text.encode(encoding) not in raw
    assert hashlib.sha256("低保证明".encode() * 100).digest() not in raw


def damage(path: Path, at: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(at)
        byte = stream.read(1)[0]
        stream.seek(at)
        stream.write(bytes([byte ^ 1]))


def test_every_flipped_byte_is_refused_or_costs_its_attachment(path: Path):
    one, two = photo(b"first picture"), photo(b"second picture")
    info = write(path, records=[b"record"] * 3, attachments=[one, two])
    size, behind = path.stat().st_size, info.parts[1].offset
    for at in range(size):
        damage(path, at)
        if at < behind:
            with pytest.raises(Refused) as caught:
                take(path)
            assert "没有改动任何数据" in str(caught.value)
            assert str(caught.value) == BROKEN or at < 8, at
        else:
            took = take(path)
            missing = one if at < info.parts[2].offset else two
            assert took.records == [b"record"] * 3
            assert took.missing == {missing.name}, at
            assert len(took.files) == 1
        damage(path, at)
    assert take(path).missing == set()


def test_every_cut_is_refused_or_costs_the_attachments_behind_it(path: Path):
    one, two = photo(b"first picture"), photo(b"second picture")
    info = write(path, records=[b"record"] * 3, attachments=[one, two])
    raw = path.read_bytes()
    for length in range(len(raw) - 1, -1, -1):
        os.truncate(path, length)
        if length < info.parts[1].offset:
            with pytest.raises(Refused):
                take(path)
        else:
            missing = {two.name} if length >= info.parts[2].offset else {one.name, two.name}
            took = take(path)
            assert (len(took.records), took.missing) == (3, missing)


@pytest.mark.parametrize("more", [b"\0", b"x" * 10_000])
def test_anything_appended_is_refused(path: Path, more: bytes):
    write(path, attachments=[photo(b"p")])
    with path.open("ab") as stream:
        stream.write(more)
    with pytest.raises(Refused, match="在路上坏了"):
        take(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04" + bytes(3000), b"\x89RGP\r\n\x1a\n", b"\x89RGP\n\x1a\n" + bytes(900)]
)
def test_a_file_that_is_no_package_is_refused(path: Path, content: bytes):
    path.write_bytes(content)
    with pytest.raises(Refused, match="没有改动任何数据"):
        container.read_header(path)


def test_a_package_for_somebody_else_is_refused_by_name(path: Path):
    write(path, addressee_name="桥头村站")
    with pytest.raises(Refused) as caught:
        take(path, own=THIRD)
    assert str(caught.value) == '这个包是给"桥头村站"的, 不是给本站的。没有改动任何数据。请换一个包。'


def test_only_the_addressee_can_open(path: Path):
    info = write(path)
    with pytest.raises(Refused, match="在路上坏了"):
        container.open_records(path, info, FOREIGN.identity)


def test_an_unknown_sender_is_refused(path: Path):
    write(path, sender=new_id(), sender_name="某站")
    with pytest.raises(Refused, match='"某站"发来, 本站没有登记过'):
        take(path)


def test_a_signature_of_another_key_is_refused(path: Path):
    write(path, keys=FOREIGN)
    with pytest.raises(Refused, match="可能是冒充的"):
        take(path)


def test_names_from_outside_cannot_garble_the_sentence(path: Path):
    write(path, addressee_name="站\n\x1b[31m" + "长" * 100)
    with pytest.raises(Refused) as caught:
        take(path, own=THIRD)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 90


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"needs": 2, "needs_name": "荣归 2.0"}, "升级到 荣归 2.0 才能"),
        ({"format": 2}, "更新的版本"),
        ({"suite": 2}, "更新的版本"),
    ],
)
def test_a_package_of_a_later_version_names_the_update(path: Path, changes: dict[str, Any], words: str):
    write(path, **changes)
    with pytest.raises(Refused, match=words):
        take(path)


def parts_of(path: Path) -> list[bytes]:
    info, raw = container.read_header(path), path.read_bytes()
    return [raw[part.offset : part.offset + part.size] for part in info.parts]


def assemble(path: Path, changed: Head, bodies: list[bytes], places, plain: int, keys: NodeKeys = SENDER) -> None:
    """A package whose signature is right whatever is inside."""
    front = header.front(changed, len(bodies))
    at, parts = header.size_with(front, len(bodies)), []
    for body, place in zip(bodies, [(0, 0), *places], strict=True):
        parts.append(container.Part(at, len(body), hashlib.sha256(body).digest(), *place))
        at += len(body)
    path.write_bytes(header.signed(front, plain, parts, keys.sign) + b"".join(bodies))


@pytest.mark.parametrize("own_name", [True, False])
def test_anothers_body_under_ones_own_header_is_refused(path: Path, own_name: bool):
    """The forger knows the sender's sealed body, and is itself a known station (or passes for a later package)."""
    info = write(path, records=[b"pay 500.00"])
    forger = (
        msgspec.structs.replace(info.head, sender=THIRD) if own_name else msgspec.structs.replace(info.head, number=8)
    )
    assemble(path, forger, parts_of(path), [], info.plain_size, FOREIGN if own_name else SENDER)
    container.verify(path, TO, keys_of)
    with pytest.raises(Refused, match="可能是冒充的"):
        take(path)


def test_attachment_parts_of_another_package_are_missing(path: Path, tmp_path: Path):
    same = photo(b"the same picture")
    write(tmp_path / "other.rgp", attachments=[same])
    info = write(path, attachments=[same])
    bodies = [parts_of(path)[0], parts_of(tmp_path / "other.rgp")[1]]
    assemble(path, info.head, bodies, [(0, 0)], info.plain_size)
    assert take(path) == (RECORDS, {}, {same.name})


def test_swapped_attachment_parts_are_missing(path: Path):
    one, two = photo(b"first picture"), photo(b"second picture")
    info = write(path, attachments=[one, two])
    first, second, third = parts_of(path)
    assemble(path, info.head, [first, third, second], [(0, 0), (1, 0)], info.plain_size)
    assert take(path).missing == {one.name, two.name}


def test_the_check_reads_the_sealed_records_through(path: Path):
    info = write(path)
    damage(path, info.parts[0].offset + info.parts[0].size - 1)
    with pytest.raises(Refused, match="在路上坏了"):
        container.verify(path, TO, keys_of)


def test_a_body_exchanged_after_the_check_is_found_at_its_end(path: Path, tmp_path: Path):
    info = write(path, records=[b"right"])
    container.verify(path, TO, keys_of)
    sealed = bytearray()
    while len(sealed) != info.parts[0].size:  # age greases its header with a random number of bytes
        sealed.clear()
        frames = container._Frames(binding(info), [b"wrong"])
        sealing.seal(sealing.compress(frames), sealed.extend, READER.public.recipient)
    raw = path.read_bytes()
    path.write_bytes(raw[: info.parts[0].offset] + sealed)
    with pytest.raises(Refused, match="在路上坏了"):
        list(container.open_records(path, info, READER.identity))


def binding(info: PackageInfo, **changes: object) -> bytes:
    said = {"from": FROM, "to": TO, "package": info.head.package, "head": info.head_hash, "names": b""}
    return msgspec.msgpack.encode(said | changes, order="sorted")


def hostile(path: Path, plain: bytes, declared: int | None = None, packed: bytes | None = None) -> None:
    """A rightly signed and sealed package with these plain bytes inside."""
    sealed = bytearray()
    pieces = sealing.compress([plain]) if packed is None else [packed]
    sealing.seal(pieces, sealed.extend, READER.public.recipient)
    assemble(path, HOSTILE, [bytes(sealed)], [], len(plain) if declared is None else declared)


HOSTILE = head()
BOUND = binding(PackageInfo(HOSTILE, hashlib.sha256(header.front(HOSTILE, 1)).digest(), b"", 0, (), 0))


def framed(*frames: bytes, count: int | None = None, end: bytes = b"\xff" * 4) -> bytes:
    body = b"".join(struct.pack(">I", len(one)) + one for one in frames)
    return body + end + struct.pack(">Q", len(frames) - 1 if count is None else count)


def test_the_hostile_maker_of_these_tests_can_make_a_good_one(path: Path):
    hostile(path, framed(BOUND, b"a", b"b"))
    assert take(path).records == [b"a", b"b"]


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\0\0\0",
        framed(BOUND, b"a", count=2),
        framed(BOUND, b"a")[:-1],
        framed(BOUND, b"a")[:-12],
        framed(BOUND, b"a") + b"x",
        framed(BOUND, b"a") + framed(b"b"),
        framed(BOUND, b"a", end=b"\xff\xff\xff\xfe"),
        framed(BOUND, b"a") + bytes(400_000),
        framed(b"\x80", b"a"),
        framed(b"\xdf\xff\xff\xff\xff", b"a"),
        framed(b"\x91" * 100_000, b"a"),
        framed(b"", b"a"),
        b"\xff" * 4 + bytes(8),
    ],
    ids=range(14),
)
def test_nonsense_inside_a_valid_seal_is_refused(path: Path, plain: bytes):
    hostile(path, plain)
    with pytest.raises(Refused, match="没有改动任何数据"):
        take(path)


@pytest.mark.parametrize(
    "changes",
    [{"from": THIRD}, {"to": THIRD}, {"package": b"q" * 16}, {"head": bytes(32)}, {"names": b"n" * 32}, {"names": 7}],
)
def test_a_binding_that_differs_in_one_thing_is_refused(path: Path, changes: dict[str, object]):
    said = msgspec.msgpack.decode(BOUND) | changes
    hostile(path, framed(msgspec.msgpack.encode(said), b"a"))
    with pytest.raises(Refused, match="没有改动任何数据"):
        take(path)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_declared_size_that_is_not_the_real_one_is_refused(path: Path, off: int):
    plain = framed(BOUND, b"a" * 1000)
    hostile(path, plain, declared=len(plain) + off)
    with pytest.raises(Refused):
        take(path)


def test_bombs_cost_little_memory_and_are_refused(path: Path):
    zeros = framed(BOUND, bytes(16 << 20), bytes(16 << 20))
    for declared in (len(zeros), 1 << 30, 1 << 40, 1000):
        hostile(path, zeros, declared=declared)
        tracemalloc.start()
        try:
            with pytest.raises(Refused, match="比它自己写明的多"):
                take(path)
            assert tracemalloc.get_traced_memory()[1] < 4_000_000
        finally:
            tracemalloc.stop()


def test_a_frame_that_says_it_is_huge_is_refused_before_it_is_gathered(path: Path):
    hostile(path, struct.pack(">I", len(BOUND)) + BOUND + struct.pack(">I", 1 << 30) + os.urandom(2_000_000))
    with pytest.raises(Refused, match="比它自己写明的多"):
        take(path)


def resigned(path: Path, content: bytes, rest: bytes = b"rest") -> None:
    whole = content + sealing.sign(SENDER.sign, header.PURPOSE, content)
    path.write_bytes(whole + hashlib.sha256(whole).digest() + rest)


@pytest.mark.parametrize(
    ("length", "count"), [(1 << 30, 1), (0xFFFFFFFF, 1), (10, 1 << 30), (10, 0xFFFFFFFF), (0, 1), (10, 0), (10, 20_001)]
)
def test_numbers_over_their_bounds_cost_nothing(path: Path, length: int, count: int):
    resigned(path, header.MAGIC + struct.pack(">II", length, count) + bytes(100_000))
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="在路上坏了"):
            container.read_header(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [1 << 30, 1 << 63, (1 << 64) - 1])
@pytest.mark.parametrize("which", [0, 1])
def test_declared_part_sizes_are_held_against_the_file(path: Path, size: int, which: int):
    front = header.front(HOSTILE, 2)
    sizes = [size if which == part else 4 for part in (0, 1)]
    table = b"".join(struct.pack(">Q32sQ", one, bytes(32), 0) for one in sizes)
    resigned(path, front + table)
    with pytest.raises(Refused, match="没有改动任何数据"):
        container.read_header(path)


@pytest.mark.parametrize("places", [[(1, 0)], [(0, 1)], [(0, 0), (0, 0)], [(0, 0), (2, 0)], [(0, 0), (1, 1)]])
def test_places_of_parts_that_make_no_sense_are_refused(path: Path, places: list[tuple[int, int]]):
    assemble(path, HOSTILE, [b"body", *(b"x" for _ in places)], places, 0)
    with pytest.raises(Refused, match="在路上坏了"):
        container.read_header(path)


@pytest.mark.parametrize(
    "body",
    [
        b"\xc0",
        b"\x80",
        b"\x91" * 5000,
        b"\xdf\xff\xff\xff\xff",
        msgspec.msgpack.encode({"format": 1, "suite": 1, "from": "../x"}),
    ],
)
def test_a_signed_head_of_nonsense_is_refused(path: Path, body: bytes):
    table = struct.pack(">Q32sQ", 4, bytes(32), 0)
    resigned(path, header.MAGIC + struct.pack(">II", len(body), 1) + body + table)
    with pytest.raises(Refused, match="没有改动任何数据"):
        container.read_header(path)


def test_fields_a_later_version_adds_to_the_head_are_taken(path: Path):
    said = msgspec.to_builtins(HOSTILE, builtin_types=(bytes,)) | {"later": [1, {"x": 2}]}
    body = msgspec.msgpack.encode(said, order="sorted")
    front = header.MAGIC + struct.pack(">II", len(body), 1) + body
    plain = framed(
        msgspec.msgpack.encode(msgspec.msgpack.decode(BOUND) | {"head": hashlib.sha256(front).digest()}), b"a"
    )
    sealed = bytearray()
    sealing.seal(sealing.compress([plain]), sealed.extend, READER.public.recipient)
    resigned(
        path, front + struct.pack(">Q32sQ", len(sealed), hashlib.sha256(sealed).digest(), len(plain)), bytes(sealed)
    )
    assert take(path).records == [b"a"]


def test_a_file_under_that_name_is_never_replaced(path: Path):
    write(path, records=[b"the last good one"])
    before = path.read_bytes()
    with pytest.raises(Refused, match="没有覆盖"):
        write(path)
    assert path.read_bytes() == before


POINTS = ("export.write", "export.flush", "export.verify", "export.rename")


@pytest.mark.parametrize("kind", ["error", "short"])
@pytest.mark.parametrize("point", POINTS)
def test_an_error_at_any_call_leaves_no_file(path: Path, point: str, kind: str):
    files = [photo(b"picture" * 30_000)]
    with faults.counting():
        write(path, attachments=files)
    path.unlink()
    calls = faults.counts()[point]
    assert calls >= (8 if point == "export.write" else 1)
    for nth in range(1, calls + 1):
        faults.arm(f"{point}:{nth}:{kind}")
        with pytest.raises(EnvironmentTrouble, match="生成上报包没有完成, 之前的都在"):
            write(path, attachments=files)
        assert list(path.parent.iterdir()) == [], (point, nth)


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_call_leaves_nothing_under_the_name(path: Path, point: str):
    files = [photo(b"picture" * 30_000)]
    with faults.counting():
        write(path, attachments=files)
    path.unlink()
    for nth in range(1, faults.counts()[point] + 1):
        child = os.fork()
        if child == 0:
            faults.arm(f"{point}:{nth}:kill")
            write(path, attachments=files)
            os._exit(0)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        assert not path.exists(), (point, nth)
    write(path, attachments=files)
    assert take(path).missing == set()


def test_what_the_stick_gave_back_differently_gets_no_name(path: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.fsync

    def lying(fd: int) -> None:
        real(fd)
        os.pwrite(fd, b"\xff\xff", os.fstat(fd).st_size - 2)

    monkeypatch.setattr(os, "fsync", lying)
    with pytest.raises(EnvironmentTrouble, match="读写出错"):
        write(path)
    assert list(path.parent.iterdir()) == []


def test_attachments_that_cannot_be_read_are_named_and_the_rest_goes(path: Path):
    def broken() -> Iterator[bytes]:
        yield b"x" * 10
        raise OSError(errno.EIO, "bad sector")

    good = photo(b"good")
    lost = [
        Attachment(bytes([kind]) * 32, 20, read)
        for kind, read in enumerate((broken, lambda: [b"short"], lambda: [b"x" * 21]))
    ]
    info = write(path, attachments=[lost[0], good, *lost[1:]])
    assert info.lacking == tuple(one.name for one in lost)
    took = take(path)
    assert took.files == {good.name: b"good"}
    assert took.missing == set(info.lacking)


def test_an_endless_attachment_is_not_gathered(path: Path):
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(1 << 20)

    info = write(path, attachments=[Attachment(b"e" * 32, 100, endless)])
    assert info.lacking == (b"e" * 32,)


def test_too_much_for_one_package_is_refused_before_anything_is_written(path: Path):
    one = photo(b"x")
    with pytest.raises(Refused, match="一个包放不下"):
        write(path, attachments=[one] * header.MAX_PARTS)
    with pytest.raises(Refused, match="一个包放不下"):
        write(path, more={"x": "y" * header.MAX_HEAD})
    with pytest.raises(Refused, match="太大"):
        write(path, records=[bytes(container.MAX_FRAME + 1)])
    with pytest.raises(Refused, match="一个包放不下"):
        write(path, records=(bytes(1 << 20) for _ in range(40)))
    assert list(path.parent.iterdir()) == []


def test_long_frames_pass_whole(path: Path):
    records = [os.urandom(5_000_000), b"", os.urandom(container.MAX_FRAME), b"end"]
    write(path, records=records)
    assert take(path).records == records


def test_a_package_is_streamed_in_bounded_memory(path: Path):
    block = [os.urandom(500) for _ in range(2000)]
    tracemalloc.start()
    try:
        info = write(path, records=(one for _ in range(30) for one in block))
        assert info.plain_size > 30_000_000
        info = container.verify(path, TO, keys_of)
        with container.open_records(path, info, READER.identity) as records:
            assert sum(1 for _ in records) == 60_000
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()
