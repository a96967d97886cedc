import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app import durable, faults
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.models import Campaign, IssuedDocument, Payment, Person, RosterLine, Staff
from app.services.campaigns import LARGEST_FEN, Campaigns
from app.services.papers import Papers
from app.services.payments import Payments
from app.services.station import Station
from tests.services.records import change, contest, person

pytestmark = pytest.mark.usefixtures("fixed_now")
VALUES = {"name": "2026年两节慰问", "year": 2026, "festival": "春节", "source": "县级资金", "standard": "500.00"}


@pytest.fixture
def round_(station: Station) -> str:
    return Campaigns(station).open(VALUES)


def line(station: Station, campaign: str, name: str, amount: str = "500.00", **fields) -> tuple[str, str]:
    who = person(station, name, **fields)
    return Campaigns(station).add_line(campaign, who, amount), who


def sums(station: Station, campaign: str) -> dict[str, int]:
    return Campaigns(station).show(campaign).sums


def test_a_round_keeps_codes_and_fen(station: Station, round_: str) -> None:
    fields = Campaigns(station).show(round_).fields
    assert (fields["festival"], fields["source"], fields["standard"]) == ("spring", "county", "500.00")
    with station.db.read() as session:
        assert session.get_one(Campaign, round_).home == "361002100201"


def test_every_bad_value_is_named_at_once(station: Station) -> None:
    with pytest.raises(BadInput) as error:
        Campaigns(station).open({"name": "", "standard": 500, "colour": "red", "year": "x"})
    assert set(error.value.problems) == {"name", "standard", "colour", "year", "festival", "source"}


@pytest.mark.parametrize("amount", ["0", "-5", "100000000", "1.234", "abc"])
def test_amounts_that_cannot_be_paid(station: Station, round_: str, amount: str) -> None:
    with pytest.raises(BadInput) as error:
        Campaigns(station).add_line(round_, person(station), amount)
    assert "amount" in error.value.problems


def test_the_largest_amount_is_taken(station: Station, round_: str) -> None:
    line(station, round_, "张三", "99,999,999.00")
    assert sums(station, round_)["planned"] == LARGEST_FEN


def test_nobody_stands_on_the_list_twice(station: Station, round_: str) -> None:
    _, who = line(station, round_, "张三", id_number="361000194901010013")
    with pytest.raises(Refused, match="张三 已在本批次名单里"):
        Campaigns(station).add_line(round_, who, "300.00")
    again = person(station, "张三", id_number="361000194901010013")
    with pytest.raises(Refused, match="不能重复列入"):
        Campaigns(station).add_line(round_, again, "300.00")


def test_the_dead_are_refused_at_list_sheet_and_payment(station: Station, round_: str) -> None:
    dead = person(station, "王五", death_date="2026-01-19")
    with pytest.raises(Refused, match="王五 已于 1 月 19 日去世, 这一行不能发放。可改为慰问家属。"):
        Campaigns(station).add_line(round_, dead, "500.00")
    listed, who = line(station, round_, "赵六")
    change(station, Person, who, death_date="2026-11-20")
    with pytest.raises(Refused, match="赵六 已于 11 月 20 日去世"):
        Campaigns(station).print_roster(round_)
    with pytest.raises(Refused, match="赵六 已于 11 月 20 日去世"):
        Payments(station).record(listed, "paid")
    Payments(station).record(listed, "returned", reason="去世")
    assert sums(station, round_)["open"] == 0


def test_a_township_does_not_list_people_of_another_area(station: Station, round_: str) -> None:
    with pytest.raises(Refused, match="不在本站管辖范围"):
        Campaigns(station).add_line(round_, person(station, "李四", division="361003100201"), "500.00")


def test_candidates_by_the_highest_standard_once(station: Station) -> None:
    rows = [
        {"amount": "300.00", "codes": ["81"], "label": "老兵"},
        {"amount": "800.00", "codes": ["21"], "label": "烈属"},
    ]
    campaign = Campaigns(station).open({**VALUES, "standard": rows})
    martyr = person(station, "李四", benefit="21")
    person(station, "王五", benefit="81", death_date="2026")
    old = person(station, "赵六", benefit="81")
    listed = person(station, "钱七", benefit="81")
    Campaigns(station).add_line(campaign, listed, "300.00")
    found = {one.person: (one.amount, one.why) for one in Campaigns(station).candidates(campaign)}
    assert found == {martyr: (80000, "烈属: 烈士遗属"), old: (30000, "老兵: 60周岁以上农村籍退役士兵")}


def test_the_sheet_freezes_its_rows(station: Station, round_: str, tmp_path: Path) -> None:
    first, who = line(station, round_, "张三", id_number="361000194901010013", village_group="二组", benefit="51")
    line(station, round_, "李四", village_group="一组")
    out = tmp_path / "表.pdf"
    printed = Campaigns(station).print_roster(round_, out)
    assert printed.number == "桥头村慰签字〔2026〕第0001号"
    assert [(row.number, row.name, row.amount) for row in printed.lines] == [(1, "李四", 50000), (2, "张三", 50000)]
    assert out.read_bytes().startswith(b"%PDF")
    change(station, Person, who, name="张三丰")
    with station.db.read() as session:
        row = session.get_one(RosterLine, first)
        kept = (row.printed_name, row.printed_id, row.printed_class, row.printed_place)
    assert kept == ("张三", "361000194901010013", "参战退役军人", "二组")
    again = Papers(station).print_form("F04", f"roster:{printed.roster}", tmp_path / "重印.pdf")
    assert (again.number, again.reprint) == (printed.number, 1)
    assert Papers(station).print_form("F04", f"roster:{printed.roster}", tmp_path / "重印.pdf").reprint == 2


def test_lines_are_printed_once_and_numbers_go_on(station: Station, round_: str) -> None:
    line(station, round_, "张三")
    first = Campaigns(station).print_roster(round_)
    with pytest.raises(Refused, match="都已打印定稿"):
        Campaigns(station).print_roster(round_)
    line(station, round_, "李四")
    second = Campaigns(station).print_roster(round_)
    assert [row.name for row in second.lines] == ["李四"]
    assert (first.number, second.number) == ("桥头村慰签字〔2026〕第0001号", "桥头村慰签字〔2026〕第0002号")


def test_a_changed_frozen_row_is_not_printed_again(station: Station, round_: str, tmp_path: Path) -> None:
    listed, _ = line(station, round_, "张三")
    printed = Campaigns(station).print_roster(round_)
    change(station, RosterLine, listed, amount=60000)
    with pytest.raises(Refused, match="被改动的痕迹"):
        Papers(station).print_form("F04", f"roster:{printed.roster}", tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.parametrize("point", ["print.write", "print.flush", "print.rename", "save.commit"])
def test_no_number_without_a_paper_and_no_paper_without_a_number(
    station: Station, round_: str, tmp_path: Path, point: str
) -> None:
    line(station, round_, "张三")
    out = tmp_path / "表.pdf"
    faults.arm(f"{point}:1")
    try:
        with pytest.raises((EnvironmentTrouble, OSError)):
            Campaigns(station).print_roster(round_, out)
    finally:
        faults.arm(None)
    assert not out.exists()
    assert durable.leftovers(tmp_path) == []
    with station.db.read() as session:
        assert session.scalars(select(IssuedDocument)).all() == []
    assert Campaigns(station).print_roster(round_, out).number == "桥头村慰签字〔2026〕第0001号"


def test_something_that_is_no_pdf_is_not_overwritten(station: Station, round_: str, tmp_path: Path) -> None:
    line(station, round_, "张三")
    notes = tmp_path / "笔记.txt"
    notes.write_text("重要", "utf-8")
    with pytest.raises(Refused, match="没有覆盖"):
        Campaigns(station).print_roster(round_, notes)
    assert notes.read_text("utf-8") == "重要"


def test_nobody_is_paid_twice_in_one_round(station: Station, round_: str) -> None:
    listed, _ = line(station, round_, "张三")
    Campaigns(station).print_roster(round_)
    Payments(station).record(listed, "paid")
    with pytest.raises(Refused) as error:
        Payments(station).record(listed, "paid")
    assert str(error.value) == '张三 已在 11 月 23 日本批次"县级资金"领过 500.00 元(第 1 号表第 1 行), 不能再领。'


def test_planned_is_paid_and_returned_and_open(station: Station, round_: str) -> None:
    paid, _ = line(station, round_, "张三", "300.00")
    back, _ = line(station, round_, "李四", "560.00")
    missing, _ = line(station, round_, "王五", "300.00")
    Campaigns(station).print_roster(round_)
    Payments(station).record(paid, "paid")
    Payments(station).record(back, "returned", reason="外出")
    Payments(station).record(missing, "missing", reason="外出未联系上")
    found = sums(station, round_)
    assert found == {"planned": 116000, "paid": 30000, "returned": 56000, "open": 30000, "double": 0}
    with pytest.raises(Refused, match=r'还差 300\.00 元没有去向: 王五 300\.00。请填"缴回"或"结转"。'):
        Campaigns(station).close(round_)
    Payments(station).record(missing, "returned")
    Campaigns(station).close(round_)
    with pytest.raises(Refused, match="已结清, 不能再改"):
        Payments(station).record(paid, "returned", reason="错记")


def test_a_wrong_entry_is_reversed_and_written_anew(station: Station, round_: str) -> None:
    listed, _ = line(station, round_, "张三")
    Campaigns(station).print_roster(round_)
    first = Payments(station).record(listed, "paid")
    with pytest.raises(BadInput, match="要写明原因"):
        Payments(station).record(listed, "returned")
    second = Payments(station).record(listed, "returned", reason="误登, 本人没有来")
    with station.db.read() as session:
        rows = {row.id: row for row in session.scalars(select(Payment))}
    assert len(rows) == 3
    assert rows[str(second.reversed)].reverses == first.id
    assert rows[str(second.reversed)].amount == -50000
    assert sums(station, round_) == {"planned": 50000, "paid": 0, "returned": 50000, "open": 0, "double": 0}
    with pytest.raises(Refused, match="已经是“缴回”"):
        Payments(station).record(listed, "returned")


def test_two_payments_made_apart_are_shown_and_recovered(station: Station, round_: str) -> None:
    listed, who = line(station, round_, "张三")
    Campaigns(station).print_roster(round_)
    Payments(station).record(listed, "paid")
    with station.db.work("另一台电脑上登记") as work:
        work.session.add(
            Payment(
                line=listed,
                person=who,
                campaign=round_,
                result="paid",
                amount=50000,
                day="2026-11-22",
                home=station.place.home,
            )
        )
    assert sums(station, round_) == {"planned": 50000, "paid": 50000, "returned": 0, "open": 0, "double": 50000}
    with pytest.raises(Refused, match=r"重复发放还没有追回: 张三 500\.00"):
        Campaigns(station).close(round_)
    Payments(station).record(listed, "returned", reason="追回重复发放")
    assert sums(station, round_) == {"planned": 50000, "paid": 50000, "returned": 0, "open": 0, "double": 0}
    Campaigns(station).close(round_)


def test_staff_are_paid_before_a_witness(station: Station, round_: str) -> None:
    listed, _ = line(station, round_, "周敏")
    Campaigns(station).print_roster(round_)
    with pytest.raises(Refused, match="周敏 是本站工作人员。请换一人经办并填写见证人"):
        Payments(station).record(listed, "paid")
    with pytest.raises(Refused, match="回避"):
        Payments(station).record(listed, "paid", witness="周敏")
    assert Payments(station).record(listed, "paid", witness="吴主任").state == "paid"


def test_another_person_of_the_same_name_needs_no_witness(station: Station, round_: str) -> None:
    change(station, Staff, station.actor.staff, phone="13800000001")
    listed, _ = line(station, round_, "周敏", phone="13900000002")
    assert Payments(station).record(listed, "paid").state == "paid"


def test_disputed_values_are_neither_printed_nor_paid(station: Station, round_: str) -> None:
    listed, who = line(station, round_, "张三")
    contest(station, "person", who, name="张叁")
    with pytest.raises(Refused, match="姓名两边填的不一样"):
        Campaigns(station).print_roster(round_)
    with pytest.raises(Refused, match="姓名两边填的不一样"):
        Payments(station).record(listed, "paid")
    change(station, Person, who, name="张三")
    contest(station, "roster_line", listed, amount=60000)
    with pytest.raises(Refused, match="金额两边填的不一样"):
        Payments(station).record(listed, "paid")


def test_a_round_of_another_unit_is_only_read(
    station: Station, new_station: Callable[..., Station], round_: str
) -> None:
    listed, who = line(station, round_, "张三")
    change(station, Campaign, round_, node="0" * 31 + "1")
    assert Campaigns(station).show(round_).sums["planned"] == 50000
    with pytest.raises(Refused, match="由其他单位办理"):
        Campaigns(station).add_line(round_, who, "1.00")
    with pytest.raises(Refused, match="由其他单位办理"):
        Payments(station).record(listed, "paid")


def test_an_administrator_alone_does_not_pay(station: Station, round_: str) -> None:
    listed, _ = line(station, round_, "张三")
    station.roles = ("administrator",)
    with pytest.raises(Refused, match="您的岗位不能登记和修改"):
        Payments(station).record(listed, "paid")


@pytest.mark.parametrize("day", ["2026-11-24", "1948-01-01"])
def test_days_that_cannot_be(station: Station, round_: str, day: str) -> None:
    import datetime as dt

    listed, _ = line(station, round_, "张三")
    with pytest.raises(BadInput) as error:
        Payments(station).record(listed, "paid", day=dt.date.fromisoformat(day))
    assert set(error.value.problems) == {"date"}


def test_a_line_leaves_the_list_only_before_it_is_printed(station: Station, round_: str) -> None:
    listed, _ = line(station, round_, "张三")
    Campaigns(station).remove_line(listed)
    assert sums(station, round_)["planned"] == 0
    listed, _ = line(station, round_, "李四")
    Campaigns(station).print_roster(round_)
    with pytest.raises(Refused, match="已打印定稿"):
        Campaigns(station).remove_line(listed)


def test_many_lines_in_one_act_or_none(station: Station, round_: str) -> None:
    people = [person(station, name) for name in ("张三", "李四")]
    with pytest.raises(Refused):
        Campaigns(station).add_lines(round_, [(people[0], 100), (people[1], 100), (people[0], 100)])
    assert sums(station, round_)["planned"] == 0
    assert len(Campaigns(station).add_lines(round_, [(who, 100) for who in people])) == 2
    assert json.dumps(sums(station, round_)["planned"]) == "200"
