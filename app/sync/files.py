"""Contents of attachments on their way: read for a package, checked and kept when they come."""

import itertools
import operator
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sqlalchemy import select, update

from app import faults, progress
from app.models import blobs
from app.models.journal import Blob
from app.sync import container
from app.sync.container import Piece
from app.sync.exchange import Exchange
from app.sync.header import PackageInfo

KEEP = faults.define("import.file", "登记收到的附件")


def read(exchange: Exchange, sha256: bytes) -> Iterator[bytes]:
    """The plain bytes of a content that is here; EnvironmentTrouble when its file is damaged."""
    progress.step("带上附件")
    with exchange.database.read() as session:
        row = session.execute(select(Blob.size, Blob.name, Blob.key).where(Blob.sha256 == sha256)).one()
    yield from blobs.unseal(exchange.folder, blobs.Sealed(sha256, row.size, row.name, bytes(row.key)))


def take_all(exchange: Exchange, path: Path, info: PackageInfo, names: Sequence[bytes]) -> int:
    """Keep those contents of a package that came whole and are missing here; gives how many stay missing.

    One piece is in memory at a time, and none is written beyond the size that the attachment's record names.
    """
    with exchange.database.read() as session:
        query = select(Blob.sha256, Blob.size).where(Blob.name.is_(None), Blob.sha256.in_(names))
        missing = {bytes(row.sha256): row.size for row in session.execute(query)}
    if not missing:
        return 0
    pieces = container.attachment_pieces(path, info, names, exchange.keys.identity)
    for name, some in itertools.groupby(pieces, key=operator.attrgetter("name")):
        if name in missing and take(exchange, name, _contents(some, missing[name])):
            del missing[name]
    return len(missing)


class _NotWhole(Exception):
    """A content that did not arrive as its record describes it."""


def _contents(pieces: Iterable[Piece], size: int) -> Iterator[bytes]:
    for piece in pieces:
        size -= len(piece.data or b"")
        if piece.data is None or size < 0:
            raise _NotWhole
        yield piece.data


def take(exchange: Exchange, sha256: bytes, pieces: Iterable[bytes]) -> bool:
    """Keep a content if it is what its name says; a wrong one is not taken and stays missing."""
    try:
        sealed = blobs.seal(exchange.folder, pieces)
    except _NotWhole:
        return False
    if sealed.sha256 != sha256:
        blobs.discard(exchange.folder, sealed)
        return False
    try:
        faults.step(KEEP)
        with exchange.database.work("保存收到的附件") as work:
            values = {"size": sealed.size, "name": sealed.name, "key": sealed.key}
            work.connection.execute(update(Blob).where(Blob.sha256 == sha256).values(**values))
    except BaseException:
        blobs.discard(exchange.folder, sealed)  # a file no record names would be found by `store check`
        raise
    return True
