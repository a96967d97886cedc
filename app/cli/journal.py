"""`journal list` and `undo`: what was done, and taking it back."""

import argparse
import dataclasses
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.cli.wording import count
from app.services.history import History
from app.services.undoing import Undo, as_json

_ACTS: Final = {"when": "时间", "who": "经办", "name": "事项", "undone": "已撤销", "id": "编号"}


def _limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=count, default=50)


def _act(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", nargs="?", default="")


def _show_acts(document: dict[str, Any]) -> str:
    return table([act | {"undone": "是" if act["undone"] else ""} for act in document["acts"]], _ACTS)


def _show_undone(document: dict[str, Any]) -> str:
    lines = [f"已撤销: {document['name']}"]
    lines += [
        f"保留 {kept['name']}{' · ' + kept['field'] if kept['field'] else ''}: {kept['reason']}"
        for kept in document["kept"]
    ]
    return "\n".join(lines)


@command("journal", "list", arguments=_limit, show=_show_acts)
def listed(call: Call) -> dict[str, Any]:
    """The newest acts first."""
    acts = History(call.desk).acts(call.args.limit)
    return {"acts": [dataclasses.asdict(act) | {"when": act.when.isoformat()} for act in acts]}


@command("undo", arguments=_act, show=_show_undone)
def undo(call: Call) -> dict[str, Any]:
    """撤销: one's own newest act, or the one named; what stays is listed under `kept`."""
    return dict(as_json(Undo(call.desk).undo(call.args.act)))
