"""What random histories found, each as a plain history short enough to read."""

import json
from collections.abc import Iterator

import pytest

from app.models import FamilyMember, HardshipCase, Person, Visit
from app.services import checking
from app.services.erasing import Erasing
from app.services.handovers import Handovers
from app.services.policies import Policies
from app.sync import forks, refusals
from tests.exchange.chain import CITY, COUNTY, EAST, NORTH, SCOPES, TOWNSHIP, WEST, Chain, Desk, chain
from tests.exchange.test_moving import NORTHERN
from tests.exchange.test_promises import add, change, known, person


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


@pytest.fixture
def whole() -> Iterator[Chain]:
    with chain("whole") as made:
        yield made


@pytest.fixture
def shared() -> Iterator[Chain]:
    with chain("shared") as made:
        yield made


def bare_deletion(desk: Desk, record: str) -> None:
    """An act that needs no signature of its own."""
    with desk.station.db.work("移入回收站") as work:
        work.session.get_one(Person, record).deleted = True


@pytest.mark.parametrize("keep", [1, 2])
def test_a_seal_on_the_side_of_a_fork_that_lost_is_no_sign_of_tampering(stores, keep):
    """Seeds 5/9, 5/104: the first side had been sealed and sent before the second was made under the same dot."""
    record = known(stores)
    old = stores.save(EAST)
    change(stores[EAST], record, phone="13800000002")
    stores.hop(EAST, TOWNSHIP)
    stores.restore(EAST, old, witness=False)
    change(stores[EAST], record, phone="13800000003")
    stores.hop(EAST, TOWNSHIP)
    (found,) = forks.listing(stores[TOWNSHIP].exchange)
    forks.settle(stores[TOWNSHIP].exchange, found["id"], keep)
    stores.settle()
    assert [checking.check(desk.station) for desk in stores.desks.values()] == [[]] * 4


def test_what_was_built_on_the_losing_side_of_a_fork_comes_back_with_it(stores):
    """Seed 5/88: a copy went on from the losing side, on a record of which the winning side says nothing."""
    record, other = known(stores), known(stores)
    old = stores.save(EAST)
    change(stores[EAST], other, note="独居")
    stores.hop(EAST, TOWNSHIP)
    stores.restore(EAST, old, witness=False)
    change(stores[EAST], record, phone="13800000002")
    copy = stores.elsewhere(EAST)
    stores.adopt(copy)
    change(stores[EAST], record, note="在副本里填写")
    stores.hop(EAST, TOWNSHIP)
    (found,) = forks.listing(stores[TOWNSHIP].exchange)
    loser = next(n for n, side in enumerate(found["sides"], 1) if side["hash"] in _hashes(stores[EAST], record))
    forks.settle(stores[TOWNSHIP].exchange, found["id"], 3 - loser)
    stores.settle()
    (back,) = refusals.listing(stores[EAST].exchange)
    assert [held["act"] for held in back["held"]] == ["修改资料"]
    refusals.resend(stores[EAST].exchange, back["id"], {})
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        again = person(stores[name], record)
        assert again is not None
        assert (again.phone, again.note) == ("13800000002", "在副本里填写")


def _hashes(desk: Desk, record: str) -> set[str]:
    """Acts that wrote a record, by their hashes."""
    sql = "SELECT g.hash FROM journal_group g JOIN journal_part p ON p.group_id = g.id WHERE p.record = ?"
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql(sql, (bytes.fromhex(record),)).scalars().all()
    return {bytes(row).hex() for row in rows}


def test_an_own_act_that_only_units_below_still_had_reaches_the_parent_too(shared):
    """Seed 4/27: sent down but not yet up, then lost by a restore; it comes back in pieces that no seal reaches."""
    record = known(shared)
    old = shared.save(TOWNSHIP)
    bare_deletion(shared[TOWNSHIP], record)
    shared.hop(TOWNSHIP, EAST)
    shared.hop(TOWNSHIP, WEST)
    shared.restore(TOWNSHIP, old, witness=True)
    shared.settle()
    for name in (EAST, WEST, TOWNSHIP, COUNTY):
        again = person(shared[name], record)
        assert again is not None
        assert again.deleted, name


def test_a_seal_of_an_act_that_was_lost_unseen_stops_no_package(stores):
    """Seed 6/400: the township sent back a twin under a seal whose own act the village had just lost without a trace."""
    record = known(stores)
    first = stores.save(EAST)
    change(stores[EAST], record, phone="13800000002")
    stores.hop(EAST, TOWNSHIP)
    stores.restore(EAST, first, witness=False)
    change(stores[EAST], record, phone="13800000003")
    second = stores.save(EAST)
    change(stores[EAST], record, note="独居")
    stores.hop(EAST, TOWNSHIP)
    stores.restore(EAST, second, witness=False)
    change(stores[EAST], record, note="腿脚不便")
    stores.hop(TOWNSHIP, EAST)
    stores.settle()
    assert len({tuple(one["id"] for one in forks.listing(stores[name].exchange)) for name in (EAST, TOWNSHIP)}) == 1


def test_what_only_a_neighbour_of_the_author_still_has_comes_home_by_the_parents_mark(shared):
    """Seed 6/133: author and parent both restored; the other desk of the village had got the act from the parent."""
    record = known(shared)
    old = {name: shared.save(name) for name in (WEST, TOWNSHIP)}
    change(shared[WEST], record, phone="13800000002")
    shared.hop(WEST, TOWNSHIP)
    shared.hop(TOWNSHIP, EAST)
    for name, copy in old.items():
        shared.restore(name, copy, witness=True)
    shared.settle()
    for name in (EAST, WEST, TOWNSHIP, COUNTY):
        again = person(shared[name], record)
        assert again is not None
        assert again.phone == "13800000002", name


def test_an_own_act_comes_back_from_each_unit_that_has_a_piece_of_it(stores):
    """What one station has given back of an act must not keep another from giving back the rest."""
    records = {name: add(stores[name]) for name in (EAST, WEST)}
    stores.settle()
    old = stores.save(TOWNSHIP)
    with stores[TOWNSHIP].station.db.work("两村一起修改") as work:
        for record in records.values():
            work.session.get_one(Person, record).note = "镇站填写"
    for name in (EAST, WEST):
        stores.hop(TOWNSHIP, name)
    stores.restore(TOWNSHIP, old, witness=True)
    stores.hop(EAST, TOWNSHIP)
    stores.hop(TOWNSHIP, WEST)  # it says now that it has the act, though only the east's piece of it
    stores.settle()
    for name, record in records.items():
        for holder in (name, TOWNSHIP, COUNTY):
            again = person(stores[holder], record)
            assert again is not None
            assert again.note == "镇站填写", (name, holder)


def test_a_refused_act_that_came_back_in_pieces_leaves_nobody_repeating_a_journal(whole):
    """Seed 5/248: refused by the county where it lay by itself, and the city sent the journal before it for ever."""
    old = whole.save(TOWNSHIP)
    with whole[TOWNSHIP].station.db.work("越权") as work:
        case = work.session.query(HardshipCase).order_by(HardshipCase.id).first()
        case.decision_number = "自批1"
        home = case.home
    whole.hop(TOWNSHIP, EAST if home == whole.desks[EAST].scopes[0] else WEST)
    whole.restore(TOWNSHIP, old, witness=True)
    whole.settle()
    assert [one["act"] for one in refusals.listing(whole[TOWNSHIP].exchange)] == ["越权"]


def test_a_snapshot_stands_for_one_part_of_an_act_and_not_for_the_part_that_was_withheld_from_its_giver(whole):
    """Seed 5/62: the city gave the county a snapshot with the name; the income of the same act had stopped below it."""
    record = known(whole)
    change(whole[EAST], record, name="李䶮", income=276_00)
    change(whole[CITY], record, residence_division=SCOPES[NORTH])
    whole.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        again = person(whole[name], record)
        assert again is not None
        assert (again.name, again.income) == ("李䶮", 276_00), name


def test_a_part_added_to_somebody_moved_and_erased_meanwhile_hangs_on_the_shell(stores):
    """Seed 5/225: the new station has never had the person, only that the law had it deleted."""
    record = add(stores[WEST])
    stores.settle()
    Handovers(stores[COUNTY].station).offer(record, SCOPES[EAST])
    Erasing(stores[COUNTY].station).erase(record, "依申请删除")
    with stores[WEST].station.db.work("登记家庭成员") as work:
        work.session.add(FamilyMember(home=SCOPES[WEST], person=record, name="张建国"))
    stores.settle()
    assert [checking.check(desk.station) for desk in stores.desks.values()] == [[]] * 4


def test_what_comes_late_of_somebody_who_has_moved_twice_is_moved_by_the_superior_of_both_ends(whole):
    """Seed 5/209: the township, which had made the first move, moved it out of its own scope, again and again."""
    record = known(whole)
    Handovers(whole[TOWNSHIP].station).offer(record, SCOPES[WEST])
    whole.hop(TOWNSHIP, COUNTY)
    Handovers(whole[COUNTY].station).offer(record, NORTHERN)
    whole.hop(COUNTY, TOWNSHIP)
    with whole[EAST].station.db.work("登记走访") as work:
        work.session.add(Visit(home=SCOPES[EAST], person=record, date="2026-11-22", note="转出前的走访"))
    whole.settle()
    for name in (NORTH, COUNTY, CITY):
        with whole[name].station.db.read() as session:
            assert [one.home for one in session.query(Visit).filter_by(person=record)] == [NORTHERN], name
    assert refusals.listing(whole[TOWNSHIP].exchange) == []


def test_a_higher_position_of_an_origin_is_no_proof_of_the_lower_one_on_this_record(stores):
    """Seed 5/661: lost unseen, the dots went to acts on other records; what was built on the lost ones waits."""
    record, other = known(stores), known(stores)
    old = stores.save(EAST)
    change(stores[EAST], record, name="李䶮")
    stores.hop(EAST, TOWNSHIP)
    change(stores[TOWNSHIP], record, note="独居")
    stores.restore(EAST, old, witness=False)
    change(stores[EAST], other, phone="13800000002")
    change(stores[EAST], record, phone="13800000003")
    taken = stores.hop(TOWNSHIP, EAST)
    assert (taken.counts.accepted, taken.counts.held) == (0, 1)
    assert checking.check(stores[EAST].station) == []
    stores.settle()
    assert [checking.check(desk.station) for desk in stores.desks.values()] == [[]] * 4


def test_of_somebody_who_came_and_left_at_once_the_station_between_has_every_handover(whole):
    """Seed 5/797: the first move was judged by the snapshot, which said only where the person had gone since."""
    record = add(whole[WEST])
    whole.settle()
    first = Handovers(whole[TOWNSHIP].station).offer(record, SCOPES[EAST])
    whole.hop(TOWNSHIP, COUNTY)
    second = Handovers(whole[COUNTY].station).offer(record, NORTHERN)
    whole.settle()
    assert {row.id for row in Handovers(whole[EAST].station).overview()} == {first, second}


def test_a_snapshot_says_where_its_fields_stop(whole):
    """Seed 5/986: a policy stopped the phone at the village; what the city gave down as a snapshot did not tell."""
    record = known(whole)
    value = json.dumps({"person.phone": "village"})
    Policies(whole[CITY].station).set({"name": "exchange.stops", "value": value})
    change(whole[CITY], record, phone="13800000003")
    change(whole[CITY], record, residence_division=SCOPES[WEST])
    whole.settle()
    city, county = whole.desks[CITY], whole.desks[COUNTY]
    assert county.digest(level="city") == city.digest(county.scopes, "city")
