"""The plain list: every row is there, headings on every page, the foot says who, when and what for."""

import datetime as dt
import io
from collections.abc import Sequence

import pikepdf
import pypdfium2

from app import clock
from app.documents.list_sheet import Column, ListSheet, list_sheet

NOW = dt.datetime(2026, 11, 23, 9, 5, tzinfo=clock.CHINA)
COLUMNS = (Column("姓名", 7), Column("身份证号", 11), Column("备注", 12))


def made(rows: Sequence[tuple[str, ...]], columns: tuple[Column, ...] = COLUMNS) -> list[str]:
    sheet = ListSheet(
        "桥头村站", "桥头村站服务对象名单", "类别: 残疾军人", columns, rows, NOW, "周敏", purpose="核对人员情况"
    )
    document = list_sheet(sheet, invariant=True)
    assert document.missing == ()
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(document.pdf)]
    assert len(pages) == document.pages
    return pages


def test_every_row_and_every_page() -> None:
    rows = [(f"张{n}", f"361***********{n:04d}", "") for n in range(120)]
    pages = made(rows)
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert "姓名" in page
        assert "类别: 残疾军人" in page
        assert "共 120 人" in page
        assert f"第{number}页/共{len(pages)}页" in page
        assert "打印人 周敏 打印时间 2026-11-23 09:05 用途 核对人员情况" in page
    whole = "\n".join(pages)
    assert all(name in whole for name, _, _ in rows)


def test_long_texts_make_a_row_higher_and_rare_characters_are_drawn() -> None:
    long = "阿卜杜热西提·阿卜杜喀迪尔·伊斯坎德尔·穆罕默德江"
    note = "家住山上, 路远。" * 30
    (page, *_) = made([(long, "", note), ("龚䶮", "", ""), ("杨𠮷明", "", "")])
    plain = "".join(page.split())
    assert long in plain
    assert "".join(note.split()) in plain
    assert "龚䶮" in plain
    assert "杨𠮷明" in plain


def test_what_is_longer_than_a_page_says_so() -> None:
    page = "".join("".join(made([("张三", "", "很长的备注" * 2000)])).split())
    assert "(余下见卡片)" in page


def test_nobody() -> None:
    (page,) = made([])
    assert "(没有人)" in page


def test_many_columns_lie_on_the_sheet() -> None:
    many = tuple(Column(f"第{n}列", 10) for n in range(9))
    sheet = ListSheet("桥头村站", "名单", "", many, [("内容",) * 9], NOW, "周敏")
    with pikepdf.open(io.BytesIO(list_sheet(sheet, invariant=True).pdf)) as opened:
        assert round(float(opened.pages[0].mediabox[2])) == 842
