"""A bureau's villages from Excel: all or nothing, every fault by row; old codes kept as what they mean today."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.documents import workbook
from app.errors import BadInput, Refused
from app.models import Division, Group
from app.rules import id_number
from app.rules.partial_date import PartialDate
from app.services.division_history import DivisionHistory
from app.services.divisions import Divisions
from app.services.history import History
from app.services.station import Station
from app.services.undoing import Undo
from app.services.village_lists import VillageLists

LABELS = ("序号", "统计用区划代码", "村(社区)名称", "原代码", "启用日期")


@pytest.fixture
def county(new_station: Callable[..., Station]) -> Station:
    return new_station("county", "361002")


def write(path: Path, rows: Sequence[Sequence[workbook.Cell]], labels: Sequence[str] = LABELS) -> Path:
    path.write_bytes(workbook.table(list(labels), rows, title="临川区村级区划代码表"))
    return path


def names(station: Station) -> dict[str, str]:
    return {row.code: row.name for row in Divisions(station).inside("361002100")}


def count(station: Station) -> int:
    with station.db.read() as session:
        return (session.scalar(select(func.count()).select_from(Division)) or 0) + (
            session.scalar(select(func.count()).select_from(Group)) or 0
        )


def test_a_list_is_taken_as_one_act(county: Station, tmp_path: Path) -> None:
    file = write(
        tmp_path / "村.xlsx",
        [
            [1, "361002100271", "新荷村委会", None, None],
            [2, 361002100272, "新桥社区居委会", None, "2026-01-01"],
            ["合计", None, "2个", None, None],
            ["注\uff1a本表以县局为准", None, None, None, None],
        ],
    )
    rehearsed = VillageLists(county).run(file, rehearse=True)
    assert (rehearsed.read, rehearsed.added, rehearsed.dropped, rehearsed.act) == (6, 2, 4, "")
    assert "361002100271" not in names(county)
    done = VillageLists(county).run(file)
    assert (done.read, done.added, done.changed, done.same, done.dropped) == (6, 2, 0, 0, 4)
    assert names(county)["361002100272"] == "新桥社区居委会"
    assert History(county).acts()[0].name == "导入村级区划(村.xlsx)"
    with county.db.read() as session:
        kinds = {row.code: (row.kind, row.home, row.starts) for row in session.scalars(select(Division))}
    assert kinds["361002100272"] == ("village", "361002100272", "2026-01-01")
    again = VillageLists(county).run(file)
    assert (again.added, again.same, again.act) == (0, 2, "")
    renamed = write(tmp_path / "村2.xlsx", [[1, "361002100271", "荷花村委会", None, None]])
    changed = VillageLists(county).run(renamed)
    assert (changed.changed, [row.text for row in changed.rows if row.fate == "changed"]) == (1, ["原来叫 新荷村委会"])
    Undo(county).undo()
    assert names(county)["361002100271"] == "新荷村委会"


def test_one_wrong_row_stops_the_whole_and_every_one_is_named(county: Station, tmp_path: Path) -> None:
    before = count(county)
    rows: list[list[workbook.Cell]] = [
        [1, "361002100271", "新荷村委会", None, None],
        [2, "36100210027", "短村", None, None],
        [3, "361003100271", "外村", None, None],
        [4, "361002100000", "镇", None, None],
        [5, "361002999271", "无镇村", None, None],
        [6, "361002100273", None, None, None],
        [7, "361002100271", "又一村", None, None],
        [8, "361002100274", "坏\x07村", None, None],
        [9, "361002100275", "旧村", "12", None],
        [10, "361002100276", "某村", None, "2026"],
    ]
    path = tmp_path / "村.xlsx"
    path.write_bytes(workbook.table(list(LABELS), rows, title="表"))
    with pytest.raises(BadInput) as caught:
        VillageLists(county).run(path)
    problems = caught.value.problems
    assert set(problems) == {f"第 {number} 行" for number in (4, 5, 6, 7, 8, 9, 11, 12)}
    assert problems["第 4 行"] == "代码“36100210027”不是 12 位数字"
    assert "不在本单位管辖范围内" in problems["第 5 行"]
    assert "不是村(社区)的代码" in problems["第 6 行"]
    assert "乡镇(街道)不在表里" in problems["第 7 行"]
    assert problems["第 8 行"] == "没有填名称"
    assert problems["第 9 行"] == "代码与第 3 行相同"
    assert problems["第 11 行"] == "原代码“12”不是 12 位数字"
    assert problems["第 12 行"] == "启用日期“2026”要写到日, 例如 2026-09-28"
    assert "一行也没有导入" in str(caught.value)
    assert count(county) == before


def test_many_faults_are_counted_and_the_first_told(county: Station, tmp_path: Path) -> None:
    file = write(tmp_path / "村.xlsx", [[n, "x", f"村{n}", None, None] for n in range(30)])
    with pytest.raises(BadInput, match=r"有 30 行不能用.*另有 20 行"):
        VillageLists(county).run(file)


def test_old_codes_go_on_meaning_the_new_ones(county: Station, tmp_path: Path) -> None:
    Divisions(county).add("361002100271", "新荷村委会")
    rows: list[list[workbook.Cell]] = [
        [1, "361002100281", "荷塘新村委会", "361002100271", "2026-03-01"],
        [2, "361002100282", "桥头新村委会", "361002100299", "2026-03-01"],
    ]
    file = write(tmp_path / "村.xlsx", rows)
    assert VillageLists(county).run(file).added == 2
    assert VillageLists(county).run(file).same == 2
    history = DivisionHistory(county)
    found = history.resolve("361002100271", written=PartialDate.parse("2025"))
    assert (found.code, found.exact) == ("361002100281", True)
    assert "新荷村委会换代码荷塘新村委会" in found.said
    assert history.resolve("361002100299").code == "361002100282"
    assert history.resolve("361002100271", written=PartialDate.parse("2026-03-02")).path == ()
    with county.db.read() as session:
        assert len(session.scalars(select(Division).where(Division.code == "361002100271")).all()) == 1
    assert [change.source for change in history.known("36100210027")] == ["本地登记"]


def test_codes_and_numbers_of_long_ago(county: Station) -> None:
    history = DivisionHistory(county)
    assert history.resolve("３６２５２１", written=PartialDate.parse("1986")).code == "361002000000"
    assert history.resolve("36").exact
    for wrong in ("", "x", "00", "36250"):
        with pytest.raises(BadInput):
            history.resolve(wrong)
    seventeen = "36250119560312901"
    assert history.county_of_number(seventeen + id_number.check_digit(seventeen))[0] == "抚州市"
    with pytest.raises(BadInput, match="最后一位对不上"):
        history.county_of_number(seventeen + ("0" if id_number.check_digit(seventeen) != "0" else "1"))


def test_what_is_no_list(county: Station, tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", [["x", "y"]], ("甲", "乙"))
    with pytest.raises(BadInput, match="没有认出表头"):
        VillageLists(county).run(file)
    with pytest.raises(BadInput, match="没有工作表"):
        VillageLists(county).run(file, sheet="别的")


def test_rights(county: Station, tmp_path: Path) -> None:
    file = write(tmp_path / "村.xlsx", [[1, "361002100271", "新荷村委会", None, None]])
    county.roles = ("clerk",)
    with pytest.raises(Refused):
        VillageLists(county).run(file)
    DivisionHistory(county).resolve("361002")
    county.roles = ()
    with pytest.raises(Refused):
        DivisionHistory(county).resolve("361002")
