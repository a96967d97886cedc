"""`person handover`, `person same`, `person merge` from the terminal, packages between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import BadInput, Refused
from tests.cli.desks import TOWNSHIP, VILLAGE, Desks

OTHER = "361002100202"
TOWN, EAST, WEST = "上顿渡镇站", "东源村站", "西源村站"


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desks]:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    made = Desks(tmp_path)
    made.found(TOWN, "township", TOWNSHIP)
    for name, scope in ((EAST, VILLAGE), (WEST, OTHER)):
        made.ask(name, "store", "init", "--enrol", *made.offer(TOWN, name, scope=scope))
        made.hop(name, TOWN)
    yield made
    made.close()


def test_a_person_is_offered_accepted_and_moved(desks: Desks) -> None:
    words = ("name=张建国", "no_id_reason=pending", f"division={VILLAGE}")
    person = desks.ask(EAST, "person", "add", *words)["id"]
    west = desks.ask(WEST, "store", "status")["node"]
    offered = desks.ask(EAST, "person", "handover", person, "--to", west, "--reason", "投靠子女")["id"]
    desks.hop(EAST, TOWN)
    desks.hop(WEST, TOWN)
    (row,) = desks.ask(WEST, "person", "handover", "list")["handovers"]
    assert (row["id"], row["name"], row["mine"]) == (offered, "张建国", "answer")
    assert desks.ask(WEST, "person", "handover", "accept", offered) == {"id": offered}
    taken = desks.hop(WEST, TOWN)
    assert taken["followed"] == ["办理转接: 张建国, 连同 1 条记录。"]
    assert desks.ask(WEST, "person", "show", person)["fields"]["division"] == OTHER
    desks.hop(EAST, TOWN)
    assert desks.ask(EAST, "person", "handover", "list")["handovers"][0]["state"] == "moved"
    with pytest.raises(Refused, match="已经办完"):
        desks.ask(EAST, "person", "handover", "withdraw", offered)
    with pytest.raises(BadInput, match="没有“张三村站”"):
        desks.ask(WEST, "person", "handover", person, "--to", "张三村站")


def test_one_number_at_two_stations(desks: Desks) -> None:
    number = "11010519491231002X"
    people = [
        desks.ask(name, "person", "add", "name=张建国", f"id_number={number}", f"division={home}")["id"]
        for name, home in ((EAST, VILLAGE), (WEST, OTHER))
    ]
    for name in (EAST, WEST):
        desks.hop(name, TOWN)
    (pair,) = desks.ask(TOWN, "person", "same")["pairs"]
    assert (set(pair["persons"]), pair["offers"][0]) == (set(people), "residence")
    desks.ask(TOWN, "person", "merge", *people)
    assert desks.ask(TOWN, "person", "same")["pairs"] == []
    desks.ask(TOWN, "person", "unmerge", people[1])
    desks.ask(TOWN, "person", "same", "distinct", *people, "--note", "抄错号码")
    assert desks.ask(TOWN, "person", "same")["pairs"] == []
