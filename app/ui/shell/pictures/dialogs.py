"""Pictures of what opens over a page: forms of parts, questions, previews, the steps of an import."""

from pathlib import Path
from typing import Any, Final

from PySide6.QtGui import QPdfWriter
from PySide6.QtWidgets import QWidget

from app.rules import certificates
from app.services import sights
from app.services.campaigns import Campaigns
from app.ui.kit.printing import Preview, Printers
from app.ui.pages.person import parts
from app.ui.shell.pictures import desks, register
from app.ui.shell.pictures.taking import Stage, wait

_DIALOGS: Final = (
    ("people", "", "people.export", "people-export", "导出名单"),
    ("people", "", "people.print", "people-print", "打印名单"),
    ("household", "household", "household.join", "household-add", "添加户的成员"),
    ("system", "staff", "system.staff.add", "staff-add", "添加工作人员"),
    ("system", "staff", "system.staff.password", "staff-password", "设登录密码"),
    ("system", "divisions", "system.divisions.add", "divisions-add", "添加区划"),
)
"""(page, about, what opens it, name, title)."""
_QUESTIONS: Final = (
    ("person", "person", "person.remove", "message-remove", "提问: 移入回收站"),
    ("household", "household", "household.remove", "message-household", "提问: 撤户"),
    ("today", "", "window.undo", "message-undo", "提问: 撤销"),
    ("system", "backups", "system.backups.code", "message-code", "提问: 换应急恢复码"),
)


_PAPER_PAGES: Final = 2
"""Pages of the practice round's signature sheet."""


class Sheet(QPdfWriter):
    """What the programme asks of a printer, into a file."""

    def setFullPage(self, _full: bool) -> None:  # noqa: FBT001 (QPrinter's own argument)
        """A file has no edge a printer cannot reach."""

    def printerName(self) -> str:
        """It has none."""
        return ""


class ToFile(Printers):
    """A printer that is always there and never jams."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def choose(self, parent: QWidget, remembered: str, chosen: Any, none: Any) -> None:
        """Print into the file."""
        del parent, remembered, none
        printer = Sheet(str(self._file))
        printer.setResolution(72)
        chosen(printer)


def preview(stage: Stage) -> Preview:
    """The preview that is open, once its pages are drawn."""
    found: list[Preview] = []

    def drawn() -> bool:
        found[:] = [one for one in stage.dialogs if isinstance(one, Preview) and one.pages]
        return bool(found)

    wait(drawn)
    stage.settle()
    return found[0]


def shoot(stage: Stage, place: Path) -> None:
    """All of them, on a village with people and work."""
    for page, about, opener, name, title in _DIALOGS:
        stage.go(page, _about(stage, about))
        stage.press(opener)
        stage.show(name, title)
        stage.close_all()
    person = _about(stage, "person")
    for part in parts.TITLES:
        stage.go("person", f"{person}/{part}/")
        stage.show(f"person-{part}", f"服务对象: 添加{parts.TITLES[part]}")
        stage.close_all()
    stage.go("person", f"{person}/death")
    stage.show("person-death", "登记去世")
    stage.close_all()
    for page, about, opener, name, title in _QUESTIONS:
        stage.door.open = True
        stage.go(page, _about(stage, about))
        stage.press(opener)
        stage.show(name, title)
        stage.door.open = False
        stage.close_all()
    _papers(stage, place)
    _rounds(stage)
    _banners(stage)
    _import(stage, place)
    register.shoot(stage, place)


def _about(stage: Stage, about: str) -> str:
    if about in {"person", "household", "campaign", "hardship_case"}:
        return sights.first(stage.window.desk.station, about) or ""
    return about


def choose_certificate(stage: Stage) -> None:
    """A certificate for somebody, with its purpose."""
    stage.go("papers", _about(stage, "person"))
    stage.page.kind.setCurrentIndex(0)
    stage.type("papers.purpose", "办理公交优待")
    stage.settle()


def number_paper(stage: Stage, place: Path) -> None:
    """Look at it, print it, and stop at the question whether the paper is right; its window is in front."""
    stage.press("papers.print")
    shown = preview(stage)
    shown.printers = ToFile(place / "printed.pdf")
    stage.door.open = True
    shown.print_it()
    wait(lambda: any(one.objectName() == "message" for one in stage.dialogs))
    stage.settle()
    stage.door.open = False


def _papers(stage: Stage, place: Path) -> None:
    choose_certificate(stage)
    stage.show("papers-certificate", "开证明: 填好了")
    stage.press("papers.print")
    preview(stage)
    stage.show("preview", "打印预览")
    stage.close_all()
    number_paper(stage, place)
    stage.show("message-printed", "提问: 打印好了吗")
    stage.close_all()
    stage.go("papers", "")
    stage.show("papers-waiting", "开证明: 有一张等着回话")
    box = stage.page.kind
    box.setCurrentIndex(box.findData(next(iter(certificates.BANNED_IN_VILLAGES))))
    stage.settle()
    stage.show("papers-guide", "开证明: 不由村里开")
    stage.go("papers", "register")
    stage.show("papers-register-full", "文书登记簿: 有内容")


def _rounds(stage: Stage) -> None:
    round_ = _about(stage, "campaign")
    stage.go("round", round_)
    stage.press("round.list.propose")
    stage.show("round-candidates", "慰问批次: 按标准推荐")
    stage.go("round", round_)
    stage.press("round.review")
    preview(stage)
    stage.show("round-review", "送审名单")
    stage.close_all()
    stage.press("round.send")
    stage.press("round.approve")
    stage.show("round-approval", "慰问批次: 登记批复")
    campaigns = Campaigns(stage.window.desk.station)
    campaigns.move(round_, "approved", "临退批〔2026〕5号")
    campaigns.freeze(round_)
    stage.window.desk.station.refresh()
    stage.go("today")
    stage.go("round", round_)
    stage.page.tabs.setCurrentIndex(1)
    stage.settle()
    stage.show("round-results-full", "慰问批次: 登记发放结果, 有签领表")
    stage.press("round.close")
    stage.show("round-unbalanced", "慰问批次: 还有钱没有去向")
    for _ in range(_PAPER_PAGES):
        stage.press("round.results.save")
    stage.show("round-all-in", "慰问批次: 都有了去向")
    stage.press("round.close")
    Campaigns(stage.window.desk.station).close(round_)
    stage.go("today")
    stage.go("round", round_)
    stage.show("round-settled", "慰问批次: 已结清")


def _banners(stage: Stage) -> None:
    """What is said on the page itself: wrong entries, nobody found, a place that is gone."""
    stage.go("person_form")
    stage.press("person_form.save")
    stage.show("person_form-wrong", "登记人员: 没有填全")
    stage.go("person", "00000000000000000000000000")
    stage.show("person-gone", "服务对象: 不在了")
    stage.go("people")
    stage.type("people.filter.text", "没有这个人")
    wait(lambda: not stage.page.view.rows.rowCount())
    stage.show("people-none", "人员: 没有找到")
    stage.type("people.filter.text", "")


def _import(stage: Stage, place: Path) -> None:
    """The four steps, and the rows that wait afterwards."""
    file = desks.roster(place / "石鼓村退役军人花名册.xlsx")
    broken = place / "照片.xlsx"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    stage.go("roster_import", "", files=[str(file), str(broken)])
    stage.show("import-files", "导入: 选文件")
    stage.press("roster_import.next")
    stage.show("import-columns", "导入: 对照各列")
    stage.press("roster_import.check")
    stage.show("import-checked", "导入: 核对结果")
    stage.press("roster_import.take")
    stage.show("import-done", "导入: 已经入库")
    stage.press("roster_import.pending")
    stage.show("pending-full", "待核: 有内容")
    stage.go("today")
    stage.show("today-pending", "工作台: 有待核")
