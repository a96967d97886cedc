"""`case`: hardship cases and their steps."""

import argparse
import dataclasses
from typing import Any

from app.cli.frame import Call, command, fen, table
from app.services.cases import HardshipCases


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")


def _step(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("step")
    parser.add_argument("values", nargs="+")


def _due(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--due", action="store_true")


def _show_case(document: dict[str, Any]) -> str:
    lines = [f"帮扶事项 {document['id']}: {document['state']}"]
    if document["forked"]:
        lines.append("有两份分头填写的意见, 请先核对以哪份为准。")
    steps = table(
        document["steps"],
        {"step": "步骤", "result": "结果", "amount": "金额(元)", "opinion": "意见", "day": "日期", "by_name": "经办人"},
    )
    lines += [f"致困原因: {document['fields']['reason']}", steps]
    return "\n".join(lines)


def _show_list(document: dict[str, Any]) -> str:
    rows = [{**row, "overdue": "已超期" if row["overdue"] else ""} for row in document["cases"]]
    return table(
        rows, {"opened": "受理日期", "name": "申请人", "state": "办理进度", "due": "期限", "overdue": "", "id": "编号"}
    )


@command("case", "open", arguments=_values)
def opened(call: Call) -> dict[str, Any]:
    """受理帮扶事项."""
    found = HardshipCases(call.desk).open(call.values(call.args.values))
    return {"id": found.id} | ({"warnings": list(found.warnings)} if found.warnings else {})


@command("case", "step", arguments=_step)
def step(call: Call) -> dict[str, Any]:
    """写一步意见; gives the case as it then stands."""
    cases = HardshipCases(call.desk)
    written = cases.write_step(call.args.id, call.args.step, call.values(call.args.values))
    return {**_document(cases, call.args.id), "step": written}


@command("case", "show", arguments=_id, show=_show_case)
def show(call: Call) -> dict[str, Any]:
    """A case with its steps and what comes next."""
    return _document(HardshipCases(call.desk), call.args.id)


@command("case", "list", arguments=_due, show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """Cases; with --due those whose limit has passed."""
    rows = HardshipCases(call.desk).overview(due=call.args.due)
    documents = [dataclasses.asdict(row) for row in rows]
    return {"cases": [{**row, "due": str(row["due"]) if row["due"] else None} for row in documents]}


def _document(cases: HardshipCases, id: str) -> dict[str, Any]:
    found = cases.show(id)
    return {
        "id": found.id,
        "fields": found.fields,
        "steps": list(found.steps),
        "next": [{"step": following.step, "level": following.level} for following in found.next],
        "state": found.state.text,
        "code": found.state.code,
        "approved": fen(found.approved),
        "due": str(found.due) if found.due is not None else None,
        "forked": found.forked,
    }
