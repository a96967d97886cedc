"""The window's start: clears the way, shows the login, and puts the parts together. Loads little before it shows something."""

import logging
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app import folders

NO_SCREEN: Final = "这里没有图形桌面, 打不开窗口。可以用命令行: ronggui --help。"
NO_PARTS: Final = (
    "窗口要用的系统部件没有装全, 打不开。数据没有动。请重新安装, 或请技术支持帮忙; 也可以用命令行: ronggui --help。"
)


BROKE: Final = "窗口没有打开, 程序出了错。数据没有动。请再试一次; 还不行请把设置文件夹里 logs 下的记录交给技术支持。"


def open_window(words: Sequence[str]) -> int:
    """Run the window until it is closed; `words` are the options --data and --user."""
    from app import logs

    handler = logs.begin()
    try:
        return _open(words)
    finally:
        logs.end(handler)


def _open(words: Sequence[str]) -> int:
    if not has_screen():
        sys.stderr.write(f"{NO_SCREEN}\n")
        return 4
    from app import logs

    data, user = _options(words)
    try:
        from app.ui.shell.desktop import Desktop
    except ImportError:
        logging.getLogger(__name__).exception("Qt does not load")
        sys.stderr.write(f"{NO_PARTS}\n")
        return 4
    faults = logs.Faults(data)
    faults.watch()
    try:
        return Desktop(data, user, faults.last).run()
    except Exception:
        # Before the first window stands nobody can be told in a window.
        logging.getLogger(__name__).exception("the window did not start")
        sys.stderr.write(f"{BROKE}\n")
        return 1
    finally:
        faults.close()


def has_screen() -> bool:
    """Whether Qt would find somewhere to draw: it ends the process where it does not."""
    if sys.platform != "linux":
        return True
    if platform := os.environ.get("QT_QPA_PLATFORM"):
        return platform.partition(":")[0] != "xcb" or _answers(os.environ.get("DISPLAY", ""))
    return bool(os.environ.get("WAYLAND_DISPLAY")) or _answers(os.environ.get("DISPLAY", ""))


def _answers(display: str) -> bool:
    """Whether an X server is there; one on another machine is believed."""
    host, colon, number = display.partition(":")
    if not colon or host:
        return bool(display)
    number = number.partition(".")[0]
    with socket.socket(socket.AF_UNIX) as line:
        for place in (f"/tmp/.X11-unix/X{number}", f"\0/tmp/.X11-unix/X{number}"):  # noqa: S108 (where X has its sockets)
            try:
                line.connect(place)
            except OSError:
                continue
            return True
    return False


def _options(words: Sequence[str]) -> tuple[Path, str]:
    given = {"--data": "", "--user": os.environ.get("RONGGUI_USER", "")}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        given[name] = value if equals else next(rest)
    data = Path(given["--data"]).expanduser() if given["--data"] else folders.data_folder()
    return data, given["--user"]
