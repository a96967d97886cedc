"""Which font prints which character: chosen per glyph, opened only when a character needs it."""

import bisect
import functools
import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFont


def to_unicode(name: str, subset: list[int]) -> str:
    """The table a reader uses to copy and search text: code in the embedded font -> characters as UTF-16.

    Takes the place of reportlab's own, which writes a code point beyond U+FFFF as five digits, so that a search for 𠮷
    finds nothing and a copy of it is two other characters. Blocks of 100 at most, as ISO 32000-1 (9.10.3) has it.
    """
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        f"/CIDSystemInfo << /Registry ({name}) /Ordering ({name}) /Supplement 0 >> def",
        f"/CMapName /{name} def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<00> <FF>",
        "endcodespacerange",
    ]
    codes = list(enumerate(subset))
    for start in range(0, len(codes), 100):
        block = codes[start : start + 100]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>" for code, point in block]
        lines.append("endbfchar")
    return "\n".join([*lines, "endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"])


Face = Literal["serif", "bold", "sans"]

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "fonts"
# What stands in for a character no font has. The geta mark is what printers set for a missing sort; the character
# itself is reported in `Document.missing`, so nobody hands out such a paper unawares.
GETA = "\u3013"
# The order of asking. Noto Sans has a few newest ideographs that Noto Serif lacks, hence its place behind HanaMin.
_CHAINS: dict[Face, tuple[str, ...]] = {
    "serif": ("serif", "hana_a", "hana_b", "hana_c", "sans"),
    "bold": ("bold", "serif", "hana_a", "hana_b", "hana_c", "sans"),
    "sans": ("sans", "serif", "hana_a", "hana_b", "hana_c"),
}
_RARE_FONTS = frozenset({"hana_a", "hana_b", "hana_c"})


@functools.cache
def _coverage() -> dict[str, tuple[str, list[int]]]:
    """Short font name -> (file name, flat ranges), as installer/fonts.py wrote it."""
    raw = json.loads((FOLDER / "coverage.json").read_text(encoding="utf-8"))
    return {short: (entry["file"], entry["ranges"]) for short, entry in raw.items()}


def _covers(short: str, point: int) -> bool:
    flat = _coverage()[short][1]
    # An odd place is inside first..last; an even one is inside only on the very first of a range.
    at = bisect.bisect_right(flat, point)
    return at % 2 == 1 or (at > 0 and flat[at - 1] == point)


@functools.cache
def _opened(short: str) -> "TTFont":
    """The font under the name `rg-<short>`, opened and registered with reportlab at its first use."""
    # Loaded by whoever draws: the window only looks at what the worker process has drawn.
    from reportlab.pdfbase import pdfmetrics, ttfonts

    ttfonts.makeToUnicodeCMap = to_unicode
    font = ttfonts.TTFont(f"rg-{short}", str(FOLDER / _coverage()[short][0]))
    pdfmetrics.registerFont(font)
    return font


@functools.cache
def _glyph(char: str, face: Face) -> tuple[str, float, bool]:
    """(short font name, width in em, whether a font has it) of one character; tabs and line ends count as blanks."""
    if char in "\t\n\r":
        char = " "
    for short in _CHAINS[face]:
        if _covers(short, ord(char)):
            return short, float(_opened(short).face.charWidths[ord(char)]) / 1000, True
    return face, float(_opened(face).face.charWidths[ord(GETA)]) / 1000, False


def base_font() -> str:
    """The reportlab name of the ordinary face, opened."""
    return str(_opened("serif").fontName)


def is_missing(char: str) -> bool:
    """Whether no bundled font can print this character."""
    return not any(_covers(short, ord(char)) for short in _CHAINS["serif"])


def is_rare(char: str) -> bool:
    """Whether only the spare fonts (HanaMin) have this ideograph, so that a person should look at the print."""
    short, _, found = _glyph(char, "serif")
    return found and short in _RARE_FONTS and unicodedata.category(char) == "Lo"


def missing(text: str) -> tuple[str, ...]:
    """The characters of `text` no font has, each once, in order; blanks and line ends are no characters here."""
    return tuple(dict.fromkeys(c for c in text if not c.isspace() and is_missing(c)))


def rare(text: str) -> tuple[str, ...]:
    """The characters of `text` that come from a spare font, each once, in order."""
    return tuple(dict.fromkeys(c for c in text if is_rare(c)))


def em_width(text: str, face: Face) -> float:
    """Width in em: multiply by the size in points for points."""
    return sum(_glyph(char, face)[1] for char in text)


def runs(text: str, face: Face) -> list[tuple[str, str, float]]:
    """`text` cut where the font changes: (reportlab font name, text, width in em); missing characters become GETA."""
    found: list[tuple[str, str, float]] = []
    for char in text:
        short, width, there = _glyph(char, face)
        name = f"rg-{short}"
        shown = GETA if not there else " " if char in "\t\n\r" else char
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + shown, found[-1][2] + width)
        else:
            found.append((name, shown, width))
    return found
