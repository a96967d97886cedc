"""Lists that leave: the ledger of 28 columns, masked unless the right is held, counted, and taken off the disk again."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from app import clock
from app.documents import workbook
from app.errors import BadInput, EnvironmentTrouble, Refused
from app.rules import headings
from app.services.cases import HardshipCases
from app.services.column_sets import COLUMNS, ColumnSets
from app.services.exporting import Exporting
from app.services.households import Households
from app.services.importing import Importing
from app.services.leaving import Leaving
from app.services.people import People
from app.services.station import Station
from app.services.visits import Visits

pytestmark = pytest.mark.usefixtures("fixed_now")
VILLAGE = "361002100201"
NUMBER = "361002194903129969"
LEDGER = (
    "村民组、户号、户主姓名、姓名、性别、身份证号码、年龄、人员类别、入伍时间、退伍时间、军龄、军种、政治面貌、立功受奖、优抚对象、优抚类别、"
    "联系方式、务工地址、现居住地址、部队番号、退役证编号、就业安置、创业、困难帮扶记录、八一/春节走访记录、年审状态、审核日期、备注"
)


@pytest.fixture
def woman(station: Station) -> str:
    values: dict[str, Any] = {
        "name": "李秀英", "id_number": NUMBER, "division": VILLAGE, "village_group": "三组", "phone": "16400000001",
        "political": "党员", "note": "=1+1", "household_number": "12",
        "identities": [{"class12": "02"}, {"class12": "07", "benefit_code": "11", "disability_level": "7", "approved": "1975",
                        "disability_nature": "因战", "benefit_state": "正常"}],
        "services": [{"enlisted": "1968-03", "discharged": "1973-01", "branch": "陆军", "unit_number": "某部", "merits": "三等功"}],
        "awards": [{"honour": "嘉奖"}], "settlements": [{"way": "安排工作"}], "jobs": [{"job_state": "退休"}],
        "ventures": [{"project": "养蜂"}],
    }  # fmt: skip
    saved = People(station).add(values).id
    Households(station).add({"head": saved, "number": "12"})
    Visits(station).record({"person": saved, "date": "2026-08-01", "trigger": "JR", "place": "家中", "note": "好"})
    HardshipCases(station).open({"person": saved, "reason": "住院", "opened": "2026-05-01"})
    dead = People(station).add({"name": "张三", "no_id_reason": "pending", "division": VILLAGE}).id
    People(station).record_death(dead, {"death_date": "2026"})
    return saved


def rows(file: Path) -> list[list[workbook.Cell]]:
    (sheet,) = workbook.read_file(file)
    return sheet.rows


def test_the_ledger_has_its_columns_and_words(station: Station, woman: str, tmp_path: Path) -> None:
    assert "、".join(column.title for column in COLUMNS) == LEDGER
    assert len(COLUMNS) == 28
    file = tmp_path / "台账.xlsx"
    assert ColumnSets(station).write(file, purpose="村里核对") == 1
    title, labels, row = rows(file)
    assert str(title[0]).startswith("桥头村站 退役军人和其他优抚对象台账(已隐去证件号码) 导出人: ")
    assert str(title[0]).endswith("编号: 2026-0001 用途: 村里核对")
    found = dict(zip(map(str, labels), row, strict=True))
    assert found == {
        "村民组": "三组", "户号": "12", "户主姓名": "李秀英", "姓名": "李秀英", "性别": "女", "身份证号码": "361***********9969",
        "年龄": "77", "人员类别": "退役军士和义务兵(退役士兵)、残疾军人", "入伍时间": "1968-03", "退伍时间": "1973-01", "军龄": "4",
        "军种": "陆军", "政治面貌": "中共党员", "立功受奖": "三等功、嘉奖", "优抚对象": "正常", "优抚类别": "残疾军人(因战七级)",
        "联系方式": "164****0001", "务工地址": None, "现居住地址": None, "部队番号": None, "退役证编号": None,
        "就业安置": "安排工作、退休", "创业": "养蜂", "困难帮扶记录": "2026-05-01", "八一/春节走访记录": "2026-08-01 重要节日",
        "年审状态": None, "审核日期": None, "备注": "=1+1",
    }  # fmt: skip
    # Everything a roster can bring is known again by its heading.
    located = headings.locate(rows(file))
    assert located is not None
    assert len(located.matches) == 28


def test_full_only_with_the_right_and_units_only_when_asked(station: Station, woman: str, tmp_path: Path) -> None:
    for place, (full, units, number, unit) in enumerate((
        (True, False, NUMBER, None), (True, True, NUMBER, "某部"), (False, True, "361***********9969", None),
    )):  # fmt: skip
        file = tmp_path / f"{place}.xlsx"
        ColumnSets(station).write(file, full=full, units=units, ids=[woman])
        assert (rows(file)[2][5], rows(file)[2][19]) == (number, unit)
    Exporting(station).persons(tmp_path / "全.xlsx")
    Exporting(station).persons(tmp_path / "全部.xlsx", units=True)
    said = [dict(zip(*rows(tmp_path / name)[1:3], strict=True))["部队番号"] for name in ("全.xlsx", "全部.xlsx")]
    assert said == [None, "某部"]
    station.roles = ("clerk",)
    for write in (
        lambda: ColumnSets(station).write(tmp_path / "x.xlsx", full=True),
        lambda: Exporting(station).persons(tmp_path / "x.xlsx"),
    ):
        with pytest.raises(Refused, match="不能导出完整的证件号码"):
            write()
    assert not (tmp_path / "x.xlsx").exists()
    assert ColumnSets(station).write(tmp_path / "x.xlsx") == 1
    station.roles = ("administrator",)
    with pytest.raises(Refused, match="不能导出"):
        ColumnSets(station).write(tmp_path / "y.xlsx")


def test_every_list_is_counted_and_can_be_taken_off_the_disk(station: Station, woman: str, tmp_path: Path) -> None:
    first, second = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    ColumnSets(station).write(first, purpose="核对")
    with pytest.raises(EnvironmentTrouble):
        ColumnSets(station).write(tmp_path / "没有" / "三.xlsx")
    Exporting(station).table(second, "慰问名单", ["姓名", "金额"], [["张三", "1,000.00"]])
    found = Leaving(station).rows()
    assert [(one.number, one.what, one.rows, one.full, one.purpose, one.there, one.old) for one in found] == [
        ("2026-0002", "慰问名单", 1, False, "", True, False),
        ("2026-0001", "退役军人和其他优抚对象台账", 1, False, "核对", True, False),
    ]
    assert Leaving(station).remove() == 0
    assert Leaving(station).remove(["2026-0002"]) == 1
    assert (first.exists(), second.exists()) == (True, False)
    clock.set_now(dt.datetime(2027, 1, 1, 9, tzinfo=clock.CHINA))
    assert Leaving(station).remove() == 1
    assert [one.there for one in Leaving(station).rows()] == [False, False]
    assert not first.exists()


def test_a_set_there_is_not(station: Station, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="没有“乱写”"):
        ColumnSets(station).write(tmp_path / "x.xlsx", name="乱写")


def test_the_ledger_comes_home_unchanged(station: Station, woman: str, tmp_path: Path) -> None:
    ColumnSets(station).write(tmp_path / "台账.xlsx", full=True, units=True)
    done = Importing(station).run([tmp_path / "台账.xlsx"], rehearse=True)
    assert (done.read, done.added, done.dropped, done.pending) == (3, 0, 2, 0)
