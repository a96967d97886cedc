"""Founding and opening a store: folder, lock, keys, practice mark, and noticing copies and put-back files."""

import contextlib
import hashlib
import json
import platform
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import filelock
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import __version__, clock, durable, faults, folders
from app.errors import BadInput, Busy, Damaged, EnvironmentTrouble, Refused
from app.models import Local, Node, Staff, desk_file, moving, standing, stops, upgrade
from app.models.base import SCHEMA, kinds, table_of
from app.models.database import Actor, Database, Work
from app.models.founding import create_tables, found
from app.models.keyfile import KeyFile
from app.models.sealing import NodeKeys, sign
from app.rules import levels, names
from app.services import disk_words, tidying
from app.services.station import Station

STORE: Final = folders.STORE
KEYS: Final = folders.KEYS
LOCK: Final = "lock"
RESTORED: Final = "restored.json"
"""In a folder prepared by a restore: the name the old one gets. Written last."""
UNFOUNDED: Final = folders.UNFOUNDED
FOLDERS: Final = ("files", "inbox", "outbox", "held", "backups")
_OF_A_CUT_FOUNDING: Final = (
    LOCK, UNFOUNDED, STORE, f"{STORE}-wal", f"{STORE}-shm", KEYS, tidying.MARK,
    *(f"{desk_file.NAME}{ending}" for ending in ("", "-wal", "-shm")),
)  # fmt: skip
_OF_THE_SYSTEM: Final = ("desktop.ini", "thumbs.db", ".ds_store")
"""What a system puts into any folder somebody looks at."""
GROUP_PURPOSE: Final = "group"
NEWEST_KNOWN_PAST: Final = 1_767_225_600_000
"""2026-01-01: a clock before it is wrong whatever else is true."""

WITNESS: Final = durable.points("witness", "本机见证记录")

BUSY: Final = "荣归已经在本机打开着这份数据。请先关掉另一个窗口或命令, 再试一次。没有改动任何数据。"


@dataclass
class Opened:
    """A store in use; `close` gives the lock back."""

    station: Station
    lock: filelock.BaseFileLock
    warnings: tuple[str, ...] = ()

    def close(self) -> None:
        """Note the last position as witness, let go of the store."""
        try:
            remember(self.station)
        finally:
            self.station.db.close()
            tidying.unmark(self.station.folder)
            self.lock.release()


def exists(folder: Path) -> bool:
    """Whether a store lies in the folder; one whose founding was killed is none, and is founded anew."""
    return folders.holds_store(folder)


def restoring(folder: Path) -> Path:
    """Where a restore prepares the folder it will put in the place of this one."""
    return folder.with_name(f"{folder.name}.restoring")


def settle(folder: Path) -> None:
    """Finish a restore that a kill cut between its two renames: what it prepared is whole, the old folder set aside."""
    folder = folder.resolve()
    if folder.exists():
        return
    fresh = restoring(folder)
    try:
        kept = json.loads((fresh / RESTORED).read_bytes())["kept"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    durable.settle_folder(fresh, folder, folder.with_name(str(kept)))


def lock(folder: Path) -> filelock.BaseFileLock:
    """The one lock for window and terminal."""
    # Taken in the thread that opens the store, given back in the one that closes it.
    guard = filelock.FileLock(str(folder / LOCK), thread_local=False)
    try:
        guard.acquire(timeout=0)
    except filelock.Timeout as error:
        raise Busy(BUSY) from error
    except OSError as error:
        raise EnvironmentTrouble(f"“{folder}”不能写入(只读或没有权限)。没有改动任何数据。请换一个文件夹。") from error
    return guard


@dataclass(frozen=True)
class Founding:
    """What a new store is told."""

    level: str
    name: str
    scopes: tuple[str, ...]
    staff_name: str
    password: str
    practice: bool = False
    node: str | None = None
    """The id given by an enrolment file."""
    prepare: Callable[[Station, Work], None] | None = None
    """Runs inside the first unit of work: joining a parent (which brings the unit itself), naming places."""

    def problems(self) -> dict[str, str]:
        """What is missing or wrong, by field."""
        out = {}
        if not levels.is_level(self.level):
            out["level"] = f"没有这个级别: {self.level}(village、township、county 或 city)"
        if not self.name.strip():
            out["name"] = "没有填单位名称"
        if not self.password:
            out |= {"password": "没有设登录密码(RONGGUI_PASSWORD)"}
        if wrong := names.check(self.staff_name):
            out["staff"] = "; ".join(wrong)
        return out


def init(folder: Path, founding: Founding) -> tuple[Opened, str]:
    """Found a store in an empty folder; gives it open, and the 应急恢复码 (shown once, kept nowhere).

    Nothing stays behind when anything fails.
    """
    if problems := founding.problems():
        raise BadInput("; ".join(f"{k}: {v}" for k, v in problems.items()) + "。没有建立数据。", problems)
    if exists(folder):
        raise Refused(f"“{folder}”里已经有一份数据, 不能再建。没有改动任何数据。请换一个文件夹。")
    _demand_empty(folder)
    with durable.speaking("建立数据文件夹", folder):
        folder.mkdir(parents=True, exist_ok=True)
        for sub in FOLDERS:
            (folder / sub).mkdir(exist_ok=True)
    guard = lock(folder)
    opened: list[Database] = []
    try:
        with durable.speaking("建立数据文件", folder):
            durable.write_file(folder / UNFOUNDED, b"")
            _remove_files(folder)  # of a founding that was killed
            station, recovery = _found(folder, founding, opened)
        remember(station)
        tidying.mark(folder)
        with durable.speaking("建立数据文件", folder):
            (folder / UNFOUNDED).unlink()
            durable.flush_folder(folder)
    except BaseException:
        for database in opened:
            database.close()
        _remove_files(folder)
        (folder / UNFOUNDED).unlink(missing_ok=True)
        guard.release()
        raise
    return Opened(station, guard), recovery


def _demand_empty(folder: Path) -> None:
    """Nothing of anybody else's: a store folder is tidied, put aside and thrown away as a whole."""
    with durable.speaking("建立数据文件夹", folder):
        inside = sorted(folder.iterdir()) if folder.is_dir() else []
    begun = (folder / UNFOUNDED).exists()
    own = _OF_A_CUT_FOUNDING if begun else (LOCK,)
    strange = [
        path
        for path in inside
        if not (
            path.name in own
            or path.name.lower() in _OF_THE_SYSTEM
            or (path.name in FOLDERS and (begun or (path.is_dir() and not any(path.iterdir()))))
            or (begun and path in durable.leftovers(folder))
            or folders.is_setting(path)
        )
    ]
    if strange:
        raise Refused(
            f"“{folder}”里已经有别的文件(如“{strange[0].name}”), 不能在这里建数据。没有改动任何文件。请选一个空文件夹。"
        )


def _remove_files(folder: Path) -> None:
    for name in (STORE, f"{STORE}-wal", f"{STORE}-shm", KEYS):
        (folder / name).unlink(missing_ok=True)


def _found(folder: Path, founding: Founding, opened: list[Database]) -> tuple[Station, str]:
    staff, node = clock.new_id(), founding.node or clock.new_id()
    keyfile, store_key, recovery = KeyFile.create(
        folder / KEYS,
        store_id=clock.new_id(),
        staff_id=staff,
        name=founding.staff_name,
        password=founding.password,
        practice=founding.practice,
    )
    database = Database(folder / STORE, store_key)
    opened.append(database)
    create_tables(database)
    upgrade.stamp(database)
    keys = NodeKeys.generate()
    found(
        database,
        node=node,
        incarnation=clock.new_number(),
        keys=keys.to_bytes(),
        practice=founding.practice,
        place=place(folder),
    )
    station = Station(database, folder, keys=keyfile)
    _arm(station, store_key)
    seat = founding.scopes[0].ljust(12, "0")
    with database.work("建立本单位") as work:
        if founding.prepare is not None:
            founding.prepare(station, work)
        own = work.session.get(Node, node)
        if own is None:
            own = Node(
                id=node,
                home=seat,
                name=founding.name,
                level=founding.level,
                scopes=",".join(founding.scopes),
                status="active",
            )
            work.session.add(own)
        own.sign_key, own.seal_key = keys.public.sign, keys.public.recipient
        first = Staff(
            id=staff,
            home=seat,
            name=names.clean(founding.staff_name),
            roles="clerk,reviewer,administrator",
            node=work.local.node,
            status="active",
        )
        work.session.add(first)
    station.sit_down(first)
    return station, recovery


def open_store(folder: Path, *, user: str | None, password: str | None, recovery: str | None = None) -> Opened:
    """Open a store as a staff member, or with the 应急恢复码 (then as the first administrator)."""
    settle(folder)
    if not exists(folder):
        raise EnvironmentTrouble(f"“{folder}”里没有数据。请核对文件夹, 或先建立(ronggui store init)。")
    guard = lock(folder)
    database: Database | None = None
    try:
        keyfile = KeyFile.load(folder / KEYS)
        if faults.armed_spec() is not None and not keyfile.practice:
            raise Refused("RONGGUI_FAULT 只能用在练习数据上。没有改动任何数据。")
        if recovery:
            store_key, staff = keyfile.open_with_recovery(recovery), None
        else:
            login = keyfile.open_with_password(user, password or "")
            store_key, staff = login.store_key, login.staff_id
        if not (folder / STORE).exists() or not (folder / STORE).stat().st_size:
            raise Damaged(disk_words.DAMAGED)  # SQLite would take an empty file for a new store
        try:
            upgrade.bring_up_to_date(folder / STORE, store_key)
            database = Database(folder / STORE, store_key)
            with durable.speaking("打开数据", folder):
                opened = _opened(database, folder, keyfile, store_key, staff, guard)
        except disk_words.STORE_ERRORS as error:
            raise disk_words.trouble(error, "打开数据", folder) from error
    except BaseException:
        if database is not None:
            database.close()
        guard.release()
        raise
    return opened


def _opened(
    database: Database,
    folder: Path,
    keyfile: KeyFile,
    store_key: bytes,
    staff: str | None,
    guard: filelock.BaseFileLock,
) -> Opened:
    station = Station(database, folder, keys=keyfile)
    with database.read() as session:
        local = session.scalars(select(Local)).one()
        person = session.get(Staff, staff) if staff is not None else None
        if person is None:
            person = _for_the_code(session, local.node)
        session.expunge_all()
    _arm(station, store_key)
    if person is not None:
        station.sit_down(person)
    warnings = []
    with durable.speaking("打开数据", folder):
        if tidying.mark(folder):
            tidying.tidy(station)
            warnings.append(tidying.UNCLEAN)
    if moved(station, local):
        with database.work("数据换了位置或退回到以前, 开始新的一期") as work:
            database.new_incarnation(work.connection)
            with database.door(work.connection):
                work.connection.execute(update(Local).values(place=place(folder)))
        warnings.append("这份数据换了位置、换了电脑或退回到了以前, 已开始新的一期。编号接着往后用, 不会重复。")
    if (word := clock_word(local)) is not None:
        warnings.append(word)
    remember(station)
    return Opened(station, guard, tuple(warnings))


def _for_the_code(session: Session, node: str) -> Staff | None:
    """Whose place the holder of the 应急恢复码 takes: the first administrator still here, who can set passwords anew."""
    here = session.scalars(
        select(Staff)
        .where(Staff.node == node, ~Staff.deleted, Staff.status.is_distinct_from("left"))
        .order_by(Staff.id)
    ).all()
    managing = [staff for staff in here if "administrator" in (staff.roles or "").split(",")]
    return next(iter([*managing, *here]), None)


def beside(folder: Path, store_key: bytes, actor: Actor, roles: tuple[str, ...]) -> Station:
    """The same store once more, for another process of the programme that holds the lock; `db.close` ends it."""
    database = Database(folder / STORE, store_key)
    station = Station(database, folder, keys=KeyFile.load(folder / KEYS))
    _arm(station, store_key)
    database.actor, station.roles = actor, roles
    return station


def _arm(station: Station, store_key: bytes) -> None:
    """Give the database what it needs to sign, to know its own groups again, and to say what it knew."""
    with station.db.read() as session:
        local = session.scalars(select(Local)).one()
        keys = NodeKeys.from_bytes(bytes(local.keys))
    database = station.db
    station.store_key = store_key
    database.signer = lambda digest: sign(keys.sign, GROUP_PURPOSE, digest)
    database.refold = standing.refold
    database.note_moves = moving.note
    database.stops = _stops
    database.own_secret = hashlib.sha256(b"ronggui own secret\0" + keys.sign).digest()
    database.meta = lambda work: {"scope": _scope_of(work)}


def _stops(work: Work) -> stops.Stops:
    return stops.in_force(work.connection, clock.today().isoformat(), tuple(_scope_of(work)))


def _scope_of(work: Work) -> list[str]:
    row = work.connection.execute(select(Node.scopes).where(Node.id == work.local.node)).scalar()
    return [code for code in (row or "").split(",") if code]


# -- copies, moves and files put back ------------------------------------------------------------------------------


def _machine() -> str:
    """What tells this machine from others and stays the same from one start to the next."""
    for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        with contextlib.suppress(OSError):
            if text := path.read_text("ascii").strip():
                return text
    address = uuid.getnode()
    # Where there is no network card the number is drawn anew at each start, with the multicast bit set (RFC 4122).
    return platform.node() if address >> 40 & 1 else f"{platform.node()}|{address:x}"


def place(folder: Path) -> str:
    """Folder and machine, hashed: tells whether a store lies where it was last opened."""
    return hashlib.sha256(f"{_machine()}|{folder.resolve()}".encode()).hexdigest()[:32]


def witness_path(store: str) -> Path:
    """The witness file in the user's settings folder: what this machine last saw of the store."""
    return folders.settings_folder() / "witness" / f"{store}.json"


def remember(station: Station) -> None:
    """Write the last position beside the settings; a copy of the store folder does not take it along."""
    with station.db.read() as session:
        local = session.scalars(select(Local)).one()
        facts = {"place": local.place, "incarnation": local.incarnation, "position": local.position}
        path = witness_path(local.store)
    if _witness(path) == facts:
        return
    with durable.speaking("写本机见证记录", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.write_file(path, json.dumps(facts).encode(), WITNESS)


def _witness(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def moved(station: Station, local: Local) -> bool:
    """Whether this store may be a copy, or lies behind what this machine has seen of it."""
    if local.place != place(station.folder):
        return True
    seen = _witness(witness_path(local.store))
    if not seen:
        return False
    if seen.get("incarnation") != local.incarnation:
        return True
    return isinstance(position := seen.get("position"), int) and position > local.position


def clock_word(local: Local) -> str | None:
    """What to say of a clock that cannot be right."""
    now = clock.now_ms()
    last = local.stamp // 1024
    if now < NEWEST_KNOWN_PAST or now < last - 86_400_000:
        return f"这台电脑的日期是 {clock.today().year} 年, 请先改对, 否则记录日期会错。"
    return None


def status(station: Station) -> dict[str, Any]:
    """Where the store stands: unit, counts of records by kind, versions, sizes in bytes."""
    where = station.place
    with station.db.read() as session:
        counts = {}
        for kind in sorted(kinds()):
            table = table_of(kind)
            counts[kind] = session.execute(select(func.count()).select_from(table).where(~table.c.deleted)).scalar_one()
        local = session.scalars(select(Local)).one()
        facts = {"incarnation": local.incarnation, "position": local.position}
    return {
        "node": where.node,
        "name": where.name,
        "level": where.level,
        "scope": list(where.scopes),
        "parent": where.parent,
        "practice": where.practice,
        **facts,
        "counts": counts,
        "versions": {"program": __version__, "schema": SCHEMA},
        "sizes": {
            "store": sum(path.stat().st_size for path in station.folder.glob(f"{STORE}*")),
            "files": sum(path.stat().st_size for path in (station.folder / "files").rglob("*") if path.is_file()),
        },
    }
