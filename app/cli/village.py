"""`village`: a bureau's own villages from Excel, and what division codes of long ago mean today."""

import argparse
import dataclasses
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.cli.wording import day, place
from app.rules import division_changes
from app.rules.division_changes import Resolved
from app.rules.partial_date import PartialDate
from app.services.division_history import DivisionHistory
from app.services.village_lists import VillageLists

_FATES: Final = {"added": "新增", "changed": "改动", "same": "已有", "dropped": "不导入"}
_ROWS: Final = {"row": "行", "fate": "结果", "code": "区划代码", "name": "名称", "text": "说明"}
_CHANGES: Final = {
    "since": "从", "old": "原代码", "old_name": "原名", "kind": "变动", "new": "现代码", "new_name": "现名", "source": "出处",
}  # fmt: skip


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=place)
    parser.add_argument("--sheet", default="")
    parser.add_argument("--rehearse", action="store_true")


def _resolve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code")
    parser.add_argument("--written", type=PartialDate.parse)
    parser.add_argument("--day", type=day)


def _number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number")


def _under(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--under", default="")


def _show_import(document: dict[str, Any]) -> str:
    rows = [row | {"fate": _FATES[row["fate"]]} for row in document["rows"] if row["fate"] in ("added", "changed")]
    said = (
        f"读到 {document['read']} 行: 新增 {document['added']}, 改动 {document['changed']}, 已有 {document['same']}, "
        f"不导入 {document['dropped']}"
    )
    return f"{said}\n\n{table(rows, _ROWS)}" if rows else said


@command("village", "import", arguments=_import, show=_show_import)
def import_(call: Call) -> dict[str, Any]:
    """导入村级区划 from a list of codes and names: all of it, or nothing with every wrong row named."""
    args = call.args
    done = VillageLists(call.desk).run(args.file, sheet=args.sheet, rehearse=args.rehearse)
    return dataclasses.asdict(done) | {"rows": [dataclasses.asdict(row) for row in done.rows]}


@command("village", "resolve", arguments=_resolve, show=lambda document: f"{document['code']} {document['said']}")
def resolve(call: Call) -> dict[str, Any]:
    """What a code, written on some day (`--written 1985`), means today or on `--day`."""
    args = call.args
    return _document(DivisionHistory(call.desk).resolve(args.code, written=args.written, day=args.day))


@command(
    "village",
    "number",
    arguments=_number,
    show=lambda document: f"{document['county']}: {document['code']} {document['said']}",
)
def number(call: Call) -> dict[str, Any]:
    """The county that gave an ID number, as it was called then, and what it is today."""
    county, found = DivisionHistory(call.desk).county_of_number(call.args.number)
    return {"county": county} | _document(found)


@command("village", "changes", arguments=_under, show=lambda document: table(_shown(document), _CHANGES))
def changes(call: Call) -> dict[str, Any]:
    """All known changes of codes and names under a prefix."""
    return {"changes": [_change(one) for one in DivisionHistory(call.desk).known(call.args.under)]}


def _document(found: Resolved) -> dict[str, Any]:
    return {
        "code": found.code, "exact": found.exact, "said": found.said, "changes": [_change(one) for one in found.path],
    }  # fmt: skip


def _change(one: division_changes.Change) -> dict[str, Any]:
    return dataclasses.asdict(one) | {"since": str(one.since)}


def _shown(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [row | {"kind": division_changes.KINDS[row["kind"]]} for row in document["changes"]]
