"""The pages of the first run: fields with what is wrong beside each; they know nothing of what comes next."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QRadioButton, QWidget

from app.rules import names
from app.ui.kit.controls import button, card, column, label, line_edit, named, role, row, say, spread, width_of
from app.ui.kit.entering import Enters
from app.ui.kit.look import SPACE
from app.ui.kit.paths import Ask, FileField
from app.ui.kit.places import PlacePicker
from app.ui.shell.first_run_steps import Entries, Walk, Way

LEVELS: Final = (
    ("village", "村(社区)站"), ("township", "乡镇(街道)站"), ("county", "县(市、区)局"), ("city", "市局"),
)  # fmt: skip
WAYS: Final = (
    (Way.FOUND, "新建本单位(&N)", "本单位第一次用, 上级还没有给开通文件。以后仍可以加入上级。"),
    (Way.JOIN, "用开通文件加入(&J)", "上级给了开通文件(在 U 盘上), 开通码在电话里说。"),
    (Way.PRACTISE, "练习模式(&P)", "都是假数据, 随便试, 不影响正式数据。"),
    (Way.RESTORE, "从备份恢复(&R)", "换了电脑或数据坏了, 手里有备份文件。"),
)


class Panel(QWidget):
    """One page: `put` shows what was entered, `take` reads it back, `mark` says what is wrong with it."""

    submitted = Signal()
    """Enter in the last field."""

    def __init__(self, key: str, title: str) -> None:
        super().__init__()
        self.key, self.title = key, title
        named(self, f"first.{key}", title)
        self._column = column(gap=SPACE.tight)
        self.setLayout(self._column)
        self._notes: dict[str, Any] = {}
        self._fields: dict[str, QWidget] = {}
        self._enters = Enters(self)
        self._enters.submitted.connect(self.submitted)

    def add(self, *items: QWidget | int) -> None:
        """Put something into the column."""
        for item in items:
            if isinstance(item, int):
                self._column.addSpacing(item)
            else:
                self._column.addWidget(item)

    def field(self, name: str, title: str, widget: QWidget, help: str = "") -> None:
        """A field below its title, what helps with it, what is wrong with it."""
        if title:
            head = label(title, wrap=False)
            head.setBuddy(widget)
            self.add(head)
        if help:
            self.add(label(help, "faint"))
        note = named(label(tone="bad"), f"first.{name}.note")
        note.hide()
        self.add(widget, note, SPACE.near)
        self._notes[name], self._fields[name] = note, widget
        if isinstance(widget, QLineEdit):
            widget.installEventFilter(self._enters)

    def mark(self, problems: Mapping[str, str]) -> None:
        """Say what is wrong at each field; the first of them gets the focus."""
        for name, note in self._notes.items():
            why = problems.get(name, "")
            say(note, why, "bad")
            self._fields[name].setAccessibleDescription(why)
        wrong = [name for name in self._fields if problems.get(name)]
        if wrong:
            self._fields[wrong[0]].setFocus()

    def put(self, walk: Walk) -> None:
        """Show what was entered."""

    def take(self, given: Entries) -> None:
        """Read what stands there."""

    def start(self) -> None:
        """Where the keyboard begins."""
        if self._fields:
            next(iter(self._fields.values())).setFocus()


class WayPanel(Panel):
    """The choice at the beginning."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__("way", "欢迎使用荣归")
        self.add(label("这台电脑上还没有数据。要怎么开始?", "faint"), SPACE.near)
        self._first: QWidget | None = None
        for way, words, more in WAYS:
            push = button(f"first.way.{way.value}", words, partial(self.chosen.emit, way), enter=True)
            push.setMinimumWidth(width_of(push, 12))
            push.setAccessibleDescription(more)
            said = label(more, "faint")
            spread(said)
            self.add(card(row(push, said, gap=SPACE.apart)))
            self._first = self._first or push

    def start(self) -> None:
        if self._first is not None:
            self._first.setFocus()


class _Level(QWidget):
    """Four levels to choose from, by arrows."""

    changed = Signal(str)

    def __init__(self, id: str) -> None:
        super().__init__()
        named(self, id, "级别")
        self._ways = {code: named(QRadioButton(words), f"{id}.{code}", words) for code, words in LEVELS}
        self.setLayout(row(*self._ways.values(), None, gap=SPACE.group))
        for code, way in self._ways.items():
            way.toggled.connect(lambda on, code=code: self.changed.emit(code) if on else None)
        self.put("village")

    def put(self, level: str) -> None:
        self._ways[level].setChecked(True)
        self.setFocusProxy(self._ways[level])

    def level(self) -> str:
        return next(code for code, way in self._ways.items() if way.isChecked())


class UnitPanel(Panel):
    """Level, place, name."""

    def __init__(self, ask: Ask) -> None:
        super().__init__("unit", "本单位")
        from app.services import atlas

        self.level = _Level("first.level")
        self.places = PlacePicker("first.scopes", "管辖范围", ask, atlas.national_atlas)
        self.name = line_edit("first.name", "单位名称", "例如 桥头村退役军人服务站")
        self.field("level", "级别", self.level)
        self.field("scopes", "管辖范围(管几个地方就选几个)", self.places)
        self.field("name", "单位名称", self.name, "和牌子、公章上的一样。")
        self.level.changed.connect(self.places.show_level)
        self.places.changed.connect(self._propose)
        self._proposed = ""

    def _propose(self) -> None:
        """The usual name, as long as nobody has typed another."""
        if self.name.text().strip() not in ("", self._proposed) or not self.places.chosen:
            return
        self._proposed = names.unit_name(self.level.level(), self.places.first_name)
        self.name.setText(self._proposed)

    def put(self, walk: Walk) -> None:
        given = walk.entries
        self.level.put(given.level)
        self.places.show_level(given.level)
        self.places.put(given.scopes, given.typed_places)
        self.name.setText(given.name)

    def take(self, given: Entries) -> None:
        given.level, given.name = self.level.level(), self.name.text()
        given.scopes, given.typed_places = dict(self.places.chosen), dict(self.places.typed)


class StaffPanel(Panel):
    """The first staff member."""

    def __init__(self) -> None:
        super().__init__("staff", "您自己")
        self.staff = line_edit("first.staff", "姓名")
        self.password = line_edit("first.password", "登录密码")
        self.again = line_edit("first.again", "再输一次登录密码")
        for secret in (self.password, self.again):
            secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.field("staff", "姓名", self.staff, "以后登录和变更记录里都用这个姓名。同事以后在“系统 → 工作人员”里添加。")
        self.field("password", "登录密码", self.password, "至少 6 个字符。自己记得住、别人猜不到; 中文也可以。")
        self.field("again", "再输一次登录密码", self.again)

    def put(self, walk: Walk) -> None:
        given = walk.entries
        self.staff.setText(given.staff)
        self.password.setText(given.password)
        self.again.setText(given.again)

    def take(self, given: Entries) -> None:
        given.staff, given.password, given.again = self.staff.text(), self.password.text(), self.again.text()


class FilePanel(Panel):
    """The superior's file and the code told by telephone."""

    def __init__(self, ask: Ask) -> None:
        super().__init__("file", "开通文件和开通码")
        self.file = FileField("first.file", "开通文件", "开通文件 (*.rge)", ".rge", ask)
        self.code = line_edit("first.code", "开通码", "20 位数字, 中间的空格可以不输")
        self.field("file", "开通文件", self.file, "上级用 U 盘交给您的, 文件名以 .rge 结尾。")
        self.field("code", "开通码", self.code, "请打电话问上级, 只能在电话里说。")

    def put(self, walk: Walk) -> None:
        self.file.put(walk.entries.file)
        self.code.setText(walk.entries.code)
        self.file.look()

    def take(self, given: Entries) -> None:
        given.file, given.code = self.file.text(), self.code.text()


class OfferPanel(Panel):
    """Whom one is about to join, and the eight words."""

    def __init__(self) -> None:
        super().__init__("offer", "核对上级单位")
        self.facts = label(id="first.offer.facts")
        self.words = named(label(kind="big"), "first.offer.words")
        self.words.setWordWrap(True)
        self.agreed = named(
            QCheckBox("已在电话里核对, 八个词都一样(&K)"), "first.agreed", "已在电话里核对, 八个词都一样"
        )
        self.add(card(self.facts))
        self.add(SPACE.near, label("请上级在电话里念出他们的八个词, 和下面的一个一个对:"), self.words, SPACE.near)
        self.field("agreed", "", self.agreed)

    def put(self, walk: Walk) -> None:
        offered: Any = walk.offer
        if offered is None:
            return
        offer = offered.offer
        levels = dict(LEVELS)
        practice = "\n这是练习用的开通文件, 都是假数据。" if offer.practice else ""
        self.facts.setText(
            f"上级单位: {offer.parent_name}\n本单位: {offer.name}({levels.get(offer.level, offer.level)})\n"
            f"管辖范围: {'、'.join(offered.places)}{practice}"
        )
        self.words.setText(offer.fingerprint)
        self.agreed.setChecked(walk.entries.agreed)

    def take(self, given: Entries) -> None:
        given.agreed = self.agreed.isChecked()


class LevelPanel(Panel):
    """At which level one wants to practise."""

    def __init__(self) -> None:
        super().__init__("level", "练习模式")
        self.level = _Level("first.practice")
        self.field("level", "在哪一级练习?", self.level)
        self.add(
            label("会放进几十个假的人、一个慰问批次、几次走访和一件帮扶事项。窗口四周有橙色边框, 不会和正式数据混在一起。", "faint"),
            label("练习数据的登录密码是 demo。", "faint"),
        )  # fmt: skip

    def put(self, walk: Walk) -> None:
        self.level.put(walk.entries.level)

    def take(self, given: Entries) -> None:
        given.level = self.level.level()


class BackupPanel(Panel):
    """Which backup, and who opens it."""

    def __init__(self, ask: Ask) -> None:
        super().__init__("backup", "从备份恢复")
        self.backup = FileField("first.backup", "备份文件", "备份文件 (*.rgb)", ".rgb", ask)
        self.user = line_edit("first.user", "姓名", "只有一位工作人员时可以不填")
        self.secret = line_edit("first.secret", "登录密码")
        self.by_code = named(QCheckBox("不用密码, 用信封里的应急恢复码(&E)"), "first.by_code", "用应急恢复码")
        self.field("backup", "备份文件", self.backup, "文件名以 .rgb 结尾, 一般在 U 盘上或原来的备份文件夹里。")
        self.add(self.by_code, SPACE.near)
        self._name_head = label("做备份时的姓名", wrap=False)
        self._name_head.setBuddy(self.user)
        self.add(self._name_head)
        self.field("user", "", self.user)
        self._head = label(wrap=False)
        self._head.setBuddy(self.secret)
        self.add(self._head)
        self.field("secret", "", self.secret)
        self.by_code.toggled.connect(self._show_way)
        self._show_way(on=False)

    def _show_way(self, on: bool) -> None:  # noqa: FBT001 (the signal's own argument)
        self._name_head.setVisible(not on)
        self.user.setVisible(not on)
        self._head.setText("应急恢复码" if on else "做备份时的登录密码")
        self.secret.setAccessibleName(self._head.text())
        self.secret.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)

    def put(self, walk: Walk) -> None:
        given = walk.entries
        self.backup.put(given.backup)
        self.user.setText(given.user)
        self.secret.setText(given.secret)
        self.by_code.setChecked(given.by_code)
        self.backup.look()

    def take(self, given: Entries) -> None:
        given.backup, given.user, given.secret = self.backup.text(), self.user.text(), self.secret.text()
        given.by_code = self.by_code.isChecked()


class CodePanel(Panel):
    """The 应急恢复码, shown once."""

    print_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("code", "应急恢复码")
        self.code = role(named(label(kind="big"), "first.recovery"), "big")
        self.code.setAccessibleName("应急恢复码")
        self.print = button("first.print", "打印密封页(&P)…", self.print_wanted.emit, kind="primary", hint="Ctrl+P")
        self.noted = named(QCheckBox("已经打印或抄好, 装进信封(&K)"), "first.noted", "已经打印或抄好, 装进信封")
        self.add(
            label("数据已经建好。密码全忘了、电脑坏了, 只有这个码能打开数据。它只显示这一次, 电脑里不留。"),
            SPACE.near,
            card(self.code),
            SPACE.near,
            row_of(self.print),
            SPACE.near,
            label("打印出来装进信封, 封口盖章, 交镇站(上级)保管。不要拍照, 不要发微信。", "faint"),
            SPACE.near,
        )
        self.field("noted", "", self.noted)

    def take(self, given: Entries) -> None:
        given.noted = self.noted.isChecked()

    def start(self) -> None:
        self.print.setFocus()


class RestoredPanel(Panel):
    """What was put back."""

    def __init__(self) -> None:
        super().__init__("restored", "已恢复")
        self.said = label(id="first.restored")
        self.add(card(self.said))

    def show_restored(self, done: Any) -> None:
        """services.backups.Restored in words."""
        lacking = f", 有 {done.lacking} 个附件的内容不在备份里" if done.lacking else ""
        kept = f"\n原来的数据没有删, 在 {done.kept}。" if done.kept else ""
        self.said.setText(
            f"已恢复到 {done.made[:16].replace('T', ' ')} 的备份: 人员 {done.persons} 人, 附件 {done.attachments} 个{lacking}。{kept}\n"
            "这之后已经上报的, 下次与上级交换时会拿回来; 没有上报过的要重新登记。编号接着往后用, 不会重复。"
        )


def row_of(push: QWidget) -> QWidget:
    """A button as wide as its words, at the left."""
    box = QWidget()
    box.setLayout(row(push, None))
    return box
