"""走访慰问: the list with its sums, a new round in place, the visits with their filters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.documents import workbook
from app.services.campaigns import Campaigns
from app.services.payments import Payments
from app.services.round_views import RoundViews
from app.ui.kit import exports, look
from app.ui.kit.page import Desk, Link
from app.ui.pages.rounds import RoundsPage
from tests.ui.conftest import Answers, idle
from tests.ui.hands import CTRL, Hands, Key
from tests.ui.looking import control, doubled_keys, faults

Show = Callable[..., Any]


@pytest.fixture
def page(show: Show, desk: Desk) -> RoundsPage:
    found: RoundsPage = show(RoundsPage, desk)
    return found


@pytest.fixture
def hands(qtbot: QtBot, desk: Desk, page: RoundsPage) -> Hands:
    return Hands(qtbot, desk, page)


def texts(view: Any) -> list[list[str]]:
    rows = view.rows
    return [[rows.text(row, column) for column in range(rows.columnCount())] for row in range(rows.rowCount())]


def test_the_list_shows_the_sums_of_each_round(qtbot: QtBot, desk: Desk, page: RoundsPage) -> None:
    (line,) = texts(page.list)
    assert line[5:] == ["12", "6,000.00", "0.00", "0.00", "6,000.00", "拟定"]
    shown = RoundViews(desk.station).show(page.list.current())
    Payments(desk.station).record(shown.lines[0].id, "paid")
    idle(qtbot, desk)
    assert texts(page.list)[0][6:] == ["6,000.00", "500.00", "0.00", "5,500.00", "发放中"], "it has heard of the change"


def test_filters_and_sorting(qtbot: QtBot, desk: Desk, page: RoundsPage) -> None:
    Campaigns(desk.station).open({"name": "2020年八一慰问", "year": 2020, "festival": "august1", "source": "village"})
    idle(qtbot, desk)
    assert page.count.text() == "共 2 个批次"
    page.filter.setText("八一")
    assert [row[0] for row in texts(page.list)] == ["2020年八一慰问"]
    page.filter.clear()
    page.year.setCurrentIndex(page.year.findData("2020"))
    assert page.count.text() == "1 / 2 个批次"
    page.year.setCurrentIndex(0)
    page.list._sort(6)
    assert texts(page.list)[0][0] == "2020年八一慰问"


def test_enter_opens_and_escape_goes_back(qtbot: QtBot, page: RoundsPage, hands: Hands) -> None:
    with qtbot.waitSignal(page.wanted) as wanted:
        hands.press(Key.Key_Return)
    assert wanted.args[0] == Link("round", page.list.current())
    with qtbot.waitSignal(page.back):
        hands.press(Key.Key_Escape)


def test_a_new_round_is_drawn_up_by_keyboard(qtbot: QtBot, desk: Desk, page: RoundsPage, hands: Hands) -> None:
    hands.press(Key.Key_N, CTRL)
    assert page.form is not None
    assert hands.at == "rounds.form.name"
    assert page.form.form.raw()["name"].endswith("慰问"), "the name is proposed from year and festival"
    assert page.form.form.raw()["source"] == "county", "as in the round before"
    hands.press(Key.Key_Return)
    hands.replace("2025")
    hands.press(Key.Key_Return)
    hands.type("by")
    assert page.form.form.raw()["name"] == "2025年八一慰问", "a proposed name follows the festival"
    hands.tab_to("rounds.form.standard")
    hands.type("600")
    with qtbot.waitSignal(page.wanted) as wanted:
        hands.press(Key.Key_S, CTRL)
    link = wanted.args[0]
    made = RoundViews(desk.station).show(link.about)
    assert (link.page, made.name, made.fields["standard"], made.fields["year"]) == (
        "round",
        "2025年八一慰问",
        "600.00",
        2025,
    )


def test_standards_by_class(qtbot: QtBot, desk: Desk, page: RoundsPage, hands: Hands) -> None:
    page.open("new")
    form = page.form
    assert form is not None
    form.apart.click()
    rows = form.table._rows
    rows[0][0].setCurrentIndex(rows[0][0].findData("b21"))
    rows[0][3].setText("800")
    control(form, "rounds.form.standards.more").click()
    hands.wait()
    assert hands.at.endswith(".who")
    _, age, needy, amount, _ = form.table._rows[1]
    age.setText("80")
    needy.setChecked(True)
    amount.setText("一千")
    form.save()
    idle(qtbot, desk)
    assert form.table.note.text().startswith("第 2 行 金额“一千”看不懂")
    amount.setText("1000")
    with qtbot.waitSignal(page.wanted) as wanted:
        form.save()
    assert RoundViews(desk.station).show(wanted.args[0].about).standards == [
        {"amount": "800.00", "codes": ["21"], "classes": [], "hardship": False, "least_age": 0, "label": ""},
        {"amount": "1000.00", "codes": [], "classes": [], "hardship": True, "least_age": 80, "label": ""},
    ]
    page.open(f"change:{wanted.args[0].about}")
    idle(qtbot, desk)
    assert [row["amount"] for row in form.table.raw()] == ["800.00", "1000.00"], "and they come back to be changed"


def test_what_is_wrong_stands_at_its_field(qtbot: QtBot, desk: Desk, page: RoundsPage) -> None:
    page.open("new")
    form = page.form
    assert form is not None
    form.form.put_raw({"name": "", "starts": "2026-02-01", "ends": "2026-01-01"})
    form.save()
    assert form.form.problem("name") == "请填写批次名称"
    form.form.put_raw({"name": "x"})
    form.save()
    idle(qtbot, desk)
    assert form.form.problem("ends") == "结束日期早于开始日期"
    form.amount.setText("-5")
    form.form.put_raw({"ends": ""})
    form.save()
    assert form.amount_note.text() == "金额不能是负数。"


def test_a_half_typed_round_is_kept(qtbot: QtBot, desk: Desk, page: RoundsPage, hands: Hands, show: Show) -> None:
    hands.press(Key.Key_N, CTRL)
    hands.replace("端午慰问")
    hands.press(Key.Key_Escape)
    assert page.stack.currentIndex() == 0
    assert [draft.title for draft in desk.memory.drafts()] == ["新建慰问批次 · 端午慰问"]
    place = desk.memory.drafts()[0].place.partition(":")
    again = show(RoundsPage, desk, place[2])
    assert again.form.form.raw()["name"] == "端午慰问"


def test_visits_are_filtered(qtbot: QtBot, desk: Desk, page: RoundsPage, hands: Hands) -> None:
    page.open("visits")
    idle(qtbot, desk)
    visits = page.visits
    assert visits.count.text() == "共 6 次"
    name = visits.list.rows.text(0, 1)
    visits.who.finder.setFocus()
    hands.find(name)
    assert {row[1] for row in texts(visits.list)} == {name}
    visits.who.finder.setFocus()
    hands.press(Key.Key_Escape)
    assert visits.count.text() == "共 6 次"
    visits.since.setText("昨天")
    visits.since.left.emit()
    assert "从哪天起" in visits.note.text()
    with qtbot.waitSignal(page.wanted) as wanted:
        visits.since.clear()
        visits.start()
        hands.press(Key.Key_Return)
    assert wanted.args[0].page == "visit_form"


def test_the_list_goes_to_excel_as_it_stands(qtbot: QtBot, desk: Desk, page: RoundsPage, tmp_path: Path) -> None:
    out = tmp_path / "批次.xlsx"
    exports.write(page, page.list, "慰问批次", page._load, out)
    idle(qtbot, desk)
    idle(qtbot, desk)
    (sheet,) = workbook.read(out.read_bytes())
    assert "导出人: 周敏" in str(sheet.rows[0][0])
    assert sheet.rows[1][:2] == ["批次名称", "年度"], "hidden columns stay at home"
    assert sheet.rows[2][5] == 6000, "money can be added up"


def test_nobody_may_write(qtbot: QtBot, desk: Desk, show: Show, answers: Answers) -> None:
    desk.station.roles = ("administrator",)
    page = show(RoundsPage, desk)
    assert page.findChildren(object, "rounds.new") == []


@pytest.mark.parametrize("percent", [100, 200])
def test_the_form_holds_together(qtbot: QtBot, qapp: Any, desk: Desk, show: Show, percent: int) -> None:
    look.dress(qapp, percent)
    page = show(RoundsPage, desk, "new")
    page.form.apart.click()
    page.form.table._add()
    assert faults(page) == []
    assert doubled_keys(page) == []
    assert page.minimumSizeHint().width() <= 1236
    look.dress(qapp, 100)
