"""The labelled set duplicates are measured by: made-up people, and second records made from them by named operators.

An operator that is `same` writes one person down a second time with a named mistake; one that is `other` makes a
different person who is near. The set was written before the rules it measures and knows nothing of them.
"""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.rules import divisions, id_number, made_up
from tests.duplicates import mistakes

TODAY: Final = dt.date(2026, 11, 23)
PER_OPERATOR: Final = 40
BACKGROUND: Final = 1_500
"""People beside those the operators take: whoever is reported among them is reported wrongly."""

Record = dict[str, str]
Operator = Callable[[Record, random.Random], Record | None]


@dataclass(frozen=True)
class Pair:
    """Two records by their places in the set."""

    first: int
    second: int
    operator: str
    same: bool


@dataclass(frozen=True)
class LabelledSet:
    """Records of all kinds mixed; of any two that `pairs` does not call the same, none is the other."""

    records: list[Record]
    pairs: list[Pair]

    @property
    def truth(self) -> set[frozenset[int]]:
        """The pairs that are one person."""
        return {frozenset((pair.first, pair.second)) for pair in self.pairs if pair.same}


SAME: Final[dict[str, Operator]] = {}
OTHER: Final[dict[str, Operator]] = {}


def same(name: str) -> Callable[[Operator], Operator]:
    def register(operator: Operator) -> Operator:
        SAME[name] = operator
        return operator

    return register


def other(name: str) -> Callable[[Operator], Operator]:
    def register(operator: Operator) -> Operator:
        OTHER[name] = operator
        return operator

    return register


def build(
    seed: int, villages: list[str], per_operator: int = PER_OPERATOR, background: int = BACKGROUND
) -> LabelledSet:
    """The set of a seed: every operator on so many people of its own, all records in a random order."""
    rng = random.Random(seed)
    operators = [(name, run, True) for name, run in SAME.items()] + [(name, run, False) for name, run in OTHER.items()]
    people = made_up.people(background + 3 * per_operator * len(operators), rng, villages, today=TODAY)
    spare = people[background:]
    records: list[Record] = [dict(person) for person in people[:background]]
    pairs: list[tuple[int, int, str, bool]] = []
    numbers = {person["id_number"] for person in people if "id_number" in person}
    for name, run, is_same in operators:
        made = 0
        while made < per_operator:
            first = _full_name(spare.pop(), rng)
            second = run(first, rng)
            if second is None or (not is_same and second.get("id_number") in numbers):
                continue
            numbers.add(second.get("id_number", ""))
            records += [first, second]
            pairs.append((len(records) - 2, len(records) - 1, name, is_same))
            made += 1
    places = list(range(len(records)))
    rng.shuffle(places)
    mixed: list[Record] = [{}] * len(records)
    for old, new in enumerate(places):
        mixed[new] = records[old]
    return LabelledSet(mixed, [Pair(places[a], places[b], name, is_same) for a, b, name, is_same in pairs])


def _full_name(person: Record, rng: random.Random) -> Record:
    """Given names of two characters for most: the pool of made-up names is too small for a register otherwise."""
    out = dict(person)
    name = out["name"]
    if len(name) == 3 and rng.random() < 0.8:
        out["name"] = name[0] + rng.choice(mistakes.MIDDLES) + rng.choice(mistakes.LASTS)
        out["account_holder"] = out["name"]
        if out.get("head_relation") == "02":
            out["head_name"] = out["name"]
    return out


# -- the same person once more ------------------------------------------------------------------------------------


def retold(person: Record, rng: random.Random) -> Record:
    """What another list says of the same person: the core, and of the rest only some."""
    kept = ("name", "id_number", "no_id_reason", "sex", "birth_date", "division", "class12")
    out = {name: person[name] for name in kept if name in person}
    for name, share in (
        ("phone", 0.6), ("village_group", 0.7), ("household_number", 0.5), ("account_number", 0.3),
        ("enlisted", 0.5), ("discharged", 0.4), ("ethnicity", 0.6), ("branch", 0.3),
    ):  # fmt: skip
        if name in person and rng.random() < share:
            out[name] = person[name]
    return out


def without_number(person: Record, rng: random.Random) -> Record:
    """Retold without the ID number; one of the two records has it, mostly the first."""
    out = retold(person, rng)
    out.pop("id_number", None)
    out["no_id_reason"] = "uncollected"
    return out


def _has_number(person: Record) -> bool:
    return "id_number" in person


@same("same number, name mistyped")
def same_number(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    return retold(person, rng) | {"name": mistakes.one_character(person["name"], rng)}


@same("old number of 15 digits")
def old_number(person: Record, rng: random.Random) -> Record | None:
    number = person.get("id_number", "")
    if number[6:8] != "19":
        return None
    return retold(person, rng) | {"id_number": number[:6] + number[8:17]}


@same("number in wide digits with spaces")
def wide_number(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    return retold(person, rng) | {"id_number": mistakes.wide(person["id_number"])}


@same("two digits of the number transposed")
def transposed(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    return retold(person, rng) | {"id_number": mistakes.transposed(person["id_number"], rng)}


@same("one digit of the number mistyped")
def mistyped(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    return retold(person, rng) | {"id_number": mistakes.mistyped(person["id_number"], rng)}


@same("one digit of the number left out")
def left_out(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    number, place = person["id_number"], rng.randrange(18)
    return retold(person, rng) | {"id_number": number[:place] + number[place + 1 :]}


@same("last three digits lost in Excel")
def lost_digits(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    return retold(person, rng) | {"id_number": person["id_number"][:15] + "000"}


@same("digit mistyped and the last one made to fit")
def made_to_fit(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    wrong = mistakes.mistyped(person["id_number"], rng, last=17, born_alike=True)
    out = retold(person, rng) | {"id_number": wrong[:17] + id_number.check_digit(wrong[:17])}
    out["birth_date"] = f"{wrong[6:10]}-{wrong[10:12]}-{wrong[12:14]}"
    return out


@same("number mistyped, name by ear")
def two_mistakes(person: Record, rng: random.Random) -> Record | None:
    heard = mistakes.by_ear(person["name"], rng)
    if not _has_number(person) or heard is None:
        return None
    return retold(person, rng) | {"id_number": mistakes.mistyped(person["id_number"], rng), "name": heard}


@same("no number, same name and birth date")
def no_number(person: Record, rng: random.Random) -> Record | None:
    return without_number(person, rng)


@same("no number, birth month or year only")
def birth_in_part(person: Record, rng: random.Random) -> Record | None:
    out = without_number(person, rng)
    out["birth_date"] = person["birth_date"][: rng.choice((4, 7))]
    return out


@same("no number, one part of the birth date wrong")
def birth_slip(person: Record, rng: random.Random) -> Record | None:
    out = without_number(person, rng)
    out["birth_date"] = mistakes.slipped_date(person["birth_date"], rng)
    out["phone"] = person["phone"]
    return out


@same("no number, no birth date, same phone")
def same_phone_only(person: Record, rng: random.Random) -> Record | None:
    out = without_number(person, rng)
    del out["birth_date"]
    out["phone"] = person["phone"]
    return out


@same("no number, surname by ear")
def surname_by_ear(person: Record, rng: random.Random) -> Record | None:
    heard = mistakes.by_ear(person["name"], rng, surname=True)
    return None if heard is None else without_number(person, rng) | {"name": heard}


@same("no number, given name by ear")
def given_name_by_ear(person: Record, rng: random.Random) -> Record | None:
    heard = mistakes.by_ear(person["name"], rng, surname=False)
    return None if heard is None else without_number(person, rng) | {"name": heard}


@same("no number, name in old or variant characters")
def variant_name(person: Record, rng: random.Random) -> Record | None:
    written = mistakes.variant(person["name"])
    return None if written == person["name"] else without_number(person, rng) | {"name": written}


@same("no number, name padded and wide")
def padded_name(person: Record, rng: random.Random) -> Record | None:
    out = without_number(person, rng)
    out["name"] = rng.choice((" ", "\u3000")).join(person["name"]) + rng.choice(("", " ", "\u3000"))
    return out


@same("no number, a character that looks alike")
def look_alike(person: Record, rng: random.Random) -> Record | None:
    seen = mistakes.by_eye(person["name"], rng)
    if seen is None:
        return None
    return without_number(person, rng) | {"name": seen, "phone": person["phone"]}


@same("no number, characters of the name swapped")
def swapped_name(person: Record, rng: random.Random) -> Record | None:
    name = person["name"]
    if len(name) != 3 or name[1] == name[2]:
        return None
    return without_number(person, rng) | {"name": name[0] + name[2] + name[1], "phone": person["phone"]}


@same("no number, under the former name")
def former_name(person: Record, rng: random.Random) -> Record | None:
    person["former_name"] = person["name"][0] + rng.choice(mistakes.MIDDLES) + rng.choice(mistakes.LASTS)
    return without_number(person, rng) | {"name": person["former_name"]}


@same("no number, living in another township")
def moved(person: Record, rng: random.Random) -> Record | None:
    out = without_number(person, rng)
    out["division"] = mistakes.elsewhere(person["division"], rng)
    out.pop("village_group", None)
    return out


@same("no number, long name shortened")
def shortened(person: Record, rng: random.Random) -> Record | None:
    person["name"] = rng.choice(mistakes.LONG_FIRST) + "·" + rng.choice(mistakes.LONG_LAST)
    person["ethnicity"] = "05"
    out = without_number(person, rng)
    out["name"] = person["name"].partition("·")[0]
    return out


# -- somebody else who is near --------------------------------------------------------------------------------------


def relative(person: Record, rng: random.Random, birth: dt.date, sex: str) -> Record:
    """Another person of the same family: surname, house and often the telephone are shared."""
    out = {name: person[name] for name in ("division", "village_group", "address", "household_number", "ethnicity")}
    out |= {"sex": sex, "birth_date": birth.isoformat(), "class12": rng.choice(("02", "12"))}
    out["id_number"] = made_up.made_up_id(rng, person["division"][:6], birth, sex)
    if rng.random() < 0.7:
        out["phone"] = person["phone"]
    out["name"] = other_given(person["name"], rng)
    return out


def other_given(name: str, rng: random.Random) -> str:
    """The surname with another given name, which neither sounds nor looks like it."""
    return name[0] + rng.choice(mistakes.OTHER_GIVEN)


def birth_of(person: Record) -> dt.date:
    return dt.date.fromisoformat(person["birth_date"])


def near_number(number: str, rng: random.Random) -> str:
    """The number given out next but one on the same day, for the same sex."""
    sequence = int(number[14:17])
    after = sequence + 2 if sequence <= 993 else sequence - 2
    seventeen = f"{number[:14]}{after:03d}"
    return seventeen + id_number.check_digit(seventeen)


@other("twins")
def twins(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person) or len(person["name"]) != 3:
        return None
    out = relative(person, rng, birth_of(person), person["sex"])
    out["id_number"] = near_number(person["id_number"], rng)
    out["phone"] = person["phone"]
    out["name"] = person["name"][:2] + mistakes.another_last(person["name"][2], rng)
    return out


@other("twins without numbers")
def twins_without_numbers(person: Record, rng: random.Random) -> Record | None:
    if len(person["name"]) != 3:
        return None
    person.pop("id_number", None)
    person["no_id_reason"] = "uncollected"
    out = relative(person, rng, birth_of(person), person["sex"]) | {"no_id_reason": "uncollected"}
    del out["id_number"]
    out["name"] = person["name"][:2] + mistakes.another_last(person["name"][2], rng)
    return out


@other("father and son")
def father_and_son(person: Record, rng: random.Random) -> Record | None:
    born = birth_of(person)
    son = dt.date(born.year + rng.randint(21, 35), rng.randint(1, 12), rng.randint(1, 28))
    if son > TODAY:
        return None
    return relative(person, rng, son, "1") | {"phone": person["phone"]}


@other("father and son, one character shared, no number")
def father_and_son_alike(person: Record, rng: random.Random) -> Record | None:
    born = birth_of(person)
    son = dt.date(born.year + rng.randint(20, 30), born.month, born.day if born.day < 29 else 28)
    if son > TODAY or len(person["name"]) != 3:
        return None
    out = relative(person, rng, son, "1")
    del out["id_number"]
    out["name"] = person["name"][:2] + mistakes.another_last(person["name"][2], rng)
    return out | {"no_id_reason": "serving", "phone": person["phone"]}


@other("brothers of one generation")
def brothers(person: Record, rng: random.Random) -> Record | None:
    if len(person["name"]) != 3:
        return None
    born = birth_of(person)
    out = relative(person, rng, dt.date(born.year + rng.randint(1, 3), born.month, 1 + born.day % 28), person["sex"])
    out["name"] = person["name"][:2] + mistakes.another_last(person["name"][2], rng)
    return out


@other("husband and wife")
def couple(person: Record, rng: random.Random) -> Record | None:
    born = birth_of(person)
    birth = dt.date(born.year + rng.randint(-2, 2), rng.randint(1, 12), rng.randint(1, 28))
    out = relative(person, rng, birth, "2" if person["sex"] == "1" else "1")
    out["name"] = rng.choice("赖邱邹熊孟秦阎薛侯雷") + rng.choice(mistakes.OTHER_GIVEN)
    return out | {"phone": person["phone"]}


def namesake(person: Record, rng: random.Random, birth: dt.date) -> Record:
    """Somebody with the same name and nothing else in common."""
    out = {"name": person["name"], "sex": person["sex"], "division": person["division"], "class12": "02"}
    out |= {"birth_date": birth.isoformat(), "phone": f"165{rng.randrange(10**8):08d}"}
    out["id_number"] = made_up.made_up_id(rng, person["division"][:6], birth, person["sex"])
    return out


@other("same name in one village")
def namesake_in_village(person: Record, rng: random.Random) -> Record | None:
    born = birth_of(person)
    years = rng.choice((-1, 1)) * rng.randint(3, 25)
    if not 1925 <= born.year + years <= 2005:
        return None
    return namesake(person, rng, dt.date(born.year + years, rng.randint(1, 12), rng.randint(1, 28)))


@other("same name in one village, one without a number")
def namesake_without_number(person: Record, rng: random.Random) -> Record | None:
    out = namesake_in_village(person, rng)
    if out is None:
        return None
    del out["id_number"]
    if rng.random() < 0.5:
        out["birth_date"] = out["birth_date"][:4]
    return out | {"no_id_reason": "uncollected"}


@other("same name and birth date in another township, both with numbers")
def namesake_of_one_day(person: Record, rng: random.Random) -> Record | None:
    number = person.get("id_number")
    if number is None:
        return None
    out = namesake(person, rng, birth_of(person))
    out["division"] = mistakes.elsewhere(person["division"], rng)
    out["id_number"] = made_up.made_up_id(
        rng, rng.choice(("360121", "360403", "362202")), birth_of(person), person["sex"]
    )
    return None if sum(a != b for a, b in zip(number, out["id_number"], strict=True)) < 4 else out


@other("same name by ear in one village")
def namesake_by_ear(person: Record, rng: random.Random) -> Record | None:
    out = namesake_in_village(person, rng)
    heard = mistakes.by_ear(person["name"], rng)
    return None if out is None or heard is None else out | {"name": heard}


@other("same phone")
def same_phone(person: Record, rng: random.Random) -> Record | None:
    born = birth_of(person)
    birth = dt.date(born.year + rng.randint(-15, 15), rng.randint(1, 12), rng.randint(1, 28))
    if not 1925 <= birth.year <= 2005:
        return None
    out = namesake(person, rng, birth)
    out["name"] = rng.choice("赖邱邹熊孟秦阎薛侯雷") + rng.choice(mistakes.OTHER_GIVEN)
    return out | {"phone": person["phone"]}


@other("born the same day, numbers one after the other")
def neighbour_numbers(person: Record, rng: random.Random) -> Record | None:
    if not _has_number(person):
        return None
    out = namesake(person, rng, birth_of(person))
    out["id_number"] = near_number(person["id_number"], rng)
    out["division"] = mistakes.elsewhere(person["division"], rng)
    out["name"] = rng.choice("赖邱邹熊孟秦阎薛侯雷") + rng.choice(mistakes.OTHER_GIVEN)
    return out


def villages() -> list[str]:
    """Codes of real villages, as the demonstration has them."""
    from app import folders

    names = divisions.parse(folders.resource_text("divisions/demo-villages.csv"))
    return sorted(code for code in names if divisions.level(code) == "village")
