"""疑似同一人: which two records may be one person, how surely, and the words why; nothing is merged or decided here."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.rules import id_number, likeness, names

LIKELY: Final = 60
"""From so many points on two records are shown as 疑似同一人."""
SURE: Final = 100
CROWD: Final = 300
"""More people than this under one key tell each other apart by nothing: they are named, not compared one by one."""

# Points for and against, each by itself. Without a name that is alike no sum reaches LIKELY: twins share the rest, and
# their numbers differ in one digit and the last.
_NAME: Final[Mapping[str, int]] = {
    "same": 40, "former": 35, "by_ear": 30, "by_eye": 25, "swapped": 25, "shortened": 30, "different": -50,
}  # fmt: skip
_BIRTH: Final[Mapping[str, int]] = {"day": 35, "month": 20, "year": 10, "slip": 10, "different": -40}
_SLIP, _FITTING_SLIP = 45, 25
_TWO_NUMBERS, _UNLIKE_NUMBERS = -60, -30
_VILLAGE, _TOWNSHIP = 15, 5
_PHONE, _ACCOUNT, _HOUSEHOLD, _SERVICE = 15, 15, 5, 5
_OTHER_SEX: Final = -20

_NAME_WORDS: Final[Mapping[str, str]] = {
    "same": "姓名相同", "former": "与曾用名相同", "by_ear": "姓名同音", "by_eye": "姓名有一个字形近",
    "swapped": "姓名两个字颠倒", "shortened": "姓名是全名的前一段", "different": "姓名不同",
}  # fmt: skip
_BIRTH_WORDS: Final[Mapping[str, str]] = {
    "day": "出生日期相同", "month": "出生年月相同", "year": "出生年份相同", "slip": "出生日期只差一处",
    "different": "出生日期不同",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Traces:
    """What of a person is compared, worked out once; empty means not known."""

    name: str = ""
    """Folded."""
    former: str = ""
    number: str = ""
    """Normalised, of 18 characters wherever 15 were given; it may be wrong."""
    valid: bool = False
    """Whether the number passes every check."""
    birth: str = ""
    sex: str = ""
    division: str = ""
    phones: frozenset[str] = frozenset()
    account: str = ""
    household: str = ""
    enlisted: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How sure it is that two records are one person (0 to 100), what speaks for it, and what against."""

    points: int
    why: tuple[str, ...]
    against: tuple[str, ...] = ()

    @property
    def likely(self) -> bool:
        """Whether a person should look at the two side by side."""
        return self.points >= LIKELY


@dataclass(frozen=True, slots=True)
class Likely:
    """Two records, by their places in what was given, that may be one person."""

    first: int
    second: int
    verdict: Verdict


def traces(values: Mapping[str, Any]) -> Traces:
    """Of fields as forms, rosters and the register have them; unfinished ones are taken as far as they go."""
    number = id_number.normalise(str(values.get("id_number") or ""))
    checked = id_number.check(number)
    valid = isinstance(checked, id_number.IdNumber)
    if len(number) == 15 and number.isdigit():
        number = id_number.from_legacy(number)
    birth, sex = str(values.get("birth_date") or ""), str(values.get("sex") or "")
    if isinstance(checked, id_number.IdNumber):
        birth, sex = birth or checked.birth.isoformat(), sex or checked.sex
    division, household = str(values.get("division") or ""), str(values.get("household_number") or "")
    phones = {likeness.plain_number(str(values.get(name) or "")) for name in ("phone", "phone2")}
    return Traces(
        names.folded(str(values.get("name") or "")), names.folded(str(values.get("former_name") or "")),
        number, valid, birth, sex, division, frozenset(phones - {""}),
        likeness.plain_number(str(values.get("account_number") or "")),
        f"{division} {household}" if household else "", str(values.get("enlisted") or ""),
    )  # fmt: skip


def compare(first: Traces, second: Traces) -> Verdict:
    """Hold two records against each other."""
    numbers, said = likeness.of_numbers(first.number, second.number, both_valid=first.valid and second.valid)
    if numbers == "same":
        name = _names(first, second)
        against = (_NAME_WORDS[name],) if name == "different" else ()
        return Verdict(SURE, (said, *(() if against or name == "unknown" else (_NAME_WORDS[name],))), against)
    weights = list(_weights(first, second, numbers, said))
    points = sum(weight for weight, _ in weights)
    name = _names(first, second)
    nameless = name == "different" or (name == "unknown" and numbers != "slip")
    most = LIKELY - 1 if nameless else SURE - 1
    return Verdict(
        max(0, min(most, points)),
        tuple(word for weight, word in weights if weight > 0),
        tuple(word for weight, word in weights if weight < 0),
    )


def _weights(first: Traces, second: Traces, numbers: str, said: str) -> Iterator[tuple[int, str]]:
    name = _names(first, second)
    if name != "unknown":
        yield _NAME[name], _NAME_WORDS[name]
    slip = numbers in ("slip", "fitting_slip")
    if slip:
        yield _SLIP if numbers == "slip" else _FITTING_SLIP, said
    elif numbers == "unlike":
        both = first.valid and second.valid
        yield (_TWO_NUMBERS, "两个身份证号都有效而不同") if both else (_UNLIKE_NUMBERS, "身份证号差得多")
    birth = likeness.of_births(first.birth, second.birth)
    # A wrong digit of the number is a wrong birth date too: it must not count twice.
    if birth != "unknown" and not (slip and _BIRTH[birth] < 0):
        yield _BIRTH[birth], _BIRTH_WORDS[birth]
    yield from _surroundings(first, second)


def _surroundings(first: Traces, second: Traces) -> Iterator[tuple[int, str]]:
    """What relatives and neighbours share as well."""
    if first.division and second.division:
        if first.division == second.division and not first.division.endswith("000"):
            yield _VILLAGE, "同一个村"
        elif first.division[:9] == second.division[:9] and first.division[6:9] != "000":
            yield _TOWNSHIP, "同一个乡镇"
    if first.phones & second.phones:
        yield _PHONE, "电话相同"
    if first.account and first.account == second.account:
        yield _ACCOUNT, "银行账号相同"
    if first.household and first.household == second.household:
        yield _HOUSEHOLD, "户号相同"
    if len(first.enlisted) > 4 and first.enlisted == second.enlisted:
        yield _SERVICE, "入伍时间相同"
    if first.sex != second.sex and {first.sex, second.sex} == {"1", "2"}:
        yield _OTHER_SEX, "性别不同"


def _names(first: Traces, second: Traces) -> likeness.NameLikeness:
    found = likeness.of_names(first.name, second.name)
    if found in ("same", "unknown"):
        return found
    formers = {first.former, second.former} - {""}
    if formers & {first.name, second.name} or (first.former and first.former == second.former):
        return "former"
    return found


# -- who is compared with whom ------------------------------------------------------------------------------------

Keys = Callable[[Traces], Iterable[str]]


def _whole_number(one: Traces) -> Iterator[str]:
    if one.number:
        yield one.number


def _name_and_day(one: Traces) -> Iterator[str]:
    if len(one.birth) == 10:
        for sound in _all_sounds(one):
            yield f"{sound} {one.birth}"
        yield f"{''.join(sorted(one.name))} {one.birth}"
        if len(one.name) > 3:
            yield f"{one.name[:3]} {one.birth}"


def _name_and_village(one: Traces) -> Iterator[str]:
    if one.division and not one.division.endswith("000"):
        for sound in _all_sounds(one):
            yield f"{sound} {one.division}"
        if len(one.name) > 3:
            yield f"{one.name[:3]} {one.division}"


def _name_and_phone(one: Traces) -> Iterator[str]:
    for phone in one.phones:
        for sound in _all_sounds(one):
            yield f"{sound} {phone}"
        yield f"{''.join(sorted(one.name))} {phone}"


def _name_and_number(one: Traces) -> Iterator[str]:
    """A slip leaves either the beginning or the end of the number as it was."""
    if len(one.number) >= 17:
        for sound in _all_sounds(one):
            yield f"{sound} {one.number[:9]}"
            yield f"{sound} {one.number[-8:]}"


def _character_and_day(one: Traces) -> Iterator[str]:
    """A character that only looks alike sounds otherwise: what is left of the name, the day, and the place or phone."""
    if len(one.birth) == 10 and len(one.name) > 1:
        for place in (*one.phones, one.division):
            if place:
                yield f"<{one.name[:-1]} {one.birth} {place}"
                yield f">{one.name[1:]} {one.birth} {place}"
                yield f"|{one.name[0]}{one.name[-1]} {one.birth} {place}"


KEYS: Final[tuple[Keys, ...]] = (
    _whole_number, _name_and_day, _name_and_village, _name_and_phone, _name_and_number, _character_and_day,
)  # fmt: skip
"""Each gives keys of which two records that may be one person share at least one of some kind."""


def _all_sounds(one: Traces) -> frozenset[str]:
    said = likeness.sounds(one.name) if one.name else frozenset[str]()
    return said | likeness.sounds(one.former) if one.former else said


@dataclass(frozen=True, slots=True)
class Search:
    """All pairs that were found, the surest first; `crowded` are places of records that share a key with too many."""

    pairs: tuple[Likely, ...]
    compared: int
    crowded: frozenset[int] = frozenset()


def search(people: Sequence[Traces], settled: Collection[frozenset[int]] = ()) -> Search:
    """All pairs of records that may be one person, but those settled before (不是同一人).

    Records are compared only where they share a key, kind of key by kind of key, so that the work grows with the
    number of people and not with its square.
    """
    done: set[int] = set()
    crowded: set[int] = set()
    found: list[Likely] = []
    many = len(people)
    for keys in KEYS:
        for first, second in _together(people, keys, crowded):
            mark = first * many + second
            if mark in done:
                continue
            done.add(mark)
            verdict = compare(people[first], people[second])
            if verdict.likely and frozenset((first, second)) not in settled:
                found.append(Likely(first, second, verdict))
    found.sort(key=lambda pair: (-pair.verdict.points, pair.first, pair.second))
    return Search(tuple(found), len(done), frozenset(crowded))


def _together(people: Sequence[Traces], keys: Keys, crowded: set[int]) -> Iterator[tuple[int, int]]:
    """Pairs, the smaller place first, of records that share a key of one kind."""
    first_of: dict[str, int] = {}
    groups: dict[str, list[int]] = {}
    for place, one in enumerate(people):
        for key in keys(one):
            before = first_of.setdefault(key, place)
            if before != place:
                groups.setdefault(key, [before]).append(place)
    del first_of
    for members in groups.values():
        if len(members) > CROWD:
            crowded.update(members)
            continue
        for at, second in enumerate(members):
            for first in members[:at]:
                if first != second:
                    yield (first, second) if first < second else (second, first)
