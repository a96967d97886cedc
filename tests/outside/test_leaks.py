"""Nothing of a person meets the disk in clear: data, settings, cache and temporary folders, packages, backups."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outside.programme import Desk, Home, carry, found_pair

NAME = "欧阳桥生"
OTHER = "尉迟火根"
PEOPLE = {
    NAME: {"id_number": "361002194912319000", "phone": "16412345678"},
    OTHER: {"id_number": "361002197003049027", "phone": "16487654321"},
}
ACCOUNT = "6299994650788292417"
NOTE = "患有尘肺病需要长期吸氧"
SECRETS = (NAME, OTHER, *(word for one in PEOPLE.values() for word in one.values()), ACCOUNT, NOTE)
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def traces(folders: list[Path]) -> list[str]:
    """Where a secret stands in clear, in a file's content or name; the papers a user asked for are elsewhere."""
    wanted = {(word, code): word.encode(code) for word in SECRETS for code in ENCODINGS}
    found = []
    for folder in folders:
        for path in folder.rglob("*"):
            if any(word in str(path) for word in SECRETS):
                found.append(f"name of {path}")
            if path.is_file():
                data = path.read_bytes()
                found += [f"{word} as {code} in {path}" for (word, code), raw in wanted.items() if raw in data]
    return found


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Path], Desk]]:
    """A village and a township after a day's work: (root, every folder that must keep silent, village)."""
    root = tmp_path_factory.mktemp("leaks")
    account = root / "account"
    asked_for, stick = root / "asked-for", root / "stick"
    asked_for.mkdir()
    with Home(account).batch() as batch:
        village, township = found_pair(batch, root / "data")
        ids = {}
        for name, rest in PEOPLE.items():
            given = {"name": name, "division": "361002100201", "account_number": ACCOUNT, "bank": "示例银行", **rest}
            ids[name] = village.done("person", "add", "-", stdin=given)["id"]
            village.done("visit", "add", "-", stdin={"person": ids[name], "date": "2026-01-05", "note": NOTE})
        village.done("case", "open", "-", stdin={"person": ids[NAME], "reason": NOTE, "amount": "100.00"})
        scan = asked_for / "scan.txt"
        scan.write_text(f"{NAME} {NOTE}\n" * 50, "utf-8")
        attached = village.done("attach", "add", "--to", f"person:{ids[NAME]}", scan, "--note", NOTE)
        sheet(asked_for / "in.xlsx")
        village.done("person", "import", asked_for / "in.xlsx", "--rehearse")
        village.done("person", "import", asked_for / "in.xlsx")
        village.done("person", "find", OTHER)
        village.done("form", "print", "F14", "--for", f"person:{ids[NAME]}", "--out", asked_for / "f14.pdf")
        unasked = village.done("form", "print", "F14", "--for", f"person:{ids[OTHER]}")
        assert Path(unasked["file"]).parent == asked_for
        village.done("person", "export", asked_for / "out.xlsx")
        carry(village, township, stick)
        township.done("person", "set", ids[OTHER], "phone=16487654321", f"note={NOTE}")
        carry(village, township, stick)
        township.done("attach", "get", attached["id"], asked_for / "back.txt")
        backup = village.done("backup", "make", stick)["file"]
        village.done("backup", "verify", backup)
        village.done("backup", "restore", backup)
        refused = village.call("person", "add", "-", stdin={"name": OTHER, **PEOPLE[OTHER], "phone": "1"})
        assert refused.exit == 2
        yield root, [root / "data", account, stick], village


def sheet(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["姓名", "身份证号", "手机", "银行账号", "备注"])
    page.append([OTHER, PEOPLE[OTHER]["id_number"], PEOPLE[OTHER]["phone"], ACCOUNT, NOTE])
    page.append([NAME, "36100219491231900" + "1", PEOPLE[NAME]["phone"], ACCOUNT, NOTE])
    book.save(path)


def test_nothing_while_the_store_is_open(used: tuple[Path, list[Path], Desk]) -> None:
    _root, folders, village = used
    assert village.done("person", "find", NAME)["persons"]
    assert traces(folders) == []


def test_the_search_itself_finds_what_is_there(used: tuple[Path, list[Path], Desk], tmp_path: Path) -> None:
    """The papers that were asked for hold the words, in every encoding: else this test would prove nothing."""
    root, _folders, _village = used
    assert {line.split(" as ")[0] for line in traces([root / "asked-for"])} >= {NAME, NOTE}
    for code in ENCODINGS:
        (tmp_path / code).write_bytes(b"x" + ACCOUNT.encode(code) + b"y")
    assert len(traces([tmp_path])) >= len(ENCODINGS)


def test_nothing_after_a_kill(tmp_path: Path) -> None:
    """Killed in the middle of saving: neither the log of the database nor a half-written file says anything."""
    home = Home(tmp_path / "account")
    store = tmp_path / "store"
    words = ("--level", "village", "--name", "桥头村站", "--scope", "361002100201", "--practice", "--data", store)
    assert home.run("store", "init", *words).exit == 0
    given = json.dumps({"name": NAME, "division": "361002100201", "note": NOTE, **PEOPLE[NAME]})
    for point in ("save.rows:1:kill", "save.journal:1:kill", "save.commit:1:kill"):
        killed = home.run("person", "add", "-", "--data", store, stdin=given, env={"RONGGUI_FAULT": point})
        assert killed.exit in (-9, 0)  # a single record may not pass the point of bulk rows
        assert traces([store, tmp_path / "account"]) == []
    assert home.run("person", "add", "-", "--data", store, stdin=given).exit in (0, 2, 3)
    assert traces([store, tmp_path / "account"]) == []


def test_sentences_hide_numbers(used: tuple[Path, list[Path], Desk]) -> None:
    """What goes to stderr may end in somebody's log: no whole ID number or account in it."""
    village = used[2]
    answer = village.call(
        "person", "add", "-", stdin={"name": "某", "division": "361002100201", **PEOPLE[OTHER], "zz": 1}
    )
    assert answer.exit == 2
    assert not re.search(r"\d{15,}", answer.error)
