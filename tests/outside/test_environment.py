"""What the machine does to the programme: wrong password, damage, second instance, full disk, read-only folder."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models import copying, upgrade
from app.models.keyfile import KeyFile
from app.services import stores
from tests.outside.programme import PASSWORD, Answer, Desk, Home

HAN = re.compile(r"[\u4e00-\u9fff]")
NOBODY = 65534
PERSON = {"name": "李四", "id_number": "361002197003049027", "division": "361002100201"}
VILLAGE = ("--level", "village", "--name", "桥头村站", "--scope", "361002100201", "--staff", "周敏")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a practice store that has one person, and the account of its user; `kept` holds both as they were."""
    root = tmp_path_factory.mktemp("template")
    with Home(root / "account").batch() as batch:
        desk = Desk(batch, root / "store")
        desk.done("store", "init", *VILLAGE, "--practice")
        desk.done("person", "add", "-", stdin=PERSON)
    for name in ("store", "account"):
        shutil.copytree(root / name, root / "kept" / name)
    return root


@pytest.fixture
def store(template: Path) -> Path:
    """The store, put back as it was at its very place, so that it is not taken for a copy."""
    for name in ("store", "account"):
        shutil.rmtree(template / name)
        shutil.copytree(template / "kept" / name, template / name)
    return template / "store"


@pytest.fixture
def home(template: Path) -> Home:
    return Home(template / "account")


def refused(answer: Answer, code: int, *words: str) -> None:
    assert (answer.exit, answer.out) == (code, None), answer
    assert HAN.search(answer.error)
    assert "Traceback" not in answer.error
    assert len(answer.error.splitlines()) == 1, answer.error
    for word in words:
        assert word in answer.error


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the lock and the shared-memory index, which say nothing of the data."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("lock", "store.db-shm")
    }


def standing(home: Home, folder: Path) -> tuple[object, ...]:
    """Digest, position, counts, number of acts."""
    status = home.run("store", "status", "--data", folder)
    acts = home.run("journal", "list", "--limit", "100000", "--data", folder)["acts"]
    digest = home.run("store", "digest", "--data", folder)["digest"]
    return digest, status["position"], status["counts"], len(acts)


def whole(home: Home, folder: Path) -> bool:
    answer = home.run("store", "check", "--data", folder)
    return answer.exit == 0 and answer["ok"] is True


# -- who may open it ----------------------------------------------------------------------------------------------


def test_a_wrong_password_and_none(home: Home, store: Path) -> None:
    before = content(store)
    refused(home.cold("store", "status", "--data", store, env={"RONGGUI_PASSWORD": "falsch"}), 3, "密码")
    refused(home.cold("store", "status", "--data", store, without=("RONGGUI_PASSWORD",)), 2, "RONGGUI_PASSWORD")
    refused(home.run("store", "status", "--data", store, "--user", "没有这个人"), 3)
    refused(home.run("store", "status", "--data", store, env={"RONGGUI_RECOVERY": "AAAA-BBBB"}), 3)
    assert content(store) == before


def test_a_folder_without_a_store(home: Home, tmp_path: Path) -> None:
    refused(home.run("store", "status", "--data", tmp_path / "none"), 4, "没有数据")
    assert not (tmp_path / "none").exists()


def test_a_second_store_in_the_same_folder(home: Home, store: Path) -> None:
    before = content(store)
    refused(home.run("store", "init", *VILLAGE, "--data", store), 3, "已经有一份数据")
    assert content(store) == before


def test_a_second_instance(home: Home, store: Path) -> None:
    with home.batch() as batch:
        desk = Desk(batch, store)
        with desk.unchanged():
            refused(home.cold("person", "add", "name=李四", "--data", store), 4, "已经在本机打开")


def test_another_process_with_plain_sqlite_cannot_read_it(store: Path) -> None:
    code = (
        "import sqlite3, sys\n"
        "try:\n    print(sqlite3.connect(sys.argv[1]).execute('select * from sqlite_master').fetchall())\n"
        "except sqlite3.DatabaseError as error:\n    print('no:', error)\n"
    )
    for file in ("store.db", "store.db-wal"):
        if not (store / file).exists():
            continue
        done = subprocess.run([sys.executable, "-c", code, store / file], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "no: file is not a database"
    assert b"SQLite format" not in (store / "store.db").read_bytes()[:4096]


def test_a_store_of_a_newer_version(home: Home, store: Path) -> None:
    key = KeyFile.load(store / stores.KEYS).open_with_password(None, PASSWORD).store_key
    with copying.bare(store / stores.STORE, key) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = content(store)
    refused(home.run("store", "status", "--data", store), 3, "更新的版本", "升级")
    assert content(store).keys() == before.keys()
    with copying.bare(store / stores.STORE, key) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (upgrade.NEWEST,))
    assert whole(home, store)


def test_tests_are_refused_outside_practice(home: Home, tmp_path: Path) -> None:
    """A real store costs a real key stretching; one is enough."""
    folder = tmp_path / "real"
    for env in ({"RONGGUI_NOW": "2026-01-01T08:00:00+08:00"}, {"RONGGUI_FAULT": "save.commit:1"}):
        refused(home.run("store", "init", *VILLAGE, "--data", folder, env=env), 3, "练习")
        assert not stores.exists(folder)
    assert home.run("store", "init", *VILLAGE, "--data", folder).exit == 0
    with home.batch() as batch:
        desk = Desk(batch, folder)
        with desk.unchanged():
            for env in ({"RONGGUI_NOW": "2026-01-01T08:00:00+08:00"}, {"RONGGUI_FAULT": "save.commit:1"}):
                refused(desk.call("person", "add", "-", stdin=PERSON, env=env), 3, "练习")
    refused(home.run("store", "status", "--data", folder, env={"RONGGUI_FAULT": "save.commit:1"}), 3, "练习")


# -- damage -------------------------------------------------------------------------------------------------------


def overwritten(path: Path, where: float, size: int = 64) -> None:
    data = bytearray(path.read_bytes())
    at = min(int(len(data) * where), len(data) - size)
    data[at : at + size] = os.urandom(size)
    path.write_bytes(data)


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 1.0])
def test_a_damaged_database(home: Home, store: Path, where: float) -> None:
    """Bytes overwritten anywhere: at the latest `store check` says so; nothing crashes and nothing more is lost."""
    overwritten(store / "store.db", where)
    before = (store / "store.db").read_bytes()
    answer = home.run("store", "check", "--data", store)
    assert answer.exit == 4, answer
    assert HAN.search(answer.error)
    assert "Traceback" not in answer.error
    assert (store / "store.db").read_bytes() == before
    answer = home.run("person", "find", "李", "--data", store)
    assert answer.exit in (0, 4)
    assert "Traceback" not in answer.error


@pytest.mark.parametrize("name", ["store.db", "keys.json"])
@pytest.mark.parametrize("data", [b"", b"\0" * 4096, b"{}"])
def test_a_file_of_the_store_that_is_something_else(home: Home, store: Path, name: str, data: bytes) -> None:
    (store / name).write_bytes(data)
    for ending in ("-wal", "-shm"):
        (store / f"store.db{ending}").unlink(missing_ok=True)
    before = content(store)
    refused(home.run("store", "status", "--data", store), 4)
    assert content(store).keys() >= before.keys()
    assert (store / name).read_bytes() == data


@pytest.mark.parametrize("name", ["store.db", "keys.json"])
def test_a_file_of_the_store_that_is_gone(home: Home, store: Path, name: str) -> None:
    (store / name).unlink()
    refused(home.run("store", "status", "--data", store), 4)
    assert not (store / name).exists()


# -- full disk, read-only folder ----------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(place: Path, megabytes: float) -> Iterator[bool]:
    """A tiny tmpfs at `place`; False where mounting is forbidden (it is then an ordinary folder)."""
    place.mkdir()
    size = f"size={int(megabytes * 1024)}k"
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], capture_output=True, check=False
        ).returncode
        == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", place], check=True)


def filled(place: Path) -> None:
    """Take what is left of a small disk."""
    with (place / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


def test_a_full_disk_under_the_store(
    home: Home, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "照片.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(300_000))
    with small_disk(tmp_path / "disk", 3) as mounted:
        folder = tmp_path / "disk" / "store"
        shutil.copytree(store, folder)
        before = standing(home, folder)
        with capsys.disabled():
            print("\nfull disk: " + ("a tiny tmpfs" if mounted else "no mounting here, so RLIMIT_FSIZE stands for it"))
        person = home.run("person", "find", "李四", "--data", folder)["persons"][0]["id"]
        if mounted:
            filled(tmp_path / "disk")
        limit = 0 if mounted else 100_000
        refused(home.run("attach", "add", "--to", f"person:{person}", picture, "--data", folder, limit=limit), 4, "满")
        refused(home.run("backup", "make", "--data", folder, limit=limit), 4)
        if mounted:
            (tmp_path / "disk" / "filler").unlink()
        assert standing(home, folder) == before
        assert whole(home, folder)
        assert home.run("person", "set", person, "note=补登", "--data", folder).exit == 0


def test_a_full_disk_in_the_middle_of_saving(home: Home, store: Path, tmp_path: Path) -> None:
    """The database itself meets the end of the disk: the act is whole or not at all."""
    with small_disk(tmp_path / "disk", 3) as mounted:
        folder = tmp_path / "disk" / "store"
        shutil.copytree(store, folder)
        before = standing(home, folder)
        person = home.run("person", "find", "李四", "--data", folder)["persons"][0]["id"]
        if mounted:
            filled(tmp_path / "disk")
        limit = 0 if mounted else (folder / "store.db").stat().st_size
        given = json.dumps({"note": "走" * 200_000})
        answer = home.run("person", "set", person, "-", "--data", folder, stdin=given, limit=limit)
        refused(answer, 4)
        if mounted:
            (tmp_path / "disk" / "filler").unlink()
        assert standing(home, folder) == before
        assert whole(home, folder)


def test_a_full_stick(home: Home, store: Path, tmp_path: Path) -> None:
    """A package that does not fit: nothing is left on the stick, nothing is lost here, the next stick takes it."""
    with home.batch() as batch:
        above, below = Desk(batch, tmp_path / "above"), Desk(batch, tmp_path / "below")
        above.done("store", "init", "--level", "township", "--name", "镇站", "--scope", "361002100", "--practice")
        file = tmp_path / "开通.rge"
        words = ("--level", "village", "--name", "桥头村站", "--scope", "361002100201", "--out", file)
        code = above.done("node", "enrol", *words)["code"]
        below.done("store", "init", "--enrol", file, "--code", code)
        person = below.done("person", "add", "-", stdin=PERSON)["id"]
        picture = tmp_path / "照片.png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(400_000))
        below.done("attach", "add", "--to", f"person:{person}", picture)
        digest = below.done("store", "digest")
    exporting = ("exchange", "export", "--to", "parent", "--data", tmp_path / "below")
    with small_disk(tmp_path / "stick", 0.25) as mounted:
        limit = 0 if mounted else 200_000
        refused(home.run(*exporting, "--out", tmp_path / "stick", limit=limit), 4, "请清理")
        assert list((tmp_path / "stick").iterdir()) == []
    with home.batch() as batch:
        above, below = Desk(batch, tmp_path / "above"), Desk(batch, tmp_path / "below")
        assert below.done("store", "digest") == digest
        (tmp_path / "other").mkdir()
        sent = below.done("exchange", "export", "--to", "parent", "--out", tmp_path / "other")
        assert sent["attachments"] == 1
        taken = above.done("exchange", "import", sent["file"], "--answer", tmp_path / "other")
        assert taken["accepted"] > 0
        below.done("exchange", "import", *taken["answers"])
        scope = ("store", "digest", "--scope", "361002100201")
        assert above.done(*scope) == below.done(*scope)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[tuple[str, int]]:
    """(how, user id) under which the folder cannot be written: root ignores permissions."""
    bound = subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False).returncode == 0
    if bound:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        try:
            yield "a read-only bind mount", 0
        finally:
            subprocess.run(["umount", "-l", folder], check=True)
        return
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        user = NOBODY if os.getuid() == 0 else 0
        yield "permissions" + (" and another user" if user else ""), user
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_read_only_folder(home: Home, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(store)
    with read_only(store) as (how, user):
        with capsys.disabled():
            print(f"\nread-only folder: {how}")
        refused(home.run("person", "add", "name=王五", "--data", store, user=user), 4)
        refused(home.run("store", "status", "--data", store, user=user), 4)
    assert content(store) == before
    assert whole(home, store)


def test_a_read_only_stick(home: Home, store: Path, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with read_only(stick) as (_how, user):
        answer = home.run("backup", "make", stick, "--data", store, user=user)
        assert answer.exit == 4
        assert HAN.search(answer.error)
        assert "Traceback" not in answer.error
    assert list(stick.iterdir()) == []
    assert home.run("backup", "make", stick, "--data", store).exit == 0


def test_a_stick_that_is_gone(home: Home, store: Path, tmp_path: Path) -> None:
    refused(home.run("exchange", "import", tmp_path / "gone.rgp", "--data", store), 4, "没有这个文件")
    refused(home.run("backup", "verify", tmp_path / "gone.rgb", "--data", store), 4)
