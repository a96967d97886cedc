"""`attach`: files that belong to records."""

import argparse
import dataclasses
from typing import Any

from app.cli.frame import Call, command, table
from app.cli.wording import place
from app.services.attachments import Attachments


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", required=True)
    parser.add_argument("file", type=place)
    parser.add_argument("--note", default="")


def _get(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("out", type=place)


def _list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("to")


def _show_list(document: dict[str, Any]) -> str:
    rows = [{**row, "here": "" if row["here"] else "内容还没有收到"} for row in document["attachments"]]
    return table(rows, {"name": "文件名", "size": "大小", "media_type": "类型", "here": "", "id": "编号"})


@command("attach", "add", arguments=_add)
def add(call: Call) -> dict[str, Any]:
    """添加附件."""
    return dataclasses.asdict(Attachments(call.desk).add(call.args.to, call.args.file, call.args.note))


@command("attach", "get", arguments=_get)
def get(call: Call) -> dict[str, Any]:
    """取出附件 into a new file."""
    sha256 = Attachments(call.desk).get(call.args.id, call.args.out)
    return {"id": call.args.id, "sha256": sha256, "file": str(call.args.out)}


@command("attach", "list", arguments=_list, show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """Attachments of `KIND:ID`."""
    return {"attachments": [dataclasses.asdict(row) for row in Attachments(call.desk).of(call.args.to)]}
