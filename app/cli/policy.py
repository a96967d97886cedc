"""`policy`: rules as data, set by a county or city."""

import argparse
import dataclasses
import datetime as dt
import json
from typing import Any

from app.cli.frame import Call, command, table
from app.errors import BadInput
from app.services.policies import Policies


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("--day")


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


def _show_list(document: dict[str, Any]) -> str:
    rows = [{**row, "in_force": "现行" if row["in_force"] else ""} for row in document["policys"]]
    return table(rows, {"name": "名称", "starts": "生效日期", "basis": "依据文件", "in_force": "", "id": "编号"})


def _show_one(document: dict[str, Any]) -> str:
    value = json.dumps(document["value"], ensure_ascii=False, indent=2)
    return f"{document['name']}  生效 {document['starts'] or '(程序自带)'}  依据 {document['basis'] or ''}\n{value}"


@command("policy", "list", show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """Every version, and the defaults in force."""
    return {"policys": [dataclasses.asdict(row) for row in Policies(call.desk).overview()]}


@command("policy", "show", arguments=_show, show=_show_one)
def show(call: Call) -> dict[str, Any]:
    """A policy in force on a day, by its name or a version's id."""
    try:
        day = dt.date.fromisoformat(call.args.day) if call.args.day else None
    except ValueError as error:
        raise BadInput(f"日期“{call.args.day[:20]}”不对。请写成 2026-09-28。", {"day": "日期不对"}) from error
    return Policies(call.desk).show(call.args.name, day)


@command("policy", "set", arguments=_values)
def change(call: Call) -> dict[str, Any]:
    """设置政策参数: name, starts, value, basis."""
    return {"id": Policies(call.desk).set(call.values(call.args.values))}
