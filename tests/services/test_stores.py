"""Founding and opening: whole or nothing, in words, and a copy never passes for the original."""

import datetime as dt
import errno
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from app import clock, faults
from app.errors import BadInput, Busy, Damaged, EnvironmentTrouble, Refused, UserError
from app.models import Group, Local, Node, Person, Staff, copying
from app.services import checking, disk_words, stores
from app.services.staff import StaffAccounts
from app.services.station import Station
from app.services.stores import Founding, Opened
from tests.services.records import person

NAME, PASSWORD = "周敏", "春天来了2026"
FOUNDING = Founding("village", "桥头村站", ("361002100201",), NAME, PASSWORD, practice=True)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    yield
    faults.arm(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "数据"


@pytest.fixture
def recovery(folder: Path) -> str:
    """A founded store that is closed again; gives its 应急恢复码."""
    opened, code = stores.init(folder, FOUNDING)
    person(opened.station, "王一")
    opened.close()
    return code


def reopened(folder: Path) -> Opened:
    return stores.open_store(folder, user=NAME, password=PASSWORD)


def local_of(opened: Opened) -> Local:
    with opened.station.db.read() as session:
        local = session.scalars(select(Local)).one()
        session.expunge_all()
        return local


# -- founding ------------------------------------------------------------------------------------------------------


def test_a_founded_store_has_its_unit_its_first_person_and_a_signed_group(folder: Path) -> None:
    opened, code = stores.init(folder, FOUNDING)
    try:
        place = opened.station.place
        assert (place.name, place.level, place.scopes, place.home) == (
            "桥头村站", "village", ("361002100201",), "361002100201",
        )  # fmt: skip
        assert opened.station.roles == ("clerk", "reviewer", "administrator")
        with opened.station.db.read() as session:
            assert session.scalars(select(Staff.name)).all() == [NAME]
            assert session.scalars(select(Node)).one().sign_key is not None
            assert session.scalars(select(Group)).one().signature is not None
        assert checking.check(opened.station) == []
        assert {path.name for path in folder.iterdir() if path.is_dir()} == set(stores.FOLDERS)
    finally:
        opened.close()
    assert len(code.replace("-", "")) == 25


def test_everything_wrong_is_named_at_once(folder: Path) -> None:
    with pytest.raises(BadInput) as error:
        stores.init(folder, Founding("province", " ", (), "", ""))
    assert set(error.value.problems) == {"level", "name", "password", "staff"}
    assert not folder.exists()


@pytest.mark.usefixtures("recovery")
def test_a_folder_with_a_store_is_not_founded_again(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    with pytest.raises(Refused, match="已经有一份数据"):
        stores.init(folder, FOUNDING)
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    "path", ["合同.docx", "files/照片/全家福.jpg", "files/a.bin", "store.db.bak", "新建文件夹/", "window.ini"]
)
def test_a_folder_with_other_files_is_not_founded_in(folder: Path, path: str) -> None:
    (folder / path).parent.mkdir(parents=True)
    (folder / path).mkdir() if path.endswith("/") else (folder / path).write_bytes(b"x")
    before = sorted(folder.rglob("*"))
    with pytest.raises(
        Refused, match=r"里已经有别的文件\(如“.+”\), 不能在这里建数据。没有改动任何文件。请选一个空文件夹"
    ):
        stores.init(folder, FOUNDING)
    assert sorted(folder.rglob("*")) == before


def test_what_the_system_and_the_settings_put_into_a_folder_does_not_count(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On Windows settings and data lie in one folder, unless told otherwise.
    monkeypatch.setenv("RONGGUI_SETTINGS", str(folder))
    (folder / "logs").mkdir(parents=True)
    for name in ("window.ini", "Desktop.ini", "logs/ronggui.log"):
        (folder / name).write_bytes(b"x")
    opened, _ = stores.init(folder, FOUNDING)
    opened.close()
    reopened(folder).close()


def test_a_founding_that_was_killed_anywhere_is_done_anew(folder: Path) -> None:
    if os.fork() == 0:
        faults.arm("save.commit:1:kill")
        stores.init(folder, FOUNDING)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.wait()[1]) != 0
    assert (folder / stores.UNFOUNDED).exists()
    assert (folder / "store.db").exists()
    (folder / ".keys.json.01234567.part").write_bytes(b"{")
    opened, _ = stores.init(folder, FOUNDING)
    opened.close()


@pytest.mark.parametrize(
    "point", ["keys.write", "keys.rename", "save.begin", "save.journal", "save.commit", "witness.write"]
)
def test_founding_that_breaks_off_leaves_nothing(folder: Path, point: str) -> None:
    faults.arm(f"{point}:1:error")
    with pytest.raises((UserError, OSError)):
        stores.init(folder, FOUNDING)
    faults.arm(None)
    assert not stores.exists(folder)
    assert [path.name for path in folder.iterdir() if path.name.startswith(("store", "keys", "."))] == []
    opened, _ = stores.init(folder, FOUNDING)
    opened.close()


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "datei").write_bytes(b"")
    with pytest.raises(EnvironmentTrouble, match="建立数据文件夹"):
        stores.init(tmp_path / "datei" / "数据", FOUNDING)


# -- opening -------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("recovery")
def test_who_opens_it_sits_at_the_desk(folder: Path) -> None:
    opened = reopened(folder)
    assert (opened.station.actor.name, opened.warnings) == (NAME, ())
    opened.close()
    first = stores.open_store(folder, user=None, password=PASSWORD)
    assert first.station.actor.name == NAME
    first.close()


def test_the_recovery_code_opens_too(folder: Path, recovery: str) -> None:
    opened = stores.open_store(folder, user=None, password=None, recovery=recovery.lower().replace("-", " "))
    assert opened.station.actor.name == NAME
    opened.close()
    with pytest.raises(Refused, match="应急恢复码不对"):
        stores.open_store(folder, user=None, password=None, recovery="AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")


@pytest.mark.parametrize("leaving", [1, 2])
def test_the_recovery_code_opens_a_store_whose_first_people_have_left(
    folder: Path, recovery: str, leaving: int
) -> None:
    opened = reopened(folder)
    accounts = StaffAccounts(opened.station)
    people = [opened.station.actor.staff]
    for name, roles in (("李四", "administrator"), ("刘红", "clerk"), ("吴海", "clerk,administrator")):
        people.append(accounts.add({"name": name, "password": PASSWORD, "roles": roles}))
    opened.close()
    opened = stores.open_store(folder, user="吴海", password=PASSWORD)
    for person_id in people[:leaving]:
        StaffAccounts(opened.station).set(person_id, {"status": "left"})
    opened.close()
    opened = stores.open_store(folder, user=None, password=None, recovery=recovery)
    assert opened.station.actor.name == ("李四" if leaving == 1 else "吴海")
    assert "administrator" in opened.station.roles
    StaffAccounts(opened.station).set_password(opened.station.actor.staff, "新的口令2026")
    opened.close()


@pytest.mark.usefixtures("recovery")
@pytest.mark.parametrize(("user", "password"), [(NAME, "x"), (NAME, ""), (NAME, None), ("别人", PASSWORD)])
def test_a_wrong_login_opens_nothing_and_frees_the_lock(folder: Path, user: str, password: str | None) -> None:
    with pytest.raises(Refused, match="姓名或登录密码不对"):
        stores.open_store(folder, user=user, password=password)
    reopened(folder).close()


@pytest.mark.usefixtures("recovery")
def test_a_second_instance_is_refused(folder: Path) -> None:
    opened = reopened(folder)
    with pytest.raises(EnvironmentTrouble, match="已经在本机打开着"):
        reopened(folder)
    opened.close()
    reopened(folder).close()


@pytest.mark.usefixtures("recovery")
def test_the_lock_of_a_killed_process_is_free(folder: Path) -> None:
    if os.fork() == 0:
        opened = reopened(folder)
        person(opened.station, "王二")
        os.kill(os.getpid(), signal.SIGKILL)
    os.wait()
    opened = reopened(folder)
    with opened.station.db.read() as session:
        assert session.scalars(select(Person.name).order_by(Person.id)).all() == ["王一", "王二"]
    assert checking.check(opened.station) == []
    opened.close()


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentTrouble, match="里没有数据"):
        reopened(tmp_path / "leer")
    assert not (tmp_path / "leer").exists()


@pytest.mark.usefixtures("recovery")
@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("store.db", None), ("store.db", b""), ("store.db", b"x" * 100), ("store.db", b"\0" * 20_000),
        ("keys.json", b""), ("keys.json", b"{}"), ("keys.json", b"\xff\xfe"), ("keys.json", None),
    ],
)  # fmt: skip
def test_damaged_files_are_told_in_words(folder: Path, file: str, content: bytes | None) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    with pytest.raises(EnvironmentTrouble, match=r"备份|找不到"):
        reopened(folder)


@pytest.mark.usefixtures("recovery")
def test_one_damaged_page_is_told_when_it_is_met(folder: Path) -> None:
    data = bytearray((folder / "store.db").read_bytes())
    data[100] ^= 1  # in the first page, which every opening reads
    (folder / "store.db").write_bytes(data)
    with pytest.raises(EnvironmentTrouble, match="数据文件坏了, 打不开"):
        reopened(folder)


@pytest.mark.usefixtures("recovery")
def test_a_newer_store_is_refused(folder: Path) -> None:
    opened = reopened(folder)
    key = opened.station.store_key
    opened.close()
    with copying.bare(folder / "store.db", key) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = (folder / "store.db").read_bytes()
    with pytest.raises(Refused, match="更新的版本保存的"):
        reopened(folder)
    assert (folder / "store.db").read_bytes() == before


@pytest.mark.usefixtures("recovery")
def test_another_stores_key_file_opens_nothing(folder: Path, tmp_path: Path) -> None:
    other, _ = stores.init(tmp_path / "andere", FOUNDING)
    other.close()
    shutil.copy(tmp_path / "andere" / "keys.json", folder / "keys.json")
    with pytest.raises(EnvironmentTrouble, match="打不开"):
        reopened(folder)


def test_fault_points_are_for_practice_only(folder: Path) -> None:
    opened, _ = stores.init(folder, Founding("village", "桥头村站", ("361002100201",), NAME, PASSWORD))
    opened.close()
    faults.arm("save.begin:1")
    with pytest.raises(Refused, match="只能用在练习数据上"):
        reopened(folder)
    faults.arm(None)
    reopened(folder).close()


# -- copies and files put back ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("recovery")
def test_an_opening_alone_begins_nothing(folder: Path) -> None:
    opened = reopened(folder)
    before = local_of(opened)
    opened.close()
    opened = reopened(folder)
    after = local_of(opened)
    opened.close()
    assert (after.incarnation, after.position) == (before.incarnation, before.position)


@pytest.mark.usefixtures("recovery")
def test_a_copy_begins_a_new_incarnation_and_the_original_does_not(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "kopie")
    copied = reopened(tmp_path / "kopie")
    (word,) = copied.warnings
    assert "新的一期" in word
    person(copied.station, "只在抄件里")
    assert (local_of(copied).position, checking.check(copied.station)) == (1, [])
    incarnation = local_of(copied).incarnation
    copied.close()
    again = reopened(tmp_path / "kopie")
    assert (again.warnings, local_of(again).incarnation) == ((), incarnation)
    again.close()


@pytest.mark.usefixtures("recovery")
def test_files_put_back_begin_a_new_incarnation(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "gestern")
    opened = reopened(folder)
    before = local_of(opened)
    person(opened.station, "之后的人")
    opened.close()
    shutil.rmtree(folder)
    shutil.move(tmp_path / "gestern", folder)
    opened = reopened(folder)
    assert len(opened.warnings) == 1
    assert local_of(opened).incarnation != before.incarnation
    assert checking.check(opened.station) == []
    opened.close()
    opened = reopened(folder)
    assert opened.warnings == ()
    opened.close()


@pytest.mark.usefixtures("recovery")
@pytest.mark.parametrize("year", [1980, 2025])
def test_a_clock_that_cannot_be_right_is_told(folder: Path, year: int) -> None:
    clock.set_now(dt.datetime(year, 6, 1, 8, 0, tzinfo=clock.CHINA))
    opened = reopened(folder)
    assert opened.warnings == (f"这台电脑的日期是 {year} 年, 请先改对, 否则记录日期会错。",)
    opened.close()


@pytest.mark.usefixtures("recovery")
def test_a_broken_witness_harms_nothing(folder: Path, tmp_path: Path) -> None:
    for witness in (tmp_path / "settings" / "witness").iterdir():
        witness.write_bytes(b"\xff{")
    opened = reopened(folder)
    assert opened.warnings == ()
    opened.close()


@pytest.mark.usefixtures("recovery")
def test_a_store_opened_in_one_thread_is_let_go_in_another(folder: Path) -> None:
    with ThreadPoolExecutor(max_workers=1) as thread:
        opened = thread.submit(reopened, folder).result()
    with pytest.raises(Busy):
        reopened(folder)
    opened.close()
    reopened(folder).close()


# -- what the file and the disk do while the store is in use --------------------------------------------------------


@pytest.fixture
def station(folder: Path, recovery: str) -> Iterator[Station]:
    del recovery
    opened = reopened(folder)
    yield opened.station
    opened.close()


def saving(station: Station) -> None:
    with disk_words.speaking_of_disk(station.folder):
        person(station, "王五")


def fill(station: Station) -> None:
    for _ in range(200):
        saving(station)


def all_tables(station: Station) -> None:
    with disk_words.speaking_of_disk(station.folder), station.db.read() as session:
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all():
            session.execute(text(f"SELECT * FROM {name}")).all()


def no_table(station: Station) -> None:
    with disk_words.speaking_of_disk(station.folder), station.db.read() as session:
        session.execute(text("SELECT * FROM nothing_of_the_kind"))


def test_a_full_disk_is_told_with_what_is_left_and_what_to_press(station: Station) -> None:
    def pages(most: int) -> None:
        with station.db.engine.connect() as connection:
            connection.exec_driver_sql(f"pragma max_page_count={most}")

    pages(1)  # SQLite takes it as the present size: the next page does not fit
    with pytest.raises(EnvironmentTrouble) as error:
        fill(station)
    assert re.fullmatch(r".*满了\(剩 \d+ MB\), 刚才这一步没有保存, 之前的都在。请清理后再点保存。", str(error.value))
    pages(1_000_000)
    saving(station)
    assert checking.check(station) == []


def test_a_file_beside_it_that_finds_no_room_is_told_alike(station: Station) -> None:
    with (
        pytest.raises(EnvironmentTrouble, match=r"满了.*刚才这一步没有保存"),
        disk_words.speaking_of_disk(station.folder),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "x")


def test_a_store_somebody_else_writes_to_is_busy_and_not_damaged(station: Station) -> None:
    with station.db.engine.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout=20")
    with copying.bare(station.folder / "store.db", station.store_key) as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match=r"数据正被别的窗口或命令占用, 刚才这一步没有完成.*请等一会儿再试一次"):
            saving(station)
        other.exec_driver_sql("ROLLBACK")
    saving(station)


def test_an_interrupted_look_is_not_called_damage_and_only_its_own_thread_is_met(station: Station) -> None:
    forever = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 90000000) SELECT max(x) FROM n"
    under_way = threading.Event()

    def look() -> None:
        with disk_words.speaking_of_disk(station.folder), station.db.read() as session:
            connection = session.connection()
            under_way.set()
            connection.exec_driver_sql(forever).scalar()

    with ThreadPoolExecutor(max_workers=1) as thread:
        ident = thread.submit(threading.get_ident).result()
        looking = thread.submit(look)
        assert under_way.wait(10)
        station.db.interrupt_reading(threading.get_ident())
        assert not looking.done()
        while not looking.done():  # the statement may begin a moment after the word that it does
            station.db.interrupt_reading(ident)
            time.sleep(0.01)
        error = looking.exception()
    assert isinstance(error, EnvironmentTrouble)
    assert not isinstance(error, Damaged)
    assert str(error).startswith("刚才这一步被打断了")


def test_damage_met_in_use_is_damage_and_a_bug_is_a_bug(folder: Path, station: Station) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        no_table(station)
    station.db.engine.dispose()
    station.db.reader.dispose()
    whole = (folder / "store.db").read_bytes()
    hurt = bytearray(whole)
    for place in range(4096 * 2, len(hurt), 4096):
        hurt[place + 50] ^= 1
    (folder / "store.db").write_bytes(hurt)
    with pytest.raises(Damaged, match="数据文件坏了"):
        all_tables(station)
    station.db.reader.dispose()
    (folder / "store.db").write_bytes(whole)


@pytest.mark.parametrize(
    ("said", "sort"),
    [("database is locked", Busy), ("attempt to write a readonly database", EnvironmentTrouble),
     ("database disk image is malformed", Damaged), ("nobody knows", Damaged)],
)  # fmt: skip
def test_an_error_without_a_code_is_known_by_its_words(folder: Path, said: str, sort: type[Exception]) -> None:
    error = OperationalError("x", {}, Exception(said))
    assert type(disk_words.trouble(error, "打开数据", folder)) is sort
