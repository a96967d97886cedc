"""Made-up people: the same for the same seed, valid in form, and in ranges nobody has."""

import datetime as dt
import random

from app.rules import account, benefits, cross_checks, id_number, made_up, made_up_sheets, names, phone
from app.rules.partial_date import PartialDate

TODAY = dt.date(2026, 11, 23)
VILLAGES = ["361002100200", "361002100201", "361002101200"]
PEOPLE = made_up.people(600, random.Random(7), VILLAGES, today=TODAY)


def test_the_same_seed_gives_the_same_people() -> None:
    assert made_up.people(50, random.Random(3), VILLAGES, today=TODAY) == made_up.people(
        50, random.Random(3), VILLAGES, today=TODAY
    )
    assert made_up.people(50, random.Random(3), VILLAGES, today=TODAY) != made_up.people(
        50, random.Random(4), VILLAGES, today=TODAY
    )


def test_numbers_are_valid_agree_and_lie_where_nobody_is() -> None:
    numbers = [person["id_number"] for person in PEOPLE if "id_number" in person]
    assert len(set(numbers)) == len(numbers) == 588
    for person in PEOPLE:
        if "id_number" not in person:
            assert person["no_id_reason"] in {"uncollected", "pending"}
            continue
        checked = id_number.check(person["id_number"], today=TODAY)
        assert isinstance(checked, id_number.IdNumber)
        assert (checked.birth.isoformat(), checked.sex) == (person["birth_date"], person["sex"])
        assert made_up.FIRST_SEQUENCE <= int(checked.text[14:17]) <= made_up.LAST_SEQUENCE
        assert checked.division == person["division"][:6]


def test_names_hold_rare_minority_and_long_ones() -> None:
    found = [person["name"] for person in PEOPLE]
    assert {"龚䶮", "李㛃", "杨𠮷明"} <= set(found)
    assert len(made_up.LONG_NAME) == 25
    assert made_up.LONG_NAME in found
    for name in found:
        assert names.check(name) == ()
        assert names.clean(name) == name
        name.encode("gb18030")


def test_values_are_clean_and_known() -> None:
    for person in PEOPLE:
        assert phone.problem(person["phone"]) == ""
        assert phone.normalise(person["phone"]) == person["phone"]
        assert person["phone"].startswith("164")
        assert account.problem(person["account_number"]) == account.doubt(person["account_number"]) == ""
        assert person["class12"] in benefits.COLLECTION_CLASSES
        assert person.get("benefit_code", "11") in benefits.BENEFIT_CODES
        assert person["division"] in VILLAGES
        assert all(value == value.strip() and value for value in person.values())
    assert len({person["phone"] for person in PEOPLE}) == len(PEOPLE)


def test_service_dates_are_partial_and_plausible() -> None:
    served = [person for person in PEOPLE if "enlisted" in person]
    assert {len(person["enlisted"]) for person in served} == {4, 7, 10}
    for person in served:
        card = cross_checks.Card(
            birth=PartialDate.parse(person["birth_date"]),
            enlisted=PartialDate.parse(person["enlisted"]),
            discharged=PartialDate.parse(person["discharged"]),
            classes=frozenset({person["class12"]}),
            codes=frozenset({person["benefit_code"]} if "benefit_code" in person else ()),
            disability_level=person.get("disability_level", ""),
            disability_nature=person.get("disability_nature", ""),
        )
        assert cross_checks.doubts(card, TODAY) == ()


def test_households_have_one_head_and_one_number() -> None:
    heads: dict[tuple[str, str], set[str]] = {}
    for person in PEOPLE:
        heads.setdefault((person["division"], person["household_number"]), set()).add(person["head_name"])
    assert all(len(found) == 1 for found in heads.values())
    assert 400 < len(heads) < len(PEOPLE)


def test_a_messy_sheet_is_reproducible_and_shows_every_hazard() -> None:
    def sheet(seed: int) -> made_up_sheets.MessySheet:
        return made_up_sheets.messy_sheet(PEOPLE[:200], random.Random(seed), village="林源村", today=TODAY)

    assert sheet(1) == sheet(1)
    assert sheet(1) != sheet(2)
    hazards = {row.hazard for seed in range(10) for row in sheet(seed).expected}
    assert len(hazards) == 24
    fates = [row.fate for row in sheet(1).expected]
    assert len(fates) == len(sheet(1).rows)
    assert set(fates) == {"ready", "pending", "dropped"}
