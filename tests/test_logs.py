"""What the programme notes of its errors tells places and kinds of errors, and nothing of anybody."""

import faulthandler
import logging
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from app import logs

SECRETS = ("张建国", "110105194912310029", "13800000001", "6222020000000000001", "䶮㛃𠮷", "林源村")


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))


def fail() -> None:
    raise ValueError(f"bad row for {SECRETS[0]}, {SECRETS[1]}, phone 138-0000-0001, 'a word' and {SECRETS[4]}")


def caught() -> str:
    try:
        fail()
    except ValueError:
        return traceback.format_exc()
    return ""


@pytest.mark.parametrize("secret", SECRETS)
def test_nobody_is_found_in_a_masked_text(secret: str) -> None:
    assert secret not in logs.masked(f"a {secret} b")
    assert secret not in logs.masked(f"a{secret}b")
    assert logs.masked("row 12 of 30") == "row 12 of 30"


def test_a_masked_traceback_keeps_the_places() -> None:
    text = logs.masked_traceback(caught())
    assert "test_logs.py" in text
    assert "in fail" in text
    assert "ValueError: bad row for 〔3字〕" in text
    assert not any(secret in text for secret in SECRETS)
    assert "138-0000" not in text.splitlines()[-1]
    assert text.endswith("'…' and 〔3字〕")
    assert str(Path(__file__).parent.parent) not in text


def test_a_traceback_inside_a_message_is_masked_line_by_line() -> None:
    inner = caught()
    try:
        raise RuntimeError(inner)
    except RuntimeError:
        text = logs.masked_traceback(traceback.format_exc())
    assert "in fail" in text
    assert "张建国" not in text.replace('raise ValueError(f"bad row for {SECRETS[0]}', "")


def test_the_log_is_masked_and_kept_small() -> None:
    handler = logs.begin()
    try:
        log = logging.getLogger("app.test")
        log.warning("cannot read %s of %s", SECRETS[1], SECRETS[0])
        log.info("not worth a line")
        try:
            fail()
        except ValueError:
            log.exception("a bug")
        text = logs.tail()
    finally:
        logs.end(handler)
    assert "cannot read 〔18位〕 of 〔3字〕" in text
    assert "in fail" in text
    assert "not worth" not in text
    assert not any(secret in text for secret in SECRETS)


def test_without_a_folder_to_write_in_there_is_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "file"))
    assert logs.begin() is None
    assert logs.tail() == ""
    faults = logs.Faults(tmp_path)
    faults.watch()
    faults.close()


def test_a_broken_process_leaves_a_note_for_the_next_start(tmp_path: Path) -> None:
    program = (
        "import ctypes, pathlib, sys; from app import logs; faults = logs.Faults(pathlib.Path(sys.argv[1]));"
        "faults.watch(); ctypes.string_at(0)"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "data"], check=False, capture_output=True)
    assert done.returncode != 0
    faults = logs.Faults(tmp_path / "data")
    assert "Segmentation fault" in faults.last
    assert logs.Faults(tmp_path / "other").last == ""
    was = faulthandler.is_enabled()
    faults.watch()
    faults.close()
    if was:
        faulthandler.enable()
    assert logs.Faults(tmp_path / "data").last == ""
