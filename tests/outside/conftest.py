"""Fixtures of the tests from outside: a home of its own, and two joined stores that many refused calls may look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outside.programme import Desk, Home, found_pair

ADDED = {
    "name": "欧阳桥",
    "id_number": "361002194912319000",
    "division": "361002100201",
    "phone": "16400000001",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "account")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    """(village, township) with one person, asked through one process; tests leave them as they were."""
    root = tmp_path_factory.mktemp("pair")
    with Home(root / "account").batch() as batch:
        village, township = found_pair(batch, root)
        village.done("person", "add", "-", stdin=ADDED)
        yield village, township


@pytest.fixture
def village(pair: tuple[Desk, Desk]) -> Desk:
    return pair[0]


@pytest.fixture
def township(pair: tuple[Desk, Desk]) -> Desk:
    return pair[1]
