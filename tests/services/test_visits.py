import pytest

from app.errors import BadInput, Refused
from app.models import Person
from app.services.history import History
from app.services.station import Station
from app.services.visits import Visits, Wanted
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


def test_several_are_visited_in_one_act(station: Station) -> None:
    people = [person(station, name) for name in ("张三", "李四", "王五")]
    made = Visits(station).record_many([*people, people[0]], {"companions": "周敏、吴主任", "trigger": "JR"})
    assert len(made) == 3
    assert {row.companions for row in Visits(station).recorded()} == {"周敏、吴主任"}
    assert [act.name for act in History(station).acts()].count("登记走访") == 1


def test_several_are_refused_together(station: Station) -> None:
    away = person(station, "李四", division="361003100201")
    with pytest.raises(Refused, match="李四 不在本站管辖范围"):
        Visits(station).record_many([person(station), away], {})
    with pytest.raises(BadInput) as error:
        Visits(station).record_many([], {"date": "2027-01-01"})
    assert set(error.value.problems) == {"person", "date"}
    assert Visits(station).recorded() == []


def test_a_visit_is_corrected_and_taken_away(station: Station) -> None:
    visits = Visits(station)
    made = visits.record({"person": person(station), "note": "身体尚好", "place": "家中"})
    visits.change(made.id, {"note": "腿脚不便", "place": ""})
    shown = visits.show(made.id)
    assert (shown.name, shown.fields["note"], shown.fields["place"], shown.fields["date"]) == (
        "张三", "腿脚不便", None, "2026-11-23",
    )  # fmt: skip
    with pytest.raises(BadInput):
        visits.change(made.id, {"date": "2030-01-01"})
    visits.remove(made.id)
    assert visits.recorded() == []
    with pytest.raises(Refused):
        visits.show(made.id)


def test_what_stood_last_time_is_offered(station: Station) -> None:
    assert Visits(station).usual() == {"level": "village"}
    Visits(station).record({"person": person(station), "companions": "周敏、吴主任", "trigger": "ZC"})
    assert Visits(station).usual() == {"companions": "周敏、吴主任", "trigger": "ZC", "level": "village"}


def test_the_list_is_filtered_and_sorted(station: Station) -> None:
    visits = Visits(station)
    who, other = person(station, "张三"), person(station, "李四")
    made = [
        visits.record({"person": one, "date": day, "trigger": trigger}).id
        for one, day, trigger in ((who, "2026-01-20", "JR"), (other, "2026-05-01", "KN"), (who, "2026-08-01", None))
    ]

    def places(wanted: Wanted) -> list[int]:
        return [made.index(one) for one in visits.ids(wanted)]

    assert places(Wanted()) == [2, 1, 0]
    assert places(Wanted(downwards=False)) == [0, 1, 2]
    assert places(Wanted(person=who)) == [2, 0]
    assert places(Wanted(since="2026-02-01", until="2026-06-30")) == [1]
    assert places(Wanted(trigger="JR")) == [0]
    assert places(Wanted(by="trigger", downwards=True)) == [1, 0, 2]
    assert set(visits.rows(made[:2])) == set(made[:2])
