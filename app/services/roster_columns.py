"""What a column of a roster can mean, in words."""

from typing import Final

from app.rules import headings
from app.services.intake import label

LEAVE: Final = ""
"""The field of a column that is not taken."""


def fields() -> list[tuple[str, str]]:
    """(field, words) of everything a column can mean, in the order of the form."""
    return [(name, _word(name)) for name in headings.LABELS]


def _word(name: str) -> str:
    if name in headings.KEPT_IN_NOTE:
        return f"{headings.LABELS[name][0]}(放到备注)"
    if name in headings.IGNORED:
        return f"{headings.LABELS[name][0]}(只看不存)"
    known = label(name)
    return headings.LABELS[name][0] if known == name else known
