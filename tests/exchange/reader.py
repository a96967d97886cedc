"""Another programme that reads packages: written from docs/exchange.md alone, without anything of the application."""

import hashlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyrage
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@dataclass
class Group:
    """One act as the package has it."""

    header: dict[str, Any]
    raw: bytes
    signature: bytes | None
    hashes: bytes
    flow: int
    parts: dict[int, tuple[bytes, bytes, list[Any]]] = field(default_factory=dict)

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(b"ronggui group\0" + self.raw).digest()


@dataclass
class Package:
    """All that can be read with the addressee's key."""

    head: dict[str, Any]
    head_hash: bytes
    parts: int
    frames: list[list[Any]]
    groups: list[Group]
    attachments: list[bytes]


def read(data: bytes, sign: bytes, identity: str) -> Package:
    """Read a package and check everything the page names; ValueError where something does not hold."""
    length, count = struct.unpack(">II", data[8:16])
    table_at = 16 + length
    end = table_at + 48 * count
    demand(data[:8] == b"\x89RGP\r\n\x1a\n")
    key = Ed25519PublicKey.from_public_bytes(sign)
    key.verify(data[end : end + 64], b"ronggui/package/1\0" + data[:end])
    demand(hashlib.sha256(data[: end + 64]).digest() == data[end + 64 : end + 96])
    head, head_hash = unpack(data[16:table_at]), hashlib.sha256(data[:table_at]).digest()
    sealed, at = [], end + 96
    entries = [struct.unpack(">Q32s8s", data[n : n + 48]) for n in range(table_at, end, 48)]
    for size, digest, _ in entries:
        sealed.append(data[at : at + size])
        demand(hashlib.sha256(sealed[-1]).digest() == digest)
        at += size
    demand(at == len(data))
    opener = pyrage.x25519.Identity.from_str(identity)
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(pyrage.decrypt(sealed[0], [opener]))) as stream:
        plain = stream.read()
    demand(len(plain) == struct.unpack(">Q", entries[0][2])[0])
    binding, *frames = map(unpack, framed(plain))
    demand([binding[name] for name in ("from", "to", "package")] == [head[name] for name in ("from", "to", "package")])
    demand(binding["head"] == head_hash)
    contents: list[bytes] = []
    for number, (part, (_, _, place)) in enumerate(zip(sealed[1:], entries[1:], strict=True), start=1):
        opened = pyrage.decrypt(part, [opener])
        demand(opened[:36] == head_hash + struct.pack(">I", number))
        attachment, piece = struct.unpack(">II", place)
        contents += [b""] if piece == 0 else []
        demand(attachment == len(contents) - 1)
        contents[-1] += opened[36:]
    demand(b"".join(hashlib.sha256(one).digest() for one in contents) == binding["names"])
    demand(frames[0][0] == "hello")
    groups, sealed_hashes = groups_of(frames), seals_of(frames, key)
    for group in groups:
        check(group, key if group.header["node"].hex() == head["from"] else None)
    # What comes whole hangs on its author's seal; what comes down in pieces, on the signature of the package.
    demand(bool(sealed_hashes & {group.hash for group in groups}) or all(group.flow for group in groups))
    return Package(head, head_hash, count, frames, groups, contents)


def framed(plain: bytes) -> Iterator[bytes]:
    at = count = 0
    while (length := struct.unpack_from(">I", plain, at)[0]) != 0xFFFFFFFF:
        yield plain[at + 4 : at + 4 + length]
        at += 4 + length
        count += 1
    demand(struct.unpack(">Q", plain[at + 4 :])[0] == count - 1)


def groups_of(frames: list[list[Any]]) -> list[Group]:
    out: list[Group] = []
    for kind, *items in frames:
        if kind == "group":
            raw, _mac, signature, hashes, flow, _link, _count = items
            out.append(Group(unpack(raw), raw, signature, hashes, flow))
        elif kind == "parts":
            runs, salts, bodies = items
            numbers = [n for first, many in zip(runs[::2], runs[1::2], strict=True) for n in range(first, first + many)]
            for place, (number, body) in enumerate(zip(numbers, bodies, strict=True)):
                out[-1].parts[number] = (salts[16 * place : 16 * place + 16], body, unpack(body))
    return out


def seals_of(frames: list[list[Any]], key: Ed25519PublicKey) -> set[bytes]:
    """The hashes the sender has sealed."""
    out = set()
    for kind, *items in frames:
        if kind == "seal":
            node, incarnation, position, digest, signature = items
            text = b"\x94" + packed(node) + number_of(incarnation) + number_of(position) + packed(digest)
            key.verify(signature, b"ronggui/seal/1\0" + text)
            out.add(digest)
    return out


def check(group: Group, key: Ed25519PublicKey | None) -> None:
    """The parts are those the author hashed."""
    here = {number: hashlib.sha256(salt + body).digest() for number, (salt, body, _) in group.parts.items()}
    if len(here) == group.header["parts"]:
        listed = [here[number] for number in sorted(here)]
    else:
        listed = [group.hashes[n : n + 32] for n in range(0, len(group.hashes), 32)]
        demand(all(listed[number] == digest for number, digest in here.items()))
    demand(hashlib.sha256(b"".join(listed)).digest() == group.header["root"])
    if group.signature is not None and key is not None:
        key.verify(group.signature, b"ronggui/group/1\0" + group.hash)


def demand(fact: bool) -> None:
    if not fact:
        raise ValueError("this is no such package")


# -- msgpack, as much of it as there is --------------------------------------------------------------------------------


def unpack(data: bytes) -> Any:
    value, end = _value(data, 0)
    demand(end == len(data))
    return value


_SIZES = {
    0xC4: ("B", "bytes"), 0xC5: ("H", "bytes"), 0xC6: ("I", "bytes"), 0xCC: ("B", "int"), 0xCD: ("H", "int"),
    0xCE: ("I", "int"), 0xCF: ("Q", "int"), 0xD0: ("b", "int"), 0xD1: ("h", "int"), 0xD2: ("i", "int"),
    0xD3: ("q", "int"), 0xD9: ("B", "text"), 0xDA: ("H", "text"), 0xDB: ("I", "text"), 0xDC: ("H", "list"),
    0xDD: ("I", "list"), 0xDE: ("H", "map"), 0xDF: ("I", "map"),
}  # fmt: skip


def _value(data: bytes, at: int) -> tuple[Any, int]:
    code = data[at]
    if code < 0x80 or code >= 0xE0:
        return (code if code < 0x80 else code - 256), at + 1
    if code in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[code], at + 1
    if code < 0xC0:
        short = {0x80: ("map", code & 15), 0x90: ("list", code & 15)}
        kind, size = short.get(code & 0xF0, ("text", code & 31))
        at += 1
    else:
        letter, kind = _SIZES[code]
        (size,) = struct.unpack_from(f">{letter}", data, at + 1)
        at += 1 + struct.calcsize(letter)
        if kind == "int":
            return size, at
    if kind in ("bytes", "text"):
        raw = data[at : at + size]
        return (raw if kind == "bytes" else raw.decode()), at + size
    items = []
    for _ in range(size * (2 if kind == "map" else 1)):
        one, at = _value(data, at)
        items.append(one)
    return (items if kind == "list" else dict(zip(items[::2], items[1::2], strict=True))), at


def packed(data: bytes) -> bytes:
    """Up to 255 bytes."""
    return bytes([0xC4, len(data)]) + data


def number_of(value: int) -> bytes:
    """A whole number from 0 on, in its shortest form."""
    if value < 0x80:
        return bytes([value])
    for code, letter, most in ((0xCC, "B", 8), (0xCD, "H", 16), (0xCE, "I", 32), (0xCF, "Q", 64)):
        if value < 1 << most:
            return bytes([code]) + struct.pack(f">{letter}", value)
    raise ValueError(value)
