"""Search: by any part of a name, 拼音, initials, endings of numbers; derived keys follow every change."""

import pytest
from sqlalchemy import select

from app import clock
from app.errors import BadInput
from app.models import PersonKey
from app.rules import id_number
from app.services.people import People
from app.services.searching import Search
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
    for text in (whole, whole[:6], whole[-6:], whole[-4:], whole.lower()):
        assert found(station, text) == ["张建国"], text
    assert found(station, whole[7:12]) == []


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
