"""A round from the plan to the account, at the real window, by keyboard alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.services.campaigns import Campaigns
from app.services.papers import Papers
from app.services.round_views import RoundShown, RoundViews
from app.ui.kit.numbered import AGAIN, DONE
from app.ui.kit.printing import Preview
from app.ui.shell.window import MainWindow
from tests.ui.conftest import Answers
from tests.ui.hands import ALT, CTRL, Hands, Key
from tests.ui.looking import control, faults
from tests.ui.printers import ToFile, preview_of


def test_a_round_from_the_plan_to_the_account(
    qtbot: QtBot,
    open_window: Callable[..., MainWindow],
    answers: Answers,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    hands_at: Callable[[QWidget], Hands],
) -> None:
    printer = ToFile(tmp_path)
    monkeypatch.setattr(Preview, "printers", printer)
    window = open_window("village")
    station = window.desk.station
    hands = hands_at(window)

    def page() -> MainWindow:
        found = window.page
        assert found is not None
        return found  # type: ignore[return-value]  # only asked for its children

    def now() -> RoundShown:
        return RoundViews(station).show(RoundViews(station).rounds()[0].id)

    # The plan: found by its first letters in the search box, most of it filled in already.
    hands.press(Key.Key_F, CTRL)
    hands.find("xjwwpc")
    assert hands.at == "rounds.form.name"
    hands.replace("2026年八一慰问")
    hands.tab_to("rounds.form.festival")
    hands.type("by")
    hands.tab_to("rounds.form.standard")
    hands.type("300")
    hands.press(Key.Key_S, CTRL)
    assert window._now.page == "round"
    assert now().name == "2026年八一慰问"

    # The list: everybody the standard fits, one less, one with more.
    hands.press(Key.Key_T, ALT)
    assert hands.at == "round.list.candidates"
    hands.press(Key.Key_Space)
    hands.press(Key.Key_S, CTRL)
    assert len(now().lines) == 29
    hands.press(Key.Key_F2)
    hands.replace("500")
    hands.press(Key.Key_Return)
    assert now().totals.planned == 28 * 300_00 + 500_00
    assert faults(page()) == []

    # The leaders read it, it changes no more, they agree.
    hands.press(Key.Key_V, ALT)
    review = preview_of(qtbot, page())
    assert len(review.pages) == 3
    Hands(qtbot, window.desk, review, hands.heart).press(Key.Key_Escape)
    hands.press(Key.Key_S, ALT)
    assert now().status == "waiting"
    hands.press(Key.Key_A, ALT)
    hands.chinese("临退批〔2026〕5号")
    hands.press(Key.Key_Return)
    assert now().status == "approved"

    # The sheet: seen, printed, jammed, printed again under the same number.
    said: list[str] = []
    show = answers.show

    def jam_first(message: object) -> None:
        said.append(str(message))
        answers.ways["打印好了吗"] = AGAIN if len(said) == 1 else DONE
        show(message)  # type: ignore[arg-type]  # a Message, handed on

    monkeypatch.setattr(answers, "show", jam_first)
    hands.press(Key.Key_P, CTRL)
    preview = preview_of(qtbot, page())
    with qtbot.waitSignal(preview.accepted, timeout=60_000):
        Hands(qtbot, window.desk, preview, hands.heart).press(Key.Key_P, CTRL)
    hands.wait()
    assert [(paper.form, paper.status, paper.copies) for paper in Papers(station).issued()] == [("F04", "printed", 1)]
    assert len(printer.printed) == 2
    monkeypatch.setattr(answers, "show", show)

    # The results, page by page of the paper: everybody has come but two.
    hands.press(Key.Key_G, CTRL)
    assert hands.at == "round.results.list"
    hands.press(Key.Key_Down)
    hands.press(Key.Key_2)
    hands.press(Key.Key_S, CTRL)
    hands.press(Key.Key_3)
    hands.press(Key.Key_S, CTRL)
    hands.press(Key.Key_S, CTRL)
    totals = now().totals
    assert totals.planned == totals.paid + totals.returned + totals.open
    assert (len([line for line in now().lines if line.state == "paid"]), totals.open) == (27, now().lines[1].amount)

    # It does not balance yet: the sentence, and the way to put it right.
    hands.press(Key.Key_C, ALT)
    assert control(page(), "round.banner.text").text().startswith("还差 300.00 元没有去向")
    hands.tab_to("round.banner.enter")
    hands.press(Key.Key_Space)
    assert hands.at == "round.results.list"
    hands.press(Key.Key_Home)
    hands.press(Key.Key_Down)
    hands.press(Key.Key_3)
    hands.press(Key.Key_S, CTRL)
    answers.ways["要结清吗"] = "结清"
    hands.press(Key.Key_C, ALT)
    assert now().status == "settled"
    assert now().totals.open == 0
    hands.press(Key.Key_G, ALT)
    assert now().status == "archived"
    assert Campaigns(station).rounds()[0]["status"] == "archived"
    hands.press(Key.Key_Escape)
    assert window._now.page == "rounds"
