"""The folder of a demonstration: only what an earlier demonstration made is ever replaced."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app import clock, durable
from app.cli.demonstration.walk import Step
from app.errors import Refused
from app.services import stores

MARKER: Final = "这是演示.txt"
MARKER_TEXT: Final = (
    "这个文件夹由 ronggui demo 生成, 里面全是编造的人和数据, 可以整个删掉。再次运行演示时, 这里的内容会被替换。\n"
    "四级的数据在 stores 里, 登录密码都是 demo。\n"
)
SUMMARY: Final = "演示小结.txt"
PICTURES: Final = "pictures"
FOLDERS: Final = ("stores", "excel", "pdf", "packages", "enrolment", "backup", PICTURES)


def prepare(root: Path) -> None:
    """Make the folder, or empty the one an earlier run made; Refused for any other folder that is not empty."""
    with durable.speaking("准备演示文件夹", root):
        if root.exists() and not root.is_dir():
            raise Refused(f"“{root}”不是文件夹, 没有改动任何东西。请换一个位置(--out)。")
        if root.exists() and any(root.iterdir()) and not _made_by_demo(root):
            raise Refused(f"“{root}”里有别的东西, 不是演示生成的, 没有改动任何东西。请换一个空文件夹(--out)。")
        _demand_closed(root)
        root.mkdir(parents=True, exist_ok=True)
        for name in FOLDERS:
            if (root / name).exists():
                shutil.rmtree(root / name)
        (root / SUMMARY).unlink(missing_ok=True)
        durable.write_file(root / MARKER, MARKER_TEXT.encode())
        for name in FOLDERS:
            (root / name).mkdir()


def _made_by_demo(root: Path) -> bool:
    marker = root / MARKER
    return marker.is_file() and marker.read_bytes() == MARKER_TEXT.encode()


def _demand_closed(root: Path) -> None:
    """EnvironmentTrouble while a window or a command has one of the stores open."""
    for store in sorted((root / "stores").glob("*")):
        if stores.exists(store):
            stores.lock(store).release()


def summary(root: Path, steps: Sequence[Step], persons: int, seed: int) -> str:
    """The readable account, printed and kept beside the files."""
    bad = sum(not step.ok for step in steps)
    lines = [
        f"荣归 演示小结  {clock.now():%Y-%m-%d %H:%M}  编造人员 {persons} 人, 种子 {seed}",
        *(f"{number:>2}. {step.line}" for number, step in enumerate(steps, start=1)),
        f"全部 {len(steps)} 步都通过。" if not bad else f"第 {len(steps)} 步没有通过, 后面的没有做。",
        f"文件都在 {root} 里: stores 四级数据(密码 demo), excel 名单, pdf 表单, packages 数据包, pictures 界面图片。",
    ]
    text = "\n".join(lines)
    with durable.speaking("写演示小结", root):
        durable.write_file(root / SUMMARY, f"{text}\n".encode())
    return text


def files(root: Path) -> list[str]:
    """What a person can look at: lists, papers, packages, the summary; not the insides of the stores."""
    found = [path for name in FOLDERS if name != "stores" for path in (root / name).rglob("*") if path.is_file()]
    return [str(path) for path in sorted([*found, root / SUMMARY])]
