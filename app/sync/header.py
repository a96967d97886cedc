"""The header of an `.rgp` file: what stands in clear, its bounds, and reading it (byte by byte: container.py)."""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from app import durable
from app.errors import Refused
from app.models import sealing
from app.models.sealing import BROKEN, Oversized

FORMAT: Final = 1
UNDERSTANDS: Final = 1
"""The highest `needs` this version can take."""

MAGIC: Final = b"\x89RGP\r\n\x1a\n"
MAX_HEAD: Final = 1 << 20
MAX_PARTS: Final = 20_000
MAX_PLAIN: Final = 1 << 30
MAX_SEALED_PIECE: Final = 8_000_000
# Records that shrink more than this are a bomb: each has an id and a salt that cannot. The free part is for small ones.
_MAX_RATIO, _FREE_PLAIN = 100, 16 << 20

_START = struct.Struct(">8sII")
_ENTRY = struct.Struct(">Q32s8s")
_PLACE = struct.Struct(">II")
_COUNT = struct.Struct(">Q")
_TAIL = sealing.HASH_SIZE + sealing.SIGNATURE_SIZE
_encode = msgspec.msgpack.Encoder(order="sorted").encode

PURPOSE: Final = "package"
"""Of the signature."""

_Number = Annotated[int, msgspec.Meta(ge=0, le=(1 << 62))]
_Node = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
_Name = Annotated[str, msgspec.Meta(max_length=200)]


class Head(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from", "addressee": "to"}):
    """What everybody may read of a package. Fields of later versions are signed and bound though not known here."""

    format: _Number = FORMAT
    suite: _Number = sealing.SUITE
    package: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    sender: _Node
    addressee: _Node
    sender_name: _Name
    addressee_name: _Name
    made: _Number
    """Milliseconds UTC."""
    number: _Number
    kind: Annotated[str, msgspec.Meta(max_length=40)] = "package"
    schema: _Number
    needs: _Number = 1
    needs_name: _Name = ""
    """What the update is called that can take it, if `needs` is too high for the reader."""
    stretch: dict[str, Any] = {}
    health: dict[str, Any] = {}
    """version, free disk, last backup, last trial restore, clock error."""
    more: dict[str, Any] = {}
    """What a kind adds, e.g. keys and proof of an enrolment."""


@dataclass(frozen=True)
class Part:
    """One entry of the table and where its bytes lie; for part 0 `attachment` and `piece` are 0."""

    offset: int
    size: int
    sha256: bytes
    attachment: int = 0
    piece: int = 0


@dataclass(frozen=True)
class PackageInfo:
    """A package as its header describes it."""

    head: Head
    head_hash: bytes
    digest: bytes
    """SHA-256 of the signed header: the same package id with another digest is another package."""
    plain_size: int
    parts: tuple[Part, ...]
    file_size: int
    lacking: tuple[bytes, ...] = ()
    """When just written: names of attachments that could not be read, or not whole."""


def front(head: Head, parts: int) -> bytes:
    """Start and head: what is settled before anything is sealed. Refused if it is over the bounds."""
    body = _encode(head)
    if len(body) > MAX_HEAD or parts > MAX_PARTS:
        raise Refused("要带的内容太多, 一个包放不下。请分成几个包, 或先不带照片(照片下次自动补)。")
    return _START.pack(MAGIC, len(body), parts) + body


def size_with(front: bytes, parts: int) -> int:
    """Size of the whole header, known before the first part is sealed."""
    return len(front) + _ENTRY.size * parts + _TAIL


def signed(front: bytes, plain_size: int, parts: Sequence[Part], private: bytes) -> bytes:
    """The whole header with checksum and signature."""
    content = front + _table(plain_size, parts)
    whole = content + sealing.sign(private, PURPOSE, content)
    return whole + hashlib.sha256(whole).digest()


def read_header(path: Path) -> PackageInfo:
    """What the header says, checked for damage but not for who wrote it; Refused if this is no whole package."""
    return read_signed(path)[0]


def read_signed(path: Path) -> tuple[PackageInfo, bytes, bytes]:
    """The header, the bytes the signature is over, and the signature; Refused if it is no whole package."""
    with durable.speaking("读取数据包", path), path.open("rb") as stream:
        size = path.stat().st_size
        start = stream.read(_START.size)
        if len(start) < _START.size or not start.startswith(MAGIC):
            raise Refused(
                "这个文件不是数据包, 或者没有拷贝完整。没有改动任何数据。请换一个文件, 或让对方重新生成一次。"
            )
        _, length, count = _START.unpack(start)
        whole = _START.size + length + _ENTRY.size * count + _TAIL
        if not (1 <= length <= MAX_HEAD and 1 <= count <= MAX_PARTS and whole < size):
            raise Refused(BROKEN)
        header = start + stream.read(whole - _START.size)
    checksum = header[-sealing.HASH_SIZE :]
    if len(header) != whole or hashlib.sha256(header[: -sealing.HASH_SIZE]).digest() != checksum:
        raise Refused(BROKEN)
    content, signature = header[:-_TAIL], header[-_TAIL : -sealing.HASH_SIZE]
    front = content[: _START.size + length]
    plain_size, parts = _parts(content[len(front) :], whole)
    if parts[0].offset + parts[0].size > size or parts[-1].offset + parts[-1].size < size:
        # Cut within the records, or with something appended. A cut behind the records costs attachments only.
        raise Refused(BROKEN)
    info = PackageInfo(
        head=_head(front[_START.size :]),
        head_hash=hashlib.sha256(front).digest(),
        digest=hashlib.sha256(header).digest(),
        plain_size=plain_size,
        parts=parts,
        file_size=size,
    )
    return info, content, signature


def _head(body: bytes) -> Head:
    try:
        said = msgspec.msgpack.decode(body)
        if isinstance(said, dict) and (said.get("format"), said.get("suite")) != (FORMAT, sealing.SUITE):
            raise Refused("这个包是用更新的版本生成的。没有改动任何数据。请先升级本机程序。")
        return msgspec.convert(said, Head, strict=True)
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError) as error:
        raise Refused(BROKEN) from error


def _parts(table: bytes, offset: int) -> tuple[int, tuple[Part, ...]]:
    """Plain size of the records and the parts; Refused if places or sizes make no sense."""
    entries = list(_ENTRY.iter_unpack(table))
    size, sha256, extra = entries[0]
    (plain_size,) = _COUNT.unpack(extra)
    parts = [Part(offset, size, sha256)]
    expected = {(0, 0)}
    for size, sha256, extra in entries[1:]:
        place = _PLACE.unpack(extra)
        if place not in expected or size > MAX_SEALED_PIECE:
            raise Refused(BROKEN)
        expected = {(place[0], place[1] + 1), (place[0] + 1, 0)}
        parts.append(Part(parts[-1].offset + parts[-1].size, size, sha256, *place))
    if plain_size > plain_limit(parts[0].size):
        raise Oversized
    return plain_size, tuple(parts)


def plain_limit(sealed: int) -> int:
    """The most that may come out of this many sealed bytes of records."""
    return min(MAX_PLAIN, max(_FREE_PLAIN, sealed * _MAX_RATIO))


def shown(name: str) -> str:
    """A name from outside as it may stand in a sentence: one line, no control characters, at most 40 characters."""
    return "".join(char for char in name if char.isprintable())[:40]


def _table(plain_size: int, parts: Sequence[Part]) -> bytes:
    first, *others = parts
    entries = [_ENTRY.pack(first.size, first.sha256, _COUNT.pack(plain_size))]
    entries += [_ENTRY.pack(part.size, part.sha256, _PLACE.pack(part.attachment, part.piece)) for part in others]
    return b"".join(entries)
