"""Lists that leave the desk: masked unless asked for in full, marked with who, when and what for; jobs for the worker."""

import tempfile
from pathlib import Path

import pypdfium2
import pytest

from app import progress
from app.documents import workbook
from app.errors import Cancelled, Refused
from app.models.database import Actor
from app.services import exporting, list_sheets, people_columns
from app.services.ids import Ids
from app.services.people import People
from app.services.people_list import PeopleList, Wanted
from app.services.station import Station

VILLAGE = "361002100201"
NUMBER = "11010519491231002X"
SHOWN = ("name", "id_number", "village", "phone", "sync", "age", "status", "note")


@pytest.fixture
def ids(station: Station) -> Ids:
    people = People(station)
    people.add({
        "name": "张建国", "id_number": NUMBER, "division": VILLAGE, "village_group": "三组", "phone": "16400000001",
        "note": "=1+1",
    })  # fmt: skip
    people.add({"name": "龚䶮", "no_id_reason": "serving", "division": VILLAGE, "birth_date": "1990"})
    people.add({"name": "老单", "no_id_reason": "pending", "division": VILLAGE, "death_date": "2026-01-19"})
    return PeopleList(station).ids(Wanted())


def test_on_paper(station: Station, ids: Ids, fixed_now: object) -> None:
    pdf = list_sheets.printed(station, ids, SHOWN, "村(社区): 石鼓村", purpose="上报上级")
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    for said in (
        "桥头村站服务对象名单",
        "村(社区): 石鼓村",
        "110***********002X",
        "164****0001",
        "无(现役)",
        "石鼓村委会三组",
        "未上报",
    ):
        assert said in page, said
    assert "用途 上报上级" in page
    assert "去世 2026-01-19" in page
    assert NUMBER not in page
    assert (
        NUMBER
        in pypdfium2.PdfDocument(list_sheets.printed(station, ids, SHOWN, "", full=True))[0]
        .get_textpage()
        .get_text_range()
    )
    with pytest.raises(Refused, match="最多打印 3000 人"):
        list_sheets.printed(station, Ids(bytes(16 * 3001)), SHOWN, "")


def test_to_excel_as_it_is_shown(station: Station, ids: Ids, tmp_path: Path, fixed_now: object) -> None:
    file = tmp_path / "名单.xlsx"
    assert list_sheets.exported(station, file, ids, SHOWN, "类别: 全部", purpose="核对人员情况") == 3
    title, heads, *rows = workbook.read_file(file)[0].rows
    assert title[0] == (
        "桥头村站服务对象名单(已隐去证件号码) 类别: 全部 导出人: 周敏 时间: 2026-11-23 09:00 用途: 核对人员情况"
    )
    assert heads == ["姓名", "身份证号", "村组", "手机", "上报状态", "年龄", "人员状态", "备注"]
    assert [row[0] for row in rows] == ["龚䶮", "老单", "张建国"]
    assert rows[2][1] == "110***********002X"
    assert rows[2][7] == "=1+1"
    list_sheets.exported(station, file, ids, SHOWN, "", full=True)
    assert workbook.read_file(file)[0].rows[4][1] == NUMBER


def test_the_whole_register_of_some(station: Station, ids: Ids, tmp_path: Path) -> None:
    file = tmp_path / "全部.xlsx"
    assert exporting.persons(station, file, masked=True, ids=ids[:2], purpose="上报上级") == 2
    title, heads, *rows = workbook.read_file(file)[0].rows
    assert str(title[0]).endswith("用途: 上报上级")
    assert heads[0] == "姓名"
    assert [row[0] for row in rows] == ["龚䶮", "老单"]


def test_stopping_leaves_no_file(station: Station, ids: Ids, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for steps in (1, 2):
        told: list[str] = []

        def stopped(told: list[str] = told, steps: int = steps) -> bool:
            return len(told) >= steps

        watcher = progress.Watcher(lambda stand, told=told: told.append(stand.what), stopped)  # type: ignore[misc]
        monkeypatch.setattr(workbook, "_TELLING", 1)
        with progress.watched(watcher), pytest.raises(Cancelled):
            list_sheets.exported(station, tmp_path / "名单.xlsx", ids, SHOWN, "")
        assert told == ["读取名单", "写 Excel"][:steps]
    assert [path for path in tmp_path.iterdir() if path.name != "store0"] == []


def test_rights_are_asked(station: Station, ids: Ids, tmp_path: Path) -> None:
    station.roles = ("administrator",)
    station.db.actor = Actor("1" * 32, "管理员")
    with pytest.raises(Refused, match="不能打印"):
        list_sheets.printed(station, ids, SHOWN, "")
    with pytest.raises(Refused, match="不能导出"):
        list_sheets.exported(station, tmp_path / "x.xlsx", ids, SHOWN, "")


def test_every_item_has_words_for_every_line(station: Station, ids: Ids) -> None:
    lines = PeopleList(station).lines(list(ids)).values()
    for item in people_columns.ITEMS:
        assert all(isinstance(item.text(line, full), str) for line in lines for full in (False, True))
        assert people_columns.by_key(item.key) is item
    with pytest.raises(KeyError):
        people_columns.by_key("colour")
