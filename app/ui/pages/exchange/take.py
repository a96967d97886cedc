"""接收: what lies on the stick, 先核对(不改数据) row by row, 确认入库, the answers on the same stick."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.errors import UserError
from app.sync import jobs
from app.sync.counter import Found, Line, Seen
from app.sync.jobs import TakenAll
from app.ui.kit import drafts
from app.ui.kit.controls import Banner, Tone, button, column, label, named, say
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.paths import FolderField
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.exchange import words
from app.ui.pages.exchange.send import STICK

if TYPE_CHECKING:
    from app.ui.kit.page import Page

_TONES: dict[str, Tone] = {"ready": "good", "broken": "bad", "stranger": "bad", "foreign": "warn"}
_ANY_HEIGHT = (1 << 24) - 1
"""Qt's own word for no limit."""


class TakeTab(QWidget):
    """The packages above, below what they would change."""

    taken = Signal()

    def __init__(self, page: "Page") -> None:
        super().__init__()
        self._page = page
        named(self, "exchange.take_tab", "接收")
        self.folder = FolderField("exchange.in", "从哪里收", lambda work, done: page.read(work, done, key="in"))
        self.folder.changed.connect(self.list_packages)
        self.packages = PlainList(
            "exchange.found",
            "U 盘上的包",
            [
                Column(
                    "state",
                    "状态",
                    lambda one: words.STATES[one.state],
                    7,
                    sorts=True,
                    tone=lambda one: _TONES.get(one.state, ""),
                ),
                Column("sender", "来自", lambda one: one.sender_name or Path(one.path).name, 10, sorts=True),
                Column("number", "号", lambda one: str(one.number or ""), 3, sorts=True, right=True),
                Column("made", "生成时间", lambda one: words.moment(one.made), 9, sorts=True),
                Column("size", "大小", lambda one: words.size(one.size), 5, sorts=True, right=True),
                Column("words", "说明", words.found_words, 22),
                Column("file", "文件", lambda one: Path(one.path).name, 20, hidden=True),
            ],
            key=lambda one: one.path,
            empty="这里没有包(.rgp)。请插好 U 盘, 按“重新找”; 或选别的文件夹。",
            by={"number": lambda one: one.number, "size": lambda one: one.size},
        )
        page.remember(self.packages, "found")
        self.packages.opened.connect(lambda _path: self.rehearse())
        self.packages.chosen.connect(lambda _path: self._show_words())
        self.words = label(kind="faint", id="exchange.found.words")
        self.check = button("exchange.rehearse", "先核对(不改数据)(&K)", self.rehearse)
        self.go = button("exchange.take", "确认入库(&T)", self.take, kind="primary")
        self.banner = Banner("exchange.taken")
        self.heaps = Flow()
        self.lines = PlainList(
            "exchange.lines",
            "核对的结果",
            [
                Column("heap", "怎么办", lambda line: words.HEAPS[line[1].heap], 7, sorts=True, tone=_line_tone),
                Column("noun", "是什么", lambda line: line[1].noun, 6, sorts=True),
                Column("title", "谁的", lambda line: line[1].title, 12, sorts=True),
                Column("words", "内容", lambda line: words.line_words(line[1]), 40),
            ],
            key=lambda line: str(line[0]),
            empty="这一类没有。",
        )
        page.remember(self.lines, "lines")
        self._lower = QWidget()
        self._lower.setLayout(column(self.heaps, self.lines, gap=SPACE.tight))
        self._lower.hide()
        self.folder.setToolTip("从哪里收")
        self.setLayout(
            column(
                Flow([self.folder, self.check, self.go]),
                self.banner,
                self.packages,
                self.words,
                self._lower,
                margin=SPACE.apart,
                gap=SPACE.near,
            )
        )
        self._rehearsed: Sequence[Seen] = ()
        self._heap = ""
        self._heap_buttons: dict[str, QPushButton] = {}
        self._busy = False
        self.folder.put(page.desk.memory.note(STICK, ""))
        self._show_buttons()

    def look(self) -> None:
        """See which sticks are there, and what lies on the chosen one."""
        self.folder.look()

    def list_packages(self) -> None:
        """What lies in the folder."""
        folder = self.folder.folder()
        if folder is None:
            self._show_found([])
            return
        station = self._page.desk.station
        self._page.desk.operations.read(
            lambda: jobs.look(station, folder), self._show_found, owner=self, key="exchange.found", failed=self._gone
        )

    def _gone(self, error: UserError) -> bool:
        self._show_found([])
        self.banner.say(str(error), "warn")
        return True

    def _show_found(self, found: Sequence[Found]) -> None:
        self.packages.show_rows(found)
        ready = [one for one in found if one.state == "ready"]
        if ready:
            self.packages.choose(ready[0].path)
        self._show_words()
        self._show_buttons()

    def _show_words(self) -> None:
        """The whole sentence on a package that cannot be taken: a cell has no room for it."""
        one: Found | None = self.packages.current_row
        say(self.words, one.words if one is not None and one.state != "ready" else "")

    def _wanted(self) -> list[str]:
        """The chosen packages that can be taken; all that can, if at most one is chosen."""
        chosen = [one for one in self.packages.picked_rows if one.state == "ready"]
        if len(chosen) > 1:
            return [one.path for one in chosen]
        return [one.path for one in self.packages.all_rows if one.state == "ready"]

    def _show_buttons(self) -> None:
        some = bool(self.packages.all_rows) and not self._busy
        self.check.setEnabled(some)
        self.go.setEnabled(bool(self._wanted()) and not self._busy)
        several = len(self._wanted())
        text = f"确认入库 {several} 个包(&T)" if several > 1 else "确认入库(&T)"
        self.go.setText(text)
        self.go.setAccessibleName(text.replace("(&T)", ""))

    # -- 先核对 --------------------------------------------------------------------------------------------------------

    def rehearse(self) -> None:
        """What would come of it; a broken or foreign package says so here."""
        chosen = [one.path for one in self.packages.picked_rows]
        paths = chosen if len(chosen) > 1 or not self._wanted() else self._wanted()
        if self._busy or not paths:
            return
        self._begin("正在核对, 不改数据…")
        self._page.apart(jobs.rehearse, paths, done=self._show_rehearsed, failed=self._failed, what="核对")

    def _show_rehearsed(self, found: list[Seen]) -> None:
        self._end()
        self._rehearsed = found
        bad = all(one.error for one in found)
        text = "\n".join(words.seen_line(one, rehearsed=True) for one in found)
        self.banner.say(text if bad else f"{text}\n以上是先核对, 没有改动任何数据。", "bad" if bad else "note")
        self._heap = ""
        self._show_heaps()

    def _show_heaps(self) -> None:
        counts = words.counts(self._rehearsed)
        total = sum(counts.values())
        self._heap_buttons = {}
        if total:
            self._heap_buttons[""] = self._heap_button("", f"全部 {total}")
            self._heap_buttons |= {h: self._heap_button(h, f"{words.HEAPS[h]} {n}") for h, n in counts.items() if n}
        self.heaps.set_items(list(self._heap_buttons.values()))
        self._lower.setVisible(bool(total))
        # Once there are results they have the room.
        self.packages.setMaximumHeight(self.packages.minimumHeight() if total else _ANY_HEIGHT)
        self._show_lines()

    def _heap_button(self, heap: str, text: str) -> QPushButton:
        push = button(f"exchange.heap.{heap or 'all'}", text, lambda: self._choose_heap(heap), enter=True)
        push.setCheckable(True)
        push.setChecked(heap == self._heap)
        return push

    def _choose_heap(self, heap: str) -> None:
        self._heap = heap
        for name, push in self._heap_buttons.items():
            push.setChecked(name == heap)
        self._show_lines()

    def _show_lines(self) -> None:
        lines: list[tuple[int, Line]] = []
        for one in self._rehearsed:
            lines += [(len(lines) + n, line) for n, line in enumerate(one.lines)]
        self.lines.show_rows([pair for pair in lines if self._heap in ("", pair[1].heap)])

    # -- 确认入库 -------------------------------------------------------------------------------------------------------

    def take(self) -> None:
        """Take them, and write the answers beside them."""
        paths, folder = self._wanted(), self.folder.folder()
        if self._busy or not paths:
            return
        if folder is not None:
            drafts.remember(self._page.desk.memory, STICK, str(folder))
        self._begin("正在接收…")
        self._page.apart(jobs.take, paths, folder, done=self._show_taken, failed=self._failed, what="接收")

    def _show_taken(self, done: TakenAll) -> None:
        self._end()
        self._rehearsed = ()
        self._show_heaps()
        bad = any(one.error for one in done.seen) or done.troubles
        ways = []
        if any(one.differences for one in done.seen):
            ways.append(button("exchange.to_differences", "去核对(&D)", lambda: self._page.go("differences")))
        self.banner.say(words.taken(done), "warn" if bad else "good", *ways)
        self.list_packages()
        self.taken.emit()

    def _failed(self, error: UserError) -> bool:
        self._end()
        self.banner.say(str(error), "bad", button("exchange.in.retry", "重新找(&Y)", self.look))
        return True

    def _begin(self, text: str) -> None:
        self._busy = True
        self.banner.say(text)
        self._show_buttons()

    def _end(self) -> None:
        self._busy = False
        self._show_buttons()

    def ended(self) -> None:
        """A job has ended, perhaps because it was stopped."""
        if self._busy:
            self._end()
            self.banner.say("已停止, 没有改动任何数据。")


def _line_tone(line: tuple[int, Line]) -> Any:
    return {"difference": "warn", "refused": "bad", "held": "warn", "new": "good"}.get(line[1].heap, "")
