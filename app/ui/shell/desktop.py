"""From the start of the window to its end: login, the main window, locking, another person, the end."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtWidgets import QApplication, QWidget

from app import clock
from app.ui.kit import look
from app.ui.shell import settings
from app.ui.shell.login import Login

if TYPE_CHECKING:
    from app.services.stores import Opened
    from app.ui.shell.window import MainWindow


class Desktop(QObject):
    """Owns the windows; one at a time is shown."""

    def __init__(self, folder: Path, user: str = "") -> None:
        super().__init__()
        self.app = application()
        self.folder, self.user = folder, user
        self.front: QWidget | None = None
        self.main: MainWindow | None = None

    def run(self) -> int:
        """Show the first window and stay until the last one is closed."""
        self.show_login()
        code = self.app.exec()
        self.close()
        return code

    def show_login(self) -> None:
        """Ask who is here."""
        login = Login(self.folder, load_the_rest, self.user)
        login.opened.connect(self.show_main)
        self._to_front(login)

    def show_main(self, opened: "Opened") -> None:
        """The store is open."""
        from app.ui.kit.page import Link
        from app.ui.shell.window import MainWindow

        self.main = MainWindow(opened)
        self.main.signed_out.connect(self._sign_out)
        self.main.go(Link("today"))
        self._to_front(self.main)

    def close(self) -> None:
        """Let go of the store, if one is open."""
        if self.main is not None:
            self.main.shut()
            self.main = None

    def _sign_out(self) -> None:
        main, self.main = self.main, None
        if main is not None:
            main.close()
            main.shut()
            main.deleteLater()
        self.show_login()

    def _to_front(self, window: QWidget) -> None:
        before, self.front = self.front, window
        window.show()
        if before is not None:
            before.close()
            before.deleteLater()


def application() -> QApplication:
    """The one QApplication, dressed, speaking Chinese."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Ronggui")
    chinese = QLocale(QLocale.Language.Chinese, QLocale.Country.China)
    QLocale.setDefault(chinese)
    translator = QTranslator(app)
    if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
    look.dress(app, settings.text_size())
    return app


def load_the_rest() -> None:
    """What the main window and its first page need, loaded in a thread while the password is typed."""
    import app.services.stores
    import app.services.today
    import app.services.undoing
    import app.sync.due
    import app.ui.pages.today
    import app.ui.shell.finding
    import app.ui.shell.window  # noqa: F401 (loaded, not used)
    from app.models import ready
    from app.rules import festivals

    ready()
    festivals.coming(clock.today())
