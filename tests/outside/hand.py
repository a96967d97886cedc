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
PATIENCE = 90.0
"""Seconds after which a window that says nothing is given up; nobody waits for them where it answers."""


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
                assert left > 0, f"{what} did not come; now: {self.now}; before: {self._past()}"
                continue
            said = self._heard(line)
            if until(said):
                return said

    def _heard(self, line: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(line)
        self.said.append(said)
        if "window" in said:
            self.now = said
        return said

    def _catch_up(self) -> None:
        """Hear all that has been said meanwhile: what one knows may be old."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._heard(self._lines.get_nowait())

    def _past(self) -> list[dict[str, Any]]:
        return [{name: fact for name, fact in said.items() if name != "words"} for said in self.said[-12:]]

    def _errors(self) -> str:
        return self.process.stderr.read() if self.process.stderr is not None else ""

    def wait_page(self, name: str) -> None:
        """Until a page is in front and nothing is under way."""
        self.until(page=name)

    def wait_focus(self, id: str) -> None:
        self.until(focus=id)

    def until(self, *, words: dict[str, str] | None = None, busy: bool = False, **facts: str) -> None:
        """Until the window shows all of it: `page`, `focus`, `dialog`, and labels that have a text in them."""
        wanted: dict[str, Any] = {"busy": busy, **facts}

        def shows(now: dict[str, Any]) -> bool:
            said = now.get("words", {})
            return all(now.get(name) == value for name, value in wanted.items()) and all(
                text in said.get(label, "") for label, text in (words or {}).items()
            )

        self.wait_on(shows, f"{wanted} {words or ''}")

    def come(self) -> None:
        """To this window from another one, as a click on the task bar does it."""
        self.wait_on(lambda now: bool(now.get("id")), "the window")
        deadline = time.monotonic() + PATIENCE
        while self._ask("getactivewindow") != str(self.now["id"]):
            assert time.monotonic() < deadline, f"the window manager does not bring {self.now['id']} to the front"
            self._ask("windowactivate", str(self.now["id"]))
        self.wait_on(lambda now: bool(now["active"] and now["focus"]), "the keyboard")

    def _ask(self, *words: str) -> str:
        """What xdotool answers; nothing where it cannot tell just now."""
        command = [machine.programme("xdotool"), *words]
        return subprocess.run(command, env=self.environment, check=False, capture_output=True, text=True).stdout.strip()

    def wait_on(self, true: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Until something is true of what the window shows."""
        self._catch_up()
        if not true(self.now):
            self.wait(true, what)

    def tab_to(self, id: str, most: int = 40, key: str = "Tab") -> None:
        """Tab on, and look each time where the keyboard is, until it is at a control."""
        for _ in range(most):
            if (before := self.now["focus"]) == id:
                return
            self.press(key)
            self.wait_on(lambda now, before=before: now["focus"] != before, f"the keyboard after {before}")  # type: ignore[misc]
        raise AssertionError(f"Tab never came to {id}")

    def find(self, letters: str) -> None:
        """Into the search box, and Enter for the best that is found."""
        self.press("ctrl+f")
        self.wait_focus("window.search")
        self.type(letters)
        self.press("Return")

    def press(self, *keys: str) -> None:
        """Keys as xdotool names them: Return, ctrl+s, alt+n."""
        subprocess.run([machine.programme("xdotool"), "key", "--delay", "40", *keys], env=self.environment, check=True)

    def type(self, text: str) -> None:
        """Latin text, as fast as a quick clerk."""
        command = [machine.programme("xdotool"), "type", "--delay", "25", text]
        subprocess.run(command, env=self.environment, check=True)

    def sign_in(self) -> None:
        """The password of made-up stores, Enter; a desk with one staff member asks for no name."""
        self.wait_focus("login.password")
        self.type("demo")
        self.press("Return")
        self.wait_page("today")
        # The new window has asked for the keyboard; until it has it, it may take it from whatever is typed into next.
        self.wait_on(lambda now: bool(now["window"] == "window" and now["active"]), "the keyboard in the window")

    def close(self) -> None:
        """End it as a person would; a window that does not end is killed."""
        if self.process.poll() is None:
            # The key goes to the window in front, which may be another desk's.
            with contextlib.suppress(subprocess.SubprocessError, AssertionError):
                self.come()
                self.press("alt+F4")
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
