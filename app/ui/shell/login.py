"""The first window: who is here, and the password. It loads the rest of the programme while the password is typed."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QPushButton

from app.errors import Busy, EnvironmentTrouble, Newer, UserError
from app.ui.kit import look, settings
from app.ui.kit.aside import Aside
from app.ui.kit.controls import (
    Banner,
    Growing,
    Tone,
    button,
    card,
    column,
    label,
    line_edit,
    named,
    role,
    row,
    width_of,
)
from app.ui.kit.look import SPACE

if TYPE_CHECKING:
    from app.services.stores import Opened

LARGE_TEXT: Final = 150
"""From this text size on the window is nearly as high as the smallest screen."""
NAME_HINT = "只有一位工作人员时可以不填"


_SHARE: Final = 0.9
"""Of the screen: large text must not make the window larger than it."""
_DRAWN: Final = 60
"""Milliseconds by which the window is on the screen."""


class Login(Growing):
    """Opens the store of a folder; wrong tries change nothing and lose nothing."""

    opened = Signal(object)
    """services.stores.Opened."""
    restore_wanted = Signal()
    """The store cannot be opened; the person wants to put a backup in its place."""
    practice_wanted = Signal()
    quit_wanted = Signal()
    help_wanted = Signal(str)

    def __init__(self, folder: Path, load: Callable[[], object], user: str = "") -> None:
        """`load` brings in what comes after; it runs in a thread as soon as the window is there."""
        super().__init__()
        self._folder = folder
        self._load = load
        self.loading: threading.Thread | None = None
        self._aside = Aside("login", self)
        named(self, "login", "登录")
        role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("荣归")
        self.name = line_edit("login.name", "姓名", NAME_HINT)
        self.name.setText(user)
        self.password = line_edit("login.password", "登录密码")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.recovery = line_edit("login.recovery", "应急恢复码", "密封在信封里的那张纸上")
        self.notice = Banner("login.notice")
        self.banner = Banner("login.banner")
        self.enter = button("login.enter", "登录(&L)", self.sign_in, kind="primary")
        self.other_way = button("login.other", "忘了密码, 用应急恢复码", self._toggle, kind="link")
        self.practice = button(
            "login.practice", "先练一练(都是假数据, 不影响正式数据)", self.practice_wanted.emit, kind="link"
        )
        self._labels = [label(text, wrap=False) for text in ("姓名", "登录密码", "应急恢复码")]
        for text, field in zip(self._labels, (self.name, self.password, self.recovery), strict=True):
            text.setBuddy(field)
            field.setMinimumWidth(width_of(field, 24))
        fields = column(gap=SPACE.tight)
        for text, field in zip(self._labels, (self.name, self.password, self.recovery), strict=True):
            fields.addWidget(text)
            fields.addWidget(field)
            fields.addSpacing(SPACE.near)
        self.name.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self.sign_in)
        self.recovery.returnPressed.connect(self.sign_in)
        self._subtitle = label("退役军人服务站工作台", "faint", wrap=False)
        box = card(
            label("荣归", "big"),
            self._subtitle,
            SPACE.near,
            self.notice,
            self.banner,
            fields,
            self.enter,
            self.other_way,
            self.practice,
            id="login.card",
        )
        self.setLayout(column(None, row(None, box, None), None, margin=SPACE.page))
        self._by_code = False
        self._show_way()
        room = self.screen().availableGeometry().size() * _SHARE
        self.resize(QSize(look.scaled(640), look.scaled(560)).boundedTo(room))
        QShortcut(QKeySequence("F1"), self).activated.connect(lambda: self.help_wanted.emit("登录"))
        (self.name if settings.signs_in_by_name() and not user else self.password).setFocus()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self.loading is None:
            # Not before the window is drawn: both would wait for each other.
            QTimer.singleShot(_DRAWN, self.load)

    def load(self) -> None:
        """Begin to bring in the rest."""
        if self.loading is None:
            self.loading = threading.Thread(target=self._load, name="loading", daemon=True)
            self.loading.start()

    def _toggle(self) -> None:
        self._by_code = not self._by_code
        self._show_way()

    def _show_way(self) -> None:
        for widget in (self._labels[0], self.name, self._labels[1], self.password):
            widget.setVisible(not self._by_code)
        for widget in (self._labels[2], self.recovery):
            widget.setVisible(self._by_code)
        self.other_way.setText("用姓名和密码登录" if self._by_code else "忘了密码, 用应急恢复码")
        self.other_way.setAccessibleName(self.other_way.text())
        (self.recovery if self._by_code else self.password).setFocus()

    def sign_in(self) -> None:
        """Try what stands in the fields."""
        if not self.enter.isEnabled():
            return
        name, password, code = self.name.text().strip(), self.password.text(), self.recovery.text().strip()
        if not (code if self._by_code else password):
            self._say("请填应急恢复码。" if self._by_code else "请填登录密码。", "warn")
            return
        self.enter.setEnabled(False)
        self._say("正在打开…", "note")
        user = None if self._by_code else name or None
        given = (None, code) if self._by_code else (password, None)
        self.load()
        folder, loading = self._folder, self.loading

        def work() -> "Opened":
            if loading is not None:
                loading.join()
            from app.services import stores

            return stores.open_store(folder, user=user, password=given[0], recovery=given[1])

        self._aside.run(work, self._opened, self._refused, unclaimed=lambda found: found.close())

    def _opened(self, found: "Opened") -> None:
        if not self._by_code:
            settings.set_signs_in_by_name(named=bool(self.name.text().strip()))
        self._say("")
        self.opened.emit(found)

    def _refused(self, error: UserError) -> None:
        self.enter.setEnabled(True)
        self._say(str(error), "bad", *self._ways_on(error))
        field = self.recovery if self._by_code else self.password
        field.selectAll()
        field.setFocus()

    def remind(self, text: str, *ways: QPushButton) -> None:
        """Something that must be known before signing in."""
        self.notice.say(text, "warn", *ways)
        self._make_room()

    def _say(self, text: str, tone: Tone = "note", *ways: QPushButton) -> None:
        self.banner.say(text, tone, *ways)
        self._make_room()

    def _make_room(self) -> None:
        """Large text leaves no room on the smallest screen for what is only nice to have beside something said."""
        said = bool(self.banner.text() or self.notice.text())
        for widget in (self._subtitle, self.practice):
            widget.setVisible(not (said and look.scale() >= LARGE_TEXT))

    def _ways_on(self, error: UserError) -> list[QPushButton]:
        """The buttons that do what the sentence says: a wrong password needs none."""
        again = button("login.again", "再试一次(&R)", self.sign_in)
        leave = button("login.quit", "退出(&X)", self.quit_wanted.emit)
        if isinstance(error, Newer):
            return [leave]
        if isinstance(error, Busy):
            return [again, leave]
        if isinstance(error, EnvironmentTrouble):
            restore = button("login.restore", "用备份恢复(&B)…", self.restore_wanted.emit)
            return [again, restore, leave]
        return []

    def closeEvent(self, event: QCloseEvent) -> None:
        self._aside.close()
        super().closeEvent(event)
