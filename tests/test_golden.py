"""Stores, packages and backups of every released version still open, and still say what they said."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import __version__
from tests.golden import make

VERSIONS = sorted(path.name for path in make.HERE.iterdir() if (path / make.EXPECTED).exists())


@dataclass(frozen=True)
class Golden:
    """The files of one version, unpacked where a test may spoil them."""

    version: Path
    unpacked: Path
    expected: dict[str, Any]


@pytest.fixture(params=VERSIONS)
def golden(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Golden:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    version = make.HERE / request.param
    with tarfile.open(version / make.STORES) as archive:
        archive.extractall(tmp_path / "stores", filter="data")
    expected = json.loads((version / make.EXPECTED).read_text("utf-8"))
    return Golden(version, tmp_path / "stores", expected)


def test_this_version_has_its_golden_files() -> None:
    assert __version__ in VERSIONS


def test_the_store_opens_and_says_the_same(golden: Golden, tmp_path: Path) -> None:
    village, expected = golden.unpacked / "village", golden.expected
    assert make.done(village, "store", "digest")["digest"] == expected["village"]
    counts = make.done(village, "store", "status")["counts"]
    assert {kind: counts.get(kind) for kind in expected["counts"]} == expected["counts"]
    assert make.done(village, "store", "check") == {"ok": True, "problems": []}
    for name, person in expected["persons"].items():
        assert make.done(village, "person", "show", person)["fields"]["name"] == name
    out = tmp_path / "back.txt"
    assert (
        make.done(village, "attach", "get", expected["attachment"]["id"], out)["sha256"]
        == expected["attachment"]["sha256"]
    )
    sums = make.done(village, "campaign", "show", expected["campaign"])
    assert [sums[name] for name in ("planned", "paid", "open")] == ["1000.00", "500.00", "500.00"]


def test_the_package_is_taken(golden: Golden) -> None:
    township, expected = golden.unpacked / "township", golden.expected
    assert make.done(township, "store", "digest")["digest"] == expected["township"]
    taken = make.done(township, "exchange", "import", golden.version / make.PACKAGE)
    assert (taken["accepted"] + taken["known"], taken["refused"], taken["held"]) == (expected["groups"], 0, 0)
    words = ("store", "digest", "--scope", make.VILLAGE)
    assert make.done(township, *words) == make.done(golden.unpacked / "village", *words)
    assert make.done(township, "case", "show", expected["case"])["next"] == [
        {"step": "first_review", "level": "village"}
    ]
    assert make.done(township, "store", "check")["ok"]


def test_the_backup_is_put_back(golden: Golden) -> None:
    village = golden.unpacked / "village"
    make.done(village, "person", "set", next(iter(golden.expected["persons"].values())), "note=备份以后")
    assert make.done(village, "store", "digest")["digest"] != golden.expected["village"]
    make.done(village, "backup", "restore", golden.version / make.BACKUP)
    assert make.done(village, "store", "digest")["digest"] == golden.expected["village"]
