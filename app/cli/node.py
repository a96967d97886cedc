"""`node`: opening child units, listing the units known."""

import argparse
from typing import Any

from app.cli.frame import Call, command
from app.cli.wording import place
from app.errors import BadInput
from app.models.sealing import NodePublic
from app.rules import levels
from app.services import rights
from app.sync import enrolment
from app.sync.exchange import Exchange


def _enrol_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--level", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--scope", required=True)
    parser.add_argument("--out", type=place, required=True)


@command("node", "enrol", arguments=_enrol_arguments)
def enrol(call: Call) -> dict[str, Any]:
    """Register a child unit; gives its file and the code to tell by telephone."""
    args, station = call.args, call.desk
    rights.demand(station, "node")
    if not levels.is_level(args.level):
        raise BadInput(f"没有这个级别: {args.level}。", {"level": args.level})
    scopes = levels.scope_codes(args.level, args.scope.split(","))
    done = enrolment.enrol(
        Exchange(station.db, station.folder), level=args.level, name=args.name, scopes=scopes, out=args.out
    )
    return {"node": done.node, "file": str(done.file), "code": done.code, "fingerprint": done.fingerprint}


@command("node", "list")
def list_nodes(call: Call) -> dict[str, Any]:
    """Every unit known here."""
    rights.demand(call.desk, "read")
    exchange = Exchange(call.desk.db, call.desk.folder)
    out = []
    for unit in sorted(exchange.units.values(), key=lambda u: (-levels.order(u.level), u.name, u.id)):
        words = None
        if unit.sign_key is not None and unit.seal_key is not None:
            words = enrolment.words_of(NodePublic(unit.sign_key, unit.seal_key))
        out.append(
            {
                "node": unit.id,
                "id": unit.id,
                "name": unit.name,
                "level": unit.level,
                "scope": list(unit.scopes),
                "parent": unit.parent,
                "state": unit.status,
                "fingerprint": words,
            }
        )
    return {"nodes": out}
