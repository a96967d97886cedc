"""A list over rows that are all there already: packages on a stick, staff, backups; it sorts by itself."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.ui.kit.table import Column, List, Rows

_LEAST: Final = 3
"""Rows that are always to be seen."""


class PlainList(List):
    """`show_rows` shows them; every column sorts by its words (or by `by[key]`)."""

    def __init__(
        self,
        id: str,
        name: str,
        columns: Sequence[Column],
        key: Callable[[Any], str],
        empty: str = "",
        by: dict[str, Callable[[Any], Any]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`key`: what tells one row from another and stays the same when the rows are read anew."""
        self._by_key: dict[str, Any] = {}
        self._given: Sequence[Any] = ()
        self._key = key
        self._by = by or {}
        self._order: tuple[str, bool] = ("", False)
        super().__init__(id, name, Rows(columns, self._load), empty, parent)
        # Where a page scrolls as a whole, a list in it must not be squeezed to nothing.
        self.setMinimumHeight((self.verticalHeader().defaultSectionSize() + 1) * (_LEAST + 1))
        self.sorted_by.connect(self._sort_rows)

    def sizeHint(self) -> QSize:
        """It grows into whatever room there is, and asks for little."""
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _load(self, ids: Sequence[str]) -> dict[str, Any]:
        return {one: self._by_key[one] for one in ids if one in self._by_key}

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Other rows; whichever was chosen stays chosen if it is still there."""
        self._given = rows
        self._by_key = {self._key(row): row for row in rows}
        self._show()

    def _show(self) -> None:
        key, downwards = self._order
        ids = list(self._by_key)
        if key:
            column = next(column for column in self.rows.columns if column.key == key)
            value: Callable[[Any], Any] = self._by.get(key, column.text)
            ids.sort(key=lambda one: value(self._by_key[one]), reverse=downwards)
        self.show_ids(ids)

    def _sort_rows(self, key: str, downwards: bool) -> None:  # noqa: FBT001 (the signal's own arguments)
        self._order = (key, downwards)
        self._show()

    def row_of(self, id: str) -> Any:
        """A row by its key; None where there is none."""
        return self._by_key.get(id)

    @property
    def current_row(self) -> Any:
        """The row the cursor stands on; None where there is none."""
        return self._by_key.get(self.current())

    @property
    def picked_rows(self) -> list[Any]:
        """All chosen rows, in their order."""
        return [self._by_key[one] for one in self.picked() if one in self._by_key]

    @property
    def all_rows(self) -> Sequence[Any]:
        """All rows as they were given."""
        return self._given
