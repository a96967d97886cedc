"""Only the addressee opens a seal, nothing changed or cut passes, and a bomb stays small."""

import os
import threading
import tracemalloc

import pytest
import zstandard

from app.errors import Refused
from app.models import sealing
from app.models.sealing import NodeKeys, NodePublic, Oversized, Unopenable

KEYS, OTHER = NodeKeys.generate(), NodeKeys.generate()


def sealed_bytes(plain: bytes, keys: NodeKeys = KEYS) -> bytes:
    out = bytearray()
    sealing.seal([plain], out.extend, keys.public.recipient)
    return bytes(out)


def test_keys_survive_their_bytes_and_never_show():
    assert NodeKeys.from_bytes(KEYS.to_bytes()) == KEYS
    assert NodePublic.from_bytes(KEYS.public.to_bytes()) == KEYS.public
    assert KEYS.identity not in repr(KEYS)
    assert repr(KEYS.sign) not in repr(KEYS)
    assert KEYS.public != OTHER.public


@pytest.mark.parametrize(
    "data",
    [b"", b"\x02" + KEYS.public.to_bytes()[1:], KEYS.public.to_bytes()[:-1], b"\x01" * 95],
    ids=["empty", "another suite", "cut", "no point"],
)
def test_what_is_no_public_key_is_refused(data: bytes):
    with pytest.raises(Refused, match="公开钥匙"):
        NodePublic.from_bytes(data)


@pytest.mark.parametrize(
    "data", [b"", b"\x02" + KEYS.to_bytes()[1:], KEYS.to_bytes()[:-1]], ids=["empty", "another suite", "cut"]
)
def test_what_is_no_private_key_is_an_error(data: bytes):
    with pytest.raises(ValueError, match=r"suite|identity"):
        NodeKeys.from_bytes(data)


def test_a_signature_is_for_one_key_purpose_and_message():
    signature = sealing.sign(KEYS.sign, "package", b"message")
    public = KEYS.public.sign
    assert sealing.verify(public, "package", b"message", signature)
    assert not sealing.verify(OTHER.public.sign, "package", b"message", signature)
    assert not sealing.verify(public, "receipt", b"message", signature)
    assert not sealing.verify(public, "package", b"massage", signature)
    assert not sealing.verify(public, "package", b"message", signature[:-1])
    assert not sealing.verify(b"short", "package", b"message", signature)


def test_a_fingerprint_stands_for_both_keys():
    mixed = NodePublic(KEYS.public.sign, OTHER.public.recipient)
    prints = {sealing.fingerprint_bytes(one) for one in (KEYS.public, OTHER.public, mixed)}
    assert {len(one) for one in prints} == {32}
    assert len(prints) == 3


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
def test_sealed_and_opened_is_the_same(size: int):
    plain = os.urandom(size)
    assert b"".join(sealing.unseal([sealed_bytes(plain)], KEYS.identity)) == plain


def test_another_key_opens_nothing():
    with pytest.raises(Unopenable):
        list(sealing.unseal([sealed_bytes(b"x")], OTHER.identity))


def test_no_changed_or_missing_byte_of_a_seal_passes():
    sealed = sealed_bytes(b"plain" * 20)
    for at in range(len(sealed)):
        with pytest.raises(Unopenable):
            list(sealing.unseal([sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]], KEYS.identity))
        with pytest.raises(Unopenable):
            list(sealing.unseal([sealed[:at]], KEYS.identity))
    with pytest.raises(Unopenable):
        list(sealing.unseal([sealed, b"more"], KEYS.identity))


def test_errors_of_source_and_sink_come_through_as_they_are():
    def failing():
        yield b"x" * 100_000
        raise OSError(28, "full")

    def refuse(_: bytes) -> None:
        raise KeyError("sink")

    sealed = sealed_bytes(os.urandom(200_000))

    def failing_sealed():
        yield sealed[:100_000]
        raise OSError(5, "pulled")

    with pytest.raises(OSError, match="full"):
        sealing.seal(failing(), bytearray().extend, KEYS.public.recipient)
    with pytest.raises(KeyError, match="sink"):
        sealing.seal([b"x"], refuse, KEYS.public.recipient)
    with pytest.raises(OSError, match="pulled"):
        list(sealing.unseal(failing_sealed(), KEYS.identity))


def test_an_opening_given_up_leaves_no_thread():
    before = threading.active_count()
    opening = sealing.unseal([sealed_bytes(os.urandom(8_000_000))], KEYS.identity)
    next(opening)
    opening.close()
    assert threading.active_count() == before


def test_packing_is_undone():
    pieces = [os.urandom(1000) * 300 for _ in range(5)]
    assert b"".join(sealing.decompress(sealing.compress(pieces), 10**7)) == b"".join(pieces)


def test_a_bomb_is_stopped_at_the_limit_in_little_memory():
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(300_000_000))
    assert len(bomb) < 40_000
    tracemalloc.start()
    taken: list[int] = []
    try:
        with pytest.raises(Oversized):
            taken.extend(map(len, sealing.decompress([bomb], 5_000_000)))
        assert 4_000_000 < sum(taken) <= 5_000_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed", [b"no frame at all", b"\x28\xb5\x2f\xfd" + b"\xff" * 60])
def test_what_is_not_packed_is_refused(packed: bytes):
    with pytest.raises(Unopenable):
        list(sealing.decompress([packed], 1000))


def test_a_frame_that_wants_a_huge_window_is_refused():
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = packer.compress(bytes(1000)) + packer.flush()
    with pytest.raises(Unopenable):
        list(sealing.decompress([packed], 10_000))


def test_a_small_thing_is_wrapped_for_one_key_and_purpose():
    wrapped = sealing.wrap(b"k" * 32, "enrolment", b"secret")
    assert sealing.unwrap(b"k" * 32, "enrolment", wrapped) == b"secret"
    for key, purpose, data in (
        (b"l" * 32, "enrolment", wrapped),
        (b"k" * 32, "other", wrapped),
        (b"k" * 32, "enrolment", wrapped[:-1]),
        (b"k" * 32, "enrolment", b""),
    ):
        with pytest.raises(Unopenable):
            sealing.unwrap(key, purpose, data)
