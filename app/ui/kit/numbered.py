"""A paper with a number on its way: looked at first, numbered when it is printed, out only when its holder says so.

Between the printer and the word of the person the number is reserved: a jam, a pulled plug or a closed window lose
nothing, the paper is offered again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import shiboken6
from PySide6.QtCore import QObject

from app.errors import UserError
from app.ui.kit.messages import Way
from app.ui.kit.page import Page
from app.ui.kit.printing import Paper, Preview

if TYPE_CHECKING:
    from app.services.paper_files import Drawn

DONE: Final = "打印好了(&Y)"
AGAIN: Final = "打坏了, 重打(&R)"
VOID: Final = "作废此号"
LATER: Final = "等会再说"


@dataclass(frozen=True)
class Job:
    """A function of a module for the worker process, with what it takes after the station."""

    target: Callable[..., "Drawn"]
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Ways:
    """What becomes of the number: `settle(id, sha256)`, `spoil(id)` (None where a number cannot be voided)."""

    settle: Callable[[str, str], Any]
    spoil: Callable[[str], Any] | None = None


class Numbered(QObject):
    """One paper, from the first look to the word that it is out."""

    def __init__(
        self,
        page: Page,
        look: Job,
        take: Job | None,
        ways: Ways,
        changed: Callable[[], object] = lambda: None,
        *,
        warning: str = "",
    ) -> None:
        """`look` draws it without writing; `take` reserves its number; `changed` is told when its state has moved.

        `warning` stands above the first look: what printing does that cannot be taken back.
        """
        super().__init__(page)
        self._page, self._look, self._take, self._ways, self._changed = page, look, take, ways, changed
        self._warning = warning
        self._drawn: Drawn | None = None
        self.preview: Preview | None = None
        """The window it is shown in, once it is drawn."""

    def start(self) -> None:
        """Draw it and show it."""
        # Looking changes nothing, unless whole numbers are shown: that is written down.
        whole = bool(dict(self._look.kwargs).get("full"))
        self._run(self._look, self._show, self._cannot, "准备打印", reads=not whole)

    def _cannot(self, _error: UserError) -> bool:
        self.deleteLater()
        return False

    def _run(
        self,
        job: Job,
        done: Callable[["Drawn"], None],
        failed: Callable[[UserError], bool] | None,
        what: str,
        *,
        reads: bool = False,
    ) -> None:
        self._page.desk.operations.apart(
            job.target, *job.args, done=done, owner=self, failed=failed, what=what, reads=reads, **dict(job.kwargs)
        )

    def _show(self, drawn: "Drawn") -> None:
        self._drawn = drawn
        ready = self._ready if not drawn.id and self._take is not None else None
        paper = _paper(drawn)
        if ready is not None and self._warning:
            paper = replace(paper, remarks=(self._warning, *paper.remarks))
        self.preview = Preview(self._page.desk, paper, self._page, ready=ready)
        self.preview.printed.connect(self._ask)
        self.preview.saved.connect(lambda _file: self._ask())
        self.preview.finished.connect(self._closed)
        self.preview.open()

    def _ready(self, made: Callable[[Paper], None], stopped: Callable[[], None]) -> None:
        if self._take is None:
            return

        def taken(drawn: "Drawn") -> None:
            self._drawn = drawn
            self._changed()
            made(_paper(drawn))

        def failed(error: UserError) -> bool:
            stopped()
            self._page.desk.messages.fail(error)
            return True

        self._run(self._take, taken, failed, "编号")

    def _ask(self) -> None:
        drawn = self._drawn
        if drawn is None or not drawn.id:
            return
        others = [Way(AGAIN, self._print_again)]
        if self._ways.spoil is not None and not drawn.reprint:
            others.insert(0, Way(VOID, self._spoil, danger=True))
        more = "点“打印好了”才算出具; 打坏了可以用原来的号重打。" if not drawn.reprint else "点“打印好了”才记一次重印。"
        self._page.desk.messages.ask(
            f"{drawn.number} 打印好了吗?", Way(DONE, self._settle), *others, no=LATER, more=more
        )

    def _print_again(self) -> None:
        if self.preview is not None and shiboken6.isValid(self.preview):
            self.preview.print_it()

    def _settle(self) -> None:
        drawn = self._drawn
        if drawn is None:
            return
        from app.services.paper_files import sha256

        self._page.write(lambda: self._ways.settle(drawn.id, sha256(drawn.pdf)), lambda _: self._over("已登记打印好了"))

    def _spoil(self) -> None:
        drawn, spoil = self._drawn, self._ways.spoil
        if drawn is not None and spoil is not None:
            self._page.write(lambda: spoil(drawn.id), lambda _: self._over("已作废, 这个号不再使用"))

    def _over(self, word: str) -> None:
        number = self._drawn.number if self._drawn is not None else ""
        self._page.tell(f"{number} {word}。")
        self._changed()
        if self.preview is not None and shiboken6.isValid(self.preview):
            self.preview.accept()

    def _closed(self) -> None:
        if self.preview is not None:
            self.preview.deleteLater()
            self.preview = None
        self._page.start()
        self.deleteLater()


def _paper(drawn: "Drawn") -> Paper:
    title = f"{drawn.title} {drawn.number}".strip()
    if drawn.reprint:
        title += f"(重印第{drawn.reprint}次)"
    return Paper(drawn.pdf, title, drawn.file, drawn.form, drawn.remarks)
