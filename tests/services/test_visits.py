import pytest

from app.errors import BadInput, Refused
from app.models import Person
from app.services.station import Station
from app.services.visits import Visits
from tests.services.records import change, person

pytestmark = pytest.mark.usefixtures("fixed_now")


def test_a_visit_is_kept_with_its_day(station: Station) -> None:
    who = person(station)
    made = Visits(station).record({"person": who, "place": "家中", "companions": "周敏、吴主任", "note": "身体尚好"})
    row = Visits(station).recorded(who)[0]
    assert (row.id, row.name, row.date, row.place, row.note) == (made.id, "张三", "2026-11-23", "家中", "身体尚好")
    assert made.warnings == ()


def test_the_newest_stands_first_and_others_stay_out(station: Station) -> None:
    who, other = person(station), person(station, "李四")
    for day in ("2026-01-20", "2026-08-01"):
        Visits(station).record({"person": who, "date": day})
    Visits(station).record({"person": other, "date": "2026-05-01"})
    assert [row.date for row in Visits(station).recorded(who)] == ["2026-08-01", "2026-01-20"]
    assert len(Visits(station).recorded()) == 3


@pytest.mark.parametrize("day", ["2026-11-24", "1949-09-30", "2026-02-30", "20260101", "2026"])
def test_days_that_cannot_be(station: Station, day: str) -> None:
    with pytest.raises(BadInput) as error:
        Visits(station).record({"person": person(station), "date": day})
    assert set(error.value.problems) == {"date"}


def test_unknown_fields_are_all_named(station: Station) -> None:
    with pytest.raises(BadInput) as error:
        Visits(station).record({"person": person(station), "mood": "好", "home": "1", "note": "a\0b"})
    assert set(error.value.problems) == {"mood", "home", "note"}


def test_a_visit_needs_somebody(station: Station) -> None:
    with pytest.raises(BadInput) as error:
        Visits(station).record({"note": "没有人"})
    assert set(error.value.problems) == {"person"}
    with pytest.raises(Refused, match="没有这个服务对象"):
        Visits(station).record({"person": "0" * 32})


def test_the_station_of_the_residence_may_visit(station: Station) -> None:
    away = person(station, "李四", division="361003100201", residence_division="361002100201")
    made = Visits(station).record({"person": away})
    assert Visits(station).recorded(away)[0].id == made.id
    with pytest.raises(Refused, match="不在本站管辖范围"):
        Visits(station).record({"person": person(station, "王五", division="361003100201")})


def test_a_visit_after_a_death_is_to_the_family(station: Station) -> None:
    made = Visits(station).record({"person": person(station, death_date="2026-11-01")})
    assert made.warnings == ("张三 已于 11 月 1 日 去世, 已按慰问家属登记。",)


def test_visits_of_a_merged_record_are_found(station: Station) -> None:
    kept, lost = person(station), person(station, "张三(重)")
    made = Visits(station).record({"person": lost})
    change(station, Person, lost, merged_into=kept)
    assert [row.id for row in Visits(station).recorded(kept)] == [made.id]
    Visits(station).record({"person": lost})
    assert {row.person for row in Visits(station).recorded(kept)} == {kept, lost}


def test_an_administrator_alone_records_nothing(station: Station) -> None:
    who = person(station)
    station.roles = ("administrator",)
    with pytest.raises(Refused, match="您的岗位不能登记和修改"):
        Visits(station).record({"person": who})
