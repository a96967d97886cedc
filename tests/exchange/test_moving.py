"""关系转接 and 人户分离: what moves, what stays, who hears of what."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.errors import Refused
from app.models import FamilyMember, HardshipCase, Person, RosterLine, Visit
from app.services import checking
from app.services.handovers import Handovers
from app.services.history import History
from app.services.visits import Visits
from app.sync import refusals
from tests.exchange.chain import CITY, COUNTY, EAST, NORTH, SCOPES, TOWNSHIP, WEST, Chain, Desk, chain
from tests.exchange.test_promises import add, change, person

NORTHERN = "361002101201"


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


@pytest.fixture
def whole() -> Iterator[Chain]:
    with chain("whole") as made:
        yield made


def bodies(desk: Desk) -> bytes:
    """Every act a desk has in its journal, as bytes."""
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql("SELECT body FROM journal_part WHERE body IS NOT NULL").scalars()
        return b"".join(bytes(row) for row in rows)


def with_family(stores: Chain, name: str = EAST) -> str:
    """A person with a relative, a visit and a case, known to everybody above."""
    record = add(stores[name])
    desk = stores[name]
    with desk.station.db.work("登记") as work:
        home = desk.scopes[0]
        work.session.add(FamilyMember(home=home, person=record, name="王秀英"))
        work.session.add(Visit(home=home, person=record, date="2026-11-20", note="腿脚不便"))
        work.session.add(HardshipCase(home=home, person=record, reason="大病", amount=500_00))
        work.session.add(RosterLine(home=home, campaign=None, person=record, amount=300_00))
    stores.settle()
    return record


def handed_over(stores: Chain, record: str, to: str = WEST) -> str:
    offered = Handovers(stores[EAST].station).offer(record, SCOPES[to], "随子女居住")
    stores.settle()
    Handovers(stores[to].station).accept(offered)
    stores.settle()
    return offered


def everything_agrees(stores: Chain) -> None:
    assert [checking.check(desk.station) for desk in stores.desks.values()] == [[]] * len(stores.desks)
    for name in stores.up:
        desk = stores.desks[name]
        assert desk.digest() == stores.desks[stores.up[name]].digest(desk.scopes), name


# -- 关系转接 -------------------------------------------------------------------------------------------------------


def test_a_person_goes_to_the_new_station_with_everything_but_money(stores):
    record = with_family(stores)
    handed_over(stores, record)
    moved = person(stores[WEST], record)
    assert moved is not None
    assert (moved.home, moved.division, moved.name) == (SCOPES[WEST], SCOPES[WEST], "张建国")
    with stores[WEST].station.db.read() as session:
        for kind in (FamilyMember, Visit, HardshipCase):
            (row,) = session.scalars(select(kind).where(kind.person == record)).all()
            assert row.home == SCOPES[WEST]
        assert session.scalars(select(RosterLine).where(RosterLine.person == record)).all() == []
    with stores[EAST].station.db.read() as session:
        assert session.scalars(select(RosterLine).where(RosterLine.person == record)).one().home == SCOPES[EAST]
    everything_agrees(stores)


def test_the_old_stations_groups_never_leave_it_but_the_history_is_readable(stores):
    record = with_family(stores)
    change(stores[EAST], record, note="只有东源村知道的话")
    stores.settle()
    handed_over(stores, record)
    with stores[WEST].station.db.read() as session:
        sql = (
            "SELECT count(*) FROM journal_group g JOIN origin o ON o.id = g.origin JOIN journal_part p "
            "ON p.group_id = g.id WHERE o.node = ? AND p.record IN (SELECT id FROM person UNION SELECT id FROM visit)"
        )
        east = bytes.fromhex(stores[EAST].node)
        assert session.connection().exec_driver_sql(sql, (east,)).scalar() == 0
    story = [(c.field, c.new) for c in History(stores[WEST].station).of("person", record)]
    assert ("note", "只有东源村知道的话") in story
    assert ("name", "张建国") in story


def test_the_new_station_goes_on_and_the_old_one_hears_nothing_more(stores):
    record = with_family(stores)
    handed_over(stores, record)
    change(stores[WEST], record, phone="13900000009", note="西源村以后的话")
    stores.settle()
    for name in (WEST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert found.phone == "13900000009"
    trace = person(stores[EAST], record)
    assert trace is not None
    assert (trace.home, trace.phone) == (SCOPES[WEST], "13800000001")
    assert "西源村以后的话".encode() not in bodies(stores[EAST])
    everything_agrees(stores)


def test_an_offer_can_be_declined_or_withdrawn_and_nothing_moves(stores):
    record = with_family(stores)
    offered = Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    with pytest.raises(Refused, match="还没有办完"):
        Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    stores.settle()
    assert person(stores[WEST], record) is None
    Handovers(stores[WEST].station).decline(offered, "没有这个人的住处")
    stores.settle()
    (row,) = Handovers(stores[EAST].station).overview()
    assert (row.state, row.answer_reason) == ("declined", "没有这个人的住处")
    again = Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    Handovers(stores[EAST].station).withdraw(again)
    stores.settle()
    with pytest.raises(Refused, match="已经撤回"):
        Handovers(stores[WEST].station).accept(again)
    assert person(stores[COUNTY], record).home == SCOPES[EAST]  # type: ignore[union-attr]


def test_withdrawn_and_accepted_apart_does_not_move(stores):
    record = with_family(stores)
    offered = Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    stores.settle()
    Handovers(stores[WEST].station).accept(offered)
    Handovers(stores[EAST].station).withdraw(offered)
    stores.hop(EAST, TOWNSHIP)
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert found.home == SCOPES[EAST]
    assert {row.state for row in Handovers(stores[TOWNSHIP].station).overview()} == {"withdrawn"}


def test_what_the_old_station_wrote_before_it_knew_is_taken_and_goes_after_the_person(stores):
    record = with_family(stores)
    offered = Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    stores.settle()
    Handovers(stores[WEST].station).accept(offered)
    stores.hop(WEST, TOWNSHIP)  # moved at the township now; the old station does not know yet
    change(stores[EAST], record, phone="13900000001")
    with stores[EAST].station.db.work("登记走访") as work:
        work.session.add(Visit(home=SCOPES[EAST], person=record, date="2026-11-22", note="转出前的走访"))
    taken = stores.hop(EAST, TOWNSHIP)
    assert (taken.counts.refused, taken.counts.held) == (0, 0)
    stores.settle()
    found = person(stores[WEST], record)
    assert found is not None
    assert found.phone == "13900000001"
    with stores[WEST].station.db.read() as session:
        assert len(session.scalars(select(Visit).where(Visit.person == record)).all()) == 2
    everything_agrees(stores)


def test_a_later_change_by_the_old_station_is_refused(stores):
    record = with_family(stores)
    handed_over(stores, record)
    change(stores[EAST], record, note="知道已经转出还改")  # a programme without rules
    taken = stores.hop(EAST, TOWNSHIP)
    assert taken.counts.refused == 1
    stores.settle()
    assert len(refusals.listing(stores[EAST].exchange)) == 1
    found = person(stores[WEST], record)
    assert found is not None
    assert found.note is None
    everything_agrees(stores)


def test_only_a_common_superior_moves_a_record(stores):
    record = with_family(stores)
    change(stores[EAST], record, home=SCOPES[WEST])
    taken = stores.hop(EAST, TOWNSHIP)
    assert taken.counts.refused == 1
    assert "关系转出" in taken.counts.refusals[0]


def test_across_townships_the_county_moves_and_a_township_may_be_asked_by_its_id(whole):
    record = with_family(whole)
    offered = Handovers(whole[EAST].station).offer(record, whole[NORTH].node)
    whole.settle()
    (row,) = Handovers(whole[NORTH].station).overview()
    assert (row.name, row.mine) == ("张建国", "answer")
    Handovers(whole[NORTH].station).accept(offered, NORTHERN)
    whole.settle()
    for name in (NORTH, COUNTY, CITY):
        found = person(whole[name], record)
        assert found is not None
        assert found.home == NORTHERN, name
    assert [row.state for row in Handovers(whole[EAST].station).overview()] == ["moved"]
    everything_agrees(whole)


def test_a_person_who_comes_back_is_given_once_more(stores):
    record = with_family(stores)
    handed_over(stores, record)
    change(stores[WEST], record, phone="13900000009")
    stores.settle()
    back = Handovers(stores[WEST].station).offer(record, SCOPES[EAST])
    stores.settle()
    Handovers(stores[EAST].station).accept(back)
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert (found.home, found.phone) == (SCOPES[EAST], "13900000009")
    everything_agrees(stores)


def test_a_restored_township_gets_back_what_it_had_given_away(stores):
    """The new station has the person only as the snapshot that the township does not remember making."""
    record = with_family(stores)
    old = stores.save(TOWNSHIP)
    change(stores[TOWNSHIP], record, note="镇站填写, 没有上报过")
    offered = Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    stores.hop(EAST, TOWNSHIP)
    stores.hop(TOWNSHIP, WEST)
    Handovers(stores[WEST].station).accept(offered)
    stores.hop(WEST, TOWNSHIP)
    stores.hop(TOWNSHIP, WEST)
    assert person(stores[WEST], record) is not None
    stores.restore(TOWNSHIP, old, witness=True)
    stores.settle()
    found = person(stores[TOWNSHIP], record)
    assert found is not None
    assert (found.home, found.note) == (SCOPES[WEST], "镇站填写, 没有上报过")
    assert stores[WEST].digest() == stores[TOWNSHIP].digest((SCOPES[WEST],))


def test_a_refusal_that_reaches_behind_a_snapshot_takes_it_back_there_too(stores):
    """A county voids what a township wrote and had passed on inside a snapshot."""
    record = with_family(stores)
    with stores[TOWNSHIP].station.db.work("越权") as work:
        work.session.get_one(Person, record).note = "将被退回"
        case = work.session.scalars(select(HardshipCase).where(HardshipCase.person == record)).one()
        case.decision_number = "自批1号"
    offered = Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    stores.hop(EAST, TOWNSHIP)
    stores.hop(TOWNSHIP, WEST)
    Handovers(stores[WEST].station).accept(offered)
    stores.hop(WEST, TOWNSHIP)
    stores.hop(TOWNSHIP, WEST)
    assert person(stores[WEST], record).note == "将被退回"  # type: ignore[union-attr]
    stores.settle()
    for name in (WEST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        if found is not None:
            assert found.note is None, name
    everything_agrees(stores)


# -- 人户分离 -------------------------------------------------------------------------------------------------------


def test_the_station_of_the_residence_gets_the_card_and_may_write_visits(stores):
    record = with_family(stores)
    change(stores[EAST], record, residence_division=SCOPES[WEST])
    stores.settle()
    card = person(stores[WEST], record)
    assert card is not None
    assert card.home == SCOPES[EAST]
    with stores[WEST].station.db.read() as session:
        assert len(session.scalars(select(FamilyMember).where(FamilyMember.person == record)).all()) == 1
        assert session.scalars(select(Visit).where(Visit.person == record)).all() == []
    Visits(stores[WEST].station).record({"person": record, "date": "2026-11-22", "note": "常住地走访"})
    assert stores.hop(WEST, TOWNSHIP).counts.refused == 0
    stores.settle()
    with stores[EAST].station.db.read() as session:
        assert "常住地走访" in session.scalars(select(Visit.note).where(Visit.person == record)).all()
    everything_agrees(stores)


def test_the_card_itself_is_not_the_residences_to_change(stores):
    record = with_family(stores)
    change(stores[EAST], record, residence_division=SCOPES[WEST])
    stores.settle()
    change(stores[WEST], record, phone="13900000009")
    taken = stores.hop(WEST, TOWNSHIP)
    assert taken.counts.refused == 1
    stores.settle()
    assert person(stores[WEST], record).phone == "13800000001"  # type: ignore[union-attr]


def test_a_visit_to_somebody_who_does_not_live_there_is_refused(stores):
    record = with_family(stores)
    with stores[WEST].station.db.work("登记走访") as work:
        work.session.add(Visit(home=SCOPES[EAST], person=record, date="2026-11-22"))
    assert stores.hop(WEST, TOWNSHIP).counts.refused == 1


def test_changes_of_the_card_follow_to_the_residence_until_it_ends(stores):
    record = with_family(stores)
    change(stores[EAST], record, residence_division=SCOPES[WEST])
    stores.settle()
    change(stores[EAST], record, phone="13900000001")
    stores.settle()
    assert person(stores[WEST], record).phone == "13900000001"  # type: ignore[union-attr]
    change(stores[EAST], record, residence_division=None)
    stores.settle()
    change(stores[EAST], record, phone="13900000002", note="回来以后的话")
    stores.settle()
    trace = person(stores[WEST], record)
    assert trace is not None
    assert (trace.phone, trace.residence_division) == ("13900000001", None)
    assert "回来以后的话".encode() not in bodies(stores[WEST])


def test_the_same_on_the_way_through_two_townships(whole):
    record = with_family(whole)
    change(whole[EAST], record, residence_division=NORTHERN)
    whole.settle()
    assert person(whole[NORTH], record) is not None
    Visits(whole[NORTH].station).record({"person": record, "date": "2026-11-22"})
    whole.settle()
    with whole[EAST].station.db.read() as session:
        assert len(session.scalars(select(Visit).where(Visit.person == record)).all()) == 2
    everything_agrees(whole)
