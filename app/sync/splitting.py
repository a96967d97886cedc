"""A package in pieces for small sticks (`.rgs`): written one by one, taken in any order, the missing ones named.

Byte by byte, numbers big-endian:

    0          8    magic 89 52 47 53 0d 0a 1a 0a
    8         16    package id
    24        32    SHA-256 of the whole package file
    56         8    size of the whole package file
    64         4    number of this piece, from 0
    68         4    count of pieces
    72         8    where in the package file this piece begins
    80        32    SHA-256 of the piece's bytes
    112       32    SHA-256 of all before
    144             bytes of the package file, to the end

A piece proves nothing; it is checked for damage only. What it is a piece of is checked once it is whole, like any
package. Pieces that came wait in the store's folder, as sealed as they came.
"""

import hashlib
import shutil
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app import durable
from app.errors import BadInput, Refused
from app.sync import container

MAGIC: Final = b"\x89RGS\r\n\x1a\n"
SUFFIX: Final = ".rgs"
LEAST: Final = 4 << 10
MOST_PIECES: Final = 2_000
MOST_WAITING: Final = 4 << 30
"""Bytes of pieces that wait here, all together."""
_FOLDER: Final = "pieces"
_HEAD: Final = struct.Struct(">8s16s32sQIIQ32s")
_SIZE: Final = _HEAD.size + hashlib.sha256().digest_size


@dataclass(frozen=True)
class Piece:
    """One piece, checked for damage."""

    path: Path
    package: bytes
    whole: bytes
    size: int
    number: int
    count: int
    offset: int
    length: int

    @property
    def key(self) -> str:
        """What it is a piece of: a package id may be claimed by anybody."""
        return f"{self.package.hex()}-{self.whole.hex()[:16]}"


@dataclass(frozen=True)
class Waiting:
    """A package of which pieces are here, but not all."""

    path: Path
    package: str
    have: tuple[int, ...]
    missing: tuple[int, ...]
    """Numbers from 1."""

    @property
    def words(self) -> str:
        """For whoever holds the stick."""
        count = len(self.have) + len(self.missing)
        return (
            f"这个包分成 {count} 份, 已有第 {_listed(self.have)} 份, 还缺第 {_listed(self.missing)} 份。"
            "已有的先放好了, 没有改动任何数据。请接着插有其余几份的 U 盘。"
        )


def parse_size(text: str) -> int:
    """Bytes out of `64K`, `100M`, `2G` or a plain number. Raises BadInput."""
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    plain = text.strip().upper().removesuffix("B")
    number, unit = (plain[:-1], units[plain[-1]]) if plain[-1:] in units else (plain, 1)
    if not (number.isascii() and number.isdigit() and len(number) < 12 and int(number) * unit >= LEAST):
        raise BadInput(f"大小写法不对: {text}。请写 100M 这样的数(至少 4K)。", {"split": "大小写法不对"})
    return int(number) * unit


@contextmanager
def written(folder: Path, path: Path, identity: bytes, split: int) -> Iterator[tuple[Path, list[Path]]]:
    """Where to write a package, and the files it becomes on the stick: itself, or pieces of at most `split` bytes."""
    if not split:
        yield path, [path]
        return
    for stale in (folder / _FOLDER).glob("out-*"):  # of an export that was killed
        shutil.rmtree(stale, ignore_errors=True)
    place = folder / _FOLDER / f"out-{identity.hex()}"
    place.mkdir(parents=True)
    try:
        whole, parts = place / path.name, [path]
        yield whole, parts
        if whole.stat().st_size > split:
            parts[:] = write(whole, identity, split, path.parent)
        else:
            durable.copy_file(whole, path, container.POINTS)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def write(package: Path, identity: bytes, size: int, out: Path) -> tuple[Path, ...]:
    """Write a package file into a folder in pieces of at most `size` bytes each; no file is ever replaced."""
    total, payload = package.stat().st_size, size - _SIZE
    count = -(-total // payload)
    if count > MOST_PIECES:
        raise Refused(f"这样要分成 {count} 份, 太多了。没有生成上报包。请把每份写大一些。")
    whole = durable.hash_file(package)
    written: list[Path] = []
    try:
        for number in range(count):
            path = out / f"{package.stem}.{number + 1}of{count}{SUFFIX}"
            offset = number * payload
            length = min(payload, total - offset)
            digest = hashlib.sha256()
            for data in _stretch(package, offset, length):
                digest.update(data)
            head = _HEAD.pack(MAGIC, identity, whole, total, number, count, offset, digest.digest())
            with durable.speaking("生成上报包", path):
                content = (head + hashlib.sha256(head).digest(), *_stretch(package, offset, length))
                durable.write_file(path, content, container.POINTS, replace=False, verify=True)
            written.append(path)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return tuple(written)


def read(path: Path) -> Piece:
    """A piece, checked for damage; Refused if it is none or is broken."""
    with durable.speaking("读取数据包", path):
        with path.open("rb") as stream:
            head = stream.read(_SIZE)
        if len(head) < _SIZE or not head.startswith(MAGIC):
            raise Refused(f"{path.name}不是数据包的一份, 或者没有拷贝完整。没有改动任何数据。请重新拷贝一次。")
        front, checksum = head[: _HEAD.size], head[_HEAD.size :]
        _, package, whole, size, number, count, offset, digest = _HEAD.unpack(front)
        length = path.stat().st_size - _SIZE
        fits = number < count <= MOST_PIECES and length > 0 and offset + length <= size <= MOST_WAITING
        if hashlib.sha256(front).digest() != checksum or not fits:
            raise Refused(f"{path.name}在路上坏了(校验不符)。没有改动任何数据。请重新拷贝一次。")
        found = hashlib.sha256()
        for data in _stretch(path, _SIZE, length):
            found.update(data)
    if found.digest() != digest:
        raise Refused(f"{path.name}在路上坏了(校验不符)。没有改动任何数据。请重新拷贝一次。")
    return Piece(path, package, whole, size, number, count, offset, length)


def gather(folder: Path, pieces: Iterable[Piece]) -> Iterator[Path | Waiting]:
    """Keep pieces in the store's folder; gives the package file of what is whole now, and what waits for more."""
    keys: dict[str, Piece] = {}
    for piece in pieces:
        place = folder / _FOLDER / piece.key
        place.mkdir(parents=True, exist_ok=True)
        kept = place / f"{piece.number}{SUFFIX}"
        if not kept.exists():
            _demand_room(folder, piece)
            durable.copy_file(piece.path, kept)
        keys[piece.key] = piece
    for key, piece in keys.items():
        here = {int(one.stem): one for one in (folder / _FOLDER / key).glob(f"*{SUFFIX}")}
        missing = [number for number in range(piece.count) if number not in here]
        if missing:
            numbers = tuple(n + 1 for n in sorted(here)), tuple(n + 1 for n in missing)
            yield Waiting(piece.path, piece.package.hex(), *numbers)
        else:
            yield _assembled(folder / _FOLDER / key, [here[n] for n in range(piece.count)], piece)


def is_gathered(folder: Path, path: Path) -> bool:
    """Whether a package file was put together here."""
    return path.parent.parent == folder / _FOLDER


def done(path: Path) -> None:
    """The package has been taken: its pieces are not needed any more."""
    shutil.rmtree(path.parent, ignore_errors=True)


def _assembled(place: Path, pieces: Sequence[Path], piece: Piece) -> Path:
    target = place / f"{piece.package.hex()}.rgp"
    data = (data for one in pieces for data in _stretch(one, _SIZE, one.stat().st_size - _SIZE))
    if durable.write_file(target, data, verify=True) != piece.whole:
        shutil.rmtree(place, ignore_errors=True)
        raise Refused("这几份合起来不是原来的包。没有改动任何数据。请让对方重新生成一次。")
    return target


def _demand_room(folder: Path, piece: Piece) -> None:
    waiting = sum(one.stat().st_size for one in (folder / _FOLDER).glob(f"*/*{SUFFIX}"))
    if waiting + piece.length > MOST_WAITING:
        raise Refused("先放好的分份太多了。没有改动任何数据。请先把已有的包收齐, 或让对方不分份。")


def _stretch(path: Path, offset: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(offset)
        while length and (data := stream.read(min(length, durable.CHUNK))):
            length -= len(data)
            yield data


def _listed(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers[:20]) + (" 等" if len(numbers) > 20 else "")
