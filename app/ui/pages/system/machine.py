"""本机设置: text size, when the window locks, where things lie; 数据检查; 关于."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QComboBox

from app import __version__, clock, folders, logs
from app.errors import UserError
from app.models import kinds
from app.rules import divisions as division_rules
from app.rules import levels
from app.services import checking, divisions, stores
from app.sync import jobs
from app.ui.kit import look, settings
from app.ui.kit.card_reading import ReadCard
from app.ui.kit.controls import button, card, label, row
from app.ui.kit.entering import combo
from app.ui.kit.flow import Flow
from app.ui.kit.page import Page
from app.ui.pages.system.section import Section

if TYPE_CHECKING:
    from app.rules.id_card import IdCard
    from app.services.card_reader import PortName
    from app.ui.kit.operations import Task

MINUTES = ((3, "3 分钟"), (5, "5 分钟"), (10, "10 分钟"), (15, "15 分钟"), (30, "30 分钟"), (0, "不自动锁定"))


class MachineSection(Section):
    """What belongs to this machine and to nobody's data."""

    key = "machine"
    title = "本机设置"

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.text = combo(
            "system.machine.text", "文字大小", [(str(one), f"{one} %") for one in look.SCALES], str(look.scale())
        )
        self.text.activated.connect(lambda _place: page.go("text_size", str(self.text.currentData())))
        minutes = settings.lock_minutes()
        choices = list(MINUTES)
        if minutes not in dict(MINUTES):
            choices.append((minutes, f"{minutes} 分钟"))
        self.lock = combo(
            "system.machine.lock", "多久没人动就锁定", [(str(n), words) for n, words in choices], str(minutes)
        )
        self.lock.activated.connect(lambda _place: self._set_lock())
        heads = [label(words, wrap=False) for words in ("文字大小", "多久没人动就锁定")]
        for head, widget in zip(heads, (self.text, self.lock), strict=True):
            head.setBuddy(widget)
            self.body.addLayout(row(head, widget, None))
        self.body.addWidget(
            label("锁定以后要输登录密码才能看; 随时可以按 Ctrl+L 锁定。一台电脑几个人用, 请不要关掉自动锁定。", "faint")
        )
        self._card_reader()
        where = self.desk.station.folder
        lines = [
            f"数据文件夹: {where}", f"打印的纸和导出的文件: {folders.papers_folder()}", f"本机设置: {folders.settings_folder()}",
            f"程序出错的记录(没有人员资料): {logs.folder()}",
        ]  # fmt: skip
        self.body.addWidget(card(label("东西放在哪里", "heading"), label("\n".join(lines), id="system.machine.places")))
        self.body.addWidget(
            Flow([
                button("system.machine.open", "打开数据文件夹(&O)", lambda: _show(where)),
                button("system.machine.practice", "练习模式(&P)", lambda: page.go("practice")),
                button("system.machine.lock_now", "现在锁定(&L)", lambda: page.go("lock"), hint="Ctrl+L"),
            ])
        )  # fmt: skip
        self.body.addStretch(1)

    def _card_reader(self) -> None:
        kept = settings.card_reader()
        choices = [("", "没有读卡器"), (settings.ANY_READER, "自动查找")]
        if kept not in dict(choices):
            choices.append((kept, kept))
        self.reader = combo("system.machine.reader", "身份证读卡器", choices, kept)
        self.reader.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.reader.setMinimumContentsLength(16)
        self.reader.activated.connect(lambda _place: self._set_reader())
        self.card = ReadCard("system.machine.card", self._read, self.banner.say)
        head = label("身份证读卡器", wrap=False)
        head.setBuddy(self.reader)
        self.body.addWidget(Flow([head, self.reader, self.card.push]))
        self.card.refresh()
        self.body.addWidget(
            label(
                "选好以后, 登记人员和找人的地方就有“读身份证”。串口的读卡器直接能用; 没有读卡器的照常手工输入。",
                "faint",
            )
        )

    def refresh(self) -> None:
        """The serial lines of the computer, which may be others since a reader was plugged in."""
        from app.services import card_reader

        self.page.read(card_reader.ports, self._show_ports, key="ports")

    def _show_ports(self, ports: "Sequence[PortName]") -> None:
        for port in ports:
            if self.reader.findData(port.name) < 0:
                self.reader.addItem(f"{port.name} {port.words}".strip(), port.name)

    def _set_reader(self) -> None:
        settings.set_card_reader(str(self.reader.currentData()))
        self.card.refresh()
        self.page.tell(f"已保存: 身份证读卡器 {self.reader.currentText()}。")

    def _read(self, card: "IdCard") -> None:
        said = " ".join(card.warnings(clock.today()))
        self.banner.say(f"读卡器能用, 读到了 {card.name} 的证件。{said}", "warn" if said else "good")

    def start(self) -> None:
        self.text.setFocus()

    def _set_lock(self) -> None:
        settings.set_lock_minutes(int(str(self.lock.currentData())))
        self.page.tell(f"已保存: {self.lock.currentText()}。")


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


class CheckSection(Section):
    """Everything proved once more, in the worker process."""

    key = "check"
    title = "数据检查"

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.go = button("system.check.go", "开始检查(&C)", self.check, kind="primary")
        self.result = label(id="system.check.result")
        self.copy = button("system.check.copy", "复制结果(&Y)", self._copy)
        self.copy.hide()
        self.body.addWidget(
            label(
                "把全部数据核对一遍: 数据文件、变更记录、每条数据、附件、金额。不改动任何数据; 人多时要几分钟, 可以停止。"
            )
        )
        self.body.addWidget(Flow([self.go, self.copy]))
        self.body.addWidget(self.result)
        self.body.addStretch(1)
        self._busy = False
        self.desk.operations.ended.connect(self._ended)

    def start(self) -> None:
        self.go.setFocus()

    def check(self) -> None:
        """Begin."""
        self.go.setEnabled(False)
        self._busy = True
        self.result.setText("")
        self.copy.hide()
        self.banner.say("正在检查…")
        self.page.apart(checking.check, done=self._show, failed=self._failed, what="检查数据", reads=True)

    def _show(self, problems: Sequence[str]) -> None:
        self._end()
        if not problems:
            self.banner.say("已检查: 数据完好, 没有发现问题。", "good")
            return
        restore = button("system.check.restore", "备份与恢复(&B)", lambda: self.page.open("backups"))
        said = f"发现 {len(problems)} 处问题。没有改动任何数据。请先做一份备份, 再请镇站帮忙, 或用最近的备份恢复。"
        self.banner.say(said, "bad", restore)
        more = f"\n…等 {len(problems)} 处" if len(problems) > 30 else ""
        self.result.setText("\n".join(problems[:30]) + more)
        self.copy.show()

    def _failed(self, error: UserError) -> bool:
        self._end()
        return self.failed(error)

    def _end(self) -> None:
        self._busy = False
        self.go.setEnabled(True)

    def _ended(self, task: "Task") -> None:
        if self._busy and task.cancelled:
            self._end()
            self.banner.say("已停止检查。没有改动任何数据。")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.result.text())
        self.page.tell("已复制, 可以粘贴到别处。")


class AboutSection(Section):
    """The programme, the unit, how much there is."""

    key = "about"
    title = "关于"

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.facts = label(id="system.about.facts")
        self.body.addWidget(label(f"荣归 {__version__}", "big"))
        self.body.addWidget(label("退役军人服务站工作台。不联网也能用; 上报和接收用 U 盘传加密、签名的包。"))
        self.body.addWidget(card(self.facts))
        self.body.addWidget(
            label(
                "字体: 思源黑体、思源宋体(OFL), 花园明朝(OFL)。界面: Qt(LGPL)。各部件的许可见程序文件夹里的 resources。",
                "faint",
            )
        )
        self.body.addStretch(1)

    def refresh(self) -> None:
        station = self.desk.station

        def work() -> tuple[Mapping[str, Any], list[str], str]:
            found = stores.status(station)
            names = [
                division_rules.full_name(divisions.national(), division_rules.pad(code)) or code
                for code in found["scope"]
            ]
            return found, names, jobs.own_words(station)

        self.page.read(work, self._show, key="about")

    def _show(self, answer: tuple[Mapping[str, Any], list[str], str]) -> None:
        found, names, words = answer
        nouns = {kind: cls.noun for kind, cls in kinds().items()}
        counts = ", ".join(f"{nouns.get(kind, kind)} {n}" for kind, n in found["counts"].items() if n)
        sizes = found["sizes"]
        practice = "(练习, 都是假数据)" if found["practice"] else ""
        lines = [
            f"单位: {found['name']}({levels.NAMES.get(found['level'], found['level'])}){practice}",
            f"管辖范围: {'、'.join(names)}",
            f"本单位的八个词: {words}",
            f"数据: {sizes['store'] / 1_000_000:.1f} MB, 附件 {sizes['files'] / 1_000_000:.1f} MB",
            f"记录: {counts}",
        ]
        self.facts.setText("\n".join(lines))
