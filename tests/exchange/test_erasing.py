"""依法删除: blanked wherever it lies and whenever it comes; hashes, chains and seals hold."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from app.errors import BadInput, Refused
from app.models import Erasure, FamilyMember, HardshipCase, Visit
from app.models.journal import Blob
from app.services import checking
from app.services.attachments import Attachments
from app.services.erasing import Erasing
from app.services.handovers import Handovers
from app.services.searching import Search
from tests.exchange.chain import COUNTY, EAST, SCOPES, TOWNSHIP, WEST, Chain, Desk, chain
from tests.exchange.test_promises import add, change, person

NAME = "欧阳待删"
BASIS = "个人信息保护法第四十七条"


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


def made(stores: Chain) -> str:
    record = add(stores[EAST], NAME)
    desk, home = stores[EAST], SCOPES[EAST]
    with desk.station.db.work("登记") as work:
        work.session.add(FamilyMember(home=home, person=record, name=f"{NAME}之妻"))
        work.session.add(Visit(home=home, person=record, date="2026-11-20", note=f"{NAME}独居"))
        work.session.add(HardshipCase(home=home, person=record, reason="大病", amount=500_00))
    file = stores.root / "照片.txt"
    file.write_bytes(f"{NAME}的照片".encode() * 100)
    Attachments(desk.station).add(f"person:{record}", file)
    stores.settle()
    return record


def traces(desk: Desk) -> list[str]:
    """Tables in which the name stands still."""
    out = []
    with desk.station.db.read() as session:
        connection = session.connection()
        for (table,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").all():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                cells = [cell if isinstance(cell, bytes) else str(cell).encode() for cell in row if cell is not None]
                if any(NAME.encode() in cell for cell in cells):
                    out.append(table)
                    break
    return out


def test_the_content_is_gone_everywhere_and_every_chain_still_holds(stores):
    record = made(stores)
    change(stores[COUNTY], record, note=f"{NAME}, 县局填写")
    stores.settle()
    assert all(traces(stores[name]) for name in (EAST, TOWNSHIP, COUNTY))
    done = Erasing(stores[COUNTY].station).erase(record, BASIS)
    assert done.records == {"person": 1, "family_member": 1, "visit": 1, "attachment": 1}
    assert done.kept == {"hardship_case": 1}
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        assert traces(stores[name]) == [], name
        gone = person(stores[name], record)
        assert gone is not None
        assert gone.deleted
        assert [gone.name, gone.phone] == [None, None]
        assert checking.check(stores[name].station) == []
        assert Search(stores[name].station).persons(NAME, 5) == []
        with stores[name].station.db.read() as session:
            assert session.scalars(select(Blob.name)).all() == []
            assert session.scalars(select(HardshipCase.reason).where(HardshipCase.person == record)).one() == "大病"
        assert [path for path in (stores[name].folder / "files").rglob("*") if path.is_file()] == []
    digests = {stores[name].digest((SCOPES[EAST],)) for name in (EAST, TOWNSHIP, COUNTY)}
    assert len(digests) == 1


def test_a_copy_that_comes_later_is_blanked_on_arrival(stores):
    record = made(stores)
    change(stores[EAST], record, note=f"{NAME}, 还没有上报")
    late = stores.export(EAST, TOWNSHIP)
    Erasing(stores[COUNTY].station).erase(record, BASIS)
    stores.hop(COUNTY, TOWNSHIP)
    taken = stores.take(late)
    assert (taken.counts.accepted, taken.counts.refused) == (1, 0)
    assert traces(stores[TOWNSHIP]) == []
    stores.settle()
    assert [traces(stores[name]) for name in (EAST, TOWNSHIP, COUNTY)] == [[], [], []]
    assert {stores[name].digest((SCOPES[EAST],)) for name in (EAST, TOWNSHIP)} == {
        stores[COUNTY].digest((SCOPES[EAST],))
    }
    assert [checking.check(desk.station) for desk in stores.desks.values()] == [[]] * 4


def test_so_is_what_a_restored_store_brings_back(stores):
    record = made(stores)
    old = stores.save(EAST)
    Erasing(stores[COUNTY].station).erase(record, BASIS)
    stores.settle()
    stores.restore(EAST, old, witness=True)
    assert traces(stores[EAST]) != []
    stores.settle()
    assert traces(stores[EAST]) == []
    assert checking.check(stores[EAST].station) == []


def test_it_reaches_the_station_that_had_the_person_once(stores):
    record = made(stores)
    offered = Handovers(stores[EAST].station).offer(record, SCOPES[WEST])
    stores.settle()
    Handovers(stores[WEST].station).accept(offered)
    stores.settle()
    change(stores[WEST], record, residence_division=SCOPES[EAST])
    stores.settle()
    Erasing(stores[COUNTY].station).erase(record, BASIS)
    stores.settle()
    for name in (EAST, WEST, TOWNSHIP, COUNTY):
        assert set(traces(stores[name])) <= {"handover", "journal_part"}, name  # the offer named whom it was about
        assert person(stores[name], record).name is None  # type: ignore[union-attr]
        assert checking.check(stores[name].station) == [], name


def test_only_a_county_or_city_may_and_a_village_that_does_is_refused(stores):
    record = made(stores)
    with pytest.raises(Refused, match="县局或市局"):
        Erasing(stores[TOWNSHIP].station).erase(record, BASIS)
    with pytest.raises(BadInput, match="依据"):
        Erasing(stores[COUNTY].station).erase(record, "  ")
    with stores[EAST].station.db.work("自行删除") as work:
        work.session.add(Erasure(home=SCOPES[EAST], subject_kind="person", subject=record, basis="无"))
    assert stores.hop(EAST, TOWNSHIP).counts.refused == 1
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        assert person(stores[name], record).name == NAME, name  # type: ignore[union-attr]
