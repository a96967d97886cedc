"""A stick goes up and comes back, by keyboard alone: village, township, village; what else lies on it harms nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.models import receipts
from app.services import stores
from app.services.people import People
from app.services.searching import Search
from app.services.visits import Visits
from app.sync import enrolment, jobs
from app.sync.exchange import Exchange
from app.ui.kit import sticks
from app.ui.kit.sticks import Stick
from app.ui.shell.window import MainWindow
from tests.ui.conftest import PASSWORD
from tests.ui.hands import CTRL, Hands, Key


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    monkeypatch.setattr(sticks, "found", lambda: [Stick(place, "U 盘", 1 << 30)])
    return place


def foreign(folder: Path, stick: Path) -> None:
    """A package of another chain, for somebody else."""
    county, _ = stores.init(
        folder / "county", stores.Founding("county", "南城县局", ("361021",), "钱芳", PASSWORD, practice=True)
    )
    invited = enrolment.enrol(
        Exchange(county.station.db, county.station.folder), level="township", name="建昌镇站", scopes=("361021100",),
        out=folder / "town.rge",
    )  # fmt: skip
    offer = enrolment.read(invited.file, invited.code)
    town, _ = stores.init(
        folder / "town",
        stores.Founding(
            offer.level, offer.name, offer.scopes, "赵明", PASSWORD, practice=True, node=offer.node,
            prepare=lambda station, work: enrolment.begin(station.db, work, offer),
        ),
    )  # fmt: skip
    jobs.send(town.station, "parent", stick)
    town.close()
    county.close()


def find_and_go(hands: Hands, words: str) -> None:
    """Ctrl+F, the words of what is to be done, Enter."""
    hands.come()
    hands.press(Key.Key_F, CTRL)
    hands.find(words)


def status(window: MainWindow, person: str) -> str:
    with window.desk.station.db.read() as session:
        return receipts.STATUSES[receipts.status(session, "person", person)]


def page_of(window: MainWindow) -> Any:
    return window.page


def test_a_stick_goes_up_and_comes_back(
    open_window: Callable[..., MainWindow], hands_at: Callable[[MainWindow], Hands], stick: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    foreign(tmp_path / "elsewhere", stick)
    (stick / "坏包.rgp").write_bytes(b"\x89RGP\r\n\x1a\n" + b"\0" * 500)
    (stick / "照片.jpg").write_bytes(b"a picture")

    village = open_window("joined_village")
    person = Search(village.desk.station).persons("", 1)[0].id
    Visits(village.desk.station).record({"person": person, "date": "2026-09-28", "trigger": "ZC"})
    People(village.desk.station).change(person, {"phone": "13900000001"})
    assert status(village, person) == "未上报"

    # The village: Ctrl+F, 生成上报包, Enter; the button has the focus already.
    hands = hands_at(village)
    find_and_go(hands, "生成上报包")
    assert hands.at == "exchange.send"
    hands.press(Key.Key_Space)
    assert "可以拔出 U 盘" in page_of(village).send.banner.text()
    assert status(village, person) == "已上报待回执"

    # The township: what is on the stick is listed; 先核对, then 确认入库, and the answer lies on the same stick.
    town = open_window("joined_township")
    above = hands_at(town)
    find_and_go(above, "接收")
    take = page_of(town).take
    states = {Path(one.path).name: one.state for one in take.packages.all_rows}
    assert sorted(states.values()) == ["broken", "foreign", "ready"]
    before = People(town.desk.station).show(person).fields["phone"]
    assert above.at == "exchange.found"
    above.press(Key.Key_Return)  # Enter on a package: 先核对
    assert "没有改动任何数据" in take.banner.text()
    assert People(town.desk.station).show(person).fields["phone"] == before
    above.tab_to("exchange.take")
    above.press(Key.Key_Space)
    assert "回包已写到同一个 U 盘: 桥头村站" in take.banner.text()
    assert People(town.desk.station).show(person).fields["phone"] == "13900000001"
    states = {Path(one.path).name: one.state for one in take.packages.all_rows}
    assert sorted(states.values()) == ["broken", "foreign", "own", "taken"]

    # Those that are not for it are named when somebody asks, and change nothing.
    above.tab_to("exchange.found")
    above.press(Key.Key_A, CTRL)
    above.press(Key.Key_Return)
    assert '这个包是给"南城县局"的, 不是给本站的。没有改动任何数据。请换一个包。' in take.banner.text()
    assert "请让对方重新生成一次。" in take.banner.text()

    # Home again: the answer is the only one that can be taken; the record has been received above.
    find_and_go(hands, "接收")
    take = page_of(village).take
    assert [one.state for one in take.packages.all_rows].count("ready") == 1
    hands.tab_to("exchange.take")
    hands.press(Key.Key_Space)
    assert "只带回执" in take.banner.text()
    assert status(village, person) == "镇站已收"
    assert (stick / "照片.jpg").read_bytes() == b"a picture"
