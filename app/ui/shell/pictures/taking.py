"""Taking a picture: a window at a store, hands that press and type in it, an album the pictures go into."""

import html
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEventLoop, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QWidget

from app import clock
from app.rules import levels
from app.services import stores
from app.ui.kit import drafts, look
from app.ui.kit.messages import Message, Messages, Windows
from app.ui.kit.page import Link
from app.ui.shell.window import MainWindow

if TYPE_CHECKING:
    from app.ui.kit.operations import Worker

WIDE, HIGH = 1366, 768
PASSWORD: Final = "demo"  # noqa: S105 (stores of made-up people)
_STEP: Final = 20
_PATIENCE: Final = 60.0
"""Seconds until something that is waited for counts as never coming."""
_BAR: Final = 26
"""Height of the title bar drawn over a dialog: without a screen nobody else draws one."""

_STYLE: Final = "body{font-family:sans-serif}figure{display:inline-block;width:48%;margin:0 .5% 1em}img{width:100%;border:1px solid #999}"


@dataclass
class Album:
    """A folder of pictures and what is known of each."""

    out: Path
    pictures: list[tuple[str, str, str]] = field(default_factory=list)
    """(what it shows, at which size of store and text, file)."""

    def keep(self, name: str, title: str, label: str, picture: QPixmap) -> None:
        """One picture more."""
        file = f"{name}-{label}.png" if label else f"{name}.png"
        picture.save(str(self.out / file))
        self.pictures.append((title, _words(label), file))

    def write_index(self) -> None:
        """A page with all of them, those of one page or dialog beside each other."""
        rows = [
            f"<!doctype html><meta charset=utf-8><title>荣归: 界面</title><style>{_STYLE}</style>",
            "<h1>荣归: 界面</h1><p>都是编造的人。点图片看原来的大小。</p>",
        ]
        titles = list(dict.fromkeys(title for title, _, _ in self.pictures))
        rows += ["<p>", *(f"<a href='#{n}'>{html.escape(title)}</a>" for n, title in enumerate(titles)), "</p>"]
        for number, wanted in enumerate(titles):
            rows.append(f"<h2 id='{number}'>{html.escape(wanted)}</h2>")
            rows += [
                f"<figure><figcaption>{html.escape(words)}</figcaption>"
                f"<a href='{file}'><img loading=lazy src='{file}'></a></figure>"
                for title, words, file in self.pictures
                if title == wanted
            ]
        (self.out / "index.html").write_text("\n".join(rows), "utf-8")


def _words(label: str) -> str:
    persons, _, percent = label.rpartition("-")
    people = f"{int(persons)} 人, " if persons.isdigit() else ""
    return f"{people}文字 {percent} %" if percent.isdigit() else levels.NAMES.get(label, "")


class Door:
    """Messages are not shown over the pictures, except those that are to be seen."""

    def __init__(self) -> None:
        self.open = False
        self._windows = Windows()

    def show(self, message: Message) -> None:
        """Show it, or let it pass."""
        if self.open:
            self._windows.show(message)


def pause(milliseconds: int = _STEP) -> None:
    """Let the window's thread run for a moment."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait(until: Callable[[], object]) -> None:
    """Until something is so; what never comes is an error."""
    end = clock.ticks() + _PATIENCE
    while not until():
        if clock.ticks() > end:
            raise TimeoutError("what was to be seen never came")
        pause()


@dataclass
class Stage:
    """A main window, the hands at it, and the album."""

    window: MainWindow
    door: Door
    album: Album
    label: str

    @property
    def page(self) -> Any:
        """The page in front."""
        return self.window.page

    def go(self, page: str, about: str = "", **facts: Any) -> None:
        """To a page, until everything on it stands."""
        self.window.go(Link(page, about, facts))
        self.settle()

    def settle(self) -> None:
        """Until nothing is under way and everything is drawn."""
        pause()
        wait(lambda: not self.window.desk.operations.busy)
        drafts.settled()
        pause(30)

    def press(self, id: str) -> None:
        """Press a button or start an action, of the dialog in front or of the window."""
        for root in (*reversed(self.dialogs), self.window):
            found: list[Any] = [*root.findChildren(QAbstractButton, id), *root.findChildren(QAction, id)]
            for one in found:
                if one.isEnabled() and (isinstance(one, QAction) or one.isVisibleTo(root)):
                    one.trigger() if isinstance(one, QAction) else one.click()
                    self.settle()
                    return
        raise LookupError(f"nothing to press: {id}")

    def type(self, id: str, text: str) -> None:
        """Text into a field."""
        for root in (*reversed(self.dialogs), self.window):
            found = list[QLineEdit](root.findChildren(QLineEdit, id))
            if found:
                found[0].setFocus()
                found[0].setText(text)
                found[0].textEdited.emit(text)
                self.settle()
                return
        raise LookupError(f"nothing to type into: {id}")

    @property
    def dialogs(self) -> list[QDialog]:
        """The dialogs that are open, the one in front last."""
        return open_dialogs()

    def show(self, name: str, title: str, *, alone: bool = False) -> None:
        """A picture of the window with what lies over it; `alone`: only of the dialog in front."""
        front = self.dialogs[-1:]
        picture = framed(front[0]) if alone and front else composed(self.window)
        self.album.keep(name, title, self.label, picture)

    def close_all(self) -> None:
        """Away with dialogs, menus and lists of hits."""
        self.window.search.clear()
        self.window.search.close_hits()
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        for dialog in reversed(self.dialogs):
            dialog.done(0)
        self.settle()


def open_dialogs() -> list[QDialog]:
    """All visible dialogs, those over others last."""
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    return sorted(found, key=_depth)


def _depth(widget: QWidget) -> int:
    one, deep = widget.parentWidget(), 0
    while one is not None:
        one, deep = one.parentWidget(), deep + 1
    return deep


def composed(window: QWidget) -> QPixmap:
    """A window as it looks on a screen: with its menus and dialogs."""
    inside, over = window.grab(), [framed(dialog) for dialog in open_dialogs()]
    size = inside.size()
    for one in over:
        size = size.expandedTo(one.size())
    picture = QPixmap(size)
    picture.fill(QColor("#5c6661"))
    painter = QPainter(picture)
    painter.drawPixmap(_middle(size, inside.size()), inside)
    for one in over:
        painter.fillRect(picture.rect(), QColor(0, 0, 0, 40))
        painter.drawPixmap(_middle(size, one.size()), one)
    popup = QApplication.activePopupWidget()
    if popup is not None:
        painter.drawPixmap(window.mapFromGlobal(popup.pos()), popup.grab())
    painter.end()
    return picture


def _middle(room: QSize, inside: QSize) -> QPoint:
    return QPoint((room.width() - inside.width()) // 2, (room.height() - inside.height()) // 2)


def framed(window: QWidget) -> QPixmap:
    """A small window with a title bar and an edge."""
    inside = window.grab()
    picture = QPixmap(inside.width() + 2, inside.height() + _BAR + 1)
    picture.fill(QColor("#8a958f"))
    painter = QPainter(picture)
    bar = QRect(1, 1, inside.width(), _BAR - 1)
    painter.fillRect(bar, QColor("#dfe5e2"))
    painter.setPen(QColor("#1b2420"))
    font = QApplication.font()
    font.setPointSizeF(look.POINTS * 0.9)
    painter.setFont(font)
    painter.drawText(bar.adjusted(10, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), window.windowTitle())
    painter.drawPixmap(1, _BAR, inside)
    painter.end()
    return picture


def small(picture: QPixmap | QImage, wide: int) -> QImage:
    """A picture not wider than so many pixels."""
    image = picture.toImage() if isinstance(picture, QPixmap) else picture
    if image.width() <= wide:
        return image
    return image.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation)


@contextmanager
def stage(
    folder: Path,
    album: Album,
    label: str,
    percent: int = 100,
    worker: "Worker | None" = None,
    *,
    size: tuple[int, int] = (WIDE, HIGH),
) -> Iterator[Stage]:
    """A main window at a store, in a text size."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise TypeError("there is no application")
    look.dress(app, percent)
    look.add_rare_fonts(app)
    door = Door()
    window = MainWindow(stores.open_store(folder, user=None, password=PASSWORD), Messages(door), worker)
    window.resize(*size)
    window.show()
    made = Stage(window, door, album, label)
    try:
        yield made
        made.close_all()
    finally:
        window.close()
        window.shut()
        window.deleteLater()
        pause()


def quiet(text: str) -> None:
    """What Qt says, without that of the platform that has no screen."""
    if not text.startswith("This plugin does not support"):
        sys.stderr.write(f"{text}\n")
