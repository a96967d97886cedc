"""登记去世 is one act with all that hangs on it; 误报 takes everything back, also what has gone up or came otherwise."""

from typing import Any

import pytest
from sqlalchemy import select

from app.errors import BadInput, Refused
from app.models import Group, Person, RosterLine
from app.models.database import Actor
from app.rules.after_death import Benefit, Death, Relative, proposals
from app.rules.partial_date import PartialDate
from app.services.campaigns import Campaigns
from app.services.history import History
from app.services.payments import Payments
from app.services.people import People
from app.services.station import Station
from app.services.undoing import Undo

pytestmark = pytest.mark.usefixtures("fixed_now")
VILLAGE = "361002100201"
ROUND = {"name": "2026年重阳慰问", "year": 2026, "festival": "春节", "source": "县级资金", "standard": "500.00"}
WOUNDED = {"class12": "07", "benefit_code": "11", "disability_level": "03", "disability_nature": "1", "approved": "1980",
           "benefit_state": "正常", "main": True}  # fmt: skip
TOLD = {"death_date": "2026-09", "death_cause": "病故", "source": "公安注销名单", "told_by": "儿子张小龙",
        "proof": "死亡证明", "paid_until": "2026-11"}  # fmt: skip


@pytest.fixture
def man(station: Station) -> str:
    values: dict[str, Any] = {
        "name": "张建国", "no_id_reason": "pending", "division": VILLAGE, "birth_date": "1950-03", "status": "registered",
        "plaque": "已悬挂", "identities": [WOUNDED], "family": [{"name": "李秀英", "relation": "妻"}],
    }  # fmt: skip
    return People(station).add(values).id


def state(station: Station, man: str) -> tuple[Any, ...]:
    shown = People(station).show(man).fields
    return shown["death_date"], shown["death_cause"], shown["status"], len(shown["changes"])


def lines(station: Station) -> int:
    with station.db.read() as session:
        return len(session.scalars(select(RosterLine.id).where(~RosterLine.deleted)).all())


def acts(station: Station) -> int:
    with station.db.read() as session:
        return len(session.scalars(select(Group.id)).all())


def test_a_death_brings_everything_at_once(station: Station, man: str) -> None:
    loose, printed = (Campaigns(station).open(ROUND | {"name": name}) for name in ("甲", "乙"))
    for campaign in (printed, loose):
        Campaigns(station).add_line(campaign, man, "500.00")
    roster = Campaigns(station).print_roster(printed)
    before = acts(station)
    done = People(station).record_death(man, TOLD)
    assert acts(station) == before + 1
    assert state(station, man) == ("2026-09", "illness", "dead", 1)
    (change,) = People(station).show(man).fields["changes"]
    assert (change["change"], change["day"], change["source"], change["told_by"]) == (
        "died", "2026-09", "公安注销名单", "儿子张小龙",
    )  # fmt: skip
    assert (len(done.brought.struck), lines(station)) == (1, 1)
    assert done.brought.sheets == (f"签领表 {roster.number} 第 1 行还没有结果: 不能发放, 请划销或改为慰问家属。",)
    assert done.brought.proposals == (
        "残疾军人: 增发 12 个月抚恤金作为丧葬补助(军人抚恤优待条例 §32), 请报县局审定。",
        "已发到 2026-11, 去世次月起多发 2 个月, 请报县局从丧葬补助中抵扣或收回。",
        "因战、因公一级至四级残疾军人病故: 遗属享受病故军人遗属待遇(§32), 请核对李秀英(妻子)。",
        "建议走访慰问家属(事由: 重大变故)。",
        "光荣牌可以保留, 以后不再更换。",
    )
    with pytest.raises(Refused, match="已登记去世"):
        People(station).record_death(man, TOLD)


def test_a_false_report_is_taken_back_whole(station: Station, man: str) -> None:
    loose = Campaigns(station).open(ROUND)
    Campaigns(station).add_line(loose, man, "500.00")
    before = state(station, man)
    People(station).record_death(man, TOLD)
    assert lines(station) == 0
    # Meanwhile a field of his was changed: that stays.
    People(station).change(man, {"phone": "13800138000"})
    done = People(station).withdraw_death(man)
    assert (state(station, man), lines(station)) == (before, 1)
    assert before == (None, None, "registered", 0)
    assert People(station).show(man).fields["phone"] == "13800138000"
    assert History(station).acts()[0].name == "误报去世, 恢复原状"
    assert done.act
    with pytest.raises(Refused, match="没有登记去世"):
        People(station).withdraw_death(man)
    # It may turn out true after all, and taking it back may itself be undone.
    People(station).record_death(man, TOLD)
    People(station).withdraw_death(man)
    assert Undo(station).undo().kept == ()
    assert state(station, man) == ("2026-09", "illness", "dead", 1)


def test_a_colleague_takes_it_back_and_what_came_with_a_list_too(station: Station, man: str) -> None:
    People(station).record_death(man, TOLD)
    station.db.actor = Actor("2" * 32, "李会")
    People(station).withdraw_death(man)
    assert state(station, man) == (None, None, "registered", 0)
    # A death that came with somebody's list is not that act to take back: only he is alive again.
    with station.db.work("导入名单(死亡名单.xlsx)") as work:
        person = work.session.get_one(Person, man)
        person.death_date, person.status = "2026-10", "dead"
        work.session.add(Person(name="李四", division=VILLAGE, home=VILLAGE))
    People(station).withdraw_death(man)
    assert state(station, man) == (None, None, None, 0)
    with station.db.read() as session:
        assert session.scalar(select(Person.id).where(Person.name == "李四", ~Person.deleted))


def test_what_was_paid_keeps_its_line(station: Station, man: str) -> None:
    campaign = Campaigns(station).open(ROUND)
    Campaigns(station).add_line(campaign, man, "500.00")
    (line,) = Campaigns(station).print_roster(campaign).lines
    Payments(station).record(line.id, "paid")
    done = People(station).record_death(man, TOLD | {"death_date": "2026-11-20"})
    assert (done.brought.struck, done.brought.sheets, lines(station)) == ((), (), 1)
    assert any("去世日期" in text for text in done.warnings)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"death_date": "2999"}, {"death_date"}),
        ({"death_date": None, "struck": "乱写", "paid_until": "x"}, {"death_date", "struck", "paid_until"}),
    ],
)
def test_what_is_wrong_is_named_at_once(station: Station, man: str, wrong: dict[str, Any], named: set[str]) -> None:
    before = acts(station)
    with pytest.raises(BadInput) as caught:
        People(station).record_death(man, TOLD | wrong)
    assert set(caught.value.problems) == named
    assert (acts(station), state(station, man)[0]) == (before, None)


def test_rights_are_asked(station: Station, man: str) -> None:
    station.roles = ("administrator",)
    for act in (lambda: People(station).record_death(man, TOLD), lambda: People(station).withdraw_death(man)):
        with pytest.raises(Refused, match="您的岗位不能登记和修改"):
            act()


@pytest.mark.parametrize(
    ("death", "said"),
    [
        (Death(PartialDate(2026, 1)), ("慰问家属",)),
        (Death(PartialDate(2026, 1), benefits=(Benefit("21"),)), ("6 个月定期抚恤金", "慰问家属")),
        (Death(PartialDate(2026, 1), benefits=(Benefit("51"),)), ("6 个月生活补助", "慰问家属")),
        (Death(PartialDate(2026, 1), benefits=(Benefit("81"),)), ("按本地规定", "慰问家属")),
        (Death(PartialDate(2026, 1), "wound", (Benefit("11", "08", "1"),)), ("12 个月", "因公牺牲军人遗属待遇", "慰问家属")),
        (Death(PartialDate(2026, 1), "illness", (Benefit("11", "08", "1"),)), ("12 个月", "慰问家属")),
        (Death(PartialDate(2026, 1), "illness", (Benefit("11", "02", "3"),)), ("12 个月", "慰问家属")),
        (Death(PartialDate(2025), "", (Benefit("41"),), (), PartialDate(2026, 2)), ("本地", "多发 2–13 个月", "慰问家属")),
        (Death(PartialDate(2026, 3), "", (Benefit("41"),), (), PartialDate(2026, 3)), ("本地", "慰问家属")),
        (Death(PartialDate(2026, 1), "wound", (Benefit("11"),), (Relative("孙", "40"),)), ("12 个月", "没有登记", "慰问家属")),
    ],
)  # fmt: skip
def test_what_is_due_by_class_and_cause(death: Death, said: tuple[str, ...]) -> None:
    found = proposals(death)
    assert len(found) == len(said)
    assert all(words in text for words, text in zip(said, found, strict=True)), found
