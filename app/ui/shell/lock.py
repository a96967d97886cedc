"""Locking: after some idle minutes, or by Ctrl+L, nothing of the content can be seen until the password is given."""

from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QWidget

from app import clock
from app.errors import UserError
from app.ui.kit import settings
from app.ui.kit.aside import Aside
from app.ui.kit.controls import Banner, Growing, button, card, column, label, line_edit, named, role, row, say, width_of
from app.ui.kit.look import SPACE

if TYPE_CHECKING:
    from app.services.station import Station
    from app.ui.kit.operations import Operations

LOOK: Final = 5_000
"""Milliseconds between two looks at how long nobody has touched anything."""
_TOUCHES: Final = frozenset({
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel,
    QEvent.Type.TouchBegin, QEvent.Type.InputMethod,
})  # fmt: skip


class Idle(QObject):
    """Watches the keyboard and the mouse of all windows of the programme."""

    long = Signal()
    """Nobody has touched anything for as long as this machine's setting says."""

    wanted = Signal()
    """Ctrl+L in a window that has no such key of its own."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = clock.ticks()
        self._watched: QWindow | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self.look)
        # Windows one after the other, not the whole application: a filter there would run for every event there is.
        QGuiApplication.instance().focusWindowChanged.connect(self._watch)  # type: ignore[union-attr]  # there is one
        # What an input method delivers goes to the widget with the focus and past its window.
        QApplication.instance().focusChanged.connect(self._watch_field)  # type: ignore[union-attr]  # there is one

    def begin(self) -> None:
        """Somebody has just signed in or unlocked."""
        self.touch()
        self._watch(QGuiApplication.focusWindow())
        self._watch_field(None, QApplication.focusWidget())
        self._timer.start()

    def end(self) -> None:
        """Nothing to lock."""
        self._timer.stop()

    def touch(self) -> None:
        """Somebody is here."""
        self._last = clock.ticks()

    def look(self) -> None:
        """See whether it has been long enough."""
        minutes = settings.lock_minutes()
        if minutes and clock.ticks() - self._last >= minutes * 60:
            self.long.emit()

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)

    def _watch_field(self, before: QWidget | None, now: QWidget | None) -> None:
        for field in (before, now):
            if field is not None and shiboken6.isValid(field):
                field.removeEventFilter(self)
        if now is not None and shiboken6.isValid(now):
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        del watched
        if event.type() in _TOUCHES:
            self.touch()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            # A dialog keeps the main window's keys from it, but whoever must leave at once has it in front of him too.
            control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if control and event.key() == Qt.Key.Key_L:
                self.wanted.emit()
                return True
        return False


class Curtain(QObject):
    """Hides all windows but one, those too that jobs under way open meanwhile; `lift` brings them back."""

    def __init__(self, shown: QWidget) -> None:
        super().__init__(shown)
        self._shown = shown
        self._hidden: list[tuple[QWidget, bool]] = []
        self._late: list[QWidget] = []

    def draw(self) -> None:
        """Hide them."""
        app = QApplication.instance()
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        for window in QApplication.topLevelWidgets():
            if window is not self._shown and window.isVisible():
                dialog = isinstance(window, QDialog) and window.isModal()
                self._hidden.append((window, dialog))
                window.hide()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shows = event.type() == QEvent.Type.Show and watched is not self._shown
        hidden = Qt.WidgetAttribute.WA_DontShowOnScreen
        if shows and isinstance(watched, QWidget) and watched.isWindow() and not watched.testAttribute(hidden):
            # It is told before it is drawn: so it never reaches the screen.
            watched.setAttribute(hidden)
            self._late.append(watched)
        return False

    def lift(self) -> None:
        """Show them again, dialogs over their windows as before."""
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        for window, modal in self._hidden:
            if not shiboken6.isValid(window):
                continue  # closed by the job that had opened it
            if modal and isinstance(window, QDialog):
                QDialog.open(window)
            else:
                window.show()
        for window in self._late:
            if not shiboken6.isValid(window):
                continue
            wanted = window.isVisible()
            modal = isinstance(window, QDialog) and window.isModal()
            window.hide()
            window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
            if wanted and modal and isinstance(window, QDialog):
                QDialog.open(window)
            elif wanted:
                window.show()
        self._hidden, self._late = [], []


class LockWindow(Growing):
    """Stands in front while the programme is locked; its title says nothing."""

    unlocked = Signal()
    other_wanted = Signal()
    """Somebody else wants to sign in."""
    quit_wanted = Signal()

    def __init__(self, station: "Station", operations: "Operations") -> None:
        super().__init__()
        self._station, self._operations = station, operations
        self._aside = Aside("unlock", self)
        self._by_code = False
        self._open = False
        named(self, "lock", "已锁定")
        role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("荣归")
        self.secret = line_edit("lock.secret", "登录密码")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret.setMinimumWidth(width_of(self.secret, 16))
        self.secret.returnPressed.connect(self.unlock)
        self._said = label(wrap=False)
        self._said.setBuddy(self.secret)
        self.banner = Banner("lock.banner")
        self.go = button("lock.unlock", "解锁(&U)", self.unlock, kind="primary")
        self.way = button("lock.way", "", self._toggle, kind="link")
        self.other = button("lock.other", "换人登录(&O)", self._other)
        self.busy = label(kind="faint", id="lock.busy")
        self.busy.hide()
        box = card(
            label("已锁定", "big"),
            label("没填完的内容都留着, 正在办的事照常办。", "faint"),
            SPACE.near,
            self.banner,
            self._said,
            self.secret,
            row(self.go, self.other),
            self.way,
            self.busy,
            id="lock.card",
        )
        box.setMinimumWidth(width_of(self.secret, 22))
        self.setLayout(column(None, row(None, box, None), None, margin=SPACE.page))
        self._show_way()
        operations.ended.connect(self._job_ended)

    def _show_way(self) -> None:
        name = self._station.actor.name
        self._said.setText("应急恢复码" if self._by_code else f"{name} 的登录密码")
        self.secret.setAccessibleName(self._said.text())
        self.secret.setEchoMode(QLineEdit.EchoMode.Normal if self._by_code else QLineEdit.EchoMode.Password)
        self.secret.clear()
        self.way.setText("用登录密码" if self._by_code else "忘了密码, 用应急恢复码")
        self.way.setAccessibleName(self.way.text())
        self.secret.setFocus()

    def _toggle(self) -> None:
        self._by_code = not self._by_code
        self._show_way()

    def unlock(self) -> None:
        """Try what stands in the field."""
        if not self.go.isEnabled():
            return
        secret = self.secret.text()
        if not secret.strip():
            self.banner.say("请填应急恢复码。" if self._by_code else "请填登录密码。", "warn")
            return
        from app.services import staff

        station = self._station
        given = {"recovery": secret.strip()} if self._by_code else {"password": secret}
        self.go.setEnabled(False)
        self.banner.say("正在核对…")
        self._aside.run(lambda: staff.unlock(station, **given), self._proven, self._wrong, owner=self)

    def _proven(self, _nothing: object) -> None:
        self._open = True
        self.unlocked.emit()

    def _wrong(self, error: UserError) -> None:
        self.go.setEnabled(True)
        self.banner.say(str(error), "bad")
        self.secret.selectAll()
        self.secret.setFocus()

    def _other(self) -> None:
        if self._operations.busy:
            say(self.busy, "还有事在后台办, 办完就可以换人登录。")
            return
        self._open = True
        self.other_wanted.emit()

    def _job_ended(self, _task: object) -> None:
        if not self._operations.busy:
            say(self.busy, "")

    def closeEvent(self, event: QCloseEvent) -> None:
        self._aside.close()
        if not self._open:
            self._open = True
            self.quit_wanted.emit()
        super().closeEvent(event)
