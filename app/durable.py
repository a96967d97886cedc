"""The only module that writes files so that they survive a power cut: whole under their name, or not there at all."""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app import faults
from app.errors import BadInput, EnvironmentTrouble, Refused

CHUNK: Final = 1 << 20
_LEFTOVER: Final = ".part"
_TEMPORARY: Final = re.compile(r"\..+\.[0-9a-f]{8}\.part", re.DOTALL)
# Virus scanners on Windows hold a fresh file open for a moment; more waiting than this helps nobody.
_PATIENCE: Final = (0.02, 0.1, 0.3, 0.8)
_NO_LINKS: Final = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.EACCES}
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_GONE: Final = {errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ENOTDIR, errno.ESTALE}
_REMOVABLE: Final = ("/media/", "/run/media/", "/mnt/", "/Volumes/")


@dataclass(frozen=True)
class Points:
    """The fault points of one kind of file."""

    write: str
    flush: str
    verify: str
    rename: str


def points(prefix: str, what: str) -> Points:
    """Declare `<prefix>.write`, `.flush`, `.verify` and `.rename` for a kind of file called `what` in Chinese."""
    return Points(
        faults.define(f"{prefix}.write", f"写{what}"),
        faults.define(f"{prefix}.flush", f"把{what}刷到磁盘"),
        faults.define(f"{prefix}.verify", f"读回并核对{what}"),
        faults.define(f"{prefix}.rename", f"把写好的{what}改成正式名称"),
    )


FILE: Final = points("file", "普通文件")


class NewFile:
    """A file in the making under a temporary name in the folder of its final one.

    Used as a context manager: leaving it in peace flushes to the device, reads back if asked, renames and flushes the
    folder; leaving it by an exception removes the temporary file. `check` gets the temporary path and says whether
    what lies on the device is what was meant; by default nothing is read back. Unless `replace`, an existing file of
    that name is never touched and Refused is raised.
    """

    def __init__(self, path: Path, at: Points, *, replace: bool, check: Callable[[Path], bool] | None = None) -> None:
        self._path, self._at, self._replace, self.check = path, at, replace, check
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_LEFTOVER}")
        self._fd = -1

    def __enter__(self) -> Self:
        if not self._replace and os.path.lexists(self._path):
            raise _taken(self._path)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
        self._fd = os.open(self._temporary, flags, 0o600)
        return self

    def write(self, data: bytes) -> None:
        """Append `data`."""
        faults.short(self._at.write, data, self._write_all)

    def write_at(self, offset: int, data: bytes) -> None:
        """Overwrite a place left free before; the end of the file stays where it is."""
        end = os.lseek(self._fd, 0, os.SEEK_CUR)
        os.lseek(self._fd, offset, os.SEEK_SET)
        self.write(data)
        os.lseek(self._fd, end, os.SEEK_SET)

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._fd, rest) :]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            if self._fd >= 0:
                os.close(self._fd)
            with contextlib.suppress(OSError):
                self._temporary.unlink(missing_ok=True)

    def _finish(self) -> None:
        faults.step(self._at.flush)
        os.fsync(self._fd)
        if self.check is not None:
            _forget_cached(self._fd)
        os.close(self._fd)
        self._fd = -1
        if self.check is not None:
            faults.step(self._at.verify)
            if not self.check(self._temporary):
                raise OSError(errno.EIO, "what was read back differs from what was written", str(self._path))
        faults.step(self._at.rename)
        if self._replace:
            _patiently(lambda: self._temporary.replace(self._path))
        else:
            _rename_new(self._temporary, self._path)
        flush_folder(self._path.parent)


def write_file(
    path: Path, data: bytes | Iterable[bytes], at: Points = FILE, *, replace: bool = True, verify: bool = False
) -> bytes:
    """Write a whole file (or nothing of it) and give back its SHA-256; `verify` reads it back from the device.

    Raises OSError as the system does; wrap the call in `speaking` where a person is told.
    """
    digest = hashlib.sha256()
    check = (lambda temporary: hash_file(temporary) == digest.digest()) if verify else None
    with NewFile(path, at, replace=replace, check=check) as file:
        for chunk in (data,) if isinstance(data, bytes) else data:
            digest.update(chunk)
            file.write(chunk)
    return digest.digest()


def copy_file(source: Path, target: Path, at: Points = FILE, *, replace: bool = False) -> bytes:
    """Copy a file, read the copy back and compare it; gives its SHA-256."""
    with source.open("rb") as stream:
        return write_file(target, read_chunks(stream.read), at, replace=replace, verify=True)


def read_chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """All of a stream in pieces of at most 1 MiB."""
    while chunk := read(CHUNK):
        yield chunk


def hash_file(path: Path) -> bytes:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


SWAP_ASIDE: Final = faults.define("swap.aside", "把原来的文件夹改名保留")
SWAP_RENAME: Final = faults.define("swap.rename", "把准备好的文件夹换上")


def replace_folder(fresh: Path, current: Path, kept: Path) -> None:
    """Put the prepared folder `fresh` in the place of `current`, which stays as `kept` (must not exist yet).

    All three lie in one folder. A kill between the two renames leaves `current` missing: call `settle_folder` with the
    same paths when the store is opened.
    """
    if os.path.lexists(kept):
        raise _taken(kept)
    faults.step(SWAP_ASIDE)
    _patiently(lambda: current.rename(kept))
    try:
        faults.step(SWAP_RENAME)
        _patiently(lambda: fresh.rename(current))
    except OSError:
        kept.rename(current)
        raise
    finally:
        flush_folder(current.parent)


def settle_folder(fresh: Path, current: Path, kept: Path) -> bool:
    """Finish a swap that a kill cut in two; True if there was something to finish."""
    if current.exists() or not kept.exists():
        return False
    (fresh if fresh.exists() else kept).rename(current)
    flush_folder(current.parent)
    return True


def leftovers(folder: Path) -> list[Path]:
    """Temporary files of writes that were killed; whoever holds the store's lock may remove them."""
    return sorted(path for path in folder.glob(f".*{_LEFTOVER}") if _TEMPORARY.fullmatch(path.name) and path.is_file())


def flush_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    except OSError as error:
        # Some network and FUSE file systems know no fsync of a folder.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EBADF}:
            raise
    finally:
        os.close(fd)


def free_space(folder: Path) -> int:
    """Bytes that can still be written on the disk of a folder (or of its nearest existing parent)."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def lacking_room(folder: Path, needed: int) -> str:
    """The beginning of a sentence where so many bytes do not fit (U 盘还剩 80 MB, 需要 120 MB); empty where they do."""
    left = free_space(folder)
    if left >= needed:
        return ""
    return f"{_disk_of(folder)[0]}还剩 {left // 1_000_000} MB, 需要 {-(-needed // 1_000_000)} MB"


@contextmanager
def speaking(what: str, where: Path) -> Iterator[None]:
    """Turn an OSError inside into EnvironmentTrouble.

    `what` names the step in Chinese (生成上报包), `where` is the place that was written or read.
    """
    try:
        yield
    except IsADirectoryError as error:
        raise BadInput(f"“{where}”是文件夹, 不是文件, {what}没有完成。没有改动任何数据。请写到文件。") from error
    except OSError as error:
        raise EnvironmentTrouble(_sentence(error, what, where)) from error


def is_full(error: OSError) -> bool:
    """Whether there was no room left."""
    return error.errno in _FULL


def full(where: Path) -> str:
    """The beginning of a sentence: C 盘满了(剩 12 MB)."""
    left = ""
    with contextlib.suppress(OSError):
        left = f"(剩 {free_space(where) // 1_000_000} MB)"
    return f"{_disk_of(where)[0]}满了{left}"


def _sentence(error: OSError, what: str, where: Path) -> str:
    disk, stick = _disk_of(where)
    if is_full(error):
        return f"{full(where)}, {what}没有完成, 之前的都在。请清理后再试一次。"
    if error.errno in _CLOSED:
        return (
            f"“{where.name or where}”不能写入(只读或没有权限), {what}没有完成, 之前的都在。请检查权限或换一个文件夹。"
        )
    if error.errno in _GONE and stick:
        return f"{disk}没写完就拔了, {what}没有完成。本机数据没有丢, 插上再试一次即可。"
    if error.errno in _GONE:
        # A file on its way to a missing folder has a temporary name, which tells nobody anything.
        gone = (
            where
            if error.errno == errno.ENOENT and str(error.filename).endswith(_LEFTOVER)
            else error.filename or where
        )
        return f"找不到“{gone}”, {what}没有完成, 之前的都在。请检查文件夹是否还在。"
    return f"{disk}读写出错({error.strerror or error}), {what}没有完成, 之前的都在。请换一个位置再试, 并检查磁盘。"


def _disk_of(where: Path) -> tuple[str, bool]:
    """How a clerk calls the disk, and whether it may be pulled out."""
    path = where.absolute()
    if path.drive:
        letter = path.drive.rstrip(":").upper()
        return f"{letter} 盘", letter > "D"
    stick = path.as_posix().startswith(_REMOVABLE)
    return ("U 盘" if stick else "磁盘"), stick


def _taken(path: Path) -> Refused:
    return Refused(f"这里已经有“{path.name}”, 没有覆盖。请换一个名称或文件夹。")


def _rename_new(source: Path, target: Path) -> None:
    """Rename without ever replacing: by a hard link where the file system has them (FAT has none)."""
    if os.name == "nt":
        try:
            _patiently(lambda: source.rename(target))
        except FileExistsError:
            raise _taken(target) from None
        return
    try:
        os.link(source, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(target):
            raise _taken(target) from None
        source.rename(target)
    else:
        source.unlink()


def _patiently(rename: Callable[[], object]) -> None:
    for pause in _PATIENCE if os.name == "nt" else ():
        try:
            rename()
        except PermissionError:
            time.sleep(pause)
        else:
            return
    rename()


def _forget_cached(fd: int) -> None:
    """Ask for the read-back to come from the device and not from memory, where the system offers it."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
