"""One household with its members, or the list of all."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from app.errors import UserError
from app.models import fields_of
from app.services.choices import Choices
from app.services.households import PLAQUE, HouseholdCard, Households, MemberLine
from app.services.people import People, PersonCard
from app.ui.kit import look
from app.ui.kit.controls import button, column, label
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.flow import Flow
from app.ui.kit.form_window import Asked, FormWindow
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, follow, named_action, scrolled
from app.ui.kit.saving import save
from app.ui.kit.table import Column, List, Rows
from app.ui.pages.household.listing import Listing
from app.ui.pages.household.members import AddMember

FIELDS: Final = ("number", "division", "address", PLAQUE)
LARGE_TEXT: Final = 150
"""From this text size on the members lie below what is seen at first."""
ALONE: Final = "户里还没有人。按“添加成员”。"
_LIST, _CARD = 0, 1


class HouseholdPage(Page):
    """`about`: a household's id, or empty for the list; `facts` may name a `person` who is to get a household."""

    name = "household"
    title = "户"
    help = "户"
    watches: ClassVar[frozenset[str]] = frozenset({"household", "person"})

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._household = ""
        self._person = ""
        """Who is to get a household."""
        self._facts: Mapping[str, Any] = {}
        self._wanted_part = ""
        """A relation that was being changed when one went away."""
        self._card: HouseholdCard | None = None
        self.listing = Listing(self)
        self.listing.opened.connect(lambda household: self.go("household", household))
        known = {name: fields_of("household")[name] for name in FIELDS[:-1]} | {PLAQUE: fields_of("person")[PLAQUE]}
        self.form = Form("household", known, [Group("", FIELDS)], Choices(desk.station).of)
        columns = (
            Column("name", "姓名", lambda one: f"{one.name}(去世)" if one.dead else one.name, 10),
            Column("relation", "与户主关系", lambda one: one.relation_word, 7),
            Column("birth", "出生日期", lambda one: one.birth_date or "", 6),
            Column("plaque", "光荣牌", lambda one: one.plaque or "", 6),
        )
        self._members: dict[str, MemberLine] = {}
        self.members = List("household.members", "成员", Rows(columns, self._member_lines), ALONE)
        self.members.opened.connect(lambda person: self.go("person", person))
        self.members.chosen.connect(lambda _person: self._allow())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.listing)
        self.stack.addWidget(scrolled(self._sheet(), "household.sheet"))
        self.body.addWidget(self.stack, 1)
        self.drafts = DraftKeeper(desk.memory, self.form, self.banner, self)
        self.form.submitted.connect(self.save)
        self._offer()

    def _sheet(self) -> QWidget:
        self.acts: dict[str, QAction] = {}
        pushes: list[QWidget] = []
        for key, text, do in (
            ("join", "添加成员(&N)…", self.add_member), ("lead", "设为户主(&H)", self.lead),
            ("relation", "改关系(&R)…", self.change_relation), ("leave", "移出本户(&O)…", self.leave_household),
        ):  # fmt: skip
            self.acts[key] = named_action(self, f"household.{key}", text, do)
            push = button(f"household.{key}", text, self.acts[key].trigger)
            follow(push, self.acts[key])
            pushes.append(push)
        sheet = QWidget()
        self.head = label(kind="faint", id="household.head")
        self.members.setMinimumHeight((self.members.verticalHeader().defaultSectionSize()) * 5)
        self.form.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        sheet.setLayout(
            column(
                self.head, self.form, label("成员", "heading"), Flow(pushes if self.desk.may("write") else ()), self.members,
                margin=SPACE.tight, gap=SPACE.apart,
            )
        )  # fmt: skip
        return sheet

    def _offer(self) -> None:
        may = self.desk.may("write")
        self.save_action = self.action("save", "保存(&S)", self.save, shortcut="Ctrl+S", kind="primary")
        self.remove_action = self.action("remove", "撤户(&X)…", self.remove)
        self.list_action = self.action("all", "所有的户(&L)", lambda: self.go("household"))
        self.take_action = self.action("take", "加入选中的户(&J)", self.take_in)
        self.new_action = self.action("new", "新建一户(&N)", self.found)
        for action in (self.save_action, self.remove_action, self.take_action, self.new_action):
            action.setEnabled(may)
            action.setVisible(False)
        self.list_action.setVisible(False)

    # -- showing -----------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        self.drafts.let_go()
        about, _, self._wanted_part = about.partition("/")
        self._household, self._card = about, None
        self._person = "" if about else str((facts or {}).get("person", ""))
        self.stack.setCurrentIndex(_CARD if about else _LIST)
        may = self.desk.may("write")
        self.save_action.setVisible(bool(about) and may)
        self.remove_action.setVisible(bool(about) and may)
        self.list_action.setVisible(bool(about))
        self.take_action.setVisible(bool(self._person) and may)
        self.new_action.setVisible(bool(self._person) and may)
        self.call(self.title)
        self.banner.say("")
        self.refresh()
        if self._person:
            people, person = People(self.desk.station), self._person
            self.read(lambda: people.show(person), self._for_whom, key="person")

    def start(self) -> None:
        if self._household and look.scale() < LARGE_TEXT:
            self.members.setFocus()
        elif self._household:
            self.form.start()
        else:
            self.listing.text.setFocus()

    def leave(self) -> None:
        self.drafts.leave()

    def refresh(self) -> None:
        if not self._household:
            self.listing.refresh()
            return
        household, households = self._household, Households(self.desk.station)
        self.desk.operations.read(
            lambda: households.show(household), self._show, owner=self, key="household.card", failed=self._gone
        )

    def _for_whom(self, card: PersonCard) -> None:
        name = card.fields["name"]
        text = f"给“{name}”选一个户: 在下面选中后按“加入选中的户”, 或者按“新建一户”(户主就是{name})。"
        self.banner.say(text, "note")
        self._facts = card.fields

    def _gone(self, error: UserError) -> bool:
        self._card = None
        self.banner.say(f"{error} 可能刚被撤户。", "warn")
        self.stack.setCurrentIndex(_LIST)
        self.listing.refresh()
        return True

    def _show(self, card: HouseholdCard) -> None:
        if card.id != self._household:
            return
        first = self._card is None
        self._card = card
        number = f"户号 {card.fields['number']}" if card.fields["number"] else "没有户号"
        self.call(f"{card.head.name} 户" if card.head is not None else "户")
        self.head.setText(f"{number}  {card.place}  共 {len(card.members)} 人")
        if first or not self.form.is_changed:
            self.form.show_values(dict(card.fields) | {PLAQUE: card.plaque})
        self.form.editor(PLAQUE).setEnabled(card.head is not None)
        restored = first and self.drafts.watch(f"household:{card.id}", lambda: f"修改户 · {self.heading.text()}")
        if card.warnings and not restored:
            self.banner.say(" ".join(card.warnings), "warn")
        elif not restored and first:
            self.banner.say("")
        self._members = {one.id: one for one in card.members}
        self.members.show_ids(list(self._members))
        self._allow()
        word, _, person = self._wanted_part.partition("/")
        self._wanted_part = ""
        if word == "relation" and self.members.choose(person):
            self.change_relation()

    def _member_lines(self, ids: Sequence[str]) -> Mapping[str, MemberLine]:
        return {one: self._members[one] for one in ids if one in self._members}

    def _allow(self) -> None:
        one = self._members.get(self.members.current())
        may = self.desk.may("write")
        self.acts["join"].setEnabled(may)
        self.acts["lead"].setEnabled(may and one is not None and not one.head)
        self.acts["relation"].setEnabled(may and one is not None and not one.head)
        self.acts["leave"].setEnabled(may and one is not None)

    # -- doing -------------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Number, village, address, plaque."""
        if self._card is None or not self.form.accept():
            return
        household, households, changes = self._household, Households(self.desk.station), self.form.changes()
        work = lambda: households.change(household, changes)  # noqa: E731 (one act)
        save(self, self.drafts, work, self._saved, failed=self.form.refused)

    def _saved(self, _result: object) -> None:
        self._card = None
        self.tell("户的登记已保存。")
        self.refresh()

    def add_member(self) -> None:
        """Somebody more."""
        if self._card is not None:
            AddMember(self, self._household, lambda: self.tell("已添加成员。")).open()

    def lead(self) -> None:
        """The chosen member becomes the head."""
        person, household, households = self.members.current(), self._household, Households(self.desk.station)
        if person:
            self.write(lambda: households.change(household, {"head": person}), lambda _: self.tell("已改户主。"))

    def change_relation(self) -> None:
        """Another relation to the head."""
        one = self._members.get(self.members.current())
        if one is None:
            return
        known = {"head_relation": fields_of("person")["head_relation"]}
        asked = Asked(
            "household.relation.form", "与户主关系", known, [Group("", tuple(known))], {"head_relation": one.relation},
            f"household:{self._household}/relation/{one.id}", one.name, f"{one.name} 是户主的什么人?",
        )  # fmt: skip
        people = People(self.desk.station)

        def save(form: Form) -> Callable[[], Any]:
            changes = form.changes()
            return lambda: people.change(one.id, changes, name="修改与户主关系")

        FormWindow(self, asked, Choices(self.desk.station).of, save, lambda _: self.tell("已保存。")).open()

    def leave_household(self) -> None:
        """Take the chosen member out."""
        one = self._members.get(self.members.current())
        if one is None:
            return
        households = Households(self.desk.station)
        go = lambda: self.write(lambda: households.leave(one.id), lambda _: self.tell(f"{one.name} 已移出。"))  # noqa: E731
        more = "他是户主, 移出以后要另选户主。" if one.head else ""
        self.ask(f"要把“{one.name}”移出这一户吗?", "移出", go, more=more)

    def remove(self) -> None:
        """Dissolve the household."""
        household, households = self._household, Households(self.desk.station)

        def go() -> None:
            work, gone = (lambda: households.remove(household)), (lambda _: self.go("household"))
            save(self, self.drafts, work, gone, what="撤户", word="已撤户")

        self.ask(
            "要撤掉这一户吗?",
            "撤户",
            go,
            danger=True,
            more="户里的人都还在名单里, 只是不再属于这一户。可以按 Ctrl+Z 撤销。",
        )

    def take_in(self) -> None:
        """The person who waits joins the household the cursor is on."""
        household, person, households = self.listing.view.current(), self._person, Households(self.desk.station)
        if household and person:
            self.write(lambda: households.join(household, person), lambda _: self.go("household", household))

    def found(self) -> None:
        """The person who waits gets a household of his own."""
        person, households = self._person, Households(self.desk.station)
        if not person:
            return
        values = {"head": person, "address": self._facts.get("address"), "number": self._facts.get("household_number")}
        given = {name: value for name, value in values.items() if value}
        self.write(lambda: households.add(given), lambda household: self.go("household", household))
