"""停用: a stolen computer counts up to what had come from it, and another one takes its place."""

from collections.abc import Iterator

import pytest

from app.errors import Refused
from app.models import Node
from app.models.database import Work
from app.services import checking
from app.services import stores as opening
from app.services.station import Station
from app.sync import enrolment, incoming, outgoing, revoking
from tests.exchange.chain import CITY, COUNTY, EAST, PASSWORD, SCOPES, TOWNSHIP, WEST, Chain, Desk, chain
from tests.exchange.test_promises import add, change, known, person


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


@pytest.fixture
def whole() -> Iterator[Chain]:
    with chain("whole") as made:
        yield made


def test_what_a_revoked_unit_had_sent_counts_and_a_later_package_is_refused_whole(stores):
    record = known(stores)
    revoking.revoke(stores[TOWNSHIP].exchange, stores.desks[EAST].node)
    change(stores[EAST], record, phone="13800000003")
    parcel = stores.export(EAST, TOWNSHIP)
    before = stores[TOWNSHIP].dump()
    with pytest.raises(Refused, match="已停用"):
        stores.take(parcel)
    assert stores[TOWNSHIP].dump() == before
    with pytest.raises(Refused, match="已经停用"):
        outgoing.export(stores[TOWNSHIP].exchange, stores.desks[EAST].node, stores.root / "stick")
    for name in (TOWNSHIP, COUNTY):
        again = person(stores[name], record)
        assert again is not None
        assert again.phone == "13800000001"


def test_only_the_parent_revokes_and_only_once(stores):
    for name, who in ((COUNTY, EAST), (EAST, TOWNSHIP)):
        with pytest.raises(Refused, match="没有这个下级单位"):
            revoking.revoke(stores[name].exchange, stores.desks[who].node)
    revoking.revoke(stores[TOWNSHIP].exchange, stores.desks[EAST].node)
    with pytest.raises(Refused, match="已经停用"):
        revoking.revoke(stores[TOWNSHIP].exchange, stores.desks[EAST].node)


def test_a_village_goes_on_with_another_computer(stores):
    record = known(stores)
    revoking.revoke(stores[TOWNSHIP].exchange, stores.desks[EAST].node)
    stores.desks[EAST].opened.close()
    stores.desks[EAST] = replaced(stores, EAST, TOWNSHIP)
    stores.settle()
    change(stores[EAST], record, phone="13800000003")
    stores.settle()
    for name in (EAST, TOWNSHIP, COUNTY):
        again = person(stores[name], record)
        assert again is not None
        assert again.phone == "13800000003", name
    in_order(stores)


def test_a_township_is_replaced_and_its_villages_join_the_new_one(whole):
    record = known(whole)
    change(whole[TOWNSHIP], record, note="镇站填写, 没有报过县局")
    whole.hop(TOWNSHIP, EAST)
    change(whole[EAST], record, phone="13800000003")  # goes on from what is lost: cannot count either
    other = add(whole[WEST], "王秀英")
    stolen = whole.desks[TOWNSHIP]
    revoking.revoke(whole[COUNTY].exchange, stolen.node)
    whole.desks[TOWNSHIP] = replaced(whole, TOWNSHIP, COUNTY)
    whole.hop(TOWNSHIP, COUNTY)
    whole.hop(COUNTY, TOWNSHIP)
    for name in (EAST, WEST):
        desk = whole[TOWNSHIP]
        file = whole.root / f"{name}.rge"
        done = enrolment.enrol_again(desk.exchange, whole.desks[name].node, file)
        offer = enrolment.read(file, done.code)
        village = whole[name]
        with village.station.db.work("换上级") as work:
            assert enrolment.join(village.station.db, work, offer) == []
        village.station.refresh()
    whole.settle()
    for name in (TOWNSHIP, COUNTY, CITY):
        assert person(whole[name], other) is not None, name
        again = person(whole[name], record)
        assert again is not None
        assert again.note is None
    in_order(whole)
    late = add(stolen, "小偷登记的人")
    with whole[COUNTY].station.db.read() as session:
        assert session.get_one(Node, stolen.node).status == "revoked"
    parcel = whole.sent(stolen, "parent", COUNTY)
    with pytest.raises(Refused, match="已停用"):
        whole.take(parcel)
    below = whole.sent(stolen, whole.desks[EAST].node, EAST)
    with pytest.raises(Refused, match=r"没有登记过它|停用"):
        incoming.take_all(whole[EAST].exchange, [below.path])
    assert person(whole[COUNTY], late) is None
    stolen.opened.close()


def test_a_unit_in_use_is_not_replaced_and_a_smaller_one_does_not_replace(whole):
    county = whole[COUNTY]
    with pytest.raises(Refused, match="还在使用"):
        enrol(whole, TOWNSHIP, COUNTY, (SCOPES[TOWNSHIP],))
    revoking.revoke(county.exchange, whole.desks[TOWNSHIP].node)
    with pytest.raises(Refused, match="全部范围"):
        enrol(whole, TOWNSHIP, COUNTY, (SCOPES[EAST],))


def enrol(stores: Chain, name: str, parent: str, scopes: tuple[str, ...]) -> tuple[enrolment.Invited, str]:
    old = stores.desks[name]
    level = old.station.place.level
    file = stores.root / f"{name}-2.rge"
    exchange = stores[parent].exchange
    done = enrolment.enrol(exchange, level=level, name=f"{name}新站", scopes=scopes, out=file, replaces=old.node)
    return done, level


def replaced(stores: Chain, name: str, parent: str) -> Desk:
    """The unit's new computer, founded with a file that says whom it replaces."""
    done, level = enrol(stores, name, parent, stores.desks[name].scopes)
    offer = enrolment.read(done.file, done.code)

    def prepare(station: Station, work: Work) -> None:
        enrolment.begin(station.db, work, offer)

    founding = opening.Founding(
        level, offer.name, offer.scopes, "李四", PASSWORD, practice=True, node=offer.node, prepare=prepare
    )
    opened, _ = opening.init(stores.root / f"{name}-2", founding)
    return Desk(name, stores.root / f"{name}-2", opened)


def in_order(stores: Chain) -> None:
    for desk in stores.desks.values():
        assert checking.check(desk.station) == [], desk.name
    for name in stores.up:
        desk = stores.desks[name]
        assert desk.digest() == stores.desks[stores.up[name]].digest(desk.scopes), name
