"""The promises of the exchange (P1 to P13), each in a history short enough to read."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from app.errors import Refused
from app.models import FamilyMember, HardshipCase, Person, receipts
from app.models.journal import Blob, Group
from app.services.attachments import Attachments
from app.sync import conflicts, forks, incoming, refusals
from tests.exchange.chain import COUNTY, EAST, SCOPES, TOWNSHIP, WEST, Chain, Desk, chain

DAY = 86_400_000
OUTSIDE = "361002100999"


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


@pytest.fixture
def shared() -> Iterator[Chain]:
    with chain("shared") as made:
        yield made


def add(desk: Desk, name: str = "张建国", place: str = "") -> str:
    home = place or desk.scopes[0]
    with desk.station.db.work("登记人员") as work:
        person = Person(home=home, division=home, name=name, phone="13800000001")
        work.session.add(person)
    return person.id


def change(desk: Desk, record: str, **values: object) -> None:
    with desk.station.db.work("修改资料") as work:
        person = work.session.get_one(Person, record)
        for name, value in values.items():
            setattr(person, name, value)


def person(desk: Desk, record: str) -> Person | None:
    with desk.station.db.read() as session:
        return session.get(Person, record)


def status(desk: Desk, record: str) -> str:
    with desk.station.db.read() as session:
        return receipts.status(session, "person", record)


def known(stores: Chain) -> str:
    """A person of the east village whom everybody above it has."""
    record = add(stores[EAST])
    stores.settle()
    return record


# -- P1, P2 --------------------------------------------------------------------------------------------------------


def test_p1_two_answers_are_both_kept_and_listed_on_both_sides(stores):
    record = known(stores)
    change(stores[EAST], record, name="张建国一")
    change(stores[TOWNSHIP], record, name="张建国二")
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        (found,) = stores[name].conflicts()
        assert (found["record"], found["field"]) == (record, "name")
        assert {head["value"] for head in found["heads"]} == {"张建国一", "张建国二"}


def test_p1_different_fields_merge_without_a_question(stores):
    record = known(stores)
    change(stores[EAST], record, phone="13800000002")
    change(stores[TOWNSHIP], record, note="独居")
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert (found.phone, found.note) == ("13800000002", "独居")
        assert stores[name].conflicts() == []


def test_p1_an_answer_settles_the_question_everywhere(stores):
    record = known(stores)
    change(stores[EAST], record, name="张建国一")
    change(stores[TOWNSHIP], record, name="张建国二")
    stores.settle()
    conflicts.resolve(stores[TOWNSHIP].exchange, "person", record, "name", take=None, value="张建国三")
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert found.name == "张建国三"
        assert stores[name].conflicts() == []


def test_p2_a_change_brings_back_what_another_has_deleted_and_lists_it(stores):
    record = known(stores)
    with stores[TOWNSHIP].station.db.work("移入回收站") as work:
        work.delete(work.session.get_one(Person, record))
    change(stores[EAST], record, phone="13800000002")
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert not found.deleted
        assert [q["field"] for q in stores[name].conflicts()] == ["deleted"]


def test_p2_so_does_a_new_part_until_it_is_deleted_too(stores):
    record = known(stores)
    with stores[TOWNSHIP].station.db.work("移入回收站") as work:
        work.delete(work.session.get_one(Person, record))
    with stores[EAST].station.db.work("登记家庭成员") as work:
        part = FamilyMember(home=SCOPES[EAST], person=record, name="王秀英")
        work.session.add(part)
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert not found.deleted
        assert [q["field"] for q in stores[name].conflicts()] == ["deleted"]
    with stores[COUNTY].station.db.work("删除家庭成员") as work:
        work.delete(work.session.get_one(FamilyMember, part.id))
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert found.deleted
        assert stores[name].conflicts() == []


def test_p2_the_same_state_whatever_the_order(stores):
    record = known(stores)
    parcels = []
    for phone in ("13800000002", "13800000003", "13800000004"):
        change(stores[EAST], record, phone=phone)
        parcels.append(stores.export(EAST, TOWNSHIP))
    for parcel in reversed(parcels):
        stores.take(parcel)
    found = person(stores[TOWNSHIP], record)
    assert found is not None
    assert found.phone == "13800000004"
    assert stores[TOWNSHIP].digest((SCOPES[EAST],)) == stores[EAST].digest()


def test_p2_several_desks_of_one_village_hold_the_same(shared):
    record = known(shared)
    assert person(shared[WEST], record) is not None
    change(shared[WEST], record, note="由另一台电脑填写")
    shared.settle()
    found = person(shared[EAST], record)
    assert found is not None
    assert found.note == "由另一台电脑填写"
    assert len({shared[name].digest((SCOPES[EAST],)) for name in (EAST, WEST, TOWNSHIP, COUNTY)}) == 1


def test_p2_two_with_nothing_new_fall_silent(stores):
    stores.settle()
    assert [stores.export(*way).groups for way in ((EAST, TOWNSHIP), (TOWNSHIP, EAST), (TOWNSHIP, COUNTY))] == [0] * 3


# -- P3, P4 --------------------------------------------------------------------------------------------------------


def test_p3_a_rehearsal_counts_and_changes_nothing(stores):
    record = add(stores[EAST])
    parcel = stores.export(EAST, TOWNSHIP)
    before = stores[TOWNSHIP].dump()
    taken = stores.take(parcel, rehearse=True)
    assert (taken.counts.accepted, taken.counts.new) == (1, 1)
    assert stores[TOWNSHIP].dump() == before
    assert person(stores[TOWNSHIP], record) is None


def test_p4_a_package_taken_twice_changes_nothing_and_says_so(stores):
    add(stores[EAST])
    parcel = stores.export(EAST, TOWNSHIP)
    stores.take(parcel)
    before = stores[TOWNSHIP].dump()
    taken = stores.take(parcel)
    assert "已经收过" in taken.again
    assert taken.counts.known == parcel.groups == 1
    assert stores[TOWNSHIP].dump() == before


# -- P5, P6 --------------------------------------------------------------------------------------------------------


def test_p5_a_record_is_received_by_a_level_only_with_its_receipt(stores):
    record = add(stores[EAST])
    assert status(stores[EAST], record) == "unsent"
    stores.export(EAST, TOWNSHIP)
    assert status(stores[EAST], record) == "sent"
    stores.hop(EAST, TOWNSHIP)
    assert status(stores[EAST], record) == "sent"
    stores.hop(TOWNSHIP, EAST)
    assert status(stores[EAST], record) == "township"
    stores.hop(TOWNSHIP, COUNTY)
    stores.hop(COUNTY, TOWNSHIP)
    assert status(stores[EAST], record) == "township"
    stores.hop(TOWNSHIP, EAST)
    assert status(stores[EAST], record) == "county"


def test_p5_a_lost_stick_costs_nothing(stores):
    record = add(stores[EAST])
    stores.export(EAST, TOWNSHIP).path.unlink()
    stores.hop(EAST, TOWNSHIP)
    assert person(stores[TOWNSHIP], record) is not None


def test_p6_what_comes_early_is_held_and_the_missing_is_named(stores):
    first = add(stores[EAST])
    parcel = stores.export(EAST, TOWNSHIP)
    stores.take(parcel)
    stores.hop(TOWNSHIP, EAST)
    old = stores.save(TOWNSHIP)
    second, third = add(stores[EAST], "王秀英"), None
    middle = stores.export(EAST, TOWNSHIP)
    stores.take(middle)
    stores.hop(TOWNSHIP, EAST)
    third = add(stores[EAST], "李䶮")
    late = stores.export(EAST, TOWNSHIP)
    stores.restore(TOWNSHIP, old, witness=True)  # it has told the village of a group that it lacks now
    taken = stores.take(late)
    assert (taken.counts.accepted, taken.counts.held) == (0, 1)
    assert len(taken.counts.missing) == 1
    assert person(stores[TOWNSHIP], third) is None
    stores.take(middle)
    assert all(person(stores[TOWNSHIP], record) is not None for record in (first, second, third))


def test_p6_a_refused_change_reaches_its_author_and_can_be_sent_again(stores):
    record = add(stores[EAST], place=OUTSIDE)
    taken = stores.hop(EAST, TOWNSHIP)
    assert (taken.counts.accepted, taken.counts.refused) == (0, 1)
    assert "管辖范围" in taken.counts.refusals[0]
    assert person(stores[TOWNSHIP], record) is None
    stores.hop(TOWNSHIP, EAST)
    assert person(stores[EAST], record) is None
    (found,) = refusals.listing(stores[EAST].exchange)
    assert found["records"][0]["fields"]["name"] == "张建国"
    refusals.resend(stores[EAST].exchange, found["id"], {"division": SCOPES[EAST]})
    stores.settle()
    assert refusals.listing(stores[EAST].exchange) == []
    for name in (EAST, TOWNSHIP, COUNTY):
        again = person(stores[name], record)
        assert again is not None
        assert again.home == SCOPES[EAST]


def test_p6_what_builds_on_a_refused_act_is_held_and_comes_back_with_it(stores):
    record = add(stores[EAST], place=OUTSIDE)
    change(stores[EAST], record, note="腿脚不便")
    taken = stores.hop(EAST, TOWNSHIP)
    assert (taken.counts.refused, taken.counts.held) == (1, 1)
    stores.hop(TOWNSHIP, EAST)
    (found,) = refusals.listing(stores[EAST].exchange)
    assert [held["act"] for held in found["held"]] == ["修改资料"]
    refusals.resend(stores[EAST].exchange, found["id"], {"division": SCOPES[EAST]})
    stores.settle()
    again = person(stores[COUNTY], record)
    assert again is not None
    assert again.note == "腿脚不便"


def test_p6_a_dropped_act_stays_out_and_silence_returns(stores):
    record = add(stores[EAST], place=OUTSIDE)
    stores.settle()
    (found,) = refusals.listing(stores[EAST].exchange)
    refusals.drop(stores[EAST].exchange, found["id"])
    stores.settle()
    assert refusals.listing(stores[EAST].exchange) == []
    assert all(person(stores[name], record) is None for name in (EAST, TOWNSHIP, COUNTY))


# -- P7, P8 --------------------------------------------------------------------------------------------------------


def test_p7_a_package_for_another_is_refused_whole(stores):
    add(stores[EAST])
    parcel = stores.export(EAST, TOWNSHIP)
    before = stores[WEST].dump()
    with pytest.raises(Refused):
        incoming.take(stores[WEST].exchange, parcel.path)
    assert stores[WEST].dump() == before


def test_p7_one_changed_bit_is_refused_whole(stores):
    add(stores[EAST])
    parcel = stores.export(EAST, TOWNSHIP)
    data = bytearray(parcel.path.read_bytes())
    before = stores[TOWNSHIP].dump()
    for place in range(0, len(data), len(data) // 12):
        data[place] ^= 1
        parcel.path.write_bytes(bytes(data))
        with pytest.raises(Refused):
            stores.take(parcel)
        data[place] ^= 1
    assert stores[TOWNSHIP].dump() == before


def test_p8_no_record_leaves_its_scope(stores):
    record = known(stores)
    assert person(stores[WEST], record) is None
    with stores[WEST].station.db.read() as session:
        rows = session.connection().exec_driver_sql("SELECT body FROM journal_part").scalars().all()
    assert not any("张建国".encode() in bytes(body) for body in rows if body is not None)


def test_p8_a_field_of_a_higher_level_is_refused(stores):
    with stores[EAST].station.db.work("自批") as work:
        case = work.session.scalars(select(HardshipCase).order_by(HardshipCase.id)).first()
        assert case is not None
        case.decision_number = "自批1号"
    taken = stores.hop(EAST, TOWNSHIP)
    assert taken.counts.refused == 1
    assert "县局" in taken.counts.refusals[0]
    stores.settle()
    with stores[EAST].station.db.read() as session:
        assert session.get_one(HardshipCase, case.id).decision_number is None


# -- P10 -----------------------------------------------------------------------------------------------------------


def test_p10_a_restored_child_gets_back_what_it_had_sent(stores):
    old = stores.save(EAST)
    record = add(stores[EAST])
    stores.settle()
    before = stores.desks[EAST].local().incarnation
    desk = stores.restore(EAST, old, witness=True)
    assert desk.local().incarnation != before
    assert person(desk, record) is None
    stores.settle()
    assert person(stores[EAST], record) is not None


def test_p10_a_restored_parent_gets_back_what_it_had_sent_down_and_what_came_up(stores):
    record = known(stores)
    old = stores.save(TOWNSHIP)
    change(stores[TOWNSHIP], record, note="镇站填写")
    own = add(stores[EAST], "王秀英")
    stores.settle()
    stores.restore(TOWNSHIP, old, witness=True)
    stores.settle()
    found = person(stores[TOWNSHIP], record)
    assert found is not None
    assert found.note == "镇站填写"
    assert person(stores[TOWNSHIP], own) is not None


def test_p10_a_copy_opened_elsewhere_begins_a_new_incarnation(stores):
    before = stores.desks[EAST].local()
    copy = stores.elsewhere(EAST)
    assert copy.local().incarnation != before.incarnation
    assert stores.desks[EAST].local().incarnation == before.incarnation
    stores.adopt(copy)
    record = add(stores[EAST])
    stores.settle()
    assert person(stores[COUNTY], record) is not None


def test_p10_two_acts_under_one_dot_do_not_count_until_a_superior_has_decided(stores):
    old = stores.save(EAST)
    first = add(stores[EAST], "张建国")
    stores.hop(EAST, TOWNSHIP)
    stores.restore(EAST, old, witness=False)
    second = add(stores[EAST], "王秀英")
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        assert person(stores[name], first) is None
        assert person(stores[name], second) is None
    with pytest.raises(Refused):
        forks.settle(stores[EAST].exchange, forks.listing(stores[EAST].exchange)[0]["id"], 1)
    (found,) = forks.listing(stores[TOWNSHIP].exchange)
    forks.settle(stores[TOWNSHIP].exchange, found["id"], 1)
    stores.settle()
    assert [forks.listing(stores[name].exchange) for name in (EAST, TOWNSHIP, COUNTY)] == [[], [], []]
    here = [[person(stores[name], r) is not None for r in (first, second)] for name in (EAST, TOWNSHIP, COUNTY)]
    assert here[0] == here[1] == here[2]
    assert sorted(here[0]) == [False, True]
    (back,) = refusals.listing(stores[EAST].exchange)
    refusals.resend(stores[EAST].exchange, back["id"], {})
    stores.settle()
    assert all(person(stores[name], r) is not None for name in (EAST, TOWNSHIP, COUNTY) for r in (first, second))


def test_p10_a_position_is_never_used_again_after_a_restore(stores):
    old = stores.save(EAST)
    add(stores[EAST])
    stores.restore(EAST, old, witness=True)
    add(stores[EAST])
    stores.settle()
    with stores[EAST].station.db.read() as session:
        shared = select(Group.origin).group_by(Group.origin, Group.position).having(func.count() > 1)
        assert session.execute(shared).all() == []


# -- P11 -----------------------------------------------------------------------------------------------------------


def test_p11_a_clock_a_year_ahead_pushes_nobody_elses(stores):
    record = known(stores)
    stores.desks[EAST].skew = 365 * DAY
    change(stores[EAST], record, phone="13800000002")
    stores.hop(EAST, TOWNSHIP)
    assert stores.desks[TOWNSHIP].local().stamp // 1024 < stores.now + 2 * DAY
    found = person(stores[TOWNSHIP], record)
    assert found is not None
    assert found.phone == "13800000002"


def test_p11_a_later_act_wins_however_wrong_the_clock(stores):
    record = known(stores)
    stores.desks[EAST].skew = 365 * DAY
    change(stores[EAST], record, phone="13800000002")
    stores.settle()
    change(stores[TOWNSHIP], record, phone="13800000003")
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(stores[name], record)
        assert found is not None
        assert found.phone == "13800000003"


def test_p11_a_package_from_the_future_is_warned_of(stores):
    add(stores[EAST])
    stores.desks[EAST].skew = 365 * DAY
    taken = stores.hop(EAST, TOWNSHIP)
    assert "日期" in taken.clock_warning


# -- P13 -----------------------------------------------------------------------------------------------------------


def test_p13_a_broken_part_is_named_missing_the_rest_is_taken_and_it_heals(stores):
    record = known(stores)
    file = stores.root / "照片.txt"
    file.write_bytes("走访照片".encode() * 4_000)
    Attachments(stores[EAST].station).add(f"person:{record}", file)
    parcel = stores.export(EAST, TOWNSHIP)
    data = bytearray(parcel.path.read_bytes())
    data[-40] ^= 1  # in the last part: the picture's
    parcel.path.write_bytes(bytes(data))
    taken = stores.take(parcel)
    assert taken.counts.accepted == 1
    assert taken.missing_files == 1
    assert "attachments" in taken.document["missing"]
    assert _missing(stores[TOWNSHIP]) == 1
    stores.settle()
    assert _missing(stores[TOWNSHIP]) == 0
    assert _missing(stores[COUNTY]) == 0
    got = stores.root / "取出.txt"
    (row,) = Attachments(stores[COUNTY].station).of(f"person:{record}")
    Attachments(stores[COUNTY].station).get(row.id, got)
    assert got.read_bytes() == file.read_bytes()


def _missing(desk: Desk) -> int:
    with desk.station.db.read() as session:
        return session.scalar(select(func.count()).select_from(Blob).where(Blob.name.is_(None))) or 0
