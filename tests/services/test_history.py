"""History of a record, the list of acts, undo: former values, deletions, reversals, and what stays."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.errors import BadInput, Refused
from app.models import Campaign, Payment, Person, PersonIdentity, Roster, RosterLine, Staff, Visit
from app.models.journal import Local, Receipt
from app.services.divisions import Divisions
from app.services.history import History
from app.services.people import People
from app.services.station import Station
from app.services.undoing import Undo

VILLAGE = "361002100201"


def person(station: Station, name: str = "张建国", **more: object) -> str:
    given = {"name": name, "no_id_reason": "uncollected", "division": VILLAGE} | more
    return People(station).add(given).id


def fields(station: Station, record: str) -> dict[str, Any]:
    return People(station).show(record).fields


def visit(station: Station, person_id: str) -> str:
    with station.db.work("登记走访") as work:
        record = Visit(id=clock.new_id(), home=VILLAGE, person=person_id, date="2026-09-28")
        work.session.add(record)
    return record.id


def test_history_tells_field_old_new_who_when(fixed_now: dt.datetime, station: Station) -> None:
    record = person(station, phone="13800138000", class12="02")
    People(station).change(record, {"phone": "13900139000"})
    People(station).change(record, {"disability_level": "07", "income": "10.00"})
    changes = History(station).of("person", record)
    phones = [(c.old, c.new) for c in changes if c.field == "phone"]
    assert phones == [(None, "13800138000"), ("13800138000", "13900139000")]
    assert {c.who for c in changes} == {"周敏"}
    assert {c.when for c in changes} == {fixed_now}
    assert {c.node for c in changes} == {station.place.node}
    last = {c.field: c.new for c in changes[-2:]}
    assert last == {"income": "10.00", "person_identity.disability_level": "07"}
    assert "home" not in {c.field for c in changes}
    assert changes[-1].act == History(station).acts()[0].id


def test_history_of_nothing_is_refused(station: Station) -> None:
    with pytest.raises(Refused, match="没有这条记录"):
        History(station).of("person", "0" * 32)


def test_acts_newest_first(station: Station) -> None:
    record = person(station)
    People(station).change(record, {"phone": "13900139000"})
    names = [act.name for act in History(station).acts()]
    assert names == ["修改人员", "登记人员", "新建本单位"]
    assert [act.name for act in History(station).acts(1)] == ["修改人员"]
    assert History(station).acts(1)[0].id.startswith(station.place.node + "-1-")


def test_undo_writes_former_values_and_redo_brings_back(station: Station) -> None:
    record = person(station, phone="13800138000")
    People(station).change(record, {"phone": "13900139000", "address": "三组"})
    done = Undo(station).undo()
    assert (done.name, done.kept) == ("修改人员", ())
    assert fields(station, record)["phone"] == "13800138000"
    assert fields(station, record)["address"] is None
    acts = History(station).acts()
    assert acts[0].name == "撤销: 修改人员"
    assert [act.undone for act in acts[:2]] == [False, True]
    with pytest.raises(Refused, match="已经撤销过"):
        Undo(station).undo(done.act)
    Undo(station).undo(done.id)
    assert fields(station, record)["phone"] == "13900139000"
    assert [act.undone for act in History(station).acts(3)] == [False, True, False]
    Undo(station).undo(done.act)
    assert fields(station, record)["phone"] == "13800138000"


def test_undo_without_a_name_walks_back(station: Station) -> None:
    record = person(station, phone="13800138000")
    People(station).change(record, {"phone": "13900139000"})
    Undo(station).undo()
    Undo(station).undo()
    with pytest.raises(Refused, match="回收站"):
        fields(station, record)
    with pytest.raises(Refused, match=r"新建本单位.*不能撤销"):
        Undo(station).undo()


def test_created_records_are_deleted_with_their_parts_and_brought_back(station: Station) -> None:
    record = person(station, class12="02")
    done = Undo(station).undo()
    with station.db.read() as session:
        assert session.scalars(select(PersonIdentity.deleted)).all() == [True]
    Undo(station).undo(done.id)
    assert fields(station, record)["identities"][0]["class12"] == "02"


def test_what_was_edited_since_stays_and_is_named(station: Station) -> None:
    ids = [clock.new_id() for _ in range(3)]
    with station.db.work("导入名单(某村.xlsx)") as work:
        rows = [{"id": i, "home": VILLAGE, "division": VILLAGE, "name": n} for i, n in zip(ids, "甲乙丙", strict=True)]
        work.add_many("person", rows)
        work.add_many("person_identity", [{"home": VILLAGE, "person": i, "class12": "02"} for i in ids])
    imported = History(station).acts()[0].id
    People(station).change(ids[0], {"phone": "13900139000"})
    visit(station, ids[1])
    done = Undo(station).undo(imported)
    assert {(k.name, k.reason) for k in done.kept} == {("甲", "后来改过"), ("乙", "已有走访")}
    assert len(fields(station, ids[0])["identities"]) == 1
    assert len(fields(station, ids[1])["identities"]) == 1
    with pytest.raises(Refused):
        fields(station, ids[2])


def test_a_field_overwritten_since_is_left(station: Station) -> None:
    record = person(station)
    People(station).change(record, {"phone": "13900139000", "address": "三组"})
    act = History(station).acts()[0].id
    People(station).change(record, {"phone": "13700137000"})
    done = Undo(station).undo(act)
    assert [(k.field, k.reason) for k in done.kept] == [("phone", "后来改过")]
    assert fields(station, record)["phone"] == "13700137000"
    assert fields(station, record)["address"] is None
    with pytest.raises(Refused):
        Undo(station).undo(act)


def test_only_own_acts(station: Station) -> None:
    person(station)
    act = History(station).acts()[0].id
    with station.db.work("增加工作人员") as work:
        other = Staff(id=clock.new_id(), name="李明", roles="clerk", home=VILLAGE, node=station.place.node)
        work.session.add(other)
    station.sit_down(other)
    with pytest.raises(Refused, match="周敏 做的"):
        Undo(station).undo(act)
    with pytest.raises(Refused, match="没有可以撤销的事项"):
        Undo(station).undo()


def test_unknown_acts(station: Station) -> None:
    with pytest.raises(BadInput):
        Undo(station).undo("abc")
    with pytest.raises(BadInput):
        Undo(station).undo(f"{station.place.node}-1-{10**30}")
    with pytest.raises(Refused, match="没有这个事项"):
        Undo(station).undo(f"{station.place.node}-1-99")


def roster_of(station: Station, record: str, *, frozen: bool) -> RosterLine:
    with station.db.work("准备名单") as work:
        campaign = Campaign(id=clock.new_id(), home=VILLAGE, name="春节", year=2027, festival="spring", source="county")
        roster = Roster(id=clock.new_id(), home=VILLAGE, campaign=campaign.id, number="1", printed="2027-01-10")
        line = RosterLine(
            id=clock.new_id(), home=VILLAGE, campaign=campaign.id, person=record, amount=50000,
            roster=roster.id if frozen else None,
        )  # fmt: skip
        work.session.add_all([campaign, roster, line])
    return line


def test_what_stands_on_a_frozen_roster_is_corrected_instead(station: Station) -> None:
    record = person(station)
    People(station).change(record, {"name": "张建军"})
    act = History(station).acts()[0].id
    line = roster_of(station, record, frozen=True)
    with pytest.raises(Refused, match="更正, 划销 或 作废"):
        Undo(station).undo(act)
    assert fields(station, record)["name"] == "张建军"
    with pytest.raises(Refused, match="打印定稿"):
        Undo(station).undo()
    with station.db.work("改金额") as work:
        found = work.session.get(RosterLine, line.id)
        assert found is not None
        found.amount = 60000
    with pytest.raises(Refused, match="打印定稿"):
        Undo(station).undo()


def pay(station: Station, line: RosterLine, **more: object) -> str:
    record = clock.new_id()
    with station.db.work("登记发放") as work:
        work.session.add(
            Payment(
                id=record, home=VILLAGE, line=line.id, person=line.person, campaign=line.campaign, result="paid",
                amount=50000, day="2027-01-20", **more,
            )
        )  # fmt: skip
    return record


def test_an_appended_row_is_reversed_not_deleted(fixed_now: dt.datetime, station: Station) -> None:
    record = person(station)
    line = roster_of(station, record, frozen=False)
    paid = pay(station, line)
    done = Undo(station).undo()
    with station.db.read() as session:
        rows = {p.id: p for p in session.scalars(select(Payment))}
    assert len(rows) == 2
    assert not any(p.deleted for p in rows.values())
    reversal = next(p for p in rows.values() if p.id != paid)
    assert (reversal.reverses, reversal.amount, reversal.day, reversal.line) == (paid, -50000, "2026-11-23", line.id)
    with pytest.raises(Refused, match="重新登记"):
        Undo(station).undo(done.id)


def test_a_followed_row_stays(station: Station) -> None:
    line = roster_of(station, person(station), frozen=False)
    first = pay(station, line)
    act = History(station).acts()[0].id
    pay(station, line, follows=first)
    with pytest.raises(Refused, match="后来改过"):
        Undo(station).undo(act)


def test_what_a_superior_has_receipted_stays(new_station: Callable[..., Station]) -> None:
    station = new_station()
    from app.models import Node

    above = clock.new_id()
    with station.db.work("上级") as work:
        work.session.add(Node(id=above, name="镇站", level="township", scopes="361002100", home="361002100000"))
    record = person(station)
    with station.db.engine.begin() as connection, station.db.door(connection):
        connection.exec_driver_sql('UPDATE "local" SET parent = ?', (bytes.fromhex(above),))
        origin, position = connection.execute(select(Local.origin, Local.position)).one()
        connection.execute(
            Receipt.__table__.insert().values(node=above, origin=origin, position=position, moment=0, signature=b"")  # type: ignore[attr-defined]  # a Table
        )
    station.refresh()
    with pytest.raises(Refused, match="上级已收"):
        Undo(station).undo()
    People(station).change(record, {"phone": "13900139000"})
    assert Undo(station).undo().name == "修改人员"
    with station.db.read() as session:
        assert session.scalars(select(Person.phone)).all() == [None]


def test_undoing_takes_the_right_that_doing_took(station: Station) -> None:
    Divisions(station).add(VILLAGE, "荷塘村委会")
    person(station)
    station.roles = ("administrator",)
    with pytest.raises(Refused, match="您的岗位不能登记和修改"):
        Undo(station).undo()
    village = next(act.id for act in History(station).acts() if act.name == "登记区划")
    Undo(station).undo(village)
    assert [row.name for row in Divisions(station).inside()] != ["荷塘村委会"]
