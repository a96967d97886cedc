"""The baseline of the exchange: SQLite's session extension on encrypted stores, in an interpreter of its own.

Reads a task (JSON) from stdin, prints seconds and bytes (JSON). Needs apsw-sqlite3mc, pyrage and zstandard.
"""

import io
import json
import os
import sys
import time
from pathlib import Path

import apsw
import pyrage
import zstandard


def opened(path: Path, pragmas: dict[str, object]) -> apsw.Connection:
    """An encrypted store in SQLCipher's format with the pragmas of ours."""
    connection = apsw.Connection(str(path))
    connection.pragma("cipher", "sqlcipher")
    connection.pragma("legacy", 4)
    connection.pragma("hexkey", os.urandom(32).hex())
    for name, value in pragmas.items():
        connection.pragma(name, value)
    return connection


def founded(path: Path, task: dict) -> apsw.Connection:
    """A store with the table, and nothing in it."""
    connection = opened(path, task["pragmas"])
    for statement in task["schema"]:
        connection.execute(statement)
    return connection


def main() -> None:
    """Take, seal and apply one changeset."""
    task = json.load(sys.stdin)
    folder = Path(task["folder"])
    rows = [[bytes.fromhex(v["hex"]) if isinstance(v, dict) else v for v in row] for row in task["rows"]]

    sender = founded(folder / "sender.db", task)
    session = apsw.Session(sender, "main")
    session.attach()
    start = time.perf_counter()
    with sender:
        sender.executemany(task["insert"], rows)
    inserted = time.perf_counter() - start

    start = time.perf_counter()
    changeset = session.changeset()
    packed = zstandard.ZstdCompressor(level=3).compress(changeset)
    sealed = io.BytesIO()
    pyrage.encrypt_io(io.BytesIO(packed), sealed, [pyrage.x25519.Recipient.from_str(task["recipient"])])
    with (folder / "changeset.age").open("wb") as stream:
        stream.write(sealed.getvalue())
        stream.flush()
        os.fsync(stream.fileno())
    exported = time.perf_counter() - start

    addressee = founded(folder / "addressee.db", task)
    start = time.perf_counter()
    with addressee:
        apsw.Changeset.apply(changeset, addressee, conflict=lambda reason, change: apsw.SQLITE_CHANGESET_ABORT)
    applied = time.perf_counter() - start

    table = task["insert"].split('"')[1]
    taken = addressee.execute(f'SELECT count(*) FROM "{table}"').get
    if taken != len(rows):
        sys.exit(f"{taken} of {len(rows)} rows were applied")
    with (folder / "sender.db").open("rb") as stream:
        if stream.read(15) == b"SQLite format 3":
            sys.exit("the baseline's store is not encrypted")
    result = {"insert": inserted, "export": exported, "sealed": len(sealed.getvalue()), "apply": applied}
    print(json.dumps(result))


main()
