"""A new database: its tables, and the one row of local facts."""

from sqlalchemy import insert

from app import clock
from app.models.base import Base
from app.models.database import Database
from app.models.journal import Local


def found(database: Database, *, node: str, incarnation: int, keys: bytes, practice: bool, place: str) -> None:
    """Write the one row of local facts into a new database."""
    with database.engine.begin() as connection, database.door(connection):
        origin = database.origin_id(connection, node, incarnation)
        connection.execute(
            insert(Local).values(
                id=1,
                store=clock.new_id(),
                node=node,
                incarnation=incarnation,
                origin=origin,
                position=0,
                stamp=0,
                chain=b"",
                keys=keys,
                practice=practice,
                place=place,
            )
        )


def create_tables(database: Database) -> None:
    """All tables of this version, in an empty database."""
    Base.metadata.create_all(database.engine)
