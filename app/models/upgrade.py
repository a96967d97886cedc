"""Bringing a store to this version: refuse newer ones, migrate on a copy, keep the old file until the new one is proven."""

import importlib.resources
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from app import durable, faults
from app.errors import EnvironmentTrouble, Newer
from app.models import copying
from app.models.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST: Final = "0005"
"""The last file of migrations/versions; a store is founded with it."""
NEWER: Final = "这些数据是用更新的版本保存的。请先升级本机程序(数据没有动)。"
FAILED: Final = "数据升级没有做成, 原来的数据没有动。请先用原来的版本继续工作, 并请镇站或技术支持帮忙。"

COPY: Final = faults.define("upgrade.copy", "升级前复制数据文件")
MIGRATE: Final = faults.define("upgrade.migrate", "在副本上升级数据")
PROVE: Final = faults.define("upgrade.prove", "核对升级后的副本")
KEEP: Final = faults.define("upgrade.keep", "保留升级前的数据文件")
SWAP: Final = faults.define("upgrade.rename", "换上升级后的数据文件")

_COPY_SUFFIX = ".new"
_ENDINGS = ("", "-wal", "-shm", "-journal")


def scripts() -> Path:
    """The folder of alembic's env.py and of the revisions."""
    return Path(str(importlib.resources.files("app.models"))) / "migrations"


def versions() -> Sequence[Path]:
    """The folders revisions are looked for in."""
    return (scripts() / "versions",)


def stamp(database: Database) -> None:
    """Mark a store whose tables were made by `create_tables` as being of this version."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{NEWEST}')")


def bring_up_to_date(path: Path, key: bytes) -> None:
    """Check the version of a store's file and migrate it if it is older; the caller holds the store's lock.

    An older file stays beside it as `store.db.<revision>.old` (`old_files`). Raises Newer for a store of a newer
    version, EnvironmentTrouble when the migration fails (the old file is untouched), SQLAlchemy's DBAPIError for a
    damaged file or a wrong key. A kill at any point leaves the old file or the new one, whole.
    """
    fresh = path.with_name(path.name + _COPY_SUFFIX)
    _remove(fresh)  # of an upgrade that was killed
    with copying.bare(path, key) as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found == NEWEST:
            return
        if found not in known_revisions():
            raise Newer(NEWER)
        # What still lies in the write-ahead log belongs to the old file and must not be found beside the new one.
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            _migrate_copy(connection, fresh, key)
        except Exception as error:
            _remove(fresh)
            raise EnvironmentTrouble(FAILED) from error
        connection.exec_driver_sql("PRAGMA journal_mode=delete")
    _swap(fresh, path, f"{path.name}.{found}.old")


def _migrate_copy(connection: Connection, fresh: Path, key: bytes) -> None:
    faults.step(COPY)
    copying.copy_store(connection, fresh)
    with copying.bare(fresh, key) as copied:
        copied.exec_driver_sql("PRAGMA foreign_keys=off")  # alembic's batch mode rebuilds tables others point to
        copied.exec_driver_sql("PRAGMA journal_mode=delete")
        copied.exec_driver_sql("BEGIN IMMEDIATE")
        faults.step(MIGRATE)
        migrate(copied)
        copied.exec_driver_sql("COMMIT")
        faults.step(PROVE)
        if problems := copying.faults_of(copied):
            raise ValueError("; ".join(problems[:3]))
    copying.flush(fresh)


def _swap(fresh: Path, path: Path, kept: str) -> None:
    old = path.with_name(kept)
    try:
        faults.step(KEEP)
        old.unlink(missing_ok=True)
        # A second name for the old file, so that the rename below replaces it in one step; FAT has no second names.
        try:
            os.link(path, old)
        except OSError:
            durable.copy_file(path, old)
        durable.flush_folder(path.parent)
        faults.step(SWAP)
        fresh.replace(path)
        durable.flush_folder(path.parent)
    except OSError as error:
        _remove(fresh)
        raise EnvironmentTrouble(FAILED) from error


def old_files(path: Path) -> list[Path]:
    """Files of older versions kept beside a store's file; a good backup makes them superfluous."""
    return sorted(path.parent.glob(f"{path.name}.*.old"))


def known_revisions() -> set[str]:
    """Every revision this version can start from."""
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}


def migrate(connection: Connection, to: str = "head") -> None:
    """Run every revision the connection's database lacks, inside the transaction the caller has begun."""
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def configuration() -> "Config":
    """Alembic's settings, without a file: where the revisions lie."""
    from alembic.config import Config

    config = Config()
    for name, folders in (("script_location", (scripts(),)), ("version_locations", versions())):
        config.set_main_option(name, "\n".join(str(folder).replace("%", "%%") for folder in folders))
    config.set_main_option("path_separator", "newline")
    return config


def _remove(fresh: Path) -> None:
    for ending in _ENDINGS:
        fresh.with_name(fresh.name + ending).unlink(missing_ok=True)
