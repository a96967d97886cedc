"""Bad input seen through the window: the sentence, the button that does the next thing, and nothing lost."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app import faults
from app.services.people import People
from app.services.searching import Search
from app.sync import container, header, jobs
from app.sync.exchange import Exchange
from app.ui.kit import sticks
from app.ui.kit.page import Desk, Link
from app.ui.kit.sticks import Stick
from app.ui.pages.exchange import ExchangePage
from app.ui.pages.person_form import PersonFormPage
from app.ui.shell.window import MainWindow
from tests.ui.conftest import Answers, idle
from tests.ui.hands import CTRL, Hands, Key
from tests.ui.looking import get, press

Show = Callable[..., Any]


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    monkeypatch.setattr(sticks, "found", lambda: [Stick(place, "U 盘", 1 << 30)])
    return place


@pytest.fixture
def breaking() -> Iterator[Callable[[str], None]]:
    """Let a numbered point of saving fail once."""
    yield faults.arm
    faults.arm(None)


# -- a disk that fails -----------------------------------------------------------------------------------------------


def test_a_disk_that_fails_loses_nothing_and_the_same_key_goes_on(
    open_window: Callable[..., MainWindow], qtbot: QtBot, breaking: Callable[[str], None]
) -> None:
    window = open_window("village")
    people = Search(window.desk.station)
    before = people.count()
    window.go(Link("person_form"))
    hands = Hands(qtbot, window.desk, window)
    hands.wait()
    assert hands.at == "person_form.name"
    hands.chinese("欧阳桥")
    hands.tab_to("person_form.no_id_reason")
    hands.press(Key.Key_Down)
    breaking("save.commit:1:error")
    hands.press(Key.Key_S, CTRL)
    page: Any = window.page
    assert isinstance(page, PersonFormPage)
    assert "保存没有完成, 之前的都在。" in page.banner.text()
    assert (page.form.raw()["name"], people.count()) == ("欧阳桥", before)
    hands.until(lambda: bool(window.desk.memory.drafts()))  # over a power cut, too
    assert [draft.title for draft in window.desk.memory.drafts()] == ["登记人员 · 欧阳桥"]
    hands.press(Key.Key_S, CTRL)
    assert people.count() == before + 1


def test_a_job_that_a_disk_stops_is_offered_again(
    open_window: Callable[..., MainWindow], answers: Answers, qtbot: QtBot, breaking: Callable[[str], None]
) -> None:
    window = open_window("village")
    desk = window.desk
    person = Search(desk.station).persons("", 1)[0].id
    breaking("save.commit:1:error")
    desk.operations.write(lambda: People(desk.station).change(person, {"phone": "16400001234"}))
    idle(qtbot, desk)
    (message,) = answers.said
    assert "保存没有完成, 之前的都在。" in message.text
    assert message.grave
    assert [way.text for way in message.ways] == ["知道了", "再试一次"]
    message.ways[1].go()
    idle(qtbot, desk)
    assert People(desk.station).show(person).fields["phone"] == "16400001234"


# -- texts that cannot be kept -----------------------------------------------------------------------------------------

BAD = {
    "张\0三": "第 2 个字是空字符(NUL), 不能保存。请删去后重新输入。",
    "张\ud800三": "姓名第 2 个字已经变成“?”, 原来的字丢了。请照身份证重新填。",
    "张\ue000三": "姓名第 2 个字是自造字(U+E000), 换一台电脑就显示不出来。请改用标准字库里的字, 照身份证核对。",
    "a\u202eb": "第 2 个字是看不见的控制字符(U+202E)。请删去。",
}
"""What comes over the clipboard -> what is said at the field."""


@pytest.mark.parametrize("text", BAD)
def test_a_text_that_cannot_be_kept_is_said_at_its_field(qtbot: QtBot, show: Show, desk: Desk, text: str) -> None:
    page = show(PersonFormPage, desk)
    before = Search(desk.station).count()
    editor = page.form.editor("name")
    paste(qtbot, editor, text)
    qtbot.keyClick(page, Key.Key_S, CTRL)
    idle(qtbot, desk)
    assert page.form.problem("name") == BAD[text]
    assert editor.hasFocus()
    assert len(editor.text()) == len(text)
    assert Search(desk.station).count() == before


@pytest.mark.parametrize("text", BAD)
def test_a_search_for_such_a_text_finds_nobody_and_says_so(
    open_window: Callable[..., MainWindow], answers: Answers, qtbot: QtBot, text: str
) -> None:
    window = open_window("village")
    paste(qtbot, window.search, text)
    window.search.search()
    idle(qtbot, window.desk)
    said = [hit.text for hit in window.search.hits] + answers.texts
    assert said in (
        ["没有找到。换一个字、拼音首字母或号码后几位再试。"],
        ["要查的文字里有无法识别的字符, 请重新输入。"],
    )


def paste(qtbot: QtBot, field: QWidget, text: str) -> None:
    QApplication.clipboard().setText(text)
    field.setFocus()
    qtbot.keyClick(field, Key.Key_V, CTRL)


# -- packages ----------------------------------------------------------------------------------------------------------


def test_cut_and_forged_packages_change_nothing_and_the_good_one_is_still_taken(
    qtbot: QtBot, show: Show, joined_desks: tuple[Desk, Desk], stick: Path
) -> None:
    village, town = joined_desks
    person = Search(village.station).persons("", 1)[0].id
    before = phone(town, person)
    People(village.station).change(person, {"phone": "13900000001"})
    first = Path(jobs.send(village.station, "parent", stick).file)
    People(village.station).change(person, {"phone": "13900000002"})
    second = Path(jobs.send(village.station, "parent", stick).file)
    whole = first.read_bytes()
    info = header.read_header(first)
    keys = Exchange(village.station.db, village.station.folder).keys
    (stick / "剪断的.rgp").write_bytes(whole[: info.parts[0].offset + info.parts[0].size // 2])
    (stick / "冒充的.rgp").write_bytes(with_body_of(first, second, keys))
    second.unlink()
    first.unlink()
    page = show(ExchangePage, town, "take")
    states = {Path(one.path).name: one.state for one in page.take.packages.all_rows}
    assert states["剪断的.rgp"] == "broken"
    page.take.packages.choose(str(stick / "剪断的.rgp"))
    words = get(page, QLabel, "exchange.found.words").text()
    assert words == "这个包在路上坏了(校验不符)。没有改动任何数据。请让对方重新生成一次。"
    page.take.packages.selectAll()
    press(page, "exchange.take")
    idle(qtbot, town)
    assert "可能是冒充的。没有改动任何数据。请打电话与对方核实。" in page.take.banner.text()
    assert phone(town, person) == before

    # What is good lies beside them later, and is taken.
    (stick / first.name).write_bytes(whole)
    press(page, "exchange.in.again")
    idle(qtbot, town)
    page.take.packages.choose(str(stick / first.name))
    press(page, "exchange.take")
    idle(qtbot, town)
    assert phone(town, person) == "13900000001"


def phone(desk: Desk, person: str) -> str:
    return str(People(desk.station).show(person).fields["phone"])


def with_body_of(victim: Path, own: Path, keys: Any) -> bytes:
    """A header that is right in every hash and signature, over the records of another package."""
    theirs, mine = header.read_header(victim), header.read_header(own)
    body = victim.read_bytes()[theirs.parts[0].offset : theirs.parts[0].offset + theirs.parts[0].size]
    front = header.front(mine.head, 1)
    records = container.Part(header.size_with(front, 1), len(body), hashlib.sha256(body).digest())
    return header.signed(front, theirs.plain_size, [records], keys.sign) + body
