"""A paper with a number: looking spends none, a jam spends none, only the person's word settles it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.services import papers
from app.services.papers import Papers
from app.services.searching import Search
from app.ui.kit.numbered import AGAIN, DONE, LATER, VOID, Job, Numbered, Ways
from app.ui.kit.page import Desk, Page
from app.ui.kit.printing import Preview
from tests.ui.conftest import Answers, idle
from tests.ui.hands import CTRL, Hands, Key
from tests.ui.looking import faults
from tests.ui.printers import Nobody, ToFile

QUESTION = "打印好了吗"


class Blank(Page):
    name = "blank"
    title = "空白"


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ToFile:
    made = ToFile(tmp_path)
    monkeypatch.setattr(Preview, "printers", made)
    return made


@pytest.fixture
def start(qtbot: QtBot, desk: Desk, show: Callable[..., Any], printer: ToFile) -> Callable[..., Numbered]:
    """A certificate for the first person, shown."""

    def begin(**ways: Any) -> Numbered:
        page = show(Blank, desk)
        service = Papers(desk.station)
        subject = f"person:{Search(desk.station).persons('', 1)[0].id}"
        paper = Numbered(
            page, Job(papers.look, ("F14", subject)), Job(papers.reserve, ("F14", subject)),
            Ways(service.settle, ways.get("spoil", service.spoil)), warning="这是样张, 打印时才编号。",
        )  # fmt: skip
        paper.start()
        qtbot.waitUntil(lambda: paper.preview is not None and bool(paper.preview.pages), timeout=20_000)
        idle(qtbot, desk)
        return paper

    return begin


def state(desk: Desk) -> list[tuple[str, int]]:
    return [(paper.status, paper.copies) for paper in Papers(desk.station).issued()]


def print_it(qtbot: QtBot, desk: Desk, paper: Numbered) -> None:
    assert paper.preview is not None
    Hands(qtbot, desk, paper.preview).press(Key.Key_P, CTRL)
    idle(qtbot, desk)


def test_looking_spends_no_number(qtbot: QtBot, desk: Desk, start: Callable[..., Numbered]) -> None:
    paper = start()
    assert paper.preview is not None
    assert "样张" in paper.preview.banner.text()
    assert faults(paper.preview) == []
    paper.preview.reject()
    idle(qtbot, desk)
    assert state(desk) == []


def test_printed_and_settled(
    qtbot: QtBot, desk: Desk, start: Callable[..., Numbered], answers: Answers, printer: ToFile
) -> None:
    answers.ways[QUESTION] = DONE
    paper = start()
    preview = paper.preview
    assert preview is not None
    with qtbot.waitSignal(preview.accepted, timeout=20_000):
        print_it(qtbot, desk, paper)
    assert state(desk) == [("printed", 1)]
    assert [way.text for way in answers.said[0].ways] == [LATER, VOID, AGAIN, DONE], "Escape changes nothing"
    assert len(printer.printed) == 1


def test_it_stays_reserved_until_somebody_says_more(
    qtbot: QtBot, desk: Desk, start: Callable[..., Numbered], answers: Answers
) -> None:
    answers.ways[QUESTION] = LATER
    paper = start()
    print_it(qtbot, desk, paper)
    assert state(desk) == [("reserved", 0)]
    assert paper.preview is not None
    assert "退服字〔" in paper.preview.windowTitle(), "what is shown now is the paper with its number"
    assert paper.preview.banner.text() == ""
    paper.preview.reject()


def test_a_jam_is_printed_again_under_the_same_number(
    qtbot: QtBot, desk: Desk, start: Callable[..., Numbered], answers: Answers, printer: ToFile
) -> None:
    answers.ways[QUESTION] = AGAIN
    paper = start()
    said: list[str] = []
    original = answers.show

    def first_again_then_done(message: Any) -> None:
        said.append(message.text)
        answers.ways[QUESTION] = AGAIN if len(said) == 1 else DONE
        original(message)

    answers.show = first_again_then_done  # type: ignore[method-assign]  # the test's own door
    preview = paper.preview
    assert preview is not None
    with qtbot.waitSignal(preview.accepted, timeout=30_000):
        print_it(qtbot, desk, paper)
    assert said[0] == said[1]
    assert state(desk) == [("printed", 1)]
    assert len(printer.printed) == 2


def test_a_number_is_voided_on_the_spot(
    qtbot: QtBot, desk: Desk, start: Callable[..., Numbered], answers: Answers
) -> None:
    answers.ways[QUESTION] = VOID
    paper = start()
    preview = paper.preview
    assert preview is not None
    with qtbot.waitSignal(preview.accepted, timeout=20_000):
        print_it(qtbot, desk, paper)
    assert state(desk) == [("void", 0)]


@pytest.mark.qt_log_ignore(
    "QPainter|QPdf|Cannot open|Could not open", extend=True
)  # Qt's own words for what we say better
def test_a_printer_that_refuses_leaves_the_number_reserved(
    qtbot: QtBot, desk: Desk, start: Callable[..., Numbered], answers: Answers, printer: ToFile
) -> None:
    printer.broken = True
    paper = start(spoil=None)
    print_it(qtbot, desk, paper)
    assert paper.preview is not None
    assert paper.preview.banner.text().startswith("打印机没有接受")
    assert state(desk) == [("reserved", 0)]
    assert answers.said == []
    printer.broken = False
    answers.ways[QUESTION] = DONE
    preview = paper.preview
    with qtbot.waitSignal(preview.accepted, timeout=20_000):
        print_it(qtbot, desk, paper)
    assert VOID not in [way.text for way in answers.said[0].ways]
    assert state(desk) == [("printed", 1)]


def test_without_a_printer_no_number_is_spent(
    qtbot: QtBot, desk: Desk, start: Callable[..., Numbered], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = start()
    monkeypatch.setattr(Preview, "printers", Nobody())
    print_it(qtbot, desk, paper)
    assert paper.preview is not None
    assert "还没有装打印机" in paper.preview.banner.text()
    assert state(desk) == []
    paper.preview.reject()


def test_what_cannot_be_numbered_is_said(
    qtbot: QtBot, desk: Desk, start: Callable[..., Numbered], answers: Answers
) -> None:
    paper = start()
    desk.station.roles = ("administrator",)
    print_it(qtbot, desk, paper)
    assert answers.texts == ["您的岗位不能打印。没有改动任何数据。请找本单位有此权限的同事。"]
    assert paper.preview is not None
    assert paper.preview._go.isEnabled()
    paper.preview.reject()
