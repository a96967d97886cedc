"""The story of a person, newest first, and the changes field by field; the card at a glance."""

import datetime as dt
from pathlib import Path

import pytest

from app import clock
from app.errors import Refused
from app.models import Person
from app.services.attachments import Attachments
from app.services.campaigns import Campaigns
from app.services.cases import HardshipCases
from app.services.households import Households
from app.services.papers import Papers
from app.services.payments import Payments
from app.services.people import People
from app.services.person_cards import PersonCards
from app.services.station import Station
from app.services.timeline import Timeline
from app.services.undoing import Undo
from app.services.visits import Visits
from tests.services import records

VILLAGE = "361002100201"
NUMBER = "361002195603129991"


@pytest.fixture
def person(station: Station, fixed_now: dt.datetime) -> str:
    given = {
        "name": "张建国", "no_id_reason": "pending", "birth_date": "1956-03-12", "division": VILLAGE, "phone": "16400000001",
        "class12": "02", "benefit_code": "51", "benefit_state": "正常", "enlisted": "1974-12", "discharged": "1980-01",
        "account_number": "6228480402564890018", "bank": "农商银行",
    }  # fmt: skip
    return People(station).add(given).id


def at(day: int, hour: int = 9) -> None:
    clock.set_now(dt.datetime(2026, 12, day, hour, tzinfo=clock.CHINA))


def test_everything_done_with_a_person(station: Station, person: str, tmp_path: Path) -> None:
    at(1)
    visit = Visits(station).record({
        "person": person, "date": "2026-12-01", "place": "家中", "companions": "周敏、李主任", "trigger": "ZC",
        "note": "身体尚好", "wishes": "想修屋顶", "condition": "高血压",
    }).id  # fmt: skip
    at(2)
    people = People(station)
    changed = people.change(person, {"phone": "16400000002", "address": "三组"})
    people.add_part(person, "family", {"name": "李秀英", "relation": "妻"})
    at(2, 10)
    people.change(person, {"note": "记错了"})
    Undo(station).undo()
    at(3)
    case = HardshipCases(station).open({"person": person, "kind": "medical", "amount": "5000", "reason": "住院"}).id
    HardshipCases(station).write_step(case, "apply", {"result": "pass", "opinion": "属实"})
    at(4)
    rounds = Campaigns(station)
    campaign = rounds.open({
        "name": "2027年两节慰问", "year": 2027, "festival": "spring", "source": "county", "way": "cash", "standard": "500",
    })  # fmt: skip
    (line,) = rounds.add_lines(campaign, [(person, 500_00)])
    rounds.print_roster(campaign, tmp_path / "r.pdf")
    at(5)
    Payments(station).record(line, "paid")
    paper = tmp_path / "退役证.jpg"
    paper.write_bytes(b"\xff\xd8\xff" + bytes(50))
    Attachments(station).add(f"person:{person}", paper)
    at(6)
    Papers(station).print_form("F14", f"person:{person}", tmp_path / "z.pdf", purpose="办理优待")

    found = Timeline(station).of(person)
    assert [event.when for event in found] == sorted((event.when for event in found), reverse=True)
    said = {event.text: event for event in found}
    texts = list(said)
    assert texts[-1] == "登记人员"
    assert texts[0].startswith("开出证明(带存根)")
    assert "用途: 办理优待" in texts[0]
    assert "添加附件“退役证.jpg”" in said
    assert "已领 500.00 元(2027年两节慰问)" in said
    assert any(text.startswith("列入签领表") and text.endswith("应发 500.00 元") for text in texts)
    assert said["帮扶事项申请受理: 同意, 属实"].about == case
    assert "受理帮扶事项: 医疗, 申请 5,000.00 元" in said
    assert said["修改人员: 户籍地址、手机"].who == "周敏"
    assert "添加家庭成员" in said
    assert "修改人员: 备注(已撤销)" in said
    assert "撤销: 修改人员: 备注" in said
    walk = said["走访(常态化联系): 家中, 身体尚好, 诉求: 想修屋顶"]
    assert (walk.when, walk.who, walk.page, walk.about) == ("2026-12-01", "周敏、李主任", "visit_form", person)
    assert walk.facts == {"visit": visit}
    assert "高血压" not in "".join(texts)
    assert changed.act


def test_changes_in_words(station: Station, person: str) -> None:
    at(2)
    people = People(station)
    people.change(person, {"phone": "16400000002", "political": "中共党员", "key_contact": True, "income": "1200"})
    found = Timeline(station).changes(person)
    phone = next(line for line in found if line.item == "手机")
    assert (phone.old, phone.new, phone.who) == ("164****0001", "164****0002", "周敏")
    by_item = {line.item: (line.old, line.new) for line in reversed(found)}
    assert by_item["政治面貌"] == ("", "中共党员")
    assert by_item["重点联系对象"] == ("", "是")
    assert by_item["户籍地"] == ("", "石鼓村委会")
    assert by_item["身份类别·优抚类别"] == ("", "参战退役军人")
    assert by_item["银行账户·银行账号"] == ("", "****0018")
    assert by_item["个人年收入"] == ("", "(已遮盖)")
    full = {line.item: line.new for line in Timeline(station).changes(person, full=True)}
    assert (full["手机"], full["银行账户·银行账号"], full["个人年收入"]) == (
        "16400000001",
        "6228480402564890018",
        "1200.00",
    )
    assert [line.when for line in found] == sorted((line.when for line in found), reverse=True)
    part = people.show(person).fields["accounts"][0]["id"]
    people.remove_part("accounts", part)
    assert Timeline(station).changes(person)[0].item == "银行账户·已删除"
    with pytest.raises(Refused):
        Timeline(station).of("0" * 32)


def test_the_card_at_a_glance(station: Station, person: str) -> None:
    card = PersonCards(station).of(person)
    assert card.age == "70 岁(截至 2026-11-23)"
    assert card.kinds == "参战退役军人"
    assert card.gets == ("参战退役军人",)
    assert card.missing == ("没有身份证号", "没有填退役证编号", "没有填光荣牌", "还没有走访过")
    assert (card.sync, card.visited, card.members, card.attachments, card.dead) == ("unsent", "", (), 0, False)
    assert card.places[VILLAGE].endswith("上顿渡镇石鼓村委会")
    Visits(station).record({"person": person, "date": "2026-11-01"})
    household = Households(station).add({"head": person, "number": "12"})
    with station.db.work("入户") as work:
        other = records_person(work, household)
    card = PersonCards(station).of(person)
    assert (card.visited, card.household) == ("2026-11-01", household)
    assert [(one.name, one.head, one.relation) for one in card.members] == [
        ("张建国", True, "户主"),
        ("李秀英", False, "妻"),
    ]
    assert PersonCards(station).of(other).household == household
    People(station).record_death(person, {"death_date": "2026-11-20"})
    card = PersonCards(station).of(person)
    assert (card.dead, card.age, card.missing) == (True, "", ())


def records_person(work: object, household: str) -> str:
    record = Person(
        id=clock.new_id(), home=VILLAGE, division=VILLAGE, name="李秀英", household=household, head_relation="12"
    )
    work.session.add(record)  # type: ignore[attr-defined]  # a unit of work
    return record.id


def test_the_card_says_what_two_sides_filled_in_differently(station: Station) -> None:
    mine = records.person(station, "张三", phone="16400000001")
    assert PersonCards(station).of(mine).contested == ()
    records.contest(station, "person", mine, phone="16400000009")
    card = PersonCards(station).of(mine)
    assert (card.sync, card.contested) == ("conflict", ("手机",))
