"""Moving groups between databases without packages: what merging is given, and a judge that lets everything in."""

from collections.abc import Iterable
from pathlib import Path
from typing import cast

from sqlalchemy import select

from app import clock
from app.models import Group, Origin, Part, moving, recording, standing
from app.models.database import Database, Work
from app.models.founding import create_tables, found
from app.models.recording import GroupHeader
from app.sync.groups import FLOW_PARTIAL, FLOW_WHOLE, Counts, Incoming
from app.sync.judging import Judge
from app.sync.merging import Merge

KEY = bytes(range(32))
HOME = "361002100201"


class Lenient:
    """Knows everybody and finds nothing wrong: rights and scopes are tested with packages."""

    from_above = False

    def is_own(self, _node: str) -> bool:
        return False

    def knows(self, _group: Incoming) -> bool:
        return True

    def demand_vouched(self, _group: Incoming, *, rival: bool) -> None:
        pass

    def violation(self, _group: Incoming, _known: object) -> None:
        return None

    def heard(self, _group: Incoming) -> None:
        pass

    def refuse(self, _work: Work, _group: Incoming, _reason: str) -> None:
        raise AssertionError("a lenient judge refuses nothing")


def founded(place: Path | str, node: str | None = None) -> Database:
    """An empty database of a node, on SQLite (a path) or PostgreSQL (a URL)."""
    database = Database(place, KEY)
    create_tables(database)
    found(database, node=node or clock.new_id(), incarnation=1, keys=b"", practice=True, place="")
    database.refold = standing.refold
    database.note_moves = moving.note
    return database


def groups_of(database: Database, *, flow: int = FLOW_WHOLE) -> list[Incoming]:
    """Every group a database holds, in the order of its authors' positions."""
    out = []
    with database.read() as session:
        query = select(Group, Origin).join(Origin, Origin.id == Group.origin)
        for group, _ in session.execute(query.order_by(Origin.id, Group.position)):
            parts = {}
            for part in session.scalars(select(Part).where(Part.group_id == group.id).order_by(Part.number)):
                assert part.salt is not None
                assert part.body is not None
                parts[part.number] = (part.salt, part.body, recording.decode_part(part.body))
            hashes = b"".join(recording.part_hash(salt, body) for salt, body, _ in parts.values())
            header = GroupHeader.decoded(group.header)
            out.append(Incoming(header, group.header, group.hash, group.mac, group.signature, hashes, parts, flow))
    return out


def take(database: Database, groups: Iterable[Incoming]) -> Counts:
    """Let a database take groups in one unit of work."""
    with database.work("接收") as work:
        return Merge(work, cast("Judge", Lenient())).take(list(groups))


def move(source: Database, target: Database, *, flow: int = FLOW_WHOLE) -> Counts:
    """Everything the source holds and the target did not write itself."""
    with target.read() as session:
        own = session.scalar(select(Origin.node).order_by(Origin.id))
    return take(target, [group for group in groups_of(source, flow=flow) if group.header.node != own])


__all__ = ["FLOW_PARTIAL", "FLOW_WHOLE", "HOME", "KEY", "Lenient", "founded", "groups_of", "move", "take"]
