"""The register as a list: who is in it, in which order, what stands in a line; nobody is left out without being asked."""

from collections.abc import Callable

import pytest

from app.errors import BadInput
from app.models import receipts
from app.services.people import People
from app.services.people_list import ANY_BENEFIT, DEAD, HERE, LEFT, NO_CLASS, SORTS, PeopleList, Wanted
from app.services.searching import Search
from app.services.station import Station
from app.services.visits import Visits

TOWN = "361002100"
BRIDGE, WOOD = "361002100201", "361002100202"

FOLK: tuple[dict[str, object], ...] = (
    {"name": "单小平", "birth_date": "1960-05", "village_group": "10组", "class12": "02", "enlisted": "1979-12"},
    {"name": "𠮷建国", "birth_date": "1955", "village_group": "2组", "class12": "02", "benefit_code": "81"},
    {"name": "张三", "birth_date": "1990-01-01", "class12": "07", "benefit_code": "11", "disability_level": "07",
     "disability_nature": "1", "phone": "16400000001", "division": WOOD},
    {"name": "张建国", "key_contact": True},
    {"name": "仇玉兰", "status": "moved"},
    {"name": "阿卜杜热西提·穆罕默德江", "death_date": "2026-01-19", "death_cause": "病故", "status": "dead"},
)  # fmt: skip


@pytest.fixture
def town(new_station: Callable[..., Station]) -> Station:
    station = new_station("township", TOWN, "上顿渡镇站")
    for one in FOLK:
        People(station).add({"no_id_reason": "uncollected", "division": BRIDGE} | one)
    return station


def names(station: Station, **wanted: object) -> list[str]:
    found = PeopleList(station)
    ids = found.ids(Wanted(**wanted))  # type: ignore[arg-type]  # names of fields
    lines = found.lines(list(ids))
    return [lines[one].name for one in ids]


def test_the_order_of_names_is_that_of_their_sounds(town: Station) -> None:
    # 仇 qiú, 单 shàn as surnames; a syllable counts whole, so 张建国 stands before 张三.
    expected = ["阿卜杜热西提·穆罕默德江", "𠮷建国", "仇玉兰", "单小平", "张建国", "张三"]
    assert names(town) == expected
    assert names(town, downwards=True) == expected[::-1]
    People(town).change(PeopleList(town).ids(Wanted(text="张三"))[0], {"name": "包三"})
    assert names(town)[1] == "包三"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"text": "zjg"}, ["张建国"]),
        ({"text": "建国"}, ["𠮷建国", "张建国"]),
        ({"text": "山头"}, ["张三"]),
        ({"text": "山头 张"}, ["张三"]),
        ({"text": "山头 单"}, []),
        ({"text": "%"}, []),
        ({"village": WOOD}, ["张三"]),
        ({"village": f"{TOWN}000", "text": "张"}, ["张建国", "张三"]),
        ({"kind": "02"}, ["𠮷建国", "单小平"]),
        ({"kind": "benefit:81"}, ["𠮷建国"]),
        ({"kind": ANY_BENEFIT}, ["𠮷建国", "张三"]),
        ({"kind": NO_CLASS, "status": HERE}, ["张建国"]),
        ({"status": DEAD}, ["阿卜杜热西提·穆罕默德江"]),
        ({"status": LEFT}, ["仇玉兰"]),
        ({"status": HERE}, ["𠮷建国", "单小平", "张建国", "张三"]),
        ({"key_contact": True}, ["张建国"]),
        ({"sort": "birth_date", "status": HERE}, ["𠮷建国", "单小平", "张三", "张建国"]),
        ({"sort": "birth_date", "status": HERE, "downwards": True}, ["张三", "单小平", "𠮷建国", "张建国"]),
        ({"sort": "village", "kind": "02"}, ["𠮷建国", "单小平"]),
        ({"sort": "classes", "kind": ANY_BENEFIT, "downwards": True}, ["张三", "𠮷建国"]),
    ],
)
def test_who_is_wanted(town: Station, wanted: dict[str, object], expected: list[str]) -> None:
    assert names(town, **wanted) == expected


def test_every_heading_that_sorts_gives_everybody(town: Station) -> None:
    for sort in SORTS:
        for downwards in (False, True):
            assert len(set(PeopleList(town).ids(Wanted(sort=sort, downwards=downwards)))) == len(FOLK)
    with pytest.raises(ValueError, match="colour"):
        PeopleList(town).ids(Wanted(sort="colour"))


def test_who_was_not_visited_since(town: Station) -> None:
    ids = {one: PeopleList(town).ids(Wanted(text=one))[0] for one in ("单小平", "张三")}
    visits = Visits(town)
    visits.record({"person": ids["单小平"], "date": "2026-02-01"})
    visits.record({"person": ids["张三"], "date": "2026-08-01"})
    visits.record({"person": ids["张三"], "date": "2026-01-01"})
    left = names(town, unvisited_since="2026-05-01", status=HERE)
    assert left == ["𠮷建国", "单小平", "张建国"]
    assert names(town, sort="visited", downwards=True)[:2] == ["张三", "单小平"]
    assert PeopleList(town).lines([ids["张三"]])[ids["张三"]].visited == "2026-08-01"


def test_a_line(town: Station) -> None:
    found = PeopleList(town)
    people = {line.name: line for line in found.lines(list(found.ids(Wanted()))).values()}
    three = people["张三"]
    assert (three.place, three.kinds, three.sync) == ("山头村委会", "残疾军人(因战七级)", "township")
    assert (people["单小平"].kinds, people["单小平"].enlisted) == ("退役士兵", "1979-12")
    assert people["𠮷建国"].kinds == "60岁农村籍退役士兵"
    assert people["阿卜杜热西提·穆罕默德江"].dead
    assert found.lines([]) == {}
    People(town).remove(three.id)
    assert len(found.ids(Wanted())) == len(FOLK) - 1


def test_the_status_of_many_is_the_status_of_each(town: Station) -> None:
    ids = list(PeopleList(town).ids(Wanted()))
    with town.db.read() as session:
        many = receipts.statuses(session, "person", [*ids, "0" * 32])
        assert many == {one: receipts.status(session, "person", one) for one in [*ids, "0" * 32]}


def test_what_no_name_can_hold_is_bad_input(town: Station) -> None:
    with pytest.raises(BadInput):
        names(town, text="张\0")


def test_the_search_box_knows_villages(town: Station) -> None:
    search = Search(town)
    found = search.persons("山头村")
    assert [person.name for person in found] == ["张三"]
    assert search.places(found) == {WOOD: "山头村委会"}
    assert [person.name for person in search.persons("三 山头")] == ["张三"]
