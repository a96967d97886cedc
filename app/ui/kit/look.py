"""How everything looks: one palette, one spacing scale, one text size, the shipped fonts where the system has none."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app import folders

POINTS: Final = 12
"""Size of plain text at 100 %, in points."""
SCALES: Final = (100, 125, 150, 175, 200)
"""Text sizes a person can choose, in per cent."""


class Space(NamedTuple):
    """Distances in pixels at 100 %: inside a control, between controls, between groups, round a page."""

    tight: int = 4
    near: int = 8
    apart: int = 12
    group: int = 16
    page: int = 20


SPACE: Final = Space()


class Colours(NamedTuple):
    """Every colour there is. Text on its ground has a contrast of 4.5 : 1 or more (tests/ui/kit/test_look.py)."""

    ground: str
    """Of the window."""
    paper: str
    """Of lists, fields and cards."""
    stripe: str
    text: str
    faint: str
    """Text of second rank."""
    line: str
    primary: str
    on_primary: str
    chosen: str
    """Ground of the chosen row."""
    rail: str
    on_rail: str
    rail_chosen: str
    good: str
    good_ground: str
    warn: str
    warn_ground: str
    bad: str
    bad_ground: str
    note: str
    note_ground: str
    practice: str
    on_practice: str


LIGHT: Final = Colours(
    ground="#f3f5f4", paper="#ffffff", stripe="#f7f9f8", text="#1b2420", faint="#56635d", line="#c6d0ca",
    primary="#1d6a4d", on_primary="#ffffff", chosen="#d5e9de", rail="#1f3a30", on_rail="#e8f0ec", rail_chosen="#2f5c4b",
    good="#1b6648", good_ground="#e2f2e9", warn="#805200", warn_ground="#fff3d6", bad="#a8201a", bad_ground="#fce8e6",
    note="#1c5480", note_ground="#e5eff8", practice="#a85200", on_practice="#ffffff",
)  # fmt: skip
DARK: Final = Colours(
    ground="#1b201e", paper="#232a27", stripe="#272f2b", text="#e6ece9", faint="#a8b5ae", line="#47524c",
    primary="#46b286", on_primary="#08110d", chosen="#2d4b3e", rail="#141a17", on_rail="#dfe8e3", rail_chosen="#2b4a3d",
    good="#86d4ae", good_ground="#203a2e", warn="#f0c36b", warn_ground="#40341a", bad="#ff9a92", bad_ground="#4a2522",
    note="#8fc3ee", note_ground="#1f3547", practice="#ff9d4d", on_practice="#1b1206",
)  # fmt: skip

CHINESE: Final = "NotoSansSC-Regular.ttf"
RARE: Final = ("HanaMinA.ttf", "HanaMinB-1.ttf", "HanaMinB-2.ttf")
"""For characters beyond those of ordinary fonts (𠮷, 㛃), in the order they are asked."""


@dataclass
class _Now:
    colours: Colours = LIGHT
    scale: int = 100
    families: tuple[str, ...] = ()


_now = _Now()


def colours() -> Colours:
    """The colours in use."""
    return _now.colours


def scale() -> int:
    """The text size in use, in per cent."""
    return _now.scale


def scaled(pixels: int) -> int:
    """A distance that grows with the text."""
    return pixels * _now.scale // 100


def dress(app: QApplication, percent: int = 100) -> None:
    """Fonts, palette and style sheet; called once at the start and again for another text size."""
    if not _now.families:
        _now.families = _families()
    dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    _now.colours, _now.scale = DARK if dark else LIGHT, percent
    font = QFont(list(_now.families))
    font.setPointSizeF(POINTS * percent / 100)
    app.setFont(font)
    app.setPalette(_palette(_now.colours))
    app.setStyleSheet(sheet(_now.colours, percent))


def add_rare_fonts(app: QApplication) -> None:
    """Let rare characters of names be drawn too; after the first page, because it takes a moment."""
    known = set(_now.families)
    added = [name for file in RARE for name in _added(file) if name not in known]
    _now.families += tuple(dict.fromkeys(added))
    font = app.font()
    font.setFamilies(list(_now.families))
    app.setFont(font)


def _families() -> tuple[str, ...]:
    """The system's font for Chinese, or the shipped one where it has none."""
    chinese = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    own = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    if own in chinese:
        return (own,)
    liked = ("Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC")
    for name in liked:
        if name in chinese:
            return (name,)
    return tuple(_added(CHINESE)) or (own,)


def _added(file: str) -> list[str]:
    number = QFontDatabase.addApplicationFont(str(folders.resource(f"fonts/{file}")))
    return QFontDatabase.applicationFontFamilies(number) if number >= 0 else []


def _palette(colours: Colours) -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in (
        (roles.Window, colours.ground), (roles.WindowText, colours.text), (roles.Base, colours.paper),
        (roles.AlternateBase, colours.stripe), (roles.Text, colours.text), (roles.Button, colours.paper),
        (roles.ButtonText, colours.text), (roles.BrightText, colours.bad), (roles.Highlight, colours.primary),
        (roles.HighlightedText, colours.on_primary), (roles.ToolTipBase, colours.paper), (roles.ToolTipText, colours.text),
        (roles.PlaceholderText, colours.faint), (roles.Link, colours.note), (roles.Mid, colours.line),
        (roles.Accent, colours.primary),
    ):  # fmt: skip
        palette.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.faint))
    return palette


def sheet(colours: Colours, percent: int) -> str:
    """The style sheet; `{name}` is a colour, `{points:N}` a text size of N tenths, `{px:N}` a distance."""
    return _SHEET.format(**colours._asdict(), points=_Points(percent), px=_Pixels(percent))


class _Points:
    def __init__(self, percent: int) -> None:
        self._percent = percent

    def __format__(self, spec: str) -> str:
        return f"{POINTS * int(spec) / 10 * self._percent / 100:.1f}pt"


class _Pixels:
    def __init__(self, percent: int) -> None:
        self._percent = percent

    def __format__(self, spec: str) -> str:
        return f"{round(int(spec) * self._percent / 100)}px"


_SHEET: Final = """
QWidget[role="page"] {{ background: {ground}; }}
QFrame[role="card"] {{ background: {paper}; border: 1px solid {line}; border-radius: {px:6}; }}
QLabel[role="title"] {{ font-size: {points:15}; font-weight: 600; }}
QLabel[role="title"][long="true"] {{ font-size: {points:11}; }}
QLabel[role="heading"] {{ font-size: {points:11}; font-weight: 600; color: {primary}; }}
QLabel[role="big"] {{ font-size: {points:20}; font-weight: 600; }}
QLabel[role="sentence"] {{ font-size: {points:12}; font-weight: 600; }}
QLabel[role="faint"] {{ color: {faint}; }}
QLabel[tone="good"] {{ color: {good}; }} QLabel[tone="warn"] {{ color: {warn}; }}
QLabel[tone="bad"] {{ color: {bad}; }} QLabel[tone="note"] {{ color: {note}; }}
QLabel[role="badge"] {{ border-radius: {px:4}; padding: {px:1} {px:6}; background: {stripe}; border: 1px solid {line}; }}
QLabel[role="badge"][tone="good"] {{ background: {good_ground}; border-color: {good}; }}
QLabel[role="badge"][tone="warn"] {{ background: {warn_ground}; border-color: {warn}; }}
QLabel[role="badge"][tone="bad"] {{ background: {bad_ground}; border-color: {bad}; }}
QLabel[role="badge"][tone="note"] {{ background: {note_ground}; border-color: {note}; }}
QFrame[role="banner"] {{ border-radius: {px:4}; background: {note_ground}; border: 1px solid {note}; }}
QFrame[role="banner"][tone="warn"] {{ background: {warn_ground}; border-color: {warn}; }}
QFrame[role="banner"][tone="bad"] {{ background: {bad_ground}; border-color: {bad}; }}
QFrame[role="banner"][tone="good"] {{ background: {good_ground}; border-color: {good}; }}
QLineEdit, QPlainTextEdit, QComboBox {{ background: {paper}; border: 1px solid {line}; border-radius: {px:4}; padding: {px:4} {px:6}; selection-background-color: {primary}; selection-color: {on_primary}; }}
QComboBox {{ padding-right: {px:20}; }}
QComboBox::drop-down {{ border: none; width: {px:18}; }}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus {{ border: 2px solid {primary}; padding: {px:3} {px:5}; }}
QComboBox:focus {{ padding-right: {px:19}; }}
QLineEdit:read-only, QPlainTextEdit:read-only {{ background: {stripe}; }}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"] {{ border: 2px solid {bad}; padding: {px:3} {px:5}; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: {px:15}; height: {px:15}; }}
QPushButton {{ background: {paper}; border: 1px solid {line}; border-radius: {px:4}; padding: {px:5} {px:14}; min-height: {px:20}; }}
QPushButton:hover {{ border-color: {primary}; }}
QPushButton:focus {{ border: 2px solid {primary}; padding: {px:4} {px:13}; }}
QPushButton:checked {{ background: {chosen}; border-color: {primary}; font-weight: 600; }}
QPushButton:disabled {{ color: {faint}; background: {stripe}; }}
QPushButton[role="primary"] {{ background: {primary}; color: {on_primary}; border: 1px solid {primary}; font-weight: 600; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[role="primary"]:disabled {{ background: {line}; border-color: {line}; color: {faint}; }}
QPushButton[role="link"] {{ border: none; background: transparent; color: {note}; text-align: left; padding: {px:2} {px:4}; }}
QPushButton[role="link"]:focus {{ border: 2px solid {primary}; padding: 0 {px:2}; }}
QPushButton[role="link"]:disabled {{ color: {faint}; background: transparent; }}
QPushButton[role="danger"] {{ color: {bad}; border-color: {bad}; }}
QPushButton[role="danger"]:disabled {{ color: {faint}; border-color: {line}; }}
QTableView, QListView, QTreeView {{ background: {paper}; alternate-background-color: {stripe}; border: 1px solid {line}; border-radius: {px:4}; selection-background-color: {chosen}; selection-color: {text}; gridline-color: {line}; }}
QTableView::item, QListView::item {{ padding: {px:3} {px:6}; border: none; }}
QTableView::item:selected, QListView::item:selected {{ background: {chosen}; color: {text}; }}
QHeaderView::section {{ background: {stripe}; border: none; border-right: 1px solid {line}; border-bottom: 1px solid {line}; padding: {px:5} {px:6}; font-weight: 600; }}
QListView[role="rail"] {{ background: {rail}; color: {on_rail}; border: none; border-radius: 0; outline: none; font-size: {points:11}; }}
QListView[role="rail"]::item {{ padding: 9px {px:14}; border-left: {px:4} solid {rail}; }}
QListView[role="rail"]::item:selected {{ background: {rail_chosen}; color: {on_rail}; border-left: {px:4} solid {on_rail}; }}
QWidget[role="railside"] {{ background: {rail}; }}
QWidget[role="railside"] QLabel {{ color: {on_rail}; }}
QWidget[role="practice"] {{ background: {practice}; }}
QLabel[role="practice"] {{ background: {practice}; color: {on_practice}; font-weight: 600; padding: {px:3} {px:10}; }}
QRadioButton::indicator, QCheckBox::indicator, QTableView::indicator {{ width: {px:15}; height: {px:15}; }}
QTabWidget::pane {{ border: 1px solid {line}; border-radius: {px:4}; background: {paper}; top: -1px; }}
QTabBar::tab {{ background: {ground}; border: 1px solid {line}; border-bottom: 2px solid {line}; border-top-left-radius: {px:4}; border-top-right-radius: {px:4}; padding: {px:6} {px:14}; margin-right: {px:2}; }}
QTabBar::tab:selected {{ background: {paper}; border-bottom: 2px solid {primary}; font-weight: 600; }}
QTabBar::tab:focus {{ border-color: {primary}; }}
QProgressBar {{ border: 1px solid {line}; border-radius: {px:4}; text-align: center; background: {paper}; }}
QProgressBar::chunk {{ background: {chosen}; }}
QMenu {{ background: {paper}; border: 1px solid {line}; padding: {px:4}; }}
QMenu::item {{ padding: {px:5} {px:28}; }}
QMenu::item:selected {{ background: {chosen}; color: {text}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: {px:4} 0; }}
QToolTip {{ padding: {px:4}; border: 1px solid {line}; }}
"""
