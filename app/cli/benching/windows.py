"""How soon the window is there and what memory it holds, each as a process of its own beside a bare PySide6 window."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from app import folders
from app.cli.benching.figures import Figure, Lab
from app.services import practice, stores

SMALL, LARGE = 3_000, 100_000
"""Persons at full size; smaller where the measurement is told to use fewer records."""
USUAL: Final = 50_000
LONGEST: Final = 0.05
"""Seconds a task may keep the window's thread."""
_LENGTHS: Final = ("resident", "longest", "busiest")
"""What a process says that is no moment."""
_BARE: Final = "一个空的 PySide6 窗口"
_PASSWORD: Final = "demo"  # noqa: S105 (stores of made-up people, removed after the measurement)
_OURS: Final = "import sys; from app.ui.shell.timing import main; sys.argv[0] = 'ronggui'; main()"


def windows(lab: Lab) -> list[Figure]:
    """From the start to the login; from Enter to a first page that can be used; memory with a long list open.

    Key stretching is not in it (practice stores have the least there is): its cost is the figure `open.key`.
    """
    small, large = (max(3, size * lab.records // USUAL) for size in (SMALL, LARGE))
    login = Figure("window.login", "从启动到登录窗口", _BARE, 1.5)
    first = Figure("window.page", f"从回车到首页可用, {small} 人", _BARE, 3.0)
    first_large = Figure("window.page.large", f"从回车到首页可用, {large} 人", _BARE, 3.5)
    memory = Figure("window.memory", f"打开 {large} 人的名单时的内存", _BARE, 3.0, "MB")
    beat = Figure("window.heartbeat", f"在窗口里走一遍时最长的停顿, {small} 人", "50 毫秒", 1.0)
    # The clock on the wall counts other programmes' work too; what the thread itself computes does not.
    work = Figure("window.task", f"其中最长的一次计算, {small} 人", "50 毫秒", 1.0)
    folder = lab.place("window")
    made = {size: _store(folder / str(size), size) for size in (small, large)}
    for turn in range(lab.repeats + 1):
        bare = _run([str(folders.resource("bench/bare_window.py"))])
        few = _run(["-c", _OURS, "page", str(made[small])])
        many = _run(["-c", _OURS, "people", str(made[large])])
        walk = _run(["-c", _OURS, "walk", str(made[small])])
        if not turn:
            continue  # the first one also pays for reading everything from the disk
        login.add(few["login"], bare["drawn"])
        first.add(few["page"] - few["typed"], bare["drawn"])
        first_large.add(many["page"] - many["typed"], bare["drawn"])
        memory.add(many["resident"], bare["resident"])
        beat.add(walk["longest"], LONGEST)
        work.add(walk["busiest"], LONGEST)
    return [login, first, first_large, memory, beat, work]


def _store(folder: Path, persons: int) -> Path:
    founding = stores.Founding("county", "示例县局", ("361002",), "赵明", _PASSWORD, practice=True)
    opened, _ = stores.init(folder, founding)
    practice.fill(opened.station, persons)
    opened.close()
    return folder


def _run(arguments: list[str]) -> dict[str, float]:
    """What a process said, moments counted from its start. Raises RuntimeError if it said nothing."""
    environment = dict(os.environ)
    if sys.platform == "linux" and not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    start = time.monotonic()
    done = subprocess.run(  # noqa: S603 (our own interpreter and our own scripts)
        [sys.executable, *arguments], env=environment, check=False, capture_output=True, text=True, timeout=300
    )
    words = [line.split() for line in done.stdout.splitlines()]
    found = {name: float(value) - (0 if name in _LENGTHS else start) for name, value in words}
    if not found or done.returncode:
        raise RuntimeError(f"the window was not measured: {done.stderr[-500:]}")
    return found
