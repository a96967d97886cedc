"""`village` on the terminal: a list of villages in, old codes read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents import workbook
from app.errors import BadInput
from app.rules import id_number
from app.services.station import Station


def test_village(run, new_station: Callable[..., Station], tmp_path: Path) -> None:
    county = new_station("county", "361002")
    file = tmp_path / "村.xlsx"
    workbook.write_table(file, ["区划代码", "名称"], [["361002100271", "新荷村委会"]])
    assert run("village", "import", str(file), "--rehearse", at=county)["act"] == ""
    done = run("village", "import", str(file), at=county)
    assert (done["read"], done["added"], done["dropped"], bool(done["act"])) == (2, 1, 1, True)
    found = run("village", "resolve", "362521", "--written", "1986", at=county)
    assert (found["code"], found["exact"], len(found["changes"])) == ("361002000000", True, 2)
    assert (
        run("village", "resolve", "362521", "--written", "1986", "--day", "1995-01-01", at=county)["code"]
        == "362501000000"
    )
    seventeen = "36250119560312901"
    number = seventeen + id_number.check_digit(seventeen)
    assert run("village", "number", number, at=county)["county"] == "抚州市"
    changes = run("village", "changes", "--under", "362501", at=county)["changes"]
    assert [(one["old"], one["new"]) for one in changes] == [
        ("362501", "362501"),
        ("362521", "362501"),
        ("362501", "361002"),
    ]
    for wrong in (
        ["village", "resolve", "x"],
        ["village", "resolve", "361002", "--day", "x"],
        ["village", "number", "1"],
    ):
        with pytest.raises(BadInput):
            run(*wrong, at=county)
