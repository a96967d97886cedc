"""`bench` at tiny sizes: every measurement still runs and says what it must; times are nobody's business here."""

import json
import os
import sys
from pathlib import Path

import pytest

from app.cli import bench
from app.cli.benching import baselines, made_up_rows, measuring
from app.cli.benching.figures import Figure
from app.cli.frame import Call, find, parse
from app.errors import BadInput, EnvironmentTrouble
from app.models.base import fields_of, table_of
from tests.cli.conftest import Run

OTHER = os.environ.get(bench.PYTHON)
COMPARED: tuple[str, ...] = ("insert", "insert.size", "persons", "persons.size", "visits", "visits.size")
COMPARED += ("import.large", "import.large.new", "xlsx")
COMPARED += ("window.login", "window.page", "window.page.large", "window.memory", "window.heartbeat", "window.task")
COMPARED += ("duplicates", "duplicates.near", "eligible", "compare", "search", "search.large")
WITH_SESSIONS = ("export", "export.size", "import")
ALONE = ("work", "open.key", "open")


def figures(document):
    return {figure["name"]: figure for figure in document["figures"]}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory):
    """Everything once, without the session extension, and what was written to the file."""
    out = tmp_path_factory.mktemp("bench") / "figures.json"
    found, rest = find(["bench", "--records", "60", "--repeats", "2", "--out", str(out)])
    said: list[str] = []
    call = Call(parse(found, rest), {}, lambda: "", None, said.append)
    return found.run(call), json.loads(out.read_text("utf-8")), said


def test_every_figure_is_measured_beside_its_baseline(measured) -> None:
    document, written, said = measured
    assert document == written
    found = figures(document)
    assert set(found) == {*COMPARED, *WITH_SESSIONS, *ALONE}
    assert len(said) == len(found)
    for name in COMPARED:
        figure = found[name]
        assert figure["ours"] > 0 < figure["base"], name
        assert figure["lowest"] <= figure["ratio"] <= figure["highest"], name
    for name in (*WITH_SESSIONS, *ALONE):
        assert found[name]["ours"] > 0, name
        assert found[name]["ratio"] is None, name
    assert set(document["left_out"]) == set(WITH_SESSIONS)


def test_the_bars_are_those_promised(measured) -> None:
    bars = {name: figure["bar"] for name, figure in figures(measured[0]).items() if figure["bar"] is not None}
    assert bars == {
        "insert": 4.0,
        "insert.size": 3.0,
        "export": 2.0,
        "export.size": 1.25,
        "import": 6.0,
        "import.large": 1.3,
        "search": 3.0,
        "search.large": 3.0,
        "window.login": 1.5,
        "window.page": 3.0,
        "window.page.large": 3.5,
        "window.memory": 3.0,
        "window.heartbeat": 1.0,
        "window.task": 1.0,
    }


def test_what_was_left_out_is_said(measured) -> None:
    text = bench._show(measured[0])
    assert bench.PYTHON in text
    assert "make bench" in text
    assert "达到" in text


def test_no_trace_among_the_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RONGGUI_SETTINGS", str(tmp_path / "mine"))
    document = run("bench", "work", "--records", "5", "--repeats", "1")
    assert [figure["name"] for figure in document["figures"]] == ["work"]
    assert "一次登记" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
    assert os.environ["RONGGUI_SETTINGS"] == str(tmp_path / "mine")


@pytest.mark.parametrize("words", [("nothing",), ("work", "--records", "0"), ("work", "--repeats", "0")])
def test_wrong_calls(run: Run, words: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        run("bench", *words)


def test_rows_are_as_large_as_they_say() -> None:
    for rows in (made_up_rows.plain(40), made_up_rows.persons(40)):
        assert {sum(value is not None for value in row.values()) for row in rows} == {20}
        assert all(set(row) <= set(fields_of("person")) for row in rows)
    plain = {name for row in made_up_rows.plain(40) for name in row}
    assert not plain & {"name", "former_name", "id_number", "phone", "phone2", "health", "income"}
    assert any("income" in row and "name" in row for row in made_up_rows.persons(40))
    visits = made_up_rows.visits(40, ["0" * 32])
    assert {len(row) for row in visits} == {12}
    assert set(visits[0]) <= set(table_of("visit").columns.keys())
    assert made_up_rows.persons(5, 3) == made_up_rows.persons(5, 3)


def test_the_verdict_is_the_median_of_the_ratios() -> None:
    figure = Figure("x", "试", "对照", 2.0)
    for ours, base in ((1.0, 1.0), (9.0, 3.0), (3.0, 2.0)):
        figure.add(ours, base)
    document = figure.document
    assert (document["ratio"], document["lowest"], document["highest"], document["within"]) == (1.5, 1.0, 3.0, True)
    figure.add(9.0, 1.0)
    figure.add(9.0, 1.0)
    assert figure.document["within"] is False


def test_an_interpreter_without_the_extension_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentTrouble, match=bench.PYTHON):
        baselines.run_script(Path(sys.executable), "session_extension.py", {"folder": str(tmp_path)})
    with pytest.raises(EnvironmentTrouble, match=bench.PYTHON):
        baselines.run_script(tmp_path / "python", "session_extension.py", {})


if OTHER:

    def test_the_exchange_beside_the_session_extension(run: Run) -> None:
        document = run("bench", "exchange", "--records", "60", "--repeats", "1", environment={bench.PYTHON: OTHER})
        assert document["left_out"] == []
        assert all(figures(document)[name]["ratio"] > 0 for name in WITH_SESSIONS)


def test_names_are_those_of_the_measurements() -> None:
    names = ["insert", "persons", "visits", "exchange", "large", "xlsx", "work", "open", "registers"]
    names += ["searches", "window"]
    assert list(measuring.MEASURES) == names
