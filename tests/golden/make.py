"""Makes the golden store, package and backup of this version: `python -m tests.golden.make`, once, when it is released.

They lie under tests/golden/<version> and are kept for ever: every later version must open them (tests/test_golden.py).
All of it is made up; the password is `demo`.
"""

import json
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

from app import __version__
from app.cli import main as terminal
from app.cli import nouns

HERE: Final = Path(__file__).resolve().parent
VILLAGE: Final = "361002100201"
STORES: Final = "stores.tar.xz"
PACKAGE: Final = "package.rgp"
BACKUP: Final = "backup.rgb"
EXPECTED: Final = "expected.json"
PASSWORD: Final = "demo"
MOMENT: Final = "2026-11-23T09:00:00+08:00"


def done(store: Path, *words: str | Path, stdin: Any = None) -> Any:
    """One call of the terminal that must succeed; its document."""
    desk = terminal.Terminal({"RONGGUI_PASSWORD": PASSWORD, "RONGGUI_NOW": MOMENT})
    line = json.dumps({"args": [*map(str, words), "--data", str(store)], "stdin": stdin})
    answer = terminal._batch_line(desk, terminal.Options(json=True), line)
    desk.close()
    if answer["exit"] != 0:
        raise AssertionError(answer["error"])
    return answer["out"]


def make(root: Path, target: Path) -> None:
    """Two joined stores with a record of most kinds, a package on its way up, a backup; what they must say."""
    village, township = root / "village", root / "township"
    unit = ("--level", "township", "--name", "上顿渡镇站", "--scope", "361002100", "--staff", "孙立", "--practice")
    done(township, "store", "init", *unit)
    file, stick = root / "village.rge", root / "stick"
    stick.mkdir()
    words = ("--level", "village", "--name", "桥头村站", "--scope", VILLAGE, "--out", file)
    code = done(township, "node", "enrol", *words)["code"]
    done(village, "store", "init", "--enrol", file, "--code", code, "--staff", "周敏")
    people = [
        {"name": "龚䶮", "id_number": "361002194912319000", "phone": "16400000001", "benefit_code": "51"},
        {"name": "杨𠮷明", "no_id_reason": "pending", "account_number": "6299994650788292417", "bank": "示例银行"},
    ]
    ids = [done(village, "person", "add", "-", stdin={"division": VILLAGE, **one})["id"] for one in people]
    done(village, "person", "set", ids[0], "phone=16400000002")
    sent = done(village, "exchange", "export", "--to", "parent", "--out", stick)
    taken = done(township, "exchange", "import", sent["file"], "--answer", stick)
    done(village, "exchange", "import", *taken["answers"])
    done(
        village,
        "visit",
        "add",
        "-",
        stdin={"person": ids[0], "date": "2026-11-20", "place": "家中", "note": "身体尚好"},
    )
    given = {"name": "春节慰问", "year": 2026, "festival": "spring", "source": "county", "standard": "500.00"}
    campaign = done(village, "campaign", "add", "-", stdin=given)["id"]
    for one in ids:
        done(village, "campaign", "line", "add", campaign, one, "--amount", "500.00")
    lines = done(village, "campaign", "roster", campaign)["lines"]
    done(village, "campaign", "pay", lines[0]["id"], "--paid")
    case = done(village, "case", "open", "-", stdin={"person": ids[0], "reason": "住院", "amount": "3000.00"})["id"]
    done(village, "case", "step", case, "apply", "result=pass", "opinion=材料齐全")
    note = root / "申请书.txt"
    note.write_text("本人申请困难帮扶。" * 200, "utf-8")
    attachment = done(village, "attach", "add", "--to", f"case:{case}", note)
    backup = done(village, "backup", "make", stick)["file"]
    package = done(village, "exchange", "export", "--to", "parent", "--out", stick)
    target.mkdir(parents=True)
    shutil.copy(package["file"], target / PACKAGE)
    shutil.copy(backup, target / BACKUP)
    expected = {
        "village": done(village, "store", "digest")["digest"],
        "counts": done(village, "store", "status")["counts"],
        "township": done(township, "store", "digest")["digest"],
        "groups": package["groups"],
        "persons": {one["name"]: person for one, person in zip(people, ids, strict=True)},
        "attachment": {"id": attachment["id"], "sha256": attachment["sha256"]},
        "campaign": campaign,
        "case": case,
    }
    (target / EXPECTED).write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")
    with tarfile.open(target / STORES, "w:xz") as archive:
        for store in (village, township):
            archive.add(store, store.name, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Without the lock, and without the names of this machine's user."""
    if Path(member.name).name == "lock":
        return None
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def main() -> int:
    """Make them, unless those of this version are there already."""
    target = HERE / __version__
    if target.exists():
        print(f"{target.name} is there already: golden files are made once and kept")
        return 1
    nouns.load()
    with tempfile.TemporaryDirectory(prefix="ronggui-golden-") as folder:
        os.environ["RONGGUI_SETTINGS"] = str(Path(folder) / "settings")
        make(Path(folder), target)
    print(*(f"{path.name} {path.stat().st_size}" for path in sorted(target.iterdir())), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
