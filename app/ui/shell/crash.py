"""When the programme itself has gone wrong: noted, said in words, and the work goes on; never a traceback on the screen."""

import logging
import sys
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal, qVersion
from PySide6.QtWidgets import QApplication, QDialog

from app import __version__, logs
from app.errors import UserError
from app.ui.kit.controls import Banner, button, column, label, named, role, row, snug
from app.ui.kit.look import SPACE

log = logging.getLogger(__name__)

SAME: Final = 2
"""How often the very same error is shown; after that it is only noted."""
MOST: Final = 20
"""Errors shown in one run."""
SAID: Final = "刚才这一步可能没有做完。之前保存过的都在, 没填完的内容也留着。"
NEXT: Final = "可以继续使用。如果再次出现, 请保存错误报告(里面没有任何人的资料), 交给镇站或技术支持。"
BROKE: Final = "上次程序意外停止了。之前保存过的都在。如果再次出现, 请保存错误报告, 交给镇站或技术支持。"


class Crashes(QObject):
    """Catches what nobody else has; errors may come from any thread, the window to say so opens in its own."""

    quit_wanted = Signal()
    _happened = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seen: Counter[str] = Counter()
        self._shown = 0
        self.window: CrashWindow | None = None
        self._before: tuple[Any, ...] | None = None
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """From now on no error passes unnoticed."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self.caught
        threading.excepthook = self._caught_in_thread
        sys.unraisablehook = self._caught_unraisable

    def uninstall(self) -> None:
        """Leave the hooks as they were."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Note an error and have it shown; it must not raise itself, whatever happens."""
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            sys.__excepthook__(kind, error, trace)
            return
        try:
            import traceback

            log.critical("an error nobody dealt with", exc_info=(kind, error, trace))
            text = logs.masked_traceback("".join(traceback.format_exception(kind, error, trace)))
            self._happened.emit(text, getattr(error, "place", "") or _place(kind, trace))
        except Exception:  # noqa: BLE001 (there is nobody left to tell)
            sys.__excepthook__(kind, error, trace)

    def _caught_in_thread(self, facts: threading.ExceptHookArgs) -> None:
        if facts.exc_value is not None:
            self.caught(facts.exc_type, facts.exc_value, facts.exc_traceback)

    def _caught_unraisable(self, facts: Any) -> None:
        """Python cannot raise it where it happened (a destructor): noted, not shown, nothing depends on it."""
        if facts.exc_value is not None:
            log.error("an error that could not be raised", exc_info=facts.exc_value)

    def _show(self, text: str, place: str) -> None:
        self._seen[place] += 1
        if self.window is not None:
            self.window.another()
        elif self._seen[place] <= SAME and self._shown < MOST:
            self._shown += 1
            self.window = CrashWindow(report(text))
            self.window.finished.connect(self._closed)
            self.window.quit_wanted.connect(self.quit_wanted)
            self.window.open()

    def _closed(self) -> None:
        self.window = None


def _place(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Tells one error from another: its kind and the line it came from."""
    import traceback

    last = traceback.extract_tb(trace)[-1:]
    return f"{kind.__name__} {last[0].filename}:{last[0].lineno}" if last else kind.__name__


def report(text: str) -> str:
    """A file for whoever looks after the programme: versions, the masked traceback, the last masked notes."""
    import platform

    from app import clock

    head = [
        f"荣归 {__version__} 错误报告  {clock.now():%Y-%m-%d %H:%M}",
        f"系统 {platform.system()} {platform.release()} {platform.machine()}",
        f"Python {platform.python_version()}, Qt {qVersion()}",
        "本报告只有程序出错的位置, 没有人员资料; 姓名、证件号、电话都已遮盖。",
    ]
    return "\n".join([*head, "", "== 出错的位置 ==", text, "", "== 最近的记录 ==", logs.tail(), ""])


class CrashWindow(QDialog):
    """What happened, what is safe, what can be done."""

    quit_wanted = Signal()

    def __init__(self, report: str) -> None:
        super().__init__(QApplication.activeWindow())
        self._report = report
        self._more = 0
        named(self, "crash", "程序出了一点问题")
        self.setWindowTitle("荣归")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        role(self, "page")
        said = label(SAID, id="crash.text")
        self.again = label(kind="faint", id="crash.again")
        self.again.hide()
        self.banner = Banner("crash.banner")
        self.go_on = button("crash.continue", "继续使用(&C)", self.accept, kind="primary")
        save = button("crash.save", "保存错误报告(&S)…", self._save)
        leave = button("crash.quit", "退出(&X)", self._quit)
        self.setLayout(
            column(
                label("程序出了一点问题", "title"),
                said,
                label(NEXT, "faint"),
                self.again,
                self.banner,
                row(None, save, leave, self.go_on),
                margin=SPACE.page,
                gap=SPACE.apart,
            )
        )
        snug(self, 36)
        self.go_on.setFocus()

    def another(self) -> None:
        """One more error while this window is open."""
        self._more += 1
        self.again.setText(f"这期间又出了 {self._more} 次问题, 都记在报告里了。")
        self.again.show()
        snug(self, 36)

    def _save(self) -> None:
        save_report(self, self._report, self.banner)

    def _quit(self) -> None:
        self.accept()
        self.quit_wanted.emit()


def save_report(parent: Any, text: str, banner: Banner) -> None:
    """Ask where the report is to go and write it there; the banner says how it went."""
    from PySide6.QtWidgets import QFileDialog

    from app import clock

    dialog = QFileDialog(parent, "保存错误报告", f"荣归错误报告-{clock.now():%Y%m%d-%H%M}.txt", "文本 (*.txt)")
    named(dialog, "crash.file", "保存错误报告")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("txt")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: write_report(Path(name), text, banner))
    dialog.open()


def write_report(path: Path, text: str, banner: Banner) -> None:
    """Write it; a full or missing stick is said in the banner."""
    from app import durable

    try:
        with durable.speaking("保存错误报告", path):
            durable.write_file(path, text.encode())
    except UserError as error:
        banner.say(str(error), "bad")
    else:
        banner.say(f"已保存到 {path}。请用 U 盘交给镇站或技术支持。", "good")
