"""The demonstration at its smallest: every step holds, and a folder that is not its own is left alone."""

from pathlib import Path

import pytest

from app.cli.demonstration import chain, folder, pictures, walk
from app.cli.demonstration.tour import NotHeld
from app.cli.frame import Call, find, parse
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.services import stores


@pytest.fixture(autouse=True)
def _settings_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "settings"))


def demo(*words: str):
    found, rest = find(["demo", *words])
    said: list[str] = []
    document = found.run(Call(parse(found, rest), {}, str, progress=said.append))
    assert found.show is not None
    assert found.show(document) == document["summary"]
    return document, said


def test_the_whole_loop_and_again_in_the_same_folder(tmp_path: Path) -> None:
    root = tmp_path / "演示"
    document, said = demo("--out", str(root), "--persons", "20", "--seed", "3")
    assert document["ok"], said
    assert [step["name"] for step in document["steps"]] == [*(name for name, _ in walk.STEPS), pictures.NAME]
    assert all(step["ok"] for step in document["steps"])
    assert "_exit" not in document
    assert set(document["stores"]) == {"village", "township", "county", "city"}
    assert len(said) == len(walk.STEPS) + 1
    assert (root / "pictures" / "today-village.png").stat().st_size > 10_000
    assert (root / "pictures" / "index.html").is_file()
    names = {Path(file).suffix for file in document["files"]}
    assert {".pdf", ".xlsx", ".rgp", ".rge"} <= names
    assert all(Path(file).is_file() for file in document["files"])
    assert (root / folder.SUMMARY).read_text("utf-8").strip() == document["summary"]
    first = {path.name: path.read_bytes() for path in (root / "excel").glob("*花名册*.xlsx")}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "STEPS", walk.STEPS[:3])
        again, _ = demo("--out", str(root), "--persons", "20", "--seed", "3", "--no-pictures")
    assert again["ok"]
    assert {path.name for path in (root / "excel").glob("*花名册*.xlsx")} == set(first)
    assert not list((root / "pdf").iterdir())

    held = stores.lock(Path(again["stores"]["village"]))
    try:
        with pytest.raises(EnvironmentTrouble, match="已经在本机打开"):
            demo("--out", str(root), "--persons", "20")
    finally:
        held.release()
    assert stores.exists(Path(again["stores"]["village"]))


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "我的照片.jpg").write_bytes(b"x")
    with pytest.raises(Refused, match="不是演示生成的"):
        demo("--out", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["我的照片.jpg"]
    with pytest.raises(Refused, match="不是文件夹"):
        demo("--out", str(tmp_path / "我的照片.jpg"))


@pytest.mark.parametrize(("error", "code"), [(NotHeld("不一样"), 1), (Refused("不行"), 3), (RuntimeError("x"), 1)])
def test_a_step_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    def fail(_tour: object) -> str:
        raise error

    monkeypatch.setattr(walk, "STEPS", (("建立", chain.found), ("第二步", fail), ("第三步", chain.found)))
    document, said = demo("--out", str(tmp_path / "d"))
    assert not document["ok"]
    assert document["_exit"] == code
    assert "第二步" in document["error"]
    assert [step["ok"] for step in document["steps"]] == [True, False]
    assert said[1].startswith("[败] 第二步")
    assert "没有通过" in document["summary"]


def test_figures_out_of_range(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="人数"):
        demo("--out", str(tmp_path / "d"), "--persons", "3")
    assert not (tmp_path / "d").exists()


def test_without_the_windows_libraries_the_pictures_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "PySide6").mkdir()
    (tmp_path / "PySide6" / "__init__.py").write_text("raise ImportError('libEGL.so.1')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    step = pictures.take(tmp_path / "pictures", {})
    assert (step.ok, step.detail) == (True, pictures.NO_QT)


def test_pictures_that_do_not_come_out_are_a_failed_step(tmp_path: Path) -> None:
    step = pictures.take(tmp_path / "pictures", {"village": str(tmp_path / "no store")})
    assert not step.ok
    assert step.exit == 1
    assert step.detail.startswith("没有做成。")
