"""What is made when it is first looked at: a tab nobody opens costs nothing when its page comes up."""

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

P = TypeVar("P", bound=QWidget)


class Later(QWidget, Generic[P]):
    """The place of a part of a page until it is needed."""

    def __init__(self, make: Callable[[], P], ready: Callable[[P], None]) -> None:
        """`make` builds the part, `ready` fills it with what the page shows now."""
        super().__init__()
        self._make, self._ready = make, ready
        self._inside: P | None = None
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)

    @property
    def made(self) -> P | None:
        """The part, if it was needed already."""
        return self._inside

    @property
    def inside(self) -> P:
        """The part; it is made now if it was not."""
        if self._inside is None:
            self._inside = self._make()
            self._box.addWidget(self._inside)
            # In its place before it is shown: laid out in a smaller one, its lines would stretch the window.
            self._inside.setGeometry(self.contentsRect())
            self._inside.show()
            self._ready(self._inside)
        return self._inside

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.make_now()

    def make_now(self) -> None:
        """Make the part, if it was not needed before."""
        self.inside.show()
