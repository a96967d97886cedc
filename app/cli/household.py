"""`household`: adding and listing households."""

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
