"""The one file of a backup: members sealed as they lie in the store, a manifest without names, a hash over everything.

`RGBACK1` and a line feed, the members back to back, the manifest (JSON), its length (8 bytes, big-endian), and the
SHA-256 of all that stands before it. The members are encrypted already, so the file needs no key of its own; the hash
at its end tells every flipped byte, and damage from a file that is not a backup.
"""

import hashlib
import io
import os
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self

import msgspec

from app import durable, progress
from app.errors import Refused

SUFFIX: Final = ".rgb"
POINTS: Final = durable.points("backup", "备份文件")
STORE: Final = "store.db"
KEYS: Final = "keys.json"
NOT_ONE: Final = "“{0}”不是荣归的备份文件, 或者坏了(不完整)。没有改动任何数据。请换一份备份。"
NEWER: Final = "“{0}”是用更新的版本做的备份。没有改动任何数据。请先升级本机程序。"

_MAGIC: Final = b"RGBACK1\n"
_LENGTH: Final = struct.Struct(">Q")
_HASH: Final = 32
_FORMAT: Final = 1
_NAME: Final = re.compile(r"store\.db|keys\.json|files/[0-9a-f]{2}/[0-9a-f]{32}")
_MOST_MANIFEST: Final = 1 << 28


class Member(msgspec.Struct, frozen=True):
    """One file inside: where it begins, its length, its SHA-256."""

    name: str
    offset: int
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself in clear: numbers and identifiers only."""

    format: int
    program: str
    revision: str
    """Version of the tables (models.upgrade)."""
    store: str
    practice: bool
    node: str
    incarnation: int
    position: int
    moment: int
    counts: dict[str, int]
    """Rows by table, deleted ones too."""
    lacking: int
    """Attachments whose content was not here when the backup was made."""
    members: list[Member]

    def member(self, name: str) -> Member:
        """A member by its name; KeyError if it is not there."""
        return {member.name: member for member in self.members}[name]


@dataclass(frozen=True)
class Source:
    """A file that is to go in, under the name it has below the store's folder."""

    name: str
    path: Path


def write(path: Path, manifest: Manifest, sources: Sequence[Source]) -> Manifest:
    """Write a new backup file, whole or not at all, read back before it gets its name.

    `manifest.members` is filled in. Raises OSError as the system does, Refused if the file exists.
    """
    digest = hashlib.sha256()
    members: list[Member] = []
    place = 0

    def put(data: bytes) -> None:
        nonlocal place
        digest.update(data)
        file.write(data)
        place += len(data)

    def is_whole(written: Path) -> bool:
        with written.open("rb") as stream:
            return _digest_holds(stream)

    with durable.NewFile(path, POINTS, replace=False, check=is_whole) as file:
        put(_MAGIC)
        for number, source in enumerate(sources):
            progress.step("写备份", number, len(sources))
            start, own = place, hashlib.sha256()
            with source.path.open("rb") as stream:
                for chunk in durable.read_chunks(stream.read):
                    own.update(chunk)
                    put(chunk)
            members.append(Member(source.name, start, place - start, own.hexdigest()))
        manifest = msgspec.structs.replace(manifest, format=_FORMAT, members=members)
        text = msgspec.json.encode(manifest)
        put(text)
        put(_LENGTH.pack(len(text)))
        file.write(digest.digest())
    return manifest


class BackupFile:
    """A backup file opened for reading."""

    def __init__(self, path: Path, stream: BinaryIO, manifest: Manifest) -> None:
        self.path, self.manifest, self._stream = path, manifest, stream

    @classmethod
    def open(cls, path: Path) -> "BackupFile":
        """Read the manifest only; Refused for anything that does not look like a whole backup file."""
        with durable.speaking("打开备份", path):
            stream = path.open("rb")
        try:
            with durable.speaking("打开备份", path):
                return cls(path, stream, _manifest(path, stream))
        except BaseException:
            stream.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stream.close()

    def prove(self) -> None:
        """Read every byte; Refused if a single one differs from what was written."""
        with durable.speaking("核对备份", self.path):
            whole = _digest_holds(self._stream)
        if not whole:
            raise Refused(NOT_ONE.format(self.path.name))

    def stream(self, member: Member) -> BinaryIO:
        """A member as a stream of its own."""
        return io.BufferedReader(_Window(self._stream, member.offset, member.size), durable.CHUNK)

    def chunks(self, member: Member) -> Iterator[bytes]:
        """A member in pieces; Refused at its end if they are not what the manifest names."""
        digest = hashlib.sha256()
        for chunk in durable.read_chunks(self.stream(member).read):
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != member.sha256:
            raise Refused(NOT_ONE.format(self.path.name))

    def attachments(self) -> list[Member]:
        """Members below files/."""
        return [member for member in self.manifest.members if member.name not in (STORE, KEYS)]


class _Window(io.RawIOBase):
    """A stretch of a file, read through the file's own position."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._place, self._end = stream, start, start + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # whatever has a buffer
        wanted = min(len(view), self._end - self._place)
        self._stream.seek(self._place)
        data = self._stream.read(wanted)
        view[: len(data)] = data
        self._place += len(data)
        return len(data)


def _digest_holds(stream: BinaryIO) -> bool:
    """Whether the last 32 bytes are the SHA-256 of all before them."""
    rest = stream.seek(0, os.SEEK_END) - _HASH
    stream.seek(0)
    digest = hashlib.sha256()
    total = rest
    while rest > 0:
        progress.step("核对备份", (total - rest) // durable.CHUNK, total // durable.CHUNK)
        if not (chunk := stream.read(min(durable.CHUNK, rest))):
            return False
        digest.update(chunk)
        rest -= len(chunk)
    return stream.read(_HASH) == digest.digest()


def _manifest(path: Path, stream: BinaryIO) -> Manifest:
    refused = Refused(NOT_ONE.format(path.name))
    size = stream.seek(0, os.SEEK_END)
    tail = _LENGTH.size + _HASH
    stream.seek(0)
    if size < len(_MAGIC) + tail or stream.read(len(_MAGIC)) != _MAGIC:
        raise refused
    stream.seek(size - tail)
    (length,) = _LENGTH.unpack(stream.read(_LENGTH.size))
    start = size - tail - length
    if length > _MOST_MANIFEST or start < len(_MAGIC):
        raise refused
    stream.seek(start)
    text = stream.read(length)
    try:
        if msgspec.json.decode(text, type=dict[str, object]).get("format") != _FORMAT:
            raise Refused(NEWER.format(path.name))
        manifest = msgspec.json.decode(text, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refused from error
    place = len(_MAGIC)
    for member in manifest.members:
        if member.offset != place or member.size < 0 or not _NAME.fullmatch(member.name):
            raise refused
        place += member.size
    names = [member.name for member in manifest.members]
    if place != start or len(set(names)) != len(names) or not {STORE, KEYS} <= set(names):
        raise refused
    return manifest
