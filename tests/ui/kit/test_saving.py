"""An answer that comes late: to the form, the draft and the photographs it is about, whatever stands in front by then."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from app.services.attachments import Attachments
from app.services.households import Households
from app.services.people import People
from app.services.round_views import RoundViews
from app.services.visits import Visits
from app.ui.kit import drafts
from app.ui.kit.page import Desk, Link
from app.ui.pages.case_form import CaseFormPage
from app.ui.pages.household import HouseholdPage
from app.ui.pages.person_form import PersonFormPage
from app.ui.pages.rounds import RoundsPage
from app.ui.pages.visit_form import VisitFormPage
from tests.services.records import person
from tests.ui.conftest import Answers, idle
from tests.ui.looking import type_chinese

Show = Callable[..., Any]


@pytest.fixture
def pair(desk: Desk) -> tuple[str, str]:
    return person(desk.station, "欧阳明亮"), person(desk.station, "欧阳天佑")


def test_a_visit(qtbot: QtBot, desk: Desk, show: Show, tmp_path: Path, pair: tuple[str, str]) -> None:
    first, second = pair
    mine, theirs = tmp_path / "甲.jpg", tmp_path / "乙.jpg"
    for path in (mine, theirs):
        path.write_bytes(b"\xff\xd8\xff made up")
    page = show(VisitFormPage, desk, first)
    gate = threading.Event()
    desk.operations.write(lambda: gate.wait(20))
    type_chinese(page.form.editor("note"), "甲的情况")
    page.files.add([mine])
    page.save()
    drafts.settled()
    assert [one.place for one in desk.memory.drafts()] == [f"visit_form:{first}"], "kept while it waits"
    page.leave()
    page.open(second)
    qtbot.waitUntil(lambda: second in page.who.people)
    assert page._save.isEnabled(), "the next one can be saved too"
    type_chinese(page.form.editor("note"), "乙写了很长")
    page.files.add([theirs])
    gate.set()
    idle(qtbot, desk)
    page.leave()
    drafts.settled()
    assert [one.place for one in desk.memory.drafts()] == [f"visit_form:{second}"]
    assert page.stack.currentIndex() == 0
    assert page.form.raw()["note"] == "乙写了很长"
    assert page.files.waiting == [str(theirs)]
    (row,) = [one for one in Visits(desk.station).recorded() if one.person in pair]
    assert (row.person, row.note) == (first, "甲的情况")
    assert [one.name for one in Attachments(desk.station).of(f"visit:{row.id}")] == ["甲.jpg"]


def _household(desk: Desk, head: str) -> str:
    return Households(desk.station).add({"head": head})


@pytest.mark.parametrize("kind", ["person", "case", "household"])
def test_another_form_stays_as_it_is(qtbot: QtBot, desk: Desk, show: Show, pair: tuple[str, str], kind: str) -> None:
    page_kind: Any = {"person": PersonFormPage, "case": CaseFormPage, "household": HouseholdPage}[kind]
    field = {"person": "note", "case": "reason", "household": "address"}[kind]
    first, second = (_household(desk, one) for one in pair) if kind == "household" else pair
    page = show(page_kind, desk, first)
    went: list[Link] = []
    page.wanted.connect(went.append)
    gate = threading.Event()
    desk.operations.write(lambda: gate.wait(20))
    if kind == "case":
        page.form.put_raw({"kind": "medical", "amount": "500"})
    type_chinese(page.form.editor(field), "甲改的")
    page.save()
    page.leave()
    page.open(second)
    qtbot.waitUntil(lambda: _at(page) == second)
    type_chinese(page.form.editor(field), "乙写了很长")
    page.leave()
    drafts.settled()
    assert len(desk.memory.drafts()) == 2
    gate.set()
    idle(qtbot, desk)
    (left,) = desk.memory.drafts()
    assert left.place == f"{page.name}:{second}"
    assert "乙写了很长" in left.content["raw"][field]
    assert went == []
    assert "乙写了很长" in page.form.raw()[field]


def _at(page: Any) -> str:
    keeper = page.drafts if hasattr(page, "drafts") else page._keeper
    return str(keeper._place.partition(":")[2])


def test_a_round(qtbot: QtBot, desk: Desk, show: Show) -> None:
    page = show(RoundsPage, desk, "new")
    went: list[Link] = []
    page.wanted.connect(went.append)
    gate = threading.Event()
    desk.operations.write(lambda: gate.wait(20))
    page.form.form.put_raw({"name": "甲批次"})
    page.form.save()
    page.leave()
    page.open("")
    before = {row.id for row in RoundViews(desk.station).rounds()}
    gate.set()
    idle(qtbot, desk)
    assert went == [], "whoever has gone on is not fetched back"
    made = [row for row in RoundViews(desk.station).rounds() if row.id not in before]
    assert [row.name for row in made] == ["甲批次"]
    assert desk.memory.drafts() == []


def test_coming_back_to_the_same_form_is_no_second_one(
    qtbot: QtBot, desk: Desk, show: Show, pair: tuple[str, str]
) -> None:
    page = show(VisitFormPage, desk, pair[0])
    gate = threading.Event()
    desk.operations.write(lambda: gate.wait(20))
    type_chinese(page.form.editor("note"), "甲的情况")
    page.save()
    page.leave()
    page.open(pair[0])
    qtbot.waitUntil(lambda: _at(page) == pair[0])
    gate.set()
    idle(qtbot, desk)
    assert page.stack.currentIndex() == 1, "what was brought back has been saved meanwhile"
    assert desk.memory.drafts() == []


def test_refused_late_it_is_said_whose_and_the_way_back(
    qtbot: QtBot, desk: Desk, show: Show, answers: Answers, pair: tuple[str, str]
) -> None:
    page = show(PersonFormPage, desk, pair[0])
    gate = threading.Event()
    desk.operations.write(lambda: gate.wait(20))
    type_chinese(page.form.editor("note"), "甲改的")
    page.save()
    page.leave()
    page.open(pair[1])
    qtbot.waitUntil(lambda: _at(page) == pair[1])
    desk.station.roles = ()
    answers.ways["没有保存"] = "接着填"
    with qtbot.waitSignal(page.wanted) as wanted:
        gate.set()
    idle(qtbot, desk)
    assert answers.texts[0].startswith("修改人员 · 欧阳明亮 没有保存: ")
    assert wanted.args[0] == Link("person_form", pair[0])
    assert [one.place for one in desk.memory.drafts()] == [f"person_form:{pair[0]}"]
    assert page.save_action.isEnabled()


def test_a_page_made_anew_meanwhile_leaves_no_draft_behind(
    qtbot: QtBot, desk: Desk, show: Show, pair: tuple[str, str]
) -> None:
    page = PersonFormPage(desk)
    page.open(pair[0])
    idle(qtbot, desk)
    gate = threading.Event()
    desk.operations.write(lambda: gate.wait(20))
    type_chinese(page.form.editor("note"), "甲改的")
    page.save()
    page.leave()
    shiboken6.delete(page)
    gate.set()
    idle(qtbot, desk)
    assert People(desk.station).show(pair[0]).fields["note"] == "甲改的"
    assert desk.memory.drafts() == []


@pytest.mark.parametrize("kind", [VisitFormPage, CaseFormPage])
def test_keys_before_the_person_is_read_touch_no_other_draft(
    qtbot: QtBot, desk: Desk, show: Show, pair: tuple[str, str], kind: Any
) -> None:
    field = "note" if kind is VisitFormPage else "reason"
    page = show(kind, desk, pair[0])
    type_chinese(page.form.editor(field), "甲的情况")
    page.leave()
    gate = threading.Event()
    desk.operations.read(lambda: gate.wait(20), lambda _: None)
    page.open(pair[1])
    type_chinese(page.form.editor(field), "乙的")
    page._keeper.keep()
    gate.set()
    idle(qtbot, desk)
    page.leave()
    drafts.settled()
    kept = {one.place: one.content["raw"][field] for one in desk.memory.drafts()}
    assert kept[f"{page.name}:{pair[0]}"] == "甲的情况"
    assert page.who.people == {pair[1]: "欧阳天佑"} if kind is VisitFormPage else page.who.key == pair[1]
