"""Bad input of every sort: one clear sentence in Chinese, the right exit code, nothing changed."""

import json
import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.outside.programme import Answer, Desk, Home

HAN = re.compile(r"[\u4e00-\u9fff]")
PERSON = {"name": "李四", "id_number": "361002197003049027", "division": "361002100201"}


def refused(answer: Answer, code: int, *words: str) -> None:
    assert answer.exit == code, answer
    assert answer.out is None
    assert HAN.search(answer.error)
    assert "Traceback" not in answer.error
    assert len(answer.error.splitlines()) == 1
    for word in words:
        assert word in answer.error


BAD_TEXTS = ["张\0三", "张\ud800三", "\udfff", "张\ue000三", "a\u202eb"]


@pytest.mark.parametrize("text", BAD_TEXTS[:3])
def test_text_that_cannot_be_kept(village: Desk, text: str) -> None:
    with village.unchanged():
        refused(village.call("person", "add", "-", stdin=PERSON | {"name": text}), 2, "name")
        refused(village.call("visit", "add", "-", stdin={"person": "0" * 32, "date": "2026-01-01", "note": text}), 2)
        refused(village.call("person", "add", f"name={text}", "division=361002100201"), 2)


@pytest.mark.parametrize("text", BAD_TEXTS[:3])
def test_search_with_such_text(village: Desk, text: str) -> None:
    with village.unchanged():
        answer = village.call("person", "find", text)
        assert answer.exit in (0, 2)
        assert answer.exit == 2 or answer["persons"] == []


def test_every_unknown_field_is_named_at_once(village: Desk) -> None:
    with village.unchanged():
        answer = village.call("person", "add", "-", stdin=PERSON | {"nmae": "x", "brith": "y", "phone": "12"})
        refused(answer, 2, "nmae", "brith", "phone")
        refused(village.call("person", "add", "name=李四", "colour=red", "taste=sweet"), 2, "colour", "taste")


@pytest.mark.parametrize("amount", [500, 500.0, 1e3, True])
def test_money_as_a_number(village: Desk, amount: object) -> None:
    given = {"name": "春节", "year": 2026, "festival": "spring", "source": "county"}
    with village.unchanged():
        refused(village.call("campaign", "add", "-", stdin=given | {"standard": amount}), 2)


@pytest.mark.parametrize("amount", ["500.001", "-1", "五百", "1e3", "NaN", "9" * 30])
def test_money_that_is_none(village: Desk, amount: str) -> None:
    given = {"name": "春节", "year": 2026, "festival": "spring", "source": "county"}
    with village.unchanged():
        refused(village.call("campaign", "add", "-", stdin=given | {"standard": amount}), 2, "standard")


def test_a_wrong_check_digit(village: Desk) -> None:
    with village.unchanged():
        wrong = PERSON | {"id_number": PERSON["id_number"][:-1] + "1"}
        refused(village.call("person", "add", "-", stdin=wrong), 2, "最后一位")


@pytest.mark.parametrize("words", [("person", "fly"), ("person",), ("tax", "pay"), ("person", "show"), ()])
def test_a_wrong_call(village: Desk, words: tuple[str, ...]) -> None:
    with village.unchanged():
        refused(village.call(*words), 2)


def test_ids_that_are_none_or_nobody(village: Desk) -> None:
    with village.unchanged():
        for noun in ("person", "case", "campaign"):
            refused(village.call(noun, "show", "abc"), 2)
            refused(village.call(noun, "show", "0" * 32), 3)
        refused(village.call("attach", "get", "0" * 32, "/nowhere/x"), 3)


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "", '{"name": 1.5}', "nul"])
def test_a_record_that_is_no_json_object(village: Desk, text: str) -> None:
    with village.unchanged():
        refused(village.call("person", "add", "-", stdin=text), 2)


def no_workbooks(folder: Path) -> dict[str, Path]:
    """Files with the right name and the wrong inside."""
    files = {
        "text": b"name,id\nx,1\n",
        "empty": b"",
        "cut": b"PK\x03\x04" + bytes(50),
        "old": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    }
    out = {}
    for name, data in files.items():
        out[name] = folder / f"{name}.xlsx"
        out[name].write_bytes(data)
    out["zip"] = folder / "zip.xlsx"
    with ZipFile(out["zip"], "w") as archive:
        archive.writestr("hello.txt", "hello")
    return out


def test_an_xlsx_that_is_none(village: Desk, tmp_path: Path) -> None:
    with village.unchanged():
        for name, path in no_workbooks(tmp_path).items():
            refused(village.call("person", "import", path), 2)
            refused(village.call("person", "import", path, "--rehearse"), 2)
            assert path.exists(), name
        answer = village.call("person", "import", tmp_path / "没有.xlsx")
        assert answer.exit in (2, 4)
        assert HAN.search(answer.error)


@pytest.mark.parametrize("line", ["not json", "[", "7", '{"args": "x"}', "null", '{"stdin": "x"}'])
def test_a_batch_line_that_is_none(village: Desk, line: str) -> None:
    with village.unchanged():
        refused(village.batch.line(line), 2)


def test_arguments_that_are_no_text(home: Home, tmp_path: Path) -> None:
    """A lone surrogate in argv is a byte that is not UTF-8."""
    answer = home.cold("person", "find", b"\xff\xfe", "--data", tmp_path / "none")
    assert answer.exit in (2, 4)
    assert HAN.search(answer.error)
    assert "Traceback" not in answer.error


def test_clock_and_faults_that_are_none(village: Desk) -> None:
    with village.unchanged():
        refused(village.call("store", "status", env={"RONGGUI_NOW": "yesterday"}), 2, "RONGGUI_NOW")
        refused(village.call("store", "status", env={"RONGGUI_NOW": "2026-01-01T00:00:00"}), 2, "时区")
        refused(village.call("store", "status", env={"RONGGUI_FAULT": "nowhere:1"}), 2, "nowhere")
        refused(village.call("store", "status", env={"RONGGUI_FAULT": "save.begin:0"}), 2)
        refused(village.call("store", "status", env={"RONGGUI_FAULT": "save.begin:1:maybe"}), 2)


def test_the_clock_is_set_for_one_call_only(village: Desk) -> None:
    year = 2031
    added = village.call("store", "status", env={"RONGGUI_NOW": f"{year}-05-01T08:00:00+08:00"})
    assert added.exit == 0
    acts = village.done("journal", "list", "--limit", "1")["acts"]
    assert not acts[0]["when"].startswith(str(year))


def test_an_error_of_a_fault_point_is_a_sentence(village: Desk) -> None:
    with village.unchanged():
        answer = village.call("person", "add", "-", stdin=PERSON, env={"RONGGUI_FAULT": "save.commit:1:error"})
        refused(answer, 4)


def test_stdin_that_is_not_utf8(home: Home, tmp_path: Path) -> None:
    """GB 18030 from an old tool: named as such, before anything is opened or written."""
    folder = tmp_path / "store"
    words = ("--level", "village", "--name", "桥头村站", "--scope", "361002100201", "--practice")
    assert home.run("store", "init", *words, "--data", folder).exit == 0
    raw = json.dumps(PERSON, ensure_ascii=False).encode("gb18030")
    answer = home.run("person", "add", "-", "--data", folder, stdin=raw)
    assert (answer.exit, answer.out) == (2, None)
    assert "UTF-8" in answer.error
