"""A package in pieces: any order, any number of sticks, the missing ones named, broken ones found out."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import BadInput, Refused
from app.services.attachments import Attachments
from app.sync import incoming, outgoing, splitting
from tests.exchange.chain import EAST, TOWNSHIP, Chain, chain
from tests.exchange.test_promises import add, person

SIZE = 20_000


@pytest.fixture
def stores() -> Iterator[Chain]:
    with chain("apart") as made:
        yield made


def sent(stores: Chain) -> tuple[str, list[Path]]:
    """Somebody with a picture, in pieces on a stick."""
    record = add(stores[EAST])
    picture = stores.root / "照片.jpg"
    picture.write_bytes(random.Random(1).randbytes(70_000))
    Attachments(stores[EAST].station).add(f"person:{record}", picture)
    (stores.root / "stick").mkdir()
    done = outgoing.export(stores[EAST].exchange, "parent", stores.root / "stick", split=SIZE)
    pieces = [Path(one) for one in done.parts]
    assert len(pieces) > 3
    assert all(one.stat().st_size <= SIZE for one in pieces)
    assert sorted((stores.root / "stick").iterdir()) == sorted(pieces)
    return record, pieces


def left(stores: Chain) -> list[Path]:
    return [path for path in stores.desks[TOWNSHIP].folder.glob("pieces/**/*") if path.is_file()]


def test_pieces_come_on_several_sticks_in_any_order(stores):
    record, pieces = sent(stores)
    random.Random(2).shuffle(pieces)
    for number, one in enumerate(pieces[:-1], start=1):
        (taken,) = incoming.take_all(stores[TOWNSHIP].exchange, [one])
        assert taken.counts.groups == 0
        assert len(taken.counts.missing) == len(pieces) - number
        assert "还缺第" in taken.again
        assert person(stores[TOWNSHIP], record) is None
    (again,) = incoming.take_all(stores[TOWNSHIP].exchange, [pieces[0]])
    assert len(again.counts.missing) == 1
    (taken,) = incoming.take_all(stores[TOWNSHIP].exchange, [pieces[-1]])
    assert (taken.counts.accepted > 0, taken.missing_files) == (True, 0)
    assert person(stores[TOWNSHIP], record) is not None
    assert left(stores) == []


def test_a_folder_with_all_pieces_is_one_package_and_can_be_looked_at_first(stores):
    record, pieces = sent(stores)
    exchange = stores[TOWNSHIP].exchange
    (looked,) = incoming.take_all(exchange, [pieces[0].parent], rehearse=True)
    assert person(stores[TOWNSHIP], record) is None
    (taken,) = incoming.take_all(exchange, [pieces[0].parent])
    assert taken.counts.accepted == looked.counts.accepted > 0
    assert person(stores[TOWNSHIP], record) is not None


@pytest.mark.parametrize("at", [0, 10, 30, 60, 66, 70, 76, 90, 120, 150, -1])
def test_a_broken_piece_is_refused_by_its_name_and_the_rest_wait(stores, at):
    _, pieces = sent(stores)
    data = bytearray(pieces[1].read_bytes())
    data[at] ^= 1
    pieces[1].write_bytes(bytes(data))
    taken = incoming.take_all(stores[TOWNSHIP].exchange, [pieces[0].parent])
    assert [one.path for one in taken if one.error] == [pieces[1]]
    assert [one.counts.missing for one in taken if not one.error] == [[f"2/{len(pieces)}"]]
    with pytest.raises(Refused, match="拷贝"):
        incoming.take_all(stores[TOWNSHIP].exchange, [pieces[1]])


def test_pieces_of_two_packages_with_one_id_are_not_mixed(stores):
    _, pieces = sent(stores)
    other = stores.root / "other"
    other.mkdir()
    forged = stores.root / "假.rgp"
    forged.write_bytes(random.Random(3).randbytes(sum(one.stat().st_size for one in pieces)))
    fake = splitting.write(forged, splitting.read(pieces[0]).package, SIZE, other)
    incoming.take_all(stores[TOWNSHIP].exchange, [fake[0]])
    taken = incoming.take_all(stores[TOWNSHIP].exchange, [pieces[0].parent])
    assert [one.counts.accepted > 0 for one in taken] == [True]


def test_a_small_package_is_not_split_and_no_file_is_replaced(stores):
    add(stores[EAST])
    out = stores.root / "stick"
    out.mkdir()
    for _ in range(2):
        done = outgoing.export(stores[EAST].exchange, "parent", out, split=1 << 20)
        assert [Path(one).suffix for one in done.parts] == [".rgp"]
    assert len(list(out.iterdir())) == 2


def test_sizes_are_read_as_people_write_them():
    assert [splitting.parse_size(text) for text in ("64K", "100M", "2G", "20000", "1mb")] == [
        65_536, 104_857_600, 2 << 30, 20_000, 1 << 20,
    ]  # fmt: skip
    for wrong in ("", "0", "10", "M", "1T", "-5M", "1.5G", "９M"):
        with pytest.raises(BadInput):
            splitting.parse_size(wrong)
