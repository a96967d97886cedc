"""备份与恢复: made onto a stick, proved, listed; put back by way of the restore window; a new 应急恢复码."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog

from app import clock
from app.errors import UserError
from app.services import backups, last_backup
from app.services.backups import Backup, BackupRow
from app.services.staff import StaffAccounts
from app.ui.kit import drafts
from app.ui.kit.controls import Banner, button, card, column, label, named, role, row
from app.ui.kit.flow import Flow
from app.ui.kit.look import SPACE
from app.ui.kit.page import Page
from app.ui.kit.paths import FolderField
from app.ui.kit.plain_table import PlainList
from app.ui.kit.table import Column
from app.ui.pages.system.section import Section

if TYPE_CHECKING:
    from app.documents.paper import Document
    from app.ui.kit.operations import Task

OLD_DAYS = 7


class BackupSection(Section):
    """Where, the list, what can be done."""

    key = "backups"
    title = "备份与恢复"

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.age = label(id="system.backups.age")
        own = str(backups.folder_of(self.desk.station))
        self.folder = FolderField(
            "system.backups.folder", "备份放在哪里", lambda work, done: page.read(work, done, key="backups.folder"),
            always=[("本机备份文件夹(电脑坏了会一起丢, 请再做一份到 U 盘)", own)],
        )  # fmt: skip
        self.folder.changed.connect(self.refresh)
        self.list = PlainList(
            "system.backups.list",
            "备份",
            [
                Column("made", "做好的时间", lambda one: one.made[:16].replace("T", " "), 10, sorts=True),
                Column(
                    "state",
                    "状态",
                    lambda one: "在" if one.state == "ok" else "坏了",
                    4,
                    sorts=True,
                    tone=lambda one: "" if one.state == "ok" else "bad",
                ),
                Column("bytes", "大小", lambda one: f"{one.bytes / 1_000_000:.1f} MB", 6, sorts=True, right=True),
                Column("file", "文件", lambda one: Path(one.file).name, 24, sorts=True),
            ],
            key=lambda one: one.file,
            empty="这里还没有备份。插上 U 盘, 选中它, 按“做备份”。",
            by={"bytes": lambda one: one.bytes},
        )
        page.remember(self.list, "backups")
        self.list.chosen.connect(lambda _file: self._show_buttons())
        self.go = button("system.backups.make", "做备份(&B)", self.make, kind="primary")
        self.check = button("system.backups.verify", "试着打开核对(&V)", self.verify)
        self.restore = button("system.backups.restore", "用它恢复(&R)…", self._ask_restore, kind="danger")
        self.code = button("system.backups.code", "换新的应急恢复码(&E)…", self._ask_code)
        self.body.addWidget(self.age)
        self.body.addWidget(self.folder)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(Flow([self.go, self.check, self.restore, self.code]))
        self.restore.setVisible(self.desk.may("restore"))
        self.code.setVisible(self.desk.may("staff"))
        for push in (self.go, self.check):
            push.setVisible(self.desk.may("backup"))
        self._busy = False
        self._last: last_backup.LastBackup | None = None
        """Made since the page was opened; the desk's memory may not have it yet."""
        self.dialog: CodeDialog | None = None
        self.desk.operations.ended.connect(self._ended)

    def refresh(self) -> None:
        self._show_age()
        folder, station = self.folder.folder(), self.desk.station
        if folder is None or not self.desk.may("backup"):
            self.list.show_rows([])
            return
        self.page.read(lambda: backups.listed(station, folder), self._show, key="backups")

    def start(self) -> None:
        self.folder.look()
        self.go.setFocus()

    def _show(self, rows: Sequence[BackupRow]) -> None:
        self.list.show_rows(rows)
        self._show_buttons()

    def _show_age(self) -> None:
        last = self._last or last_backup.read(self.desk.memory)
        if last is None:
            self.age.setText("本机还没有做过备份。请插上 U 盘做一份, 和电脑分开放。")
            return
        days = (clock.now_ms() - last.moment) // 86_400_000
        ago = "今天" if days < 1 else f"{days} 天前"
        when = clock.moment_text(last.moment)[:10]
        warn = "该再做一份了。" if days >= OLD_DAYS else ""
        self.age.setText(f"最近一次备份: {when}({ago}), 在 {last.file}。{warn}")

    def _show_buttons(self) -> None:
        one: BackupRow | None = self.list.current_row
        for push in (self.check, self.restore):
            push.setEnabled(one is not None and not self._busy)
        self.go.setEnabled(not self._busy)

    # -- making and proving --------------------------------------------------------------------------------------------

    def make(self) -> None:
        """One file of everything, opened once when it is done."""
        folder = self.folder.folder()
        if folder is None:
            self.banner.say("请先插上 U 盘, 按“重新找”; 也可以选别的文件夹。", "warn")
            return
        own = folder == backups.folder_of(self.desk.station)
        self._begin("正在做备份, 做好后会试着打开一次…")
        self.page.apart(
            backups.make, None if own else folder, done=self._made, failed=self._failed, what="做备份", reads=True
        )

    def _made(self, done: Backup) -> None:
        self._end()
        self._last = last_backup.of(done)
        drafts.soon(last_backup.note, self.desk.memory, self._last)
        self.banner.say(f"备份完好: {_described(done)}。\n文件: {done.file}", "good")
        self.refresh()

    def verify(self) -> None:
        """Read every byte of the chosen one and open it."""
        one: BackupRow | None = self.list.current_row
        if one is None:
            return
        self._begin("正在试着打开…")
        self.page.apart(
            backups.verify, Path(one.file), done=self._proved, failed=self._failed, what="核对备份", reads=True
        )

    def _proved(self, done: Backup) -> None:
        self._end()
        when = done.made[:16].replace("T", " ")
        self.banner.say(f"备份试恢复成功: {when} 的备份能打开, {_described(done)}。", "good")

    def _failed(self, error: UserError) -> bool:
        self._end()
        self.banner.say(str(error), "bad", button("system.backups.again", "重新找(&Y)", self.folder.look))
        return True

    def _begin(self, words: str) -> None:
        self._busy = True
        self.banner.say(words)
        self._show_buttons()

    def _end(self) -> None:
        self._busy = False
        self._show_buttons()

    def _ended(self, task: "Task") -> None:
        if self._busy and task.cancelled:
            self._end()
            self.banner.say("已停止, 没有留下不完整的备份。本机数据没有动。")

    # -- putting back --------------------------------------------------------------------------------------------------

    def _ask_restore(self) -> None:
        one: BackupRow | None = self.list.current_row
        if one is None:
            return
        when = one.made[:16].replace("T", " ")
        self.page.ask(
            f"要用 {when} 的备份换掉现在的数据吗? 现在的数据不会删, 会留在旁边的文件夹里。接下来要关闭数据, 输一次登录密码或应急恢复码。",
            "关闭数据, 去恢复", lambda: self.page.go("restore", one.file), no="不恢复", danger=True,
            more="这之后已经上报的, 下次与上级交换时会拿回来; 没有上报过的要重新登记。",
        )  # fmt: skip

    # -- the sealed code -----------------------------------------------------------------------------------------------

    def _ask_code(self) -> None:
        self.page.ask(
            "要换一个新的应急恢复码吗? 换好以后, 信封里原来的那个就没用了, 新的要马上打印、密封、交上级保管。",
            "换新的", self._new_code, no="不换",
        )  # fmt: skip

    def _new_code(self) -> None:
        accounts = StaffAccounts(self.desk.station)
        self.page.write(accounts.new_recovery_code, self._show_code, failed=self.failed, what="换应急恢复码")

    def _show_code(self, code: str) -> None:
        self.dialog = CodeDialog(self.page, code)
        self.dialog.open()


class CodeDialog(QDialog):
    """The new 应急恢复码, shown once; it closes when it is on paper."""

    def __init__(self, page: Page, code: str) -> None:
        super().__init__(page)
        self._page, self._code = page, code
        named(self, "code", "应急恢复码")
        role(self, "page")
        self.setWindowTitle("应急恢复码")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.banner = Banner("code.banner")
        shown = named(label(code, "big"), "code.code")
        self.print = button("code.print", "打印密封页(&P)…", self._print, kind="primary")
        self.noted = named(QCheckBox("已经打印或抄好, 装进信封(&K)"), "code.noted", "已经打印或抄好, 装进信封")
        self.close_button = button("code.close", "关闭(&C)", self.reject)
        self.setLayout(
            column(
                label("新的应急恢复码", "title"),
                label("它只显示这一次, 电脑里不留。原来的已经没用了。"),
                self.banner,
                card(shown),
                row(self.print, None),
                self.noted,
                row(None, self.close_button),
                margin=SPACE.page,
                gap=SPACE.apart,
            )
        )
        self.print.setFocus()

    def _print(self) -> None:
        from app.documents.recovery_sheet import RecoverySheet, recovery_sheet

        place = self._page.desk.station.place
        name = self._page.desk.station.actor.name
        sheet = RecoverySheet(place.name, self._code, clock.today(), name, practice=place.practice)
        self._page.read(lambda: recovery_sheet(sheet), self._preview, key="code.sheet")

    def _preview(self, made: "Document") -> None:
        from app.ui.kit.printing import Paper, Preview

        paper = Paper(made.pdf, "应急恢复码密封页", "", "recovery", secret=True)
        preview = Preview(self._page.desk, paper, self)
        preview.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        preview.open()

    def reject(self) -> None:
        """Only when it is on paper."""
        if self.noted.isChecked():
            super().reject()
        else:
            self.banner.say("请先打印或抄好, 打上勾, 再关: 这个码以后再也看不到。", "warn")

    def closeEvent(self, event: Any) -> None:
        if self.noted.isChecked():
            super().closeEvent(event)
        else:
            event.ignore()
            self.reject()


def _state(one: BackupRow) -> str:
    return "在" if one.state == "ok" else "坏了"


def _described(done: Backup) -> str:
    lacking = f", {done.lacking} 个附件的内容不在本机或已坏" if done.lacking else ""
    return f"人员 {done.persons} 人, 附件 {done.attachments} 个{lacking}, 共 {done.bytes / 1_000_000:.1f} MB"
