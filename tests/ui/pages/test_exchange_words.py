"""The sentences of the exchange, word for word as stations say them."""

import datetime as dt

import pytest

from app import clock
from app.sync.counter import Line, Overview, PackageRow, ReceiptRow, Seen, Step
from app.sync.jobs import Sent, TakenAll
from app.ui.pages.exchange import words

SEEN = Seen("x.rgp", "p", "n", "桥头村站", 13, accepted=5, known=1, refused=1, held=2)


@pytest.fixture(autouse=True)
def _now() -> None:
    clock.set_now(dt.datetime(2026, 11, 23, 9, 0, tzinfo=clock.CHINA))


def ms(month: int, day: int) -> int:
    return int(dt.datetime(2026, month, day, 9, 0, tzinfo=clock.CHINA).timestamp() * 1000)


def test_the_counts_add_up_in_one_line() -> None:
    assert words.seen_line(SEEN, rehearsed=False) == (
        "桥头村站 第 13 号包: 读到 9 件事项: 入库 5, 已有 1, 退回修改 1, 先放好 2, 合计 9。"
    )
    assert "会入库 5" in words.seen_line(SEEN, rehearsed=True)


def test_an_answer_without_anything_new_says_so() -> None:
    one = Seen("x.rgp", "p", "n", "上顿渡镇站", 3)
    assert words.seen_line(one, rehearsed=False) == "上顿渡镇站 第 3 号包: 只带回执, 没有新的事项。"


def test_a_predecessor_that_is_missing() -> None:
    one = Seen("x.rgp", "p", "n", "桥头村站", 13, held=1, missing=("12",))
    assert words.seen_line(one, rehearsed=False).endswith(
        "收到第 13 号包, 前面还缺第 12 号。已先放好, 等第 12 号到了一起入库。"
    )


def test_taken_before_and_errors_are_said_alone() -> None:
    again = Seen("x.rgp", "p", "n", "桥头村站", 13, known=3, note="这个包 11 月 3 日已经收过, 没有重复入库。")
    assert words.seen_line(again, rehearsed=False) == "桥头村站 第 13 号包: 这个包 11 月 3 日已经收过, 没有重复入库。"
    broken = Seen(
        "x.rgp", "", "", "x.rgp", 0, error="这个包在路上坏了(校验不符)。没有改动任何数据。请让对方重新生成一次。"
    )
    assert words.seen_line(broken, rehearsed=False).startswith("x.rgp: 这个包在路上坏了(校验不符)。")


def test_a_wrong_clock_is_told_beside_what_was_taken() -> None:
    one = Seen("x.rgp", "p", "n", "桥头村站", 13, accepted=1, note="这台电脑的日期是 1980-01-01, 比对方做包的日子早。")
    assert "入库 1" in words.seen_line(one, rehearsed=False)
    assert words.seen_line(one, rehearsed=False).endswith("比对方做包的日子早。")


def test_several_packages_with_what_the_stick_would_not_do() -> None:
    answer = Sent("桥头村站", "a.rgp", 3, 1, 1, 0, 900, 0)
    done = TakenAll((SEEN,), (answer,), ("西源村站的回包没有写成: U 盘满了。",), stopped=True)
    text = words.taken(done)
    assert "其余的包还在 U 盘上, 没有动" in text
    assert "回包已写到同一个 U 盘: 桥头村站" in text
    assert text.endswith("西源村站的回包没有写成: U 盘满了。")


def test_what_waits_and_who_has_said_so() -> None:
    seen = Overview(
        "上顿渡镇站", 3, 2,
        (ReceiptRow("上顿渡镇站", "township", 10, 12, ms(11, 3)), ReceiptRow("临川区局", "county", 12, 12, ms(11, 5)),
         ReceiptRow("抚州市局", "city", 0, 12, 0)),
        (PackageRow("p", outward=True, peer="上顿渡镇站", number=12, file="f", moment=ms(11, 3), groups=2),), (), 0, 0,
    )  # fmt: skip
    assert words.waiting(seen) == "未上报 3 件, 已上报待回执 2 件。最近一个上报包: 第 12 号, 11 月 3 日。"
    assert words.receipts(seen) == [
        "上顿渡镇站: 镇站已收 10 件, 还差 2 件(11 月 3 日)。",
        "临川区局: 县局已收, 本站的事项全部收到(11 月 5 日)。",
        "抚州市局: 还没有回执。",
    ]


def test_sensitive_changes_are_masked_even_where_the_masks_are_alike() -> None:
    line = Line("changed", "person", "服务对象", "张建国", (Step("phone", "13800000001", "13811110001"),))
    assert words.line_words(line) == "手机: 138****0001 → (改了)"
    act = Line("refused", "", "事项", "登记人员", words="不在管辖范围内", unit="桥头村站", who="李四", when=ms(11, 3))
    assert words.line_words(act) == "不在管辖范围内(桥头村站 李四 2026-11-03 09:00)"


@pytest.mark.parametrize(("count", "said"), [(12, "1 KB"), (1_200_000, "1.2 MB"), (82_317_000_000, "82 GB")])
def test_sizes(count: int, said: str) -> None:
    assert words.size(count) == said
