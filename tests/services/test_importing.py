"""Excel in: every row has a fate, the sum is right, nothing is overwritten silently, the waiting rows come home."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app import clock
from app.documents import workbook
from app.errors import BadInput, Refused
from app.models import Group, Household, PendingRow, Person, PersonAccount, PersonIdentity
from app.rules import id_number, made_up, made_up_sheets
from app.services.divisions import Divisions
from app.services.exporting import Exporting
from app.services.history import History
from app.services.importing import Imported, Importing, read_mapping
from app.services.pendings import Pendings
from app.services.people import People
from app.services.searching import Search
from app.services.station import Station
from app.services.undoing import Undo

VILLAGE = "361002100201"
HEADINGS = ("姓名", "身份证号", "手机", "人员类别", "备注")


def number(sequence: int, birth: str = "19560312") -> str:
    seventeen = f"361002{birth}{sequence:03d}"
    return seventeen + id_number.check_digit(seventeen)


def write(
    path: Path, rows: Sequence[Sequence[workbook.Cell]], headings: Sequence[object] = HEADINGS, title: str = ""
) -> Path:
    path.write_bytes(workbook.table([str(text) for text in headings], rows, title=title))
    return path


def bring(station: Station, *files: Path, **how: Any) -> Imported:
    done = Importing(station).run(files, **how)
    assert done.read == done.added + done.changed + done.same + done.asked + done.pending + done.dropped
    assert done.read == len(done.rows)
    return done


def sums(done: Imported) -> tuple[int, ...]:
    return done.read, done.added, done.changed, done.same, done.asked, done.pending, done.dropped


def counts(station: Station) -> tuple[int, int, int]:
    with station.db.read() as session:
        persons, waiting, groups = (
            session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Person, PendingRow, Group)
        )
    return persons, waiting, groups


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    bad = number(3)[:-1] + ("0" if number(3)[-1] != "0" else "1")
    rows: list[list[workbook.Cell]] = [
        ["张建国", number(1), "13800138000", "退役士兵", "低保"],
        ["李秀英", number(2), None, "烈属", None],
        ["王五", bad, None, "退役士兵", None],
        ["赵六", "未采集", None, "军属", None],
        ["合计", None, None, None, None],
    ]
    return write(tmp_path / "桥头村.xlsx", rows, title="桥头村退役军人名单")


def test_every_row_has_a_fate(station: Station, roster: Path) -> None:
    done = bring(station, roster)
    assert sums(done) == (7, 3, 0, 0, 0, 1, 3)
    assert done.sentence == "读到 7 行: 入库 3, 已有 0, 待确认 0, 待核 1, 不导入 3, 合计 7。没有丢一行。"
    waiting = next(row for row in done.rows if row.fate == "pending")
    assert (waiting.file, waiting.row, waiting.column) == ("桥头村.xlsx", 5, "身份证号")
    assert '身份证号最后一位对不上, 可能抄错一位。先放到"待核", 不影响其他人。' in waiting.text
    assert [row.text for row in done.rows if row.fate == "dropped"] == ["标题", "表头", "合计行"]
    acts = History(station).acts()
    assert (acts[0].name, acts[0].id) == ("导入名单(桥头村.xlsx)", done.act)
    assert [p.name for p in Search(station).persons("zhangjianguo")] == ["张建国"]
    with station.db.read() as session:
        assert sorted(str(code) for code in session.scalars(select(PersonIdentity.class12))) == ["02", "09", "12"]
        assert set(session.scalars(select(Person.home))) == {VILLAGE}


def test_rehearsal_says_the_same_and_changes_nothing(station: Station, roster: Path) -> None:
    before = counts(station)
    rehearsed = bring(station, roster, rehearse=True)
    assert counts(station) == before
    assert rehearsed.act == ""
    assert sums(bring(station, roster)) == sums(rehearsed)


def test_the_same_file_again_changes_nothing(station: Station, roster: Path) -> None:
    bring(station, roster)
    before = counts(station)
    done = bring(station, roster)
    assert sums(done) == (7, 0, 0, 3, 0, 1, 3)
    assert done.act == ""
    assert counts(station) == before


def test_a_whole_import_is_undone_as_one(station: Station, roster: Path) -> None:
    done = bring(station, roster)
    assert Undo(station).undo().act == done.act
    assert Search(station).persons("") == []
    assert Pendings(station).waiting() == []
    assert sums(bring(station, roster)) == sums(done)


def test_empty_cells_never_overwrite_and_gaps_are_filled(station: Station, tmp_path: Path) -> None:
    saved = People(station).add(
        {"name": "张建国", "id_number": number(1), "division": VILLAGE, "phone": "13800138000", "class12": "02"}
    )
    file = write(tmp_path / "a.xlsx", [["张建国", number(1), None, "残疾军人", "低保"]])
    assert sums(bring(station, file)) == (2, 0, 1, 0, 0, 0, 1)
    shown = People(station).show(saved.id).fields
    assert (shown["phone"], shown["note"]) == ("13800138000", "低保")
    assert [i["class12"] for i in shown["identities"]] == ["02", "07"]


def test_a_differing_value_is_asked_with_both_values(station: Station, tmp_path: Path) -> None:
    saved = People(station).add({"name": "张建国", "id_number": number(1), "division": VILLAGE, "phone": "13800138000"})
    file = write(tmp_path / "a.xlsx", [["张建军", number(1), "13900139000", None, "低保"]])
    done = bring(station, file)
    assert sums(done) == (2, 0, 0, 0, 1, 0, 1)
    (waiting,) = Pendings(station).waiting()
    assert "姓名: 已登记“张建国”, 表里“张建军”" in waiting.problem
    assert "手机: 已登记“13800138000”, 表里“13900139000”" in waiting.problem
    assert waiting.cells["姓名"] == "张建军"
    assert People(station).show(saved.id).fields["note"] is None
    assert sums(bring(station, file)) == (2, 0, 0, 0, 1, 0, 1)
    assert len(Pendings(station).waiting()) == 1


def test_account_numbers_are_asked(station: Station, tmp_path: Path) -> None:
    saved = People(station).add(
        {"name": "张建国", "id_number": number(1), "division": VILLAGE, "account_number": "6228480402564890018"}
    )
    headings = ("姓名", "身份证号", "银行账号", "开户行")
    other = write(tmp_path / "a.xlsx", [["张建国", number(1), "6228480402564890026", "农商银行"]], headings)
    assert sums(bring(station, other))[4] == 1
    same = write(tmp_path / "b.xlsx", [["张建国", number(1), "6228480402564890018", "农商银行"]], headings)
    assert sums(bring(station, same))[2] == 1
    accounts = People(station).show(saved.id).fields["accounts"]
    assert [(a["account_number"], a["bank"]) for a in accounts] == [("6228480402564890018", "农商银行")]


def test_without_a_number_name_birth_and_place_decide(station: Station, tmp_path: Path) -> None:
    headings = ("姓名", "身份证号", "出生日期", "手机")
    People(station).add({"name": "张峯", "no_id_reason": "uncollected", "division": VILLAGE, "birth_date": "1956-03"})
    rows: list[list[workbook.Cell]] = [
        ["张峯", "未采集", "1956-03", "13800138000"],
        ["张峯", "未采集", "1956", None],
        ["张峯", "未采集", "1970-01-01", None],
        ["张峯", number(1), None, None],
    ]
    done = bring(station, write(tmp_path / "a.xlsx", rows, headings))
    assert [row.fate for row in done.rows[1:]] == ["changed", "asked", "added", "asked"]
    assert "可能是已登记的 张峯(1956-03, 姓名相同, 出生年份相同, 同一个村)" in done.rows[2].text


def test_two_rows_of_one_person_in_several_files(station: Station, tmp_path: Path) -> None:
    first = write(tmp_path / "a.xlsx", [["张建国", number(1), None, "退役士兵", None]])
    second = write(tmp_path / "b.xlsx", [["张建国", number(1), "13800138000", None, None]])
    third = write(tmp_path / "c.xlsx", [["张建国", number(1), "13900139000", None, None]])
    done = bring(station, first, second, third)
    assert [row.fate for row in done.rows if row.row == 2] == ["added", "changed", "asked"]
    assert History(station).acts()[0].name == "导入名单(a.xlsx 等 3 个文件)"
    (person,) = Search(station).persons("张建国")
    assert person.phone == "13800138000"


def test_households_are_grouped(station: Station, tmp_path: Path) -> None:
    headings = ("姓名", "身份证号", "户号", "户主姓名")
    rows: list[list[workbook.Cell]] = [
        ["张建国", number(1), "0012", "张建国"], ["李秀英", number(2), "0012", "张建国"], ["王五", number(4), "0013", None],
    ]  # fmt: skip
    bring(station, write(tmp_path / "a.xlsx", rows, headings))
    with station.db.read() as session:
        found = {h.number: h for h in session.scalars(select(Household))}
        persons = {p.name: p for p in session.scalars(select(Person))}
    assert set(found) == {"0012", "0013"}
    assert found["0012"].head == persons["张建国"].id
    assert persons["李秀英"].household == found["0012"].id
    more = write(tmp_path / "b.xlsx", [["张小军", number(5, "19880101"), "0012", "张建国"]], headings)
    bring(station, more)
    with station.db.read() as session:
        assert len(session.scalars(select(Household.id)).all()) == 2


def test_fix_and_drop(station: Station, roster: Path) -> None:
    bring(station, roster)
    (waiting,) = Pendings(station).waiting()
    with pytest.raises(BadInput, match="还不能入库"):
        Pendings(station).fix(waiting.id, {"phone": "13800138000"})
    with pytest.raises(BadInput) as caught:
        Pendings(station).fix(waiting.id, {"colour": "red", "age": "3"})
    assert set(caught.value.problems) == {"colour", "age", "身份证号"}
    fixed = Pendings(station).fix(waiting.id, {"id_number": number(3), "phone": "13800138000"})
    assert fixed.fate == "added"
    shown = People(station).show(fixed.id).fields
    assert (shown["name"], shown["phone"], shown["identities"][0]["class12"]) == ("王五", "13800138000", "02")
    assert Pendings(station).waiting() == []
    with pytest.raises(Refused, match="已入库"):
        Pendings(station).drop(waiting.id)
    assert sums(bring(station, roster)) == (7, 0, 0, 4, 0, 0, 3)
    Undo(station).undo()
    Pendings(station).drop(waiting.id)
    assert Pendings(station).waiting() == []
    assert sums(bring(station, roster)) == (7, 0, 0, 3, 0, 0, 4)


def test_a_difference_is_decided_by_naming_it(station: Station, tmp_path: Path) -> None:
    saved = People(station).add({"name": "张建国", "id_number": number(1), "division": VILLAGE, "phone": "13800138000"})
    bring(station, write(tmp_path / "a.xlsx", [["张建军", number(1), "13900139000", None, "低保"]]))
    (waiting,) = Pendings(station).waiting()
    with pytest.raises(BadInput, match="还有没定下来的"):
        Pendings(station).fix(waiting.id, {"phone": "13700137000"})
    Pendings(station).fix(waiting.id, {"phone": "13700137000", "name": "张建国"})
    shown = People(station).show(saved.id).fields
    assert (shown["name"], shown["phone"], shown["note"]) == ("张建国", "13700137000", "低保")


def test_the_pending_list_goes_out_and_comes_home(station: Station, roster: Path, tmp_path: Path) -> None:
    People(station).add({"name": "张建国", "id_number": number(1), "division": VILLAGE, "phone": "13700137000"})
    bring(station, roster)
    out = tmp_path / "待核.xlsx"
    assert Exporting(station).pendings(out) == 2
    (sheet,) = workbook.read_file(out)
    labels, *lines = sheet.rows[1:]
    assert labels[0] == "待核编号"
    assert labels[-2:] == ["处理", "问题"]
    column = {text: place for place, text in enumerate(labels)}
    for line in lines:
        if line[column["姓名"]] == "王五":
            line[column["身份证号"]] = number(3)
        else:
            line[column["处理"]] = "以本表为准"
    done = bring(station, write(tmp_path / "回来.xlsx", lines, labels))
    assert sums(done) == (3, 1, 1, 0, 0, 0, 1)
    assert Pendings(station).waiting() == []
    assert Search(station).persons("张建国")[0].phone == "13800138000"


def test_a_returned_row_still_wrong_keeps_waiting_once(station: Station, roster: Path, tmp_path: Path) -> None:
    bring(station, roster)
    out = tmp_path / "待核.xlsx"
    Exporting(station).pendings(out)
    (sheet,) = workbook.read_file(out)
    labels, line = sheet.rows[1:]
    line[labels.index("手机")] = "13800138000"
    back = write(tmp_path / "回来.xlsx", [line], labels)
    assert sums(bring(station, back))[5] == 1
    (waiting,) = Pendings(station).waiting()
    assert waiting.cells["手机"] == "13800138000"
    line[labels.index("处理")] = "不导入"
    assert sums(bring(station, write(back, [line], labels))) == (2, 0, 0, 0, 0, 0, 2)
    assert Pendings(station).waiting() == []


def test_the_register_goes_out_and_comes_back_unchanged(station: Station, roster: Path, tmp_path: Path) -> None:
    bring(station, roster)
    out = tmp_path / "名单.xlsx"
    assert Exporting(station).persons(out) == 3
    done = bring(station, out)
    assert sums(done) == (5, 0, 0, 3, 0, 0, 2)
    masked = tmp_path / "名单2.xlsx"
    Exporting(station).persons(masked, masked=True)
    text = str(workbook.read_file(masked))
    assert number(1) not in text
    assert "13800138000" not in text
    assert "张建国" in text
    assert "周敏" in text


def test_a_mapping_names_unknown_headings(station: Station, tmp_path: Path) -> None:
    headings = ("甲", "乙", "丙", "丁")
    file = write(tmp_path / "a.xlsx", [["张建国", number(1), "13800138000", "x"]], headings)
    with pytest.raises(BadInput, match="没有认出表头"):
        bring(station, file)
    plan = tmp_path / "map.json"
    plan.write_text(json.dumps({"甲": "name", "乙": "id_number", "丙": "phone", "丁": None}), "utf-8")
    assert sums(bring(station, file, mapping=read_mapping(plan)))[1] == 1
    with pytest.raises(BadInput) as caught:
        bring(station, file, mapping={"甲": "name", "乙": "colour"})
    assert set(caught.value.problems) == {"乙"}
    with pytest.raises(BadInput, match="没有找到: 戊"):
        bring(station, file, mapping={"甲": "name", "戊": "phone"})


def test_what_is_no_workbook_changes_nothing(station: Station, roster: Path, tmp_path: Path) -> None:
    fake = tmp_path / "假.xlsx"
    fake.write_bytes(b"not a workbook at all")
    before = counts(station)
    with pytest.raises(BadInput):
        bring(station, roster, fake)
    with pytest.raises(BadInput, match="没有找到文件"):
        bring(station, tmp_path / "没有.xlsx")
    with pytest.raises(BadInput, match="没有工作表"):
        bring(station, roster, sheet="别的")
    assert counts(station) == before


def test_village_names_of_a_township(new_station: Callable[..., Station], tmp_path: Path) -> None:
    station = new_station("township", "361002100")
    Divisions(station).add("361002100201", "荷塘村委会")
    Divisions(station).add("361002100202", "桥头村委会")
    assert [row.code for row in Divisions(station).find("桥头村")] == ["361002100202"]
    headings = ("姓名", "身份证号", "所在村")
    rows: list[list[workbook.Cell]] = [
        ["张建国", number(1), "荷塘村"],
        ["李秀英", number(2), "别处村"],
        ["王五", number(3), None],
    ]
    done = bring(station, write(tmp_path / "a.xlsx", rows, headings))
    assert [row.fate for row in done.rows[1:]] == ["added", "pending", "added"]
    with station.db.read() as session:
        assert sorted(session.scalars(select(Person.division))) == ["361002100000", "361002100201"]
    (waiting,) = Pendings(station).waiting()
    Pendings(station).fix(waiting.id, {"division": "361002100202"})
    assert [p.division for p in Search(station).persons("李秀英")] == ["361002100202"]


def test_a_messy_village_file(station: Station, tmp_path: Path) -> None:
    chance = random.Random(7)
    today = clock.today()
    people = made_up.people(60, chance, [VILLAGE], today=today)
    sheet = made_up_sheets.messy_sheet(people, chance, village="桥头村", today=today)
    file = tmp_path / "村.xlsx"
    file.write_bytes(workbook.messy([sheet]))
    done = bring(station, file)
    fates = {row.row: row.fate for row in done.rows}
    heap = {"ready": {"added", "changed", "same", "asked"}, "pending": {"pending"}, "dropped": {"dropped"}}
    for expected in sheet.expected:
        assert fates[expected.number] in heap[expected.fate], expected
    again = bring(station, file)
    assert (again.added, again.changed, again.act) == (0, 0, "")
    assert (again.asked, again.pending, again.dropped) == (done.asked, done.pending, done.dropped)


def test_thousands_of_rows_twice(station: Station, tmp_path: Path) -> None:
    rows: list[list[workbook.Cell]] = []
    for place in range(3_000):
        year, rest = divmod(place, 500)
        name = f"王{chr(0x4E00 + place % 3000)}{chr(0x5000 + place % 2900)}"
        rows.append([name, number(rest, f"{1940 + year}0101"), None, "退役士兵", None])
    file = write(tmp_path / "大.xlsx", rows)
    assert bring(station, file).added == 3_000
    assert bring(station, file).same == 3_000
    with station.db.read() as session:
        assert session.scalar(select(func.count()).select_from(PersonAccount)) == 0
