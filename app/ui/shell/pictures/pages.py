"""Pictures of the pages of a desk, whatever it holds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu

from app.services import sights
from app.ui.shell.navigation import PAGES, entry
from app.ui.shell.pictures.taking import Stage

MAIN: Final = ("today", "people", "person", "rounds", "round", "cases", "case", "papers", "exchange", "system")
"""What a demonstration shows."""
KINDS: Final = {
    "person": "person", "household": "household", "round": "campaign", "case": "hardship_case", "case_form": "person",
    "visit_form": "person",
}  # fmt: skip
"""Pages that show one record, and of which kind it is."""
SECTIONS: Final = ("staff", "backups", "divisions", "policies", "journal", "machine", "check", "about")


@dataclass(frozen=True)
class Scene:
    """One picture of a page: what it is about, and what to do there before it is taken."""

    name: str
    title: str
    page: str
    about: str = ""
    then: Callable[[Stage], object] = lambda _stage: None


def _search(stage: Stage) -> None:
    stage.window.search.setFocus()
    stage.window.search.setText("li")
    stage.window.search.search()
    stage.settle()


def _sizes(stage: Stage) -> None:
    stage.press("window.me")
    menu = QApplication.activePopupWidget()
    if isinstance(menu, QMenu):
        first = menu.actions()[0]
        menu.setActiveAction(first)
        inner: QMenu | None = first.menu()  # type: ignore[assignment]  # of a menu's action
        if inner is not None:
            inner.popup(stage.window.me.mapToGlobal(QPoint(-stage.window.me.width() * 2, stage.window.me.height())))
    stage.settle()


def _tab(number: int) -> Callable[[Stage], object]:
    def to(stage: Stage) -> None:
        stage.page.tabs.setCurrentIndex(number)
        stage.settle()

    return to


MORE: Final = (
    *(Scene(f"system-{section}", f"系统 {section}", "system", section) for section in SECTIONS),
    Scene("person_form-change", "修改人员", "person_form", "person"),
    Scene("person-story", "服务对象: 经历", "person", "person", _tab(1)),
    Scene("person-files", "服务对象: 附件", "person", "person", _tab(2)),
    Scene("person-changes", "服务对象: 变更记录", "person", "person", _tab(3)),
    Scene("households", "所有的户", "household"),
    Scene("round-results", "慰问批次: 登记发放结果", "round", "campaign", _tab(1)),
    Scene("round-sheets", "慰问批次: 签领表", "round", "campaign", _tab(2)),
    Scene("rounds-new", "新建慰问批次", "rounds", "new"),
    Scene("rounds-visits", "走访记录", "rounds", "visits"),
    Scene("papers-register", "文书登记簿", "papers", "register"),
    Scene("exchange-take", "上报与接收: 接收", "exchange", "take"),
    Scene("exchange-record", "上报与接收: 收发记录", "exchange", "", _tab(3)),
    Scene("search", "找人", "today", "", _search),
    Scene("sizes", "我的: 文字大小", "today", "", _sizes),
    Scene("menu", "我的", "today", "", lambda stage: stage.press("window.me")),
)
_RECORDS: Final = frozenset(KINDS.values())


def shoot(stage: Stage) -> None:
    """Every page of navigation.PAGES, and those that show more of one."""
    for one in PAGES:
        about = sights.first(stage.window.desk.station, KINDS[one.name]) if one.name in KINDS else ""
        if about is not None:
            stage.go(one.name, about)
            stage.show(one.name, one.title)
    for scene in MORE:
        about = sights.first(stage.window.desk.station, scene.about) if scene.about in _RECORDS else scene.about
        if about is not None:
            stage.go(scene.page, about)
            scene.then(stage)
            stage.show(scene.name, scene.title)
            stage.close_all()


def shoot_main(stage: Stage) -> None:
    """The pages somebody would be shown first."""
    for name in MAIN:
        about = sights.first(stage.window.desk.station, KINDS[name]) if name in KINDS else ""
        found = entry(name)
        if about is not None and found is not None:
            stage.go(name, about)
            stage.show(name, found.title)
