"""Contents of attachments: whole or missing, never more than their record says, one piece in memory at a time."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import insert

from app import clock
from app.models import Attachment, blobs
from app.models.journal import Blob
from app.sync import container, files
from tests.sync.units import EAST, HOME, TOWNSHIP, Desk, Units


def attach(desk: Desk, content: bytes, size: int | None = None) -> bytes:
    """A content in a store with a record that names it; gives its SHA-256."""
    sealed = blobs.seal(desk.station.folder, [content])
    with desk.station.db.work("添加附件") as work:
        work.connection.execute(
            insert(Blob).values(sha256=sealed.sha256, size=sealed.size, name=sealed.name, key=sealed.key)
        )
        work.session.add(
            Attachment(
                home=HOME[EAST], subject_kind="person", subject=clock.new_id(), name="照片.jpg",
                size=len(content) if size is None else size, sha256=sealed.sha256,
            )
        )  # fmt: skip
    return sealed.sha256


def on_disk(desk: Desk) -> list[Path]:
    return [path for path in (desk.station.folder / "files").rglob("*") if path.is_file()]


def test_a_content_of_several_pieces_arrives(units: Units) -> None:
    content = bytes(range(256)) * 40_000
    with patch.object(container, "PIECE", 1 << 20):
        name = attach(units[EAST], content)
        assert units.up(EAST).missing_files == 0
    assert b"".join(files.read(units[TOWNSHIP].exchange, name)) == content


def test_more_than_the_record_names_is_not_written(units: Units) -> None:
    attach(units[EAST], b"x" * 100_000, size=99_999)
    written = 0
    original = blobs.seal

    def counting(folder: Path, chunks: Iterator[bytes]) -> blobs.Sealed:
        def through() -> Iterator[bytes]:
            nonlocal written
            for chunk in chunks:
                written += len(chunk)
                yield chunk

        return original(folder, through())

    with patch.object(blobs, "seal", counting):
        assert units.up(EAST).missing_files == 1
    assert written <= 99_999
    assert on_disk(units[TOWNSHIP]) == []


def test_a_broken_part_is_named_missing_and_comes_again(units: Units) -> None:
    """The records are taken all the same; the next package brings what was missing."""
    content = hashlib.sha256(b"photo").digest() * 1000
    name = attach(units[EAST], content)
    path = units[EAST].export("parent")
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    taken = units[TOWNSHIP].take(path)
    assert (taken.counts.accepted, taken.missing_files) == (1, 1)
    assert taken.document["missing"] == ["attachments"]
    assert on_disk(units[TOWNSHIP]) == []
    units.down(EAST)
    assert units.up(EAST).missing_files == 0
    assert b"".join(files.read(units[TOWNSHIP].exchange, name)) == content


def test_a_content_that_is_not_what_its_name_says_is_not_kept(units: Units) -> None:
    name = attach(units[EAST], b"one")
    with patch.object(files, "read", lambda _exchange, _sha256: iter([b"two"])):
        assert units.up(EAST).missing_files == 1
    assert on_disk(units[TOWNSHIP]) == []
    units.down(EAST)
    assert units.up(EAST).missing_files == 0
    assert b"".join(files.read(units[TOWNSHIP].exchange, name)) == b"one"
