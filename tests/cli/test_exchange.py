"""`exchange` from the terminal: joining with people, settling what two sides answered, words for what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import Refused
from tests.cli.desks import TOWNSHIP, VILLAGE, Desks


@pytest.fixture
def desks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desks]:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    made = Desks(tmp_path)
    made.found("上顿渡镇站", "township", TOWNSHIP)
    yield made
    made.close()


def add(desks: Desks, store: str, name: str) -> str:
    return str(desks.ask(store, "person", "add", f"name={name}", "no_id_reason=pending", f"division={VILLAGE}")["id"])


def test_a_store_that_has_people_joins_and_all_of_them_arrive(desks: Desks) -> None:
    alone = desks.found("荷塘村站")["node"]
    people = {add(desks, "荷塘村站", name) for name in ("张建国", "李秀英")}
    offer = desks.offer("上顿渡镇站", "荷塘村站")
    before = desks.ask("荷塘村站", "store", "digest")
    rehearsed = desks.ask("荷塘村站", "exchange", "join", *offer, "--rehearse")
    assert desks.ask("荷塘村站", "store", "status")["node"] == alone
    assert desks.ask("荷塘村站", "store", "digest") == before
    joined = desks.ask("荷塘村站", "exchange", "join", *offer)
    assert joined == rehearsed
    assert desks.ask("荷塘村站", "store", "status")["node"] == joined["node"] != alone
    taken = desks.hop("荷塘村站", "上顿渡镇站")
    assert (taken["accepted"], taken["refused"], taken["held"]) == (3, 0, 0)
    assert {row["id"] for row in desks.ask("上顿渡镇站", "person", "find")["persons"]} == people
    later = add(desks, "荷塘村站", "王五")
    assert desks.hop("荷塘村站", "上顿渡镇站")["accepted"] == 1
    assert {desks.ask("荷塘村站", "person", "show", one)["sync"] for one in {*people, later}} == {"township"}
    digests = [desks.ask(store, "store", "digest", "--scope", VILLAGE) for store in ("荷塘村站", "上顿渡镇站")]
    assert digests[0] == digests[1]
    assert desks.hop("荷塘村站", "上顿渡镇站")["accepted"] == 0
    for store in ("荷塘村站", "上顿渡镇站"):
        assert desks.ask(store, "store", "check")["ok"] is True


def test_two_levels_above_take_what_was_written_before_joining(desks: Desks) -> None:
    desks.found("临川区局", "county", "361002")
    desks.ask("上顿渡镇站2", "store", "init", "--enrol", *desks.offer("临川区局", "上顿渡镇站2", "township", TOWNSHIP))
    desks.found("荷塘村站")
    person = add(desks, "荷塘村站", "张建国")
    desks.ask("荷塘村站", "exchange", "join", *desks.offer("上顿渡镇站2", "荷塘村站"))
    desks.hop("上顿渡镇站2", "临川区局")
    desks.hop("荷塘村站", "上顿渡镇站2")
    taken = desks.hop("上顿渡镇站2", "临川区局")
    assert (taken["refused"], taken["held"]) == (0, 0)
    desks.hop("荷塘村站", "上顿渡镇站2")
    assert desks.ask("荷塘村站", "person", "show", person)["sync"] == "county"
    digests = {desks.ask(one, "store", "digest", "--scope", VILLAGE)["digest"] for one in ("荷塘村站", "临川区局")}
    assert len(digests) == 1


def test_a_unit_with_units_below_it_cannot_change_its_id(desks: Desks) -> None:
    desks.found("临川区局", "county", "361002")
    desks.offer("上顿渡镇站", "荷塘村站")
    before = desks.ask("上顿渡镇站", "store", "status")
    with pytest.raises(Refused, match="已经开通过下级单位"):
        desks.ask("上顿渡镇站", "exchange", "join", *desks.offer("临川区局", "上顿渡镇站", "township", TOWNSHIP))
    after = desks.ask("上顿渡镇站", "store", "status")
    assert (after["node"], after["position"]) == (before["node"], before["position"])


def test_a_wrong_code_is_called_a_wrong_code(desks: Desks) -> None:
    desks.found("荷塘村站")
    file, option, _ = desks.offer("上顿渡镇站", "荷塘村站")
    for words in (("荷塘村站", "exchange", "join", file), ("新站", "store", "init", "--enrol", file)):
        with pytest.raises(Refused, match="开通码不对"):
            desks.ask(*words, option, "1111 2222 3333 4444 5555")
    assert not (desks.root / "新站").exists()
