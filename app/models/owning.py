"""Records and their own parts (part_of): a deletion holds only while nothing of the record is left."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection

from app.models import bulk
from app.models.base import fields_of, kinds


def owner_of(kind: str) -> str:
    """The kind of record that a kind of part belongs to."""
    return fields_of(kind)[kinds()[kind].part_of].target


def parts_of(kind: str) -> list[tuple[str, str]]:
    """(kind, field) of the parts a record of this kind may have."""
    return [(name, cls.part_of) for name, cls in kinds().items() if cls.part_of and owner_of(name) == kind]


def owners_of(connection: Connection, touched: Mapping[str, Collection[bytes]]) -> dict[str, set[bytes]]:
    """The records that these are parts of, by their kind."""
    out: dict[str, set[bytes]] = defaultdict(set)
    for kind, records in touched.items():
        cls = kinds().get(kind)
        if cls is not None and cls.part_of and records:
            sql = f'SELECT DISTINCT "{cls.part_of}" FROM "{kind}" WHERE id IN ({{}})'
            out[owner_of(kind)].update(
                bytes(owner) for (owner,) in bulk.select_in(connection, sql, list(records)) if owner is not None
            )
    return out


def with_parts_left(connection: Connection, kind: str, records: Iterable[bytes]) -> set[bytes]:
    """Those of the records that have a part which is not deleted."""
    some = list(records)
    out: set[bytes] = set()
    for part, field in parts_of(kind) if some else ():
        sql = f'SELECT DISTINCT "{field}" FROM "{part}" WHERE NOT deleted AND "{field}" IN ({{}})'
        out.update(bytes(owner) for (owner,) in bulk.select_in(connection, sql, some))
    return out


def unsettled(connection: Connection, owners: Mapping[str, Collection[bytes]]) -> set[bytes]:
    """Those of the records that somebody has deleted, whether or not the deletion holds, or that are contested."""
    out: set[bytes] = set()
    for kind, records in owners.items():
        if kind in kinds() and records:
            sql = f'SELECT id FROM "{kind}" WHERE deleted AND id IN ({{}})'
            out.update(bytes(record) for (record,) in bulk.select_in(connection, sql, list(records)))
    every = [record for records in owners.values() for record in records]
    sql = "SELECT record FROM contest WHERE record IN ({})"
    out.update(bytes(record) for (record,) in bulk.select_in(connection, sql, every))
    return out
