"""`division`: places of the station's area and the names a bureau gives them."""

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

from app.cli.frame import Call, command, table
from app.errors import BadInput
from app.services.divisions import DivisionRow, Divisions

_HEADINGS = {"code": "区划代码", "name": "名称", "full_name": "全称"}
_FIELDS = ("code", "name", "kind")


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


def _under(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--under", default="")


def _text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="+")


def _document(rows: Sequence[DivisionRow]) -> dict[str, Any]:
    return {"divisions": [dataclasses.asdict(row) for row in rows]}


def _show(document: dict[str, Any]) -> str:
    return table(document["divisions"], _HEADINGS)


@command("division", "list", arguments=_under, show=_show)
def listed(call: Call) -> dict[str, Any]:
    """Places inside a code, by default the station's own area."""
    return _document(Divisions(call.desk).inside(call.args.under))


@command("division", "find", arguments=_text, show=_show)
def find(call: Call) -> dict[str, Any]:
    """Places of the station's area by name."""
    return _document(Divisions(call.desk).find("".join(call.args.text)))


@command("division", "add", arguments=_values)
def add(call: Call) -> dict[str, Any]:
    """登记区划: `code`, `name`, `kind`."""
    values = call.values(call.args.values)
    problems = {name: "没有这个字段" for name in values if name not in _FIELDS}
    problems |= {name: "要写成文字" for name, value in values.items() if name in _FIELDS and not isinstance(value, str)}
    if problems:
        raise BadInput("; ".join(f"{k}: {v}" for k, v in problems.items()) + "。没有改动任何数据。", problems)
    return {"id": Divisions(call.desk).add(values.get("code", ""), values.get("name", ""), values.get("kind", ""))}
