"""A real input method: fcitx5 with 拼音 types 张三 into the search box of the real window."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.services import practice, stores
from app.services.people import People
from tests import machine
from tests.outside.hand import at_window

PROFILE = """[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin

[Groups/0/Items/0]
Name=keyboard-us
Layout=

[Groups/0/Items/1]
Name=pinyin
Layout=

[GroupOrder]
0=Default
"""


@pytest.fixture
def village(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A village in which one person is called 张三."""
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))
    folder = tmp_path / "village"
    founding = stores.Founding("village", "桥头村站", ("361002100201",), "周敏", "demo", practice=True)
    opened, _ = stores.init(folder, founding)
    practice.fill(opened.station, 10, work=False)
    home = opened.station.place.home
    People(opened.station).add({"name": "张三", "no_id_reason": "pending", "division": home})
    opened.close()
    return folder


@pytest.mark.ime
def test_zhang_san_is_typed_and_found(village: Path, tmp_path: Path) -> None:
    """Run under a message bus of its own, because an input method is reached over one.

    The bus starts the method when it is first asked for, as it would start a second one beside one of ours that is slow to
    come up: so the bus itself bears the method's settings.
    """
    own = {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "DATA")}
    own |= {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "VILLAGE": str(village)}
    (tmp_path / "run").mkdir(mode=0o700)
    config = tmp_path / "config" / "fcitx5"
    config.mkdir(parents=True)
    (config / "profile").write_text(PROFILE)
    (config / "config").write_text("[Behavior]\nActiveByDefault=True\nShareInputState=All\n")
    with machine.screen() as display:
        code = "from tests.outside.test_input_method import typed; typed()"
        environment = os.environ | own | {"DISPLAY": display, "RONGGUI_SETTINGS": str(tmp_path / "settings")}
        command = [machine.programme("dbus-run-session"), "--", sys.executable, "-c", code]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "found 张三" in done.stdout


def typed() -> None:
    """Inside the session: wake the input method, open the window, and type."""
    remote = machine.programme("fcitx5-remote")
    subprocess.run([remote], check=True, capture_output=True)
    # Qt's wheel has only the IBus plug-in; fcitx5 speaks IBus over the portal.
    with at_window(
        os.environ["DISPLAY"], Path(os.environ["VILLAGE"]), QT_IM_MODULE="ibus", IBUS_USE_PORTAL="1"
    ) as hand:
        hand.sign_in()
        hand.press("ctrl+f")
        hand.wait_focus("window.search")
        subprocess.run([remote, "-o"], check=True)
        subprocess.run([remote, "-s", "pinyin"], check=True)
        hand.type("zhangsan")
        before = len([s for s in hand.said if "searched" in s])
        hand.press("space")
        said = hand.wait(lambda s: "searched" in s, "a search")
        assert before == 0, "half-composed text was searched for"
        assert said["searched"] == "张三", said
        assert said["hits"][0] == "张三", said
        sys.stdout.write(f"found {said['hits'][0]}\n")
        subprocess.run([remote, "-c"], check=True)
