"""Finding persons by what people say of them: a name, its 拼音 or initials, the end of a number, a telephone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.errors import BadInput
from app.models import Person, PersonKey
from app.rules import names
from app.rules import text as texts
from app.services import rights
from app.services.station import Station

_LAST: Final = "\U0010ffff"
_MOST: Final = 1_000
_BETWEEN_SYLLABLES: Final = re.compile(r"(?<=[A-Za-z])\s+(?=[A-Za-z])")
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

        Raises BadInput for characters no name can hold (NUL, lone surrogates).
        """
        rights.demand(self.station, "read")
        if texts.problems(text):
            raise BadInput("要查的文字里有无法识别的字符, 请重新输入。")
        most = max(1, min(limit, _MOST))
        with self.station.db.read() as session:
            words = sorted((_forms(word) for word in _words(text)), key=lambda forms: -max(map(len, forms), default=0))
            if not words:
                return _rows(session, _first(session, most))
            if not all(words):
                return []
            return _rows(session, _matching(session, words, most))


def _words(text: str) -> list[str]:
    """The words of a text; 拼音 written in syllables (zhang jian guo) is one word."""
    return _BETWEEN_SYLLABLES.sub("", text).split()


def _forms(word: str) -> tuple[str, ...]:
    """A word as the keys have it: as a name is compared, and as 拼音 or digits."""
    return tuple(dict.fromkeys(form for form in (names.folded(word), names.pinyin_query(word)) if form))


def _matching(session: Session, words: Sequence[tuple[str, ...]], most: int) -> list[str]:
    leading, *further = words
    others = []
    for forms in further:
        other = aliased(PersonKey)
        others.append(select(other.person).where(other.person == PersonKey.person, _any_prefix(other, forms)).exists())
    found: dict[str, None] = {}
    for condition in (PersonKey.key.in_(leading), _any_prefix(PersonKey, leading)):
        query = select(PersonKey.person).where(condition, *others)
        query = query.order_by(PersonKey.key, PersonKey.person).limit(most * _MANY)
        found.update(dict.fromkeys(session.scalars(query)))
        if len(found) >= most:
            break
    return list(found)[:most]


def _any_prefix(keys: type[PersonKey], forms: Sequence[str]) -> ColumnElement[bool]:
    ranges = [and_(keys.key >= form, keys.key < form + _LAST) for form in forms]
    condition: ColumnElement[bool] = ranges[0]
    for one in ranges[1:]:
        condition |= one
    return condition


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
