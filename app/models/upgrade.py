"""Bringing a store to this version: refuse newer ones, migrate on a copy, keep the old file until the new one is proven."""

from pathlib import Path
from typing import Final

from app.errors import Refused
from app.models.database import Database

NEWEST: Final = "0001"
NEWER: Final = "这些数据是用更新的版本保存的。请先升级本机程序(数据没有动)。"


def stamp(database: Database) -> None:
    """Mark a store made by this version."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{NEWEST}')")


def bring_up_to_date(path: Path, key: bytes) -> None:
    """Check the version of a store and migrate it if it is older."""
    database = Database(path, key)
    try:
        with database.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    finally:
        database.close()
    if found != NEWEST:
        raise Refused(NEWER)
