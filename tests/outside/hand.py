"""A hand at the keyboard of the real window, through xdotool, and ears for what the window says of itself."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests import machine

HERE = Path(__file__).resolve().parents[2]
PATIENCE = 30.0


class Hand:
    """The window's process, with what it has said so far."""

    def __init__(self, display: str, data: Path, environment: dict[str, str]) -> None:
        self.environment = (
            os.environ | {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONUNBUFFERED": "1"} | environment
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.outside.listening", "--data", str(data)],
            cwd=HERE, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.said: list[dict[str, Any]] = []
        self.now: dict[str, Any] = {}
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def wait(self, until: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait for something the window says; AssertionError with all it has said if it does not come."""
        deadline = time.monotonic() + PATIENCE
        while True:
            left = deadline - time.monotonic()
            try:
                line = self._lines.get(timeout=max(0.01, min(left, 0.5)))
            except queue.Empty:
                ended = self.process.poll()
                assert ended is None, f"the window ended with {ended}: {self._errors()}"
                assert left > 0, f"{what} did not come; last: {self.said[-8:]}"
                continue
            said: dict[str, Any] = json.loads(line)
            self.said.append(said)
            if "window" in said:
                self.now = said
            if until(said):
                return said

    def _errors(self) -> str:
        return self.process.stderr.read() if self.process.stderr is not None else ""

    def wait_page(self, name: str) -> None:
        """Until a page is in front and nothing is under way."""
        if self.now.get("page") == name and not self.now.get("busy"):
            return
        self.wait(lambda s: s.get("page") == name and not s.get("busy"), f"page {name}")

    def wait_focus(self, id: str) -> None:
        if self.now.get("focus") != id:
            self.wait(lambda s: s.get("focus") == id, f"focus on {id}")

    def press(self, *keys: str) -> None:
        """Keys as xdotool names them: Return, ctrl+s, alt+n."""
        subprocess.run([machine.programme("xdotool"), "key", "--delay", "40", *keys], env=self.environment, check=True)

    def type(self, text: str) -> None:
        """Latin text, as fast as a quick clerk."""
        command = [machine.programme("xdotool"), "type", "--delay", "25", text]
        subprocess.run(command, env=self.environment, check=True)

    def sign_in(self) -> None:
        """The password of made-up stores, where a window for one person begins, and Enter."""
        self.wait_focus("login.password")
        self.type("demo")
        self.press("Return")
        self.wait_page("today")

    def close(self) -> None:
        """End it as a person would; a window that does not end is killed."""
        if self.process.poll() is None:
            self.press("alt+F4")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def at_window(display: str, data: Path, **environment: str) -> Iterator[Hand]:
    """The real window on a screen; closed at the end."""
    hand = Hand(display, data, environment)
    try:
        yield hand
    finally:
        hand.close()
        for stream in (hand.process.stdout, hand.process.stderr):
            if stream is not None:
                stream.close()
