"""The labelled set is what it says: large enough, the same for a seed, every mistake of its named kind."""

from collections import Counter

import pytest

from app.rules import id_number, names
from tests.duplicates import labelled, mistakes


@pytest.fixture(scope="module")
def made() -> labelled.LabelledSet:
    return labelled.build(1, labelled.villages())


def test_it_is_large_enough_and_balanced(made: labelled.LabelledSet) -> None:
    counts = Counter(pair.operator for pair in made.pairs)
    assert set(counts) == {*labelled.SAME, *labelled.OTHER}
    assert set(counts.values()) == {labelled.PER_OPERATOR}
    assert sum(pair.same for pair in made.pairs) >= 500
    assert sum(not pair.same for pair in made.pairs) >= 300
    assert len(made.records) == labelled.BACKGROUND + 2 * len(made.pairs)
    assert len({place for pair in made.pairs for place in (pair.first, pair.second)}) == 2 * len(made.pairs)


def test_it_is_the_same_for_a_seed_and_another_for_another(made: labelled.LabelledSet) -> None:
    places = labelled.villages()
    assert labelled.build(1, places) == made
    assert labelled.build(2, places).records != made.records


def test_first_records_are_whole_people(made: labelled.LabelledSet) -> None:
    for pair in made.pairs:
        first = made.records[pair.first]
        assert first["name"]
        assert first["birth_date"]
        if "id_number" in first:
            assert isinstance(id_number.check(first["id_number"]), id_number.IdNumber)


@pytest.mark.parametrize(
    ("operator", "wrong"),
    [
        ("two digits of the number transposed", "check_digit birth division"),
        ("one digit of the number mistyped", "check_digit birth division lost_digits"),
        ("one digit of the number left out", "length characters"),
    ],
)
def test_numbers_are_wrong_as_named(made: labelled.LabelledSet, operator: str, wrong: str) -> None:
    for pair in made.pairs:
        if pair.operator == operator:
            problem = id_number.check(made.records[pair.second]["id_number"])
            assert isinstance(problem, id_number.IdProblem)
            assert problem.code in wrong.split()


def test_what_is_made_to_fit_fits(made: labelled.LabelledSet) -> None:
    for pair in made.pairs:
        if pair.operator == "digit mistyped and the last one made to fit":
            first, second = (made.records[place]["id_number"] for place in (pair.first, pair.second))
            assert isinstance(id_number.check(second), id_number.IdNumber)
            assert 1 <= sum(a != b for a, b in zip(first, second, strict=True)) <= 2


def test_other_people_have_whole_numbers_of_their_own(made: labelled.LabelledSet) -> None:
    for pair in made.pairs:
        if not pair.same:
            numbers = [made.records[place].get("id_number") for place in (pair.first, pair.second)]
            assert numbers[0] is None or numbers[0] != numbers[1]
            assert all(number is None or isinstance(id_number.check(number), id_number.IdNumber) for number in numbers)


def test_characters_by_ear_sound_the_same_and_those_by_eye_do_not() -> None:
    for one, another in mistakes.BY_EAR.items():
        assert set(names.pinyin("国" + one).full) & set(names.pinyin("国" + another).full), one + another
    assert all(names.folded(one) != names.folded(another) for one, another in mistakes.BY_EAR.items())
    for one, another in mistakes.BY_EYE.items():
        assert one != another
        assert names.folded(one) != names.folded(another)
    assert all(names.folded(one) == names.folded(another) for one, another in mistakes.VARIANT.items())
