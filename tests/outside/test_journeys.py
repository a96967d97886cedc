"""The four journeys once more, by a hand at the keyboard of real windows on a real screen with a window manager.

What a platform without a screen cannot show is shown here: who has the keyboard after a window has gone, the system's own
file windows, several desks side by side. A hand waits for what the windows say of themselves, never for time.
"""

import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.documents import workbook
from app.models import receipts
from app.rules import made_up, made_up_sheets
from app.services import practice, stores
from app.services.case_views import CaseViews
from app.services.papers import Papers
from app.services.people import People
from app.services.round_views import RoundViews
from app.services.searching import Search
from app.sync import enrolment, jobs
from app.sync.exchange import Exchange
from app.ui.pages.exchange.send import STICK
from tests import machine
from tests.outside.hand import Hand, at_window

pytestmark = pytest.mark.screen

VILLAGE = "361002100201"
CHAIN = (("county", "临川区局", VILLAGE[:6]), ("township", "上顿渡镇站", VILLAGE[:9]), ("village", "桥头村站", VILLAGE))
DAY = dt.date(2026, 11, 23)
PASSWORD = "demo"
TAKEN, RECEIPT, ANSWERED = "入库", "只带回执", "回包已写到同一个 U 盘"


@pytest.fixture
def open_windows(tmp_path: Path) -> Iterator[Callable[..., list[Hand]]]:
    """Open windows at stores, on one screen for the whole test; every desk has its own settings.

    A window that comes up takes the keyboard, so nothing is typed before all of them are there.
    """
    with machine.screen() as display, ExitStack() as windows:

        def opened(*folders: Path) -> list[Hand]:
            hands = [
                windows.enter_context(at_window(display, one, RONGGUI_SETTINGS=str(tmp_path / f"settings-{one.name}")))
                for one in folders
            ]
            for hand in hands:
                hand.wait_on(lambda _now, hand=hand: any(one.get("active") for one in hand.said), "a window")  # type: ignore[misc]
            return hands

        yield opened


def founded(folder: Path, level: str, name: str, scope: str) -> stores.Opened:
    return stores.init(folder, stores.Founding(level, name, (scope,), "周敏", PASSWORD, practice=True))[0]


def opened(folder: Path) -> stores.Opened:
    return stores.open_store(folder, user=None, password=PASSWORD)


def stick_known(one: stores.Opened, stick: Path) -> None:
    """This desk has used this stick before."""
    from app.services.desk_memory import DeskMemory

    memory = DeskMemory(one.station)
    memory.put(STICK, str(stick))
    memory.close()


def chain(root: Path, stick: Path, levels: tuple[str, ...]) -> dict[str, Path]:
    """Stores one below the other, each having taken the other's first package; the lowest with one person."""
    parent: Exchange | None = None
    made: dict[str, stores.Opened] = {}
    for level, name, scope in (one for one in CHAIN if one[0] in levels):
        if parent is None:
            made[level] = founded(root / level, level, name, scope)
        else:
            file = root / f"{level}.rge"
            invited = enrolment.enrol(parent, level=level, name=name, scopes=(scope,), out=file)
            offer = enrolment.read(file, invited.code)
            founding = stores.Founding(
                offer.level, offer.name, offer.scopes, "周敏", PASSWORD, practice=True, node=offer.node,
                prepare=lambda station, work, offer=offer: enrolment.begin(station.db, work, offer),  # type: ignore[misc]
            )  # fmt: skip
            made[level] = stores.init(root / level, founding)[0]
        parent = Exchange(made[level].station.db, root / level)
    People(made[levels[-1]].station).add(
        {"name": "欧阳明亮", "id_number": "361000194901010013", "division": VILLAGE, "phone": "16400000001"}
    )
    first = root / "first"
    first.mkdir()
    for lower, upper in itertools.pairwise(reversed(levels)):
        sent = jobs.send(made[lower].station, "parent", first)
        jobs.take(made[upper].station, [sent.file])
    for upper, lower in itertools.pairwise(levels):
        answer = jobs.send(made[upper].station, made[lower].station.place.node, first)
        jobs.take(made[lower].station, [answer.file])
    for one in made.values():
        stick_known(one, stick)
        one.close()
    return {level: root / level for level in made}


def send(hand: Hand, *, below: bool = False) -> None:
    """生成上报包, by its initials: the button has the keyboard already. `below`: for the unit after the superior."""
    hand.come()
    hand.find("scsbb")
    hand.until(page="exchange", focus="exchange.send")
    if below:
        hand.tab_to("exchange.to", key="shift+Tab")
        hand.press("Down")
        hand.tab_to("exchange.send")
    hand.press("space")
    hand.until(page="exchange", words={"exchange.sent.text": "可以拔出 U 盘"})


def take(hand: Hand, says: str) -> None:
    """接收: 确认入库 of all that is new on the stick."""
    hand.come()
    hand.find("jieshou")
    hand.until(page="exchange", focus="exchange.found")
    hand.press("alt+t")
    hand.until(page="exchange", words={"exchange.taken.text": says})


# -- the first day -----------------------------------------------------------------------------------------------------


def test_the_first_day_with_an_excel_file(open_windows: Callable[..., list[Hand]], tmp_path: Path) -> None:
    people = made_up.people(30, random.Random(10), [VILLAGE], today=DAY)
    sheet = made_up_sheets.messy_sheet(people, random.Random(10), village="石鼓村", today=DAY)
    roster = tmp_path / "roster.xlsx"
    roster.write_bytes(workbook.messy([sheet]))
    (hand,) = open_windows(tmp_path / "data")

    # A unit of one's own.
    hand.until(window="first", focus="first.way.found")
    hand.press("Return")
    hand.wait_on(lambda now: now["focus"].startswith("first.level"), "the level")
    hand.tab_to("first.scopes.search")
    hand.type(VILLAGE[:6])
    hand.press("Return")
    hand.until(words={"first.scopes.where": "临川区"})
    hand.type("sddz")
    hand.press("Return")
    hand.until(words={"first.scopes.where": "上顿渡镇"})
    hand.tab_to("first.scopes.own")
    hand.type("Shigu")
    hand.tab_to("first.scopes.tail")
    hand.type(VILLAGE[9:])
    hand.tab_to("first.scopes.add")
    hand.press("space", "alt+n")
    hand.until(focus="first.staff")
    hand.type("Zhou Min")
    hand.press("Return")
    hand.until(focus="first.password")
    hand.type("spring2026")
    hand.press("Return")
    hand.until(focus="first.again")
    hand.type("spring2026")
    hand.press("Return")
    hand.until(focus="first.print")
    hand.press("alt+k", "alt+n")
    hand.until(window="window", page="today")

    # The list that lies on the desk.
    hand.find("drexcel")
    hand.until(page="roster_import", focus="roster_import.pick")
    hand.press("ctrl+o")
    hand.until(dialog="roster_import.dialog", focus="fileNameEdit")
    hand.type(str(roster))
    hand.press("Return")
    hand.until(dialog="", page="roster_import", words={"roster_import.found": "都认得表头"})
    hand.press("ctrl+Return")
    hand.until(page="roster_import", words={"roster_import.mapping.word": ""})
    hand.press("ctrl+Return")
    hand.until(page="roster_import", words={"roster_import.sentence": "合计"})
    hand.press("ctrl+s")
    hand.wait(lambda said: said.get("changed", "").startswith("导入"), "the act")
    hand.until(page="roster_import")

    # The list of the people.
    hand.press("alt+2")
    hand.until(page="people", words={"people.count": "人"})
    shown = hand.now["words"]["people.count"]
    hand.close()
    one = stores.open_store(tmp_path / "data", user=None, password="spring2026")
    count = Search(one.station).count()
    one.close()
    assert count > 10
    assert str(count) in shown


# -- a round -----------------------------------------------------------------------------------------------------------


def test_a_round_from_the_plan_to_the_results(open_windows: Callable[..., list[Hand]], tmp_path: Path) -> None:
    one = founded(tmp_path / "village", "village", "桥头村站", VILLAGE)
    practice.fill(one.station, 20)
    one.close()
    (hand,) = open_windows(tmp_path / "village")
    hand.sign_in()

    # The plan, most of it filled in already, and everybody it fits.
    hand.find("xjwwpc")
    hand.until(page="rounds", focus="rounds.form.name")
    hand.tab_to("rounds.form.standard")
    hand.type("300")
    hand.press("ctrl+s")
    hand.until(page="round", words={"round.state": "拟定"})
    hand.press("alt+t")
    hand.until(focus="round.list.candidates")
    hand.press("ctrl+s")
    hand.until(page="round", focus="round.list.list")

    # Read by the leaders, agreed to.
    hand.press("alt+s")
    hand.until(page="round", words={"round.state": "待批"})
    hand.press("alt+a")
    hand.wait_on(lambda now: now["focus"].startswith("round.approval"), "the number of the decision")
    hand.type("2026-5")
    hand.press("Return")
    hand.until(page="round", words={"round.state": "已批复"})

    # The sheet, into a file: its number is spent when it leaves.
    hand.press("ctrl+p")
    hand.until(dialog="preview", words={"preview.count": "页"})
    hand.press("ctrl+s")
    hand.until(dialog="preview.file", focus="fileNameEdit")
    hand.press("ctrl+a")
    hand.type(str(tmp_path / "sheet.pdf"))
    hand.press("Return")
    hand.until(dialog="message", words={"message.text": "打印好了吗"})
    hand.tab_to("message.2")
    hand.press("space")
    hand.until(dialog="", page="round", words={"round.state": "发放中"})
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")

    # The results: everybody has come but the second.
    hand.press("ctrl+g")
    hand.until(page="round", focus="round.results.list")
    hand.press("Down", "2", "ctrl+s")
    hand.wait(lambda said: "changed" in said, "the results of the first page of paper")
    hand.until(page="round", focus="round.results.list")
    hand.press("ctrl+s")
    hand.wait(lambda said: "changed" in said, "the results of the second")
    hand.until(page="round")
    hand.close()
    one = opened(tmp_path / "village")
    shown = RoundViews(one.station).show(RoundViews(one.station).rounds()[0].id)
    papers = [(paper.form, paper.status) for paper in Papers(one.station).issued()]
    one.close()
    assert ("F04", "printed") in papers
    assert shown.status == "paying"
    assert sorted({line.state for line in shown.lines}) == ["missing", "paid"]
    assert shown.totals.planned == shown.totals.paid + shown.totals.open


# -- a case ------------------------------------------------------------------------------------------------------------


def test_a_case_from_a_visit_to_the_decision_and_back(open_windows: Callable[..., list[Hand]], tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    folders = chain(tmp_path, stick, ("county", "township", "village"))
    county, township, village = open_windows(*(folders[level] for level in ("county", "township", "village")))
    village.come()
    village.sign_in()

    # The visit, and what it found.
    village.find("djzf")
    village.until(page="visit_form", focus="visit_form.who")
    village.type("oyml")
    village.press("Return")
    village.wait_on(lambda now: any(text.startswith("欧阳明亮") for text in now["words"].values()), "the person")
    village.tab_to("visit_form.wishes")
    village.type("roof leaks")
    village.press("ctrl+s")
    village.until(focus="visit_form.done.case.1")
    village.press("space")

    # The case, opened and reviewed.
    village.until(page="case_form", focus="case_form.kind")
    village.type("zf")
    village.press("Return")
    village.wait_on(lambda now: now["focus"] != "case_form.kind", "the next field")
    village.type("5000")
    village.press("ctrl+s")
    village.until(page="case", words={"case.state": "村级初审"})
    step(village, "4500", state="乡镇审核")
    send(village)

    # The township agrees, the county decides and pays.
    township.come()
    township.sign_in()
    take(township, ANSWERED)
    to_the_case(township)
    step(township, "4000", state="待县局办")
    send(township)
    county.come()
    county.sign_in()
    take(county, ANSWERED)
    to_the_case(county)
    county.tab_to("case.step.decision_number")
    county.type("2026-5")
    step(county, "3500", state="发放")
    county.press("ctrl+s")
    county.until(page="case", words={"case.state": "待村站办"})
    county.wait_on(lambda now: now["focus"].startswith("case."), "the keyboard on the page, when the form has gone")

    # And back: what was decided above stands in the village's file.
    send(county)
    take(township, TAKEN)
    send(township, below=True)
    take(village, TAKEN)
    to_the_case(village)
    village.press("ctrl+s")
    village.until(page="case", words={"case.state": "办结"})
    village.close()
    one = opened(folders["village"])
    file = CaseViews(one.station).file(CaseViews(one.station).board()[0].id)
    one.close()
    assert (file.code, file.approved, file.fields["decision_number"]) == ("done", 3500_00, "2026-5")
    assert [step.unit for step in file.steps[:5]] == ["桥头村站", "桥头村站", "上顿渡镇站", "临川区局", "临川区局"]


def to_the_case(hand: Hand) -> None:
    """Alt+4 is 帮扶, Enter opens the first case."""
    hand.press("alt+4")
    hand.until(page="cases", focus="cases.list")
    hand.press("Return")
    hand.until(page="case", words={"case.state": "待"})


def step(hand: Hand, amount: str, state: str) -> None:
    """The next step with an amount."""
    hand.tab_to("case.step.amount")
    hand.press("ctrl+a")
    hand.type(amount)
    hand.press("ctrl+s")
    hand.until(page="case", words={"case.state": state})


# -- a stick -----------------------------------------------------------------------------------------------------------


def test_a_stick_goes_up_and_comes_back(open_windows: Callable[..., list[Hand]], tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    folders = chain(tmp_path, stick, ("township", "village"))
    one = opened(folders["village"])
    person = Search(one.station).persons("", 1)[0].id
    People(one.station).change(person, {"phone": "13900000001"})
    one.close()
    (stick / "broken.rgp").write_bytes(b"\x89RGP\r\n\x1a\n" + bytes(500))
    village, township = open_windows(folders["village"], folders["township"])
    for hand in (village, township):
        hand.come()
        hand.sign_in()
    send(village)
    township.come()
    township.find("jieshou")
    township.until(page="exchange", focus="exchange.found")
    township.press("alt+k")
    township.until(page="exchange", words={"exchange.taken.text": "没有改动任何数据"})
    take(township, f"{ANSWERED}: 桥头村站")
    take(village, RECEIPT)
    township.close()
    village.close()
    one = opened(folders["village"])
    with one.station.db.read() as session:
        status = receipts.STATUSES[receipts.status(session, "person", person)]
    one.close()
    above = opened(folders["township"])
    phone = People(above.station).show(person).fields["phone"]
    above.close()
    assert (status, phone) == ("镇站已收", "13900000001")
