"""`form`: what can be printed, and printing it."""

import argparse
from pathlib import Path
from typing import Any

from app.cli.frame import Call, command, table
from app.cli.wording import place
from app.rules.certificates import KINDS
from app.services.papers import FORMS, Papers, Printed


def _print(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("form")
    parser.add_argument("--for", dest="subjects", nargs="+", required=True)
    parser.add_argument("--out", type=place)
    parser.add_argument("--purpose", default="")
    parser.add_argument("--kind", default="benefit")
    parser.add_argument("--full", action="store_true")


def _show_list(document: dict[str, Any]) -> str:
    return table(document["forms"], {"form": "表号", "name": "名称", "for": "用于"})


def _show_printed(document: dict[str, Any]) -> str:
    lines = []
    for paper in document["papers"]:
        again = f"(重印第{paper['reprint']}次)" if paper["reprint"] else ""
        lines += [f"已打印 {paper['number']}{again}: {paper['file']}", *paper["remarks"]]
    return "\n".join(lines)


@command("form", "list", show=_show_list)
def listed(call: Call) -> dict[str, Any]:
    """Every form, and the kinds of certificate this level may issue."""
    level = call.desk.place.level
    kinds = [{"kind": kind.code, "name": kind.label, "lowest": kind.lowest} for kind in KINDS.values()]
    forms = [{"form": form.form, "name": form.name, "for": form.subject} for form in FORMS]
    return {"forms": forms, "certificates": kinds, "level": level}


@command("form", "print", arguments=_print, show=_show_printed)
def printed(call: Call) -> dict[str, Any]:
    """打印; several records give one paper each, the later ones beside the first as `<name>-2.pdf`."""
    given = call.args
    papers = Papers(call.desk)
    papers.demand(given.form, given.subjects, purpose=given.purpose, kind=given.kind)
    done = [
        papers.print_form(
            given.form, subject, _beside(given.out, place), purpose=given.purpose, kind=given.kind, full=given.full
        )
        for place, subject in enumerate(given.subjects, start=1)
    ]
    documents = [_document(paper) for paper in done]
    return {**documents[0], "papers": documents}


def _beside(out: Path | None, place: int) -> Path | None:
    return out if out is None or place == 1 else out.with_name(f"{out.stem}-{place}{out.suffix}")


def _document(paper: Printed) -> dict[str, Any]:
    return {
        "id": paper.id,
        "number": paper.number,
        "file": str(paper.file),
        "reprint": paper.reprint,
        "remarks": list(paper.remarks),
        "missing": list(paper.missing),
    }
