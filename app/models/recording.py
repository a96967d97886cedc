"""Canonical bytes of groups and parts, their hashes, and reading them back."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import msgspec

from app.errors import Refused

_encode: Final = msgspec.msgpack.Encoder(order="sorted").encode
encode_made_part: Final = msgspec.msgpack.Encoder().encode
"""As `encode_part`, of (kind, record, (), fields, stop) where the fields are a struct in the order of their names."""
_decode: Final = msgspec.msgpack.Decoder(strict=True).decode

SALT: Final = 16
HASH: Final = 32
MOST: Final = 1 << 62
"""Positions and stamps stay below; incarnations below twice as much, which is what both stores hold."""
MOST_PARTS: Final = 5_000_000
"""Of one group."""
MOST_NAME: Final = 100
"""Characters in the name of a kind."""

Value = None | bool | int | str | bytes
Context = list[list[Any]]
"""[[node (16 bytes), incarnation, position], …], sorted: a vector as it travels."""


class PartBody(NamedTuple):
    """One record's changed fields in one act, as it travels."""

    kind: str
    record: bytes
    context: Context
    fields: dict[str, Value]
    stop: str
    """Highest level this part rises to by policy; empty: the top."""

    @property
    def record_id(self) -> str:
        """The record as 32 digits."""
        return self.record.hex()


_decode_part: Final = msgspec.msgpack.Decoder(
    tuple[str, bytes, list[list[Any]], dict[str, Any], str], strict=True
).decode
_TRAVELS: Final = frozenset({type(None), bool, int, str, bytes})
_HUGE: Final = b"\xcf"
"""msgpack's mark of an unsigned 64-bit number: the only way a number can be larger than the store takes."""


@dataclass(frozen=True)
class GroupHeader:
    """What is signed and chained of one act. `meta` leaves room: undo, replaces, scope, policy."""

    node: str
    incarnation: int
    position: int
    stamp: int
    name: str
    staff: str
    staff_name: str
    parts: int
    root: bytes
    """SHA-256 over all part hashes in order."""
    prev: bytes
    """Hash of the author's group before this one; empty for the first of an incarnation."""
    schema: int
    meta: dict[str, Any] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Canonical bytes."""
        return _encode(
            {
                "node": bytes.fromhex(self.node),
                "inc": self.incarnation,
                "pos": self.position,
                "stamp": self.stamp,
                "name": self.name,
                "staff": bytes.fromhex(self.staff),
                "who": self.staff_name,
                "parts": self.parts,
                "root": self.root,
                "prev": self.prev,
                "schema": self.schema,
                "meta": self.meta,
            }
        )

    @classmethod
    def decoded(cls, data: bytes) -> "GroupHeader":
        """The inverse; Refused when the bytes are no header."""
        try:
            found: Any = _decode(data)
            header = cls(
                found["node"].hex(),
                _int(found["inc"]),
                _int(found["pos"]),
                _int(found["stamp"]),
                _text(found["name"]),
                found["staff"].hex(),
                _text(found["who"]),
                _int(found["parts"]),
                _bytes(found["root"]),
                _bytes(found["prev"]),
                _int(found["schema"]),
                _map(found["meta"]),
            )
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise _nonsense() from error
        numbers = header.position, header.stamp, header.schema, header.incarnation >> 1
        if not header.position or not all(0 <= number < MOST for number in numbers):
            raise _nonsense()
        if not 0 <= header.parts <= MOST_PARTS:
            raise _nonsense()
        if (len(header.node), len(header.staff), len(header.root)) != (2 * SALT, 2 * SALT, HASH):
            raise _nonsense()
        if "\0" in header.name or "\0" in header.staff_name or len(header.prev) not in (0, HASH):
            raise _nonsense()
        return header


def _nonsense() -> Refused:
    return Refused("这个包里的内容不对(格式错误)。没有改动任何数据。请让对方重新生成一次。")


def _int(value: object) -> int:
    if type(value) is not int:
        raise _nonsense()
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _nonsense()
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise _nonsense()
    return value


def _map(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _nonsense()
    return value


def may_travel(value: object) -> bool:
    """Whether a value may stand in the journal: null, bool, 64-bit int, text without NUL, bytes."""
    kind = type(value)
    if kind is str:
        return "\0" not in value  # type: ignore[operator]  # a str by the line above
    if kind is int:
        return -(1 << 63) <= value < 1 << 63  # type: ignore[operator]  # an int by the line above
    return value is None or kind in (bool, bytes)


def encode_part(kind: str, record: bytes, context: Context, fields: Mapping[str, Value], stop: str = "") -> bytes:
    """Canonical bytes of one part."""
    return _encode((kind, record, context, fields, stop))


def decode_part(body: bytes) -> PartBody:
    """The inverse of `encode_part`; Refused when the bytes are no part or hold a value that may not travel."""
    try:
        part = PartBody(*_decode_part(body))
    except (msgspec.DecodeError, ValueError, TypeError, RecursionError) as error:
        raise _nonsense() from error
    _demand_kind(part.kind)
    values = part.fields.values()
    if len(part.record) != SALT or not set(map(type, values)) <= _TRAVELS:
        raise _nonsense()
    # Only where a zero byte or a large number stands can there be a NUL or more than 63 bits; looking for one is quicker
    # than value by value. What comes before the fields (id, empty context, their count) may hold zeros of its own.
    rest = body[(8 if len(part.fields) > 15 else 6) + len(part.kind) + SALT :]
    if (b"\0" in rest or _HUGE in rest) and not all(map(may_travel, values)):
        raise _nonsense()
    for entry in part.context:
        _demand_dot(entry)
    return part


def demand_base(body: bytes) -> None:
    """Refused unless the bytes are a snapshot of one record: [kind, vector, [[dot, stamp, context, fields, limits, under], …], lines]."""
    try:
        kind, vector, heads, lines = _decode(body)
        _demand_kind(kind)
        for entry in vector:
            _demand_dot(entry)
        for dot, stamp, context, fields, *said in heads:
            if said:
                _demand_limits(*said)
            for entry in (dot, *context):
                _demand_dot(entry)
            if not 0 <= _int(stamp) < MOST:
                raise _nonsense()
            _demand_fields(fields)
        for stamp, node, incarnation, position, who, fields in lines:
            _demand_dot([node, incarnation, position])
            if not (0 <= _int(stamp) < MOST and may_travel(who) and isinstance(who, str)):
                raise _nonsense()
            _demand_fields(fields)
    except (msgspec.DecodeError, ValueError, TypeError, RecursionError) as error:
        raise _nonsense() from error


def _demand_kind(kind: object) -> None:
    if not isinstance(kind, str) or not 0 < len(kind) <= MOST_NAME or "\0" in kind:
        raise _nonsense()


def _demand_limits(limits: object, under: object) -> None:
    if not isinstance(limits, dict) or not isinstance(under, list) or not all(isinstance(name, str) for name in under):
        raise _nonsense()
    if not all(isinstance(name, str) and isinstance(stop, str) for name, stop in limits.items()):
        raise _nonsense()


def _demand_fields(fields: object) -> None:
    if not isinstance(fields, dict):
        raise _nonsense()
    if not all(isinstance(name, str) and may_travel(value) for name, value in fields.items()):
        raise _nonsense()


def _demand_dot(entry: object) -> None:
    if not isinstance(entry, list) or [type(e) for e in entry] != [bytes, int, int]:
        raise _nonsense()
    node, incarnation, position = entry
    if len(node) != SALT or not 0 <= incarnation < 2 * MOST or not 0 < position < MOST:
        raise _nonsense()


def part_hash(salt: bytes, body: bytes) -> bytes:
    """SHA-256(salt ‖ body): what chain and signatures run over, so that a part can be blanked by law."""
    return hashlib.sha256(salt + body).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """One hash over all part hashes of a group."""
    return hashlib.sha256(b"".join(hashes)).digest()


def group_hash(header: bytes) -> bytes:
    """A group's hash: of its header, which holds the root over its parts and the hash before."""
    return hashlib.sha256(b"ronggui group\0" + header).digest()


def own_mac(secret: bytes, header: bytes) -> bytes:
    """Only the author's node can make and check it; it travels with the group for give-back."""
    return hmac.new(secret, b"ronggui own\0" + header, hashlib.sha256).digest()[:16]


def voucher(secret: bytes, digest: bytes) -> bytes:
    """A unit's mark on a group it sends down: only the unit itself can make and check it."""
    return hmac.new(secret, b"ronggui voucher\0" + digest, hashlib.sha256).digest()[:16]


def base_voucher(secret: bytes, record: bytes, body: bytes) -> bytes:
    """A unit's mark on a record it gave down as a snapshot."""
    text = b"ronggui base\0" + record + hashlib.sha256(body).digest()
    return hmac.new(secret, text, hashlib.sha256).digest()[:16]


def encode_plain(value: object) -> bytes:
    """Canonical bytes of any plain structure (local notes, package frames)."""
    return _encode(value)


def decode_plain(data: bytes) -> Any:
    """The inverse of `encode_plain`; empty bytes give an empty dict."""
    if not data:
        return {}
    try:
        return _decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _nonsense() from error
