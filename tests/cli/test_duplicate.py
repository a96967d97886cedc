"""`duplicate` on the terminal: pairs with their words, people meant by values that are still being typed."""

from app.rules import id_number


def number(sequence: int) -> str:
    seventeen = f"36100219560312{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def test_duplicates(run) -> None:
    first = {"name": "张建国", "id_number": number(901), "division": "361002100201"}
    second = {"name": "章建国", "no_id_reason": "uncollected", "birth_date": "1956-03-12", "division": "361002100201"}
    ids = [run("person", "add", "-", stdin=values)["id"] for values in (first, second)]
    listed = run("duplicate", "list")
    assert (listed["persons"], listed["found"], listed["crowded"]) == (2, 1, [])
    (pair,) = listed["pairs"]
    assert [person["id"] for person in pair["persons"]] == ids
    assert "姓名同音" in pair["why"]
    assert run("duplicate", "list", "--limit", "1")["pairs"] == [pair]
    (near,) = run("duplicate", "near", "-", stdin={"name": "张建国", "birth_date": "1956-03-12"}, at=None)["persons"][
        :1
    ]
    assert near["person"]["id"] in ids
    others = run("duplicate", "near", f"id_number={number(901)}", "--but", ids[0])["persons"]
    assert ids[0] not in [one["person"]["id"] for one in others]
