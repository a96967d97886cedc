"""P12: the same ID number at two stations; both kept, asked, links follow; redirects, circles, what is remembered."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.models import Person, Visit
from app.services import lookup, redirects
from app.services.same_persons import IN_A_CIRCLE, SamePersons
from app.services.visits import Visits
from tests.exchange.chain import COUNTY, EAST, SCOPES, TOWNSHIP, WEST, Chain, Desk, chain
from tests.exchange.test_promises import add, person

NUMBER = "11010519491231002X"
OLD_NUMBER = "110105491231002"


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


def numbered(desk: Desk, name: str, number: str = NUMBER) -> str:
    record = add(desk, name)
    with desk.station.db.work("补身份证号") as work:
        work.session.get_one(Person, record).id_number = number
    return record


def two(stores: Chain) -> tuple[str, str]:
    """One person at two stations, each with a visit of its own, known to everybody above."""
    east, west = numbered(stores[EAST], "张建国"), numbered(stores[WEST], "张建国", OLD_NUMBER)
    for name, record in ((EAST, east), (WEST, west)):
        Visits(stores[name].station).record({"person": record, "date": "2026-11-20"})
    stores.settle()
    return east, west


def merged_into(desk: Desk, record: str) -> str | None:
    found = person(desk, record)
    assert found is not None
    return found.merged_into


def test_both_are_kept_and_the_pair_is_asked_residence_first(stores):
    east, west = two(stores)
    for name in (TOWNSHIP, COUNTY):
        (pair,) = SamePersons(stores[name].station).pairs()
        assert set(pair.persons) == {east, west}
        assert (pair.why, pair.offers) == ("身份证号相同", ("residence", "handover", "merge"))
    assert SamePersons(stores[EAST].station).pairs() == []
    assert person(stores[EAST], east) is not None
    assert person(stores[WEST], west) is not None


def test_a_merge_is_a_redirect_the_links_follow_and_it_can_be_taken_back(stores):
    east, west = two(stores)
    SamePersons(stores[TOWNSHIP].station).merge(east, west)
    stores.settle()
    for name in (TOWNSHIP, COUNTY):
        assert merged_into(stores[name], west) == east
        with stores[name].station.db.read() as session:
            assert lookup.person(session, west).id == east
            assert lookup.merged(session, west) == {east, west}
            assert len(session.scalars(select(Visit).where(Visit.person == west)).all()) == 1
        assert len(Visits(stores[name].station).recorded(west)) == 2
        assert SamePersons(stores[name].station).pairs() == []
    assert merged_into(stores[WEST], west) == east
    with stores[WEST].station.db.read() as session:
        assert lookup.person(session, west).id == west  # the other end is not here: 他站人员
    SamePersons(stores[COUNTY].station).unmerge(west)
    stores.settle()
    assert {merged_into(stores[name], west) for name in (WEST, TOWNSHIP, COUNTY)} == {None}
    assert len(Visits(stores[COUNTY].station).recorded(west)) == 1


def test_a_station_may_not_merge_with_somebody_elses_person(stores):
    east, west = two(stores)
    with pytest.raises(Refused):
        SamePersons(stores[EAST].station).merge(east, west)
    with stores[EAST].station.db.work("自行并入") as work:
        work.session.get_one(Person, east).merged_into = west
    taken = stores.hop(EAST, TOWNSHIP)
    assert taken.counts.refused == 1
    assert "共同的上级" in taken.counts.refusals[0]


def test_living_apart_shows_the_card_to_both(stores):
    east, west = two(stores)
    SamePersons(stores[TOWNSHIP].station).live_apart(east, west)
    stores.settle()
    card = person(stores[WEST], east)
    assert card is not None
    assert card.residence_division == SCOPES[WEST]
    with stores[WEST].station.db.read() as session:
        assert lookup.person(session, west).id == east
    assert SamePersons(stores[COUNTY].station).pairs() == []


def test_not_the_same_person_is_remembered_everywhere_above(stores):
    east, west = two(stores)
    SamePersons(stores[TOWNSHIP].station).tell_apart(east, west, "登记时抄错号码")
    stores.settle()
    assert SamePersons(stores[COUNTY].station).pairs() == []
    assert merged_into(stores[COUNTY], west) is None


def test_redirects_made_apart_that_run_in_a_circle_are_cut_at_the_first_and_listed(stores):
    east, west = two(stores)
    SamePersons(stores[TOWNSHIP].station).merge(east, west)
    SamePersons(stores[COUNTY].station).merge(west, east)
    stores.settle()
    for name in (TOWNSHIP, COUNTY):
        with stores[name].station.db.read() as session:
            # The township's came first, so the county's counts: west stands for both.
            assert redirects.end_of(session, east) == redirects.end_of(session, west) == west
        (pair,) = SamePersons(stores[name].station).pairs()
        assert (set(pair.persons), pair.why) == ({east, west}, IN_A_CIRCLE)
    SamePersons(stores[COUNTY].station).unmerge(west)
    stores.settle()
    assert SamePersons(stores[TOWNSHIP].station).pairs() == []


def test_what_makes_no_sense_is_refused_in_words(stores):
    east, west = two(stores)
    same = SamePersons(stores[TOWNSHIP].station)
    with pytest.raises(Refused, match="同一份资料"):
        same.merge(east, east)
    with pytest.raises(Refused, match="没有并入"):
        same.unmerge(east)
    same.merge(east, west)
    with pytest.raises(Refused, match="已经并入"):
        same.merge(east, west)
    with pytest.raises(Refused, match="已经并入另一份"):
        same.merge(west, east)
