"""How text is broken into lines and made to fit a cell, in millimetres; nothing is ever left out silently."""

import functools
import re
from dataclasses import dataclass

from app.documents import fonts
from app.documents.fonts import Face

MM = 72 / 25.4
# Distance of two baselines in one cell as a multiple of the size: ideographs fill the em, a tenth keeps lines apart.
LEADING = 1.12
STEP = 0.5
# Marks that may not begin a line, and those that may not end one (GB/T 15834). The interpunct belongs to the name
# part before it.
NOT_FIRST = frozenset(",。、;:?!)》〉」』】〕”’%‰℃·—…,.;:?!)]}" + "\uff0c\uff1b\uff1a\uff1f\uff01\uff09")
NOT_LAST = frozenset("(《〈「『【〔“‘¥([{" + "\uff08\uffe5")
_ATOMS = re.compile(r"×?[0-9A-Za-z]+(?:[.,\-/:@_][0-9A-Za-z]+)*[年月日号元]?|.", re.DOTALL)


def width(text: str, size: float, face: Face = "serif") -> float:
    """Width in millimetres of one line of text; `size` in points."""
    return fonts.em_width(text, face) * size / MM


def wrap(text: str, room: float, size: float, face: Face = "serif", first: float = 0.0) -> list[str]:
    """Lines no wider than `room` mm; the first begins `first` mm further in.

    Numbers and Latin words stay whole where they fit a line. The lines put together are the text again, save for its
    own line ends.
    """
    lines: list[str] = []
    for part in re.split(r"\r\n|\r|\n", text):
        lines += _wrap_part(part, room, size, face, 0.0 if lines else first)
    return lines


def _atoms(part: str, room: float, size: float, face: Face) -> list[str]:
    found: list[str] = []
    for atom in _ATOMS.findall(part):
        found += [atom] if len(atom) == 1 or width(atom, size, face) <= room else list(atom)
    return found


def _wrap_part(part: str, room: float, size: float, face: Face, first: float) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    used = first
    for atom in _atoms(part, room, size, face):
        wide = width(atom, size, face)
        # A hair of tolerance: widths are sums of floats, and a full line must not lose its last character to that.
        if line and used + wide > room + 1e-6:
            down = _carried(line, atom)
            if width("".join(line[len(line) - down :]), size, face) + wide > room:
                down = 0
            lines.append("".join(line[: len(line) - down]))
            line = line[len(line) - down :] if down else []
            used = width("".join(line), size, face)
        line.append(atom)
        used += wide
    lines.append("".join(line))
    return lines


def _carried(line: list[str], following: str) -> int:
    """How many atoms at the end of `line` go down with `following` so that no line begins or ends with a wrong mark."""
    down = 0
    next_first = following
    while len(line) - down > 1 and down < 4:
        if next_first in NOT_FIRST or line[len(line) - down - 1] in NOT_LAST:
            down += 1
            next_first = line[len(line) - down]
        else:
            return down
    # Nothing but marks: a wrong break is better than an empty line.
    return 0


@dataclass(frozen=True)
class Fit:
    """Text made to fit: the size in points, its lines, and the rest that found no room (empty when all is there)."""

    size: float
    lines: tuple[str, ...]
    rest: str = ""

    def height(self) -> float:
        """Height in millimetres."""
        return len(self.lines) * self.size * LEADING / MM


@functools.lru_cache(maxsize=20_000)
def fit(text: str, room: float, height: float, size: float, smallest: float = 6.0, face: Face = "serif") -> Fit:
    """Fit `text` into `room` x `height` mm: a little smaller on one line, else wrapped, else smaller and wrapped.

    `size` and `smallest` are points. What does not fit even at `smallest` comes back in `rest`, and the last line
    then leaves room for the caller's mark of 5 characters.
    """
    if not text:
        return Fit(size, ())
    # In a cell of three lines and more a text wraps at its full size; only low cells make it smaller first.
    if "\n" not in text and "\r" not in text and height < 3 * size * LEADING / MM:
        trial = size
        while trial >= max(smallest, size * 0.8):
            if width(text, trial, face) <= room and trial * LEADING / MM <= height + trial * 0.2 / MM:
                return Fit(trial, (text,))
            trial -= STEP
    trial = size
    while True:
        lines = wrap(text, room, trial, face)
        if len(lines) * trial * LEADING / MM <= height:
            return Fit(trial, tuple(lines))
        if trial - STEP < smallest:
            break
        trial -= STEP
    count = max(1, int(height / (trial * LEADING / MM)))
    shown = lines[:count]
    while len(shown[-1]) > 1 and width(shown[-1], trial, face) + 5 * trial / MM > room:
        shown[-1] = shown[-1][:-1]
    return Fit(trial, tuple(shown), _left_over(text, "".join(shown)))


def _left_over(text: str, shown: str) -> str:
    """What of `text` is not in `shown`, which is its beginning without line ends."""
    at = 0
    for char in shown:
        while text[at] != char:
            at += 1
        at += 1
    return text[at:].lstrip("\r\n")
