"""依法删除: what an erasure names is blanked wherever it lies; hashes stay, so chains and seals still hold."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from app.models import bulk, recording, standing
from app.models.base import kinds
from app.models.database import Database
from app.models.journal import Blob
from app.models.places import places_of


def blank(database: Database, connection: Connection, records: Collection[bytes]) -> list[str]:
    """Blank whatever is here of erased records; gives file names of contents that no record names any more.

    Parts keep their hashes, snapshots their vectors. Who calls it removes the files once the unit of work is saved.
    """
    names = list(records)
    _remember_places(database, connection, names)
    contents = _contents(connection, names)
    rows = [
        (bytes(record), row, recording.part_hash(bytes(salt or b""), bytes(body)))
        for row, record, salt, body in bulk.select_in(
            connection,
            "SELECT id, record, salt, body FROM journal_part WHERE body IS NOT NULL AND record IN ({})",
            names,
        )
    ]
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    with database.door(connection):
        if rows:
            _keep_hashes(connection, [record for record, _, _ in rows])
            connection.exec_driver_sql(
                f"UPDATE journal_part SET salt = NULL, body = NULL, hash = {mark} WHERE id = {mark}",
                [(digest, row) for _, row, digest in rows],
            )
        bases = bulk.select_in(connection, "SELECT record, body FROM baseline WHERE record IN ({})", names)
        for record, body in list(bases):
            kind, vector, _heads, _lines = recording.decode_plain(bytes(body))
            bare = recording.encode_plain([kind, vector, [], []])
            connection.exec_driver_sql(
                f"UPDATE baseline SET body = {mark}, voucher = NULL WHERE record = {mark}", (bare, bytes(record))
            )
    standing.refold(database, connection, names)
    return _orphaned(connection, contents)


def _remember_places(database: Database, connection: Connection, records: Sequence[bytes]) -> None:
    """Where the records live besides: once they are blanked nothing tells who must blank them too."""
    rows = [
        (record, 0, place)
        for kind in kinds()
        for record, where in places_of(connection, {kind: records}).items()
        for place in (where.home, where.second, where.addressed)
        if place is not None
    ]
    keys = ("record", "group_id", "home")
    with database.door(connection):
        bulk.upsert_many(connection, "former_home", keys, sorted(set(rows)), keys)


def _keep_hashes(connection: Connection, records: Iterable[bytes]) -> None:
    """Groups whose parts are blanked need the list of all part hashes written down."""
    sql = (
        "SELECT DISTINCT g.id FROM journal_group g JOIN journal_part p ON p.group_id = g.id "
        "WHERE (g.hashes IS NULL OR length(g.hashes) = 0) AND p.record IN ({})"
    )
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    for (group,) in list(bulk.select_in(connection, sql, list(set(records)))):
        parts = connection.exec_driver_sql(
            f"SELECT salt, body, hash FROM journal_part WHERE group_id = {mark} ORDER BY number", (group,)
        ).all()
        hashes = b"".join(
            recording.part_hash(bytes(salt or b""), bytes(body)) if body is not None else bytes(kept)
            for salt, body, kept in parts
        )
        connection.exec_driver_sql(f"UPDATE journal_group SET hashes = {mark} WHERE id = {mark}", (hashes, group))


def _contents(connection: Connection, records: Sequence[bytes]) -> set[bytes]:
    sql = "SELECT sha256 FROM attachment WHERE sha256 IS NOT NULL AND id IN ({})"
    return {bytes(sha) for (sha,) in bulk.select_in(connection, sql, records)}


def _orphaned(connection: Connection, contents: set[bytes]) -> list[str]:
    """Files of contents that no attachment names any more; they are forgotten here."""
    sql = "SELECT DISTINCT sha256 FROM attachment WHERE sha256 IN ({})"
    still = {bytes(sha) for (sha,) in bulk.select_in(connection, sql, sorted(contents))}
    out: list[str] = []
    for sha in sorted(contents - still):
        row: Any = connection.execute(select(Blob.name).where(Blob.sha256 == sha)).first()
        out += [row.name] if row is not None and row.name else []
        connection.execute(delete(Blob).where(Blob.sha256 == sha))
    return out
