"""Old division codes: read on the day they were written, followed to a day, never further than is known."""

import datetime as dt

import pytest

from app import folders
from app.rules import divisions, id_number
from app.rules.division_changes import Change, Changes, parse
from app.rules.partial_date import PartialDate
from app.services.divisions import national

D = PartialDate.parse
SHIPPED = Changes(parse(folders.resource_text("divisions/changes.csv")))
NAMES = national()


def test_every_shipped_change_leads_to_a_place_of_today() -> None:
    assert len(SHIPPED.all) > 100
    for change in SHIPPED.all:
        before = PartialDate(change.since.year - 1)
        found = SHIPPED.resolve(change.old, NAMES, written=before)
        assert found.path[0] == change
        assert found.code in NAMES, change
        assert change.source
        assert SHIPPED.name_when(change.old, NAMES, before) == change.old_name


@pytest.mark.parametrize(
    ("code", "written", "then", "now", "steps", "exact"),
    [
        ("362302", "1982", "鹰潭市", "360602000000", 1, True),
        ("362302", "1995", "德兴市", "361181000000", 1, True),
        ("362521", "1986", "临川县", "361002000000", 2, True),
        ("360422", "1985", "瑞昌县", "360481000000", 2, True),
        ("361002", "2010", "临川区", "361002000000", 0, True),
        ("362401", "1990", "吉安市", "360800000000", 1, False),
        ("361029", "2010", "东乡县", "361003000000", 1, True),
        ("361029", "2016-03-01", "东乡县", "361003000000", 1, True),
        ("360402", "2010", "庐山区", "360402000000", 1, True),
        ("360402", "2020", "濂溪区", "360402000000", 0, True),
        ("362601", "1981", "", "360400000000", 1, False),
        ("369999", "2020", "", "369999000000", 0, False),
    ],
)
def test_what_a_code_means_today(code: str, written: str, then: str, now: str, steps: int, exact: bool) -> None:
    found = SHIPPED.resolve(code, NAMES, written=D(written))
    assert (found.code, len(found.path), found.exact) == (now, steps, exact)
    assert bool(found.said) == (bool(steps) or not exact)
    assert SHIPPED.name_when(code, NAMES, D(written)) == then


def test_what_a_code_meant_on_a_day_in_between() -> None:
    assert SHIPPED.resolve("362521", NAMES, written=D("1986"), day=dt.date(1995, 1, 1)).code == "362501000000"
    still = SHIPPED.resolve("362501", NAMES, written=D("1990"), day=dt.date(1995, 1, 1))
    assert (still.code, still.path, still.exact, still.said) == ("362501000000", (), True, "")


def test_townships_are_followed_only_where_the_new_list_has_them() -> None:
    kept = SHIPPED.resolve("361029100", NAMES, written=D("2010"))
    assert (kept.code, NAMES[kept.code], kept.exact) == ("361003100000", "孝岗镇", True)
    village = SHIPPED.resolve("361029100201", NAMES, written=D("2010"))
    assert (village.code, village.exact) == ("361003100201", True)
    lost = SHIPPED.resolve("361029999", NAMES, written=D("2010"))
    assert (lost.code, lost.exact) == ("361003000000", False)
    assert "只能认到东乡区" in lost.said


def test_the_county_that_gave_a_number() -> None:
    seventeen = "36250119560312901"
    number = seventeen + id_number.check_digit(seventeen)
    county, found = SHIPPED.county_of_number(number, dt.date(1956, 3, 12), NAMES)
    assert (county, NAMES[found.code]) == ("抚州市", "临川区")
    young, found = SHIPPED.county_of_number(number, dt.date(1995, 3, 12), NAMES)
    assert (young, NAMES[found.code]) == ("临川市", "临川区")


def test_a_bureaus_own_changes_of_villages_and_circles() -> None:
    own = [
        Change("361002100201", "荷塘村", "361002100202", "桥头村", D("2024-05-01"), "merged"),
        Change("361002100202", "桥头村", "361002101202", "桥头村", D("2025-01-01"), "moved"),
    ]
    changes = Changes([*SHIPPED.all, *own])
    found = changes.resolve("361002100201", NAMES, written=D("2020"))
    assert (found.code, len(found.path), found.exact) == ("361002101202", 2, True)
    assert changes.resolve("361002100201", NAMES, written=D("2020"), day=dt.date(2024, 12, 31)).code == "361002100202"
    assert changes.resolve("361002100201", NAMES, written=D("2024-05-02")).path == ()
    circle = Changes(
        [
            Change("361002", "甲", "361003", "乙", D("2020"), "moved"),
            Change("361003", "乙", "361002", "甲", D("2021"), "moved"),
        ]
    )
    assert circle.resolve("361002", NAMES, written=D("2019")).code == "361002000000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "old,new\n1,2\n",
        "old,old_name,new,new_name,since,kind,source\n361029,东乡县,361003,东乡区,2016,vanished,x\n",
        "old,old_name,new,new_name,since,kind,source\nx,东乡县,361003,东乡区,2016,moved,x\n",
    ],
)
def test_a_table_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"headings|line"):
        parse(text)


def test_remarks_are_left_out() -> None:
    head = "# a remark\nold,old_name,new,new_name,since,kind,source\n"
    (change,) = parse(f"{head}361029,东乡县,361003,东乡区,2016,moved,某表\n\n")
    assert change.words == "2016 东乡县换代码东乡区(361029 → 361003)"
    assert divisions.pad(change.new) in NAMES
