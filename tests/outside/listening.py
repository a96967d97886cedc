"""The real window, which tells on standard output what it shows: `python -m tests.outside.listening --data DIR`.

Nothing in it is replaced; signals are listened to. One line of JSON for each thing that happens.
"""

import json
import sys
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from app.bootstrap import _options
from app.ui.shell.desktop import Desktop

_SELDOM = 10
"""Looks at what is shown, for one at what is kept on the disk."""


def words(window: Any) -> dict[str, str]:
    """What the labels, buttons and fields of a window say, by their ids; no password."""
    if window is None:
        return {}
    fields: list[QLineEdit] = window.findChildren(QLineEdit)
    found: list[QLabel | QPushButton | QLineEdit] = [
        one for one in fields if one.echoMode() is QLineEdit.EchoMode.Normal
    ]
    found += [*window.findChildren(QLabel), *window.findChildren(QPushButton)]
    return {one.objectName(): one.text()[:200] for one in found if one.isVisible() and one.objectName() and one.text()}


def tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Listener(QObject):
    """Says which window and page is in front, what is focused, what was searched for and found, what was told."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__()
        self.desktop = desktop
        self.known: Any = None
        self.turns = 0
        self.draft = ""
        self.heard: set[int] = set()
        self.timer = QTimer(self)
        self.timer.setInterval(30)
        self.timer.timeout.connect(self.look)
        self.timer.start()

    def look(self) -> None:
        main = self.desktop.main
        if main is not None and id(main) not in self.heard:
            self.heard.add(id(main))
            main.search.searched.connect(self.searched)
            main.desk.messages.told.connect(lambda text: tell(told=text))
            main.desk.operations.changed.connect(lambda changed: tell(changed=changed.name))
        focus = QApplication.focusWidget()
        page = main.page if main is not None else None
        modal = QApplication.activeModalWidget()
        front, first = self.desktop.front, self.desktop.first
        now = {
            "window": front.objectName() if front is not None else "",
            "id": int(front.winId()) if front is not None else 0,
            "active": QApplication.activeWindow() is not None,
            "page": page.name if page is not None else "",
            "focus": focus.objectName() if focus is not None else "",
            "dialog": modal.objectName() if modal is not None else "",
            "busy": main.desk.operations.busy
            if main is not None
            else first is not None and first is front and first._aside.busy,
            "words": words(modal or front),
        }
        if now != self.known:
            self.known = now
            tell(**now)
        self.turns += 1
        if main is not None and self.turns % _SELDOM == 0:
            newest = str(next((draft.content for draft in main.desk.memory.drafts()), ""))
            if newest != self.draft:
                self.draft = newest
                tell(draft=newest)

    def searched(self, text: str) -> None:
        main = self.desktop.main
        assert main is not None
        tell(searched=text, hits=[hit.text for hit in main.search.hits])


def main() -> None:
    data, user = _options(sys.argv[1:])
    desktop = Desktop(data, user)
    listener = Listener(desktop)
    code = desktop.run()
    listener.timer.stop()
    sys.exit(code)


if __name__ == "__main__":
    main()
