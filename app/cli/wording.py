"""Words of the terminal: a wrong call in Chinese, names of what a document holds, arguments that are checked at the door."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from re import Match
from typing import Final

from app.errors import BadInput

_MOST: Final = 1_000_000
_WRONG_CALLS: Final[tuple[tuple[str, Callable[[Match[str]], str]], ...]] = (
    (r"the following arguments are required: (.+)", lambda m: f"还缺 {m[1]}"),
    (r"unrecognized arguments: (.+)", lambda m: f"不认识 {m[1]}"),
    (r"argument (\S+): invalid int value: '(.*)'", lambda m: f"{m[1]} 要填整数, 不能是“{m[2]}”"),
    (
        r"argument (\S+): invalid choice: '?(.*?)'? \(choose from (.*)\)",
        lambda m: f"{m[1]} 不能是“{m[2]}”, 只能是 {m[3]}",
    ),
    (r"argument (\S+): expected .*", lambda m: f"{m[1]} 后面没有写内容"),
    (r"argument (\S+): not allowed with argument (\S+)", lambda m: f"{m[1]} 和 {m[2]} 只能写一个"),
    (r"argument (\S+): ignored explicit argument '?(.*?)'?", lambda m: f"{m[1]} 后面不写内容"),
    (r"one of the arguments (.+) is required", lambda m: f"要写 {m[1].replace(' ', '、')} 其中一个"),
)

NAMES: Final[Mapping[str, str]] = {
    "accepted": "已入库", "act": "事项编号", "answers": "回包", "attachments": "附件", "bytes": "字节",
    "changed": "改动", "changes": "改动", "children": "下级单位", "code": "开通码(电话告知)", "conflicts": "两边填的不一样",
    "counts": "各类记录", "digest": "核对码", "direction": "方向", "does": "做什么", "error": "出了什么事", "field": "项目",
    "file": "文件", "files": "文件", "fingerprint": "核对词", "from": "来自", "groups": "事项", "held": "先放好", "id": "编号",
    "incarnation": "本机批次", "kept": "保留", "known": "已有", "label": "名称", "lacking": "缺少的附件", "last": "最近收到",
    "level": "级别", "line": "名单行", "missing": "还缺", "name": "名称", "new": "新增", "node": "单位编号", "note": "说明",
    "number": "编号", "ok": "完好", "outside": "管辖范围以外", "package": "包", "packages": "包", "parent": "上级单位",
    "parts": "文件", "peer": "对方", "point": "故障点", "points": "故障点", "position": "事项序号", "practice": "练习",
    "problems": "问题", "reason": "原因", "reasons": "原因", "record": "记录", "records": "记录",
    "recovery_key": "应急恢复码(打印密封, 交镇站保管)", "refused": "退回修改", "reversed": "冲销", "scope": "管辖范围",
    "sizes": "大小(字节)", "state": "状态", "unsent": "未上报", "versions": "版本", "version": "版本", "waiting": "已上报待回执",
    "warnings": "提醒", "when": "时间",
}  # fmt: skip
"""What the members of a document are called for a reader; a member that is not here stands under its own name."""

VALUES: Final[Mapping[str, str]] = {
    "village": "村站", "township": "镇站", "county": "县局", "city": "市局", "active": "使用中", "invited": "待开通",
    "revoked": "已停用", "in": "收到", "out": "发出", "paid": "已领", "returned": "缴回", "planned": "待领",
}  # fmt: skip
"""Words that stand for a code in a readable table; `missing` is left out, it means several things."""


def wrong_call(message: str, usage: str) -> BadInput:
    """What argparse complains of, in Chinese; the usage in one line."""
    said = next((say(found) for pattern, say in _WRONG_CALLS if (found := re.fullmatch(pattern, message))), message)
    plain = " ".join(usage.removeprefix("usage:").split())
    return BadInput(f"命令写法不对: {said}。用法: {plain}")


def place(text: str) -> Path:
    """A path as it was typed. Raises BadInput for an empty one, which would silently mean the folder one stands in."""
    if not text.strip() or "\0" in text:
        raise BadInput("没有写文件或文件夹的名称。没有改动任何数据。")
    return Path(text)


def day(text: str) -> dt.date:
    """A day as it was typed. Raises BadInput."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"日期“{text[:20]}”不对。请写成 2026-09-28。", {"day": "日期不对"}) from error


def count(text: str) -> int:
    """A number of rows, from 1 to a million. Raises BadInput."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:20]) <= _MOST):
        raise BadInput(f"行数“{text[:20]}”不对, 要写 1 到 {_MOST} 之间的整数。")
    return int(text)
