"""Finding persons by what people say of them: a name, its 拼音 or initials, the end of a number, a telephone, a village."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from app.errors import BadInput
from app.models import Person, PersonIdentity, PersonKey
from app.rules import names
from app.rules import text as texts
from app.rules.benefits import TABLES, code_of
from app.services import divisions, rights
from app.services.station import Station

_LAST: Final = "\U0010ffff"
_MOST: Final = 1_000
_BETWEEN_SYLLABLES: Final = re.compile(r"(?<=[A-Za-z])\s+(?=[A-Za-z])")
_SOUNDS: Final = 2
"""Readings of a word that are listened for."""
_MANY: Final = 4
"""How many keys are read for each person wanted: one person may be found under several."""


@dataclass(frozen=True)
class FoundPerson:
    """One line of a list of persons."""

    id: str
    name: str
    sex: str | None
    birth_date: str | None
    id_number: str | None
    phone: str | None
    division: str
    address: str | None
    status: str | None


@dataclass(frozen=True)
class Word:
    """One word of a text somebody looks for: as the keys have it, and the villages it may name."""

    forms: tuple[str, ...]
    places: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    benefits: tuple[str, ...] = ()
    """Codes of the class and the benefit it may name."""
    sounds: tuple[str, ...] = ()
    """How Chinese characters sound: 章建国 is asked for as 张建国."""

    @property
    def means_many(self) -> bool:
        """Whether it may name a village or a kind of people."""
        return bool(self.places or self.classes or self.benefits)


@dataclass(frozen=True)
class Mark:
    """What of a line a text has found: a field and where in it."""

    field: str
    start: int
    length: int


class Search:
    """Looking people up; it never writes."""

    def __init__(self, station: Station) -> None:
        self.station = station

    def count(self) -> int:
        """How many persons there are here."""
        rights.demand(self.station, "read")
        query = select(func.count()).select_from(Person).where(~Person.deleted, Person.merged_into.is_(None))
        with self.station.db.read() as session:
            return session.scalar(query) or 0

    def persons(self, text: str, limit: int = 50) -> list[FoundPerson]:
        """Persons who match every word of a text, exact matches first; an empty text lists the register.

        A word is a part of a name, its 拼音 or initials, digits of a number, a piece of an address, a village or a class
        of people. Who only sounds alike comes last. Raises BadInput for characters no name can hold (NUL, lone
        surrogates).
        """
        rights.demand(self.station, "read")
        most = max(1, min(limit, _MOST))
        with self.station.db.read() as session:
            words = words_of(self.station, session, text)
            if not words:
                return _rows(session, _first(session, most))
            found = _matching(session, words, most)
            rows = sorted(_rows(session, found), key=lambda row: _rank(row, words))
            if len(rows) < most and any(word.sounds for word in words):
                heard = [replace(word, forms=word.sounds) if word.sounds else word for word in words]
                seen = set(found)
                more = [one for one in _matching(session, heard, most) if one not in seen]
                rows += _rows(session, more[: most - len(rows)])
            return rows

    def places(self, found: Sequence[FoundPerson]) -> dict[str, str]:
        """What the villages of some persons are called, by code."""
        with self.station.db.read() as session:
            names = divisions.names_inside(session, self.station.place)
        codes = {person.division for person in found if person.division}
        return {code: names.get(code) or divisions.national().get(code, code) for code in codes}


def words_of(station: Station, session: Session, text: str) -> list[Word]:
    """The words of a text; 拼音 written in syllables (zhang jian guo) is one word."""
    if texts.problems(text):
        raise BadInput("要查的文字里有无法识别的字符, 请重新输入。")
    out = []
    for word in _BETWEEN_SYLLABLES.sub("", text).split():
        forms = tuple(dict.fromkeys(form for form in (names.folded(word), names.pinyin_query(word)) if form))
        spoken = len(word) > 1 and all(map(names.is_han, word))
        sounds = names.pinyin(word).full[:_SOUNDS] if spoken else ()
        classes, benefit = (_kinds(table, word) if spoken else () for table in ("collection_class", "benefit"))
        out.append(Word(
            forms, _villages(station, session, word), classes, benefit, sounds,
        ))  # fmt: skip
    return out


def _kinds(table: str, word: str) -> tuple[str, ...]:
    """Codes whose words begin with this, or for which it is another word."""
    found = {code for code, label in TABLES[table].items() if label.startswith(word)}
    return tuple(sorted(found | ({code} if (code := code_of(table, word)) else set())))


def _villages(station: Station, session: Session, word: str) -> tuple[str, ...]:
    """Villages of the station's area whose name begins with a word of two characters or more."""
    if len(word) < 2 or not all(map(names.is_han, word)):
        return ()
    return divisions.called(session, station.place, word)


def condition(words: Sequence[Word]) -> ColumnElement[bool]:
    """Whether a person (a row of Person) matches every word."""
    return and_(true(), *(_fits(word, Person.id) for word in words))


def _fits(word: Word, person: Any) -> ColumnElement[bool]:
    keys = aliased(PersonKey)
    found = person.in_(select(keys.person).where(_any_prefix(keys, word.forms))) if word.forms else false()
    return or_(found, person.in_(_meant(word))) if word.means_many else found


def _meant(word: Word) -> Select[str]:
    """Persons of a village or a kind that a word names."""
    here = Person.deleted.is_(False), Person.merged_into.is_(None)
    kind = select(PersonIdentity.person).where(
        PersonIdentity.deleted.is_(False),
        or_(PersonIdentity.class12.in_(word.classes), PersonIdentity.benefit_code.in_(word.benefits)),
    )
    some = [Person.division.in_(word.places)] if word.places else []
    some += [Person.id.in_(kind)] if word.classes or word.benefits else []
    return select(Person.id).where(or_(false(), *some), *here)


def _matching(session: Session, words: Sequence[Word], most: int) -> list[str]:
    leading, *further = sorted(words, key=lambda w: (w.means_many, -max(map(len, w.forms), default=0)))
    found: dict[str, None] = {}
    if leading.forms:
        others = [_beside(word) for word in further]
        for fitting in (PersonKey.key.in_(leading.forms), _any_prefix(PersonKey, leading.forms)):
            query = select(PersonKey.person).where(fitting, *others)
            query = query.order_by(PersonKey.key, PersonKey.person).limit(most * _MANY)
            found.update(dict.fromkeys(session.scalars(query)))
            if len(found) >= most:
                break
    if leading.means_many and len(found) < most:
        living = _meant(leading).where(*(_fits(word, Person.id) for word in further))
        found.update(dict.fromkeys(session.scalars(living.order_by(Person.id).limit(most))))
    return list(found)[:most]


def _beside(word: Word) -> ColumnElement[bool]:
    """Whether the person a key leads to matches another word too."""
    if not word.forms:
        return false()
    other = aliased(PersonKey)
    found = select(other.person).where(other.person == PersonKey.person, _any_prefix(other, word.forms)).exists()
    return or_(found, PersonKey.person.in_(_meant(word))) if word.means_many else found


def _rank(row: FoundPerson, words: Sequence[Word]) -> int:
    """Whoever is called so stands before those whose name begins so, and these before all others."""
    name = names.folded(row.name or "")
    best = 3
    for word in words:
        for form in word.forms:
            if form == name or form in ((row.id_number or "").casefold(), row.phone):
                best = min(best, 0)
            elif name.startswith(form):
                best = min(best, 1)
            elif form in name:
                best = min(best, 2)
    return best


def marks(row: FoundPerson, text: str) -> tuple[Mark, ...]:
    """Where in a line the words of a text stand, for the window to make them bold; what only sounds alike has none."""
    out: dict[Mark, None] = {}
    for word in _BETWEEN_SYLLABLES.sub("", text).split():
        found = _in_name(row.name or "", word)
        if found is not None:
            out[found] = None
        digits = word.casefold()
        for field in ("id_number", "phone", "address"):
            at = (getattr(row, field) or "").casefold().find(digits)
            if at >= 0:
                out[Mark(field, at, len(digits))] = None
    return tuple(out)


def _in_name(name: str, word: str) -> Mark | None:
    """The characters of a name that a word names: as they are written, by their initials or their 拼音."""
    places = [place for place, char in enumerate(name) if names.folded(char)]
    plain = [names.folded(name[place]) for place in places]
    wanted = names.folded(word)
    for start in range(len(plain)):
        for end in range(start + 1, len(plain) + 1):
            if "".join(plain[start:end]) == wanted:
                return Mark("name", places[start], places[end - 1] - places[start] + 1)
    typed = names.pinyin_query(word)
    sounds = names.pinyin(name)
    if typed and any(initials.startswith(typed) for initials in sounds.initials) and len(typed) <= len(places):
        return Mark("name", places[0], places[len(typed) - 1] - places[0] + 1)
    if typed and any(full.startswith(typed) for full in sounds.full):
        left = len(typed)
        for count, syllable in enumerate(sounds.sort.split(), start=1):
            left -= len(syllable)
            if left <= 0 and count <= len(places):
                return Mark("name", places[0], places[count - 1] - places[0] + 1)
    return None


def _any_prefix(keys: type[PersonKey], forms: Sequence[str]) -> ColumnElement[bool]:
    return or_(false(), *(and_(keys.key >= form, keys.key < form + _LAST) for form in forms))


def _first(session: Session, most: int) -> list[str]:
    query = select(Person.id).where(Person.deleted.is_(False), Person.merged_into.is_(None)).order_by(Person.id)
    return list(session.scalars(query.limit(most)))


def _rows(session: Session, ids: Sequence[str]) -> list[FoundPerson]:
    columns: tuple[Any, ...] = (
        Person.id, Person.name, Person.sex, Person.birth_date, Person.id_number, Person.phone, Person.division,
        Person.address, Person.status,
    )  # fmt: skip
    by_id = {row.id: FoundPerson(*row) for row in session.execute(select(*columns).where(Person.id.in_(ids)))}
    return [by_id[one] for one in ids if one in by_id]
