"""The annex: what found no room in its place on a form is printed whole behind it, under its label."""

from dataclasses import dataclass

from app.documents.lettering import LEADING, MM, width, wrap
from app.documents.paper import Writer


@dataclass(frozen=True)
class Note:
    """A text for the annex under the label of its place on the form."""

    label: str
    text: str


def print_annex(writer: Writer, heading: str, notes: list[Note], left: float, right: float) -> None:
    """As many pages as the notes need, 10.5 pt between `left` and `right` mm; none when there are no notes."""
    if not notes:
        return
    size = 10.5
    step = size * LEADING * 1.2 / MM
    top, bottom = 34.0, writer.height - 16.0
    y = bottom
    fresh = True
    for note in notes:
        for i, line in enumerate([note.label, *wrap(note.text, right - left, size, first=2 * size / MM)]):
            if fresh or y + step > bottom:
                _begin(writer, heading, right)
                y, fresh = top, False
            first_line = i == 1
            indent = 2 * size / MM if first_line else 0.0
            writer.text(left + indent, y, line, size, face="bold" if i == 0 else "serif")
            y += step
        y += step * 0.5


def _begin(writer: Writer, heading: str, right: float) -> None:
    writer.page()
    writer.text(writer.width / 2, 20.0, heading, 14, face="bold", align="centre")
    writer.code(right - 16.0, 9.0)
    if writer.foot is not None and writer.foot.number:
        label = f"单号 {writer.foot.number}"
        writer.text(writer.width / 2 - width(label, 9) / 2, 26.5, label, 9)
