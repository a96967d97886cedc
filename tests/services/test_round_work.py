"""A round as the window works it: drawn up, sent for approval, frozen, entered by the page, seen with its sums."""

import datetime as dt
import json

import pytest

from app.errors import BadInput, Refused
from app.models import Payment, Person, RosterLine, Staff
from app.rules.campaign import Totals
from app.services.campaigns import Campaigns
from app.services.papers import Papers
from app.services.payments import Payments, Result
from app.services.round_views import RoundShown, RoundViews
from app.services.station import Station
from tests.services.records import change, contest, person
from tests.services.test_papers import text_in

pytestmark = pytest.mark.usefixtures("fixed_now")
VALUES = {"name": "2026年两节慰问", "year": 2026, "festival": "spring", "source": "county", "standard": "500.00"}


@pytest.fixture
def round_(station: Station) -> str:
    return Campaigns(station).open(VALUES)


def listed(station: Station, round_: str, *names: str) -> list[str]:
    people = [(person(station, name, village_group=f"{number}组"), 500_00) for number, name in enumerate(names, 1)]
    return Campaigns(station).add_lines(round_, people)


def shown(station: Station, round_: str) -> RoundShown:
    return RoundViews(station).show(round_)


def states(station: Station, round_: str) -> dict[str, str]:
    return {line.name: line.state for line in shown(station, round_).lines}


def test_fields_change_until_they_are_on_paper(station: Station, round_: str) -> None:
    rounds = Campaigns(station)
    rounds.change(round_, {"name": "2026年春节慰问", "standard": [{"amount": "300.00", "codes": ["81"]}]})
    fields = shown(station, round_).fields
    assert (fields["name"], fields["standard"]) == ("2026年春节慰问", None)
    assert shown(station, round_).standards[0]["amount"] == "300.00"
    rounds.change(round_, {"standard": "400.00"})
    assert (shown(station, round_).fields["standard"], shown(station, round_).standards) == ("400.00", [])
    with pytest.raises(BadInput) as error:
        rounds.change(round_, {"starts": "2026-02-01", "ends": "2026-01-01", "standard": "0"})
    assert set(error.value.problems) == {"ends", "standard"}
    listed(station, round_, "张三")
    rounds.freeze(round_)
    with pytest.raises(Refused, match="资金来源不能再改"):
        rounds.change(round_, {"source": "city"})
    rounds.change(round_, {"source": "county", "basis": "临退〔2026〕3号"})
    assert shown(station, round_).fields["basis"] == "临退〔2026〕3号"


def test_a_list_that_lies_with_the_leaders_does_not_change(station: Station, round_: str) -> None:
    rounds = Campaigns(station)
    with pytest.raises(Refused, match="名单还是空的"):
        rounds.move(round_, "waiting")
    (line,) = listed(station, round_, "张三")
    rounds.move(round_, "waiting")
    for attempt in (
        lambda: listed(station, round_, "李四"),
        lambda: rounds.change_line(line, "600.00"),
        lambda: rounds.remove_line(line),
    ):
        with pytest.raises(Refused, match="待批, 名单不能再改。要改请先“退回拟定”"):
            attempt()
    with pytest.raises(Refused, match="还在待批, 登记批复以后才能打印签领表"):
        rounds.freeze(round_)
    rounds.move(round_, "draft")
    rounds.change_line(line, "600.00")
    rounds.move(round_, "waiting")
    rounds.move(round_, "approved", "临退批〔2026〕5号")
    assert shown(station, round_).fields["basis"] == "批复: 临退批〔2026〕5号"
    with pytest.raises(Refused, match="已批复, 名单不能再改"):
        rounds.remove_line(line)
    with pytest.raises(Refused, match="不能变成“待批”"):
        rounds.move(round_, "waiting")
    rounds.freeze(round_)
    assert shown(station, round_).status == "paying"
    with pytest.raises(Refused):
        rounds.move(round_, "draft")
    with pytest.raises(BadInput):
        rounds.move(round_, "settled")


def test_looking_and_the_list_for_review_freeze_nothing(station: Station, round_: str) -> None:
    rounds = Campaigns(station)
    with pytest.raises(Refused, match="没有要送审的人"):
        rounds.review(round_)
    listed(station, round_, "张三", "李四")
    review, sample = rounds.review(round_), rounds.sample(round_)
    assert review.title == "2026年两节慰问金签领表(送审名单)"
    assert "校对稿不作发放凭证" in text_in(review.pdf)
    assert "打印时编号" in text_in(sample.pdf)
    assert (review.id, sample.id) == ("", "")
    assert shown(station, round_).sheets == ()
    rounds.move(round_, "waiting")
    assert "张三" in text_in(rounds.review(round_).pdf), "the leaders read it while it waits"
    with pytest.raises(Refused):
        rounds.sample(round_)


def test_a_frozen_sheet_waits_until_it_is_out(station: Station, round_: str) -> None:
    rounds, papers = Campaigns(station), Papers(station)
    (line,) = listed(station, round_, "张三")
    drawn = rounds.freeze(round_)
    (sheet,) = shown(station, round_).sheets
    assert (sheet.number, sheet.paper, sheet.status, sheet.copies) == (drawn.number, drawn.id, "reserved", 0)
    assert "重印" not in text_in(papers.again(drawn.id).pdf)
    papers.settle(drawn.id)
    assert "重印第1次" in text_in(papers.again(drawn.id, full=True).pdf)
    with pytest.raises(Refused, match="已打印定稿"):
        rounds.change_line(line, "600.00")
    with pytest.raises(Refused, match="没有要打印的人"):
        rounds.freeze(round_)


def test_several_go_from_the_list_in_one_act(station: Station, round_: str) -> None:
    rounds = Campaigns(station)
    lines = listed(station, round_, "张三", "李四", "王五")
    rounds.remove_lines(lines[:2])
    assert list(states(station, round_)) == ["王五"]
    rounds.freeze(round_)
    more = listed(station, round_, "赵六")
    with pytest.raises(Refused):
        rounds.remove_lines([*more, lines[2]])
    assert list(states(station, round_)) == ["王五", "赵六"]


def test_a_page_of_results_is_one_act(station: Station, round_: str) -> None:
    lines = listed(station, round_, "张三", "李四", "王五", "赵六")
    Campaigns(station).freeze(round_)
    made = Payments(station).record_many(
        [
            Result(lines[0], "paid"),
            Result(lines[1], "paid"),
            Result(lines[2], "missing", "外出未联系上"),
            Result(lines[3], "returned", "本人谢绝"),
        ],
        day=dt.date(2026, 11, 20),
    )
    assert [one.state for one in made] == ["paid", "paid", "missing", "returned"]
    seen = shown(station, round_)
    assert seen.totals == Totals(2000_00, 1000_00, 500_00, 500_00)
    assert [(line.state, line.day, line.reason) for line in seen.lines][2:] == [
        ("missing", "2026-11-20", "外出未联系上"),
        ("returned", "2026-11-20", "本人谢绝"),
    ]
    assert seen.sheets[0].open == 1
    with pytest.raises(Refused, match=r"还差 500\.00 元没有去向: 王五 500\.00"):
        Campaigns(station).close(round_)
    Payments(station).record_many([Result(lines[2], "returned", "本人谢绝")])
    Campaigns(station).close(round_)
    Campaigns(station).move(round_, "archived")
    assert RoundViews(station).rounds()[0].status == "archived"


def test_a_page_is_refused_whole_and_names_every_line(station: Station, round_: str) -> None:
    lines = listed(station, round_, "张三", "周敏", "王五", "赵六")
    Campaigns(station).freeze(round_)
    with station.db.read() as session:
        dead = session.get_one(RosterLine, lines[2]).person
    change(station, Person, dead, death_date="2026-11-01")
    contest(station, "roster_line", lines[3], amount=600_00)
    payments = Payments(station)
    page = [Result(line, "paid") for line in lines]
    with pytest.raises(BadInput) as error:
        payments.record_many(page)
    assert set(error.value.problems) == set(lines[1:])
    assert "周敏 是本站工作人员。请换一人经办并填写见证人(回避)。" in str(error.value)
    assert str(error.value).endswith("这一页还没有登记, 没有改动任何数据。")
    assert set(states(station, round_).values()) == {"planned"}
    payments.record_many(page[:2], witness="吴主任")
    with station.db.read() as session:
        assert {row.witness for row in session.query(Payment)} == {"吴主任"}
    assert payments.record_many([]) == ()
    with pytest.raises(BadInput, match="要写明原因"):
        payments.record_many([Result(lines[0], "returned")])
    assert payments.record_many([Result(lines[0], "returned", "误登")])[0].reversed is not None


def test_nobody_is_paid_twice_on_one_page(station: Station, round_: str) -> None:
    who = person(station, "张三", id_number="361000194901010013")
    other = person(station, "李四")
    rounds = Campaigns(station)
    lines = rounds.add_lines(round_, [(who, 500_00), (other, 500_00)])
    change(station, Person, other, id_number="361000194901010013")
    with pytest.raises(BadInput, match="李四 已在 11 月 23 日本批次"):
        Payments(station).record_many([Result(line, "paid") for line in lines])


def test_the_list_of_rounds_has_the_sums_of_each(station: Station, round_: str) -> None:
    lines = listed(station, round_, "张三", "李四", "王五")
    payments = Payments(station)
    payments.record(lines[0], "paid")
    payments.record(lines[1], "missing", reason="外出未联系上")
    payments.record(lines[1], "returned", reason="外出未联系上")
    payments.record(lines[0], "returned", reason="误登")
    payments.record(lines[0], "paid", reason="本人又来了")
    empty = Campaigns(station).open({**VALUES, "name": "2026年八一慰问"})
    first, second = RoundViews(station).rounds()
    assert (first.id, first.people, first.planned) == (empty, 0, 0)
    assert (second.people, second.planned, second.paid, second.returned, second.open) == (
        3, 1500_00, 500_00, 500_00, 500_00,
    )  # fmt: skip
    seen = shown(station, round_).totals
    assert (seen.planned, seen.paid, seen.returned, seen.open) == (1500_00, 500_00, 500_00, 500_00)
    assert (second.own, second.unit) == (True, "桥头村站")


def test_what_was_handed_out_last_time_is_said(station: Station, round_: str) -> None:
    who = person(station, "张三", benefit="81", village_group="二组")
    line = Campaigns(station).add_lines(round_, [(who, 500_00)])[0]
    Payments(station).record(line, "paid")
    again = Campaigns(station).open({**VALUES, "name": "2026年八一慰问"})
    (found,) = Campaigns(station).candidates(again)
    assert (found.place, found.last) == ("二组", "2026年两节慰问 500.00 元")


def test_staff_are_known_by_name(station: Station) -> None:
    assert Payments(station).staff_names() == {"周敏"}
    change(station, Staff, station.actor.staff, status="left")
    assert Payments(station).staff_names() == frozenset()


def test_standards_are_kept_as_a_table(station: Station) -> None:
    rows = [{"amount": "300.00", "codes": ["81"], "label": "老兵"}]
    made = Campaigns(station).open({**VALUES, "standard": rows})
    assert json.loads(json.dumps(shown(station, made).standards))[0]["label"] == "老兵"
    with pytest.raises(BadInput) as error:
        Campaigns(station).change(made, {"standard": [{"amount": "x"}]})
    assert set(error.value.problems) == {"standard", "standard.1"}
