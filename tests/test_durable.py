"""A file is whole under its name or not there; a full or pulled disk is told in words."""

import errno
import hashlib
import os
import resource
import signal
from pathlib import Path

import pytest

from app import durable, faults
from app.errors import EnvironmentTrouble, Refused

POINTS = ("file.write", "file.flush", "file.verify", "file.rename")
OLD, NEW = b"old" * 1000, [b"new" * 500, b"er" * 700]


@pytest.fixture(autouse=True)
def _disarmed():
    yield
    faults.arm(None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writing_gives_the_hash_and_leaves_nothing_else(tmp_path: Path):
    path = tmp_path / "表.bin"
    assert durable.write_file(path, NEW, verify=True) == hashlib.sha256(b"".join(NEW)).digest()
    assert path.read_bytes() == b"".join(NEW)
    assert names(tmp_path) == ["表.bin"]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", ["error", "short"])
def test_an_error_at_any_point_leaves_the_old_file_and_no_other(tmp_path: Path, point: str, kind: str):
    path = tmp_path / "a"
    durable.write_file(path, OLD)
    with faults.counting():
        durable.write_file(tmp_path / "probe", NEW, verify=True)
    (tmp_path / "probe").unlink()
    assert faults.counts()[point] >= 1
    for nth in range(1, faults.counts()[point] + 1):
        faults.arm(f"{point}:{nth}:{kind}")
        with pytest.raises(OSError, match=point):
            durable.write_file(path, NEW, verify=True)
        assert path.read_bytes() == OLD
        assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_any_point_leaves_the_old_file_under_its_name(tmp_path: Path, point: str):
    path = tmp_path / "a"
    durable.write_file(path, OLD)
    child = os.fork()
    if child == 0:
        faults.arm(f"{point}:1:kill")
        durable.write_file(path, NEW, verify=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert path.read_bytes() == OLD
    assert len(durable.leftovers(tmp_path)) == 1


def test_what_reads_back_differently_is_not_renamed(tmp_path: Path):
    path = tmp_path / "a"
    with (
        pytest.raises(OSError, match="read back"),
        durable.NewFile(
            path, durable.FILE, replace=False, check=lambda temporary: temporary.read_bytes() == b"x"
        ) as file,
    ):
        file.write(b"y")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_new_file_never_replaces_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool):
    if not links:  # as on FAT

        def no_links(source: object, target: object) -> None:
            raise OSError(errno.EPERM, "no links")

        monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "a"
    durable.write_file(path, OLD, replace=False)
    with pytest.raises(Refused, match="没有覆盖"):
        durable.write_file(path, NEW, replace=False)
    with pytest.raises(Refused, match="没有覆盖"), durable.NewFile(tmp_path / "b", durable.FILE, replace=False):
        (tmp_path / "b").write_bytes(b"came between")
    assert path.read_bytes() == OLD
    assert (tmp_path / "b").read_bytes() == b"came between"
    assert names(tmp_path) == ["a", "b"]


def test_places_left_free_are_filled_and_the_end_stays(tmp_path: Path):
    with durable.NewFile(tmp_path / "a", durable.FILE, replace=False) as file:
        file.write(b"....")
        file.write_at(1, b"XY")
        file.write(b"end")
    assert (tmp_path / "a").read_bytes() == b".XY.end"


def test_copy_is_checked(tmp_path: Path):
    (tmp_path / "a").write_bytes(OLD * 1000)
    assert durable.copy_file(tmp_path / "a", tmp_path / "b") == durable.hash_file(tmp_path / "a")
    assert (tmp_path / "b").read_bytes() == OLD * 1000


def _folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "store.db").write_text(text)
    return path


@pytest.mark.parametrize("point", ["swap.aside", "swap.rename"])
def test_an_error_in_a_swap_leaves_the_store_that_was(tmp_path: Path, point: str):
    fresh, current, kept = _folder(tmp_path / "fresh", "new"), _folder(tmp_path / "data", "old"), tmp_path / "kept"
    faults.arm(f"{point}:1")
    with pytest.raises(OSError, match=point):
        durable.replace_folder(fresh, current, kept)
    assert (current / "store.db").read_text() == "old"
    assert not kept.exists()
    durable.replace_folder(fresh, current, kept)
    assert (current / "store.db").read_text() == "new"
    assert (kept / "store.db").read_text() == "old"


@pytest.mark.parametrize(("point", "settled", "text"), [("swap.aside", False, "old"), ("swap.rename", True, "new")])
def test_a_swap_cut_by_a_kill_is_finished_at_the_next_start(tmp_path: Path, point: str, settled: bool, text: str):
    fresh, current, kept = _folder(tmp_path / "fresh", "new"), _folder(tmp_path / "data", "old"), tmp_path / "kept"
    child = os.fork()
    if child == 0:
        faults.arm(f"{point}:1:kill")
        durable.replace_folder(fresh, current, kept)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert durable.settle_folder(fresh, current, kept) is settled
    assert (current / "store.db").read_text() == text
    assert durable.settle_folder(fresh, current, kept) is False


def test_the_folder_kept_before_is_never_replaced(tmp_path: Path):
    fresh, current, kept = (_folder(tmp_path / name, name) for name in ("fresh", "data", "kept"))
    with pytest.raises(Refused, match="没有覆盖"):
        durable.replace_folder(fresh, current, kept)
    assert (current / "store.db").read_text() == "data"


@pytest.mark.parametrize(
    ("code", "where", "words"),
    [
        (errno.ENOSPC, "/", "磁盘满了.剩 \\d+ MB., 保存没有完成, 之前的都在。请清理后"),
        (errno.EFBIG, "/media/clerk/USB", "U 盘满了"),
        (errno.EROFS, "/media/clerk/USB", "“USB”不能写入"),
        (errno.EACCES, "/srv/data", "“data”不能写入"),
        (errno.ENODEV, "/media/clerk/USB", "U 盘没写完就拔了, 保存没有完成。本机数据没有丢, 插上再试"),
        (errno.ENOENT, "/srv/data", "找不到"),
        (errno.EIO, "/srv/data", "磁盘读写出错"),
    ],
)
def test_trouble_is_told_in_words(code: int, where: str, words: str):
    with pytest.raises(EnvironmentTrouble, match=words) as caught, durable.speaking("保存", Path(where)):
        raise OSError(code, os.strerror(code))
    assert caught.value.exit_code == 4


def test_other_errors_pass_unchanged():
    with pytest.raises(Refused, match="不行"), durable.speaking("保存", Path("/")):
        raise Refused("不行")


def test_a_disk_that_takes_no_more_leaves_the_old_file(tmp_path: Path):
    """RLIMIT_FSIZE stands for the full disk: mounting one needs rights a test may not have."""
    path = tmp_path / "a"
    durable.write_file(path, OLD)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(EnvironmentTrouble, match="满了"), durable.speaking("保存", path):
            durable.write_file(path, [b"x" * 40_000, b"y" * 40_000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["a"]


def test_free_space_of_a_folder_that_is_not_there_yet(tmp_path: Path):
    assert durable.free_space(tmp_path / "not" / "yet") > 0
