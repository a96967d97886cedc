"""`visit`: recording and listing visits."""

import argparse
import dataclasses
from typing import Any

from app.cli.frame import Call, command, table
from app.services.visits import Visits


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


def _of_person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--person")


def _show_list(document: dict[str, Any]) -> str:
    headings = {
        "date": "日期",
        "name": "走访对象",
        "place": "地点",
        "companions": "走访人员",
        "note": "走访情况",
        "id": "编号",
    }
    return table(document["visits"], headings)


@command("visit", "add", arguments=_values)
def add(call: Call) -> dict[str, Any]:
    """登记走访."""
    recorded = Visits(call.desk).record(call.values(call.args.values))
    return {"id": recorded.id} | ({"warnings": list(recorded.warnings)} if recorded.warnings else {})


@command("visit", "list", arguments=_of_person, show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """Visits, the newest first."""
    return {"visits": [dataclasses.asdict(row) for row in Visits(call.desk).recorded(call.args.person)]}
