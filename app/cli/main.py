"""The terminal's entry: global options, opening the store, running a command, exit codes, batch."""

import contextlib
import datetime as dt
import getpass
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from app import __version__, clock, faults, folders
from app.cli import nouns
from app.cli.frame import COMMANDS, Call, Command, command, exit_code, find, parse, readable, refuse_tests
from app.errors import BadInput, EnvironmentTrouble, UserError
from app.services import disk_words, stores

_OPTIONS: Final = {"--data": "data", "--user": "user"}
_NEW_SLOTS: Final = ("set", "password")
BUG: Final = "程序出了错, 这一步没有保存, 之前的都在。请把下面的话告诉技术支持。"


@dataclass
class Options:
    """Global options, wherever they stood."""

    data: str | None = None
    user: str | None = None
    json: bool = False
    words: list[str] = field(default_factory=list)


def options_of(arguments: Sequence[str]) -> Options:
    """Take --data, --user and --json out of the words."""
    out = Options()
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if word == "--json":
            out.json = True
        elif name in _OPTIONS:
            if not equals:
                value = next(rest, "")
            if not value or (not equals and value.startswith("--")):
                raise BadInput(f"{name} 后面没有写内容。")
            setattr(out, _OPTIONS[name], value)
        else:
            out.words.append(word)
    return out


class Terminal:
    """One process at one store: opens it at most once for a whole batch."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._opened: dict[tuple[str, ...], stores.Opened] = {}

    def close(self) -> None:
        """Give back whatever is open."""
        for opened in self._opened.values():
            opened.close()
        self._opened.clear()

    def run(
        self, arguments: Sequence[str], stdin: Callable[[], str], environment: Mapping[str, str]
    ) -> tuple[Command | None, dict[str, Any]]:
        """Run one call; raises what the call raises."""
        options = options_of(arguments)
        if not options.words:
            raise BadInput("没有写要做什么。请写命令, 例如 ronggui store status; 什么都不写就打开窗口。")
        if environment.get(faults.VARIABLE) or options.words[:2] == ["store", "faults"]:
            nouns.load()  # every fault point is declared by the module that passes it
        found, rest = find(options.words)
        args = parse(found, rest)
        _set_clock(environment)
        faults.arm(environment.get(faults.VARIABLE) or None)
        folder = Path(options.data).expanduser() if options.data else folders.data_folder()
        args.data_folder, args.user = folder, options.user or environment.get("RONGGUI_USER") or None
        call = Call(args, environment, stdin)
        if not found.opens:
            self._close_one(folder)
            return found, found.run(call)
        opened = self._open(folder, args.user, environment)
        for word in opened.warnings:
            print(word, file=sys.stderr)
        opened.warnings = ()
        call.station = opened.station
        with disk_words.speaking_of_disk(folder):
            document = found.run(call)
        if found.noun == "staff" and found.verb in _NEW_SLOTS:
            self._close_one(folder)  # who signs in next does so with the new name, password and roles
        return found, document

    def _open(self, folder: Path, user: str | None, environment: Mapping[str, str]) -> stores.Opened:
        recovery = environment.get("RONGGUI_RECOVERY")
        password = environment.get("RONGGUI_PASSWORD")
        key = (str(folder), user or "", password or "", recovery or "")
        if (opened := self._opened.get(key)) is not None:
            _guard_tests(environment, opened)
            return opened
        self._close_one(folder)
        if password is None and recovery is None:
            if not sys.stdin.isatty():
                raise BadInput("没有给登录密码(RONGGUI_PASSWORD)。")
            password = getpass.getpass("登录密码: ")
        opened = stores.open_store(folder, user=user, password=password, recovery=recovery)
        self._opened[key] = opened
        _guard_tests(environment, opened)
        return opened

    def _close_one(self, folder: Path) -> None:
        for key in [key for key in self._opened if key[0] == str(folder)]:
            self._opened.pop(key).close()


def _set_clock(environment: Mapping[str, str]) -> None:
    text = environment.get("RONGGUI_NOW")
    if not text:
        clock.set_now(None)
        return
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"RONGGUI_NOW 不是带时区的 ISO 8601 时间: {text}") from error
    if moment.tzinfo is None:
        raise BadInput(f"RONGGUI_NOW 缺少时区: {text}")
    clock.set_now(moment)


def _guard_tests(environment: Mapping[str, str], opened: stores.Opened) -> None:
    refuse_tests(environment, practice=opened.station.place.practice)


def _fail(error: BaseException, stream: Any) -> int:
    if isinstance(error, UserError):
        print(str(error), file=stream)
    else:
        print(BUG, file=stream)
        traceback.print_exception(error, file=stream)
    return exit_code(error)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one call and give its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    terminal = Terminal(os.environ)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        options = options_of(words)
        if options.words[:1] in (["help"], ["--help"], ["-h"]):
            print(overview())
            return 0
        if options.words[:1] == ["batch"]:
            return _batch(terminal, options)
        found, document = terminal.run(words, _stdin, os.environ)
        terminal.close()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        code = _fail(error, sys.stderr)
        with contextlib.suppress(Exception):
            terminal.close()
        return code
    code = int(document.pop("_exit", 0))
    if code:
        print(document.get("error", BUG), file=sys.stderr)
    if options.json:
        return _say(json.dumps(document, ensure_ascii=False), code)
    show = found.show if found is not None and found.show is not None else readable
    return _say(show(document), code)


def _say(text: str, code: int) -> int:
    """Write the document; where nobody reads any more (`| head`) that is no error, a full disk behind `>` is."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _hush()
    except OSError:
        _hush()
        print("这一步已经做完, 但结果没有写出去(磁盘满了?)。请清理后用查询命令再看一次。", file=sys.stderr)
        return EnvironmentTrouble.exit_code
    return code


def _hush() -> None:
    """What is still buffered goes nowhere, so that the interpreter does not stumble over it when it ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stdin() -> str:
    data = sys.stdin.buffer.read() if sys.stdin is not None else b""  # closed: `<&-`
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("标准输入不是 UTF-8 文字。没有改动任何数据。") from error


def _batch(terminal: Terminal, options: Options) -> int:
    """One call per line in, one document per line out, one process and one opening of the store."""
    if sys.stdin is None:
        raise BadInput("没有标准输入, 不知道要做什么。")
    for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape"):
        if not line.strip():
            continue
        if _say(json.dumps(_batch_line(terminal, options, line), ensure_ascii=False), 0):
            return EnvironmentTrouble.exit_code
    terminal.close()
    return 0


def _batch_line(terminal: Terminal, options: Options, line: str) -> dict[str, Any]:
    try:
        words, text, more = _line_of(line)
        if options.data and not any(word == "--data" or word.startswith("--data=") for word in words):
            words = ["--data", options.data, *words]
        if options.user and not any(word == "--user" or word.startswith("--user=") for word in words):
            words = ["--user", options.user, *words]
        _, document = terminal.run(words, lambda: text, terminal.environment | more)
    except Exception as error:  # noqa: BLE001 (each line answers for itself)
        stream = io.StringIO()
        code = _fail(error, stream)
        return {"exit": code, "out": None, "error": stream.getvalue().strip()}
    code = int(document.pop("_exit", 0))
    return {"exit": code, "out": document, "error": document.get("error") if code else None}


def _line_of(line: str) -> tuple[list[str], str, dict[str, str]]:
    """(words, stdin, environment) of one line of a batch. Raises BadInput."""
    try:
        item = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput("这一行不是 JSON。") from error
    if isinstance(item, list):
        item = {"args": item}
    if not isinstance(item, dict) or not isinstance(item.get("args"), list):
        raise BadInput("每行应是 JSON 数组, 或带 args 的对象。")
    environment = item.get("env") or {}
    if not isinstance(environment, dict):
        raise BadInput("env 应是 JSON 对象。")
    given = item.get("stdin")
    text = given if isinstance(given, str) else "" if given is None else json.dumps(given, ensure_ascii=False)
    return [str(word) for word in item["args"]], text, {str(k): str(v) for k, v in environment.items()}


def overview() -> str:
    """Every command in one list."""
    nouns.load()
    lines = [f"  ronggui {noun} {verb}".rstrip() for noun, verb in sorted({*COMMANDS, ("batch", "-")})]
    head = "用法: ronggui [--data 文件夹] [--user 姓名] [--json] 名词 动词 [参数]   (密码放在 RONGGUI_PASSWORD)"
    return "\n".join([head, *lines])


@command("version", opens=False)
def version(_call: Call) -> dict[str, Any]:
    """Version of the programme."""
    return {"version": __version__}
