import pytest

from app.errors import BadInput
from app.services.station import Station
from tests.services.records import person

pytestmark = pytest.mark.usefixtures("fixed_now")


def test_visits_from_stdin_and_pairs(station: Station, run) -> None:
    who = person(station)
    first = run("visit", "add", "-", stdin={"person": who, "date": "2026-08-01", "note": "慰问"})
    second = run("visit", "add", f"person={who}", "place=家中")
    assert set(first) == {"id"}
    rows = run("visit", "list", "--person", who)["visits"]
    assert [(row["id"], row["date"], row["place"]) for row in rows] == [
        (second["id"], "2026-11-23", "家中"), (first["id"], "2026-08-01", None),
    ]  # fmt: skip
    assert run("visit", "list")["visits"] == rows


def test_what_is_wrong_is_named(station: Station, run) -> None:
    with pytest.raises(BadInput, match="没有这个字段") as error:
        run("visit", "add", "-", stdin={"person": person(station), "x": "1", "date": "昨天"})
    assert set(error.value.problems) == {"x", "date"}
    assert error.value.exit_code == 2
