"""Starts the real programme in a process of its own, in a home of its own, and reads its answers."""

import atexit
import base64
import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).resolve().parent.parent.parent
PASSWORD = "demo"
PYCACHE = HERE / "build" / "pycache"


@dataclass(frozen=True)
class Answer:
    """What one call gave."""

    exit: int
    out: Any
    error: str

    def __getitem__(self, name: str) -> Any:
        return self.out[name]


@dataclass(frozen=True)
class Home:
    """A user's account on a machine: settings, cache, temporary folder, all under one root."""

    root: Path

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        for name in ("home", "settings", "cache", "tmp"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.root / "home"),
            "TMPDIR": str(self.root / "tmp"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
            "RONGGUI_SETTINGS": str(self.root / "settings"),
            "RONGGUI_PAPERS": str(self.root.parent / "asked-for"),
            "RONGGUI_PASSWORD": PASSWORD,
            # Byte code is kept between the many short processes; half of their time would go into it otherwise.
            "PYTHONPYCACHEPREFIX": str(PYCACHE),
            **(extra or {}),
        }

    def cold(
        self, *words: str | Path | bytes, env: Mapping[str, str] | None = None, without: tuple[str, ...] = ()
    ) -> Answer:
        """One call in a process started from nothing, as a shell starts it, with --json."""
        command: list[Any] = [sys.executable, "-m", "app", "--json", *words]
        environment = self._environment(env, without)
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, cwd=HERE, env=environment, check=False
        )
        return _answer(done.returncode, done.stdout.decode(), done.stderr.decode())

    def run(
        self,
        *words: str | Path,
        stdin: str | bytes = "",
        env: Mapping[str, str] | None = None,
        without: tuple[str, ...] = (),
        limit: int = 0,
        user: int = 0,
        json_out: bool = True,
    ) -> Answer:
        """One call in a process of its own, forked from a warm one; `limit` is its RLIMIT_FSIZE, `user` its user id."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        request = {
            "words": [*map(str, words), *(["--json"] if json_out else [])],
            "environment": self._environment(env, without),
            "stdin": base64.b64encode(data).decode(),
            "limit": limit,
            "user": user,
        }
        found = _warm().ask(request)
        return _answer(found["exit"], found["out"], found["error"])

    def _environment(self, extra: Mapping[str, str] | None, without: tuple[str, ...]) -> dict[str, str]:
        return {name: value for name, value in self.environment(extra).items() if name not in without}

    @contextlib.contextmanager
    def batch(self, *words: str | Path, env: Mapping[str, str] | None = None) -> Iterator["Batch"]:
        """A process that answers call after call (`ronggui batch -`)."""
        with Batch(self, [str(word) for word in words], env) as found:
            yield found


def _answer(code: int, out: str, error: str) -> Answer:
    try:
        document = json.loads(out) if out.strip() else None
    except ValueError:
        document = out
    return Answer(code, document, error.strip())


class _Warm:
    """The warm process of this test run (tests/outside/warm.py)."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.outside.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=HERE,
            env=os.environ | {"PYTHONPYCACHEPREFIX": str(PYCACHE)},
            text=True,
        )

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@functools.cache
def _warm() -> _Warm:
    found = _Warm()
    atexit.register(found.close)
    return found


class Batch:
    """One process of `ronggui batch -`, asked line by line."""

    def __init__(self, home: Home, words: list[str], env: Mapping[str, str] | None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", "batch", "-", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=HERE,
            env=home.environment(env),
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> int:
        """End of input: the process gives everything back and leaves."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    def line(self, text: str) -> Answer:
        """One line as it stands."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert set(answer) == {"exit", "out", "error"}
        return Answer(answer["exit"], answer["out"], answer["error"] or "")

    def call(self, *words: str | Path, stdin: Any = None, env: Mapping[str, str] | None = None) -> Answer:
        """One call; whatever it answers."""
        item: dict[str, Any] = {"args": [str(word) for word in words]}
        if stdin is not None:
            item["stdin"] = stdin
        if env:
            item["env"] = dict(env)
        return self.line(json.dumps(item))

    def done(self, *words: str | Path, stdin: Any = None) -> Any:
        """One call that must succeed; its document."""
        answer = self.call(*words, stdin=stdin)
        assert answer.exit == 0, f"{' '.join(map(str, words))}: {answer.error}"
        return answer.out


class Desk:
    """A store asked through a batch process."""

    def __init__(self, batch: Batch, folder: Path) -> None:
        self.batch, self.folder = batch, folder

    def call(self, *words: str | Path, stdin: Any = None, env: Mapping[str, str] | None = None) -> Answer:
        return self.batch.call(*words, "--data", self.folder, stdin=stdin, env=env)

    def done(self, *words: str | Path, stdin: Any = None) -> Any:
        return self.batch.done(*words, "--data", self.folder, stdin=stdin)

    @contextlib.contextmanager
    def batch_of_its_own(self, account: Path) -> Iterator["Desk"]:
        """A copy of this store under another account, so that a test may do with it what it likes."""
        copy = account.with_name(f"{account.name}-store")
        shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("lock"))
        with Home(account).batch() as batch:
            yield Desk(batch, copy)

    def state(self) -> tuple[Any, ...]:
        """What must be the same before and after a refused call: digest, position, counts, number of acts."""
        status = self.done("store", "status")
        acts = self.done("journal", "list", "--limit", "100000")["acts"]
        return self.done("store", "digest")["digest"], status["position"], status["counts"], len(acts)

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nothing of the store may change in the block."""
        before = self.state()
        yield
        assert self.state() == before


def found_pair(batch: Batch, root: Path) -> tuple[Desk, Desk]:
    """(village, township): two joined practice stores that have exchanged their first packages."""
    above, below = Desk(batch, root / "township"), Desk(batch, root / "village")
    words = ("--level", "township", "--name", "上顿渡镇站", "--scope", "361002100", "--staff", "孙立", "--practice")
    above.done("store", "init", *words)
    file = root / "开通.rge"
    invited = above.done(
        "node", "enrol", "--level", "village", "--name", "桥头村站", "--scope", "361002100201", "--out", file
    )
    below.done("store", "init", "--enrol", file, "--code", invited["code"], "--staff", "周敏")
    carry(below, above, root / "first")
    return below, above


def carry(below: Desk, above: Desk, stick: Path) -> None:
    """A package up and the answer back down."""
    (stick / "back").mkdir(parents=True, exist_ok=True)
    sent = below.done("exchange", "export", "--to", "parent", "--out", stick)
    taken = above.done("exchange", "import", sent["file"], "--answer", stick / "back")
    below.done("exchange", "import", *taken["answers"])
