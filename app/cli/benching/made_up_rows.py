"""Rows for the measurements: made-up people and visits, the same for the same seed."""

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any, Final

from app.rules import made_up

HOME: Final = "361002100200"
"""A village; its township is TOWNSHIP and its county COUNTY."""
TOWNSHIP: Final = "361002100"
COUNTY: Final = "361002"
TODAY: Final = dt.date(2026, 11, 23)
_WORDS: Final = "张王李赵刘陈杨黄周吴明华军伟强芳丽敏村组路号街镇江西抚州临川区上顿渡"
_TEXTS: Final = ("village_group", "address", "residence_address", "household_number", "work_place", "plaque", "note")
_CODES: Final = (
    "sex",
    "ethnicity",
    "political",
    "education",
    "marital",
    "no_id_reason",
    "head_relation",
    "status",
    "death_cause",
)

Rows = list[dict[str, Any]]


def plain(count: int, seed: int = 1) -> Rows:
    """Persons of 20 filled fields, none of which bears a search key or has a stop: the cost of the journal alone."""
    rng = random.Random(seed)  # noqa: S311 (made-up rows, the same for the same seed)
    out: Rows = []
    for _ in range(count):
        row: dict[str, Any] = {"home": HOME, "division": HOME, "residence_division": HOME}
        row["birth_date"] = f"19{rng.randrange(40, 99)}-{rng.randrange(1, 13):02}"
        row |= {name: "".join(rng.choices(_WORDS, k=rng.randrange(4, 14))) for name in _TEXTS}
        row |= {name: rng.choice(("01", "02", "11", "80")) for name in _CODES}
        out.append(row)
    return out


def persons(count: int, seed: int = 1) -> Rows:
    """Whole persons of 20 filled fields: name, numbers and phones (search keys), health and income (stops)."""
    rng = random.Random(seed)  # noqa: S311 (made-up rows, the same for the same seed)
    flat = made_up.people(count, rng, [HOME], today=TODAY)
    rest = plain(count, seed + 1)
    out: Rows = []
    for given, filler in zip(flat, rest, strict=True):
        row: dict[str, Any] = {"home": HOME, "income": rng.randrange(100, 99_999) * 100}
        row |= {name: given[name] for name in _PERSON if name in given}
        spare = [name for name in filler if name not in row]
        row |= {name: filler[name] for name in spare[: 20 - len(row)]}
        out.append(row)
    return out


_PERSON: Final = (
    "name",
    "id_number",
    "no_id_reason",
    "sex",
    "birth_date",
    "ethnicity",
    "division",
    "village_group",
    "address",
    "political",
    "education",
    "marital",
    "health",
    "plaque",
    "phone",
    "phone2",
)


def visits(count: int, people: Sequence[str], seed: int = 1) -> Rows:
    """Visits of 12 filled fields to these persons; the one on illness and family has a stop."""
    rng = random.Random(seed)  # noqa: S311 (made-up rows, the same for the same seed)

    def words(least: int, most: int) -> str:
        return "".join(rng.choices(_WORDS, k=rng.randrange(least, most)))

    return [
        {
            "home": HOME,
            "person": people[place % len(people)],
            "date": f"2026-{rng.randrange(1, 12):02}-{rng.randrange(1, 29):02}",
            "place": words(3, 9),
            "companions": words(4, 8),
            "level": "village",
            "trigger": rng.choice(("festival", "illness", "daily")),
            "condition": words(10, 40),
            "wishes": words(5, 20),
            "answer": words(5, 20),
            "note": words(5, 30),
            "campaign": people[0],
        }
        for place in range(count)
    ]
