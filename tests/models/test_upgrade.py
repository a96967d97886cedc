"""A store of an older version is migrated on a copy; a newer one is refused; models and revisions say the same."""

import os
import signal
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.exc import DBAPIError

from app import faults
from app.errors import EnvironmentTrouble, Refused
from app.models import Base, base, copying, person_keys, upgrade
from app.models.database import Database
from app.models.founding import create_tables

KEY = bytes(range(32))
NEWEST = upgrade.NEWEST
POINTS = ("upgrade.copy", "upgrade.migrate", "upgrade.prove", "upgrade.keep", "upgrade.rename")


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    faults.arm(None)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of this version with a thousand rows in a table no model knows."""
    path = tmp_path / "数据 100%" / "store.db"
    path.parent.mkdir()
    database = Database(path, KEY)
    create_tables(database)
    upgrade.stamp(database)
    database.close()
    with copying.bare(path, KEY) as connection:
        connection.exec_driver_sql("CREATE TABLE extra (id INTEGER PRIMARY KEY, text TEXT)")
        connection.exec_driver_sql("INSERT INTO extra (text) VALUES (?)", [(f"第 {n} 行",) for n in range(1000)])
    return path


def write_revision(folder: Path, body: str) -> None:
    text = '"""An artificial next revision."""\nfrom alembic import op\nimport sqlalchemy as sa\n'
    text += (
        'revision = "9002"\ndown_revision = "'
        + NEWEST
        + '"\n\n\ndef upgrade():\n'
        + textwrap.indent(textwrap.dedent(body), "    ")
    )
    folder.mkdir(exist_ok=True)
    (folder / "r9002_next.py").write_text(text, "utf-8")


@pytest.fixture
def newer_programme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of one revision more, which this programme takes for its newest."""
    folder = tmp_path / "next"
    known = upgrade.versions()
    monkeypatch.setattr(upgrade, "versions", lambda: (*known, folder))
    monkeypatch.setattr(upgrade, "NEWEST", "9002")
    write_revision(
        folder,
        """
        with op.batch_alter_table("extra") as table:
            table.add_column(sa.Column("kind", sa.Text(), server_default="老"))
            table.drop_column("text")
        op.execute("INSERT INTO extra (id, kind) VALUES (5000, '新')")
        """,
    )
    return folder


def names(path: Path) -> set[str]:
    return {found.name for found in path.parent.iterdir()}


def rows(path: Path) -> tuple[str, int, set[str]]:
    """(revision, rows of the table, its columns); the file is proved sound on the way."""
    with copying.bare(path, KEY) as connection:
        assert copying.faults_of(connection) == []
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        count = connection.exec_driver_sql("SELECT count(*) FROM extra").scalar()
        columns = {row[1] for row in connection.exec_driver_sql("PRAGMA table_info(extra)")}
    assert isinstance(revision, str)
    assert isinstance(count, int)
    return revision, count, columns


OLD = (NEWEST, 1000, {"id", "text"})
NEW = ("9002", 1001, {"id", "kind"})


# -- one truth -----------------------------------------------------------------------------------------------------


def differences(connection: Connection) -> list[object]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def type_differs(_context: object, _column: object, _wanted: object, found: Any, wanted: Any) -> bool:
        return written(found, connection) != written(wanted, connection)

    context = MigrationContext.configure(connection, opts={"compare_type": type_differs})
    return list(compare_metadata(context, Base.metadata))


def written(kind: Any, connection: Connection) -> str:
    """A type as the database writes it, its collation included."""
    return str(kind.dialect_impl(connection.dialect).compile(connection.dialect))


def shape(connection: Connection) -> dict[str, object]:
    """Everything of the tables, what alembic's comparison leaves out as well: keys, defaults, tables without rowid."""
    found = MetaData()
    found.reflect(connection)
    out: dict[str, object] = {}
    for table in found.tables.values():
        columns = {
            c.name: (written(c.type, connection), c.nullable, str(getattr(c.server_default, "arg", None)))
            for c in table.columns
        }
        keys = {(key.parent.name, key.target_fullname, key.deferrable, key.initially) for key in table.foreign_keys}
        indexes = {(str(index.name), tuple(c.name for c in index.columns)) for index in table.indexes}
        without_rowid = table.dialect_options["sqlite"]["with_rowid"] if connection.dialect.name == "sqlite" else None
        out[table.name] = ([c.name for c in table.primary_key], columns, keys, indexes, without_rowid)
    out.pop("alembic_version", None)
    return out


def test_revisions_make_what_the_models_have_on_sqlite(tmp_path: Path) -> None:
    with copying.bare(tmp_path / "migrated.db", KEY) as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade.migrate(connection)
        connection.exec_driver_sql("COMMIT")
        assert differences(connection) == []
        migrated = shape(connection)
        ddl = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'person_key'").scalar()
    database = Database(tmp_path / "made.db", KEY)
    create_tables(database)
    with database.engine.connect() as connection:
        assert shape(connection) == migrated
    database.close()
    assert "WITHOUT ROWID" in str(ddl)


def test_revisions_make_what_the_models_have_on_postgres(postgres_database: str) -> None:
    engine = create_engine(postgres_database)
    try:
        with engine.begin() as connection:
            upgrade.migrate(connection)
        with engine.connect() as connection:
            assert differences(connection) == []
            migrated = shape(connection)
        with engine.begin() as connection:
            Base.metadata.drop_all(connection)
            Base.metadata.create_all(connection)
        with engine.connect() as connection:
            assert shape(connection) == migrated
    finally:
        engine.dispose()


def test_a_forgotten_revision_is_noticed(store: Path) -> None:
    with copying.bare(store, KEY) as connection:
        connection.exec_driver_sql("DROP TABLE extra")
        assert differences(connection) == []
        connection.exec_driver_sql("ALTER TABLE visit DROP COLUMN note")
        assert [found[0] for found in differences(connection)] == ["add_column"]  # type: ignore[index]  # alembic's tuples


def test_the_newest_revision_is_the_one_stores_are_founded_with() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(upgrade.configuration()).get_current_head() == upgrade.NEWEST
    assert int(upgrade.NEWEST) == base.SCHEMA


# -- opening -------------------------------------------------------------------------------------------------------


def test_a_store_of_this_version_is_left_as_it_is(store: Path) -> None:
    before = names(store), store.read_bytes()
    upgrade.bring_up_to_date(store, KEY)
    assert (names(store), store.read_bytes()) == before


def test_an_older_store_is_migrated_and_the_old_file_kept(store: Path, newer_programme: Path) -> None:
    before = store.read_bytes()
    upgrade.bring_up_to_date(store, KEY)
    assert rows(store) == NEW
    old = store.with_name(f"store.db.{NEWEST}.old")
    assert upgrade.old_files(store) == [old]
    assert names(store) == {"store.db", f"store.db.{NEWEST}.old"}
    assert rows(old) == OLD
    assert store.read_bytes()[:16] != b"SQLite format 3\0"
    assert before[:16] != b"SQLite format 3\0"
    upgrade.bring_up_to_date(store, KEY)
    assert rows(store) == NEW


def test_what_lies_in_the_log_comes_along(store: Path, newer_programme: Path) -> None:
    """A store whose last process was killed has acts in its write-ahead log only."""
    child = os.fork()
    if child == 0:
        database = Database(store, KEY)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM extra WHERE id > 10")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert store.with_name("store.db-wal").stat().st_size > 0
    upgrade.bring_up_to_date(store, KEY)
    assert rows(store) == ("9002", 11, {"id", "kind"})
    assert rows(store.with_name(f"store.db.{NEWEST}.old")) == (NEWEST, 10, {"id", "text"})


def test_a_newer_store_is_refused_in_words(store: Path) -> None:
    with copying.bare(store, KEY) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = names(store), store.read_bytes()
    with pytest.raises(Refused, match="更新的版本保存的"):
        upgrade.bring_up_to_date(store, KEY)
    assert (names(store), store.read_bytes()) == before


def test_a_wrong_key_and_a_damaged_file_are_the_drivers_errors(store: Path) -> None:
    with pytest.raises(DBAPIError):
        upgrade.bring_up_to_date(store, bytes(32))
    store.write_bytes(store.read_bytes()[:5000])
    with pytest.raises(DBAPIError):
        upgrade.bring_up_to_date(store, KEY)


def test_a_failing_revision_leaves_the_old_file(store: Path, newer_programme: Path) -> None:
    write_revision(
        newer_programme,
        """
        op.execute("DELETE FROM extra")
        op.execute("INSERT INTO no_such_table VALUES (1)")
        """,
    )
    with pytest.raises(EnvironmentTrouble, match="升级没有做成, 原来的数据没有动"):
        upgrade.bring_up_to_date(store, KEY)
    assert names(store) == {"store.db"}
    assert rows(store) == OLD


def test_a_revision_that_orphans_a_part_is_not_taken(store: Path, newer_programme: Path) -> None:
    write_revision(
        newer_programme,
        """
        op.execute("INSERT INTO family_member (id, person) VALUES (x'01', x'02')")
        """,
    )
    with pytest.raises(EnvironmentTrouble, match="升级没有做成"):
        upgrade.bring_up_to_date(store, KEY)
    assert names(store) == {"store.db"}
    assert rows(store) == OLD


@pytest.mark.parametrize("point", POINTS)
def test_an_error_at_any_point_leaves_the_old_file(store: Path, newer_programme: Path, point: str) -> None:
    faults.arm(f"{point}:1:error")
    with pytest.raises(EnvironmentTrouble, match="升级没有做成"):
        upgrade.bring_up_to_date(store, KEY)
    faults.arm(None)
    assert rows(store) == OLD
    upgrade.bring_up_to_date(store, KEY)
    assert rows(store) == NEW


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_leaves_the_old_file_whole(store: Path, newer_programme: Path, point: str) -> None:
    child = os.fork()
    if child == 0:
        faults.arm(f"{point}:1:kill")
        upgrade.bring_up_to_date(store, KEY)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert rows(store) == OLD
    upgrade.bring_up_to_date(store, KEY)
    assert rows(store) == NEW
    assert names(store) == {"store.db", f"store.db.{NEWEST}.old"}


def test_where_files_have_no_second_name_the_old_one_is_copied(
    store: Path, newer_programme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_names: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    upgrade.bring_up_to_date(store, KEY)
    assert rows(store) == NEW
    assert rows(store.with_name(f"store.db.{NEWEST}.old")) == OLD


@pytest.mark.parametrize("later", [(), ("a_field_of_a_later_version",)])
def test_a_store_of_the_first_version_is_given_all_that_came_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: tuple[str, ...]
) -> None:
    # What the newest version derives keys from is no business of a revision that meets the columns of its own time.
    monkeypatch.setattr(person_keys, "SOURCES", (*person_keys.SOURCES, *later))
    path = tmp_path / "store.db"
    with copying.bare(path, KEY) as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade.migrate(connection, to="0001")
        sql = "INSERT INTO person (id, home, name, deleted, state, version) VALUES (?, '1', ?, ?, x'', 0)"
        connection.exec_driver_sql(sql, [(b"1" * 16, "张三", False), (b"2" * 16, "李四", True)])
        connection.exec_driver_sql("INSERT INTO person_key VALUES ('old', ?)", (b"1" * 16,))
        sql = "INSERT INTO person_service (id, home, person, unit_number) VALUES (?, '1', ?, '某部')"
        connection.exec_driver_sql(sql, (b"3" * 16, b"1" * 16))
        connection.exec_driver_sql("COMMIT")
    upgrade.bring_up_to_date(path, KEY)
    with copying.bare(path, KEY) as connection:
        keys = connection.exec_driver_sql("SELECT key FROM person_key ORDER BY key").scalars().all()
        kept = connection.exec_driver_sql("SELECT unit_number, former_unit, national_state FROM person_service").all()
        named = connection.exec_driver_sql("SELECT name, photo, joined_party FROM person ORDER BY id").all()
        parts = connection.exec_driver_sql("SELECT count(*) FROM person_settlement").scalar()
    assert keys[0] == person_keys.order_key("张三") == "\x01zhang san\x01张三"
    assert set(keys[1:]) == person_keys.keys_of("张三", None, None) - {keys[0]}
    assert ([tuple(row) for row in kept], parts) == ([("某部", None, None)], 0)
    assert [tuple(row) for row in named] == [("张三", None, None), ("李四", None, None)]
