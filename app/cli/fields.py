"""`fields NOUN`: what may be written in a record, as its model declares it."""

import argparse
from typing import Any, Final

from app.cli.frame import Call, command, table
from app.errors import BadInput
from app.models import fields_of, kinds
from app.services.lookup import NOUNS

EXTRA: Final = {
    "identity": "person_identity",
    "service": "person_service",
    "account": "person_account",
    "family": "family_member",
    "node": "node",
    "division": "division",
    "code": "code_list",
    "pending": "pending_row",
}
"""Nouns beside those that stand before an id."""


def kind_of(noun: str) -> str:
    """The kind of a noun of the terminal; the kind's own name counts too. Raises BadInput."""
    if noun in NOUNS:
        return str(NOUNS[noun].__tablename__)  # type: ignore[attr-defined]  # every kind names its table
    kind = EXTRA.get(noun, noun)
    if kind not in kinds():
        raise BadInput(f"没有“{noun[:40]}”这一类。可用: {', '.join(sorted({*NOUNS, *EXTRA}))}")
    return kind


def _noun(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("noun")


def _show(document: dict[str, Any]) -> str:
    rows = [
        {**row, "required": "必填" if row["required"] else "", "sensitive": "敏感" if row["sensitive"] else ""}
        for row in document["fields"]
    ]
    return table(
        rows, {"name": "字段", "label": "名称", "kind": "类型", "required": "", "sensitive": "", "merge": "核对方式"}
    )


@command("fields", arguments=_noun, opens=False, show=_show)
def fields(call: Call) -> dict[str, Any]:
    """The fields of a noun that people write, in the order of the form."""
    rows = [
        {
            "name": name,
            "label": field.label,
            "kind": field.editor,
            "required": field.required,
            "merge": field.merge,
            "sensitive": field.sensitive,
        }
        for name, field in fields_of(kind_of(call.args.noun)).items()
        if not field.internal
    ]
    return {"fields": rows}
