"""F14: stub, perforation, body after GB/T 9704, long bodies."""

import datetime as dt
import re

import pytest

from app.documents.certificate import PERFORATION, certificate, certificate_writer
from app.documents.lettering import MM, width
from app.documents.paper import GB_LEFT, GB_WIDTH, Rule, Text
from app.errors import BadInput
from tests.documents import layout, papers
from tests.documents.test_paper import fonts_of, text_of

NUMBER = "桥退服字〔2027〕第0012号"


def texts(page):
    return [m for m in page if isinstance(m, Text)]


def test_it_says_everything():
    said = re.sub(r"\s", "", text_of(certificate(papers.paper()).pdf))
    for part in (
        "证明存根",
        "兹证明欧阳䶮，男，身份证号",
        papers.ID_NUMBER,
        "依据：退役证原件。",
        "此证明仅用于办理医疗保险缴费补助，有效期30日，至2026年8月31日止。",
        "二〇二六年八月一日",
        "经办人：刘敏",
        "核验电话：0791-88001234",
        "盖章处",
        "第1页/共1页",
    ):
        assert part in said, part


def test_the_stub_masks_the_id_number():
    stub = [m.text for m in texts(certificate_writer(papers.paper()).pages[0]) if m.y < PERFORATION - 1]
    assert "360***********0016" in stub
    assert not [t for t in stub if papers.ID_NUMBER in t]


def test_the_number_lies_across_the_perforation():
    page = certificate_writer(papers.paper()).pages[0]
    across = [m for m in texts(page) if m.text == NUMBER and abs(m.y - PERFORATION) < 5]
    assert len(across) == 1
    # The ideographs reach from 0.12 em below the baseline to 0.88 em above: half on either side of the cut.
    em = across[0].size / MM
    above, below = PERFORATION - (across[0].y - 0.88 * em), across[0].y + 0.12 * em - PERFORATION
    assert above == pytest.approx(below, abs=0.1)
    cuts = [m for m in page if isinstance(m, Rule) and m.dash]
    assert [m.y1 for m in cuts] == [PERFORATION, PERFORATION]
    end = across[0].x + width(NUMBER, across[0].size)
    assert cuts[0].x2 < across[0].x < end < cuts[1].x1


def test_the_number_is_on_stub_cut_and_body():
    assert sum(m.text == NUMBER for m in texts(certificate_writer(papers.paper()).pages[0])) == 3


def test_body_stays_within_the_margins_of_the_standard():
    body = [m for m in texts(certificate_writer(papers.paper()).pages[0]) if 130 < m.y < 250]
    assert {m.size for m in body if m.grey == 0} == {15.75}
    for m in body:
        assert m.x >= GB_LEFT
        assert m.x + width(m.text, m.size, m.face) <= GB_LEFT + GB_WIDTH + 0.01


@pytest.mark.parametrize(("times", "pages"), [(1, 1), (10, 1), (30, 2), (90, 3)])
def test_a_long_body_is_set_smaller_then_continued_and_never_cut(times, pages):
    body = "经核实，该同志享受60周岁农村籍退役士兵老年生活补助。" * times
    writer = certificate_writer(papers.paper(body=body))
    assert writer.finish().pages == pages
    told = "".join(m.text for page in writer.pages for m in texts(page) if m.size in {15.75, 14.0, 12.0})
    assert body in told.replace(NUMBER + "（续页）", "").replace(NUMBER, "")
    for page in writer.pages:
        for m in texts(page):
            assert m.y <= 253.5 or m.y > 260
    # The signature and date share a page with the end of the text.
    last = [m.text for m in texts(writer.pages[-1])]
    assert "桥头镇退役军人服务站" in last
    assert any("止。" in t for t in last)


def test_every_page_of_a_long_one_has_its_own_code():
    writer = certificate_writer(papers.paper(body="情况属实。" * 300))
    assert len(writer.pages) > 1
    assert all(sum(type(m).__name__ == "Code" for m in page) == 1 for page in writer.pages)


def test_missing_parts_are_all_named():
    with pytest.raises(BadInput) as caught:
        certificate(papers.paper(number="", body=" ", purpose="", valid_until=dt.date(2026, 7, 31)))
    assert set(caught.value.problems) == {"number", "body", "purpose", "valid_until"}
    assert "没有编号。" in str(caught.value)


def test_reprint_is_told():
    assert "重印第1次" in text_of(certificate(papers.paper(reprint=1)).pdf)
    assert "重印" not in text_of(certificate(papers.paper()).pdf)


def test_fonts_are_inside_and_rare_names_reported():
    done = certificate(papers.paper(person="𠮷㛃ཀ"))
    assert (done.rare, done.missing) == (("𠮷",), ("ཀ",))
    assert all(fonts_of(done.pdf).values())


def test_layout_is_the_kept_one():
    layout.check(certificate_writer(papers.paper()), "certificate")
