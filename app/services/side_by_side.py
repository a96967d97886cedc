"""Two persons field by field, each as his card has it, with what differs marked; it never writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.models import fields_of
from app.models.receipts import STATUSES
from app.services import field_values
from app.services.people import LISTS
from app.services.person_cards import Card, PersonCards
from app.services.station import Station

_NOT_SHOWN: Final = frozenset({"household"})
_PARTS: Final = {"identities": "人员类别", "services": "服役情况", "accounts": "银行账户", "family": "家庭成员"}
ALIKE: Final = "(遮盖的几位不同)"


@dataclass(frozen=True)
class Line:
    """One line: what it is, how it stands on either side. `differs` where both sides say something, and not the same."""

    key: str
    label: str
    left: str
    right: str
    differs: bool

    @property
    def mark(self) -> str:
        """In words, so that colour is not the only sign."""
        if self.differs:
            return "不同"
        if self.left and self.right:
            return "相同"
        return "只有左边有" if self.left else "只有右边有"


@dataclass(frozen=True)
class Comparison:
    """Two cards and their lines; what neither side has is left out."""

    left: Card
    right: Card
    lines: tuple[Line, ...]


class SideBySide:
    """Reading two persons together."""

    def __init__(self, station: Station) -> None:
        self._cards = PersonCards(station)

    def of(self, left: str, right: str, *, full: bool = False) -> Comparison:
        """Both persons. Refused when one of them is not here any more."""
        one, other = self._cards.of(left), self._cards.of(right)
        lines = [*_own(one, other, full=full), *_lists(one, other, full=full), *_around(one, other)]
        return Comparison(one, other, tuple(line for line in lines if line.left or line.right))


def _own(one: Card, other: Card, *, full: bool) -> list[Line]:
    known = fields_of("person")
    out = []
    for name in field_values.columns_of("person"):
        if name in _NOT_SHOWN:
            continue
        field, values = known[name], (one.fields[name], other.fields[name])
        if field.editor == "division":
            texts = [
                card.places.get(value, value) if value else "" for card, value in zip((one, other), values, strict=True)
            ]
        else:
            texts = [field_values.shown(field, value, full=full) for value in values]
        out.append(_line(name, field.label, texts[0], texts[1], differs=all(texts) and values[0] != values[1]))
    return out


def _lists(one: Card, other: Card, *, full: bool) -> list[Line]:
    """Identities, services, accounts and family, each as one line on either side."""
    out = []
    for name, title in _PARTS.items():
        raw = [sorted(_told(name, part, full=True) for part in card.fields[name]) for card in (one, other)]
        texts = ["; ".join(_told(name, part, full=full) for part in card.fields[name]) for card in (one, other)]
        out.append(_line(name, title, texts[0], texts[1], differs=all(texts) and raw[0] != raw[1]))
    return out


def _told(name: str, part: Mapping[str, Any], *, full: bool) -> str:
    known = fields_of(LISTS[name].__tablename__)
    words = [
        field_values.shown(known[key], value, full=full)
        for key, value in part.items()
        if key in known and not known[key].internal and known[key].editor != "record"
    ]
    return " ".join(filter(None, words))


def _around(one: Card, other: Card) -> Sequence[Line]:
    """What hangs on either record: never the same, and no sign for or against."""
    lines = (
        ("members", "同户的人", *("、".join(m.name for m in card.members if m.id != card.id) for card in (one, other))),
        ("visited", "上次走访", one.visited, other.visited),
        ("attachments", "附件", *(f"{card.attachments} 个" if card.attachments else "" for card in (one, other))),
        ("sync", "上报状态", *(STATUSES.get(card.sync, card.sync) for card in (one, other))),
    )
    return [Line(key, text, left, right, differs=False) for key, text, left, right in lines]


def _line(key: str, label: str, left: str, right: str, *, differs: bool) -> Line:
    if differs and left == right:
        # Two numbers may differ just where they are masked.
        right = f"{right} {ALIKE}"
    return Line(key, label, left, right, differs)
