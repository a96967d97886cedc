"""`eligible`: who comes to be entitled within some months, who is and is not recorded as paid, days to remember."""

import argparse
import dataclasses
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.cli.wording import day, place
from app.errors import BadInput
from app.rules import eligibility
from app.services.eligibility import MONTHS, Eligibility

_MOST_MONTHS: Final = 240
_COUNTS: Final = {"label": "事项", "now": "已到", "coming": "快到", "unknown": "说不准", "sure": "不缺资料"}
_ROWS: Final = {
    "name": "姓名", "division": "户籍地", "label": "事项", "due": "从何时起", "state": "情况", "why": "理由",
    "missing": "还缺什么", "id": "编号",
}  # fmt: skip
_RULES: Final = {"code": "规则", "label": "事项", "starts": "从", "ends": "到", "basis": "依据"}


def _months(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 <= int(text[:9]) <= _MOST_MONTHS):
        raise BadInput(f"--months “{text[:20]}”不对, 要写 0 到 {_MOST_MONTHS} 之间的整数。")
    return int(text)


def _list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--months", type=_months, default=MONTHS)
    parser.add_argument("--rule", default="")
    parser.add_argument("--day", type=day)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=place)
    parser.add_argument("--months", type=_months, default=MONTHS)
    parser.add_argument("--rule", default="")
    parser.add_argument("--full", action="store_true")


def _rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--day", type=day)


def _show_list(document: dict[str, Any]) -> str:
    rows = [
        row | {"state": eligibility.STATES[row["state"]], "missing": "; ".join(row["missing"])}
        for row in document["rows"]
    ]
    said = f"截至 {document['day']}, 今后 {document['months']} 个月, 共 {document['persons']} 人"
    if document["without_birth"]:
        said += f"; 其中 {document['without_birth']} 人没有出生日期, 说不准"
    return f"{said}\n\n{table(document['counts'], _COUNTS)}\n\n{table(rows, _ROWS)}"


@command("eligible", "list", arguments=_list, show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """快符合条件 / 应享受未享受 with counts by rule."""
    done = Eligibility(call.desk).due(months=call.args.months, rule=call.args.rule, day=call.args.day)
    rows = [
        {
            "id": row.id, "name": row.name, "division": row.division, "rule": row.due.rule, "label": row.label,
            "due": str(row.due.due) if row.due.due else None, "state": row.due.state, "sure": row.due.sure,
            "why": row.due.why, "missing": list(row.due.missing), "about": row.due.about or None,
        }
        for row in done.rows
    ]  # fmt: skip
    return {
        "day": done.day.isoformat(), "months": done.months, "persons": done.persons,
        "without_birth": done.without_birth, "counts": [dataclasses.asdict(one) for one in done.counts], "rows": rows,
    }  # fmt: skip


@command(
    "eligible", "export", arguments=_export, show=lambda document: f"已写出 {document['rows']} 行: {document['file']}"
)
def export(call: Call) -> dict[str, Any]:
    """The list to Excel with a column for what was done; masked unless `--full`."""
    args = call.args
    rows = Eligibility(call.desk).export(args.file, months=args.months, rule=args.rule, masked=not args.full)
    return {"file": str(args.file), "rows": rows}


@command("eligible", "rules", arguments=_rules, show=lambda document: table(document["rules"], _RULES))
def rules(call: Call) -> dict[str, Any]:
    """The rules of a day, as `policy set name=eligibility.rules` takes them."""
    return Eligibility(call.desk).rules(call.args.day).to_data()
