"""登记走访: one entry for one person or several, most of it filled in from last time; what was found leads to a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app import clock
from app.errors import BadInput, UserError
from app.models import fields_of
from app.services.attachments import Attachments
from app.services.choices import Choices
from app.services.people import People
from app.services.searching import Search
from app.services.visits import Recorded, Visits, VisitShown
from app.ui.kit.controls import button, card, column, label, say
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.files import Files
from app.ui.kit.flow import Flow
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.kit.picker import Finder, Hit
from app.ui.kit.saving import save

_WHEN: Final = ("date", "trigger", "companions", "place", "level")
_WHAT: Final = ("note", "condition", "wishes", "answer")
_FORM, _DONE = 0, 1


@dataclass(frozen=True)
class _Made:
    """What a saving has made: the visits, and what was wrong with photographs that could not be attached."""

    visits: Sequence[Recorded]
    troubles: Sequence[UserError] = ()


class Visited(QWidget):
    """Who was visited: found by typing, several if they were visited together."""

    edited = Signal()
    submitted = Signal()
    """Enter where nothing is typed: on to the next field."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._people: dict[str, str] = {}
        self._search = Search(desk.station)
        self.finder = Finder(
            "visit_form.who",
            "走访对象",
            "姓名、拼音、首字母、号码后几位; 一起走访了几个人就接着输入",
            desk.operations,
            self._find,
        )
        self.finder.picked.connect(lambda hit: self.add(hit.key, hit.text))
        self.finder.installEventFilter(self)
        self.chips = Flow()
        self.problem = label(tone="bad", id="visit_form.who.note")
        self.problem.hide()
        self.setLayout(column(self.chips, self.finder, self.problem, gap=SPACE.tight))
        self.chips.hide()

    @property
    def people(self) -> dict[str, str]:
        """Id -> name, in the order of entry."""
        return dict(self._people)

    def put(self, people: dict[str, str]) -> None:
        """Show people without calling it edited."""
        self._people = dict(people)
        self._show()
        self.say("")

    def add(self, id: str, name: str) -> None:
        """One more."""
        self._people[id] = name
        self.finder.clear()
        self._show()
        self.say("")
        self.edited.emit()

    def say(self, problem: str) -> None:
        """What is wrong."""
        say(self.problem, problem, "bad")

    def _find(self, text: str) -> list[Hit]:
        found = self._search.persons(text, 12)
        return [Hit(one.id, one.name, "  ".join(filter(None, (one.birth_date, one.address)))) for one in found]

    def _show(self) -> None:
        chips = [
            button(f"visit_form.who.{place}", f"{name} ✕", lambda one=one: self._drop(one), hint="点一下去掉")  # type: ignore[misc]  # bound here
            for place, (one, name) in enumerate(self._people.items(), 1)
        ]
        self.chips.set_items(chips)
        self.chips.setVisible(bool(chips))

    def _drop(self, id: str) -> None:
        self._people.pop(id, None)
        self._show()
        self.finder.setFocus()
        self.edited.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        enter = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.type() == QEvent.Type.KeyPress and not self.finder.text().strip() and self._people:
            self.submitted.emit()
            return True
        return super().eventFilter(watched, event)


class VisitFormPage(Page):
    """The form, and what can follow when it is saved."""

    name = "visit_form"
    title = "登记走访"
    help = "登记走访"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._visits = Visits(desk.station)
        self._about = ""
        self._visit = ""
        """The visit that is corrected; empty: a new one is recorded."""
        self.who = Visited(desk)
        self.who_is = label("", "heading", id="visit_form.who_is")
        fields = {name: field for name, field in fields_of("visit").items() if name in (*_WHEN, *_WHAT)}
        self.form = Form("visit_form", fields, [Group("", _WHEN), Group("走访情况", _WHAT)], Choices(desk.station).of)
        self.files = Files(self, "visit_form.files", "照片")
        self._keeper = DraftKeeper(desk.memory, self.form, self.banner)
        self.stack = QStackedWidget()
        self.stack.setObjectName("visit_form.stack")
        self.stack.addWidget(self._entry())
        self._done = QWidget()
        self.stack.addWidget(scrolled(self._done, "visit_form.done.area"))
        self.body.addWidget(self.stack)
        self._save = self.action("save", "保存(&S)", self.save, shortcut="Ctrl+S", kind="primary")
        self._save_next = self.action(
            "next", "保存并登记下一个(&N)", lambda: self.save(following=True), shortcut="Ctrl+Shift+S"
        )
        self._remove = self.action("remove", "移入回收站(误录)", self._ask_remove, kind="danger")
        self._follow: QWidget = self
        """What mostly comes next, when a visit is saved."""
        self._wire()

    def _entry(self) -> QWidget:
        inside = QWidget()
        inside.setLayout(
            column(label("走访对象 ＊", wrap=False), self.who_is, self.who, self.form, self.files, None, gap=SPACE.near)
        )
        return scrolled(inside, "visit_form.area")

    def _wire(self) -> None:
        self.who.edited.connect(self._keeper.touched)
        self.who.submitted.connect(self.form.start)
        self.files.edited.connect(self._keeper.touched)
        for name in _WHAT:
            # Four of them on one page: three lines each, more are scrolled.
            self.form.editor(name).setMaximumHeight(self.form.editor(name).minimumHeight())
        QWidget.setTabOrder(self.who.finder, self.form.editor("date"))

    # -- going -------------------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """For a person, or for nobody yet; `visit:ID` (or the fact `visit`) corrects one."""
        visit = (facts or {}).get("visit", "") or (about.removeprefix("visit:") if about.startswith("visit:") else "")
        self._about = about
        # What is typed before the person is read must not go under the place of the form before.
        self._keeper.let_go()
        self.stack.setCurrentIndex(_FORM)
        self.banner.say("")
        self._save.setEnabled(True)
        if visit:
            self._visit = visit
            self.read(lambda: self._visits.show(visit), self._correct, key="visit")
        else:
            self._visit = ""
            self._begin(about)

    def _begin(self, person: str) -> None:
        self.call("登记走访")
        self._offer()
        self.who_is.hide()
        self.who.show()
        self.form.show_values({"date": clock.today().isoformat(), **self._visits.usual()})
        self.files.put_waiting([])
        self.who.put({})
        if person:
            self.read(
                lambda: People(self.desk.station).show(person), lambda card: self._known(card.id, card.fields["name"])
            )
        else:
            self._watch("")

    def _known(self, person: str, name: str) -> None:
        if self._about == person and not self._visit:
            self.who.put({person: name})
            self._watch(person)
            self.start()

    def _watch(self, person: str) -> None:
        self._keeper.watch(f"visit_form:{person}", self._draft_title, extra=self._extra, bring_back=self._bring_back)

    def _correct(self, shown: VisitShown) -> None:
        if shown.id != self._visit:
            return
        self.call("修改走访")
        self._offer()
        self.who.hide()
        self.who_is.setText(shown.name)
        self.who_is.show()
        self.who.put({shown.person: shown.name})
        self.form.show_values(shown.fields)
        self.files.show_of(f"visit:{shown.id}")
        self._keeper.watch(f"visit_form:visit:{shown.id}", lambda: f"修改走访 · {shown.name}")
        self.start()

    def _offer(self) -> None:
        done = self.stack.currentIndex() == _DONE
        self._save.setVisible(not done)
        self._save_next.setVisible(not done and not self._visit)
        self._remove.setVisible(not done and bool(self._visit))

    def _draft_title(self) -> str:
        return f"走访登记 · {'、'.join(self.who.people.values()) or '还没选人'}"

    def _extra(self) -> dict[str, Any]:
        return {"people": self.who.people, "files": self.files.waiting}

    def _bring_back(self, extra: dict[str, Any]) -> None:
        self.who.put(extra.get("people") or {})
        self.files.put_waiting(extra.get("files") or [])

    def start(self) -> None:
        """The finder, or the day where it is known who."""
        if self.stack.currentIndex() == _DONE:
            self._follow.setFocus()
        elif self.who.people:
            self.form.start()
        else:
            self.who.finder.setFocus()

    def leave(self) -> None:
        """Keep what is half typed."""
        self._keeper.leave()

    # -- saving ------------------------------------------------------------------------------------------------------------

    def save(self, *, following: bool = False) -> None:
        """Record the visit, then its photographs; `following`: the next one at once."""
        if self.stack.currentIndex() == _DONE or not self._save.isEnabled():
            return
        people = list(self.who.people)
        if not people:
            self.who.say("请先选走访对象。")
            self.who.finder.setFocus()
            return
        if not self.form.accept():
            return
        values = self.form.changes() if self._visit else self.form.values()
        visit, visits, station = self._visit, self._visits, self.desk.station
        photographs = [Path(path) for path in self.files.waiting]

        def work() -> _Made:
            if visit:
                return _Made((visits.change(visit, values),))
            made = visits.record_many(people, values)
            # Part of the same job: neither another form nor the end of the programme comes between.
            troubles = Attachments(station).add_all([f"visit:{one.id}" for one in made], photographs)
            return _Made(made, troubles)

        self._save.setEnabled(False)
        save(
            self, self._keeper, work, lambda made: self._recorded(made, following=following),
            failed=self._refused, late=self._warn, what="登记走访",
        )  # fmt: skip

    def _recorded(self, made: _Made, *, following: bool) -> None:
        self._save.setEnabled(True)
        self._warn(made)
        if self._visit:
            self.tell("走访已修改。")
            self.back.emit()
            return
        names = "、".join(self.who.people.values())
        self.tell(f"已登记 {names} 的走访。")
        if following:
            self._about = ""
            self._begin("")
            self.start()
        else:
            self._show_done(made)

    def _warn(self, made: _Made) -> None:
        if warnings := [text for one in made.visits for text in one.warnings]:
            self.desk.messages.say("\n".join(warnings))
        for error in made.troubles:
            self.desk.messages.fail(error)

    def _refused(self, error: UserError) -> bool:
        self._save.setEnabled(True)
        if isinstance(error, BadInput) and "person" in error.problems:
            self.who.say(error.problems["person"])
            return True
        return self.form.refused(error)

    def _show_done(self, saved: _Made) -> None:
        """What was saved, and what mostly follows."""
        made = saved.visits
        people = list(self.who.people.items())
        raw = self.form.raw()
        said = f"{'、'.join(name for _, name in people)}　{raw['date'] or clock.today().isoformat()}"
        count = self.files.count - len(saved.troubles)
        photos = f"　照片 {count} 张" if count else ""
        found = "填了困难诉求, 可以接着受理帮扶, 内容会带过去。" if raw["wishes"].strip() else ""
        kinds = ("", "primary") if found else ("primary", "")
        following = [button("visit_form.done.next", "再登记一个(&N)", lambda: self.open(""), kind=kinds[0])]
        if self.desk.may("write"):
            following += [
                button(
                    f"visit_form.done.case.{place}",
                    f"发现困难, 受理帮扶(&B){f' {name}' if len(people) > 1 else ''}",
                    lambda one=one, visit=visit: self.go("case_form", one, visit=visit.id),  # type: ignore[misc]  # bound here
                    kind=kinds[1],
                )
                for place, ((one, name), visit) in enumerate(zip(people, made, strict=False), 1)
            ]
        self._follow = following[1] if found and len(following) > 1 else following[0]
        if len(people) == 1:
            following.append(button("visit_form.done.person", "看档案(&P)", lambda: self.go("person", people[0][0])))
        following.append(button("visit_form.done.list", "走访记录(&L)", lambda: self.go("rounds", "visits")))
        fresh = QWidget()
        fresh.setLayout(
            column(
                card(
                    label("走访已登记", "heading"), label(f"{said}{photos}", id="visit_form.done.what"),
                    label(found, tone="note", id="visit_form.done.found"), Flow(following), id="visit_form.done",
                ),
                None,
            )
        )  # fmt: skip
        area: Any = self.stack.widget(_DONE)
        area.takeWidget().deleteLater()
        self._done = fresh
        area.setWidget(fresh)
        self.stack.setCurrentIndex(_DONE)
        self._offer()
        self.start()

    def _ask_remove(self) -> None:
        visit, name = self._visit, self.who_is.text()

        def removed(_: object) -> None:
            self.tell("已移入回收站, 可以用 Ctrl+Z 撤销。")
            self.back.emit()

        work = lambda: self._visits.remove(visit)  # noqa: E731 (one act)
        go = lambda: save(self, self._keeper, work, removed, what="移入回收站", word="已移入回收站")  # noqa: E731 (one act)
        self.ask(f"{name} 的这次走访登记错了, 要移入回收站吗?", "移入回收站", go, danger=True)
