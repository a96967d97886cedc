"""Contents of attachments: each sealed under a key of its own in files/, the key kept in the encrypted store.

A file is a head of 8 bytes and chunks of 1 MiB, each AES-256-GCM under the file's key with its place as nonce and
"last or not" as associated data: chunks cannot be changed, swapped, left out or cut off unnoticed.
"""

import hashlib
import secrets
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import durable
from app.errors import EnvironmentTrouble

FOLDER: Final = "files"
POINTS: Final = durable.points("attach", "附件")
DAMAGED: Final = "这个附件的文件坏了或被改动过, 没有取出。请从备份恢复, 或请上级把它再传一次。"

_HEAD: Final = b"RGFILE1\n"
_KEY = 32
_TAG = 16
_NAME = 16


@dataclass(frozen=True)
class Sealed:
    """Where a content lies: `name` below files/ (its first two digits are the folder), `sha256` of the plain bytes."""

    sha256: bytes
    size: int
    name: str
    key: bytes = field(repr=False)


def path_of(folder: Path, name: str) -> Path:
    """The file of a content in a store's folder."""
    return folder / FOLDER / name[:2] / name


def seal(folder: Path, chunks: Iterable[bytes]) -> Sealed:
    """Write a content sealed under a fresh key and a random name, flushed and renamed before this returns.

    Raises EnvironmentTrouble when the disk does not take it; then nothing is left behind.
    """
    key, name = secrets.token_bytes(_KEY), secrets.token_hex(_NAME)
    path = path_of(folder, name)
    counted = _Counted()
    with durable.speaking("保存附件", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.flush_folder(path.parent.parent)
        durable.write_file(path, _sealed(key, counted.through(_even(chunks))), POINTS, replace=False)
    return Sealed(counted.digest.digest(), counted.size, name, key)


def unseal(folder: Path, sealed: Sealed) -> Iterator[bytes]:
    """The plain content in pieces; whoever takes them must take them all before trusting any.

    Raises EnvironmentTrouble when the file is missing, damaged, cut, or not the content its hash names.
    """
    path = path_of(folder, sealed.name)
    with durable.speaking("取出附件", path), path.open("rb") as stream:
        yield from unseal_from(stream, sealed)


def unseal_from(stream: BinaryIO, sealed: Sealed) -> Iterator[bytes]:
    """The same from a stream that holds the sealed file and nothing more (a member of a backup)."""
    counted = _Counted()
    yield from counted.through(_opened(sealed.key, stream))
    if (counted.digest.digest(), counted.size) != (sealed.sha256, sealed.size):
        raise EnvironmentTrouble(DAMAGED)


def is_whole(folder: Path, sealed: Sealed) -> bool:
    """Whether the file is there and opens to the very content; reads all of it."""
    try:
        for _ in unseal(folder, sealed):
            pass
    except EnvironmentTrouble:
        return False
    return True


def discard(folder: Path, sealed: Sealed) -> None:
    """Remove a file no record came to name."""
    discard_name(folder, sealed.name)


def discard_name(folder: Path, name: str) -> None:
    """The same, of a file that is known by its name only."""
    path_of(folder, name).unlink(missing_ok=True)


class _Counted:
    """Length and SHA-256 of what passes through."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.digest.update(chunk)
            self.size += len(chunk)
            yield chunk


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of one size, only the last one shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= durable.CHUNK:
            yield bytes(held[: durable.CHUNK])
            del held[: durable.CHUNK]
    yield bytes(held)


def _sealed(key: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    cipher = AESGCM(key)
    yield _HEAD
    place, waiting = 0, next(chunks)
    for following in chunks:
        yield cipher.encrypt(_nonce(place), waiting, b"more")
        place, waiting = place + 1, following
    yield cipher.encrypt(_nonce(place), waiting, b"last")


def _opened(key: bytes, stream: BinaryIO) -> Iterator[bytes]:
    cipher = AESGCM(key)
    if stream.read(len(_HEAD)) != _HEAD:
        raise EnvironmentTrouble(DAMAGED)
    place, waiting = 0, stream.read(durable.CHUNK + _TAG)
    while True:
        following = stream.read(durable.CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(place), waiting, b"more" if following else b"last")
        except InvalidTag as error:
            raise EnvironmentTrouble(DAMAGED) from error
        if not following:
            return
        place, waiting = place + 1, following


def _nonce(place: int) -> bytes:
    # The key is used for one file only, so the place in it is a nonce that never comes twice.
    return struct.pack(">IQ", 0, place)
