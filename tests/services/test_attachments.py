import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app import durable, faults
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.models import Attachment, blobs
from app.models.journal import Blob
from app.services.attachments import LARGEST, Attachments
from app.services.history import History
from app.services.person_cards import PersonCards
from app.services.station import Station
from app.services.undoing import Undo
from tests.services.records import person

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20


@pytest.fixture
def to(station: Station) -> str:
    return f"person:{person(station)}"


def file(tmp_path: Path, data: bytes = JPEG, name: str = "照片.jpg") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def sealed_files(station: Station) -> list[Path]:
    return [path for path in (station.folder / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [1, durable.CHUNK - 1, durable.CHUNK, durable.CHUNK + 1, 3 * durable.CHUNK])
def test_what_goes_in_comes_out(station: Station, to: str, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    made = Attachments(station).add(to, file(tmp_path, data, "a.bin"))
    out = tmp_path / "out"
    assert Attachments(station).get(made.id, out) == made.sha256 == hashlib.sha256(data).hexdigest()
    assert out.read_bytes() == data


def test_the_content_lies_sealed_under_a_random_name(station: Station, to: str, tmp_path: Path) -> None:
    Attachments(station).add(to, file(tmp_path, b"%PDF-" + "张三的诊断证明".encode() * 50, "诊断证明.pdf"))
    (sealed,) = sealed_files(station)
    assert "诊断证明".encode() not in sealed.read_bytes()
    assert sealed.parent.name == sealed.name[:2]
    assert len(sealed.name) == 32
    with station.db.read() as session:
        blob = session.scalars(select(Blob)).one()
        assert (blob.name, len(blob.key or b"")) == (sealed.name, 32)


def test_it_lives_with_its_record(station: Station, to: str, tmp_path: Path) -> None:
    made = Attachments(station).add(to, file(tmp_path), note="悬挂光荣牌")
    with station.db.read() as session:
        row = session.get_one(Attachment, made.id)
        assert (row.home, row.subject_kind, row.media_type, row.note) == (
            station.place.home,
            "person",
            "image/jpeg",
            "悬挂光荣牌",
        )
    assert [(r.id, r.name, r.here) for r in Attachments(station).of(to)] == [(made.id, "照片.jpg", True)]


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (b"%PDF-1.7 x", "a.jpg", "application/pdf"), (b"\x89PNG\r\n\x1a\n..", "a", "image/png"),
        (b"PK\x03\x04....", "表.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (b"RIFF....WEBPVP8 ", "a.webp", "image/webp"), ("说明".encode(), "a.txt", "text/plain"), (b"\0\1\2", "a", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_kind_is_told_by_the_content(
    station: Station, to: str, tmp_path: Path, data: bytes, name: str, media_type: str
) -> None:
    Attachments(station).add(to, file(tmp_path, data, name))
    assert [row.media_type for row in Attachments(station).of(to)] == [media_type]


@pytest.mark.parametrize(("data", "words"), [(b"", "空文件"), (b"MZ\x90\0", "程序文件"), (b"\x7fELF", "程序文件")])
def test_what_is_not_kept(station: Station, to: str, tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        Attachments(station).add(to, file(tmp_path, data, "a.pdf"))
    assert sealed_files(station) == []


def test_twenty_megabytes_at_most(station: Station, to: str, tmp_path: Path) -> None:
    path = file(tmp_path)
    with path.open("r+b") as stream:
        stream.truncate(LARGEST + 1)
    with pytest.raises(BadInput, match="有 21 MB, 附件最大 20 MB"):
        Attachments(station).add(to, path)


def test_the_same_picture_lies_there_once(station: Station, to: str, tmp_path: Path) -> None:
    first = Attachments(station).add(to, file(tmp_path))
    second = Attachments(station).add(f"person:{person(station, '李四')}", file(tmp_path))
    assert first.sha256 == second.sha256
    assert len(sealed_files(station)) == 1
    assert Attachments(station).get(second.id, tmp_path / "out") == first.sha256


def test_a_damaged_copy_is_replaced_by_the_same_picture(station: Station, to: str, tmp_path: Path) -> None:
    made = Attachments(station).add(to, file(tmp_path))
    sealed_files(station)[0].write_bytes(b"damaged")
    Attachments(station).add(to, file(tmp_path))
    assert Attachments(station).get(made.id, tmp_path / "out") == made.sha256


@pytest.mark.parametrize("harm", ["flip", "cut", "swap", "missing", "key"])
def test_harm_is_noticed_and_nothing_comes_out(station: Station, to: str, tmp_path: Path, harm: str) -> None:
    made = Attachments(station).add(to, file(tmp_path, os.urandom(2 * durable.CHUNK + 5), "a.bin"))
    (sealed,) = sealed_files(station)
    data = bytearray(sealed.read_bytes())
    chunk = durable.CHUNK + 16
    if harm == "flip":
        data[chunk // 2] ^= 1
    elif harm == "cut":
        del data[8 + 2 * chunk :]
    elif harm == "swap":
        data[8 : 8 + chunk], data[8 + chunk : 8 + 2 * chunk] = data[8 + chunk : 8 + 2 * chunk], data[8 : 8 + chunk]
    sealed.write_bytes(data)
    if harm == "missing":
        sealed.unlink()
    if harm == "key":
        with station.db.work("换错钥匙") as work:
            work.session.scalars(select(Blob)).one().key = bytes(32)
            work.session.add(Attachment(subject_kind="person", subject="0" * 32, name="x", home=station.place.home))
    out = tmp_path / "out"
    with pytest.raises(EnvironmentTrouble, match=r"没有取出|取出附件没有完成"):
        Attachments(station).get(made.id, out)
    assert not out.exists()
    assert durable.leftovers(tmp_path) == []


def test_a_content_of_another_hash_is_not_given_out(station: Station, to: str, tmp_path: Path) -> None:
    made = Attachments(station).add(to, file(tmp_path))
    other = blobs.seal(station.folder, [b"something else"])
    with station.db.work("换内容") as work:
        blob = work.session.scalars(select(Blob)).one()
        blob.name, blob.key = other.name, other.key
        work.session.add(Attachment(subject_kind="person", subject="0" * 32, name="x", home=station.place.home))
    with pytest.raises(EnvironmentTrouble, match="没有取出"):
        Attachments(station).get(made.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_content_still_on_its_way_is_said(station: Station, to: str, tmp_path: Path) -> None:
    with station.db.work("来自上级") as work:
        row = Attachment(
            subject_kind="person",
            subject=to.partition(":")[2],
            name="批复.pdf",
            size=3,
            sha256=b"x" * 32,
            home=station.place.home,
        )
        work.session.add(row)
    with pytest.raises(Refused, match=r"“批复\.pdf”的内容还没有收到"):
        Attachments(station).get(row.id, tmp_path / "out")
    assert [r.here for r in Attachments(station).of(to)] == [False]


def test_a_content_that_stops_below_is_not_waited_for(station: Station, to: str, tmp_path: Path) -> None:
    with station.db.work("来自下级") as work:
        row = Attachment(
            subject_kind="person", subject=to.partition(":")[2], name="家门.jpg", size=3, sha256=b"x" * 32,
            home=station.place.home,
        )  # fmt: skip
        work.session.add(row)
    bureau = Attachments(replace(station, _place=replace(station.place, level="city")))
    with pytest.raises(Refused, match="只报到县局"):
        bureau.get(row.id, tmp_path / "out.jpg")
    with pytest.raises(Refused, match="要看内容请找县局"):
        bureau.content(row.id)
    assert [(line.here, line.stops) for line in bureau.of(to)] == [(False, "county")]


def test_an_existing_file_is_not_overwritten(station: Station, to: str, tmp_path: Path) -> None:
    made = Attachments(station).add(to, file(tmp_path))
    out = file(tmp_path, b"mine", "out")
    with pytest.raises(Refused, match="没有覆盖"):
        Attachments(station).get(made.id, out)
    assert out.read_bytes() == b"mine"


@pytest.mark.parametrize("point", ["attach.write", "attach.flush", "attach.rename", "save.journal", "save.commit"])
@pytest.mark.parametrize("kind", ["error", "short"])
def test_a_failure_leaves_neither_file_nor_record(
    station: Station, to: str, tmp_path: Path, point: str, kind: str
) -> None:
    faults.arm(f"{point}:1:{kind}")
    try:
        with pytest.raises((EnvironmentTrouble, OSError)):
            Attachments(station).add(to, file(tmp_path))
    finally:
        faults.arm(None)
    assert sealed_files(station) == []
    assert Attachments(station).of(to) == []
    with station.db.read() as session:
        assert session.scalars(select(Blob)).all() == []


@pytest.mark.parametrize("to", ["person", "dog:" + "0" * 32, "person:xyz", ""])
def test_malformed_targets(station: Station, tmp_path: Path, to: str) -> None:
    with pytest.raises(BadInput):
        Attachments(station).add(to, file(tmp_path))


def test_unknown_targets_and_files(station: Station, to: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="没有这个服务对象"):
        Attachments(station).add("person:" + "0" * 32, file(tmp_path))
    with pytest.raises(EnvironmentTrouble, match="读取附件没有完成"):
        Attachments(station).add(to, tmp_path / "没有.jpg")
    assert sealed_files(station) == []


def test_a_copy_to_open_is_read_only_and_in_no_data_folder(station: Station, to: str, tmp_path: Path) -> None:
    made = Attachments(station).add(to, file(tmp_path, name="退役证 正面.jpg"))
    with station.db.work("改名") as work:
        work.session.get_one(Attachment, made.id).name = "..\\C:/退役证<1>?.jpg"
    copy = Attachments(station).copy_to_open(made.id)
    try:
        assert copy.read_bytes() == JPEG
        assert copy.name == "_C__退役证_1__.jpg"
        assert not copy.stat().st_mode & 0o222
        assert station.folder not in copy.parents
        stale = copy.parent.with_name("ronggui-open-stale")
        stale.mkdir()
        os.utime(stale, (0, 0))
        Attachments(station).copy_to_open(made.id)
        assert not stale.exists()
        assert copy.exists()
    finally:
        for folder in copy.parent.parent.glob("ronggui-open-*"):
            shutil.rmtree(folder)


def test_removing_is_an_act_that_can_be_undone(station: Station, to: str, tmp_path: Path) -> None:
    made = Attachments(station).add(to, file(tmp_path))
    Attachments(station).remove(made.id)
    assert Attachments(station).of(to) == []
    with pytest.raises(Refused):
        Attachments(station).get(made.id, tmp_path / "x")
    Undo(station).undo()
    assert [row.id for row in Attachments(station).of(to)] == [made.id]
    assert Attachments(station).get(made.id, tmp_path / "x") == made.sha256


def test_a_photo_is_one_act_and_the_old_one_stays(station: Station, tmp_path: Path) -> None:
    who = person(station)
    files = Attachments(station)
    assert (files.photo(who), PersonCards(station).of(who).photo) == (None, "")
    first = files.set_photo(who, file(tmp_path))
    assert (files.photo(who), PersonCards(station).of(who).photo) == (JPEG, first.id)
    assert History(station).acts()[0].name == "更换近照"
    second = files.set_photo(who, file(tmp_path, b"\x89PNG\r\n\x1a\n" + bytes(100), "新.png"))
    assert PersonCards(station).of(who).photo == second.id
    assert len(files.of(f"person:{who}")) == 2
    assert Undo(station).undo().kept == ()
    assert files.photo(who) == JPEG
    with pytest.raises(BadInput, match="不是 JPEG 或 PNG"):
        files.set_photo(who, file(tmp_path, b"%PDF-1.4", "证件.pdf"))
    assert len(files.of(f"person:{who}")) == 1
    files.drop_photo(who)
    assert files.photo(who) is None
    files.set_photo(who, file(tmp_path))
    files.remove(PersonCards(station).of(who).photo)
    assert files.photo(who) is None
