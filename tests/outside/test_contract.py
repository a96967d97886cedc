"""The terminal's contract: what each call gives as JSON, the whole way from an empty folder to answers from above."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.outside.programme import Desk, Home, carry
from tests.outside.test_bad_input import refused

DIVISION = "361002100201"
COUNTS = ("read", "added", "changed", "same", "asked", "pending", "dropped")
TAKEN = {"package", "from", "accepted", "known", "refused", "held", "conflicts", "missing", "error"}


@dataclass
class Chain:
    """County, township and village, and what has been made in them so far."""

    home: Home
    root: Path
    desks: dict[str, Desk]
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def village(self) -> Desk:
        return self.desks["village"]


UNITS = (
    ("county", "临川区局", "361002"),
    ("township", "上顿渡镇站", "361002100"),
    ("village", "桥头村站", DIVISION),
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    root = tmp_path_factory.mktemp("contract")
    home = Home(root / "account")
    with home.batch() as batch:
        desks = {level: Desk(batch, root / level) for level, _, _ in UNITS}
        found = Chain(home, root, desks)
        level, name, scope = UNITS[0]
        made = desks[level].done("store", "init", "--level", level, "--name", name, "--scope", scope, "--practice")
        assert set(made) >= {"node", "scope", "recovery_key"}
        for (level, name, scope), (above, _, _) in zip(UNITS[1:], UNITS, strict=False):
            file = root / f"{level}.rge"
            invited = desks[above].done(
                "node", "enrol", "--level", level, "--name", name, "--scope", scope, "--out", file
            )
            assert set(invited) >= {"node", "file", "code", "fingerprint"}
            joined = desks[level].done("store", "init", "--enrol", file, "--code", invited["code"], "--staff", "周敏")
            assert set(joined) >= {"node", "scope", "parent", "recovery_key"}
            assert (joined["node"], joined["scope"]) == (invited["node"], [scope])
            assert joined["fingerprint"] == invited["fingerprint"]
            carry(desks[level], desks[above], root / f"stick-{level}")
        people(found)
        money(found)
        case(found)
        yield found


def people(chain: Chain) -> None:
    desk = chain.village
    given = {"name": "欧阳桥", "id_number": "361002194912319000", "division": DIVISION, "phone": "16400000001"}
    chain.made["person"] = desk.done("person", "add", "-", stdin=given)["id"]
    chain.made["other"] = desk.done("person", "add", "name=李四", "no_id_reason=pending", f"division={DIVISION}")["id"]


def money(chain: Chain) -> None:
    desk, made = chain.village, chain.made
    given = {"name": "春节慰问", "year": 2026, "festival": "spring", "source": "county", "standard": "500.00"}
    made["campaign"] = desk.done("campaign", "add", "-", stdin=given)["id"]
    made["lines"] = [
        desk.done("campaign", "line", "add", made["campaign"], made[who], "--amount", "500.00")["id"]
        for who in ("person", "other")
    ]
    made["roster"] = desk.done("campaign", "roster", made["campaign"], "--out", chain.root / "roster.pdf")


def case(chain: Chain) -> None:
    given = {"person": chain.made["person"], "reason": "住院", "amount": "3000.00"}
    chain.made["case"] = chain.village.done("case", "open", "-", stdin=given)["id"]


# -- one call after the other --------------------------------------------------------------------------------------


def test_status_check_digest_faults(chain: Chain) -> None:
    desk = chain.village
    status = desk.done("store", "status")
    assert set(status) >= {"node", "level", "scope", "practice", "counts", "versions", "sizes"}
    assert (status["level"], status["scope"], status["practice"]) == ("village", [DIVISION], True)
    assert status["counts"]["person"] == 2
    assert desk.done("store", "check") == {"ok": True, "problems": []}
    own = desk.done("store", "digest")["digest"]
    assert own == desk.done("store", "digest", "--scope", DIVISION)["digest"]
    assert own != desk.done("store", "digest", "--scope", "361002100202")["digest"]
    refused(desk.call("store", "digest", "--level", "moon"), 2)
    points = desk.done("store", "faults")["points"]
    assert len(points) > 20
    assert all(set(point) == {"point", "does"} for point in points)


def test_nodes(chain: Chain) -> None:
    nodes = chain.desks["township"].done("node", "list")["nodes"]
    assert {node["level"] for node in nodes} == {"county", "township", "village"}
    assert all(set(node) >= {"node", "name", "level", "scope", "parent", "state", "fingerprint"} for node in nodes)


@pytest.mark.parametrize("noun", ["person", "visit", "campaign", "case", "staff", "household"])
def test_fields(chain: Chain, noun: str) -> None:
    fields = chain.village.done("fields", noun)["fields"]
    assert all(set(one) == {"name", "label", "kind", "required", "merge", "sensitive"} for one in fields)


def test_staff(chain: Chain) -> None:
    desk = chain.village
    made = desk.done("staff", "add", "-", stdin={"name": "王强", "password": "demo-2-demo", "roles": ["clerk"]})["id"]
    desk.done("staff", "set", made, "phone=13900000000")
    listed = desk.done("staff", "list")["staffs"]
    assert {"id", "name", "roles"} <= set(listed[0])
    assert made in {one["id"] for one in listed}
    env = {"RONGGUI_USER": "王强", "RONGGUI_PASSWORD": "demo-2-demo"}
    assert desk.call("person", "find", "李四", env=env).exit == 0
    refused(
        desk.call("staff", "add", "-", stdin={"name": "某某", "password": "xxxxxxxx", "roles": "clerk"}, env=env), 3
    )


def test_a_person(chain: Chain) -> None:
    desk, person = chain.village, chain.made["person"]
    shown = desk.done("person", "show", person)
    assert set(shown) == {"id", "fields", "sync"}
    assert (shown["fields"]["name"], shown["fields"]["birth_date"], shown["fields"]["sex"]) == (
        "欧阳桥",
        "1949-12-31",
        "2",
    )
    assert shown["sync"] == "unsent"
    desk.done("person", "set", person, "note=补充")
    changes = desk.done("person", "history", person)["changes"]
    assert all(set(one) >= {"field", "old", "new", "who", "when", "node", "act"} for one in changes)
    assert ("note", None, "补充") in {(one["field"], one["old"], one["new"]) for one in changes}
    for words in (("欧阳",), ("oyq",), ("ouyangqiao",), ("9000",), ("16400000001",)):
        found = desk.done("person", "find", *words)["persons"]
        assert [one["id"] for one in found] == [person], words
    assert len(desk.done("person", "find", "李四", "--limit", "1")["persons"]) == 1


def test_excel_in_and_out(chain: Chain, tmp_path: Path) -> None:
    import openpyxl

    desk = chain.village
    book = openpyxl.Workbook()
    for row in (
        ["姓名", "身份证号", "手机"],
        ["赵甲", "361002197003049027", "16400000011"],
        ["钱乙", "361002197003049029", "16400000012"],
        ["合计", None, None],
    ):
        book.worksheets[0].append(row)
    file = tmp_path / "名单.xlsx"
    book.save(file)
    rehearsed = desk.done("person", "import", file, "--rehearse")
    with desk.unchanged():
        desk.done("person", "import", file, "--rehearse")
    done = desk.done("person", "import", file)
    for document in (rehearsed, done):
        assert set(document) >= {*COUNTS, "rows"}
        assert document["read"] == sum(document[name] for name in COUNTS[1:]) == 4
        assert [document[name] for name in ("added", "pending", "dropped")] == [1, 1, 2]
        assert all(set(row) == {"file", "sheet", "row", "fate", "column", "text"} for row in document["rows"])
    again = desk.done("person", "import", file)
    assert again["added"] == 0
    pendings = desk.done("person", "pending")["pendings"]
    assert all(set(one) == {"id", "file", "sheet", "row", "cells", "problem"} for one in pendings)
    desk.done("person", "pending", "export", tmp_path / "待核.xlsx")
    desk.done("person", "pending", "fix", pendings[0]["id"], "id_number=36100219600102901X")
    for one in desk.done("person", "pending")["pendings"]:
        desk.done("person", "pending", "drop", one["id"])
    assert desk.done("person", "pending")["pendings"] == []
    for words in ((), ("--masked",)):
        out = tmp_path / f"全部{len(words)}.xlsx"
        desk.done("person", "export", out, *words)
        cells = {str(cell.value) for row in openpyxl.load_workbook(out).worksheets[0] for cell in row}
        assert ("361002194912319000" in cells) == (not words)


def test_households_visits_divisions_policies(chain: Chain) -> None:
    desk, person = chain.village, chain.made["person"]
    given = {"head": person, "division": DIVISION, "address": "桥头村1组"}
    assert set(desk.done("household", "add", "-", stdin=given)) >= {"id"}
    visit = desk.done(
        "visit", "add", "-", stdin={"person": person, "date": "2026-01-05", "place": "家中", "note": "好"}
    )
    listed = desk.done("visit", "list", "--person", person)["visits"]
    assert [one["id"] for one in listed] == [visit["id"]]
    assert desk.done("division", "list")["divisions"]
    assert "policys" in chain.desks["county"].done("policy", "list")


def test_a_round_of_money(chain: Chain) -> None:
    desk, made = chain.village, chain.made
    assert set(made["roster"]) >= {"roster", "number", "lines"}
    assert all(set(line) >= {"id", "person", "amount", "state"} for line in made["roster"]["lines"])
    assert (chain.root / "roster.pdf").read_bytes().startswith(b"%PDF-")
    candidates = desk.done("campaign", "candidates", made["campaign"])["candidates"]
    assert all(set(one) >= {"person", "amount", "why"} for one in candidates)
    first, second = (line["id"] for line in made["roster"]["lines"])
    desk.done("campaign", "pay", first, "--paid", "--date", "2026-11-01")
    desk.done("campaign", "pay", second, "--returned", "--reason", "本人缴回")
    refused(desk.call("campaign", "pay", first, "--paid"), 3, "领过")
    shown = desk.done("campaign", "show", made["campaign"])
    assert [shown[name] for name in ("planned", "paid", "returned", "open")] == ["1000.00", "500.00", "500.00", "0.00"]
    refused(desk.call("campaign", "line", "add", made["campaign"], made["person"], "--amount", "1.00"), 3)
    refused(desk.call("campaign", "pay", first, "--paid", "--returned"), 2)
    desk.done("campaign", "close", made["campaign"])


def test_papers_and_attachments(chain: Chain, tmp_path: Path) -> None:
    desk, made = chain.village, chain.made
    forms = desk.done("form", "list")["forms"]
    assert {form["form"] for form in forms} == {"F04", "F07", "F14"}
    subjects = {
        "F04": f"roster:{made['roster']['roster']}",
        "F07": f"case:{made['case']}",
        "F14": f"person:{made['person']}",
    }
    for form, subject in subjects.items():
        out = tmp_path / f"{form}.pdf"
        printed = desk.done("form", "print", form, "--for", subject, "--out", out)
        assert set(printed) >= {"id", "number", "file"}
        assert out.read_bytes().startswith(b"%PDF-")
    refused(desk.call("form", "print", "F14", "--for", subjects["F07"]), 2)
    added = desk.done("attach", "add", "--to", subjects["F07"], out)
    assert set(added) >= {"id", "sha256"}
    back = desk.done("attach", "get", added["id"], tmp_path / "back.pdf")
    assert back["sha256"] == added["sha256"]
    assert (tmp_path / "back.pdf").read_bytes() == out.read_bytes()


def test_a_case_through_the_levels(chain: Chain, tmp_path: Path) -> None:
    village, township, county = (chain.desks[level] for level in ("village", "township", "county"))
    record = chain.made["case"]
    shown = village.done("case", "show", record)
    assert set(shown) >= {"id", "fields", "steps", "next"}
    assert shown["next"] == [{"step": "apply", "level": "village"}]
    village.done("case", "step", record, "apply", "-", stdin={"result": "pass", "opinion": "齐全"})
    village.done("case", "step", record, "first_review", "-", stdin={"result": "pass", "amount": "2000.00"})
    refused(village.call("case", "step", record, "county_decision", "result=pass", "amount=1.00"), 3)
    carry(village, township, tmp_path / "1")
    township.done("case", "step", record, "township_review", "result=pass", "amount=2000.00")
    carry(township, county, tmp_path / "2")
    county.done("case", "step", record, "county_decision", "-", stdin={"result": "pass", "amount": "1500.00"})
    carry(township, county, tmp_path / "3")
    carry(village, township, tmp_path / "4")
    steps = village.done("case", "show", record)["steps"]
    assert [step["step"] for step in steps] == ["apply", "first_review", "township_review", "county_decision"]
    assert steps[-1]["amount"] == "1500.00"
    assert {one["id"] for one in village.done("case", "list")["cases"]} == {record}
    assert "cases" in village.done("case", "list", "--due")
    assert village.done("person", "show", chain.made["person"])["sync"] in {"township", "county"}
    scope = ("store", "digest", "--scope", DIVISION)
    assert len({json.dumps(desk.done(*scope)) for desk in (village, township)}) == 1


def test_exchange_documents(chain: Chain, tmp_path: Path) -> None:
    village, township = chain.village, chain.desks["township"]
    village.done("person", "set", chain.made["other"], "note=一")
    stick, back = tmp_path / "stick", tmp_path / "back"
    stick.mkdir()
    back.mkdir()
    status = village.done("exchange", "status")
    assert set(status) >= {"unsent", "waiting", "packages", "children"}
    assert status["unsent"] > 0
    sent = village.done("exchange", "export", "--to", "parent", "--out", stick)
    assert set(sent) >= {"package", "parts", "groups", "changes", "attachments", "bytes"}
    with township.unchanged():
        rehearsed = township.done("exchange", "import", stick, "--rehearse")
    taken = township.done("exchange", "import", stick, "--answer", back)
    names = ("accepted", "known", "refused", "held", "conflicts")
    assert set(taken) >= {"packages", "answers", *names}
    assert [rehearsed[name] for name in names] == [taken[name] for name in names]
    assert all(set(one) >= TAKEN for one in taken["packages"])
    assert sent["groups"] == taken["accepted"] + taken["known"] + taken["refused"] + taken["held"]
    village.done("exchange", "import", *taken["answers"])
    assert village.done("exchange", "status")["unsent"] == 0
    children = township.done("exchange", "status")["children"]
    assert all(set(one) >= {"node", "last", "missing"} for one in children)
    assert village.done("exchange", "refused") == {"refused": []}


def test_two_answers_and_settling_them(chain: Chain, tmp_path: Path) -> None:
    village, township, person = chain.village, chain.desks["township"], chain.made["other"]
    carry(village, township, tmp_path / "0")
    village.done("person", "set", person, "phone=16400000021")
    township.done("person", "set", person, "phone=16400000022")
    carry(village, township, tmp_path / "1")
    (one,) = village.done("exchange", "conflicts")["conflicts"]
    assert set(one) >= {"id", "kind", "record", "field", "heads"}
    assert [set(head) >= {"value", "who", "when", "node"} for head in one["heads"]] == [True, True]
    assert one["id"] == f"person:{person}:phone"
    assert village.done("person", "show", person)["sync"] == "conflict"
    refused(village.call("exchange", "resolve", one["id"], "--take", "9"), 2)
    refused(village.call("exchange", "resolve", one["id"]), 2)
    village.done("exchange", "resolve", one["id"], "--take", "1")
    assert village.done("exchange", "conflicts")["conflicts"] == []
    carry(village, township, tmp_path / "2")
    assert township.done("exchange", "conflicts")["conflicts"] == []
    phones = {desk.done("person", "show", person)["fields"]["phone"] for desk in (village, township)}
    assert phones == {one["heads"][0]["value"]}


def test_journal_and_undo(chain: Chain) -> None:
    desk, person = chain.village, chain.made["other"]
    before = desk.done("person", "show", person)["fields"]["note"]
    desk.done("person", "set", person, "note=写错了")
    acts = desk.done("journal", "list", "--limit", "3")["acts"]
    assert len(acts) == 3
    assert all(set(act) == {"id", "name", "who", "when", "node", "undone"} for act in acts)
    desk.done("undo", acts[0]["id"])
    assert desk.done("person", "show", person)["fields"]["note"] == before
    assert {act["id"]: act["undone"] for act in desk.done("journal", "list")["acts"]}[acts[0]["id"]] is True
    refused(desk.call("undo", acts[0]["id"]), 3)


def test_backups(chain: Chain, tmp_path: Path) -> None:
    desk = chain.village
    made = desk.done("backup", "make", tmp_path)
    assert Path(made["file"]).is_file()
    assert {row["file"] for row in desk.done("backup", "list", tmp_path)["backups"]} == {made["file"]}
    assert desk.done("backup", "verify", made["file"])["ok"] is True
    broken = tmp_path / "broken.rgb"
    data = bytearray(Path(made["file"]).read_bytes())
    data[len(data) // 2] ^= 1
    broken.write_bytes(data)
    with desk.unchanged():
        refused(desk.call("backup", "verify", broken), 3)
        refused(desk.call("backup", "restore", broken), 3)
    digest = desk.done("store", "digest")
    desk.done("person", "set", chain.made["other"], "note=备份以后")
    desk.done("backup", "restore", made["file"])
    assert desk.done("store", "digest") == digest
    assert desk.done("store", "check")["ok"] is True


# -- the frame ----------------------------------------------------------------------------------------------------


def test_options_anywhere_and_both_forms_of_a_line(chain: Chain) -> None:
    batch, folder = chain.village.batch, str(chain.village.folder)
    forms = [
        ["--data", folder, "store", "status"],
        ["store", "--data", folder, "--json", "status"],
        ["store", "status", f"--data={folder}"],
        ["--user", "周敏", "store", "status", "--data", folder],
    ]
    said = [batch.line(json.dumps(words)) for words in forms]
    said.append(batch.line(json.dumps({"args": forms[0], "stdin": None, "env": {}})))
    assert {answer.exit for answer in said} == {0}
    assert len({answer["node"] for answer in said}) == 1
    refused(batch.line(json.dumps(["store", "status", "--data"])), 2, "--data")


def test_one_document_or_a_readable_table(chain: Chain, tmp_path: Path) -> None:
    home, folder = chain.home, tmp_path / "single"
    words = ("--level", "village", "--name", "桥头村站", "--scope", DIVISION, "--practice", "--data", folder)
    made = home.cold("store", "init", *words)
    assert made.exit == 0
    assert made.error == ""
    home.run("person", "add", "name=欧阳桥", "no_id_reason=pending", f"division={DIVISION}", "--data", folder)
    plain = home.run("person", "find", "欧阳", "--data", folder, json_out=False)
    assert plain.exit == 0
    assert isinstance(plain.out, str)
    assert "姓名" in plain.out
    assert "欧阳桥" in plain.out
    nothing = home.run("person", "find", "某某", "--data", folder)
    assert (nothing.exit, nothing.out) == (0, {"persons": []})
