"""`bench`: how quick and how large, as ratios against a baseline measured in the same run."""

import argparse
import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app import durable
from app.cli.benching import measuring
from app.cli.benching.figures import Lab
from app.cli.frame import Call, command, table
from app.errors import BadInput

PYTHON: Final = "RONGGUI_BENCH_PYTHON"
"""Names an interpreter with SQLite's session extension (`make bench` sets it)."""
_SETTINGS: Final = "RONGGUI_SETTINGS"
RECORDS: Final = 50_000
REPEATS: Final = 3

_HEADINGS: Final = {
    "name": "项目",
    "title": "测什么",
    "ours": "本程序",
    "base": "对照",
    "unit": "单位",
    "ratio": "倍数",
    "spread": "最低…最高",
    "bar": "不超过",
    "verdict": "结果",
}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--repeats", type=int, default=REPEATS)


def _show(document: dict[str, Any]) -> str:
    rows = [
        {
            **figure,
            "spread": f"{figure['lowest']}…{figure['highest']}" if figure["ratio"] is not None else None,
            "verdict": {True: "达到", False: "没有达到", None: ""}[figure["within"]],
        }
        for figure in document["figures"]
    ]
    lines = [table(rows, _HEADINGS)]
    if document["left_out"]:
        lines.append(f"没有设 {PYTHON}, 与 SQLite 会话扩展的对照没有测。请用 make bench。")
    return "\n".join(lines)


@contextlib.contextmanager
def _settings_in(folder: str) -> Iterator[None]:
    """Witness notes of the measured stores go with them, not among this person's settings."""
    before = os.environ.get(_SETTINGS)
    os.environ[_SETTINGS] = str(Path(folder) / "settings")
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SETTINGS]
        else:
            os.environ[_SETTINGS] = before


@command("bench", arguments=_arguments, opens=False, show=_show)
def bench(call: Call) -> dict[str, Any]:
    """Measure with made-up rows in a temporary folder; no store of anybody's is opened."""
    args = call.args
    if unknown := [name for name in args.names if name not in measuring.MEASURES]:
        raise BadInput(f"没有这个项目: {', '.join(unknown)}。可用: {', '.join(measuring.MEASURES)}")
    if args.records < 1 or args.repeats < 1:
        raise BadInput("--records 和 --repeats 要是 1 以上的整数。")
    named = call.environment.get(PYTHON)
    other = Path(named) if named else None
    figures = []
    with tempfile.TemporaryDirectory(prefix="ronggui-bench-") as folder, _settings_in(folder):
        lab = Lab(Path(folder), args.records, args.repeats, other)
        for figure in measuring.run(lab, args.names or list(measuring.MEASURES)):
            figures.append(figure.document)
            call.progress(f"{figure.title}: {figure.document['ours']} {figure.unit}")
    document = {
        "records": args.records,
        "repeats": args.repeats,
        "figures": figures,
        "left_out": [f["name"] for f in figures if f["base"] is None and f["against"]],
    }
    if args.out is not None:
        with durable.speaking("写测量结果", args.out):
            durable.write_file(args.out, (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode())
    return document
