"""`staff`: accounts of this unit."""

import argparse
import json
from typing import Any

from app.cli.frame import Call, command, table
from app.errors import BadInput
from app.services.staff import ROLE_NAMES, STATUSES, StaffAccounts

NEW_PASSWORD = "RONGGUI_NEW_PASSWORD"  # noqa: S105 (the name of a variable)


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


def _changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("values", nargs="+")


def _password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("source", nargs="?", choices=["-"])


def _show_list(document: dict[str, Any]) -> str:
    rows = [
        {
            **row,
            "roles": "、".join(ROLE_NAMES.get(role, role) for role in row["roles"]),
            "status": STATUSES.get(row["status"], row["status"]),
        }
        for row in document["staffs"]
    ]
    return table(rows, {"name": "姓名", "roles": "岗位", "status": "状态", "id": "编号"})


@command("staff", "add", arguments=_values)
def add(call: Call) -> dict[str, Any]:
    """添加工作人员: name, password, roles."""
    return {"id": StaffAccounts(call.desk).add(call.values(call.args.values))}


@command("staff", "set", arguments=_changes)
def change(call: Call) -> dict[str, Any]:
    """修改工作人员."""
    StaffAccounts(call.desk).set(call.args.id, call.values(call.args.values))
    return {"id": call.args.id}


@command("staff", "password", arguments=_password)
def password(call: Call) -> dict[str, Any]:
    """修改密码: the new one from RONGGUI_NEW_PASSWORD, else from stdin (a line, or a JSON object with `password`)."""
    StaffAccounts(call.desk).set_password(call.args.id, _new_password(call))
    return {"id": call.args.id}


@command("staff", "list", show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """Everybody of this unit."""
    rows = StaffAccounts(call.desk).everybody()
    return {"staffs": [{"id": r.id, "name": r.name, "roles": list(r.roles), "status": r.status} for r in rows]}


def _new_password(call: Call) -> str:
    if call.environment.get(NEW_PASSWORD):
        return call.environment[NEW_PASSWORD]
    given = call.read_stdin()
    try:
        found = json.loads(given)
    except ValueError:
        found = None
    if isinstance(found, dict):
        wanted = found.get("password")
        if not isinstance(wanted, str):
            raise BadInput("标准输入里要有 password, 写成文字。没有改动任何数据。", {"password": "没有填登录密码"})
        return wanted
    return given.split("\n", 1)[0].rstrip("\r")
