"""A table of codes whose words came and went with the years: 第二炮兵 until 2015, 火箭军 since."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.rules.partial_date import PartialDate
from app.rules.text import half_width


@dataclass(frozen=True, slots=True)
class Dated:
    """What a code means. `starts` and `ends` are partial dates, empty where it has no beginning or end of its own.

    `also` are other words people write for it; `groups` are the kinds of person it is meant for, empty for all.
    """

    words: str
    starts: str = ""
    ends: str = ""
    also: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def held(self, first: PartialDate | None, last: PartialDate | None) -> bool | None:
        """Whether it can have held at some time from `first` to `last`; None if neither is known."""
        if first is None and last is None:
            return None
        over = bool(self.ends) and first is not None and PartialDate.parse(self.ends).surely_before(first)
        not_yet = bool(self.starts) and last is not None and last.surely_before(PartialDate.parse(self.starts))
        return not (over or not_yet)

    @property
    def period(self) -> str:
        """When it held, for a sentence; empty if it always did."""
        if not (self.starts or self.ends):
            return ""
        return f"{self.starts or '以前'} 至 {self.ends or '现在'}"


@dataclass(frozen=True)
class DatedTable:
    """A list of codes by its Chinese title; `source` says where it is from."""

    title: str
    source: str
    codes: Mapping[str, Dated]
    _by_word: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Several codes may share a word: 下士 is a rank of five systems."""
        words: dict[str, dict[str, None]] = {}
        for code, dated in self.codes.items():
            for word in (code, dated.words, *dated.also):
                words.setdefault(_plain(word), {})[code] = None
        object.__setattr__(self, "_by_word", {word: tuple(codes) for word, codes in words.items()})

    def codes_of(self, text: str) -> tuple[str, ...]:
        """All codes a text may mean: the code itself, its label or another word for it."""
        return self._by_word.get(_plain(text), ())

    def code_of(self, text: str, day: PartialDate | None = None) -> str | None:
        """The one code a text means, on a day if one is given; None if nobody can tell."""
        found = [code for code in self.codes_of(text) if self.codes[code].held(day, day) is not False]
        if len(found) > 1 and day is not None:
            # A month in which one system followed the other: the newer one.
            found = sorted(found, key=lambda code: self.codes[code].starts)[-1:]
        return found[0] if len(found) == 1 else None

    def label(self, code: str | None) -> str:
        """What stands on the screen; an unknown code (of a newer version) is shown as it is."""
        if not code:
            return ""
        return self.codes[code].words if code in self.codes else code

    def choices(self, day: PartialDate | None = None, group: str = "") -> dict[str, str]:
        """Code and words to choose from, on a day and for a kind of person where these are given."""
        return {
            code: dated.words
            for code, dated in self.codes.items()
            if dated.held(day, day) is not False and (not group or not dated.groups or group in dated.groups)
        }


def _plain(text: str) -> str:
    return re.sub(r"[\s“”\"'、,.。()()·-]", "", half_width(text)).casefold()
