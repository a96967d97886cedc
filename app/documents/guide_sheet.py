"""办事指引: one page for somebody at the counter, in large letters: who does it, what to bring, what often will do instead."""

import datetime as dt
from dataclasses import dataclass

from app.documents.lettering import wrap
from app.documents.paper import PORTRAIT, Document, Writer
from app.rules import chinese_date

LEFT, WIDTH = 25.0, 160.0
_TITLE, _HEAD, _TEXT, _STEP = 22.0, 15.0, 15.0, 9.0


@dataclass(frozen=True)
class GuideSheet:
    """What the page says. `rule` is why this unit does not issue it; `phone` may be empty."""

    station: str
    phone: str
    title: str
    rule: str
    parts: tuple[tuple[str, str], ...]
    """(heading, text)."""
    day: dt.date


def guide_sheet(sheet: GuideSheet, *, invariant: bool = False) -> Document:
    """Print the page: no number and no seal, for it certifies nothing."""
    writer = Writer(PORTRAIT, f"办事指引 {sheet.title}", None, invariant=invariant)
    writer.page()
    writer.text(PORTRAIT[0] / 2, 35.0, "办事指引", _TITLE, face="bold", align="centre")
    writer.text(PORTRAIT[0] / 2, 47.0, sheet.title, 17.0, face="bold", align="centre")
    y = _paragraph(writer, sheet.rule, 62.0)
    for heading, text in sheet.parts:
        y += 4.0
        writer.text(LEFT, y, heading, _HEAD, face="bold")
        y = _paragraph(writer, text, y + _STEP)
    y += 6.0
    writer.rule(LEFT, y, LEFT + WIDTH, y, 0.5)
    y = _paragraph(writer, "以办理单位的要求为准。去之前最好先打个电话问一问。", y + 9.0)
    y = _paragraph(
        writer, f"不明白的地方可以问我们: {sheet.station}{f'　电话 {sheet.phone}' if sheet.phone else ''}", y
    )
    writer.text(LEFT + WIDTH, y + 6.0, chinese_date.arabic(sheet.day), _TEXT, align="right")
    return writer.finish()


def _paragraph(writer: Writer, text: str, y: float) -> float:
    for line in wrap(text, WIDTH, _TEXT):
        writer.text(LEFT, y, line, _TEXT)
        y += _STEP
    return y
