"""The card of one person: head, facts, parts, story, files, changes, and what can be done with him."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QScrollArea, QTabWidget, QWidget

from app.errors import UserError
from app.models import fields_of
from app.models.fields import Field
from app.services import disclosing, field_values
from app.services.choices import Choices
from app.services.people import People, Saved
from app.services.person_cards import Card, PersonCards
from app.services.timeline import Event, Timeline
from app.ui.kit import look
from app.ui.kit.controls import button, column, label, named, offered, row
from app.ui.kit.flow import Flow
from app.ui.kit.form_window import Asked, FormWindow
from app.ui.kit.forms import Form, Group
from app.ui.kit.later import Later
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, follow, named_action, scrolled
from app.ui.pages.person import parts
from app.ui.pages.person.facts import Facts
from app.ui.pages.person.files import PersonFiles
from app.ui.pages.person.head import Head
from app.ui.pages.person.story import Changes, Story

GONE: Final = "这个人员不在名单里了, 可能刚移入回收站。误移的可以按 Ctrl+Z 撤销。"
LARGE_TEXT: Final = 150
"""From this text size on only what is done most often stands in the head."""
GROUPS: Final[Sequence[tuple[str, str, tuple[str, ...]]]] = (
    ("basic", "基本情况", ("former_name", "ethnicity", "political", "education", "marital", "health", "income")),
    ("living", "户籍和住址", (
        "division", "village_group", "address", "residence_division", "residence_address", "work_place",
    )),
    ("reach", "联系", ("phone", "phone2")),
    ("family", "户和光荣牌", ("household_number", "head_name", "head_relation", "plaque")),
    ("other", "其他", ("status", "death_date", "death_cause", "note")),
)  # fmt: skip
_FIRST_ACTS: Final = frozenset({"edit", "visit"})
_DEATH: Final = ("death_date", "death_cause")


def _nothing(_made: QWidget) -> None:
    """A tab is filled when it comes to the front, made or not."""


class PersonPage(Page):
    """`about` is a person's id; behind a slash it may name a part that is being edited (a draft that is taken up)."""

    name = "person"
    title = "服务对象"
    help = "服务对象"
    watches: ClassVar[frozenset[str]] = frozenset({
        "person", "person_identity", "person_service", "person_account", "family_member", "household", "visit", "payment",
        "roster_line", "hardship_case", "case_step", "issued_document", "attachment",
    })  # fmt: skip

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._person = ""
        self._card: Card | None = None
        self._full = False
        self._wanted_part = ""
        self._warnings: Sequence[str] = ()
        self._death_date = ""
        """What a list says of the day, until 登记去世 has been asked."""
        small = look.scale() >= LARGE_TEXT
        self.head = Head("person.head", small=small)
        self.facts = {key: Facts(f"person.{key}", title) for key, title, _ in GROUPS}
        writable = desk.may("write")
        self.parts = {part: parts.Parts(f"person.{part}", part, writable=writable) for part in parts.TITLES}
        self.members = Flow()
        self._story: Later[Story] = Later(lambda: Story("person.story", self._follow), _nothing)
        self._files: Later[PersonFiles] = Later(lambda: PersonFiles(self, "person.files"), _nothing)
        self._changes: Later[Changes] = Later(lambda: Changes("person.changes", small=small), _nothing)
        self.tabs = named(QTabWidget(), "person.tabs", "服务对象的资料")
        self._area: QScrollArea = scrolled(self._sheet(small=small), "person.sheet")
        holder = QWidget()
        holder.setLayout(column(self._files, margin=SPACE.near))
        files = scrolled(holder, "person.files.scroll")
        for widget, title in (
            (self._area, "资料(&A)"), (self._story, "经历(&J)"), (files, "附件(&F)"), (self._changes, "变更记录(&H)"),
        ):  # fmt: skip
            self.tabs.addTab(widget, title)
        named(self.tabs.tabBar(), "person.tabs.bar", "资料、经历、附件、变更记录")
        self.body.addWidget(self.head)
        self.body.addWidget(self.tabs, 1)
        self.body.addStretch()  # where there is nobody to show, the sentence stays at the top
        self._offer()
        self._wire()

    @property
    def story(self) -> Story:
        """The second tab."""
        return self._story.inside

    @property
    def changes(self) -> Changes:
        """The last tab."""
        return self._changes.inside

    @property
    def files(self) -> PersonFiles:
        """The third tab."""
        return self._files.inside

    def _sheet(self, *, small: bool) -> QWidget:
        sheet = QWidget()
        join = button("person.household", "户的登记(&U)…", self._household, kind="link")
        self.household = label(kind="faint", id="person.members.none")
        members = column(row(label("同户的人", "heading"), join, None), self.members, self.household, gap=SPACE.tight)
        above = [self.head.words] if small else []
        order = ("basic", "living", "reach")
        sheet.setLayout(
            column(
                *above, self.parts["identities"], self.parts["services"], *(self.facts[key] for key in order),
                self.parts["accounts"], self.facts["family"], members, self.parts["family"], self.facts["other"], None,
                margin=SPACE.apart, gap=SPACE.group,
            )
        )  # fmt: skip
        return sheet

    def _offer(self) -> None:
        """What can be done; what this person may not do is not there."""
        self.acts: dict[str, QAction] = {}
        for key, text, do, shortcut, right, kind in (
            ("edit", "修改(&E)", lambda: self.go("person_form", self._person), "Ctrl+E", "write", "primary"),
            ("visit", "登记走访(&V)", lambda: self.go("visit_form", self._person), "", "write", ""),
            ("case", "受理帮扶(&B)", lambda: self.go("case_form", self._person), "", "write", ""),
            ("paper", "开证明(&Z)", lambda: self.go("papers", self._person), "Ctrl+P", "print", ""),
            ("death", "登记去世(&D)…", self.record_death, "", "write", ""),
            ("remove", "移入回收站(误录)(&X)…", self.remove, "", "write", ""),
        ):
            if not self.desk.may(right):
                continue
            self.acts[key] = named_action(self, f"person.{key}", text, do, shortcut)
            if key in _FIRST_ACTS or (key in ("case", "paper") and look.scale() < LARGE_TEXT):
                push = button(f"person.{key}", text, self.acts[key].trigger, kind=kind, hint=shortcut)
                follow(push, self.acts[key])
                self.widget_in_head(push)
        self.more = button("person.more", "更多(&M) ▾", self._more)
        self.widget_in_head(self.more)
        offered(self.more, may=self.desk.may("write"))
        self.acts["full"] = named_action(self, "person.full", "显示完整号码", self.toggle_full, "F2")

    def _more(self) -> None:
        menu = named(QMenu(self), "person.more.menu", "更多")
        shown = {"edit", "visit", "full"} | ({"case", "paper"} if look.scale() < LARGE_TEXT else set())
        menu.addActions([act for key, act in self.acts.items() if key not in shown])
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _wire(self) -> None:
        self.head.full_wanted.connect(self.toggle_full)
        self.head.status_wanted.connect(lambda status: self.go("returned" if status == "refused" else "differences"))
        self.tabs.currentChanged.connect(lambda _index: self._fill_tab())
        for part, view in self.parts.items():
            view.add_wanted.connect(self._adder(part))
            view.change_wanted.connect(self._changer(part))
            view.remove_wanted.connect(self._remover(part))
        named_action(self, "person.refresh", "刷新", self.refresh, "F5")
        for key, shortcut, pages in (("down", "PgDown", 1), ("up", "PgUp", -1)):
            named_action(self, f"person.{key}", key, self._scroller(pages), shortcut)

    def _scroller(self, pages: int) -> Callable[[], None]:
        def scroll() -> None:
            bar = self._area.verticalScrollBar()
            bar.setValue(bar.value() + pages * bar.pageStep())

        return scroll

    # -- showing -----------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        """`facts`: `warnings` (sentences after saving), `tab` (story, files, changes), `death_date` for 登记去世."""
        person, _, part = about.partition("/")
        facts = facts or {}
        if person != self._person:
            self._person, self._card, self._full = person, None, False
            self.tabs.setCurrentIndex(0)
            self._area.verticalScrollBar().setValue(0)
        self._wanted_part, self._warnings = part, facts.get("warnings", ())
        self._death_date = str(facts.get("death_date", ""))
        if tab := {"story": 1, "files": 2, "changes": 3}.get(facts.get("tab", "")):
            self.tabs.setCurrentIndex(tab)
        self.banner.say(" ".join(self._warnings), "warn")
        self.refresh()

    def start(self) -> None:
        self.tabs.tabBar().setFocus()

    def refresh(self) -> None:
        if not self._person:
            self._nobody("先在名单里选一个人。")
            return
        person, cards = self._person, PersonCards(self.desk.station)
        self.desk.operations.read(
            lambda: cards.of(person), self._show, owner=self, key="person.card", failed=self._refused
        )

    def _refused(self, error: UserError) -> bool:
        del error
        self._nobody(GONE)
        return True

    def _nobody(self, word: str) -> None:
        self._card = None
        self.call(self.title)
        self.banner.say(word, "warn")
        for widget in (self.head, self.tabs):
            widget.hide()
        for act in self.acts.values():
            act.setEnabled(False)
        self.more.setEnabled(False)

    def _show(self, card: Card) -> None:
        if card.id != self._person:
            return
        if self._card is None and self.banner.text() == GONE:
            self.banner.say("")
        self._card = card
        self.call(card.name)
        self.heading.setAccessibleName(f"服务对象 {card.name}")
        if self.tabs.isHidden():
            self.head.show()
            self.tabs.show()
            self.start()
        for act in self.acts.values():
            act.setEnabled(True)
        if "death" in self.acts:
            self.acts["death"].setEnabled(not card.dead)
        self.more.setEnabled(True)
        self.tabs.setTabText(2, f"附件 {card.attachments}(&F)" if card.attachments else "附件(&F)")
        self._draw()
        self._fill_tab()
        if part := self._wanted_part:
            self._wanted_part = ""
            self._take_up(part)

    def _draw(self) -> None:
        card = self._card
        if card is None:
            return
        self.head.show_card(card, full=self._full)
        known = fields_of("person")
        for key, _, names in GROUPS:
            self.facts[key].show_facts([(n, known[n].label, self._word(card, n, known[n])) for n in names])
        for part, view in self.parts.items():
            view.show_parts(card.fields[part], full=self._full)
        items = [self._member(place, card) for place in range(len(card.members)) if card.members[place].id != card.id]
        self.members.set_items(items)
        self.members.setVisible(bool(items))
        self.household.setText("" if items else "户里只有本人" if card.household else "还没有登记户")
        self.household.setVisible(not items)

    def _word(self, card: Card, name: str, field: Field) -> str:
        value = card.fields[name]
        if field.editor == "division" and value:
            return str(card.places.get(value, value))
        return field_values.shown(field, value, full=self._full)

    def _member(self, place: int, card: Card) -> QWidget:
        member = card.members[place]
        text = f"{member.name}({member.relation})" if member.relation else member.name
        return button(f"person.member.{place}", text, lambda: self.go("person", member.id), kind="link")

    def _fill_tab(self) -> None:
        """Read what the tab in front shows, once it is wanted."""
        if self._card is None:
            return
        person, full, timeline = self._person, self._full, Timeline(self.desk.station)
        index = self.tabs.currentIndex()
        if index == 1:
            self.read(lambda: timeline.of(person), self.story.show_events, key="story")
        elif index == 2:
            self.files.show_of(f"person:{person}")
        elif index == 3:
            self.read(lambda: timeline.changes(person, full=full), self.changes.show_changes, key="changes")

    def _follow(self, event: Event) -> None:
        self.go(event.page, event.about, **event.facts)

    def _household(self) -> None:
        card = self._card
        if card is not None and card.household:
            self.go("household", card.household)
        else:
            self.go("household", "", person=self._person)

    def toggle_full(self) -> None:
        """Whole numbers while this card is open; the first time is noted."""
        if self._card is None:
            return
        self._full = not self._full
        if self._full:
            disclosing.note(self.desk.station, "person", self._person)
        self._draw()
        self._fill_tab()

    # -- doing -------------------------------------------------------------------------------------------------------

    def remove(self) -> None:
        """移入回收站(误录), after a question."""
        card = self._card
        if card is None:
            return
        person, people = self._person, People(self.desk.station)

        def go() -> None:
            self.write(lambda: people.remove(person), lambda _: self._removed(card.name), what="移入回收站")

        self.ask(
            f"要把“{card.name}”移入回收站吗?", "移入回收站", go, danger=True,
            more="只用于录错了的人。去世的请用“登记去世”, 迁走的请在“修改”里改人员状态。移错了可以按 Ctrl+Z 撤销。",
        )  # fmt: skip

    def _removed(self, name: str) -> None:
        self.tell(f"“{name}”已移入回收站, 可以按 Ctrl+Z 撤销。")
        self.back.emit()

    def record_death(self) -> None:
        """登记去世 as one act."""
        card = self._card
        if card is None:
            return
        known = fields_of("person")
        values, self._death_date = {"death_date": self._death_date}, ""
        asked = Asked(
            "person.death", "登记去世", {name: known[name] for name in _DEATH}, [Group("", _DEATH)], values,
            f"person:{self._person}/death", card.name,
            "不清楚哪一天的, 可以只写年月。登记以后不再列入走访和慰问名单; 登错了可以按 Ctrl+Z 撤销。",
        )  # fmt: skip
        person, people = self._person, People(self.desk.station)

        def save(form: Form) -> Callable[[], Saved]:
            values = form.values()
            return lambda: people.record_death(person, values)

        self._ask(asked, save, f"已登记 {card.name} 去世。")

    def _adder(self, part: str) -> Callable[[], None]:
        return lambda: self.edit_part(part, "")

    def _changer(self, part: str) -> Callable[[str], None]:
        return lambda record: self.edit_part(part, record)

    def _remover(self, part: str) -> Callable[[str, str], None]:
        def remove(record: str, text: str) -> None:
            people = People(self.desk.station)
            go = lambda: self.write(lambda: people.remove_part(part, record), what="删去")  # noqa: E731 (one line)
            self.ask(f"要删去这条{parts.TITLES[part]}吗?", "删去", go, danger=True, more=text)

        return remove

    def edit_part(self, part: str, record: str) -> None:
        """Add a part, or change one."""
        card = self._card
        if card is None:
            return
        values: Mapping[str, Any] = next((one for one in card.fields[part] if one["id"] == record), {})
        if record and not values:
            self.tell("这一条已经不在了。")
            return
        known = {name: field for name, field in parts.fields(part).items() if name != "person"}
        title = parts.TITLES[part]
        asked = Asked(
            f"person.{part}.form", f"修改{title}" if record else f"添加{title}", known, [Group("", tuple(known))], values,
            f"person:{self._person}/{part}/{record}", card.name,
        )  # fmt: skip
        person, people = self._person, People(self.desk.station)

        def save(form: Form) -> Callable[[], Saved]:
            if record:
                changes = form.changes()
                return lambda: people.change_part(part, record, changes)
            given = form.values()
            return lambda: people.add_part(person, part, given)

        self._ask(asked, save, f"已保存 {card.name} 的{title}。")

    def _ask(self, asked: Asked, save: Callable[[Form], Callable[[], Saved]], word: str) -> None:
        def saved(result: Saved) -> None:
            self.tell(word)
            self.banner.say(" ".join(result.warnings), "warn")

        FormWindow(self, asked, Choices(self.desk.station).of, save, saved).open()

    def _take_up(self, part: str) -> None:
        """Go on with what was half typed: `death`, or `identities/ID`."""
        if not self.desk.may("write"):
            return
        if part == "death":
            if self._card is not None and not self._card.dead:
                self.record_death()
            return
        kind, _, record = part.partition("/")
        if kind in parts.TITLES:
            self.edit_part(kind, record)
