"""A stick goes up and comes back, by keyboard alone: village, township, village; what else lies on it harms nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

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
from tests.ui.conftest import PASSWORD, idle
from tests.ui.looking import type_chinese


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


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None, "the keyboard is nowhere"
    return widget


def key(which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(focused(), which, modifier)


def find_and_go(qtbot: QtBot, window: MainWindow, words: str) -> None:
    """Ctrl+F, the words of what is to be done, Enter."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert focused() is window.search
    type_chinese(window.search, words)
    key(Qt.Key.Key_Return)
    idle(qtbot, window.desk)


def tab_to(id: str, most: int = 60) -> None:
    """Tab until a control has the focus."""
    for _ in range(most):
        if focused().objectName() == id:
            return
        key(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {id}")


def status(window: MainWindow, person: str) -> str:
    with window.desk.station.db.read() as session:
        return receipts.STATUSES[receipts.status(session, "person", person)]


def page_of(window: MainWindow) -> Any:
    return window.page


def test_a_stick_goes_up_and_comes_back(
    qtbot: QtBot, open_window: Callable[..., MainWindow], stick: Path, tmp_path: Path
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
    find_and_go(qtbot, village, "生成上报包")
    assert focused().objectName() == "exchange.send"
    key(Qt.Key.Key_Space)
    idle(qtbot, village.desk)
    assert "可以拔出 U 盘" in page_of(village).send.banner.text()
    assert status(village, person) == "已上报待回执"

    # The township: what is on the stick is listed; 先核对, then 确认入库, and the answer lies on the same stick.
    town = open_window("joined_township")
    find_and_go(qtbot, town, "接收")
    take = page_of(town).take
    states = {Path(one.path).name: one.state for one in take.packages.all_rows}
    assert sorted(states.values()) == ["broken", "foreign", "ready"]
    before = People(town.desk.station).show(person).fields["phone"]
    assert focused().objectName() == "exchange.found"
    key(Qt.Key.Key_Return)  # Enter on a package: 先核对
    idle(qtbot, town.desk)
    assert "没有改动任何数据" in take.banner.text()
    assert People(town.desk.station).show(person).fields["phone"] == before
    tab_to("exchange.take")
    key(Qt.Key.Key_Space)
    idle(qtbot, town.desk)
    assert "回包已写到同一个 U 盘: 桥头村站" in take.banner.text()
    assert People(town.desk.station).show(person).fields["phone"] == "13900000001"
    states = {Path(one.path).name: one.state for one in take.packages.all_rows}
    assert sorted(states.values()) == ["broken", "foreign", "own", "taken"]

    # Those that are not for it are named when somebody asks, and change nothing.
    take.packages.setFocus()
    key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    key(Qt.Key.Key_Return)
    idle(qtbot, town.desk)
    assert '这个包是给"南城县局"的, 不是给本站的。没有改动任何数据。请换一个包。' in take.banner.text()
    assert "请让对方重新生成一次。" in take.banner.text()

    # Home again: the answer is the only one that can be taken; the record has been received above.
    find_and_go(qtbot, village, "接收")
    take = page_of(village).take
    assert [one.state for one in take.packages.all_rows].count("ready") == 1
    tab_to("exchange.take")
    key(Qt.Key.Key_Space)
    idle(qtbot, village.desk)
    assert "只带回执" in take.banner.text()
    assert status(village, person) == "镇站已收"
    assert (stick / "照片.jpg").read_bytes() == b"a picture"
