"""Verdicts on pairs of records with their words, and the search over many."""

from app.rules import duplicates, id_number
from app.rules.duplicates import Verdict, compare, search, traces

VILLAGE = "361002100201"


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def judged(first: dict[str, str], second: dict[str, str]) -> Verdict:
    verdict = compare(traces(first), traces(second))
    assert compare(traces(second), traces(first)) == verdict
    return verdict


def test_the_same_number_is_sure_and_a_different_name_is_said() -> None:
    verdict = judged({"name": "张建国", "id_number": number(901)}, {"name": "李四", "id_number": number(901)})
    assert (verdict.points, verdict.why, verdict.against) == (100, ("身份证号相同",), ("姓名不同",))
    old = number(901)[:6] + number(901)[8:17]
    assert judged({"name": "张建国", "id_number": number(901)}, {"name": "张建国", "id_number": old}).points == 100
    wide = "".join(chr(ord(char) + 0xFEE0) for char in number(901))
    assert judged({"id_number": wide}, {"name": "张建国", "id_number": number(901)}).why == ("身份证号相同",)


def test_a_slip_of_the_number_needs_a_name_that_is_alike() -> None:
    right = {"name": "张建国", "id_number": number(901), "division": VILLAGE}
    turned = number(901)[:15] + number(901)[16] + number(901)[15] + number(901)[17]
    found = judged(right, {"name": "章建国", "id_number": turned, "division": VILLAGE})
    assert found.likely
    assert found.why[:2] == ("姓名同音", "身份证号相邻两位写颠倒")
    assert not judged(right, {"name": "李志强", "id_number": turned, "division": VILLAGE}).likely


def test_twins_are_two() -> None:
    first = {"name": "王建国", "id_number": number(901), "division": VILLAGE, "phone": "13800138000"}
    second = {"name": "王建军", "id_number": number(903), "division": VILLAGE, "phone": "13800138000"}
    verdict = judged(first | {"household_number": "1"}, second | {"household_number": "1"})
    assert not verdict.likely
    assert "姓名不同" in verdict.against
    assert "出生日期相同" in verdict.why
    # Both numbers begin alike, and one lost its end: the name still says that there are two.
    damaged = second | {"id_number": number(903)[:15] + "000", "birth_date": "1956-03-12", "household_number": "1"}
    assert not judged(first | {"household_number": "1"}, damaged).likely
    nameless = {name: value for name, value in first.items() if name != "name"}
    assert not judged(nameless, second).likely


def test_two_valid_numbers_speak_against_even_name_and_birth_date() -> None:
    first = {"name": "张建国", "id_number": number(901), "division": VILLAGE}
    other = "36212219560312905"
    second = {"name": "张建国", "id_number": other + id_number.check_digit(other)}
    verdict = judged(first, second)
    assert not verdict.likely
    assert "两个身份证号都有效而不同" in verdict.against


def test_without_a_number_name_birth_and_place_count() -> None:
    known = {"name": "张建国", "id_number": number(901), "division": VILLAGE}
    assert judged(known, {"name": "张建国", "birth_date": "1956-03-12"}).likely
    assert judged(known, {"name": "张健国", "birth_date": "1956-03-12", "division": VILLAGE}).likely
    assert not judged(known, {"name": "张建国", "division": VILLAGE}).likely
    assert not judged(known, {"name": "张建国", "birth_date": "1962", "division": VILLAGE}).likely
    former = judged(known | {"former_name": "张狗儿"}, {"name": "张狗儿", "birth_date": "1956-03-12"})
    assert former.likely
    assert "与曾用名相同" in former.why


def test_another_sex_is_said() -> None:
    verdict = judged(
        {"name": "张玲", "sex": "1", "birth_date": "1956-03-12"}, {"name": "张玲", "sex": "2", "birth_date": "1956"}
    )
    assert verdict.against == ("性别不同",)


def test_a_search_finds_each_pair_once_and_leaves_out_what_is_settled() -> None:
    people = [
        traces({"name": "张建国", "id_number": number(901), "division": VILLAGE}),
        traces({"name": "李四", "birth_date": "1970-01-01", "division": VILLAGE}),
        traces({"name": "张健国", "birth_date": "1956-03-12", "division": VILLAGE}),
        traces({"name": "张建国", "id_number": number(901)}),
    ]
    found = search(people)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 3), (0, 2), (2, 3)]
    assert [pair.verdict.points for pair in found.pairs] == sorted(
        (p.verdict.points for p in found.pairs), reverse=True
    )
    left = search(people, {frozenset((0, 2)), frozenset((2, 3))})
    assert [(pair.first, pair.second) for pair in left.pairs] == [(0, 3)]


def test_a_crowd_is_named_and_not_compared_one_by_one() -> None:
    many = [traces({"name": "无名氏", "division": VILLAGE}) for _ in range(duplicates.CROWD + 1)]
    found = search(many)
    assert (found.pairs, found.compared) == ((), 0)
    assert len(found.crowded) == duplicates.CROWD + 1
