"""The places of the country or of a station's area as something to walk down and to search: an index made once."""

import functools
from collections.abc import Mapping
from typing import Final

from app.rules import divisions as rules
from app.rules import names as names_rules
from app.rules import text
from app.services.divisions import DivisionRow, names_inside, national
from app.services.station import Station

MOST_FOUND: Final = 200
_HEIGHTS: Final = tuple(rules.LENGTHS)


class Atlas:
    """Names by code, walked down level by level and searched; made off the window's thread (it indexes 45,000 names)."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._below: dict[str, list[str]] = {}
        for code in sorted(names):
            self._below.setdefault(self._above(code), []).append(code)

    def _above(self, code: str) -> str:
        upper = rules.parent(code)
        while upper is not None and upper not in self._names:
            upper = rules.parent(upper)
        return upper or ""

    def place(self, code: str) -> DivisionRow:
        """One place; one nobody has named is called by its code."""
        return DivisionRow(
            code, self._names.get(code, code), rules.full_name(self._names, code) or code, rules.level(code)
        )

    def path(self, code: str) -> list[DivisionRow]:
        """The places above this one and itself, the highest first."""
        return [self.place(one) for one in (*rules.ancestors(code), code) if one in self._names]

    def below(self, code: str = "") -> list[DivisionRow]:
        """The places right below one; without a code, the provinces (or whatever is highest here)."""
        return [self.place(one) for one in self._below.get(code, [])]

    def find(self, words: str, under: str = "") -> list[DivisionRow]:
        """Places by a piece of their name, their code, their 拼音 or its initials; the higher ones first.

        拼音 is looked for among counties and above, and among whatever lies below the place one stands at.
        """
        plain = text.half_width(words).strip()
        if not plain:
            return self.below(under)
        inside = [code for code in self._names if not under or rules.within(code, under)]
        if not plain.isascii():
            found = [code for code in inside if self._says(code, plain)]
        elif plain.isdigit():
            found = [code for code in inside if code.startswith(plain)]
        else:
            typed = names_rules.pinyin_query(plain)
            near = under and rules.level(under) in ("county", "township")
            some = inside if near else [c for c in inside if rules.level(c) in ("province", "city", "county")]
            found = [code for code in some if typed and self._sounds(code, typed)]
        found.sort(key=lambda code: (_HEIGHTS.index(rules.level(code)), len(self._names[code]), code))
        return [self.place(code) for code in found[:MOST_FOUND]]

    def _says(self, code: str, plain: str) -> bool:
        name = self._names[code]
        if plain in name:
            return True
        # 临川区上顿渡: the last word is the place's own, those before stand above it.
        short = rules.short_name(name)[:2]
        return len(plain) > 3 and short in plain and plain in rules.full_name(self._names, code)

    def _sounds(self, code: str, typed: str) -> bool:
        full, initials = _sounds_of(self._names[code])
        return initials.startswith(typed) or full.startswith(typed)


@functools.lru_cache(maxsize=8_192)
def _sounds_of(name: str) -> tuple[str, str]:
    return names_rules.place_keys(name)


@functools.cache
def national_atlas() -> Atlas:
    """The shipped list, indexed once."""
    return Atlas(national())


def atlas_of(station: Station) -> Atlas:
    """The places of a station's area and above, its own names among them."""
    with station.db.read() as session:
        return Atlas(names_inside(session, station.place, ended=False))
