"""Says in words what the machine or the store's file did: full, locked, closed, damaged."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from app import durable
from app.errors import Busy, Damaged, EnvironmentTrouble

STORE_ERRORS: Final = (DBAPIError,)
"""What the driver raises when the file or the disk is at fault."""

DAMAGED: Final = "数据文件坏了, 打不开。没有改动任何数据。请用最近的备份恢复(系统 → 备份与恢复), 或请镇站帮忙。"


@contextlib.contextmanager
def speaking_of_disk(folder: Path) -> Iterator[None]:
    """Say in words what the machine or the store's file did while the store was in use."""
    try:
        yield
    except STORE_ERRORS as error:
        fault = _fault_of(error, folder)
        if not fault:
            raise  # a bug of the programme: a backup put back would not help
        raise (_full(folder) if fault == "full" else trouble(error, "刚才这一步", folder)) from error
    except OSError as error:
        if durable.is_full(error):
            raise _full(folder) from error
        with durable.speaking("保存", folder):
            raise
        raise EnvironmentTrouble(str(error)) from error


def _full(folder: Path) -> EnvironmentTrouble:
    return EnvironmentTrouble(f"{durable.full(folder)}, 刚才这一步没有保存, 之前的都在。请清理后再点保存。")


_FAULTS: Final = {
    "busy": ({5, 6}, ("locked",)),
    "interrupted": ({9}, ("interrupted",)),
    "closed": ({3, 8, 14}, ("readonly", "unable to open")),
    "full": ({13}, ("disk is full", "No space left")),
    "disk": ({10}, ("disk I/O",)),
    "damaged": ({11, 26}, ("malformed", "not a database")),
}
"""What the driver calls it: primary result codes of SQLite, or pieces of the text where there is no code."""
_TOO_LITTLE: Final = 1_000_000
"""Bytes; with less free, a file beside the store that cannot grow is reported as a faulty disk."""


def _fault_of(error: Exception, where: Path) -> str:
    """Which of `_FAULTS` it is; nothing for an error of the programme's own statements."""
    code, text = getattr(getattr(error, "orig", None), "sqlite_errorcode", None), str(error)
    for fault, (codes, pieces) in _FAULTS.items():
        if code & 0xFF in codes if code is not None else any(piece in text for piece in pieces):
            return "full" if fault == "disk" and durable.free_space(where) < _TOO_LITTLE else fault
    return ""


def trouble(error: Exception, what: str, where: Path) -> EnvironmentTrouble:
    """What to say of an error of the store's file that kept `what` (做备份) from being done."""
    fault, undone = _fault_of(error, where), f"{what}没有完成, 之前的都在。"
    said = {
        "busy": f"数据正被别的窗口或命令占用, {undone}请等一会儿再试一次。",
        "interrupted": f"{what}被打断了, 没有完成, 之前的都在。请再试一次。",
        "closed": f"数据文件夹不能写入(只读或没有权限), {undone}请检查权限或换一个文件夹。",
        "full": f"{durable.full(where)}, {undone}请清理后再试一次。",
        "disk": f"磁盘读写出错, {undone}请检查磁盘后再试一次。",
    }
    if fault not in said:
        return Damaged(DAMAGED)
    return (Busy if fault == "busy" else EnvironmentTrouble)(said[fault])
