"""The bulk door's rows and parts are what one record at a time would have made; what cannot be kept is refused."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.errors import BadInput, Refused
from app.models import bulk, person_keys, recording, shapes, stops
from app.models.base import fields_of

HOME = "361002100200"
STATE = b"\x92\x01\x07"
STOPS = stops.declared()["person"]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"home": st.just(HOME)},
        optional={
            "name": st.none() | TEXT,
            "note": st.none() | TEXT,
            "health": st.none() | TEXT,
            "income": st.none() | st.integers(-(1 << 63), (1 << 63) - 1),
            "key_contact": st.none() | st.booleans(),
            "household": st.none() | st.binary(min_size=16, max_size=16).map(bytes.hex),
        },
    ),
    min_size=1,
    max_size=6,
)


def one_by_one(key, row):
    """Parts of a record by stop, as the journal has them of a record made alone."""
    values = {name: bytes.fromhex(v) if name == "household" else v for name, v in row.items() if v is not None}
    stops = {name: facts.stop for name, facts in fields_of("person").items() if facts.stop}
    return {stop: shapes.encoded("person", key, [], some, stop) for stop, some in shapes.split(values, stops)}


@given(ROWS)
def test_many_are_as_each_alone(rows) -> None:
    made = shapes.make("person", rows, STATE, STOPS)
    assert [row[0].hex() for row in made.rows] == made.ids
    assert len(set(made.ids)) == len(rows)
    parts: dict[bytes, dict[str, bytes]] = {}
    for kind, key, body, stop in made.parts:
        assert kind == "person"
        assert stop not in parts.setdefault(key, {})
        parts[key][stop] = body
    for source, row in zip(rows, made.rows, strict=True):
        assert parts[row[0]] == one_by_one(row[0], source)
        values = dict(zip(made.columns, row, strict=True))
        assert (values["state"], values["version"]) == (STATE, 1)
        for name, value in source.items():
            assert values[name] == (bytes.fromhex(value) if name == "household" and value else value)
        for body in parts[row[0]].values():
            assert recording.decode_part(body).record == row[0]


def test_an_id_that_was_given_is_kept() -> None:
    given_id = clock.new_id()
    made = shapes.make("person", [{"home": HOME}, {"home": HOME, "id": given_id}], STATE, STOPS)
    assert made.ids[1] == given_id != made.ids[0]


@pytest.mark.parametrize("wrong", ["张\0三", "张\ud800", 1 << 63, -(1 << 63) - 1, 1.5, [1]])
@pytest.mark.parametrize("beside", ["李四", None, 5])
def test_what_cannot_be_kept_is_refused(wrong, beside) -> None:
    rows = [{"home": HOME, "note": beside}, {"home": HOME, "note": wrong}]
    with pytest.raises(BadInput, match="无法保存"):
        shapes.make("person", rows, STATE, STOPS)


def test_a_field_nobody_declared_is_named() -> None:
    with pytest.raises(KeyError, match="shoe_size"):
        shapes.make("person", [{"home": HOME, "shoe_size": "43"}], STATE, STOPS)


def test_ids_rise_whether_made_alone_or_together() -> None:
    ids = [clock.new_id(), *clock.new_ids(3_000), clock.new_id(), *clock.new_ids(3), clock.new_id()]
    assert ids == sorted(set(ids))
    assert {len(one) for one in ids} == {32}
    assert {one[12] for one in ids} == {"7"}
    assert {one[16] for one in ids} <= set("89ab")
    assert clock.new_ids(0) == []


def hostile(fields: dict[str, object], context: list[list[object]] | None = None) -> bytes:
    return recording.encode_plain(["person", b"k" * 16, context or [], fields, ""])


@pytest.mark.parametrize("many", [0, 14, 15, 16, 40])
@pytest.mark.parametrize("name", ["", "a", "name"])
@pytest.mark.parametrize("value", ["\0", "张\0", 1 << 63, (1 << 64) - 1, 1.0, ["x"], {"a": 1}])
def test_a_body_that_hides_what_may_not_travel(many, name, value) -> None:
    fields = {name: value, **{f"z{n:02}": "江西" for n in range(many)}}
    for context in ([], [[b"n" * 16, 1, 1]]):
        with pytest.raises(Refused):
            recording.decode_part(hostile(fields, context))
    good: dict[str, object] = {name: "张", **{f"z{n:02}": "江西" for n in range(many)}}
    assert recording.decode_part(hostile(good)).fields == good


@pytest.fixture
def swept() -> Iterator[None]:
    """As in a process without a window, whatever ran before."""
    was = gc.isenabled()
    gc.enable()
    yield
    if not was:
        gc.disable()


def test_the_search_for_cycles_goes_on_afterwards(swept: None) -> None:
    assert gc.isenabled()
    with bulk.unhindered():
        assert not gc.isenabled()
        with bulk.unhindered():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="x"), bulk.unhindered():
        int("x")
    assert gc.isenabled()


def test_keys_from_rows_in_hand_are_those_read_again() -> None:
    rows: list[dict[str, str | None]] = [
        {"home": HOME, "name": "司徒建军", "phone": "13800000001"},
        {"home": HOME, "name": "", "id_number": None},
    ]
    made = shapes.make("person", rows, STATE, STOPS)
    places = {name: n for n, name in enumerate(made.columns)}
    found = {
        row[0]: person_keys.keys_of(row[places["name"]], None, row[places["id_number"]], row[places["phone"]], None)
        for row in made.rows
    }
    assert {"司徒建军", "建军", "13800000001", "0001"} <= found[made.rows[0][0]]
    assert found[made.rows[1][0]] == {person_keys.ORDER}
