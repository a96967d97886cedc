"""Pictures of the windows without a desk: login, lock, the first run step by step, the manual, a crash."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication, QWidget

from app import folders
from app.services import backups, stores
from app.sync import enrolment
from app.sync.exchange import Exchange
from app.ui.kit import look
from app.ui.kit.controls import button
from app.ui.shell.crash import BROKE, CrashWindow, report
from app.ui.shell.first_run import FirstRun
from app.ui.shell.first_run_panels import CodePanel, FilePanel
from app.ui.shell.first_run_steps import Step, Walk, Way
from app.ui.shell.help import HelpWindow
from app.ui.shell.lock import LockWindow
from app.ui.shell.login import Login
from app.ui.shell.pictures.desks import NAME, STAFF, TOWN_NAME, TOWNSHIP, VILLAGE, plug_in
from app.ui.shell.pictures.taking import PASSWORD, Album, Stage, composed, framed, pause, wait

_WRONG: Final = "abc123"


class Doors:
    """The windows one after the other, in one text size."""

    def __init__(self, place: Path, album: Album, label: str, percent: int = 100) -> None:
        self._place, self._album, self._label = place, album, label
        app = QApplication.instance()
        if isinstance(app, QApplication):
            look.dress(app, percent)
            look.add_rare_fonts(app)
        plug_in(place / "U盘")

    def shoot(self, store: Path) -> None:
        """All of them; `store` is a village's store nobody has open."""
        self._login(store)
        self._first_run(store)
        self._help()
        self._crash()

    def _show(self, window: QWidget, name: str, title: str) -> None:
        pause(60)
        self._album.keep(name, title, self._label, composed(window))

    def _login(self, store: Path) -> None:
        login = Login(store, lambda: None)
        login.show()
        self._show(login, "login", "登录")
        login.password.setText(_WRONG)
        login.sign_in()
        wait(login.enter.isEnabled)
        self._show(login, "login-wrong", "登录: 密码不对")
        login.other_way.click()
        login.banner.say("")
        self._show(login, "login-code", "登录: 用应急恢复码")
        login.remind(BROKE, button("login.report", "保存错误报告(&S)…", lambda: None))
        self._show(login, "login-broke", "登录: 上次意外停止")
        self._away(login)
        held = stores.lock(store)
        login = Login(store, lambda: None)
        login.show()
        login.password.setText(PASSWORD)
        login.sign_in()
        wait(login.enter.isEnabled)
        self._show(login, "login-busy", "登录: 已经打开")
        self._away(login)
        held.release()

    def _first_run(self, store: Path) -> None:
        self._found()
        self._join()
        self._one(Walk(Way.PRACTISE), "first-level", "第一次打开: 练习模式")
        self._restore(store)

    def _one(
        self, walk: Walk | None, name: str, title: str, then: Callable[[FirstRun], object] = lambda _w: None
    ) -> None:
        window = FirstRun(self._place / f"new-{name}{self._label}", walk)
        window.show()
        then(window)
        self._show(window, name, title)
        self._away(window)

    def _found(self) -> None:
        window = FirstRun(self._place / f"found{self._label}")
        window.show()
        self._show(window, "first-way", "第一次打开: 怎么开始")
        window.walk.choose(Way.FOUND)
        window._show_step()  # noqa: SLF001 (what a press of the first button does)
        window.forward()
        self._show(window, "first-unit-wrong", "第一次打开: 本单位, 没有填")
        given = window.walk.entries
        given.name, given.scopes = NAME, {VILLAGE: "石鼓村委会"}
        window.panel.put(window.walk)
        window.panel.mark({})
        self._show(window, "first-unit", "第一次打开: 本单位")
        window.forward()
        given.staff, given.password, given.again = STAFF, "石鼓村2026", "石鼓村2026"
        window.panel.put(window.walk)
        self._show(window, "first-staff", "第一次打开: 您自己")
        window.forward()
        wait(lambda: window.walk.step is Step.CODE)
        panel = window.panel
        if isinstance(panel, CodePanel):
            panel.code.setText(_SAMPLE_CODE)
        self._show(window, "first-code", "第一次打开: 应急恢复码")
        window.print_code()
        wait(lambda: window.preview is not None and window.preview.pages)
        self._show(window, "first-code-paper", "第一次打开: 密封页")
        if window.preview is not None:
            window.preview.close()
        given.noted = True
        window.walk.entries.noted = True
        if isinstance(panel, CodePanel):
            panel.noted.setChecked(True)
        self._away(window)

    def _join(self) -> None:
        upper = self._place / f"upper{self._label}"
        founding = stores.Founding("township", TOWN_NAME, (TOWNSHIP,), "孙立", PASSWORD, practice=True)
        opened, _ = stores.init(upper, founding)
        file = self._place / "U盘" / "石鼓村.rge"
        file.unlink(missing_ok=True)
        invited = enrolment.enrol(
            Exchange(opened.station.db, upper), level="village", name=NAME, scopes=(VILLAGE,), out=file
        )
        opened.close()
        window = FirstRun(self._place / f"join{self._label}", Walk(Way.JOIN))
        window.show()
        given = window.walk.entries
        given.file, given.code = str(file), "1234 5678 9012 3456 7890"
        window.panel.put(window.walk)
        if isinstance(panel := window.panel, FilePanel):
            panel.file.put("E:\\石鼓村.rge")
            self._show(window, "first-file", "第一次打开: 开通文件和开通码")
            panel.file.put(str(file))
        window.forward()
        wait(lambda: window.walk.running is None)
        self._show(window, "first-file-wrong", "第一次打开: 开通码不对")
        given.code = invited.code
        window.panel.put(window.walk)
        window.forward()
        wait(lambda: window.walk.step is Step.OFFER)
        self._show(window, "first-offer", "第一次打开: 核对上级单位")
        self._away(window)

    def _restore(self, store: Path) -> None:
        copy = self._place / f"backed{self._label}"
        shutil.copytree(store, copy)
        opened = stores.open_store(copy, user=None, password=PASSWORD)
        made = backups.make(opened.station, self._place / "U盘")
        opened.close()
        window = FirstRun(self._place / f"restored{self._label}", Walk(Way.RESTORE, backup=made.file))
        window.show()
        self._show(window, "first-backup", "从备份恢复")
        window.walk.entries.secret = PASSWORD
        window.panel.put(window.walk)
        window.forward()
        wait(lambda: window.walk.step is Step.RESTORED)
        self._show(window, "first-restored", "从备份恢复: 已恢复")
        self._away(window)
        Path(made.file).unlink()

    def _help(self) -> None:
        window = HelpWindow(folders.manual())
        window.show()
        window.show_heading("慰问批次")
        self._show(window, "help", "使用手册")
        window.words.setText("没有这样的话")
        window.find_next()
        self._show(window, "help-none", "使用手册: 没有找到")
        self._away(window)

    def _crash(self) -> None:
        window = CrashWindow(report(""))
        window.open()
        pause(60)
        self._album.keep("crash", "程序出错", self._label, framed(window))
        window.another()
        pause(60)
        self._album.keep("crash-again", "程序出错: 又一次", self._label, framed(window))
        self._away(window)

    @staticmethod
    def _away(window: QWidget) -> None:
        window.close()
        window.deleteLater()
        pause()


_SAMPLE_CODE: Final = "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX"
"""Shown in the place of a real code, so that every run draws the same picture."""


def shoot_lock(stage: Stage) -> None:
    """The cover of a desk: locked, a wrong password, by code."""
    window = LockWindow(stage.window.desk.station, stage.window.desk.operations)
    window.resize(stage.window.size())
    window.show()
    pause(60)
    stage.album.keep("lock", "锁定", stage.label, composed(window))
    window.secret.setText(_WRONG)
    window.unlock()
    wait(window.go.isEnabled)
    pause(60)
    stage.album.keep("lock-wrong", "锁定: 密码不对", stage.label, composed(window))
    window.unlocked.emit()
    window._open = True  # noqa: SLF001 (it is put away, not closed by somebody who leaves)
    window.close()
    window.deleteLater()
