"""What hangs on a record: its parts, and whatever names it and lives where it lives."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.models import bulk, fields_of, kinds, table_of
from app.models.journal import FormerHome

_MANY = 500


def of(session: Session, kind: str, record: str, homes: Collection[str]) -> dict[str, set[str]]:
    """Ids by kind of the record itself and of everything with one of the homes that names it, or names what names it.

    Fields marked `stays` are not followed: a payment stays in the books it was made from.
    """
    found: dict[str, set[str]] = {kind: {record}}
    fresh = {kind: {record}}
    while fresh:
        more: dict[str, set[str]] = {}
        for other, name, target in _references():
            for some in bulk.chunks(sorted(fresh.get(target, ())), _MANY):
                new = _naming(session, other, name, target, some, homes) - found.get(other, set())
                if new:
                    more.setdefault(other, set()).update(new)
        for other, ids in more.items():
            found.setdefault(other, set()).update(ids)
        fresh = more
    return found


def homes_of(session: Session, person: str) -> list[str]:
    """Where a person lives and what hangs on the person lives, should a move be half known here."""
    table = table_of("person")
    former = session.scalars(select(FormerHome.home).where(FormerHome.record == person))
    return sorted({*former, *session.scalars(select(table.c.home).where(table.c.id == person))})


def _references() -> Iterator[tuple[str, str, str]]:
    """(kind, field, kind it names); an attachment names records of any kind."""
    for kind in kinds():
        for name, facts in fields_of(kind).items():
            if facts.editor != "record" or facts.stays:
                continue
            if facts.target:
                yield kind, name, facts.target
            elif f"{name}_kind" in fields_of(kind):
                yield from ((kind, name, target) for target in kinds())


def _naming(
    session: Session, kind: str, name: str, target: str, records: Sequence[str], homes: Collection[str]
) -> set[str]:
    table = table_of(kind)
    wanted = and_(table.c[name].in_(records), table.c.home.in_(homes))
    if not fields_of(kind)[name].target:
        wanted = and_(wanted, table.c[f"{name}_kind"] == target)
    return {row.id for row in session.execute(select(table.c.id).where(wanted))}
