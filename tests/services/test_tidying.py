"""After an unclean stop the half done is gone and the saved is there."""

from pathlib import Path

import pytest

from app import folders
from app.models import blobs
from app.services import stores, tidying

FOUNDING = stores.Founding("village", "桥头村站", ("361002100201",), "周敏", "demo", practice=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(folders, "settings_folder", lambda: tmp_path / "settings")
    opened, _ = stores.init(tmp_path / "store", FOUNDING)
    opened.close()
    return tmp_path / "store"


def test_a_clean_stop_is_not_spoken_of(folder: Path) -> None:
    opened = stores.open_store(folder, user=None, password="demo")
    assert opened.warnings == ()
    assert (folder / tidying.MARK).exists()
    opened.close()
    assert not (folder / tidying.MARK).exists()


def test_what_a_kill_left_behind_is_taken_away_and_said(folder: Path) -> None:
    orphan = blobs.seal(folder, [b"a content whose record was never saved"])
    half = folder / "outbox" / ".half.rgp.01234567.part"
    half.write_bytes(b"half a package")
    (folder / tidying.MARK).touch()
    before = {path for path in folder.rglob("*") if path.is_file()} - {blobs.path_of(folder, orphan.name), half}
    opened = stores.open_store(folder, user=None, password="demo")
    assert opened.warnings == (tidying.UNCLEAN,)
    assert not half.exists()
    assert not blobs.path_of(folder, orphan.name).exists()
    assert before <= {path for path in folder.rglob("*") if path.is_file()}
    opened.close()
