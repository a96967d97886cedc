"""Tables whose words came and went: what a word means on a day, what may be chosen then."""

import re

import pytest

from app.rules import benefits, military, register_codes, settlement
from app.rules.dated_codes import Dated, DatedTable
from app.rules.partial_date import PartialDate

D = PartialDate.parse
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("name", sorted(register_codes.TABLES))
def test_every_table_is_whole(name: str) -> None:
    table = register_codes.TABLES[name]
    assert HAN.search(table.title)
    assert table.source
    assert len(table.codes) > 1
    for code, dated in table.codes.items():
        assert HAN.search(dated.words)
        assert code in table.codes_of(dated.words)
        assert table.code_of(code) == code
        assert table.label(code) == dated.words
        assert dated.groups == () or set(dated.groups) <= set(military.GROUPS)
        for edge in (dated.starts, dated.ends):
            assert not edge or str(D(edge)) == edge
        if dated.starts and dated.ends:
            assert not D(dated.ends).surely_before(D(dated.starts))


def test_a_word_means_one_code_where_the_table_has_no_years() -> None:
    for name, table in register_codes.TABLES.items():
        if name == "rank":
            continue
        for dated in table.codes.values():
            for word in (dated.words, *dated.also):
                assert table.code_of(word) is not None, (name, word)


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("service_branch", "二炮", "second_artillery"),
        ("service_branch", " 武 警 ", "armed_police"),
        ("honour", "“四有”优秀士兵", "four_haves_soldier"),
        ("honour", "四有优秀士兵", "four_haves_soldier"),
        ("settlement_way", "逐月", "monthly_pay"),
        ("medical", "新农合", "resident"),
        ("war_service", "12", "12"),
        ("war_service", "抗美援朝", "K1"),
        ("nuclear_service", "８０２３部队", "8023"),
        ("household_kind", "非农业", "2"),
        ("martyr_relation", "父母（抚养人）", "parent"),
        ("national_state", "未录国网", "absent"),
        ("demand", "党员管理", "party"),
        ("support", "敬老院", "old_peoples_home"),
        ("medical", "玄学", None),
        ("rank", "", None),
    ],
)
def test_words_people_write(table: str, text: str, code: str | None) -> None:
    assert register_codes.TABLES[table].code_of(text) == code


@pytest.mark.parametrize(
    ("rank", "day", "code"),
    [
        ("下士", "1963", "n55-01"),
        ("下士", "1991-12", "c88s-01"),
        ("下士", "2012-12", "n09-01"),
        ("下士", "2022-03", "n22-01"),
        ("下士", "2024", "n22-01"),
        ("四级军士长", "2015", "n09-04"),
        ("六级士官", "2004-12", "n99-06"),
        ("大尉", "1960", "o55-05"),
        ("下士", None, None),
        ("大尉", None, "o55-05"),
        ("四级军士长", "2023", None),
        ("下士", "1975", None),
    ],
)
def test_a_rank_is_told_by_the_day(rank: str, day: str | None, code: str | None) -> None:
    assert military.RANKS.code_of(rank, D(day) if day else None) == code


def test_who_bore_a_rank() -> None:
    assert military.groups_of("下士", D("1991")) == {military.CONSCRIPT}
    assert military.groups_of("下士", D("2012")) == {military.NCO}
    assert military.groups_of("下士") == {military.NCO, military.CONSCRIPT}
    assert military.groups_of("中校", D("2000")) == {military.OFFICER}
    assert military.groups_of("司务长") == frozenset()
    assert military.borne("四级军士长", D("1990"), D("1995")) is False
    assert military.borne("四级军士长", D("1995"), D("2012")) is True
    assert military.borne("四级军士长", None, None) is None
    assert military.borne("司务长", D("1990"), None) is None
    assert military.periods("志愿兵") == "1978-03 至 1999-11"


def test_what_may_be_chosen_on_a_day_and_for_a_kind_of_soldier() -> None:
    assert set(settlement.WAYS.choices(group=military.CONSCRIPT).values()) == {"自主就业", "安排工作", "供养"}
    nco = settlement.WAYS.choices(D("2025-01-01"), military.NCO)
    assert set(nco.values()) == {"逐月领取退役金", "自主就业", "安排工作", "退休", "供养"}
    officer = settlement.WAYS.choices(D("2025-01-01"), military.OFFICER)
    assert set(officer.values()) == {"退休", "转业", "逐月领取退役金", "复员"}
    assert "自主择业" in settlement.WAYS.choices(D("2010"), military.OFFICER).values()
    assert "火箭军" not in military.SERVICES.choices(D("2000")).values()


def test_honours_are_worth_what_the_regulations_say() -> None:
    assert military.LEAVING_SHARE.keys() == military.BEREAVEMENT_SHARE.keys() <= military.HONOURS.codes.keys()
    assert sorted(set(military.LEAVING_SHARE.values()), reverse=True) == [25, 20, 15, 10, 5]
    assert sorted(set(military.BEREAVEMENT_SHARE.values()), reverse=True) == [40, 35, 30, 25, 15, 5]
    assert military.HONOURS.codes.keys() >= military.JOB_HONOURS


def test_war_services_keep_their_codes() -> None:
    for code, words in benefits.WAR_SERVICES.items():
        assert register_codes.WAR_SERVICES.label(code) == words


def test_a_table_may_hold_several_codes_for_a_word() -> None:
    table = DatedTable(
        "试", "试", {"a": Dated("甲", "1950", "1960"), "b": Dated("甲", "1960", "1970"), "c": Dated("丙")}
    )
    assert table.codes_of("甲") == ("a", "b")
    assert table.code_of("甲") is None
    assert table.code_of("甲", D("1960")) == "b"
    assert table.code_of("甲", D("1980")) is None
    assert (table.label("zz"), table.label(None)) == ("zz", "")


@pytest.mark.parametrize(
    ("way", "group", "discharged", "wrong"),
    [
        ("transfer", military.CONSCRIPT, None, True),
        ("support", military.OFFICER, None, True),
        ("own_choice", military.OFFICER, "2010-12", False),
        ("own_choice", military.OFFICER, "2025-12", True),
        ("own_employment", military.NCO, "2023-12", False),
        ("something new", military.NCO, None, False),
        ("transfer", "", None, False),
    ],
)
def test_ways_of_settlement(way: str, group: str, discharged: str | None, wrong: bool) -> None:
    assert bool(settlement.allowed(way, group, D(discharged) if discharged else None)) == wrong
