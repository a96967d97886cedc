"""Division codes: levels, parents, names and look-up, and the shipped list."""

import json

import pytest

from app import folders
from app.rules import divisions

SMALL = "36,江西省\n3610,抚州市\n361002,临川区\n361002100,上顿渡镇\n361002100200,林源村委会\n361002101,温泉镇\n361002101203,林源村委会\n"


@pytest.fixture(scope="module")
def shipped() -> dict[str, str]:
    return divisions.parse(folders.resource_text("divisions/townships.csv.xz"))


def test_parse_pads_and_leaves_out_what_is_no_code() -> None:
    names = divisions.parse("code,name\n36,江西省\n361,x\n3610,抚州市\n,空\n361002,\n")
    assert names == {"360000000000": "江西省", "361000000000": "抚州市"}


@pytest.mark.parametrize(
    ("code", "level", "scope", "parent"),
    [
        ("360000000000", "province", "36", None),
        ("361000000000", "city", "3610", "360000000000"),
        ("361002000000", "county", "361002", "361000000000"),
        ("361002100000", "township", "361002100", "361002000000"),
        ("361002100200", "village", "361002100200", "361002100000"),
    ],
)
def test_levels(code: str, level: str, scope: str, parent: str | None) -> None:
    assert divisions.level(code) == level
    assert divisions.scope(code) == scope
    assert divisions.parent(code) == parent


def test_within() -> None:
    assert divisions.within("361002100200", "361002100000")
    assert divisions.within("361002100200", "3610")
    assert not divisions.within("361002101203", "361002100000")


def test_full_name_leaves_out_fillers() -> None:
    names = divisions.parse("11,北京市\n1101,市辖区\n110101,东城区\n110101001,东华门街道\n")
    assert divisions.full_name(names, "110101001000") == "北京市东城区东华门街道"


@pytest.mark.parametrize(
    "text", ["林源村委会", "林源村", "林源", " 林源村民委员会 ", "上顿渡镇林源村", "临川区上顿渡镇林源"]
)
def test_find_a_village_however_it_is_written(text: str) -> None:
    assert divisions.find(divisions.parse(SMALL), text, "361002100000") == ["361002100200"]


def test_find_names_all_of_one_name_and_nothing_else() -> None:
    names = divisions.parse(SMALL)
    assert divisions.find(names, "林源村", "361002000000") == ["361002100200", "361002101203"]
    assert divisions.find(names, "温泉镇林源村", "361002") == ["361002101203"]
    assert divisions.find(names, "源村", "361002") == []
    assert divisions.find(names, "", "361002") == []


def test_children_of_a_city_without_counties(shipped: dict[str, str]) -> None:
    assert shipped["441900000000"] == "东莞市"
    assert "441900003000" in divisions.children(shipped, "441900000000")


def test_the_shipped_list_says_where_it_is_from_and_goes_down_to_townships(shipped: dict[str, str]) -> None:
    about = json.loads(folders.resource_text("divisions/about.json"))
    assert about["data_date"] == "2023-06-30"
    assert len(shipped) > 44_000
    assert {divisions.level(code) for code in shipped} == {"province", "city", "county", "township"}
    assert divisions.full_name(shipped, "361002100000") == "江西省抚州市临川区上顿渡镇"
    assert folders.resource("divisions/townships.csv.xz").stat().st_size < 1_000_000
    assert folders.resource("divisions/LICENSE").is_file()


def test_every_shipped_township_hangs_on_a_known_county_or_city(shipped: dict[str, str]) -> None:
    lost = [code for code in shipped if divisions.level(code) != "province" and divisions.parent(code) not in shipped]
    assert lost == []


def test_demo_villages_belong_to_shipped_townships(shipped: dict[str, str]) -> None:
    villages = divisions.parse(folders.resource_text("divisions/demo-villages.csv"))
    assert len(villages) > 100
    assert all(divisions.level(code) == "village" and divisions.parent(code) in shipped for code in villages)
