"""Backups of the whole store: made, checked when made, listed, verified, put back beside the old one and swapped in."""

import contextlib
import json
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select, update

from app import __version__, clock, durable, faults, progress
from app.errors import Cancelled, Damaged, EnvironmentTrouble, Refused, UserError
from app.models import Local, Staff, blobs, copying, upgrade
from app.models.base import Base
from app.models.blobs import Sealed
from app.models.database import Database
from app.models.journal import Blob
from app.models.keyfile import KeyFile
from app.services import backup_file, disk_words, rights, stores
from app.services.backup_file import BackupFile, Manifest, Source
from app.services.station import Station

COPY: Final = faults.define("backup.copy", "备份前复制数据文件")
CHECK: Final = faults.define("backup.check", "试着打开做好的备份")
RESTORE: Final = durable.points("restore", "恢复出来的文件")
PROVE: Final = faults.define("restore.prove", "核对恢复出来的数据")
BEGIN: Final = faults.define("restore.begin", "在恢复出来的数据里开始新的一期")

ON_SERVER: Final = "本单位的数据在数据库服务器上, 不能这样备份。请用数据库服务器自己的备份。"
DAMAGED: Final = "“{0}”里的数据打不开或对不上, 这份备份不能用。没有改动任何数据。请换一份备份。"
OF_ANOTHER: Final = "“{0}”是另一份数据的备份, 与这里的数据不是一套。没有改动任何数据。请换一份备份, 或另选文件夹。"
OF_THAT_TIME: Final = "(要用做这份备份时的姓名和登录密码, 或那时的应急恢复码)"

_SCRATCH: Final = ".backup-"
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Backup:
    """A backup that was opened and found whole."""

    file: str
    made: str
    bytes: int
    position: int
    persons: int
    attachments: int
    lacking: int
    """Attachments it does not hold, or whose content was damaged already when it was made."""


@dataclass(frozen=True)
class BackupRow:
    """A file of the list, as far as it can be told without reading all of it; `state`: ok or broken."""

    file: str
    made: str
    bytes: int
    state: str


@dataclass(frozen=True)
class Restored:
    """What was put back, and where what was there before lies now."""

    store: str
    made: str
    persons: int
    attachments: int
    lacking: int
    kept: str
    """Folder of what was there before; empty if there was nothing."""


def folder_of(station: Station) -> Path:
    """Where backups go when no folder is named."""
    return station.folder / "backups"


def make(station: Station, folder: Path | None = None) -> Backup:
    """Write one new backup file and prove it by opening it; only then are older versions' files let go.

    Raises EnvironmentTrouble when the disk does not take it or what was written cannot be opened; then nothing is left
    behind.
    """
    rights.demand(station, "backup")
    if station.db.engine.dialect.name != "sqlite":
        raise Refused(ON_SERVER)
    target = folder or folder_of(station)
    if folder is not None and not folder.is_dir():
        raise EnvironmentTrouble(f"没有这个文件夹: {folder}。没有做备份, 本机数据没有动。请插好 U 盘再试。")
    with _one_at_a_time, _scratch(folder_of(station)) as scratch:
        snapshot = scratch / backup_file.STORE
        with _speaking("备份", snapshot), copying.bare(station.folder / stores.STORE, station.store_key) as connection:
            progress.step("复制数据")
            faults.step(COPY)
            copying.copy_store(connection, snapshot)
        with _speaking("备份", target):
            path, whole = _write(station, target, snapshot)
        try:
            snapshot.unlink()
            faults.step(CHECK)
            found = _proved(path, station.store_key, whole.store, scratch)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise EnvironmentTrouble(
                "做好的备份读不回来, 没有留下。请换一个 U 盘或文件夹再做一次, 本机数据没有动。"
            ) from error
        except (UserError, Cancelled):
            path.unlink(missing_ok=True)
            raise
    for old in upgrade.old_files(station.folder / stores.STORE):
        old.unlink(missing_ok=True)
    return found


def listed(station: Station, folder: Path | None = None) -> list[BackupRow]:
    """Backup files of a folder, the newest first."""
    rights.demand(station, "backup")
    rows = []
    for path in (folder or folder_of(station)).glob(f"*{backup_file.SUFFIX}"):
        try:
            with BackupFile.open(path) as box:
                made, state = clock.moment_text(box.manifest.moment), "ok"
        except UserError:
            made, state = "", "broken"
        rows.append(BackupRow(str(path), made, path.stat().st_size, state))
    return sorted(rows, key=lambda row: (row.made, row.file), reverse=True)


def verify(station: Station, path: Path) -> Backup:
    """Read every byte of a backup of this store and open it: file, tables, counts, attachments.

    Raises Refused when anything in it is not as it was written, or when it is of another store.
    """
    rights.demand(station, "backup")
    with _one_at_a_time, _scratch(folder_of(station)) as scratch:
        with BackupFile.open(path) as box:
            own = station.keys.store_id if station.keys is not None else box.manifest.store
            if box.manifest.store != own:
                raise Refused(OF_ANOTHER.format(path.name))
        return _proved(path, station.store_key, own, scratch)


def is_practice(path: Path) -> bool:
    """Whether a backup is of a store marked 练习."""
    with BackupFile.open(path) as box:
        return box.manifest.practice


def restore(
    folder: Path,
    path: Path,
    *,
    user: str | None = None,
    password: str | None = None,
    recovery: str | None = None,
) -> Restored:
    """Put a backup back as the store in `folder`; what is there stays beside it as `<folder>.before-<day>`.

    Unpacked and checked beside, given a new incarnation, then swapped in by two renames; a kill at any point leaves
    the old store or the restored one. The live store need not be whole, nor its key file be there: `user` and
    `password` (or the 应急恢复码) are those of the time the backup was made. Raises Refused for a broken backup, a
    wrong password or a missing right.
    """
    folder = folder.expanduser().resolve()
    stores.settle(folder)
    with BackupFile.open(path) as box:
        box.prove()
        _demand_same_store(folder, box)
        fresh = stores.restoring(folder)
        with _speaking("恢复", fresh):
            folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(fresh, ignore_errors=True)
        guard = stores.lock(folder) if folder.is_dir() else None
        try:
            with _speaking("恢复", fresh):
                found, store_key = _prepared(folder, fresh, box, (user, password, recovery))
                if guard is not None:
                    guard.release()  # Windows renames no folder in which a file is open
                kept = _swapped(fresh, folder)
                _remember(folder, store_key)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        finally:
            if guard is not None:
                guard.release()
    return Restored(str(folder), found.made, found.persons, found.attachments, found.lacking, kept)


# -- making and proving --------------------------------------------------------------------------------------------


def _write(station: Station, target: Path, snapshot: Path) -> tuple[Path, Manifest]:
    with copying.bare(snapshot, station.store_key) as connection:
        local = connection.execute(select(Local.node, Local.incarnation, Local.position, Local.practice)).one()
        counts = _counts(connection, [table.name for table in Base.metadata.sorted_tables])
        present = [s.name for s in _sealed(connection) if blobs.path_of(station.folder, s.name).is_file()]
        lacking = connection.exec_driver_sql("SELECT count(*) FROM blob").scalar_one() - len(present)
    store = station.keys.store_id if station.keys is not None else ""
    manifest = Manifest(
        0, __version__, upgrade.NEWEST, store, local.practice, local.node, local.incarnation, local.position,
        clock.now_ms(), counts, lacking, [],
    )  # fmt: skip
    sources = [Source(backup_file.STORE, snapshot), Source(backup_file.KEYS, station.folder / stores.KEYS)]
    sources += [
        Source(f"{blobs.FOLDER}/{name[:2]}/{name}", blobs.path_of(station.folder, name)) for name in sorted(present)
    ]
    need = sum(source.path.stat().st_size for source in sources)
    if need > (free := durable.free_space(target)):
        raise EnvironmentTrouble(
            f"地方不够: 备份要 {need // 1_000_000 + 1} MB, 只剩 {free // 1_000_000} MB。没有做备份。请清理后再试一次。"
        )
    path = _free_name(target)
    return path, backup_file.write(path, manifest, sources)


def _free_name(target: Path) -> Path:
    day, number = clock.today().isoformat(), 1
    while (path := target / f"ronggui-{day}-{number}{backup_file.SUFFIX}").exists():
        number += 1
    return path


def _proved(path: Path, key: bytes, store: str, scratch: Path) -> Backup:
    """Open a backup beside and compare all of it with its manifest."""
    with BackupFile.open(path) as box:
        box.prove()
        if box.manifest.store != store:
            raise Refused(OF_ANOTHER.format(path.name))
        unpacked = scratch / backup_file.STORE
        with durable.speaking("核对备份", unpacked):
            durable.write_file(unpacked, box.chunks(box.manifest.member(backup_file.STORE)), backup_file.POINTS)
        sealed = _opens(box, unpacked, key)
        whole = sum(_reads(box, one) for one in sealed)
        return _described(box, whole, box.manifest.lacking + len(sealed) - whole)


def _opens(box: BackupFile, unpacked: Path, key: bytes) -> list[Sealed]:
    """Prove an unpacked store; gives the attachments it names that the backup holds."""
    refused = Refused(DAMAGED.format(box.path.name))
    try:
        with copying.bare(unpacked, key) as connection:
            if copying.faults_of(connection) or _counts(connection, list(box.manifest.counts)) != box.manifest.counts:
                raise refused
            return [one for one in _sealed(connection) if _member_of(one) in {m.name for m in box.attachments()}]
    except disk_words.STORE_ERRORS as error:
        found = disk_words.trouble(error, "核对备份", unpacked)
        raise (refused if isinstance(found, Damaged) else found) from error


def _counts(connection: Connection, tables: list[str]) -> dict[str, int]:
    present = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
        for name in tables
        if name in present
    }


def _sealed(connection: Connection) -> list[Sealed]:
    query = select(Blob.sha256, Blob.size, Blob.name, Blob.key).where(Blob.name.is_not(None), Blob.key.is_not(None))
    return [
        Sealed(bytes(row.sha256), row.size, str(row.name), bytes(row.key or b""))
        for row in connection.execute(query.order_by(Blob.name))
    ]


def _member_of(sealed: Sealed) -> str:
    return f"{blobs.FOLDER}/{sealed.name[:2]}/{sealed.name}"


def _reads(box: BackupFile, sealed: Sealed) -> bool:
    try:
        for _ in blobs.unseal_from(box.stream(box.manifest.member(_member_of(sealed))), sealed):
            pass
    except EnvironmentTrouble:
        return False  # was damaged already in the store: `store check` names it
    return True


def _described(box: BackupFile, attachments: int, lacking: int) -> Backup:
    manifest = box.manifest
    return Backup(
        str(box.path), clock.moment_text(manifest.moment), box.path.stat().st_size, manifest.position,
        manifest.counts.get("person", 0), attachments, lacking,
    )  # fmt: skip


# -- putting back --------------------------------------------------------------------------------------------------


def _demand_same_store(folder: Path, box: BackupFile) -> None:
    """A store whose key file can be read is replaced only by its own backup."""
    try:
        live = KeyFile.load(folder / stores.KEYS)
    except UserError:
        return
    if live.store_id != box.manifest.store:
        raise Refused(OF_ANOTHER.format(box.path.name))


def _prepared(
    folder: Path,
    fresh: Path,
    box: BackupFile,
    login: tuple[str | None, str | None, str | None],
) -> tuple[Backup, bytes]:
    """Unpack beside, open, prove, bring up to this version, begin a new incarnation."""
    fresh.mkdir()
    for sub in stores.FOLDERS:
        (fresh / sub).mkdir()
    _unpack(box, fresh, [box.manifest.member(backup_file.KEYS)])
    store_key, staff = _logged_in(KeyFile.load(fresh / stores.KEYS), box, login)
    need = sum(member.size for member in box.manifest.members)
    if need > (free := durable.free_space(fresh)):
        raise EnvironmentTrouble(
            f"地方不够: 恢复要 {need // 1_000_000 + 1} MB, 只剩 {free // 1_000_000} MB。没有改动任何数据。请清理后再试一次。"
        )
    _unpack(box, fresh, [m for m in box.manifest.members if m.name != backup_file.KEYS])
    faults.step(PROVE)
    sealed = _opens(box, fresh / stores.STORE, store_key)
    whole = sum(blobs.is_whole(fresh, one) for one in sealed)
    upgrade.bring_up_to_date(fresh / stores.STORE, store_key)
    database = Database(fresh / stores.STORE, store_key)
    try:
        _demand_right(database, staff)
        faults.step(BEGIN)
        with database.work("从备份恢复, 开始新的一期") as work:
            database.new_incarnation(work.connection)
            with database.door(work.connection):
                work.connection.execute(update(Local).values(place=stores.place(folder)))
    finally:
        database.close()
    _keep_backups(folder, fresh)
    return _described(box, whole, box.manifest.lacking + len(sealed) - whole), store_key


def _unpack(box: BackupFile, fresh: Path, members: list[backup_file.Member]) -> None:
    for number, member in enumerate(members):
        progress.step("放回备份", number, len(members))
        path = fresh.joinpath(*member.name.split("/"))
        path.parent.mkdir(exist_ok=True)
        durable.write_file(path, box.chunks(member), RESTORE, replace=False)


def _logged_in(
    keyfile: KeyFile, box: BackupFile, login: tuple[str | None, str | None, str | None]
) -> tuple[bytes, str | None]:
    user, password, recovery = login
    if keyfile.store_id != box.manifest.store:
        raise Refused(DAMAGED.format(box.path.name))
    if faults.armed_spec() is not None and not keyfile.practice:
        raise Refused("RONGGUI_FAULT 只能用在练习数据上。没有改动任何数据。")
    try:
        if recovery:
            return keyfile.open_with_recovery(recovery), None
        opened = keyfile.open_with_password(user, password or "")
    except Refused as error:
        raise Refused(f"{error}{OF_THAT_TIME}") from error
    return opened.store_key, opened.staff_id


def _demand_right(database: Database, staff: str | None) -> None:
    """Of the person as the backup knows them; who holds the 应急恢复码 may always."""
    if staff is None:
        return
    with database.read() as session:
        roles = session.scalar(select(Staff.roles).where(Staff.id == staff, Staff.status.is_distinct_from("left")))
    if not rights.may(tuple((roles or "").split(",")), "restore"):
        raise Refused(f"您的岗位不能{rights.ACTS['restore']}。没有改动任何数据。请找本单位有此权限的同事。")


def _keep_backups(folder: Path, fresh: Path) -> None:
    """The list of backups stays the same after the swap; each file lies on the disk once where that can be."""
    for old in sorted((folder / "backups").glob(f"*{backup_file.SUFFIX}")):
        new = fresh / "backups" / old.name
        try:
            new.hardlink_to(old)
        except OSError:
            with contextlib.suppress(OSError):  # a full disk must not stop a restore: the old folder keeps them
                durable.copy_file(old, new, RESTORE)


def _swapped(fresh: Path, folder: Path) -> str:
    """Swap the prepared folder in; gives where the old one lies, or nothing if there was none."""
    if not folder.exists():
        fresh.rename(folder)
        durable.flush_folder(folder.parent)
        _note(folder)
        return ""
    kept = folder.with_name(f"{folder.name}.before-{clock.today().isoformat()}")
    number = 1
    while kept.exists():
        number += 1
        kept = folder.with_name(f"{folder.name}.before-{clock.today().isoformat()}-{number}")
    durable.write_file(fresh / stores.RESTORED, json.dumps({"kept": kept.name}).encode(), RESTORE)
    durable.replace_folder(fresh, folder, kept)
    _note(folder)
    return str(kept)


def _note(folder: Path) -> None:
    (folder / stores.RESTORED).unlink(missing_ok=True)


def _remember(folder: Path, store_key: bytes) -> None:
    """Tell this machine's witness of the new incarnation; without its word the next opening would begin one more."""
    database = Database(folder / stores.STORE, store_key)
    try:
        with contextlib.suppress(EnvironmentTrouble):
            stores.remember(Station(database, folder))
    finally:
        database.close()


@contextmanager
def _scratch(backups: Path) -> Iterator[Path]:
    """A folder for what is unpacked (encrypted as in the store), gone afterwards; those of killed runs go as well."""
    with durable.speaking("备份", backups):
        backups.mkdir(exist_ok=True)
        for left in backups.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in durable.leftovers(backups):
            left.unlink(missing_ok=True)
        scratch = backups / f"{_SCRATCH}{secrets.token_hex(4)}"
        scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _speaking(what: str, where: Path) -> Iterator[None]:
    """Say in words what the machine did, and what the driver says of a full disk."""
    try:
        with durable.speaking(what, where):
            yield
    except disk_words.STORE_ERRORS as error:
        raise disk_words.trouble(error, what, where) from error
