"""F07: every field, the opinions with their amounts and packages, long texts."""

import dataclasses
import re

import pytest

from app.documents.case_form import MEMBER_COLUMNS, case_form, case_form_writer
from app.documents.lettering import width
from app.documents.paper import Rule, Text
from app.errors import BadInput
from tests.documents import layout, papers
from tests.documents.test_paper import fonts_of, text_of


def told(form) -> str:
    return re.sub(r"\s", "", text_of(case_form(form).pdf))


def texts(page):
    return [m for m in page if isinstance(m, Text)]


def test_every_field_is_on_the_form():
    form = papers.form()
    said = told(form)
    for value in dataclasses.astuple(form.applicant):
        assert value in said, value
    for part in ("重大疾病", "32,415.60元", "18,500.00元", "养老金、子女打工", "低保", "1次，共1,000.00元", "3人"):
        assert part in said, part
    for member in form.members:
        assert member.name in said
    for part in (
        "本人承诺",
        "申请人签名（按手印）",
        "调查人（2人）：刘敏、陈国强",
        "公示时间：2026年9月4日至9月10日",
        "未收到异议",
    ):
        assert part in said, part
    for opinion in (form.village, form.township, form.county_office, form.county_deputy, form.county_head):
        assert opinion.signer in said
    assert "南退役批〔2026〕18号" in said
    assert "身份证、户口簿、退役证、诊断证明" in said


def test_two_pages_with_amounts_in_capitals_and_the_package_each_opinion_came_by():
    done = case_form(papers.form())
    assert done.pages == 2
    said = re.sub(r"\s", "", text_of(done.pdf))
    assert "¥5,000.00（大写）人民币伍仟元整" in said
    assert "建议金额：¥4,800.00（大写）人民币肆仟捌佰元整" in said
    assert "¥4,500.00（大写）人民币肆仟伍佰元整" in said
    assert "（据桥头镇退役军人服务站第7号数据包）" in said
    assert "（据南昌县退役军人事务局第12号数据包）" in said


def test_seal_places_for_village_township_and_county():
    assert told(papers.form()).count("（盖章处）") == 3


def test_an_empty_back_leaves_places_to_write():
    applied = papers.form()
    bare = dataclasses.replace(
        applied,
        **{f.name: f.default_factory() for f in dataclasses.fields(applied) if callable(f.default_factory)},
        investigators=(),
        approved=None,
        approval_number="",
    )
    back = "".join(m.text for m in texts(case_form_writer(bare).pages[1]))
    assert back.count("年      月      日") >= 7
    assert "据" not in back
    assert "人民币" not in back


def test_long_texts_go_on_in_the_annex_whole():
    need = dataclasses.replace(papers.form().need, cause=papers.LONG_TEXT)
    village = dataclasses.replace(papers.form().village, text="同意上报。" * 200)
    writer = case_form_writer(papers.form(need=need, village=village))
    done = writer.finish()
    assert done.pages >= 3
    annex = "".join(m.text for page in writer.pages[2:] for m in texts(page) if m.size == 10.5)
    assert papers.LONG_TEXT in annex
    assert "同意上报。" * 200 in annex
    marked = [m.text for page in writer.pages[:2] for m in texts(page) if m.text.endswith("（接附页）")]
    assert len(marked) == 2


@pytest.mark.parametrize("count", [0, 1, 5, 6, 20])
def test_no_member_of_the_household_is_lost(count):
    said = told(papers.form(members=tuple(papers.member(i + 1) for i in range(count))))
    for i in range(count):
        assert f"𠮷㛃{i + 1}" in said
    assert ("（接附页）" in said) == (count > 5)
    assert ("以下空白" in said) == (count < 5)


def test_text_stays_on_the_sheet_and_the_family_table_fills_the_width():
    assert sum(w for _, w in MEMBER_COLUMNS) == 170
    writer = case_form_writer(papers.form())
    writer.finish()
    for page in writer.pages:
        for m in texts(page):
            assert m.x >= 19.99
            assert m.x + width(m.text, m.size, m.face) <= 190.01, m.text
        for m in page:
            if isinstance(m, Rule):
                assert 19.99 <= min(m.x1, m.x2) <= max(m.x1, m.x2) <= 190.01
                assert max(m.y1, m.y2) <= 281.01


def test_missing_name_number_and_negative_amounts_are_named():
    nobody = dataclasses.replace(papers.applicant(), name=" ")
    with pytest.raises(BadInput) as caught:
        case_form(papers.form(applicant=nobody, number="", approved=-1))
    assert set(caught.value.problems) == {"name", "number", "amount"}


def test_fonts_are_inside():
    assert all(fonts_of(case_form(papers.form()).pdf).values())


def test_layout_is_the_kept_one():
    layout.check(case_form_writer(papers.form()), "case_form")
