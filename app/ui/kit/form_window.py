"""A form in a small window over the page: a part of a record, a single act; what was half typed is kept on leaving."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QWidget

from app.errors import UserError
from app.models.fields import Field
from app.ui.kit import look
from app.ui.kit.controls import Banner, button, column, label, named, role, row
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page, named_action, scrolled
from app.ui.kit.saving import save

if TYPE_CHECKING:
    from app.ui.kit.editors import Choice


@dataclass(frozen=True)
class Asked:
    """What a form window asks for. `place` keeps its draft: the page's name, a colon, and what the page opens again."""

    id: str
    title: str
    fields: Mapping[str, Field]
    groups: Sequence[Group]
    values: Mapping[str, Any]
    place: str
    about: str = ""
    """Whom it is about, for the name of the draft."""
    word: str = ""
    """A sentence above the fields."""
    done: str = "保存(&S)"


class FormWindow(QDialog):
    """Ctrl+S saves, Escape goes back and keeps what is half typed."""

    def __init__(
        self,
        page: Page,
        asked: Asked,
        choices: "Callable[[Field], Sequence[Choice]]",
        save: Callable[[Form], Callable[[], Any]],
        saved: Callable[[Any], object],
    ) -> None:
        """`save` reads the form in the window's thread and gives the act for the writer; `saved` gets its result."""
        super().__init__(page)
        self._page, self._save, self._saved, self._asked = page, save, saved, asked
        named(self, asked.id, asked.title)
        role(self, "page")
        self.setWindowTitle(asked.title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner(f"{asked.id}.banner")
        self.form = Form(asked.id, asked.fields, asked.groups, choices)
        inside = QWidget()
        inside.setLayout(column(self.form, margin=SPACE.tight))
        self.push = button(f"{asked.id}.save", asked.done, self.keep, kind="primary", hint="Ctrl+S")
        cancel = button(f"{asked.id}.cancel", "不保存, 返回", self.reject, hint="Esc")
        word = label(asked.word, id=f"{asked.id}.word")
        word.setVisible(bool(asked.word))
        self._area = scrolled(inside, f"{asked.id}.scroll")
        self.setLayout(
            column(
                label(asked.title, "title"), word, self.banner, self._area, row(None, self.push, cancel),
                margin=SPACE.page, gap=SPACE.apart,
            )
        )  # fmt: skip
        named_action(self, f"{asked.id}.now", asked.done, self.keep, "Ctrl+S")
        self.form.submitted.connect(self.push.setFocus)
        self.form.show_values(asked.values)
        self.drafts = DraftKeeper(page.desk.memory, self.form, self.banner, self)
        title = f"{asked.title} · {asked.about}" if asked.about else asked.title
        self.drafts.watch(asked.place, lambda: title)
        self.resize(self.sizeHint())
        self.form.start()

    def sizeHint(self) -> QSize:
        room = self._page.window().size()
        own = super().sizeHint()
        # The fields whole, where there is room: a scroll area by itself asks for some lines only.
        high = own.height() - self._area.sizeHint().height() + self.form.sizeHint().height() + look.scaled(20)
        wanted = QSize(own.width() + look.scaled(60), high)
        return wanted.expandedTo(QSize(look.scaled(520), look.scaled(200))).boundedTo(room * 0.96)

    def keep(self) -> None:
        """Save, if nothing is wrong."""
        if not self.form.accept():
            return
        self.push.setEnabled(False)
        save(
            self._page, self.drafts, self._save(self.form), self._was_saved, failed=self._refused,
            what=self._asked.title,
        )  # fmt: skip

    def _was_saved(self, result: Any) -> None:
        self.accept()
        self._saved(result)

    def _refused(self, error: UserError) -> bool:
        self.push.setEnabled(True)
        if self.form.refused(error):
            return True
        self.banner.say(str(error), "bad")
        return True

    def reject(self) -> None:
        """Go back; the half-typed form is kept."""
        self.drafts.leave()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.drafts.leave()
        super().closeEvent(event)
