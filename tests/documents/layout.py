"""Layouts kept beside the tests: every mark of every page as a line of text, so that a reviewer sees what moved."""

import os
from pathlib import Path

from app.documents.paper import Code, Rule, Text, Writer

FOLDER = Path(__file__).parent / "reference"


def dump(writer: Writer) -> str:
    lines = []
    for number, page in enumerate(writer.pages, start=1):
        lines.append(f"page {number}")
        for mark in page:
            match mark:
                case Text():
                    lines.append(f"text {mark.x:.2f} {mark.y:.2f} {mark.size:g} {mark.face} {mark.grey:g} {mark.text}")
                case Rule():
                    place = f"{mark.x1:.2f} {mark.y1:.2f} {mark.x2:.2f} {mark.y2:.2f}"
                    lines.append(f"rule {place} {mark.weight:g} {mark.dash:g}")
                case Code():
                    lines.append(f"code {mark.x:.2f} {mark.y:.2f} {mark.side:g}")
    return "\n".join(lines) + "\n"


def check(writer: Writer, name: str) -> None:
    """Compare with the kept layout; RONGGUI_WRITE_REFERENCE=1 keeps the present one, to be looked at and committed."""
    writer.finish()
    path = FOLDER / f"{name}.txt"
    if os.environ.get("RONGGUI_WRITE_REFERENCE"):
        path.write_text(dump(writer), encoding="utf-8")
    assert dump(writer).splitlines() == path.read_text(encoding="utf-8").splitlines()
