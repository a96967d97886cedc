"""How the demonstration's desks look: drawn by a process of the window's own, for the terminal loads no Qt."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import app
from app.cli.demonstration.walk import Step

NAME: Final = "各级界面的图片"
NO_QT: Final = "没有做: 这台电脑缺少窗口要用的系统部件, 其他结果不受影响"
_MODULE: Final = "app.ui.shell.pictures"
_LONGEST: Final = 600
"""Seconds; a process that draws longer than this hangs."""


def take(out: Path, stores: Mapping[str, str]) -> Step:
    """Pictures of the main pages of every store, which must be closed; the stores stay as they are."""
    if not _runs("-c", "import PySide6.QtWidgets")[0]:
        return Step(NAME, ok=True, detail=NO_QT)
    data = [word for folder in stores.values() for word in ("--data", folder)]
    done, said = _runs("-m", _MODULE, str(out), "--main", *data)
    count = len(list(out.glob("*.png")))
    if not done or not count:
        return Step(NAME, ok=False, detail=f"没有做成。{said}", exit=1)
    return Step(NAME, ok=True, detail=f"{count} 张, 从 {out.name}/index.html 看起")


def _runs(*words: str) -> tuple[bool, str]:
    """Whether a Python with these words ends well, and the last thing it said if not."""
    home = Path(app.__file__).resolve().parent.parent
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter, our own words)
            [sys.executable, *words], cwd=home, capture_output=True, check=False, timeout=_LONGEST
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return not done.returncode, said[-1] if said else ""
