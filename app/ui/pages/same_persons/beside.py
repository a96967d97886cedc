"""Two persons beside each other: what speaks for and against one person, and every field with what differs marked."""

from PySide6.QtWidgets import QWidget

from app.services.duplicates import DuplicatePair
from app.services.side_by_side import Comparison, Line
from app.ui.kit import look
from app.ui.kit.controls import Tone, column, label, say
from app.ui.kit.look import SPACE
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column

_SURE, _VERY, _RATHER = 100, 85, 70
_LARGE_TEXT = 150


def how_sure(points: int) -> str:
    """Points in words."""
    if points >= _SURE:
        return "几乎肯定"
    return "很像" if points >= _VERY else "比较像" if points >= _RATHER else "有点像"


class Beside(QWidget):
    """The second step of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.why = label(kind="heading", id="same_persons.why")
        self.why.setWordWrap(True)
        self.against = label(tone="warn", id="same_persons.against")
        self.decided = label(kind="faint", id="same_persons.decided")
        wide = 24 if look.scale() < _LARGE_TEXT else 11
        columns = (
            Column("label", "项目", lambda line: line.label, 7),
            Column("mark", "比较", lambda line: line.mark, 6, tone=_tone),
            Column("left", "左边", lambda line: line.left, wide, tone=_tone),
            Column("right", "右边", lambda line: line.right, wide, tone=_tone),
        )
        self.view = PlainList("same_persons.fields", "两份资料逐项对照", columns, lambda line: line.key, "正在读取…")
        if look.scale() >= _LARGE_TEXT:
            self.view.setMinimumHeight((self.view.verticalHeader().defaultSectionSize() + 1) * 3)
        self.setLayout(column(self.why, self.against, self.decided, self.view, gap=SPACE.near))

    def show_pair(self, pair: DuplicatePair | None) -> None:
        """Another pair; its fields come when they are read. None: two persons no search has brought together."""
        say(self.why, f"{how_sure(pair.points)}({pair.points}): {'、'.join(pair.why)}" if pair is not None else "")
        say(self.against, f"不像的地方: {'、'.join(pair.against)}" if pair is not None and pair.against else "", "warn")
        say(self.decided, "")

    def show_fields(self, found: Comparison) -> None:
        """What both have, what differs first; the others as the card has them."""
        self.view.show_rows(sorted(found.lines, key=lambda line: not line.differs))


def _tone(line: Line) -> Tone:
    return "bad" if line.differs else ""
