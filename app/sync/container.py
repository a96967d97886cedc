"""The `.rgp` file, format 1: a signed header in clear, the records as one sealed part, attachments as sealed parts.

Byte by byte, numbers big-endian:

    0          8    magic 89 52 47 50 0d 0a 1a 0a (a transfer as text breaks it visibly)
    8          4    H, length of the head: 1 … 1 MiB
    12         4    N, number of parts: 1 … 20,000
    16         H    head: msgpack map, keys sorted (`Head`)
    16+H       48N  table, one entry per part: sealed size (8), SHA-256 of the sealed bytes (32), and
                    for part 0 the plain size of the records (8),
                    for the others the attachment's number from 0 (4) and the piece's number in it from 0 (4)
    then       64   Ed25519 over all before, purpose "package"
    then       32   SHA-256 of all before: tells a broken stick from a forger; proves nothing
    then            the parts, in the order of the table, nothing between, nothing after

Part 0 is age(zstd(frames)); a frame is its length (4) and that many bytes. The first frame is the binding: msgpack
{from, to, package, head: SHA-256 of the bytes 0 … 16+H, names: 32 bytes per attachment}. The head holds no hash of a
part, so it is whole before the first part is sealed, and the binding covers everything in it: the body of one package
under the head of another is found out. Then one frame per record; last the length ffffffff and the number of records
(8), so that a cut inside a valid seal is seen. The others are age(head hash (32), part number (4), up to 7,900,000
bytes of the attachment), at most 8 MB sealed; they bind themselves to their package in the same way. Names of
attachments (SHA-256 of the content) stand inside the seal only: a hash would betray who holds a known picture. A part
of size 0 is one the sender itself could not read.

Nothing is allocated because a number in the file says so: every number is first held against its bound and against
the file's length.
"""

import hashlib
import struct
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from app import durable
from app.errors import Refused, UserError
from app.models import sealing
from app.models.sealing import NodeKeys, Oversized, Unopenable
from app.sync import header
from app.sync.header import Head, PackageInfo, Part, read_header, shown

__all__ = ["Attachment", "Head", "PackageInfo", "Part", "Piece", "Records", "attachment_pieces", "open_records"]
__all__ += ["read_header", "shown", "verify", "write_package"]

MAX_FRAME: Final = 16 << 20
PIECE: Final = 7_900_000

_LENGTH = struct.Struct(">I")
_COUNT = struct.Struct(">Q")
_END = 0xFFFFFFFF
_BATCH = 1 << 18
_encode = msgspec.msgpack.Encoder(order="sorted").encode

POINTS: Final = durable.points("export", "上报包")


@dataclass(frozen=True)
class Attachment:
    """One file to send: `name` is the SHA-256 of its content, `read` gives its plain bytes in pieces of any size."""

    name: bytes
    size: int
    read: Callable[[], Iterable[bytes]] = field(repr=False)


@dataclass(frozen=True)
class Piece:
    """A piece of an attachment, in order; `data` is None if it did not arrive whole."""

    name: bytes
    number: int
    last: bool
    data: bytes | None = field(repr=False)


def write_package(
    path: Path,
    head: Head,
    records: Iterable[bytes],
    attachments: Sequence[Attachment],
    keys: NodeKeys,
    recipient: str,
) -> PackageInfo:
    """Write a package that is either whole under its name or not there; never replaces a file.

    Streams: what is held is a batch of records and one piece of one attachment, and nothing in clear meets the disk.
    Attachments that cannot be read are named in `lacking` and go with a later package. Raises Refused if it would be
    larger than a reader takes, EnvironmentTrouble if the disk or stick does not play along.
    """
    places = [(index, piece) for index, one in enumerate(attachments) for piece in range(_pieces_of(one.size))]
    front = header.front(head, len(places) + 1)
    head_hash = hashlib.sha256(front).digest()
    begin = header.size_with(front, len(places) + 1)
    binding = _encode(
        {
            "from": head.sender,
            "to": head.addressee,
            "package": head.package,
            "head": head_hash,
            "names": b"".join(one.name for one in attachments),
        }
    )
    frames = _Frames(binding, records)
    lacking: dict[bytes, None] = {}
    with durable.speaking("生成上报包", path), durable.NewFile(path, POINTS, replace=False) as file:
        file.write(bytes(begin))
        written = [_seal_part(file, begin, sealing.compress(frames), recipient)]
        if frames.plain_size > header.plain_limit(written[0].size):
            raise Refused("要报的内容太多, 一个包放不下。请分成几个包。")
        for number, (place, data) in enumerate(_read_pieces(attachments), start=1):
            offset = written[-1].offset + written[-1].size
            if data is None:
                lacking[attachments[place[0]].name] = None
                part = Part(offset, 0, bytes(sealing.HASH_SIZE))
            else:
                part = _seal_part(file, offset, (head_hash + _LENGTH.pack(number), data), recipient)
            written.append(Part(offset, part.size, part.sha256, *place))
        whole = header.signed(front, frames.plain_size, written, keys.sign)
        file.write_at(0, whole)
        file.check = lambda temporary: _reads_back(temporary, whole, written)
    end = written[-1].offset + written[-1].size
    digest = hashlib.sha256(whole).digest()
    return PackageInfo(head, head_hash, digest, frames.plain_size, tuple(written), end, tuple(lacking))


def verify(path: Path, own: str, keys_of: Callable[[str], Sequence[bytes]]) -> PackageInfo:
    """Check everything that can be checked before a seal is opened; Refused in words at the first thing wrong.

    `own` is the reader's node id; `keys_of` gives the signature keys known for a sender (none: unknown or revoked).
    Attachment parts are checked when they are read: a broken one costs itself only.
    """
    info, content, signature = header.read_signed(path)
    head = info.head
    if head.needs > header.UNDERSTANDS:
        update = f" {shown(head.needs_name)} " if head.needs_name else "更新的版本"
        raise Refused(f"这个包要升级到{update}才能接收。没有改动任何数据。请先升级本机程序。")
    if head.addressee != own:
        name = shown(head.addressee_name) or head.addressee[:8]
        raise Refused(f'这个包是给"{name}"的, 不是给本站的。没有改动任何数据。请换一个包。')
    sender = shown(head.sender_name) or head.sender[:8]
    keys = keys_of(head.sender)
    if not keys:
        raise Refused(f'这个包写明由"{sender}"发来, 本站没有登记过它(或已停用)。没有改动任何数据。请与上级核实。')
    if not any(sealing.verify(key, header.PURPOSE, content, signature) for key in keys):
        raise Refused(_forged(sender))
    with durable.speaking("读取数据包", path):
        for _ in _sealed(path, info.parts[0]):
            pass
    return info


class Records:
    """The opened records of a verified package: iterate once; `names` are its attachments, in the table's order.

    Raises Refused (also in the middle or at the end of iterating) if the body is another's, changed, cut or too large,
    so what is done with the records must be undone then. Close it, or use it in `with`, if it is not read to the end.
    """

    def __init__(self, path: Path, info: PackageInfo, identity: str) -> None:
        limit = min(info.plain_size, header.plain_limit(info.parts[0].size))
        sealed = sealing.unseal(_sealed(path, info.parts[0]), identity)
        self._sealed = sealed
        self._frames = _drained(_split(sealing.decompress(sealed, limit), info.plain_size), sealed)
        try:
            self.names = _bound_names(next(self._frames), info)
        except StopIteration:
            self.close()
            raise Unopenable from None
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self._frames

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the opening thread."""
        for generator in (self._frames, self._sealed):
            generator.close()


def open_records(path: Path, info: PackageInfo, identity: str) -> Records:
    """Open the records of a package that `verify` has passed; `identity` is the reader's age identity."""
    return Records(path, info, identity)


def attachment_pieces(path: Path, info: PackageInfo, names: Sequence[bytes], identity: str) -> Iterator[Piece]:
    """Every piece of every attachment in order, one in memory at a time; those that did not arrive whole as missing.

    The content's hash is the caller's to compare with the name once the last piece is there.
    """
    for number, part in enumerate(info.parts[1:], start=1):
        last = number + 1 == len(info.parts) or info.parts[number + 1].piece == 0
        data = _open_piece(path, info, number, identity) if part.size else None
        yield Piece(names[part.attachment], part.piece, last, data)


class _Frames:
    """The plain bytes of part 0 in batches, counted on the way."""

    def __init__(self, binding: bytes, records: Iterable[bytes]) -> None:
        self._binding, self._records = binding, records
        self.plain_size = 0

    def __iter__(self) -> Iterator[bytes]:
        batch, size, count = [_LENGTH.pack(len(self._binding)), self._binding], 4 + len(self._binding), 0
        prefix, add = _LENGTH.pack, batch.append
        for record in self._records:
            length = len(record)
            if length > MAX_FRAME:
                raise Refused("有一条记录太大, 放不进数据包。请把其中的长文字改短, 或改成附件。")
            add(prefix(length))
            add(record)
            size += length + 4
            count += 1
            if size >= _BATCH:
                self.plain_size += size
                yield b"".join(batch)
                batch.clear()
                size = 0
        add(prefix(_END) + _COUNT.pack(count))
        self.plain_size += size + 12
        yield b"".join(batch)


def _split(pieces: Iterator[bytes], plain_size: int) -> Generator[bytes, None, None]:
    """Frames out of pieces; checks the number of records, the declared size and that nothing follows."""
    held: list[bytes] = []
    have, needed, total, count = 0, 4, 0, -1
    unpack = _LENGTH.unpack_from
    for piece in pieces:
        held.append(piece)
        have += len(piece)
        total += len(piece)
        if have < needed:
            continue
        data, at = b"".join(held), 0
        while have - at >= 4:
            (length,) = unpack(data, at)
            if length == _END:
                needed = 12
                if have - at < needed:
                    break
                if have - at > needed or _COUNT.unpack_from(data, at + 4)[0] != count or total != plain_size:
                    raise Unopenable
                if any(pieces):
                    raise Unopenable
                return
            if length > MAX_FRAME:
                raise Oversized
            needed = 4 + length
            if have - at < needed:
                break
            yield data[at + 4 : at + needed]
            at += needed
            count += 1
            needed = 4
        held = [data[at:]]
        have -= at
    raise Unopenable


def _drained(frames: Iterator[bytes], sealed: Iterator[bytes]) -> Generator[bytes, None, None]:
    """The frames, then the rest of the seal, which must be empty: only its end proves that nothing is missing."""
    yield from frames
    if any(sealed):
        raise Unopenable


def _bound_names(binding: bytes, info: PackageInfo) -> tuple[bytes, ...]:
    """Names of the attachments out of the first frame, once it is shown to belong under this very head."""
    head = info.head
    try:
        said = msgspec.msgpack.decode(binding)
        names = said.pop("names")
        split = tuple(names[at : at + 32] for at in range(0, len(names), 32))
    except (msgspec.MsgspecError, RecursionError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unopenable from error
    expected = {"from": head.sender, "to": head.addressee, "package": head.package, "head": info.head_hash}
    attachments = info.parts[-1].attachment + 1 if len(info.parts) > 1 else 0
    if any(said.get(key) != value for key, value in expected.items()) or len(names) != 32 * attachments:
        raise Refused(_forged(shown(head.sender_name) or head.sender[:8]))
    return split


def _forged(sender: str) -> str:
    return f'这个包的签名与"{sender}"的不符, 可能是冒充的。没有改动任何数据。请打电话与对方核实。'


def _pieces_of(size: int) -> int:
    return max(1, -(-size // PIECE))


def _read_pieces(attachments: Sequence[Attachment]) -> Iterator[tuple[tuple[int, int], bytes | None]]:
    """Every piece with its place; None for those that cannot be read, or if the size is not as announced."""
    for index, one in enumerate(attachments):
        count = _pieces_of(one.size)
        given = 0
        try:
            for given, data in enumerate(_regrouped(one), start=1):
                yield (index, given - 1), data
        except (OSError, UserError):
            # A rotten picture must not keep the records from going; the addressee names it missing and asks again.
            pass
        for piece in range(given, count):
            yield (index, piece), None


def _regrouped(one: Attachment) -> Iterator[bytes]:
    left, held = one.size, bytearray()
    for data in one.read():
        held += data
        if left <= PIECE and len(held) > left:
            return
        while len(held) >= PIECE and left > PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
            left -= PIECE
    if len(held) == left:
        yield bytes(held)


def _seal_part(file: durable.NewFile, offset: int, plain: Iterable[bytes], recipient: str) -> Part:
    digest = hashlib.sha256()
    size = 0

    def write(data: bytes) -> None:
        nonlocal size
        file.write(data)
        digest.update(data)
        size += len(data)

    sealing.seal(plain, write, recipient)
    return Part(offset, size, digest.digest())


def _reads_back(path: Path, whole: bytes, parts: Sequence[Part]) -> bool:
    with path.open("rb") as stream:
        if stream.read(len(whole)) != whole:
            return False
    if path.stat().st_size != parts[-1].offset + parts[-1].size:
        return False
    return all(_hash_part(path, part) == part.sha256 for part in parts if part.size)


def _hash_part(path: Path, part: Part) -> bytes:
    digest = hashlib.sha256()
    for data in _raw(path, part):
        digest.update(data)
    return digest.digest()


def _raw(path: Path, part: Part) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(part.offset)
        left = part.size
        while left and (data := stream.read(min(left, durable.CHUNK))):
            left -= len(data)
            yield data


def _sealed(path: Path, part: Part) -> Iterator[bytes]:
    """The sealed bytes of a part; Unopenable at their end if they are not the signed ones."""
    digest = hashlib.sha256()
    for data in _raw(path, part):
        digest.update(data)
        yield data
    if digest.digest() != part.sha256:
        raise Unopenable


def _open_piece(path: Path, info: PackageInfo, number: int, identity: str) -> bytes | None:
    expected = info.head_hash + _LENGTH.pack(number)
    try:
        plain = b"".join(sealing.unseal(_sealed(path, info.parts[number]), identity))
    except Unopenable:
        return None
    return plain[len(expected) :] if plain.startswith(expected) else None
