"""Registering a person and changing one: the fields of the village ledger, the others folded."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from PySide6.QtWidgets import QPushButton, QWidget

from app import clock
from app.errors import UserError
from app.models import fields_of
from app.models.fields import Field
from app.rules import duplicates, id_card, id_number
from app.rules.id_card import IdCard
from app.services import field_values
from app.services.choices import Choices
from app.services.duplicates import Duplicates, LikelyPerson
from app.services.people import FLAT, LISTS, People, PersonCard, Saved
from app.services.same_person_views import SamePersonViews
from app.ui.kit import drafts
from app.ui.kit.card_reading import ReadCard
from app.ui.kit.controls import button, column, row
from app.ui.kit.drafts import DraftKeeper
from app.ui.kit.forms import Form, Group
from app.ui.kit.look import SPACE
from app.ui.kit.page import Desk, Page, scrolled
from app.ui.kit.saving import save

GROUPS: Final = (
    Group("姓名和证件", ("name", "id_number", "no_id_reason", "sex", "birth_date", "phone")),
    Group("人员类别", ("class12", "benefit_code", "benefit_state", "disability_level", "disability_nature")),
    Group("服役情况", ("enlisted", "discharged", "branch", "rank", "unit_number", "discharge_cert", "merits")),
    Group("户籍和住址", (
        "division", "village_group", "address", "residence_address", "work_place", "household_number", "head_name",
        "head_relation",
    )),
    Group("其他", ("political", "plaque", "key_contact", "status", "note")),
    Group("银行账户", ("bank", "account_holder", "account_number"), folded=True),
    Group("更多项目", (
        "former_name", "ethnicity", "education", "marital", "health", "income", "phone2", "unit_code",
        "residence_division",
    ), folded=True),
)  # fmt: skip
KEPT: Final = ("division", "village_group", "address")
"""What the next person of the same pile of papers most likely shares with the one before."""
TELLING: Final = ("name", "former_name", "id_number", "birth_date", "sex", "division", "phone", "phone2")
"""What shows, while it is typed, that somebody is here already."""
_NAMED: Final = 3
"""So many who may be meant are named while somebody is typed."""
_NUMBER_LENGTH: Final = 18
"""More than this in a field for a name or a number is more than a name or a number."""
_DISABLED: Final = frozenset({"11", "12", "13", "14", "15"})


def _fields() -> dict[str, Field]:
    """The person's own fields and those of the one identity, service and account beside them."""
    found = dict(fields_of("person"))
    for kind, names in FLAT.items():
        found |= {name: fields_of(kind)[name] for name in names}
    return found


class PersonFormPage(Page):
    """`about` is the id of the person to change, empty for a new one, `+` and a word for one begun elsewhere.

    `facts`: `values` to begin with, a `word` to say above the form.
    """

    name = "person_form"
    title = "登记人员"
    help = "登记人员"
    watches: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._person = ""
        self._place = ""
        """Where the draft of the form is kept, behind the page's name."""
        self._word = ""
        self._known = ""
        """What the ID number has filled in, so that another number may fill it in anew."""
        self._warned = ""
        """What was said about somebody who may be meant."""
        inside = QWidget()
        self.body.addWidget(scrolled(inside, "person_form.scroll"), 1)
        self.form = Form("person_form", _fields(), GROUPS, Choices(desk.station).of, inside)
        self.card = ReadCard("person_form.card", self.take_card, self.banner.say, mnemonic="K")
        inside.setLayout(column(row(self.card.push, None), self.form, margin=SPACE.tight))
        self.save_action = self.action("save", "保存(&S)", self.save, shortcut="Ctrl+S", kind="primary")
        self.next_action = self.action(
            "next", "保存并登记下一个(&W)", lambda: self.save(further=True), shortcut="Ctrl+Shift+S"
        )
        self.action("cancel", "返回(&Q)", self.back.emit, hint="Esc, 填了一半的会留着")
        self.drafts = DraftKeeper(desk.memory, self.form, self.banner, self)
        self.form.edited.connect(self._edited)
        self.form.submitted.connect(self.save)
        for name in ("name", "id_number"):
            self.form.editor(name).left.connect(lambda name=name: self._take_text(name))

    # -- showing -----------------------------------------------------------------------------------------------------

    def open(self, about: str = "", facts: dict[str, Any] | None = None) -> None:
        facts = facts or {}
        self.card.refresh()
        self.drafts.let_go()
        given: Mapping[str, Any] = facts.get("values", {})
        # What somebody brings along must not be mixed with what was half typed of another.
        self._place = f"+{given.get('id_number') or given.get('name')}" if given else about
        about = "" if about.startswith("+") else about
        self._person, self._known, self._word = about, "", str(facts.get("word", ""))
        self.call("修改人员" if about else self.title)
        self.next_action.setVisible(not about)
        self.form.show_field("status", shown=bool(about))
        for action in (self.save_action, self.next_action):
            action.setEnabled(not about)
        if not about:
            self._begin(self._preset() | dict(given))
            if given:
                self._read_number()
                self._look()
            return
        people = People(self.desk.station)
        self.desk.operations.read(
            lambda: people.show(about), self._loaded, owner=self, key="person_form.person", failed=self._gone
        )

    def start(self) -> None:
        self.form.start()

    def leave(self) -> None:
        self.card.stop()
        self.drafts.leave()

    def _preset(self) -> dict[str, Any]:
        """The village of the station, or the one entered last where there are several."""
        places = [choice.code for choice in Choices(self.desk.station).places()]
        last: Mapping[str, str] = self.desk.memory.note("person_form.last", {})
        kept = {name: last[name] for name in KEPT if last.get(name)}
        if len(places) == 1:
            kept["division"] = places[0]
        elif kept.get("division") not in places:
            kept = {}
        return kept

    def _gone(self, error: UserError) -> bool:
        self.banner.say(str(error), "warn")
        return True

    def _loaded(self, card: PersonCard) -> None:
        if card.id != self._person:
            return
        values = dict(card.fields)
        for kind, names in FLAT.items():
            parts = values[next(name for name, part in LISTS.items() if part.__tablename__ == kind)]
            for name in names:
                # Several identities, services or accounts are changed one by one on the card.
                self.form.show_field(name, shown=len(parts) < 2)
                values[name] = parts[0][name] if len(parts) == 1 else None
        self.call(f"修改人员: {values['name']}")
        self.save_action.setEnabled(True)
        self._begin(values)

    def _begin(self, values: Mapping[str, Any]) -> None:
        if not self._person:
            for names in FLAT.values():
                for name in names:
                    self.form.show_field(name, shown=True)
        self.form.show_values(values)
        if not self.drafts.watch(f"person_form:{self._place}", self._draft_title) and self._word:
            self.banner.say(self._word, "note")
        self._adapt()

    def _draft_title(self) -> str:
        name = self.form.raw()["name"].strip()
        word = "修改人员" if self._person else "登记人员"
        return f"{word} · {name}" if name else word

    # -- while typing --------------------------------------------------------------------------------------------------

    def _edited(self, name: str) -> None:
        if name == "id_number":
            self._read_number()
        if name in ("id_number", "class12", "benefit_code"):
            self._adapt()
        if name in TELLING:
            self._look()

    def _adapt(self) -> None:
        """Only what applies is shown: a reason without a number, a grade for the disabled."""
        raw = self.form.raw()
        self.form.show_field("no_id_reason", shown=not raw["id_number"].strip())
        several = self.form.editor("class12").isHidden()
        disabled = raw["class12"] in ("07", "08") or raw["benefit_code"] in _DISABLED
        filled = bool(raw["disability_level"] or raw["disability_nature"])
        for name in ("disability_level", "disability_nature"):
            self.form.show_field(name, shown=not several and (disabled or filled))

    def _read_number(self) -> None:
        """As soon as the number is whole: birth and sex from it, and whether somebody here has it."""
        raw = self.form.raw()
        found = id_number.check(raw["id_number"])
        self.banner.say(self._word, "note")
        if not isinstance(found, id_number.IdNumber):
            return
        told = {"birth_date": found.birth.isoformat(), "sex": found.sex}
        for name, value in told.items():
            if not raw[name] or raw[name] in self._known.split():
                self.form.set_raw(name, value)
        self._known = " ".join(told.values())

    def _look(self) -> None:
        """Whether somebody who is here may be meant; while a person is changed only his number tells."""
        typed, but, here = self._telling(), self._person, Duplicates(self.desk.station)
        views = SamePersonViews(self.desk.station)

        def look() -> Sequence[LikelyPerson]:
            return here.near(typed, but=but, settled=views.told_apart() if but else (), limit=_NAMED)

        self.read(look, lambda found: self._meant(typed, found), key="near")

    def _telling(self) -> dict[str, str]:
        raw = self.form.raw()
        names = ("id_number",) if self._person else TELLING
        return {name: raw[name].strip() for name in names if raw[name]}

    def _meant(self, typed: Mapping[str, str], found: Sequence[LikelyPerson]) -> None:
        if typed != self._telling():
            return
        told = [one for one in found if not self._person or one.points == duplicates.SURE]
        if told:
            one = told[0]
            text = f"可能已经登记过“{one.person.name}”: {', '.join(one.why)}。先看一看是不是同一个人。"
            if one.points == duplicates.SURE:
                text = f"这个身份证号已经登记在“{one.person.name}”名下, 不能再登记一次。"
            elif len(told) > 1:
                text = f"可能已经登记过, 有 {len(told)} 个人像, 最像的是“{one.person.name}”: {', '.join(one.why)}。先看一看是不是同一个人。"
            self.banner.say(text, "warn", *(self._known_button(place, each) for place, each in enumerate(told)))
        elif self._warned and self.banner.text() == self._warned:
            self.banner.say(self._word, "note")
        self._warned = self.banner.text() if told else ""

    def _known_button(self, place: int, one: LikelyPerson) -> QPushButton:
        who = one.person
        birth = f" {who.birth_date}" if place and who.birth_date else ""
        key = f"person_form.known.{place}" if place else "person_form.known"
        return button(key, f"打开 {who.name}{birth}", lambda: self.go("person", who.id), kind="link")

    # -- from a card -------------------------------------------------------------------------------------------------

    def _take_text(self, name: str) -> None:
        """What a keyboard wedge typed, or somebody pasted, into one field is a whole card."""
        text = self.form.raw()[name]
        if self._person or len(text) <= _NUMBER_LENGTH:
            return
        card = id_card.from_text(text)
        if card is not None and card.name:
            self.form.set_raw(name, "")
            self.take_card(card)

    def take_card(self, card: IdCard) -> None:
        """Fill in what the card says; of somebody who is being changed only what is empty, and never another's."""
        values, raw = card.values(), self.form.raw()
        said = [f"已读 {card.name} 的证件。"] if card.name else []
        if self._person and raw["id_number"] and values.get("id_number") != raw["id_number"]:
            self.banner.say(f"这是 {card.name} 的证件, 和正在修改的人身份证号不同。没有改动任何内容。", "warn")
            return
        for name, value in values.items():
            if not raw[name] or (not self._person and name != "address"):
                self.form.set_raw(name, value)
            elif raw[name] != value:
                field = fields_of("person")[name]
                said.append(f"证件上的{field.label}是“{field_values.label_of(field, value)}”, 和填的不同, 没有改。")
        warnings = card.warnings(clock.today())
        self._word = " ".join((*said, *warnings))
        self.drafts.touched()
        self._adapt()
        self.banner.say(self._word, "warn" if warnings or len(said) > 1 else "good")
        self._look()

    # -- saving --------------------------------------------------------------------------------------------------------

    def save(self, *, further: bool = False) -> None:
        """Save, then to the card; `further`: then the next one."""
        if not self.save_action.isEnabled() or not self.form.accept():
            return
        people, person = People(self.desk.station), self._person
        for action in (self.save_action, self.next_action):
            action.setEnabled(False)
        raw, memory = self.form.raw(), self.desk.memory
        values: Mapping[str, Any] = self.form.changes() if person else self.form.values()
        name, kept = raw["name"].strip(), {field: raw[field] for field in KEPT}

        def work() -> Saved:
            if person:
                return people.change(person, values)
            made = people.add(values)
            drafts.remember(memory, "person_form.last", kept)
            return made

        def late(made: Saved) -> None:
            if made.warnings:
                self.desk.messages.say("\n".join(made.warnings))

        done = lambda made: self._saved(made, name, further=further)  # noqa: E731 (one line)
        save(self, self.drafts, work, done, failed=self._refused, late=late)

    def _refused(self, error: UserError) -> bool:
        for action in (self.save_action, self.next_action):
            action.setEnabled(True)
        if self.form.refused(error):
            return True
        if not self.banner.text():
            self.banner.say(str(error), "bad")
        return True

    def _saved(self, saved: Saved, name: str, *, further: bool) -> None:
        if not further:
            self.tell(f"已保存 {name}。")
            self.go("person", saved.id, warnings=saved.warnings)
            return
        self.open()
        self.start()
        self._tell_saved(saved, name)

    def _tell_saved(self, saved: Saved, name: str) -> None:
        push = button("person_form.saved", f"打开 {name}", lambda: self.go("person", saved.id), kind="link")
        warned: Sequence[str] = saved.warnings
        text = f"已登记 {name}。{' '.join(warned)}"
        self.banner.say(text, "warn" if warned else "good", push)
