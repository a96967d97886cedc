"""What a policy stops at a level: it travels on as its salted hash, and nothing waits for it."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.models import Person
from app.services import checking
from app.services.attachments import Attachments
from app.services.policies import Policies
from tests.exchange.chain import CITY, COUNTY, EAST, TOWNSHIP, Chain, Desk, chain
from tests.exchange.test_promises import add, change, person

INCOME = 66_778_899
HEALTH = "3"


@pytest.fixture
def whole() -> Iterator[Chain]:
    with chain("whole") as made:
        yield made


def all_bytes(desk: Desk) -> bytes:
    desk.station.db.engine.dispose()
    with desk.station.db.read() as session:
        rows = session.connection().exec_driver_sql("SELECT body FROM journal_part UNION ALL SELECT body FROM baseline")
        return b"".join(bytes(body) for (body,) in rows if body is not None)


def same(whole: Chain, name: str) -> None:
    """A desk and all above it hold the same, as the highest of them sees it."""
    desk = whole.desks[name]
    up = name
    while up in whole.up:
        up = whole.up[up]
        level = whole.desks[up].station.place.level
        assert desk.digest(level=level) == whole.desks[up].digest(desk.scopes, level=level), (name, up)


def test_illness_and_income_stop_at_the_county_and_the_rest_goes_on(whole):
    record = add(whole[EAST])
    change(whole[EAST], record, income=INCOME, health=HEALTH)
    change(whole[EAST], record, phone="13900000001")
    whole.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        found = person(whole[name], record)
        assert found is not None
        assert (found.income, found.health, found.phone) == (INCOME, HEALTH, "13900000001")
    above = person(whole[CITY], record)
    assert above is not None
    assert (above.income, above.health, above.phone, above.name) == (None, None, "13900000001", "张建国")
    assert INCOME.to_bytes(4, "big") in all_bytes(whole[COUNTY])
    assert INCOME.to_bytes(4, "big") not in all_bytes(whole[CITY])
    for name in (EAST, TOWNSHIP, COUNTY):
        same(whole, name)
    assert checking.check(whole[CITY].station) == []


def test_an_act_of_nothing_else_is_known_to_have_been(whole):
    """The next change of the record builds on it, and must not wait for what never comes."""
    record = add(whole[EAST])
    whole.settle()
    change(whole[EAST], record, income=INCOME)
    whole.settle()
    change(whole[EAST], record, note="腿脚不便")
    change(whole[CITY], record, phone="13900000002")
    whole.settle()
    for name in (EAST, COUNTY, CITY):
        found = person(whole[name], record)
        assert found is not None
        assert (found.note, found.phone) == ("腿脚不便", "13900000002")
    assert whole[CITY].conflicts() == whole[EAST].conflicts() == []
    same(whole, EAST)


def test_a_bureau_decides_by_policy_and_what_was_written_before_stays_where_it_is(whole):
    record = add(whole[EAST])
    whole.settle()
    value = json.dumps({"person.phone": "township", "person.income": ""})
    Policies(whole[COUNTY].station).set({"name": "exchange.stops", "value": value})
    whole.settle()
    change(whole[EAST], record, phone="13911111111", income=INCOME)
    whole.settle()
    assert person(whole[TOWNSHIP], record).phone == "13911111111"  # type: ignore[union-attr]
    for name in (COUNTY, CITY):
        found = person(whole[name], record)
        assert found is not None
        assert (found.phone, found.income) == ("13800000001", INCOME)
    same(whole, EAST)
    same(whole, TOWNSHIP)
    assert [checking.check(desk.station) for desk in whole.desks.values()] == [[]] * 6


def test_a_level_that_was_restored_is_not_content_with_what_came_back_from_above(whole):
    """The city gives the county its journals back with holes; the township fills them."""
    record = add(whole[EAST])
    whole.hop(EAST, TOWNSHIP)
    old = whole.save(COUNTY)
    change(whole[EAST], record, income=INCOME)
    change(whole[TOWNSHIP], record, health=HEALTH)
    whole.settle()
    whole.restore(COUNTY, old, witness=True)
    whole.hop(COUNTY, CITY)
    whole.hop(CITY, COUNTY)
    whole.settle()
    found = person(whole[COUNTY], record)
    assert found is not None
    assert (found.income, found.health) == (INCOME, HEALTH)
    same(whole, EAST)
    assert [checking.check(desk.station) for desk in whole.desks.values()] == [[]] * 6


@pytest.mark.parametrize("passed_on", [False, True])
def test_a_bureau_that_was_restored_goes_on_behind_what_its_superior_never_had(whole, passed_on):
    """Seeds 5/248, 21/29: what came after an act with a hole waited for ever; the stations below have the content."""
    record = add(whole[EAST])
    whole.settle()
    old, older = whole.save(COUNTY), whole.save(CITY)
    change(whole[COUNTY], record, income=INCOME, note="县局填写")
    change(whole[COUNTY], record, phone="13900000002")
    another = add(whole[COUNTY], "后来的人", whole.desks[EAST].scopes[0])
    whole.hop(COUNTY, CITY)
    if passed_on:
        whole.hop(COUNTY, TOWNSHIP)
        whole.hop(TOWNSHIP, EAST)
    whole.restore(COUNTY, old, witness=True)
    whole.settle()
    whole.restore(CITY, older, witness=True)
    whole.settle()
    for name in (EAST, TOWNSHIP, COUNTY, CITY):
        found = person(whole[name], record)
        assert found is not None
        assert (found.phone, found.note) == ("13900000002", "县局填写"), name
        assert person(whole[name], another) is not None, name
    kept = person(whole[COUNTY], record)
    assert kept is not None
    assert kept.income == (INCOME if passed_on else None)
    same(whole, EAST)
    same(whole, COUNTY)


def test_an_excel_list_of_many_keeps_its_stops(whole):
    home = whole[EAST].scopes[0]
    rows = [{"home": home, "division": home, "name": f"人{n}", "income": INCOME + n} for n in range(60)]
    with whole.desks[EAST].station.db.work("导入名单") as work:
        work.add_many("person", rows)
    whole.settle()
    with whole[CITY].station.db.read() as session:
        found = session.execute(select(Person.name, Person.income).where(Person.name.like("人%"))).all()
    assert len(found) == 60
    assert {row.income for row in found} == {None}
    same(whole, EAST)


def test_pictures_stop_at_the_county_and_the_city_waits_for_none(whole):
    record = add(whole[EAST])
    file = whole.root / "住房照片.txt"
    file.write_bytes("住房照片".encode() * 1_000)
    Attachments(whole[EAST].station).add(f"person:{record}", file)
    whole.settle()
    assert [row.here for row in Attachments(whole[COUNTY].station).of(f"person:{record}")] == [True]
    assert [row.here for row in Attachments(whole[CITY].station).of(f"person:{record}")] == [False]
    with whole[CITY].station.db.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM blob").scalar() == 0
