"""Which groups count: voids, what waits behind them, forks; the same answer on every node that holds the same."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select, update

from app.models import bulk, erasures, fold, owning, recording
from app.models.base import kinds, table_of
from app.models.causality import Dot
from app.models.database import Database
from app.models.journal import Group, Origin, Standing
from app.models.node import Node

REVOKED: Final = "revoked"
"""Status of a unit whose computer is lost."""


class Void(NamedTuple):
    """A group named by a refusal or a replacement."""

    node: str
    incarnation: int
    position: int
    hash: bytes


def voids(connection: Connection) -> set[Void]:
    """Every group that refusals and replacements leave out of the fold."""
    out = set()
    for kind in ("refusal", "replacement"):
        table = table_of(kind)
        query = select(table.c.node, table.c.incarnation, table.c.position, table.c.group_hash).where(~table.c.deleted)
        for node, incarnation, position, digest in connection.execute(query):
            if node is not None and incarnation is not None and position is not None and digest is not None:
                out.add(Void(node, incarnation, position, bytes(digest)))
    return out | _after_revocation(connection)


def _after_revocation(connection: Connection) -> set[Void]:
    """What is here of revoked units beyond the last that their parent had from them."""
    out = set()
    revoked = select(Node.id, Node.last_position).where(Node.status == REVOKED, ~Node.deleted)
    for unit, text in connection.execute(revoked):
        last = last_positions(text)
        query = select(Origin.incarnation, Group.position, Group.hash).join(Origin, Origin.id == Group.origin)
        for incarnation, position, digest in connection.execute(query.where(Origin.node == unit)):
            if position > last.get(incarnation, 0):
                out.add(Void(unit, incarnation, position, bytes(digest)))
    return out


def last_positions(text: str | None) -> dict[int, int]:
    """{incarnation: the last position that counts} of a revoked unit; what makes no sense says that nothing counts."""
    out: dict[int, int] = {}
    for one in (text or "").split(","):
        incarnation, _, position = one.partition(":")
        if incarnation.isdecimal() and position.isdecimal():
            out[int(incarnation)] = int(position)
    return out


def dead_dots(connection: Connection) -> tuple[set[Dot], dict[Dot, set[bytes]]]:
    """Dots none of whose groups counts; and the records for which a dot is dead although its other group counts.

    The second are of settled forks: what was built on the losing side waits with it where the other side is no answer.
    """
    query = select(Group.id, Group.origin, Group.position)
    dead: dict[Dot, set[int]] = {}
    for group, origin, position in connection.execute(query.where(Group.standing != Standing.LIVE)):
        dead.setdefault(Dot(origin, position), set()).add(group)
    if not dead:
        return set(), {}
    origins = {dot.origin for dot in dead}
    living = {
        dot: group
        for group, origin, position in connection.execute(
            query.where(Group.standing == Standing.LIVE, Group.origin.in_(origins))
        )
        if (dot := Dot(origin, position)) in dead
    }
    halves = {dot: records_of(connection, dead[dot]) - records_of(connection, [group]) for dot, group in living.items()}
    return dead.keys() - living.keys(), halves


def apply_voids(database: Database, connection: Connection, more: Iterable[bytes] = ()) -> set[bytes]:
    """Bring the standing of groups to what voids and forks say; gives the records whose fold may have changed.

    `more`: records on which a group has ceased to count for another reason.

    What builds on a group that no longer counts is held; the closure is found record by record.
    """
    changed: set[int] = set()
    for void in voids(connection):
        query = (
            select(Group.id)
            .join(Origin, Origin.id == Group.origin)
            .where(
                Origin.node == void.node,
                Origin.incarnation == void.incarnation,
                Group.position == void.position,
                Group.hash == void.hash,
                Group.standing != Standing.VOID,
            )
        )
        changed.update(row.id for row in connection.execute(query))
    set_standing(database, connection, changed, Standing.VOID)
    database.arrive_again(connection, changed)
    touched = records_of(connection, changed) | set(more)
    frontier = set(touched)
    while frontier:
        held = followers(database, connection, frontier)
        set_standing(database, connection, held, Standing.HELD)
        database.arrive_again(connection, held)
        # All their records again, those seen before too: what was held just now may have had followers there.
        frontier = records_of(connection, held)
        touched |= frontier
    return touched


def set_standing(database: Database, connection: Connection, groups: Iterable[int], standing: Standing) -> None:
    """Mark groups."""
    some = list(groups)
    with database.door(connection):
        for ids in bulk.chunks(some, 500):
            connection.execute(update(Group).where(Group.id.in_(ids)).values(standing=standing.value))


def records_of(connection: Connection, groups: Iterable[int]) -> set[bytes]:
    """Records that have a part in any of the groups."""
    rows = bulk.select_in(connection, "SELECT record FROM journal_part WHERE group_id IN ({})", list(groups))
    return {bytes(record) for (record,) in rows}


def followers(database: Database, connection: Connection, records: set[bytes]) -> set[int]:
    """Live groups on these records whose author built on something that does not count here."""
    sql = (
        "SELECT p.record, p.body, g.id, g.origin, g.position FROM journal_part p JOIN journal_group g ON g.id = p.group_id "
        f"WHERE g.standing = {Standing.LIVE.value} AND p.record IN ({{}})"
    )
    bases = _base_vectors(database, connection, records)
    live: dict[bytes, set[Dot]] = {}
    rows = []
    for record, body, group, origin, position in bulk.select_in(connection, sql, list(records)):
        live.setdefault(bytes(record), set()).add(Dot(origin, position))
        if body is not None:
            rows.append((bytes(record), recording.decode_part(bytes(body)), group))
    out = set()
    for record, part, group in rows:
        base = bases.get(record, {})
        for origin, position in database.vector_of(connection, part.context).items():
            if base.get(origin, 0) < position and Dot(origin, position) not in live.get(record, ()):
                out.add(group)
    return out | _orphans(connection, records)


def _orphans(connection: Connection, records: set[bytes]) -> set[int]:
    """Live groups that made parts of records which, with what counts now, do not exist."""
    sql = (
        "SELECT DISTINCT p.record FROM journal_part p JOIN journal_group g ON g.id = p.group_id "
        f"WHERE g.standing = {Standing.LIVE.value} AND p.record IN ({{}})"
    )
    alive = {bytes(record) for (record,) in bulk.select_in(connection, sql, list(records))}
    alive |= {
        bytes(r)
        for (r,) in bulk.select_in(connection, "SELECT record FROM baseline WHERE record IN ({})", list(records))
    }
    # What was deleted by law is here as a shell, also where nothing else of it has ever come.
    alive |= erasures.named(connection, list(records - alive)).keys()
    gone = list(records - alive)
    out: set[int] = set()
    for kind, cls in kinds().items() if gone else ():
        if not cls.part_of:
            continue
        children: Sequence[Any] = [
            row[0]
            for row in bulk.select_in(connection, f'SELECT id FROM "{kind}" WHERE "{cls.part_of}" IN ({{}})', gone)
        ]
        sql = (
            "SELECT g.id FROM journal_part p JOIN journal_group g ON g.id = p.group_id "
            f"WHERE g.standing = {Standing.LIVE.value} AND p.record IN ({{}})"
        )
        out |= {group for (group,) in bulk.select_in(connection, sql, [bytes(c) for c in children])}
    return out


def _base_vectors(database: Database, connection: Connection, records: set[bytes]) -> dict[bytes, dict[int, int]]:
    sql = "SELECT record, body FROM baseline WHERE record IN ({})"
    return {
        bytes(record): fold.decode_base(database, connection, bytes(body)).vector
        for record, body in bulk.select_in(connection, sql, list(records))
    }


def refold(database: Database, connection: Connection, records: Iterable[bytes]) -> dict[str, list[str]]:
    """Fold these records anew from the journal and bring their rows to it, then whatever they are parts of."""
    found = dict(fold.load(database, connection, list(records)))
    kinds_of: dict[str, set[bytes]] = {}
    for record, one in found.items():
        kinds_of.setdefault(one.kind or _kind_of(connection, record), set()).add(record)
    owners = owning.owners_of(connection, kinds_of)  # before: a row that goes takes the name of its owner along
    touched = fold.write_rows(database, connection, found)
    for kind, more in owning.owners_of(connection, kinds_of).items():
        owners.setdefault(kind, set()).update(more)
    if again := owning.unsettled(connection, owners):
        for kind, ids in fold.write_rows(
            database, connection, dict(fold.load(database, connection, list(again)))
        ).items():
            touched[kind] = list({*touched.get(kind, []), *ids})
    return touched


def _kind_of(connection: Connection, record: bytes) -> str:
    """The kind of part whose row is about to go, because nothing that made it counts any more."""
    for kind, cls in kinds().items():
        if cls.part_of and next(
            bulk.select_in(connection, f'SELECT id FROM "{kind}" WHERE id IN ({{}})', [record]), None
        ):
            return kind
    return ""
