"""Looks at widgets as a person or a screen reader would: what has no name, what is cut off, what lies over something else."""

from collections.abc import Iterator
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QWidget,
)

from app.ui.kit.flow import Flow

_ROUNDS = 12
SLACK = 2
"""Pixels by which a text may be wider than its room: fonts round."""


W = TypeVar("W", bound=QWidget)


def get(root: QWidget, kind: type[W], id: str) -> W:
    """The one control with this test id; AssertionError where there is none."""
    found: list[W] = list(root.findChildren(kind, id))
    assert found, f"no {kind.__name__} {id!r} below {root.objectName()!r}"
    # One that was replaced may be there for a moment longer; one that has just been put in is shown a moment later.
    return next((one for one in found if not _put_away(one, root)), found[0])


def _put_away(widget: QWidget, root: QWidget) -> bool:
    one: QWidget | None = widget
    while one is not None and one is not root:
        if one.isHidden() and one.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            return True
        one = _parent(one)
    return False


def press(root: QWidget, id: str) -> None:
    """Press a button with the space bar, as somebody does who has walked to it by Tab."""
    button = get(root, QAbstractButton, id)
    assert button.isEnabled(), f"{id} cannot be pressed"
    QTest.keyClick(button, Qt.Key.Key_Space)


def enter(root: QWidget, id: str, text: str) -> None:
    """Type into a field, in the place of what stands there; Chinese as an input method delivers it."""
    field = get(root, QLineEdit, id)
    field.setFocus()
    field.clear()
    if text.isascii():
        QTest.keyClicks(field, text)
    else:
        type_chinese(field, text)


def everything(root: QWidget) -> Iterator[QWidget]:
    """All visible widgets below one."""
    for widget in _all(root):
        if widget.isVisibleTo(root):
            yield widget


def _all(root: QWidget) -> list[QWidget]:
    return list(root.findChildren(QWidget))


def _own(widget: QWidget) -> bool:
    """Whether it is ours, and not a part Qt made inside one of its own (a line edit's clear button, a view's corner)."""
    parent = _parent(widget)
    if widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar):
        return False
    inside = (QAbstractItemView, QComboBox, QScrollArea)
    return not (isinstance(parent, inside) or _name_of(parent).startswith("qt_"))


def _parent(widget: QWidget) -> QWidget | None:
    return widget.parentWidget()


def _name_of(widget: QWidget | None) -> str:
    return "" if widget is None else widget.objectName()


def nameless(root: QWidget) -> list[str]:
    """Controls that can have the focus and lack a name for screen readers or a test id of their own."""
    out = []
    for widget in everything(root):
        if not _own(widget) or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        interface = QAccessible.queryAccessibleInterface(widget)
        name = interface.text(QAccessible.Text.Name)
        if not name.strip() or not widget.objectName():
            out.append(f"{type(widget).__name__} {widget.objectName()!r} named {name!r}")
    return out


def doubled_ids(root: QWidget) -> list[str]:
    """Test ids that two visible controls share."""
    seen: dict[str, int] = {}
    for widget in everything(root):
        if _own(widget) and widget.objectName() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            seen[widget.objectName()] = seen.get(widget.objectName(), 0) + 1
    return [name for name, count in seen.items() if count > 1]


def clipped(root: QWidget) -> list[str]:
    """Labels and buttons whose text does not fit into them."""
    out = []
    for widget in everything(root):
        if not isinstance(widget, QLabel | QAbstractButton) or not _own(widget):
            continue
        text, room = widget.text(), widget.contentsRect()
        if not text or not widget.width():
            continue
        needed = _label_needs(widget, room) if isinstance(widget, QLabel) else _button_needs(widget)
        if needed.width() > room.width() + SLACK or needed.height() > widget.height() + SLACK:
            has = f"{room.width()}×{room.height()}"
            out.append(f"{_name(widget)}: “{text[:40]}” needs {needed.width()}×{needed.height()}, has {has}")
    return out


def _label_needs(widget: QLabel, room: QRect) -> QSize:
    metrics = QFontMetrics(widget.font())
    margin = 2 * widget.margin()
    if widget.wordWrap():
        found = metrics.boundingRect(
            QRect(0, 0, room.width() - margin, 10_000), int(Qt.TextFlag.TextWordWrap), widget.text()
        )
        return QSize(min(found.width(), room.width()), found.height() + margin)
    size = metrics.size(0, widget.text())
    return QSize(size.width() + margin, size.height())


def _button_needs(widget: QAbstractButton) -> QSize:
    metrics = QFontMetrics(widget.font())
    words = widget.text().replace("&", "")
    extra = 0
    if isinstance(widget, QCheckBox | QRadioButton):
        extra = 22
    elif isinstance(widget, QPushButton):
        extra = 6
    return QSize(metrics.horizontalAdvance(words) + extra, metrics.height())


def overlapping(root: QWidget) -> list[str]:
    """Visible siblings that lie over each other, and widgets that stick out of their parent."""
    out = []
    parents = [root, *everything(root)]
    for parent in parents:
        if isinstance(parent, QAbstractItemView | QComboBox | QScrollArea) or parent.objectName().startswith("qt_"):
            continue
        children = [
            child
            for child in parent.children()
            if isinstance(child, QWidget) and not child.isWindow() and child.isVisibleTo(root) and _own(child)
            and not child.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            and not child.property("floats")
        ]  # fmt: skip
        if parent.layout() is None and not isinstance(parent, Flow):
            continue
        for n, one in enumerate(children):
            for other in children[n + 1 :]:
                shared = one.geometry().intersected(other.geometry())
                if shared.width() > SLACK and shared.height() > SLACK:
                    out.append(f"{_name(one)} and {_name(other)} share {shared.width()}×{shared.height()}")
            outside = one.geometry().right() - parent.rect().right()
            below = one.geometry().bottom() - parent.rect().bottom()
            if outside > SLACK or below > SLACK:
                out.append(f"{_name(one)} sticks out of {_name(parent)} by {max(outside, 0)}×{max(below, 0)}")
    return out


def _name(widget: QWidget) -> str:
    return widget.objectName() or type(widget).__name__


def doubled_keys(root: QWidget) -> list[str]:
    """Letters that Alt would have to share between two visible buttons or tabs."""
    seen: dict[str, list[str]] = {}
    for widget in everything(root):
        texts = [widget.text()] if isinstance(widget, QAbstractButton) else []
        if isinstance(widget, QTabBar):
            texts = [widget.tabText(n) for n in range(widget.count())]
        for text in texts:
            letter = text.partition("&")[2][:1].upper()
            if letter:
                seen.setdefault(letter, []).append(text)
    return [f"Alt+{letter}: {', '.join(some)}" for letter, some in seen.items() if len(some) > 1]


def faults(root: QWidget) -> list[str]:
    """All of it, once everything has found its place: a layout inside others settles over several rounds of events."""
    found: list[str] = []
    for _ in range(_ROUNDS):
        QCoreApplication.processEvents()
        found = _faults(root)
        if not found:
            break
    return found


def _faults(root: QWidget) -> list[str]:
    return [
        *(f"no name: {line}" for line in nameless(root)),
        *(f"two of one id: {line}" for line in doubled_ids(root)),
        *(f"cut off: {line}" for line in clipped(root)),
        *(f"overlap: {line}" for line in overlapping(root)),
    ]


def type_chinese(widget: QWidget, text: str, typed: str = "pinyin") -> None:
    """Input as an input method delivers it: a composition that grows, then the committed text."""
    for length in range(1, len(typed) + 1):
        QApplication.sendEvent(widget, QInputMethodEvent(typed[:length], []))
    commit = QInputMethodEvent()
    commit.setCommitString(text)
    QApplication.sendEvent(widget, commit)


def compose(widget: QWidget, typed: str) -> None:
    """A composition that is not finished yet."""
    QApplication.sendEvent(widget, QInputMethodEvent(typed, []))


def tab_order(root: QWidget) -> list[str]:
    """Test ids in the order in which Tab reaches them."""
    out: list[str] = []
    first = root
    widget = root.nextInFocusChain()
    while widget is not None and widget is not first:
        if (
            root.isAncestorOf(widget)
            and widget.isVisibleTo(root)
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and _own(widget)
        ):
            out.append(widget.objectName())
        widget = widget.nextInFocusChain()
    return out


def control(root: QWidget, id: str) -> Any:
    """The control with a test id; an AssertionError names those that are there if it is not."""
    found = [widget for widget in _all(root) if widget.objectName() == id]
    assert len(found) == 1, (
        f"{len(found)} of {id}; there are {sorted(w.objectName() for w in _all(root) if w.objectName())}"
    )
    return found[0]
