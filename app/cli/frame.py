"""The frame every command stands in: arguments, stdin, output, exit codes."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from app.cli import nouns, wording
from app.errors import BadInput, Refused, UserError
from app.rules import money
from app.services.station import Station


@dataclass
class Call:
    """One call as it came in."""

    args: argparse.Namespace
    environment: Mapping[str, str]
    read_stdin: Callable[[], str]
    station: Station | None = None
    progress: Callable[[str], None] = field(default=lambda text: print(text, file=sys.stderr))

    @property
    def desk(self) -> Station:
        """The open station; commands that do not open one never ask."""
        if self.station is None:
            raise RuntimeError("this command was declared with opens=False")
        return self.station

    def values(self, given: Sequence[str]) -> dict[str, Any]:
        """A record from `-` (a JSON object on stdin) or from `field=value` pairs; every bad pair is named."""
        out: dict[str, Any] = {}
        problems = {}
        for item in given:
            if item == "-":
                try:
                    found = json.loads(self.read_stdin(), object_pairs_hook=_object)
                except (ValueError, RecursionError) as error:
                    raise BadInput("标准输入不是一个 JSON 对象。没有改动任何数据。") from error
                if not isinstance(found, dict):
                    raise BadInput("标准输入不是一个 JSON 对象。没有改动任何数据。")
                out |= found
            elif "=" in item:
                name, _, value = item.partition("=")
                out[name] = value
            else:
                problems[item] = "应写成 字段=内容"
        if problems:
            raise BadInput("参数写法不对: " + "; ".join(f"{k}({v})" for k, v in problems.items()), problems)
        return out


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a name that stands twice is an error, since one of its values would be lost in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        problems = {name: "写了两次" for name in found if names.count(name) > 1}
        raise BadInput("; ".join(f"{k}: {v}" for k, v in problems.items()) + "。没有改动任何数据。", problems)
    return found


@dataclass(frozen=True)
class Command:
    """A verb of a noun: how it is called and what does it."""

    noun: str
    verb: str
    run: Callable[[Call], dict[str, Any]]
    arguments: Callable[[argparse.ArgumentParser], None]
    opens: bool
    show: Callable[[dict[str, Any]], str] | None


COMMANDS: Final[dict[tuple[str, str], Command]] = {}

Run = Callable[[Call], dict[str, Any]]


def command(
    noun: str,
    verb: str = "",
    *,
    arguments: Callable[[argparse.ArgumentParser], None] = lambda _parser: None,
    opens: bool = True,
    show: Callable[[dict[str, Any]], str] | None = None,
) -> Callable[[Run], Run]:
    """Register a command. `run` gives the JSON document; `show` its readable Chinese form (a table by default).

    `opens`: whether the store is opened (and the person signed in) before `run`.
    A verb may hold a space ("pending fix") and may be empty (`undo`, `batch`).
    """

    def register(run: Run) -> Run:
        COMMANDS[noun, verb] = Command(noun, verb, run, arguments, opens, show)
        return run

    return register


class Parser(argparse.ArgumentParser):
    """Says what is wrong in Chinese and never leaves the process by itself."""

    def error(self, message: str) -> NoReturn:
        """A wrong call is bad input (exit 2)."""
        raise wording.wrong_call(message, self.format_usage())


def find(words: Sequence[str]) -> tuple[Command, list[str]]:
    """The command the words name, and what is left of them; the longest verb wins."""
    nouns.load(words[0] if words else None)
    for length in (3, 2, 1):
        if len(words) >= length:
            key = (words[0], " ".join(words[1:length]))
            if (found := COMMANDS.get(key)) is not None:
                return found, list(words[length:])
    if not any(noun in words[:1] for noun, _ in COMMANDS):
        nouns.load()
    verbs = sorted(f"{noun} {verb}".strip() for noun, verb in COMMANDS if words and noun == words[0])
    hint = "可用: " + ", ".join(verbs or sorted({noun for noun, _ in COMMANDS}))
    raise BadInput(f"没有这个命令: {' '.join(words) or '(空)'}。{hint}")


def parse(found: Command, words: Sequence[str]) -> argparse.Namespace:
    """The command's own arguments."""
    parser = Parser(prog=f"ronggui {found.noun} {found.verb}".strip(), add_help=False, allow_abbrev=False)
    found.arguments(parser)
    try:
        return parser.parse_args(list(words))
    except argparse.ArgumentError as error:
        raise wording.wrong_call(str(error), parser.format_usage()) from error


def fen(value: int | None) -> str | None:
    """Money as JSON has it: a string in yuan."""
    return None if value is None else money.format_yuan(value)


def table(rows: Sequence[Mapping[str, Any]], headings: Mapping[str, str]) -> str:
    """A readable Chinese table; widths count Chinese characters as two."""
    if not rows:
        return "(没有)"
    cells = [[str(v) if (v := row.get(name)) is not None else "" for name in headings] for row in rows]
    titles = list(headings.values())
    widths = [max(_width(line[n]) for line in [titles, *cells]) for n in range(len(titles))]
    return "\n".join(
        "  ".join(text + " " * (w - _width(text)) for text, w in zip(line, widths, strict=True)).rstrip()
        for line in [titles, *cells]
    )


def _width(text: str) -> int:
    return sum(1 if ord(character) < 0x1100 else 2 for character in text)


def readable(document: Mapping[str, Any]) -> str:
    """The default readable form: single values line by line, lists as tables, all under Chinese names."""
    lines = []
    for name, value in document.items():
        title = wording.NAMES.get(name, name)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = [{key: _plain(cell) for key, cell in row.items()} for row in value]
            lines.append(f"{title}:\n{table(rows, {key: wording.NAMES.get(key, key) for key in value[0]})}")
        else:
            lines.append(f"{title}: {_plain(value)}")
    return "\n".join(lines)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "(没有)"
    if isinstance(value, dict):
        return ", ".join(f"{wording.NAMES.get(k, k)} {_plain(v)}" for k, v in value.items())
    return "" if value is None else wording.VALUES.get(str(value), str(value))


def refuse_tests(environment: Mapping[str, str], *, practice: bool) -> None:
    """A set clock and broken fault points are for tests, and tests are for stores marked 练习."""
    if not practice and (environment.get("RONGGUI_NOW") or environment.get("RONGGUI_FAULT")):
        raise Refused("RONGGUI_NOW 和 RONGGUI_FAULT 只能用在练习数据上。没有改动任何数据。")


def exit_code(error: BaseException) -> int:
    """Whose fault it is, as a number (cli.md)."""
    return error.exit_code if isinstance(error, UserError) else 1
