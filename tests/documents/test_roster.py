"""F04: names, sums, page counts, widths, the three kinds of copy."""

import dataclasses
import itertools
import re

import pytest

from app.documents.lettering import width
from app.documents.paper import Rule, Text
from app.documents.roster import COLUMNS, ROWS, column_edges, roster, roster_fingerprint, roster_writer
from app.errors import BadInput
from app.rules import money
from tests.documents import layout, papers
from tests.documents.test_paper import fonts_of, text_of


def marks(sheet):
    writer = roster_writer(sheet)
    done = writer.finish()
    return writer, done


def texts(page):
    return [m.text for m in page if isinstance(m, Text)]


def test_columns_have_the_widths_that_can_be_written_in():
    assert [w for _, w in COLUMNS] == [9, 20, 40, 26, 22, 24, 20, 40, 52, 20]
    edges = column_edges()
    assert edges[0] == 12
    assert edges[-1] - edges[0] == 273
    assert edges[-1] == 297 - 12


def test_every_column_is_ruled_from_head_to_last_row_and_rows_are_12_mm():
    writer, _ = marks(papers.sheet(3))
    upright = {m.x1 for m in writer.pages[0] if isinstance(m, Rule) and m.x1 == m.x2 and m.y2 - m.y1 > 11 * 12}
    assert set(column_edges()) <= upright
    left, right = column_edges()[0], column_edges()[-1]
    across = sorted(
        {m.y1 for m in writer.pages[0] if isinstance(m, Rule) and m.y1 == m.y2 and (m.x1, m.x2) == (left, right)}
    )
    rows = across[1 : ROWS + 2]
    assert [b - a for a, b in itertools.pairwise(rows)] == [12.0] * 11


@pytest.mark.parametrize(("count", "pages"), [(1, 1), (11, 1), (12, 2), (22, 2), (23, 3)])
def test_eleven_rows_a_page(count, pages):
    done = roster(papers.sheet(count))
    assert done.pages == pages
    assert f"第{pages}页/共{pages}页" in text_of(done.pdf)


def test_every_name_is_on_paper_the_rare_and_the_long_ones_too():
    done = roster(papers.sheet(7))
    said = re.sub(r"\s", "", text_of(done.pdf))
    for name in papers.NAMES:
        assert name in said, name
    assert done.rare == ("𠮷",)
    assert done.missing == ()


def test_a_name_no_font_can_print_is_reported():
    done = roster(papers.sheet(1, lines=(papers.line(1, name="扎西ཀ"),)))
    assert done.missing == ("ཀ",)
    assert "扎西〓" in text_of(done.pdf)


def test_no_text_leaves_its_cell():
    lines = tuple(papers.line(i + 1, remark="卧床，由两人一同送到家里，家中无人时改日再送。") for i in range(11))
    writer, _ = marks(papers.sheet(11, lines=lines))
    edges = column_edges()
    body = [m for m in writer.pages[0] if isinstance(m, Text) and 37 < m.y < 169]
    assert len(body) > 11 * 8
    for m in body:
        column = max(i for i, x in enumerate(edges) if x <= m.x + 0.01)
        assert m.x + width(m.text, m.size, m.face) <= edges[column + 1] + 0.01, m.text


def test_page_subtotal_and_grand_total_in_figures_and_capitals():
    lines = tuple(papers.line(i + 1, amount=10_050 + i) for i in range(13))
    writer, _ = marks(papers.sheet(13, lines=lines))
    first, second = sum(10_050 + i for i in range(11)), 10_061 + 10_062
    for page, subtotal, count in ((0, first, 11), (1, second, 2)):
        said = texts(writer.pages[page])
        assert f"本页小计（{count}人）    人民币{money.capitals(subtotal)}" in said
        assert f"¥{money.format_grouped(subtotal)}" in said
        assert f"合计（13人）    人民币{money.capitals(first + second)}" in said
        assert f"¥{money.format_grouped(first + second)}" in said


def test_a_large_amount_stays_on_one_line_inside_its_column():
    writer, _ = marks(papers.sheet(11, lines=tuple(papers.line(i + 1, amount=99_999_999_99) for i in range(11))))
    for amount, face in ((99_999_999_99, "serif"), (99_999_999_99 * 11, "bold")):
        shown = next(m for m in writer.pages[0] if isinstance(m, Text) and m.text == f"¥{money.format_grouped(amount)}")
        assert shown.face == face
        assert column_edges()[6] <= shown.x
        assert shown.x + width(shown.text, shown.size, shown.face) <= column_edges()[7]


def test_goods_are_counted_apart_and_their_amount_is_dashed():
    lines = (papers.line(1), papers.line(2, amount=None, standard="大米10公斤×1"))
    writer, _ = marks(papers.sheet(2, lines=lines))
    said = texts(writer.pages[0])
    assert "合计（2人）    人民币伍佰元整    另有实物 1 份" in said
    assert "—" in said


def test_rows_left_over_are_struck_and_a_full_page_has_none():
    writer, _ = marks(papers.sheet(12))
    assert "以下空白" not in texts(writer.pages[0])
    assert texts(writer.pages[1]).count("以下空白") == 1
    slanted = [m for m in writer.pages[1] if isinstance(m, Rule) and m.x1 != m.x2 and m.y1 != m.y2]
    assert [(m.y1, m.x2, m.y2) for m in slanted] == [(27 + 10 + 12, 285, 27 + 10 + 11 * 12)]


def test_the_shared_table_masks_id_numbers_and_the_finance_copy_does_not():
    shared = text_of(roster(papers.sheet(11)).pdf)
    finance = text_of(roster(papers.sheet(11, full_ids=True)).pdf)
    assert papers.ID_NUMBER not in shared
    assert "360***********0016" in shared
    assert finance.count(papers.ID_NUMBER) == 11
    assert "财务联" in finance
    assert "财务联" not in shared


def test_both_copies_bear_the_same_check_code():
    code = roster_fingerprint(papers.sheet(3).lines)[:12]
    for full in (False, True):
        assert f"校验码 {code}" in text_of(roster(papers.sheet(3, full_ids=full)).pdf)


@pytest.mark.parametrize("field", ["name", "id_number", "category", "village_group", "standard", "remark"])
def test_the_check_code_changes_with_every_field(field):
    line = papers.line(1)
    changed = dataclasses.replace(line, **{field: getattr(line, field) + "改"})
    assert roster_fingerprint((line,)) != roster_fingerprint((changed,))


def test_an_amount_altered_by_a_fen_changes_the_check_code():
    assert roster_fingerprint((papers.line(1),)) != roster_fingerprint((papers.line(1, amount=50_001),))


def test_reprint_and_mother_number_are_on_every_page():
    said = text_of(roster(papers.sheet(12, reprint=2, mother="桥退服字〔2027〕第0009号")).pdf)
    assert said.count("重印第2次") == 2
    assert said.count("（本表为 桥退服字〔2027〕第0009号 的补表）") == 2
    assert "重印" not in text_of(roster(papers.sheet(1)).pdf)


def test_the_review_list_is_no_receipt():
    said = text_of(roster(papers.sheet(2, review=True, number="")).pdf)
    assert "不作发放凭证" in said
    assert "送审名单" in said
    assert "（未编号）" in said
    assert "领取人签名" not in said
    assert "盖章处" not in said
    signed = text_of(roster(papers.sheet(2)).pdf)
    assert "不作发放凭证" not in signed
    assert "领取人签名" in signed
    assert "盖章处" in signed


def test_signers_and_the_day_are_there():
    said = text_of(roster(papers.sheet(1)).pdf)
    for signer in ("单位负责人：", "审核：", "监发人（见证人）："):
        assert signer in said
    assert said.count("经办人：") == 2
    assert "领取日期：2027年1月21日" in said


def test_a_remark_too_long_for_its_cell_goes_whole_into_the_annex():
    writer, done = marks(papers.sheet(2, lines=(papers.line(1, remark=papers.LONG_TEXT), papers.line(2))))
    assert done.pages == 2
    assert any(t.endswith("（接附页）") for t in texts(writer.pages[0]))
    annex = "".join(texts(writer.pages[1]))
    assert papers.LONG_TEXT in annex
    assert "第1行 张三 备注" in annex


def test_an_empty_sheet_and_a_negative_amount_are_refused():
    with pytest.raises(BadInput, match="一个人也没有"):
        roster(papers.sheet(0))
    with pytest.raises(BadInput) as caught:
        roster(papers.sheet(1, lines=(papers.line(7, amount=-1),)))
    assert caught.value.problems == {"第7行": "金额不能是负数。"}


def test_all_fonts_are_inside():
    found = fonts_of(roster(papers.sheet(7, review=True)).pdf)
    assert all(found.values())
    assert {name.split("+")[1] for name in found} >= {"NotoSerifSC-Regular", "NotoSerifSC-Bold", "HanaMinA"}


def test_layout_is_the_kept_one():
    lines = tuple(papers.line(i + 1) for i in range(12))
    layout.check(roster_writer(papers.sheet(12, lines=(*lines, papers.line(13, remark=papers.LONG_TEXT)))), "roster")
