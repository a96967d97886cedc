"""The sheet of paper: text, rules, cells and pages in millimetres from the top left corner, and out comes a PDF."""

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.documents import fonts
from app.documents.fonts import Face
from app.documents.lettering import LEADING, MM, Fit, fit, width
from app.documents.mark import Foot, mark_of, squares

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

Align = Literal["left", "centre", "right"]

PORTRAIT = (210.0, 297.0)
LANDSCAPE = (297.0, 210.0)
# GB/T 9704-2012: 天头 37, 订口 28, 版心 156 x 225 mm, 22 lines of 28 characters.
GB_TOP, GB_LEFT, GB_WIDTH, GB_HEIGHT = 37.0, 28.0, 156.0, 225.0
GB_LINE = GB_HEIGHT / 22
# 三号 is nominally 16 pt, but 28 characters of 16 pt are 158 mm; 15.75 pt fills the 156 mm exactly.
GB_BODY = 15.75
GB_TITLE = 22.0
# Half the height of an ideograph above its baseline, in em: centres a line on a height.
_MIDDLE = 0.38
HAIR = 0.35
CONTINUED = "（接附页）"
SAMPLE = "样张"
"""Across what is only looked at: nobody can hand it out by mistake."""


@dataclass(frozen=True)
class Document:
    """A finished paper. `rare`: characters drawn with a spare font; `missing`: characters no font has (drawn as 〓)."""

    pdf: bytes
    pages: int
    rare: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """One line of text at a baseline; `grey` 0 is black, 1 is white."""

    x: float
    y: float
    text: str
    size: float
    face: Face
    grey: float


@dataclass(frozen=True)
class Rule:
    """A straight line; `weight` in points, `dash` in millimetres (0: solid)."""

    x1: float
    y1: float
    x2: float
    y2: float
    weight: float
    dash: float


@dataclass(frozen=True)
class Code:
    """The place of the page's square code, which is known only when all pages are."""

    x: float
    y: float
    side: float


Mark = Text | Rule | Code


class Writer:
    """Collects pages of marks and turns them into a PDF once their count is known."""

    def __init__(
        self, size: tuple[float, float], title: str, foot: Foot | None, *, watermark: str = "", invariant: bool = False
    ) -> None:
        self.width, self.height = size
        self.title = title
        self.foot = foot
        self.watermark = watermark
        self.invariant = invariant
        self.pages: list[list[Mark]] = []
        # left, right and baseline of the foot line, settable by a form with other margins
        self.foot_place = (12.0, self.width - 12.0, self.height - 6.5)
        self._seen: dict[str, None] = {}

    def page(self) -> None:
        """Begin the next page."""
        self.pages.append([])

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 10.5,
        *,
        face: Face = "serif",
        align: Align = "left",
        grey: float = 0.0,
    ) -> float:
        """One line of text at baseline `y`; returns its width in mm."""
        wide = width(text, size, face)
        left = x - wide if align == "right" else x - wide / 2 if align == "centre" else x
        self._seen.setdefault(text)
        self.pages[-1].append(Text(left, y, text, size, face, grey))
        return wide

    def rule(self, x1: float, y1: float, x2: float, y2: float, weight: float = HAIR, dash: float = 0.0) -> None:
        """A straight line."""
        self.pages[-1].append(Rule(x1, y1, x2, y2, weight, dash))

    def box(self, x: float, y: float, wide: float, high: float, weight: float = HAIR) -> None:
        """The four sides of a rectangle."""
        right, bottom = x + wide, y + high
        self.rule(x, y, right, y, weight)
        self.rule(x, bottom, right, bottom, weight)
        self.rule(x, y, x, bottom, weight)
        self.rule(right, y, right, bottom, weight)

    def code(self, x: float, y: float, side: float = 16.0) -> None:
        """The small square code of this page with its top left corner at (x, y)."""
        self.pages[-1].append(Code(x, y, side))

    def cell(  # noqa: PLR0913 (a place, a text and how it is set)
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        text: str,
        size: float = 10.5,
        *,
        smallest: float = 6.0,
        face: Face = "serif",
        align: Align = "centre",
        top: bool = False,
        pad: float = 0.8,
        grey: float = 0.0,
    ) -> str:
        """Text fitted into a rectangle (no border is drawn), centred in height or from its top.

        Returns what found no room, for the annex; the cell then ends with a mark that says so. Empty when all fits.
        """
        found = fit(text, wide - 2 * pad, high - 2 * min(pad, 0.4), size, smallest, face)
        self.lines(x, y, wide, high, found, face=face, align=align, top=top, pad=pad, grey=grey)
        return found.rest

    def lines(  # noqa: PLR0913 (as above)
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        found: Fit,
        *,
        face: Face = "serif",
        align: Align = "centre",
        top: bool = False,
        pad: float = 0.8,
        grey: float = 0.0,
    ) -> None:
        """Lines already fitted, put into their rectangle."""
        step = found.size * LEADING / MM
        start = y + pad if top else y + (high - step * len(found.lines)) / 2
        place = x + pad if align == "left" else x + wide - pad if align == "right" else x + wide / 2
        for i, line in enumerate(found.lines):
            last = found.rest and i == len(found.lines) - 1
            baseline = start + step * (i + 0.5) + _MIDDLE * found.size / MM
            self.text(
                place, baseline, line + CONTINUED if last else line, found.size, face=face, align=align, grey=grey
            )

    def seal(self, x: float, y: float) -> None:
        """The blank place for a seal, its centre at (x, y): words only, never a picture of a seal."""
        self.text(x, y, "（盖章处）", 9, align="centre", grey=0.45)

    def finish(self) -> Document:
        """The PDF of all pages, with foot lines and codes now that the number of pages is known."""
        # Loaded by whoever draws: the window only looks at what the worker process has drawn.
        from reportlab import rl_config
        from reportlab.pdfgen.canvas import Canvas

        # Binary streams: base 85 makes a file a quarter larger and takes longer than the deflating itself.
        rl_config.useA85 = 0
        count = len(self.pages)
        if self.foot is not None:
            for number, page in enumerate(self.pages, start=1):
                self._foot_line(page, self.foot, number, count)
        out = io.BytesIO()
        canvas = Canvas(
            out,
            pagesize=(self.width * MM, self.height * MM),
            pageCompression=1,
            invariant=1 if self.invariant else 0,
            # Else reportlab names Helvetica on every page without embedding it.
            initialFontName=fonts.base_font(),
        )
        # Only what form it is: a name in the metadata would travel with every copy unseen.
        canvas.setTitle(self.title)
        canvas.setAuthor("荣归")
        canvas.setCreator("荣归")
        canvas.setSubject(self.foot.form if self.foot is not None else "")
        for number, page in enumerate(self.pages, start=1):
            if self.watermark:
                self._draw_watermark(canvas)
            self._draw_rules(canvas, [m for m in page if isinstance(m, Rule)])
            self._draw_texts(canvas, [m for m in page if isinstance(m, Text)])
            for mark in page:
                if isinstance(mark, Code) and self.foot is not None:
                    self._draw_code(canvas, mark, mark_of(self.foot, number, count).text())
            canvas.showPage()
        canvas.save()
        everything = "".join([*self._seen, self.watermark])
        return Document(out.getvalue(), count, fonts.rare(everything), fonts.missing(everything))

    def _foot_line(self, page: list[Mark], foot: Foot, number: int, count: int) -> None:
        left, right, y = self.foot_place
        shown = f"第{number}页/共{count}页"
        room = right - left - width(shown, 8) - 4
        # Smaller rather than cut: a foot line that lost its end would no longer identify the paper.
        size = min(8.0, 8.0 * room / width(foot.left(), 8))
        self._seen.setdefault(foot.left())
        page.append(Text(left, y, foot.left(), size, "serif", 0.0))
        page.append(Text(right - width(shown, 8), y, shown, 8, "serif", 0.0))

    def _draw_texts(self, canvas: "Canvas", marks: list[Text]) -> None:
        drawn = canvas.beginText()
        grey = 0.0
        for mark in marks:
            if mark.grey != grey:
                grey = mark.grey
                drawn.setFillGray(grey)
            drawn.setTextOrigin(mark.x * MM, (self.height - mark.y) * MM)
            for name, text, _ in fonts.runs(mark.text, mark.face):
                drawn.setFont(name, mark.size)
                drawn.textOut(text)
        canvas.drawText(drawn)

    def _draw_rules(self, canvas: "Canvas", marks: list[Rule]) -> None:
        for style in dict.fromkeys((m.weight, m.dash) for m in marks):
            weight, dash = style
            canvas.setLineWidth(weight)
            canvas.setDash([dash * MM, dash * MM] if dash else [])
            parts = [
                f"{m.x1 * MM:.2f} {(self.height - m.y1) * MM:.2f} m {m.x2 * MM:.2f} {(self.height - m.y2) * MM:.2f} l"
                for m in marks
                if (m.weight, m.dash) == style
            ]
            canvas.addLiteral(" ".join(parts) + " S")

    def _draw_code(self, canvas: "Canvas", mark: Code, text: str) -> None:
        rows = squares(text)
        side = mark.side * MM / len(rows)
        # Whole numbers on a grid of one module, as literal PDF: a code has some 500 strips, and formatting each as a
        # path of floats took ten times as long as all the text of a page.
        strips = [f"{start} {r} {end - start} 1 re" for r, row in enumerate(rows) for start, end in _dark(row)]
        canvas.saveState()
        canvas.setFillGray(0)
        canvas.translate(mark.x * MM, (self.height - mark.y) * MM)
        canvas.scale(side, -side)
        canvas.addLiteral(" ".join(strips) + " f")
        canvas.restoreState()

    def _draw_watermark(self, canvas: "Canvas") -> None:
        canvas.saveState()
        canvas.setFillGray(0.86)
        canvas.translate(self.width * MM / 2, self.height * MM / 2)
        canvas.rotate(math.degrees(math.atan2(self.height, self.width)))
        runs = fonts.runs(self.watermark, "bold")
        length = sum(w for _, _, w in runs)
        size = min(70.0, math.hypot(self.width, self.height) * MM * 0.72 / length)
        x = -length * size / 2
        for name, text, wide in runs:
            canvas.setFont(name, size)
            canvas.drawString(x, -_MIDDLE * size, text)
            x += wide * size
        canvas.restoreState()


def _dark(row: tuple[int, ...]) -> list[tuple[int, int]]:
    """The dark strips of a row of modules as (start, end)."""
    found: list[tuple[int, int]] = []
    for i, module in enumerate(row):
        if module and found and found[-1][1] == i:
            found[-1] = (found[-1][0], i + 1)
        elif module:
            found.append((i, i + 1))
    return found
