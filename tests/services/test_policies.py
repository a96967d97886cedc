import datetime as dt
from collections.abc import Callable

import pytest

from app.errors import BadInput, Refused
from app.rules import hardship
from app.services.policies import Policies
from app.services.station import Station

pytestmark = pytest.mark.usefixtures("fixed_now")
STEPS = hardship.DEFAULT.to_data()


@pytest.fixture
def county(new_station: Callable[..., Station]) -> Station:
    return new_station("county", "361002", "临川区退役军人事务局")


def test_the_default_holds_until_a_record_says_otherwise(county: Station) -> None:
    policies = Policies(county)
    assert policies.show("hardship.steps")["value"] == STEPS
    built_in = ["eligibility.rules", "exchange.settle", "exchange.stops", "hardship.steps"]
    assert [(row.name, row.id, row.in_force) for row in policies.overview()] == [(name, "", True) for name in built_in]
    made = policies.set(
        {
            "name": "hardship.steps",
            "starts": "2026-01-01",
            "value": {**STEPS, "notice_days": 5},
            "basis": "区〔2026〕1号",
        }
    )
    shown = policies.show("hardship.steps")
    assert (shown["id"], shown["value"]["notice_days"], shown["basis"]) == (made, 5, "区〔2026〕1号")


def test_the_newest_that_has_begun_is_in_force(county: Station) -> None:
    policies = Policies(county)
    ids = [
        policies.set({"name": "p", "starts": day, "value": f'"{day}"'})
        for day in ("2026-06-01", "2026-01-01", "2027-01-01")
    ]
    assert policies.show("p")["id"] == ids[0]
    assert policies.show("p", dt.date(2026, 3, 1))["value"] == "2026-01-01"
    assert policies.show(ids[2])["value"] == "2027-01-01"
    assert [(row.starts, row.in_force) for row in policies.overview() if row.name == "p"] == [
        ("2026-01-01", False), ("2026-06-01", True), ("2027-01-01", False),
    ]  # fmt: skip
    with pytest.raises(Refused, match="没有“p”这项政策参数"):
        policies.show("p", dt.date(2025, 1, 1))


@pytest.mark.parametrize(("level", "scope"), [("village", "361002100201"), ("township", "361002100")])
def test_stations_set_no_policies(new_station: Callable[..., Station], level: str, scope: str) -> None:
    with pytest.raises(Refused, match="政策参数只能由县局或市局修改"):
        Policies(new_station(level, scope)).set({"name": "p", "value": "1"})


def test_a_clerk_sets_no_policies(county: Station) -> None:
    county.roles = ("clerk",)
    with pytest.raises(Refused, match="您的岗位不能修改政策参数"):
        Policies(county).set({"name": "p", "value": "1"})


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"name": "p"}, {"value"}), ({"value": "1"}, {"name"}), ({"name": "p", "value": "{"}, {"value"}),
        ({"name": "p", "value": {"a": 1.5}}, {"value"}), ({"name": "hardship.steps", "value": {"steps": []}}, {"value"}),
        ({"name": "hardship.steps", "value": "[1]"}, {"value"}), ({"name": "p", "value": "1", "starts": "2026", "x": "1"}, {"starts", "x"}),
    ],
)  # fmt: skip
def test_bad_policies_are_named(county: Station, values: dict[str, object], wrong: set[str]) -> None:
    with pytest.raises(BadInput) as error:
        Policies(county).set(values)
    assert set(error.value.problems) == wrong
