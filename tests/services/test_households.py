"""Households: the head joins, the area holds, every bad field is named."""

import pytest

from app.errors import BadInput, Refused
from app.services.households import Households
from app.services.people import People
from app.services.station import Station
from app.services.undoing import Undo

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


def folk(station: Station, *names: str) -> list[str]:
    people = People(station)
    return [people.add({"name": name, "no_id_reason": "uncollected", "division": VILLAGE}).id for name in names]


def test_members_come_and_go(station: Station) -> None:
    head, wife, son = folk(station, "张建国", "李秀英", "张小龙")
    households = Households(station)
    first = households.add({"head": head, "number": "12", "address": "三组", "plaque": "已悬挂"})
    households.join(first, wife, "妻")
    households.join(first, son, "子")
    card = households.show(first)
    assert [(one.name, one.relation_word) for one in card.members] == [
        ("张建国", "户主"),
        ("李秀英", "妻"),
        ("张小龙", "子"),
    ]
    assert (card.plaque, card.warnings, card.place[-5:]) == ("已悬挂", (), "石鼓村委会")
    second = households.add({"head": son, "number": "13"})
    assert [one.name for one in households.show(first).members] == ["张建国", "李秀英"]
    households.leave(head)
    card = households.show(first)
    assert ([one.name for one in card.members], card.head, card.warnings) == (["李秀英"], None, ("还没有选户主。",))
    households.change(first, {"head": wife, "address": None, "plaque": "未悬挂"})
    card = households.show(first)
    assert (card.fields["address"], card.plaque, card.members[0].relation_word) == (None, "未悬挂", "户主")
    assert Undo(station).undo().kept == ()
    assert households.show(first).head is None
    households.remove(second)
    assert People(station).show(son).fields["household"] is None
    with pytest.raises(Refused):
        households.show(second)


def test_what_looks_wrong_is_said(station: Station) -> None:
    head, other = folk(station, "张建国", "李秀英")
    households = Households(station)
    household = households.add({"head": head, "plaque": "已悬挂"})
    households.join(household, other)
    People(station).change(other, {"plaque": "已悬挂"})
    assert "2 块光荣牌" in households.show(household).warnings[0]
    People(station).record_death(head, {"death_date": "2026"})
    assert households.show(household).warnings[-1] == "户主已去世, 请另选户主。"
    alone = households.add({"division": VILLAGE})
    with pytest.raises(BadInput, match="先选户主"):
        households.change(alone, {"plaque": "已悬挂"})
    with pytest.raises(Refused, match="管辖范围"):
        households.change(alone, {"division": "361002100202"})


def test_the_list_in_words(station: Station) -> None:
    head, wife, other = folk(station, "张建国", "李秀英", "单小平")
    households = Households(station)
    first = households.add({"head": head, "number": "10", "address": "三组 5 号"})
    households.join(first, wife, "妻")
    second = households.add({"head": other, "number": "9"})
    assert list(households.ids()) == [second, first]
    assert list(households.ids(downwards=True)) == [first, second]
    assert list(households.ids("lxy")) == list(households.ids("三组")) == list(households.ids("10")) == [first]
    for sort in ("place", "address"):
        assert len(households.ids(sort=sort)) == 2
    line = households.lines([first, second])[first]
    assert (line.number, line.head, line.place, line.members, line.names) == (
        "10", "张建国", "石鼓村委会", 2, "张建国、李秀英",
    )  # fmt: skip
    assert households.lines([]) == {}


def test_a_household_moves_with_those_who_live_in_it(station: Station) -> None:
    head, wife, son = folk(station, "张建国", "李秀英", "张小龙")
    households = Households(station)
    first = households.add({"head": head, "number": "12", "address": "三组 12 号"})
    for one in (wife, son):
        households.join(first, one)
    People(station).change(son, {"address": "县城某小区"})
    assert households.move(first, {"address": "五组 1 号", "village_group": "五组"}) == 2
    shown = [People(station).show(one).fields for one in (head, wife, son)]
    assert [(one["address"], one["village_group"]) for one in shown] == [
        ("五组 1 号", "五组"), ("五组 1 号", "五组"), ("县城某小区", None),
    ]  # fmt: skip
    assert households.show(first).fields["address"] == "五组 1 号"
    assert Undo(station).undo().kept == ()
    assert People(station).show(wife).fields["address"] is None
    with pytest.raises(BadInput) as caught:
        households.move(first, {"division": "361002100202"})
    assert set(caught.value.problems) == {"division", "address"}


def test_a_household_splits_and_comes_together_again(station: Station) -> None:
    head, wife, son, bride = folk(station, "张建国", "李秀英", "张小龙", "王小梅")
    households = Households(station)
    first = households.add({"head": head, "number": "12", "address": "三组", "plaque": "已悬挂"})
    for one, relation in ((wife, "妻"), (son, "子"), (bride, "其他")):
        assert households.join(first, one, relation) == ()
    second = households.split(first, [son, bride], son, {"number": "13"})
    card = households.show(second)
    assert [(one.name, one.relation_word) for one in card.members] == [("张小龙", "户主"), ("王小梅", "")]
    assert (card.fields["address"], card.fields["number"], card.plaque) == ("三组", "13", "")
    assert People(station).show(bride).fields["household_number"] == "13"
    assert households.show(first).plaque == "已悬挂"
    for persons, whose, said in (
        ([head, wife], head, "都分出去了"), ([son], son, "不在这一户里"), ([wife], head, "不在分出去的人里"),
    ):  # fmt: skip
        with pytest.raises((BadInput, Refused)) as caught:
            households.split(first, persons, whose)
        assert said in str(caught.value) + str(getattr(caught.value, "problems", ""))
    households.change(second, {"plaque": "已悬挂"})
    (warning,) = households.unite(first, second)
    assert "2 块光荣牌" in warning
    card = households.show(first)
    assert [one.name for one in card.members] == ["张建国", "李秀英", "张小龙", "王小梅"]
    with pytest.raises(Refused):
        households.show(second)
    # One household, one plaque: the second is not hung a second time.
    with pytest.raises(Refused, match="一户只挂一块"):
        households.change(first, {"plaque": "已悬挂"})
    assert Undo(station).undo().kept == ()
    assert [one.name for one in households.show(second).members] == ["张小龙", "王小梅"]
    with pytest.raises(BadInput):
        households.unite(first, first)
