"""Four real units for tests of the exchange: built once a module, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync import units as bench
from tests.sync.units import Units


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("units")
    bench.build(root)
    return root


@pytest.fixture
def units(template: Path, tmp_path: Path) -> Iterator[Units]:
    with bench.opened(template, tmp_path / "units") as four:
        yield four
