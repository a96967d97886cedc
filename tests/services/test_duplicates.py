"""疑似同一人 in a real store: pairs with words, settled ones left out, warnings while a form is being filled in."""

import random
from collections.abc import Mapping
from typing import Any

import pytest

from app import clock
from app.errors import Refused
from app.rules import id_number, made_up
from app.services.duplicates import Duplicates
from app.services.people import People
from app.services.station import Station

VILLAGE = "361002100201"


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def add(station: Station, **values: Any) -> str:
    given: Mapping[str, Any] = {"division": VILLAGE} | values
    return People(station).add(given if "id_number" in given else {**given, "no_id_reason": "uncollected"}).id


def test_pairs_of_the_register(station: Station) -> None:
    first = add(station, name="张建国", id_number=number(901), phone="13800138000")
    second = add(station, name="章建国", birth_date="1956-03-12")
    add(station, name="张建军", id_number=number(903), phone="13800138000")
    removed = add(station, name="张建国", birth_date="1956-03-12")
    People(station).remove(removed)
    done = Duplicates(station).search()
    assert (done.persons, done.crowded) == (3, ())
    (pair,) = done.pairs
    assert [one.id for one in pair.persons] == [first, second]
    assert pair.persons[0].name == "张建国"
    assert pair.why == ("姓名同音", "出生日期相同", "同一个村")
    assert Duplicates(station).search({frozenset((first, second))}).pairs == ()
    assert Duplicates(station).search({frozenset((first, "0" * 32))}).pairs == done.pairs


def test_parts_count_as_well(station: Station) -> None:
    account = "6228480402564890018"
    add(station, name="李秀英", birth_date="1956", account_number=account)
    add(station, name="李秀莫", birth_date="1956", account_number=account)
    add(station, name="李秀英", birth_date="1956", account_number=account)
    (pair,) = Duplicates(station).search().pairs
    assert "银行账号相同" in pair.why


@pytest.mark.parametrize(
    "typed",
    [
        {"id_number": number(901)},
        {"name": "张", "id_number": number(901)[:6] + number(901)[8:17]},
        {"name": "张建国", "id_number": number(901)[:17]},
        {"name": "张建国", "id_number": number(901)[:10] + "30" + number(901)[12:]},
        {"name": "章建国", "id_number": number(901)[:16] + number(901)[17] + number(901)[16]},
        {"name": "张 建国", "birth_date": "1956-03-12", "id_number": number(901)[:14]},
        {"name": "张健国", "birth_date": "1956-03", "division": VILLAGE},
        {"name": "张国建", "phone": "138 0013 8000", "division": VILLAGE, "birth_date": "1956"},
        {"name": "张狗儿", "birth_date": "1956-03-12"},
        {"name": "胡来", "former_name": "张建国", "birth_date": "1956-03-12"},
    ],
    ids=["number", "old", "half", "slip", "turned", "growing", "by ear", "swapped", "former", "now"],
)
def test_who_is_meant_while_typing(station: Station, typed: dict[str, str]) -> None:
    known = add(station, name="张建国", former_name="张狗儿", id_number=number(901), phone="13800138000")
    add(station, name="张建军", id_number=number(903), phone="13800138000")
    add(station, name="李四", birth_date="1956-03-12")
    found = Duplicates(station).near(typed)
    assert [one.person.id for one in found] == [known]
    assert found[0].why
    assert Duplicates(station).near(typed, but=known) == []


def test_nobody_is_meant_by_little(station: Station) -> None:
    add(station, name="张建国", id_number=number(901), phone="13800138000")
    for typed in (
        {},
        {"name": "张"},
        {"name": "张建国"},
        {"id_number": "361002"},
        {"name": "李四", "phone": "13800138000"},
    ):
        assert Duplicates(station).near(typed) == []


def test_who_is_settled_is_not_warned_of_again(station: Station) -> None:
    first = add(station, name="张建国", birth_date="1956-03-12")
    second = add(station, name="张建国", birth_date="1956-03-12")
    values = {"name": "张建国", "birth_date": "1956-03-12"}
    assert [one.person.id for one in Duplicates(station).near(values, but=second)] == [first]
    assert Duplicates(station).near(values, but=second, settled={frozenset((first, second))}) == []


def test_reading_needs_the_right(station: Station) -> None:
    station.roles = ()
    with pytest.raises(Refused):
        Duplicates(station).search()
    with pytest.raises(Refused):
        Duplicates(station).near({})


def test_a_register_of_thousands_compares_few(station: Station) -> None:
    people = made_up.people(3_000, random.Random(5), [f"3610021002{n:02d}" for n in range(1, 30)], today=clock.today())
    fields = ("name", "id_number", "no_id_reason", "sex", "birth_date", "division", "phone", "household_number")
    with station.db.work("导入名单") as work:
        work.add_many("person", [{"home": p["division"], **{n: p.get(n) for n in fields}} for p in people])
    done = Duplicates(station).search()
    assert done.persons == 3_000
    assert done.compared < 3 * done.persons
