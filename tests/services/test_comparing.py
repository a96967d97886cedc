"""名单比对 in a real store: heaps that add up, nothing written, the workbook with a sheet for each heap."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.documents import workbook
from app.errors import BadInput, Refused
from app.models import Group, PendingRow, Person
from app.rules import id_number
from app.services.comparing import Among, Comparing, ListComparison
from app.services.divisions import Divisions
from app.services.people import People
from app.services.station import Station

VILLAGE = "361002100201"


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def add(station: Station, name: str, **values: Any) -> str:
    given = {"name": name, "division": VILLAGE} | values
    return People(station).add(given if "id_number" in given else {**given, "no_id_reason": "uncollected"}).id


def write(path: Path, labels: Sequence[str], rows: Sequence[Sequence[workbook.Cell]], title: str = "") -> Path:
    path.write_bytes(workbook.table(list(labels), rows, title=title))
    return path


def heaps(done: ListComparison) -> tuple[int, ...]:
    assert done.read == done.both + done.differing + done.only_list + done.unclear + done.dropped == len(done.rows)
    return done.read, done.both, done.differing, done.only_list, done.only_here, done.unclear, done.dropped


@pytest.fixture
def register(station: Station) -> Station:
    add(station, "张建国", id_number=number(901), phone="13800138000", class12="02")
    add(station, "李秀英", birth_date="1960-05", class12="09", benefit_code="21")
    add(station, "王明", birth_date="1970-01-01")
    add(station, "王明", birth_date="1970-01-01")
    add(station, "钱七", id_number=number(903, "19500101"), status="dead")
    add(station, "周九", id_number=number(905, "19550505"), class12="09", benefit_code="21")
    return station


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    rows: list[list[workbook.Cell]] = [
        ["张建国", number(901), "2026-10-02"],
        ["钱七", number(903, "19500101"), "2026-01-01"],
        ["孙八", number(907), "2026-10-05"],
        ["王明", None, "2026.9"],
        ["合计", None, "4人"],
    ]
    return write(tmp_path / "死亡名单.xlsx", ("姓名", "身份证号", "死亡日期"), rows, title="2026年死亡人员名单")


def test_a_list_of_deaths(register: Station, deaths: Path) -> None:
    with register.db.read() as session:
        before = [session.scalar(select(func.count()).select_from(kind)) for kind in (Group, Person, PendingRow)]
    done = Comparing(register).run([deaths])
    assert heaps(done) == (7, 1, 1, 1, 2, 1, 3)
    assert done.sentence == (
        "名单 7 行: 双方都有 1, 内容不同 1, 只在名单 1, 说不准 1, 不是人员 3, 合计 7; 只在本库 2 人。没有改动任何数据。"
    )
    by_number = {row.result.number: row for row in done.rows}
    first = by_number[3].result
    assert (first.act, done.persons[first.person].name, first.differences[0].listed) == (
        "death",
        "张建国",
        "2026-10-02",
    )
    assert (by_number[5].result.act, by_number[5].cells[0]) == ("add", "孙八")
    assert len(by_number[6].result.mentioned) == 2
    assert [person.name for person in done.here] == ["李秀英", "周九"]
    with register.db.read() as session:
        after = [session.scalar(select(func.count()).select_from(kind)) for kind in (Group, Person, PendingRow)]
    assert after == before


def test_who_is_asked_for(register: Station, deaths: Path) -> None:
    desk = Comparing(register)
    assert [p.name for p in desk.run([deaths], among=Among(class12=("09",))).here] == ["李秀英", "周九"]
    assert desk.run([deaths], among=Among(benefits=("11",))).here == ()
    assert desk.run([deaths], among=Among(division="361003")).here == ()
    assert len(desk.run([deaths], among=Among(division="361002100000")).here) == 2


def test_differences_gaps_and_several_files(register: Station, tmp_path: Path) -> None:
    labels = ("姓名", "身份证号", "联系电话", "性别", "人员类别", "优抚类别")
    first = write(tmp_path / "a.xlsx", labels, [["章建国", number(901), "13900139000", "女", "军属", None]])
    second = write(
        tmp_path / "b.xlsx", labels, [["李秀英", number(911, "19600512"), "13700137000", None, None, "烈属"]]
    )
    done = Comparing(register).run([first, second])
    assert heaps(done)[:4] == (4, 1, 1, 0)
    differing = next(row for row in done.rows if row.result.heap == "differing")
    assert [one.field for one in differing.result.differences] == ["name", "phone", "class12"]
    both = next(row for row in done.rows if row.result.heap == "both")
    assert {one.field for one in both.result.gaps} == {"id_number", "phone", "sex"}
    assert (both.file, both.result.matched_by) == ("b.xlsx", "姓名和出生日期")


def test_everybody_on_a_list_may_have_died(register: Station, tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.xlsx", ("姓名", "身份证号"), [["张建国", number(901)], ["钱七", number(903, "19500101")]]
    )
    done = Comparing(register).run([file], deaths=True)
    assert [row.result.act for row in done.rows[1:]] == ["death", ""]


def test_the_heaps_in_excel(register: Station, deaths: Path, tmp_path: Path) -> None:
    desk = Comparing(register)
    done = desk.run([deaths])
    out = tmp_path / "比对.xlsx"
    desk.export(done, out)
    sheets = {sheet.name: sheet for sheet in workbook.read_file(out)}
    assert list(sheets) == ["内容不同", "只在名单", "双方都有", "说不准", "只在本库"]
    different = sheets["内容不同"]
    assert "导出人: 周敏" in str(different.rows[0][0])
    assert different.rows[1][:6] == ["文件", "工作表", "行", "姓名", "身份证号", "死亡日期"]
    row = dict(zip(map(str, different.rows[1]), different.rows[2], strict=True))
    assert row["身份证号"] == row["本库身份证号"] == id_number.mask(number(901))
    assert row["说明"] == "去世: 名单“2026-10-02”, 本库在册"
    assert row["下一步"] == "登记去世"
    assert [line[0] for line in sheets["只在本库"].rows[2:]] == ["李秀英", "周九"]
    assert number(901) not in str([sheet.rows for sheet in sheets.values()])
    desk.export(done, out, masked=False)
    assert number(901) in str([sheet.rows for sheet in workbook.read_file(out)])


def test_masked_differences_say_only_that_there_are_some(register: Station, tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", ("姓名", "身份证号", "联系电话"), [["张建国", number(901), "13900139000"]])
    desk = Comparing(register)
    out = tmp_path / "b.xlsx"
    desk.export(desk.run([file]), out)
    text = str([sheet.rows for sheet in workbook.read_file(out)])
    assert "手机: 两边不同" in text
    assert "13900139000" not in text
    desk.export(desk.run([file]), out, masked=False)
    assert "手机: 名单“13900139000”, 本库“13800138000”" in str([sheet.rows for sheet in workbook.read_file(out)])


def test_villages_of_a_township_and_a_mapping(new_station: Callable[..., Station], tmp_path: Path) -> None:
    station = new_station("township", "361002100")
    Divisions(station).add(VILLAGE, "荷塘村委会")
    Divisions(station).add("361002100202", "桥头村委会")
    add(station, "张建国", id_number=number(901))
    rows: list[list[workbook.Cell]] = [["张建国", number(901), "桥头村"]]
    done = Comparing(station).run([write(tmp_path / "a.xlsx", ("姓名", "身份证号", "所在村"), rows)])
    assert [(d.field, d.listed, d.here) for d in done.rows[1].result.differences] == [
        ("division", "361002100202", VILLAGE)
    ]
    elsewhere: list[list[workbook.Cell]] = [["张建国", number(901), "别处村"]]
    done = Comparing(station).run([write(tmp_path / "b.xlsx", ("姓名", "身份证号", "所在村"), elsewhere)])
    assert done.rows[1].result.heap == "both"
    strange = write(tmp_path / "c.xlsx", ("甲", "乙"), [["张建国", number(901)]])
    assert Comparing(station).run([strange], mapping={"甲": "name", "乙": "id_number"}).both == 1
    with pytest.raises(BadInput, match="不认识的字段"):
        Comparing(station).run([strange], mapping={"甲": "colour"})


def test_what_is_no_list_is_bad_input(register: Station, deaths: Path, tmp_path: Path) -> None:
    desk = Comparing(register)
    strange = write(tmp_path / "a.xlsx", ("甲", "乙"), [["x", "y"]])
    with pytest.raises(BadInput, match="没有认出表头"):
        desk.run([deaths, strange])
    with pytest.raises(BadInput, match="没有工作表"):
        desk.run([deaths], sheet="别的")
    with pytest.raises(BadInput, match="没有找到文件"):
        desk.run([tmp_path / "无.xlsx"])
    csv = tmp_path / "名单.xls"
    csv.write_bytes("姓名,身份证号\n".encode("gb18030"))
    with pytest.raises(BadInput, match="不是 Excel"):
        desk.run([csv])


def test_rights(register: Station, deaths: Path, tmp_path: Path) -> None:
    done = Comparing(register).run([deaths])
    register.roles = ("administrator",)
    with pytest.raises(Refused):
        Comparing(register).export(done, tmp_path / "a.xlsx")
    register.roles = ()
    with pytest.raises(Refused):
        Comparing(register).run([deaths])
