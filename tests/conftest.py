"""What every test has: a clock that runs again afterwards, a Qt without a display, PostgreSQL where it is to be had."""

import datetime as dt
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from app import clock
from tests import machine, postgres

# Before pytest-qt makes its application: no test may need a screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No deadline: these tests write to real disks. In CI the same histories each time, so that a red run can be repeated;
# `make chaos` is where new ones are looked for.
settings.register_profile(
    "ronggui",
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("ronggui")


def pytest_report_header() -> list[str]:
    return [postgres.where_from(), *machine.report()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a programme that is not here; the head of the report has said so."""
    lacking = [marker for marker in machine.NEEDS if machine.missing(marker)]
    needing = [item for item in items if any(item.get_closest_marker(marker) for marker in lacking)]
    if not postgres.available():
        needing += [i for i in items if i.get_closest_marker("postgres") or "postgres_url" in fixtures_of(i)]
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]


def fixtures_of(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


@pytest.fixture(autouse=True)
def _clock_runs_again() -> Iterator[None]:
    yield
    clock.set_now(None)


@pytest.fixture
def fixed_now() -> dt.datetime:
    """The clock stands at 09:00 on Monday 23 November 2026, fixed UTC+8; a test may set it elsewhere."""
    moment = dt.datetime(2026, 11, 23, 9, 0, tzinfo=clock.CHINA)
    clock.set_now(moment)
    return moment


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The `postgres` database of a real server, as a URL for SQLAlchemy (driver psycopg)."""
    given = os.environ.get(postgres.GIVEN)
    if given:
        yield given
        return
    with postgres.throw_away_server() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of a fresh, empty database with bytewise collation, dropped afterwards."""
    from sqlalchemy import create_engine, make_url, text

    name = f"ronggui_{clock.new_id()}"
    administrator = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    try:
        with administrator.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8 LC_COLLATE "C"'))
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        with administrator.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    finally:
        administrator.dispose()
