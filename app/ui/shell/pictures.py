"""Pictures of every page and dialog: `python -m app.ui.shell.pictures OUT [--main --data DIR]`, an index page beside them.

Without options: stores of made-up people with 0, 3 and 3,000 of them, at 100 % text and at 200 %, in a window of 1366 × 768.
With --main: the main pages of one store (password `demo`), for a demonstration's folder.
"""

import argparse
import html
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.services import stores
from app.ui.kit import drafts, look
from app.ui.kit.messages import Message
from app.ui.kit.page import Desk, Link
from app.ui.shell.desktop import application
from app.ui.shell.navigation import PAGES
from app.ui.shell.window import MainWindow

if TYPE_CHECKING:
    from app.ui.kit.operations import Worker

WIDE, HIGH = 1366, 768
SIZES: Final = (0, 3, 3_000)
TEXTS: Final = (100, 200)
PASSWORD: Final = "demo"  # noqa: S105 (stores of made-up people)
VILLAGE: Final = "361002100201"


@dataclass(frozen=True)
class Scene:
    """One picture: where to go, and what to do there before it is taken."""

    name: str
    title: str
    page: str
    about: Callable[[Desk], str | None] = lambda _desk: ""
    """What the link is about; None: there is nothing to show in this store."""
    then: Callable[[MainWindow], object] = lambda _window: None
    main: bool = False
    """Also among the pictures of a demonstration."""


def _first(kind: str) -> Callable[[Desk], str | None]:
    def find(desk: Desk) -> str | None:
        from app.services import sights

        return sights.first(desk.station, kind)

    return find


def _constant(about: str) -> Callable[[Desk], str | None]:
    return lambda _desk: about


def _two_persons(desk: Desk) -> str | None:
    from app.services.people_list import PeopleList, Wanted

    ids = PeopleList(desk.station).ids(Wanted())
    return f"{ids[0]} {ids[1]}" if len(ids) > 1 else None


MAIN: Final = frozenset(
    {"today", "people", "person", "rounds", "round", "cases", "case", "papers", "exchange", "system"}
)
ABOUT: Final = {
    "person": _first("person"), "household": _first("household"), "round": _first("campaign"), "case": _first("hardship_case"),
    "person_form": _first("person"), "case_form": _first("person"), "visit_form": _first("person"),
}  # fmt: skip
"""Pages that show one record."""


def scenes() -> list[Scene]:
    """A scene for every page, and those that show more of one."""
    out = [
        Scene(entry.name, entry.title, entry.name, ABOUT.get(entry.name, _constant("")), main=entry.name in MAIN)
        for entry in PAGES
    ]
    out += [
        Scene(f"system-{section}", f"系统: {section}", "system", _constant(section))
        for section in ("staff", "backups", "divisions", "policies", "journal", "machine", "check", "about")
    ]
    out += [
        Scene("rounds-new", "新建慰问批次", "rounds", _constant("new")),
        Scene("rounds-visits", "走访记录", "rounds", _constant("visits")),
        Scene("exchange-send", "生成上报包", "exchange", _constant("send")),
        Scene("exchange-take", "接收", "exchange", _constant("take")),
        Scene("same_persons-beside", "两份资料并排对照", "same_persons", _two_persons),
        Scene("search", "找人", "today", then=_search),
        Scene("menu", "我的", "today", then=lambda window: window.me.click()),
    ]
    return out


def _search(window: MainWindow) -> None:
    window.search.setFocus()
    window.search.setText("李")
    window.search.search()


class Kept:
    """Messages are not shown over the pictures; what was said is listed with them."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def show(self, message: Message) -> None:
        """Keep the words."""
        self.said.append(message.text)


def settle(window: MainWindow) -> None:
    """Until nothing is under way and everything is drawn."""
    for _ in range(400):
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()
        if not window.desk.operations.busy:
            break
    drafts.settled()
    loop = QEventLoop()
    QTimer.singleShot(30, loop.quit)
    loop.exec()


def take(window: MainWindow, some: list[Scene], out: Path, label: str) -> list[tuple[str, str]]:
    """Take the scenes of one window; gives (file, title)."""
    taken = []
    for scene in some:
        about = scene.about(window.desk)
        if about is None:
            continue
        window.go(Link(scene.page, about))
        settle(window)
        scene.then(window)
        settle(window)
        file = f"{label}-{scene.name}.png" if label else f"{scene.name}.png"
        picture = window.grab()
        front = QApplication.activePopupWidget()
        if front is not None:
            picture = _with(window, front)
            front.close()
        picture.save(str(out / file))
        window.search.close_hits()
        taken.append((file, scene.title))
    return taken


def _with(window: MainWindow, popup: QWidget) -> QPixmap:
    """The window with a menu over it."""
    picture = window.grab()
    painter = QPainter(picture)
    painter.drawPixmap(window.mapFromGlobal(popup.pos()), popup.grab())
    painter.end()
    return picture


@contextmanager
def opened(folder: Path, percent: int, worker: "Worker | None" = None) -> Iterator[MainWindow]:
    """A main window at a store."""
    from app.ui.kit.messages import Messages

    app = application()
    look.dress(app, percent)
    look.add_rare_fonts(app)
    window = MainWindow(stores.open_store(folder, user=None, password=PASSWORD), Messages(Kept()), worker)
    window.resize(WIDE, HIGH)
    window.show()
    try:
        yield window
    finally:
        window.close()
        window.shut()
        window.deleteLater()


def everything(out: Path) -> int:
    """All scenes at all sizes; gives the number of pictures."""
    from app.services import practice
    from app.ui.kit.operations import Worker

    out.mkdir(parents=True, exist_ok=True)
    worker = Worker()
    lists: list[tuple[str, list[tuple[str, str]]]] = []
    with tempfile.TemporaryDirectory(prefix="ronggui-pictures-") as place:
        for size in SIZES:
            made = Path(place) / str(size)
            founding = stores.Founding("village", "桥头村退役军人服务站", (VILLAGE,), "周敏", PASSWORD, practice=True)
            store, _ = stores.init(made, founding)
            if size:
                practice.fill(store.station, size)
            store.close()
            for percent in TEXTS:
                copy = Path(place) / f"{size}-{percent}"
                shutil.copytree(made, copy)
                with opened(copy, percent, worker) as window:
                    label = f"{size:04}-{percent}"
                    lists.append((f"{size} 人, 文字 {percent} %", take(window, scenes(), out, label)))
    worker.close()
    write_index(out, lists)
    return sum(len(some) for _, some in lists)


def write_index(out: Path, lists: list[tuple[str, list[tuple[str, str]]]]) -> None:
    """One page with all pictures."""
    rows = [
        "<!doctype html><meta charset=utf-8><title>荣归: 界面</title><style>img{width:48%;border:1px solid #999}</style>"
    ]
    for title, some in lists:
        rows.append(f"<h2>{html.escape(title)}</h2>")
        rows += [
            f"<p>{html.escape(text)}<br><a href='{file}'><img loading=lazy src='{file}'></a>" for file, text in some
        ]
    (out / "index.html").write_text("\n".join(rows), "utf-8")


def main() -> None:
    """See the module's words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--main", action="store_true")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    if given.main:
        given.out.mkdir(parents=True, exist_ok=True)
        with opened(given.data, 100) as window:
            some = take(window, [scene for scene in scenes() if scene.main], given.out, "")
        write_index(given.out, [("主要界面", some)])
        count = len(some)
    else:
        count = everything(given.out)
    sys.stdout.write(f"{count} pictures in {given.out}\n")


if __name__ == "__main__":
    main()
