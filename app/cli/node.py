"""`node`: opening child units, listing the units known."""

import argparse
from typing import Any

from app.cli.frame import Call, command
from app.cli.wording import place
from app.errors import BadInput
from app.models.sealing import NodePublic
from app.rules import levels
from app.services import rights
from app.sync import enrolment, revoking
from app.sync.exchange import Exchange


def _enrol_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--level")
    parser.add_argument("--name")
    parser.add_argument("--scope")
    parser.add_argument("--replaces", default="", help="停用的单位: 它的下级归新单位")
    parser.add_argument("--again", help="换了上级的单位")
    parser.add_argument("--out", type=place, required=True)


@command("node", "enrol", arguments=_enrol_arguments)
def enrol(call: Call) -> dict[str, Any]:
    """Register a child unit; gives its file and the code to tell by telephone."""
    args, station = call.args, call.desk
    rights.demand(station, "node")
    exchange = Exchange(station.db, station.folder)
    if args.again is not None:
        return _invited(enrolment.enrol_again(exchange, args.again, args.out))
    wanting = {name: "要填" for name in ("level", "name", "scope") if getattr(args, name) is None}
    if wanting:
        raise BadInput(f"缺少: {', '.join(f'--{name}' for name in wanting)}。", wanting)
    if not levels.is_level(args.level):
        raise BadInput(f"没有这个级别: {args.level}。", {"level": args.level})
    scopes = levels.scope_codes(args.level, args.scope.split(","))
    done = enrolment.enrol(
        exchange, level=args.level, name=args.name, scopes=scopes, out=args.out, replaces=args.replaces
    )
    return _invited(done)


def _invited(done: enrolment.Invited) -> dict[str, Any]:
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


def _revoke_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("node")


@command("node", "revoke", arguments=_revoke_arguments)
def revoke(call: Call) -> dict[str, Any]:
    """停用 a unit below: what it sends from now on does not count."""
    rights.demand(call.desk, "node")
    return {"node": revoking.revoke(Exchange(call.desk.db, call.desk.folder), call.args.node)}
