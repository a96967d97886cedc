"""A window that is killed while a form is half typed: opened again, it says so, and everything typed is there."""

from pathlib import Path

import pytest

from app.services import practice, stores
from tests import machine
from tests.outside.hand import Hand, at_window


@pytest.fixture
def village(tmp_path: Path) -> Path:
    folder = tmp_path / "village"
    founding = stores.Founding("village", "桥头村站", ("361002100201",), "周敏", "demo", practice=True)
    opened, _ = stores.init(folder, founding)
    practice.fill(opened.station, 5, work=False)
    opened.close()
    return folder


def to_the_form(hand: Hand) -> None:
    """登记人员, by its initials."""
    hand.find("djry")
    hand.until(page="person_form", focus="person_form.name")


@pytest.mark.screen
def test_half_typed_forms_survive_a_kill(village: Path, tmp_path: Path) -> None:
    settings = str(tmp_path / "settings")
    with machine.screen() as display:
        with at_window(display, village, RONGGUI_SETTINGS=settings) as hand:
            hand.sign_in()
            to_the_form(hand)
            hand.type("Ouyang")
            # Leaving never asks: the first page is there at once, and names what is not finished.
            hand.press("alt+1")
            hand.until(page="today", dialog="")
            to_the_form(hand)
            hand.until(words={"person_form.name": "Ouyang", "person_form.banner.text": "已经恢复"})
            hand.tab_to("person_form.phone")
            hand.type("164 0000 1234")
            hand.wait(lambda said: "164 0000 1234" in said.get("draft", ""), "the draft")
            hand.process.kill()
            assert hand.process.wait() == -9
        with at_window(display, village, RONGGUI_SETTINGS=settings) as hand:
            hand.sign_in()
            hand.until(words={"window.notice.text": "已检查: 数据完好。您没填完的“登记人员 · Ouyang”还在。"})
            to_the_form(hand)
            hand.until(words={"person_form.name": "Ouyang", "person_form.phone": "164 0000 1234"})
