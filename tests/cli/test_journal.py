"""`journal list` and `undo` from the terminal."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.cli import nouns
from app.cli.frame import Call, find, parse
from app.errors import BadInput, Refused
from app.services.people import People
from app.services.station import Station

VILLAGE = "361002100201"

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(station: Station) -> Run:
    nouns.load()

    def call(*words: str) -> dict[str, Any]:
        found, rest = find(words)
        document = found.run(Call(parse(found, rest), {}, str, station))
        assert found.show is not None
        assert found.show(document)
        return dict(json.loads(json.dumps(document)))

    return call


def test_list_and_undo(run: Run, station: Station) -> None:
    record = People(station).add({"name": "张建国", "no_id_reason": "pending", "division": VILLAGE}).id
    People(station).change(record, {"phone": "13800138000", "address": "三组"})
    acts = run("journal", "list", "--limit", "2")["acts"]
    assert [act["name"] for act in acts] == ["修改人员", "登记人员"]
    assert set(acts[0]) == {"id", "name", "who", "when", "node", "undone"}
    assert acts[0]["node"] == station.place.node
    People(station).change(record, {"phone": "13900139000"})
    done = run("undo", acts[0]["id"])
    assert done["act"] == acts[0]["id"]
    assert [(kept["field"], kept["reason"]) for kept in done["kept"]] == [("phone", "后来改过")]
    assert run("journal", "list")["acts"][2]["undone"] is True
    assert run("undo")["name"] == "修改人员"
    assert People(station).show(record).fields["phone"] == "13800138000"


def test_refusals(run: Run) -> None:
    with pytest.raises(Refused):
        run("undo")
    with pytest.raises(BadInput):
        run("undo", "abc")
    with pytest.raises(BadInput):
        run("journal", "list", "--limit", "x")
