import pytest

from app.errors import BadInput
from app.models import Staff
from app.services import guides
from app.services.history import History
from app.services.station import Station
from tests.services.records import change
from tests.services.test_papers import text_in

pytestmark = pytest.mark.usefixtures("fixed_now")


def test_the_page_says_who_does_it_and_certifies_nothing(station: Station) -> None:
    change(station, Staff, station.actor.staff, phone="07948000001")
    before = History(station).acts()
    drawn = guides.sheet(station, "健在")
    said = text_in(drawn.pdf)
    for words in (
        "办事指引",
        "健在证明不由村里开(民发〔2020〕20号)",
        "资格认证",
        "桥头村站",
        "07948000001",
        "2026年11月23日",
    ):
        assert words in said
    assert "盖章" not in said
    assert (drawn.id, drawn.number, drawn.title) == ("", "", "办事指引 健在证明到哪里办")
    assert History(station).acts() == before


def test_what_the_unit_may_issue_needs_no_guide(station: Station) -> None:
    with pytest.raises(BadInput):
        guides.sheet(station, "benefit")
