"""Canonical bytes: one value, one text; what is not exactly that is refused."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.models import recording
from app.models.recording import GroupHeader

NODE = bytes(range(16))
values = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 63), (1 << 63) - 1), st.binary(max_size=40),
    st.text(st.characters(exclude_characters="\0", categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cf", "Co", "Cn"]), max_size=40),
)  # fmt: skip
contexts = st.lists(
    st.tuples(st.binary(min_size=16, max_size=16), st.integers(1, 1 << 60), st.integers(1, 1 << 60)).map(list),
    max_size=4,
)


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=10),
    st.dictionaries(st.text(max_size=9), values, max_size=6),
    contexts,
    st.sampled_from(["", "county"]),
)
def test_a_part_comes_back_as_it_was(
    kind: str, fields: dict[str, recording.Value], context: recording.Context, stop: str
) -> None:
    body = recording.encode_part(kind, NODE, context, fields, stop)
    part = recording.decode_part(body)
    assert part == (kind, NODE, context, fields, stop)
    assert {name: type(value) for name, value in part.fields.items()} == {n: type(v) for n, v in fields.items()}
    turned = dict(reversed(fields.items()))
    assert recording.encode_part(kind, NODE, context, turned, stop) == body
    assert part.record_id == NODE.hex()


@pytest.mark.parametrize(
    ("value", "may"),
    [
        (None, True), (True, True), (0, True), (-(1 << 63), True), ((1 << 63) - 1, True), ("", True), (b"\0", True),
        (1 << 63, False), (-(1 << 63) - 1, False), ("a\0b", False), (1.5, False), ([], False), ({}, False),
    ],
)  # fmt: skip
def test_what_may_stand_in_the_journal(value: object, may: bool) -> None:
    assert recording.may_travel(value) is may


def test_half_characters_have_no_bytes() -> None:
    with pytest.raises(UnicodeEncodeError):
        recording.encode_part("person", NODE, [], {"name": "张\ud800"})


@pytest.mark.parametrize(
    "item",
    [
        ("person", NODE, [], {"x": 1.5}, ""), ("person", NODE, [], {"x": "a\0"}, ""), ("person", NODE, [], {"x": []}, ""),
        ("person", NODE, [], {1: 1}, ""), ("person", NODE[:15], [], {}, ""), ("person", NODE.hex(), [], {}, ""),
        (1, NODE, [], {}, ""), ("person", NODE, [], [], ""), ("person", NODE, {}, {}, ""), ("person", NODE, [], {}, 0),
        ("person", NODE, [[NODE, 1, 0]], {}, ""), ("person", NODE, [[NODE, 1, 1 << 62]], {}, ""),
        ("person", NODE, [[NODE, 1]], {}, ""), ("person", NODE, [[NODE[:3], 1, 1]], {}, ""),
        ("person", NODE, [[NODE, True, 1]], {}, ""), ("person", NODE, [(1, 2, 3)], {}, ""), ("person", NODE, []),
        ("person", NODE, [], {"x": 1 << 63}, ""),
    ],
)  # fmt: skip
def test_what_is_no_part_is_refused(item: object) -> None:
    with pytest.raises(Refused, match="格式错误"):
        recording.decode_part(msgspec.msgpack.encode(item))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_part_or_refused(data: bytes) -> None:
    try:
        part = recording.decode_part(data)
    except Refused:
        return
    assert recording.decode_part(recording.encode_part(*part)) == part


def header(**changes: object) -> GroupHeader:
    facts = {
        "node": NODE.hex(), "incarnation": 3, "position": 7, "stamp": 9, "name": "登记走访", "staff": "0" * 32,
        "staff_name": "周敏", "parts": 2, "root": b"r" * 32, "prev": b"", "schema": 1, "meta": {"scope": ["361002"]},
    }  # fmt: skip
    return GroupHeader(**(facts | changes))  # type: ignore[arg-type]  # some are wrong on purpose


def test_a_header_comes_back_as_it_was() -> None:
    assert GroupHeader.decoded(header().encoded()) == header()


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 0}, {"position": -1}, {"position": 1 << 62}, {"stamp": -1}, {"stamp": 1 << 62}, {"parts": "2"},
        {"name": 5}, {"root": "r"}, {"prev": None}, {"meta": []}, {"incarnation": True}, {"node": "00" * 15},
    ],
)  # fmt: skip
def test_what_is_no_header_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Refused, match="格式错误"):
        GroupHeader.decoded(header(**changes).encoded())


@given(st.binary(max_size=60))
def test_any_bytes_are_a_header_or_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="格式错误"):
        GroupHeader.decoded(data)


def test_each_hash_runs_over_all_it_names() -> None:
    assert recording.part_hash(b"s" * 16, b"body") == hashlib.sha256(b"s" * 16 + b"body").digest()
    one, two = recording.part_hash(b"s" * 16, b"1"), recording.part_hash(b"s" * 16, b"2")
    assert recording.root_of([one, two]) == hashlib.sha256(one + two).digest()
    assert recording.root_of([one, two]) != recording.root_of([two, one])
    good = header().encoded()
    changes: tuple[dict[str, object], ...] = (
        {"prev": b"x"},
        {"root": b"x" * 32},
        {"stamp": 10},
        {"name": "别的"},
        {"meta": {}},
    )
    for change in changes:
        assert recording.group_hash(header(**change).encoded()) != recording.group_hash(good)
    assert recording.group_hash(good) != hashlib.sha256(good).digest()  # apart from every other use of SHA-256
    assert len(recording.own_mac(b"k", good)) == 16
    assert recording.own_mac(b"k", good) != recording.own_mac(b"l", good)


def test_plain_structures() -> None:
    assert recording.decode_plain(b"") == {}
    assert recording.decode_plain(recording.encode_plain({"b": [1, b"x"], "a": None})) == {"a": None, "b": [1, b"x"]}
    with pytest.raises(Refused):
        recording.decode_plain(b"\xc1")
