"""国网状态: marked for many at once, with day and name, for services too, counted, undone as one."""

from collections.abc import Callable

import pytest

from app.errors import BadInput, Refused
from app.services.national_records import NationalRecords, Standing
from app.services.people import People
from app.services.station import Station
from app.services.undoing import Undo
from tests.services.records import person

pytestmark = pytest.mark.usefixtures("fixed_now")
VILLAGE = "361002100201"


def test_many_are_marked_in_one_act(station: Station) -> None:
    people = [
        People(station).add({"name": name, "no_id_reason": "pending", "division": VILLAGE, "enlisted": "1980"}).id
        for name in ("张三", "李四", "王五")
    ]
    national = NationalRecords(station)
    assert national.standing() == Standing(3, 0, 0)
    assert national.mark(people[:2], "已录国网", services=True) == 2
    shown = People(station).show(people[0]).fields
    assert (shown["national_state"], shown["national_day"], shown["national_by"]) == (
        "entered", "2026-11-23", station.actor.name,
    )  # fmt: skip
    assert shown["services"][0]["national_state"] == "entered"
    assert People(station).show(people[2]).fields["national_state"] is None
    assert national.mark([people[0]], "differing", number="G-0012") == 1
    assert national.standing() == Standing(1, 1, 1)
    assert People(station).show(people[0]).fields["services"][0]["national_state"] == "entered"
    assert Undo(station).undo().kept == ()
    shown = People(station).show(people[0]).fields
    assert (shown["national_state"], shown["national_number"]) == ("entered", None)
    assert national.mark(people[:2], "entered") == 0


@pytest.mark.parametrize(("count", "state", "number"), [(1, "录了没", ""), (2, "entered", "G-1"), (0, "entered", "")])
def test_what_makes_no_sense(station: Station, count: int, state: str, number: str) -> None:
    people = [person(station, "张三"), person(station, "李四")]
    with pytest.raises(BadInput):
        NationalRecords(station).mark(people[:count], state, number=number)
    assert NationalRecords(station).standing() == Standing(2, 0, 0)


def test_others_are_not_ours_to_say(new_station: Callable[..., Station]) -> None:
    station = new_station()
    stranger = person(station, "李四", division="361002100202")
    mine = person(station, "张三")
    with pytest.raises(Refused, match="管辖范围"):
        NationalRecords(station).mark([mine, stranger], "entered")
    assert NationalRecords(station).standing().entered == 0
    station.roles = ("administrator",)
    with pytest.raises(Refused):
        NationalRecords(station).mark([mine], "entered")
