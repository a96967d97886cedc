"""The whole 信息采集表 of one person: every section kept as it was written, rules of benefits that refuse, doubts that warn."""

from typing import Any

import pytest

from app.errors import BadInput, Refused
from app.models import PersonIdentity, fields_of
from app.services import divisions, field_values
from app.services.divisions import Divisions
from app.services.eligibility import Eligibility
from app.services.people import FLAT, LISTS, People
from app.services.person_cards import PersonCards
from app.services.policies import Policies
from app.services.station import Station

VILLAGE = "361002100201"
WHOLE: dict[str, Any] = {
    "name": "单小平", "no_id_reason": "uncollected", "division": VILLAGE, "birth_date": "1967-03-12", "sex": "男",
    "household_kind": "农业户口", "household_type": "家庭户", "native_place": "江西临川", "joined_party": "1990-07",
    "party_dues": "是", "work_ability": "部分丧失", "self_care": "自理", "support": "分散供养", "lone_elder": "否",
    "family_income": "23000.50", "demand": "优抚", "collected_by": "周敏", "collected_on": "2026-11-20",
    "national_state": "未录国网", "id_ends": "长期", "height": "172", "occupation": "农民",
    "identities": [
        {"class12": "02", "starts": "1988", "ends": None},
        {"class12": "07", "benefit_code": "11", "disability_level": "七级", "disability_nature": "因战", "main": "是",
         "certificate": "赣军0012", "graded": "1989-05-01", "approved": "1989", "approved_by": "某县民政局",
         "disability_kind": "在乡", "period": "建国后", "wounded_unit": "某部二连"},
    ],
    "services": [
        {"enlisted": "1984-12-01", "discharged": "1988-11-30", "branch": "陆军", "rank": "上等兵", "unit_number": "某部",
         "conscript_starts": "1984-12-01", "conscript_ends": "1988-11-30", "conscript_years": 4,
         "household_before": "农村", "discharge_paper": "退伍证", "national_state": "已录国网", "hard_region": "否"},
    ],
    "actions": [{"war_service": "老山、者阴山", "war_benefit": "农村参战", "proof": "档案记录", "starts": "1985",
                 "unit": "某部"}],
    "awards": [{"honour": "荣立三等功", "awarded": "1986-08"}],
    "settlements": [{"way": "自谋职业", "approved": "1988-11-30", "reported": "1988-12", "lump_sum": "4500.00"}],
    "educations": [{"starts": "1980-09", "ends": "1983", "school": "临川一中", "education": "高中", "way": "全日制"}],
    "trainings": [{"kind": "职业技能", "course": "电焊", "hours": "40"}],
    "jobs": [{"job_state": "务农", "wage": "1800"}],
    "ventures": [{"project": "种养", "jobs": 3, "phone": "13800138000"}],
    "insurances": [{"medical": "新农合", "place": "临川"}, {"pension": "居民养老保险", "months": 132}],
    "soldiers": [{"soldier_state": "烈士", "relation": "子女", "name": "单大勇", "died": "1951"}],
    "changes": [{"change": "迁入", "day": "2001-03"}],
    "family": [{"name": "李秀英", "relation": "妻", "sex": "女", "ethnicity": "汉族"}],
}  # fmt: skip


def test_every_section_is_kept_as_it_was_written(station: Station) -> None:
    people = People(station)
    saved = people.add(WHOLE)
    shown = people.show(saved.id).fields
    assert {name: len(shown[name]) for name in LISTS if name not in ("accounts", "insurances", "identities")} == (
        dict.fromkeys(LISTS.keys() - {"accounts", "insurances", "identities"}, 1)
    )
    assert (shown["joined_party"], shown["family_income"], shown["household_kind"]) == ("1990-07", "23000.50", "1")
    assert [one["starts"] for one in shown["identities"]] == ["1988", None]
    assert shown["identities"][1]["main"] is True
    assert (shown["actions"][0]["war_service"], shown["awards"][0]["honour"]) == ("13", "merit_3")
    assert (shown["settlements"][0]["way"], shown["settlements"][0]["reported"]) == ("own_employment", "1988-12")
    assert [one["medical"] or one["pension"] for one in shown["insurances"]] == ["resident", "resident"]
    kind = fields_of("person_settlement")
    assert field_values.label_of(kind["way"], shown["settlements"][0]["way"]) == "自主就业"
    assert saved.warnings == ()
    card = PersonCards(station).of(saved.id)
    assert card.fields["soldiers"][0]["name"] == "单大勇"
    # Already paid for a wound: nothing is said of what comes at sixty.
    assert not [line for line in card.missing if "60" in line]


def test_what_is_not_in_a_table_is_named_with_its_place(station: Station) -> None:
    wrong = WHOLE | {
        "settlements": [{"way": "乱写"}],
        "jobs": [{"wage": 3}, {"starts": "1979.1.45"}],
        "demand": "要钱",
        "photo": "0" * 32,
    }
    with pytest.raises(BadInput) as caught:
        People(station).add(wrong)
    assert set(caught.value.problems) == {"settlements[0].way", "jobs[0].wage", "jobs[1].starts", "demand", "photo"}
    assert caught.value.problems["demand"] == "“要钱”不在“主要诉求”的代码表里"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"class12": "07", "benefit_code": "11", "disability_level": "八级", "disability_nature": "因病"},
            "一级至六级",
        ),
        ({"class12": "07", "benefit_code": "11"}, "要有伤残等级和伤残性质"),
        ({"class12": "02", "benefit_code": "81"}, "还没有满 60 周岁"),
        ({"class12": "02", "main": True}, "没有优抚类别, 不能按它发放"),
        ({"class12": "02", "benefit_code": "42", "main": True}, "有 2 个身份标了"),
    ],
)
def test_a_benefit_given_anew_against_the_rules_is_refused(station: Station, change: dict[str, Any], said: str) -> None:
    people = People(station)
    there = {"class12": "07", "benefit_code": "15", "disability_level": "07", "disability_nature": "1", "main": True}
    saved = people.add({"name": "单小平", "no_id_reason": "pending", "division": VILLAGE, "birth_date": "1967-03-12",
                        "identities": [there | {"approved": "1999"}]})  # fmt: skip
    with pytest.raises(Refused, match=said) as caught:
        people.add_part(saved.id, "identities", change)
    assert str(caught.value).endswith("没有改动任何数据。")
    assert len(people.show(saved.id).fields["identities"]) == 1
    with pytest.raises(Refused, match=said):
        people.add({"name": "李大山", "no_id_reason": "pending", "division": VILLAGE, "birth_date": "1967-03-12",
                    "identities": [there, change]})  # fmt: skip


def test_what_somebody_approved_long_ago_only_warns(station: Station) -> None:
    people = People(station)
    old = {
        "class12": "07",
        "benefit_code": "11",
        "disability_level": "8",
        "disability_nature": "因病",
        "approved": "1985",
    }
    saved = people.add(
        {"name": "单小平", "no_id_reason": "pending", "division": VILLAGE, "identities": [old | {"main": True}]}
    )
    assert "一级至六级" in saved.warnings[0]
    # Two stations have each marked an identity: whoever changes the telephone is warned, not stopped.
    with station.db.work("另一个站标的") as work:
        work.session.add(PersonIdentity(person=saved.id, home=VILLAGE, class12="02", benefit_code="42", main=True))
    done = people.change(saved.id, {"phone": "13800138000"})
    assert any("有 2 个身份标了" in text for text in done.warnings)
    second = people.show(saved.id).fields["identities"][1]["id"]
    people.change_part("identities", second, {"main": False})
    # What is refused of him anew is refused, though the old one stands.
    with pytest.raises(Refused, match="一级至六级"):
        people.change_part(
            "identities", second, {"benefit_code": "15", "disability_level": "9", "disability_nature": "3"}
        )


def test_nothing_is_given_to_the_dead(station: Station) -> None:
    people = People(station)
    saved = people.add({"name": "单小平", "no_id_reason": "pending", "division": VILLAGE, "birth_date": "1940"})
    people.record_death(saved.id, {"death_date": "2026-01"})
    with pytest.raises(Refused, match="人员已去世, 不能新登记待遇"):
        people.add_part(saved.id, "identities", {"class12": "02", "benefit_code": "42"})


def test_what_several_share_is_said(station: Station) -> None:
    people = People(station)
    shared = {"division": VILLAGE, "no_id_reason": "pending", "phone": "13800138000"}
    account = {"account_number": "6228480402564890018"}
    warnings = [
        people.add({"name": name, **shared, **(account if place > 1 else {})}).warnings
        for place, name in enumerate(("张一", "张二", "张三", "张四"))
    ]
    assert warnings[:3] == [(), (), ()]
    assert len(warnings[3]) == 2
    assert "账号" in warnings[3][0]


def test_rules_of_eligibility_look_at_the_new_fields(station: Station) -> None:
    people = People(station)
    saved = people.add(
        {"name": "单小平", "no_id_reason": "pending", "division": VILLAGE, "birth_date": "1966-10-01", "class12": "02",
         "services": [{"enlisted": "1984-12-01", "discharged": "1990-11-30", "rank": "专业军士",
                       "conscript_starts": "1984-12-01", "conscript_ends": "1988-11-30"}]}
    )  # fmt: skip
    (row,) = Eligibility(station).due(rule="rural_60").rows
    assert "义务兵役 4 年" in row.due.why
    assert row.due.missing == ("户籍类别(农村、城镇)没有登记",)
    (line,) = (line for line in PersonCards(station).of(saved.id).missing if "60周岁" in line)
    assert line.startswith("已到(60周岁农村籍退役士兵)")
    people.change(saved.id, {"household_kind": "城镇"})
    assert Eligibility(station).due(rule="rural_60").rows == ()
    people.change(saved.id, {"household_kind": "农村"})
    assert Eligibility(station).due(rule="rural_60").rows[0].due.sure
    # A wounded man's grading: from the day of the last one a year must have gone by.
    wounded = people.add(
        {"name": "李大山", "no_id_reason": "pending", "division": VILLAGE,
         "identities": [{"class12": "07", "benefit_code": "11", "disability_level": "7", "disability_nature": "1",
                         "benefit_state": "正常", "graded": "2026-01-10"}]}
    )  # fmt: skip
    (row,) = Eligibility(station).due(rule="regrade").rows
    assert (row.id, str(row.due.due), row.due.state) == (wounded.id, "2027-01-10", "coming")
    (identity,) = people.show(wounded.id).fields["identities"]
    people.change_part("identities", identity["id"], {"ends": "2026-10"})
    assert Eligibility(station).due(rule="regrade").rows == ()


def test_the_bureau_may_set_the_rules_of_eligibility(new_station: Any) -> None:
    county = new_station("county", "361002", "临川区局")
    policies = Policies(county)
    built_in = policies.show("eligibility.rules")
    assert built_in["value"]["rules"][0]["code"] == "rural_60"
    changed = [one | ({"age": 55} if one["code"] == "rural_60" else {}) for one in built_in["value"]["rules"]]
    policies.set({"name": "eligibility.rules", "starts": "2026-01-01", "value": {"rules": changed}})
    assert Eligibility(county).rules().only("rural_60").rules[0].age == 55
    with pytest.raises(BadInput) as caught:
        policies.set(
            {"name": "eligibility.rules", "value": {"rules": [{"code": "x", "kind": "never", "label": "乱写"}]}}
        )
    assert "第 1 条 kind" in caught.value.problems["value"]


def test_a_place_that_ended_keeps_its_name_and_is_offered_no_more(new_station: Any) -> None:
    county = new_station("county", "361002", "临川区局")
    villages = Divisions(county)
    villages.add("361002100290", "老桥村", starts="1990-01-01")
    villages.add("361002100291", "新桥村")
    assert [row.code for row in villages.find("老桥村")] == ["361002100290"]
    villages.add("361002100290", "老桥村", ends="2020-06-30", alias_of="361002100291")
    assert villages.find("老桥村") == []
    with county.db.read() as session:
        assert "361002100290" not in divisions.all_names(session)
        assert divisions.names_inside(session, county.place)["361002100290"] == "老桥村"
        assert divisions.full_name(session, "361002100290").endswith("老桥村")
    with pytest.raises(BadInput) as caught:
        villages.add("361002100292", "村", starts="2020-01-01", ends="2019-01-01", alias_of="361002100292")
    assert set(caught.value.problems) == {"ends", "alias_of"}
    villages.add("361002100293", "远桥村", ends="2099-01-01", alias_of="361002100291")
    assert villages.find("远桥村")


def test_the_flat_fields_of_parts_are_no_fields_of_the_person() -> None:
    """A form and a roster have them beside each other."""
    flat = [name for names in FLAT.values() for name in names]
    assert set(flat) & set(fields_of("person")) == set()
    assert len(flat) == len(set(flat))
    assert set(LISTS) & (set(fields_of("person")) | set(flat)) == set()
