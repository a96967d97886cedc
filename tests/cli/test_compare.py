"""`compare` on the terminal: heaps, rows with the next act, the workbook."""

from pathlib import Path

import pytest

from app.documents import workbook
from app.errors import BadInput
from app.rules import id_number


def number(sequence: int) -> str:
    seventeen = f"36100219560312{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def test_compare(run, tmp_path: Path) -> None:
    person = run("person", "add", "-", stdin={"name": "张建国", "id_number": number(901), "division": "361002100201"})[
        "id"
    ]
    file, out = tmp_path / "名单.xlsx", tmp_path / "比对.xlsx"
    workbook.write_table(file, ["姓名", "身份证号"], [["章建国", number(901)], ["李四", number(903)]])
    done = run("compare", str(file), "--out", str(out))
    assert {name: done[name] for name in ("read", "both", "differing", "only_list", "only_here", "unclear", "dropped")} == {
        "read": 3, "both": 0, "differing": 1, "only_list": 1, "only_here": 0, "unclear": 0, "dropped": 1,
    }  # fmt: skip
    assert (done["rows"][1]["person"], done["rows"][1]["act"]) == (person, "correct")
    assert done["rows"][1]["differences"] == [{"field": "name", "listed": "章建国", "here": "张建国"}]
    assert done["rows"][2]["act"] == "add"
    assert out.exists()
    assert run("compare", str(file), "--deaths")["rows"][1]["act"] == "death"
    assert run("compare", str(file), "--division", "361002", "--class12", "02", "--benefit", "81")["here"] == []
    for wrong in (["--division", "x"], ["--class12", "99"], ["--benefit", "zz"]):
        with pytest.raises(BadInput):
            run("compare", str(file), *wrong)
