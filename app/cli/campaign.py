"""`campaign`: rounds of consolation money, their lists, sheets and payments."""

import argparse
import datetime as dt
from typing import Any, Final

from app import clock
from app.cli.frame import Call, command, fen, table
from app.cli.wording import place
from app.errors import BadInput
from app.rules.campaign import LINE_STATES
from app.services.campaigns import Campaigns
from app.services.paying import LineState
from app.services.payments import RESULTS, Payments
from app.services.visits import read_day

_LINE_HEADINGS: Final = {"number": "序号", "name": "姓名", "amount": "金额(元)", "state": "状态", "id": "编号"}
_SUM_LABELS: Final = {"planned": "应发", "paid": "实发", "returned": "缴回", "open": "未了", "double": "重复发放"}


def _id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")


def _values(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("values", nargs="+")


def _line_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("person")
    parser.add_argument("--amount")


def _roster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id")
    parser.add_argument("--out", type=place)
    parser.add_argument("--full", action="store_true")


def _pay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("line")
    results = parser.add_mutually_exclusive_group(required=True)
    for result in RESULTS:
        results.add_argument(f"--{result}", action="store_const", const=result, dest="result")
    parser.add_argument("--date")
    parser.add_argument("--reason", default="")
    parser.add_argument("--witness", default="")


def _line(line: LineState) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": line.id,
        "person": line.person,
        "name": line.name,
        "number": line.number,
        "amount": fen(line.amount),
        "state": line.state,
        "day": line.day,
        "roster": line.roster,
    }
    return document | ({"double": fen(line.double)} if line.double else {})


def _lines_table(document: dict[str, Any]) -> str:
    rows = [{**line, "state": LINE_STATES.get(line["state"], line["state"])} for line in document["lines"]]
    return table(rows, _LINE_HEADINGS)


def _show_campaign(document: dict[str, Any]) -> str:
    sums = "  ".join(f"{label} {document[name]} 元" for name, label in _SUM_LABELS.items() if name in document)
    return f"{document['fields']['name']}\n{sums}\n{_lines_table(document)}"


def _show_roster(document: dict[str, Any]) -> str:
    said = [f"已打印定稿: {document['number']}", _lines_table(document), *document["remarks"]]
    return "\n".join([*said, f"文件: {document['file']}"] if document["file"] else said)


def _show_candidates(document: dict[str, Any]) -> str:
    return table(document["candidates"], {"name": "姓名", "amount": "金额(元)", "why": "原因", "person": "编号"})


def _show_list(document: dict[str, Any]) -> str:
    return table(
        document["campaigns"],
        {"name": "批次名称", "year": "年度", "source": "资金来源", "status": "状态", "id": "编号"},
    )


@command("campaign", "add", arguments=_values)
def add(call: Call) -> dict[str, Any]:
    """新建慰问批次."""
    return {"id": Campaigns(call.desk).open(call.values(call.args.values))}


@command("campaign", "list", show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """All rounds known here."""
    return {"campaigns": Campaigns(call.desk).rounds()}


@command("campaign", "candidates", arguments=_id, show=_show_candidates)
def candidates(call: Call) -> dict[str, Any]:
    """Whom the standards fit."""
    found = Campaigns(call.desk).candidates(call.args.id)
    rows = [{"person": one.person, "name": one.name, "amount": fen(one.amount), "why": one.why} for one in found]
    return {"candidates": rows}


@command("campaign", "line add", arguments=_line_add)
def line_add(call: Call) -> dict[str, Any]:
    """列入名单."""
    return {"id": Campaigns(call.desk).add_line(call.args.id, call.args.person, call.args.amount)}


@command("campaign", "show", arguments=_id, show=_show_campaign)
def show(call: Call) -> dict[str, Any]:
    """A round with its sums and lines."""
    found = Campaigns(call.desk).show(call.args.id)
    sums = {name: fen(amount) for name, amount in found.sums.items() if name != "double" or amount}
    return {"id": found.id, "fields": found.fields, **sums, "lines": [_line(line) for line in found.lines]}


@command("campaign", "roster", arguments=_roster, show=_show_roster)
def roster(call: Call) -> dict[str, Any]:
    """打印签领表: freezes the rows."""
    found = Campaigns(call.desk).print_roster(call.args.id, call.args.out, full=call.args.full)
    return {
        "roster": found.roster,
        "number": found.number,
        "lines": [_line(line) for line in found.lines],
        "file": str(found.file) if found.file is not None else None,
        "remarks": list(found.remarks),
        "missing": list(found.missing),
    }


@command("campaign", "pay", arguments=_pay)
def pay(call: Call) -> dict[str, Any]:
    """登记发放结果."""
    given = call.args
    day: dt.date | None = read_day(given.date, clock.today()) if given.date else None
    if given.result is None:
        raise BadInput("请写明 --paid、--returned 或 --missing。")
    paid = Payments(call.desk).record(given.line, given.result, day=day, reason=given.reason, witness=given.witness)
    return {"id": paid.id, "line": paid.line, "state": paid.state, "reversed": paid.reversed}


@command("campaign", "close", arguments=_id)
def close(call: Call) -> dict[str, Any]:
    """结清慰问批次."""
    campaigns = Campaigns(call.desk)
    campaigns.close(call.args.id)
    return {
        "id": call.args.id,
        **{name: fen(amount) for name, amount in campaigns.show(call.args.id).sums.items() if name != "double"},
    }
