"""The window's start: clears the way, shows the login, and puts the parts together. Loads little before it shows something."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app import folders

NO_SCREEN: Final = "这里没有图形桌面, 打不开窗口。可以用命令行: ronggui --help。"


def open_window(words: Sequence[str]) -> int:
    """Run the window until it is closed; `words` are the options --data and --user."""
    if not has_screen():
        sys.stderr.write(f"{NO_SCREEN}\n")
        return 4
    data, user = _options(words)
    from app.ui.shell.desktop import Desktop

    return Desktop(data, user).run()


def has_screen() -> bool:
    """Whether Qt would find somewhere to draw."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _options(words: Sequence[str]) -> tuple[Path, str]:
    given = {"--data": "", "--user": os.environ.get("RONGGUI_USER", "")}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        given[name] = value if equals else next(rest)
    data = Path(given["--data"]).expanduser() if given["--data"] else folders.data_folder()
    return data, given["--user"]
