"""After an unclean stop the half done is gone and the saved is there."""

from pathlib import Path

import pytest

from app import faults, folders
from app.errors import EnvironmentTrouble
from app.models import Staff, blobs
from app.services import stores, tidying
from app.services.staff import StaffAccounts

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


def test_what_is_not_the_stores_own_is_never_taken_away(folder: Path) -> None:
    """A folder of an earlier version may hold what somebody else put there."""
    names = (
        "files/合同.docx",
        "files/照片/全家福.jpg",
        "files/ab/笔记.txt",
        "files/ab/" + "c" * 32,
        ".电影.part",
        ".a.part",
    )
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"mine")
    (folder / tidying.MARK).touch()
    opened = stores.open_store(folder, user=None, password="demo")
    assert opened.warnings == (tidying.UNCLEAN,)
    assert [name for name in names if not (folder / name).exists()] == []
    opened.close()


def test_the_slot_of_a_leaver_goes_and_one_always_stays(folder: Path) -> None:
    opened = stores.open_store(folder, user=None, password="demo")
    keys = opened.station.keys
    assert keys is not None
    first = opened.station.actor.staff
    accounts = StaffAccounts(opened.station)
    second = accounts.add({"name": "李四", "password": "demo", "roles": "administrator"})
    faults.arm("keys.rename:1")  # between the account and its slot
    with pytest.raises(EnvironmentTrouble):
        accounts.set(first, {"status": "left"})
    faults.arm(None)
    assert first in keys.staff_ids
    opened.close()
    (folder / tidying.MARK).touch()
    opened = stores.open_store(folder, user="李四", password="demo")
    keys = opened.station.keys
    assert keys is not None
    assert keys.staff_ids == [second]
    with opened.station.db.work("停用") as work:  # as a package of another incarnation of this unit could bring it
        work.session.get_one(Staff, second).status = "left"
    tidying.tidy(opened.station)
    assert keys.staff_ids == [second]
    opened.close()
