"""`demo`: the whole loop on made-up people, four stores in one folder, every step proved as it is done."""

import argparse
from pathlib import Path
from typing import Any, Final

from app.cli.demonstration import folder as places
from app.cli.demonstration import pictures
from app.cli.demonstration.walk import Step, Walk
from app.cli.frame import Call, command
from app.cli.wording import place
from app.errors import BadInput

DEFAULT_PERSONS: Final = 600
DEFAULT_SEED: Final = 2
"""With it the people whose names are rarest come through the import, so that the papers show them."""
LEAST_PERSONS: Final = 20
"""Fewer people than this do not fill a round of consolation money and a case."""
MOST_PERSONS: Final = 5_000


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=place, default=Path("ronggui-demo"))
    parser.add_argument("--persons", type=int, default=DEFAULT_PERSONS)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--no-pictures", action="store_true")


def _show(document: dict[str, Any]) -> str:
    return str(document["summary"])


@command("demo", arguments=_arguments, opens=False, show=_show)
def demo(call: Call) -> dict[str, Any]:
    """练习: 四级从头到尾走一遍. Ends with exit 0 only if every step held."""
    args = call.args
    if not LEAST_PERSONS <= args.persons <= MOST_PERSONS:
        raise BadInput(f"人数要在 {LEAST_PERSONS} 到 {MOST_PERSONS} 之间。", {"persons": str(args.persons)})
    root = args.out.expanduser().absolute()
    places.prepare(root)
    steps: list[Step] = []
    with Walk(root, args.persons, args.seed) as walk:
        for step in walk.steps():
            steps.append(step)
            call.progress(step.line)
            if not step.ok:
                break
    if all(step.ok for step in steps) and not args.no_pictures:
        steps.append(pictures.take(root / places.PICTURES, walk.stores))
        call.progress(steps[-1].line)
    summary = places.summary(root, steps, args.persons, args.seed)
    failed = next((step for step in steps if not step.ok), None)
    return {
        "ok": failed is None,
        "steps": [{"name": step.name, "ok": step.ok, "detail": step.detail} for step in steps],
        "stores": walk.stores,
        "files": places.files(root),
        "summary": summary,
        **({"error": f"演示在“{failed.name}”这一步没有通过。{failed.detail}", "_exit": failed.exit} if failed else {}),
    }
