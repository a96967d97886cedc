"""What the search box finds: people, and things that can be done here."""

from typing import Final

from app import clock
from app.rules import codes, id_card, id_number, names
from app.rules.id_card import IdCard
from app.services import lookup
from app.services.searching import FoundPerson, Search
from app.ui.kit.page import Desk, Link
from app.ui.kit.picker import Hit
from app.ui.shell.navigation import ACTS, Act

PEOPLE: Final = 12
_NUMBER_LENGTH: Final = 18
"""A longer text with an ID number in it is a whole card."""


def find(desk: Desk, text: str) -> list[Hit]:
    """Acts whose words or initials fit first when there are few letters of them, then people."""
    if len(text) > _NUMBER_LENGTH and (card := id_card.from_text(text)) is not None and card.number:
        return _of_card(desk, card)
    acts = [Hit(act.link, act.text, "去办") for act in ACTS if _may(desk, act) and _fits(act, text)]
    search = Search(desk.station)
    found = search.persons(text, PEOPLE)
    places = search.places(found)
    people = [person_hit(person, places.get(person.division or "", "")) for person in found]
    whole = [hit for hit in acts if hit.text == text]
    return [*whole, *people, *(hit for hit in acts if hit not in whole)]


def by_card(desk: Desk, card: IdCard) -> Link | None:
    """Where a card that was read leads: to the person it means, or to the form of somebody new if one may register."""
    found = _numbered(desk, card)
    if found is not None:
        return Link("person", found.id)
    return _new(card) if desk.may("write") else None


def _of_card(desk: Desk, card: IdCard) -> list[Hit]:
    """A card pasted, or typed by a keyboard wedge, into the search box."""
    found = _numbered(desk, card)
    if found is not None:
        return [person_hit(found, Search(desk.station).places([found]).get(found.division or "", ""))]
    name = card.name or id_number.mask(card.number)
    return [Hit(_new(card), f"登记 {name}", "还没有登记过")] if desk.may("write") else []


def _numbered(desk: Desk, card: IdCard) -> FoundPerson | None:
    search = Search(desk.station)
    found = search.persons(card.number, PEOPLE) if card.number else []
    return next((one for one in found if one.id_number == card.number), None)


def _new(card: IdCard) -> Link:
    said = " ".join((f"已读 {card.name} 的证件, 还没有登记过。", *card.warnings(clock.today())))
    return Link("person_form", "", {"values": card.values(), "word": said})


def person_hit(person: FoundPerson, place: str) -> Hit:
    """A person as a line: sex, birth, the masked number, village, the widest last: it may be cut off."""
    number = id_number.mask(person.id_number) if person.id_number else "无身份证号"
    gone = "(去世)" if person.status in lookup.DEAD else "(迁出)" if person.status in lookup.LEFT else ""
    facts = (codes.label("sex", person.sex), person.birth_date or "", number, place)
    return Hit(Link("person", person.id), f"{person.name}{gone}", "  ".join(filter(None, facts)))


def _may(desk: Desk, act: Act) -> bool:
    return desk.may(act.right) and desk.level in act.levels


def _fits(act: Act, text: str) -> bool:
    plain = text.casefold().replace(" ", "")
    if plain in act.text.casefold():
        return True
    if not plain.isascii():
        return False
    sounds = names.pinyin(act.text)
    return any(key.startswith(plain) for key in (*sounds.initials, *sounds.full))
