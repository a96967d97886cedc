"""Households: the head joins, the area holds, every bad field is named."""

import pytest

from app.errors import BadInput, Refused
from app.services.households import Households
from app.services.people import People
from app.services.station import Station

VILLAGE = "361002100201"


def head_of(station: Station) -> str:
    return People(station).add({"name": "张建国", "no_id_reason": "uncollected", "division": VILLAGE}).id


def test_the_head_becomes_a_member(station: Station) -> None:
    head = head_of(station)
    household = Households(station).add({"head": head, "address": "三组 12 号", "number": "0012"})
    (row,) = Households(station).rows()
    assert (row.id, row.head, row.division, row.members) == (household, head, VILLAGE, 1)
    assert People(station).show(head).fields["household"] == household


@pytest.mark.parametrize("values", [{"head": "x", "colour": "red"}, {"address": "没有区划"}, {"division": "36"}])
def test_bad_input(station: Station, values: dict[str, str]) -> None:
    with pytest.raises(BadInput) as caught:
        Households(station).add(values)
    assert len(caught.value.problems) == max(1, len(values) - ("address" in values))
    assert Households(station).rows() == []


@pytest.mark.parametrize("values", [{"head": "0" * 32}, {"division": "361002100202"}])
def test_refusals(station: Station, values: dict[str, str]) -> None:
    with pytest.raises(Refused):
        Households(station).add(values)
