"""A backup is one file that opens to the very store; one flipped byte is noticed; a restore is whole or did not happen."""

import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import clock, faults, progress
from app.cli import main as terminal
from app.errors import Cancelled, EnvironmentTrouble, Refused, UserError
from app.models import Local, Person, Staff, copying, digest, upgrade
from app.services import backup_file, backups, stores
from app.services.attachments import Attachments
from app.services.stores import Opened

PASSWORD = "春天来了2026"
NAME = "周敏"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    yield
    faults.arm(None)


class Desk:
    """A practice store with people and an attachment, opened and closed at will."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        founding = stores.Founding("village", "桥头村站", ("361002100201",), NAME, PASSWORD, practice=True)
        opened, self.recovery = stores.init(folder, founding)
        with opened.station.db.work("登记人员") as work:
            ids = work.add_many("person", [{"name": f"王建国{n}", "home": "361002100201"} for n in range(40)])
        picture = folder.parent / "证件.pdf"
        picture.write_bytes(b"%PDF-1.4\n" + random.Random(1).randbytes(1_500_000))
        Attachments(opened.station).add(f"person:{ids[0]}", picture)
        opened.close()

    def open(self) -> Opened:
        return stores.open_store(self.folder, user=NAME, password=PASSWORD)

    def make(self, folder: Path | None = None) -> backups.Backup:
        opened = self.open()
        try:
            return backups.make(opened.station, folder)
        finally:
            opened.close()

    def add(self, name: str) -> None:
        opened = self.open()
        with opened.station.db.work("登记人员") as work:
            work.add_many("person", [{"name": name, "home": "361002100201"}])
        opened.close()

    def facts(self) -> dict[str, Any]:
        opened = self.open()
        try:
            with opened.station.db.read() as session:
                local = session.scalars(select(Local)).one()
                people = sorted(session.scalars(select(Person.name)))
                whole = digest.digest(opened.station.db, session.connection(), ("3610",))
            found = backups.listed(opened.station)
            return {
                "people": people, "digest": whole, "incarnation": local.incarnation, "position": local.position,
                "warnings": opened.warnings, "backups": len(found),
            }  # fmt: skip
        finally:
            opened.close()

    def restore(self, file: str, **login: str) -> backups.Restored:
        return backups.restore(self.folder, Path(file), **(login or {"user": NAME, "password": PASSWORD}))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "数据")


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.name.startswith(".")]


# -- making --------------------------------------------------------------------------------------------------------


def test_a_backup_is_proved_when_made(desk: Desk) -> None:
    made = desk.make()
    assert (made.persons, made.attachments, made.lacking) == (40, 1, 0)
    assert Path(made.file).parent == desk.folder / "backups"
    assert Path(made.file).name == f"ronggui-{clock.today().isoformat()}-1.rgb"
    assert desk.make().file.endswith("-2.rgb")
    assert left_over(desk.folder) == []
    opened = desk.open()
    assert backups.verify(opened.station, Path(made.file)) == made
    assert [(row.file, row.state) for row in backups.listed(opened.station)][1] == (made.file, "ok")
    opened.close()


def test_nothing_in_it_can_be_read(desk: Desk) -> None:
    raw = Path(desk.make().file).read_bytes()
    for text in ("王建国", "周敏", "桥头村", "证件", "%PDF", "SQLite format"):
        for coding in ("utf-8", "utf-16-le", "gb18030"):
            assert text.encode(coding) not in raw
    assert b'"position"' in raw


def test_another_folder_must_be_there(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentTrouble, match="没有这个文件夹"):
        desk.make(tmp_path / "U盘")
    (tmp_path / "U盘").mkdir()
    assert Path(desk.make(tmp_path / "U盘").file).parent == tmp_path / "U盘"


def test_a_missing_and_a_damaged_attachment_do_not_stop_a_backup(desk: Desk) -> None:
    (sealed,) = (path for path in (desk.folder / "files").rglob("*") if path.is_file())
    data = bytearray(sealed.read_bytes())
    data[1000] ^= 1
    sealed.write_bytes(data)
    assert (desk.make().attachments, desk.make().lacking) == (0, 1)
    sealed.unlink()
    made = desk.make()
    assert (made.attachments, made.lacking) == (0, 1)
    assert desk.restore(made.file).lacking == 1


def test_a_good_backup_lets_go_of_older_versions_files(desk: Desk) -> None:
    old = desk.folder / "store.db.0000.old"
    old.write_bytes(b"old")
    assert upgrade.old_files(desk.folder / "store.db") == [old]
    desk.make()
    assert not old.exists()


@pytest.mark.parametrize("kind", ["error", "short", "kill"])
@pytest.mark.parametrize(
    "point", ["backup.copy", "backup.write", "backup.flush", "backup.verify", "backup.rename", "backup.check"]
)
def test_broken_off_at_any_point_no_bad_file_stays(desk: Desk, point: str, kind: str) -> None:
    opened = desk.open()
    if kind == "kill":
        if os.fork() == 0:
            faults.arm(f"{point}:1:kill")
            backups.make(opened.station)
            os._exit(0)
        _, status = os.wait()
        assert os.WIFSIGNALED(status)
        assert os.WTERMSIG(status) == signal.SIGKILL
    else:
        faults.arm(f"{point}:1:{kind}")
        with pytest.raises(EnvironmentTrouble, match=r"没有|再试"):
            backups.make(opened.station)
        assert left_over(desk.folder) == []
    faults.arm(None)
    found = backups.listed(opened.station)
    # Killed while it is being proved, it lies there whole: only nobody was told so.
    assert [backups.verify(opened.station, Path(row.file)).persons for row in found] == (
        [40] if (point, kind) == ("backup.check", "kill") else []
    )
    assert backups.make(opened.station).persons == 40
    assert left_over(desk.folder) == []
    opened.close()


# -- verifying -----------------------------------------------------------------------------------------------------


def test_one_flipped_byte_anywhere_is_noticed(desk: Desk) -> None:
    path = Path(desk.make().file)
    good = path.read_bytes()
    opened = desk.open()
    chance = random.Random(7)
    with backup_file.BackupFile.open(path) as box:
        starts = [member.offset for member in box.manifest.members]
    places = [0, 7, len(good) - 1, len(good) - 33, len(good) - 41, len(good) - 100, *starts]
    places += [chance.randrange(len(good)) for _ in range(40)]
    for place in places:
        bad = bytearray(good)
        bad[place] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        with pytest.raises(Refused, match="备份"):
            backups.verify(opened.station, path)
    path.write_bytes(good)
    assert backups.verify(opened.station, path).persons == 40
    opened.close()


@pytest.mark.parametrize("size", [0, 1, 8, 40, 48, 5000, -1, -40])
def test_cut_and_empty_files_are_refused_in_words(desk: Desk, size: int) -> None:
    path = Path(desk.make().file)
    path.write_bytes(path.read_bytes()[:size] if size else b"")
    before = desk.facts()
    opened = desk.open()
    with pytest.raises(Refused, match=r"不是荣归的备份文件, 或者坏了"):
        backups.verify(opened.station, path)
    if size >= 0:
        assert [row.state for row in backups.listed(opened.station)] == ["broken"]
    opened.close()
    with pytest.raises(Refused, match=r"不是荣归的备份文件, 或者坏了"):
        desk.restore(str(path))
    assert desk.facts() == before


def test_a_member_cannot_lie_elsewhere(desk: Desk, tmp_path: Path) -> None:
    """A forged manifest with a right hash at its end must not write outside the folder."""
    made = Path(desk.make().file)
    with backup_file.BackupFile.open(made) as box:
        manifest = box.manifest
    forged = tmp_path / "forged.rgb"
    source = tmp_path / "x"
    source.write_bytes(b"x")
    names = ("store.db", "keys.json", "files/aa/../../../../evil")
    backup_file.write(forged, manifest, [backup_file.Source(name, source) for name in names])
    with pytest.raises(Refused, match="坏了"):
        desk.restore(str(forged))


def test_another_stores_backup_is_refused(desk: Desk, tmp_path: Path) -> None:
    other = Desk(tmp_path / "别处" / "数据")
    file = other.make().file
    opened = desk.open()
    with pytest.raises(Refused, match="另一份数据的备份"):
        backups.verify(opened.station, Path(file))
    opened.close()
    before = desk.facts()
    with pytest.raises(Refused, match="另一份数据的备份"):
        desk.restore(file)
    assert desk.facts() == before


def test_a_newer_backup_is_refused(desk: Desk) -> None:
    opened = desk.open()
    with copying.bare(desk.folder / "store.db", opened.station.store_key) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    made = backups.make(opened.station)
    with copying.bare(desk.folder / "store.db", opened.station.store_key) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (upgrade.NEWEST,))
    opened.close()
    before = desk.facts()
    with pytest.raises(Refused, match="更新的版本"):
        desk.restore(made.file)
    assert desk.facts() == before


# -- putting back --------------------------------------------------------------------------------------------------


def test_a_restore_brings_back_what_was_and_begins_anew(desk: Desk) -> None:
    before = desk.facts()
    made = desk.make()
    desk.add("后来的人")
    done = backups.restore(desk.folder, Path(made.file), user=NAME, password=PASSWORD)
    facts = desk.facts()
    assert facts["people"] == before["people"]
    assert facts["digest"] == before["digest"]
    assert facts["incarnation"] > before["incarnation"]
    assert facts["position"] == 0
    assert facts["warnings"] == ()
    assert facts["backups"] == 1
    kept = Path(done.kept)
    assert kept.name == f"数据.before-{clock.today().isoformat()}"
    opened = stores.open_store(kept, user=NAME, password=PASSWORD)
    with opened.station.db.read() as session:
        assert session.scalar(select(Person.name).where(Person.name == "后来的人")) is not None
    opened.close()
    assert not stores.restoring(desk.folder).exists()
    assert not (desk.folder / stores.RESTORED).exists()
    desk.add("恢复以后的人")
    assert desk.facts()["position"] == 1
    desk.restore(made.file)
    assert desk.folder.with_name(f"{kept.name}-2").is_dir()


@pytest.mark.parametrize("harm", ["store", "keys", "both", "all", "empty"])
def test_the_live_store_need_not_be_whole(desk: Desk, tmp_path: Path, harm: str) -> None:
    (tmp_path / "U盘").mkdir()
    before = desk.facts()
    made = desk.make(tmp_path / "U盘")
    if harm in ("store", "both"):
        (desk.folder / "store.db").write_bytes(b"\0" * 100)
    if harm in ("keys", "both"):
        (desk.folder / "keys.json").unlink()
    if harm in ("all", "empty"):
        desk.folder.rename(tmp_path / "weg")
    if harm == "empty":
        desk.folder.mkdir()
    done = desk.restore(made.file)
    assert desk.facts()["digest"] == before["digest"]
    assert bool(done.kept) == (harm != "all")


def test_who_may_open_it(desk: Desk) -> None:
    made = desk.make()
    before = desk.facts()
    with pytest.raises(Refused, match=r"姓名或登录密码不对.*做这份备份时"):
        desk.restore(made.file, user=NAME, password="wrong")
    with pytest.raises(Refused, match="应急恢复码不对"):
        desk.restore(made.file, recovery="AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")
    assert desk.facts() == before
    desk.restore(made.file, recovery=desk.recovery)
    assert desk.facts()["digest"] == before["digest"]


def test_only_an_administrator_puts_a_backup_back(desk: Desk) -> None:
    opened = desk.open()
    with opened.station.db.work("改岗位") as work:
        person = work.session.get(Staff, opened.station.actor.staff)
        assert person is not None
        person.roles = "clerk"
    opened.close()
    made = desk.make()
    before = desk.facts()
    with pytest.raises(Refused, match="您的岗位不能恢复备份"):
        desk.restore(made.file)
    assert desk.facts() == before
    assert not stores.restoring(desk.folder).exists()


def test_a_store_in_use_is_not_replaced(desk: Desk) -> None:
    made = desk.make()
    opened = desk.open()
    with pytest.raises(EnvironmentTrouble, match="已经在本机打开着"):
        desk.restore(made.file)
    opened.close()


def restore_points() -> list[tuple[str, int]]:
    once = ("restore.prove", "restore.begin", "swap.aside", "swap.rename", "save.begin", "save.commit")
    many = ("restore.write", "restore.flush", "restore.rename")
    # keys.json, store.db, the attachment, the mark; a backup that lies in the old folder is linked, not written.
    return [(point, 1) for point in once] + [(point, nth) for point in many for nth in (1, 2, 3, 4)]


def test_every_point_of_a_restore_is_walked(desk: Desk) -> None:
    made = desk.make()
    with faults.counting():
        desk.restore(made.file)
    passed = {p: n for p, n in faults.counts().items() if p.partition(".")[0] in ("restore", "swap", "save")}
    walked: dict[str, int] = {}
    for point, nth in restore_points():
        walked[point] = max(nth, walked.get(point, 0))
    passed["restore.write"] = min(passed["restore.write"], 4)  # the attachment and the store come in several pieces
    assert passed == walked


@pytest.mark.parametrize(("point", "nth"), restore_points())
@pytest.mark.parametrize("kind", ["error", "kill"])
def test_broken_off_at_any_point_the_store_is_the_old_or_the_restored_one(
    desk: Desk, point: str, nth: int, kind: str
) -> None:
    made = desk.make()
    desk.add("后来的人")
    before = desk.facts()
    if kind == "kill":
        if os.fork() == 0:
            faults.arm(f"{point}:{nth}:kill")
            desk.restore(made.file)
            os._exit(0)
        _, status = os.wait()
        assert os.WIFSIGNALED(status)
        assert os.WTERMSIG(status) == signal.SIGKILL
    else:
        faults.arm(f"{point}:{nth}:error")
        with pytest.raises(UserError, match="恢复"):
            desk.restore(made.file)
        faults.arm(None)
        assert not stores.restoring(desk.folder).exists()
    facts = desk.facts()
    if (point, kind) == ("swap.rename", "kill"):  # the old folder is set aside already: what was prepared is whole
        assert "后来的人" not in facts["people"]
        assert len(facts["people"]) == 40
    else:
        assert facts == before
    desk.restore(made.file)
    assert len(desk.facts()["people"]) == 40


def test_a_folder_somebody_took_away_is_not_brought_back(desk: Desk, tmp_path: Path) -> None:
    made = desk.make()
    kept = Path(desk.restore(made.file).kept)
    desk.folder.rename(tmp_path / "anderswo")
    with pytest.raises(EnvironmentTrouble, match="没有数据"):
        desk.open()
    assert kept.is_dir()
    assert not desk.folder.exists()


# -- the terminal --------------------------------------------------------------------------------------------------


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def one(*words: str, password: str = PASSWORD) -> tuple[int, Any, str]:
        monkeypatch.setenv("RONGGUI_PASSWORD", password)
        capsys.readouterr()
        code = terminal.main(["--data", str(desk.folder), "--json", *words])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return one


def test_the_terminal_does_all_of_it(desk: Desk, run: Callable[..., Any], tmp_path: Path) -> None:
    code, made, _ = run("backup", "make")
    assert (code, made["persons"]) == (0, 40)
    code, listed, _ = run("backup", "list")
    assert (code, [row["file"] for row in listed["backups"]]) == (0, [made["file"]])
    code, proved, _ = run("backup", "verify", made["file"])
    assert (code, proved["ok"]) == (0, True)
    (desk.folder / "store.db").write_bytes(b"")
    code, _, said = run("store", "status")
    assert (code, "备份恢复" in said) == (4, True)
    code, _, said = run("backup", "restore", made["file"], password="wrong")
    assert (code, "登录密码不对" in said) == (3, True)
    code, done, _ = run("backup", "restore", made["file"])
    assert (code, done["persons"]) == (0, 40)
    assert run("store", "status")[1]["counts"]["person"] == 40
    (tmp_path / "leer.rgb").touch()
    code, _, said = run("backup", "restore", str(tmp_path / "leer.rgb"))
    assert (code, "不是荣归的备份文件" in said) == (3, True)
    code, _, said = run("backup", "restore", str(tmp_path / "nirgends.rgb"))
    assert (code, "找不到" in said) == (4, True)


def test_stopped_at_any_step_no_file_stays(desk: Desk) -> None:
    opened = desk.open()
    steps = 0
    while True:
        steps += 1
        asked = iter(range(steps))
        watcher = progress.Watcher(lambda _stand: None, lambda asked=asked: next(asked, None) is None)  # type: ignore[misc]
        try:
            with progress.watched(watcher):
                made = backups.make(opened.station)
        except Cancelled:
            assert backups.listed(opened.station) == []
            assert left_over(desk.folder) == []
        else:
            break
    assert made.persons == 40
    assert steps > 5
    opened.close()


@pytest.mark.parametrize("step", ["核对备份", "放回备份"])
def test_a_restore_that_is_stopped_changes_nothing(desk: Desk, tmp_path: Path, step: str) -> None:
    made = Path(desk.make().file)
    told: list[str] = []
    watcher = progress.Watcher(lambda stand: told.append(stand.what), lambda: step in told)
    with progress.watched(watcher), pytest.raises(Cancelled):
        backups.restore(tmp_path / "elsewhere", made, user=NAME, password=PASSWORD)
    assert not (tmp_path / "elsewhere").exists()
    assert not stores.restoring(tmp_path / "elsewhere").exists()
