"""`make safety`: the long runs, and docs/safety.md with what they have shown and the seeds to repeat them.

Each run is a process of its own and prints its figures in its last lines; nothing is written when one of them fails.
"""

import argparse
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app import clock

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "safety.md"
BEGIN: Final = "<!-- figures: made by `make safety` -->"
END: Final = "<!-- end of figures -->"


def ran(name: str, *words: str) -> tuple[bool, list[str]]:
    """Run one of the long drivers; gives whether all went well, and its lines."""
    command = [sys.executable, "-m", name, *words]
    print(" ".join(["python", "-m", name, *words]), flush=True)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    print("\n".join(lines[-12:]), flush=True)
    return done.returncode == 0, lines


def row(what: str, words: Sequence[str], lines: Sequence[str], pattern: str) -> str:
    """One line of the table: what ran, how to repeat it, what it printed."""
    said = "; ".join(line for line in lines if re.search(pattern, line))
    return f"| {what} | `python -m {' '.join(words)}` | {said} |"


def main() -> int:
    """Run them; 0 when all went well and the page is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--mutations", type=int, default=20_000, help="of each layer")
    parser.add_argument("--kills", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    seed = str(options.seed)
    runs = (
        ("random histories", ("tests.chaos", "--n", str(options.histories), "--seed", seed), r"^seed "),
        (
            "packages changed",
            ("tests.mutations", "--n", str(options.mutations), "--seed", seed),
            r"^\w+: \d+ refused|^seed ",
        ),
        ("faults", ("tests.fault_walk", "--all", "--kills", str(options.kills), "--seed", seed), r"^fault walk"),
    )
    rows = []
    for what, words, pattern in runs:
        well, lines = ran(*words)
        if not well:
            print(f"{what}: not all went well; docs/safety.md is left as it is")
            return 1
        rows.append(row(what, words, lines, pattern))
    write(rows)
    return 0


def write(rows: Sequence[str]) -> None:
    """Put the figures into the page."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    made = f"{clock.today():%Y-%m-%d}, Python {platform.python_version()}, {platform.system()}"
    table = [f"Made {made}.", "", "| what | to repeat it | what it showed |", "|---|---|---|", *rows]
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(table) + f"\n\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
