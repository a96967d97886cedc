"""Colours can be told apart by everybody, text sizes reach everything, rare characters are drawn."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.ui.kit import look
from app.ui.kit.look import DARK, LIGHT, Colours

PAIRS = [
    ("text", "ground"), ("text", "paper"), ("text", "stripe"), ("text", "chosen"), ("faint", "ground"), ("faint", "paper"),
    ("faint", "stripe"), ("primary", "paper"), ("primary", "ground"), ("on_primary", "primary"), ("on_rail", "rail"),
    ("on_rail", "rail_chosen"), ("on_practice", "practice"), ("good", "paper"), ("warn", "paper"), ("bad", "paper"),
    ("note", "paper"), ("good", "good_ground"), ("warn", "warn_ground"), ("bad", "bad_ground"), ("note", "note_ground"),
    ("text", "good_ground"), ("text", "warn_ground"), ("text", "bad_ground"), ("text", "note_ground"), ("bad", "stripe"),
    ("warn", "stripe"), ("good", "stripe"), ("bad", "chosen"), ("note", "ground"),
]  # fmt: skip


def luminance(colour: str) -> float:
    """WCAG 2.1: relative luminance."""
    full = QColor(colour)
    parts = [part / 255 for part in (full.red(), full.green(), full.blue())]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_contrast_is_enough(colours: Colours, text: str, ground: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


def test_contrast_knows_bad_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#999999", "#ffffff") < 4.5


@pytest.mark.parametrize("percent", look.SCALES)
def test_text_grows(qapp: QApplication, percent: int) -> None:
    look.dress(qapp, percent)
    assert qapp.font().pointSizeF() == pytest.approx(look.POINTS * percent / 100)
    assert look.scaled(100) == percent
    look.dress(qapp, 100)


def drawn(text: str, app: QApplication) -> QImage:
    image = QImage(80, 80, QImage.Format.Format_Grayscale8)
    image.fill(255)
    font = app.font()
    font.setPixelSize(48)
    painter = QPainter(image)
    painter.setFont(font)
    painter.drawText(QRect(0, 0, 80, 80), text)
    painter.end()
    return image


def test_rare_characters_of_names_are_drawn(qapp: QApplication) -> None:
    look.dress(qapp)
    look.add_rare_fonts(qapp)
    box = drawn("\U0010ffff", qapp)
    seen = {text: drawn(text, qapp) for text in "张䶮㛃𠮷㼆"}
    assert all(image != box for image in seen.values()), "a box stands for one of them"
    assert len({bytes(image.constBits()) for image in seen.values()}) == len(seen)


def test_nothing_is_drawn_below_12_points(qtbot: QtBot, qapp: QApplication) -> None:
    look.dress(qapp)
    label = QLabel("荣归")
    qtbot.addWidget(label)
    label.show()
    assert label.font().pointSizeF() >= 12
    assert QFontMetrics(label.font()).horizontalAdvance("国") >= 15
