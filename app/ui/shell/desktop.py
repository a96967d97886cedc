"""From the start of the window to its end: first run, login, the main window, locking, another person, practice, the end."""

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import shiboken6
from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator
from PySide6.QtWidgets import QApplication, QWidget

from app import clock, folders
from app.ui.kit import look, settings
from app.ui.kit.controls import button
from app.ui.kit.sweeping import Sweeper
from app.ui.shell.crash import BROKE, Crashes, report, save_report
from app.ui.shell.instance import Instance, call
from app.ui.shell.login import Login

if TYPE_CHECKING:
    from app.services.stores import Opened
    from app.ui.shell.first_run import FirstRun
    from app.ui.shell.first_run_steps import Walk
    from app.ui.shell.help import HelpWindow
    from app.ui.shell.lock import Curtain, Idle, LockWindow
    from app.ui.shell.window import MainWindow


LATER: Final = 1_500
"""Milliseconds after the first page until what can wait is loaded."""


class Desktop(QObject):
    """Owns the windows; one at a time is shown."""

    def __init__(self, folder: Path, user: str = "", fault: str = "") -> None:
        """`fault`: what the last run left behind when its process broke."""
        super().__init__()
        self.app = application()
        self.folder, self.user, self.fault = folder, user, fault
        self.crashes = Crashes(self)
        self.crashes.quit_wanted.connect(self.quit)
        self.instance: Instance | None = None
        self.front: QWidget | None = None
        self.main: MainWindow | None = None
        self.first: FirstRun | None = None
        self.help: HelpWindow | None = None
        self.lock_window: LockWindow | None = None
        self._curtain: Curtain | None = None
        self._idle: Idle | None = None
        self._focus: QWidget | None = None
        self._practising = False

    def run(self) -> int:
        """Show the first window and stay until the last one is closed."""
        self.crashes.install()
        sweeper = Sweeper(self)
        try:
            if call(self.folder):
                return 0  # the window that was there already has come to the front
            self.instance = Instance(self.folder, self)
            self.instance.called.connect(self.raise_front)
            self.begin()
            QTimer.singleShot(0, self.instance.listen)
            return self.app.exec()
        finally:
            self.close()
            sweeper.stop()
            self.crashes.uninstall()

    def begin(self) -> None:
        """The first window: to sign in where there is a store, else to make one."""
        if folders.holds_store(self.folder) or _half_restored(self.folder):
            self.show_login()
        else:
            self.show_first_run()

    def close(self) -> None:
        """Let go of the store, if one is open, and of the name under which other starts call."""
        if self.main is not None:
            self.main.shut()
            self.main = None
        if self.instance is not None:
            self.instance.close()
            self.instance = None

    def quit(self) -> None:
        """End the programme; what was half typed is kept."""
        if self.main is not None:
            self.main.close()
        self.app.quit()

    def raise_front(self) -> None:
        """Bring the window to the front, over whatever hides it."""
        window = self.lock_window or self.front
        if window is not None:
            window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
            window.show()
            window.raise_()
            window.activateWindow()

    # -- signing in ----------------------------------------------------------------------------------------------------

    def show_login(self) -> None:
        """Ask who is here."""
        login = Login(self.folder, load_the_rest, self.user)
        login.opened.connect(self.show_main)
        login.restore_wanted.connect(self.show_restore)
        login.practice_wanted.connect(self.practise)
        login.quit_wanted.connect(self.quit)
        login.help_wanted.connect(self.show_help)
        if self.fault:
            keep = button("login.report", "保存错误报告(&S)…", self._save_fault)
            login.remind(BROKE, keep)
        self._to_front(login)

    def _save_fault(self) -> None:
        if isinstance(self.front, Login):
            save_report(self.front, report(self.fault), self.front.notice)

    def show_first_run(self, walk: "Walk | None" = None) -> None:
        """Make a store, or put a backup in its place."""
        from app.ui.shell.first_run import FirstRun

        window = FirstRun(self.folder, walk)
        window.opened.connect(self._first_opened)
        window.restored.connect(self.show_login)
        window.left.connect(self._left_first_run)
        window.help_wanted.connect(self.show_help)
        self.first = window
        self._to_front(window)

    def show_restore(self, backup: str = "") -> None:
        """Put a backup in the place of the store, which is closed for it."""
        from app.ui.shell.first_run_steps import Walk, Way

        self._let_go_of_main()
        self.show_first_run(Walk(Way.RESTORE, backup=backup))

    def _left_first_run(self) -> None:
        if folders.holds_store(self.folder):
            self.show_login()
        else:
            self.quit()

    def _first_opened(self, opened: "Opened") -> None:
        self._practising = opened.station.folder != self.folder
        self.show_main(opened)

    def practise(self) -> None:
        """The practice store beside the real one."""
        from app.ui.shell.first_run_steps import Walk, Way

        self._let_go_of_main()
        self.show_first_run(Walk(Way.PRACTISE))
        from app.services import practice

        if folders.holds_store(practice.folder_beside(self.folder)) and self.first is not None:
            self.first.forward()  # it is there already: nothing to ask

    def practise_afresh(self) -> None:
        """The practice store made anew."""
        from app.services import practice

        self._let_go_of_main()
        practice.discard(practice.folder_beside(self.folder))
        self.practise()

    # -- the main window -----------------------------------------------------------------------------------------------

    def show_main(self, opened: "Opened") -> None:
        """The store is open."""
        from app.ui.kit.page import Link
        from app.ui.shell.lock import Idle
        from app.ui.shell.window import MainWindow

        self.fault = ""
        self.main = MainWindow(opened)
        self.main.signed_out.connect(self._sign_out)
        self.main.locked.connect(self.lock)
        self.main.help_wanted.connect(self.show_help)
        self.main.restore_wanted.connect(self.show_restore)
        self.main.practice_wanted.connect(self.practise)
        self.main.afresh_wanted.connect(self.practise_afresh)
        self.main.closing.connect(self._close_help)
        self.main.go(Link("today"))
        self._to_front(self.main)
        self.main.greet()
        self._idle = Idle(self)
        self._idle.long.connect(self.lock)
        self._idle.wanted.connect(self.lock)
        self._idle.begin()
        QTimer.singleShot(LATER, self, self._later)

    def _later(self) -> None:
        """What can wait until the first page stands: fonts for rare characters, the modules of the other pages."""
        if self.main is None:
            return
        from app.ui.shell import navigation

        look.add_rare_fonts(self.app)

        def load() -> None:
            navigation.load_all()
            Sweeper.stay()

        threading.Thread(target=load, name="pages", daemon=True).start()

    def _sign_out(self) -> None:
        self._let_go_of_main()
        if self._practising:
            self._practising = False
            self.begin()
        else:
            self.show_login()

    def _let_go_of_main(self) -> None:
        self._end_lock()
        main, self.main = self.main, None
        if self._idle is not None:
            self._idle.end()
            self._idle.deleteLater()
            self._idle = None
        if main is None:
            return
        if self.front is main:
            self.front = None
        # Another window comes in its place: this is not the end of the programme.
        self.app.setQuitOnLastWindowClosed(False)
        main.close()
        main.shut()
        main.deleteLater()

    # -- locking -------------------------------------------------------------------------------------------------------

    def lock(self) -> None:
        """Cover everything until the password is given."""
        if self.main is None or self.lock_window is not None:
            return
        from app.ui.shell.lock import Curtain, LockWindow

        self._focus = QApplication.focusWidget()
        self.main.desk.messages.hold()
        window = self.lock_window = LockWindow(self.main.desk.station, self.main.desk.operations)
        window.setGeometry(self.main.geometry())
        window.setWindowState(self.main.windowState())
        window.unlocked.connect(self.unlock)
        window.other_wanted.connect(self._sign_out)
        window.quit_wanted.connect(self.quit)
        window.show()
        self._curtain = Curtain(window)
        self._curtain.draw()
        window.activateWindow()

    def unlock(self) -> None:
        """Everything as it was."""
        self._end_lock()
        if self.main is not None:
            self.main.activateWindow()
            self.main.desk.messages.release()
            if self._focus is not None and shiboken6.isValid(self._focus):
                self._focus.setFocus()
        if self._idle is not None:
            self._idle.touch()

    def _end_lock(self) -> None:
        window, self.lock_window = self.lock_window, None
        if self._curtain is not None:
            self._curtain.lift()
            self._curtain = None
        if window is not None:
            window.close()
            window.deleteLater()

    # -- help ----------------------------------------------------------------------------------------------------------

    def show_help(self, heading: str) -> None:
        """The manual at a heading."""
        from app.ui.shell.help import HelpWindow

        if self.help is None:
            self.help = HelpWindow(folders.manual())
            self.help.closed.connect(self._help_closed)
        self.help.show_heading(heading)
        self.help.show()
        self.help.raise_()
        self.help.activateWindow()

    def _help_closed(self) -> None:
        self.help = None

    def _close_help(self) -> None:
        if self.help is not None:
            self.help.close()

    def _to_front(self, window: QWidget) -> None:
        before, self.front = self.front, window
        window.show()
        self.app.setQuitOnLastWindowClosed(True)
        if before is not None:
            before.close()
            before.deleteLater()


def _half_restored(folder: Path) -> bool:
    """A restore was cut between its two renames; opening the store finishes it."""
    return not folder.exists() and folder.with_name(f"{folder.name}.restoring").is_dir()


def application() -> QApplication:
    """The one QApplication, dressed, speaking Chinese."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        # The style as an option: to ask for it or to set it later would first wrap all that a style can do for Python.
        app = QApplication([*sys.argv[:1], "-style", "fusion"])
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
    Sweeper.stay()
