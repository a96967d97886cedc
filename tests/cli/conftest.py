"""A terminal without a process: words in, the command's document out, at a station of the services' fixture."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.cli import nouns
from app.cli.frame import Call, find, parse
from app.services.station import Station
from tests.services.conftest import new_station, station

__all__ = ["new_station", "station"]

nouns.load()

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(station: Station) -> Run:
    """`run("visit", "add", "-", stdin={…})` gives the document, which is proved to be JSON and to have a readable form."""

    def one(
        *words: str, stdin: object = None, environment: dict[str, str] | None = None, at: Station | None = None
    ) -> dict[str, Any]:
        found, rest = find(words)
        text = stdin if isinstance(stdin, str) else json.dumps(stdin, ensure_ascii=False)
        call = Call(parse(found, rest), environment or {}, lambda: text, (at or station) if found.opens else None)
        document = found.run(call)
        if found.show is not None:
            assert isinstance(found.show(document), str)
        back: dict[str, Any] = json.loads(json.dumps(document, ensure_ascii=False))
        assert back == document
        return back

    return one
