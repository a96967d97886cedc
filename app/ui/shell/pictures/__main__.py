"""Pictures of every page, dialog and window: `python -m app.ui.shell.pictures OUT`, an index page beside them.

Without options: 0, 3 and 3,000 made-up people at 100 % text and at 200 %, in a window of 1366 × 768.
With --main and --data: the main pages of these stores (password `demo`), of which copies are opened.
With --manual: the pictures of the manual, small files beside it.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import qInstallMessageHandler

from app import clock
from app.ui.kit.sweeping import Sweeper
from app.ui.shell.desktop import application
from app.ui.shell.pictures import chain, desks, dialogs, doors, manual, pages
from app.ui.shell.pictures.taking import HIGH, WIDE, Album, quiet, stage

if TYPE_CHECKING:
    from app.ui.kit.operations import Worker

SIZES: Final = (0, desks.FEW, 3_000)
TEXTS: Final = (100, 200)
ROOMS: Final = ("pages", "doors", "dialogs", "chain")
MOMENT: Final = datetime(2026, 12, 8, 9, 10, tzinfo=clock.CHINA)
"""When all pictures are taken: an ordinary morning, so that two runs can be compared."""


def everything(album: Album, place: Path, worker: "Worker", rooms: Collection[str] = ROOMS) -> None:
    """All rooms at all sizes, or some of them."""
    for size in SIZES if "pages" in rooms else ():
        made = desks.village(place / str(size), size)
        for percent in TEXTS:
            desks.plug_in(place / "stick")
            copy = Path(shutil.copytree(made, place / f"{size}-{percent}"))
            with stage(copy, album, f"{size:04}-{percent}", percent, worker) as desk:
                pages.shoot(desk)
    made = desks.village(place / "work", 60)
    for percent in TEXTS if "doors" in rooms else ():
        doors.Doors(place, album, f"-{percent}", percent).shoot(made)
    for percent in TEXTS if "dialogs" in rooms else ():
        own = place / f"dialogs-{percent}"
        with stage(Path(shutil.copytree(made, own / "work")), album, f"-{percent}", percent, worker) as desk:
            dialogs.shoot(desk, own)
            doors.shoot_lock(desk)
    if "chain" in rooms:
        _chain(album, place, worker)


def _chain(album: Album, place: Path, worker: "Worker") -> None:
    lower, upper, stick = desks.chain(place / "chain")
    for percent in TEXTS:
        own, label = place / f"chain-{percent}", f"-{percent}"
        held = Path(shutil.copytree(stick, own / "stick"))
        below, above = (Path(shutil.copytree(one, own / one.name)) for one in (lower, upper))
        with stage(below, album, label, percent, worker) as desk:
            chain.shoot_village(desk, held)
        with stage(above, album, label, percent, worker) as desk:
            chain.shoot_township(desk, held)
        with stage(below, album, label, percent, worker) as desk:
            chain.shoot_back(desk, held)


def main() -> None:
    """See the module's words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--main", action="store_true")
    parser.add_argument("--manual", action="store_true")
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--room", action="append", choices=ROOMS, help="only this room (may be given again)")
    given = parser.parse_args()
    qInstallMessageHandler(lambda _kind, _context, text: quiet(text))
    given.out.mkdir(parents=True, exist_ok=True)
    album = Album(given.out)
    with tempfile.TemporaryDirectory(prefix="ronggui-") as folder:
        os.environ["RONGGUI_SETTINGS"] = str(Path(folder) / "settings")
        _take_a_screen(Path(folder))
        sweeper = Sweeper(application())
        desks.plug_in(Path(folder) / "stick")
        if given.main:
            for data in given.data:
                copy = Path(shutil.copytree(data, Path(folder) / data.name))
                with stage(copy, album, data.name) as desk:
                    pages.shoot_main(desk)
        else:
            album = _with_worker(album, Path(folder), rooms=() if given.manual else given.room or ROOMS)
        sweeper.stop()
    if not given.manual:
        album.write_index()
    sys.stdout.write(f"{len(album.pictures)} pictures in {given.out}\n")


def _take_a_screen(folder: Path) -> None:
    """The smallest screen there is at a station, without glass."""
    file = folder / "screen.json"
    screen = {"name": "station", "x": 0, "y": 0, "width": WIDE, "height": HIGH, "logicalDpi": 96, "logicalBaseDpi": 96}
    file.write_text(json.dumps({"screens": [screen | {"dpr": 1}]}))
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={file}"


def _with_worker(album: Album, place: Path, rooms: Collection[str]) -> Album:
    """With the clock stopped; without rooms: the manual's."""
    from app.ui.kit.operations import Worker

    clock.set_now(MOMENT)
    worker = Worker()
    try:
        if rooms:
            everything(album, place, worker, rooms)
        else:
            album = manual.shoot(album.out, place, worker)
    finally:
        worker.close()
        clock.set_now(None)
    return album


if __name__ == "__main__":
    main()
