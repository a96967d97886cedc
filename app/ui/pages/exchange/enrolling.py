"""开通下级单位: what it is called and answers for, its file, and once the code for the telephone."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from app.errors import BadInput, UserError
from app.rules import levels, names, text
from app.services import atlas
from app.sync import jobs
from app.sync.enrolment import Invited
from app.ui.kit.controls import Banner, button, card, column, label, line_edit, named, role, row, say
from app.ui.kit.entering import combo
from app.ui.kit.look import SPACE, scaled
from app.ui.kit.page import scrolled
from app.ui.kit.paths import FolderField
from app.ui.kit.places import PlacePicker

if TYPE_CHECKING:
    from app.ui.kit.page import Page

_WORDS = {"village": "村(社区)站", "township": "乡镇(街道)站", "county": "县(市、区)局"}


class EnrolDialog(QDialog):
    """Two pages: what is entered, what is to be handed over."""

    enrolled = Signal()

    def __init__(self, page: "Page") -> None:
        super().__init__(page)
        self._page = page
        named(self, "enrol", "开通下级单位")
        role(self, "page")
        self.setWindowTitle("开通下级单位")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = page.desk.station.place
        below = [code for code in levels.LEVELS if levels.above(place.level, code)][::-1]
        self.level = combo("enrol.level", "级别", [(code, _WORDS[code]) for code in below])
        self.name = line_edit("enrol.name", "单位名称", "例如 桥头村退役军人服务站")
        ask: Callable[..., object] = lambda work, done: page.read(work, done, key="enrol")  # noqa: E731 (one line)
        station = page.desk.station
        top = place.scopes[0].ljust(12, "0") if len(place.scopes) == 1 else ""
        self.scopes = PlacePicker("enrol.scopes", "管辖范围", ask, lambda: atlas.atlas_of(station), top=top)
        self.folder = FolderField(
            "enrol.folder", "开通文件放到哪里", lambda work, done: page.read(work, done, key="enrol.out")
        )
        self.notes = {key: named(label(tone="bad"), f"enrol.{key}.note") for key in ("scopes", "name", "folder")}
        self.go = button("enrol.go", "生成开通文件(&G)", self.enrol, kind="primary", hint="Ctrl+S")
        self.banner = Banner("enrol.banner")
        first = column(gap=SPACE.tight)
        for title, key, widget in (
            ("级别", "", self.level), ("管辖范围", "scopes", self.scopes), ("单位名称", "name", self.name),
            ("开通文件放到哪里(U 盘)", "folder", self.folder),
        ):  # fmt: skip
            head = label(title, wrap=False)
            head.setBuddy(widget)
            first.addWidget(head)
            first.addWidget(widget)
            if key:
                self.notes[key].hide()
                first.addWidget(self.notes[key])
            first.addSpacing(SPACE.near)
        first.addStretch(1)
        entering = QWidget()
        entering.setLayout(first)
        self.code = named(label(kind="big"), "enrol.code")
        self.words = named(label(kind="big"), "enrol.words")
        self.words.setWordWrap(True)
        self.file = label(id="enrol.file")
        told = QWidget()
        told.setLayout(
            column(
                self.file,
                SPACE.near,
                label("开通码: 请打电话告诉对方, 不要写在 U 盘上、不要发微信。只显示这一次, 14 天内有效。"),
                card(self.code),
                SPACE.near,
                label("本单位的八个词: 对方输入开通码后会看到这八个词, 请在电话里念给对方核对。"),
                card(self.words),
                None,
                gap=SPACE.near,
            )
        )
        self.pages = named(QStackedWidget(), "enrol.pages")
        self.pages.addWidget(scrolled(entering, "enrol.area"))
        self.pages.addWidget(scrolled(told, "enrol.told"))
        self.close_button = button("enrol.close", "取消(&C)", self.reject, hint="Esc")
        self.setLayout(
            column(
                label("开通下级单位", "title"), self.banner, self.pages, row(None, self.close_button, self.go),
                margin=SPACE.page, gap=SPACE.apart,
            )
        )  # fmt: skip
        self.level.currentIndexChanged.connect(lambda _place: self.scopes.show_level(str(self.level.currentData())))
        self.scopes.show_level(str(self.level.currentData()))
        self.scopes.changed.connect(self._propose)
        self.folder.look()
        self.resize(min(scaled(760), 1300), min(scaled(640), 700))
        self.level.setFocus()
        self._proposed = ""

    def _propose(self) -> None:
        """The usual name, as long as nobody has typed another."""
        if self.name.text().strip() not in ("", self._proposed) or not self.scopes.chosen:
            return
        self._proposed = names.unit_name(str(self.level.currentData()), self.scopes.first_name)
        self.name.setText(self._proposed)

    def enrol(self) -> None:
        """Register it and write the file."""
        name, chosen, folder = text.clean(self.name.text()), dict(self.scopes.chosen), self.folder.folder()
        problems = {
            "scopes": "" if chosen else "请选它管哪里。",
            "name": names.unit_problem(name),
            "folder": "" if folder is not None else "请插上 U 盘, 按“重新找”, 或选别的文件夹。",
        }
        level = str(self.level.currentData())
        try:
            scopes = levels.scope_codes(level, chosen) if chosen else ()
        except BadInput as error:
            scopes, problems["scopes"] = (), str(error)
        for key, note in self.notes.items():
            say(note, problems[key], "bad")
        if any(problems.values()) or folder is None:
            return
        out = _free(Path(folder), name)
        self.go.setEnabled(False)
        self.banner.say("正在生成…")
        typed = {code: called for code, called in self.scopes.typed.items() if code in chosen}
        self._page.apart(
            jobs.enrol, level, name, scopes, out, done=lambda done: self._done(done, typed), failed=self._failed,
            what="开通下级单位",
        )  # fmt: skip

    def _done(self, done: Invited, typed: dict[str, str]) -> None:
        self.banner.say("")
        self.file.setText(f"开通文件已写好: {done.file}\n请把 U 盘交给对方, 在对方电脑上选“用开通文件加入”。")
        self.code.setText(done.code)
        self.words.setText(done.fingerprint)
        self.pages.setCurrentIndex(1)
        self.go.hide()
        self.close_button.setText("已告诉对方, 关闭(&C)")
        self.close_button.setAccessibleName("已告诉对方, 关闭")
        self.close_button.setFocus()
        if typed and self._page.desk.may("division"):
            station = self._page.desk.station
            self._page.write(lambda: _name_places(station, typed), what="登记区划")
        self.enrolled.emit()

    def _failed(self, error: UserError) -> bool:
        self.go.setEnabled(True)
        self.banner.say(str(error), "bad")
        return True


def _name_places(station: Any, typed: dict[str, str]) -> None:
    """Villages that the national list lacks get their names here too."""
    from app.services.divisions import Divisions, national

    for code, name in typed.items():
        if national().get(code) != name:
            Divisions(station).add(code, name)


def _free(folder: Path, name: str) -> Path:
    """A file name that is not taken."""
    plain = "".join("_" if char in '<>:"/\\|?*' else char for char in name)[:40]
    number = 1
    while (path := folder / (f"{plain}.rge" if number == 1 else f"{plain}_{number}.rge")).exists():
        number += 1
    return path
