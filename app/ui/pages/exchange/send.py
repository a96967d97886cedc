"""生成上报包: for whom, onto which stick, and what was written."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from app.errors import UserError
from app.sync import jobs
from app.sync.counter import Overview
from app.sync.jobs import Neighbour, Sent
from app.ui.kit import drafts
from app.ui.kit.controls import Banner, button, card, column, label, named, row, spread
from app.ui.kit.entering import combo
from app.ui.kit.look import SPACE
from app.ui.kit.paths import FolderField
from app.ui.pages.exchange import words

if TYPE_CHECKING:
    from app.ui.kit.page import Page

STICK = "exchange.stick"
"""Under this name the desk remembers the folder used last."""


class SendTab(QWidget):
    """One button; what it needs is filled in already."""

    sent = Signal()

    def __init__(self, page: "Page") -> None:
        super().__init__()
        self._page = page
        self._neighbours: dict[str, Neighbour] = {}
        named(self, "exchange.send_tab", "生成上报包")
        self.to: QComboBox = combo("exchange.to", "给谁", [])
        spread(self.to)
        self.to.currentIndexChanged.connect(lambda _place: self._name_button())
        self._to_head = label("给谁", wrap=False)
        self._to_head.setBuddy(self.to)
        self.folder = FolderField("exchange.out", "放到哪里", lambda work, done: page.read(work, done, key="out"))
        folder_head = label("放到哪里(U 盘)", wrap=False)
        folder_head.setBuddy(self.folder.combo)
        self.go = button("exchange.send", "生成上报包(&G)", self.send, kind="primary", hint="Ctrl+S")
        self.banner = Banner("exchange.sent")
        self._waits = label(id="exchange.waits")
        self._receipts = label(kind="faint", id="exchange.receipts")
        self.nobody = label(
            "本单位还没有上级, 也没有已经报来第一个包的下级, 现在没有可以发给的单位。", "faint", id="exchange.nobody"
        )
        self.setLayout(
            column(
                card(self._waits, self._receipts),
                self._to_head,
                self.to,
                folder_head,
                self.folder,
                SPACE.near,
                row(self.go, None),
                self.nobody,
                self.banner,
                None,
                margin=SPACE.apart,
                gap=SPACE.near,
            )
        )
        self.nobody.hide()
        self.folder.put(page.desk.memory.note(STICK, ""))

    def show_overview(self, seen: Overview) -> None:
        """What waits."""
        text = words.waiting(seen)
        self._waits.setText(text or "没有要上报的。")
        said = words.receipts(seen)
        self._receipts.setText("\n".join(said))
        self._receipts.setVisible(bool(said))

    def show_neighbours(self, found: Sequence[Neighbour]) -> None:
        """Whom a package can be made for; the one chosen before stays."""
        kept = self.to.currentData()
        self._neighbours = {one.id: one for one in found if one.ready}
        self.to.clear()
        for one in self._neighbours.values():
            self.to.addItem(f"上级: {one.name}" if one.above else one.name, one.id)
        self.to.setCurrentIndex(max(0, self.to.findData(kept)))
        several = len(self._neighbours) > 1
        self._to_head.setVisible(several)
        self.to.setVisible(several)
        # A village has nobody below: that it has nobody above either is said already.
        self.nobody.setVisible(not self._neighbours and self._page.desk.level != "village")
        self.go.setEnabled(bool(self._neighbours))
        self._name_button()

    def _name_button(self) -> None:
        one = self._neighbours.get(str(self.to.currentData()))
        text = "生成上报包(&G)" if one is None or one.above else f"生成给{one.name}的回包(&G)"
        self.go.setText(text)
        self.go.setAccessibleName(text.replace("(&G)", ""))

    def choose(self, node: str) -> None:
        """A unit below was chosen elsewhere."""
        self.to.setCurrentIndex(max(0, self.to.findData(node)))

    def look(self) -> None:
        """See which sticks are there."""
        self.folder.look()

    def send(self) -> None:
        """Write the package."""
        folder, one = self.folder.folder(), self._neighbours.get(str(self.to.currentData()))
        if one is None or not self.go.isEnabled():
            return
        if folder is None:
            self.banner.say("请先插上 U 盘, 按“重新找”; 也可以选别的文件夹。", "warn")
            return
        drafts.remember(self._page.desk.memory, STICK, str(folder))
        self.go.setEnabled(False)
        self.banner.say("正在生成…")
        self._page.apart(
            jobs.send, one.id, Path(folder), done=lambda done: self._written(done, up=one.above), failed=self._failed,
            what="生成上报包",
        )  # fmt: skip

    def _written(self, done: Sent, *, up: bool) -> None:
        self.go.setEnabled(True)
        self.banner.say(words.sent(done, up=up), "good")
        self.sent.emit()

    def _failed(self, error: UserError) -> bool:
        self.go.setEnabled(True)
        self.banner.say(str(error), "bad", button("exchange.send.again", "再试一次(&R)", self.send))
        self.folder.look()
        return True

    def ended(self) -> None:
        """A job has ended, perhaps because it was stopped."""
        if not self.go.isEnabled() and self._neighbours:
            self.go.setEnabled(True)
            if self.banner.text() == "正在生成…":
                self.banner.say("已停止, 没有生成包。本机数据没有动。")
