"""Merged persons: a record that names another one stands for it; the way is walked to its end whenever it is read."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Person, fold
from app.models.database import Database
from app.models.fold import Order


def end_of(session: Session, person: str) -> str:
    """The record a person is kept under. In a circle the redirect made first does not count."""
    way = [person]
    while (following := _next(session, way[-1])) is not None:
        if following in way:
            return _cut(session, way[way.index(following) :])
        way.append(following)
    return way[-1]


def circles(session: Session) -> list[tuple[str, ...]]:
    """Every circle of redirects, each once."""
    query = select(Person.id).where(Person.merged_into.is_not(None), ~Person.deleted)
    found: dict[frozenset[str], tuple[str, ...]] = {}
    seen: set[str] = set()
    for start in session.scalars(query.order_by(Person.id)):
        way = [start]
        while (following := _next(session, way[-1])) is not None and following not in seen:
            if following in way:
                circle = way[way.index(following) :]
                found.setdefault(frozenset(circle), tuple(sorted(circle)))
                break
            way.append(following)
        seen.update(way)
    return sorted(found.values())


def _next(session: Session, person: str) -> str | None:
    """Whom a record names, if that one is here."""
    target: str | None = session.scalar(select(Person.merged_into).where(Person.id == person))
    if target is None or session.scalar(select(Person.id).where(Person.id == target)) is None:
        return None
    return target


def _cut(session: Session, circle: list[str]) -> str:
    """Of a circle, whose own redirect was made first: the same on every node that has all of it."""
    database: Database = session.info["database"]
    connection = session.connection()
    order = Order(database, connection)
    made = {}
    for record, one in fold.load(database, connection, [bytes.fromhex(person) for person in circle]):
        head = one.heads("merged_into", order)[0]
        made[record.hex()] = (head.stamp, order.key(head.dot))
    return min(circle, key=lambda person: made[person])
