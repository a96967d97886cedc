"""The frame of every command: wrong calls in Chinese, everything wrong at once, batch lines that stand for themselves."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import frame, main
from app.errors import BadInput, Refused
from tests.cli.desks import VILLAGE, Desks

Lines = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desks]:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    made = Desks(tmp_path)
    made.found("荷塘村站")
    yield made
    made.close()


@pytest.fixture
def lines(desks: Desks) -> Lines:
    """`lines(["store", "status"], {"args": […], "env": {…}})`: the answers of a batch at the store."""

    def ask(*given: object) -> list[dict[str, Any]]:
        options = main.Options(data=str(desks.root / "荷塘村站"))
        texts = [line if isinstance(line, str) else json.dumps(line) for line in given]
        return [main._batch_line(desks.terminal, options, text) for text in texts]

    return ask


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person", "show"), "还缺 id"),
        (("person", "show", "1", "2"), "不认识 2"),
        (("person", "find", "--limit", "x"), "行数“x”不对"),
        (("person", "find", "--limit", "0"), "行数“0”不对"),
        (("journal", "list", "--limit", "-1"), "行数“-1”不对"),
        (("person", "find", "--limit"), "--limit 后面没有写内容"),
        (("exchange", "resolve", "a", "--take", "x"), "--take 要填整数, 不能是“x”"),
        (("campaign", "pay", "1"), "要写 --paid、--returned、--missing 其中一个"),
        (("campaign", "pay", "1", "--paid", "--missing"), "--missing 和 --paid 只能写一个"),
        (("campaign", "pay", "1", "--paid=1"), "--paid 后面不写内容"),
        (("staff", "password", "1", "2"), "source 不能是“2”, 只能是 '-'"),
        (("person", "import", ""), "没有写文件或文件夹的名称"),
        (("attach", "get", "1", " "), "没有写文件或文件夹的名称"),
        (("exchange", "export", "--to", "parent", "--out", ""), "没有写文件或文件夹的名称"),
    ],
)
def test_a_wrong_call_is_said_in_chinese(words: tuple[str, ...], said: str) -> None:
    found, rest = frame.find(words)
    with pytest.raises(BadInput) as caught:
        frame.parse(found, rest)
    assert said in str(caught.value)
    assert "usage" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "words", [("--user", "--json", "x"), ("x", "--data"), ("--user=", "x"), ("--data", "--user", "a")]
)
def test_a_global_option_does_not_swallow_the_next_one(words: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="后面没有写内容"):
        main.options_of(words)


def test_money_as_a_number_is_named_with_everything_else(desks: Desks) -> None:
    with pytest.raises(BadInput) as caught:
        desks.ask("荷塘村站", "person", "add", "-", stdin='{"income": 12.5, "colour": 1, "phone": "1", "name": NaN}')
    assert set(caught.value.problems) == {"income", "colour", "phone", "name"}


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, '{"income": 1' + "0" * 5_000 + "}"])
def test_what_is_no_record_is_bad_input(desks: Desks, text: str) -> None:
    with pytest.raises(BadInput):
        desks.ask("荷塘村站", "person", "add", "-", stdin=text)


def test_a_name_written_twice_is_not_dropped_in_silence(desks: Desks) -> None:
    with pytest.raises(BadInput, match="phone: 写了两次"):
        desks.ask("荷塘村站", "person", "add", "-", stdin='{"phone": "1", "phone": "2"}')


def test_every_batch_line_answers_for_itself(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_text: str) -> list[str]:
        raise ValueError

    answers = lines(
        "{", "3", {"args": "x"}, {"args": ["version"], "env": [1]}, ["person", "find", "--user"], ["version"]
    )
    assert [answer["exit"] for answer in answers] == [2, 2, 2, 2, 2, 0]
    assert "JSON" in answers[0]["error"]
    assert "--user" in answers[4]["error"]
    monkeypatch.setattr(main, "find", broken)
    (fault,) = lines(["version"])
    assert fault["exit"] == 1  # a fault of the programme is not called a bad line
    assert main.BUG in fault["error"]


def test_a_changed_password_counts_at_once_in_the_same_process(desks: Desks) -> None:
    staff = {"name": "吴海", "password": "first", "roles": "clerk"}
    made = desks.ask("荷塘村站", "staff", "add", "-", stdin=json.dumps(staff))["id"]
    old, new = ({"RONGGUI_USER": "吴海", "RONGGUI_PASSWORD": password} for password in ("first", "second"))
    desks.ask("荷塘村站", "staff", "password", made, "-", stdin="second", environment=old)
    with pytest.raises(Refused, match="登录密码不对"):
        desks.ask("荷塘村站", "person", "find", environment=old)
    assert desks.ask("荷塘村站", "person", "find", environment=new) == {"persons": []}


def test_readable_documents_have_chinese_names(desks: Desks) -> None:
    said = frame.readable(desks.ask("荷塘村站", "store", "status"))
    assert {"单位编号", "管辖范围", "练习: 是", "级别: 村站"} <= {
        part for line in said.splitlines() for part in (line, line.split(":")[0])
    }
    assert VILLAGE in said
    nodes = frame.readable(desks.ask("荷塘村站", "node", "list"))
    assert "上级单位" in nodes


@pytest.mark.parametrize(
    ("words", "redirect", "code", "said"),
    [
        ("version", "> /dev/full", 4, "结果没有写出去"),
        ("fields person", "| head -n 1 > /dev/null", 0, ""),
        ("batch -", "<&-", 2, "没有标准输入"),
        ("fields person", "<&-", 0, ""),
        ("fields person", ">&-", 0, ""),
    ],
)
def test_closed_and_full_streams_are_no_fault(
    words: str, redirect: str, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUTF8", "1")
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{shlex.quote(sys.executable)} -m app {words} {redirect}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr
