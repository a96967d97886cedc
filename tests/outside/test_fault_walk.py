"""Every numbered fault point broken once in each way, and a handful of kills at random moments (tests/fault_walk.py)."""

import os
import re
import subprocess
import sys

from app import faults
from app.cli import nouns
from tests import fault_walk
from tests.outside.programme import HERE, PYCACHE

KILLS = 5


def never_passed() -> set[str]:
    """Points that no file of their kind passes: reading back is declared with writing, but not asked for everywhere."""
    return {"attach.verify", "enrol.verify", "restore.verify", "witness.verify"}


def test_whole_or_not_at_all(capsys) -> None:
    """One process walks them all: what is loaded and compiled once serves every fork."""
    seed = os.environ.get("RONGGUI_SEED", "1")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fault_walk", "--kills", str(KILLS), "--seed", seed],
        capture_output=True,
        text=True,
        cwd=HERE,
        env=os.environ | {"PYTHONPYCACHEPREFIX": str(PYCACHE)},
        check=False,
    )
    with capsys.disabled():
        print(f"\n{done.stdout.splitlines()[0] if done.stdout else done.stderr}")
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = re.findall(r"^points: (.*)$", done.stdout, re.MULTILINE)
    walked = set(line.split())
    nouns.load()
    # Tests of the faults themselves declare points of their own in this process.
    declared = {one["point"] for one in faults.points() if not one["point"].startswith("probe.")}
    elsewhere = {point for point in declared if point.startswith(tuple(fault_walk.ELSEWHERE))}
    assert declared - walked - elsewhere == never_passed()


def test_points_broken_elsewhere_are_broken_there() -> None:
    for prefix, path in fault_walk.ELSEWHERE.items():
        text = (HERE / path).read_text("utf-8")
        assert prefix.rstrip(".") in text
        assert "faults" in text


def test_a_walk_finds_what_is_left_half_done() -> None:
    """An act that leaves something behind is caught, so that the walk above can fail."""
    code = (
        "import sys\n"
        "from tests import fault_walk as walk\n"
        "from app.sync import enrolment\n"
        "import contextlib\n"
        "def careless(out):\n"
        "    def write(data):\n"
        "        out.write_bytes(data)\n"
        "    return contextlib.nullcontext(write)\n"
        "enrolment._only_if_saved = careless\n"
        "sys.exit(walk.main(['--acts', 'enrol', '--only', 'enrol.note:1:error']))\n"
    )
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(PYCACHE)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE, env=env, check=False)
    assert done.returncode == 1
    assert "an enrolment file of a unit that is not registered" in done.stdout
