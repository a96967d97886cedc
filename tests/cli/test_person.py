"""`person`, `household`, `division` from the terminal: the documents of the contract, readable forms, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import nouns
from app.cli.frame import Call, exit_code, find, parse
from app.documents import workbook
from app.errors import BadInput, Refused, UserError
from app.rules import id_number
from app.services.station import Station

VILLAGE = "361002100201"

Run = Callable[..., dict[str, Any]]


def number(sequence: int) -> str:
    seventeen = f"36100219560312{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


@pytest.fixture
def run(station: Station) -> Run:
    nouns.load()

    def call(*words: str, stdin: object = None) -> dict[str, Any]:
        found, rest = find(words)
        document = found.run(Call(parse(found, rest), {}, lambda: json.dumps(stdin), station))
        assert json.loads(json.dumps(document, ensure_ascii=False)) == document
        if found.show is not None:
            assert found.show(document)
        return document

    return call


def person(run: Run, **more: object) -> str:
    given = {"name": "张建国", "id_number": number(1), "division": VILLAGE} | more
    return str(run("person", "add", "-", stdin=given)["id"])


def test_add_show_set_find_history(run: Run) -> None:
    record = person(run, phone="13800138000", benefit_code="42", income="1234.50")
    shown = run("person", "show", record)
    assert set(shown) == {"id", "fields", "sync"}
    assert shown["fields"]["income"] == "1234.50"
    assert shown["fields"]["birth_date"] == "1956-03-12"
    assert run("person", "set", record, "phone=13900139000", "address=三组")["id"] == record
    assert run("person", "find", "zjg", "--limit", "3")["persons"][0]["id"] == record
    changes = run("person", "history", record)["changes"]
    assert set(changes[0]) == {"field", "old", "new", "who", "when", "node", "act"}
    assert [(c["old"], c["new"]) for c in changes if c["field"] == "phone"] == [
        (None, "13800138000"), ("13800138000", "13900139000"),
    ]  # fmt: skip
    assert changes[0]["when"].endswith("+08:00")


def test_warnings_stand_beside_the_id(run: Run) -> None:
    document = run(
        "person", "add", "name=李秀英 ", f"id_number={number(2)}", f"division={VILLAGE}", "sex=男", "birth_date=1950"
    )
    assert len(document["warnings"]) == 2


@pytest.mark.parametrize(
    ("words", "stdin", "code"),
    [
        (("add", "-"), {"name": "张三", "division": VILLAGE, "id_number": "1", "colour": 1}, 2),
        (("add", "-"), {"name": "张三", "division": VILLAGE, "no_id_reason": "pending", "income": 12}, 2),
        (("add", "-"), ["x"], 2),
        (("add", "-"), {"name": "张\0三", "division": VILLAGE, "no_id_reason": "pending"}, 2),
        (("add", "-"), {"name": "张三", "division": "361002100202", "no_id_reason": "pending"}, 3),
        (("show", "0" * 32), None, 3),
        (("show", "abc"), None, 2),
        (("set", "0" * 32, "phone=13800138000"), None, 3),
        (("set", "0" * 32, "phone"), None, 2),
        (("import", "没有.xlsx"), None, 2),
        (("pending", "fix", "0" * 32, "phone=13800138000"), None, 3),
        (("pending", "drop", "0" * 32), None, 3),
        (("history", "0" * 32), None, 3),
    ],
)
def test_exit_codes(run: Run, words: tuple[str, ...], stdin: object, code: int) -> None:
    with pytest.raises(UserError) as caught:
        run("person", *words, stdin=stdin)
    assert exit_code(caught.value) == code
    assert any("\u4e00" <= char <= "\u9fff" for char in str(caught.value))


def test_a_money_number_is_refused_before_it_is_rounded(run: Run, station: Station) -> None:
    found, rest = find(("person", "add", "-"))
    with pytest.raises(BadInput, match="income: 金额要用引号写成文字"):
        found.run(Call(parse(found, rest), {}, lambda: '{"income": 12.5}', station))


def test_import_pending_export(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "桥头村.xlsx"
    rows: list[list[workbook.Cell]] = [
        ["张建国", number(1), "退役士兵"],
        ["李秀英", number(2)[:-1] + "?", "烈属"],
        ["合计", None, None],
    ]
    file.write_bytes(workbook.table(("姓名", "身份证号", "人员类别"), rows))
    rehearsed = run("person", "import", str(file), "--rehearse")
    done = run("person", "import", str(file))
    assert {k: v for k, v in done.items() if k not in ("rows", "sentence")} == {
        "read": 4, "added": 1, "changed": 0, "same": 0, "asked": 0, "pending": 1, "dropped": 2,
    }  # fmt: skip
    assert rehearsed["rows"] == done["rows"]
    assert set(done["rows"][0]) == {"file", "sheet", "row", "fate", "column", "text"}
    (waiting,) = run("person", "pending")["pendings"]
    assert set(waiting) == {"id", "file", "sheet", "row", "cells", "problem"}
    assert waiting["cells"]["姓名"] == "李秀英"
    out = tmp_path / "待核.xlsx"
    assert run("person", "pending", "export", str(out))["pendings"] == 1
    assert out.exists()
    fixed = run("person", "pending", "fix", waiting["id"], f"id_number={number(2)}")
    assert run("person", "show", fixed["id"])["fields"]["name"] == "李秀英"
    assert run("person", "pending")["pendings"] == []
    assert run("person", "export", str(tmp_path / "all.xlsx"), "--masked")["persons"] == 2


def test_import_with_a_map(run: Run, tmp_path: Path) -> None:
    file, plan = tmp_path / "a.xlsx", tmp_path / "map.json"
    file.write_bytes(workbook.table(("甲", "乙", "丙"), [["张建国", number(1), "13800138000"]]))
    plan.write_text(json.dumps({"甲": "name", "乙": "id_number", "丙": "phone"}), "utf-8")
    assert run("person", "import", str(file), "--map", str(plan))["added"] == 1
    plan.write_text("[]", "utf-8")
    with pytest.raises(BadInput):
        run("person", "import", str(file), "--map", str(plan))


def test_household_and_division(run: Run) -> None:
    household = run("household", "add", "-", stdin={"head": person(run), "address": "三组"})["id"]
    assert [row["id"] for row in run("household", "list")["households"]] == [household]
    assert run("division", "add", f"code={VILLAGE}", "name=荷塘村委会")["id"]
    (row,) = run("division", "find", "荷塘村")["divisions"]
    assert (row["code"], row["level"]) == (VILLAGE, "village")
    assert [row["code"] for row in run("division", "list")["divisions"]] == [VILLAGE]
    with pytest.raises(Refused):
        run("division", "add", "code=361002100202", "name=别处")
    with pytest.raises(BadInput):
        run("division", "add", "code=36", "colour=red")


def test_a_death_and_its_mistake(run: Run) -> None:
    record = person(run, benefit_code="42")
    done = run("person", "death", record, "death_date=2026-01", "death_cause=病故", "source=村里报来")
    assert (done["struck"], done["sheets"]) == ([], [])
    assert "本地规定" in done["proposals"][0]
    assert run("person", "show", record)["fields"]["status"] == "dead"
    run("person", "death mistaken", record)
    assert run("person", "show", record)["fields"]["death_date"] is None


def test_the_form_and_the_ledger(run: Run, tmp_path: Path) -> None:
    record = person(run, joined_party="1990-07", soldiers=[{"soldier_state": "烈士", "name": "张大勇"}])
    sections = run("person", "form", record)["sections"]
    assert [one["letter"] for one in sections] == list("ABCDEFGHIJKLMN")
    assert ["入党时间", "1990-07"] in sections[1]["lines"]
    assert sections[10]["blocks"] == [["军人(烈士)情况", [["军人状态", "烈士"], ["军人(烈士)姓名", "张大勇"]]]]
    file = tmp_path / "台账.xlsx"
    assert run("person", "ledger", str(file), "--full", "--purpose", "村里核对")["persons"] == 1
    assert "用途: 村里核对" in str(workbook.read_file(file)[0].rows[0][0])


def test_households_move_split_and_unite(run: Run) -> None:
    ids = [
        person(run, name=name, id_number=number(n)) for n, name in enumerate(("张建国", "李秀英", "张小龙"), start=2)
    ]
    household = run("household", "add", f"head={ids[0]}", "number=12")["id"]
    for one in ids[1:]:
        run("person", "set", one, "address=三组")
    assert run("household", "move", household, "address=五组 1 号")["moved"] == 1
    other = run("household", "add", f"head={ids[2]}", "number=13")["id"]
    assert run("household", "unite", household, other)["warnings"] == []
    split = run("household", "split", household, ids[2], "--head", ids[2], "--number", "14")["id"]
    assert {row["id"]: row["members"] for row in run("household", "list")["households"]} == {household: 1, split: 1}
