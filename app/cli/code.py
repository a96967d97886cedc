"""`code`: the code tables of the register, with the years in which a code held and the kinds of person it is for."""

import argparse
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.errors import BadInput
from app.rules import benefits, military, register_codes

_TABLES: Final = {"table": "代码表", "title": "名称", "codes": "代码数", "source": "出处"}
_CODES: Final = {"code": "代码", "words": "名称", "also": "也写作", "starts": "从", "ends": "到", "groups": "适用"}


def _table(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table")


@command("code", "list", opens=False, show=lambda document: table(document["tables"], _TABLES))
def listed(_call: Call) -> dict[str, Any]:
    """All tables; those without years are named after the fields that use them."""
    rows = [
        {"table": name, "title": one.title, "codes": len(one.codes), "source": one.source}
        for name, one in register_codes.TABLES.items()
    ]
    rows += [
        {"table": name, "title": "", "codes": len(values), "source": ""}
        for name, values in benefits.TABLES.items()
        if name not in register_codes.TABLES
    ]
    return {"tables": rows}


@command("code", "show", opens=False, arguments=_table, show=lambda document: table(_shown(document), _CODES))
def show(call: Call) -> dict[str, Any]:
    """The codes of one table. Exit 2 for a name that is none."""
    name = call.args.table
    if name in register_codes.TABLES:
        codes = [
            {
                "code": code, "words": dated.words, "also": list(dated.also), "starts": dated.starts or None,
                "ends": dated.ends or None, "groups": list(dated.groups),
            }
            for code, dated in register_codes.TABLES[name].codes.items()
        ]  # fmt: skip
    elif name in benefits.TABLES:
        codes = [
            {"code": code, "words": words, "also": [], "starts": None, "ends": None, "groups": []}
            for code, words in benefits.TABLES[name].items()
        ]
    else:
        known = ", ".join(sorted({*register_codes.TABLES, *benefits.TABLES}))
        raise BadInput(f"没有“{name[:30]}”这个代码表, 可以是 {known}。")
    return {"table": name, "codes": codes}


def _shown(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        row
        | {"also": "、".join(row["also"]), "groups": "、".join(military.GROUPS.get(one, one) for one in row["groups"])}
        for row in document["codes"]
    ]
