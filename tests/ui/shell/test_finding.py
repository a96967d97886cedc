"""What the search box finds: acts by their words, persons with village and masked number, who has died."""

from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.ui.kit.page import Desk, Link
from app.ui.shell.finding import find


def test_a_person_is_told_by_village_and_masked_number(desk: Desk) -> None:
    person = PeopleList(desk.station).ids(Wanted(text="单小平"))[0]
    known = People(desk.station).show(person).fields
    (hit,) = [hit for hit in find(desk, "sxp") if hit.key == Link("person", person)]
    assert hit.text == "单小平"
    number = known["id_number"]
    assert hit.more == f"男  {known['birth_date']}  {number[:3]}{'*' * 11}{number[-4:]}  石鼓村委会"
    People(desk.station).record_death(person, {"death_date": "2026-01"})
    assert find(desk, "sxp")[0].text == "单小平(去世)"


def test_the_whole_of_a_village(desk: Desk) -> None:
    assert len([hit for hit in find(desk, "石鼓") if hit.key.page == "person"]) == 12


def test_acts_stand_first_when_they_are_meant(desk: Desk) -> None:
    assert find(desk, "登记人员")[0].key == Link("person_form")
    assert any(hit.key == Link("roster_import") for hit in find(desk, "dr"))
