"""A founded database of one node, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.models.database import Database
from tests.sync import moving


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a database may be made: a path, then the URL of an empty PostgreSQL database."""
    if request.param == "sqlite":
        return tmp_path / "store.db"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    """One founded database of each sort."""
    made = moving.founded(place)
    yield made
    made.close()


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """`another()` founds one more node's database, on SQLite."""
    made: list[Database] = []

    def one(node: str | None = None) -> Database:
        made.append(moving.founded(tmp_path / f"other{len(made)}.db", node))
        return made[-1]

    yield one
    for each in made:
        each.close()
