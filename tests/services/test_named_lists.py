"""Filters kept under a name, and the filters themselves: age, 孤老, 国网状态."""

from collections.abc import Iterator

import pytest

from app.errors import BadInput, Refused
from app.services.desk_memory import DeskMemory
from app.services.named_lists import MOST, NamedLists
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.services.station import Station

pytestmark = pytest.mark.usefixtures("fixed_now")
VILLAGE = "361002100201"


@pytest.fixture
def memory(station: Station) -> Iterator[DeskMemory]:
    memory = DeskMemory(station)
    yield memory
    memory.close()


def names(station: Station, wanted: Wanted) -> list[str]:
    listed = PeopleList(station)
    ids = list(listed.ids(wanted))
    lines = listed.lines(ids)
    return [lines[one].name for one in ids]


@pytest.fixture
def folk(station: Station) -> Station:
    people = (
        ("安一", {"birth_date": "1946-11-23", "lone_elder": True}), ("白二", {"birth_date": "1946-11-24"}),
        ("陈三", {"birth_date": "1946"}), ("邓四", {"birth_date": "1985-01", "national_state": "已录"}),
        ("方五", {"national_state": "不一致"}),
    )  # fmt: skip
    for name, more in people:
        People(station).add({"name": name, "no_id_reason": "pending", "division": VILLAGE} | more)
    return station


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(age_from=80), ["安一", "陈三"]),
        (Wanted(age_from=60, age_to=79), ["白二", "陈三"]),
        (Wanted(age_to=41), ["邓四"]),
        (Wanted(lone_elder=True), ["安一"]),
        (Wanted(national_state="entered"), ["邓四"]),
        (Wanted(national_state="differing"), ["方五"]),
        (Wanted(national_state="absent", age_from=60), ["安一", "白二", "陈三"]),
    ],
)
def test_filters(folk: Station, wanted: Wanted, found: list[str]) -> None:
    assert names(folk, wanted) == found


def test_lists_are_kept_and_forgotten(folk: Station, memory: DeskMemory) -> None:
    lists = NamedLists(folk, memory)
    assert lists.all() == []
    assert lists.keep(" 八十岁以上孤老 ", Wanted(age_from=80, lone_elder=True, sort="village")) == "八十岁以上孤老"
    lists.keep("未录国网", Wanted(national_state="absent"))
    lists.keep("未录国网", Wanted(national_state="absent", village=VILLAGE))
    again = NamedLists(folk, memory).all()
    assert [one.name for one in again] == ["八十岁以上孤老", "未录国网"]
    assert names(folk, again[0].wanted) == ["安一"]
    assert again[1].wanted.village == VILLAGE
    lists.drop("八十岁以上孤老")
    assert [one.name for one in lists.all()] == ["未录国网"]


def test_what_another_version_kept_is_read_as_far_as_it_is_known(folk: Station, memory: DeskMemory) -> None:
    memory.put("named_lists", {"旧": {"age_from": 80, "colour": "red", "village": 5}})
    assert NamedLists(folk, memory).all()[0].wanted == Wanted(age_from=80)


@pytest.mark.parametrize("name", ["", " ", "名" * 31, "名\0"])
def test_names_that_cannot_be_kept(folk: Station, memory: DeskMemory, name: str) -> None:
    with pytest.raises(BadInput):
        NamedLists(folk, memory).keep(name, Wanted())


def test_there_is_an_end_to_them(folk: Station, memory: DeskMemory) -> None:
    lists = NamedLists(folk, memory)
    for number in range(MOST):
        lists.keep(f"名单 {number}", Wanted())
    with pytest.raises(Refused, match="最多 50 个"):
        lists.keep("又一个", Wanted())
    lists.keep("名单 1", Wanted(age_from=60))
    assert len(lists.all()) == MOST
