"""After a kill or a power cut: what a write left half done is taken away; nothing that was saved is touched."""

from pathlib import Path
from typing import Final

from sqlalchemy import select

from app import durable
from app.models import Staff, blobs
from app.models.journal import Blob
from app.services.station import Station

MARK: Final = "in-use"
"""A file that lies in the folder while the store is open: still there at the next opening, the last stop was unclean."""
UNCLEAN: Final = "上次没有正常关机。没写完的临时文件已清掉, 之前保存的都在。"


def mark(folder: Path) -> bool:
    """Note that the store is in use; True when the last stop was unclean."""
    path = folder / MARK
    unclean = path.exists()
    path.touch()
    return unclean


def unmark(folder: Path) -> None:
    """Note a clean stop."""
    (folder / MARK).unlink(missing_ok=True)


def tidy(station: Station) -> None:
    """Remove temporary files, contents no record names, and key slots no account in use stands behind.

    The order of writing (content, then record; slot, then account) leaves just these behind when a kill falls between.
    """
    folder = station.folder
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        for path in durable.leftovers(place):
            path.unlink(missing_ok=True)
    with station.db.read() as session:
        named = set(session.scalars(select(Blob.name).where(Blob.name.is_not(None))))
        known = set(session.scalars(select(Staff.id).where(Staff.status.is_distinct_from("left"))))
    for path in blobs.present(folder):
        if path.name not in named:
            path.unlink(missing_ok=True)
    if station.keys is not None:
        slots = station.keys.staff_ids
        # One always stays: without any, nobody but the holder of the 应急恢复码 could open the store.
        unused = [slot for slot in slots if slot not in known]
        for slot in unused[1:] if len(unused) == len(slots) else unused:
            station.keys.remove_slot(station.store_key, slot)
