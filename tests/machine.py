"""Programmes of the machine that a few tests need beside Python: a screen, an input method, a printer's queue."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

NEEDS = {
    "screen": ("Xvfb", "openbox", "xdotool"),
    "ime": ("Xvfb", "openbox", "xdotool", "fcitx5", "fcitx5-remote", "dbus-run-session"),
    "cups": ("cupsd", "lpadmin", "lpstat"),
}
"""Marker of a test -> the programmes without which it is not collected."""

_MORE = "/usr/sbin:/sbin"


def missing(marker: str) -> list[str]:
    """Programmes a marker needs that are not here."""
    path = f"{os.environ.get('PATH', '')}:{_MORE}"
    return [name for name in NEEDS[marker] if shutil.which(name, path=path) is None]


def programme(name: str) -> str:
    """The full name of a programme; daemons lie where a user's PATH does not look."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_MORE}")
    assert found is not None, name
    return found


def report() -> list[str]:
    """Lines for the head of pytest's report."""
    out = []
    for marker in NEEDS:
        lacking = missing(marker)
        words = f"not installed: {', '.join(lacking)}; tests that need it are NOT collected" if lacking else "here"
        out.append(f"{marker}: {words}")
    return out


@contextlib.contextmanager
def screen(width: int = 1366, height: int = 768) -> Iterator[str]:
    """A screen of its own with a window manager; gives its DISPLAY."""
    read, write = os.pipe()
    server = subprocess.Popen(
        [programme("Xvfb"), "-displayfd", str(write), "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp"],
        pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        assert display != ":", "Xvfb did not start"
        desktop = subprocess.Popen(
            [programme("openbox")],
            env=os.environ | {"DISPLAY": display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for_desktop(display)
            yield display
        finally:
            desktop.terminate()
            desktop.wait()
    finally:
        server.terminate()
        server.wait()


def _wait_for_desktop(display: str) -> None:
    """Until the window manager has taken over: before, no window can be brought to the front."""
    deadline = time.monotonic() + 20
    asked = [programme("xdotool"), "get_num_desktops"]
    while subprocess.run(asked, env=os.environ | {"DISPLAY": display}, check=False, capture_output=True).returncode:
        assert time.monotonic() < deadline, "openbox did not start"
        time.sleep(0.05)


@contextlib.contextmanager
def print_queue(folder: Path, name: str) -> Iterator[str]:
    """A CUPS of its own with one queue whose jobs are kept; gives CUPS_SERVER. Jobs lie in `folder`/spool/d*."""
    for sub in ("root", "spool", "cache", "run", "tmp", "log"):
        (folder / sub).mkdir(parents=True)
    (folder / "spool").chmod(0o711)
    socket = folder / "run" / "cups.sock"
    anybody = "Order allow,deny\n  Allow all\n"
    (folder / "cupsd.conf").write_text(
        f"Listen {socket}\nBrowsing Off\nDefaultAuthType None\nWebInterface No\nPreserveJobFiles Yes\n"
        f"<Location />\n  {anybody}</Location>\n<Location /admin>\n  {anybody}</Location>\n"
        f"<Policy default>\n<Limit All>\n  {anybody}</Limit>\n</Policy>\n"
    )
    (folder / "files.conf").write_text(
        f"ServerRoot {folder}/root\nRequestRoot {folder}/spool\nCacheDir {folder}/cache\nStateDir {folder}/run\n"
        f"TempDir {folder}/tmp\nErrorLog {folder}/log/error\nAccessLog {folder}/log/access\nFileDevice Yes\n"
    )
    daemon = subprocess.Popen(
        [programme("cupsd"), "-f", "-c", folder / "cupsd.conf", "-s", folder / "files.conf"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while not socket.exists():
            assert time.monotonic() < deadline, "cupsd did not start"
            time.sleep(0.05)
        environment = os.environ | {"CUPS_SERVER": str(socket)}
        command = [programme("lpadmin"), "-p", name, "-E", "-v", "file:/dev/null", "-m", "raw"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        yield str(socket)
    finally:
        daemon.terminate()
        daemon.wait()
