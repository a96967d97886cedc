"""`household`: adding and listing households, moving, splitting and uniting them."""

import argparse
import dataclasses
from typing import Any

from app.cli.frame import Call, command, table
from app.services.households import Households

_HEADINGS = {"number": "户号", "division": "户籍地", "address": "地址", "members": "人数", "id": "编号"}


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


@command("household", "add", arguments=_values)
def add(call: Call) -> dict[str, Any]:
    """登记户."""
    return {"id": Households(call.desk).add(call.values(call.args.values))}


@command("household", "list", show=lambda document: table(document["households"], _HEADINGS))
def listed(call: Call) -> dict[str, Any]:
    """All households."""
    return {"households": [dataclasses.asdict(row) for row in Households(call.desk).rows()]}


def _move(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("values", nargs="+")


def _split(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("persons", nargs="+")
    parser.add_argument("--head", required=True)
    parser.add_argument("--number", default="")


def _unite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("other")


@command("household", "move", arguments=_move)
def move(call: Call) -> dict[str, Any]:
    """迁户: another address for everybody in it."""
    return {"moved": Households(call.desk).move(call.args.id, call.values(call.args.values))}


@command("household", "split", arguments=_split)
def split(call: Call) -> dict[str, Any]:
    """分户: these persons become a household of their own."""
    more = {"number": call.args.number} if call.args.number else {}
    return {"id": Households(call.desk).split(call.args.id, call.args.persons, call.args.head, more)}


@command("household", "unite", arguments=_unite)
def unite(call: Call) -> dict[str, Any]:
    """并户: another household joins this one."""
    return {"warnings": list(Households(call.desk).unite(call.args.id, call.args.other))}
