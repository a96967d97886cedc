"""Consistent copies of a store's encrypted file, and the proof that such a file is sound."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from app import durable
from app.models.engines import sqlite_engine


@contextmanager
def bare(path: Path, key: bytes) -> Iterator[Connection]:
    """One connection to a store's file outside any unit of work; each statement is its own transaction.

    Raises SQLAlchemy's DBAPIError when the file is damaged or the key is not its own.
    """
    engine = sqlite_engine(path, key, read_only=False)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_store(connection: Connection, target: Path) -> None:
    """Write what the connection's store holds now into a new file under the same key, flushed to the device.

    `VACUUM INTO` reads in one transaction, so that a copy taken while others write is whole; a file that is there
    already is an error.
    """
    connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
    flush(target)


def flush(path: Path) -> None:
    """Make a finished file survive a power cut."""
    fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
    durable.flush_folder(path.parent)


def faults_of(connection: Connection) -> list[str]:
    """What is wrong with the file: pages that were changed, broken trees and indexes, parts without their record."""
    found = broken_pages(connection)
    found += [f"{table} {rowid} -> {parent}" for table, rowid, parent, _ in orphans(connection)]
    return found


def broken_pages(connection: Connection) -> list[str]:
    """Pages of the file that were changed by something else than the store, and trees or indexes that are broken.

    Every page is looked at, also those that no record needs just now.
    """
    found = [f"cipher: {row[0]}" for row in connection.exec_driver_sql("PRAGMA cipher_integrity_check")]
    return found or [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]


def orphans(connection: Connection) -> list[tuple[str, int | None, str, int]]:
    """Rows whose foreign key names nothing: (table, rowid, table it should be in, number of the key)."""
    return [tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
