"""Contents of attachments on their way: read for a package, checked and kept when they come."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select, update

from app import faults
from app.models import blobs
from app.models.journal import Blob
from app.sync.exchange import Exchange

KEEP = faults.define("import.file", "登记收到的附件")


def read(exchange: Exchange, sha256: bytes) -> Iterator[bytes]:
    """The plain bytes of a content that is here; EnvironmentTrouble when its file is damaged."""
    with exchange.database.read() as session:
        row = session.execute(select(Blob.size, Blob.name, Blob.key).where(Blob.sha256 == sha256)).one()
    yield from blobs.unseal(exchange.folder, blobs.Sealed(sha256, row.size, row.name, bytes(row.key)))


def take(exchange: Exchange, sha256: bytes, pieces: Iterable[bytes]) -> bool:
    """Keep a content if it is what its name says; a wrong one is not taken and stays missing."""
    sealed = blobs.seal(exchange.folder, pieces)
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
