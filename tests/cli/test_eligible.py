"""`eligible` on the terminal."""

from pathlib import Path

import pytest

from app.errors import BadInput


def test_eligible(run, fixed_now, tmp_path: Path) -> None:
    values = {"name": "老人", "no_id_reason": "uncollected", "division": "361002100201", "birth_date": "1937-01-05"}
    person = run("person", "add", "-", stdin=values)["id"]
    found = run("eligible", "list")
    assert (found["day"], found["months"], found["persons"], found["without_birth"]) == ("2026-11-23", 12, 1, 0)
    (row,) = found["rows"]
    assert (row["id"], row["rule"], row["due"], row["state"], row["sure"]) == (
        person,
        "birthday",
        "2027-01-05",
        "coming",
        True,
    )
    assert next(one for one in found["counts"] if one["rule"] == "birthday")["coming"] == 1
    assert run("eligible", "list", "--months", "1")["rows"] == []
    assert run("eligible", "list", "--months", "0", "--day", "2027-01-05", "--rule", "birthday")["rows"]
    assert run("eligible", "export", str(tmp_path / "a.xlsx"))["rows"] == 1
    assert {rule["code"] for rule in run("eligible", "rules")["rules"]} >= {"rural_60", "unpaid"}
    assert run("eligible", "rules", "--day", "2000-01-01")["rules"]
    for wrong in (["--months", "x"], ["--months", "999"], ["--day", "x"], ["--rule", "x"]):
        with pytest.raises(BadInput):
            run("eligible", "list", *wrong)
