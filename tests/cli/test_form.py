from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import BadInput, Refused
from app.models import fields_of
from app.services.station import Station
from tests.services.records import person

pytestmark = pytest.mark.usefixtures("fixed_now")


def test_the_forms(run) -> None:
    listed = run("form", "list")
    assert [(form["form"], form["for"]) for form in listed["forms"]] == [
        ("F04", "roster"),
        ("F07", "case"),
        ("F14", "person"),
    ]


def test_printing_for_one_and_for_several(station: Station, run, tmp_path: Path) -> None:
    out = tmp_path / "证明.pdf"
    people = [f"person:{person(station, name)}" for name in ("张三", "李四")]
    one = run("form", "print", "F14", "--for", people[0], "--out", str(out))
    assert {"id", "number", "file"} <= set(one)
    assert Path(one["file"]) == out
    several = run("form", "print", "F14", "--for", *people, "--out", str(out))
    assert [paper["number"][-5:] for paper in several["papers"]] == ["0002号", "0003号"]
    assert (tmp_path / "证明-2.pdf").exists()


def test_what_a_village_may_not_issue(station: Station, run, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="民发〔2020〕20号"):
        run(
            "form",
            "print",
            "F14",
            "--for",
            f"person:{person(station)}",
            "--kind",
            "婚姻状况",
            "--out",
            str(tmp_path / "a.pdf"),
        )
    assert list(tmp_path.glob("*.pdf")) == []


NOUNS = [
    "person", "household", "visit", "campaign", "roster", "line", "case", "staff", "division", "policy", "attachment",
    "step", "payment", "paper", "identity",
]  # fmt: skip


@pytest.mark.parametrize("noun", NOUNS)
def test_fields_of_every_noun(run, noun: str) -> None:
    fields = run("fields", noun)["fields"]
    assert fields
    assert all(set(field) == {"name", "label", "kind", "required", "merge", "sensitive"} for field in fields)


def test_fields_say_what_the_model_declares(run) -> None:
    by_name = {field["name"]: field for field in run("fields", "person")["fields"]}
    assert by_name["id_number"] == {
        "name": "id_number", "label": "身份证号", "kind": "id_number", "required": False, "merge": "ask", "sensitive": True,
    }  # fmt: skip
    assert "home" not in by_name
    assert set(by_name) == {name for name, field in fields_of("person").items() if not field.internal}
    with pytest.raises(BadInput, match="没有“cat”这一类"):
        run("fields", "cat")


def test_policies_by_terminal(new_station: Callable[..., Station], run) -> None:
    county = new_station("county", "361002", "临川区退役军人事务局")
    made = run(
        "policy", "set", "-", stdin={"name": "visit.days", "value": {"spring": 30}, "starts": "2026-01-01"}, at=county
    )
    assert run("policy", "show", "visit.days", at=county)["value"] == {"spring": 30}
    assert made["id"] in {row["id"] for row in run("policy", "list", at=county)["policys"]}
    with pytest.raises(BadInput):
        run("policy", "show", "visit.days", "--day", "昨天", at=county)
    with pytest.raises(Refused, match="只能由县局或市局修改"):
        run("policy", "set", "name=visit.days", "value=1")
