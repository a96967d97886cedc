"""`exchange` from the terminal: joining with people, settling what two sides answered, words for what is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import BadInput, EnvironmentTrouble, Refused
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


def meet(desks: Desks) -> str:
    """A person whose name and phone two units answered differently; both have heard it."""
    desks.ask("荷塘村站", "store", "init", "--enrol", *desks.offer("上顿渡镇站", "荷塘村站"))
    desks.hop("荷塘村站", "上顿渡镇站")
    person = add(desks, "荷塘村站", "张建国")
    desks.hop("荷塘村站", "上顿渡镇站")
    desks.ask("荷塘村站", "person", "set", person, "name=张建果", "phone=13900000001")
    desks.ask("上顿渡镇站", "person", "set", person, "name=张建过", "phone=13900000002")
    assert desks.hop("荷塘村站", "上顿渡镇站")["conflicts"] == 2
    return person


def test_either_answer_can_be_taken_and_a_bad_one_cannot(desks: Desks) -> None:
    person = meet(desks)
    asked = {one["field"]: one for one in desks.ask("上顿渡镇站", "exchange", "conflicts")["conflicts"]}
    phone, name = (f"person:{person}:{field}" for field in ("phone", "name"))
    assert (asked["phone"]["id"], asked["name"]["id"]) == (phone, name)
    for question, value in ((phone, "abc"), (name, ""), (name, "张\0三"), (name, "长" * 60)):
        with pytest.raises(BadInput):
            desks.ask("上顿渡镇站", "exchange", "resolve", question, "--value", value)
    for number in ("0", "3", "-1"):
        with pytest.raises(BadInput, match="没有第"):
            desks.ask("上顿渡镇站", "exchange", "resolve", phone, "--take", number)
    shown = desks.ask("上顿渡镇站", "person", "show", person)["fields"]
    values = [head["value"] for head in asked["name"]["heads"]]
    desks.ask("上顿渡镇站", "exchange", "resolve", name, "--take", str(1 + values.index(shown["name"])))
    desks.ask("上顿渡镇站", "exchange", "resolve", phone, "--value", "")
    assert desks.ask("上顿渡镇站", "exchange", "conflicts") == {"conflicts": []}
    desks.hop("荷塘村站", "上顿渡镇站")
    assert desks.ask("荷塘村站", "exchange", "conflicts") == {"conflicts": []}
    for store in ("荷塘村站", "上顿渡镇站"):
        fields = desks.ask(store, "person", "show", person)["fields"]
        assert (fields["name"], fields["phone"]) == (shown["name"], None)


def test_who_may_settle_what_is_policy(desks: Desks) -> None:
    """A name is the township's to settle, a phone the village's own; a unit alone settles everything itself."""
    person = meet(desks)
    name, phone = (f"person:{person}:{field}" for field in ("name", "phone"))
    before = desks.ask("荷塘村站", "exchange", "conflicts")
    with pytest.raises(Refused, match="“姓名”两边填的不一样, 要由镇站核对"):
        desks.ask("荷塘村站", "exchange", "resolve", name, "--take", "1")
    assert desks.ask("荷塘村站", "exchange", "conflicts") == before
    desks.ask("荷塘村站", "exchange", "resolve", phone, "--take", "1")
    desks.ask("上顿渡镇站", "exchange", "resolve", name, "--take", "1")
    desks.hop("荷塘村站", "上顿渡镇站")
    for store in ("荷塘村站", "上顿渡镇站"):
        assert desks.ask(store, "exchange", "conflicts") == {"conflicts": []}


def test_a_lone_station_has_reported_nothing(desks: Desks) -> None:
    desks.found("荷塘村站")
    person = add(desks, "荷塘村站", "张建国")
    assert desks.ask("荷塘村站", "person", "show", person)["sync"] == "unsent"


@pytest.mark.parametrize("scope", ["", "zz", "36101", "3610020000000"])
def test_a_digest_is_of_a_real_scope(desks: Desks, scope: str) -> None:
    with pytest.raises(BadInput, match="管辖范围"):
        desks.ask("上顿渡镇站", "store", "digest", "--scope", scope)


@pytest.mark.parametrize("name", ["", "长" * 60, "镇\0站"])
def test_a_unit_is_not_opened_under_a_bad_name(desks: Desks, name: str) -> None:
    with pytest.raises(BadInput):
        desks.offer("上顿渡镇站", name)
    assert len(desks.ask("上顿渡镇站", "node", "list")["nodes"]) == 1


def test_a_missing_folder_and_a_folder_for_a_file_are_named(desks: Desks, tmp_path: Path) -> None:
    enrol = ["node", "enrol", "--level", "village", "--name", "荷塘村站", "--scope", VILLAGE, "--out"]
    with pytest.raises(EnvironmentTrouble, match=r"没有/荷塘\.rge”"):
        desks.ask("上顿渡镇站", *enrol, str(tmp_path / "没有" / "荷塘.rge"))
    with pytest.raises(BadInput, match="是文件夹"):
        desks.ask("上顿渡镇站", "exchange", "join", str(tmp_path), "--code", "1")


def test_readable_forms_say_that_nothing_is_lost(desks: Desks) -> None:
    person = meet(desks)

    def shown(*words: str) -> str:
        found, document = desks.terminal.run(
            [*words, "--data", str(desks.root / "荷塘村站")], lambda: "", desks.environment
        )
        assert found is not None
        assert found.show is not None
        return found.show(document)

    questions = shown("exchange", "conflicts")
    assert f"person:{person}:phone" in questions
    assert {"1.", "2."} <= set(questions.split())
    assert "未上报 0 件" in shown("exchange", "status")
    add(desks, "荷塘村站", "李秀英")
    assert "丢了也不要紧" in shown("exchange", "export", "--to", "parent", "--out", str(desks.root))
    (package,) = desks.root.glob("*.rgp")
    assert f"{package.name}(荷塘村站): 这个包是给" in shown("exchange", "import", str(desks.root))
    assert shown("exchange", "refused") == "没有退回修改的。"
    empty = desks.root / "空"
    empty.mkdir()
    assert "没有数据包" in shown("exchange", "import", str(empty))
    assert "人员 2" in shown("store", "status") or "服务对象 2" in shown("store", "status")


def test_what_lies_outside_the_scope_comes_back_and_is_sent_again(desks: Desks) -> None:
    other = "361002100202"
    desks.found("荷塘村站", scope=f"{VILLAGE},{other}")
    outside = [
        str(desks.ask("荷塘村站", "person", "add", f"name={name}", "no_id_reason=pending", f"division={other}")["id"])
        for name in ("张建国", "李秀英")
    ]
    joined = desks.ask("荷塘村站", "exchange", "join", *desks.offer("上顿渡镇站", "荷塘村站"))
    assert len(joined["outside"]) == 2
    assert desks.hop("荷塘村站", "上顿渡镇站")["refused"] == 2
    first, second = desks.ask("荷塘村站", "exchange", "refused")["refused"]
    assert {"id", "act", "reason", "records"} <= set(first)
    with pytest.raises(BadInput) as caught:
        desks.ask("荷塘村站", "exchange", "resend", first["id"], f"division={VILLAGE}", "phone=abc", "colour=1")
    assert set(caught.value.problems) == {"phone", "colour"}
    desks.ask("荷塘村站", "exchange", "resend", first["id"], f"division={VILLAGE}")
    desks.ask("荷塘村站", "exchange", "drop", second["id"])
    assert desks.ask("荷塘村站", "exchange", "refused") == {"refused": []}
    for command in ("resend", "drop"):
        with pytest.raises(Refused, match="已经处理过"):
            desks.ask("荷塘村站", "exchange", command, first["id"])
    assert desks.hop("荷塘村站", "上顿渡镇站")["refused"] == 0
    (arrived,) = desks.ask("上顿渡镇站", "person", "find")["persons"]
    assert (arrived["id"] in outside, arrived["division"]) == (True, VILLAGE)
    digests = {desks.ask(one, "store", "digest", "--scope", VILLAGE)["digest"] for one in ("荷塘村站", "上顿渡镇站")}
    assert len(digests) == 1
    for store in ("荷塘村站", "上顿渡镇站"):
        assert desks.ask(store, "store", "check")["ok"] is True
