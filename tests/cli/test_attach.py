import hashlib
from pathlib import Path

import pytest

from app.errors import BadInput, Refused
from app.services.station import Station
from tests.services.records import person


def test_in_and_out(station: Station, run, tmp_path: Path) -> None:
    source, out = tmp_path / "照片.jpg", tmp_path / "取出.jpg"
    source.write_bytes(b"\xff\xd8\xff" + b"x" * 1000)
    to = f"person:{person(station)}"
    made = run("attach", "add", "--to", to, str(source))
    assert made["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert run("attach", "get", made["id"], str(out))["sha256"] == made["sha256"]
    assert out.read_bytes() == source.read_bytes()
    assert [row["id"] for row in run("attach", "list", to)["attachments"]] == [made["id"]]


def test_wrong_targets(run, tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(b"\xff\xd8\xff")
    with pytest.raises(BadInput, match="要写成 类型:编号"):
        run("attach", "add", "--to", "张三", str(source))
    with pytest.raises(Refused, match="没有这个附件"):
        run("attach", "get", "0" * 32, str(tmp_path / "out"))
