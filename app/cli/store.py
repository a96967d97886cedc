"""`store`: founding, status, check, digest, fault points."""

import argparse
from typing import Any

from app import faults
from app.cli.frame import Call, command, readable, refuse_tests
from app.cli.wording import place
from app.errors import BadInput
from app.models import digest, kinds
from app.models.database import Work
from app.rules import levels
from app.services import stores
from app.services.station import Station
from app.sync import enrolment


def _init_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--level")
    parser.add_argument("--name")
    parser.add_argument("--scope")
    parser.add_argument("--staff", default="管理员")
    parser.add_argument("--practice", action="store_true")
    parser.add_argument("--enrol", type=place)
    parser.add_argument("--code")


@command("store", "init", arguments=_init_arguments, opens=False)
def init(call: Call) -> dict[str, Any]:
    """Found a store, alone or from an enrolment file."""
    args = call.args
    password = call.environment.get("RONGGUI_PASSWORD", "")
    if args.enrol is not None:
        return _init_enrolled(call, password)
    problems = {name: "没有填" for name in ("level", "name", "scope") if not getattr(args, name)}
    if problems:
        raise BadInput("没有填: " + ", ".join(problems), problems)
    refuse_tests(call.environment, practice=args.practice)
    scopes = levels.scope_codes(args.level, args.scope.split(","))
    founding = stores.Founding(args.level, args.name, scopes, args.staff, password, practice=args.practice)
    opened, recovery = stores.init(args.data_folder, founding)
    try:
        place = opened.station.place
        return {"node": place.node, "scope": list(place.scopes), "recovery_key": recovery}
    finally:
        opened.close()


def _init_enrolled(call: Call, password: str) -> dict[str, Any]:
    args = call.args
    if not args.code:
        raise BadInput("没有填开通码(--code)。", {"code": "没有填"})
    offer = enrolment.read(args.enrol, args.code)
    refuse_tests(call.environment, practice=offer.practice)

    def prepare(station: Station, work: Work) -> None:
        enrolment.begin(station.db, work, offer)

    founding = stores.Founding(
        offer.level,
        offer.name,
        offer.scopes,
        args.staff,
        password,
        practice=offer.practice,
        node=offer.node,
        prepare=prepare,
    )
    opened, recovery = stores.init(args.data_folder, founding)
    try:
        return {
            "node": offer.node,
            "scope": list(offer.scopes),
            "parent": offer.parent,
            "recovery_key": recovery,
            "fingerprint": offer.fingerprint,
        }
    finally:
        opened.close()


def _show_status(document: dict[str, Any]) -> str:
    nouns = {kind: cls.noun or kind for kind, cls in kinds().items()}
    counts = ", ".join(f"{nouns.get(kind, kind)} {number}" for kind, number in document["counts"].items() if number)
    return readable({**document, "counts": counts})


@command("store", "status", show=_show_status)
def status(call: Call) -> dict[str, Any]:
    """Where this store stands."""
    return stores.status(call.desk)


@command("store", "check")
def check(call: Call) -> dict[str, Any]:
    """Prove the store: chain, rows = fold of the journal, foreign keys, attachments, money."""
    from app.services import checking

    problems = checking.check(call.desk)
    return {
        "ok": not problems,
        "problems": problems,
        **(
            {
                "_exit": 4,
                "error": "数据核对没有通过, 没有改动任何数据。请先做一份备份, 再请镇站帮忙, 或用最近的备份恢复。",
            }
            if problems
            else {}
        ),
    }


@command("store", "faults", opens=False)
def fault_points(_call: Call) -> dict[str, Any]:
    """All numbered fault points."""
    return {"points": faults.points()}


def _digest_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scope")
    parser.add_argument("--level", default="")


@command("store", "digest", arguments=_digest_arguments)
def show_digest(call: Call) -> dict[str, Any]:
    """One hash over the shared state of a scope."""
    station, args = call.desk, call.args
    if args.level and not levels.is_level(args.level):
        raise BadInput(f"没有这个级别: {args.level}。")
    scopes = station.place.scopes if args.scope is None else levels.scope_codes("city", args.scope.split(","))
    with station.db.read() as session:
        return {"digest": digest.digest(station.db, session.connection(), scopes, args.level)}
