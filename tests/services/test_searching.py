"""Search: by any part of a name, 拼音, initials, endings of numbers; derived keys follow every change."""

import pytest
from sqlalchemy import select

from app import clock
from app.errors import BadInput
from app.models import PersonKey
from app.rules import id_number
from app.services.people import People
from app.services.searching import Mark, Search, marks
from app.services.station import Station

VILLAGE = "361002100201"


def add(station: Station, name: str, **more: object) -> str:
    given = {"name": name, "no_id_reason": "uncollected", "division": VILLAGE} | more
    return People(station).add(given).id


def found(station: Station, text: str, limit: int = 50) -> list[str]:
    return [person.name for person in Search(station).persons(text, limit)]


@pytest.mark.parametrize(
    "text",
    ["单建国", "建国", "国", "shanjianguo", "danjianguo", "Shan Jian", "sjg", "138", "8000", "单 8000", "旧名"],
)
def test_a_person_is_found_by(station: Station, text: str) -> None:
    add(station, "单建国", phone="13800138000", former_name="旧名")
    add(station, "李秀英", phone="13900139001")
    assert found(station, text) == ["单建国"]


def test_numbers_are_found_by_beginning_and_last_digits(station: Station) -> None:
    whole = "36100219560312999" + id_number.check_digit("36100219560312999")
    add(station, "张建国", id_number=whole, no_id_reason=None)
    for text in (whole, whole[:6], whole[-6:], whole[-4:], whole.lower(), whole[6:14], whole[7:12], "0312"):
        assert found(station, text) == ["张建国"], text
    assert found(station, whole[2:8]) == []


def test_pieces_of_addresses_and_classes(station: Station) -> None:
    add(station, "张建国", village_group="三组", address="江西省抚州市临川区上顿渡镇桥头村三组12号", class12="07")
    add(station, "李秀英", residence_address="浙江省义乌市福田街道稠州小区3栋", benefit_code="51")
    add(station, "王五", address="桥头村三组")
    assert found(station, "三组") == ["张建国", "王五"]
    assert found(station, "三组 12号") == found(station, "残疾军人") == found(station, "三组 残疾") == ["张建国"]
    assert found(station, "稠州") == found(station, "参战") == found(station, "li 参战人员") == ["李秀英"]
    assert found(station, "抚州市") == []


def test_who_only_sounds_alike_comes_last(station: Station) -> None:
    for name in ("章建国", "张建国", "张剑果", "张建", "李四"):
        add(station, name)
    assert found(station, "张建国") == ["张建国", "章建国", "张剑果"]
    assert found(station, "张建")[:2] == ["张建", "张建国"]
    assert set(found(station, "张建")[2:]) == {"章建国", "张剑果"}
    assert found(station, "章建国", 1) == ["章建国"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("建国", {("name", 1, 2)}), ("shan", {("name", 0, 1)}), ("sjg", {("name", 0, 3)}), ("shanjian", {("name", 0, 2)}),
        ("8000", {("phone", 7, 4)}), ("单 1380", {("name", 0, 1), ("phone", 0, 4)}), ("三组", {("address", 3, 2)}),
        ("善", set()), ("李", set()),
    ],
)  # fmt: skip
def test_what_was_found_is_marked(station: Station, text: str, said: set[tuple[str, int, int]]) -> None:
    add(station, "单建国", phone="13800138000", address="桥头村三组")
    (row,) = Search(station).persons("单建国")
    assert {(mark.field, mark.start, mark.length) for mark in marks(row, text)} == said


def test_marks_step_over_what_does_not_count(station: Station) -> None:
    add(station, "古丽·买买提")
    (row,) = Search(station).persons("古丽买")
    assert marks(row, "古丽买") == (Mark("name", 0, 4),)


def test_rare_characters_and_variants(station: Station) -> None:
    add(station, "𠮷峯")
    assert found(station, "𠮷") == ["𠮷峯"]
    assert found(station, "𠮷峰") == ["𠮷峯"]


def test_exact_matches_come_first_and_limits_hold(station: Station) -> None:
    add(station, "张三丰")
    add(station, "张三")
    assert found(station, "张三") == ["张三", "张三丰"]
    assert found(station, "张三", 1) == ["张三"]
    assert found(station, "") == ["张三丰", "张三"]
    assert found(station, "%") == []


def test_keys_follow_changes_and_removal(station: Station) -> None:
    person = add(station, "张三")
    People(station).change(person, {"name": "李四"})
    assert found(station, "张三") == []
    assert found(station, "ls") == ["李四"]
    People(station).remove(person)
    assert found(station, "李四") == []
    with station.db.read() as session:
        assert session.scalars(select(PersonKey.key)).all() == []


def test_the_bulk_door_makes_keys(station: Station) -> None:
    rows = [{"id": clock.new_id(), "home": VILLAGE, "name": f"王{n}", "division": VILLAGE} for n in "一二三"]
    with station.db.work("批量") as work:
        work.add_many("person", rows)
    assert sorted(found(station, "wang")) == ["王一", "王三", "王二"]


@pytest.mark.parametrize("text", ["张\0", "张\ud800"])
def test_what_no_name_can_hold_is_bad_input(station: Station, text: str) -> None:
    with pytest.raises(BadInput):
        found(station, text)
