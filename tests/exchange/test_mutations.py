"""Packages changed at every layer: none is taken wrongly, none ends otherwise than in words; long runs: tests/mutations.py."""

import pytest

from tests import mutations


def test_packages_changed_at_every_layer() -> None:
    for layer, result in mutations.walk(40, seed=3).items():
        assert result.failed == [], layer
        assert result.refused, layer
        assert result.disk <= mutations.MOST_DISK, layer


def test_the_harness_notices_what_nobody_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the seals' check, a changed act of the sender would be taken for its author's."""
    monkeypatch.setattr("app.sync.seals.check", lambda *_: None)
    found = mutations.walk(250, seed=3, layers=("groups",))["groups"]
    assert any("nobody made" in text for text in found.failed)
