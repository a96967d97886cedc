"""Breaks every numbered fault point of every scripted act, and kills at random moments: whole, or not at all.

    python -m tests.fault_walk                 each point of each act once, broken in each of the three ways
    python -m tests.fault_walk --all           every call of every point
    python -m tests.fault_walk --kills 50      SIGKILL at 50 random moments of a day's work (--seed to repeat)
    python -m tests.fault_walk --acts save,export --only export.write:1:kill

One process has everything imported; each run is a fork of it, so a kill is a real SIGKILL of a real process. After each
run a fresh process opens the store, proves it by `store check`, looks whether the act is there whole or not at all, and
does it again if it is not.
"""

import argparse
import contextlib
import gc
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest import mock

from app import faults
from app.cli import main as terminal
from app.cli import nouns
from app.rules import made_up, made_up_sheets
from app.sync import header, splitting

PASSWORD: Final = "demo"
VILLAGE: Final = "361002100201"
ELSEWHERE: Final = {"upgrade.": "tests/models/test_upgrade.py"}
"""Points that need what no act of today meets (a store of an older version), and the tests that break them."""
COMMIT: Final = "save.commit"
GAVE_UP: Final = (3, 4)
"""Exit codes of an act that met a broken disk and said so."""


@dataclass(frozen=True)
class Place:
    """Where everything of a run lies; put back as it was before each run, at the very same place."""

    root: Path

    @property
    def live(self) -> Path:
        return self.root / "live"

    @property
    def kept(self) -> Path:
        return self.root / "kept"

    def path(self, name: str) -> Path:
        return self.live / name

    def put_back(self) -> None:
        shutil.rmtree(self.live, ignore_errors=True)
        shutil.copytree(self.kept, self.live)

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.live),
            "TMPDIR": str(self.live / "tmp"),
            "RONGGUI_SETTINGS": str(self.live / "settings"),
            "RONGGUI_PASSWORD": PASSWORD,
        }


def call(place: Place, store: str, *words: str | Path, stdin: Any = None, fault: str = "") -> dict[str, Any]:
    """One call of the terminal in this process, exactly as `ronggui batch` would answer it."""
    environment = place.environment() | ({"RONGGUI_FAULT": fault} if fault else {})
    desk = terminal.Terminal(environment)
    given = {"args": [*map(str, words), "--data", str(place.path(store))], "stdin": stdin}
    try:
        answer: dict[str, Any] = terminal._batch_line(desk, terminal.Options(json=True), json.dumps(given))
    finally:
        try:
            desk.close()
        except Exception as error:  # noqa: BLE001 - the fault may hit the very last write; the process ends here anyway
            print(f"closing: {error}", file=sys.stderr)
        faults.arm(None)
    return answer


def done(place: Place, store: str, *words: str | Path, stdin: Any = None) -> Any:
    """One call that must succeed."""
    answer = call(place, store, *words, stdin=stdin)
    if answer["exit"] != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {answer['error']}")
    return answer["out"]


# -- the acts -----------------------------------------------------------------------------------------------------

State = Any


@dataclass(frozen=True)
class Act:
    """Something a person does: at which store, what to run, and what of the result is looked at."""

    name: str
    store: str
    run: Callable[[Place, str], dict[str, Any]]
    state: Callable[[Place], State]
    """Two values are possible: that before the act and that after it."""


def counts(store: str) -> Callable[[Place], State]:
    def look(place: Place) -> State:
        return done(place, store, "store", "status")["counts"]

    return look


def _fresh(place: Place, store: str = "village") -> str:
    return str(done(place, store, "person", "find", "李四")["persons"][0]["id"])


def _save(place: Place, fault: str) -> dict[str, Any]:
    given = {"name": "王五", "division": VILLAGE, "no_id_reason": "pending", "account_number": "6299994650788292417"}
    return call(place, "village", "person", "add", "-", stdin=given, fault=fault)


def _attach(place: Place, fault: str) -> dict[str, Any]:
    words = ("attach", "add", "--to", f"person:{_ids(place)['person']}", place.path("scan.png"))
    return call(place, "village", *words, fault=fault)


def _attached(place: Place) -> State:
    out = place.path("back.png")
    found = done(place, "village", "attach", "list", f"person:{_ids(place)['person']}")["attachments"]
    for one in found:
        out.unlink(missing_ok=True)
        done(place, "village", "attach", "get", one["id"], out)
        if out.read_bytes() != place.path(one["name"]).read_bytes():
            raise AssertionError("an attachment came back changed")
    return len(found)


def _sheet(place: Place, fault: str) -> dict[str, Any]:
    return call(place, "village", "person", "import", place.path("sheet.xlsx"), fault=fault)


def _print(place: Place, fault: str) -> dict[str, Any]:
    words = ("form", "print", "F14", "--for", f"person:{_ids(place)['person']}", "--out", place.path("paper.pdf"))
    return call(place, "village", *words, fault=fault)


def _printed(place: Place) -> State:
    """A paper that lies there has its number in the store; one that is half written never lies there."""
    paper = place.path("paper.pdf")
    if paper.exists() and not paper.read_bytes().rstrip().endswith(b"%%EOF"):
        raise AssertionError("half a paper")
    return counts("village")(place)


def _export(place: Place, fault: str) -> dict[str, Any]:
    return call(place, "village", "exchange", "export", "--to", "parent", "--out", place.path("stick"), fault=fault)


def _exported(place: Place) -> State:
    found = sorted(place.path("stick").glob("*.rgp"))
    for path in found:
        info = header.read_header(path)
        if info.file_size != path.stat().st_size:
            raise AssertionError("half a package")
    return [bool(found), counts("village")(place)]


def _split(place: Place, fault: str) -> dict[str, Any]:
    words = ("exchange", "export", "--to", "parent", "--out", place.path("stick"), "--split", "4K")
    return call(place, "village", *words, fault=fault)


def _sliced(place: Place) -> State:
    """All pieces or none that can be used; what a kill leaves of an unfinished set is never taken for a package."""
    pieces = [splitting.read(path) for path in place.path("stick").glob(f"*{splitting.SUFFIX}")]
    whole = {one.key for one in pieces if len([other for other in pieces if other.key == one.key]) == one.count}
    return [bool(whole), counts("village")(place)]


def _pieces(place: Place, fault: str) -> dict[str, Any]:
    return call(place, "township", "exchange", "import", place.path("sliced"), fault=fault)


def _revoke(place: Place, fault: str) -> dict[str, Any]:
    return call(place, "township", "node", "revoke", "桥头村站", fault=fault)


def _revoked(place: Place) -> State:
    return [one["state"] for one in done(place, "township", "node", "list")["nodes"]]


def _take(place: Place, fault: str) -> dict[str, Any]:
    return call(place, "township", "exchange", "import", _package(place), fault=fault)


def _package(place: Place) -> Path:
    return next(place.path("given").glob("*.rgp"))


def _backup(place: Place, fault: str) -> dict[str, Any]:
    return call(place, "village", "backup", "make", place.path("stick"), fault=fault)


def _backed_up(place: Place) -> State:
    found = sorted(place.path("stick").glob("*.rgb"))
    for path in found:
        done(place, "village", "backup", "verify", path)
    return len(found)


def _restore(place: Place, fault: str) -> dict[str, Any]:
    return call(place, "village", "backup", "restore", next(place.path("given").glob("*.rgb")), fault=fault)


def _enrol(place: Place, fault: str) -> dict[str, Any]:
    file = place.path(f"enrol-{time.monotonic_ns()}.rge")
    words = ("--level", "village", "--name", "城上村站", "--scope", "361002100203", "--out", file)
    answer = call(place, "township", "node", "enrol", *words, fault=fault)
    if answer["exit"] != 0 and file.exists():
        raise AssertionError("an enrolment file of a unit that is not registered")
    return answer


def _init(place: Place, fault: str) -> dict[str, Any]:
    words = ("--level", "village", "--name", "城上村站", "--scope", "361002100203", "--practice")
    return call(place, "fresh", "store", "init", *words, fault=fault)


def _founded(place: Place) -> State:
    answer = call(place, "fresh", "store", "status")
    return answer["out"]["counts"] if answer["exit"] == 0 else None


def _password(place: Place, fault: str) -> dict[str, Any]:
    staff = _ids(place)["staff"]
    return call(place, "village", "staff", "password", staff, stdin="neues-passwort-1", fault=fault)


def _opens_with(place: Place) -> State:
    """Which of the two passwords opens it: exactly one must."""
    out = []
    for word in ("altes-passwort-1", "neues-passwort-1"):
        desk = terminal.Terminal(place.environment() | {"RONGGUI_PASSWORD": word, "RONGGUI_USER": "王强"})
        line = json.dumps({"args": ["store", "status", "--data", str(place.path("village"))]})
        out.append(terminal._batch_line(desk, terminal.Options(json=True), line)["exit"] == 0)
        desk.close()
    if out.count(True) != 1:
        raise AssertionError(f"passwords old and new open it: {out}")
    return out


ACTS: Final = {
    act.name: act
    for act in (
        Act("save", "village", _save, counts("village")),
        Act("attach", "village", _attach, _attached),
        Act("sheet", "village", _sheet, counts("village")),
        Act("print", "village", _print, _printed),
        Act("export", "village", _export, _exported),
        Act("take", "township", _take, counts("township")),
        Act("split", "village", _split, _sliced),
        Act("pieces", "township", _pieces, counts("township")),
        Act("revoke", "township", _revoke, _revoked),
        Act("backup", "village", _backup, _backed_up),
        Act("restore", "village", _restore, counts("village")),
        Act("enrol", "township", _enrol, counts("township")),
        Act("init", "fresh", _init, _founded),
        Act("password", "village", _password, _opens_with),
    )
}


def _ids(place: Place) -> dict[str, str]:
    found: dict[str, str] = json.loads(place.path("ids.json").read_text("utf-8"))
    return found


# -- the place ----------------------------------------------------------------------------------------------------


def prepare(place: Place) -> None:
    """A village below a township, with a package, a backup, a sheet and a picture lying ready."""
    for name in ("settings", "tmp", "stick", "given", "sliced"):
        (place.live / name).mkdir(parents=True)
    _make(place)
    place.live.rename(place.kept)


def warm(place: Place, acts: Sequence[Act]) -> None:
    """Do everything once in this process, so that what is loaded and compiled at first use is there in every fork."""
    for act in acts:
        place.put_back()
        act.run(place, "")
        act.state(place)
        done(place, act.store, "store", "check")
    gc.collect()
    gc.freeze()


def _make(place: Place) -> None:
    from app.documents import workbook

    unit = ("--name", "上顿渡镇站", "--level", "township", "--scope", "361002100", "--practice")
    done(place, "township", "store", "init", *unit)
    file = place.path("village.rge")
    words = ("--level", "village", "--name", "桥头村站", "--scope", VILLAGE, "--out", file)
    code = done(place, "township", "node", "enrol", *words)["code"]
    done(place, "village", "store", "init", "--enrol", file, "--code", code, "--staff", "周敏")
    for stick in ("first", "back"):
        place.path(stick).mkdir()
    sent = done(place, "village", "exchange", "export", "--to", "parent", "--out", place.path("first"))
    taken = done(place, "township", "exchange", "import", sent["file"], "--answer", place.path("back"))
    done(place, "village", "exchange", "import", *taken["answers"])
    person = done(place, "village", "person", "add", "name=李四", f"division={VILLAGE}", "no_id_reason=pending")["id"]
    staff = {"name": "王强", "password": "altes-passwort-1", "roles": ["clerk"]}
    ids = {"person": person, "staff": done(place, "village", "staff", "add", "-", stdin=staff)["id"]}
    place.path("ids.json").write_text(json.dumps(ids))
    chance = random.Random(5)
    place.path("scan.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chance.randbytes(60_000))
    place.path("note.txt").write_text("说明" * 2_000, "utf-8")
    people = made_up.people(12, chance, [VILLAGE], today=day())
    sheet = made_up_sheets.messy_sheet(people, chance, village="桥头村", today=day())
    place.path("sheet.xlsx").write_bytes(workbook.messy([sheet]))
    done(place, "village", "backup", "make", place.path("given"))
    done(place, "village", "attach", "add", "--to", f"person:{person}", place.path("note.txt"))
    done(place, "village", "exchange", "export", "--to", "parent", "--out", place.path("given"))
    done(place, "village", "exchange", "export", "--to", "parent", "--out", place.path("sliced"), "--split", "4K")


def day() -> Any:
    import datetime as dt

    return dt.date(2026, 11, 23)


# -- forks --------------------------------------------------------------------------------------------------------


class Failed(Exception):
    """What a forked process ran into, as text."""


def forked(run: Callable[[], Any], *, kill_after: float | None = None) -> Any:
    """Run something in a fork of this process and give its result; None if it was killed. Raises Failed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _child(run, writer)
    os.close(writer)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return None
    answer = json.loads(data) if data else {"error": f"the process ended with {code}"}
    if "error" in answer:
        raise Failed(answer["error"])
    return answer["result"]


def _child(run: Callable[[], Any], writer: int) -> None:
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            answer = {"result": run()}
    except BaseException:  # noqa: BLE001 - everything a fork runs into goes to its parent as text
        answer = {"error": traceback.format_exc()}
    try:
        os.write(writer, json.dumps(answer).encode()[: 1 << 16])
    finally:
        os._exit(0)


def counted(place: Place, act: Act) -> dict[str, int]:
    """How often an act passes each point; the place is spent afterwards."""

    def run() -> dict[str, int]:
        # In this fork nothing is armed: each call would otherwise begin to count anew.
        with mock.patch.object(faults, "arm"), faults.counting():
            answer = act.run(place, "")
            if answer["exit"] != 0:
                raise AssertionError(answer["error"])
            return faults.counts()

    place.put_back()
    found: dict[str, int] = forked(run)
    return found


def _demand_sound(place: Place, store: str) -> None:
    answer = call(place, store, "store", "check")
    if answer["exit"] != 0 or answer["out"] != {"ok": True, "problems": []}:
        raise AssertionError(f"store check: {answer}")


# -- the walk -----------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What a walk has seen."""

    runs: Counter[str] = field(default_factory=Counter)
    points: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        said = ", ".join(f"{name} {count}" for name, count in sorted(self.runs.items()))
        return f"{len(self.points)} points, {sum(self.runs.values())} runs: {said}"


def specs(seen: dict[str, int], *, every: bool) -> Iterator[faults.Spec]:
    """What to break: the first call of each point, or every call."""
    for point, times in sorted(seen.items()):
        for nth in range(1, times + 1 if every else 2):
            for kind in faults.KINDS:
                yield faults.Spec(point, nth, kind)


def walk(place: Place, act: Act, figures: Figures, *, every: bool = False, only: str = "") -> list[str]:
    """Break an act at each of its points; gives what did not hold, each with the fault that shows it."""
    place.put_back()
    before = forked(lambda: act.state(place))
    seen = counted(place, act)
    after = forked(lambda: act.state(place))
    if before == after:
        return [f"{act.name}: its state does not tell before from after"]
    wrong = []
    saves = COMMIT in seen
    if not every:
        # Every act begins and saves: once for all, but each is killed at its own commit.
        seen = {point: times for point, times in seen.items() if point not in figures.points}
    planned = [faults.parse(only)] if only else [*specs(seen, every=every)]
    if saves and not every and not only and COMMIT not in seen:
        planned.append(faults.Spec(COMMIT, 1, "kill"))
    for spec in planned:
        try:
            figures.runs[broken(place, act, str(spec), before, after)] += 1
        except (Failed, AssertionError) as error:
            wrong.append(f"{act.name} {spec}: {error}")
        figures.points.add(spec.point)
    return wrong


def broken(place: Place, act: Act, fault: str, before: State, after: State) -> str:
    """One run with one fault; gives what became of it: killed, gave up, went through."""
    place.put_back()
    answer = forked(lambda: act.run(place, fault))
    if fault.endswith(":kill"):
        if answer is not None:
            raise AssertionError(f"was not killed: {answer['error']}")
        became = "killed"
    else:
        became = "gave up" if answer["exit"] else "went through"
        if answer["exit"] not in (0, *GAVE_UP):
            raise AssertionError(f"exit {answer['exit']}: {answer['error']}")
        if answer["exit"] and "没" not in answer["error"]:
            raise AssertionError(f"does not say what was not done: {answer['error']}")

    def look() -> str:
        state = act.state(place)
        if state not in (before, after):
            raise AssertionError(f"neither before nor after: {state}")
        if became == "went through" and state != after:
            raise AssertionError("said it was done, but it is not there")
        if state == before:
            again = act.run(place, "")
            if again["exit"] != 0:
                raise AssertionError(f"cannot be done again: {again['error']}")
            if act.state(place) != after:
                raise AssertionError("done again, but it is not there")
        _demand_sound(place, act.store)
        return "after" if state == after else "before"

    forked(look)
    return became


# -- kills at random moments --------------------------------------------------------------------------------------


def kills(place: Place, times: int, seed: int) -> list[str]:
    """A day's work, killed somewhere; what was answered is there, at most one act more, and all of it sound."""
    chance = random.Random(seed)
    place.put_back()
    start = time.monotonic()
    forked(lambda: _day(place, place.path("progress")))
    length = time.monotonic() - start
    wrong = []
    for number in range(times):
        place.put_back()
        moment = chance.uniform(0, length)
        try:
            forked(lambda: _day(place, place.path("progress")), kill_after=moment)
            forked(lambda: _after_kill(place))
        except (Failed, AssertionError) as error:
            wrong.append(f"kill {number} after {moment:.3f} s (seed {seed}): {error}")
    return wrong


def _day(place: Place, progress: Path) -> None:
    with progress.open("ab", buffering=0) as file:
        for number in range(8):
            words = (
                "person",
                "add",
                f"name=周{'一二三四五六七八'[number]}",
                f"division={VILLAGE}",
                "no_id_reason=pending",
            )
            done(place, "village", *words)
            file.write(b".")
            if number == 2:
                done(
                    place, "village", "attach", "add", "--to", f"person:{_ids(place)['person']}", place.path("scan.png")
                )
            if number == 4:
                done(place, "village", "exchange", "export", "--to", "parent", "--out", place.path("stick"))
            if number == 6:
                done(place, "village", "backup", "make", place.path("stick"))


def _after_kill(place: Place) -> None:
    path = place.path("progress")
    answered = len(path.read_bytes()) if path.exists() else 0
    there = len(done(place, "village", "person", "find", "周", "--limit", "99")["persons"])
    if not answered <= there <= answered + 1:
        raise AssertionError(f"{answered} persons were answered for, {there} are there")
    _exported(place)
    _attached(place)
    _backed_up(place)
    _demand_sound(place, "village")


def main(arguments: Sequence[str]) -> int:
    """Walk, print the figures, exit 1 with what did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fault_walk")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--acts", default=",".join(ACTS))
    parser.add_argument("--only", default="")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    nouns.load()
    figures = Figures()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="ronggui-walk-") as folder:
        place = Place(Path(folder))
        os.environ.update(place.environment())  # what a process keeps beside the store is looked up there
        tempfile.tempdir = None
        prepare(place)
        acts = [ACTS[name] for name in filter(None, given.acts.split(","))]
        warm(place, acts)
        for act in acts:
            wrong += walk(place, act, figures, every=given.all, only=given.only)
        if given.kills:
            wrong += kills(place, given.kills, given.seed)
    print(
        f"fault walk: {figures}"
        + (f"; {given.kills} kills at random moments, seed {given.seed}" if given.kills else "")
    )
    print(f"points: {' '.join(sorted(figures.points))}")
    for line in wrong:
        print(f"FAILED {line}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
