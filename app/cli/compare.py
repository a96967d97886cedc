"""`compare`: a list of any office held against the register (名单比对); nothing is written but the workbook asked for."""

import argparse
import dataclasses
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.cli.wording import place
from app.errors import BadInput
from app.rules import benefits, comparing
from app.rules.text import half_width
from app.services.comparing import Among, Comparing, ListRow, told
from app.services.importing import read_mapping

_ROWS: Final = {"file": "文件", "row": "行", "heap": "结果", "name": "本库姓名", "text": "说明", "act": "下一步"}
_HERE: Final = {"name": "姓名", "birth_date": "出生日期", "division": "户籍地", "id": "编号"}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=place)
    parser.add_argument("--sheet", default="")
    parser.add_argument("--map", type=place)
    parser.add_argument("--deaths", action="store_true")
    parser.add_argument("--division", default="")
    parser.add_argument("--class12", action="append", default=[])
    parser.add_argument("--benefit", action="append", default=[])
    parser.add_argument("--out", type=place)
    parser.add_argument("--full", action="store_true")


def _show(document: dict[str, Any]) -> str:
    heaps = comparing.HEAPS
    rows = [
        row | {"heap": heaps[row["heap"]], "act": comparing.ACTS.get(row["act"], "")}
        for row in document["rows"]
        if row["heap"] not in ("both", "dropped")
    ]
    said = [str(document["sentence"])]
    if rows:
        said.append(table(rows, _ROWS))
    if document["here"]:
        said.append(f"{heaps['only_here']}:\n{table(document['here'], _HERE)}")
    return "\n\n".join(said)


@command("compare", arguments=_arguments, show=_show)
def compare(call: Call) -> dict[str, Any]:
    """名单比对: heaps with every row; `--deaths` says that all on the list have died, `--division`, `--class12` and
    `--benefit` who of the register is missed when he is not on it.
    """
    args = call.args
    desk = Comparing(call.desk)
    mapping = read_mapping(args.map) if args.map else None
    done = desk.run(args.files, sheet=args.sheet, mapping=mapping, deaths=args.deaths, among=_among(args))
    if args.out is not None:
        desk.export(done, args.out, masked=not args.full)
    sums = {
        name: getattr(done, name)
        for name in ("read", "both", "differing", "only_list", "only_here", "unclear", "dropped")
    }
    names = {record: person.name for record, person in done.persons.items()}
    rows = [_row(row, names) for row in done.rows]
    here = [dataclasses.asdict(person) for person in done.here]
    out = {"file": str(args.out)} if args.out is not None else {}
    return sums | {"rows": rows, "here": here, "sentence": done.sentence} | out


def _among(args: argparse.Namespace) -> Among:
    problems = {}
    prefix = half_width(args.division).strip()
    if not (prefix.isascii() and (prefix.isdigit() or not prefix)) or len(prefix) > 12:
        problems["division"] = "要写区划代码或它的前几位"
    for name, given, known in (
        ("class12", args.class12, benefits.COLLECTION_CLASSES), ("benefit", args.benefit, benefits.BENEFIT_CODES),
    ):  # fmt: skip
        if unknown := [one for one in given if one not in known]:
            problems[name] = f"没有 {', '.join(unknown)} 这个代码"
    if problems:
        raise BadInput("; ".join(f"{name}: {why}" for name, why in problems.items()) + "。", problems)
    return Among(prefix, tuple(args.class12), tuple(args.benefit))


def _row(row: ListRow, names: dict[str, str]) -> dict[str, Any]:
    result = row.result
    said = [told(one) for one in result.differences]
    return {
        "file": row.file, "sheet": row.sheet, "row": result.number, "heap": result.heap, "person": result.person or None,
        "name": names.get(result.person), "matched_by": result.matched_by or None, "act": result.act or None,
        "text": "; ".join(filter(None, (*said, result.said))),
        "differences": [dataclasses.asdict(one) for one in result.differences],
        "gaps": [dataclasses.asdict(one) for one in result.gaps],
        "mentioned": list(result.mentioned),
    }  # fmt: skip
