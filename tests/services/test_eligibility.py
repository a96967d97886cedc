"""快符合条件 / 应享受未享受 of a real register: rows, counts, a policy of the county, the list in Excel."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.documents import workbook
from app.errors import BadInput, Refused
from app.models import Policy
from app.rules.eligibility_rules import DEFAULT
from app.services.eligibility import Eligibility
from app.services.people import People
from app.services.policies import Policies
from app.services.station import Station

VILLAGE = "361002100201"
DAY = dt.date(2026, 11, 23)


def add(station: Station, name: str, **values: Any) -> str:
    return People(station).add({"name": name, "no_id_reason": "uncollected", "division": VILLAGE} | values).id


@pytest.fixture
def register(station: Station, fixed_now: dt.datetime) -> Station:
    served = {"class12": "02", "enlisted": "1984-12-01", "discharged": "1988-01-10", "rank": "上等兵"}
    add(station, "将满", birth_date="1967-03-12", **served)
    add(station, "已满", birth_date="1960", **served)
    add(station, "享受", birth_date="1960-01-01", benefit_code="81", benefit_state="正常", **served)
    add(station, "去世", birth_date="1960-01-01", status="dead", **served)
    add(station, "残疾", birth_date="1970-01-01", class12="07", disability_level="07", disability_nature="1")
    add(station, "老人", birth_date="1937-01-05", phone="13800138000")
    add(station, "不详", class12="02")
    widow = {"class12": "09", "benefit_code": "21", "benefit_state": "正常", "birth_date": "1975-01-01"}
    add(station, "遗属", **widow, family=[{"name": "小明", "relation": "20", "birth_date": "2009-05-01"}])
    return station


def test_the_list_of_a_station(register: Station) -> None:
    done = Eligibility(register).due()
    assert (done.day, done.months, done.persons, done.without_birth) == (DAY, 12, 7, 1)
    found = {(row.name, row.due.rule, row.due.state) for row in done.rows}
    assert found == {
        ("将满", "rural_60", "coming"),
        ("已满", "rural_60", "now"),
        ("残疾", "unpaid", "now"),
        ("老人", "birthday", "coming"),
        ("遗属", "child_18", "coming"),
    }
    assert [str(row.due.due) for row in done.rows[:4]] == ["2020", "2027-01-05", "2027-03-12", "2027-05-01"]
    counts = {one.rule: (one.now, one.coming, one.unknown, one.sure) for one in done.counts}
    assert counts["rural_60"] == (1, 1, 0, 0)
    assert counts["unpaid"] == (1, 0, 0, 1)
    assert counts["birthday"] == (0, 1, 0, 1)
    coming = next(row for row in done.rows if row.name == "将满")
    assert coming.due.missing == ("户籍类别(农村、城镇)没有登记",)
    assert (coming.label, coming.division) == ("60周岁农村籍退役士兵", VILLAGE)


def test_fewer_months_one_rule_another_day(register: Station) -> None:
    assert [row.name for row in Eligibility(register).due(months=1).rows] == ["已满", "残疾"]
    assert {row.due.rule for row in Eligibility(register).due(rule="birthday").rows} == {"birthday"}
    later = Eligibility(register).due(rule="rural_60", day=dt.date(2027, 3, 12))
    assert {row.name: row.due.state for row in later.rows} == {"已满": "now", "将满": "now"}
    with pytest.raises(BadInput, match="没有“x”这条规则"):
        Eligibility(register).due(rule="x")


def test_a_county_sets_the_rules(new_station: Callable[..., Station], fixed_now: dt.datetime) -> None:
    county = new_station("county", "361002")
    add(county, "将满", birth_date="1970-01-01", class12="02", enlisted="1989-03", discharged="1992-12", rank="上等兵")
    assert Eligibility(county).due(rule="rural_60").rows == ()
    assert Eligibility(county).rules() == DEFAULT
    data = DEFAULT.to_data()
    data["rules"] = [data["rules"][0] | {"age": 56}]
    Policies(county).set({"name": "eligibility.rules", "starts": "2026-01-01", "value": data, "basis": "试"})
    assert [row.name for row in Eligibility(county).due().rows] == ["将满"]
    assert Eligibility(county).rules(dt.date(2025, 1, 1)) == DEFAULT


@pytest.mark.parametrize("value", ['{"rules": [{"code": "x"}]}', "[1]"])
def test_a_policy_that_cannot_be_read_is_said_and_not_guessed(
    new_station: Callable[..., Station], fixed_now: dt.datetime, value: str
) -> None:
    county = new_station("county", "361002")
    with pytest.raises(BadInput):
        Policies(county).set({"name": "eligibility.rules", "starts": "2026-01-01", "value": value})
    with county.db.work("另一个版本写的") as work:
        work.session.add(Policy(name="eligibility.rules", starts="2026-01-01", value=value, home="361002000000"))
    with pytest.raises(Refused, match=r"政策参数“eligibility\.rules”.*写得不对"):
        Eligibility(county).due()


def test_the_list_in_excel_is_masked_unless_asked_otherwise(register: Station, tmp_path: Path) -> None:
    file = tmp_path / "快符合条件.xlsx"
    assert Eligibility(register).export(file) == 5
    (sheet,) = workbook.read_file(file)
    assert "导出人: 周敏" in str(sheet.rows[0][0])
    assert sheet.rows[1][2] == "姓名"
    phones = [row[4] for row in sheet.rows[2:] if row[2] == "老人"]
    assert phones == ["138****8000"]
    assert Eligibility(register).export(file, masked=False, rule="birthday") == 1
    assert workbook.read_file(file)[0].rows[2][4] == "13800138000"


def test_rights(station: Station, tmp_path: Path) -> None:
    station.roles = ("administrator",)
    Eligibility(station).due()
    with pytest.raises(Refused):
        Eligibility(station).export(tmp_path / "a.xlsx")
    station.roles = ()
    with pytest.raises(Refused):
        Eligibility(station).rules()
