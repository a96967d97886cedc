"""Fault points break exactly the call that was asked for, in the way that was asked for."""

import errno
import os
import signal

import pytest

from app import faults
from app.errors import BadInput

POINT = faults.define("probe.write", "试写")
OTHER = faults.define("probe.other", "试别的")


@pytest.fixture(autouse=True)
def _disarmed():
    yield
    faults.arm(None)


def test_only_the_named_call_of_the_named_point_fails():
    faults.arm("probe.write:3")
    faults.step(POINT)
    faults.step(OTHER)
    faults.step(POINT)
    with pytest.raises(OSError, match=r"probe\.write") as caught:
        faults.step(POINT)
    assert caught.value.errno == errno.EIO
    faults.step(POINT)
    assert faults.counts() == {POINT: 4, OTHER: 1}


@pytest.mark.parametrize(("kind", "written", "code"), [("error", b"", errno.EIO), ("short", b"ab", errno.ENOSPC)])
def test_a_broken_write_leaves_nothing_or_half(kind: str, written: bytes, code: int):
    faults.arm(f"probe.write:1:{kind}")
    sink = bytearray()
    with pytest.raises(OSError, match=r"probe\.write") as caught:
        faults.short(POINT, b"abcd", sink.extend)
    assert (bytes(sink), caught.value.errno) == (written, code)
    faults.short(POINT, b"abcd", sink.extend)
    assert bytes(sink) == written + b"abcd"


def test_kill_is_a_real_kill_after_half_the_bytes():
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            faults.arm("probe.write:1:kill")
            faults.short(POINT, b"abcd", lambda data: os.write(write, data))
        finally:
            os.write(write, b"finally")
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        seen = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert seen == b"ab"


def test_unarmed_points_count_nothing_until_somebody_counts():
    faults.step(POINT)
    assert faults.counts() == {}
    with faults.counting():
        faults.step(POINT)
        faults.short(POINT, b"x", bytes)
    faults.step(POINT)
    assert faults.counts() == {POINT: 2}


@pytest.mark.parametrize("text", ["nowhere:1", "probe.write", "probe.write:0", "probe.write:x", "probe.write:1:burn"])
def test_a_wrong_spec_is_named_and_nothing_is_armed(text: str):
    with pytest.raises(BadInput, match="RONGGUI_FAULT"):
        faults.arm(text)
    assert faults.armed_spec() is None


def test_what_is_armed_can_be_asked():
    faults.arm("probe.write:2:kill")
    assert str(faults.armed_spec()) == "probe.write:2:kill"
    faults.arm(None)
    assert faults.armed_spec() is None


def test_points_are_listed_and_one_name_has_one_meaning():
    assert {"point": "probe.write", "does": "试写"} in faults.points()
    faults.define("probe.write", "试写")
    with pytest.raises(ValueError, match="twice"):
        faults.define("probe.write", "别的意思")
    faults.arm("probe.write:1")
    with pytest.raises(ValueError, match="not defined"):
        faults.step("probe.unknown")
