"""What the search box finds: people, and things that can be done here."""

from typing import Final

from app.rules import codes, id_number, names
from app.services.searching import FoundPerson, Search
from app.ui.kit.page import Desk, Link
from app.ui.kit.picker import Hit
from app.ui.shell.navigation import ACTS, Act

PEOPLE: Final = 12


def find(desk: Desk, text: str) -> list[Hit]:
    """Acts whose words or initials fit first when there are few letters of them, then people."""
    acts = [Hit(act.link, act.text, "去办") for act in ACTS if _may(desk, act) and _fits(act, text)]
    people = [person_hit(person) for person in Search(desk.station).persons(text, PEOPLE)]
    whole = [hit for hit in acts if hit.text == text]
    return [*whole, *people, *(hit for hit in acts if hit not in whole)]


def person_hit(person: FoundPerson) -> Hit:
    """A person as a line: sex, birth, the masked number."""
    facts = (
        codes.label("sex", person.sex),
        person.birth_date or "",
        id_number.mask(person.id_number) if person.id_number else "",
        person.address or "",
    )
    return Hit(Link("person", person.id), person.name, "  ".join(filter(None, facts)))


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
