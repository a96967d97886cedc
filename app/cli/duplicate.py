"""`duplicate`: persons who may be registered twice (疑似同一人), in the whole register or while a form is filled in."""

import argparse
import dataclasses
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.cli.wording import count
from app.rules import id_number, phone
from app.services.duplicates import Candidate, Duplicates

_PAIRS: Final = {"points": "把握", "first": "一", "second": "二", "why": "相同之处", "against": "不同之处"}
_PERSONS: Final = {
    "points": "把握", "name": "姓名", "birth_date": "出生日期", "id_number": "身份证号", "phone": "手机",
    "division": "户籍地", "why": "相同之处", "against": "不同之处", "id": "编号",
}  # fmt: skip


def _limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=count, default=1_000)


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")
    parser.add_argument("--but", default="")


def _show_pairs(document: dict[str, Any]) -> str:
    rows = [
        {
            "points": pair["points"],
            "first": _short(pair["persons"][0]),
            "second": _short(pair["persons"][1]),
            "why": "、".join(pair["why"]),
            "against": "、".join(pair["against"]),
        }
        for pair in document["pairs"]
    ]
    said = f"共 {document['persons']} 人, 疑似同一人 {document['found']} 对"
    return f"{said}\n\n{table(rows, _PAIRS)}" if rows else said


def _short(person: dict[str, Any]) -> str:
    return f"{person['name']} {id_number.mask(person['id_number'] or '') or person['birth_date'] or ''} {person['id']}"


def _show_persons(document: dict[str, Any]) -> str:
    rows = [
        row
        | row["person"]
        | {
            "id_number": id_number.mask(row["person"]["id_number"] or ""),
            "phone": phone.mask(row["person"]["phone"] or ""),
            "why": "、".join(row["why"]),
            "against": "、".join(row["against"]),
        }
        for row in document["persons"]
    ]
    return table(rows, _PERSONS)


def _person(candidate: Candidate) -> dict[str, Any]:
    return dataclasses.asdict(candidate)


@command("duplicate", "list", arguments=_limit, show=_show_pairs)
def listed(call: Call) -> dict[str, Any]:
    """All pairs of the register that may be one person, the surest first."""
    done = Duplicates(call.desk).search()
    pairs = [
        {
            "persons": [_person(one) for one in pair.persons],
            "points": pair.points,
            "why": list(pair.why),
            "against": list(pair.against),
        }
        for pair in done.pairs[: call.args.limit]
    ]
    return {
        "persons": done.persons, "compared": done.compared, "found": len(done.pairs), "pairs": pairs,
        "crowded": list(done.crowded),
    }  # fmt: skip


@command("duplicate", "near", arguments=_values, show=_show_persons)
def near(call: Call) -> dict[str, Any]:
    """Whom these values, finished or not, may mean; `--but` names the person whose own they are."""
    values = {name: value for name, value in call.values(call.args.values).items() if isinstance(value, str)}
    found = Duplicates(call.desk).near(values, but=call.args.but)
    return {
        "persons": [
            {"person": _person(one.person), "points": one.points, "why": list(one.why), "against": list(one.against)}
            for one in found
        ]
    }
