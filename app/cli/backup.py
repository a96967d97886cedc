"""`backup`: make, list, verify, put back."""

import argparse
import getpass
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app import faults
from app.cli.frame import Call, command, table
from app.errors import BadInput
from app.services import backups, last_backup
from app.services.desk_memory import DeskMemory

_HEADINGS = {"file": "文件", "made": "做好的时间", "bytes": "字节", "state": "状态"}
_STATES = {"ok": "在", "broken": "坏了"}


def _folder_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", type=Path)


def _file_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)


def _show_made(document: dict[str, Any]) -> str:
    lacking = f", {document['lacking']} 个附件的内容不在本机或已坏" if document["lacking"] else ""
    return (
        f"备份完好: {document['file']}({document['made']}, 人员 {document['persons']} 人, "
        f"附件 {document['attachments']} 个{lacking})"
    )


def _show_list(document: dict[str, Any]) -> str:
    return table([{**row, "state": _STATES[row["state"]]} for row in document["backups"]], _HEADINGS)


def _show_restored(document: dict[str, Any]) -> str:
    kept = f"原来的数据没有删, 在 {document['kept']}。" if document["kept"] else ""
    return (
        f"已恢复到 {document['made']} 的备份: 人员 {document['persons']} 人, 附件 {document['attachments']} 个。{kept}"
        "这之后已经上报的, 下次与上级交换时会拿回来; 没有上报过的要重新登记。编号接着往后用, 不会重复。"
    )


@command("backup", "make", arguments=_folder_argument, show=_show_made)
def make(call: Call) -> dict[str, Any]:
    """One file of the whole store, checked when made."""
    made = backups.make(call.desk, call.args.folder)
    memory = DeskMemory(call.desk)
    try:
        last_backup.note(memory, last_backup.of(made))
    finally:
        memory.close()
    return asdict(made)


@command("backup", "list", arguments=_folder_argument, show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """Backup files, the newest first."""
    return {"backups": [asdict(row) for row in backups.listed(call.desk, call.args.folder)]}


@command("backup", "verify", arguments=_file_argument, show=_show_made)
def verify(call: Call) -> dict[str, Any]:
    """Read every byte of a backup and open it."""
    return {"ok": True, **asdict(backups.verify(call.desk, call.args.file))}


@command("backup", "restore", arguments=_file_argument, opens=False, show=_show_restored)
def restore(call: Call) -> dict[str, Any]:
    """Put a backup back; the live store may be broken, so nothing of it is opened."""
    environment, args = call.environment, call.args
    for_tests = environment.get("RONGGUI_NOW") or environment.get(faults.VARIABLE)
    if for_tests and not backups.is_practice(args.file):
        raise BadInput("RONGGUI_NOW 和 RONGGUI_FAULT 只能用在练习数据上。没有改动任何数据。")
    password, recovery = environment.get("RONGGUI_PASSWORD"), environment.get("RONGGUI_RECOVERY")
    if password is None and recovery is None:
        if not sys.stdin.isatty():
            raise BadInput("没有给登录密码(RONGGUI_PASSWORD)。")
        password = getpass.getpass("做备份时的登录密码: ")
    done = backups.restore(args.data_folder, args.file, user=args.user, password=password, recovery=recovery)
    return {"file": str(args.file), **asdict(done)}
