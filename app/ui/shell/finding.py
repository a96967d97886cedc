"""What the search box finds: people, and things that can be done here."""

from typing import Final

from app.rules import codes, id_number, names
from app.services import lookup
from app.services.searching import FoundPerson, Search
from app.ui.kit.page import Desk, Link
from app.ui.kit.picker import Hit
from app.ui.shell.navigation import ACTS, Act

PEOPLE: Final = 12


def find(desk: Desk, text: str) -> list[Hit]:
    """Acts whose words or initials fit first when there are few letters of them, then people."""
    acts = [Hit(act.link, act.text, "去办") for act in ACTS if _may(desk, act) and _fits(act, text)]
    search = Search(desk.station)
    found = search.persons(text, PEOPLE)
    places = search.places(found)
    people = [person_hit(person, places.get(person.division or "", "")) for person in found]
    whole = [hit for hit in acts if hit.text == text]
    return [*whole, *people, *(hit for hit in acts if hit not in whole)]


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
