"""The page 系统: its sections at the left, the chosen one at the right."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QScrollArea, QStackedWidget

from app.ui.kit import look
from app.ui.kit.controls import named, row
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.pages.system.backups import BackupSection
from app.ui.pages.system.divisions import DivisionSection
from app.ui.pages.system.journal import JournalSection
from app.ui.pages.system.machine import AboutSection, CheckSection, MachineSection
from app.ui.pages.system.policies import PolicySection
from app.ui.pages.system.section import Section
from app.ui.pages.system.staff import StaffSection

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

SECTIONS: tuple[type[Section], ...] = (
    StaffSection, BackupSection, DivisionSection, PolicySection, JournalSection, MachineSection, CheckSection,
    AboutSection,
)  # fmt: skip


class SystemPage(Page):
    """Sections are made when they are first shown."""

    name = "system"
    title = "系统"
    help = "系统"

    def __init__(self, desk: Desk, parent: "QWidget | None" = None) -> None:
        super().__init__(desk, parent)
        self.names = named(QListWidget(), "system.sections", "系统的各项")
        self.names.setTabKeyNavigation(False)
        self.names.setSpacing(look.scaled(3))
        self.names.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for kind in SECTIONS:
            self.names.addItem(kind.title)
        wide = max(self.names.fontMetrics().horizontalAdvance(kind.title) for kind in SECTIONS)
        self.names.setFixedWidth(wide + look.scaled(44))
        self.stack = named(QStackedWidget(), "system.stack")
        self._sections: dict[str, Section] = {}
        self._areas: dict[str, QScrollArea] = {}
        self._begun = False
        """Whether a section that was asked for has taken the keyboard already."""
        self.names.currentRowChanged.connect(self._chosen)
        self.body.addLayout(row(self.names, self.stack))

    @property
    def section(self) -> Section | None:
        """The one in front."""
        place = self.names.currentRow()
        return self._sections.get(SECTIONS[place].key) if place >= 0 else None

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`about`: the key of a section."""
        del facts
        keys = [kind.key for kind in SECTIONS]
        place = keys.index(about) if about in keys else max(0, self.names.currentRow())
        if self.names.currentRow() == place:
            self._chosen(place)
        else:
            self.names.setCurrentRow(place)
        self._begun = bool(about) and self.section is not None
        if self._begun and self.section is not None:
            self.section.start()

    def _chosen(self, place: int) -> None:
        if place < 0:
            return
        kind = SECTIONS[place]
        if kind.key not in self._sections:
            section = self._sections[kind.key] = kind(self)
            area = self._areas[kind.key] = scrolled(section, f"system.{kind.key}.area")
            self.stack.addWidget(area)
        self.stack.setCurrentWidget(self._areas[kind.key])
        self.refresh()

    def refresh(self) -> None:
        """The section in front reads anew; the others when they are shown."""
        if self.section is not None:
            self.section.refresh()

    def start(self) -> None:
        """In the list of sections, or where the section that was asked for begins."""
        if self._begun:
            self._begun = False
        else:
            self.names.setFocus()

    def concerns(self, changed: Any) -> bool:
        """The journal hears of every act, the others of their own kinds."""
        section = self.section
        if isinstance(section, JournalSection):
            return bool(changed.act)
        return section is not None and bool(changed.kinds & section.watches)
